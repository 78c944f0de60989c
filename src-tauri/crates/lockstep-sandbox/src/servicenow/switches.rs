//! The switches of this platform's traps. [`super`] documents each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Whether journal entries can be read as `sys_journal_field` (sheet 1.2, 5.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalReading {
    /// Readable.
    #[default]
    Yes,
    /// The list is empty.
    Empty,
    /// 403.
    Forbidden,
}

/// Records of a table that answer an encoded query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Table name.
    pub table: String,
    /// Encoded query.
    #[serde(default)]
    pub query: String,
}

/// A rule that sets a field after each write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// Table name.
    pub table: String,
    /// Column name.
    pub field: String,
    /// What it becomes.
    pub value: String,
    /// So much later, as `system`; at once and in the same write when absent.
    #[serde(default)]
    pub after_ms: Option<i64>,
    /// Only where this holds after the write: `name=value`, several joined by `^`.
    #[serde(default)]
    pub query: String,
}

/// A rule that refuses a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Abort {
    /// Table name.
    pub table: String,
    /// The column whose change is refused.
    pub field: String,
    /// The rule's name in the message.
    #[serde(default)]
    pub rule: String,
}

/// Field names by table.
pub type Fields = BTreeMap<String, Vec<String>>;

/// All switches, in their default position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    pub strict_queries: bool,
    pub javascript_blocked: bool,
    pub hidden_rows: Vec<Rows>,
    pub before_query: Vec<Rows>,
    pub omitted_fields: Fields,
    pub read_only_fields: Fields,
    pub query_acl: Fields,
    pub journal_readable: JournalReading,
    pub unreadable_tables: Vec<String>,
    pub meta_readable: bool,
    pub sleeping: bool,
    pub mfa: bool,
    pub password_grant: bool,
    pub client_credentials: bool,
    pub api_key_apis: Vec<String>,
    pub data_policies: bool,
    pub mandatory_fields: Fields,
    pub itil_can_close: bool,
    pub children_follow: bool,
    pub workflow: bool,
    pub async_rule_ms: Option<i64>,
    pub saved_twice: bool,
    pub auto_close_after_ms: Option<i64>,
    pub rewrites: Vec<Rewrite>,
    pub aborts: Vec<Abort>,
    pub doubled_journal: bool,
    pub journal_crlf: bool,
    pub list_lag_ms: i64,
    pub attachments_touch_parent: bool,
    pub attachment_bytes_max: usize,
    pub attachment_state: String,
    pub attachments_readable: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            strict_queries: false,
            javascript_blocked: false,
            hidden_rows: Vec::new(),
            before_query: Vec::new(),
            omitted_fields: Fields::new(),
            read_only_fields: Fields::new(),
            query_acl: Fields::new(),
            journal_readable: JournalReading::Yes,
            unreadable_tables: Vec::new(),
            meta_readable: true,
            sleeping: false,
            mfa: false,
            password_grant: true,
            client_credentials: true,
            api_key_apis: ["table", "attachment", "catalog", "batch", "stats", "meta"]
                .map(str::to_owned)
                .to_vec(),
            data_policies: true,
            mandatory_fields: Fields::new(),
            itil_can_close: false,
            children_follow: true,
            workflow: true,
            async_rule_ms: None,
            saved_twice: false,
            auto_close_after_ms: None,
            rewrites: Vec::new(),
            aborts: Vec::new(),
            doubled_journal: false,
            journal_crlf: false,
            list_lag_ms: 0,
            attachments_touch_parent: false,
            attachment_bytes_max: 1024 * 1024 * 1024,
            attachment_state: "available".to_owned(),
            attachments_readable: true,
        }
    }
}

impl Switches {
    /// Takes over the switches that are named and leaves the others.
    pub fn overlay(&self, named: &serde_json::Map<String, serde_json::Value>) -> Result<Self, String> {
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        let object = all.as_object_mut().expect("a struct is written as an object");
        for (name, value) in named {
            if !object.contains_key(name) {
                return Err(format!("ServiceNow has no switch called {name}"));
            }
            object.insert(name.clone(), value.clone());
        }
        serde_json::from_value(all).map_err(|error| error.to_string())
    }

    /// Whether a field of a table, or of the class it extends, is in such a list.
    pub fn lists(fields: &Fields, table: &str, extends: &str, field: &str) -> bool {
        !fields.is_empty()
            && [table, extends]
                .iter()
                .any(|name| fields.get(*name).is_some_and(|names| names.iter().any(|name| name == field)))
    }
}

#[cfg(test)]
mod tests {
    use super::{JournalReading, Switches};
    use serde_json::json;

    #[test]
    fn an_overlay_keeps_what_it_does_not_name() {
        let first = Switches::default()
            .overlay(json!({"strict_queries": true, "journal_readable": "empty"}).as_object().unwrap())
            .unwrap();
        let second = first.overlay(json!({"mfa": true}).as_object().unwrap()).unwrap();
        assert!(second.strict_queries && second.mfa);
        assert_eq!(second.journal_readable, JournalReading::Empty);
    }

    #[test]
    fn an_unknown_switch_is_named() {
        let refused = Switches::default().overlay(json!({"lenient_mode": 1}).as_object().unwrap());
        assert!(refused.unwrap_err().contains("lenient_mode"));
        assert!(Switches::default().overlay(json!({"mfa": "maybe"}).as_object().unwrap()).is_err());
    }
}
