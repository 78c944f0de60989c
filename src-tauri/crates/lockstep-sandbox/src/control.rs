//! The control endpoint: faults, limits, switches, log, seed, state and clock over HTTP, under `/_practice/`.
//!
//! No sign-in, because a practice platform listens on loopback alone and holds made-up data. Requests that a web page
//! could cause (a foreign `Host` or `Origin`) are refused.
//!
//! | call | does |
//! |---|---|
//! | `GET health` | `{platform, now_ms, revision}` |
//! | `GET sign-in` | the sign-in meant for Lockstep, and everybody's |
//! | `GET`/`PUT`/`POST`/`DELETE faults` | the list; replace it; add one; clear it |
//! | `GET`/`PUT`/`DELETE limits` | the rules; replace them; none |
//! | `PUT switches` | [`crate::Platform::configure`] |
//! | `GET log?since=n` / `DELETE log` | entries from number n on; forget them |
//! | `PUT recording {on}` | keep request and answer in full |
//! | `POST seed {count}` | that many tickets more |
//! | `GET`/`PUT state` | the whole state |
//! | `POST clock {skew_ms}` | how far the platform's clock is ahead |

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::faults::{Fault, Faults};
use crate::limits::Rule;
use crate::practice::Practice;
use crate::stand_in::respond;

const PREFIX: &str = "/_practice/";
/// A person who seeds more than this has mistyped.
const SEED_COUNT_MAX: usize = 2_000_000;

/// Whether a path belongs to the control endpoint.
pub fn is_control(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Answers a request to the control endpoint.
pub fn answer(practice: &mut Practice, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes> {
    if !is_local(request) {
        return reply(
            StatusCode::FORBIDDEN,
            &json!({"error": "the control endpoint answers this computer only"}),
        );
    }
    let call = &request.uri().path()[PREFIX.len()..];
    match carry_out(practice, request, call, now_ms) {
        Ok(json) => reply(StatusCode::OK, &json),
        Err(Refusal::NotFound) => {
            reply(StatusCode::NOT_FOUND, &json!({"error": format!("no such call: {call}")}))
        }
        Err(Refusal::Invalid(reason)) => reply(StatusCode::BAD_REQUEST, &json!({"error": reason})),
    }
}

enum Refusal {
    NotFound,
    Invalid(String),
}

fn carry_out(
    practice: &mut Practice,
    request: &Request<Bytes>,
    call: &str,
    now_ms: i64,
) -> Result<Value, Refusal> {
    let method = request.method();
    match (method.as_str(), call) {
        ("GET", "health") => Ok(json!({
            "platform": practice.platform.name(),
            "now_ms": now_ms + practice.skew_ms,
            "revision": practice.revision,
        })),
        ("GET", "sign-in") => Ok(practice.platform.credentials()),
        (_, "faults") => faults(practice, method, request),
        (_, "limits") => limits(practice, method, request),
        ("PUT" | "POST", "switches") => {
            practice.platform.configure(&body::<Value>(request)?).map_err(Refusal::Invalid)?;
            practice.revision += 1;
            Ok(json!({"ok": true}))
        }
        ("GET", "log") => Ok(practice.log.to_json(since(request))),
        ("DELETE", "log") => {
            practice.log.clear();
            Ok(json!({"ok": true}))
        }
        ("PUT" | "POST", "recording") => {
            let wanted: Value = body(request)?;
            practice.log.recording = wanted["on"].as_bool().unwrap_or(true);
            Ok(json!({"on": practice.log.recording}))
        }
        ("POST", "seed") => seed(practice, request, now_ms),
        ("GET", "state") => Ok(practice.platform.save()),
        ("PUT", "state") => {
            practice.platform.load(&body::<Value>(request)?).map_err(Refusal::Invalid)?;
            practice.revision += 1;
            Ok(json!({"ok": true}))
        }
        ("POST" | "PUT", "clock") => {
            let wanted: Value = body(request)?;
            let skew_ms = wanted["skew_ms"].as_i64();
            practice.skew_ms = skew_ms.ok_or_else(|| Refusal::Invalid("skew_ms is missing".to_owned()))?;
            Ok(json!({"skew_ms": practice.skew_ms}))
        }
        _ => Err(Refusal::NotFound),
    }
}

fn faults(practice: &mut Practice, method: &Method, request: &Request<Bytes>) -> Result<Value, Refusal> {
    match *method {
        Method::GET => {}
        Method::PUT => practice.faults = body::<Faults>(request)?,
        Method::POST => practice.faults.add(body::<Fault>(request)?),
        Method::DELETE => practice.faults.clear(),
        _ => return Err(Refusal::NotFound),
    }
    Ok(json!(practice.faults))
}

fn limits(practice: &mut Practice, method: &Method, request: &Request<Bytes>) -> Result<Value, Refusal> {
    match *method {
        Method::GET => {}
        Method::PUT => practice.limits.set(body::<Vec<Rule>>(request)?),
        Method::DELETE => practice.limits.set(Vec::new()),
        _ => return Err(Refusal::NotFound),
    }
    Ok(json!(practice.limits.rules))
}

fn seed(practice: &mut Practice, request: &Request<Bytes>, now_ms: i64) -> Result<Value, Refusal> {
    let wanted: Value = body(request)?;
    let count = wanted["count"].as_u64().and_then(|count| usize::try_from(count).ok());
    match count {
        Some(count) if count <= SEED_COUNT_MAX => {
            practice.platform.seed_bulk(count, now_ms + practice.skew_ms);
            practice.revision += 1;
            Ok(json!({"added": count}))
        }
        _ => Err(Refusal::Invalid(format!("count must be a number up to {SEED_COUNT_MAX}"))),
    }
}

fn since(request: &Request<Bytes>) -> u64 {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "since")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0)
}

fn body<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Refusal> {
    serde_json::from_slice(request.body()).map_err(|error| Refusal::Invalid(error.to_string()))
}

fn reply(status: StatusCode, json: &Value) -> Response<Bytes> {
    respond(status, "application/json", json.to_string())
}

/// False for what only a web page would send: an `Origin`, or a `Host` that is not this computer.
fn is_local(request: &Request<Bytes>) -> bool {
    let headers = request.headers();
    let host = headers.get("host").and_then(|host| host.to_str().ok());
    let host_is_local = host.is_none_or(|host| {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        matches!(name, "127.0.0.1" | "localhost" | "[::1]")
    });
    host_is_local && !headers.contains_key("origin")
}
