//! Finding what we made and who else had a hand in it: look-ups by marker and accounting (hazards.md H2, H5,
//! H7), changes by others (H19). Properties cannot be searched for (sheet §5), so everything that we created
//! since a moment is read, in all projects, and compared here.

use std::collections::BTreeMap;

use lockstep_core::connector::{ConnectorError, ErrorKind, Lookup, LookupQuery, OthersChange};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::marker::PairKey;
use lockstep_core::ticket::{MarkerRead, Ticket, Value};
use serde::{Deserialize, Serialize};

use super::Jira;
use super::fields::Shapes;
use super::jql::Jql;
use super::rows::{DESCRIPTION, wanted};
use super::search::Search;
use super::session::{API, parse, post_read};
use super::wire::{Id, IssueRow, Stamp, UserRow};

/// Rows of a look-up's page; they are light.
const ROWS: usize = 200;
/// Whether epoch times count by the millisecond or by the minute is not documented (§3.2).
const GRAIN_MS: i64 = 60_000;
/// Ids one changelog call takes (§3.4).
const HISTORIES: usize = 1000;
const CHANGES_MAX: usize = 1000;
const PAGES_MAX: usize = 1000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HistoryBody<'a> {
    issue_ids_or_keys: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_ids: Option<[&'static str; 1]>,
    max_results: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HistoryPage {
    #[serde(default)]
    issue_change_logs: Vec<History>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct History {
    issue_id: Id,
    #[serde(default)]
    change_histories: Vec<Change>,
}

/// One entry of a changelog.
#[derive(Deserialize)]
pub struct Change {
    #[serde(default)]
    id: Option<Id>,
    #[serde(default)]
    author: Option<UserRow>,
    pub created: Stamp,
    #[serde(default)]
    pub items: Vec<ChangeItem>,
}

/// One field's change.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeItem {
    #[serde(default)]
    pub field: Option<String>,
    #[serde(default)]
    pub field_id: Option<String>,
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    from_string: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default, rename = "toString")]
    to_text: Option<String>,
}

impl ChangeItem {
    fn field(&self) -> Option<&str> {
        self.field_id.as_deref().or(self.field.as_deref())
    }
}

/// One field's change, with when and by whom.
struct Step {
    /// Entries of one millisecond go by their id.
    at: (i64, u64),
    ours: bool,
    field: String,
    from: (Option<String>, Option<String>),
    to: (Option<String>, Option<String>),
}

impl Jira {
    fn own_search(jql: Jql) -> Search {
        Search {
            jql: jql.by_key(),
            fields: wanted(&[], &[DESCRIPTION]),
            rows: ROWS,
            what: "look for tickets of ours",
        }
    }

