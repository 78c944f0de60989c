//! Reasons not to go on without a person, in words. Counted over the whole run, never per batch (hazards.md H46).

use serde::{Deserialize, Serialize};

use super::operation::{Outcome, TicketPlan};
use crate::side::{Pair, Side};

/// How much a run may do without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Limits {
    #[ts(type = "number")]
    pub creates_max: u64,
    #[ts(type = "number")]
    pub closes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { creates_max: 200, closes_max: 200 }
    }
}

/// What a plan adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub creates: u64,
    pub updates: u64,
    pub closes: u64,
    pub comments: u64,
    pub files: u64,
    pub links: u64,
    pub skips: u64,
    pub conflicts: u64,
    /// Tickets that need a person before they are in step.
    pub held: u64,
    pub customer_sees: u64,
}

impl Tally {
    /// Adds one ticket's plan.
    pub fn add(&mut self, plan: &TicketPlan) {
        use super::operation::OperationKind as Kind;
        match plan.outcome() {
            Outcome::Created => self.creates += 1,
            Outcome::Closed => self.closes += 1,
            // A link alone writes to neither platform.
            Outcome::Updated if plan.operations.iter().all(|op| matches!(op.kind, Kind::Link { .. })) => {}
            Outcome::Updated => self.updates += 1,
            Outcome::Skipped | Outcome::Failed => self.skips += 1,
        }
        for operation in &plan.operations {
            match &operation.kind {
                Kind::Comment { .. } | Kind::EditComment { .. } => self.comments += 1,
                Kind::Attachment { .. } => self.files += 1,
                Kind::Link { .. } => self.links += 1,
                _ => {}
            }
            self.customer_sees += u64::from(operation.customer_sees);
        }
        self.conflicts += plan.conflicts.len() as u64;
        self.held += u64::from(plan.notices.iter().any(|notice| notice.kind.needs_person()));
    }

    /// Whether nothing would be written.
    pub fn is_quiet(&self) -> bool {
        self.creates + self.updates + self.closes + self.links == 0
    }
}

/// What is known of a run before it writes.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    pub first_run: bool,
    /// Errors of the mapping checker.
    pub mapping_errors: usize,
    /// Known live links, and how many of those looked up are gone, per side.
    pub links: u64,
    pub gone: Pair<u64>,
    /// Sentences about fields and options that a mapping uses and that changed since it was saved.
    pub schema_drift: Vec<String>,
    /// An instance that looks replaced (hazards.md H45), in words.
    pub replaced: Pair<Option<String>>,
    /// Another Lockstep syncs this pair (hazards.md H3).
    pub other_store: Option<String>,
}

/// One reason to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub sentence: String,
    /// Whether a person's order (`Apply`, `run --yes`) is enough to go on; else it must be mended first.
    pub can_order: bool,
}

/// All reasons not to go on.
pub fn guard(tally: &Tally, limits: &Limits, circumstances: &Circumstances) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut reason = |can_order: bool, sentence: String| reasons.push(Reason { sentence, can_order });
    if circumstances.mapping_errors > 0 {
        let errors = circumstances.mapping_errors;
        reason(false, format!("the mapping has {errors} {}", if errors == 1 { "error" } else { "errors" }));
    }
    if let Some(other) = &circumstances.other_store {
        reason(
            false,
            format!(
                "another Lockstep syncs this pair (store {other}): stop here, or take over with `lockstep run --take-over`"
            ),
        );
    }
    for side in Side::BOTH {
        if let Some(why) = &circumstances.replaced[side] {
            reason(false, format!("the {side} platform looks replaced: {why}"));
        }
        let gone = circumstances.gone[side];
        if circumstances.links >= 5 && gone * 2 > circumstances.links {
            reason(
                true,
                format!(
                    "{gone} of {} linked tickets are suddenly not visible on the {side} side",
                    circumstances.links
                ),
            );
        }
    }
    for drift in &circumstances.schema_drift {
        reason(true, drift.clone());
    }
    if tally.creates > limits.creates_max {
        let run = if circumstances.first_run { "first run" } else { "run" };
        reason(
            true,
            format!(
                "the {run} would create {} tickets, more than the limit of {}",
                tally.creates, limits.creates_max
            ),
        );
    }
    if tally.closes > limits.closes_max {
        reason(
            true,
            format!(
                "the run would close {} tickets, more than the limit of {}",
                tally.closes, limits.closes_max
            ),
        );
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_over_the_whole_run() {
        let limits = Limits { creates_max: 10, closes_max: 10 };
        let tally = |creates| Tally { creates, ..Tally::default() };
        assert_eq!(guard(&tally(10), &limits, &Circumstances::default()), []);
        let reasons =
            guard(&tally(11), &limits, &Circumstances { first_run: true, ..Circumstances::default() });
        assert_eq!(reasons.len(), 1);
        assert!(reasons[0].can_order && reasons[0].sentence.contains("11"));
    }

    #[test]
    fn a_red_mapping_cannot_be_ordered_away() {
        let circumstances = Circumstances { mapping_errors: 2, ..Circumstances::default() };
        assert!(!guard(&Tally::default(), &Limits::default(), &circumstances)[0].can_order);
    }

    #[test]
    fn half_of_a_side_gone_is_a_question() {
        let gone = Pair { source: 0, target: 6 };
        let circumstances = Circumstances { links: 10, gone, ..Circumstances::default() };
        assert_eq!(guard(&Tally::default(), &Limits::default(), &circumstances).len(), 1);
        let circumstances =
            Circumstances { links: 10, gone: Pair { source: 0, target: 5 }, ..Circumstances::default() };
        assert!(guard(&Tally::default(), &Limits::default(), &circumstances).is_empty());
    }
}
