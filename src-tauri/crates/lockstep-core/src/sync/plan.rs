//! Plans one linked pair: every mapping's decision, then comments and files, in the order they are carried out.

mod bases;
mod lost;
mod members;

use std::collections::BTreeMap;

use super::base::FieldBase;
use super::comments::{self, ContentView};
use super::decide::{Cell, Decision, decide};
use super::link::{LedgerEntry, Link};
use super::operation::{
    ConflictFound, FieldChange, Notice, NoticeKind, Operation, OperationKind, Subject, TicketPlan,
};
use super::status;
use crate::connector::{Capabilities, FieldWrite, StatusWriting};
use crate::ids::PersonId;
use crate::mapping::transform::{Context, carry, input, supply};
use crate::mapping::{CompiledField, Mapped, PeopleTable, Rule, Rules};
use crate::marker::Fingerprint;
use crate::omission::{Omission, left_out};
use crate::side::{Pair, Side};
use crate::ticket::{Ticket, Value};

/// What stays the same over a whole run of one type mapping.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub rules: &'a Rules,
    pub people: &'a PeopleTable,
    pub capabilities: Pair<&'a Capabilities>,
    pub fingerprints: Pair<&'a Fingerprint>,
    /// Whom Lockstep acts as on each side.
    pub us: Pair<&'a PersonId>,
    /// Whether nobody else writes as that user.
    pub dedicated: Pair<bool>,
    /// This store's id, for markers.
    pub store: &'a str,
}

impl<'a> Setting<'a> {
    /// What transforms may know.
    pub fn context(&self) -> Context<'a> {
        Context { rules: self.rules, people: self.people }
    }
}

/// A person's decision on a conflict, bound to the values that were shown (hazards.md H23).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Decided {
    pub base: Pair<Value>,
    pub now: Pair<Value>,
    /// The side whose value is kept; `None` leaves both as they are.
    pub winner: Option<Side>,
}

/// Everything known of one pair.
#[derive(Clone, Copy)]
pub struct LinkView<'a> {
    pub link: &'a Link,
    pub tickets: Pair<&'a Ticket>,
    pub bases: &'a BTreeMap<String, FieldBase>,
    pub ledger: &'a [LedgerEntry],
    /// Provably nobody but us changed the ticket since our last write.
    pub ours_alone: Pair<bool>,
    /// Decisions on open conflicts, by mapping key.
    pub decided: &'a BTreeMap<String, Decided>,
}

/// Plans what a run would do with a linked pair.
pub fn plan_link(view: LinkView<'_>, setting: Setting<'_>) -> TicketPlan {
    let mut planning = Planning {
        view,
        setting,
        plan: TicketPlan {
            subject: Subject::Link { link: view.link.id },
            type_mapping: setting.rules.mapping.name.clone(),
            keys: Pair::from_fn(|side| Some(view.tickets[side].key.clone())),
            title: title(view.tickets[Side::Source], setting),
            operations: Vec::new(),
            bases: Vec::new(),
            ledger: Vec::new(),
            conflicts: Vec::new(),
            notices: Vec::new(),
            versions: Pair::from_fn(|side| Some(view.tickets[side].version)),
        },
        updates: Pair::default(),
        closes: Pair::default(),
        reopens: Pair::default(),
        steps: Vec::new(),
    };
    for side in Side::BOTH {
        let ticket = view.tickets[side];
        if ticket.private && !setting.rules.mapping.include_private {
            let stays = match left_out(Omission::PrivateCommentsFollow) {
                true => Vec::new(),
                false => comments::written_in_private(ticket, side, view.ledger),
            };
            let told = match stays.len() {
                0 => String::new(),
                n => format!("; {n} of its comments and files stay there for good"),
            };
            planning
                .park(format!("{} is private: nothing leaves it and nothing is written{told}", ticket.key));
            planning.plan.ledger = stays;
            return planning.plan;
        }
        if let Some(why) = &ticket.immutable {
            planning.park(format!("{} cannot be changed any more: {why}", ticket.key));
            return planning.plan;
        }
    }
    for field in &setting.rules.fields {
        planning.field(field);
    }
    planning.finish()
}

/// Whether a decision is about these very values (hazards.md H23).
fn is_about(decided: &Decided, base: &FieldBase, now: &Pair<Value>) -> bool {
    left_out(Omission::DecisionUnbound) || (decided.base == base.values && decided.now == *now)
}

/// The first field people would call a title.
pub(super) fn title(ticket: &Ticket, setting: Setting<'_>) -> String {
    let names = ["short_description", "summary", "title", "subject", "name"];
    let mapped = setting
        .rules
        .fields
        .iter()
        .flat_map(|field| field.mapping.source.iter().chain(&field.mapping.target));
    let found = names.iter().map(|name| crate::FieldId::from(*name)).chain(mapped.cloned());
    found
        .filter_map(|id| match ticket.value(&id) {
            Some(Value::Text(text)) => Some(text.lines().next().unwrap_or_default().to_owned()),
            _ => None,
        })
        .next()
        .unwrap_or_default()
}

