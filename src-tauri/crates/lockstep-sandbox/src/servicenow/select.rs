//! Finding the records that answer a query, by the cheapest way in: `sys_id`, an index, the order of updates, or all.

use std::cmp::Ordering;

use super::query::{Condition, Filter, Group, Operator, Path};
use super::records::{Row, Table, Tables};
use super::schema::system;
use super::value::SysId;

/// A record: position of its table, and its slot there.
pub type Hit = (usize, u32);

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The wanted stretch of the records that answer, in order.
    pub hits: Vec<Hit>,
    /// How many answer in all, when that was asked for.
    pub total: Option<usize>,
}

/// Which stretch of the answer is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// Records to pass over.
    pub offset: usize,
    /// Records to return at most.
    pub limit: usize,
    /// Whether all are to be counted.
    pub count: bool,
}

/// Finds the records of a table, and of those that extend it, for which the query and `also` hold.
pub fn select(
    tables: &Tables,
    position: usize,
    filter: &Filter,
    stretch: Stretch,
    also: &dyn Fn(&Table, &Row) -> bool,
) -> Found {
    let wanted = stretch.offset.saturating_add(stretch.limit);
    let mut hits: Vec<Hit> = Vec::new();
    let mut total = 0;
    let members: Vec<usize> = tables.members(position).collect();
    for member in &members {
        let table = &tables.list[*member];
        let holds = |row: &Row| filter.holds(tables, table, row) && also(table, row);
        let (slots, counted) = select_one(tables, table, filter, wanted, stretch.count, &holds);
        total += counted;
        hits.extend(slots.into_iter().map(|slot| (*member, slot)));
    }
    if members.len() > 1 && !filter.order.is_empty() {
        hits.sort_by(|one, two| compare_hits(tables, filter, *one, *two));
    }
    hits.truncate(wanted);
    hits.drain(..stretch.offset.min(hits.len()));
    Found { hits, total: stretch.count.then_some(total) }
}

/// The first `wanted` slots of one table in order, and the count of all when `count` is set.
fn select_one(
    tables: &Tables,
    table: &Table,
    filter: &Filter,
    wanted: usize,
    count: bool,
    holds: &dyn Fn(&Row) -> bool,
) -> (Vec<u32>, usize) {
    let direct = candidates(table, filter);
    if direct.is_none()
        && let Some(descending) = order_of_updates(filter)
    {
        return by_update(table, filter, descending, wanted, count, holds);
    }
    let mut counted = 0;
    let mut slots: Vec<u32> = Vec::new();
    let unordered = filter.order.is_empty();
    let mut take = |slot: u32, row: &Row| {
        if holds(row) {
            counted += 1;
            if !unordered || slots.len() < wanted {
                slots.push(slot);
            }
        }
        // More is needed for sorting, for counting, or because there are not enough yet.
        !unordered || count || slots.len() < wanted
    };
    match direct {
        Some(direct) => {
            for slot in direct {
                let Some(row) = table.row(slot) else { continue };
                if !take(slot, row) {
                    break;
                }
            }
        }
        None => {
            for (slot, row) in table.rows() {
                if !take(slot, row) {
                    break;
                }
            }
        }
    }
    if !unordered {
        sort(tables, table, filter, &mut slots);
        slots.truncate(wanted);
    }
    (slots, counted)
}

/// Slots among which all answers are, when every group names a `sys_id` or an indexed value.
fn candidates(table: &Table, filter: &Filter) -> Option<Vec<u32>> {
    if filter.groups.is_empty() {
        return None;
    }
    let mut slots = Vec::new();
    for group in &filter.groups {
        slots.extend(group.iter().find_map(|clause| match clause.as_slice() {
            [condition] => pinned(table, condition),
            _ => None,
        })?);
    }
    slots.sort_unstable();
    slots.dedup();
    Some(slots)
}

