//! Two platforms in memory, one pair of tickets, and the bookkeeping that the app does around a plan.

use std::collections::BTreeMap;

use lockstep_core::connector::{Capabilities, FieldWrite};
use lockstep_core::mapping::transform::{Counterpart, typed};
use lockstep_core::mapping::{PeopleTable, Rules, TypeMapping};
use lockstep_core::marker::Fingerprint;
use lockstep_core::schema::{FieldKind, Schema};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::base::FieldBase;
use lockstep_core::sync::create::plan_new;
use lockstep_core::sync::link::{LedgerEntry, Link, LinkId, LinkState};
use lockstep_core::sync::operation::{Operation, OperationKind, TicketPlan};
use lockstep_core::sync::plan::{Decided, LinkView, Setting, plan_link};
use lockstep_core::ticket::{Comment, MarkerRead, Person, Version, Visibility};
use lockstep_core::{CommentId, FieldId, PersonId, Ticket, Value};

use crate::setup;

/// What a platform does with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Applied, and the answer shows it.
    Shows,
    /// Applied, and the answer shows nothing (hazards.md H14).
    Silent,
}

pub struct World {
    pub mapping: TypeMapping,
    pub schemas: Pair<Schema>,
    pub capabilities: Pair<Capabilities>,
    pub people: PeopleTable,
    pub tickets: Pair<Ticket>,
    pub linked: bool,
    pub bases: BTreeMap<String, FieldBase>,
    pub ledger: Vec<LedgerEntry>,
    pub decided: BTreeMap<String, Decided>,
    pub ours_alone: Pair<bool>,
    pub dedicated: Pair<bool>,
    pub answers: Answers,
    pub clock_ms: i64,
}

pub fn ticket(id: &str, key: &str) -> Ticket {
    Ticket {
        id: id.into(),
        key: key.to_owned(),
        ticket_type: "t".into(),
        container: "c".into(),
        version: Version::default(),
        created_ms: 0,
        created_by: Some("somebody".into()),
        updated_by: None,
        fields: BTreeMap::new(),
        marker: MarkerRead::Absent,
        people: BTreeMap::new(),
        private: false,
        immutable: None,
        comments: Some(vec![]),
        attachments: Some(vec![]),
        url: format!("https://example.test/{key}"),
    }
}

impl World {
    /// A pair in step: every field empty but title and status, bases agreed.
    pub fn linked(mapping: TypeMapping) -> World {
        let mut world = World::unlinked(mapping);
        world.linked = true;
        for side in Side::BOTH {
            let ids: Vec<FieldId> = world.schemas[side].fields.keys().cloned().collect();
            world.tickets[side].fields = ids.into_iter().map(|id| (id, Value::Empty)).collect();
        }
        world
            .edit("source title = Printer\nsource state = 1\ntarget summary = Printer\ntarget status = todo");
        world.settle();
        world
    }

    /// A new ticket of the source.
    pub fn unlinked(mapping: TypeMapping) -> World {
        let mut people = PeopleTable::default();
        people.insert(Side::Source, "mia.s".into(), Counterpart::Found("mia.t".into()));
        people.insert(Side::Target, "mia.t".into(), Counterpart::Found("mia.s".into()));
        people.insert(Side::Source, "nobody.s".into(), Counterpart::Nobody);
        let mut world = World {
            mapping,
            schemas: Pair { source: setup::servicenow(), target: setup::jira() },
            capabilities: Pair {
                source: setup::servicenow_capabilities(),
                target: setup::jira_capabilities(),
            },
            people,
            tickets: Pair { source: ticket("s1", "INC1"), target: ticket("t1", "CSD-1") },
            linked: false,
            bases: BTreeMap::new(),
            ledger: vec![],
            decided: BTreeMap::new(),
            ours_alone: Pair { source: true, target: true },
            dedicated: Pair { source: true, target: true },
            answers: Answers::Shows,
            clock_ms: 1_767_225_600_000,
        };
        let ids: Vec<FieldId> = world.schemas.source.fields.keys().cloned().collect();
        world.tickets.source.fields = ids.into_iter().map(|id| (id, Value::Empty)).collect();
        world
    }

    pub fn rules(&self) -> Rules {
        let labels = Pair { source: "ServiceNow".to_owned(), target: "Jira".to_owned() };
        Rules::compile(&self.mapping, self.schemas.clone(), labels)
    }

