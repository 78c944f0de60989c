//! The switches of [`Platform::configure`](crate::Platform::configure): which traps are armed, and acts of people that
//! the API has no call for.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Jira;
use super::clock::SiteClock;
use super::site;

/// Settings that stay until changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// Search shows a write so many milliseconds later (sheet §3.3).
    pub index_lag_ms: i64,
    /// The index now and then falls back to the version before, for a minute after each change.
    pub index_unsteady: bool,
    /// A bulk create names the new tickets in no order that could be relied on.
    pub bulk_shuffled: bool,
    /// Epoch milliseconds in JQL are cut to the minute (sheet §18.1: unverified, so both ways can be tried).
    pub epoch_to_minute: bool,
    /// At most 20 writes in 2 s and 100 in 30 s on one ticket (sheet §11).
    pub per_issue_limit: bool,
    /// Closing asks for close notes, and no screen says so (sheet §4.3: validator rules are not announced).
    pub validator_rule: bool,
    /// A field that becomes required: project key and field id (sheet §15).
    pub require_field: Option<RequiredField>,
    /// Permissions that the service account lacks.
    pub deny_permissions: Vec<String>,
    /// Keys of projects that the service account does not see.
    pub hide_projects: Vec<String>,
    /// Ids of tickets that the service account does not see.
    pub hide_issues: Vec<u64>,
    /// Whether the service account is an agent of the service desk; if not, JSM answers 403 without a body.
    pub agent: bool,
    /// The token of the service account has expired: silent anonymous answers (sheet §1).
    pub token_expired: bool,
    /// Comment properties appear so much later than the comment (sheet §12).
    pub comment_property_delay_ms: i64,
    /// Editing or deleting a comment moves the ticket's `updated` (sheet §3.5: unverified).
    pub comment_edit_moves_updated: bool,
    /// A comment replaced without `sd.public.comment` becomes public again (sheet §7: unverified).
    pub comment_put_resets_internal: bool,
    /// Every so often the SLA clock moves `updated` of all open requests (sheet §9.2); 0 for never.
    pub sla_tick_ms: i64,
    /// Largest file in bytes.
    pub upload_limit: u64,
    /// Zone in which the site writes its stamps; the callers' own zones differ (sheet §3.2).
    pub site_zone: String,
}

/// See [`Switches::require_field`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredField {
    pub project: String,
    pub field: String,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            index_lag_ms: 2_000,
            index_unsteady: false,
            bulk_shuffled: false,
            epoch_to_minute: false,
            per_issue_limit: true,
            validator_rule: false,
            require_field: None,
            deny_permissions: Vec::new(),
            hide_projects: Vec::new(),
            hide_issues: Vec::new(),
            agent: true,
            token_expired: false,
            comment_property_delay_ms: 0,
            comment_edit_moves_updated: false,
            comment_put_resets_internal: false,
            sla_tick_ms: 0,
            upload_limit: 20_000_000,
            site_zone: "UTC".to_owned(),
        }
    }
}

impl Jira {
    /// Applies one object of switches and acts. All or nothing as far as names and types go.
    pub(super) fn apply_switches(&mut self, wanted: &Value) -> Result<(), String> {
        let wanted = wanted.as_object().ok_or("switches are given as one JSON object")?;
        let mut merged = match serde_json::to_value(&self.switches) {
            Ok(Value::Object(merged)) => merged,
            _ => return Err("the present switches cannot be written".to_owned()),
        };
        let mut acts: Vec<(&str, &Value)> = Vec::new();
        for (key, value) in wanted {
            match key.as_str() {
                "move" | "clone" | "user_zone" | "touch" => acts.push((key, value)),
                "hide_issues" => drop(merged.insert(key.clone(), self.ids_of(value)?)),
                _ if merged.contains_key(key) => drop(merged.insert(key.clone(), value.clone())),
                _ => return Err(format!("Jira knows no switch {key:?}; it knows {}", known(&merged))),
            }
        }
        let switches: Switches = serde_json::from_value(Value::Object(merged))
            .map_err(|error| format!("Jira switches: {error}"))?;
        let clock = SiteClock::named(&switches.site_zone)
            .ok_or_else(|| format!("site_zone: no zone {:?}", switches.site_zone))?;
        if let Some(unknown) = switches.hide_projects.iter().find(|key| site::project_at(key).is_none()) {
            return Err(format!("hide_projects: no project {unknown:?}"));
        }
        self.switches = switches;
        self.clock = clock;
        for (key, value) in acts {
            self.act(key, value)?;
        }
        Ok(())
    }

    fn ids_of(&self, value: &Value) -> Result<Value, String> {
        let list = value.as_array().ok_or("hide_issues is a list of ids or keys")?;
        list.iter()
            .map(|item| {
                let text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                self.store
                    .find(&text)
                    .map(Value::from)
                    .ok_or_else(|| format!("hide_issues: no ticket {text}"))
            })
            .collect()
    }

    fn act(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let text = |member: &str| {
            value.get(member).and_then(Value::as_str).ok_or_else(|| format!("{key}: {member} is missing"))
        };
        match key {
            "move" => self.move_issue(text("issue")?, text("to")?),
            "clone" => {
                let source = value.as_str().ok_or("clone: the key of a ticket is wanted")?;
                self.clone_issue(source)
            }
            "touch" => {
                let source = value.as_str().ok_or("touch: the key of a ticket is wanted")?;
                self.touch_issue(source)
            }
            _ => {
                let zone = text("zone")?;
                jiff::tz::TimeZone::get(zone).map_err(|_| format!("user_zone: no zone {zone:?}"))?;
                let email = text("user")?;
                let user = self.users.iter_mut().find(|user| user.email == email);
                user.ok_or_else(|| format!("user_zone: no user {email:?}"))?.zone = zone.to_owned();
                self.render_shapes();
                Ok(())
            }
        }
    }
}

fn known(switches: &Map<String, Value>) -> String {
    let mut names: Vec<&str> = switches.keys().map(String::as_str).collect();
    names.extend(["move", "clone", "touch", "user_zone"]);
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::jira::Jira;
    use crate::platform::{Platform as _, Seed};

    #[test]
    fn unknown_switches_are_named_and_change_nothing() {
        let mut jira = Jira::new(1, 0, Seed::Empty);
        let refused = jira.configure(&json!({ "index_lag_ms": 5, "nonsense": true })).expect_err("unknown");
        assert!(refused.contains("nonsense") && refused.contains("index_lag_ms"), "{refused}");
        assert_eq!(jira.switches.index_lag_ms, 2_000);
        assert!(jira.configure(&json!({ "index_lag_ms": "soon" })).is_err());
        assert!(jira.configure(&json!({ "site_zone": "Mars/Base" })).is_err());
        assert!(jira.configure(&json!({ "index_lag_ms": 5 })).is_ok());
        assert_eq!(jira.switches.index_lag_ms, 5);
    }
}
