//! The ports to the world outside: time, and the wire. A simulation replaces them (reliability.md §3).

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use lockstep_core::connector::ByteStream;

/// The only source of time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970 UTC by this computer's clock; may step.
    fn now_ms(&self) -> i64;
    /// Milliseconds on a clock that never steps and counts sleep of the computer (hazards.md H48).
    fn monotonic_ms(&self) -> u64;
    /// Waits.
    async fn sleep_ms(&self, ms: u64);
}

/// One request, absolute address, headers with the sign-in already in place.
pub struct WireRequest {
    pub method: http::Method,
    pub url: url::Url,
    pub headers: http::HeaderMap,
    pub body: WireBody,
    /// Longest time until the whole answer has arrived, milliseconds.
    pub timeout_ms: u64,
    /// Longest answer body, bytes, after decompression.
    pub answer_bytes_max: usize,
}

/// A request's body.
pub enum WireBody {
    Empty,
    Bytes(Bytes),
    /// A file with its length in bytes.
    Stream {
        body: ByteStream,
        length: u64,
    },
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct WireAnswer {
    pub status: http::StatusCode,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

/// An answer whose body is still arriving.
pub struct WireStream {
    pub status: http::StatusCode,
    pub headers: http::HeaderMap,
    pub body: ByteStream,
}

/// Why no complete answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireError {
    /// Nothing left this computer: refused connection, unknown host. The sentence says which.
    NotSent(String),
    /// Nothing left this computer but a greeting: the other side did not prove who it is, or offers no safe TLS.
    Untrusted { why: &'static str, remedy: &'static str },
    /// The request may have been received: time-out, broken connection, body cut or too large.
    Broken(String),
}

/// One logical send is one request on the wire: no retries, no redirects (hazards.md H10).
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends and reads the whole answer.
    async fn send(&self, request: WireRequest) -> Result<WireAnswer, WireError>;
    /// Sends and hands the body over as it arrives.
    async fn stream(&self, request: WireRequest) -> Result<WireStream, WireError>;
}

/// What every connector stands on.
#[derive(Clone)]
pub struct Ports {
    pub clock: Arc<dyn Clock>,
    pub transport: Arc<dyn Transport>,
}
