//! Answers and refusals in the shapes of sheet §4.4 (platform API) and of the JSM API.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use serde_json::{Value, json};

/// One answer before it becomes an HTTP response.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body, empty for none.
    pub body: Bytes,
    /// Content type of the body.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Answer {
    /// JSON text already written.
    pub fn json(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            body: body.into(),
            content_type: "application/json;charset=UTF-8".to_owned(),
            headers: Vec::new(),
        }
    }

    /// A JSON value.
    pub fn value(status: u16, body: &Value) -> Self {
        Self::json(status, body.to_string().into_bytes())
    }

    /// No body.
    pub fn empty(status: u16) -> Self {
        Self { status, body: Bytes::new(), content_type: String::new(), headers: Vec::new() }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// As an HTTP response.
    pub fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() =
            http::StatusCode::from_u16(self.status).expect("answers use statuses between 100 and 599");
        let headers = response.headers_mut();
        if !self.content_type.is_empty() {
            set(headers, "content-type", &self.content_type);
        }
        for (name, value) in &self.headers {
            set(headers, name, value);
        }
        response
    }
}

fn set(headers: &mut http::HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) =
        (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
    {
        headers.insert(name, value);
    }
}

/// Why a request was refused, before it is written in the style of the API it came through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// General messages.
    pub messages: Vec<String>,
    /// Messages by field id.
    pub errors: Vec<(String, String)>,
    /// No body at all (JSM answers 403 like that to accounts that are no agents).
    pub bare: bool,
    /// Further headers (`Retry-After`, …).
    pub headers: Vec<(&'static str, String)>,
}

/// What a handler gives back.
pub type Reply = Result<Answer, Refusal>;

impl Refusal {
    /// One general message.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, messages: vec![message.into()], ..Self::default() }
    }

    /// 400 with one message at a field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self { status: 400, errors: vec![(field.to_owned(), message.into())], ..Self::default() }
    }

    /// 400 with messages at several fields.
    pub fn fields(errors: Vec<(String, String)>) -> Self {
        Self { status: 400, errors, ..Self::default() }
    }

    /// A status alone.
    pub fn bare(status: u16) -> Self {
        Self { status, bare: true, ..Self::default() }
    }

    /// The ticket is not there, or not for these eyes (sheet §3.6: both look the same).
    pub fn no_issue() -> Self {
        Self::new(404, "Issue does not exist or you do not have permission to see it.")
    }

    /// The error collection of the platform API.
    pub fn collection(&self) -> Value {
        let errors: serde_json::Map<String, Value> =
            self.errors.iter().map(|(field, text)| (field.clone(), Value::String(text.clone()))).collect();
        json!({ "errorMessages": self.messages, "errors": errors })
    }

    /// As an answer of the platform API, or (`jsm`) of the service management API.
    pub fn into_answer(self, jsm: bool) -> Answer {
        let mut answer = if self.bare {
            Answer::empty(self.status)
        } else if jsm {
            let text = match (self.messages.first(), self.errors.first()) {
                (Some(message), _) => message.clone(),
                (None, Some((field, text))) => format!("{field}: {text}"),
                (None, None) => "The request was refused.".to_owned(),
            };
            let key = match self.status {
                401 => "sd.auth.error",
                403 => "sd.permission.error",
                404 => "sd.not.found",
                _ => "sd.validation.error",
            };
            Answer::value(
                self.status,
                &json!({ "errorMessage": text, "i18nErrorMessage": { "i18nKey": key, "parameters": [] } }),
            )
        } else {
            Answer::value(self.status, &self.collection())
        };
        answer.headers.extend(self.headers);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_fills_both_containers() {
        let answer = Refusal::field("summary", "no").into_answer(false);
        assert_eq!(answer.body, r#"{"errorMessages":[],"errors":{"summary":"no"}}"#);
        let jsm = Refusal::new(404, "gone").into_answer(true);
        assert!(String::from_utf8_lossy(&jsm.body).contains("sd.not.found"));
        assert!(Refusal::bare(403).into_answer(true).body.is_empty());
    }
}
