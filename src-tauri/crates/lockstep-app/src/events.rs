//! What a run tells while it works. Run detail reads the journal, not these.

use lockstep_core::sync::guard::{Reason, Tally};
use lockstep_core::sync::operation::Outcome;
use serde::{Deserialize, Serialize};

/// The phases of a run, as the window shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Phase {
    SignIn,
    Read,
    Plan,
    Write,
    Confirm,
}

impl Phase {
    /// The word people read.
    pub fn label(self) -> &'static str {
        match self {
            Phase::SignIn => "Sign in",
            Phase::Read => "Read",
            Phase::Plan => "Plan",
            Phase::Write => "Write",
            Phase::Confirm => "Confirm",
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Counts {
    #[ts(type = "number")]
    pub read: u64,
    /// Tickets with something to write.
    #[ts(type = "number")]
    pub planned: u64,
    /// Of those, dealt with.
    #[ts(type = "number")]
    pub done: u64,
    #[ts(type = "number")]
    pub created: u64,
    #[ts(type = "number")]
    pub updated: u64,
    #[ts(type = "number")]
    pub closed: u64,
    #[ts(type = "number")]
    pub failed: u64,
    #[ts(type = "number")]
    pub skipped: u64,
    #[ts(type = "number")]
    pub comments: u64,
    #[ts(type = "number")]
    pub files: u64,
    #[ts(type = "number")]
    pub linked: u64,
    #[ts(type = "number")]
    pub conflicts: u64,
}

impl Counts {
    /// Adds those of a part of the run.
    pub fn add(&mut self, part: Counts) {
        self.read += part.read;
        self.planned += part.planned;
        self.done += part.done;
        self.created += part.created;
        self.updated += part.updated;
        self.closed += part.closed;
        self.failed += part.failed;
        self.skipped += part.skipped;
        self.comments += part.comments;
        self.files += part.files;
        self.linked += part.linked;
        self.conflicts += part.conflicts;
    }
}

/// What a run ends as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum RunResult {
    Success,
    Partial,
    Failed,
    NothingToDo,
    Cancelled,
}

impl RunResult {
    /// The words people read.
    pub fn label(self) -> &'static str {
        match self {
            RunResult::Success => "Success",
            RunResult::Partial => "Partial",
            RunResult::Failed => "Failed",
            RunResult::NothingToDo => "Nothing to do",
            RunResult::Cancelled => "Cancelled",
        }
    }
}

/// One event of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    Started {
        run: i64,
        connection: i64,
        connection_name: String,
        /// Tickets created or changed since are read; `None`: since the last run, or what a kept plan says.
        since_ms: Option<i64>,
    },
    Phase {
        run: i64,
        phase: Phase,
    },
    Counts {
        run: i64,
        counts: Counts,
    },
    /// A host makes the run wait until this time, milliseconds since 1970 UTC.
    Waiting {
        run: i64,
        host: String,
        until_ms: i64,
        reason: String,
    },
    WaitOver {
        run: i64,
        host: String,
    },
    Planned {
        run: i64,
        tally: Tally,
    },
    Held {
        run: i64,
        /// The plan it stopped at.
        plan: i64,
        reasons: Vec<Reason>,
    },
    Ticket {
        run: i64,
        source: Option<String>,
        target: Option<String>,
        outcome: Outcome,
        title: String,
        detail: String,
    },
    Ended {
        run: i64,
        result: RunResult,
        counts: Counts,
    },
}

/// Who listens. Called from the run's own task; must not block.
pub trait Listener: Send + Sync {
    /// Takes one event.
    fn event(&self, event: &RunEvent);
}

/// Nobody listens.
#[derive(Debug, Default)]
pub struct Silent;

impl Listener for Silent {
    fn event(&self, _: &RunEvent) {}
}