struct Planning<'a> {
    view: LinkView<'a>,
    setting: Setting<'a>,
    plan: TicketPlan,
    updates: Pair<Vec<FieldChange>>,
    closes: Pair<bool>,
    reopens: Pair<bool>,
    steps: Vec<Operation>,
}

impl Planning<'_> {
    /// Whether the ticket's last change on `side` was made by somebody else than us; false where nobody can tell.
    fn is_a_persons(&self, side: Side) -> bool {
        let us = self.setting.us[side];
        let updated_by = self.view.tickets[side].updated_by.as_ref();
        updated_by.is_some_and(|by| by != us && by.as_str() != "user:system")
    }

    /// The side whose value is newer. Neither platform gives the time of a field's change in the reading that a plan
    /// stands on, and a ticket's stamp moves with any of its fields: nobody can tell (hazards.md H29).
    fn newer(&self) -> Option<Side> {
        let stamps = self.view.tickets.map(|ticket| ticket.version.stamp_ms);
        let later = if stamps.source > stamps.target { Side::Source } else { Side::Target };
        left_out(Omission::NewestByTicketStamp).then_some(later)
    }

    fn park(&mut self, message: String) {
        self.plan.notices.push(Notice { kind: NoticeKind::Parked, mapping: None, message, remedy: None });
    }

    fn notice(&mut self, kind: NoticeKind, field: &CompiledField, message: String, remedy: Option<&str>) {
        let mapping = Some(field.key.clone());
        self.plan.notices.push(Notice { kind, mapping, message, remedy: remedy.map(str::to_owned) });
    }

    fn sending_status(&self, field: &CompiledField) -> Option<&str> {
        let side = if field.mapping.direction.writes(Side::Target) { Side::Source } else { Side::Target };
        let status = self.setting.rules.schemas[side].status_field.as_ref()?;
        self.view.tickets[side].value(status)?.id()
    }

    fn field(&mut self, field: &CompiledField) {
        let context = self.setting.context();
        let now = Pair::from_fn(|side| self.now(field, side));
        let stored = self.view.bases.get(&field.key);
        if !field.acts_in_updates(self.sending_status(field)) {
            self.wait_for_status(field, &now);
            return;
        }
        let settled = stored.map(|base| {
            let settled = base.settle(now.as_ref().map(Option::as_ref), self.view.ours_alone);
            self.still_lost(field, self.carried_over(field, settled), now.as_ref().map(Option::as_ref))
        });
        if stored != settled.as_ref()
            && let Some(base) = &settled
        {
            self.plan.bases.push((field.key.clone(), base.clone()));
        }
        if self.set(field, settled.as_ref(), now.as_ref().map(Option::as_ref)) {
            return;
        }
        if self.lost(field, settled.as_ref(), &now) {
            return;
        }
        let carried = Pair::from_fn(|to| {
            let from = to.opposite();
            match (&now[from], field.mapping.direction.writes(to)) {
                (Some(_), true) => carry(field, from, self.view.tickets[from], context),
                _ => Mapped::Leave,
            }
        });
        let decision = decide(Cell {
            direction: field.mapping.direction,
            enforce: field.mapping.enforce,
            on_conflict: field.mapping.on_conflict,
            built: matches!(field.mapping.rule, Rule::Description(_)),
            base: settled.as_ref(),
            revision: &field.revision,
            now: now.as_ref().map(Option::as_ref),
            carried: carried.as_ref(),
            newer: self.newer(),
            by_person: Pair::from_fn(|side| self.is_a_persons(side)),
        });
        self.act(field, decision, settled.as_ref(), &now, &carried);
    }

    /// What the mapping compares on `side`: on the receiving end of a built text the text itself.
    fn now(&self, field: &CompiledField, side: Side) -> Option<Value> {
        input(field, side, self.view.tickets[side])
    }

    fn act(
        &mut self,
        field: &CompiledField,
        decision: Decision,
        base: Option<&FieldBase>,
        now: &Pair<Option<Value>>,
        carried: &Pair<Mapped>,
    ) {
        let labels = Pair::from_fn(|side| self.labels(field, side));
        match decision {
            Decision::Nothing | Decision::Left => {}
            Decision::Agree | Decision::Renew => {
                if let (Some(source), Some(target)) = (&now.source, &now.target) {
                    let mut agreed = FieldBase::agreed(&field.revision, source.clone(), target.clone());
                    if let Some(base) = base.filter(|_| decision == Decision::Agree) {
                        agreed.flips = base.flips;
                        agreed.replaced.clone_from(&base.replaced);
                    }
                    self.set_base(field, agreed);
                }
            }
            Decision::Write { side, .. } if self.came_back_lossy(field, side, base) => {
                self.conflict(field, base, now, carried, &labels.source);
            }
            Decision::Write { side, value } => self.write(field, side, value, now),
            Decision::EditedThere => {
                let platform = &self.setting.rules.labels.target;
                let message =
                    format!("{} was edited in {platform}: Lockstep leaves it as it is", labels.target);
                self.notice(NoticeKind::EditedThere, field, message, None);
            }
            Decision::Conflict => self.conflict(field, base, now, carried, &labels.source),
            Decision::Unmapped { from, label } => {
                let message = format!(
                    "{} is {label:?} in {}, and that value has no pair",
                    labels[from],
                    self.platform(from)
                );
                self.notice(
                    NoticeKind::Unmapped,
                    field,
                    message,
                    Some("Pair the value, or choose what happens to everything else."),
                );
            }
            Decision::Unsupported(why) => {
                self.notice(NoticeKind::Unsupported, field, why, Some("Choose another field."))
            }
            Decision::Unknown(why) => self.notice(NoticeKind::Unknown, field, why, None),
            Decision::NotAppliedBefore { side } => {
                let message = format!(
                    "{} kept its value of {} when it was written before",
                    self.platform(side),
                    labels[side]
                );
                let remedy = "Check the account's permission on this field and the platform's own rules.";
                self.notice(NoticeKind::NotApplied, field, message, Some(remedy));
            }
            Decision::Flapping => {
                let message = format!(
                    "{} goes back and forth between the same two values: stopped on this ticket",
                    labels.source
                );
                let remedy =
                    "A rule on one platform answers every write. Map the field one way, or change the rule.";
                self.notice(NoticeKind::Flapping, field, message, Some(remedy));
            }
        }
    }

    fn platform(&self, side: Side) -> &str {
        &self.setting.rules.labels[side]
    }

    fn labels(&self, field: &CompiledField, side: Side) -> String {
        let schema = &self.setting.rules.schemas[side];
        field.mapping.fields(side).iter().map(|id| schema.label(id)).collect::<Vec<_>>().join(" and ")
    }

    fn set_base(&mut self, field: &CompiledField, base: FieldBase) {
        self.plan.bases.retain(|(key, _)| *key != field.key);
        if self.view.bases.get(&field.key) != Some(&base) {
            self.plan.bases.push((field.key.clone(), base));
        }
    }

    fn conflict(
        &mut self,
        field: &CompiledField,
        base: Option<&FieldBase>,
        now: &Pair<Option<Value>>,
        carried: &Pair<Mapped>,
        label: &str,
    ) {
        let (Some(base), Some(source), Some(target)) = (base, &now.source, &now.target) else {
            return;
        };
        let now = Pair { source: source.clone(), target: target.clone() };
        if let Some(decided) = self.view.decided.get(&field.key)
            && is_about(decided, base, &now)
        {
            match decided.winner.map(|winner| (winner.opposite(), &carried[winner.opposite()])) {
                Some((to, Mapped::Value(value))) => {
                    self.write(field, to, value.clone(), &now.map(Some));
                    return;
                }
                None => {
                    self.set_base(field, FieldBase::agreed(&field.revision, now.source, now.target));
                    return;
                }
                // What was chosen cannot be carried: it stays open and says so.
                Some((to, _)) => {
                    let message = format!(
                        "what {label} holds in {} cannot be carried over",
                        self.platform(to.opposite())
                    );
                    self.notice(
                        NoticeKind::Unmapped,
                        field,
                        message,
                        Some("Pair the value, or decide for the other side."),
                    );
                }
            }
        }
        self.plan.conflicts.push(ConflictFound {
            mapping: field.key.clone(),
            label: label.to_owned(),
            base: base.values.clone(),
            now,
            carried: carried.as_ref().map(|mapped| mapped.value().cloned()),
        });
    }

    fn write(&mut self, field: &CompiledField, side: Side, value: Value, now: &Pair<Option<Value>>) {
        let (Some(before), Some(read)) = (now[side].clone(), now[side.opposite()].clone()) else {
            return;
        };
        let status = self.setting.rules.schemas[side].status_field.as_ref();
        let Some(target) = field.mapping.fields(side).first() else {
            return;
        };
        let reason = self.reason(field, side, &read);
        if status == Some(target) {
            self.write_status(field, side, &before, value, read, reason);
            return;
        }
        let after = self.members_only(field, side, &before, &value).unwrap_or(FieldWrite::Set(value));
        let change = self.change(field, target.clone(), side, before, after, read, reason);
        self.updates[side].push(change);
    }

    fn reason(&self, field: &CompiledField, side: Side, read: &Value) -> String {
        let (from, platform) = (side.opposite(), self.platform(side.opposite()));
        let kept = self.view.bases.get(&field.key).is_some_and(|base| base.values[from] == *read);
        match &field.mapping.rule {
            Rule::Constant { .. } => "its value is fixed".to_owned(),
            Rule::Text { .. } => format!("what it is composed of changed in {platform}"),
            _ if kept && field.mapping.enforce => format!("{platform} decides {}", self.labels(field, from)),
            _ => format!("{} changed in {platform}", self.labels(field, from)),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one plain record")]
    fn change(
        &self,
        field: &CompiledField,
        id: crate::FieldId,
        side: Side,
        before: Value,
        after: FieldWrite,
        read: Value,
        reason: String,
    ) -> FieldChange {
        let label = self.setting.rules.schemas[side].label(&id).to_owned();
        FieldChange { mapping: field.key.clone(), field: id, label, before, after, read, reason }
    }

    fn write_status(
        &mut self,
        field: &CompiledField,
        side: Side,
        before: &Value,
        value: Value,
        read: Value,
        reason: String,
    ) {
        let schema = &self.setting.rules.schemas[side];
        let (Some(from), Some(to), Some(id)) = (before.id(), value.id(), schema.status_field.clone()) else {
            return;
        };
        let ticket = self.view.tickets[side.opposite()];
        let closes = schema.workflow.is_done(to) && !schema.workflow.is_done(from);
        if self.setting.capabilities[side].status == StatusWriting::Transitions {
            match status::steps(field, side, from, to, ticket, self.setting.context()) {
                Ok(steps) => {
                    let kind = OperationKind::Steps {
                        mapping: field.key.clone(),
                        field: id,
                        from: from.to_owned(),
                        steps,
                        read,
                        closes,
                    };
                    self.steps.push(Operation { side, kind, reason, customer_sees: schema.customers_read });
                }
                Err(notice) => self.plan.notices.push(notice),
            }
            return;
        }
        let mut along = Vec::new();
        for need in status::needs_of(field, side, to) {
            match supply(need, side.opposite(), ticket, self.setting.context()) {
                Ok(supplied) => {
                    let before = self.view.tickets[side].value(&need.field).cloned().unwrap_or(Value::Empty);
                    if before != supplied {
                        let label = schema.label(&need.field).to_owned();
                        along.push(FieldChange {
                            mapping: String::new(),
                            field: need.field.clone(),
                            label,
                            before,
                            after: FieldWrite::Set(supplied),
                            read: Value::Empty,
                            reason: format!("needed for {}", schema.workflow.label(to)),
                        });
                    }
                }
                Err(why) => {
                    let remedy = Some("Open the status pair and say where the value comes from.");
                    self.notice(NoticeKind::NeedMissing, field, why, remedy);
                    return;
                }
            }
        }
        self.closes[side] |= closes;
        self.reopens[side] |= schema.workflow.is_done(from) && !schema.workflow.is_done(to);
        let change = self.change(field, id, side, before.clone(), FieldWrite::Set(value), read, reason);
        self.updates[side].push(change);
        self.updates[side].extend(along);
    }

    /// Puts the operations in order: reopenings, comments, files, fields, status last.
    fn finish(mut self) -> TicketPlan {
        let content = comments::plan_content(
            ContentView {
                tickets: self.view.tickets.map(Some),
                ledger: self.view.ledger,
                link: Some(self.view.link),
            },
            self.setting,
        );
        let reopens = |operation: &Operation| match &operation.kind {
            OperationKind::Steps { from, steps, .. } => {
                let workflow = &self.setting.rules.schemas[operation.side].workflow;
                workflow.is_done(from) && steps.last().is_some_and(|step| !workflow.is_done(&step.to))
            }
            _ => false,
        };
        let (first, last): (Vec<Operation>, Vec<Operation>) =
            std::mem::take(&mut self.steps).into_iter().partition(reopens);
        let mut operations = first;
        let mut updates = Vec::new();
        for side in Side::BOTH {
            let changes = std::mem::take(&mut self.updates[side]);
            if !changes.is_empty() {
                let reason =
                    changes.iter().map(|change| change.reason.as_str()).collect::<Vec<_>>().join("; ");
                let kind = OperationKind::Update { changes, closes: self.closes[side] };
                let customer_sees = self.setting.rules.schemas[side].customers_read;
                let update = Operation { side, kind, reason, customer_sees };
                if self.reopens[side] { operations.push(update) } else { updates.push(update) }
            }
        }
        operations.extend(content.operations);
        operations.extend(updates);
        operations.extend(last);
        self.plan.operations = operations;
        self.plan.ledger = content.ledger;
        self.plan.notices.extend(content.notices);
        self.plan
    }
}
