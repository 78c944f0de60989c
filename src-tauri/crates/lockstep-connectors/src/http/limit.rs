//! How fast and how many at once: one limiter per account, one for the whole process (engine.md §5, hazards.md H50).
//!
//! Waiting is a state that people see, with its end time, and no error.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use lockstep_core::omission::{Omission, left_out};
use tokio::sync::Notify;

use crate::ports::Clock;

/// First wait after a 429 that names none, milliseconds; doubled each time (servicenow.md §8.2).
const WAIT_MS_FIRST: u64 = 2_000;
/// Longest wait after a 429 that names none, milliseconds.
const WAIT_MS_UNNAMED_MAX: u64 = 60_000;
/// Longest wait that a platform may name: beyond it the value is a mistake, and the account would stand still for years.
const WAIT_MS_NAMED_MAX: u64 = 3_600_000;
/// Shortest wait, so that a `Retry-After: 0` is no busy loop, milliseconds.
const WAIT_MS_MIN: u64 = 250;
/// After so many refusals in a row the named wait is plainly not enough, and ours grows.
const REFUSALS_BELIEVED: u32 = 12;
/// Good answers in a row after which one more call at once is tried.
const GOOD_BEFORE_GROWTH: u32 = 20;

/// Why a call waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// The platform said so (429, or its budget is used up).
    RateLimit,
    /// Our own bucket keeps below the platform's rate.
    Pace,
    /// A read is tried again after a failure.
    TryingAgain,
}

/// Is told about waits, so that the window can show them.
pub trait WaitObserver: Send + Sync {
    /// Calls to `host` wait until `until_ms` by this computer's clock.
    fn waiting(&self, host: &str, until_ms: i64, reason: WaitReason);
    /// The wait for `host` has ended, or was given up.
    fn done(&self, host: &str);
}

/// Nobody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyWatches;

impl WaitObserver for NobodyWatches {
    fn waiting(&self, _host: &str, _until_ms: i64, _reason: WaitReason) {}
    fn done(&self, _host: &str) {}
}

/// A steady rate to keep below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Calls a second in the long run.
    pub per_second: f64,
    /// Calls that may leave at once after a pause.
    pub burst: f64,
}

/// The limiters of a process, by account.
#[derive(Default)]
pub struct Limiters(Mutex<BTreeMap<String, Arc<Limiter>>>);

impl Limiters {
    /// The limiter of `account`; made at the first asking.
    pub fn of_account(&self, account: &str, lanes: usize, rate: Option<Rate>) -> Arc<Limiter> {
        let mut known = self.0.lock().expect("no panic happens under this lock");
        Arc::clone(known.entry(account.to_owned()).or_insert_with(|| Arc::new(Limiter::new(lanes, rate))))
    }
}

/// Lanes, bucket and wait of one account.
pub struct Limiter {
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    /// On the monotonic clock.
    blocked_until: u64,
    unnamed_in_a_row: u32,
    /// 429s since the last good answer.
    refused_in_a_row: u32,
    good_in_a_row: u32,
    rate: Option<Rate>,
    tokens: f64,
    filled_at: Option<u64>,
    lanes_max: usize,
    lanes_now: usize,
    in_use: usize,
    free: Vec<usize>,
}

/// A wait would be longer than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong {
    pub(crate) wait_ms: u64,
}

/// What waiting needs.
pub(crate) struct Waiting<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) observer: &'a dyn WaitObserver,
    pub(crate) host: &'a str,
    /// What is left of the call's allowance.
    pub(crate) wait_ms_max: u64,
}

