//! The whole state as JSON and back. Records are objects by column name, so that a referee can read them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::ServiceNow;
use super::auth::Tokens;
use super::records::{ById, Row, Table, Tables};
use super::schema::Schema;
use super::switches::Switches;
use super::timers::Due;
use super::users::Accounts;
use super::value::{id_text, parse_id};
use crate::ids::Ids;

const FORMAT: u64 = 1;

impl ServiceNow {
    pub(super) fn to_json(&self) -> Value {
        let tables: Map<String, Value> = self
            .tables
            .list
            .iter()
            .map(|table| {
                let rows: Vec<Value> = table.rows().map(|(_, row)| row_json(&table.schema, row)).collect();
                let of = json!({ "last_number": table.last_number, "records": rows });
                (table.schema.name.to_owned(), of)
            })
            .collect();
        let files: Map<String, Value> =
            self.files.iter().map(|(id, bytes)| (id_text(id), Value::from(STANDARD.encode(bytes)))).collect();
        let deleted: Vec<Value> = self
            .deleted
            .values()
            .map(|(name, row)| json!({ "table": name, "record": row_json(&self.tables.table(name).schema, row) }))
            .collect();
        let due: Vec<Value> = self.due.iter().map(|((at, _), due)| json!([at, due])).collect();
        json!({
            "format": FORMAT, "seed": self.seed, "ids": self.ids, "sessions": self.sessions,
            "tokens": self.tokens, "switches": self.switches, "due": due,
            "tables": tables, "files": files, "deleted": deleted,
        })
    }

    pub(super) fn take_json(&mut self, state: &Value) -> Result<(), String> {
        if state["format"].as_u64() != Some(FORMAT) {
            return Err("this is not the state of a practice ServiceNow".to_owned());
        }
        let seed = state["seed"].as_u64().ok_or("the seed is missing")?;
        let ids: Ids = parse(&state["ids"], "ids")?;
        let mut tokens: Tokens = parse(&state["tokens"], "tokens")?;
        tokens.reindex();
        let named = state["switches"].as_object().ok_or("the switches are missing")?;
        let switches = Switches::default().overlay(named)?;
        let mut reader = Reader::default();
        let tables = reader.tables(&state["tables"])?;
        let mut files = ById::default();
        for (id, content) in state["files"].as_object().ok_or("the files are missing")? {
            let id = parse_id(id).ok_or("a file has no sys_id")?;
            let bytes =
                STANDARD.decode(content.as_str().unwrap_or_default()).map_err(|error| error.to_string())?;
            files.insert(id, Bytes::from(bytes));
        }
        let mut deleted = ById::default();
        for entry in state["deleted"].as_array().ok_or("the deleted records are missing")? {
            let name = entry["table"].as_str().unwrap_or_default();
            let position = tables.position(name).ok_or_else(|| format!("there is no table {name}"))?;
            let schema = &tables.list[position].schema;
            let row = reader.row(schema, &entry["record"])?;
            deleted.insert(row.id, (schema.name, row));
        }
        let planned: Vec<(i64, Due)> = parse(&state["due"], "due")?;
        self.due_count = planned.len() as u64;
        self.due = planned
            .into_iter()
            .zip(0..)
            .map(|((at, due), count)| ((at, count), due))
            .collect::<BTreeMap<_, _>>();
        self.sessions = state["sessions"].as_u64().unwrap_or_default();
        (self.seed, self.ids, self.tokens, self.switches) = (seed, ids, tokens, switches);
        (self.tables, self.files, self.deleted) = (tables, files, deleted);
        self.accounts = Accounts::new(seed);
        self.accounts.refresh(&self.tables);
        Ok(())
    }
}

fn parse<T: serde::de::DeserializeOwned>(value: &Value, name: &str) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| format!("{name}: {error}"))
}

fn row_json(schema: &Schema, row: &Row) -> Value {
    let mut object = Map::new();
    object.insert("sys_id".to_owned(), Value::from(id_text(&row.id)));
    object.insert("sys_created_ms".to_owned(), Value::from(row.created_ms));
    object.insert("sys_updated_s".to_owned(), Value::from(row.updated));
    object.insert("sys_mod_count".to_owned(), Value::from(row.mod_count));
    object.insert("sys_created_by".to_owned(), Value::from(&*row.created_by));
    object.insert("sys_updated_by".to_owned(), Value::from(&*row.updated_by));
    for (column, value) in row.values() {
        let text = value.text(&mut [0; 32]).to_owned();
        object.insert(schema.at(column).name.to_owned(), Value::from(text));
    }
    Value::Object(object)
}

/// Reads records back; login names are shared among them.
#[derive(Default)]
struct Reader {
    names: HashMap<String, Arc<str>>,
}

impl Reader {
    fn tables(&mut self, state: &Value) -> Result<Tables, String> {
        let mut tables = Tables::default();
        for (name, of) in state.as_object().ok_or("the tables are missing")? {
            let position = tables.position(name).ok_or_else(|| format!("there is no table {name}"))?;
            let table: &mut Table = tables.at_mut(position);
            table.last_number = of["last_number"].as_u64().unwrap_or(table.last_number);
            let records = of["records"].as_array().ok_or_else(|| format!("{name} has no records"))?;
            table.reserve(records.len());
            for record in records {
                let row = self.row(&table.schema, record)?;
                table.insert_row(row);
            }
        }
        Ok(tables)
    }

    fn row(&mut self, schema: &Schema, record: &Value) -> Result<Row, String> {
        let object = record.as_object().ok_or("a record is no object")?;
        let id = record["sys_id"].as_str().and_then(parse_id).ok_or("a record has no sys_id")?;
        let created_ms = record["sys_created_ms"].as_i64().ok_or("a record has no time")?;
        let by = self.name(record["sys_created_by"].as_str().unwrap_or_default());
        let mut row = Row::new(id, created_ms, &by).with_room_for(object.len().saturating_sub(6));
        row.updated = record["sys_updated_s"].as_i64().unwrap_or(row.updated);
        row.mod_count = record["sys_mod_count"].as_u64().and_then(|count| count.try_into().ok()).unwrap_or(0);
        row.updated_by = self.name(record["sys_updated_by"].as_str().unwrap_or_default());
        for (name, value) in object.iter().filter(|(name, _)| !is_system(name)) {
            let column =
                schema.column(name).ok_or_else(|| format!("{} has no column {name}", schema.name))?;
            row.put(schema, column, value.as_str().unwrap_or_default());
        }
        Ok(row)
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = Arc::from(name);
        self.names.insert(name.to_owned(), Arc::clone(&shared));
        shared
    }
}

fn is_system(name: &str) -> bool {
    matches!(
        name,
        "sys_id" | "sys_created_ms" | "sys_updated_s" | "sys_mod_count" | "sys_created_by" | "sys_updated_by"
    )
}
