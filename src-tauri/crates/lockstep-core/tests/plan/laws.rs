//! Laws of the planner over random pairs of tickets: three correlated values a field, any mapping the rules allow.

use lockstep_core::mapping::comments::CarryRow;
use lockstep_core::mapping::{Carry, Direction, OnConflict, Rule, TypeMapping};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::operation::{Operation, OperationKind, TicketPlan};
use lockstep_core::ticket::Visibility;
use lockstep_core::{FieldId, Value};
use proptest::prelude::*;

use crate::setup::{mapped, mapping, pair, states, values as pairs};
use crate::shown::shown;
use crate::values::{direction, rule};
use crate::world::{Answers, World};

fn on_conflict() -> impl Strategy<Value = OnConflict> {
    proptest::sample::select(vec![
        OnConflict::Ask,
        OnConflict::SourceWins,
        OnConflict::TargetWins,
        OnConflict::NewestWins,
    ])
}

/// One mapping a field; its direction, conflict rule and *enforce* by chance.
fn mappings() -> impl Strategy<Value = TypeMapping> {
    let kinds = [
        ("title", "summary", Rule::Copy),
        ("state", "status", states()),
        ("text", "description", Rule::Copy),
        ("impact", "priority", pairs(vec![pair("1", Direction::Both, "h"), pair("2", Direction::Both, "m")])),
        ("tags", "labels", Rule::Copy),
        ("vendor", "vendor", Rule::Copy),
        ("owner", "assignee", Rule::Person { fallback: None }),
    ];
    let each =
        proptest::collection::vec((any::<bool>(), direction(), on_conflict(), any::<bool>()), kinds.len());
    each.prop_map(move |choices| {
        let mut mapping = mapping();
        let chosen = kinds.iter().zip(choices).filter(|(_, (used, ..))| *used);
        mapping.fields = chosen
            .map(|((source, target, rule), (_, way, on_conflict, enforce))| {
                let mut field = mapped(source, way, target, rule.clone());
                field.on_conflict = on_conflict;
                field.enforce = enforce && way != Direction::Both;
                field
            })
            .collect();
        mapping
    })
}

const POOL: [(&str, &str, &[&str], &[&str]); 7] = [
    (
        "title",
        "summary",
        &["Fan", "Printer", "The printer on the third floor is out of order"],
        &["Fan", "Printer", "x"],
    ),
    ("state", "status", &["1", "2", "3", "6"], &["todo", "doing", "wait", "done"]),
    ("text", "description", &["", "words", "more\\n\\nwords"], &["", "words", "**loud** words", "- a\\n- b"]),
    ("impact", "priority", &["", "1", "2"], &["", "h", "m", "l"]),
    ("tags", "labels", &["", "a", "a, b", "b, c", "c"], &["", "a", "a, b", "b, c", "d"]),
    ("vendor", "vendor", &["", "Acme", "Globex"], &["", "Acme", "Initech"]),
    ("owner", "assignee", &["", "mia.s", "nobody.s"], &["", "mia.t"]),
];

/// Edits as a script; each field of each side is left alone half of the time.
fn edits() -> impl Strategy<Value = String> {
    let one = |side: &'static str, id: &'static str, values: &'static [&'static str]| {
        proptest::option::of(proptest::sample::select(values)).prop_map(move |value| match value {
            Some(value) => format!("{side} {id} = {value}\n"),
            None => String::new(),
        })
    };
    let all: Vec<BoxedStrategy<String>> = POOL
        .iter()
        .flat_map(|(source, target, sources, targets)| {
            [one("source", source, sources).boxed(), one("target", target, targets).boxed()]
        })
        .collect();
    all.prop_map(|lines| lines.concat())
}