impl Limiter {
    /// `lanes` calls at once at most.
    pub fn new(lanes: usize, rate: Option<Rate>) -> Limiter {
        let lanes = lanes.max(1);
        Limiter {
            state: Mutex::new(State {
                blocked_until: 0,
                unnamed_in_a_row: 0,
                refused_in_a_row: 0,
                good_in_a_row: 0,
                rate,
                tokens: rate.map_or(0.0, |rate| rate.burst),
                filled_at: None,
                lanes_max: lanes,
                lanes_now: lanes,
                in_use: 0,
                free: (0..lanes).rev().collect(),
            }),
            freed: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic happens under this lock")
    }

    /// Waits for a lane and for the platform; takes from `waiting.wait_ms_max` what it waited.
    pub(crate) async fn enter(self: &Arc<Self>, waiting: &mut Waiting<'_>) -> Result<Permit, TooLong> {
        self.check(waiting)?;
        let permit = self.lane().await;
        loop {
            let (wait_ms, reason) = {
                let now = waiting.clock.monotonic_ms();
                let mut state = self.state();
                match state.blocked_until.checked_sub(now).filter(|wait| *wait > 0) {
                    Some(wait) => (wait, WaitReason::RateLimit),
                    None => match state.take_token(now) {
                        None => return Ok(permit),
                        Some(wait) => (wait, WaitReason::Pace),
                    },
                }
            };
            wait(waiting, wait_ms, reason).await?;
        }
    }

    fn check(&self, waiting: &Waiting<'_>) -> Result<(), TooLong> {
        let wait_ms = self.state().blocked_until.saturating_sub(waiting.clock.monotonic_ms());
        if wait_ms > waiting.wait_ms_max { Err(TooLong { wait_ms }) } else { Ok(()) }
    }

    async fn lane(self: &Arc<Self>) -> Permit {
        loop {
            let freed = self.freed.notified();
            {
                let mut state = self.state();
                if state.in_use < state.lanes_now
                    && let Some(lane) = state.free.pop()
                {
                    state.in_use += 1;
                    return Permit { limiter: Arc::clone(self), lane };
                }
            }
            freed.await;
        }
    }

    /// The platform said 429: everybody waits, and fewer go at once. Gives the wait.
    pub(crate) fn slow_down(&self, named_ms: Option<u64>, clock: &dyn Clock) -> u64 {
        let mut state = self.state();
        if left_out(Omission::RetryAfterIgnored) {
            return WAIT_MS_MIN;
        }
        let wait_ms = named_ms.map_or_else(
            || (WAIT_MS_FIRST << state.unnamed_in_a_row.min(10)).min(WAIT_MS_UNNAMED_MAX),
            |named| {
                let distrust = state.refused_in_a_row.saturating_sub(REFUSALS_BELIEVED).min(8);
                named.min(WAIT_MS_NAMED_MAX).max((WAIT_MS_MIN << distrust).min(WAIT_MS_UNNAMED_MAX))
            },
        );
        state.refused_in_a_row += 1;
        state.unnamed_in_a_row = if named_ms.is_some() { 0 } else { state.unnamed_in_a_row + 1 };
        state.good_in_a_row = 0;
        state.lanes_now = (state.lanes_now / 2).max(1);
        state.blocked_until = state.blocked_until.max(clock.monotonic_ms().saturating_add(wait_ms));
        wait_ms
    }

    /// The budget is used up although this very call went well.
    pub(crate) fn hold(&self, wait_ms: u64, clock: &dyn Clock) {
        let mut state = self.state();
        state.blocked_until = state.blocked_until.max(clock.monotonic_ms().saturating_add(wait_ms));
    }

    /// A call went well.
    pub(crate) fn went_well(&self) {
        let mut state = self.state();
        (state.unnamed_in_a_row, state.refused_in_a_row) = (0, 0);
        state.good_in_a_row += 1;
        if state.good_in_a_row >= GOOD_BEFORE_GROWTH {
            state.good_in_a_row = 0;
            if state.lanes_now < state.lanes_max {
                state.lanes_now += 1;
                drop(state);
                self.freed.notify_one();
            }
        }
    }

    /// Calls that may be under way at once just now.
    pub fn lanes_now(&self) -> usize {
        self.state().lanes_now
    }
}

impl State {
    /// Takes a token, or says how long until there is one.
    fn take_token(&mut self, now: u64) -> Option<u64> {
        let rate = self.rate?;
        let since = now.saturating_sub(self.filled_at.unwrap_or(now));
        self.filled_at = Some(now);
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a session")]
        let refill = since as f64 / 1000.0 * rate.per_second;
        self.tokens = (self.tokens + refill).min(rate.burst.max(1.0));
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a short positive time")]
        Some((((1.0 - self.tokens) / rate.per_second.max(1e-6) * 1000.0).ceil() as u64).max(1))
    }
}

/// Leave to make one call; the lane names the cookie jar to use.
pub(crate) struct Permit {
    limiter: Arc<Limiter>,
    pub(crate) lane: usize,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        state.in_use -= 1;
        state.free.push(self.lane);
        drop(state);
        self.limiter.freed.notify_one();
    }
}