    async fn own(&self, jql: Jql, mut take: impl FnMut(Ticket) + Send) -> Result<i64, ConnectorError> {
        let us = self.identity().await?;
        let shapes = Shapes::default();
        let reader = self.reader(&shapes, us, &[]);
        let taken = |row: &IssueRow<'_>| {
            take(reader.ticket(row)?);
            Ok(())
        };
        self.search_all(&Self::own_search(jql), taken).await
    }

    /// Account-wide; the control must be seen by the same query, or by one of the same kind around its own
    /// creation.
    pub(super) async fn look_up(&self, query: &LookupQuery<'_>) -> Result<Lookup, ConnectorError> {
        let (mut found, mut control_seen) = (Vec::new(), false);
        let jql = Jql::created_by_us(query.since_ms.saturating_sub(GRAIN_MS));
        let server_ms = self
            .own(jql, |ticket| {
                control_seen |= query.control.is_some_and(|control| is(&ticket, control));
                if carries(&ticket, query.pair) {
                    found.push(ticket);
                }
            })
            .await?;
        if let Some(control) = query.control.filter(|_| !control_seen)
            && let Some(created_ms) = self.created_at(control.0).await?
            && created_ms < query.since_ms
        {
            let jql = Jql::created_by_us(created_ms.saturating_sub(GRAIN_MS))
                .until("created", created_ms + GRAIN_MS);
            self.own(jql, |ticket| control_seen |= is(&ticket, control)).await?;
        }
        Ok(Lookup { found, control_seen, server_ms })
    }

    /// Everything that we created since `since_ms`, wherever it lies now.
    pub(super) async fn accounting(&self, since_ms: i64) -> Result<Vec<Ticket>, ConnectorError> {
        let mut tickets = Vec::new();
        self.own(Jql::created_by_us(since_ms.saturating_sub(GRAIN_MS)), |ticket| {
            if ticket.created_ms >= since_ms {
                tickets.push(ticket);
            }
        })
        .await?;
        Ok(tickets)
    }

    async fn created_at(&self, ticket: &TicketId) -> Result<Option<i64>, ConnectorError> {
        let Some(answer) = self.single(ticket, &["created".to_owned()]).await? else { return Ok(None) };
        let row: IssueRow<'_> = parse(&answer, "read a ticket")?;
        let stamp = row.fields.get("created").and_then(|raw| serde_json::from_str::<Stamp>(raw.get()).ok());
        Ok(stamp.map(|stamp| stamp.0))
    }

    /// Of `ids`, those with an entry by somebody else; an entry without an author is an automation's (§3.4). What they
    /// set and an entry of ours names as replaced is lost.
    pub(super) async fn touched(
        &self,
        ids: &[TicketId],
        since_ms: i64,
    ) -> Result<Vec<OthersChange>, ConnectorError> {
        let us = &self.identity().await?.us.id;
        let mut touched: BTreeMap<String, Vec<Step>> = BTreeMap::new();
        for batch in ids.chunks(HISTORIES) {
            let mut others: Vec<String> = Vec::new();
            let mut steps: BTreeMap<String, Vec<Step>> = BTreeMap::new();
            self.histories(batch, None, |issue, change| {
                if change.created.0 < since_ms {
                    return;
                }
                let author = change.author.as_ref().and_then(|user| user.account_id.as_deref());
                let ours = author == Some(us.as_str());
                if !ours {
                    others.push(issue.to_owned());
                }
                let at = (change.created.0, change.id.as_ref().and_then(|id| id.0.parse().ok()).unwrap_or(0));
                let of = steps.entry(issue.to_owned()).or_default();
                of.extend(change.items.iter().filter_map(|item| {
                    Some(Step {
                        at,
                        ours,
                        field: item.field()?.to_owned(),
                        from: (item.from.clone(), item.from_string.clone()),
                        to: (item.to.clone(), item.to_text.clone()),
                    })
                }));
            })
            .await?;
            for issue in others {
                let of = steps.remove(&issue).unwrap_or_default();
                touched.entry(issue).or_insert(of);
            }
        }
        let fields: Vec<FieldId> =
            touched.values().flatten().map(|step| FieldId::from(step.field.as_str())).collect();
        let shapes = self.shapes_for(fields.iter()).await?;
        let change = |id: &TicketId| {
            let mut steps = touched.remove(id.as_str())?;
            steps.sort_by_key(|step| step.at);
            Some(OthersChange { ticket: id.clone(), replaced: replaced(&steps, &shapes) })
        };
        Ok(ids.iter().filter_map(change).collect())
    }

    /// Every changelog entry of at most [`HISTORIES`] issues, of one field or of all.
    pub(super) async fn histories(
        &self,
        ids: &[TicketId],
        field: Option<&'static str>,
        mut take: impl FnMut(&str, &Change) + Send,
    ) -> Result<(), ConnectorError> {
        let what = "read what was changed";
        let mut token: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let body = HistoryBody {
                issue_ids_or_keys: ids.iter().map(TicketId::as_str).collect(),
                field_ids: field.map(|field| [field]),
                max_results: CHANGES_MAX,
                next_page_token: token.as_deref(),
            };
            let call = post_read(format!("{API}/changelog/bulkfetch"), what, &body);
            let page: HistoryPage = self.read_json(call, what).await?;
            for log in &page.issue_change_logs {
                log.change_histories.iter().for_each(|change| take(&log.issue_id.0, change));
            }
            match page.next_page_token.filter(|next| !next.is_empty()) {
                None => return Ok(()),
                next if next == token => break,
                next => token = next,
            }
        }
        Err(ConnectorError::new(ErrorKind::Unexpected, "Jira's changelog does not come to an end"))
    }
}

