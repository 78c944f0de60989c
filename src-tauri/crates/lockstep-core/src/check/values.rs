//! Pairs of values: each has a partner that exists, the way back is decided, and what goes over comes back.

use super::ProblemCode as Code;
use super::{At, Checker, Level};
use crate::ids::FieldId;
use crate::mapping::values::pair_for;
use crate::mapping::{Direction, Otherwise, ValuePair};
use crate::schema::FieldKind;
use crate::side::Side;

impl Checker<'_> {
    pub(super) fn values(
        &mut self,
        at: At<'_>,
        pairs: &[ValuePair],
        otherwise: &Otherwise,
        otherwise_back: &Otherwise,
    ) {
        self.gone(at, pairs);
        self.way_back(at, pairs);
        self.dead(at, pairs);
        for from in Side::BOTH {
            let to = from.opposite();
            if !at.writes(to) {
                continue;
            }
            let rest = if to == Side::Target { otherwise } else { otherwise_back };
            match rest {
                Otherwise::Ask => self.unpaired(at, pairs, from),
                Otherwise::Use(value) => {
                    let place = self.at(at, None, None);
                    self.fixed(&place, to, &at.fields(to)[0], value);
                }
                Otherwise::Leave => {}
            }
        }
        if at.writes(Side::Source) && at.writes(Side::Target) {
            self.returns(at, pairs, otherwise, otherwise_back);
        }
    }

    fn is_set(&self, at: At<'_>) -> bool {
        at.field.kind(Side::Source) == Some(FieldKind::Set)
            && at.field.kind(Side::Target) == Some(FieldKind::Set)
    }

    /// Values that no pair carries. Members of sets without a pair are invisible by design (hazards.md H26).
    fn unpaired(&mut self, at: At<'_>, pairs: &[ValuePair], from: Side) {
        let id = &at.fields(from)[0];
        let place = self.at(at, None, None);
        if self.is_set(at) {
            return;
        }
        let Some(offered) = self.options(from, id) else {
            if matches!(at.field.kind(from), Some(FieldKind::Choice | FieldKind::Status)) {
                self.unread(&place, from, std::slice::from_ref(id));
            }
            return;
        };
        let missing: Vec<&str> =
            offered.into_iter().filter(|value| pair_for(pairs, from, value).is_none()).collect();
        let (held, idle): (Vec<&str>, Vec<&str>) = missing
            .into_iter()
            .partition(|value| self.held.is_some_and(|held| held.count(from, id, value) > 0));
        let fix = "Pair it, or choose what happens to everything else.";
        for value in held {
            let tickets = self.held.map_or(0, |held| held.count(from, id, value));
            let plural = if tickets == 1 { "ticket holds" } else { "tickets hold" };
            let label = self.value_label(from, id, value);
            let message =
                format!("{} {label} has no pair, and {tickets} {plural} it now.", self.name(from, id));
            self.add(Level::Warning, Code::ValueWithoutPair, place.clone(), message, fix);
            self.about(from, &[value]);
        }
        if !idle.is_empty() {
            let labels: Vec<String> = idle.iter().map(|value| self.value_label(from, id, value)).collect();
            let verb = if labels.len() == 1 { "has" } else { "have" };
            let message = format!("{} {} {verb} no pair.", self.name(from, id), super::listed(&labels));
            let level = if self.held.is_some() { Level::Note } else { Level::Warning };
            self.add(level, Code::ValueWithoutPair, place, message, fix);
            self.about(from, &idle);
        }
    }

    /// Pairs that name a value which is not offered any more.
    fn gone(&mut self, at: At<'_>, pairs: &[ValuePair]) {
        for side in Side::BOTH {
            let id = at.fields(side)[0].clone();
            // Tags are free words: what is not offered yet is made by writing it.
            if at.field.kind(side) == Some(FieldKind::Set) {
                continue;
            }
            let Some(offered) = self.options(side, &id) else {
                continue;
            };
            for (index, pair) in pairs.iter().enumerate() {
                let value = pair.value(side);
                if value.is_empty() || offered.contains(&value) {
                    continue;
                }
                let written = at.writes(side) && pair.direction.writes(side);
                let level = if written { Level::Error } else { Level::Warning };
                let message = format!("{} does not offer {value} any more.", self.name(side, &id));
                let place = self.at(at, Some(index), None);
                self.add(
                    level,
                    Code::ValueGone,
                    place,
                    message,
                    "Choose a value that exists, or remove the pair.",
                );
            }
        }
    }

    /// Several values paired both ways with one: which of them comes back is not decided (hazards.md H24).
    fn way_back(&mut self, at: At<'_>, pairs: &[ValuePair]) {
        if !(at.writes(Side::Source) && at.writes(Side::Target)) || self.is_set(at) {
            return;
        }
        let both: Vec<(usize, &ValuePair)> =
            pairs.iter().enumerate().filter(|(_, pair)| pair.direction == Direction::Both).collect();
        for shared in Side::BOTH {
            let other = shared.opposite();
            let (id, other_id) = (at.fields(shared)[0].clone(), at.fields(other)[0].clone());
            for (position, (index, pair)) in both.iter().enumerate() {
                let mates: Vec<&(usize, &ValuePair)> =
                    both.iter().filter(|(_, mate)| mate.value(shared) == pair.value(shared)).collect();
                if mates.len() < 2
                    || mates[0].0 == both[position].0
                    || pair.value(other) == mates[0].1.value(other)
                {
                    continue;
                }
                let first = self.value_label(other, &other_id, mates[0].1.value(other));
                let this = self.value_label(other, &other_id, pair.value(other));
                let one = self.value_label(shared, &id, pair.value(shared));
                let message = format!(
                    "{first} and {this} are both paired both ways with {one}: which one {one} comes back as is not decided."
                );
                let arrow = if shared == Side::Target { Direction::ToTarget } else { Direction::ToSource };
                let place = self.at(at, Some(*index), None);
                self.add(
                    Level::Error,
                    Code::WayBackUndecided,
                    place,
                    message,
                    format!("Make all but one of them one-way: {this} {arrow} only."),
                );
            }
        }
    }

    /// Pairs that never act: turned against the mapping, or below another one for the same value.
    fn dead(&mut self, at: At<'_>, pairs: &[ValuePair]) {
        for (index, pair) in pairs.iter().enumerate() {
            let ways: Vec<Side> =
                Side::BOTH.into_iter().filter(|to| at.writes(*to) && pair.direction.writes(*to)).collect();
            let place = self.at(at, Some(index), None);
            if ways.is_empty() {
                let message = "The pair points against the direction of the mapping, so it never acts.";
                self.add(Level::Warning, Code::PairNeverUsed, place, message, "Turn the pair, or remove it.");
                continue;
            }
            let shadowed = |to: &Side| {
                let from = to.opposite();
                pair_for(pairs, from, pair.value(from)).is_some_and(|first| !std::ptr::eq(first, pair))
            };
            if ways.iter().all(shadowed) {
                let message = "A pair above carries the same value, and the first one counts.";
                self.add(Level::Warning, Code::PairNeverUsed, place, message, "Remove one of them.");
            }
        }
    }

    /// What comes back: w(m(v)) = v, or another value that stands for the same, or an error.
    fn returns(
        &mut self,
        at: At<'_>,
        pairs: &[ValuePair],
        otherwise: &Otherwise,
        otherwise_back: &Otherwise,
    ) {
        if self.is_set(at) {
            return;
        }
        let carry = |from: Side, value: &str| -> Option<String> {
            let rest = if from == Side::Source { otherwise } else { otherwise_back };
            match (pair_for(pairs, from, value), rest) {
                (Some(pair), _) => Some(pair.value(from.opposite()).to_owned()),
                (None, Otherwise::Use(value)) => Some(value.clone()),
                (None, _) => None,
            }
        };
        for from in Side::BOTH {
            let to = from.opposite();
            let mut lossy = Vec::new();
            for value in self.values_of(at, pairs, from) {
                let Some(there) = carry(from, &value) else { continue };
                let Some(back) = carry(to, &there) else { continue };
                if back == value {
                    continue;
                }
                let again = carry(from, &back);
                let (id, other) = (&at.fields(from)[0], &at.fields(to)[0]);
                let label = |value: &str| self.value_label(from, id, value);
                if again.as_ref() == Some(&there) {
                    lossy.push(format!("{} as {}", label(&value), label(&back)));
                    continue;
                }
                let (over, further) = (
                    self.value_label(to, other, &there),
                    again.map_or("nothing".to_owned(), |again| self.value_label(to, other, &again)),
                );
                let message = format!(
                    "{} goes over as {over}, comes back as {} and would go over as {further}: it drifts.",
                    label(&value),
                    label(&back)
                );
                let index =
                    pairs.iter().position(|pair| pair.direction.writes(to) && pair.value(from) == value);
                let place = self.at(at, index, None);
                self.add(
                    Level::Error,
                    Code::DoesNotReturn,
                    place,
                    message,
                    "Pair the values so that each comes back to where it started.",
                );
            }
            if !lossy.is_empty() {
                let message = format!(
                    "After an edit on the other side {} {} comes back.",
                    self.platform(from),
                    super::listed(&lossy)
                );
                let place = self.at(at, None, None);
                self.add(
                    Level::Note,
                    Code::ReturnsAsAnother,
                    place,
                    message,
                    "Nothing to do if they stand for the same.",
                );
            }
        }
    }

    /// All values known of one side: offered, or named by a pair.
    fn values_of(&self, at: At<'_>, pairs: &[ValuePair], side: Side) -> Vec<String> {
        let id: &FieldId = &at.fields(side)[0];
        let mut values: Vec<String> =
            self.options(side, id).unwrap_or_default().into_iter().map(str::to_owned).collect();
        for pair in pairs {
            if !values.iter().any(|value| value == pair.value(side)) {
                values.push(pair.value(side).to_owned());
            }
        }
        values
    }
}
