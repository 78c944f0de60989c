//! Plans a ticket that has no counterpart yet: whether it is copied, by which template, with which values.

use std::collections::BTreeMap;

use super::base::FieldBase;
use super::comments::{ContentView, plan_content};
use super::operation::{
    FieldChange, Filled, Notice, NoticeKind, Operation, OperationKind, Subject, TicketPlan,
};
use super::plan::{Setting, title};
use super::status;
use crate::connector::{CreateRequest, FieldWrite, StatusWriting};
use crate::ids::{FieldId, TicketId};
use crate::mapping::condition::Verdict;
use crate::mapping::transform::{carry, input, supply, typed};
use crate::mapping::{CompiledField, Mapped, NoMatch, Rule, Template, Write};
use crate::marker::{Marker, PairKey};
use crate::omission::{Omission, left_out};
use crate::side::{Pair, Side};
use crate::ticket::{MarkerRead, Ticket, Value};

/// Why a ticket without a link is not simply new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A person's ticket: may be copied.
    New,
    /// Created by us, and no link explains it: held until accounting does (hazards.md H8).
    UnexplainedOwn,
    /// It carries its own marker of ours: its link was lost or ended.
    Marked(Marker),
    /// Not to be judged now, with the reason.
    Unknown(String),
}

/// Judges a ticket that no link names.
pub fn standing(ticket: &Ticket, side: Side, setting: Setting<'_>) -> Standing {
    let by_us = ticket.created_by.as_ref() == Some(setting.us[side]);
    if left_out(Omission::OwnTicketIsNew) {
        return Standing::New;
    }
    match &ticket.marker {
        MarkerRead::Ours(marker) if left_out(Omission::CopiedMarkerBelieved) => {
            Standing::Marked(marker.clone())
        }
        MarkerRead::Unknown => Standing::Unknown("the place of its marker cannot be read".to_owned()),
        MarkerRead::Ours(marker) if marker.own.as_ref() == Some(&ticket.id) => {
            Standing::Marked(marker.clone())
        }
        MarkerRead::Ours(marker) if marker.own.is_none() && by_us => Standing::Marked(marker.clone()),
        // A marker that names another ticket, or sits on a person's ticket, was copied with it (H6).
        MarkerRead::Ours(_) | MarkerRead::Absent | MarkerRead::Foreign(_) => {
            if by_us && setting.dedicated[side] { Standing::UnexplainedOwn } else { Standing::New }
        }
    }
}

/// Plans the copy of `ticket`, a ticket of `from` that is new. `generation` is 0, or what a person ordered.
pub fn plan_new(ticket: &Ticket, from: Side, generation: u32, setting: Setting<'_>) -> TicketPlan {
    let to = from.opposite();
    let mut plan = blank(ticket, from, setting);
    let template = match wanted(ticket, from, setting) {
        Ok(template) => template,
        Err(message) => {
            plan.notices.push(Notice { kind: NoticeKind::NotCreated, mapping: None, message, remedy: None });
            return plan;
        }
    };
    let mut filling = Filling { ticket, from, to, setting, draft: Draft::default() };
    for field in &setting.rules.fields {
        filling.field(field);
    }
    filling.template(template);
    let Draft { fields, bases, shown, afterwards, status, notices } = filling.draft;
    plan.notices.extend(notices);

    let mut scope = setting.rules.mapping.scope(to).clone();
    if let Some(container) = template.and_then(|template| template.container.clone()) {
        scope.container = container;
    }
    let pair = pair_key(&ticket.id, from, generation, setting);
    let marker =
        Marker { pair, store: setting.store.to_owned(), op: None, own: None, passed: vec![], ended: false };
    let (step, rest) = match status {
        Some((mapping, steps)) => {
            let mut steps = steps.into_iter();
            (steps.next(), Some((mapping, steps.collect::<Vec<_>>())))
        }
        None => (None, None),
    };
    let customers_read = setting.rules.schemas[to].customers_read;
    let at = step.as_ref().map(|step| step.to.clone());
    let request = Box::new(CreateRequest { scope, fields, marker, step });
    plan.operations.push(Operation {
        side: to,
        kind: OperationKind::Create { request, bases, shown },
        reason: format!("{} is new in {}", ticket.key, setting.rules.labels[from]),
        customer_sees: customers_read,
    });
    let tickets = Pair::from_fn(|side| (side == from).then_some(ticket));
    let content = plan_content(ContentView { tickets, ledger: &[], link: None }, setting);
    plan.operations.extend(content.operations);
    plan.ledger = content.ledger;
    plan.notices.extend(content.notices);
    if !afterwards.is_empty() {
        plan.operations.push(Operation {
            side: to,
            kind: OperationKind::Update { changes: afterwards, closes: false },
            reason: format!("a create in {} does not take these fields", setting.rules.labels[to]),
            customer_sees: customers_read,
        });
    }
    if let (Some((mapping, steps)), Some(at)) = (rest, at)
        && !steps.is_empty()
    {
        plan.operations.push(later_steps(&mapping, steps, at, ticket, from, setting));
    }
    plan
}

