//! Values in words, for plans, outcomes and conflicts.

use std::collections::BTreeMap;

use lockstep_core::mapping::transform::shown_time;
use lockstep_core::schema::Schema;
use lockstep_core::text::plain::to_plain;
use lockstep_core::{FieldId, Ticket, Value};

/// A value as people read it, with the labels of the live system; an empty one is the empty text.
pub fn value(schema: &Schema, field: &FieldId, value: &Value) -> String {
    let option = |id: &str| schema.option_label(field, id).to_owned();
    match value {
        Value::Empty => String::new(),
        Value::Text(text) | Value::Number(text) | Value::Date(text) => text.clone(),
        Value::Rich(markdown) => to_plain(markdown).text,
        Value::Choice(id) | Value::Group(id) | Value::Reference(id) => option(id),
        Value::Person(id) => id.0.clone(),
        Value::Set(members) => members.iter().map(|member| option(member)).collect::<Vec<_>>().join(", "),
        Value::Boolean(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::DateTime(ms) => shown_time(*ms),
        Value::Many(values) => {
            values.iter().map(|one| self::value(schema, field, one)).collect::<Vec<_>>().join(" × ")
        }
    }
}

/// The fields that people call a title, in the order they are looked for.
pub const TITLES: [&str; 2] = ["short_description", "summary"];

/// The text that people call the title of a ticket; empty where there is none.
pub fn title(ticket: &Ticket) -> String {
    title_among(&ticket.fields).unwrap_or_default()
}

/// The same among fields; `None` where none of them is one.
pub fn title_among(fields: &BTreeMap<FieldId, Value>) -> Option<String> {
    TITLES.iter().find_map(|name| match fields.get(&FieldId::from(*name)) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    })
}
