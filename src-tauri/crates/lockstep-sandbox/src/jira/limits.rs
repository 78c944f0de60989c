//! The limit on writes to one ticket: 20 in 2 s and 100 in 30 s (sheet §11). The limits per second and hour belong to
//! [`crate::limits`].

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::answer::Refusal;

/// Writes allowed within so many milliseconds.
const WINDOWS: [(usize, i64); 2] = [(20, 2_000), (100, 30_000)];

/// Tickets remembered before old ones are swept out.
const TICKETS_MAX: usize = 4_096;

/// Times of the latest writes by ticket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct WriteLimits {
    writes: HashMap<u64, VecDeque<i64>>,
}

impl WriteLimits {
    /// Notes a write to a ticket, or refuses it with 429. A refused write is not executed and does not count.
    pub fn write(&mut self, issue: u64, now_ms: i64, armed: bool) -> Result<(), Refusal> {
        if !armed {
            return Ok(());
        }
        if self.writes.len() >= TICKETS_MAX {
            self.writes.retain(|_, times| times.back().is_some_and(|last| now_ms - last < 30_000));
        }
        let times = self.writes.entry(issue).or_default();
        while times.front().is_some_and(|first| now_ms - first >= 30_000) {
            times.pop_front();
        }
        for (allowed, window_ms) in WINDOWS {
            let within = times.iter().rev().take_while(|at| now_ms - **at < window_ms).count();
            if within >= allowed {
                let oldest = times[times.len() - allowed];
                return Err(refusal(allowed, window_ms - (now_ms - oldest), now_ms));
            }
        }
        times.push_back(now_ms);
        Ok(())
    }
}

fn refusal(allowed: usize, wait_ms: i64, now_ms: i64) -> Refusal {
    let wait_s = (wait_ms + 999) / 1000;
    let reset = now_ms + wait_s * 1000;
    let utc = super::clock::SiteClock::named("UTC").expect("UTC is known");
    let minute = utc.short((reset + 59_999) / 60_000 * 60_000);
    let mut refusal = Refusal::new(429, "Rate limit exceeded.");
    refusal.headers = vec![
        ("retry-after", wait_s.max(1).to_string()),
        ("x-ratelimit-limit", allowed.to_string()),
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", format!("{}Z", &minute[..16])),
        ("ratelimit-reason", "jira-per-issue-on-write".to_owned()),
    ];
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_21st_write_within_two_seconds_waits() {
        let mut limits = WriteLimits::default();
        for _ in 0..20 {
            assert!(limits.write(1, 0, true).is_ok());
        }
        let refused = limits.write(1, 500, true).expect_err("too many");
        assert_eq!(refused.status, 429);
        assert!(refused.headers.contains(&("retry-after", "2".to_owned())));
        assert!(limits.write(2, 500, true).is_ok());
        assert!(limits.write(1, 500, false).is_ok());
        assert!(limits.write(1, 2_000, true).is_ok());
    }

    #[test]
    fn the_101st_write_within_thirty_seconds_waits() {
        let mut limits = WriteLimits::default();
        for n in 0..100 {
            assert!(limits.write(1, n * 200, true).is_ok());
        }
        assert!(limits.write(1, 25_000, true).is_err());
        assert!(limits.write(1, 30_000, true).is_ok());
    }
}
