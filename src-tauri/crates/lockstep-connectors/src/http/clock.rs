//! The computer's clock: the one place of this crate that asks the system for the time.

use std::time::Duration;

use async_trait::async_trait;

use crate::ports::Clock;

/// The real [`Clock`].
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port itself")]
    fn now_ms(&self) -> i64 {
        match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }

    fn monotonic_ms(&self) -> u64 {
        monotonic_ms()
    }

    async fn sleep_ms(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// Linux: since boot, sleep counted.
#[cfg(target_os = "linux")]
fn monotonic_ms() -> u64 {
    milliseconds(rustix::time::clock_gettime(rustix::time::ClockId::Boottime))
}

/// Apple: `CLOCK_MONOTONIC` counts sleep there.
#[cfg(target_vendor = "apple")]
fn monotonic_ms() -> u64 {
    milliseconds(rustix::time::clock_gettime(rustix::time::ClockId::Monotonic))
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn milliseconds(time: rustix::time::Timespec) -> u64 {
    u64::try_from(i128::from(time.tv_sec) * 1000 + i128::from(time.tv_nsec) / 1_000_000).unwrap_or(0)
}

/// Elsewhere (Windows counts sleep in it).
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
#[expect(clippy::disallowed_methods, reason = "this is the Clock port itself")]
fn monotonic_ms() -> u64 {
    use std::sync::OnceLock;
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    let start = *START.get_or_init(std::time::Instant::now);
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_clocks_move_with_a_sleep() {
        let clock = SystemClock;
        let before = (clock.now_ms(), clock.monotonic_ms());
        clock.sleep_ms(12).await;
        assert!(clock.monotonic_ms() >= before.1 + 11);
        assert!(clock.now_ms() > before.0 && before.0 > 1_700_000_000_000);
    }
}
