//! Suggestions for a mapping that a person is about to draw: fields and values that sound alike and can meet. A suggestion
//! is a draft, never a rule in use.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::ids::FieldId;
use crate::mapping::{Direction, FieldMapping, OnConflict, Otherwise, Rule, ValuePair, Write};
use crate::schema::{FieldKind, FieldSchema, Schema};
use crate::side::{Pair, Side};

/// From here on two names count as alike.
pub const LIKE: f64 = 0.6;

/// Words that different platforms use for one thing, each line one thing.
const SYNONYMS: [&[&str]; 15] = [
    &["new", "open", "todo", "backlog", "submitted"],
    &["inprogress", "workinprogress", "active", "started", "investigating"],
    &["onhold", "pending", "waiting", "waitingforcustomer", "blocked", "awaiting"],
    &["resolved", "done", "fixed", "solved", "completed"],
    &["closed", "closedcomplete"],
    &["canceled", "cancelled", "wontdo", "declined", "rejected"],
    &["shortdescription", "summary", "title", "subject"],
    &["description", "details"],
    &["caller", "reporter", "requester", "openedby", "requestedfor"],
    &["assignedto", "assignee", "owner"],
    &["assignmentgroup", "team", "group"],
    &["category", "components", "component"],
    &["tags", "labels"],
    &["critical", "highest", "urgent", "blocker"],
    &["low", "minor", "planning", "lowest", "trivial"],
];

/// How alike two names are: 1 the same, 0 nothing in common. Case, punctuation and leading numbers (`1 - High`) do not count.
pub fn likeness(one: &str, other: &str) -> f64 {
    let (one, other) = (plain(one), plain(other));
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    if one == other {
        return 1.0;
    }
    if SYNONYMS.iter().any(|line| line.contains(&one.as_str()) && line.contains(&other.as_str())) {
        return 0.9;
    }
    let (short, long) = if one.len() < other.len() { (&one, &other) } else { (&other, &one) };
    if short.len() >= 4 && long.contains(short.as_str()) {
        return 0.75;
    }
    pairs_in_common(&one, &other)
}

fn plain(name: &str) -> String {
    let letters = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let without_number = name.trim_start_matches(|c: char| c.is_ascii_digit() || " -–.)".contains(c));
    let text = letters(without_number);
    if text.is_empty() { letters(name) } else { text }
}

/// Dice's coefficient over pairs of neighbouring letters.
fn pairs_in_common(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| -> BTreeSet<(char, char)> {
        let letters: Vec<char> = text.chars().collect();
        letters.windows(2).map(|two| (two[0], two[1])).collect()
    };
    let (one, other) = (pairs(one), pairs(other));
    let all = one.len() + other.len();
    if all == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "names are short")]
    let part = 2.0 * one.intersection(&other).count() as f64 / all as f64;
    part
}

/// A row that could be drawn.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Suggestion {
    pub mapping: FieldMapping,
    /// Why: `same name`, `similar name`.
    pub reason: String,
}

/// Rows for fields that are not mapped yet, the likeliest first; each field once.
pub fn rows(schemas: Pair<&Schema>, mapped: &[FieldMapping]) -> Vec<Suggestion> {
    let taken = |side: Side, id: &FieldId| mapped.iter().any(|row| row.fields(side).contains(id));
    let mut candidates: Vec<(f64, &FieldSchema, &FieldSchema)> = Vec::new();
    for source in schemas.source.fields.values().filter(|field| !taken(Side::Source, &field.id)) {
        for target in schemas.target.fields.values().filter(|field| !taken(Side::Target, &field.id)) {
            let alike = likeness(&source.label, &target.label);
            if alike >= LIKE && direction(source, target).is_some() && fits(source.kind, target.kind) {
                candidates.push((alike, source, target));
            }
        }
    }
    candidates.sort_by(|one, other| {
        other.0.total_cmp(&one.0).then_with(|| (&one.1.id, &one.2.id).cmp(&(&other.1.id, &other.2.id)))
    });
    let mut used: Pair<BTreeSet<&FieldId>> = Pair::default();
    let mut rows = Vec::new();
    for (alike, source, target) in candidates {
        if used.source.contains(&source.id) || used.target.contains(&target.id) {
            continue;
        }
        let Some(direction) = direction(source, target) else { continue };
        used.source.insert(&source.id);
        used.target.insert(&target.id);
        let mapping = FieldMapping {
            source: vec![source.id.clone()],
            target: vec![target.id.clone()],
            direction,
            write: Write::default(),
            on_conflict: OnConflict::default(),
            enforce: false,
            rule: rule(schemas, source, target),
        };
        let reason = if alike >= 1.0 { "same name" } else { "similar name" };
        rows.push(Suggestion { mapping, reason: reason.to_owned() });
    }
    rows
}

fn direction(source: &FieldSchema, target: &FieldSchema) -> Option<Direction> {
    match (source.read_only.is_none(), target.read_only.is_none()) {
        (true, true) => Some(Direction::Both),
        (false, true) => Some(Direction::ToTarget),
        (true, false) => Some(Direction::ToSource),
        (false, false) => None,
    }
}

fn listed(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Choice | FieldKind::Status | FieldKind::Group | FieldKind::Set)
}

fn fits(source: FieldKind, target: FieldKind) -> bool {
    source == target || (source.is_text() && target.is_text()) || (listed(source) && listed(target))
}

fn rule(schemas: Pair<&Schema>, source: &FieldSchema, target: &FieldSchema) -> Rule {
    match (source.kind, target.kind) {
        (FieldKind::Person, FieldKind::Person) => Rule::Person { fallback: None },
        (from, to) if listed(from) && listed(to) => Rule::Values {
            pairs: values(schemas, &source.id, &target.id),
            otherwise: Otherwise::default(),
            otherwise_back: Otherwise::default(),
        },
        _ => Rule::Copy,
    }
}

/// Pairs of values that sound alike; each value once.
pub fn values(schemas: Pair<&Schema>, source: &FieldId, target: &FieldId) -> Vec<ValuePair> {
    let (from, to) = (schemas.source.values_of(source), schemas.target.values_of(target));
    let mut candidates: Vec<(f64, usize, usize)> = Vec::new();
    for (i, (_, one)) in from.iter().enumerate() {
        for (j, (_, other)) in to.iter().enumerate() {
            let alike = likeness(one, other);
            if alike >= LIKE {
                candidates.push((alike, i, j));
            }
        }
    }
    candidates.sort_by(|one, other| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
    let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, i, j) in candidates {
        if !left.contains(&i) && !right.contains(&j) {
            left.insert(i);
            right.insert(j);
            pairs.push((i, j));
        }
    }
    pairs.sort_unstable();
    pairs
        .into_iter()
        .map(|(i, j)| ValuePair {
            source: from[i].0.to_owned(),
            target: to[j].0.to_owned(),
            direction: Direction::Both,
            target_needs: Vec::new(),
            source_needs: Vec::new(),
        })
        .collect()
}

#[cfg(test)]
#[path = "suggest_tests.rs"]
mod tests;
