//! What went over the wire, without secrets, values or bodies; and how many calls it took.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;

/// Requests remembered when nobody says otherwise.
const ENTRIES_KEPT: usize = 500;

/// One request as remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEntry {
    /// When it was sent, by this computer's clock.
    pub at_ms: i64,
    pub method: Method,
    pub host: String,
    /// The path, query values masked.
    pub target: String,
    /// The answer's status; `None` when no complete answer came.
    pub status: Option<u16>,
    /// `not sent` or `broken`, when there is no status.
    pub failure: Option<&'static str>,
    pub took_ms: u64,
    pub answer_bytes: u64,
}

/// The last requests, bounded.
pub struct RequestLog {
    entries: Mutex<VecDeque<RequestEntry>>,
    kept: usize,
}

impl Default for RequestLog {
    fn default() -> Self {
        Self::keeping(ENTRIES_KEPT)
    }
}

impl RequestLog {
    /// Remembers the last `kept` requests.
    pub fn keeping(kept: usize) -> Self {
        Self { entries: Mutex::new(VecDeque::with_capacity(kept.min(ENTRIES_KEPT))), kept }
    }

    /// The remembered requests, oldest first.
    pub fn entries(&self) -> Vec<RequestEntry> {
        self.entries.lock().expect("no panic happens under this lock").iter().cloned().collect()
    }

    pub(crate) fn add(&self, entry: RequestEntry) {
        tracing::debug!(
            target: "lockstep::http",
            method = %entry.method, host = entry.host, path = entry.target, status = entry.status,
            failure = entry.failure, took_ms = entry.took_ms, answer_bytes = entry.answer_bytes,
            "request"
        );
        let mut entries = self.entries.lock().expect("no panic happens under this lock");
        if self.kept == 0 {
            return;
        }
        if entries.len() == self.kept {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

/// Calls so far, by method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCounts {
    pub get: u64,
    pub post: u64,
    pub put: u64,
    pub patch: u64,
    pub delete: u64,
    pub other: u64,
    /// Bytes of answers.
    pub answer_bytes: u64,
}

impl CallCounts {
    /// All calls.
    pub fn total(&self) -> u64 {
        self.get + self.post + self.put + self.patch + self.delete + self.other
    }

    /// The calls since `before`.
    #[must_use]
    pub fn since(&self, before: &CallCounts) -> CallCounts {
        CallCounts {
            get: self.get - before.get,
            post: self.post - before.post,
            put: self.put - before.put,
            patch: self.patch - before.patch,
            delete: self.delete - before.delete,
            other: self.other - before.other,
            answer_bytes: self.answer_bytes - before.answer_bytes,
        }
    }
}

/// Counts what is put on the wire: one request, one call.
#[derive(Debug, Default)]
pub struct CallCounter {
    methods: [AtomicU64; 6],
    answer_bytes: AtomicU64,
}

impl CallCounter {
    pub(crate) fn sent(&self, method: &Method) {
        let index = match method.as_str() {
            "GET" => 0,
            "POST" => 1,
            "PUT" => 2,
            "PATCH" => 3,
            "DELETE" => 4,
            _ => 5,
        };
        self.methods[index].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, bytes: u64) {
        self.answer_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The counts now; a run takes the difference of two.
    pub fn counts(&self) -> CallCounts {
        let [get, post, put, patch, delete, other] =
            std::array::from_fn(|index| self.methods[index].load(Ordering::Relaxed));
        CallCounts {
            get,
            post,
            put,
            patch,
            delete,
            other,
            answer_bytes: self.answer_bytes.load(Ordering::Relaxed),
        }
    }
}
