//! The Table API's writing half: which values are taken, and what a write leaves behind (sheet 4).

use std::sync::Arc;

use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};

use super::ServiceNow;
use super::journal;
use super::records::{Row, Table};
use super::rules::{self, Effect};
use super::schema::{Column, Kind, Schema};
use super::script;
use super::switches::Switches;
use super::users::Caller;
use super::value::{SysId, id_text, parse_id};
use super::view;
use super::wire::{Call, Outcome, Problem};
use crate::stamps;

/// New values, by column.
pub type Values = Vec<(u16, String)>;
/// New journal entries: element and text.
pub type Entries = Vec<(&'static str, String)>;

/// A write in the making: the values it sets and the journal entries it adds.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The record's table.
    pub table: &'a Table,
    /// The record as it was; none for a new one.
    pub before: Option<&'a Row>,
    /// New values by column.
    pub set: Values,
    /// New journal entries: element and text.
    pub entries: Entries,
}

impl Draft<'_> {
    /// The value after the write.
    pub fn get(&self, name: &str) -> String {
        let Some(column) = self.table.schema.column(name) else { return String::new() };
        match self.set.iter().find(|(of, _)| *of == column) {
            Some((_, text)) => text.clone(),
            None => self.was(name),
        }
    }

    /// The value before the write; a column's default for a new record.
    pub fn was(&self, name: &str) -> String {
        let Some(column) = self.table.schema.column(name) else { return String::new() };
        match self.before {
            Some(row) => row.text(&self.table.schema, column, &mut [0; 32]).to_owned(),
            None => self.table.schema.at(column).default.to_owned(),
        }
    }

    /// Whether the write gives another value than before.
    pub fn changes(&self, name: &str) -> bool {
        self.get(name) != self.was(name)
    }

    /// Whether the caller (or a rule) named this column.
    pub fn names(&self, name: &str) -> bool {
        self.table.schema.column(name).is_some_and(|column| self.set.iter().any(|(of, _)| *of == column))
    }

    /// Sets a value, over what the caller sent.
    pub fn put(&mut self, name: &str, text: &str) {
        let Some(column) = self.table.schema.column(name) else { return };
        self.set.retain(|(of, _)| *of != column);
        self.set.push((column, text.to_owned()));
    }

    /// Whether an entry is added to this journal.
    pub fn adds(&self, element: &str) -> bool {
        self.entries.iter().any(|(of, _)| *of == element)
    }
}

impl ServiceNow {
    pub(super) fn create(&mut self, call: &Call<'_>, position: usize) -> Outcome {
        let payload = call.object()?;
        let table = &self.tables.list[position];
        may_write(&table.schema, &call.caller, true)?;
        let (set, entries) = self.accepted(call, table, None, &payload);
        let slot = self.insert(position, set, entries, &call.caller, call.now_ms)?;
        let mut response = self.show(call, StatusCode::CREATED, position, position, slot)?;
        let table = &self.tables.list[position];
        let id = table.row(slot).map(|row| id_text(&row.id)).unwrap_or_default();
        let location = format!("{}/api/now/table/{}/{id}", self.origin, table.schema.name);
        if let Ok(location) = HeaderValue::from_str(&location) {
            response.headers_mut().insert(LOCATION, location);
        }
        Ok(response)
    }

    pub(super) fn update(&mut self, call: &Call<'_>, position: usize, id: &str) -> Outcome {
        let payload = call.object()?;
        let (member, slot) = self.visible_record(call, position, id)?;
        let table = &self.tables.list[member];
        may_write(&table.schema, &call.caller, false)?;
        let (set, entries) = self.accepted(call, table, table.row(slot), &payload);
        self.change(member, slot, set, entries, &call.caller, call.now_ms)?;
        self.show(call, StatusCode::OK, position, member, slot)
    }

