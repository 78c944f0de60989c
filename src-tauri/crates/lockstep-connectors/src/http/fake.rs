//! A clock that moves when slept on, and a transport that answers from a script: for tests of this crate.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode};

use crate::ports::{Clock, Transport, WireAnswer, WireBody, WireError, WireRequest, WireStream};

/// A clock that stands still until somebody sleeps on it.
#[derive(Default)]
pub(crate) struct TestClock {
    pub(crate) passed: AtomicU64,
    pub(crate) start_ms: AtomicI64,
}

#[async_trait]
impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.start_ms.load(Ordering::SeqCst) + i64::try_from(self.passed.load(Ordering::SeqCst)).unwrap()
    }
    fn monotonic_ms(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }
    async fn sleep_ms(&self, ms: u64) {
        self.passed.fetch_add(ms, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
}

/// A request as seen on the wire.
pub(crate) struct Seen {
    pub(crate) method: http::Method,
    pub(crate) url: url::Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Answers from a script, in order; an empty script is a broken connection.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) answers: Mutex<VecDeque<Result<WireAnswer, WireError>>>,
    pub(crate) seen: Mutex<Vec<Seen>>,
}

impl Script {
    pub(crate) fn of(answers: impl IntoIterator<Item = Result<WireAnswer, WireError>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), seen: Mutex::default() }
    }

    pub(crate) fn calls(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

/// A JSON answer.
pub(crate) fn json(status: u16, body: &str) -> Result<WireAnswer, WireError> {
    with(status, &[("content-type", "application/json;charset=UTF-8")], body)
}

/// Any answer.
pub(crate) fn with(
    status: u16,
    headers: &[(&'static str, &str)],
    body: &str,
) -> Result<WireAnswer, WireError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    Ok(WireAnswer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: body.to_owned().into(),
    })
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: WireRequest) -> Result<WireAnswer, WireError> {
        let body = match request.body {
            WireBody::Empty => Bytes::new(),
            WireBody::Bytes(bytes) => bytes,
            WireBody::Stream { mut body, .. } => {
                let mut whole = Vec::new();
                while let Some(piece) = body.next().await {
                    whole.extend_from_slice(&piece.unwrap());
                }
                whole.into()
            }
        };
        self.seen.lock().unwrap().push(Seen {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body,
        });
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or_else(|| Err(WireError::Broken("the script has ended".to_owned())))
    }

    async fn stream(&self, request: WireRequest) -> Result<WireStream, WireError> {
        let answer = self.send(request).await?;
        let body = Box::pin(stream::iter([Ok(answer.body)]));
        Ok(WireStream { status: answer.status, headers: answer.headers, body })
    }
}