/// A row about a ticket of `from` that has no link, with nothing to do yet.
pub(super) fn blank(ticket: &Ticket, from: Side, setting: Setting<'_>) -> TicketPlan {
    TicketPlan {
        subject: Subject::New { side: from, ticket: ticket.id.clone() },
        type_mapping: setting.rules.mapping.name.clone(),
        keys: Pair::from_fn(|side| (side == from).then(|| ticket.key.clone())),
        title: title(ticket, setting),
        operations: Vec::new(),
        bases: Vec::new(),
        ledger: Vec::new(),
        conflicts: Vec::new(),
        notices: Vec::new(),
        versions: Pair::from_fn(|side| (side == from).then_some(ticket.version)),
    }
}

fn later_steps(
    mapping: &str,
    steps: Vec<crate::connector::StepRequest>,
    at: String,
    ticket: &Ticket,
    from: Side,
    setting: Setting<'_>,
) -> Operation {
    let to = from.opposite();
    let schema = &setting.rules.schemas[to];
    let field = setting.rules.fields.iter().find(|field| field.key == mapping);
    let read = field.and_then(|field| input(field, from, ticket)).unwrap_or(Value::Empty);
    let closes = steps.last().is_some_and(|step| schema.workflow.is_done(&step.to));
    Operation {
        side: to,
        kind: OperationKind::Steps {
            mapping: mapping.to_owned(),
            field: schema.status_field.clone().unwrap_or_default(),
            from: at,
            steps,
            read,
            closes,
        },
        reason: format!("its status in {}", setting.rules.labels[from]),
        customer_sees: schema.customers_read,
    }
}

/// Whether a ticket of `side` may be synced at all, or in a sentence why not.
pub fn takes_part(ticket: &Ticket, side: Side, setting: Setting<'_>) -> Result<(), String> {
    let mapping = &setting.rules.mapping;
    if ticket.private && !mapping.include_private {
        return Err("it is private".to_owned());
    }
    if let Some(why) = &ticket.immutable {
        return Err(format!("it cannot be changed any more: {why}"));
    }
    match mapping.filter[side].judge(ticket) {
        Verdict::Passes => Ok(()),
        Verdict::Fails(condition) => Err(format!("the filter leaves it out: not ({condition})")),
        Verdict::Unknown(field) => Err(format!("the filter needs {field}, which cannot be read")),
    }
}

/// The template that catches the ticket, or in a sentence why it is not copied. `None` inside: no template needed.
fn wanted<'a>(ticket: &Ticket, from: Side, setting: Setting<'a>) -> Result<Option<&'a Template>, String> {
    let mapping = &setting.rules.mapping;
    if !mapping.creates_from(from) {
        return Err(format!("tickets created in {} are not copied", setting.rules.labels[from]));
    }
    takes_part(ticket, from, setting)?;
    let templates = mapping.templates_for(from.opposite());
    if templates.is_empty() {
        return Err(format!(
            "there is no template for new tickets in {}",
            setting.rules.labels[from.opposite()]
        ));
    }
    for template in templates {
        match template.conditions.judge(ticket) {
            Verdict::Passes => return Ok(Some(template)),
            Verdict::Fails(_) => {}
            Verdict::Unknown(field) => {
                return Err(format!("template {} needs {field}, which cannot be read", template.name));
            }
        }
    }
    match &mapping.no_match {
        NoMatch::DoNotCreate => Err("no template's conditions hold".to_owned()),
        NoMatch::Use(name) => match templates.iter().find(|template| template.name == *name) {
            Some(template) => Ok(Some(template)),
            None => Err(format!("the fallback template {name} does not exist")),
        },
    }
}

#[derive(Default)]
struct Draft {
    fields: BTreeMap<FieldId, Value>,
    bases: Vec<(String, FieldBase)>,
    shown: Vec<Filled>,
    /// What the create cannot take: written right after it.
    afterwards: Vec<FieldChange>,
    status: Option<(String, Vec<crate::connector::StepRequest>)>,
    notices: Vec<Notice>,
}