    /// Adds a record as this user, rules and all.
    pub(super) fn insert(
        &mut self,
        position: usize,
        set: Values,
        entries: Entries,
        caller: &Arc<Caller>,
        now_ms: i64,
    ) -> Result<u32, Problem> {
        let table = &self.tables.list[position];
        let mut draft = Draft { table, before: None, set, entries };
        let effects = rules::apply(&mut draft, &self.switches, caller, now_ms)?;
        let Draft { set, entries, .. } = draft;
        let id = self.ids.bytes16();
        let table = self.tables.at_mut(position);
        let number = if table.schema.prefix.is_empty() { None } else { Some(table.next_number()) };
        let mut values: Vec<(u16, &str)> =
            set.iter().map(|(column, text)| (*column, text.as_str())).collect();
        if let (Some(number), Some(column)) = (&number, table.schema.column("number")) {
            values.retain(|(of, _)| *of != column);
            values.push((column, number));
        }
        let slot = table.insert(Row::new(id, now_ms, &caller.name), &values);
        self.add_entries(position, &id, entries, &caller.name, now_ms);
        self.after(effects, position, slot, caller, now_ms);
        Ok(slot)
    }

    /// Changes a record as this user, rules and all. A write that changes nothing leaves the stamps alone.
    pub(super) fn change(
        &mut self,
        position: usize,
        slot: u32,
        set: Values,
        entries: Entries,
        caller: &Arc<Caller>,
        now_ms: i64,
    ) -> Result<(), Problem> {
        let table = &self.tables.list[position];
        let row = table.row(slot).ok_or_else(Problem::no_record)?;
        let id = row.id;
        let mut draft = Draft { table, before: Some(row), set, entries };
        let effects = rules::apply(&mut draft, &self.switches, caller, now_ms)?;
        let Draft { mut set, entries, .. } = draft;
        set.retain(|(column, text)| row.text(&table.schema, *column, &mut [0; 32]) != text);
        if set.is_empty() && entries.is_empty() {
            return Ok(());
        }
        let table = self.tables.at_mut(position);
        table.set(slot, &set);
        table.touch(slot, now_ms, &caller.name);
        if self.switches.saved_twice && table.schema.is_task() {
            table.touch(slot, now_ms, &caller.name);
        }
        self.add_entries(position, &id, entries, &caller.name, now_ms);
        self.after(effects, position, slot, caller, now_ms);
        Ok(())
    }

    fn add_entries(&mut self, position: usize, record: &SysId, entries: Entries, by: &Arc<str>, now_ms: i64) {
        let name = self.tables.list[position].schema.name;
        for (element, text) in entries {
            let text = if self.switches.journal_crlf {
                text.replace("\r\n", "\n").replace('\n', "\r\n")
            } else {
                text
            };
            // A customer's rule that writes the same entry again (sheet 5.1).
            for _ in 0..=usize::from(self.switches.doubled_journal) {
                let at = (name, record);
                journal::add(&mut self.tables, &mut self.ids, at, (element, &text), by, now_ms);
            }
        }
    }

    /// The values of a payload that are taken. Everything else is passed over without a word.
    fn accepted(
        &self,
        call: &Call<'_>,
        table: &Table,
        before: Option<&Row>,
        payload: &Map<String, Value>,
    ) -> (Values, Entries) {
        let (mut set, mut entries) = (Vec::new(), Vec::new());
        let display = call.params.flag("sysparm_input_display_value");
        let (schema, caller) = (&table.schema, &call.caller);
        for (name, value) in payload {
            let Some(column) = schema.column(name) else { continue };
            let of = schema.at(column);
            let Some(text) = text_of(value) else { continue };
            if !is_writable(of, schema, caller)
                || (caller.is_service
                    && Switches::lists(&self.switches.read_only_fields, schema.name, schema.extends, name))
            {
                continue;
            }
            if of.kind == Kind::Journal {
                let element = journal::ELEMENTS.iter().find(|element| *element == name);
                if let (Some(element), false) = (element, text.is_empty()) {
                    entries.push((*element, text));
                }
                continue;
            }
            let now = before.map(|row| row.text(schema, column, &mut [0; 32]).to_owned());
            if let Some(text) = self.normalised(table, of, &text, display, caller)
                && now.as_deref() != Some(&text)
            {
                set.push((column, text));
            }
        }
        (set, entries)
    }