    /// What both sides hold becomes the base.
    pub fn settle(&mut self) {
        self.bases.clear();
        let plan = self.plan();
        self.bases.extend(plan.bases);
    }

    pub fn plan(&self) -> TicketPlan {
        let rules = self.rules();
        self.plan_with(&rules)
    }

    pub fn plan_with(&self, rules: &Rules) -> TicketPlan {
        let (us, prints) = (PersonId::from("us"), self.fingerprints());
        let setting = Setting {
            rules,
            people: &self.people,
            capabilities: self.capabilities.as_ref(),
            fingerprints: prints.as_ref(),
            us: Pair { source: &us, target: &us },
            dedicated: self.dedicated,
            store: "0badcafe",
        };
        if !self.linked {
            return plan_new(&self.tickets.source, Side::Source, 0, setting);
        }
        let link = self.link();
        let view = LinkView {
            link: &link,
            tickets: self.tickets.as_ref(),
            bases: &self.bases,
            ledger: &self.ledger,
            ours_alone: self.ours_alone,
            decided: &self.decided,
        };
        plan_link(view, setting)
    }

    pub fn fingerprints(&self) -> Pair<Fingerprint> {
        Pair { source: Fingerprint("aaaaaaaa".into()), target: Fingerprint("bbbbbbbb".into()) }
    }

    fn link(&self) -> Link {
        Link {
            id: LinkId(1),
            connection: 1,
            type_mapping: self.mapping.name.clone(),
            tickets: self.tickets.as_ref().map(|ticket| ticket.id.clone()),
            keys: self.tickets.as_ref().map(|ticket| ticket.key.clone()),
            origin: Side::Source,
            generation: 0,
            state: LinkState::Live,
            versions: Pair::default(),
            marker_due: false,
            linked_ms: 0,
        }
    }