/// One visible wait.
pub(crate) async fn wait(waiting: &mut Waiting<'_>, wait_ms: u64, reason: WaitReason) -> Result<(), TooLong> {
    /// Says `done` also when the caller gives up.
    struct Ending<'a>(&'a dyn WaitObserver, &'a str);
    impl Drop for Ending<'_> {
        fn drop(&mut self) {
            self.0.done(self.1);
        }
    }
    if wait_ms > waiting.wait_ms_max {
        return Err(TooLong { wait_ms });
    }
    waiting.wait_ms_max -= wait_ms;
    let until_ms = waiting.clock.now_ms().saturating_add(i64::try_from(wait_ms).unwrap_or(i64::MAX));
    waiting.observer.waiting(waiting.host, until_ms, reason);
    let _ending = Ending(waiting.observer, waiting.host);
    tracing::debug!(host = waiting.host, wait_ms, ?reason, "waiting");
    waiting.clock.sleep_ms(wait_ms).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::fake::TestClock;

    fn waiting(clock: &TestClock, wait_ms_max: u64) -> Waiting<'_> {
        Waiting { clock, observer: &NobodyWatches, host: "h", wait_ms_max }
    }

    #[tokio::test]
    async fn a_429_blocks_everybody_and_halves_the_lanes() {
        let clock = TestClock::default();
        let limiter = Arc::new(Limiter::new(4, None));
        assert_eq!(limiter.slow_down(Some(30_000), &clock), 30_000);
        assert_eq!(limiter.lanes_now(), 2);
        let refused = limiter.enter(&mut waiting(&clock, 1000)).await.map(|_| ());
        assert_eq!(refused, Err(TooLong { wait_ms: 30_000 }));
        let permit = limiter.enter(&mut waiting(&clock, 30_000)).await.map(|permit| permit.lane);
        assert_eq!((permit, clock.monotonic_ms()), (Ok(0), 30_000));
        for _ in 0..GOOD_BEFORE_GROWTH * 5 {
            limiter.went_well();
        }
        assert_eq!(limiter.lanes_now(), 4);
    }

    #[tokio::test]
    async fn waits_without_a_date_double_up_to_a_minute() {
        let clock = TestClock::default();
        let limiter = Limiter::new(1, None);
        let waits: Vec<u64> = (0..7).map(|_| limiter.slow_down(None, &clock)).collect();
        assert_eq!(waits, [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
        limiter.went_well();
        assert_eq!(limiter.slow_down(None, &clock), 2000);
    }

    #[test]
    fn an_absurd_wait_is_not_believed() {
        let clock = TestClock::default();
        assert_eq!(Limiter::new(1, None).slow_down(Some(99_999_999_000), &clock), WAIT_MS_NAMED_MAX);
    }

    #[tokio::test]
    async fn t9_a_platform_that_always_says_at_once_is_asked_ever_more_rarely() {
        let clock = TestClock::default();
        let limiter = Limiter::new(1, None);
        let waits: Vec<u64> = (0..24).map(|_| limiter.slow_down(Some(0), &clock)).collect();
        assert!(waits[..13].iter().all(|wait| *wait == WAIT_MS_MIN), "{waits:?}");
        assert_eq!(
            &waits[13..],
            [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]
        );
        assert_eq!(limiter.slow_down(Some(90_000), &clock), 90_000, "what is longer counts");
        limiter.went_well();
        assert_eq!(limiter.slow_down(Some(0), &clock), WAIT_MS_MIN);
    }

    #[tokio::test]
    async fn the_bucket_spaces_calls_out() {
        let clock = TestClock::default();
        let limiter = Arc::new(Limiter::new(1, Some(Rate { per_second: 2.0, burst: 2.0 })));
        for _ in 0..6 {
            drop(limiter.enter(&mut waiting(&clock, 60_000)).await);
        }
        assert_eq!(clock.monotonic_ms(), 2000, "two at once, then one each half second");
    }

    #[tokio::test]
    async fn lanes_are_handed_on() {
        let clock = TestClock::default();
        let limiter = Arc::new(Limiter::new(1, None));
        let first = limiter.enter(&mut waiting(&clock, 0)).await.ok();
        let mut wish = waiting(&clock, 0);
        let second = limiter.enter(&mut wish);
        let (_, lane) = tokio::join!(
            async {
                tokio::task::yield_now().await;
                drop(first);
            },
            second
        );
        assert_eq!(lane.map(|permit| permit.lane), Ok(0));
    }
}
