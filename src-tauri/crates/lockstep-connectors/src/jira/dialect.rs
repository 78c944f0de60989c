//! How Jira signs requests and words refusals, for the HTTP layer (sheet §1, §4.4, §11).

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use lockstep_core::connector::{ConnectorError, ErrorKind};
use lockstep_core::secret::Secret;
use zeroize::Zeroizing;

use super::error_body::ErrorBody;
use super::wire::Stamp;
use crate::http::{Answer, Authorise, Dialect, Refusal, concealed, retry_after_ms};

/// Tells how the sign-in went, on any answer; a 200 around an anonymous nothing included (§1).
const LOGIN_REASON: &str = "x-seraph-loginreason";
const RATE_LIMIT_RESET: &str = "x-ratelimit-reset";
const RATE_LIMIT_REASON: &str = "ratelimit-reason";

/// E-mail and API token as Basic sign-in.
pub struct BasicSignIn {
    email: String,
    token: Arc<Secret>,
}

impl BasicSignIn {
    /// Takes over what the account was set up with.
    pub fn new(email: &str, token: Secret) -> BasicSignIn {
        BasicSignIn { email: email.trim().to_owned(), token: Arc::new(token) }
    }
}

#[async_trait]
impl Authorise for BasicSignIn {
    async fn sign(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        let pair = Zeroizing::new(format!("{}:{}", self.email, self.token.open()));
        let text = Zeroizing::new(format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair.as_bytes())
        ));
        let mut value = HeaderValue::from_str(&text).expect("base64 is plain ASCII");
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
        Ok(())
    }

    async fn renew(&self, _refused: &HeaderMap) -> Result<bool, ConnectorError> {
        // A token is never renewed by itself (§1: it always expires, and a person makes the next one).
        Ok(false)
    }

    fn conceal(&self, words: &str) -> String {
        let pair = Zeroizing::new(format!("{}:{}", self.email, self.token.open()));
        concealed(words, [self.token.open(), pair.as_str()])
    }
}

/// Jira's way of answering.
#[derive(Debug, Clone, Copy, Default)]
pub struct JiraDialect;

impl Dialect for JiraDialect {
    fn label(&self) -> &'static str {
        "Jira"
    }

    fn refusal(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Refusal> {
        if let Some(reason) = login_refused(headers) {
            return Some(Refusal {
                message: reason.to_owned(),
                kind: Some(ErrorKind::Unauthorised),
                remedy: Some(NEW_TOKEN.to_owned()),
                ..Refusal::default()
            });
        }
        if status == StatusCode::UNAUTHORIZED {
            let message = ErrorBody::parse(body).map(|read| read.sentence()).unwrap_or_default();
            return Some(Refusal { message, remedy: Some(NEW_TOKEN.to_owned()), ..Refusal::default() });
        }
        if status == StatusCode::FORBIDDEN && body.is_empty() {
            // Service management answers so to accounts that are no agents (§1.3).
            return Some(Refusal {
                message:
                    "no reason given; service management answers so to accounts without an agent licence"
                        .to_owned(),
                ..Refusal::default()
            });
        }
        let read = ErrorBody::parse(body)?;
        Some(Refusal { message: read.sentence(), fields: read.by_field(), ..Refusal::default() })
    }

    fn wait_ms(&self, headers: &HeaderMap, server_now_ms: i64) -> Option<u64> {
        let reset = || {
            let until = reset_ms(headers.get(RATE_LIMIT_RESET)?.to_str().ok()?)?;
            u64::try_from(until.saturating_sub(server_now_ms)).ok()
        };
        // A burst or a single ticket's writes are free again when `Retry-After` says so; the reset, which is rounded up
        // to the minute, is that of the hour's quota (§11).
        let reason =
            headers.get(RATE_LIMIT_REASON).and_then(|reason| reason.to_str().ok()).unwrap_or_default();
        let short = reason.contains("burst") || reason.contains("per-issue");
        match retry_after_ms(headers, server_now_ms) {
            Some(wait) if short => Some(wait),
            wait => wait.into_iter().chain(reset()).max(),
        }
    }
}

const NEW_TOKEN: &str = "Make a new API token at id.atlassian.com and enter it in the account's settings";

