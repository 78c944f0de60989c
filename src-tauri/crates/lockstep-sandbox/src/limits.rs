//! Rate limits with the headers of the platform at hand. Off until rules are set.
//!
//! ServiceNow counts requests per hour and user (sheet 8.2); Jira has a bucket per method and second and a quota per
//! hour (Jira sheet 11). Both kinds of rule can be set for either; the headers follow the platform.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::stamps;

/// How much a rule lets through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowance {
    /// So many requests in each hour of the clock, per user.
    PerHour(u32),
    /// A bucket that refills steadily, per user.
    Bucket {
        /// What the bucket holds when full.
        burst: u32,
        /// What flows in each second.
        per_second: f64,
    },
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Only requests of this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only requests whose path contains this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// How much.
    pub allow: Allowance,
}

impl Rule {
    /// A rule for all requests.
    pub fn all(allow: Allowance) -> Self {
        Self { method: None, path_contains: None, allow }
    }

    fn covers(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path_contains.as_ref().is_none_or(|part| path.contains(part.as_str()))
    }
}

/// The rules and their counters.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Limits {
    /// In force, all of them; the first one that is used up refuses.
    pub rules: Vec<Rule>,
    #[serde(skip)]
    used: HashMap<(usize, u64), Used>,
}

#[derive(Debug, Clone, Copy)]
struct Used {
    /// Requests left, in this hour or in the bucket.
    left: f64,
    /// Start of the hour, or time of the last refill.
    since_ms: i64,
}

/// What the limits say of one request.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Headers for the answer.
    pub headers: HeaderMap,
    /// The 429's body, when the request is refused.
    pub refused: Option<String>,
}

const HOUR_MS: i64 = 3_600_000;

impl Limits {
    /// Sets the rules and forgets the counters.
    pub fn set(&mut self, rules: Vec<Rule>) {
        self.rules = rules;
        self.used.clear();
    }

    /// Counts a request of the user named by `credential` (only its hash is kept).
    pub fn check(
        &mut self,
        platform: &str,
        credential: &[u8],
        method: &str,
        path: &str,
        now_ms: i64,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        if self.rules.is_empty() {
            return verdict;
        }
        let mut hasher = DefaultHasher::new();
        credential.hash(&mut hasher);
        let user = hasher.finish();
        for (index, rule) in self.rules.iter().enumerate() {
            if !rule.covers(method, path) {
                continue;
            }
            let used = self.used.entry((index, user)).or_insert(Used { left: f64::NAN, since_ms: now_ms });
            let (limit, wait_ms, reset_ms) = take(&rule.allow, used, now_ms);
            let left = used.left.max(0.0) as u32;
            write_headers(&mut verdict, platform, index, rule, limit, left, wait_ms, reset_ms, now_ms);
            if verdict.refused.is_some() {
                break;
            }
        }
        verdict
    }
}

