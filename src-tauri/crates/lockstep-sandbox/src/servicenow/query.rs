//! Encoded queries: read, resolved against a table, and tried on a record (sheet 3.4, 3.5).
//!
//! A part that names no column, or an operator that does not exist, is dropped without a word and the rest runs; that
//! is the platform's most dangerous habit, and [`Filter::dropped`] is how strict instances notice.

use super::records::{Row, Table, Tables};
use super::schema::{Kind, Schema, system};
use super::script::{self, Asking};
use super::value::{SysId, parse_id};
use crate::stamps;

/// A column, perhaps of a record that a reference leads to (`caller_id.email`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Columns to follow; all but the last are references.
    pub steps: Vec<u16>,
    /// What the last one holds.
    pub kind: Kind,
    /// Position of the table that the last one belongs to.
    pub owner: usize,
    /// Whether it compares without regard to case.
    folds_case: bool,
}

impl Path {
    /// Resolves a dotted name against a table.
    pub fn resolve(tables: &Tables, table: usize, name: &str) -> Option<Self> {
        let mut owner = table;
        let mut schema: &Schema = &tables.list[table].schema;
        let mut steps = Vec::with_capacity(1);
        let mut kind = None;
        for part in name.split('.') {
            if let Some(before) = kind {
                let Kind::Reference(next) = before else { return None };
                owner = tables.position(next)?;
                schema = &tables.list[owner].schema;
            }
            let column = schema.column(part)?;
            kind = Some(schema.at(column).kind);
            steps.push(column);
        }
        Some(Self { steps, kind: kind?, owner, folds_case: name == "email" || name.ends_with(".email") })
    }

    /// Hands the value to `use_text`; a reference that leads nowhere gives an empty text.
    pub fn read<T>(&self, tables: &Tables, table: &Table, row: &Row, use_text: impl FnOnce(&str) -> T) -> T {
        let (Some((last, walked)), mut at) = (self.steps.split_last(), Some((table, row))) else {
            return use_text("");
        };
        for step in walked {
            at = at.and_then(|(table, row)| {
                tables.referenced(table.schema.at(*step).kind, &row.reference(*step)?)
            });
        }
        match at {
            Some((table, row)) => use_text(row.text(&table.schema, *last, &mut [0; 32])),
            None => use_text(""),
        }
    }

    /// The column, when no reference is followed.
    pub fn column(&self) -> Option<u16> {
        match self.steps.as_slice() {
            [column] => Some(*column),
            _ => None,
        }
    }
}

/// What a condition asks of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Is,
    /// `!=`
    IsNot,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `IN`
    In,
    /// `NOT IN`
    NotIn,
    /// `STARTSWITH`
    StartsWith,
    /// `ENDSWITH`
    EndsWith,
    /// `LIKE`
    Contains,
    /// `NOT LIKE`
    ContainsNot,
    /// `ISEMPTY`
    Empty,
    /// `ISNOTEMPTY`
    NotEmpty,
    /// `BETWEENa@b` and `ONlabel@a@b`
    Between,
    /// `SAMEAS`
    SameAs,
    /// `INSTANCEOF`
    InstanceOf,
    /// `ANYTHING`
    Anything,
}

/// Longest first, so that `>=` is not read as `>`.
const OPERATORS: &[(&str, Operator)] = &[
    ("ISNOTEMPTY", Operator::NotEmpty),
    ("STARTSWITH", Operator::StartsWith),
    ("INSTANCEOF", Operator::InstanceOf),
    ("ANYTHING", Operator::Anything),
    ("ENDSWITH", Operator::EndsWith),
    ("NOT LIKE", Operator::ContainsNot),
    ("NOTLIKE", Operator::ContainsNot),
    ("BETWEEN", Operator::Between),
    ("ISEMPTY", Operator::Empty),
    ("NOT IN", Operator::NotIn),
    ("SAMEAS", Operator::SameAs),
    ("NOTIN", Operator::NotIn),
    ("LIKE", Operator::Contains),
    ("IN", Operator::In),
    ("ON", Operator::Between),
    ("!=", Operator::IsNot),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("=", Operator::Is),
    (">", Operator::Above),
    ("<", Operator::Below),
];

impl Operator {
    /// Whether a query ACL of the range kind guards it (sheet 3.6).
    pub fn is_range(self) -> bool {
        !matches!(self, Self::Is | Self::IsNot | Self::In | Self::NotIn | Self::Empty | Self::NotEmpty)
    }
}

