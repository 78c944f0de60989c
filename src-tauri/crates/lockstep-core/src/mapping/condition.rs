//! Conditions of filters and templates.

use serde::{Deserialize, Serialize};

use crate::ids::FieldId;
use crate::ticket::{Ticket, Value};

/// Which tickets take part. No condition lets every ticket in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Filter {
    /// All must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub all: Vec<Condition>,
    /// At least one must hold, when there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub any: Vec<Condition>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Condition {
    pub field: FieldId,
    #[serde(default)]
    pub operator: Operator,
    /// Platform ids for picklists, people and groups; text otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub values: Vec<String>,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Operator {
    /// Equals one of the values.
    #[default]
    Is,
    /// Equals none of the values.
    IsNot,
    /// Holds one of the values: text contains it (without regard to case), a set has it.
    Contains,
    Empty,
    NotEmpty,
}

/// Why a filter let a ticket pass or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<'a> {
    Passes,
    /// The first condition that failed.
    Fails(&'a Condition),
    /// A field it needs is unknown, so it decides nothing.
    Unknown(&'a FieldId),
}

impl Filter {
    /// Judges a ticket.
    pub fn judge<'a>(&'a self, ticket: &Ticket) -> Verdict<'a> {
        for condition in &self.all {
            match condition.holds(ticket) {
                Some(true) => {}
                Some(false) => return Verdict::Fails(condition),
                None => return Verdict::Unknown(&condition.field),
            }
        }
        let mut failed = None;
        for condition in &self.any {
            match condition.holds(ticket) {
                Some(true) => return Verdict::Passes,
                Some(false) => failed = failed.or(Some(condition)),
                None => return Verdict::Unknown(&condition.field),
            }
        }
        failed.map_or(Verdict::Passes, Verdict::Fails)
    }

    /// The fields it reads.
    pub fn fields(&self) -> impl Iterator<Item = &FieldId> {
        self.all.iter().chain(&self.any).map(|condition| &condition.field)
    }
}

impl Condition {
    /// Whether it holds; `None` when the field is unknown.
    pub fn holds(&self, ticket: &Ticket) -> Option<bool> {
        let value = ticket.value(&self.field)?;
        Some(match self.operator {
            Operator::Is => self.values.iter().any(|wanted| equals(value, wanted)),
            Operator::IsNot => !self.values.iter().any(|wanted| equals(value, wanted)),
            Operator::Contains => self.values.iter().any(|wanted| contains(value, wanted)),
            Operator::Empty => value.is_empty(),
            Operator::NotEmpty => !value.is_empty(),
        })
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values = self.values.join(" or ");
        match self.operator {
            Operator::Is => write!(f, "{} is {values}", self.field),
            Operator::IsNot => write!(f, "{} is not {values}", self.field),
            Operator::Contains => write!(f, "{} contains {values}", self.field),
            Operator::Empty => write!(f, "{} is empty", self.field),
            Operator::NotEmpty => write!(f, "{} is not empty", self.field),
        }
    }
}

fn equals(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Empty => wanted.is_empty(),
        Value::Text(text) | Value::Rich(text) | Value::Number(text) | Value::Date(text) => text == wanted,
        Value::Boolean(flag) => wanted == if *flag { "true" } else { "false" },
        Value::DateTime(ms) => wanted.parse() == Ok(*ms),
        Value::Set(members) => members.len() == 1 && members.contains(wanted),
        Value::Many(_) => false,
        other => other.id() == Some(wanted),
    }
}

fn contains(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Text(text) | Value::Rich(text) => text.to_lowercase().contains(&wanted.to_lowercase()),
        Value::Set(members) => members.contains(wanted),
        other => equals(other, wanted),
    }
}
