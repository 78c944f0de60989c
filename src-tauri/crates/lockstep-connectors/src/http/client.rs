//! The client of one account: reads that are repeated when that is safe, writes that are judged and never guessed
//! (hazards.md H10).

use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::TryStreamExt;
use http::{HeaderMap, Method, StatusCode, header};
use lockstep_core::connector::{ByteStream, ConnectorError, ErrorKind, WriteFailure};
use lockstep_core::omission::{Omission, left_out};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::call::{Answer, Body, Call, Expect};
use super::cookies::Jar;
use super::deadline;
use super::errors::{self, Dialect};
use super::limit::{self, Limiter, Permit, TooLong, WaitReason, Waiting};
use super::origin::BaseAddress;
use super::redact;
use super::retry;
use super::server_time::ServerTime;
use super::settings::{Authorise, ClientSettings, HttpContext};
use crate::ports::{Ports, WireAnswer, WireError};

/// Most same-origin redirects followed for one GET.
const HOPS_MAX: u32 = 3;
/// Longest time from a write's start to its first byte, allowed waits not counted (hazards.md H48), milliseconds.
const WRITE_START_MS_MAX: u64 = 60_000;
/// Longest error body read of a stream's refusal, bytes.
const REFUSAL_BYTES_MAX: usize = 256 * 1024;

/// The client of one account; cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) settings: ClientSettings,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) auth: Arc<dyn Authorise>,
    pub(super) ports: Ports,
    pub(super) context: HttpContext,
    pub(super) limiter: Arc<Limiter>,
    pub(super) server_time: ServerTime,
    jars: Vec<Mutex<Jar>>,
}

impl Inner {
    pub(super) fn jar(&self, lane: usize) -> MutexGuard<'_, Jar> {
        self.jars[lane % self.jars.len()].lock().expect("no panic happens under this lock")
    }
}

/// How an answer to a read is to be taken.
enum Next {
    Good(Answer),
    Again,
    Stop(ConnectorError),
}

impl Client {
    /// Builds the client; nothing is sent.
    pub fn new(
        settings: ClientSettings,
        dialect: Arc<dyn Dialect>,
        auth: Arc<dyn Authorise>,
        ports: Ports,
        context: HttpContext,
    ) -> Client {
        let limiter = context.limiters.of_account(&settings.account, settings.lanes, settings.rate);
        let jars = (0..settings.lanes.max(1)).map(|_| Mutex::default()).collect();
        let server_time = ServerTime::default();
        Client {
            inner: Arc::new(Inner { settings, dialect, auth, ports, context, limiter, server_time, jars }),
        }
    }

    /// Where the account lives.
    pub fn base(&self) -> &BaseAddress {
        &self.inner.settings.base
    }

    /// The ports below.
    pub fn ports(&self) -> &Ports {
        &self.inner.ports
    }

    /// The server's clock now, milliseconds; our own before the first answer.
    pub fn server_now_ms(&self) -> i64 {
        if left_out(Omission::OwnClockBelieved) {
            return self.inner.ports.clock.now_ms();
        }
        self.inner.server_time.now_ms(self.inner.ports.clock.as_ref())
    }

    /// Server clock minus ours, milliseconds.
    pub fn skew_ms(&self) -> i64 {
        self.server_now_ms() - self.inner.ports.clock.now_ms()
    }

