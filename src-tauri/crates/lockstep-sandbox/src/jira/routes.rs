//! From a request to its handler. Unknown paths are answered as the real platform would.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::json;

use super::Jira;
use super::answer::{Answer, Refusal, Reply};
use super::auth::Who;
use crate::faults::Hints;

/// One request, taken apart.
pub struct Call<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
    pub body: &'a Bytes,
    /// Query parameters in order, decoded.
    pub parameters: Vec<(String, String)>,
    pub who: Who,
    /// Came through `/rest/api/2`.
    pub v2: bool,
    pub now_ms: i64,
    /// Faults to act out.
    pub hints: Hints,
}

impl<'a> Call<'a> {
    /// First value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter, commas inside them taken as separators.
    pub fn query_list<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        let values = self.parameters.iter().filter(move |(key, _)| key == name);
        values.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|value| !value.is_empty())
    }

    /// A number in the query, or `default` if it is absent or no number.
    pub fn number(&self, name: &str, default: usize) -> usize {
        self.query(name).and_then(|value| value.parse().ok()).unwrap_or(default)
    }

    /// The body as JSON of a type.
    pub fn parsed<T: Deserialize<'a>>(&self) -> Result<T, Refusal> {
        self.json_content()?;
        let body: &'a [u8] = self.body.as_ref();
        serde_json::from_slice(body)
            .map_err(|error| Refusal::new(400, format!("The request body cannot be read as JSON: {error}")))
    }

    /// 415 unless the content is declared as JSON (sheet §1.3).
    pub fn json_content(&self) -> Result<(), Refusal> {
        let declared = self.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
        if declared.to_ascii_lowercase().starts_with("application/json") {
            Ok(())
        } else {
            Err(Refusal::new(415, "The content type of the request is not application/json."))
        }
    }

    fn is_write(&self) -> bool {
        !matches!(*self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }
}

/// The API that a path belongs to.
enum Api {
    Platform { v2: bool },
    Desk,
    Other,
}

impl Jira {
    /// Answers a request.
    pub(super) fn answer(&mut self, request: &Request<Bytes>, now_ms: i64) -> Answer {
        let path = request.uri().path();
        let segments: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
            .collect();
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (api, rest) = match parts.as_slice() {
            ["rest", "api", "3", rest @ ..] => (Api::Platform { v2: false }, rest),
            ["rest", "api", "2" | "latest", rest @ ..] => (Api::Platform { v2: true }, rest),
            ["rest", "servicedeskapi", rest @ ..] => (Api::Desk, rest),
            rest => (Api::Other, rest),
        };
        let parameters = request.uri().query().map_or_else(Vec::new, |query| {
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
        });
        let hints = request.extensions().get::<Hints>().copied().unwrap_or_default();
        let who =
            if hints.expired_token { Who::Anonymous { failed: true } } else { self.who(request.headers()) };
        let call = Call {
            method: request.method(),
            headers: request.headers(),
            body: request.body(),
            parameters,
            who,
            v2: matches!(api, Api::Platform { v2: true }),
            now_ms,
            hints,
        };
        let desk = matches!(api, Api::Desk);
        let reply = xsrf(&call).and_then(|()| match api {
            Api::Platform { .. } => self.platform(&call, rest),
            Api::Desk => self.desk(&call, rest),
            Api::Other => self.elsewhere(&call, rest),
        });
        let mut answer = reply.unwrap_or_else(|refusal| refusal.into_answer(desk));
        match call.who {
            Who::User(user) => {
                let account = self.users[usize::from(user)].account_id.clone();
                answer = answer.with("x-aaccountid", account);
            }
            Who::Anonymous { failed: true } => {
                answer = answer.with("x-seraph-loginreason", "AUTHENTICATED_FAILED");
            }
            Who::Anonymous { failed: false } => {}
        }
        answer.with("date", super::clock::http_date(now_ms))
    }

