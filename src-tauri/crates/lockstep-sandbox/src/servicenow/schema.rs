//! Tables and their columns: what exists, of which type, and where references lead (sheet 2.1).

use std::collections::HashMap;

use super::columns::{SYSTEM, TABLES};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text of up to so many characters; longer text is cut without a word.
    Text(usize),
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of a list in `sys_choice`, text.
    Choice,
    /// One of a list in `sys_choice`, number.
    NumberChoice,
    /// The `sys_id` of a record of that table.
    Reference(&'static str),
    /// `sys_id`s, comma-separated.
    List(&'static str),
    /// `comments` and the like: written to add an entry, read as nothing (sheet 5).
    Journal,
    /// UTC, to the second.
    DateTime,
    /// A date without a zone.
    Date,
    /// A span, written as a time of 1970.
    Duration,
    /// The record's own table.
    Class,
    /// A `sys_id`.
    Id,
}

impl Kind {
    /// `internal_type` in `sys_dictionary` and `ui/meta`.
    pub fn internal_type(self) -> &'static str {
        match self {
            Self::Text(_) | Self::Choice => "string",
            Self::Integer | Self::NumberChoice => "integer",
            Self::Boolean => "boolean",
            Self::Reference(_) => "reference",
            Self::List(_) => "glide_list",
            Self::Journal => "journal_input",
            Self::DateTime => "glide_date_time",
            Self::Date => "glide_date",
            Self::Duration => "glide_duration",
            Self::Class => "sys_class_name",
            Self::Id => "GUID",
        }
    }

    /// Whether values come from `sys_choice`.
    pub fn is_choice(self) -> bool {
        matches!(self, Self::Choice | Self::NumberChoice)
    }

    /// Whether values are ordered as numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::NumberChoice)
    }
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the API.
    pub name: &'static str,
    /// Its label, as data policies name it.
    pub label: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What a record holds that was never given a value.
    pub default: &'static str,
    /// The table that defines it: the table itself or an ancestor.
    pub defined_by: &'static str,
    /// Mandatory by the dictionary: the form insists, the API does not.
    pub mandatory: bool,
    /// Read-only by the dictionary: the form insists, the API does not.
    pub read_only: bool,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its name.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// The table it extends, or nothing.
    pub extends: &'static str,
    /// The column that stands for a record where a reference is displayed.
    pub display: u16,
    /// What its numbers begin with; nothing where records have no number.
    pub prefix: &'static str,
    /// System columns, the ancestor's, its own.
    pub columns: Vec<Column>,
    names: HashMap<&'static str, u16>,
}

impl Schema {
    /// The position of a column.
    pub fn column(&self, name: &str) -> Option<u16> {
        self.names.get(name).copied()
    }

    /// The column at a position.
    pub fn at(&self, column: u16) -> &Column {
        &self.columns[usize::from(column)]
    }

    /// Whether this is `task` or extends it.
    pub fn is_task(&self) -> bool {
        self.name == "task" || self.extends == "task"
    }
}

/// Positions of the six system columns, the same in every table.
pub mod system {
    /// `sys_id`.
    pub const ID: u16 = 0;
    /// `sys_created_on`.
    pub const CREATED_ON: u16 = 1;
    /// `sys_created_by`.
    pub const CREATED_BY: u16 = 2;
    /// `sys_updated_on`.
    pub const UPDATED_ON: u16 = 3;
    /// `sys_updated_by`.
    pub const UPDATED_BY: u16 = 4;
    /// `sys_mod_count`.
    pub const MOD_COUNT: u16 = 5;
}

/// Builds every table's schema, ancestors first.
pub fn schemas() -> Vec<Schema> {
    let mut done: Vec<Schema> = Vec::with_capacity(TABLES.len());
    for (name, label, extends, display, prefix, own) in TABLES {
        let mut columns: Vec<Column> = match done.iter().find(|schema| schema.name == *extends) {
            Some(parent) => parent.columns.clone(),
            None => SYSTEM.lines().filter_map(|line| parse(line, name)).collect(),
        };
        columns.extend(own.lines().filter_map(|line| parse(line, name)));
        for column in columns.iter_mut().filter(|column| column.kind == Kind::Class) {
            column.default = name;
        }
        override_defaults(name, &mut columns);
        let names: HashMap<&'static str, u16> =
            columns.iter().enumerate().map(|(position, column)| (column.name, position as u16)).collect();
        let display = names[display];
        done.push(Schema { name, label, extends, display, prefix, columns, names });
    }
    done
}

/// A problem starts in a state of its own.
fn override_defaults(table: &str, columns: &mut [Column]) {
    let state = match table {
        "problem" => "101",
        "change_request" => "-5",
        _ => return,
    };
    if let Some(column) = columns.iter_mut().find(|column| column.name == "state") {
        column.default = state;
    }
}

fn parse(line: &'static str, table: &'static str) -> Option<Column> {
    let mut parts = line.split('|');
    let marked = parts.next().filter(|name| !name.is_empty())?;
    let name = marked.trim_start_matches(['!', '-']);
    let (label, kind) = (parts.next()?, kind_of(parts.next()?));
    let default = parts.next().unwrap_or_default();
    Some(Column {
        name,
        label,
        kind,
        default,
        defined_by: table,
        mandatory: marked.starts_with('!'),
        read_only: marked.starts_with('-'),
    })
}

fn kind_of(text: &'static str) -> Kind {
    let (word, rest) = text.split_once(':').unwrap_or((text, ""));
    match word {
        "string" => Kind::Text(rest.parse().expect("a length in the table of tables")),
        "integer" => Kind::Integer,
        "boolean" => Kind::Boolean,
        "choice" => Kind::Choice,
        "numberchoice" => Kind::NumberChoice,
        "ref" => Kind::Reference(rest),
        "list" => Kind::List(rest),
        "journal" => Kind::Journal,
        "datetime" => Kind::DateTime,
        "date" => Kind::Date,
        "duration" => Kind::Duration,
        "class" => Kind::Class,
        "id" => Kind::Id,
        other => unreachable!("the table of tables has no type {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, schemas, system};

    #[test]
    fn every_reference_leads_to_a_table() {
        let schemas = schemas();
        for column in schemas.iter().flat_map(|schema| &schema.columns) {
            if let Kind::Reference(table) | Kind::List(table) = column.kind {
                assert!(schemas.iter().any(|schema| schema.name == table), "{} of {table}", column.name);
            }
        }
    }

    #[test]
    fn a_child_begins_with_its_parents_columns() {
        let schemas = schemas();
        let (task, incident) = (&schemas[0], &schemas[1]);
        for (position, column) in task.columns.iter().enumerate() {
            assert_eq!(incident.columns[position].name, column.name);
        }
        assert_eq!(incident.column("sys_updated_on"), Some(system::UPDATED_ON));
        assert_eq!(incident.at(incident.column("sys_class_name").unwrap()).default, "incident");
        assert_eq!(incident.at(incident.column("close_code").unwrap()).label, "Resolution code");
        assert_eq!(schemas[2].at(schemas[2].column("state").unwrap()).default, "101");
    }
}
