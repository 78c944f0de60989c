//! A plan: what a run would do with one ticket, with reasons, as plain data.

use serde::{Deserialize, Serialize};

use super::base::FieldBase;
use super::link::{LedgerEntry, LinkId};
use crate::connector::{CreateRequest, FieldWrite, StepRequest};
use crate::ids::{AttachmentId, CommentId, FieldId, TicketId};
use crate::side::{Pair, Side};
use crate::ticket::{Value, Version, Visibility};

/// What a plan row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// Two tickets that are linked already.
    Link { link: LinkId },
    /// A ticket that has no counterpart yet.
    New { side: Side, ticket: TicketId },
}

/// Everything a run would do with one ticket or pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketPlan {
    pub subject: Subject,
    /// Name of the type mapping it was planned with.
    pub type_mapping: String,
    /// What people call the tickets; `None` where there is none yet.
    pub keys: Pair<Option<String>>,
    /// The ticket's title, for people.
    pub title: String,
    /// In the order they would be carried out.
    pub operations: Vec<Operation>,
    /// Bases that move without a write: agreements, renewals, settlings.
    pub bases: Vec<(String, FieldBase)>,
    /// Ledger entries that are made without a write.
    pub ledger: Vec<LedgerEntry>,
    pub conflicts: Vec<ConflictFound>,
    pub notices: Vec<Notice>,
    /// The versions that were read; `None` where there is no ticket.
    pub versions: Pair<Option<Version>>,
}

impl TicketPlan {
    /// Whether nothing would be written to either platform.
    pub fn is_quiet(&self) -> bool {
        self.operations.is_empty()
    }

    /// What the row counts as.
    pub fn outcome(&self) -> Outcome {
        let closes = |operation: &Operation| match &operation.kind {
            OperationKind::Steps { closes, .. } | OperationKind::Update { closes, .. } => *closes,
            _ => false,
        };
        if self.operations.iter().any(|op| matches!(op.kind, OperationKind::Create { .. })) {
            Outcome::Created
        } else if self.operations.iter().any(closes) {
            Outcome::Closed
        } else if !self.operations.is_empty() {
            Outcome::Updated
        } else {
            Outcome::Skipped
        }
    }
}

/// How a ticket of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Created,
    Updated,
    Closed,
    Failed,
    Skipped,
}

impl Outcome {
    /// The word people read.
    pub fn label(self) -> &'static str {
        match self {
            Outcome::Created => "Created",
            Outcome::Updated => "Updated",
            Outcome::Closed => "Closed",
            Outcome::Failed => "Failed",
            Outcome::Skipped => "Skipped",
        }
    }
}

/// One write to a platform, with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Where it is written.
    pub side: Side,
    pub kind: OperationKind,
    /// Why, in a sentence.
    pub reason: String,
    /// A customer would see it.
    pub customer_sees: bool,
}

/// A field of a new ticket, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    /// Key of the mapping that fills it; empty for what a status or a template brings along.
    pub mapping: String,
    pub field: FieldId,
    pub label: String,
    /// Where the value is none of the request's fields: a status that is reached by steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Filled {
    /// The value it gets.
    pub fn value<'a>(&'a self, request: &'a CreateRequest) -> &'a Value {
        const NOTHING: &Value = &Value::Empty;
        self.value.as_ref().or_else(|| request.fields.get(&self.field)).unwrap_or(NOTHING)
    }
}

/// The kinds of writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// A new ticket on `Operation::side`.
    Create {
        request: Box<CreateRequest>,
        /// The bases it will have, unsettled on the new side until the answer is in.
        bases: Vec<(String, FieldBase)>,
        /// What each field comes from; its value stands in the request.
        shown: Vec<Filled>,
    },
    /// Links two tickets that match.
    Link { other: TicketId, other_key: String, bases: Vec<(String, FieldBase)> },
    /// Fields, in one call.
    Update { changes: Vec<FieldChange>, closes: bool },
    /// Steps of the workflow, one call each.
    Steps {
        mapping: String,
        field: FieldId,
        from: String,
        steps: Vec<StepRequest>,
        read: Value,
        closes: bool,
    },
    /// A copy of a comment.
    Comment {
        original: CommentId,
        visibility: Visibility,
        body: String,
        content_ref: String,
        entry: LedgerEntry,
    },
    /// A changed text or a narrower visibility for a copy.
    EditComment {
        original: CommentId,
        copy: CommentId,
        visibility: Visibility,
        body: String,
        content_ref: String,
        entry: LedgerEntry,
    },
    /// A copy of a file.
    Attachment { original: AttachmentId, name: String, mime: String, size_bytes: u64, entry: LedgerEntry },
}

