//! Answers given in a platform's place when a fault strikes: failures in its own words, and a page of HTML.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use crate::faults::RetryAfter;
use crate::stamps;

/// An answer with a body of the given type.
pub fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A JSON answer.
pub fn json_response(status: StatusCode, body: String) -> Response<Bytes> {
    respond(status, "application/json;charset=UTF-8", body)
}

/// A failure in the platform's own words.
pub fn failure(platform: &str, status: u16) -> Response<Bytes> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reason = status.canonical_reason().unwrap_or("Failure");
    if matches!(status.as_u16(), 502 | 504) {
        let page = format!("<html><head><title>{reason}</title></head><body><h1>{reason}</h1></body></html>");
        return respond(status, "text/html", page);
    }
    let body = match platform {
        "servicenow" => {
            serde_json::json!({"error": {"message": reason, "detail": "Transaction cancelled"}, "status": "failure"})
        }
        _ => serde_json::json!({"errorMessages": [reason], "errors": {}}),
    };
    json_response(status, body.to_string())
}

/// A 429 that no limit asked for.
pub fn too_many(platform: &str, retry_after: &RetryAfter, clock_ms: i64) -> Response<Bytes> {
    let mut response = failure(platform, 429);
    let value = match retry_after {
        RetryAfter::Absent => None,
        RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
        RetryAfter::DateIn(seconds) => Some(stamps::http_date(clock_ms + seconds * 1000)),
        RetryAfter::Text(text) => Some(text.clone()),
    };
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}

/// The page of an instance that sleeps or wants a browser sign-on.
pub fn html_page() -> Response<Bytes> {
    respond(
        StatusCode::OK,
        "text/html;charset=UTF-8",
        "<!DOCTYPE html><html><head><title>Instance Hibernating</title></head>\
         <body><h1>This instance is asleep.</h1><p>Sign in with a browser to wake it.</p></body></html>",
    )
}
