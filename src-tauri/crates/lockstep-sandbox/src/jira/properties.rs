//! Entity properties of tickets (sheet §5): invisible to people, not searchable.

use serde_json::{Value, json};

use super::Jira;
use super::answer::{Answer, Refusal, Reply};
use super::fields::PropertyIn;
use super::model::{find_property, put_property};
use super::routes::{Call, no_such_path};

/// Longest value in characters of its JSON text.
const VALUE_CHARS_MAX: usize = 32_768;
/// Longest key.
const KEY_CHARS_MAX: usize = 255;

impl Jira {
    /// Properties of a body, checked.
    pub(super) fn checked_properties(
        &self,
        properties: &[PropertyIn<'_>],
    ) -> Result<Vec<(String, String)>, Refusal> {
        properties
            .iter()
            .map(|property| {
                check(&property.key, property.value.get())?;
                Ok((property.key.clone(), property.value.get().to_owned()))
            })
            .collect()
    }

    /// `/issue/{id}/properties[/{key}]`.
    pub(super) fn issue_properties(&mut self, call: &Call<'_>, name: &str, rest: &[&str]) -> Reply {
        let old = self.issue_of(call, name)?;
        let base = self.shaper(call.v2).url(&format!("issue/{}/properties", old.id));
        match (call.method.as_str(), rest) {
            ("GET", []) => Ok(Answer::value(200, &keys(&old.properties, &base))),
            ("GET", [key]) => shown(&old.properties, key),
            ("PUT" | "DELETE", [key]) => {
                self.signed_in(call.who)?;
                self.demand(call.who, "EDIT_ISSUES", old.project)?;
                let mut issue = (*old).clone();
                let status = change(call, &mut issue.properties, key)?;
                self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
                self.keep(issue, call.now_ms);
                Ok(written(status))
            }
            (_, [] | [_]) => Err(Refusal::bare(405)),
            _ => Err(no_such_path()),
        }
    }
}

/// 200 and 201 of a property carry JSON, 204 nothing.
pub fn written(status: u16) -> Answer {
    if status == 204 { Answer::empty(204) } else { Answer::value(status, &json!({})) }
}

fn check(key: &str, value: &str) -> Result<(), Refusal> {
    if key.is_empty() || key.chars().count() > KEY_CHARS_MAX {
        return Err(Refusal::new(400, "The property key must have 1 to 255 characters."));
    }
    if value.chars().count() > VALUE_CHARS_MAX {
        return Err(Refusal::new(400, "The property value is longer than the 32768 characters it may have."));
    }
    Ok(())
}

/// The answer that lists the keys.
pub fn keys(properties: &[(String, String)], base: &str) -> Value {
    let keys: Vec<Value> =
        properties.iter().map(|(key, _)| json!({ "self": format!("{base}/{key}"), "key": key })).collect();
    json!({ "keys": keys })
}

/// The answer that shows one property.
pub fn shown(properties: &[(String, String)], key: &str) -> Reply {
    let value = find_property(properties, key)
        .ok_or_else(|| Refusal::new(404, format!("The property with key '{key}' does not exist.")))?;
    let key = Value::from(key);
    Ok(Answer::json(200, format!("{{\"key\":{key},\"value\":{value}}}").into_bytes()))
}

/// Sets or deletes a property; gives the status of the answer.
pub fn change(call: &Call<'_>, properties: &mut Vec<(String, String)>, key: &str) -> Result<u16, Refusal> {
    if call.method == http::Method::PUT {
        let raw: &serde_json::value::RawValue = call.parsed()?;
        check(key, raw.get())?;
        let new = put_property(properties, key, raw.get().to_owned());
        return Ok(if new { 201 } else { 200 });
    }
    let before = properties.len();
    properties.retain(|(known, _)| known != key);
    if properties.len() == before {
        return Err(Refusal::new(404, format!("The property with key '{key}' does not exist.")));
    }
    Ok(204)
}
