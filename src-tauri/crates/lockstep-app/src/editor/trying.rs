//! Tries a mapping as it stands in an editor on a ticket at hand: every field it would fill, old and new, and what would be
//! sent. The planner is the one that runs use; nothing is written.

use std::collections::BTreeMap;

use lockstep_core::mapping::transform::{Mapped, carry};
use lockstep_core::mapping::{CompiledField, Context, Rule, Rules, TypeMapping};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::create::plan_new;
use lockstep_core::sync::operation::{OperationKind, TicketPlan};
use lockstep_core::sync::plan::{LinkView, Setting, plan_link};
use lockstep_core::ticket::{Ticket, Value};
use lockstep_core::{FieldId, PersonId};
use serde::Serialize;

use super::samples::{self, Sample, name_of};
use crate::api_error::ApiError;
use crate::app::{App, capabilities};
use crate::history::NoticeView;
use crate::shown;

/// What a mapping would do with the ticket at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Trial {
    /// The side of the ticket.
    pub from: Side,
    pub key: String,
    pub title: String,
    pub partner: Option<String>,
    /// One for each field mapping that writes on the other side, in their order.
    pub rows: Vec<TrialRow>,
    pub conflicts: Vec<String>,
    pub notices: Vec<NoticeView>,
    /// `Would send 1 call: edit of 2 fields. No status change, no customer sees it.`
    pub sentence: String,
    pub customer_sees: bool,
    #[ts(type = "number")]
    pub read_ms: i64,
}

/// One field mapping on the ticket at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TrialRow {
    /// Position of the field mapping, from 0.
    pub field: u32,
    pub label: String,
    /// What stands on the other side now.
    pub before: String,
    /// What the mapping makes of it; `None` where it decides nothing.
    pub after: Option<String>,
    pub state: TrialState,
    /// Where the value comes from, or why there is none.
    pub reason: String,
}

/// What a run would do with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum TrialState {
    /// It would be written.
    Changes,
    /// Both sides agree.
    Same,
    /// The other side changed it since: what stands there stays, or is asked about.
    Stays,
    /// A person must decide: no pair, or the two cannot meet.
    Undecided,
}

/// Tries `mapping` on the ticket that was picked last.
pub async fn trial(app: &App, connection: i64, mapping: &TypeMapping) -> Result<Trial, ApiError> {
    let rules = samples::rules(app, connection, mapping).await?;
    let sample = samples::sample(app, connection, &rules).await?;
    let capabilities = Pair::from_fn(|side| capabilities(sample.sides[side].doc.platform));
    let setting = Setting {
        rules: &rules,
        people: &sample.people,
        capabilities: capabilities.as_ref(),
        fingerprints: Pair::from_fn(|side| &sample.sides[side].fingerprint),
        us: Pair::from_fn(|side| &sample.sides[side].identity.us.id),
        dedicated: Pair::from_fn(|side| sample.sides[side].doc.dedicated),
        store: app.store().id(),
    };
    let from = sample.from;
    let Some(ticket) = &sample.tickets[from] else {
        return Err(
            ApiError::new("no_sample", "no ticket was picked to try this on").hint("Pick a ticket first.")
        );
    };
    let plan = planned(&sample, ticket, setting);
    let rows = rows(&rules, &sample, ticket, &plan);
    let to = from.opposite();
    Ok(Trial {
        from,
        key: ticket.key.clone(),
        title: crate::shown::title(ticket),
        partner: sample.tickets[to].as_ref().map(|partner| partner.key.clone()),
        rows,
        conflicts: plan.conflicts.iter().map(|conflict| conflict.label.clone()).collect(),
        notices: plan.notices.iter().map(NoticeView::of).collect(),
        sentence: sentence(&plan, to),
        customer_sees: plan
            .operations
            .iter()
            .any(|operation| operation.side == to && operation.customer_sees),
        read_ms: sample.read_ms,
    })
}

fn planned(sample: &Sample, ticket: &Ticket, setting: Setting<'_>) -> TicketPlan {
    match (&sample.linked, &sample.tickets.source, &sample.tickets.target) {
        (Some(linked), Some(source), Some(target)) => plan_link(
            LinkView {
                link: &linked.link.link,
                tickets: Pair { source, target },
                bases: &linked.bases,
                ledger: &linked.ledger,
                ours_alone: Pair::default(),
                decided: &BTreeMap::new(),
            },
            setting,
        ),
        _ => plan_new(ticket, sample.from, 0, setting),
    }
}

fn rows(rules: &Rules, sample: &Sample, ticket: &Ticket, plan: &TicketPlan) -> Vec<TrialRow> {
    let to = sample.from.opposite();
    let writing = rules.fields.iter().enumerate().filter(|(_, field)| field.mapping.direction.writes(to));
    writing.map(|(index, field)| row(rules, sample, ticket, plan, index, field)).collect()
}

