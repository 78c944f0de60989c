//! A platform with everything around it: faults, limits, log and clock. Deterministic: no clock, no I/O.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, DATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use crate::control;
use crate::faults::{FaultKind, Faults, Hints, Strike};
use crate::ids::Ids;
use crate::limits::Limits;
use crate::log::{self, Entry, Log, Recorded, Who};
use crate::platform::Platform;
use crate::stamps;
use crate::stand_in::{failure, html_page, json_response, respond, too_many};

/// Where a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before the request took effect.
    Before,
    /// After it took effect, without an answer.
    After,
    /// In the answer's body, after so many bytes.
    InBody(usize),
}

/// How slowly a body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Bytes at a time.
    pub chunk_bytes: usize,
    /// Pause between the pieces.
    pub every_ms: u64,
}

/// What the client gets, and how.
#[derive(Debug)]
pub struct Delivery {
    /// The answer; none when the connection is cut without one.
    pub response: Option<Response<Bytes>>,
    /// To wait before anything is sent.
    pub delay_ms: u64,
    /// Whether and where the connection is cut.
    pub cut: Option<Cut>,
    /// Whether the body trickles.
    pub pace: Option<Pace>,
}

impl Delivery {
    fn plain(response: Response<Bytes>) -> Self {
        Self { response: Some(response), delay_ms: 0, cut: None, pace: None }
    }

    fn cut(cut: Cut) -> Self {
        Self { response: None, delay_ms: 0, cut: Some(cut), pace: None }
    }
}

/// A practice platform as its clients meet it.
pub struct Practice {
    /// The platform itself.
    pub platform: Box<dyn Platform>,
    /// Fault switches.
    pub faults: Faults,
    /// Rate limits.
    pub limits: Limits,
    /// Request log.
    pub log: Log,
    /// How far the platform's clock is ahead of the true one.
    pub skew_ms: i64,
    /// Moves whenever the platform's state may have changed.
    pub revision: u64,
    ids: Ids,
    late: Vec<(i64, Request<Bytes>)>,
    date: (i64, HeaderValue),
}

impl std::fmt::Debug for Practice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Practice").field("platform", &self.platform.name()).finish_non_exhaustive()
    }
}

impl Practice {
    /// Wraps a platform. The seed draws fault odds only; the platform has its own.
    pub fn new(platform: Box<dyn Platform>, seed: u64) -> Self {
        Self {
            platform,
            faults: Faults::default(),
            limits: Limits::default(),
            log: Log::default(),
            skew_ms: 0,
            revision: 0,
            ids: Ids::new(seed).branch("faults"),
            late: Vec::new(),
            date: (i64::MIN, HeaderValue::from_static("")),
        }
    }

    /// Answers one request at the given true time.
    ///
    /// Paths under `/_practice/` are the control endpoint and pass by faults, limits and log.
    pub fn answer(&mut self, mut request: Request<Bytes>, now_ms: i64) -> Delivery {
        if control::is_control(request.uri().path()) {
            return Delivery::plain(control::answer(self, &request, now_ms));
        }
        self.apply_late(now_ms);
        let strike = self.strike(&request);
        let clock_ms = now_ms + self.skew_ms + strike.skew_ms;
        if strike.hints != Hints::default() {
            request.extensions_mut().insert(strike.hints);
        }
        let (platform, uri) = (self.platform.name(), request.uri().path());
        let verdict = self.limits.check(
            platform,
            credential(request.headers()),
            request.method().as_str(),
            uri,
            clock_ms,
        );
        // What a fault or a limit answers instead is no answer of the platform's: no contract holds it.
        let own_answer = strike.outcome.is_none() && verdict.refused.is_none();
        let logged = Logged::of(&request, self.log.recording && own_answer);
        let (mut delivery, applied) = match verdict.refused {
            Some(body) => (Delivery::plain(json_response(StatusCode::TOO_MANY_REQUESTS, body)), false),
            None => self.carry_out(request, &strike, clock_ms, now_ms),
        };
        delivery.delay_ms += strike.latency_ms;
        let limited = !verdict.headers.is_empty();
        if let Some(response) = &mut delivery.response {
            if limited {
                response.headers_mut().extend(verdict.headers);
            }
            let date = self.date(clock_ms);
            response.headers_mut().insert(DATE, date);
        }
        self.write_log(logged, &delivery, applied, clock_ms);
        delivery
    }

