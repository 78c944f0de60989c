//! Until when a write may leave, whoever prepares it: set around the work, asked right before the first byte. The clock
//! counts sleep, so that a computer that slept in between sends nothing old (hazards.md H48).

use std::future::Future;

tokio::task_local! {
    static NOT_AFTER: u64;
}

/// Does `work`; no write in it leaves after `monotonic_ms` (see [`crate::ports::Clock`]).
pub async fn not_after<F: Future>(monotonic_ms: u64, work: F) -> F::Output {
    NOT_AFTER.scope(monotonic_ms, work).await
}

/// The moment set around the work at hand.
pub(super) fn moment() -> Option<u64> {
    NOT_AFTER.try_with(|moment| *moment).ok()
}