/// One condition, ready to be tried.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Of which value.
    pub path: Path,
    /// What is asked.
    pub operator: Operator,
    /// The operand, or the operands of `IN` and `BETWEEN`.
    pub values: Vec<String>,
    /// Operands as `sys_id`s, for comparing `sys_id` itself.
    pub ids: Vec<SysId>,
    /// The operand as seconds, for comparing `sys_updated_on`.
    pub stamp: Option<i64>,
    other: Option<Path>,
}

/// Conditions of which one must hold.
pub type Clause = Vec<Condition>;
/// Clauses that must all hold.
pub type Group = Vec<Clause>;

/// A query resolved against a table.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Groups of which one must hold; none at all holds for every record.
    pub groups: Vec<Group>,
    /// `ORDERBY` terms; true means descending.
    pub order: Vec<(Path, bool)>,
    /// Parts that were dropped because they made no sense.
    pub dropped: Vec<String>,
}

impl Filter {
    /// Reads an encoded query for a table.
    pub fn parse(tables: &Tables, table: usize, query: &str, asking: &Asking<'_>) -> Self {
        let mut filter = Self { groups: vec![Group::new()], ..Self::default() };
        let mut named_none = vec![false];
        for part in query.split('^') {
            if part.is_empty() || part == "EQ" {
                continue;
            }
            if let Some((name, descending)) = order_term(part) {
                match Path::resolve(tables, table, name) {
                    Some(path) => filter.order.push((path, descending)),
                    None => filter.dropped.push(part.to_owned()),
                }
                continue;
            }
            let (part, joins) = match (part.strip_prefix("NQ"), part.strip_prefix("OR")) {
                (Some(rest), _) => {
                    filter.groups.push(Group::new());
                    named_none.push(false);
                    (rest, false)
                }
                (None, Some(rest)) => (rest, true),
                (None, None) => (part, false),
            };
            if part.is_empty() {
                continue;
            }
            let group = filter.groups.last_mut().expect("there is always a group");
            match condition(tables, table, part, asking) {
                Some(condition) if joins && !group.is_empty() => {
                    group.last_mut().expect("not empty").push(condition);
                }
                Some(condition) => group.push(vec![condition]),
                None => {
                    filter.dropped.push(part.to_owned());
                    *named_none.last_mut().expect("as many as groups") = true;
                }
            }
        }
        // A group that lost all its parts goes with them, unless nothing else is left.
        let mut lost = named_none.into_iter();
        let all_empty = filter.groups.iter().all(Vec::is_empty);
        filter.groups.retain(|group| {
            let lost = lost.next().unwrap_or(false) && group.is_empty();
            !lost && !all_empty
        });
        filter
    }

    /// Whether a record answers the query.
    pub fn holds(&self, tables: &Tables, table: &Table, row: &Row) -> bool {
        self.groups.is_empty()
            || self.groups.iter().any(|group| {
                group.iter().all(|clause| clause.iter().any(|condition| condition.holds(tables, table, row)))
            })
    }

    /// Every condition.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.groups.iter().flatten().flatten()
    }
}

fn order_term(part: &str) -> Option<(&str, bool)> {
    let rest = part.strip_prefix("ORDERBY")?;
    Some(rest.strip_prefix("DESC").map_or((rest, false), |name| (name, true)))
}

fn condition(tables: &Tables, table: usize, part: &str, asking: &Asking<'_>) -> Option<Condition> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    let end = part.find(|c| !is_name(c)).unwrap_or(part.len());
    let (name, rest) = part.split_at(end);
    let path = Path::resolve(tables, table, name)?;
    let (word, operator) = OPERATORS.iter().find(|(word, _)| rest.starts_with(word))?;
    let operand = &rest[word.len()..];
    let mut other = None;
    let raw: Vec<&str> = match operator {
        Operator::In | Operator::NotIn => operand.split(',').collect(),
        Operator::Between if *word == "ON" => operand.split('@').skip(1).collect(),
        Operator::Between => operand.split('@').collect(),
        Operator::SameAs => {
            other = Some(Path::resolve(tables, table, operand)?);
            Vec::new()
        }
        _ => vec![operand],
    };
    if *operator == Operator::Between && raw.len() != 2 {
        return None;
    }
    let values: Vec<String> = raw
        .into_iter()
        .map(|value| script::evaluate(value, asking).unwrap_or_else(|| value.to_owned()))
        .collect();
    let stamp = values.first().and_then(|value| stamps::parse_plain(value));
    let ids = values.iter().filter_map(|value| parse_id(value)).collect();
    Some(Condition { path, operator: *operator, values, ids, stamp, other })
}