    fn strike(&mut self, request: &Request<Bytes>) -> Strike {
        if self.faults.list.is_empty() {
            return Strike::default();
        }
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        self.faults.strike(request.method().as_str(), target, &mut self.ids)
    }

    /// The delivery, and whether the platform carried the request out.
    fn carry_out(
        &mut self,
        request: Request<Bytes>,
        strike: &Strike,
        clock_ms: i64,
        now_ms: i64,
    ) -> (Delivery, bool) {
        let platform = self.platform.name();
        let instead = match &strike.outcome {
            Some(FaultKind::Status { status }) => Delivery::plain(failure(platform, *status)),
            Some(FaultKind::TooManyRequests { retry_after }) => {
                Delivery::plain(too_many(platform, retry_after, clock_ms))
            }
            Some(FaultKind::CutBefore) => Delivery::cut(Cut::Before),
            Some(FaultKind::ApplyLater { after_ms }) => {
                self.late.push((now_ms + after_ms, request));
                Delivery::cut(Cut::Before)
            }
            Some(FaultKind::Html200) => Delivery::plain(html_page()),
            Some(FaultKind::Accepted202) => {
                Delivery::plain(respond(StatusCode::ACCEPTED, "application/json", Bytes::new()))
            }
            applied => return (self.carry_out_applied(&request, applied.as_ref(), clock_ms), true),
        };
        (instead, false)
    }

    fn carry_out_applied(
        &mut self,
        request: &Request<Bytes>,
        outcome: Option<&FaultKind>,
        clock_ms: i64,
    ) -> Delivery {
        let response = self.apply(request, clock_ms);
        match outcome {
            Some(FaultKind::StatusAfterApply { status }) => {
                Delivery::plain(failure(self.platform.name(), *status))
            }
            Some(FaultKind::CutAfter) => Delivery::cut(Cut::After),
            Some(FaultKind::TruncatedBody { keep_bytes }) => {
                let length = response.body().len();
                let keep = keep_bytes.unwrap_or(length / 2).min(length.saturating_sub(1));
                Delivery { cut: Some(Cut::InBody(keep)), ..Delivery::plain(response) }
            }
            Some(FaultKind::SlowBody { chunk_bytes, every_ms }) => {
                let pace = Pace { chunk_bytes: (*chunk_bytes).max(1), every_ms: *every_ms };
                Delivery { pace: Some(pace), ..Delivery::plain(response) }
            }
            _ => Delivery::plain(response),
        }
    }

    fn apply(&mut self, request: &Request<Bytes>, clock_ms: i64) -> Response<Bytes> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            self.revision += 1;
        }
        self.platform.handle(request, clock_ms)
    }

    /// Carries out the requests that a fault put off and whose time has come.
    pub fn apply_late(&mut self, now_ms: i64) {
        if self.late.is_empty() {
            return;
        }
        let mut due: Vec<(i64, Request<Bytes>)> = self.late.extract_if(.., |(at, _)| *at <= now_ms).collect();
        due.sort_by_key(|(at, _)| *at);
        for (at, request) in due {
            let clock_ms = at + self.skew_ms;
            let logged = Logged::of(&request, self.log.recording);
            let delivery =
                Delivery { cut: Some(Cut::After), ..Delivery::plain(self.apply(&request, clock_ms)) };
            self.write_log(logged, &delivery, true, clock_ms);
        }
    }

    fn date(&mut self, clock_ms: i64) -> HeaderValue {
        let second = clock_ms.div_euclid(1000);
        if self.date.0 != second {
            let text = stamps::http_date(clock_ms);
            self.date = (second, HeaderValue::from_str(&text).expect("a date is plain ASCII"));
        }
        self.date.1.clone()
    }

    fn write_log(&mut self, logged: Logged, delivery: &Delivery, applied: bool, clock_ms: i64) {
        let response = delivery.response.as_ref();
        let user =
            response.and_then(|r| r.extensions().get::<Who>()).map(|who| Arc::clone(&who.0)).or(logged.user);
        let recorded = match (logged.request_headers, response) {
            (Some(request_headers), Some(response)) => Some(Box::new(Recorded {
                request_headers,
                answer_headers: shown_headers(response.headers()),
                answer_body: if log::carries_secret(&logged.path) {
                    "(withheld)".to_owned()
                } else {
                    String::from_utf8_lossy(response.body()).into_owned()
                },
            })),
            _ => None,
        };
        self.log.push(Entry {
            seq: 0,
            at_ms: clock_ms,
            method: logged.method,
            path: logged.path,
            query: logged.query,
            status: response.map_or(0, |response| response.status().as_u16()),
            applied,
            user,
            body: logged.body,
            answer_bytes: response.map_or(0, |response| response.body().len()),
            recorded,
        });
    }
}

