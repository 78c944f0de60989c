//! Commits that go wrong because a test says so: refused by a full disk, or the process dies right before or after.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::error::{Result, StoreError, StoreErrorKind};

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is made.
    Made,
    /// The disk is full: nothing of it is kept.
    Refused,
    /// The process is gone before: nothing is kept, nobody ever hears of it.
    Lost,
    /// It is made, and the process is gone before it hears of it.
    Unheard,
}

/// Is asked before each commit.
pub trait Tap: Send + Sync {
    fn commit(&self) -> Fate;
}

/// The tap of a store, if any.
#[derive(Default)]
pub(crate) struct Tapped(Mutex<Option<Arc<dyn Tap>>>);

/// What is left to do for a commit.
pub(crate) enum Left<T> {
    /// To carry it out, and to answer if somebody still listens.
    Work(Option<oneshot::Sender<Result<T>>>),
    Nothing,
}

impl Tapped {
    pub(crate) fn set(&self, tap: Arc<dyn Tap>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tap);
    }

    pub(crate) fn at_commit<T>(&self, reply: oneshot::Sender<Result<T>>) -> Left<T> {
        let tap = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match tap.map_or(Fate::Made, |tap| tap.commit()) {
            Fate::Made => Left::Work(Some(reply)),
            Fate::Refused => {
                // Whoever asked may have stopped waiting.
                let _ = reply.send(Err(StoreError::new(StoreErrorKind::Full, "The disk is full.")));
                Left::Nothing
            }
            Fate::Lost => {
                // A dead process never hears an answer, not even that there will be none.
                std::mem::forget(reply);
                Left::Nothing
            }
            Fate::Unheard => {
                std::mem::forget(reply);
                Left::Work(None)
            }
        }
    }
}
