//! Waits within a run for a platform that takes no calls for a while: people see them, a cancel ends them, and they are
//! bounded as those of one read are (engine.md §5).

use lockstep_connectors::http::BaseAddress;
use lockstep_core::side::Side;

use super::site::Site;
use crate::events::RunEvent;

/// Longest time waited in all before something gets through, as long as one read may wait, milliseconds.
const WAIT_MS_MAX: u64 = 15 * 60_000;
/// Waits in a row before something gets through.
const WAITS_MAX: u32 = 10;
/// Shortest wait, milliseconds; doubled each time, so that a bucket fills even where the named wait is too short for all
/// that a try costs.
const WAIT_MS_FIRST: u64 = 250;
/// How often a wait looks whether somebody asked to stop, milliseconds.
const LOOK_MS: u64 = 500;

/// How long a run has waited since something last got through.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patience {
    waits: u32,
    waited_ms: u64,
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    Over,
    /// Somebody asked the run to stop.
    Cancelled,
    /// It would be longer than a run waits; what is left waits for the next one.
    TooLong,
}

impl Patience {
    /// Something got through: the bound counts anew.
    pub fn rewarded(&mut self) {
        *self = Patience::default();
    }

    /// Waits until the platform of `side` takes calls again, which is in `wait_ms` by its own words. Tells the listener
    /// from when to when.
    pub async fn wait(&mut self, site: &Site, side: Side, wait_ms: u64) -> Waited {
        let wait_ms = wait_ms.max(WAIT_MS_FIRST << self.waits.min(8));
        if site.cancel.is_asked() {
            return Waited::Cancelled;
        }
        if self.waits >= WAITS_MAX || self.waited_ms.saturating_add(wait_ms) > WAIT_MS_MAX {
            return Waited::TooLong;
        }
        self.waits += 1;
        self.waited_ms += wait_ms;
        let account = &site.sides[side].account;
        let host = BaseAddress::origin_of(&account.address)
            .map_or_else(|_| account.name.clone(), |base| base.host().to_owned());
        let run = site.run_number();
        let until_ms = site.now_ms().saturating_add(i64::try_from(wait_ms).unwrap_or(i64::MAX));
        site.tell(RunEvent::Waiting { run, host: host.clone(), until_ms, reason: "rate limit".to_owned() });
        let end = site.clock.monotonic_ms().saturating_add(wait_ms);
        let waited = loop {
            if site.cancel.is_asked() {
                break Waited::Cancelled;
            }
            match end.saturating_sub(site.clock.monotonic_ms()) {
                0 => break Waited::Over,
                left => site.clock.sleep_ms(left.min(LOOK_MS)).await,
            }
        };
        site.tell(RunEvent::WaitOver { run, host });
        waited
    }
}
