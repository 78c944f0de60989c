//! Discovery: columns, choices and statuses of a table. First by `ui/meta`, then by dictionary and choice lists, then
//! by a sample record (servicenow.md §2.1, §2.2). What could not be read is said, never guessed silently.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockstep_core::connector::ConnectorError;
use lockstep_core::ids::FieldId;
use lockstep_core::schema::{Choice, FieldKind, FieldSchema, Schema, StatusSchema, Workflow};
use serde::Deserialize;

use super::fetch::is_closed;
use super::kinds::{self, Kinds};
use super::meta;
use super::query::{Literal, Operator, Query, is_column};
use super::table::{Rows, table_path};
use super::{Discovered, ServiceNow};
use crate::http::Call;

/// A schema is good for that long, milliseconds.
const FRESH_MS: u64 = 24 * 3_600_000;
/// Rows of dictionary and choices at most.
const ROWS_MAX: usize = 5000;
/// Ancestors of a table at most.
const ANCESTORS_MAX: usize = 8;

#[derive(Deserialize)]
struct Meta {
    result: MetaTable,
}

#[derive(Deserialize)]
struct MetaTable {
    columns: BTreeMap<String, MetaColumn>,
}

#[derive(Deserialize)]
struct MetaColumn {
    #[serde(default)]
    label: Option<String>,
    #[serde(default, rename = "type")]
    shown_type: Option<String>,
    #[serde(default)]
    internal_type: Option<String>,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    mandatory: Option<Flag>,
    #[serde(default)]
    read_only: Option<Flag>,
    #[serde(default)]
    max_length: Option<Length>,
    #[serde(default)]
    choices: Option<Vec<MetaChoice>>,
}

