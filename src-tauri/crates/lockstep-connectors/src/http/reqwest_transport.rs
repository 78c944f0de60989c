//! The wire over reqwest, and the only file that knows it: TLS 1.2 or newer with rustls and the system's roots, the
//! system's proxy, no redirects, no retries of the library's own, answers capped after unpacking (engine.md §5,
//! reliability.md T5, T6, T9).

use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{HeaderValue, header};
use lockstep_core::connector::{ConnectorError, ErrorKind};

use super::distrust;
use super::origin::BaseAddress;
use crate::ports::{Transport, WireAnswer, WireBody, WireError, WireRequest, WireStream};

/// Longest time until a connection stands, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// How long sent bytes may stay without the other side's receipt (hazards.md H48).
#[cfg(target_os = "linux")]
const RECEIPT: Duration = Duration::from_secs(30);
/// Idle connections are kept that long.
const IDLE: Duration = Duration::from_secs(50);
/// Idle connections kept per host.
const IDLE_CONNECTIONS_MAX: usize = 16;
/// Bytes of room made at once for an answer, whatever its header promises.
const ROOM_BYTES_MAX: usize = 1 << 20;

/// The real [`Transport`]: one per account, because each may bring a certificate authority of its own.
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// For the account at `base`. `ca_file` is a PEM file of further certificate authorities, trusted for it alone.
    ///
    /// Fails when the file cannot be read or the system has no roots.
    pub fn new(base: &BaseAddress, ca_file: Option<&Path>) -> Result<Self, ConnectorError> {
        // Fails only when another part of the process has installed one before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .https_only(base.is_encrypted())
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .tcp_nodelay(true);
        #[cfg(target_os = "linux")]
        {
            builder = builder.tcp_user_timeout(RECEIPT);
        }
        if base.is_loopback() {
            builder = builder.no_proxy();
        }
        if let Some(file) = ca_file {
            builder = builder.tls_certs_merge(authorities(file)?);
        } else if !base.is_encrypted() {
            // Spares reading the system's roots where no TLS is spoken.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let client = builder.build().map_err(|error| {
            ConnectorError::new(
                ErrorKind::Stopped,
                format!("Encrypted connections cannot be set up on this computer: {}", reason(&error)),
            )
            .remedy("Check that the system's certificate store is installed")
        })?;
        Ok(Self { client })
    }

    async fn start(&self, request: WireRequest) -> Result<reqwest::Response, WireError> {
        let WireRequest { method, url, headers, body, timeout_ms, answer_bytes_max: _ } = request;
        let mut builder =
            self.client.request(method, url).headers(headers).timeout(Duration::from_millis(timeout_ms));
        builder = match body {
            WireBody::Empty => builder,
            WireBody::Bytes(bytes) => builder.body(bytes),
            WireBody::Stream { body, length } => builder
                .header(header::CONTENT_LENGTH, HeaderValue::from(length))
                .body(reqwest::Body::wrap_stream(body)),
        };
        builder.send().await.map_err(|error| wire_error(&error))
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: WireRequest) -> Result<WireAnswer, WireError> {
        let bytes_max = request.answer_bytes_max;
        let mut response = self.start(request).await?;
        let promised = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        if promised > bytes_max {
            return Err(too_large(bytes_max));
        }
        let mut body = BytesMut::with_capacity(promised.min(ROOM_BYTES_MAX));
        while let Some(piece) = response.chunk().await.map_err(|error| broken(&error))? {
            if body.len() + piece.len() > bytes_max {
                return Err(too_large(bytes_max));
            }
            body.extend_from_slice(&piece);
        }
        Ok(WireAnswer {
            status: response.status(),
            headers: take_headers(&mut response),
            body: body.freeze(),
        })
    }

    async fn stream(&self, request: WireRequest) -> Result<WireStream, WireError> {
        let bytes_max = request.answer_bytes_max;
        let mut response = self.start(request).await?;
        let (status, headers) = (response.status(), take_headers(&mut response));
        let mut so_far = 0usize;
        let body = response.bytes_stream().map(move |piece| {
            let piece: Bytes = piece.map_err(|error| cut(&reason(&error)))?;
            so_far = so_far.saturating_add(piece.len());
            if so_far > bytes_max { Err(cut("it is larger than allowed")) } else { Ok(piece) }
        });
        Ok(WireStream { status, headers, body: Box::pin(body) })
    }
}

fn take_headers(response: &mut reqwest::Response) -> http::HeaderMap {
    std::mem::take(response.headers_mut())
}

fn authorities(file: &Path) -> Result<Vec<reqwest::Certificate>, ConnectorError> {
    let refused = |what: &str| {
        ConnectorError::new(ErrorKind::Stopped, format!("The certificate file {} {what}", file.display()))
            .remedy("Choose a PEM file that holds the certificate authority's certificate")
    };
    let text = std::fs::read(file).map_err(|_| refused("cannot be read"))?;
    let found = reqwest::Certificate::from_pem_bundle(&text).map_err(|_| refused("holds no certificate"))?;
    if found.is_empty() { Err(refused("holds no certificate")) } else { Ok(found) }
}

/// A failure before anything was sent, or one after which the request may have arrived.
fn wire_error(error: &reqwest::Error) -> WireError {
    if error.is_connect()
        && let Some(problem) = tls_problem(error)
        && let Some((why, remedy)) = distrust::words(problem)
    {
        return WireError::Untrusted { why, remedy };
    }
    if error.is_connect() || error.is_dns() || error.is_builder() {
        WireError::NotSent(reason(error))
    } else {
        broken(error)
    }
}

fn broken(error: &reqwest::Error) -> WireError {
    WireError::Broken(reason(error))
}

fn too_large(bytes_max: usize) -> WireError {
    WireError::Broken(format!("the answer is larger than {} MiB", bytes_max >> 20))
}

fn cut(reason: &str) -> ConnectorError {
    ConnectorError::new(ErrorKind::Unreachable, format!("The file did not arrive whole: {reason}"))
}

/// What rustls had against the other side, where that is the cause. `io::Error` hides what it wraps from `source`.
fn tls_problem(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref() {
            return Some(found);
        }
        let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    None
}

/// The innermost cause in words; reqwest's own words hold the whole address, so they are left out.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() {
            "no connection in time".to_owned()
        } else {
            "no answer in time".to_owned()
        };
    }
    let mut words = None;
    let mut source = error.source();
    while let Some(cause) = source {
        words = Some(cause.to_string());
        source = cause.source();
    }
    words.unwrap_or_else(|| "the connection failed".to_owned())
}

#[cfg(test)]
#[path = "reqwest_transport_tests.rs"]
mod tests;
