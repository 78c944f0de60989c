//! Reading one ticket, and the calls for many: bulk create (50, each element judged alone), bulk fetch (100, what is not
//! there or not visible is silently left out) (sheet §3.1, §4.1).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Jira;
use super::answer::{Answer, Refusal, Reply};
use super::fields::IssueUpdate;
use super::json::Json;
use super::render::{Choice, View};
use super::routes::Call;
use super::search::EMBEDDED_MAX;

const CREATE_MAX: usize = 50;
const FETCH_MAX: usize = 100;

impl Jira {
    /// `GET /issue/{id}`, and the answer of an edit with `returnIssue`.
    pub(super) fn show_issue(&self, call: &Call<'_>, name: &str) -> Reply {
        let issue = self.issue_of(call, name)?;
        let fields: Vec<&str> = call.query_list("fields").collect();
        let view = View {
            fields: if fields.is_empty() { Choice::ALL } else { Choice::read(fields.into_iter()) },
            properties: if call.query_list("properties").any(|key| key == "*all") {
                issue.properties.iter().map(|(key, _)| key.clone()).collect()
            } else {
                call.query_list("properties").map(str::to_owned).collect()
            },
            expand: call.query_list("expand").map(str::to_owned).collect(),
            embedded_max: 100,
            v2: call.v2,
            now_ms: call.now_ms,
        };
        let mut json = Json::with_capacity(4_096);
        self.write_issue(&mut json, &issue, &view, call);
        Ok(Answer::json(200, json.finish()))
    }

    /// `POST /issue/bulk`.
    pub(super) fn create_bulk(&mut self, call: &Call<'_>) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            #[serde(borrow)]
            issue_updates: Vec<&'a RawValue>,
        }
        let user = self.signed_in(call.who)?;
        let body: Body<'_> = call.parsed()?;
        if body.issue_updates.is_empty() || body.issue_updates.len() > CREATE_MAX {
            return Err(Refusal::new(400, "Between 1 and 50 issues can be created at once."));
        }
        let mut created: Vec<Value> = Vec::with_capacity(body.issue_updates.len());
        let mut errors: Vec<Value> = Vec::new();
        for (at, raw) in body.issue_updates.iter().enumerate() {
            let done = serde_json::from_str::<IssueUpdate<'_>>(raw.get())
                .map_err(|error| Refusal::new(400, format!("The element cannot be read: {error}")))
                .and_then(|update| self.create_from(&update, user, call));
            match done {
                Ok(issue) => created.push(issue.shown(&self.origin, call.v2)),
                Err(refusal) => errors.push(json!({
                    "status": refusal.status,
                    "elementErrors": refusal.collection(),
                    "failedElementNumber": at,
                })),
            }
        }
        if self.switches.bulk_shuffled {
            created.reverse();
        }
        let status = if created.is_empty() { 400 } else { 201 };
        Ok(Answer::value(status, &json!({ "issues": created, "errors": errors })))
    }

    /// `POST /issue/bulkfetch`.
    pub(super) fn fetch_bulk(&self, call: &Call<'_>) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            issue_ids_or_keys: Vec<String>,
            fields: Option<Vec<String>>,
            properties: Option<Vec<String>>,
            expand: Option<Vec<String>>,
        }
        let body: Body = call.parsed()?;
        if body.issue_ids_or_keys.is_empty() || body.issue_ids_or_keys.len() > FETCH_MAX {
            return Err(Refusal::new(400, "Between 1 and 100 issues can be fetched at once."));
        }
        let mut ids: Vec<u64> =
            body.issue_ids_or_keys.iter().filter_map(|name| self.store.find(name)).collect();
        ids.sort_unstable();
        ids.dedup();
        let fields = body.fields.unwrap_or_default();
        let view = View {
            fields: if fields.is_empty() {
                Choice::read(["*navigable"].into_iter())
            } else {
                Choice::read(fields.iter().map(String::as_str))
            },
            properties: body.properties.unwrap_or_default(),
            expand: body.expand.unwrap_or_default(),
            embedded_max: EMBEDDED_MAX,
            v2: call.v2,
            now_ms: call.now_ms,
        };
        let mut json = Json::with_capacity(ids.len() * 2_048 + 64);
        json.open();
        json.key("issues").list();
        for id in ids {
            if let Some(issue) = self.store.get(id).filter(|issue| self.sees(call.who, issue)) {
                self.write_issue(&mut json, issue, &view, call);
            }
        }
        json.end();
        json.key("issueErrors").raw("[]");
        json.close();
        Ok(Answer::json(200, json.finish()))
    }
}