/// Takes one request out. Returns the limit, how long to wait when there was none left, and when the count starts anew.
fn take(allow: &Allowance, used: &mut Used, now_ms: i64) -> (u32, Option<i64>, i64) {
    match *allow {
        Allowance::PerHour(limit) => {
            let hour = now_ms.div_euclid(HOUR_MS) * HOUR_MS;
            if used.left.is_nan() || used.since_ms != hour {
                *used = Used { left: f64::from(limit), since_ms: hour };
            }
            let reset = hour + HOUR_MS;
            if used.left < 1.0 {
                return (limit, Some(reset - now_ms), reset);
            }
            used.left -= 1.0;
            (limit, None, reset)
        }
        Allowance::Bucket { burst, per_second } => {
            let full = f64::from(burst);
            let gained = (now_ms - used.since_ms).max(0) as f64 / 1000.0 * per_second;
            let level = if used.left.is_nan() { full } else { (used.left + gained).min(full) };
            *used = Used { left: level, since_ms: now_ms };
            let missing_ms = ((1.0 - level) / per_second.max(1e-6) * 1000.0).ceil() as i64;
            if level < 1.0 {
                return (burst, Some(missing_ms.max(1)), now_ms + missing_ms.max(1));
            }
            used.left -= 1.0;
            (burst, None, now_ms + 1000)
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one place writes the headers of both platforms")]
fn write_headers(
    verdict: &mut Verdict,
    platform: &str,
    index: usize,
    rule: &Rule,
    limit: u32,
    left: u32,
    wait_ms: Option<i64>,
    reset_ms: i64,
    now_ms: i64,
) {
    let mut put = |name: &'static str, value: String| {
        let value = HeaderValue::from_str(&value).expect("digits and letters only");
        verdict.headers.insert(HeaderName::from_static(name), value);
    };
    let retry_after = wait_ms.map(|ms| (ms + 999) / 1000);
    put("x-ratelimit-limit", limit.to_string());
    if platform == "servicenow" {
        put("x-ratelimit-reset", (reset_ms / 1000).to_string());
        put("x-ratelimit-rule", format!("{:032x}", 0x7a1e_0000_0000_u64 + index as u64));
    } else {
        put("x-ratelimit-remaining", left.to_string());
        if left.saturating_mul(5) < limit {
            put("x-ratelimit-nearlimit", "true".to_owned());
        }
    }
    let Some(seconds) = retry_after else { return };
    put("retry-after", seconds.to_string());
    if platform == "servicenow" {
        verdict.refused = Some(format!(
            r#"{{"error":{{"message":"Rate limit exceeded","detail":"Rate limit of {limit} requests per hour for Table API exceeded"}},"status":"failure"}}"#
        ));
        return;
    }
    let reason = match rule.allow {
        Allowance::PerHour(_) => "jira-quota-tenant-based",
        Allowance::Bucket { .. } => "jira-burst-based",
    };
    put("ratelimit-reason", reason.to_owned());
    // Seen with minute precision, so it is rounded up: a client that trusts it must not come too early.
    put("x-ratelimit-reset", stamps::iso_minute((now_ms + seconds * 1000 + 59_999) / 60_000 * 60_000));
    verdict.refused = Some(r#"{"errorMessages":["Rate limit exceeded."],"errors":{}}"#.to_owned());
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Limits, Rule};

    const NOON: i64 = 1_777_896_000_000;

    #[test]
    fn servicenow_counts_by_the_hour() {
        let mut limits = Limits::default();
        limits.set(vec![Rule::all(Allowance::PerHour(2))]);
        assert!(limits.check("servicenow", b"a", "GET", "/", NOON).refused.is_none());
        assert!(limits.check("servicenow", b"a", "GET", "/", NOON).refused.is_none());
        let verdict = limits.check("servicenow", b"a", "GET", "/", NOON + 1_500);
        assert!(verdict.refused.is_some_and(|body| body.contains("2 requests per hour")));
        assert_eq!(verdict.headers["retry-after"], "3599");
        assert_eq!(verdict.headers["x-ratelimit-reset"], ((NOON + 3_600_000) / 1000).to_string());
        assert!(verdict.headers.contains_key("x-ratelimit-rule"));
        assert!(limits.check("servicenow", b"b", "GET", "/", NOON).refused.is_none(), "counted per user");
        assert!(limits.check("servicenow", b"a", "GET", "/", NOON + 3_600_000).refused.is_none());
    }

    #[test]
    fn jira_has_a_bucket_and_its_own_headers() {
        let mut limits = Limits::default();
        limits.set(vec![Rule {
            method: Some("PUT".to_owned()),
            ..Rule::all(Allowance::Bucket { burst: 1, per_second: 0.5 })
        }]);
        assert!(limits.check("jira", b"a", "GET", "/", NOON).headers.is_empty());
        let first = limits.check("jira", b"a", "PUT", "/", NOON);
        assert_eq!(first.headers["x-ratelimit-remaining"], "0");
        assert_eq!(first.headers["x-ratelimit-nearlimit"], "true");
        let second = limits.check("jira", b"a", "PUT", "/", NOON + 500);
        assert!(second.refused.is_some());
        assert_eq!(second.headers["retry-after"], "2");
        assert_eq!(second.headers["ratelimit-reason"], "jira-burst-based");
        assert_eq!(second.headers["x-ratelimit-reset"], "2026-05-04T12:01Z");
        assert!(limits.check("jira", b"a", "PUT", "/", NOON + 2_500).refused.is_none());
    }

    #[test]
    fn no_rules_no_headers() {
        assert!(Limits::default().check("jira", b"", "GET", "/", NOON).headers.is_empty());
    }
}