    /// Edits, one a line: `source state = 2`, `target summary = ?` (cannot be read), `source says public: words`,
    /// `target notes internal: words`.
    pub fn edit(&mut self, script: &str) {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (side, rest) = line.split_once(' ').expect("a side comes first");
            let side = if side == "source" { Side::Source } else { Side::Target };
            self.clock_ms += 60_000;
            if let Some(spoken) = rest.strip_prefix("says ") {
                let (visibility, words) = spoken.split_once(": ").expect("visibility: words");
                self.say(side, visibility, words);
                continue;
            }
            let (id, text) = rest
                .split_once(" = ")
                .or_else(|| rest.strip_suffix(" =").map(|id| (id, "")))
                .expect("field = value");
            self.put(side, id, text);
        }
    }

    fn put(&mut self, side: Side, id: &str, text: &str) {
        let id = FieldId::from(id);
        if text == "?" {
            self.tickets[side].fields.remove(&id);
            return;
        }
        let kind = self.schemas[side].fields.get(&id).map(|field| field.kind);
        let text = text.replace("\\n", "\n");
        let value = if kind == Some(FieldKind::Rich) { Value::rich(&text) } else { typed(kind, &text) };
        self.tickets[side].fields.insert(id, value);
    }

    fn say(&mut self, side: Side, visibility: &str, words: &str) {
        let visibility = match visibility {
            "public" => Visibility::Public,
            "internal" => Visibility::Internal,
            _ => Visibility::Unknown,
        };
        let comment = self.comment(side, visibility, words);
        self.tickets[side].comments.get_or_insert_default().push(comment);
    }

    fn comment(&self, side: Side, visibility: Visibility, words: &str) -> Comment {
        let count = self.tickets[side].comments.as_ref().map_or(0, Vec::len) + 1;
        let letter = if side == Side::Source { "s" } else { "t" };
        Comment {
            id: CommentId(format!("{letter}c{count}")),
            author: Person { id: "mia".into(), name: "Mia".into(), email: None, active: true },
            by_us: false,
            created_ms: self.clock_ms,
            updated_ms: self.clock_ms,
            visibility,
            body: words.to_owned(),
            copy_of: None,
        }
    }

    /// A person changes a comment.
    pub fn rewrite(&mut self, side: Side, nth: usize, words: &str, visibility: Visibility) {
        self.clock_ms += 60_000;
        let clock_ms = self.clock_ms;
        let comment = &mut self.tickets[side].comments.as_mut().expect("read")[nth];
        (comment.body, comment.visibility, comment.updated_ms) = (words.to_owned(), visibility, clock_ms);
    }

    /// Does what a run does with a plan: writes, and moves bases and ledger operation by operation.
    pub fn carry_out(&mut self, plan: &TicketPlan) {
        self.bases.extend(plan.bases.iter().cloned());
        for entry in &plan.ledger {
            self.enter(entry.clone());
        }
        for operation in &plan.operations {
            self.carry_out_one(operation);
        }
    }

    /// One operation.
    pub fn carry_out_one(&mut self, operation: &Operation) {
        let side = operation.side;
        match &operation.kind {
            OperationKind::Create { request, bases, .. } => {
                let ids: Vec<FieldId> = self.schemas[side].fields.keys().cloned().collect();
                self.tickets[side].fields = ids.into_iter().map(|id| (id, Value::Empty)).collect();
                self.tickets[side].fields.extend(request.fields.clone());
                let status = self.schemas[side].status_field.clone().expect("has one");
                let initial = self.schemas[side].workflow.initial.clone().expect("has one");
                let first = request.step.as_ref().map_or(initial, |step| step.to.clone());
                if self.tickets[side].value(&status) == Some(&Value::Empty) {
                    self.tickets[side].fields.insert(status, Value::Choice(first));
                }
                self.bases.extend(bases.iter().cloned());
                self.linked = true;
            }
            OperationKind::Update { changes, .. } => {
                for change in changes {
                    let result = match &change.after {
                        FieldWrite::Set(value) => value.clone(),
                        FieldWrite::Delta { result, .. } => result.clone(),
                    };
                    self.tickets[side].fields.insert(change.field.clone(), result.clone());
                    if !change.mapping.is_empty() {
                        let answered = (self.answers == Answers::Shows).then_some(result);
                        let base = change.base_after(
                            self.bases.get(&change.mapping),
                            &self.revision(&change.mapping),
                            side,
                            answered,
                        );
                        self.bases.insert(change.mapping.clone(), base);
                    }
                }
            }
            OperationKind::Steps { mapping, field, steps, read, .. } => {
                for (nth, step) in steps.iter().enumerate() {
                    let now = Value::Choice(step.to.clone());
                    self.tickets[side].fields.insert(field.clone(), now.clone());
                    // Only with the last step do both sides agree.
                    let old = self.bases.get(mapping).cloned();
                    let read = match &old {
                        Some(old) if nth + 1 < steps.len() => old.values[side.opposite()].clone(),
                        _ => read.clone(),
                    };
                    let answered = (self.answers == Answers::Shows).then(|| now.clone());
                    let base = FieldBase::after_write(
                        old.as_ref(),
                        &self.revision(mapping),
                        side,
                        read,
                        now,
                        answered,
                    );
                    self.bases.insert(mapping.clone(), base);
                }
            }
            OperationKind::Comment { visibility, body, content_ref, entry, .. } => {
                self.clock_ms += 1000;
                let mut copy = self.comment(side, *visibility, body);
                (copy.by_us, copy.copy_of) = (true, Some(content_ref.clone()));
                let id = (self.answers == Answers::Shows).then(|| copy.id.0.clone());
                self.tickets[side].comments.get_or_insert_default().push(copy);
                self.enter(LedgerEntry { copy: id, ..entry.clone() });
            }
            OperationKind::EditComment { copy, visibility, body, entry, .. } => {
                let list = self.tickets[side].comments.as_mut().expect("read");
                let there = list.iter_mut().find(|comment| comment.id == *copy).expect("it is there");
                (there.body, there.visibility) = (body.clone(), *visibility);
                self.enter(entry.clone());
            }
            OperationKind::Attachment { entry, .. } => {
                self.enter(LedgerEntry { copy: Some(format!("copy of {}", entry.id)), ..entry.clone() });
            }
            OperationKind::Link { .. } => {}
        }
    }

    fn revision(&self, mapping: &str) -> String {
        self.rules()
            .fields
            .into_iter()
            .find(|field| field.key == mapping)
            .map(|field| field.revision)
            .unwrap_or_default()
    }

    fn enter(&mut self, entry: LedgerEntry) {
        self.ledger
            .retain(|known| (known.kind, known.side, &known.id) != (entry.kind, entry.side, &entry.id));
        self.ledger.push(entry);
    }

    /// Plans and carries out until nothing is left to write.
    pub fn run(&mut self) -> TicketPlan {
        let plan = self.plan();
        self.carry_out(&plan);
        plan
    }
}
