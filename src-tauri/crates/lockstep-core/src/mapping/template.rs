//! Templates for new tickets, and the match rule that comes before them.

use serde::{Deserialize, Serialize};

use super::condition::Filter;
use crate::ids::FieldId;

/// Decides whether and with which fixed values a new ticket is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Template {
    pub name: String,
    /// Conditions on the ticket that is copied; none catches every ticket.
    #[serde(default, rename = "when", skip_serializing_if = "super::is_default")]
    #[ts(optional, as = "Option<_>")]
    pub conditions: Filter,
    /// Values set on create, by field of the receiving side. They win over field mappings.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub set: std::collections::BTreeMap<FieldId, String>,
    /// Another container of the receiving side (Jira project, ServiceNow group); none is the type mapping's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub container: Option<String>,
}

/// What happens when no template's conditions hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum NoMatch {
    #[default]
    DoNotCreate,
    /// Create with the template of this name.
    Use(String),
}

/// How an existing counterpart is found before one is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct MatchRule {
    pub mode: MatchMode,
    /// These two fields hold the same: the source's field …
    pub source: FieldId,
    /// … and the target's. `key` stands for the ticket's own key.
    pub target: FieldId,
}

/// What a match rule may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum MatchMode {
    /// Link a match, create otherwise.
    MatchThenCreate,
    /// Link a match, never create.
    MatchOnly,
}