/// The reset time; seen with minute precision (`2026-06-05T06:00Z`).
fn reset_ms(text: &str) -> Option<i64> {
    if let Some(stamp) = Stamp::parse(text) {
        return Some(stamp.0);
    }
    let minutes = text.strip_suffix('Z')?;
    Stamp::parse(&format!("{minutes}:00Z")).map(|stamp| stamp.0)
}

/// Why the sign-in on this answer does not count, if so.
fn login_refused(headers: &HeaderMap) -> Option<&'static str> {
    let spoken = |value: &HeaderValue, word: &str| {
        value.to_str().is_ok_and(|text| text.to_ascii_uppercase().contains(word))
    };
    let mut all = headers.get_all(LOGIN_REASON).iter();
    all.find_map(|value| {
        if spoken(value, "AUTHENTICATED_FAILED") {
            Some("the sign-in was not accepted, so it answered as to a stranger")
        } else if spoken(value, "AUTHENTICATION_DENIED") {
            Some("the sign-in is blocked until somebody has signed in to the site by hand")
        } else {
            None
        }
    })
}

/// Refuses a good answer that was given to a stranger (§1: an expired token gets 200 and nothing).
pub fn signed_in(answer: &Answer, what: &str) -> Result<(), ConnectorError> {
    match login_refused(&answer.headers) {
        None => Ok(()),
        Some(reason) => {
            let text = format!("Jira answered {} when asked to {what}: {reason}", answer.status.as_u16());
            Err(ConnectorError::new(ErrorKind::Unauthorised, text).remedy(NEW_TOKEN))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_stranger_s_answer_counts_as_a_refused_sign_in() {
        let refused = headers(&[("x-seraph-loginreason", "AUTHENTICATED_FAILED")]);
        let answer = Answer { status: StatusCode::OK, headers: refused.clone(), body: "{}".into() };
        assert_eq!(signed_in(&answer, "search").map_err(|e| e.kind), Err(ErrorKind::Unauthorised));
        let refusal = JiraDialect.refusal(StatusCode::NOT_FOUND, &refused, b"{}").unwrap();
        assert_eq!(refusal.kind, Some(ErrorKind::Unauthorised));
        let fine = Answer {
            status: StatusCode::OK,
            headers: headers(&[("x-seraph-loginreason", "OK")]),
            body: "{}".into(),
        };
        assert!(signed_in(&fine, "search").is_ok());
    }

    #[test]
    fn refusals_come_by_field_and_other_pages_are_none() {
        let body = br#"{"errorMessages":["no"],"errors":{"summary":"too long"}}"#;
        let refusal = JiraDialect.refusal(StatusCode::BAD_REQUEST, &HeaderMap::new(), body).unwrap();
        assert_eq!(refusal.fields.get(&"summary".into()).map(String::as_str), Some("too long"));
        assert!(JiraDialect.refusal(StatusCode::BAD_REQUEST, &HeaderMap::new(), b"<html>").is_none());
        assert!(JiraDialect.refusal(StatusCode::FORBIDDEN, &HeaderMap::new(), b"").is_some());
    }

    #[test]
    fn the_longer_of_both_waits_is_kept() {
        let now = 1_780_639_170_000; // 2026-06-05T05:59:30Z
        let both = headers(&[("retry-after", "5"), ("x-ratelimit-reset", "2026-06-05T06:00Z")]);
        assert_eq!(JiraDialect.wait_ms(&both, now), Some(30_000));
        let burst = headers(&[
            ("retry-after", "5"),
            ("x-ratelimit-reset", "2026-06-05T06:00Z"),
            ("ratelimit-reason", "jira-burst-based"),
        ]);
        assert_eq!(JiraDialect.wait_ms(&burst, now), Some(5_000), "a burst is over before the minute is");
        assert_eq!(JiraDialect.wait_ms(&headers(&[("retry-after", "5")]), now), Some(5_000));
        assert_eq!(JiraDialect.wait_ms(&headers(&[("x-ratelimit-reset", "soon")]), now), None);
    }

    #[tokio::test]
    async fn the_sign_in_is_basic_and_marked_as_secret() {
        let mut signed = HeaderMap::new();
        BasicSignIn::new(" mia@x.example", Secret::new("tok".to_owned())).sign(&mut signed).await.unwrap();
        let value = &signed[header::AUTHORIZATION];
        assert_eq!(value, "Basic bWlhQHguZXhhbXBsZTp0b2s=");
        assert!(value.is_sensitive());
    }
}
