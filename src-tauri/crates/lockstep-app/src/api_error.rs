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
    /// What to do about it, in words that hold in the window and on the command line.
    pub hint: Option<String>,
    /// The command that does it; only the command line tells it.
    #[serde(default, skip)]
    #[ts(skip)]
    pub command: Option<String>,
}

impl ApiError {
    /// An error without a hint.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: None, command: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the command of `lockstep` that helps.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
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
        Self { code: code.to_owned(), message: error.message, hint: error.remedy, command: None }
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
        Self { code: code.to_owned(), message: error.message, hint: error.remedy, command: None }
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
                let (hint, command) = if orderable {
                    ("Look at the plan before you let it go on.", "lockstep run --yes")
                } else {
                    ("Mend it first; a check of the mapping tells where.", "lockstep connection check")
                };
                ApiError::new("guard", format!("nothing was written: {}", sentences.join("; ")))
                    .hint(hint)
                    .command(command)
            }
            RunError::Plan(message) => ApiError::new("plan", message),
            RunError::Busy(message) => ApiError::new("busy", message),
        }
    }
}
