//! Decides what a run would do. `SYNC.md` states the decision table row by row; the tests carry the rows' names.

pub mod base;
pub mod comments;
pub mod create;
pub mod decide;
pub mod guard;
pub mod link;
pub mod matching;
pub mod operation;
pub mod plan;
pub mod sets;
pub mod status;

pub use base::FieldBase;
pub use decide::{Cell, Decision, decide};
pub use link::{LedgerEntry, LedgerKind, LedgerState, Link, LinkId, LinkState};
pub use operation::{
    ConflictFound, FieldChange, Filled, Notice, NoticeKind, Operation, OperationKind, Outcome, Subject,
    TicketPlan,
};
