//! Who changed what (sheet §3.4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::Jira;
use super::answer::{Answer, Refusal, Reply};
use super::json::Json;
use super::model::Change;
use super::routes::Call;
use super::site;

impl Jira {
    /// `GET /issue/{id}/changelog`: oldest first.
    pub(super) fn changelog(&self, call: &Call<'_>, name: &str) -> Reply {
        let issue = self.issue_of(call, name)?;
        let start = call.number("startAt", 0);
        let limit = call.number("maxResults", 100).clamp(1, 100);
        let page = call.hints.window(&issue.history, start, limit);
        let mut json = Json::default();
        json.open();
        json.key("self").str(&self.shaper(call.v2).url(&format!("issue/{}/changelog", issue.id)));
        json.key("maxResults").int(limit as i64);
        json.key("startAt").int(start as i64);
        json.key("total").int(issue.history.len() as i64);
        json.key("isLast").bool(start + limit >= issue.history.len());
        json.key("values").list();
        for change in page {
            self.write_change(&mut json, change, call.v2);
        }
        json.end();
        json.close();
        Ok(Answer::json(200, json.finish()))
    }

    /// `POST /issue/{id}/changelog/list`.
    pub(super) fn changelog_by_ids(&self, call: &Call<'_>, name: &str) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            changelog_ids: Vec<u64>,
        }
        let issue = self.issue_of(call, name)?;
        let body: Body = call.parsed()?;
        let found: Vec<_> =
            issue.history.iter().filter(|change| body.changelog_ids.contains(&change.id)).collect();
        let mut json = Json::default();
        json.open();
        json.key("startAt").int(0);
        json.key("maxResults").int(found.len() as i64);
        json.key("total").int(found.len() as i64);
        json.key("histories").list();
        for change in found {
            self.write_change(&mut json, change, call.v2);
        }
        json.end();
        json.close();
        Ok(Answer::json(200, json.finish()))
    }

    /// `POST /changelog/bulkfetch`: ≤ 1000 tickets, ≤ 10 fields, pages by token.
    pub(super) fn changelog_bulk(&self, call: &Call<'_>) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            issue_ids_or_keys: Vec<String>,
            field_ids: Option<Vec<String>>,
            max_results: Option<usize>,
            next_page_token: Option<String>,
        }
        let body: Body = call.parsed()?;
        let fields = body.field_ids.unwrap_or_default();
        let limit = body.max_results.unwrap_or(1_000);
        if body.issue_ids_or_keys.is_empty() || body.issue_ids_or_keys.len() > 1_000 || fields.len() > 10 {
            return Err(Refusal::new(
                400,
                "Between 1 and 1000 issues and at most 10 fields can be asked for.",
            ));
        }
        if !(1..=10_000).contains(&limit) {
            return Err(Refusal::new(400, "maxResults must lie between 1 and 10000."));
        }
        let skip = match body.next_page_token.as_deref().filter(|token| !token.is_empty()) {
            None => 0,
            Some(token) => read_token(token)?,
        };
        let mut ids: Vec<u64> =
            body.issue_ids_or_keys.iter().filter_map(|name| self.store.find(name)).collect();
        ids.sort_unstable();
        ids.dedup();
        let wanted = |change: &Change| {
            fields.is_empty()
                || change.items.iter().any(|item| {
                    let id = item.field_id.as_deref().unwrap_or(&item.field);
                    fields.iter().any(|field| field == id || site_name(field) == Some(item.field.as_str()))
                })
        };
        let mut all = Vec::new();
        for issue in ids.into_iter().filter_map(|id| self.store.get(id)).filter(|i| self.sees(call.who, i)) {
            all.extend(issue.history.iter().filter(|c| wanted(c)).map(|change| (issue.id, change)));
        }
        let page = all.get(skip.min(all.len())..(skip + limit).min(all.len())).unwrap_or_default();
        let mut json = Json::default();
        json.open();
        json.key("issueChangeLogs").list();
        for of_issue in page.chunk_by(|a, b| a.0 == b.0) {
            json.open();
            json.key("issueId").fmt(format_args!("{}", of_issue[0].0));
            json.key("changeHistories").list();
            for (_, change) in of_issue {
                self.write_change(&mut json, change, call.v2);
            }
            json.end();
            json.close();
        }
        json.end();
        if skip + limit < all.len() {
            json.key("nextPageToken").str(&URL_SAFE_NO_PAD.encode(format!("changelog {}", skip + limit)));
        }
        json.close();
        Ok(Answer::json(200, json.finish()))
    }
}

fn site_name(field: &str) -> Option<&'static str> {
    site::field_at(field).map(|at| site::FIELDS[at].name)
}

fn read_token(token: &str) -> Result<usize, Refusal> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.strip_prefix("changelog ")?.parse().ok())
        .ok_or_else(|| Refusal::new(400, "The nextPageToken is not valid."))
}