impl Condition {
    /// The operand.
    pub fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// Whether a record answers it.
    pub fn holds(&self, tables: &Tables, table: &Table, row: &Row) -> bool {
        match (self.path.column(), self.stamp) {
            (Some(system::UPDATED_ON), Some(stamp)) if self.values.len() == 1 => {
                if let Some(answer) = by_order(self.operator, row.updated.cmp(&stamp)) {
                    return answer;
                }
            }
            (Some(system::ID), _) if self.ids.len() == self.values.len() => match self.operator {
                Operator::Is | Operator::In => return self.ids.contains(&row.id),
                Operator::IsNot | Operator::NotIn => return !self.ids.contains(&row.id),
                operator => {
                    let order = self.ids.first().map(|id| row.id.cmp(id));
                    if let Some(answer) = order.and_then(|order| by_order(operator, order)) {
                        return answer;
                    }
                }
            },
            _ => {}
        }
        if let Some(other) = &self.other {
            let theirs = other.read(tables, table, row, str::to_owned);
            return self.path.read(tables, table, row, |text| text == theirs);
        }
        self.path.read(tables, table, row, |text| self.matches(tables, text))
    }

    fn matches(&self, tables: &Tables, text: &str) -> bool {
        let value = self.value();
        let same = |value: &String| {
            if self.path.folds_case { value.eq_ignore_ascii_case(text) } else { value == text }
        };
        match self.operator {
            Operator::Is => same_or_null(value, text) || self.values.iter().any(same),
            Operator::IsNot => !(same_or_null(value, text) || self.values.iter().any(same)),
            Operator::In => self.values.iter().any(same),
            Operator::NotIn => !self.values.iter().any(same),
            Operator::StartsWith => text.starts_with(value),
            Operator::EndsWith => text.ends_with(value),
            Operator::Contains => text.contains(value),
            Operator::ContainsNot => !text.contains(value),
            Operator::Empty => text.is_empty(),
            Operator::NotEmpty => !text.is_empty(),
            Operator::Between => {
                !text.is_empty()
                    && self.compare(text, value).is_ge()
                    && self.values.get(1).is_some_and(|end| self.compare(text, end).is_le())
            }
            Operator::InstanceOf => is_instance(tables, text, value),
            Operator::Anything => true,
            Operator::Above | Operator::AtLeast | Operator::Below | Operator::AtMost | Operator::SameAs => {
                !text.is_empty() && by_order(self.operator, self.compare(text, value)).unwrap_or(false)
            }
        }
    }

    fn compare(&self, text: &str, value: &str) -> std::cmp::Ordering {
        if self.path.kind.is_number() {
            let number = |text: &str| text.trim().parse::<f64>().unwrap_or(f64::NAN);
            if let Some(order) = number(text).partial_cmp(&number(value)) {
                return order;
            }
        }
        text.cmp(value)
    }
}

/// `=NULL` asks for an empty value.
fn same_or_null(value: &str, text: &str) -> bool {
    text.is_empty() && value == "NULL"
}

fn by_order(operator: Operator, order: std::cmp::Ordering) -> Option<bool> {
    match operator {
        Operator::Is => Some(order.is_eq()),
        Operator::IsNot => Some(order.is_ne()),
        Operator::Above => Some(order.is_gt()),
        Operator::AtLeast => Some(order.is_ge()),
        Operator::Below => Some(order.is_lt()),
        Operator::AtMost => Some(order.is_le()),
        _ => None,
    }
}

fn is_instance(tables: &Tables, class: &str, ancestor: &str) -> bool {
    class == ancestor
        || tables.position(class).is_some_and(|position| tables.list[position].schema.extends == ancestor)
}

#[cfg(test)]
mod tests {
    use super::{Asking, Filter, Path, Tables};
    use crate::servicenow::records::Row;
    use crate::servicenow::value::{id_text, parse_id};
    use std::sync::Arc;

