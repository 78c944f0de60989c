//! One request on the wire: signed, logged, counted, its server's clock noted.

use http::HeaderMap;

use super::call::{Body, Call};
use super::client::Client;
use super::json_guard;
use super::limit::Permit;
use super::redact::masked_target;
use super::request_log::RequestEntry;
use crate::ports::{WireAnswer, WireBody, WireError, WireRequest, WireStream};
use lockstep_core::connector::{ConnectorError, ErrorKind};

/// What one exchange brought, and the headers it was signed with.
pub(super) struct Exchange<T> {
    pub(super) outcome: Result<T, WireError>,
    pub(super) signed_with: HeaderMap,
}

/// The answer as it may be parsed.
fn guarded(mut answer: WireAnswer) -> Result<WireAnswer, WireError> {
    if json_guard::has_too_many_values(&answer.body) {
        return Err(WireError::Broken("the answer holds more values than any answer needs".to_owned()));
    }
    answer.body = json_guard::without_half_characters(answer.body);
    Ok(answer)
}

impl Client {
    /// Sends and reads the whole answer. Errors of its own mean that nothing was sent.
    pub(super) async fn exchange(
        &self,
        call: &mut Call,
        permit: &Permit,
    ) -> Result<Exchange<WireAnswer>, ConnectorError> {
        let (request, signed_with) = self.wire_request(call, permit).await?;
        let note = self.note(&request);
        let outcome = self.inner.ports.transport.send(request).await.and_then(guarded);
        let status = outcome.as_ref().map(|answer| (answer.status.as_u16(), answer.body.len() as u64));
        self.remember(note, status);
        if let Ok(answer) = &outcome {
            self.learn(&answer.headers, permit);
        }
        Ok(Exchange { outcome, signed_with })
    }

    /// Sends and hands the body over as it arrives.
    pub(super) async fn exchange_stream(
        &self,
        call: &mut Call,
        permit: &Permit,
    ) -> Result<Exchange<WireStream>, ConnectorError> {
        let (request, signed_with) = self.wire_request(call, permit).await?;
        let note = self.note(&request);
        let outcome = self.inner.ports.transport.stream(request).await;
        self.remember(note, outcome.as_ref().map(|answer| (answer.status.as_u16(), 0)));
        if let Ok(answer) = &outcome {
            self.learn(&answer.headers, permit);
        }
        Ok(Exchange { outcome, signed_with })
    }

    async fn wire_request(
        &self,
        call: &mut Call,
        permit: &Permit,
    ) -> Result<(WireRequest, HeaderMap), ConnectorError> {
        let inner = &self.inner;
        let url = inner.settings.base.at(&call.target)?;
        let mut headers = inner.settings.headers.clone();
        headers.extend(call.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut signed_with = HeaderMap::new();
        if call.signed {
            inner.auth.sign(&mut signed_with).await?;
            headers.extend(signed_with.iter().map(|(name, value)| (name.clone(), value.clone())));
            if inner.settings.keeps_cookies {
                inner.jar(permit.lane).hand_out(&mut headers);
            }
        }
        let body = match &mut call.body {
            Body::Empty => WireBody::Empty,
            Body::Bytes(bytes) => WireBody::Bytes(bytes.clone()),
            Body::Stream { .. } => match std::mem::replace(&mut call.body, Body::Empty) {
                Body::Stream { body, length } => WireBody::Stream { body, length },
                Body::Empty | Body::Bytes(_) => WireBody::Empty,
            },
        };
        if call.not_after.is_some_and(|moment| inner.ports.clock.monotonic_ms() > moment) {
            let message = format!("Too much time passed before the call to {}; nothing was sent", call.what);
            return Err(ConnectorError::new(ErrorKind::Stopped, message));
        }
        let request = WireRequest {
            method: call.method.clone(),
            url,
            headers,
            body,
            timeout_ms: call.timeout_ms.unwrap_or(inner.settings.timeout_ms),
            answer_bytes_max: call.answer_bytes_max.unwrap_or(inner.settings.answer_bytes_max),
        };
        Ok((request, signed_with))
    }

    fn note(&self, request: &WireRequest) -> (RequestEntry, u64) {
        let inner = &self.inner;
        inner.context.calls.sent(&request.method);
        let entry = RequestEntry {
            at_ms: inner.ports.clock.now_ms(),
            method: request.method.clone(),
            host: inner.settings.base.host().to_owned(),
            target: masked_target(&request.url),
            status: None,
            failure: None,
            took_ms: 0,
            answer_bytes: 0,
        };
        (entry, inner.ports.clock.monotonic_ms())
    }

    fn remember(&self, (mut entry, started): (RequestEntry, u64), outcome: Result<(u16, u64), &WireError>) {
        entry.took_ms = self.inner.ports.clock.monotonic_ms().saturating_sub(started);
        match outcome {
            Ok((status, bytes)) => {
                entry.status = Some(status);
                entry.answer_bytes = bytes;
                self.inner.context.calls.received(bytes);
            }
            Err(WireError::NotSent(_) | WireError::Untrusted { .. }) => entry.failure = Some("not sent"),
            Err(WireError::Broken(_)) => entry.failure = Some("broken"),
        }
        self.inner.context.log.add(entry);
    }

    fn learn(&self, headers: &HeaderMap, permit: &Permit) {
        let inner = &self.inner;
        let date = headers.get(http::header::DATE).and_then(|value| value.to_str().ok());
        if let Some(date_ms) = date.and_then(super::retry::http_date_ms) {
            inner.server_time.learn(date_ms, inner.ports.clock.as_ref());
        }
        if inner.settings.keeps_cookies {
            inner.jar(permit.lane).take_in(headers);
        }
        if let Some(wait_ms) = inner.dialect.exhausted_ms(headers, self.server_now_ms()) {
            inner.limiter.hold(wait_ms, inner.ports.clock.as_ref());
        }
    }
}
