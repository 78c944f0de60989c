//! What a practice platform must be able to do: answer a request at a given time, and keep its state.

use bytes::Bytes;
use http::{Request, Response};

use crate::facts::Facts;

/// How to sign in to a practice platform as the user that Lockstep is meant to be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SignIn {
    /// Login name (ServiceNow) or e-mail address (Jira).
    pub user: String,
    /// Password (ServiceNow) or API token (Jira). Made up from the seed, good on this practice platform alone.
    pub secret: String,
}

/// What a practice platform starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seed {
    /// People, groups and choices, and no tickets.
    Empty,
    /// About thirty believable tickets.
    Small,
    /// The small seed and so many generated tickets on top.
    Bulk(usize),
    /// For measuring: ServiceNow holds so many incidents without comments and files, each new or in progress, and
    /// nothing else; Jira holds its small seed.
    Plain(usize),
}

/// One practice platform: its whole state, and its answers.
///
/// `now_ms` is the platform's own clock, milliseconds since 1970 UTC; it never reads another clock and draws ids only
/// from its own seeded source, so the same requests at the same times give the same answers.
pub trait Platform: Send {
    /// The platform's name in lower case: `servicenow` or `jira`.
    fn name(&self) -> &'static str;

    /// Tells the platform under which origin it is reached (`http://127.0.0.1:8080`), for the links it writes.
    fn set_origin(&mut self, origin: &str);

    /// The sign-in meant for Lockstep.
    fn sign_in(&self) -> SignIn;

    /// Every sign-in there is, people's and clients' too, for a test that edits as a person would.
    fn credentials(&self) -> serde_json::Value {
        let sign_in = self.sign_in();
        serde_json::json!({ "lockstep": { "user": sign_in.user, "secret": sign_in.secret } })
    }

    /// Answers one request. Never fails: an unknown path or a malformed body is answered as the real platform would.
    fn handle(&mut self, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes>;

    /// Switches of the platform's own traps (strict queries, hidden rows, index lag, …) as one JSON object; the
    /// platform's module documents the keys. Unknown keys are refused with a sentence that names them.
    fn configure(&mut self, switches: &serde_json::Value) -> Result<(), String>;

    /// Adds `count` tickets in bulk, numbered on from the present ones, spread over the 90 days before `now_ms`.
    fn seed_bulk(&mut self, count: usize, now_ms: i64);

    /// The tickets as they stand, for a test's referee.
    fn facts(&self) -> Vec<Facts> {
        Vec::new()
    }

    /// How many people, groups and organisations there are.
    fn people_count(&self) -> usize {
        0
    }

    /// The whole state as JSON, for `--state DIR` and for a test's referee.
    fn save(&self) -> serde_json::Value;

    /// Takes back what [`Platform::save`] gave. Refuses, with a sentence, what it cannot read.
    fn load(&mut self, state: &serde_json::Value) -> Result<(), String>;
}
