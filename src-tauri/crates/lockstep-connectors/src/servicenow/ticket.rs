//! From a row to the neutral ticket: which columns to ask for, and what they mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockstep_core::connector::{ConnectorError, ErrorKind, Scope};
use lockstep_core::ids::{FieldId, PersonId, TicketId};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::schema::FieldKind;
use lockstep_core::ticket::{Person, Ticket, Value, Version};

use super::query::{is_column, is_sys_id};
use super::wire::Row;
use super::{Discovered, ServiceNow, Us, kinds, marker, stamps};

/// Always read, whatever the mapping needs.
const ALWAYS: [&str; 8] = [
    "sys_id",
    "sys_class_name",
    "number",
    "sys_created_on",
    "sys_created_by",
    "sys_updated_on",
    "sys_updated_by",
    "sys_mod_count",
];

/// In front of a user name that stands for a person whose record is not known.
pub(super) const USER_PREFIX: &str = "user:";

/// What to ask for, and how to read it.
pub(super) struct Reading {
    /// Comma-separated, for `sysparm_fields`.
    pub(super) columns: String,
    table: String,
    fields: Vec<(FieldId, FieldKind, Option<PersonColumns>)>,
}

/// The dot-walked columns of a person's field.
struct PersonColumns {
    name: String,
    email: String,
    active: String,
}

impl ServiceNow {
    /// Prepares to read `fields` of the scope's table. Asks the dictionary when a field is not one of the usual ones.
    pub(super) async fn reading(&self, scope: &Scope, fields: &[FieldId]) -> Result<Reading, ConnectorError> {
        let table = &scope.ticket_type;
        let discovered = match fields.iter().any(|field| kinds::known(field.as_str()).is_none()) {
            true => Some(self.discovered(table, false).await?),
            false => None,
        };
        let mut columns = ALWAYS.join(",");
        let mut seen: Vec<&str> = ALWAYS.to_vec();
        let mut add = |column: &str| {
            columns.push(',');
            columns.push_str(column);
        };
        let settings = &self.settings;
        let own = [
            Some(&settings.marker_column),
            Some(&settings.marker_note_column),
            settings.private_column.as_ref(),
        ];
        for column in own.into_iter().flatten().map(FieldId::as_str).chain(["assignment_group"]) {
            if !seen.contains(&column) {
                add(column);
                seen.push(column);
            }
        }
        let mut wanted = Vec::with_capacity(fields.len());
        for field in fields {
            let column = field.as_str();
            if !is_column(column) {
                return Err(ConnectorError::new(
                    ErrorKind::Stopped,
                    format!("{field} is no column of ServiceNow"),
                ));
            }
            if matches!(column, "comments" | "work_notes" | "comments_and_work_notes") {
                continue;
            }
            if !seen.contains(&column) {
                add(column);
                seen.push(column);
            }
            let kind = kind_of(field, discovered.as_ref());
            let person = (kind == FieldKind::Person && !column.contains('.')).then(|| PersonColumns {
                name: format!("{column}.name"),
                email: format!("{column}.email"),
                active: format!("{column}.active"),
            });
            if let Some(person) = &person {
                for walked in [&person.name, &person.email, &person.active] {
                    add(walked);
                }
            }
            wanted.push((field.clone(), kind, person));
        }
        Ok(Reading { columns, table: table.clone(), fields: wanted })
    }

