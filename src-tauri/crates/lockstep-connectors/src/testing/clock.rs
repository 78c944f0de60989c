//! Time that passes when somebody sleeps, and when a test says so.

use std::sync::Mutex;

use async_trait::async_trait;

use crate::ports::Clock;

/// A [`Clock`] without real time. Sleeps that begin together end together: time is only ever moved forward.
#[derive(Debug)]
pub struct VirtualClock {
    moved: Mutex<Moved>,
}

#[derive(Debug)]
struct Moved {
    /// Milliseconds since 1970 UTC at the start, steps included.
    start_ms: i64,
    passed_ms: u64,
}

impl VirtualClock {
    /// A clock that stands at `now_ms`.
    pub fn at(now_ms: i64) -> Self {
        Self { moved: Mutex::new(Moved { start_ms: now_ms, passed_ms: 0 }) }
    }

    /// Lets time pass.
    pub fn pass_ms(&self, ms: u64) {
        self.moved.lock().expect("no panic happens under this lock").passed_ms += ms;
    }

    /// Steps the wall clock alone (hazards.md H49).
    pub fn step_ms(&self, ms: i64) {
        self.moved.lock().expect("no panic happens under this lock").start_ms += ms;
    }

    /// The true time, which no step of this computer's clock moves. The practice platforms go by it.
    pub fn true_ms(&self, start_ms: i64) -> i64 {
        start_ms + i64::try_from(self.monotonic_ms()).unwrap_or(i64::MAX)
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now_ms(&self) -> i64 {
        let moved = self.moved.lock().expect("no panic happens under this lock");
        moved.start_ms + i64::try_from(moved.passed_ms).unwrap_or(i64::MAX)
    }

    fn monotonic_ms(&self) -> u64 {
        self.moved.lock().expect("no panic happens under this lock").passed_ms
    }

    async fn sleep_ms(&self, ms: u64) {
        let until = self.monotonic_ms().saturating_add(ms);
        tokio::task::yield_now().await;
        let mut moved = self.moved.lock().expect("no panic happens under this lock");
        moved.passed_ms = moved.passed_ms.max(until);
    }
}
