//! The records: rows stored compactly, found by `sys_id`, by the order of their last update, and by a few columns.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::schema::{Kind, Schema, schemas, system};
use super::value::{Scratch, SysId, Value, write_id};
use crate::stamps;

/// A record.
#[derive(Debug, Clone)]
pub struct Row {
    /// `sys_id`.
    pub id: SysId,
    /// When it was made, in milliseconds; the client sees whole seconds.
    pub created_ms: i64,
    /// When it was last changed, in seconds: all that the client ever sees (sheet 3.3).
    pub updated: i64,
    /// `sys_mod_count`.
    pub mod_count: u32,
    /// Login name, not a `sys_id`.
    pub created_by: Arc<str>,
    /// Login name, not a `sys_id`.
    pub updated_by: Arc<str>,
    /// Values that differ from their column's default, by position.
    values: Vec<(u16, Value)>,
}

impl Row {
    /// A record without values.
    pub fn new(id: SysId, created_ms: i64, by: &Arc<str>) -> Self {
        Self {
            id,
            created_ms,
            updated: created_ms.div_euclid(1000),
            mod_count: 0,
            created_by: Arc::clone(by),
            updated_by: Arc::clone(by),
            values: Vec::new(),
        }
    }

    /// Reserves exactly the room that so many values take.
    pub fn with_room_for(mut self, values: usize) -> Self {
        self.values.reserve_exact(values);
        self
    }

    /// The value of a column as text.
    pub fn text<'a>(&'a self, schema: &Schema, column: u16, scratch: &'a mut Scratch) -> &'a str {
        match column {
            system::ID => write_id(&self.id, scratch),
            system::CREATED_ON => write_stamp(self.created_ms.div_euclid(1000), scratch),
            system::CREATED_BY => &self.created_by,
            system::UPDATED_ON => write_stamp(self.updated, scratch),
            system::UPDATED_BY => &self.updated_by,
            system::MOD_COUNT => write_number(self.mod_count, scratch),
            _ => match self.values.binary_search_by_key(&column, |(position, _)| *position) {
                Ok(found) => self.values[found].1.text(scratch),
                Err(_) => schema.at(column).default,
            },
        }
    }

    /// The `sys_id` that a reference column holds.
    pub fn reference(&self, column: u16) -> Option<SysId> {
        let found = self.values.binary_search_by_key(&column, |(position, _)| *position).ok()?;
        match self.values[found].1 {
            Value::Id(id) => Some(id),
            _ => None,
        }
    }

    /// The values that differ from their column's default.
    pub fn values(&self) -> impl Iterator<Item = (u16, &Value)> {
        self.values.iter().map(|(column, value)| (*column, value))
    }

    /// Stores a value; one that equals the default takes no room.
    pub fn put(&mut self, schema: &Schema, column: u16, text: &str) {
        let found = self.values.binary_search_by_key(&column, |(position, _)| *position);
        let is_default = schema.at(column).default == text;
        match (found, is_default) {
            (Ok(at), true) => drop(self.values.remove(at)),
            (Ok(at), false) => self.values[at].1 = Value::new(text),
            (Err(_), true) => {}
            (Err(at), false) => self.values.insert(at, (column, Value::new(text))),
        }
    }
}

fn write_stamp(seconds: i64, scratch: &mut Scratch) -> &str {
    scratch[..19].copy_from_slice(&stamps::plain(seconds));
    std::str::from_utf8(&scratch[..19]).expect("digits are ASCII")
}

fn write_number(mut number: u32, scratch: &mut Scratch) -> &str {
    let mut at = scratch.len();
    loop {
        at -= 1;
        scratch[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return std::str::from_utf8(&scratch[at..]).expect("digits are ASCII");
        }
    }
}

/// Ids are random already, so the first bytes are their hash.
#[derive(Debug, Default, Clone, Copy)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        let mut first = [0; 8];
        let length = bytes.len().min(8);
        first[..length].copy_from_slice(&bytes[..length]);
        self.0 = self.0.rotate_left(5) ^ u64::from_le_bytes(first);
    }
    fn write_usize(&mut self, _: usize) {}
}

/// A map by `sys_id`.
pub type ById<T> = HashMap<SysId, T, BuildHasherDefault<IdHasher>>;

/// Columns that have an index of their own. (A real instance has none on `correlation_id`; ours must be quick.)
const INDEXED: &[(&str, &str)] = &[
    ("task", "correlation_id"),
    ("task", "number"),
    ("task", "parent"),
    ("incident", "parent_incident"),
    ("sc_req_item", "request"),
    ("sc_task", "request_item"),
    ("sc_task", "request"),
    ("sys_journal_field", "element_id"),
    ("sys_attachment", "table_sys_id"),
    ("sys_user", "user_name"),
    ("sys_user", "email"),
    ("sys_user_grmember", "group"),
    ("sys_choice", "element"),
    ("sys_dictionary", "name"),
    ("sys_db_object", "name"),
    ("task_sla", "task"),
    ("sys_audit_delete", "documentkey"),
    ("item_option_new", "cat_item"),
    ("sc_item_option_mtom", "request_item"),
    ("sys_user_has_role", "user"),
];