fn row(
    rules: &Rules,
    sample: &Sample,
    ticket: &Ticket,
    plan: &TicketPlan,
    index: usize,
    field: &CompiledField,
) -> TrialRow {
    let from = sample.from;
    let to = from.opposite();
    let context = Context { rules, people: &sample.people };
    let partner = sample.tickets[to].as_ref();
    let now = partner.and_then(|partner| held(field, to, partner));
    let words = |value: &Value| words(rules, sample, to, field, value);
    let names = |side: Side| {
        let labels = field.mapping.fields(side).iter().map(|id| rules.schemas[side].label(id));
        labels.collect::<Vec<_>>().join(" and ")
    };
    let (after, state, reason) = match carry(field, from, ticket, context) {
        Mapped::Value(value) => {
            let same = now.as_ref() == Some(&value);
            let written = writes(plan, to, field);
            let state = match (same, written || sample.linked.is_none()) {
                (true, _) => TrialState::Same,
                (false, true) => TrialState::Changes,
                (false, false) => TrialState::Stays,
            };
            (Some(words(&value)), state, made_from(field, &names(from)))
        }
        Mapped::Leave => (None, TrialState::Stays, "everything else is left as it is".to_owned()),
        Mapped::Unmapped(label) => {
            (None, TrialState::Undecided, format!("{label} has no pair: such a ticket waits for a person"))
        }
        Mapped::Unknown(why) | Mapped::Unsupported(why) => (None, TrialState::Undecided, why),
    };
    TrialRow {
        field: u32::try_from(index).unwrap_or(u32::MAX),
        label: names(to),
        before: now.as_ref().map(words).unwrap_or_default(),
        after,
        state,
        reason,
    }
}

fn held(field: &CompiledField, side: Side, ticket: &Ticket) -> Option<Value> {
    lockstep_core::mapping::transform::input(field, side, ticket)
}

fn words(rules: &Rules, sample: &Sample, to: Side, field: &CompiledField, value: &Value) -> String {
    let id = field.mapping.fields(to).first().cloned().unwrap_or_else(|| FieldId::from(""));
    match value {
        Value::Person(person) => person_name(sample, to, person),
        value => shown::value(&rules.schemas[to], &id, value),
    }
}

fn person_name(sample: &Sample, to: Side, id: &PersonId) -> String {
    let named = |side: Side| sample.tickets[side].as_ref().filter(|ticket| ticket.people.contains_key(id));
    match named(to) {
        Some(ticket) => name_of(ticket, id),
        // Found by address: the name stands on the ticket it was carried from.
        None => {
            let from = to.opposite();
            let carried = sample.tickets[from].as_ref().and_then(|ticket| {
                let mut people = ticket.people.keys();
                let theirs = people.find(|theirs| {
                    matches!(
                        sample.people.get(from, theirs),
                        Some(lockstep_core::mapping::transform::Counterpart::Found(found)) if found == id
                    )
                })?;
                Some(name_of(ticket, theirs))
            });
            carried.unwrap_or_else(|| id.0.clone())
        }
    }
}

fn made_from(field: &CompiledField, names: &str) -> String {
    match &field.mapping.rule {
        Rule::Constant { .. } => "a fixed value".to_owned(),
        Rule::Text { .. } => "a text built from the ticket".to_owned(),
        Rule::Description(_) => "the description builder".to_owned(),
        _ => format!("from {names}"),
    }
}

/// Whether the plan writes what this field mapping carries.
fn writes(plan: &TicketPlan, to: Side, field: &CompiledField) -> bool {
    plan.operations.iter().filter(|operation| operation.side == to).any(|operation| match &operation.kind {
        OperationKind::Update { changes, .. } => changes.iter().any(|change| change.mapping == field.key),
        OperationKind::Steps { mapping, .. } => *mapping == field.key,
        OperationKind::Create { .. } => true,
        _ => false,
    })
}

/// What would be sent to `to`, in a sentence.
fn sentence(plan: &TicketPlan, to: Side) -> String {
    let (mut calls, mut fields, mut steps, mut comments, mut files, mut creates) = (0, 0, 0, 0, 0, 0);
    for operation in plan.operations.iter().filter(|operation| operation.side == to) {
        calls += 1;
        match &operation.kind {
            OperationKind::Create { .. } => creates += 1,
            OperationKind::Update { changes, .. } => fields += changes.len(),
            OperationKind::Steps { steps: path, .. } => {
                calls += path.len().saturating_sub(1);
                steps += path.len();
            }
            OperationKind::Comment { .. } | OperationKind::EditComment { .. } => comments += 1,
            OperationKind::Attachment { .. } => files += 1,
            OperationKind::Link { .. } => {}
        }
    }
    if calls == 0 {
        return "Would send nothing.".to_owned();
    }
    let many = |count: usize, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {more}")),
    };
    let parts = [
        (creates > 0).then(|| "a new ticket".to_owned()),
        match fields {
            0 => None,
            1 => Some("edit of 1 field".to_owned()),
            n => Some(format!("edit of {n} fields")),
        },
        many(steps, "status step", "status steps"),
        many(comments, "comment", "comments"),
        many(files, "file", "files"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let call = if calls == 1 { "call" } else { "calls" };
    let sees = plan.operations.iter().any(|operation| operation.side == to && operation.customer_sees);
    let seen = if sees { "A customer sees it." } else { "No customer sees it." };
    format!("Would send {calls} {call}: {}. {seen}", parts.join(", "))
}
