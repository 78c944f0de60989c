//! Fault switches: what can go wrong between a client and a platform, set by HTTP or by a test.
//!
//! A fault says on which requests it strikes and how often. What it does is carried out by [`crate::Practice`], save
//! for three kinds that only the platform itself can act out; those reach it as [`Hints`] on the request.

use serde::{Deserialize, Serialize};

use crate::ids::Ids;

/// What a fault does to a request it strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The answer comes late. Adds up with other faults.
    Latency {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// Refused with this status, nothing applied.
    Status {
        /// An HTTP status such as 500, 502 or 503.
        status: u16,
    },
    /// Applied, and then answered with this status: a proxy that gave up, or a rule that ran after the insert.
    StatusAfterApply {
        /// An HTTP status such as 500, 502 or 504.
        status: u16,
    },
    /// 429 that no limit asked for, nothing applied.
    TooManyRequests {
        /// What `Retry-After` says.
        #[serde(default)]
        retry_after: RetryAfter,
    },
    /// The connection closes, nothing applied.
    CutBefore,
    /// Applied, then the connection closes without an answer.
    CutAfter,
    /// The connection closes at once, and the request is applied only later: the server outlived the client's
    /// time-out (hazard H4).
    ApplyLater {
        /// How much later, in milliseconds.
        after_ms: i64,
    },
    /// Applied; the answer's body ends early although its length was announced.
    TruncatedBody {
        /// How many bytes are sent; half of the body when absent.
        #[serde(default)]
        keep_bytes: Option<usize>,
    },
    /// Applied; the body trickles.
    SlowBody {
        /// Bytes sent at a time.
        chunk_bytes: usize,
        /// Pause between the pieces, in milliseconds.
        every_ms: u64,
    },
    /// 200 with an HTML page instead of an answer, nothing applied: a sleeping instance or a sign-on page.
    Html200,
    /// 202 with an empty body, nothing applied (ServiceNow's full session queue).
    Accepted202,
    /// A list repeats a row that another page already showed.
    DuplicatePage,
    /// A list leaves out a row that moved to an earlier page.
    ShiftedPage,
    /// The sign-in is refused as expired, once.
    ExpiredToken,
    /// The platform's clock is off for this request, its stamps and its `Date` with it.
    ClockSkew {
        /// Milliseconds to add.
        ms: i64,
    },
}

/// The forms that `Retry-After` is met in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// No such header.
    #[default]
    Absent,
    /// A number of seconds; 0, negative and absurd ones too.
    Seconds(i64),
    /// An HTTP date so many seconds from now.
    DateIn(i64),
    /// Any text.
    Text(String),
}

/// A fault and the requests it strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only requests of this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path and query contain this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// Only requests whose path, the query left out, ends with this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_ends: Option<String>,
    /// Lets this many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// Strikes at most this often; for ever when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Strikes every n-th matching request only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// Strikes with these odds, of a thousand.
    #[serde(default = "always")]
    pub odds_permille: u16,
    /// Matching requests met so far.
    #[serde(default)]
    pub seen: u32,
    /// How often it struck.
    #[serde(default)]
    pub fired: u32,
}

fn always() -> u16 {
    1000
}

impl Fault {
    /// A fault that strikes every request; narrow it with the methods below.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            method: None,
            path_contains: None,
            path_ends: None,
            skip: 0,
            times: None,
            every: None,
            odds_permille: 1000,
            seen: 0,
            fired: 0,
        }
    }

    /// Only on this method.
    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only where path and query contain this text.
    #[must_use]
    pub fn at(mut self, path_contains: &str) -> Self {
        self.path_contains = Some(path_contains.to_owned());
        self
    }

    /// At most so often.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// After so many matching requests.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// With these odds of a thousand.
    #[must_use]
    pub fn odds(mut self, permille: u16) -> Self {
        self.odds_permille = permille;
        self
    }

    fn strikes(&mut self, method: &str, path_and_query: &str, ids: &mut Ids) -> bool {
        let matches = self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path_contains.as_ref().is_none_or(|part| path_and_query.contains(part.as_str()))
            && self.path_ends.as_ref().is_none_or(|end| path(path_and_query).ends_with(end.as_str()));
        if !matches || self.times.is_some_and(|times| self.fired >= times) {
            return false;
        }
        self.seen = self.seen.saturating_add(1);
        if self.seen <= self.skip {
            return false;
        }
        let turn = self.every.is_none_or(|every| (self.seen - self.skip).is_multiple_of(every.max(1)));
        let struck = turn && ids.chance(self.odds_permille);
        self.fired += u32::from(struck);
        struck
    }
}

fn path(path_and_query: &str) -> &str {
    path_and_query.split_once('?').map_or(path_and_query, |(path, _)| path)
}

/// Kinds that the platform has to act out. On every request as an extension when one of them struck.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// See [`FaultKind::DuplicatePage`].
    pub duplicate_page: bool,
    /// See [`FaultKind::ShiftedPage`].
    pub shifted_page: bool,
    /// See [`FaultKind::ExpiredToken`].
    pub expired_token: bool,
}

impl Hints {
    /// A page of a list that is read by its offset. From the second page on, the window slides by one against what the
    /// client believes; the first page repeats or loses a row of its own.
    pub fn window<T>(self, all: &[T], start: usize, limit: usize) -> Vec<&T> {
        let later = start > 0;
        let from =
            start + usize::from(self.shifted_page && later) - usize::from(self.duplicate_page && later);
        let mut page: Vec<&T> = all.iter().skip(from).take(limit).collect();
        if !later && page.len() > 1 {
            if self.shifted_page {
                page.remove(page.len() / 2);
            }
            if self.duplicate_page {
                page.insert(0, page[0]);
                page.truncate(limit);
            }
        }
        page
    }
}