fn pinned(table: &Table, condition: &Condition) -> Option<Vec<u32>> {
    if !matches!(condition.operator, Operator::Is | Operator::In) {
        return None;
    }
    let column = condition.path.column()?;
    if column == system::ID {
        return Some(condition.ids.iter().filter_map(|id| table.find(id)).collect());
    }
    // An empty value or NULL is not in the index.
    let usable = |value: &String| !value.is_empty() && value != "NULL";
    if !table.is_indexed(column) || !condition.values.iter().all(usable) {
        return None;
    }
    Some(
        condition.values.iter().flat_map(|value| table.lookup(column, value).into_iter().flatten()).collect(),
    )
}

/// Whether the order is that of the updates, which is at hand: `sys_updated_on`, then `sys_id` or nothing.
fn order_of_updates(filter: &Filter) -> Option<bool> {
    let terms: Vec<(Option<u16>, bool)> =
        filter.order.iter().map(|(path, descending)| (path.column(), *descending)).collect();
    match terms.as_slice() {
        [(Some(system::UPDATED_ON), descending)] => Some(*descending),
        [(Some(system::UPDATED_ON), one), (Some(system::ID), two)] if one == two => Some(*one),
        _ => None,
    }
}

fn by_update(
    table: &Table,
    filter: &Filter,
    descending: bool,
    wanted: usize,
    count: bool,
    holds: &dyn Fn(&Row) -> bool,
) -> (Vec<u32>, usize) {
    let start = lower_bound(filter);
    let (mut slots, mut counted) = (Vec::new(), 0);
    let mut take = |(_, id): &(i64, SysId)| {
        let Some(slot) = table.find(id) else { return true };
        if table.row(slot).is_some_and(holds) {
            counted += 1;
            if slots.len() < wanted {
                slots.push(slot);
            }
        }
        count || slots.len() < wanted
    };
    if wanted == 0 && !count {
        return (slots, counted);
    }
    if descending {
        table.by_update(start).rev().all(&mut take);
    } else {
        table.by_update(start).all(&mut take);
    }
    (slots, counted)
}

/// The earliest place, by update and `sys_id`, where an answer can be.
fn lower_bound(filter: &Filter) -> (i64, SysId) {
    filter.groups.iter().map(lower_bound_of_group).min().unwrap_or((i64::MIN, [0; 16]))
}

fn lower_bound_of_group(group: &Group) -> (i64, SysId) {
    let single = |column: u16| {
        group.iter().filter_map(move |clause| match clause.as_slice() {
            [condition] if condition.path.column() == Some(column) => Some(condition),
            _ => None,
        })
    };
    let mut bound = (i64::MIN, [0; 16]);
    for condition in single(system::UPDATED_ON) {
        let Some(stamp) = condition.stamp else { continue };
        let from = match condition.operator {
            Operator::Above => (stamp + 1, [0; 16]),
            Operator::AtLeast | Operator::Between => (stamp, [0; 16]),
            Operator::Is => {
                let ids =
                    single(system::ID).filter(|c| matches!(c.operator, Operator::Above | Operator::AtLeast));
                (stamp, ids.filter_map(|c| c.ids.first().copied()).max().unwrap_or([0; 16]))
            }
            _ => continue,
        };
        bound = bound.max(from);
    }
    bound
}

fn sort(tables: &Tables, table: &Table, filter: &Filter, slots: &mut Vec<u32>) {
    let mut keyed: Vec<(Vec<Key>, u32)> = slots
        .iter()
        .filter_map(|slot| Some((keys(tables, table, table.row(*slot)?, filter), *slot)))
        .collect();
    keyed.sort_by(|one, two| compare_keys(filter, &one.0, &two.0));
    *slots = keyed.into_iter().map(|(_, slot)| slot).collect();
}

#[derive(Debug, PartialEq)]
enum Key {
    Number(f64),
    Text(String),
}

fn keys(tables: &Tables, table: &Table, row: &Row, filter: &Filter) -> Vec<Key> {
    filter.order.iter().map(|(path, _)| key(tables, table, row, path)).collect()
}

fn key(tables: &Tables, table: &Table, row: &Row, path: &Path) -> Key {
    path.read(tables, table, row, |text| match path.kind.is_number().then(|| text.parse().ok()) {
        Some(number) => Key::Number(number.unwrap_or(f64::NEG_INFINITY)),
        None => Key::Text(text.to_owned()),
    })
}