struct Filling<'a> {
    ticket: &'a Ticket,
    from: Side,
    to: Side,
    setting: Setting<'a>,
    draft: Draft,
}

impl Filling<'_> {
    fn notice(&mut self, kind: NoticeKind, field: &CompiledField, message: String) {
        let mapping = Some(field.key.clone());
        self.draft.notices.push(Notice { kind, mapping, message, remedy: None });
    }

    fn field(&mut self, field: &CompiledField) {
        if !field.mapping.direction.writes(self.to) {
            self.way_back(field);
            return;
        }
        let Some(id) = field.mapping.fields(self.to).first().cloned() else {
            return;
        };
        let Some(read) = input(field, self.from, self.ticket) else {
            let message = format!("{id} is not filled: what it is made of cannot be read");
            self.notice(NoticeKind::Unknown, field, message);
            self.due(field);
            return;
        };
        let schema = &self.setting.rules.schemas[self.to];
        let label = schema.label(&id).to_owned();
        let status = schema.status_field.as_ref() == Some(&id);
        if !self.acts(field) {
            // Once it acts, what the ticket holds then counts as changed.
            self.due(field);
            return;
        }
        match carry(field, self.from, self.ticket, self.setting.context()) {
            // Not sent, so the platform may fill in a default: its first reading settles the base.
            Mapped::Value(Value::Empty) if !status => self.base(field, read, Value::Empty, Some(self.to)),
            Mapped::Value(value) if status => self.status(field, id, value, read),
            Mapped::Value(value) if schema.fields.get(&id).is_some_and(|field| !field.on_create) => {
                self.due(field);
                if field.mapping.write != Write::OnCreate {
                    let change = self.change(field.key.clone(), id, label, value, read);
                    self.draft.afterwards.push(change);
                }
            }
            Mapped::Value(value) => {
                self.draft.shown.push(filled(&field.key, &id, label));
                self.base(field, read, value.clone(), Some(self.to));
                self.draft.fields.insert(id, value);
            }
            Mapped::Leave => {}
            Mapped::Unmapped(shown) => {
                let message = format!("{label} is left empty: {shown:?} has no pair");
                self.notice(NoticeKind::Unmapped, field, message);
                self.due(field);
            }
            Mapped::Unknown(why) => {
                self.notice(NoticeKind::Unknown, field, format!("{label} is left empty: {why}"));
                self.due(field);
            }
            Mapped::Unsupported(why) => self.notice(NoticeKind::Unsupported, field, why),
        }
    }

    fn base(&mut self, field: &CompiledField, read: Value, sent: Value, unsettled: Option<Side>) {
        let mut values = Pair { source: read.clone(), target: read };
        values[self.to] = sent;
        let base =
            FieldBase { unsettled, ..FieldBase::agreed(&field.revision, values.source, values.target) };
        self.draft.bases.push((field.key.clone(), base));
    }

    /// What only the copy will send back. Its base stands from the create on, unsettled: what a person changes on the copy
    /// before the first reading of it is a change (hazards.md H14). A text that stands in the original is not ours, so a
    /// built one never replaces it (H28).
    fn way_back(&mut self, field: &CompiledField) {
        let built = matches!(field.mapping.rule, Rule::Description(_));
        if field.mapping.write == Write::OnCreate {
            return;
        }
        if let Some(read) = input(field, self.from, self.ticket) {
            let read = if built { Value::Empty } else { read };
            self.base(field, read, Value::Empty, Some(self.to));
        }
    }

    /// A base under which the sending side counts as changed: it is carried, or reported, by the next plan.
    fn due(&mut self, field: &CompiledField) {
        self.base(field, Value::Empty, Value::Empty, Some(self.to));
    }

    /// Whether the mapping acts in the ticket's status.
    fn acts(&self, field: &CompiledField) -> bool {
        let Write::WhileStatus(wanted) = &field.mapping.write else {
            return true;
        };
        let status = self.setting.rules.schemas[self.from].status_field.as_ref();
        let now = status.and_then(|id| self.ticket.value(id)?.id());
        now.is_some_and(|now| wanted.iter().any(|status| status == now))
    }

    fn change(&self, mapping: String, id: FieldId, label: String, value: Value, read: Value) -> FieldChange {
        let (before, after) = (Value::Empty, FieldWrite::Set(value));
        FieldChange { mapping, field: id, label, before, after, read, reason: String::new() }
    }

    fn status(&mut self, field: &CompiledField, id: FieldId, value: Value, read: Value) {
        let schema = &self.setting.rules.schemas[self.to];
        let label = schema.label(&id).to_owned();
        let Some(wanted) = value.id().map(str::to_owned) else {
            return;
        };
        if self.setting.capabilities[self.to].status == StatusWriting::Field {
            let mut along = Vec::new();
            for need in status::needs_of(field, self.to, &wanted) {
                match supply(need, self.from, self.ticket, self.setting.context()) {
                    Ok(supplied) => along.push((need.field.clone(), supplied)),
                    Err(why) => {
                        self.notice(NoticeKind::NeedMissing, field, why);
                        self.due(field);
                        return;
                    }
                }
            }
            for (needed, supplied) in along {
                let label = schema.label(&needed).to_owned();
                let reason = format!("needed for {}", schema.workflow.label(&wanted));
                self.draft.shown.push(Filled { reason, ..filled("", &needed, label) });
                self.draft.fields.insert(needed, supplied);
            }
            self.draft.shown.push(filled(&field.key, &id, label));
            self.base(field, read, value.clone(), Some(self.to));
            self.draft.fields.insert(id, value);
            return;
        }
        let Some(initial) = schema.workflow.initial.clone() else {
            self.notice(
                NoticeKind::Unknown,
                field,
                format!("{label} stays as created: the first status is not known"),
            );
            self.due(field);
            return;
        };
        match status::steps(field, self.to, &initial, &wanted, self.ticket, self.setting.context()) {
            Ok(steps) => {
                self.draft.shown.push(Filled { value: Some(value), ..filled(&field.key, &id, label) });
                let first = steps.first().map_or(initial, |step| step.to.clone());
                // Until the last step is taken the sending side counts as changed, so that the path is continued.
                let agreed = if steps.len() <= 1 { read } else { Value::Empty };
                self.base(field, agreed, Value::choice(&first), Some(self.to));
                if !steps.is_empty() {
                    self.draft.status = Some((field.key.clone(), steps));
                }
            }
            Err(notice) => {
                // The sending side counts as changed, so that every plan says it until a way is found.
                self.base(field, Value::Empty, Value::choice(&initial), Some(self.to));
                self.draft.notices.push(notice);
            }
        }
    }

    fn template(&mut self, template: Option<&Template>) {
        let Some(template) = template else {
            return;
        };
        for (id, text) in &template.set {
            let schema = &self.setting.rules.schemas[self.to];
            let value = typed(schema.fields.get(id).map(|field| field.kind), text);
            let owner = self.draft.shown.iter().find(|change| change.field == *id);
            let mapping = owner.map(|owner| owner.mapping.clone()).unwrap_or_default();
            let reason = format!("set by the template {}", template.name);
            let one = Filled { reason, ..filled(&mapping, id, schema.label(id).to_owned()) };
            self.draft.shown.retain(|change| change.field != *id);
            self.draft.afterwards.retain(|change| change.field != *id);
            self.draft.shown.push(one);
            let (rules, to) = (self.setting.rules, self.to);
            let owns = |field: &&CompiledField| {
                field.mapping.direction.writes(to) && field.mapping.fields(to).contains(id)
            };
            for field in rules.fields.iter().filter(owns) {
                if let Some(read) = input(field, self.from, self.ticket) {
                    self.draft.bases.retain(|(key, _)| *key != field.key);
                    self.base(field, read, value.clone(), Some(self.to));
                }
            }
            self.draft.fields.insert(id.clone(), value);
        }
    }
}

fn filled(mapping: &str, field: &FieldId, label: String) -> Filled {
    Filled { mapping: mapping.to_owned(), field: field.clone(), label, value: None, reason: String::new() }
}

/// Whether a rule fills the field `id` of a new ticket on `side`.
pub fn supplies(rules: &crate::mapping::Rules, side: Side, id: &FieldId) -> bool {
    // What a status pair sends along goes with that status alone, so it fills nothing for certain.
    let by_field = rules.fields.iter().any(|field| {
        let whenever = !matches!(field.mapping.write, Write::WhileStatus(_));
        whenever && field.mapping.direction.writes(side) && field.mapping.fields(side).contains(id)
    });
    let templates = rules.mapping.templates_for(side);
    by_field || (!templates.is_empty() && templates.iter().all(|template| template.set.contains_key(id)))
}

/// The pair key that a copy of `ticket` carries.
pub fn pair_key(ticket: &TicketId, from: Side, generation: u32, setting: Setting<'_>) -> PairKey {
    PairKey {
        origin: setting.fingerprints[from].clone(),
        ticket: ticket.clone(),
        destination: setting.fingerprints[from.opposite()].clone(),
        generation,
    }
}
