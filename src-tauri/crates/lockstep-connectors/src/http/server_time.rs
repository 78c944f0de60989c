//! The server's clock, learned from its `Date` headers and carried on by our clock that never steps (hazards.md H49).

use std::sync::Mutex;

use crate::ports::Clock;

/// `Date` has whole seconds; a deviation beyond this means that the server's clock stepped back.
const DEVIATION_MS_MAX: i64 = 2000;

/// The best lower bound of the server's time.
#[derive(Debug, Default)]
pub(crate) struct ServerTime {
    /// Server time and the moment on our monotonic clock when it was true.
    known: Mutex<Option<(i64, u64)>>,
}

impl ServerTime {
    /// Takes in a `Date` that arrived now.
    pub(crate) fn learn(&self, date_ms: i64, clock: &dyn Clock) {
        let now = clock.monotonic_ms();
        let mut known = self.known.lock().expect("no panic happens under this lock");
        let guess = known.map(|at| carried(at, now));
        if guess.is_none_or(|guess| date_ms > guess || date_ms < guess - DEVIATION_MS_MAX) {
            *known = Some((date_ms, now));
        }
    }

    /// The server's time now; our own where no answer has come yet.
    pub(crate) fn now_ms(&self, clock: &dyn Clock) -> i64 {
        let known = *self.known.lock().expect("no panic happens under this lock");
        known.map_or_else(|| clock.now_ms(), |at| carried(at, clock.monotonic_ms()))
    }
}

fn carried((server_ms, at): (i64, u64), now: u64) -> i64 {
    server_ms.saturating_add(i64::try_from(now.saturating_sub(at)).unwrap_or(i64::MAX))
}
