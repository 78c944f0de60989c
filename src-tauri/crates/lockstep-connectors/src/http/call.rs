//! One request as a connector describes it, and the answer it gets.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use lockstep_core::connector::ByteStream;
use lockstep_core::omission::{Omission, left_out};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// Characters that may stand as they are in a query value.
const QUERY: &AsciiSet = &PLAIN.remove(b',').remove(b':').remove(b'@').remove(b'/');
/// Characters that may stand as they are in a path segment.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request's body.
pub enum Body {
    Empty,
    Bytes(Bytes),
    /// Sent once; a call with such a body is never repeated.
    Stream {
        body: ByteStream,
        length: u64,
    },
}

/// What a good answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// JSON, whole.
    Json,
    /// JSON, or 204 without a body.
    JsonOrNothing,
    /// Whatever comes.
    Anything,
}

/// One request. `what` says in a few words what it is for: "read incidents".
pub struct Call {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) what: String,
    pub(crate) expect: Expect,
    pub(crate) good: &'static [u16],
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) answer_bytes_max: Option<usize>,
    pub(crate) resends_after_wait: bool,
    pub(crate) signed: bool,
    pub(crate) not_after: Option<u64>,
}

impl Call {
    /// Any method; `path` is absolute below the base address and already encoded (see [`Call::segment`]).
    pub fn new(method: Method, path: impl Into<String>, what: impl Into<String>) -> Call {
        let safe = method == Method::GET || method == Method::HEAD;
        Call {
            method,
            target: path.into(),
            headers: HeaderMap::new(),
            body: Body::Empty,
            what: what.into(),
            expect: if safe { Expect::Json } else { Expect::JsonOrNothing },
            good: if safe { &[200] } else { &[200, 201, 204] },
            timeout_ms: None,
            answer_bytes_max: None,
            resends_after_wait: false,
            signed: true,
            not_after: None,
        }
    }

    /// A read.
    pub fn get(path: impl Into<String>, what: impl Into<String>) -> Call {
        Call::new(Method::GET, path, what)
    }

    /// Encodes one path segment.
    pub fn segment(text: &str) -> String {
        utf8_percent_encode(text, PLAIN).to_string()
    }

    /// Adds one query parameter, encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Call {
        self.target.push(if self.target.contains('?') { '&' } else { '?' });
        self.target.extend(utf8_percent_encode(name, PLAIN));
        self.target.push('=');
        self.target.extend(utf8_percent_encode(value, QUERY));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Call {
        self.headers.insert(name, value);
        self
    }

    /// Sends `value` as JSON.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Call {
        let bytes = serde_json::to_vec(value).expect("bodies have text keys and no failing serialisers");
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Body::Bytes(bytes.into());
        self
    }

    /// Sends fields as a form, as token endpoints want it.
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Call {
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.body = Body::Bytes(text.into());
        self
    }

    /// Sends bytes of a type.
    #[must_use]
    pub fn bytes(mut self, content_type: HeaderValue, bytes: Bytes) -> Call {
        self.headers.insert(header::CONTENT_TYPE, content_type);
        self.body = Body::Bytes(bytes);
        self
    }

    /// Sends a file of a known length as it arrives.
    #[must_use]
    pub fn stream(mut self, content_type: HeaderValue, body: ByteStream, length: u64) -> Call {
        self.headers.insert(header::CONTENT_TYPE, content_type);
        self.body = Body::Stream { body, length };
        self
    }

    /// Another good answer than the method's usual one.
    #[must_use]
    pub fn expect(mut self, expect: Expect) -> Call {
        self.expect = expect;
        self
    }

    /// Other good statuses than the usual ones (200 for a read; 200, 201, 204 for a write).
    #[must_use]
    pub fn good(mut self, statuses: &'static [u16]) -> Call {
        self.good = statuses;
        self
    }

    /// Another time-out than the client's.
    #[must_use]
    pub fn timeout_ms(mut self, ms: u64) -> Call {
        self.timeout_ms = Some(ms);
        self
    }

    /// Another cap on the answer than the client's.
    #[must_use]
    pub fn answer_bytes_max(mut self, bytes: usize) -> Call {
        self.answer_bytes_max = Some(bytes);
        self
    }

    /// For a write: after a 429 wait and send again, where the platform's sheet allows it (servicenow.md §8.2, jira.md §11).
    /// A create is sent again here only where a 429 proves that nothing ran (hazards.md H10).
    #[must_use]
    pub fn resends_after_wait(mut self) -> Call {
        self.resends_after_wait = true;
        self
    }

    /// A moment on the clock that counts sleep; looked at right before the first byte, and when it has passed nothing
    /// is sent (hazards.md H48). A write has one by itself.
    #[must_use]
    pub fn not_after(mut self, monotonic_ms: u64) -> Call {
        self.not_after = Some(monotonic_ms);
        self
    }

    /// Without the account's sign-in, for the token endpoint itself.
    #[must_use]
    pub fn unsigned(mut self) -> Call {
        self.signed = false;
        self
    }

    /// The path with its query, for tests and messages.
    pub fn target(&self) -> &str {
        &self.target
    }
}

/// A whole answer with a good status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's `Date`, milliseconds.
    pub fn date_ms(&self) -> Option<i64> {
        if left_out(Omission::OwnClockBelieved) {
            return None;
        }
        super::retry::http_date_ms(self.header("date")?)
    }

    /// Whether the answer calls itself JSON.
    pub(crate) fn says_json(&self) -> bool {
        self.header("content-type").is_some_and(|text| {
            let kind = text.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded_whole() {
        let call = Call::get("/a", "x").query("q", "a^b=c&d\n é").query("p", "1,2#+");
        assert_eq!(call.target(), "/a?q=a%5Eb%3Dc%26d%0A%20%C3%A9&p=1,2%23%2B");
        assert_eq!(Call::segment("../x?y"), "..%2Fx%3Fy");
    }
}