    /// Three incidents: ids 01…, 02…, 03…; states 1, 2, 6; updated at seconds 100, 100, 200.
    fn tables() -> Tables {
        let mut tables = Tables::default();
        let by: Arc<str> = Arc::from("x");
        let users = tables.table_mut("sys_user");
        let email = users.schema.column("email").unwrap();
        users.insert(Row::new([9; 16], 0, &by), &[(email, "Ann@x.example")]);
        let incidents = tables.table_mut("incident");
        let column = |name: &str| incidents.schema.column(name).unwrap();
        let (state, title, caller) = (column("state"), column("short_description"), column("caller_id"));
        let caller_id = id_text(&[9; 16]);
        for (id, at, of_state, text, of_caller) in [
            (1, 100, "1", "Printer down", caller_id.as_str()),
            (2, 100, "2", "Mail slow", ""),
            (3, 200, "10", "", ""),
        ] {
            let row = Row::new([id; 16], at * 1000, &by);
            incidents.insert(row, &[(state, of_state), (title, text), (caller, of_caller)]);
        }
        tables
    }

    fn hits(query: &str) -> Vec<u8> {
        let tables = tables();
        let position = tables.position("incident").unwrap();
        let filter = Filter::parse(&tables, position, query, &Asking::default());
        let table = &tables.list[position];
        table.rows().filter(|(_, row)| filter.holds(&tables, table, row)).map(|(_, row)| row.id[0]).collect()
    }

    #[test]
    fn operators() {
        let table: &[(&str, &[u8])] = &[
            ("", &[1, 2, 3]),
            ("state=2", &[2]),
            ("state!=2", &[1, 3]),
            ("state>2", &[3]),
            ("state<=2", &[1, 2]),
            ("stateIN1,10", &[1, 3]),
            ("stateNOT IN1,10", &[2]),
            ("short_descriptionSTARTSWITHPrint", &[1]),
            ("short_descriptionENDSWITHslow", &[2]),
            ("short_descriptionLIKEi", &[1, 2]),
            ("short_descriptionNOT LIKEdown", &[2, 3]),
            ("short_descriptionISEMPTY", &[3]),
            ("short_descriptionISNOTEMPTY", &[1, 2]),
            ("short_description=NULL", &[3]),
            ("stateBETWEEN1@2", &[1, 2]),
            ("sys_updated_onBETWEEN1970-01-01 00:01:40@1970-01-01 00:01:41", &[1, 2]),
            ("sys_created_onONx@1970-01-01 00:03:00@1970-01-01 00:04:00", &[3]),
            ("stateSAMEASincident_state", &[1]),
            ("sys_class_nameINSTANCEOFtask", &[1, 2, 3]),
            ("caller_id.email=ann@X.example", &[1]),
            ("caller_id.emailISEMPTY", &[2, 3]),
        ];
        for (query, expected) in table {
            assert_eq!(hits(query), *expected, "{query}");
        }
    }

    #[test]
    fn joining() {
        assert_eq!(hits("state=1^ORstate=2^short_descriptionLIKEslow"), [2]);
        assert_eq!(hits("state=1^NQstate=10"), [1, 3]);
        let id = "02020202020202020202020202020202";
        let keyset = format!(
            "sys_updated_on>1970-01-01 00:01:40^NQsys_updated_on=1970-01-01 00:01:40^sys_id>{}^ORDERBYsys_id",
            "01010101010101010101010101010101"
        );
        assert_eq!(hits(&keyset), [2, 3]);
        assert_eq!(parse_id(id), Some([2; 16]));
    }

    #[test]
    fn an_invalid_part_is_dropped_and_the_rest_runs() {
        assert_eq!(hits("u_no_such=1"), [1, 2, 3]);
        assert_eq!(hits("u_no_such=1^state=2"), [2]);
        assert_eq!(hits("state=2^NQu_no_such=1"), [2]);
        assert_eq!(hits("statelike2"), [1, 2, 3], "operators are case-sensitive");
        let tables = tables();
        let filter = Filter::parse(&tables, 1, "a.b=1^state=2^ORDERBYnope", &Asking::default());
        assert_eq!(filter.dropped, ["a.b=1", "ORDERBYnope"]);
    }

    #[test]
    fn a_caret_in_a_value_splits_the_query() {
        assert_eq!(hits("short_description=Mail ^ slow"), Vec::<u8>::new());
        assert_eq!(hits("short_description=Mail slow^state=2"), [2]);
    }

    #[test]
    fn paths_follow_references_only() {
        let tables = tables();
        assert!(Path::resolve(&tables, 1, "caller_id.company.name").is_some());
        assert!(Path::resolve(&tables, 1, "state.name").is_none());
        assert!(Path::resolve(&tables, 1, "").is_none());
    }
}