/// What others set and the next entry of ours on the same field replaced.
fn replaced(steps: &[Step], shapes: &Shapes) -> BTreeMap<FieldId, Value> {
    let mut lost = BTreeMap::new();
    for (nth, step) in steps.iter().enumerate().filter(|(_, step)| !step.ours) {
        let next = steps[nth + 1..].iter().find(|next| next.field == step.field);
        if next.is_some_and(|next| next.ours && next.from == step.to) {
            let value = shapes.shape(&step.field).in_history(step.to.0.as_deref(), step.to.1.as_deref());
            lost.insert(FieldId::from(step.field.as_str()), value);
        }
    }
    lost
}

fn carries(ticket: &Ticket, pair: &PairKey) -> bool {
    matches!(&ticket.marker, MarkerRead::Ours(marker) if marker.pair == *pair)
}

fn is(ticket: &Ticket, (id, pair): (&TicketId, &PairKey)) -> bool {
    ticket.id == *id && carries(ticket, pair)
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::Connector;
    use serde_json::{Value, json};

    use super::*;
    use crate::jira::fixture::{Site, issue, scope};
    use crate::jira::marker::{self, tests::marker};

    fn marked(id: &str, origin: &str) -> (Value, PairKey) {
        let mut sent = marker();
        sent.pair.ticket = origin.into();
        let mut row = issue(id);
        row["properties"] = json!({ marker::PROPERTY: marker::to_json(&sent) });
        (row, sent.pair)
    }

    #[tokio::test]
    async fn the_pair_key_is_found_beside_its_control() {
        let ((one, pair), (other, known)) = (marked("5", "a"), marked("4", "b"));
        let site =
            Site::signed_in().answers(200, json!({ "issues": [other, one, issue("6")], "isLast": true }));
        let scope = scope();
        let control = TicketId::from("4");
        let query = LookupQuery {
            scope: &scope,
            pair: &pair,
            since_ms: 1_795_000_000_000,
            control: Some((&control, &known)),
        };
        let found = site.jira.find_by_marker(&query).await.unwrap();
        assert_eq!(found.found.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(), ["5"]);
        assert!(found.control_seen);
        assert_eq!(found.server_ms, Site::DATE_MS);
        let sent = &site.bodies()[2];
        assert_eq!(sent["jql"], "creator = currentUser() AND created >= 1794999940000 ORDER BY key ASC");
        assert_eq!(sent["properties"], json!(["lockstep.link"]));
    }

    #[tokio::test]
    async fn an_older_control_is_looked_for_by_its_own_time() {
        let (other, known) = marked("4", "b");
        let (_, pair) = marked("5", "a");
        let scope = scope();
        let control = TicketId::from("4");
        let query = LookupQuery {
            scope: &scope,
            pair: &pair,
            since_ms: 1_795_167_000_000,
            control: Some((&control, &known)),
        };
        let site = Site::signed_in()
            .answers(200, json!({ "issues": [] }))
            .answers(200, other.clone())
            .answers(200, json!({ "issues": [other] }));
        assert!(site.jira.find_by_marker(&query).await.unwrap().control_seen);
        let site = Site::signed_in()
            .answers(200, json!({ "issues": [] }))
            .answers(200, issue("4"))
            .answers(200, json!({ "issues": [] }));
        assert!(!site.jira.find_by_marker(&query).await.unwrap().control_seen, "a look-up that cannot see");
    }

    #[tokio::test]
    async fn others_are_told_from_us_and_automation_counts_as_others() {
        let entry = |author: Value, created: i64| json!({ "id": "1", "author": author, "created": created, "items": [] });
        let log = |id: &str, entries: Vec<Value>| json!({ "issueId": id, "changeHistories": entries });
        let us = || json!({ "accountId": "us" });
        let site = Site::signed_in()
            .answers(
                200,
                json!({ "issueChangeLogs": [log("1", vec![entry(us(), 200)])], "nextPageToken": "n" }),
            )
            .answers(
                200,
                json!({ "issueChangeLogs": [
                log("2", vec![entry(json!({ "accountId": "mia" }), 200)]),
                log("3", vec![entry(json!({ "accountId": "mia" }), 50), entry(us(), 200)]),
                log("4", vec![entry(Value::Null, 200)])] }),
            );
        let ids = ["4", "1", "2", "3"].map(TicketId::from);
        let touched = site.jira.changed_by_others(&scope(), &ids, 100).await.unwrap().unwrap();
        assert_eq!(touched.iter().map(|change| change.ticket.as_str()).collect::<Vec<_>>(), ["4", "2"]);
    }

    #[tokio::test]
    async fn h19_what_we_replaced_is_read_from_the_history() {
        let entry = |id: &str, author: &str, items: Value| json!({ "id": id, "author": { "accountId": author }, "created": 200, "items": items });
        let title = |from: &str, to: &str| json!([{ "field": "summary", "fieldId": "summary", "from": null, "fromString": from, "to": null, "toString": to }]);
        let priority = |from: &str, to: &str| json!([{ "field": "priority", "from": from, "fromString": "x", "to": to, "toString": "y" }]);
        let log = |id: &str, entries: Vec<Value>| json!({ "issueId": id, "changeHistories": entries });
        let site = Site::signed_in().answers(
            200,
            json!({ "issueChangeLogs": [
                log("1", vec![entry("11", "us", title("theirs", "ours")), entry("9", "mia", title("old", "theirs"))]),
                log("2", vec![entry("5", "us", title("old", "ours")), entry("6", "mia", title("ours", "later"))]),
                log("3", vec![entry("7", "mia", priority("3", "1")), entry("8", "us", title("old", "ours"))]),
                log("4", vec![
                    entry("1", "mia", priority("3", "1")),
                    json!({ "id": "2", "author": { "accountId": "us" }, "created": 201,
                            "items": [{ "field": "priority", "from": "1", "fromString": "y", "to": "3", "toString": "x" }] })]),
            ] }),
        );
        let ids = ["1", "2", "3", "4"].map(TicketId::from);
        let touched = site.jira.changed_by_others(&scope(), &ids, 100).await.unwrap().unwrap();
        let lost: Vec<_> = touched.iter().map(|change| change.replaced.iter().collect::<Vec<_>>()).collect();
        assert_eq!(lost[0], [(&"summary".into(), &lockstep_core::Value::text("theirs"))]);
        assert_eq!((lost[1].len(), lost[2].len()), (0, 0), "what stands is not lost");
        assert_eq!(lost[3], [(&"priority".into(), &lockstep_core::Value::choice("1"))]);
    }

    #[tokio::test]
    async fn accounting_keeps_to_its_window() {
        let site = Site::signed_in()
            .answers(200, json!({ "issues": [issue("1")] }))
            .answers(200, json!({ "issues": [issue("1")] }));
        let created = 1_795_071_601_001;
        assert_eq!(site.jira.created_by_us(&scope(), created).await.unwrap().len(), 1);
        assert_eq!(site.jira.created_by_us(&scope(), created + 1).await.unwrap().len(), 0);
    }
}