impl OperationKind {
    /// The kind's word in journal, JSON and command line.
    pub fn word(&self) -> &'static str {
        match self {
            OperationKind::Create { .. } => "create",
            OperationKind::Link { .. } => "link",
            OperationKind::Update { .. } => "update",
            OperationKind::Steps { .. } => "status",
            OperationKind::Comment { .. } => "comment",
            OperationKind::EditComment { .. } => "edit_comment",
            OperationKind::Attachment { .. } => "attachment",
        }
    }
}

/// One field's change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Key of the mapping it belongs to; empty for a field that only goes along (a needed close code).
    pub mapping: String,
    pub field: FieldId,
    pub label: String,
    /// What stands there now.
    pub before: Value,
    pub after: FieldWrite,
    /// What the other side held when this was planned: the base's other half after the write.
    pub read: Value,
    pub reason: String,
}

impl FieldChange {
    /// The value the field shall have afterwards.
    pub fn result(&self) -> &Value {
        match &self.after {
            FieldWrite::Set(value) | FieldWrite::Delta { result: value, .. } => value,
        }
    }

    /// The base once this was written to `side`; `answered` is the value in the write's own answer (hazards.md H14).
    ///
    /// Of a set only the members that this write carried count as agreed: what the side itself changed since the base
    /// may be on its way to the other side, in a write that can still fail (H26).
    #[must_use]
    pub fn base_after(
        &self,
        old: Option<&FieldBase>,
        revision: &str,
        side: Side,
        answered: Option<Value>,
    ) -> FieldBase {
        let mut base = FieldBase::after_write(
            old,
            revision,
            side,
            self.read.clone(),
            self.result().clone(),
            answered.clone(),
        );
        let FieldWrite::Delta { add, remove, .. } = &self.after else {
            return base;
        };
        let members = |value: &Value| super::sets::members(value);
        if members(&self.read).is_none() {
            return base;
        }
        if let Some(agreed) = old.and_then(|old| members(&old.values[side])) {
            let delta = super::sets::Delta { add: add.clone(), remove: remove.clone() };
            let mut kept = delta.apply(&agreed);
            if let Some(there) = answered.as_ref().and_then(members) {
                kept.retain(|member| there.contains(member) || !add.contains(member));
            }
            base.values[side] = Value::set(kept);
            // Settling takes a reading over whole, and with it the members that are still on their way.
            base.unsettled = None;
        }
        base
    }
}

/// Both sides changed one field to different things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictFound {
    pub mapping: String,
    pub label: String,
    /// What both sides last agreed on.
    pub base: Pair<Value>,
    /// What they hold now.
    pub now: Pair<Value>,
    /// What each side's value would become on the other, where it can be carried.
    pub carried: Pair<Option<Value>>,
}

/// Something a person should know; nothing is written for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub kind: NoticeKind,
    /// Key of the mapping, where there is one.
    pub mapping: Option<String>,
    /// What happened, with the labels people know.
    pub message: String,
    pub remedy: Option<String>,
}

/// Kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A value has no pair and the rule says stop and ask.
    Unmapped,
    /// Something could not be read and therefore decides nothing.
    Unknown,
    /// The two fields cannot meet.
    Unsupported,
    /// The workflow has no way to the wanted status.
    Unreachable,
    /// A field needed on the way stays empty.
    NeedMissing,
    /// The platform kept the old value when it was written before.
    NotApplied,
    /// Went back and forth too often.
    Flapping,
    /// A built description that somebody edited: left as it is.
    EditedThere,
    /// The ticket is not copied, with the reason.
    NotCreated,
    /// Whether it has a counterpart already cannot be told: a person links it, or mends what matches (hazards.md H12).
    MatchUnclear,
    /// A comment or file that is not copied, with the reason.
    NotCopied,
    /// Written by our user and not explained.
    Unexplained,
    /// The link waits.
    Parked,
}

impl NoticeKind {
    /// Whether the ticket needs a person before it is in step: it then counts as failed, not skipped.
    pub fn needs_person(self) -> bool {
        matches!(
            self,
            NoticeKind::Unmapped
                | NoticeKind::Unsupported
                | NoticeKind::Unreachable
                | NoticeKind::NeedMissing
                | NoticeKind::NotApplied
                | NoticeKind::Flapping
                | NoticeKind::MatchUnclear
        )
    }
}
