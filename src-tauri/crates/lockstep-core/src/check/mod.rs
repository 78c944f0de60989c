//! The mapping checker: holds a type mapping against what discovery found on both sides, and all connections against
//! each other, and says what would fail, with a place and a fix. Pure, and in a fixed order.
//!
//! It judges rules, never tickets: what one ticket lacks is the plan's to report (`crate::sync`).

mod comments;
mod conditions;
mod creation;
mod fields;
mod flows;
mod needs;
mod overlap;
mod problem;
mod remedy;
mod rules;
mod values;
mod workflow;

#[cfg(test)]
mod tests;

pub use overlap::{ConnectionView, check_connections};
pub use problem::{About, HeldValues, Level, Part, Place, Problem, ProblemCode, errors};
pub use remedy::{Change, Remedy, remedies};

use crate::connector::Capabilities;
use crate::ids::FieldId;
use crate::mapping::{CompiledField, Rules, TypeMapping};
use crate::schema::{FieldKind, FieldSchema, Schema};
use crate::side::{Pair, Side};

/// Checks one type mapping; `rules` is that mapping bound to both schemas. `held` sharpens what it says about values
/// without a pair and about statuses. Errors come first, then the order of places.
pub fn check(
    mapping: &TypeMapping,
    rules: &Rules,
    capabilities: Pair<&Capabilities>,
    held: Option<&HeldValues>,
) -> Vec<Problem> {
    let mut checker = Checker { mapping, rules, capabilities, held, problems: Vec::new() };
    checker.discovery();
    for (index, field) in rules.fields.iter().enumerate() {
        checker.field(At { index, field });
    }
    checker.overlaps();
    checker.creation();
    checker.conditions();
    checker.comments();
    sorted(checker.problems)
}

fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    problems
}

/// Collects what is found while the parts of the mapping are gone through.
struct Checker<'a> {
    mapping: &'a TypeMapping,
    rules: &'a Rules,
    capabilities: Pair<&'a Capabilities>,
    held: Option<&'a HeldValues>,
    problems: Vec<Problem>,
}

/// One field mapping and its position.
#[derive(Clone, Copy)]
struct At<'a> {
    index: usize,
    field: &'a CompiledField,
}

impl At<'_> {
    fn writes(self, side: Side) -> bool {
        self.field.mapping.direction.writes(side)
    }

    fn fields(&self, side: Side) -> &[FieldId] {
        self.field.mapping.fields(side)
    }
}

impl<'a> Checker<'a> {
    fn schema(&self, side: Side) -> &'a Schema {
        &self.rules.schemas[side]
    }

    fn platform(&self, side: Side) -> &'a str {
        &self.rules.labels[side]
    }

    fn found(&self, side: Side, id: &FieldId) -> Option<&'a FieldSchema> {
        self.schema(side).fields.get(id)
    }

    /// The field's name with its platform: `Jira Status`.
    fn name(&self, side: Side, id: &FieldId) -> String {
        format!("{} {}", self.platform(side), self.schema(side).label(id))
    }

    fn names(&self, side: Side, ids: &[FieldId]) -> String {
        ids.iter().map(|id| self.schema(side).label(id)).collect::<Vec<_>>().join(" and ")
    }

    fn value_label(&self, side: Side, id: &FieldId, value: &str) -> String {
        if value.is_empty() {
            "empty".to_owned()
        } else {
            self.schema(side).option_label(id, value).to_owned()
        }
    }

    /// The values a field offers, by id; `None` when they are not known.
    fn options(&self, side: Side, id: &FieldId) -> Option<Vec<&'a str>> {
        let schema = self.schema(side);
        if schema.status_field.as_ref() == Some(id) && !schema.workflow.statuses.is_empty() {
            return Some(schema.workflow.statuses.iter().map(|status| status.id.as_str()).collect());
        }
        let field = schema.fields.get(id)?;
        if field.kind == FieldKind::Boolean {
            return Some(vec!["true", "false"]);
        }
        (!field.options.is_empty()).then(|| field.options.iter().map(|option| option.id.as_str()).collect())
    }

    fn place(&self, part: Part) -> Place {
        Place { connection: None, type_mapping: self.mapping.name.clone(), part }
    }

    fn at(&self, at: At<'_>, pair: Option<usize>, cell: Option<usize>) -> Place {
        let name = |side| {
            let ids = at.fields(side);
            if ids.is_empty() { "fixed value".to_owned() } else { self.names(side, ids) }
        };
        let label = format!("{} {} {}", name(Side::Source), at.field.mapping.direction, name(Side::Target));
        self.place(Part::Field { index: at.index, key: at.field.key.clone(), label, pair, cell })
    }

    fn add(
        &mut self,
        level: Level,
        code: ProblemCode,
        place: Place,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (message, fix) = (message.into(), fix.into());
        self.problems.push(Problem { level, place, code, message, fix, about: None });
    }

    /// Says which values the problem added last is about.
    fn about(&mut self, side: Side, values: &[&str]) {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        if let Some(last) = self.problems.last_mut() {
            last.about = Some(About { side, values });
        }
    }

    /// What discovery could not read.
    fn discovery(&mut self) {
        for side in Side::BOTH {
            for sentence in &self.schema(side).not_confirmed {
                let message = format!("{}: {sentence}", self.platform(side));
                let place = self.place(Part::Whole);
                self.add(
                    Level::Note,
                    ProblemCode::NotConfirmed,
                    place,
                    message,
                    "Test the account, then read the fields again.",
                );
            }
        }
    }

    /// Reports a field that is not there; returns whether it is.
    fn exists(&mut self, place: &Place, side: Side, id: &FieldId) -> bool {
        if self.schema(side).fields.contains_key(id) {
            return true;
        }
        let platform = self.platform(side);
        let unread = self.schema(side).not_confirmed.iter().any(|sentence| mentions(sentence, id.as_str()));
        if unread {
            let message = format!("{platform} did not show the field {id}, so it could not be checked.");
            self.add(
                Level::Warning,
                ProblemCode::NotConfirmed,
                place.clone(),
                message,
                "Give the account the right to read this field.",
            );
        } else {
            let message = format!("{platform} has no field {id}, or hides it from this account.");
            self.add(
                Level::Error,
                ProblemCode::FieldMissing,
                place.clone(),
                message,
                "Choose another field, or let the account see this one.",
            );
        }
        false
    }
}

/// Whether `sentence` names `word` as a whole word.
fn mentions(sentence: &str, word: &str) -> bool {
    sentence
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
        .any(|part| part.trim_matches('.') == word)
}

/// `a, b and 3 more`.
fn listed(names: &[String]) -> String {
    const SHOWN_MAX: usize = 4;
    match names {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [head @ .., last] if names.len() <= SHOWN_MAX => format!("{} and {last}", head.join(", ")),
        _ => format!("{} and {} more", names[..SHOWN_MAX - 1].join(", "), names.len() - (SHOWN_MAX - 1)),
    }
}
