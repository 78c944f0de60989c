//! What a person can do about a problem with one button: changes to the mapping as plain data, for the editor to apply as
//! one step that can be undone. A problem without such a change has none; its place is shown instead.

use serde::{Deserialize, Serialize};

use super::{About, HeldValues, Part, Problem, ProblemCode};
use crate::ids::FieldId;
use crate::mapping::values::pair_for;
use crate::mapping::{Direction, Rule, TypeMapping, ValuePair};
use crate::mapping::{FieldMapping, Rules};
use crate::side::Side;

/// A button: its words, and what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Remedy {
    /// `Make Pending vendor ← only`.
    pub label: String,
    pub changes: Vec<Change>,
}

/// One change of a type mapping; positions count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "do", rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Change {
    /// Gives a pair of values another direction.
    TurnPair {
        field: usize,
        pair: usize,
        direction: Direction,
    },
    /// Adds a pair of values.
    AddPair {
        field: usize,
        source: String,
        target: String,
        direction: Direction,
    },
    RemovePair {
        field: usize,
        pair: usize,
    },
    /// Gives a field mapping another direction.
    TurnField {
        field: usize,
        direction: Direction,
    },
    RemoveField {
        field: usize,
    },
}

/// What can be done about `problem` in `mapping`, the likeliest first.
pub fn remedies(
    problem: &Problem,
    mapping: &TypeMapping,
    rules: &Rules,
    held: Option<&HeldValues>,
) -> Vec<Remedy> {
    let Part::Field { index, pair, .. } = &problem.place.part else { return Vec::new() };
    let Some(field) = mapping.fields.get(*index) else { return Vec::new() };
    let finder = Finder { field, index: *index, rules, held };
    match (problem.code, pair) {
        (ProblemCode::WayBackUndecided, Some(pair)) => finder.one_way(*pair),
        (ProblemCode::ValueWithoutPair, _) => {
            problem.about.as_ref().map(|about| finder.pair_up(about)).unwrap_or_default()
        }
        (ProblemCode::PairNeverUsed | ProblemCode::ValueGone, Some(pair)) => {
            let changes = vec![Change::RemovePair { field: *index, pair: *pair }];
            vec![Remedy { label: "Remove pair".to_owned(), changes }]
        }
        (ProblemCode::FieldReadOnly | ProblemCode::FieldCalculated, _) => finder.other_way(),
        (ProblemCode::DescriptionReadBack, _) => finder.turned(Direction::ToTarget),
        _ => Vec::new(),
    }
}

struct Finder<'a> {
    field: &'a FieldMapping,
    index: usize,
    rules: &'a Rules,
    held: Option<&'a HeldValues>,
}

