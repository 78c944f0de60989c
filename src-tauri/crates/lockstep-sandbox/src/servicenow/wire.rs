//! The wire: requests taken apart, JSON written straight into a buffer, and failures in the platform's words (sheet 9).

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use super::users::Caller;
use crate::faults::Hints;

/// The media type of every JSON answer.
pub const JSON: &str = "application/json;charset=UTF-8";

/// A failure, answered as `{"error":{"message","detail"},"status":"failure"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// `error.message`.
    pub message: String,
    /// `error.detail`; `null` when absent.
    pub detail: Option<String>,
}

impl Problem {
    /// A failure with a detail.
    pub fn new(status: u16, message: &str, detail: &str) -> Self {
        Self { status, message: message.to_owned(), detail: Some(detail.to_owned()) }
    }

    /// No credentials, wrong ones, or expired ones.
    pub fn unauthenticated() -> Self {
        Self::new(401, "User Not Authenticated", "Required to provide Auth information")
    }

    /// A table that does not exist.
    pub fn invalid_table(name: &str) -> Self {
        Self { status: 400, message: format!("Invalid table {name}"), detail: None }
    }

    /// Absent, or hidden by an ACL: the answer is the same (sheet 9).
    pub fn no_record() -> Self {
        Self::new(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
    }

    /// No such API.
    pub fn no_resource() -> Self {
        Self {
            status: 400,
            message: "Requested URI does not represent any resource".to_owned(),
            detail: None,
        }
    }

    /// A role is missing for this write.
    pub fn acl(what: &str) -> Self {
        Self::new(
            403,
            "Operation Failed",
            &format!("ACL Exception {what} Failed due to security constraints"),
        )
    }

    /// A role is missing for reading this table or API at all.
    pub fn forbidden() -> Self {
        Self::new(403, "Insufficient rights to query records", "Requires user to have the appropriate roles")
    }

    /// A data policy is not met; the message names labels, not columns (sheet 4.2).
    pub fn mandatory(labels: &[&str]) -> Self {
        let detail =
            format!("Data Policy Exception: The following fields are mandatory: {}", labels.join(", "));
        Self::new(403, "Operation Failed", &detail)
    }

    /// A body that cannot be read.
    pub fn unreadable(detail: &str) -> Self {
        Self::new(400, "Exception while reading request", detail)
    }

    /// The answer.
    pub fn response(&self) -> Response<Bytes> {
        let mut out = Vec::with_capacity(160);
        out.extend_from_slice(b"{\"error\":{\"message\":");
        string(&mut out, &self.message);
        out.extend_from_slice(b",\"detail\":");
        match &self.detail {
            Some(detail) => string(&mut out, detail),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b"},\"status\":\"failure\"}");
        let mut response = json(StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST), out);
        let headers = response.headers_mut();
        if self.status == 401 {
            headers.insert("www-authenticate", HeaderValue::from_static("BASIC realm=\"Service-now\""));
        }
        if self.status == 405 {
            headers.insert(ALLOW, HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"));
        }
        response
    }
}

/// What a call gives: an answer, or a failure to be written as one.
pub type Outcome = Result<Response<Bytes>, Problem>;

/// A JSON answer.
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

/// An answer without a body, as after a deletion.
pub fn no_content() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Writes a JSON string.
pub fn string(out: &mut Vec<u8>, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..0x20 => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[written..at]);
        written = at + 1;
        if escape.is_empty() {
            out.extend_from_slice(b"\\u00");
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        } else {
            out.extend_from_slice(escape);
        }
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

/// Writes `"name":"text"` with a comma before it unless it comes first in its object.
pub fn pair(out: &mut Vec<u8>, name: &str, text: &str) {
    if !matches!(out.last(), Some(b'{')) {
        out.push(b',');
    }
    string(out, name);
    out.push(b':');
    string(out, text);
}

/// The parameters of a query or of a form.
#[derive(Debug, Default)]
pub struct Params<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Params<'a> {
    /// Reads `name=value&…`.
    pub fn parse(text: &'a [u8]) -> Self {
        Self(url::form_urlencoded::parse(text).collect())
    }

    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
    }

    /// Whether a flag is set to `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A number that is not negative; absent and unreadable ones give the default.
    pub fn number(&self, name: &str, default: usize) -> usize {
        self.get(name).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
    }

    /// All pairs.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

/// A request that is signed in, taken apart.
#[derive(Debug)]
pub struct Call<'a> {
    /// HTTP method, an override applied.
    pub method: Method,
    /// Path as asked for.
    pub path: &'a str,
    /// Path below `/api/now/` or `/api/sn_sc/`, version taken out.
    pub parts: Vec<&'a str>,
    /// Version 1 was asked for: empty lists give 404 (sheet 3.1).
    pub version_1: bool,
    /// Query parameters.
    pub params: Params<'a>,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// Body.
    pub body: &'a Bytes,
    /// Who calls.
    pub caller: Arc<Caller>,
    /// The platform's time.
    pub now_ms: i64,
    /// Faults to act out.
    pub hints: Hints,
}

impl Call<'_> {
    /// The content type without its parameters, in lower case.
    pub fn content_type(&self) -> String {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as one flat JSON object; of an array only the first element counts (sheet 4.1).
    pub fn object(&self) -> Result<serde_json::Map<String, serde_json::Value>, Problem> {
        match self.content_type().as_str() {
            "application/json" | "text/json" => {}
            "" => return Err(Problem::new(400, "Content-Type header is required", "Send application/json")),
            _ => return Err(Problem::new(415, "Unsupported Media Type", "Send application/json")),
        }
        if self.body.is_empty() {
            return Ok(serde_json::Map::new());
        }
        match serde_json::from_slice(self.body) {
            Ok(serde_json::Value::Object(object)) => Ok(object),
            Ok(serde_json::Value::Array(list)) => match list.into_iter().next() {
                Some(serde_json::Value::Object(object)) => Ok(object),
                _ => Err(Problem::unreadable("The payload is not a JSON object.")),
            },
            Ok(_) => Err(Problem::unreadable("The payload is not a JSON object.")),
            Err(_) => Err(Problem::unreadable("The payload is not valid JSON.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Params, Problem, string};

    #[test]
    fn strings_are_written_as_json() {
        for text in ["", "plain", "quote \" and \\", "line\r\n\ttab", "\u{0}\u{1f}", "Inês 🖨", "^a^"] {
            let mut out = Vec::new();
            string(&mut out, text);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn problems_have_the_platforms_shape() {
        let response = Problem::mandatory(&["Resolution code", "Resolution notes"]).response();
        assert_eq!(response.status(), 403);
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(
            body["error"]["detail"],
            "Data Policy Exception: The following fields are mandatory: Resolution code, Resolution notes"
        );
        assert_eq!(body["status"], "failure");
        assert!(Problem::unauthenticated().response().headers().contains_key("www-authenticate"));
        assert!(
            String::from_utf8_lossy(Problem::no_resource().response().body()).contains("\"detail\":null")
        );
    }

    #[test]
    fn params() {
        let params = Params::parse(b"sysparm_query=a%3Db%5Ec&sysparm_limit=5&x=true&y=-1");
        assert_eq!(params.get("sysparm_query"), Some("a=b^c"));
        assert_eq!((params.number("sysparm_limit", 9), params.number("y", 9)), (5, 9));
        assert!(params.flag("x") && !params.flag("z"));
    }
}
