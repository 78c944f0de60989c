//! Turns answers and broken connections into errors with a kind, a sentence and a remedy.

use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode};
use lockstep_core::connector::{ConnectorError, ErrorKind};
use lockstep_core::ids::FieldId;

use super::redact::printable;
use crate::ports::WireError;

/// Longest quote of a platform's own words, characters.
const QUOTE_CHARS_MAX: usize = 400;

/// A platform's documented refusal, read from its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The platform's words.
    pub message: String,
    /// A better kind than the status alone gives.
    pub kind: Option<ErrorKind>,
    /// By field, as the platform worded them.
    pub fields: BTreeMap<FieldId, String>,
    pub remedy: Option<String>,
}

/// What is special to one platform's way of answering.
pub trait Dialect: Send + Sync {
    /// `ServiceNow`.
    fn label(&self) -> &'static str;

    /// Reads a documented error body; `None` for anything else (a proxy's page, a cut text).
    fn refusal(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Refusal>;

    /// Statuses that, with a documented body, prove that a write was refused and nothing was done (hazards.md H10).
    fn refuses_writes(&self, status: StatusCode) -> bool {
        matches!(status.as_u16(), 400 | 403 | 404 | 405 | 406 | 410 | 413 | 415 | 422)
    }

    /// How long a 429 asks to wait; `None` where it does not say.
    fn wait_ms(&self, headers: &HeaderMap, server_now_ms: i64) -> Option<u64> {
        super::retry::retry_after_ms(headers, server_now_ms)
    }

    /// On any answer: how long no further call is welcome because the budget is used up.
    fn exhausted_ms(&self, _headers: &HeaderMap, _server_now_ms: i64) -> Option<u64> {
        None
    }
}

/// The error for a request that got no complete answer.
pub(crate) fn of_wire(label: &str, what: &str, error: &WireError) -> ConnectorError {
    let (sentence, remedy) = match error {
        WireError::Untrusted { why, remedy } => {
            // Not merely unreachable: a second try meets the same certificate.
            let sentence =
                format!("{label} was not asked to {what}, because the connection is not safe: {why}");
            return ConnectorError::new(ErrorKind::NotReady, sentence).remedy(*remedy);
        }
        WireError::NotSent(reason) => (
            format!("{label} cannot be reached to {what}: {}", printable(reason, QUOTE_CHARS_MAX)),
            "Check the address, the network and the proxy; for a company's own certificate authority, name its file \
             in the account's settings",
        ),
        WireError::Broken(reason) => (
            format!(
                "{label} gave no complete answer when asked to {what}: {}",
                printable(reason, QUOTE_CHARS_MAX)
            ),
            "It is tried again at the next run",
        ),
    };
    ConnectorError::new(ErrorKind::Unreachable, sentence).remedy(remedy)
}

/// The error for a whole answer with a bad status.
pub(crate) fn of_status(
    dialect: &dyn Dialect,
    what: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    wait_ms: Option<u64>,
    conceal: impl Fn(&str) -> String,
) -> ConnectorError {
    let label = dialect.label();
    let refusal = dialect.refusal(status, headers, body);
    let kind = kind_of(status, refusal.as_ref(), wait_ms);
    let code = status.as_u16();
    let Some(refusal) = refusal else {
        let error = ConnectorError::new(kind, format!("{label} answered {code} when asked to {what}"));
        return match usual_remedy(kind) {
            Some(remedy) => error.remedy(remedy),
            None => error,
        };
    };
    let words = printable(&conceal(&refusal.message), QUOTE_CHARS_MAX);
    let fields = refusal
        .fields
        .into_iter()
        .map(|(id, text)| (id, printable(&conceal(&text), QUOTE_CHARS_MAX)))
        .collect();
    ConnectorError {
        kind,
        message: format!("{label} answered {code} when asked to {what}: {words}"),
        remedy: refusal.remedy.or_else(|| usual_remedy(kind).map(str::to_owned)),
        fields,
    }
}

/// The error for a good status around something that is not the platform's data.
pub(crate) fn not_data(label: &str, what: &str) -> ConnectorError {
    ConnectorError::new(
        ErrorKind::NotReady,
        format!("{label} answered with something else than data when asked to {what}"),
    )
    .remedy("The instance may be asleep or upgrading, or the address may lead to a sign-in page: open it in a browser")
}

/// The error for JSON that is not what the documentation says.
pub(crate) fn not_documented(label: &str, what: &str, error: &serde_json::Error) -> ConnectorError {
    // serde's words may quote a value; its place and category never do.
    let category = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Syntax => "it is no well-formed JSON",
        _ => "a value has another type",
    };
    ConnectorError::new(
        ErrorKind::Unexpected,
        format!(
            "{label} gave an answer that its documentation does not allow when asked to {what}: {category} (line {}, column {})",
            error.line(),
            error.column()
        ),
    )
}

fn kind_of(status: StatusCode, refusal: Option<&Refusal>, wait_ms: Option<u64>) -> ErrorKind {
    if let Some(kind) = refusal.and_then(|refusal| refusal.kind) {
        return kind;
    }
    match status.as_u16() {
        401 => ErrorKind::Unauthorised,
        403 => ErrorKind::Forbidden,
        404 | 410 if refusal.is_some() => ErrorKind::NotFound,
        409 | 412 => ErrorKind::ChangedMeanwhile,
        429 => ErrorKind::RateLimited { wait_ms: wait_ms.unwrap_or(0) },
        202 | 408 | 500..=599 => ErrorKind::Unreachable,
        300..=399 => ErrorKind::NotReady,
        400..=499 if refusal.is_some() => ErrorKind::Refused,
        _ => ErrorKind::Unexpected,
    }
}

fn usual_remedy(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Unauthorised => Some("Sign in to the account again"),
        ErrorKind::Forbidden => {
            Some("Ask an administrator for the rights that the account's setup page lists")
        }
        ErrorKind::NotReady => {
            Some("The address may lead to a sign-in page, or the instance is asleep: open it in a browser")
        }
        ErrorKind::RateLimited { .. } => {
            Some("The platform takes no more calls for now; it goes on by itself later")
        }
        _ => None,
    }
}
