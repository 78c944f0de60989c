//! What a client is given: how the account is called, how it signs in, and what belongs to the process.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, header};
use lockstep_core::connector::ConnectorError;

use super::limit::{Limiters, NobodyWatches, Rate, WaitObserver};
use super::origin::BaseAddress;
use super::request_log::{CallCounter, RequestLog};

/// Puts an account's sign-in on its requests. It reaches requests to the account's own origin only.
#[async_trait]
pub trait Authorise: Send + Sync {
    /// Adds the headers, after getting a fresh token where one is due.
    async fn sign(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError>;
    /// The platform refused `refused`; true when there is another sign-in now, worth one more try.
    async fn renew(&self, refused: &HeaderMap) -> Result<bool, ConnectorError>;
    /// Takes what is secret out of a platform's words, which may repeat what it was sent (reliability.md T7).
    fn conceal(&self, words: &str) -> String;
}

/// No sign-in at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSignIn;

#[async_trait]
impl Authorise for NoSignIn {
    async fn sign(&self, _headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        Ok(())
    }
    async fn renew(&self, _refused: &HeaderMap) -> Result<bool, ConnectorError> {
        Ok(false)
    }
    fn conceal(&self, words: &str) -> String {
        words.to_owned()
    }
}

/// What belongs to the process or to the run, not to one account.
#[derive(Clone)]
pub struct HttpContext {
    /// One for the process: connections that share an account share its limiter.
    pub limiters: Arc<Limiters>,
    /// Is told about waits.
    pub waits: Arc<dyn WaitObserver>,
    pub log: Arc<RequestLog>,
    pub calls: Arc<CallCounter>,
}

impl Default for HttpContext {
    fn default() -> Self {
        Self {
            limiters: Arc::default(),
            waits: Arc::new(NobodyWatches),
            log: Arc::default(),
            calls: Arc::default(),
        }
    }
}

/// How one account is called.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    pub base: BaseAddress,
    /// Names the account for the limiter: origin and user, no secret.
    pub account: String,
    /// On every request.
    pub headers: HeaderMap,
    /// Longest time until a whole answer has arrived, milliseconds.
    pub timeout_ms: u64,
    /// Longest answer, bytes, unpacked.
    pub answer_bytes_max: usize,
    /// Longest time that one read may wait in all, milliseconds.
    pub read_wait_ms_max: u64,
    /// Longest time that one write may wait before it is sent. Short, because its checks grow old (hazards.md H11,
    /// H19); a longer wait is handed to the caller as `NotApplied`.
    pub write_wait_ms_max: u64,
    /// Tries of one read, waits for rate limits not counted.
    pub tries_max: u32,
    /// Calls at once.
    pub lanes: usize,
    pub rate: Option<Rate>,
    /// Whether each lane keeps a server session.
    pub keeps_cookies: bool,
}

impl ClientSettings {
    /// Defaults: 60 s a call, 32 MiB, 15 min of waiting for reads and 30 s for writes, 4 tries, 4 lanes.
    pub fn new(base: BaseAddress, account: impl Into<String>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            header::USER_AGENT,
            HeaderValue::from_static(concat!("Lockstep/", env!("CARGO_PKG_VERSION"))),
        );
        Self {
            base,
            account: account.into(),
            headers,
            timeout_ms: 60_000,
            answer_bytes_max: 32 << 20,
            read_wait_ms_max: 15 * 60_000,
            write_wait_ms_max: 30_000,
            tries_max: 4,
            lanes: 4,
            rate: None,
            keeps_cookies: false,
        }
    }
}
