//! The one way to search: `POST /search/jql`, page after page, with guards against tokens and pages that come
//! back (sheet §3.1, §3.3).

use lockstep_core::connector::{ConnectorError, ErrorKind};
use lockstep_core::marker::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Jira;
use super::jql::Jql;
use super::marker;
use super::session::{API, parse, post_read};
use super::wire::{IssueRow, SearchPage};
use crate::http::Answer;

/// Pages of one search at most; no site holds so many tickets of one type.
const PAGES_MAX: usize = 50_000;

/// One search; every page sends the same body but for the token.
#[derive(Debug, Clone)]
pub struct Search {
    pub jql: Jql,
    pub fields: Vec<String>,
    /// Rows wanted a page; the server may give fewer.
    pub rows: usize,
    /// For messages: `read changed tickets`.
    pub what: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    jql: &'a str,
    max_results: usize,
    fields: &'a [String],
    properties: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<&'a str>,
}

/// Remembers tokens and pages in short form, so that a search which goes in circles ends.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Guard(pub Vec<String>);

impl Guard {
    /// Takes note of a page and of the token that leads on.
    pub fn pass(&mut self, rows: &[IssueRow<'_>], token: Option<&str>) -> Result<(), ConnectorError> {
        if !rows.is_empty() {
            let mut ids = String::from("rows");
            for row in rows {
                ids.push('\n');
                ids.push_str(&row.id.0);
            }
            self.once(&ids)?;
        }
        match token {
            Some(token) => self.once(&format!("token\n{token}")),
            None => Ok(()),
        }
    }

    fn once(&mut self, text: &str) -> Result<(), ConnectorError> {
        let short = hex(&Sha256::digest(text))[..12].to_owned();
        if self.0.contains(&short) || self.0.len() >= 2 * PAGES_MAX {
            let text = "Jira's search goes in circles: a page came back that was read before";
            return Err(
                ConnectorError::new(ErrorKind::Unexpected, text).remedy("It is tried again at the next run")
            );
        }
        self.0.push(short);
        Ok(())
    }
}

/// The token of the next page; `None` after the last one. Both signs of the end count (§3.3).
pub fn next_token<'a>(page: &'a SearchPage<'_>) -> Option<&'a str> {
    let token = page.next_page_token.as_deref().filter(|token| !token.is_empty())?;
    (page.is_last != Some(true)).then_some(token)
}

impl Jira {
    /// One page.
    pub(super) async fn search_page(
        &self,
        search: &Search,
        token: Option<&str>,
    ) -> Result<Answer, ConnectorError> {
        let body = Body {
            jql: &search.jql.to_string(),
            max_results: search.rows,
            fields: &search.fields,
            properties: [marker::PROPERTY],
            next_page_token: token,
        };
        self.read(post_read(format!("{API}/search/jql"), search.what, &body), search.what).await
    }

    /// All pages; `take` sees every row. Gives the server's time of the first answer.
    pub(super) async fn search_all(
        &self,
        search: &Search,
        mut take: impl FnMut(&IssueRow<'_>) -> Result<(), ConnectorError> + Send,
    ) -> Result<i64, ConnectorError> {
        let (mut guard, mut token, mut started) = (Guard::default(), None::<String>, None);
        loop {
            let answer = self.search_page(search, token.as_deref()).await?;
            let page: SearchPage<'_> = parse(&answer, search.what)?;
            started = started.or_else(|| answer.date_ms());
            let next = next_token(&page).map(str::to_owned);
            guard.pass(&page.issues, next.as_deref())?;
            for row in &page.issues {
                take(row)?;
            }
            if next.is_none() {
                return Ok(started.unwrap_or_else(|| self.client.server_now_ms()));
            }
            token = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: &[&str]) -> String {
        let all: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}","key":"A-{id}"}}"#)).collect();
        format!("[{}]", all.join(","))
    }

    #[test]
    fn tokens_and_whole_pages_pass_once() {
        let (first, second) = (rows(&["1", "2"]), rows(&["2", "3"]));
        let first: Vec<IssueRow<'_>> = serde_json::from_str(&first).unwrap();
        let second: Vec<IssueRow<'_>> = serde_json::from_str(&second).unwrap();
        let mut guard = Guard::default();
        assert!(guard.pass(&first, Some("a")).is_ok());
        assert!(guard.pass(&second, Some("b")).is_ok(), "one row twice is no circle");
        assert!(guard.clone().pass(&first, Some("c")).is_err());
        assert!(guard.clone().pass(&[], Some("a")).is_err());
        assert!(guard.pass(&[], Some("c")).is_ok(), "an empty page may have a next one");
    }

    #[test]
    fn both_signs_of_the_end_count() {
        let page = |text: &'static str| serde_json::from_str::<SearchPage<'static>>(text).unwrap();
        assert_eq!(next_token(&page(r#"{"issues":[],"nextPageToken":"t","isLast":false}"#)), Some("t"));
        assert_eq!(next_token(&page(r#"{"issues":[],"nextPageToken":"t","isLast":true}"#)), None);
        assert_eq!(next_token(&page(r#"{"issues":[],"nextPageToken":"","isLast":false}"#)), None);
        assert_eq!(next_token(&page(r#"{"issues":[]}"#)), None);
    }
}
