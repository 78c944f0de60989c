//! Writes the configuration as one TOML file: always in the same order and the same spelling, so that it can be kept in
//! git. What it writes, `super::file` reads back as the same document.

use std::fmt::Write as _;

use lockstep_store::tables::{accounts, connections};
use serde_json::{Map, Value};

use super::document::Document;
use crate::api_error::ApiError;
use crate::app::{App, account_doc, document_of};

/// Everything the store holds, by name.
pub async fn export(app: &App) -> Result<Document, ApiError> {
    let (accounts, connections) =
        app.store().read(|conn| Ok((accounts::list(conn)?, connections::list(conn)?))).await?;
    let mut document = Document {
        accounts: accounts.iter().map(account_doc).collect::<Result<_, _>>()?,
        connections: connections.iter().map(document_of).collect::<Result<_, _>>()?,
    };
    sort(&mut document);
    Ok(document)
}

/// Accounts and connections by name; everything inside a connection has an order of its own that counts.
pub fn sort(document: &mut Document) {
    document.accounts.sort_by(|one, other| one.name.cmp(&other.name));
    document.connections.sort_by(|one, other| one.name.cmp(&other.name));
}

/// A document as text.
pub fn to_toml(document: &Document) -> String {
    let mut sorted = document.clone();
    sort(&mut sorted);
    let Value::Object(root) = serde_json::to_value(&sorted).expect("documents are plain data") else {
        return String::new();
    };
    let mut text =
        String::from("# Configuration of Lockstep, without secrets. Written by `lockstep config export`.\n");
    for (name, value) in in_order(&root) {
        blocks(&mut text, name, value);
    }
    text
}

/// Lists of tables that get a heading for each of their tables.
const HEADED: [&str; 7] = ["account", "connection", "person", "type", "field", "template", "source_template"];

fn blocks(text: &mut String, path: &str, value: &Value) {
    for table in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
        let _ = write!(text, "\n[[{path}]]\n");
        let is_block = |key: &str, value: &Value| HEADED.contains(&key) && is_tables(value);
        for (key, value) in
            in_order(table).filter(|(key, value)| !is_block(key, value) && !is_long(key, value))
        {
            let _ = writeln!(text, "{} = {}", spelled_key(key), inline(value));
        }
        for (key, value) in in_order(table).filter(|(key, value)| is_long(key, value)) {
            let _ = write!(text, "\n[{path}.{key}]\n");
            for (key, value) in value.as_object().into_iter().flat_map(in_order) {
                let _ = writeln!(text, "{} = {}", spelled_key(key), spread(value));
            }
        }
        for (key, value) in in_order(table).filter(|(key, value)| is_block(key, value)) {
            blocks(text, &format!("{path}.{key}"), value);
        }
    }
}

/// A rule with a list gets a heading of its own.
fn is_long(key: &str, value: &Value) -> bool {
    key == "rule" && value.as_object().is_some_and(|rule| rule.values().any(is_tables))
}

fn is_tables(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.first().is_some_and(Value::is_object))
}

/// A list of tables with one table a line; anything else on one line.
fn spread(value: &Value) -> String {
    if !is_tables(value) {
        return inline(value);
    }
    let lines: Vec<String> =
        value.as_array().into_iter().flatten().map(|table| format!("  {},\n", inline(table))).collect();
    format!("[\n{}]", lines.concat())
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(list) => format!("[{}]", list.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(table) if table.is_empty() => "{}".to_owned(),
        Value::Object(table) => {
            let entries: Vec<String> = in_order(table)
                .map(|(key, value)| format!("{} = {}", spelled_key(key), inline(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn spelled_key(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if bare { key.to_owned() } else { quoted(key) }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Keys in the order people read them; what is not listed follows by the alphabet.
const ORDER: [&str; 58] = [
    "name",
    "kind",
    "platform",
    "address",
    "method",
    "user",
    "client_id",
    "email",
    "field",
    "label",
    "when",
    "source",
    "target",
    "direction",
    "write",
    "on_conflict",
    "enforce",
    "rule",
    "sign_in",
    "dedicated",
    "practice",
    "sandbox",
    "settle_seconds",
    "private_field",
    "ca_file",
    "interval_seconds",
    "limits",
    "container",
    "ticket_type",
    "request_type",
    "mode",
    "operator",
    "values",
    "then",
    "fixed",
    "from",
    "or",
    "text",
    "filter",
    "target_tickets",
    "include_private",
    "no_match",
    "match",
    "comments",
    "attachments",
    "public",
    "internal",
    "author_line",
    "edited",
    "copy",
    "bytes_max",
    "otherwise",
    "otherwise_back",
    "pair",
    "person",
    "account",
    "connection",
    "type",
];

fn in_order(table: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let rank = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    let mut entries: Vec<(&String, &Value)> = table.iter().collect();
    entries.sort_by(|(one, _), (other, _)| (rank(one), one).cmp(&(rank(other), other)));
    entries.into_iter()
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