/// What the faults together do to one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strike {
    /// Sum of the latencies.
    pub latency_ms: u64,
    /// Sum of the clock skews.
    pub skew_ms: i64,
    /// For the platform.
    pub hints: Hints,
    /// The first fault that decides the answer.
    pub outcome: Option<FaultKind>,
}

/// The faults that are switched on, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Faults {
    /// The list; the first one that decides an answer wins.
    pub list: Vec<Fault>,
}

impl Faults {
    /// Switches one more on.
    pub fn add(&mut self, fault: Fault) {
        self.list.push(fault);
    }

    /// Switches all off.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// Draws what happens to a request.
    pub fn strike(&mut self, method: &str, path_and_query: &str, ids: &mut Ids) -> Strike {
        let mut strike = Strike::default();
        for fault in &mut self.list {
            let decides = !matches!(
                fault.kind,
                FaultKind::Latency { .. }
                    | FaultKind::ClockSkew { .. }
                    | FaultKind::DuplicatePage
                    | FaultKind::ShiftedPage
                    | FaultKind::ExpiredToken
            );
            if (decides && strike.outcome.is_some()) || !fault.strikes(method, path_and_query, ids) {
                continue;
            }
            match &fault.kind {
                FaultKind::Latency { ms } => strike.latency_ms += ms,
                FaultKind::ClockSkew { ms } => strike.skew_ms += ms,
                FaultKind::DuplicatePage => strike.hints.duplicate_page = true,
                FaultKind::ShiftedPage => strike.hints.shifted_page = true,
                FaultKind::ExpiredToken => strike.hints.expired_token = true,
                other => strike.outcome = Some(other.clone()),
            }
        }
        strike
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, Faults, Hints, RetryAfter};
    use crate::ids::Ids;

    fn fired(faults: &mut Faults, method: &str, path: &str) -> bool {
        faults.strike(method, path, &mut Ids::new(1)).outcome.is_some()
    }

    #[test]
    fn method_path_skip_and_times_narrow_a_fault() {
        let mut faults = Faults::default();
        faults.add(Fault::new(FaultKind::CutAfter).on("POST").at("/incident").skip(1).times(2));
        assert!(!fired(&mut faults, "GET", "/incident"));
        assert!(!fired(&mut faults, "POST", "/problem"));
        let mut ending = Faults::default();
        ending.add(Fault { path_ends: Some("/issue/bulk".to_owned()), ..Fault::new(FaultKind::CutAfter) });
        assert!(
            !fired(&mut ending, "POST", "/issue/bulkfetch") && fired(&mut ending, "POST", "/issue/bulk?a=1")
        );
        let hits: Vec<bool> = (0..5).map(|_| fired(&mut faults, "POST", "/incident")).collect();
        assert_eq!(hits, [false, true, true, false, false]);
    }

    #[test]
    fn a_window_slides_by_one() {
        let rows = [1, 2, 3, 4, 5, 6];
        let page =
            |hints: Hints, start| hints.window(&rows, start, 3).into_iter().copied().collect::<Vec<_>>();
        let plain = Hints::default();
        let repeated = Hints { duplicate_page: true, ..plain };
        let lost = Hints { shifted_page: true, ..plain };
        assert_eq!((page(plain, 0), page(plain, 3)), (vec![1, 2, 3], vec![4, 5, 6]));
        assert_eq!((page(repeated, 0), page(repeated, 3)), (vec![1, 1, 2], vec![3, 4, 5]));
        assert_eq!((page(lost, 0), page(lost, 3)), (vec![1, 3], vec![5, 6]));
    }

    #[test]
    fn every_third() {
        let mut faults = Faults::default();
        faults.add(Fault { every: Some(3), ..Fault::new(FaultKind::Html200) });
        let hits: Vec<bool> = (0..6).map(|_| fired(&mut faults, "GET", "/")).collect();
        assert_eq!(hits, [false, false, true, false, false, true]);
    }

    #[test]
    fn latency_adds_up_and_the_first_outcome_wins() {
        let mut faults = Faults::default();
        faults.add(Fault::new(FaultKind::Latency { ms: 5 }));
        faults.add(Fault::new(FaultKind::Latency { ms: 7 }));
        faults.add(Fault::new(FaultKind::Status { status: 503 }));
        faults.add(Fault::new(FaultKind::CutBefore));
        faults.add(Fault::new(FaultKind::ShiftedPage));
        let strike = faults.strike("GET", "/", &mut Ids::new(1));
        assert_eq!(strike.latency_ms, 12);
        assert_eq!(strike.outcome, Some(FaultKind::Status { status: 503 }));
        assert!(strike.hints.shifted_page);
        assert_eq!(faults.list[3].fired, 0);
    }

    #[test]
    fn faults_are_set_by_json() {
        let text = r#"[{"kind":"too_many_requests","retry_after":{"seconds":3},"times":1},
                       {"kind":"truncated_body"},{"kind":"cut_after","method":"POST"}]"#;
        let faults: Faults = serde_json::from_str(text).unwrap();
        assert_eq!(faults.list[0].kind, FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(3) });
        assert_eq!(faults.list[1].odds_permille, 1000);
    }
}
