//! Web links of tickets: `globalId` is an upsert key, and what an update leaves out becomes null (sheet §5).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Jira;
use super::answer::{Answer, Refusal, Reply};
use super::model::{Issue, RemoteLink};
use super::routes::{Call, no_such_path};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted<'a> {
    global_id: Option<String>,
    #[serde(borrow)]
    application: Option<&'a RawValue>,
    relationship: Option<String>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
}

impl Wanted<'_> {
    fn check(&self) -> Result<(), Refusal> {
        if self.global_id.as_ref().is_some_and(|id| id.chars().count() > 255) {
            return Err(Refusal::field("globalId", "'globalId' may have 255 characters at most."));
        }
        let object: Value = self
            .object
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .ok_or_else(|| Refusal::field("object", "'object' is required."))?;
        for member in ["url", "title"] {
            if object.get(member).and_then(Value::as_str).is_none_or(str::is_empty) {
                return Err(Refusal::field(member, format!("'{member}' is required.")));
            }
        }
        Ok(())
    }

    fn link(self, id: u64) -> RemoteLink {
        RemoteLink {
            id,
            global_id: self.global_id,
            application: self.application.map(|raw| raw.get().to_owned()),
            relationship: self.relationship,
            object: self.object.map(|raw| raw.get().to_owned()).unwrap_or_default(),
        }
    }
}

impl Jira {
    /// `/issue/{id}/remotelink[/{linkId}]`.
    pub(super) fn remote_links(&mut self, call: &Call<'_>, name: &str, rest: &[&str]) -> Reply {
        let issue = self.issue_of(call, name)?;
        match (call.method.as_str(), rest) {
            ("GET", []) => self.list_links(call, &issue),
            ("GET", [id]) => {
                let link = find(&issue, id)?;
                Ok(Answer::value(200, &self.shown_link(call, &issue, &issue.remote_links[link])))
            }
            ("POST" | "PUT" | "DELETE", _) => {
                self.signed_in(call.who)?;
                self.demand(call.who, "LINK_ISSUES", issue.project)?;
                call.json_content()?;
                self.limits.write(issue.id, call.now_ms, self.switches.per_issue_limit)?;
                match (call.method.as_str(), rest) {
                    ("POST", []) => self.put_link(call, &issue),
                    ("PUT", [id]) => self.replace_link(call, &issue, id),
                    ("DELETE", _) => self.delete_link(call, &issue, rest.first().copied()),
                    _ => Err(no_such_path()),
                }
            }
            _ => Err(Refusal::bare(405)),
        }
    }

    fn list_links(&self, call: &Call<'_>, issue: &Issue) -> Reply {
        if let Some(global) = call.query("globalId") {
            let found = issue.remote_links.iter().find(|link| link.global_id.as_deref() == Some(global));
            let link = found.ok_or_else(|| {
                Refusal::new(404, format!("No remote link with the global id '{global}' exists."))
            })?;
            return Ok(Answer::value(200, &self.shown_link(call, issue, link)));
        }
        let links: Vec<Value> =
            issue.remote_links.iter().map(|link| self.shown_link(call, issue, link)).collect();
        Ok(Answer::value(200, &Value::Array(links)))
    }

    fn shown_link(&self, call: &Call<'_>, issue: &Issue, link: &RemoteLink) -> Value {
        let parse = |raw: &str| serde_json::from_str::<Value>(raw).unwrap_or_default();
        let mut shown = json!({
            "id": link.id,
            "self": self.shaper(call.v2).url(&format!("issue/{}/remotelink/{}", issue.id, link.id)),
            "application": link.application.as_deref().map_or_else(|| json!({}), parse),
            "object": parse(&link.object),
        });
        if let Some(global) = &link.global_id {
            shown["globalId"] = global.as_str().into();
        }
        if let Some(relationship) = &link.relationship {
            shown["relationship"] = relationship.as_str().into();
        }
        shown
    }

    fn put_link(&mut self, call: &Call<'_>, old: &Issue) -> Reply {
        let wanted: Wanted<'_> = call.parsed()?;
        wanted.check()?;
        let known = wanted
            .global_id
            .as_ref()
            .and_then(|id| old.remote_links.iter().position(|link| link.global_id.as_ref() == Some(id)));
        let mut issue = old.clone();
        let (status, id) = match known {
            Some(at) => {
                let id = issue.remote_links[at].id;
                issue.remote_links[at] = Arc::new(wanted.link(id));
                (200, id)
            }
            None if issue.remote_links.len() >= 2_000 => {
                return Err(Refusal::new(413, "The ticket has as many remote links as it may have."));
            }
            None => {
                let id = self.next_number();
                issue.remote_links.push(Arc::new(wanted.link(id)));
                (201, id)
            }
        };
        issue.updated_ms = call.now_ms.max(old.updated_ms);
        self.keep(issue, call.now_ms);
        let url = self.shaper(call.v2).url(&format!("issue/{}/remotelink/{id}", old.id));
        Ok(Answer::value(status, &json!({ "id": id, "self": url })))
    }

    fn replace_link(&mut self, call: &Call<'_>, old: &Issue, id: &str) -> Reply {
        let at = find(old, id)?;
        let wanted: Wanted<'_> = call.parsed()?;
        wanted.check()?;
        let mut issue = old.clone();
        issue.remote_links[at] = Arc::new(wanted.link(old.remote_links[at].id));
        issue.updated_ms = call.now_ms.max(old.updated_ms);
        self.keep(issue, call.now_ms);
        Ok(Answer::empty(204))
    }

    fn delete_link(&mut self, call: &Call<'_>, old: &Issue, id: Option<&str>) -> Reply {
        let at = match (id, call.query("globalId")) {
            (Some(id), _) => find(old, id)?,
            (None, Some(global)) => old
                .remote_links
                .iter()
                .position(|link| link.global_id.as_deref() == Some(global))
                .ok_or_else(|| Refusal::new(404, "No remote link with that global id exists."))?,
            (None, None) => return Err(Refusal::new(400, "The global id of the link is wanted.")),
        };
        let mut issue = old.clone();
        issue.remote_links.remove(at);
        self.keep(issue, call.now_ms);
        Ok(Answer::empty(204))
    }
}

fn find(issue: &Issue, id: &str) -> Result<usize, Refusal> {
    let found = issue.remote_links.iter().position(|link| link.id.to_string() == id);
    found
        .ok_or_else(|| Refusal::new(404, format!("No remote link with the id '{id}' exists on this ticket.")))
}
