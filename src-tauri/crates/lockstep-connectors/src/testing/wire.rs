//! A wire that ends in a practice platform.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Method, Request};
use lockstep_core::connector::ConnectorError;
use lockstep_sandbox::practice::Cut;
use lockstep_sandbox::{Delivery, Practice};

use super::VirtualClock;
use crate::ports::{Clock, Transport, WireAnswer, WireBody, WireError, WireRequest, WireStream};

/// Bytes of one piece of a streamed answer.
const PIECE_BYTES: usize = 16 * 1024;

/// One practice platform behind a wire; cheap to clone, all clones reach the same platform.
#[derive(Clone)]
pub struct Sandbox {
    practice: Arc<Mutex<Practice>>,
    clock: Arc<VirtualClock>,
    /// True time when the clock had passed nothing.
    start_ms: i64,
    /// How long each call takes, milliseconds.
    call_ms: u64,
}

impl Sandbox {
    /// A platform that lives in the clock's time from now on; a call takes no time.
    pub fn new(practice: Practice, clock: Arc<VirtualClock>) -> Self {
        let passed = i64::try_from(clock.monotonic_ms()).unwrap_or(i64::MAX);
        let start_ms = clock.now_ms() - passed;
        Self { practice: Arc::new(Mutex::new(practice)), clock, start_ms, call_ms: 0 }
    }

    /// The same platform, each call taking `ms`.
    #[must_use]
    pub fn with_call_ms(mut self, ms: u64) -> Self {
        self.call_ms = ms;
        self
    }

    /// The platform itself, for faults, switches, limits and its log.
    pub fn practice(&self) -> MutexGuard<'_, Practice> {
        self.practice.lock().expect("a panic inside the practice platform fails the test already")
    }

    /// Does something as a person would by the platform's interface: status and answer. Panics when the answer is no
    /// JSON, for tests.
    pub fn act(
        &self,
        (user, secret): (&str, &str),
        method: Method,
        target: &str,
        body: Option<serde_json::Value>,
    ) -> (u16, serde_json::Value) {
        let sign = format!("Basic {}", STANDARD.encode(format!("{user}:{secret}")));
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", sign)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(body.map_or_else(Bytes::new, |body| body.to_string().into()))
            .expect("a test's request is well-formed");
        let faults = std::mem::take(&mut self.practice().faults);
        let delivery = self.deliver(request);
        self.practice().faults = faults;
        let response = delivery.response.expect("no fault is on");
        let value = match response.body().is_empty() {
            true => serde_json::Value::Null,
            false => {
                serde_json::from_slice(response.body()).expect("practice platforms answer people in JSON")
            }
        };
        (response.status().as_u16(), value)
    }

    fn deliver(&self, request: Request<Bytes>) -> Delivery {
        let now_ms = self.clock.true_ms(self.start_ms);
        self.practice().answer(request, now_ms)
    }
}

#[async_trait]
impl Transport for Sandbox {
    async fn send(&self, request: WireRequest) -> Result<WireAnswer, WireError> {
        let WireRequest { method, url, headers, body, timeout_ms, answer_bytes_max } = request;
        let body = collect(body).await?;
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = target.parse().map_err(|_| WireError::NotSent("no such address".to_owned()))?;
        *request.headers_mut() = headers;
        let delivery = self.deliver(request);
        let length = delivery.response.as_ref().map_or(0, |response| response.body().len());
        let trickle_ms = delivery.pace.map_or(0, |pace| (length / pace.chunk_bytes) as u64 * pace.every_ms);
        let takes_ms = (self.call_ms + delivery.delay_ms).saturating_add(trickle_ms);
        if takes_ms > 0 {
            self.clock.sleep_ms(takes_ms.min(timeout_ms)).await;
        }
        if takes_ms > timeout_ms {
            return Err(WireError::Broken("no answer in time".to_owned()));
        }
        match (delivery.cut, delivery.response) {
            (None, Some(response)) if length > answer_bytes_max => {
                Err(WireError::Broken(format!("{} answered more than allowed", response.status())))
            }
            (None, Some(response)) => {
                let (parts, body) = response.into_parts();
                Ok(WireAnswer { status: parts.status, headers: parts.headers, body })
            }
            (Some(Cut::InBody(_)), _) => Err(WireError::Broken("the answer ended early".to_owned())),
            (_, _) => Err(WireError::Broken("the connection was closed".to_owned())),
        }
    }

    async fn stream(&self, request: WireRequest) -> Result<WireStream, WireError> {
        let WireAnswer { status, headers, body } = self.send(request).await?;
        let pieces: Vec<_> = (0..body.len())
            .step_by(PIECE_BYTES)
            .map(|from| Ok(body.slice(from..body.len().min(from + PIECE_BYTES))))
            .collect();
        Ok(WireStream { status, headers, body: Box::pin(stream::iter(pieces)) })
    }
}

/// A body as a whole; a source that breaks off means that the request was broken off too.
async fn collect(body: WireBody) -> Result<Bytes, WireError> {
    match body {
        WireBody::Empty => Ok(Bytes::new()),
        WireBody::Bytes(bytes) => Ok(bytes),
        WireBody::Stream { mut body, length } => {
            let mut whole = Vec::new();
            while let Some(piece) = body.next().await {
                let piece = piece.map_err(|error: ConnectorError| WireError::Broken(error.message))?;
                whole.extend_from_slice(&piece);
            }
            match u64::try_from(whole.len()) {
                Ok(size) if size == length => Ok(whole.into()),
                _ => Err(WireError::Broken("the body has another length than announced".to_owned())),
            }
        }
    }
}