fn compare_keys(filter: &Filter, one: &[Key], two: &[Key]) -> Ordering {
    for ((one, two), (_, descending)) in one.iter().zip(two).zip(&filter.order) {
        let order = match (one, two) {
            (Key::Number(one), Key::Number(two)) => one.total_cmp(two),
            (Key::Text(one), Key::Text(two)) => one.cmp(two),
            _ => Ordering::Equal,
        };
        if order.is_ne() {
            return if *descending { order.reverse() } else { order };
        }
    }
    Ordering::Equal
}

fn compare_hits(tables: &Tables, filter: &Filter, one: Hit, two: Hit) -> Ordering {
    let keys_of = |(position, slot): Hit| {
        let table = &tables.list[position];
        table.row(slot).map(|row| keys(tables, table, row, filter)).unwrap_or_default()
    };
    compare_keys(filter, &keys_of(one), &keys_of(two))
}

#[cfg(test)]
mod tests {
    use super::{Stretch, select};
    use crate::servicenow::query::Filter;
    use crate::servicenow::records::{Row, Tables};
    use crate::servicenow::script::Asking;
    use std::sync::Arc;

    /// Fifty incidents; ids 0…49, five to a second, every one numbered and every tenth correlated.
    fn tables() -> Tables {
        let mut tables = Tables::default();
        let by: Arc<str> = Arc::from("x");
        let incidents = tables.table_mut("incident");
        let number = incidents.schema.column("number").unwrap();
        let correlation = incidents.schema.column("correlation_id").unwrap();
        for id in 0..50_u8 {
            let row = Row::new([id; 16], i64::from(id / 5) * 1000, &by);
            let text = format!("INC{:07}", 100 - id);
            let marker = if id % 10 == 0 { format!("lockstep:{id}") } else { String::new() };
            incidents.insert(row, &[(number, text.as_str()), (correlation, marker.as_str())]);
        }
        tables
    }

    fn run(table: &str, query: &str, offset: usize, limit: usize) -> (Vec<u8>, Option<usize>) {
        let tables = tables();
        let position = tables.position(table).unwrap();
        let filter = Filter::parse(&tables, position, query, &Asking::default());
        let found = select(&tables, position, &filter, Stretch { offset, limit, count: true }, &|_, _| true);
        let ids =
            found.hits.iter().map(|(table, slot)| tables.list[*table].row(*slot).unwrap().id[0]).collect();
        (ids, found.total)
    }

    #[test]
    fn pages_in_the_order_of_updates() {
        let query = "sys_updated_on>=1970-01-01 00:00:08^ORDERBYsys_updated_on^ORDERBYsys_id";
        assert_eq!(run("incident", query, 0, 3), (vec![40, 41, 42], Some(10)));
        assert_eq!(run("incident", query, 8, 3), (vec![48, 49], Some(10)));
        assert_eq!(run("incident", "ORDERBYDESCsys_updated_on", 0, 1), (vec![49], Some(50)));
    }

    #[test]
    fn keyset_inside_a_second() {
        let query = "sys_updated_on>1970-01-01 00:00:08^NQsys_updated_on=1970-01-01 00:00:08\
                     ^sys_id>2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a^ORDERBYsys_updated_on^ORDERBYsys_id";
        assert_eq!(run("incident", query, 0, 3).0, [43, 44, 45]);
    }

    #[test]
    fn indexes_and_sorting() {
        assert_eq!(run("incident", "correlation_id=lockstep:20", 0, 3), (vec![20], Some(1)));
        assert_eq!(run("incident", "numberININC0000100,INC0000051,INC9", 0, 9).0, [0, 49]);
        assert_eq!(run("incident", "correlation_idISNOTEMPTY^ORDERBYnumber", 0, 2), (vec![40, 30], Some(5)));
        assert_eq!(run("incident", "correlation_id=", 0, 1).1, Some(45));
    }

    #[test]
    fn the_parent_class_shows_its_children() {
        assert_eq!(run("task", "ORDERBYDESCsys_id", 0, 2), (vec![49, 48], Some(50)));
        assert_eq!(run("task", "sys_class_name=problem", 0, 2), (vec![], Some(0)));
    }
}