    fn elsewhere(&mut self, call: &Call<'_>, parts: &[&str]) -> Reply {
        match parts {
            ["_edge", "tenant_info"] => Ok(Answer::value(200, &json!({ "cloudId": self.cloud_id() }))),
            ["browse", name] => {
                let issue = self.issue_of(call, name)?;
                let mut page = Answer::empty(200);
                page.body = format!("<!doctype html><title>{}</title>", super::store::key_of(&issue)).into();
                page.content_type = "text/html;charset=UTF-8".to_owned();
                Ok(page)
            }
            ["media", id] => self.media_download(id),
            _ => Err(no_such_path()),
        }
    }

    fn platform(&mut self, call: &Call<'_>, parts: &[&str]) -> Reply {
        match parts {
            ["search"] | ["search", "id"] | ["expression", "eval"] => Err(removed()),
            ["search", ..] | ["jql", ..] => self.search_routes(call, parts),
            ["issue", rest @ ..] => self.issue_routes(call, rest),
            ["comment", rest @ ..] => self.comment_routes(call, rest),
            ["attachment", rest @ ..] => self.attachment_routes(call, rest),
            ["changelog", "bulkfetch"] if call.method == Method::POST => self.changelog_bulk(call),
            ["user" | "users" | "myself" | "mypermissions" | "permissions" | "groupuserpicker", ..] => {
                self.user_routes(call, parts)
            }
            _ => self.meta_routes(call, parts),
        }
    }

    fn issue_routes(&mut self, call: &Call<'_>, parts: &[&str]) -> Reply {
        let method = call.method.as_str();
        match (method, parts) {
            ("POST", []) => self.create_issue(call),
            ("POST", ["bulk"]) => self.create_bulk(call),
            ("POST", ["bulkfetch"]) => self.fetch_bulk(call),
            ("GET", ["createmeta", rest @ ..]) => self.create_meta(call, rest),
            ("GET", [name]) => self.show_issue(call, name),
            ("PUT", [name]) => self.edit_issue(call, name),
            ("DELETE", [name]) => self.delete_issue(call, name),
            ("PUT", [name, "assignee"]) => self.assign_issue(call, name),
            ("GET", [name, "editmeta"]) => {
                let issue = self.issue_of(call, name)?;
                Ok(Answer::value(200, &self.edit_meta(&self.shaper(call.v2), &issue)))
            }
            ("GET", [name, "transitions"]) => self.list_transitions(call, name),
            ("POST", [name, "transitions"]) => self.transition_issue(call, name),
            ("GET", [name, "changelog"]) => self.changelog(call, name),
            ("POST", [name, "changelog", "list"]) => self.changelog_by_ids(call, name),
            (_, [name, "comment", rest @ ..]) => self.issue_comments(call, name, rest),
            (_, [name, "properties", rest @ ..]) => self.issue_properties(call, name, rest),
            (_, [name, "remotelink", rest @ ..]) => self.remote_links(call, name, rest),
            ("POST", [name, "attachments"]) => self.upload(call, name),
            (_, []) | (_, [_]) | (_, [_, _]) => Err(Refusal::bare(405)),
            _ => Err(no_such_path()),
        }
    }
}

/// A path that the platform does not know.
pub fn no_such_path() -> Refusal {
    Refusal::new(404, "null for uri")
}

/// The old search and its relatives are gone (sheet §3.1).
fn removed() -> Refusal {
    Refusal::new(
        410,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. \
         See the changelog entry CHANGE-2046.",
    )
}

/// Writes that look like a browser's need the header that lifts the check (sheet §1.3).
fn xsrf(call: &Call<'_>) -> Result<(), Refusal> {
    let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let lifted = header("x-atlassian-token").eq_ignore_ascii_case("no-check");
    if call.is_write() && header("user-agent").starts_with("Mozilla/") && !lifted {
        return Err(Refusal::new(403, "XSRF check failed"));
    }
    Ok(())
}