/// A pair in step after some life, then edited.
fn worlds() -> impl Strategy<Value = World> {
    (mappings(), edits(), edits(), any::<bool>()).prop_map(|(mapping, before, after, silent)| {
        let mut world = World::linked(mapping);
        world.answers = if silent { Answers::Silent } else { Answers::Shows };
        world.edit(&before);
        world.settle();
        world.edit(&after);
        world
    })
}

fn written(operation: &Operation) -> Vec<(String, Side)> {
    match &operation.kind {
        OperationKind::Update { changes, .. } => changes
            .iter()
            .filter(|c| !c.mapping.is_empty())
            .map(|c| (c.mapping.clone(), operation.side))
            .collect(),
        OperationKind::Steps { mapping, .. } => vec![(mapping.clone(), operation.side)],
        _ => vec![],
    }
}

fn all_written(plan: &TicketPlan) -> Vec<(String, Side)> {
    plan.operations.iter().flat_map(written).collect()
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fields = self.tickets.as_ref().map(|ticket| &ticket.fields);
        write!(
            f,
            "fields {:#?}\nbases {:#?}\nmappings {:#?}\nplan:\n{}",
            fields,
            self.bases,
            self.mapping.fields,
            shown(&self.plan())
        )
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) }
}

proptest! {
    #![proptest_config(config())]

    /// I3, I10: after a run without further edits there is nothing left to write, then or later.
    #[test]
    fn a_plan_carried_out_leaves_nothing_to_write(mut world in worlds()) {
        world.run();
        for _ in 0..3 {
            let plan = world.run();
            prop_assert_eq!(plan.operations.len(), 0, "{}", shown(&plan));
        }
        let last = world.plan();
        prop_assert!(last.bases.is_empty(), "bases come to rest: {}", shown(&last));
    }

    /// A one-way mapping never writes its sending side.
    #[test]
    fn one_way_never_writes_the_wrong_side(world in worlds()) {
        for (key, side) in all_written(&world.plan()) {
            let field = world.mapping.fields.iter().find(|field| field.key() == key).expect("a known mapping");
            prop_assert!(field.direction.writes(side), "{key} wrote the {side}");
        }
    }

    /// I4: where both sides may write, a value that changed since the base is overwritten only by a rule that says so.
    #[test]
    fn an_edit_is_never_overwritten_without_a_rule(world in worlds()) {
        for operation in &world.plan().operations {
            let OperationKind::Update { changes, .. } = &operation.kind else { continue };
            for change in changes.iter().filter(|change| !change.mapping.is_empty()) {
                let field = world.mapping.fields.iter().find(|field| field.key() == change.mapping).expect("known");
                let winner = match field.on_conflict {
                    OnConflict::SourceWins => Some(Side::Source),
                    OnConflict::TargetWins => Some(Side::Target),
                    OnConflict::Ask | OnConflict::NewestWins => None,
                };
                let set = change.field.as_str() == "tags" || change.field.as_str() == "labels";
                if field.direction != Direction::Both || set || winner == Some(operation.side.opposite()) {
                    continue;
                }
                prop_assert_eq!(&change.before, &world.bases[&change.mapping].values[operation.side]);
            }
        }
    }

    /// I2: a change is written, agreed on, in conflict or said; never dropped.
    #[test]
    fn every_change_is_carried_or_said(world in worlds()) {
        let plan = world.plan();
        let rules = world.rules();
        for field in &rules.fields {
            let Some(base) = world.bases.get(&field.key) else { continue };
            for from in Side::BOTH {
                let to = from.opposite();
                let id = &field.mapping.fields(from)[0];
                let changed = world.tickets[from].value(id) != Some(&base.values[from]);
                if !changed || !field.mapping.direction.writes(to) {
                    continue;
                }
                let dealt = all_written(&plan).iter().any(|(key, _)| *key == field.key)
                    || plan.bases.iter().any(|(key, _)| *key == field.key)
                    || plan.conflicts.iter().any(|conflict| conflict.mapping == field.key)
                    || plan.notices.iter().any(|notice| notice.mapping.as_ref() == Some(&field.key));
                prop_assert!(dealt, "{} of the {from}", field.key);
            }
        }
    }

    /// H18: a field that cannot be read decides nothing, on either side.
    #[test]
    fn unknown_values_decide_nothing(mut world in worlds(), hidden in proptest::collection::vec(0..14usize, 1..5)) {
        let mut keys = Vec::new();
        for index in hidden {
            let (source, target, ..) = POOL[index / 2];
            let (side, id) = if index % 2 == 0 { (Side::Source, source) } else { (Side::Target, target) };
            world.tickets[side].fields.remove(&FieldId::from(id));
            keys.push(format!("{source}={target}"));
        }
        let plan = world.plan();
        for (key, side) in all_written(&plan) {
            prop_assert!(!keys.contains(&key), "{key} wrote the {side}");
        }
        prop_assert!(!plan.bases.iter().any(|(key, base)| keys.contains(key) && world.bases.get(key).is_some_and(|old| old.values != base.values)));
        prop_assert!(!plan.conflicts.iter().any(|conflict| keys.contains(&conflict.mapping)));
    }

    /// I5: the same knowledge gives the same plan.
    #[test]
    fn a_plan_is_a_function_of_what_is_known(world in worlds()) {
        prop_assert_eq!(world.plan(), world.plan());
    }

    /// H22: another mapping alone writes nothing.
    #[test]
    fn a_changed_mapping_alone_writes_nothing(mut world in worlds(), other in mappings(), new in rule()) {
        world.run();
        world.run();
        // What still waits for a person is a change, not an effect of the mapping.
        let waits = world.plan();
        if !waits.conflicts.is_empty() || !waits.notices.is_empty() {
            return Ok(());
        }
        let left: Vec<String> = world.mapping.fields.iter().filter(|f| f.direction != Direction::Both).map(|f| f.key()).collect();
        world.mapping = other;
        world.mapping.fields.retain(|field| !left.contains(&field.key()));
        for field in &mut world.mapping.fields {
            if field.key() == "impact=priority" {
                field.rule = new.clone();
            }
        }
        let plan = world.plan();
        prop_assert_eq!(plan.operations.len(), 0, "{}", shown(&plan));
    }

    /// V10 in small: cut off after any operation, then planned anew, the pair ends where it would have ended.
    #[test]
    fn cut_off_anywhere_it_ends_the_same(world in worlds(), at in 0..6usize) {
        let plan = world.plan();
        let begin = || {
            let mut again = World::linked(world.mapping.clone());
            again.answers = world.answers;
            (again.tickets, again.bases, again.ledger) = (world.tickets.clone(), world.bases.clone(), world.ledger.clone());
            again
        };
        let (mut whole, mut cut) = (begin(), begin());
        whole.carry_out(&plan);
        cut.bases.extend(plan.bases.iter().cloned());
        for operation in plan.operations.iter().take(at) {
            cut.carry_out_one(operation);
        }
        for _ in 0..3 {
            whole.run();
            cut.run();
        }
        let fields = |world: &World| Pair::from_fn(|side| world.tickets[side].fields.clone());
        prop_assert_eq!(fields(&whole), fields(&cut));
    }

    /// I6, V11, V2: a public copy has a public original, unknown never leaves, nothing is copied twice.
    #[test]
    fn visibility_never_widens(
        rows in proptest::collection::vec((0..3usize, 0..2usize), 2),
        script in proptest::collection::vec((any::<bool>(), 0..3usize, 0..4usize, any::<bool>()), 1..10),
        silent in any::<bool>(),
    ) {
        let public = [Carry::Public, Carry::Internal, Carry::No];
        let internal = [Carry::Internal, Carry::No];
        let row = |(p, i): (usize, usize)| CarryRow { public: public[p], internal: internal[i] };
        let mut mapping = mapping();
        (mapping.comments.source, mapping.comments.target) = (row(rows[0]), row(rows[1]));
        let mut world = World::linked(mapping);
        world.answers = if silent { Answers::Silent } else { Answers::Shows };
        // Here both sides can change comments.
        world.capabilities.source.edits_comments = true;
        world.capabilities.source.narrows_comments = true;
        let seen = [Visibility::Public, Visibility::Internal, Visibility::Unknown];
        for (on_source, visibility, nth, edits) in script {
            let side = if on_source { Side::Source } else { Side::Target };
            let own = world.tickets[side].comments.as_ref().expect("read").iter().position(|c| !c.by_us).filter(|_| edits);
            match own {
                Some(first) => {
                    let list = world.tickets[side].comments.as_ref().expect("read");
                    let index = (first + nth).min(list.len() - 1);
                    if !list[index].by_us {
                        world.rewrite(side, index, &format!("words {nth}"), seen[visibility]);
                    }
                }
                None => world.edit(&format!("{side} says {}: words {nth}", ["public", "internal", "unknown"][visibility])),
            }
            let plan = world.plan();
            for operation in &plan.operations {
                let (original, visibility) = match &operation.kind {
                    OperationKind::Comment { original, visibility, .. }
                    | OperationKind::EditComment { original, visibility, .. } => (original, *visibility),
                    _ => continue,
                };
                let list = world.tickets[operation.side.opposite()].comments.as_ref().expect("read");
                let original = list.iter().find(|comment| comment.id == *original).expect("it was read");
                if visibility == Visibility::Public {
                    prop_assert_eq!(original.visibility, Visibility::Public);
                }
                if let OperationKind::Comment { .. } = operation.kind {
                    prop_assert!(original.visibility != Visibility::Unknown && !original.by_us);
                }
            }
            let before = copies(&world);
            world.carry_out(&plan);
            for (id, was) in before {
                let now = copies(&world).into_iter().find(|(copy, _)| *copy == id).expect("nothing is deleted").1;
                prop_assert!(was == Visibility::Public || now != Visibility::Public, "a copy was widened");
            }
            world.run();
            prop_assert_eq!(world.plan().operations.len(), 0, "{}", shown(&world.plan()));
        }
        let refs: Vec<&String> = Side::BOTH
            .iter()
            .flat_map(|side| world.tickets[*side].comments.as_ref().expect("read"))
            .filter_map(|comment| comment.copy_of.as_ref())
            .collect();
        let distinct: std::collections::BTreeSet<&&String> = refs.iter().collect();
        prop_assert_eq!(distinct.len(), refs.len(), "a comment was copied twice");
    }

    /// A new ticket is created once and is then in step.
    #[test]
    fn a_new_ticket_is_in_step_after_its_create(mapping in mappings(), script in edits(), silent in any::<bool>()) {
        let mut world = World::unlinked(mapping);
        world.answers = if silent { Answers::Silent } else { Answers::Shows };
        let own: String = script.lines().filter(|line| line.starts_with("source")).map(|line| format!("{line}\n")).collect();
        world.edit("source title = New\nsource state = 1");
        world.edit(&own);
        let plan = world.run();
        let creates = plan.operations.iter().filter(|op| matches!(op.kind, OperationKind::Create { .. })).count();
        prop_assert_eq!(creates, 1);
        let target: Vec<&Value> = world.tickets.target.fields.values().collect();
        prop_assert!(!target.is_empty());
        for _ in 0..3 {
            let plan = world.run();
            prop_assert_eq!(plan.operations.len(), 0, "{}", shown(&plan));
        }
    }
}

fn copies(world: &World) -> Vec<(String, Visibility)> {
    let all = Side::BOTH.iter().flat_map(|side| world.tickets[*side].comments.as_ref().expect("read"));
    all.filter(|comment| comment.by_us).map(|comment| (comment.id.0.clone(), comment.visibility)).collect()
}
