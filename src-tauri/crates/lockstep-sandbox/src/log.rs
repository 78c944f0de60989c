//! The request log: what was asked, what was answered, and whether it took effect. Bounded, and never holds a secret.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde::Serialize;

/// Who a request was signed in as. A platform puts it among the answer's extensions.
#[derive(Debug, Clone)]
pub struct Who(pub Arc<str>);

/// One request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Counts up from 1 over the life of the practice platform.
    pub seq: u64,
    /// By the platform's clock.
    pub at_ms: i64,
    /// HTTP method.
    pub method: Method,
    /// Path, without the query.
    pub path: String,
    /// Query as sent; empty when there was none.
    pub query: String,
    /// Answered status, 0 when the connection was cut without an answer.
    pub status: u16,
    /// Whether the platform carried the request out (a fault or a limit may have stopped it).
    pub applied: bool,
    /// Sign-in, where one was recognised.
    pub user: Option<Arc<str>>,
    /// Request body; withheld where it carries a password or a token.
    pub body: Bytes,
    /// Size of the answer's body.
    pub answer_bytes: usize,
    /// Headers and answer, when recording is on.
    pub recorded: Option<Box<Recorded>>,
}

/// The rest of a request and its answer, for contract checks.
#[derive(Debug, Clone, Serialize)]
pub struct Recorded {
    /// Request headers without credentials.
    pub request_headers: Vec<(String, String)>,
    /// Answer headers without cookies.
    pub answer_headers: Vec<(String, String)>,
    /// The answer's body, as text where it is text.
    pub answer_body: String,
}

/// How many requests the log keeps unless told otherwise.
pub const ENTRIES_MAX: usize = 10_000;
/// How much of a request body the JSON form of an entry shows.
const BODY_SHOWN_BYTES_MAX: usize = 16 * 1024;
/// Bodies above this size are not kept, so that the log stays small beside uploads.
const BODY_KEPT_BYTES_MAX: usize = 256 * 1024;

/// The log.
#[derive(Debug, Clone)]
pub struct Log {
    entries: VecDeque<Entry>,
    next: u64,
    /// The oldest go first beyond this many.
    pub entries_max: usize,
    /// Keep request and answer in full. Off by default: it costs memory and time.
    pub recording: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self { entries: VecDeque::new(), next: 1, entries_max: ENTRIES_MAX, recording: false }
    }
}

impl Log {
    /// Adds an entry and numbers it.
    pub fn push(&mut self, mut entry: Entry) {
        entry.seq = self.next;
        self.next += 1;
        if entry.body.len() > BODY_KEPT_BYTES_MAX {
            entry.body = Bytes::from_static(b"(too large to keep)");
        }
        if carries_secret(&entry.path) {
            entry.body = Bytes::from_static(b"(withheld)");
        }
        while self.entries.len() >= self.entries_max.max(1) {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// The entries kept, oldest first.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The number that the next entry will get.
    pub fn next_seq(&self) -> u64 {
        self.next
    }

    /// Forgets the entries; numbering goes on.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Entries from number `since` on, as JSON.
    pub fn to_json(&self, since: u64) -> serde_json::Value {
        let entries: Vec<serde_json::Value> =
            self.entries.iter().filter(|entry| entry.seq >= since).map(entry_json).collect();
        serde_json::json!({ "entries": entries, "next": self.next })
    }
}

/// Whether bodies on this path hold passwords or tokens, in either direction.
pub fn carries_secret(path: &str) -> bool {
    path.contains("oauth") || path.contains("/token") || path.contains("/login")
}

/// Whether a header's value must never be kept.
pub fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "authorization" | "cookie" | "set-cookie" | "x-usertoken" | "proxy-authorization")
        || name.contains("apikey")
        || name.contains("api-key")
}

fn entry_json(entry: &Entry) -> serde_json::Value {
    let shown = &entry.body[..entry.body.len().min(BODY_SHOWN_BYTES_MAX)];
    let mut json = serde_json::json!({
        "seq": entry.seq,
        "at_ms": entry.at_ms,
        "method": entry.method.as_str(),
        "path": entry.path,
        "query": entry.query,
        "status": entry.status,
        "applied": entry.applied,
        "user": entry.user.as_deref(),
        "body": String::from_utf8_lossy(shown),
        "body_bytes": entry.body.len(),
        "answer_bytes": entry.answer_bytes,
    });
    if let (Some(recorded), Some(object)) = (&entry.recorded, json.as_object_mut()) {
        let recorded = serde_json::to_value(recorded).expect("texts only");
        object.insert("recorded".to_owned(), recorded);
    }
    json
}

#[cfg(test)]
mod tests {
    use super::{Entry, Log, carries_secret, is_secret_header};
    use bytes::Bytes;
    use http::Method;

    fn entry(path: &str, body: &'static str) -> Entry {
        Entry {
            seq: 0,
            at_ms: 5,
            method: Method::POST,
            path: path.to_owned(),
            query: String::new(),
            status: 200,
            applied: true,
            user: None,
            body: Bytes::from_static(body.as_bytes()),
            answer_bytes: 2,
            recorded: None,
        }
    }

    #[test]
    fn the_oldest_go_first_and_numbers_go_on() {
        let mut log = Log { entries_max: 2, ..Log::default() };
        for _ in 0..3 {
            log.push(entry("/a", "x"));
        }
        assert_eq!(log.entries().map(|e| e.seq).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(log.to_json(3)["entries"].as_array().unwrap().len(), 1);
        log.clear();
        assert_eq!(log.next_seq(), 4);
    }

    #[test]
    fn secrets_stay_out() {
        let mut log = Log::default();
        log.push(entry("/oauth_token.do", "username=a&password=hush"));
        assert!(!log.to_json(0).to_string().contains("hush"));
        assert!(carries_secret("/oauth_token.do") && !carries_secret("/api/now/table/incident"));
        assert!(is_secret_header("Authorization") && is_secret_header("x-sn-apikey"));
        assert!(!is_secret_header("accept"));
    }
}
