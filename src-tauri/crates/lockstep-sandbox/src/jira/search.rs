//! `/search/jql` and its helpers (sheet §3.1): the only search there is, over an index that lags.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, Reply};
use super::jql::{self, Jql};
use super::json::Json;
use super::query::{Mark, Search};
use super::render::{Choice, View};
use super::routes::{Call, no_such_path};
use super::{Jira, clock, draw};

/// Embedded comments and changelog entries of a search (sheet §3.1).
pub const EMBEDDED_MAX: usize = 20;
const RESULTS_MAX: usize = 5_000;
const PROPERTIES_MAX: usize = 5;
const RECONCILE_MAX: usize = 50;
const TOKEN_DAYS: i64 = 7;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    jql: Option<String>,
    max_results: Option<i64>,
    fields: Option<Vec<String>>,
    expand: Option<String>,
    properties: Option<Vec<String>>,
    next_page_token: Option<String>,
    reconcile_issues: Option<Vec<u64>>,
}

impl Jira {
    /// `/search/…` and `/jql/…`.
    pub(super) fn search_routes(&mut self, call: &Call<'_>, parts: &[&str]) -> Reply {
        match (call.method.as_str(), parts) {
            ("POST", ["search", "jql"]) => {
                let body: Body = call.parsed()?;
                self.search(call, body)
            }
            ("GET", ["search", "jql"]) => {
                let list = |name: &str| {
                    let values: Vec<String> = call.query_list(name).map(str::to_owned).collect();
                    (!values.is_empty()).then_some(values)
                };
                let body = Body {
                    jql: call.query("jql").map(str::to_owned),
                    max_results: call.query("maxResults").and_then(|n| n.parse().ok()),
                    fields: list("fields"),
                    expand: call.query("expand").map(str::to_owned),
                    properties: list("properties"),
                    next_page_token: call.query("nextPageToken").map(str::to_owned),
                    reconcile_issues: list("reconcileIssues")
                        .map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect()),
                };
                self.search(call, body)
            }
            ("POST", ["search", "approximate-count"]) => self.approximate_count(call),
            ("POST", ["jql", "parse"]) => self.parse_queries(call),
            ("POST", ["jql", "match"]) => self.match_queries(call),
            (_, ["search", "jql" | "approximate-count"] | ["jql", "parse" | "match"]) => {
                Err(Refusal::bare(405))
            }
            _ => Err(no_such_path()),
        }
    }

    fn bounded(&self, call: &Call<'_>, text: &str) -> Result<Jql, Refusal> {
        let jql = jql::parse(text, &self.resolver(call.who, call.now_ms))?;
        if jql.filter.is_none() {
            return Err(Refusal::new(
                400,
                "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
            ));
        }
        Ok(jql)
    }

    fn search(&mut self, call: &Call<'_>, body: Body) -> Reply {
        let limit = body.max_results.unwrap_or(50);
        if !(1..=RESULTS_MAX as i64).contains(&limit) {
            return Err(Refusal::new(400, "maxResults must lie between 1 and 5000."));
        }
        let properties = body.properties.unwrap_or_default();
        if properties.len() > PROPERTIES_MAX {
            return Err(Refusal::new(400, "At most 5 properties can be asked for."));
        }
        let reconcile = body.reconcile_issues.unwrap_or_default();
        if reconcile.len() > RECONCILE_MAX {
            return Err(Refusal::new(400, "At most 50 issues can be reconciled."));
        }
        self.store.ripen(call.now_ms, self.switches.index_unsteady);
        self.searches += 1;
        let text = body.jql.unwrap_or_default();
        let digest = draw::hex(self.seed, "query", &text, 12);
        let after = match body.next_page_token.as_deref() {
            None | Some("") => None,
            Some(token) => Some(read_token(token, &digest, call.now_ms)?),
        };
        // Without sign-in nothing is seen, and nothing is refused (sheet §1: silent anonymous answers).
        if self.signed_in(call.who).is_err() {
            return Ok(Answer::value(200, &json!({ "issues": [], "isLast": true })));
        }
        let jql = self.bounded(call, &text)?;
        let search = Search {
            jql: &jql,
            who: call.who,
            now_ms: call.now_ms,
            reconcile: &reconcile,
            after,
            limit: limit as usize,
            number: self.searches,
        };
        let (page, next) = self.find_page_with(search, call.hints);
        let expand: Vec<String> =
            body.expand.iter().flat_map(|list| list.split(',')).map(|s| s.trim().to_owned()).collect();
        let names = body.fields.unwrap_or_default();
        let ids_alone = names.iter().all(|name| name == "id") && expand.is_empty() && properties.is_empty();
        let mut view = View {
            fields: Choice::read(names.iter().map(String::as_str)),
            properties,
            expand,
            embedded_max: EMBEDDED_MAX,
            v2: call.v2,
            now_ms: call.now_ms,
        };
        let mut json = Json::with_capacity(128 + page.len() * if ids_alone { 20 } else { 2_048 });
        json.open();
        for (key, of) in
            [("names", Self::field_names as fn(&Self, Choice) -> Value), ("schema", Self::field_schemas)]
        {
            if view.expands(key) {
                json.key(key).raw(&of(self, view.fields).to_string());
                view.expand.retain(|name| name != key);
            }
        }
        json.key("issues").list();
        for issue in &page {
            if ids_alone {
                json.open();
                json.key("id").fmt(format_args!("{}", issue.id));
                json.close();
            } else {
                self.write_issue(&mut json, issue, &view, call);
            }
        }
        json.end();
        if let Some(mark) = next {
            json.key("nextPageToken").str(&token(mark, &digest, call.now_ms));
        }
        json.key("isLast").bool(next.is_none());
        json.close();
        Ok(Answer::json(200, json.finish()))
    }

    fn approximate_count(&mut self, call: &Call<'_>) -> Reply {
        let body: Body = call.parsed()?;
        self.store.ripen(call.now_ms, self.switches.index_unsteady);
        let jql = self.bounded(call, &body.jql.unwrap_or_default())?;
        let count = self.count_fitting(&self.plain_search(call, &jql));
        Ok(Answer::value(200, &json!({ "count": count })))
    }

    fn plain_search<'a>(&self, call: &Call<'_>, jql: &'a Jql) -> Search<'a> {
        Search {
            jql,
            who: call.who,
            now_ms: call.now_ms,
            reconcile: &[],
            after: None,
            limit: RESULTS_MAX,
            number: self.searches,
        }
    }

    fn parse_queries(&self, call: &Call<'_>) -> Reply {
        #[derive(Deserialize)]
        struct Queries {
            queries: Vec<String>,
        }
        let body: Queries = call.parsed()?;
        let resolver = self.resolver(call.who, call.now_ms);
        let queries: Vec<Value> = body
            .queries
            .iter()
            .map(|text| match jql::parse(text, &resolver) {
                Ok(_) => json!({ "query": text }),
                Err(refusal) => json!({ "query": text, "errors": refusal.messages }),
            })
            .collect();
        Ok(Answer::value(200, &json!({ "queries": queries })))
    }

    fn match_queries(&self, call: &Call<'_>) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Queries {
            issue_ids: Vec<u64>,
            jqls: Vec<String>,
        }
        let body: Queries = call.parsed()?;
        let resolver = self.resolver(call.who, call.now_ms);
        let matches: Vec<Value> = body
            .jqls
            .iter()
            .map(|text| match jql::parse(text, &resolver) {
                Err(refusal) => json!({ "matchedIssues": [], "errors": refusal.messages }),
                Ok(jql) => {
                    let fits = |id: &&u64| {
                        let issue = self.store.get(**id).filter(|issue| self.sees(call.who, issue));
                        issue.is_some_and(|issue| jql.filter.as_ref().is_none_or(|filter| filter.fits(issue)))
                    };
                    let matched: Vec<u64> = body.issue_ids.iter().filter(fits).copied().collect();
                    json!({ "matchedIssues": matched, "errors": [] })
                }
            })
            .collect();
        Ok(Answer::value(200, &json!({ "matches": matches })))
    }
}

fn token(mark: Mark, digest: &str, now_ms: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{digest} {now_ms} {}", mark.text()))
}

fn read_token(token: &str, digest: &str, now_ms: i64) -> Result<Mark, Refusal> {
    let refused = || Refusal::new(400, "The nextPageToken is not valid for this query, or no longer.");
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(refused)?;
    let mut parts = text.split(' ');
    let (known, issued, mark) = (parts.next(), parts.next(), parts.next());
    let issued_ms: i64 = issued.and_then(|ms| ms.parse().ok()).ok_or_else(refused)?;
    let fresh = now_ms - issued_ms <= TOKEN_DAYS * clock::DAY_MS;
    mark.and_then(Mark::read).filter(|_| known == Some(digest) && fresh).ok_or_else(refused)
}