#[derive(Debug, Clone)]
struct Index {
    column: u16,
    entries: BTreeSet<(u64, u32)>,
}

/// The hash that indexes go by; the same for both cases of a letter, so that it fits e-mail addresses too.
fn index_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

/// One table with its rows.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its columns.
    pub schema: Schema,
    rows: Vec<Option<Row>>,
    ids: ById<u32>,
    by_update: BTreeSet<(i64, SysId)>,
    indexes: Vec<Index>,
    /// The number that its last record got.
    pub last_number: u64,
}

impl Table {
    fn new(schema: Schema) -> Self {
        let indexes = INDEXED
            .iter()
            .filter(|(table, _)| *table == schema.name || *table == schema.extends)
            .filter_map(|(_, column)| schema.column(column))
            .map(|column| Index { column, entries: BTreeSet::new() })
            .collect();
        Self {
            schema,
            rows: Vec::new(),
            ids: ById::default(),
            by_update: BTreeSet::new(),
            indexes,
            last_number: 10_000,
        }
    }

    /// How many records there are.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// Where a record is.
    pub fn find(&self, id: &SysId) -> Option<u32> {
        self.ids.get(id).copied()
    }

    /// The record in a slot.
    pub fn row(&self, slot: u32) -> Option<&Row> {
        self.rows.get(slot as usize)?.as_ref()
    }

    /// The record of that `sys_id`.
    pub fn get(&self, id: &SysId) -> Option<&Row> {
        self.row(self.find(id)?)
    }

    /// All records, in the order in which they were made.
    pub fn rows(&self) -> impl Iterator<Item = (u32, &Row)> {
        self.rows.iter().enumerate().filter_map(|(slot, row)| Some((slot as u32, row.as_ref()?)))
    }

    /// Records by last update, then `sys_id`, beginning at the given place.
    pub fn by_update(&self, from: (i64, SysId)) -> impl DoubleEndedIterator<Item = &(i64, SysId)> {
        self.by_update.range(from..)
    }

    /// Slots that may hold this text in an indexed column; none when the column has no index.
    pub fn lookup(&self, column: u16, text: &str) -> Option<impl Iterator<Item = u32> + '_> {
        let index = self.indexes.iter().find(|index| index.column == column)?;
        let hash = index_hash(text);
        Some(index.entries.range((hash, 0)..=(hash, u32::MAX)).map(|(_, slot)| *slot))
    }

    /// Whether a column has an index.
    pub fn is_indexed(&self, column: u16) -> bool {
        self.indexes.iter().any(|index| index.column == column)
    }

    /// Adds a record.
    pub fn insert(&mut self, mut row: Row, values: &[(u16, &str)]) -> u32 {
        for (column, text) in values {
            row.put(&self.schema, *column, text);
        }
        self.insert_row(row)
    }

    /// Adds a record that has its values.
    pub fn insert_row(&mut self, row: Row) -> u32 {
        let slot = self.rows.len() as u32;
        self.ids.insert(row.id, slot);
        self.by_update.insert((row.updated, row.id));
        for index in &mut self.indexes {
            let mut scratch = [0; 32];
            let text = row.text(&self.schema, index.column, &mut scratch);
            if !text.is_empty() {
                index.entries.insert((index_hash(text), slot));
            }
        }
        self.rows.push(Some(row));
        slot
    }

    /// Changes a record's values without touching its stamps.
    pub fn set(&mut self, slot: u32, values: &[(u16, String)]) {
        let Some(row) = self.rows.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        for (column, text) in values {
            if let Some(index) = self.indexes.iter_mut().find(|index| index.column == *column) {
                let mut scratch = [0; 32];
                index.entries.remove(&(index_hash(row.text(&self.schema, *column, &mut scratch)), slot));
                if !text.is_empty() {
                    index.entries.insert((index_hash(text), slot));
                }
            }
            row.put(&self.schema, *column, text);
        }
    }

    /// Marks a record as changed now by this user.
    pub fn touch(&mut self, slot: u32, now_ms: i64, by: &Arc<str>) {
        let Some(row) = self.rows.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        self.by_update.remove(&(row.updated, row.id));
        row.updated = now_ms.div_euclid(1000);
        row.mod_count += 1;
        row.updated_by = Arc::clone(by);
        self.by_update.insert((row.updated, row.id));
    }

    /// Sets stamps to what a script wants them to be (sheet 3.7).
    pub fn restamp(
        &mut self,
        slot: u32,
        updated: Option<i64>,
        created_ms: Option<i64>,
        mod_count: Option<u32>,
    ) {
        let Some(row) = self.rows.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        self.by_update.remove(&(row.updated, row.id));
        row.updated = updated.unwrap_or(row.updated);
        row.created_ms = created_ms.unwrap_or(row.created_ms);
        row.mod_count = mod_count.unwrap_or(row.mod_count);
        self.by_update.insert((row.updated, row.id));
    }

    /// Takes a record out.
    pub fn remove(&mut self, slot: u32) -> Option<Row> {
        let row = self.rows.get_mut(slot as usize)?.take()?;
        self.ids.remove(&row.id);
        self.by_update.remove(&(row.updated, row.id));
        for index in &mut self.indexes {
            let mut scratch = [0; 32];
            let text = row.text(&self.schema, index.column, &mut scratch);
            index.entries.remove(&(index_hash(text), slot));
        }
        Some(row)
    }

    /// The next number, such as `INC0010001`.
    pub fn next_number(&mut self) -> String {
        self.last_number += 1;
        format!("{}{:07}", self.schema.prefix, self.last_number)
    }

    /// Makes room for many records at once.
    pub fn reserve(&mut self, count: usize) {
        self.rows.reserve(count);
        self.ids.reserve(count);
    }
}