    /// The path of a link from an answer, for a follow-up GET; refused when it leaves the account's origin. The base
    /// address must have no path prefix of its own, or the link must hold it.
    pub fn follow(&self, link: &str) -> Result<String, ConnectorError> {
        let url = self.base().follow(link)?;
        let path = url.path();
        let prefix = self.base().at("/")?;
        let path = path.strip_prefix(prefix.path().trim_end_matches('/')).unwrap_or(path);
        Ok(match url.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        })
    }

    /// Reads: repeated after 429, 408, 5xx and broken connections, so only for calls that change nothing (a search by
    /// POST counts). Waits are told to the observer.
    pub async fn read(&self, mut call: Call) -> Result<Answer, ConnectorError> {
        let mut waiting = self.waiting(self.inner.settings.read_wait_ms_max);
        let (mut tries, mut renewed, mut hops) = (1, false, 0);
        loop {
            let permit = self.enter(&mut waiting, &call.what).await?;
            let exchange = self.exchange(&mut call, &permit).await?;
            let error = match self.take_read(&mut call, exchange.outcome, &mut hops, &permit) {
                Next::Good(answer) => return Ok(answer),
                Next::Again => continue,
                Next::Stop(error) => error,
            };
            drop(permit);
            match error.kind {
                ErrorKind::RateLimited { .. } => {}
                ErrorKind::Unauthorised
                    if call.signed && !renewed && self.renew(&exchange.signed_with).await? =>
                {
                    renewed = true;
                }
                ErrorKind::Unreachable if tries < self.inner.settings.tries_max => {
                    self.pause(&mut waiting, tries, error).await?;
                    tries += 1;
                }
                _ => return Err(error),
            }
        }
    }

    /// Reads and parses.
    pub async fn get_json<T: DeserializeOwned>(&self, call: Call) -> Result<T, ConnectorError> {
        self.get_answer(call).await.map(|(value, _)| value)
    }

    /// Reads and parses; also gives the answer for its headers.
    pub async fn get_answer<T: DeserializeOwned>(&self, call: Call) -> Result<(T, Answer), ConnectorError> {
        let what = call.what.clone();
        let answer = self.read(call).await?;
        Ok((self.parse(&what, &answer.body)?, answer))
    }

    /// Parses straight from an answer's bytes, so that values may borrow from them.
    pub fn parse<'a, T: Deserialize<'a>>(&self, what: &str, body: &'a [u8]) -> Result<T, ConnectorError> {
        serde_json::from_slice(body)
            .map_err(|error| errors::not_documented(self.inner.dialect.label(), what, &error))
    }

    /// Writes once. `Ok` is a complete, good answer; a body that should be JSON was read to its end.
    pub async fn send_write(&self, call: Call) -> Result<Answer, WriteFailure> {
        let what = call.what.clone();
        let answer = self.write(call).await?;
        let nothing = answer.status == StatusCode::NO_CONTENT && answer.body.is_empty();
        if answer.says_json() && !nothing {
            serde_json::from_slice::<IgnoredAny>(&answer.body).map_err(|error| {
                self.unknown(errors::not_documented(self.inner.dialect.label(), &what, &error))
            })?;
        }
        Ok(answer)
    }

    /// Writes once and parses the answer; one that does not parse leaves the outcome unknown.
    pub async fn write_json<T: DeserializeOwned>(&self, call: Call) -> Result<(T, Answer), WriteFailure> {
        let what = call.what.clone();
        let answer = self.write(call).await?;
        let value = serde_json::from_slice(&answer.body).map_err(|error| {
            self.unknown(errors::not_documented(self.inner.dialect.label(), &what, &error))
        })?;
        Ok((value, answer))
    }

    /// Reads a body as it arrives. Its lane is free again once the answer has begun: files are copied from stream to
    /// stream, and two of them in opposite directions would else wait for each other's lanes for ever.
    pub async fn download(&self, mut call: Call) -> Result<ByteStream, ConnectorError> {
        let mut waiting = self.waiting(self.inner.settings.read_wait_ms_max);
        let (mut tries, mut renewed) = (1, false);
        loop {
            let permit = self.enter(&mut waiting, &call.what).await?;
            let exchange = self.exchange_stream(&mut call, &permit).await?;
            let error = match exchange.outcome {
                Ok(answer) if call.good.contains(&answer.status.as_u16()) => {
                    self.inner.limiter.went_well();
                    return Ok(answer.body);
                }
                Ok(answer) => {
                    let mut body = Vec::new();
                    let mut pieces = answer.body;
                    while let Ok(Some(piece)) = pieces.try_next().await {
                        if body.len() + piece.len() > REFUSAL_BYTES_MAX {
                            break;
                        }
                        body.extend_from_slice(&piece);
                    }
                    self.bad_status(&call.what, answer.status, &answer.headers, &body)
                }
                Err(error) => self.wire_error(&call.what, &error),
            };
            drop(permit);
            match error.kind {
                ErrorKind::RateLimited { .. } => {}
                ErrorKind::Unauthorised
                    if call.signed && !renewed && self.renew(&exchange.signed_with).await? =>
                {
                    renewed = true;
                }
                ErrorKind::Unreachable if tries < self.inner.settings.tries_max => {
                    self.pause(&mut waiting, tries, error).await?;
                    tries += 1;
                }
                _ => return Err(error),
            }
        }
    }

    async fn write(&self, mut call: Call) -> Result<Answer, WriteFailure> {
        let mut waiting = self.waiting(self.inner.settings.write_wait_ms_max);
        let repeatable = !matches!(call.body, Body::Stream { .. });
        let allowed_ms = self.inner.settings.write_wait_ms_max + WRITE_START_MS_MAX;
        let now = self.inner.ports.clock.monotonic_ms();
        let allowed = now.saturating_add(allowed_ms);
        call.not_after.get_or_insert(deadline::moment().map_or(allowed, |moment| moment.min(allowed)));
        let mut renewed = false;
        loop {
            let permit = self.enter(&mut waiting, &call.what).await.map_err(not_applied)?;
            let exchange = self.exchange(&mut call, &permit).await.map_err(not_applied)?;
            let answer = match exchange.outcome {
                Ok(answer) => answer,
                Err(error @ (WireError::NotSent(_) | WireError::Untrusted { .. })) => {
                    return Err(not_applied(self.wire_error(&call.what, &error)));
                }
                Err(error) => return Err(self.unknown(self.wire_error(&call.what, &error))),
            };
            drop(permit);
            match answer.status {
                StatusCode::TOO_MANY_REQUESTS => {
                    let error = self.bad_status(&call.what, answer.status, &answer.headers, &answer.body);
                    if !(repeatable && call.resends_after_wait) {
                        return Err(not_applied(error));
                    }
                }
                StatusCode::UNAUTHORIZED => {
                    let error = self.bad_status(&call.what, answer.status, &answer.headers, &answer.body);
                    let again = repeatable
                        && call.signed
                        && !renewed
                        && self.renew(&exchange.signed_with).await.map_err(not_applied)?;
                    if !again {
                        return Err(not_applied(error));
                    }
                    renewed = true;
                }
                _ => return self.take_write(&call, answer),
            }
        }
    }

    /// H10: a good answer, a complete and documented refusal, or unknown.
    fn take_write(&self, call: &Call, answer: WireAnswer) -> Result<Answer, WriteFailure> {
        let dialect = self.inner.dialect.as_ref();
        let WireAnswer { status, headers, body } = answer;
        if call.good.contains(&status.as_u16()) {
            let answer = Answer { status, headers, body };
            if !fits(call.expect, &answer) {
                return Err(self.unknown(errors::not_data(dialect.label(), &call.what)));
            }
            self.inner.limiter.went_well();
            return Ok(answer);
        }
        let error = self.bad_status(&call.what, status, &headers, &body);
        if dialect.refuses_writes(status) && dialect.refusal(status, &headers, &body).is_some() {
            return Err(WriteFailure::Refused(error));
        }
        Err(self.unknown(error))
    }

    fn take_read(
        &self,
        call: &mut Call,
        outcome: Result<WireAnswer, WireError>,
        hops: &mut u32,
        permit: &Permit,
    ) -> Next {
        let WireAnswer { status, headers, body } = match outcome {
            Ok(answer) => answer,
            Err(error) => return Next::Stop(self.wire_error(&call.what, &error)),
        };
        if call.good.contains(&status.as_u16()) {
            let answer = Answer { status, headers, body };
            if !fits(call.expect, &answer) {
                return Next::Stop(errors::not_data(self.inner.dialect.label(), &call.what));
            }
            self.inner.limiter.went_well();
            return Next::Good(answer);
        }
        if status == StatusCode::UNAUTHORIZED {
            self.inner.jar(permit.lane).empty();
        }
        if status.is_redirection() && call.method == Method::GET && *hops < HOPS_MAX {
            let link = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
            match link.map(|link| self.follow(link)) {
                Some(Ok(target)) => {
                    *hops += 1;
                    call.target = target;
                    return Next::Again;
                }
                Some(Err(error)) => {
                    let remedy =
                        "The platform sends Lockstep to a sign-in page elsewhere, or the address has changed";
                    return Next::Stop(ConnectorError { kind: ErrorKind::NotReady, ..error.remedy(remedy) });
                }
                None => {}
            }
        }
        Next::Stop(self.bad_status(&call.what, status, &headers, &body))
    }

    /// The error of a bad status; a 429 also slows the account down.
    fn bad_status(&self, what: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ConnectorError {
        let dialect = self.inner.dialect.as_ref();
        let wait_ms = (status == StatusCode::TOO_MANY_REQUESTS).then(|| {
            let named = dialect.wait_ms(headers, self.server_now_ms());
            self.inner.limiter.slow_down(named, self.inner.ports.clock.as_ref())
        });
        let mut error =
            errors::of_status(dialect, what, status, headers, body, wait_ms, |words| self.conceal(words));
        if let Some(wait_ms) = wait_ms {
            error.kind = ErrorKind::RateLimited { wait_ms };
        }
        error
    }

    /// A platform's words without what signs us in.
    fn conceal(&self, words: &str) -> String {
        let words = self.inner.auth.conceal(words);
        (0..self.inner.jars.len()).fold(words, |words, lane| {
            let jar = self.inner.jar(lane);
            redact::concealed(&words, jar.contents())
        })
    }

    fn wire_error(&self, what: &str, error: &WireError) -> ConnectorError {
        errors::of_wire(self.inner.dialect.label(), what, error)
    }

    /// What cannot be judged may have been applied.
    fn unknown(&self, error: ConnectorError) -> WriteFailure {
        // Not the sentence: it quotes the platform, which may repeat the ticket that was written.
        tracing::warn!(target: "lockstep::http", kind = ?error.kind, "the outcome of a write is unknown");
        WriteFailure::Unknown(error)
    }

    async fn renew(&self, refused: &HeaderMap) -> Result<bool, ConnectorError> {
        self.inner.auth.renew(refused).await
    }

    fn waiting(&self, wait_ms_max: u64) -> Waiting<'_> {
        Waiting {
            clock: self.inner.ports.clock.as_ref(),
            observer: self.inner.context.waits.as_ref(),
            host: self.inner.settings.base.host(),
            wait_ms_max,
        }
    }

    async fn enter(&self, waiting: &mut Waiting<'_>, what: &str) -> Result<Permit, ConnectorError> {
        self.inner.limiter.enter(waiting).await.map_err(|TooLong { wait_ms }| {
            let label = self.inner.dialect.label();
            let message = format!(
                "{label} takes no calls for another {} s; waited with: {what}",
                wait_ms.div_ceil(1000)
            );
            ConnectorError::new(ErrorKind::RateLimited { wait_ms }, message)
                .remedy("The platform takes no more calls for now; it goes on by itself later")
        })
    }

    /// Waits before another try; gives the last error when that would take too long.
    async fn pause(
        &self,
        waiting: &mut Waiting<'_>,
        tries: u32,
        last: ConnectorError,
    ) -> Result<(), ConnectorError> {
        let spread = self.inner.ports.clock.monotonic_ms();
        let pause_ms = retry::pause_ms(tries - 1, spread);
        limit::wait(waiting, pause_ms, WaitReason::TryingAgain).await.map_err(|TooLong { .. }| last)
    }
}

fn fits(expect: Expect, answer: &Answer) -> bool {
    match expect {
        Expect::Json => answer.says_json(),
        Expect::JsonOrNothing => {
            answer.body.is_empty() && answer.status == StatusCode::NO_CONTENT || answer.says_json()
        }
        Expect::Anything => true,
    }
}

/// Certainly nothing was done.
fn not_applied(error: ConnectorError) -> WriteFailure {
    let wait_ms = match error.kind {
        ErrorKind::RateLimited { wait_ms } => wait_ms,
        _ => 0,
    };
    WriteFailure::NotApplied { error, wait_ms }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
