//! The one error that leaves this crate: a code for the machine, a sentence and a hint for the person.

use lockstep_core::connector::{ConnectorError, ErrorKind};
use lockstep_store::{StoreError, StoreErrorKind};
use serde::{Deserialize, Serialize};

use crate::run::RunError;

/// What a caller gets; the window switches on `code`, never on text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error, ts_rs::TS)]
#[error("{message}")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ApiError {
    pub code: String,
    pub message: String,
    pub hint: Option<String>,
}

impl ApiError {
    /// An error without a hint.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let code = match error.kind {
            StoreErrorKind::HeldElsewhere => "busy",
            StoreErrorKind::KeychainAbsent
            | StoreErrorKind::KeychainLocked
            | StoreErrorKind::KeychainDenied => "keychain",
            StoreErrorKind::KeychainMissing => "keychain_missing",
            StoreErrorKind::NotFound => "not_found",
            StoreErrorKind::Taken
            | StoreErrorKind::InUse
            | StoreErrorKind::WrongState
            | StoreErrorKind::Invalid => "invalid",
            _ => "store",
        };
        Self { code: code.to_owned(), message: error.message, hint: error.remedy }
    }
}

impl From<ConnectorError> for ApiError {
    fn from(error: ConnectorError) -> Self {
        let code = match error.kind {
            ErrorKind::Unauthorised => "sign_in_needed",
            ErrorKind::Forbidden => "forbidden",
            ErrorKind::NotFound => "not_found",
            ErrorKind::ChangedMeanwhile => "changed_meanwhile",
            ErrorKind::RateLimited { .. } => "rate_limited",
            ErrorKind::Unreachable | ErrorKind::NotReady => "unreachable",
            ErrorKind::Refused => "refused",
            ErrorKind::Stopped => "invalid",
            ErrorKind::Unexpected => "unexpected",
        };
        Self { code: code.to_owned(), message: error.message, hint: error.remedy }
    }
}

impl From<RunError> for ApiError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Side { side, error } => {
                let mut api = ApiError::from(error);
                api.message = format!("{side}: {}", api.message);
                api
            }
            RunError::Store(error) => error.into(),
            RunError::Guard(reasons) => {
                let orderable = reasons.iter().all(|reason| reason.can_order);
                let sentences: Vec<&str> = reasons.iter().map(|reason| reason.sentence.as_str()).collect();
                let hint = if orderable {
                    "Look at the plan; `lockstep run --yes` goes on."
                } else {
                    "Mend it first; `lockstep connection check` tells where."
                };
                ApiError::new("guard", format!("nothing was written: {}", sentences.join("; "))).hint(hint)
            }
            RunError::Plan(message) => ApiError::new("plan", message),
            RunError::Busy(message) => ApiError::new("busy", message),
        }
    }
}