#[derive(Deserialize)]
struct MetaChoice {
    #[serde(default)]
    label: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Flag {
    Real(bool),
    Text(String),
}

impl Flag {
    fn is_set(&self) -> bool {
        match self {
            Flag::Real(flag) => *flag,
            Flag::Text(text) => text == "true" || text == "1",
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Length {
    Number(u32),
    Text(String),
}

impl Length {
    fn chars(&self) -> Option<u32> {
        match self {
            Length::Number(chars) => Some(*chars),
            Length::Text(text) => text.parse().ok(),
        }
    }
}

/// A column, wherever it was read.
struct Column {
    name: String,
    label: String,
    internal_type: String,
    reference: String,
    mandatory: bool,
    read_only: bool,
    chars_max: Option<u32>,
    has_choices: bool,
    choices: Vec<Choice>,
}

impl ServiceNow {
    /// The schema of a table, from memory while it is fresh unless `anew`.
    pub(super) async fn discovered(
        &self,
        table: &str,
        anew: bool,
    ) -> Result<Arc<Discovered>, ConnectorError> {
        let now = self.client.ports().clock.monotonic_ms();
        if !anew {
            let known = self.schemas.lock().expect("no panic happens under this lock");
            if let Some((at, schema)) = known.get(table)
                && now.saturating_sub(*at) < FRESH_MS
            {
                return Ok(Arc::clone(schema));
            }
        }
        let discovered = Arc::new(self.read_schema(table).await?);
        let mut known = self.schemas.lock().expect("no panic happens under this lock");
        known.insert(table.to_owned(), (now, Arc::clone(&discovered)));
        Ok(discovered)
    }

    async fn read_schema(&self, table: &str) -> Result<Discovered, ConnectorError> {
        let mut not_confirmed = Vec::new();
        let columns = match self.columns_of_meta(table).await? {
            Some(columns) => columns,
            None => match self.columns_of_dictionary(table, &mut not_confirmed).await? {
                Some(columns) => columns,
                None => {
                    not_confirmed.push(format!(
                        "ServiceNow shows neither the columns nor the choices of {table} to Lockstep's user; the fields \
                         come from a sample record, their kinds from the standard system"
                    ));
                    self.columns_of_sample(table).await?
                }
            },
        };
        Ok(schema(table, columns, not_confirmed))
    }

    /// Undocumented, honours ACLs, includes inherited columns and choices.
    async fn columns_of_meta(&self, table: &str) -> Result<Option<Vec<Column>>, ConnectorError> {
        table_path(table)?;
        let call = Call::get(format!("/api/now/ui/meta/{table}"), format!("read the columns of {table}"));
        let meta: Meta = match self.client.get_json(call).await {
            Ok(meta) => meta,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let column = |(name, column): (String, MetaColumn)| {
            let choices: Vec<Choice> = column
                .choices
                .unwrap_or_default()
                .into_iter()
                .filter(|choice| !choice.value.is_empty())
                .map(|choice| Choice { id: choice.value, label: choice.label })
                .collect();
            let shown_type = column.shown_type.unwrap_or_default();
            Column {
                label: column.label.filter(|label| !label.is_empty()).unwrap_or_else(|| name.clone()),
                has_choices: shown_type == "choice" || !choices.is_empty(),
                internal_type: column.internal_type.unwrap_or(shown_type),
                reference: column.reference.unwrap_or_default(),
                mandatory: column.mandatory.is_some_and(|flag| flag.is_set()),
                read_only: column.read_only.is_some_and(|flag| flag.is_set()),
                chars_max: column.max_length.and_then(|length| length.chars()),
                choices,
                name,
            }
        };
        let columns: Vec<Column> = meta.result.columns.into_iter().map(column).collect();
        Ok((!columns.is_empty()).then_some(columns))
    }

    /// The documented way; wants rights on two system tables.
    async fn columns_of_dictionary(
        &self,
        table: &str,
        not_confirmed: &mut Vec<String>,
    ) -> Result<Option<Vec<Column>>, ConnectorError> {
        let Some(family) = self.family(table).await? else { return Ok(None) };
        let words: Vec<&str> = family.iter().map(String::as_str).collect();
        let what = format!("read the columns of {table}");
        let query = Query::new().one_of("name", &words).active();
        let columns =
            "name,element,column_label,internal_type,reference,mandatory,read_only,max_length,choice";
        let rows = Rows {
            table: "sys_dictionary",
            query: &query,
            columns,
            limit: ROWS_MAX,
            offset: 0,
            counted: false,
            what: &what,
        };
        let found = match self.rows(&rows).await {
            Ok(found) => found,
            Err(error) if is_closed(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut by_name: BTreeMap<String, (usize, Column)> = BTreeMap::new();
        for row in self.list(&found, &what)? {
            let name = row.text("element");
            let Some(distance) = family.iter().position(|member| member == row.text("name")) else {
                continue;
            };
            // The entry nearest to the table wins.
            if name.is_empty() || by_name.get(name).is_some_and(|(other, _)| *other <= distance) {
                continue;
            }
            let column = Column {
                name: name.to_owned(),
                label: row.get("column_label").filter(|label| !label.is_empty()).unwrap_or(name).to_owned(),
                internal_type: row.text("internal_type").to_owned(),
                reference: row.text("reference").to_owned(),
                mandatory: row.text("mandatory") == "true",
                read_only: row.text("read_only") == "true",
                chars_max: row.text("max_length").parse().ok(),
                has_choices: matches!(row.text("choice"), "1" | "2" | "3"),
                choices: Vec::new(),
            };
            by_name.insert(name.to_owned(), (distance, column));
        }
        if by_name.is_empty() {
            return Ok(None);
        }
        match self.choices(&family).await? {
            Some(mut choices) => {
                for (name, (_, column)) in &mut by_name {
                    column.choices = choices.remove(name).unwrap_or_default();
                }
            }
            None => not_confirmed.push(
                "ServiceNow does not show its choice lists (sys_choice) to Lockstep's user; picklists are empty".to_owned(),
            ),
        }
        Ok(Some(by_name.into_values().map(|(_, column)| column).collect()))
    }

    /// The table and its ancestors, nearest first; `None` where tables cannot be read.
    async fn family(&self, table: &str) -> Result<Option<Vec<String>>, ConnectorError> {
        let what = "read the ancestors of a table";
        let mut family = vec![table.to_owned()];
        for _ in 0..ANCESTORS_MAX {
            let last = family.last().cloned().unwrap_or_default();
            if last == "task" {
                break;
            }
            let query = Query::new().and("name", Operator::Is, &Literal::name(&last)?);
            let columns = "name,super_class.name";
            let rows = Rows {
                table: "sys_db_object",
                query: &query,
                columns,
                limit: 2,
                offset: 0,
                counted: false,
                what,
            };
            let found = match self.rows(&rows).await {
                Ok(found) => found,
                // The usual tables are known to be children of `task`.
                Err(error) if is_closed(&error) && meta::table(table).name == table => {
                    family.push("task".to_owned());
                    break;
                }
                Err(error) if is_closed(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
            let list = self.list(&found, what)?;
            let parent = match list.as_slice() {
                [row] if row.text("name") == last => row.text("super_class.name").to_owned(),
                _ => String::new(),
            };
            if !is_column(&parent) || family.contains(&parent) {
                break;
            }
            family.push(parent);
        }
        Ok(Some(family))
    }

    /// Choices by column; the rows of the nearest table that has any stand for the others (servicenow.md §2.2).
    async fn choices(
        &self,
        family: &[String],
    ) -> Result<Option<BTreeMap<String, Vec<Choice>>>, ConnectorError> {
        let words: Vec<&str> = family.iter().map(String::as_str).collect();
        let what = "read choice lists";
        let query = Query::new()
            .one_of("name", &words)
            .and("inactive", Operator::Is, &Literal::name("false")?)
            .and("language", Operator::Is, &Literal::name("en")?)
            .order_by("sequence");
        let columns = "name,element,value,label,sequence";
        let rows = Rows {
            table: "sys_choice",
            query: &query,
            columns,
            limit: ROWS_MAX,
            offset: 0,
            counted: false,
            what,
        };
        let found = match self.rows(&rows).await {
            Ok(found) => found,
            Err(error) if is_closed(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let list = self.list(&found, what)?;
        if list.is_empty() {
            return Ok(None);
        }
        let mut nearest: BTreeMap<String, (usize, Vec<Choice>)> = BTreeMap::new();
        for row in &list {
            let Some(distance) = family.iter().position(|member| member == row.text("name")) else {
                continue;
            };
            let (known, choices) =
                nearest.entry(row.text("element").to_owned()).or_insert((distance, Vec::new()));
            if distance < *known {
                (*known, *choices) = (distance, Vec::new());
            }
            let (id, label) = (row.text("value").to_owned(), row.text("label").to_owned());
            if distance == *known && !choices.iter().any(|choice| choice.id == id) {
                choices.push(Choice { id, label });
            }
        }
        Ok(Some(nearest.into_iter().map(|(element, (_, choices))| (element, choices)).collect()))
    }

    /// The columns of one record, with nothing but their names.
    async fn columns_of_sample(&self, table: &str) -> Result<Vec<Column>, ConnectorError> {
        let what = format!("read a sample record of {table}");
        let query = Query::new().order_by_latest("sys_updated_on");
        let rows =
            Rows { table, query: &query, columns: "", limit: 1, offset: 0, counted: false, what: &what };
        let found = self.rows(&rows).await?;
        let list = self.list(&found, &what)?;
        let names: Vec<String> =
            list.first().map(|row| row.columns().map(str::to_owned).collect()).unwrap_or_default();
        let column = |name: String| Column {
            label: name.clone(),
            internal_type: String::new(),
            reference: String::new(),
            mandatory: false,
            read_only: false,
            chars_max: Some(4000),
            has_choices: false,
            choices: Vec::new(),
            name,
        };
        Ok(names.into_iter().map(column).collect())
    }
}

/// The endpoint is missing, closed, or gives something else.
fn is_absent(error: &ConnectorError) -> bool {
    use lockstep_core::connector::ErrorKind;
    is_closed(error) || matches!(error.kind, ErrorKind::Unexpected)
}

/// Puts the columns together.
fn schema(table: &str, columns: Vec<Column>, mut not_confirmed: Vec<String>) -> Discovered {
    let known = meta::table(table);
    let mut schema = Schema {
        ticket_type: table.to_owned(),
        status_field: Some("state".into()),
        internal_comments: true,
        customers_read: known.customers_read,
        ..Schema::default()
    };
    schema.type_label = if known.name == table { known.label.to_owned() } else { readable(table) };
    let mut kinds = Kinds::new();
    let mut states: Vec<Choice> = Vec::new();
    for column in columns {
        if !is_column(&column.name)
            || matches!(column.internal_type.as_str(), "journal_input" | "journal" | "password2")
        {
            continue;
        }
        if matches!(column.name.as_str(), "comments" | "work_notes" | "comments_and_work_notes") {
            continue;
        }
        let id = FieldId::from(column.name.as_str());
        let kind = kinds::known(&column.name).unwrap_or_else(|| {
            kinds::of_dictionary(
                &column.internal_type,
                &column.reference,
                column.has_choices,
                column.chars_max,
            )
        });
        kinds.insert(id.clone(), kind);
        if column.name == "state" {
            states.clone_from(&column.choices);
        }
        if column.name.starts_with("sys_") {
            continue;
        }
        let read_only = meta::never_written(&column.name).map(str::to_owned).or_else(|| {
            column.read_only.then(|| "marked as read-only in the instance's dictionary".to_owned())
        });
        let chars_max = column.chars_max.filter(|_| kind.is_text());
        schema.fields.insert(
            id.clone(),
            FieldSchema {
                id,
                label: column.label,
                kind,
                required_on_create: column.mandatory && read_only.is_none(),
                on_create: read_only.is_none(),
                read_only,
                chars_max,
                options: column.choices,
            },
        );
    }
    if states.is_empty() {
        not_confirmed.push(format!(
            "The statuses of {} could not be read; those of the standard system are shown",
            schema.type_label
        ));
        let standard =
            |(id, label): &(&str, &str)| Choice { id: (*id).to_owned(), label: (*label).to_owned() };
        states = known.states.iter().map(standard).collect();
    }
    schema.workflow = workflow(known, &states);
    let status: FieldId = "state".into();
    let options = states.clone();
    schema
        .fields
        .entry(status.clone())
        .or_insert_with(|| FieldSchema {
            id: status,
            label: "State".to_owned(),
            kind: FieldKind::Status,
            required_on_create: false,
            read_only: None,
            on_create: true,
            chars_max: None,
            options: Vec::new(),
        })
        .options = options;
    schema.not_confirmed = not_confirmed;
    Discovered { schema, kinds }
}

/// Any status may be written at any time as far as anybody can know before trying (servicenow.md §2.3).
fn workflow(known: &meta::KnownTable, states: &[Choice]) -> Workflow {
    // Older instances close problems with 4.
    let old_problem = known.name == "problem" && !states.iter().any(|state| state.id == "107");
    let status = |state: &Choice| StatusSchema {
        id: state.id.clone(),
        label: state.label.clone(),
        done: known.done.contains(&state.id.as_str()) || (old_problem && state.id == "4"),
    };
    Workflow {
        initial: states.iter().find(|state| state.id == known.initial).map(|state| state.id.clone()),
        statuses: states.iter().map(status).collect(),
        steps: Vec::new(),
        free: true,
        explored: states.iter().map(|state| state.id.clone()).collect(),
    }
}

/// `u_field_visit` as `Field visit`.
fn readable(table: &str) -> String {
    let words = table.trim_start_matches("u_").replace('_', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
