//! How ServiceNow says no (servicenow.md §8.2, §9).

use http::{HeaderMap, StatusCode};
use lockstep_core::connector::ErrorKind;
use serde::Deserialize;

use crate::http::{Dialect, Refusal, retry_after_ms};

/// ServiceNow's errors and waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now;

/// `{"error":{"message","detail"},"status":"failure"}`; the token endpoint has text in `error`.
#[derive(Deserialize)]
struct Body {
    error: Problem,
    #[serde(default)]
    error_description: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Problem {
    Words {
        #[serde(default)]
        message: Option<String>,
        #[serde(default)]
        detail: Option<String>,
    },
    Code(String),
}

impl Dialect for Now {
    fn label(&self) -> &'static str {
        "ServiceNow"
    }

    fn refusal(&self, status: StatusCode, _headers: &HeaderMap, body: &[u8]) -> Option<Refusal> {
        let Body { error, error_description } = serde_json::from_slice(body).ok()?;
        let (message, detail) = match error {
            Problem::Words { message, detail } => (message.unwrap_or_default(), detail.unwrap_or_default()),
            Problem::Code(code) => (code, error_description.unwrap_or_default()),
        };
        let (kind, remedy) = hint(status, &message, &detail);
        let message = match (message.is_empty(), detail.is_empty()) {
            (false, false) => format!("{message}: {detail}"),
            _ => message + &detail,
        };
        Some(Refusal { message, kind, remedy: remedy.map(str::to_owned), ..Refusal::default() })
    }

    fn wait_ms(&self, headers: &HeaderMap, server_now_ms: i64) -> Option<u64> {
        retry_after_ms(headers, server_now_ms).or_else(|| {
            let reset: i64 = headers.get("x-ratelimit-reset")?.to_str().ok()?.trim().parse().ok()?;
            u64::try_from(reset.checked_mul(1000)?.checked_sub(server_now_ms)?).ok()
        })
    }
}

/// Words are hints: they better a kind or a remedy, nothing else hangs on them.
fn hint(status: StatusCode, message: &str, detail: &str) -> (Option<ErrorKind>, Option<&'static str>) {
    if status != StatusCode::FORBIDDEN {
        return (None, None);
    }
    if message.contains("Insufficient rights to query") {
        let remedy = "An administrator must give Lockstep's role the operation query_range on sys_updated_on and sys_id \
                      of this table (query ACL)";
        return (None, Some(remedy));
    }
    if detail.contains("Data Policy Exception") {
        let remedy =
            "Map the fields that the message names, or have the data policy not apply to web services";
        return (Some(ErrorKind::Refused), Some(remedy));
    }
    if detail.contains("Business Rule") || message.contains("Business Rule") {
        return (
            Some(ErrorKind::Refused),
            Some("A business rule of the instance refuses this; ask its administrator"),
        );
    }
    (None, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read_and_pages_are_not() {
        let refusal = |body: &str| Now.refusal(StatusCode::FORBIDDEN, &HeaderMap::new(), body.as_bytes());
        let policy = refusal(
            r#"{"error":{"message":"Operation Failed","detail":"Data Policy Exception: The following fields are mandatory: Resolution code"},"status":"failure"}"#,
        )
        .unwrap();
        assert_eq!(policy.kind, Some(ErrorKind::Refused));
        assert!(policy.message.starts_with("Operation Failed: Data Policy"));
        let token = refusal(r#"{"error":"access_denied","error_description":"no"}"#).unwrap();
        assert_eq!(token.message, "access_denied: no");
        for none in ["<html>", "", "{}", r#"{"result":[]}"#, r#"{"error":{"message":"cut"#] {
            assert_eq!(refusal(none), None, "{none}");
        }
    }

    #[test]
    fn a_wait_may_be_named_by_the_rate_rule_alone() {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-reset", "1000".parse().unwrap());
        assert_eq!(Now.wait_ms(&headers, 990_000), Some(10_000));
        headers.insert("retry-after", "3".parse().unwrap());
        assert_eq!(Now.wait_ms(&headers, 990_000), Some(3000));
        assert_eq!(Now.wait_ms(&HeaderMap::new(), 0), None);
    }
}