/// What the log keeps of a request, taken before the platform sees it.
struct Logged {
    method: Method,
    path: String,
    query: String,
    body: Bytes,
    user: Option<Arc<str>>,
    request_headers: Option<Vec<(String, String)>>,
}

impl Logged {
    fn of(request: &Request<Bytes>, recording: bool) -> Self {
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            body: request.body().clone(),
            user: basic_user(request.headers()),
            request_headers: recording.then(|| shown_headers(request.headers())),
        }
    }
}

fn shown_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !log::is_secret_header(name.as_str()))
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect()
}

/// The bytes that tell one client from another for the limits.
fn credential(headers: &HeaderMap) -> &[u8] {
    let header = headers.get(AUTHORIZATION).or_else(|| headers.get("x-sn-apikey"));
    header.map_or(b"", |value| value.as_bytes())
}

/// The name part of a `Basic` credential.
fn basic_user(headers: &HeaderMap) -> Option<Arc<str>> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let name = decoded.split(|byte| *byte == b':').next()?;
    Some(Arc::from(String::from_utf8_lossy(name).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::{Cut, Practice};
    use crate::faults::{Fault, FaultKind, Hints, RetryAfter};
    use crate::limits::{Allowance, Rule};
    use crate::platform::{Platform, SignIn};
    use bytes::Bytes;
    use http::{Request, Response};

    /// Counts what reached it.
    #[derive(Default)]
    struct Counter {
        times_ms: Vec<i64>,
    }

    impl Platform for Counter {
        fn name(&self) -> &'static str {
            "servicenow"
        }
        fn set_origin(&mut self, _: &str) {}
        fn sign_in(&self) -> SignIn {
            SignIn { user: "u".to_owned(), secret: "s".to_owned() }
        }
        fn handle(&mut self, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes> {
            self.times_ms.push(now_ms);
            let hints = request.extensions().get::<Hints>().copied().unwrap_or_default();
            Response::new(Bytes::from(format!("{} {}", self.times_ms.len(), hints.expired_token)))
        }
        fn configure(&mut self, _: &serde_json::Value) -> Result<(), String> {
            Ok(())
        }
        fn seed_bulk(&mut self, _: usize, _: i64) {}
        fn save(&self) -> serde_json::Value {
            serde_json::json!(self.times_ms)
        }
        fn load(&mut self, _: &serde_json::Value) -> Result<(), String> {
            Ok(())
        }
    }

    fn practice() -> Practice {
        Practice::new(Box::<Counter>::default(), 1)
    }

    fn post() -> Request<Bytes> {
        Request::post("/x?y=1")
            .header("authorization", "Basic amFuZTpodXNo")
            .body(Bytes::from_static(b"{}"))
            .unwrap()
    }

    fn reached(practice: &Practice) -> usize {
        practice.platform.save().as_array().unwrap().len()
    }

    #[test]
    fn an_answer_has_the_platforms_date_and_a_log_entry() {
        let mut practice = practice();
        practice.skew_ms = 60_000;
        let delivery = practice.answer(post(), 784_111_717_000);
        assert_eq!(delivery.response.unwrap().headers()["date"], "Sun, 06 Nov 1994 08:49:37 GMT");
        let entry = practice.log.entries().next().unwrap();
        assert_eq!((entry.status, entry.applied, entry.user.as_deref()), (200, true, Some("jane")));
        assert!(!practice.log.to_json(0).to_string().contains("hush"));
    }

    #[test]
    fn cuts_before_and_after_the_write() {
        for (kind, reaches, cut) in
            [(FaultKind::CutBefore, 0, Cut::Before), (FaultKind::CutAfter, 1, Cut::After)]
        {
            let mut practice = practice();
            practice.faults.add(Fault::new(kind));
            let delivery = practice.answer(post(), 0);
            assert!(delivery.response.is_none());
            assert_eq!((delivery.cut, reached(&practice)), (Some(cut), reaches));
            assert_eq!(practice.log.entries().next().unwrap().applied, reaches == 1);
        }
    }

    #[test]
    fn a_late_commit_happens_after_the_time_out() {
        let mut practice = practice();
        practice.faults.add(Fault::new(FaultKind::ApplyLater { after_ms: 80_000 }).times(1));
        assert!(practice.answer(post(), 0).response.is_none());
        practice.answer(post(), 65_000);
        assert_eq!(practice.platform.save(), serde_json::json!([65_000]));
        practice.answer(post(), 90_000);
        assert_eq!(practice.platform.save(), serde_json::json!([65_000, 80_000, 90_000]));
    }

    #[test]
    fn refusals_before_and_failures_after_applying() {
        let mut practice = practice();
        practice.faults.add(Fault::new(FaultKind::Status { status: 503 }).times(1));
        practice.faults.add(Fault::new(FaultKind::StatusAfterApply { status: 500 }).times(1));
        practice.faults.add(Fault::new(FaultKind::Accepted202).times(1));
        practice.faults.add(Fault::new(FaultKind::Html200).times(1));
        let retry_after = RetryAfter::DateIn(30);
        practice.faults.add(Fault::new(FaultKind::TooManyRequests { retry_after }).times(1));
        let statuses: Vec<u16> =
            (0..5).map(|_| practice.answer(post(), 0).response.unwrap().status().as_u16()).collect();
        assert_eq!(statuses, [503, 500, 202, 200, 429]);
        assert_eq!(reached(&practice), 1);
        let applied: Vec<bool> = practice.log.entries().map(|entry| entry.applied).collect();
        assert_eq!(applied, [false, true, false, false, false]);
    }

    #[test]
    fn bodies_are_cut_and_paced_and_the_clock_is_skewed() {
        let mut practice = practice();
        practice.faults.add(Fault::new(FaultKind::TruncatedBody { keep_bytes: Some(3) }).times(1));
        practice.faults.add(Fault::new(FaultKind::SlowBody { chunk_bytes: 2, every_ms: 9 }).times(1));
        practice.faults.add(Fault::new(FaultKind::Latency { ms: 40 }));
        practice.faults.add(Fault::new(FaultKind::ClockSkew { ms: -5_000 }));
        practice.faults.add(Fault::new(FaultKind::ExpiredToken).skip(2));
        let cut = practice.answer(post(), 10_000);
        assert_eq!((cut.cut, cut.delay_ms), (Some(Cut::InBody(3)), 40));
        assert_eq!(practice.answer(post(), 10_000).pace.unwrap().chunk_bytes, 2);
        let body = practice.answer(post(), 10_000).response.unwrap().into_body();
        assert_eq!(body, "3 true");
        assert_eq!(practice.platform.save(), serde_json::json!([5_000, 5_000, 5_000]));
    }

    #[test]
    fn limits_stop_a_request_before_the_platform() {
        let mut practice = practice();
        practice.limits.set(vec![Rule::all(Allowance::PerHour(1))]);
        assert_eq!(practice.answer(post(), 0).response.unwrap().status(), 200);
        let refused = practice.answer(post(), 0).response.unwrap();
        assert_eq!((refused.status().as_u16(), reached(&practice)), (429, 1));
        assert!(refused.headers().contains_key("retry-after"));
    }

    #[test]
    fn recording_keeps_pairs_without_credentials() {
        let mut practice = practice();
        practice.log.recording = true;
        practice.answer(post(), 0);
        let json = practice.log.to_json(0).to_string();
        assert!(json.contains("answer_body") && !json.contains("amFuZTpodXNo"));
    }
}
