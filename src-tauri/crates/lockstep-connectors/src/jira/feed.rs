//! The feed of changed tickets (sheet §3.3): one lower bound by the server's clock, ordered by key, no upper
//! bound; the next run starts an overlap before this run's first answer. Rows come from an index that lags
//! (H16).

use lockstep_core::connector::{ChangesPage, ChangesQuery, ConnectorError, Cursor, ErrorKind};
use serde::{Deserialize, Serialize};

use super::Jira;
use super::jql::Jql;
use super::rows::{ATTACHMENT, DESCRIPTION, wanted};
use super::search::{Guard, Search, next_token};
use super::session::parse;
use super::wire::SearchPage;

/// Rows a page with bodies (§3.1).
const ROWS_MAX: usize = 100;
const WHAT: &str = "read changed tickets";

/// Where the next run starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Watermark {
    /// Server time, milliseconds.
    updated_since: i64,
}

/// The place inside one read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    updated_since: i64,
    /// Server time of the first answer.
    started: i64,
    token: String,
    /// Tokens and pages met, in short form.
    seen: Vec<String>,
}

impl Jira {
    /// One page.
    pub(super) async fn changed(&self, query: &ChangesQuery<'_>) -> Result<ChangesPage, ConnectorError> {
        // An empty answer is believed only from somebody who is signed in (§1).
        let us = self.identity().await?;
        let shapes = self.shapes_for(query.fields).await?;
        let place: Option<Place> = query.page.map(read_cursor).transpose()?;
        let updated_since = match (&place, query.cursor) {
            (Some(place), _) => place.updated_since,
            (None, Some(cursor)) => read_cursor::<Watermark>(cursor)?.updated_since,
            (None, None) => query.since_ms,
        };
        let scope = query.scope;
        let mut more = vec![ATTACHMENT];
        if scope.request_type.is_some() {
            more.push(DESCRIPTION);
        }
        let search = Search {
            jql: Jql::scope(&scope.container, &scope.ticket_type).since("updated", updated_since).by_key(),
            fields: wanted(query.fields, &more),
            rows: query.limit.clamp(1, ROWS_MAX),
            what: WHAT,
        };
        let answer = self.search_page(&search, place.as_ref().map(|place| place.token.as_str())).await?;
        let page: SearchPage<'_> = parse(&answer, WHAT)?;
        let started = match &place {
            Some(place) => place.started,
            None => answer.date_ms().unwrap_or_else(|| self.client.server_now_ms()),
        };
        let mut guard = Guard(place.map(|place| place.seen).unwrap_or_default());
        let token = next_token(&page);
        guard.pass(&page.issues, token)?;
        let reader = self.reader(&shapes, us, query.fields);
        let tickets = page.issues.iter().map(|row| reader.ticket(row)).collect::<Result<Vec<_>, _>>()?;
        let next = token.map(|token| {
            write_cursor(&Place { updated_since, started, token: token.to_owned(), seen: guard.0 })
        });
        let overlap_ms = i64::try_from(self.settings.overlap_ms).unwrap_or(i64::MAX);
        let after = Watermark { updated_since: started.saturating_sub(overlap_ms) };
        let cursor = next.is_none().then(|| write_cursor(&after));
        Ok(ChangesPage { tickets, next, cursor })
    }
}

fn read_cursor<T: for<'de> Deserialize<'de>>(cursor: &Cursor) -> Result<T, ConnectorError> {
    T::deserialize(&cursor.0).map_err(|_| {
        ConnectorError::new(ErrorKind::Stopped, "The place where reading Jira was to go on cannot be read")
            .remedy("Read the connection again from its start date")
    })
}

fn write_cursor<T: Serialize>(value: &T) -> Cursor {
    Cursor(serde_json::to_value(value).expect("cursors hold numbers and text alone"))
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::{Connector, Scope};
    use serde_json::json;

    use super::*;
    use crate::jira::fixture::{Site, issue};

    fn scope() -> Scope {
        Scope { container: "CSD".into(), ticket_type: "10101".into(), request_type: None }
    }

    fn query<'a>(scope: &'a Scope, cursor: Option<&'a Cursor>, page: Option<&'a Cursor>) -> ChangesQuery<'a> {
        ChangesQuery { scope, fields: &[], cursor, since_ms: 1_000, page, limit: 500 }
    }

    #[tokio::test]
    async fn pages_follow_each_other_and_the_cursor_keeps_its_distance() {
        let site = Site::signed_in()
            .answers(
                200,
                json!({ "issues": [issue("1"), issue("2")], "nextPageToken": "t1", "isLast": false }),
            )
            .answers(200, json!({ "issues": [issue("3")], "isLast": true }))
            .answers(200, json!({ "issues": [] }));
        let scope = scope();
        let first = site.jira.changes(&query(&scope, None, None)).await.unwrap();
        assert_eq!((first.tickets.len(), first.cursor.is_none()), (2, true));
        let last = site.jira.changes(&query(&scope, None, first.next.as_ref())).await.unwrap();
        assert_eq!((last.tickets.len(), last.next), (1, None));
        let cursor = last.cursor.unwrap();
        assert_eq!(cursor.0, json!({ "updated_since": Site::DATE_MS - 300_000 }));
        site.jira.changes(&query(&scope, Some(&cursor), None)).await.unwrap();
        let sent = site.bodies();
        assert_eq!(
            sent[2]["jql"],
            "project = \"CSD\" AND issuetype = 10101 AND updated >= 1000 ORDER BY key ASC"
        );
        assert_eq!((&sent[2]["maxResults"], &sent[3]["nextPageToken"]), (&json!(100), &json!("t1")));
        assert!(
            sent[4]["jql"].as_str().unwrap().contains(&format!("updated >= {}", Site::DATE_MS - 300_000))
        );
    }

    #[tokio::test]
    async fn an_empty_answer_to_a_stranger_is_a_refused_sign_in() {
        let site = Site::signed_in().answers_with(200, json!({ "issues": [] }), "AUTHENTICATED_FAILED");
        let error = site.jira.changes(&query(&scope(), None, None)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthorised);
    }

    #[tokio::test]
    async fn a_search_in_circles_ends() {
        let page = json!({ "issues": [issue("1")], "nextPageToken": "t1" });
        let site = Site::signed_in().answers(200, page.clone()).answers(200, page);
        let scope = scope();
        let first = site.jira.changes(&query(&scope, None, None)).await.unwrap();
        let error = site.jira.changes(&query(&scope, None, first.next.as_ref())).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unexpected);
    }

    #[tokio::test]
    async fn a_foreign_cursor_stops() {
        let site = Site::signed_in();
        let odd = Cursor(json!({ "offset": 3 }));
        let error = site.jira.changes(&query(&scope(), Some(&odd), None)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stopped);
    }
}