impl Finder<'_> {
    fn pairs(&self) -> &[ValuePair] {
        match &self.field.rule {
            Rule::Values { pairs, .. } => pairs,
            _ => &[],
        }
    }

    fn id(&self, side: Side) -> Option<&FieldId> {
        self.field.fields(side).first()
    }

    fn label(&self, side: Side, value: &str) -> String {
        self.id(side).map_or(value, |id| self.rules.schemas[side].option_label(id, value)).to_owned()
    }

    fn tickets(&self, side: Side, value: &str) -> u64 {
        match (self.held, self.id(side)) {
            (Some(held), Some(id)) => held.count(side, id, value),
            _ => 0,
        }
    }

    /// Of the values that share a partner both ways, the one that tickets hold least becomes one-way.
    fn one_way(&self, pair: usize) -> Vec<Remedy> {
        let pairs = self.pairs();
        let Some(this) = pairs.get(pair) else { return Vec::new() };
        let mates = |shared: Side| -> Vec<usize> {
            let same = |mate: &ValuePair| {
                mate.direction == Direction::Both && mate.value(shared) == this.value(shared)
            };
            pairs.iter().enumerate().filter(|(_, mate)| same(mate)).map(|(at, _)| at).collect()
        };
        let shared = if mates(Side::Source).len() > 1 { Side::Source } else { Side::Target };
        let (other, mates) = (shared.opposite(), mates(shared));
        let keep = mates
            .iter()
            .copied()
            .max_by_key(|at| (self.tickets(other, pairs[*at].value(other)), std::cmp::Reverse(*at)));
        // What is written to the shared value alone: from the other side towards it.
        let direction = if shared == Side::Target { Direction::ToTarget } else { Direction::ToSource };
        let turned: Vec<usize> = mates.into_iter().filter(|at| Some(*at) != keep).collect();
        let names: Vec<String> = turned.iter().map(|at| self.label(other, pairs[*at].value(other))).collect();
        let changes: Vec<Change> =
            turned.iter().map(|at| Change::TurnPair { field: self.index, pair: *at, direction }).collect();
        if changes.is_empty() {
            return Vec::new();
        }
        vec![Remedy { label: format!("Make {} {direction} only", super::listed(&names)), changes }]
    }

    /// Of the values that the problem is about the one that most tickets hold and something on the other side sounds like.
    fn pair_up(&self, about: &About) -> Vec<Remedy> {
        let (from, to) = (about.side, about.side.opposite());
        let pairs = self.pairs();
        let mut missing: Vec<(String, String)> =
            self.offered(from).into_iter().filter(|(value, _)| about.values.contains(value)).collect();
        missing.sort_by_key(|(value, _)| std::cmp::Reverse(self.tickets(from, value)));
        let found = missing
            .into_iter()
            .find_map(|(value, label)| self.likeliest(to, &label).map(|partner| (value, label, partner)));
        let Some((value, label, (partner, partner_label))) = found else { return Vec::new() };
        // Both ways only where the partner has no way back yet.
        let free = pair_for(pairs, to, &partner).is_none();
        let direction = match (free && self.field.direction.writes(from), to) {
            (true, _) => Direction::Both,
            (false, Side::Target) => Direction::ToTarget,
            (false, Side::Source) => Direction::ToSource,
        };
        let (source, target) = if from == Side::Source { (value, partner) } else { (partner, value) };
        let changes = vec![Change::AddPair { field: self.index, source, target, direction }];
        vec![Remedy { label: format!("Pair {label} with {partner_label}"), changes }]
    }

    /// Values of a side with their labels, in the platform's order.
    fn offered(&self, side: Side) -> Vec<(String, String)> {
        let Some(id) = self.id(side) else { return Vec::new() };
        let values = self.rules.schemas[side].values_of(id).into_iter();
        values.map(|(value, label)| (value.to_owned(), label.to_owned())).collect()
    }

    fn likeliest(&self, side: Side, label: &str) -> Option<(String, String)> {
        let offered = self.offered(side).into_iter();
        let scored = offered.map(|(value, name)| (crate::suggest::likeness(label, &name), value, name));
        let best = scored.max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)))?;
        (best.0 >= crate::suggest::LIKE).then_some((best.1, best.2))
    }

    /// A field that cannot be written on one side may still be read there.
    fn other_way(&self) -> Vec<Remedy> {
        let writable = |side: Side| {
            self.id(side)
                .and_then(|id| self.rules.schemas[side].fields.get(id))
                .is_some_and(|field| field.read_only.is_none())
        };
        let remove = Remedy {
            label: "Remove row".to_owned(),
            changes: vec![Change::RemoveField { field: self.index }],
        };
        match (writable(Side::Source), writable(Side::Target)) {
            (false, true) => [self.turned(Direction::ToTarget), vec![remove]].concat(),
            (true, false) => [self.turned(Direction::ToSource), vec![remove]].concat(),
            _ => vec![remove],
        }
    }

    fn turned(&self, direction: Direction) -> Vec<Remedy> {
        if self.field.direction == direction {
            return Vec::new();
        }
        let changes = vec![Change::TurnField { field: self.index, direction }];
        vec![Remedy { label: format!("Make it {direction} only"), changes }]
    }
}
