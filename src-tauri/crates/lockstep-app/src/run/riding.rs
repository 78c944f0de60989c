//! Comments that ride in the call that writes fields, where a platform takes both at once (servicenow.md §10): one call
//! less for each ticket that changed and was spoken of. Each stays an operation with a row of its own (hazards.md H20, H33).

use std::collections::BTreeMap;

use lockstep_core::connector::{CommentRequest, CommentWritten};
use lockstep_core::side::Side;
use lockstep_core::sync::link::LedgerEntry;
use lockstep_core::sync::operation::{Operation, OperationKind};
use lockstep_core::ticket::Visibility;
use serde::Serialize;

/// A comment on its way, alone or along. As its journal row keeps it, for recovery.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rider {
    pub request: CommentRequest,
    pub entry: LedgerEntry,
}

impl Rider {
    /// Its entry in the ledger, with the copy where the answer names it.
    pub fn entered(&self, written: Option<&CommentWritten>) -> LedgerEntry {
        let copy = written.and_then(|written| written.id.as_ref()).map(|id| id.0.clone());
        LedgerEntry { copy, ..self.entry.clone() }
    }

    /// Whether it came out more visible than meant (hazards.md H38).
    pub fn is_wider(&self, written: Option<&CommentWritten>) -> bool {
        let shown = written.and_then(|written| written.visibility);
        self.request.visibility == Visibility::Internal && shown == Some(Visibility::Public)
    }

    /// What its journal row ends with.
    pub fn outcome(&self, written: Option<&CommentWritten>) -> serde_json::Value {
        let copy = self.entered(written).copy;
        serde_json::json!({ "comment": copy, "wider_than_meant": self.is_wider(written) })
    }
}

/// Which comment rides in which field write, by their places in `operations`: the neighbour on the same side, so that
/// nothing is overtaken. That is the last comment before the fields; where the fields come first, because they reopen the
/// ticket, it is the first one after them. A file between the two keeps them apart.
pub fn riders(operations: &[Operation], rides: impl Fn(Side) -> bool) -> BTreeMap<usize, usize> {
    let mut riders = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        let side = operation.side;
        if !matches!(operation.kind, OperationKind::Update { .. }) || !rides(side) {
            continue;
        }
        let comment = |(place, other): (usize, &Operation)| {
            matches!(other.kind, OperationKind::Comment { .. }).then_some(place)
        };
        let beside = |(_, other): &(usize, &Operation)| other.side == side;
        let before = operations[..at].iter().enumerate().rev().find(beside).and_then(comment);
        let after = || operations.iter().enumerate().skip(at + 1).find(beside).and_then(comment);
        let taken = |place: &usize| riders.values().any(|comment| comment == place);
        if let Some(place) = before.or_else(after).filter(|place| !taken(place)) {
            riders.insert(at, place);
        }
    }
    riders
}