    /// A row as a ticket; fails when a column without which nothing can be decided is hidden.
    pub(super) fn ticket(&self, us: &Us, reading: &Reading, row: &Row<'_>) -> Result<Ticket, ConnectorError> {
        let id = row.text("sys_id");
        let stamp_ms = row.get("sys_updated_on").and_then(stamps::read);
        let (true, Some(stamp_ms)) = (is_sys_id(id), stamp_ms) else {
            return Err(hidden(&reading.table, "sys_id and sys_updated_on"));
        };
        let mut people = BTreeMap::new();
        let mut fields = BTreeMap::new();
        for (field, kind, walked) in &reading.fields {
            let hidden = left_out(Omission::AbsentIsEmpty).then_some("");
            let Some(text) = row.get(field.as_str()).or(hidden) else { continue };
            let value = kinds::to_value(*kind, text);
            if let (Some(walked), Value::Person(id)) = (walked, &value)
                && let Some(person) = walked.person(id, row)
            {
                people.insert(id.clone(), person);
            }
            fields.insert(field.clone(), value);
        }
        let class = row.get("sys_class_name").filter(|class| !class.is_empty()).unwrap_or(&reading.table);
        let private = self.settings.private_column.as_ref();
        Ok(Ticket {
            id: TicketId::from(id),
            key: row.text("number").to_owned(),
            ticket_type: class.to_owned(),
            container: class.to_owned(),
            version: version(row),
            created_ms: row.get("sys_created_on").and_then(stamps::read).unwrap_or(stamp_ms),
            created_by: us.person_id(row.text("sys_created_by")),
            updated_by: us.person_id(row.text("sys_updated_by")),
            fields,
            marker: marker::read(
                row.get(self.settings.marker_column.as_str()),
                row.get(self.settings.marker_note_column.as_str()),
            ),
            people,
            // A flag that cannot be read counts as set (hazards.md H39).
            private: private
                .is_some_and(|column| !matches!(row.get(column.as_str()), Some("false" | "0" | ""))),
            immutable: None,
            comments: None,
            attachments: None,
            url: self.page(class, id),
        })
    }

    /// Where a person opens a record (servicenow.md §9).
    pub(super) fn page(&self, table: &str, id: &str) -> String {
        format!("{}/nav_to.do?uri={table}.do%3Fsys_id%3D{id}", self.client.base().origin())
    }
}

impl Reading {
    /// The values that an answer to a write shows.
    pub(super) fn values(&self, row: &Row<'_>) -> BTreeMap<FieldId, Value> {
        let value = |(field, kind, _): &(FieldId, FieldKind, _)| {
            Some((field.clone(), kinds::to_value(*kind, row.get(field.as_str())?)))
        };
        self.fields.iter().filter_map(value).collect()
    }

    /// The kind of a field that is read.
    pub(super) fn kind(&self, field: &FieldId) -> FieldKind {
        self.fields.iter().find(|(id, _, _)| id == field).map_or(FieldKind::Line, |(_, kind, _)| *kind)
    }
}

impl PersonColumns {
    fn person(&self, id: &PersonId, row: &Row<'_>) -> Option<Person> {
        let (name, email) = (row.get(&self.name), row.get(&self.email));
        if name.is_none() && email.is_none() {
            return None;
        }
        Some(Person {
            id: id.clone(),
            name: name.unwrap_or_default().to_owned(),
            email: email.filter(|email| !email.is_empty()).map(str::to_lowercase),
            active: row.get(&self.active).is_none_or(|active| active != "false"),
        })
    }
}

impl Us {
    /// Whether a user name is ours.
    pub(super) fn is(&self, user_name: &str) -> bool {
        user_name == self.user_name
    }

    /// Stamps hold user names, not ids: ours becomes our id, another stays a name behind `user:`.
    pub(super) fn person_id(&self, user_name: &str) -> Option<PersonId> {
        match user_name {
            "" => None,
            name if self.is(name) => Some(self.identity.us.id.clone()),
            name => Some(PersonId(format!("{USER_PREFIX}{name}"))),
        }
    }
}

/// Stamp and counter of a row.
pub(super) fn version(row: &Row<'_>) -> Version {
    Version {
        stamp_ms: row.get("sys_updated_on").and_then(stamps::read).unwrap_or_default(),
        counter: row.get("sys_mod_count").and_then(|count| count.parse().ok()),
    }
}

/// A column's kind: the usual ones are fixed, so that a value keeps its form whatever discovery can read today.
pub(super) fn kind_of(field: &FieldId, discovered: Option<&Arc<Discovered>>) -> FieldKind {
    kinds::known(field.as_str()).or_else(|| discovered?.kinds.get(field).copied()).unwrap_or(FieldKind::Text)
}

/// An ACL hides what Lockstep cannot do without.
pub(super) fn hidden(table: &str, columns: &str) -> ConnectorError {
    ConnectorError::new(
        ErrorKind::Forbidden,
        format!("ServiceNow hides {columns} of {table} from Lockstep's user"),
    )
    .remedy("An administrator must let the user's role read these columns (field ACL)")
}
