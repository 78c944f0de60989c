//! Value pairs (V7, H24): what the checker accepts comes back, and never fights with a person.

use lockstep_core::Side;
use lockstep_core::check::{Level, ProblemCode, check};
use lockstep_core::mapping::values::pair_for;
use lockstep_core::mapping::{Direction, Otherwise, Rule, ValuePair};
use proptest::prelude::*;

use crate::setup::{Both, mapped, mapping, pair};
use crate::world::World;

pub const SOURCE: [&str; 4] = ["1", "2", "3", "4"];
pub const TARGET: [&str; 4] = ["a", "b", "c", "d"];

pub fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![3 => Just(Direction::Both), 1 => Just(Direction::ToTarget), 1 => Just(Direction::ToSource)]
}

fn otherwise(values: &'static [&'static str]) -> impl Strategy<Value = Otherwise> {
    prop_oneof![
        2 => Just(Otherwise::Ask),
        1 => Just(Otherwise::Leave),
        1 => proptest::sample::select(values).prop_map(|value| Otherwise::Use(value.to_owned())),
    ]
}

pub fn rule() -> impl Strategy<Value = Rule> {
    let one = (proptest::sample::select(&SOURCE[..]), proptest::sample::select(&TARGET[..]), direction());
    let pairs =
        proptest::collection::vec(one.prop_map(|(source, target, way)| pair(source, way, target)), 1..7);
    (pairs, otherwise(&TARGET), otherwise(&SOURCE))
        .prop_map(|(pairs, otherwise, otherwise_back)| Rule::Values { pairs, otherwise, otherwise_back })
}

/// A world whose third mapping joins two picklists by `rule`.
pub fn world(way: Direction, rule: Rule) -> World {
    let mut mapping = mapping();
    mapping.fields.push(mapped("category", way, "priority", rule));
    let mut world = World::linked(mapping);
    let option = |id: &&str| lockstep_core::schema::Choice { id: (*id).to_owned(), label: (*id).to_owned() };
    let source = world.schemas.source.fields.get_mut(&"category".into()).expect("there");
    source.options = SOURCE.iter().map(option).collect();
    let target = world.schemas.target.fields.get_mut(&"priority".into()).expect("there");
    target.options = TARGET.iter().map(option).collect();
    world
}

fn accepted(world: &World) -> Result<Vec<ProblemCode>, ()> {
    let rules = world.rules();
    let problems = check(&world.mapping, &rules, world.capabilities.as_ref(), None);
    let ours = problems.into_iter().filter(|problem| problem.place.to_string().contains("Category"));
    let (errors, others): (Vec<_>, Vec<_>) = ours.partition(|problem| problem.level == Level::Error);
    if errors.is_empty() { Ok(others.into_iter().map(|problem| problem.code).collect()) } else { Err(()) }
}

fn carried(pairs: &[ValuePair], rest: &Otherwise, from: Side, value: &str) -> Option<String> {
    match (pair_for(pairs, from, value), rest) {
        (Some(pair), _) => Some(pair.value(from.opposite()).to_owned()),
        (None, Otherwise::Use(value)) => Some(value.clone()),
        (None, _) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// V7: what the checker accepts returns to its start, or is said to return as another.
    #[test]
    fn accepted_pairs_return(rule in rule()) {
        let world = world(Both, rule.clone());
        let Ok(codes) = accepted(&world) else { return Ok(()) };
        let Rule::Values { pairs, otherwise, otherwise_back } = &rule else { unreachable!() };
        for (from, values) in [(Side::Source, SOURCE), (Side::Target, TARGET)] {
            let (over, back) = if from == Side::Source { (otherwise, otherwise_back) } else { (otherwise_back, otherwise) };
            for value in values {
                let Some(there) = carried(pairs, over, from, value) else { continue };
                let Some(home) = carried(pairs, back, from.opposite(), &there) else { continue };
                if home != value {
                    prop_assert!(codes.contains(&ProblemCode::ReturnsAsAnother), "{value} comes back as {home}");
                    prop_assert_eq!(carried(pairs, over, from, &home), Some(there), "{} drifts", value);
                }
            }
        }
    }

    /// H24: with any pairs the checker accepts and any order of edits, no person is corrected and no plan fights another.
    #[test]
    fn accepted_pairs_never_fight_a_person(
        rule in rule(),
        edits in proptest::collection::vec((any::<bool>(), 0..4usize), 1..8),
    ) {
        let mut world = world(Both, rule);
        if accepted(&world).is_err() { return Ok(()) }
        for (on_source, value) in edits {
            let (edit, id, side) = if on_source {
                (format!("source category = {}", SOURCE[value]), "category", Side::Source)
            } else {
                (format!("target priority = {}", TARGET[value]), "priority", Side::Target)
            };
            world.edit(&edit);
            let chosen = world.tickets[side].fields[&id.into()].clone();
            for _ in 0..3 {
                let plan = world.run();
                // A value without a pair waits for a person; what is edited meanwhile may meet it.
                if !plan.notices.is_empty() || !plan.conflicts.is_empty() {
                    return Ok(());
                }
                prop_assert_eq!(&world.tickets[side].fields[&id.into()], &chosen, "the person's own value was changed");
            }
            prop_assert_eq!(world.plan().operations.len(), 0);
        }
    }
}
