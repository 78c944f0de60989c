//! Discovery: `ui/meta`, the table list, and the rows of `sys_dictionary`, `sys_db_object` and `sys_choice`
//! (sheet 2.1, 2.2).

use std::sync::Arc;

use http::StatusCode;

use super::ServiceNow;
use super::choices::CHOICES;
use super::records::Tables;
use super::schema::{Column, Kind, Schema};
use super::switches::Switches;
use super::users;
use super::view::choices;
use super::wire::{Call, Outcome, Problem, json, pair, string};
use crate::ids::Ids;

impl ServiceNow {
    /// `GET /ui/meta/{table}`.
    pub(super) fn ui_meta(&self, call: &Call<'_>) -> Outcome {
        let name = call.parts.get(2).copied().unwrap_or_default();
        let position = self.tables.position(name).ok_or_else(|| Problem::invalid_table(name))?;
        if call.caller.is_service && !self.switches.meta_readable {
            return Err(Problem::forbidden());
        }
        let table = &self.tables.list[position];
        let mut out = Vec::with_capacity(16 * 1024);
        out.extend_from_slice(b"{\"result\":{\"columns\":{");
        for column in &table.schema.columns {
            let omitted = Switches::lists(
                &self.switches.omitted_fields,
                table.schema.name,
                table.schema.extends,
                column.name,
            );
            if call.caller.is_service && omitted {
                continue;
            }
            if out.last() == Some(&b'}') {
                out.push(b',');
            }
            string(&mut out, column.name);
            out.extend_from_slice(b":{");
            write_column(&mut out, column);
            if column.kind.is_choice() && self.may_read("sys_choice", &call.caller).is_ok() {
                out.extend_from_slice(b",\"choices\":[");
                for (value, label) in choices(&self.tables, table, column.name) {
                    if out.last() == Some(&b'}') {
                        out.push(b',');
                    }
                    out.push(b'{');
                    pair(&mut out, "label", &label);
                    pair(&mut out, "value", &value);
                    out.push(b'}');
                }
                out.push(b']');
            }
            out.push(b'}');
        }
        out.extend_from_slice(b"}}}");
        Ok(json(StatusCode::OK, out))
    }

    /// `GET /doc/table/schema`: the tables that the caller may read.
    pub(super) fn table_list(&self, call: &Call<'_>) -> Outcome {
        let mut out = b"{\"result\":[".to_vec();
        for table in &self.tables.list {
            if self.may_read(table.schema.name, &call.caller).is_err() {
                continue;
            }
            if out.last() == Some(&b'}') {
                out.push(b',');
            }
            out.push(b'{');
            pair(&mut out, "label", table.schema.label);
            pair(&mut out, "value", table.schema.name);
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
        Ok(json(StatusCode::OK, out))
    }
}

fn write_column(out: &mut Vec<u8>, column: &Column) {
    pair(out, "name", column.name);
    pair(out, "label", column.label);
    let kind = if column.kind.is_choice() { "choice" } else { column.kind.internal_type() };
    pair(out, "type", kind);
    pair(out, "internal_type", column.kind.internal_type());
    if let Kind::Reference(target) | Kind::List(target) = column.kind {
        pair(out, "reference", target);
    }
    pair(out, "default_value", column.default);
    let rest = format!(
        ",\"mandatory\":{},\"read_only\":{},\"max_length\":{}",
        column.mandatory,
        column.read_only,
        max_length(column.kind)
    );
    out.extend_from_slice(rest.as_bytes());
}

fn max_length(kind: Kind) -> usize {
    match kind {
        Kind::Text(max) => max,
        Kind::Reference(_) | Kind::Id => 32,
        Kind::Journal => 4_000,
        Kind::List(_) => 1_024,
        _ => 40,
    }
}

/// Adds the rows of the three tables that describe the others.
pub fn seed(tables: &mut Tables, ids: &mut Ids, now_ms: i64) {
    let made = now_ms - 365 * 86_400_000;
    let by: Arc<str> = Arc::from("system");
    let schemas: Vec<Schema> = tables.list.iter().map(|table| table.schema.clone()).collect();
    let mut objects: Vec<(&str, String)> = Vec::new();
    for schema in &schemas {
        let parent = objects.iter().find(|(name, _)| *name == schema.extends).map(|(_, id)| id.clone());
        let parent = parent.unwrap_or_default();
        let values = [("name", schema.name), ("label", schema.label), ("super_class", parent.as_str())];
        objects.push((schema.name, users::add(tables, ids, "sys_db_object", made, &by, &values)));
        // A child's rows are only those of its own columns: the reader has to walk up (sheet 2.1).
        for column in schema.columns.iter().filter(|column| column.defined_by == schema.name) {
            seed_column(tables, ids, made, &by, column);
        }
    }
    for (table, element, rows) in CHOICES {
        for (at, row) in rows.iter().enumerate() {
            let (value, label) = row.split_once('|').unwrap_or((row, row));
            let (label, dependent) = label.split_once('@').unwrap_or((label, ""));
            let sequence = ((at + 1) * 10).to_string();
            let values = [
                ("name", *table),
                ("element", *element),
                ("value", value),
                ("label", label),
                ("sequence", sequence.as_str()),
                ("dependent_value", dependent),
            ];
            users::add(tables, ids, "sys_choice", made, &by, &values);
        }
    }
}

fn seed_column(tables: &mut Tables, ids: &mut Ids, made: i64, by: &Arc<str>, column: &Column) {
    let flag = |on: bool| if on { "true" } else { "false" };
    let length = max_length(column.kind).to_string();
    let reference = match column.kind {
        Kind::Reference(target) | Kind::List(target) => target,
        _ => "",
    };
    let values = [
        ("name", column.defined_by),
        ("element", column.name),
        ("column_label", column.label),
        ("internal_type", column.kind.internal_type()),
        ("reference", reference),
        ("mandatory", flag(column.mandatory)),
        ("read_only", flag(column.read_only)),
        ("max_length", length.as_str()),
        ("choice", if column.kind.is_choice() { "3" } else { "0" }),
        ("default_value", column.default),
    ];
    users::add(tables, ids, "sys_dictionary", made, by, &values);
}
