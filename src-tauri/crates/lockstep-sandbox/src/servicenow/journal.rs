//! Journal fields: each write adds one entry; entries are read only as records of `sys_journal_field` (sheet 5).

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::records::{Row, Table, Tables};
use super::value::{SysId, id_text};
use super::view::local_stamp;
use crate::ids::Ids;
use crate::stamps;

/// The fields that can be written.
pub const ELEMENTS: &[&str] = &["comments", "work_notes"];

/// Adds an entry and returns its `sys_id`.
pub fn add(
    tables: &mut Tables,
    ids: &mut Ids,
    (table, record): (&str, &SysId),
    (element, text): (&str, &str),
    by: &Arc<str>,
    now_ms: i64,
) -> SysId {
    let record = id_text(record);
    let entries = tables.table_mut("sys_journal_field");
    let column = |name: &str| entries.schema.column(name).expect("a column of sys_journal_field");
    let values = [
        (column("name"), table),
        (column("element_id"), &record),
        (column("element"), element),
        (column("value"), text),
    ];
    let id = ids.bytes16();
    let row = Row::new(id, now_ms, by).with_room_for(values.len());
    entries.insert(row, &values);
    id
}

/// The whole history of a field as one text, newest first, as a display value gives it (sheet 5.2).
pub fn history(
    tables: &Tables,
    table: &Table,
    record: &Row,
    element: &str,
    zone: Option<&TimeZone>,
) -> String {
    let entries = tables.table("sys_journal_field");
    let column = |name: &str| entries.schema.column(name).expect("a column of sys_journal_field");
    let (element_id, of, value) = (column("element_id"), column("element"), column("value"));
    let wanted = id_text(&record.id);
    let both = element == "comments_and_work_notes";
    let mut found: Vec<(u32, &Row)> = entries
        .lookup(element_id, &wanted)
        .into_iter()
        .flatten()
        .filter_map(|slot| Some((slot, entries.row(slot)?)))
        .filter(|(_, row)| both || row.text(&entries.schema, of, &mut [0; 32]) == element)
        .collect();
    found.sort_by_key(|(slot, row)| std::cmp::Reverse((row.created_ms, *slot)));
    let mut text = String::new();
    for (_, row) in found {
        let stamp = stamps::plain_text(row.created_ms.div_euclid(1000));
        let label = table
            .schema
            .column(row.text(&entries.schema, of, &mut [0; 32]))
            .map_or("", |column| table.schema.at(column).label);
        text.push_str(&local_stamp(&stamp, zone));
        text.push_str(" - ");
        text.push_str(&display_name(tables, &row.created_by));
        text.push_str(" (");
        text.push_str(label);
        text.push_str(")\n");
        text.push_str(row.text(&entries.schema, value, &mut [0; 32]));
        text.push_str("\n\n");
    }
    text
}

/// A user's name, for a login.
pub fn display_name(tables: &Tables, user_name: &str) -> String {
    let users = tables.table("sys_user");
    let column = |name: &str| users.schema.column(name).expect("a column of sys_user");
    let slot = users.lookup(column("user_name"), user_name).into_iter().flatten().next();
    slot.and_then(|slot| users.row(slot))
        .map_or(user_name.to_owned(), |row| row.text(&users.schema, column("name"), &mut [0; 32]).to_owned())
}