    /// The stored form of a value; none where the platform would keep the old one.
    fn normalised(
        &self,
        table: &Table,
        column: &Column,
        text: &str,
        display: bool,
        caller: &Caller,
    ) -> Option<String> {
        match column.kind {
            Kind::Text(max) => Some(text.chars().take(max).collect()),
            // An empty value does not clear a choice (REST documentation, special data handling).
            Kind::Choice | Kind::NumberChoice if text.is_empty() => None,
            Kind::Choice | Kind::NumberChoice => {
                let of_label = || {
                    let choices = view::choices(&self.tables, table, column.name);
                    choices.into_iter().find(|(_, label)| label == text).map(|(value, _)| value)
                };
                let value =
                    if display { of_label().unwrap_or_else(|| text.to_owned()) } else { text.to_owned() };
                (column.kind == Kind::Choice || value.parse::<i64>().is_ok()).then_some(value)
            }
            Kind::Integer => (text.is_empty() || text.parse::<i64>().is_ok()).then(|| text.to_owned()),
            Kind::Boolean => match text {
                "true" | "1" => Some("true".to_owned()),
                "false" | "0" => Some("false".to_owned()),
                _ => None,
            },
            Kind::DateTime if display => {
                let seconds = stamps::parse_plain(text)?;
                Some(stamps::plain_text(script::from_zone(seconds, caller.zone.as_ref())))
            }
            Kind::DateTime | Kind::Date => {
                (text.is_empty() || stamps::parse_plain(text).is_some()).then(|| text.to_owned())
            }
            Kind::Reference(_) if text.is_empty() || parse_id(text).is_some() => Some(text.to_owned()),
            // "Some Jane Doe": the first of that name (sheet 4.1).
            Kind::Reference(target) if display => self.id_of_name(target, text),
            Kind::Reference(_) | Kind::Journal | Kind::Class | Kind::Id => None,
            Kind::List(_) | Kind::Duration => Some(text.to_owned()),
        }
    }

    fn id_of_name(&self, target: &str, name: &str) -> Option<String> {
        let position = self.tables.position(target)?;
        self.tables.members(position).find_map(|member| {
            let table = &self.tables.list[member];
            let display = table.schema.display;
            let is_it = |row: &Row| row.text(&table.schema, display, &mut [0; 32]) == name;
            table.rows().find(|(_, row)| is_it(row)).map(|(_, row)| id_text(&row.id))
        })
    }

    fn after(&mut self, effects: Vec<Effect>, position: usize, slot: u32, caller: &Arc<Caller>, now_ms: i64) {
        if self.tables.list[position].schema.name == "sys_user" {
            self.accounts.refresh(&self.tables);
        }
        for effect in effects {
            self.take_effect(effect, position, slot, caller, now_ms);
        }
        self.plan_rules(position, slot, caller, now_ms);
    }
}

/// A value as text; objects give the `value` that reads return for references.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some(String::new()),
        Value::Object(object) => object.get("value").and_then(Value::as_str).map(str::to_owned),
        Value::Array(_) => None,
    }
}

/// System fields and numbers belong to the platform; users without roles change little (sheet 1.2, 4.1).
fn is_writable(column: &Column, schema: &Schema, caller: &Caller) -> bool {
    if column.name.starts_with("sys_") || column.name == "number" {
        return false;
    }
    let open = matches!(
        column.name,
        "comments"
            | "short_description"
            | "description"
            | "urgency"
            | "caller_id"
            | "contact_type"
            | "category"
    );
    caller.roles.itil || !schema.is_task() || open
}

/// Who may write to a table at all.
fn may_write(schema: &Schema, caller: &Caller, is_new: bool) -> Result<(), Problem> {
    let allowed = match schema.name {
        "task" | "sys_journal_field" | "sys_attachment" | "sys_audit_delete" | "sys_dictionary"
        | "sys_db_object" => !is_new && schema.name == "task" && caller.roles.itil,
        "incident" => true,
        _ if schema.is_task() => caller.roles.itil,
        _ => caller.roles.admin,
    };
    if allowed { Ok(()) } else { Err(Problem::acl(if is_new { "Insert" } else { "Update" })) }
}
