//! The Batch API and the Aggregate API (sheet 4.6, 3.3).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::ServiceNow;
use super::query::Path;
use super::select::Stretch;
use super::wire::{self, Call, Outcome, Problem};

/// More parts than this are left unserviced, as if the transaction's time had run out.
const PARTS_MAX: usize = 100;

#[derive(Debug, Deserialize)]
struct Batch {
    #[serde(default)]
    batch_request_id: String,
    #[serde(default)]
    rest_requests: Vec<Part>,
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    id: String,
    #[serde(default = "get")]
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    exclude_response_headers: bool,
}

#[derive(Debug, Deserialize)]
struct Header {
    name: String,
    value: String,
}

fn get() -> String {
    "GET".to_owned()
}

impl ServiceNow {
    /// `POST /v1/batch`: parts run one after another, each with its own status.
    pub(super) fn batch(&mut self, call: &Call<'_>) -> Outcome {
        if call.method != Method::POST {
            return Err(Problem { status: 405, message: "Method not supported".to_owned(), detail: None });
        }
        let batch: Batch = serde_json::from_slice(call.body)
            .map_err(|_| Problem::unreadable("The payload is not a batch request."))?;
        let (mut serviced, mut unserviced) = (Vec::new(), Vec::new());
        for (at, part) in batch.rest_requests.iter().enumerate() {
            if at >= PARTS_MAX {
                unserviced.push(part.id.clone());
                continue;
            }
            serviced.push(self.serve_part(call, part));
        }
        let body = json!({
            "batch_request_id": batch.batch_request_id,
            "serviced_requests": serviced,
            "unserviced_requests": unserviced,
        });
        Ok(wire::json(StatusCode::OK, body.to_string()))
    }

    fn serve_part(&mut self, call: &Call<'_>, part: &Part) -> serde_json::Value {
        let response = match part_request(part) {
            Ok(request) if request.uri().path().ends_with("/batch") => Problem::no_resource().response(),
            Ok(request) => self.serve_as(&request, &call.caller, call.now_ms),
            Err(problem) => problem.response(),
        };
        let headers: Vec<serde_json::Value> = if part.exclude_response_headers {
            Vec::new()
        } else {
            let shown = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            response
                .headers()
                .iter()
                .map(|(name, value)| json!({"name": name.as_str(), "value": shown(value)}))
                .collect()
        };
        json!({
            "id": part.id,
            "body": STANDARD.encode(response.body()),
            "status_code": response.status().as_u16(),
            "status_text": response.status().canonical_reason().unwrap_or_default(),
            "headers": headers,
            "execution_time": 1,
            "redirect_url": null,
        })
    }

    /// `GET /stats/{table}`: counts, also by group.
    pub(super) fn stats(&self, call: &Call<'_>) -> Outcome {
        let name = call.parts.get(1).copied().unwrap_or_default();
        let position = self.tables.position(name).ok_or_else(|| Problem::invalid_table(name))?;
        self.may_read(name, &call.caller)?;
        let filter = self.filter_of(call, position);
        self.check_query_acl(&filter, position, &call.caller)?;
        let groups: Vec<(&str, Path)> = call
            .params
            .get("sysparm_group_by")
            .unwrap_or_default()
            .split(',')
            .filter_map(|name| Some((name, Path::resolve(&self.tables, position, name)?)))
            .collect();
        let stretch =
            Stretch { offset: 0, limit: if groups.is_empty() { 0 } else { usize::MAX }, count: true };
        let found = self.run(call, position, &filter, stretch);
        let total = found.total.unwrap_or_default();
        if groups.is_empty() {
            let body = json!({"result": {"stats": {"count": total.to_string()}}});
            return Ok(wire::json(StatusCode::OK, body.to_string()));
        }
        let mut counts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (member, slot) in found.hits {
            let table = &self.tables.list[member];
            let Some(row) = table.row(slot) else { continue };
            let key =
                groups.iter().map(|(_, path)| path.read(&self.tables, table, row, str::to_owned)).collect();
            *counts.entry(key).or_default() += 1;
        }
        let result: Vec<serde_json::Value> = counts
            .into_iter()
            .map(|(key, count)| {
                let fields: Vec<serde_json::Value> = groups
                    .iter()
                    .zip(key)
                    .map(|((name, _), value)| json!({"field": name, "value": value}))
                    .collect();
                json!({"stats": {"count": count.to_string()}, "groupby_fields": fields})
            })
            .collect();
        Ok(wire::json(StatusCode::OK, json!({ "result": result }).to_string()))
    }
}

fn part_request(part: &Part) -> Result<Request<Bytes>, Problem> {
    let unreadable = || Problem::unreadable("A part of the batch cannot be read.");
    let body = match &part.body {
        Some(encoded) => STANDARD.decode(encoded).map_err(|_| unreadable())?,
        None => Vec::new(),
    };
    let mut headers = HeaderMap::new();
    for header in &part.headers {
        let name: HeaderName = header.name.parse().map_err(|_| unreadable())?;
        headers.insert(name, HeaderValue::from_str(&header.value).map_err(|_| unreadable())?);
    }
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = part.method.parse().map_err(|_| unreadable())?;
    *request.uri_mut() = part.url.parse().map_err(|_| unreadable())?;
    *request.headers_mut() = headers;
    Ok(request)
}
