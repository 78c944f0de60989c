//! What the window is given: plain data without secrets, exported as TypeScript to `ui/src/api/generated/`.
//!
//! Sentences come from here, so that window and command line say the same; the window formats times and numbers.

use lockstep_core::sync::operation::Outcome;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::api_error::ApiError;
use crate::connections::{ConnectionView, Prerequisite};
use crate::events::{Counts, Phase, RunResult};
use crate::history::{RunView, TicketView};

/// What the window asks first: may it go on, and with what.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct AppState {
    pub version: String,
    /// Why the store or the keychain cannot be used; nothing else works then.
    pub trouble: Option<Trouble>,
    pub connections: u32,
    /// The practice platforms were started on this computer before.
    pub practice: bool,
    pub running: Vec<RunProgress>,
}

/// What keeps Lockstep from opening its store.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Trouble {
    pub kind: TroubleKind,
    pub error: ApiError,
}

/// Which screen such a trouble gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum TroubleKind {
    KeychainAbsent,
    KeychainLocked,
    Store,
}

/// One side of a connection.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SideView {
    pub account: String,
    /// `servicenow`, `jira`.
    pub platform: String,
    /// The name people know: ServiceNow.
    pub label: String,
    pub address: String,
    /// One of the built-in practice platforms.
    pub practice: bool,
    /// A customer's test instance.
    pub sandbox: bool,
}

/// Which way changes flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Flow {
    Both,
    ToTarget,
    ToSource,
}

/// A connection as Overview shows it: what every list tells, and what the window draws besides.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ConnectionCard {
    #[serde(flatten)]
    #[ts(flatten)]
    pub connection: ConnectionView,
    pub source_side: SideView,
    pub target_side: SideView,
    pub flow: Flow,
    /// No run has finished yet: a start must be chosen.
    pub first_run: bool,
    /// What automatic sync needs, as far as this computer knows; switching it on asks the platforms.
    pub prerequisites: Vec<Prerequisite>,
    /// When the next automatic run is due.
    #[ts(type = "number | null")]
    pub next_ms: Option<i64>,
    /// Since when the oldest change waits.
    #[ts(type = "number | null")]
    pub waiting_since_ms: Option<i64>,
    /// The last 24 hours, oldest first.
    pub hours: Vec<HourView>,
}

/// All connections, by name.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ConnectionList {
    pub connections: Vec<ConnectionCard>,
    /// Automatic runs of all connections wait until a person resumes them.
    pub paused: bool,
    pub keychain: KeychainState,
}

/// Whether the keychain hands out sign-ins now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum KeychainState {
    Ready,
    /// It is there and does not open: no run can start until somebody unlocks it.
    Locked,
    /// None answers.
    Absent,
}

/// What was written in an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct HourView {
    #[ts(type = "number")]
    pub changed: u64,
    #[ts(type = "number")]
    pub failed: u64,
    /// Whether any run looked.
    pub checked: bool,
}

/// A page of the history, newest first.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RunPage {
    pub runs: Vec<RunView>,
    /// Ask for what is before this run; `None` at the end.
    #[ts(type = "number | null")]
    pub before: Option<i64>,
}

/// One run with its tickets.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RunPicture {
    pub run: RunView,
    pub source_side: SideView,
    pub target_side: SideView,
    /// Tickets by outcome, as recorded.
    pub outcomes: Vec<OutcomeCount>,
    pub tickets: TicketPage,
}

/// A page of a run's tickets: the failed first, then in the order of the run.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TicketPage {
    pub tickets: Vec<TicketView>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<TicketPlace>,
}

/// How a ticket ended, as TypeScript knows it; core's own word for it is what is serialised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum OutcomeWord {
    Created,
    Updated,
    Closed,
    Failed,
    Skipped,
}

impl OutcomeWord {
    /// As the core knows it.
    pub fn outcome(self) -> Outcome {
        match self {
            OutcomeWord::Created => Outcome::Created,
            OutcomeWord::Updated => Outcome::Updated,
            OutcomeWord::Closed => Outcome::Closed,
            OutcomeWord::Failed => Outcome::Failed,
            OutcomeWord::Skipped => Outcome::Skipped,
        }
    }

    /// The word in the store and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            OutcomeWord::Created => "created",
            OutcomeWord::Updated => "updated",
            OutcomeWord::Closed => "closed",
            OutcomeWord::Failed => "failed",
            OutcomeWord::Skipped => "skipped",
        }
    }
}

/// How many tickets ended so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OutcomeCount {
    #[ts(as = "OutcomeWord")]
    pub outcome: Outcome,
    pub tickets: u32,
}

/// Where a page of tickets begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TicketPlace {
    /// Still among the failed.
    pub failed: bool,
    pub ordinal: u32,
}

/// What a plan adds up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TallyView {
    #[ts(type = "number")]
    pub creates: u64,
    #[ts(type = "number")]
    pub updates: u64,
    #[ts(type = "number")]
    pub closes: u64,
    #[ts(type = "number")]
    pub comments: u64,
    #[ts(type = "number")]
    pub files: u64,
    #[ts(type = "number")]
    pub links: u64,
    #[ts(type = "number")]
    pub skips: u64,
    #[ts(type = "number")]
    pub conflicts: u64,
    #[ts(type = "number")]
    pub customer_sees: u64,
}

/// One reason not to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ReasonView {
    pub sentence: String,
    /// Applying is enough to go on; else it must be mended first.
    pub can_order: bool,
}

/// Where a run stands: the whole picture each time, so that a window that missed one is right again with the next.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RunProgress {
    #[ts(type = "number")]
    pub run: i64,
    #[ts(type = "number")]
    pub connection: i64,
    pub connection_name: String,
    #[ts(type = "number")]
    pub started_ms: i64,
    pub phase: Phase,
    pub counts: Counts,
    pub waits: Vec<WaitView>,
    /// Nothing is written: it makes a plan for a person to look at; `run` counts from below zero.
    pub planning: bool,
    /// Tickets created or changed since are read; `None`: since the last run, or what a kept plan says.
    #[ts(type = "number | null")]
    pub since_ms: Option<i64>,
    /// Why it stopped before writing.
    pub held: Vec<ReasonView>,
    /// The plan that it stopped at, to look at and to apply.
    #[ts(type = "number | null")]
    pub plan: Option<i64>,
    /// The last tickets, newest first.
    pub tickets: Vec<TicketNews>,
    pub result: Option<RunResult>,
}

/// A host that makes a run wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct WaitView {
    pub host: String,
    #[ts(type = "number")]
    pub since_ms: i64,
    #[ts(type = "number")]
    pub until_ms: i64,
    /// `rate limit`, `pace`, `trying again`.
    pub reason: String,
}

/// A ticket just dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TicketNews {
    #[ts(type = "number")]
    pub at_ms: i64,
    pub source_key: Option<String>,
    pub target_key: Option<String>,
    #[ts(as = "OutcomeWord")]
    pub outcome: Outcome,
    pub title: String,
    pub detail: String,
}
