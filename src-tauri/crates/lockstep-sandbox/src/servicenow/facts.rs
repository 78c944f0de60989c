//! The incidents as a referee sees them.

use std::collections::BTreeMap;

use super::ServiceNow;
use super::records::{Row, Table};
use super::value::{id_text, parse_id};
use crate::facts::{Facts, Filed, Remark};

/// What people edit.
const FIELDS: &[&str] = &["number", "short_description", "description", "state", "impact", "urgency"];

impl ServiceNow {
    pub(super) fn incident_facts(&self) -> Vec<Facts> {
        let incidents = self.tables.table("incident");
        incidents.rows().map(|(_, row)| self.facts_of(incidents, row)).collect()
    }

    pub(super) fn people_count(&self) -> usize {
        ["sys_user", "sys_user_group", "core_company"].iter().map(|table| self.count(table)).sum()
    }

    fn facts_of(&self, table: &Table, row: &Row) -> Facts {
        let mut fields: BTreeMap<&'static str, String> =
            FIELDS.iter().map(|name| (*name, text(table, row, name))).collect();
        fields.insert("assigned_to", self.mail_of(&text(table, row, "assigned_to")));
        let id = id_text(&row.id);
        Facts {
            key: text(table, row, "number"),
            place: "incident".to_owned(),
            created_by: row.created_by.to_string(),
            updated_by: row.updated_by.to_string(),
            fields,
            marker: text(table, row, "correlation_id"),
            comments: self.remarks_of(&id),
            files: self.filed_of(&id),
            id,
        }
    }

    fn mail_of(&self, id: &str) -> String {
        let users = self.tables.table("sys_user");
        let user = parse_id(id).and_then(|id| users.get(&id));
        user.map(|user| text(users, user, "email")).unwrap_or_default()
    }

    fn remarks_of(&self, id: &str) -> Vec<Remark> {
        let entries = self.tables.table("sys_journal_field");
        let remark = |row: &Row| Remark {
            id: id_text(&row.id),
            by: row.created_by.to_string(),
            internal: text(entries, row, "element") == "work_notes",
            text: text(entries, row, "value"),
        };
        found(entries, "element_id", id).map(remark).collect()
    }

    fn filed_of(&self, id: &str) -> Vec<Filed> {
        let files = self.tables.table("sys_attachment");
        let filed = |row: &Row| Filed {
            id: id_text(&row.id),
            name: text(files, row, "file_name"),
            by: row.created_by.to_string(),
            content: self.files.get(&row.id).cloned().unwrap_or_default(),
        };
        found(files, "table_sys_id", id).map(filed).collect()
    }
}

fn text(table: &Table, row: &Row, name: &str) -> String {
    let column = table.schema.column(name).expect("a column that every practice instance has");
    row.text(&table.schema, column, &mut [0; 32]).to_owned()
}

/// Rows whose indexed column holds exactly this text.
fn found<'t>(table: &'t Table, column: &str, wanted: &'t str) -> impl Iterator<Item = &'t Row> {
    let column = table.schema.column(column).expect("a column that every practice instance has");
    let slots = table.lookup(column, wanted).expect("an indexed column");
    let rows = slots.filter_map(|slot| table.row(slot));
    rows.filter(move |row| row.text(&table.schema, column, &mut [0; 32]) == wanted)
}