/// All tables.
#[derive(Debug, Clone)]
pub struct Tables {
    /// Ancestors first. A copy of an instance shares what neither of the two changes.
    pub list: Vec<Arc<Table>>,
    names: HashMap<&'static str, usize>,
}

impl Default for Tables {
    fn default() -> Self {
        let list: Vec<Arc<Table>> =
            schemas().into_iter().map(|schema| Arc::new(Table::new(schema))).collect();
        let names = list.iter().enumerate().map(|(position, table)| (table.schema.name, position)).collect();
        Self { list, names }
    }
}

impl Tables {
    /// The position of a table.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// A table that is known to exist.
    ///
    /// # Panics
    /// When it does not.
    pub fn table(&self, name: &str) -> &Table {
        &self.list[self.names[name]]
    }

    /// [`Tables::table`] to change.
    pub fn table_mut(&mut self, name: &str) -> &mut Table {
        self.at_mut(self.names[name])
    }

    /// The table at a position, to change.
    pub fn at_mut(&mut self, position: usize) -> &mut Table {
        Arc::make_mut(&mut self.list[position])
    }

    /// The tables whose records a query on this table sees: itself and those that extend it (sheet 3.2).
    pub fn members(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        let name = self.list[position].schema.name;
        let extends = self.list.iter().enumerate().filter(move |(_, table)| table.schema.extends == name);
        std::iter::once(position).chain(extends.map(|(position, _)| position))
    }

    /// A record of a table or of one that extends it.
    pub fn find(&self, position: usize, id: &SysId) -> Option<(usize, u32)> {
        self.members(position).find_map(|member| Some((member, self.list[member].find(id)?)))
    }

    /// The record that a reference of this kind leads to.
    pub fn referenced(&self, kind: Kind, id: &SysId) -> Option<(&Table, &Row)> {
        let Kind::Reference(name) = kind else { return None };
        let (table, slot) = self.find(self.position(name)?, id)?;
        Some((&self.list[table], self.list[table].row(slot)?))
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Tables};
    use std::sync::Arc;

    #[test]
    fn rows_are_found_by_id_update_and_index() {
        let mut tables = Tables::default();
        let by: Arc<str> = Arc::from("jane");
        let incidents = tables.table_mut("incident");
        let correlation = incidents.schema.column("correlation_id").unwrap();
        let slot = incidents.insert(Row::new([1; 16], 5_000, &by), &[(correlation, "lockstep:a:1")]);
        incidents.insert(Row::new([2; 16], 4_000, &by), &[]);
        let order: Vec<u8> = incidents.by_update((0, [0; 16])).map(|(_, id)| id[0]).collect();
        assert_eq!(order, [2, 1]);
        assert_eq!(incidents.lookup(correlation, "lockstep:a:1").unwrap().collect::<Vec<_>>(), [slot]);

        incidents.set(slot, &[(correlation, String::new())]);
        incidents.touch(slot, 9_999, &Arc::from("system"));
        assert_eq!(incidents.lookup(correlation, "lockstep:a:1").unwrap().count(), 0);
        let row = incidents.get(&[1; 16]).unwrap();
        assert_eq!((row.updated, row.mod_count, &*row.updated_by), (9, 1, "system"));
        assert_eq!(row.text(&incidents.schema, 3, &mut [0; 32]), "1970-01-01 00:00:09");

        assert!(incidents.remove(slot).is_some());
        assert_eq!((incidents.count(), incidents.find(&[1; 16])), (1, None));
        assert_eq!(incidents.next_number(), "INC0010001");
    }

    #[test]
    fn a_default_is_not_stored_but_an_emptied_value_is() {
        let mut tables = Tables::default();
        let incidents = tables.table_mut("incident");
        let impact = incidents.schema.column("impact").unwrap();
        let slot = incidents.insert(Row::new([1; 16], 0, &Arc::from("a")), &[(impact, "3")]);
        assert!(incidents.row(slot).unwrap().values.is_empty());
        incidents.set(slot, &[(impact, String::new())]);
        assert_eq!(incidents.row(slot).unwrap().text(&incidents.schema, impact, &mut [0; 32]), "");
    }
}
