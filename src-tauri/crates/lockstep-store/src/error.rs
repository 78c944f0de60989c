//! What can go wrong with the store: a kind for the program, a sentence and a way out for the person.

use rusqlite::ffi;
use serde::Serialize;

/// All results of this crate.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A kind for the machine, a sentence for the person, and what to do about it where that is known.
///
/// Never holds a value out of a row, a key or a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    pub kind: StoreErrorKind,
    pub message: String,
    pub remedy: Option<String>,
}

/// What went wrong, as far as anybody branches on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreErrorKind {
    /// The key does not belong to this store.
    WrongKey,
    /// The file is no store of Lockstep's, or cannot be told from noise.
    NotAStore,
    /// The file was a store and is damaged.
    Damaged,
    /// A newer Lockstep wrote it.
    Newer,
    /// A migration that ran here is not the one this program knows.
    MigrationChanged,
    /// A migration failed; the store is as it was before.
    MigrationFailed,
    /// No room left; nothing of the step was kept.
    Full,
    /// Another process kept it busy for too long.
    Busy,
    /// The file or folder cannot be written.
    ReadOnly,
    /// The file system answered with an error.
    Io,
    /// The data folder lies on another machine.
    NetworkDrive,
    /// Another process runs on this store.
    HeldElsewhere,
    /// A later holder of the lock has taken over: this run must stop.
    EpochPassed,
    /// Something of that name, or a link of that ticket, exists already.
    Taken,
    /// It is in use, or refers to something that is not there.
    InUse,
    /// No such row.
    NotFound,
    /// The row is no longer in the state that the step starts from.
    WrongState,
    /// A row holds something this program cannot read.
    Data,
    /// The store was closed.
    Closed,
    /// Nothing answers as a keychain.
    KeychainAbsent,
    /// The keychain is locked and was not unlocked.
    KeychainLocked,
    /// The keychain refused.
    KeychainDenied,
    /// The keychain works and has no such entry.
    KeychainMissing,
    /// The caller asked for something that makes no sense.
    Invalid,
    /// None of the above.
    Unexpected,
}

impl StoreError {
    /// An error without a remedy.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> StoreError {
        StoreError { kind, message: message.into(), remedy: None }
    }

    /// The same error with a way out.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> StoreError {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same error, its sentence led in by what was being done.
    #[must_use]
    pub fn while_doing(mut self, what: &str) -> StoreError {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// No such row; `what` names it ("link 12").
    pub fn not_found(what: impl std::fmt::Display) -> StoreError {
        StoreError::new(StoreErrorKind::NotFound, format!("The store has no {what}."))
    }

    pub(crate) fn data(what: &str, cause: impl std::fmt::Display) -> StoreError {
        StoreError::new(StoreErrorKind::Data, format!("A stored {what} cannot be read: {cause}"))
    }

    pub(crate) fn closed() -> StoreError {
        StoreError::new(StoreErrorKind::Closed, "The store is closed.")
    }

    pub(crate) fn io(what: &str, path: &std::path::Path, cause: &std::io::Error) -> StoreError {
        use std::io::ErrorKind;
        let path = path.display();
        match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => full(),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                StoreError::new(StoreErrorKind::ReadOnly, format!("{what} {path}: {cause}")).with_remedy(
                    "Give your user the right to write there, or choose another data folder with --data-dir.",
                )
            }
            _ => StoreError::new(StoreErrorKind::Io, format!("{what} {path}: {cause}")),
        }
    }
}

fn full() -> StoreError {
    StoreError::new(StoreErrorKind::Full, "The disk is full: nothing of this step was saved.").with_remedy(
        "Free some space on the drive of the data folder, then try again. What was saved before is intact.",
    )
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        use rusqlite::Error;
        match &error {
            Error::SqliteFailure(failure, text) => from_code(*failure, text.as_deref()),
            Error::QueryReturnedNoRows => {
                StoreError::new(StoreErrorKind::NotFound, "The store has no such row.")
            }
            Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::IntegralValueOutOfRange(..) => StoreError::data("row", &error),
            _ => StoreError::new(StoreErrorKind::Unexpected, format!("The store answered: {error}")),
        }
    }
}

fn from_code(failure: ffi::Error, text: Option<&str>) -> StoreError {
    use ffi::ErrorCode;
    let said = text.unwrap_or("no further words");
    match failure.code {
        ErrorCode::DiskFull => full(),
        ErrorCode::NotADatabase => {
            StoreError::new(StoreErrorKind::WrongKey, "The file is not a store that this key opens.")
        }
        ErrorCode::DatabaseCorrupt => StoreError::new(StoreErrorKind::Damaged, format!("The store is damaged: {said}."))
            .with_remedy("Put back the newest copy from the folder `backups` or from your own backup; Lockstep then finds again by itself what it made since."),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            StoreError::new(StoreErrorKind::Busy, "Another process keeps the store busy.")
                .with_remedy("Try again in a moment.")
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
            StoreError::new(StoreErrorKind::ReadOnly, format!("The store cannot be opened for writing: {said}."))
                .with_remedy("Check that the data folder exists and that your user may write there.")
        }
        ErrorCode::SystemIoFailure => {
            StoreError::new(StoreErrorKind::Io, format!("The drive of the data folder answered with an error: {said}."))
                .with_remedy("Look at the drive: its space, a limit or quota of your user, its connection. Then try again; what was saved before is intact.")
        }
        ErrorCode::ConstraintViolation => match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
                StoreError::new(StoreErrorKind::Taken, format!("That exists already ({said})."))
            }
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
                StoreError::new(StoreErrorKind::InUse, "It is in use, or refers to something that is not there.")
            }
            _ => StoreError::new(StoreErrorKind::Unexpected, format!("The store refused a row: {said}.")),
        },
        _ => StoreError::new(StoreErrorKind::Unexpected, format!("The store answered: {said}.")),
    }
}
