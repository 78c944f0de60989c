//! Two mappings that get in each other's way: inside one type mapping, and across connections (hazards.md H28, H31,
//! H32).

use super::ProblemCode as Code;
use super::conditions::disjoint;
use super::flows::{End, Flow, flows};
use super::{At, Checker, Level, Part, Place, Problem, sorted};
use crate::ids::FieldId;
use crate::mapping::{FieldMapping, Rule, TypeMapping, Write};
use crate::marker::Fingerprint;
use crate::omission::{Omission, left_out};
use crate::side::{Pair, Side};

/// One connection as the check across connections sees it.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionView<'a> {
    pub name: &'a str,
    /// Which instances it joins.
    pub fingerprints: Pair<&'a Fingerprint>,
    pub types: &'a [TypeMapping],
    /// Connections of one route share out their tickets: each goes to the first whose filter holds.
    pub route: Option<&'a str>,
}

impl Checker<'_> {
    /// Two mappings writing one field, and built texts read back, inside this type mapping.
    pub(super) fn overlaps(&mut self) {
        let fields: Vec<At<'_>> =
            self.rules.fields.iter().enumerate().map(|(index, field)| At { index, field }).collect();
        for (position, at) in fields.iter().enumerate() {
            for before in &fields[..position] {
                for side in Side::BOTH {
                    if let Some(shared) = shared(&before.field.mapping, &at.field.mapping, side) {
                        let message = format!(
                            "{} is also written by the mapping {}.",
                            self.name(side, &shared),
                            before.index + 1
                        );
                        let place = self.at(*at, None, None);
                        self.add(
                            Level::Error,
                            Code::WrittenTwice,
                            place,
                            message,
                            "Keep one of the two, or let them act in different statuses.",
                        );
                    }
                }
            }
        }
        for at in &fields {
            for builder in &fields {
                if builder.index != at.index && read_back(&builder.field.mapping, &at.field.mapping) {
                    let target = self.name(Side::Target, &builder.fields(Side::Target)[0]);
                    let message = format!(
                        "It writes {target}, which is built from this very field, back into it: the built lines would pile up."
                    );
                    let place = self.at(*at, None, None);
                    self.add(
                        Level::Error,
                        Code::DescriptionReadBack,
                        place,
                        message,
                        "Map it to the target only, or read another field.",
                    );
                }
            }
        }
    }
}

/// The field of `side` that both write at the same time.
fn shared(one: &FieldMapping, other: &FieldMapping, side: Side) -> Option<FieldId> {
    if !one.direction.writes(side) || !other.direction.writes(side) || !at_once(one, other) {
        return None;
    }
    one.fields(side).iter().find(|id| other.fields(side).contains(id)).cloned()
}

/// Mappings that act in different statuses of one side never meet.
fn at_once(one: &FieldMapping, other: &FieldMapping) -> bool {
    let sender = |mapping: &FieldMapping| mapping.direction.writes(Side::Target);
    match (&one.write, &other.write) {
        (Write::WhileStatus(these), Write::WhileStatus(those)) if sender(one) == sender(other) => {
            these.iter().any(|status| those.contains(status))
        }
        _ => true,
    }
}

/// Whether `reader` carries what `builder` composed back into what it is composed from.
fn read_back(builder: &FieldMapping, reader: &FieldMapping) -> bool {
    let inputs = match &builder.rule {
        Rule::Description(layout) => vec![layout.original.clone()],
        Rule::Text { template } => {
            crate::mapping::transform::placeholders(template).map(FieldId::from).collect()
        }
        _ => return false,
    };
    let to = if builder.direction.writes(Side::Target) { Side::Target } else { Side::Source };
    let from = to.opposite();
    reader.direction.writes(from)
        && reader.fields(from).iter().any(|id| inputs.contains(id))
        && reader.fields(to).iter().any(|id| builder.fields(to).contains(id))
}

/// Checks all connections against each other. Only what needs no schema.
pub fn check_connections(all: &[ConnectionView<'_>]) -> Vec<Problem> {
    let units: Vec<Unit<'_>> = all
        .iter()
        .enumerate()
        .flat_map(|(connection, view)| {
            view.types.iter().enumerate().map(move |(index, mapping)| Unit {
                connection,
                index,
                view: *view,
                mapping,
            })
        })
        .collect();
    let mut problems = Vec::new();
    for (position, unit) in units.iter().enumerate() {
        for before in &units[..position] {
            between(*before, *unit, &mut problems);
        }
    }
    let flows: Vec<Flow<'_>> = units.iter().flat_map(|unit| flows(*unit)).collect();
    super::flows::rings(&flows, &mut problems);
    super::flows::read_back(&flows, &mut problems);
    sorted(problems)
}

/// One type mapping of one connection.
#[derive(Clone, Copy)]
pub(super) struct Unit<'a> {
    pub connection: usize,
    pub index: usize,
    pub view: ConnectionView<'a>,
    pub mapping: &'a TypeMapping,
}

impl<'a> Unit<'a> {
    pub(super) fn end(self, side: Side) -> End<'a> {
        End {
            fingerprint: self.view.fingerprints[side],
            scope: self.mapping.scope(side),
            filter: &self.mapping.filter[side],
        }
    }

    pub(super) fn same(self, other: Unit<'_>) -> bool {
        (self.connection, self.index) == (other.connection, other.index)
    }

    pub(super) fn place(self, part: Part) -> Place {
        Place { connection: Some(self.view.name.to_owned()), type_mapping: self.mapping.name.clone(), part }
    }

    pub(super) fn field_place(self, index: usize) -> Place {
        let mapping = &self.mapping.fields[index];
        let join = |side| {
            let ids = mapping.fields(side);
            if ids.is_empty() {
                "fixed value".to_owned()
            } else {
                ids.iter().map(FieldId::as_str).collect::<Vec<_>>().join(" and ")
            }
        };
        let label = format!("{} {} {}", join(Side::Source), mapping.direction, join(Side::Target));
        self.place(Part::Field { index, key: mapping.key(), label, pair: None, cell: None })
    }

    fn describe(self) -> String {
        format!("{} › {}", self.view.name, self.mapping.name)
    }
}

/// Two type mappings whose tickets may be the same.
fn between(before: Unit<'_>, unit: Unit<'_>, problems: &mut Vec<Problem>) {
    let shared_out = before.view.route.is_some() && before.view.route == unit.view.route;
    if shared_out || left_out(Omission::OverlapsAllowed) {
        return;
    }
    for (x, y) in [
        (Side::Source, Side::Source),
        (Side::Target, Side::Target),
        (Side::Source, Side::Target),
        (Side::Target, Side::Source),
    ] {
        let originate = before.mapping.creates_from(x) && unit.mapping.creates_from(y);
        if !before.end(x).meets(unit.end(y)) {
            continue;
        }
        let same_account = before.view.fingerprints[x.opposite()] == unit.view.fingerprints[y.opposite()];
        let crosswise = x != y && same_account && before.end(x.opposite()).meets(unit.end(y.opposite()));
        if (originate && same_account) || crosswise {
            let message = format!(
                "{} takes the same tickets to the same account: each of them would have two links there.",
                before.describe()
            );
            problems.push(Problem {
                about: None,
                level: Level::Error,
                place: unit.place(Part::Whole),
                code: Code::ConnectionsOverlap,
                message,
                fix: "Tell them apart by a filter or a route, or make one two-way connection of both."
                    .to_owned(),
            });
            return;
        }
        if originate {
            written_twice(before, x, unit, y, problems);
        }
    }
}

fn written_twice(before: Unit<'_>, x: Side, unit: Unit<'_>, y: Side, problems: &mut Vec<Problem>) {
    for (index, mapping) in
        unit.mapping.fields.iter().enumerate().filter(|(_, mapping)| mapping.direction.writes(y))
    {
        let theirs = before.mapping.fields.iter().filter(|other| other.direction.writes(x));
        let shared = theirs.flat_map(|other| other.fields(x)).find(|id| mapping.fields(y).contains(id));
        if let Some(id) = shared {
            problems.push(Problem {
                about: None,
                level: Level::Error,
                place: unit.field_place(index),
                code: Code::WrittenTwice,
                message: format!("{id} of the same tickets is also written by {}.", before.describe()),
                fix:
                    "Let one of the connections write it, or tell their tickets apart by a filter or a route."
                        .to_owned(),
            });
        }
    }
}

impl End<'_> {
    /// Whether one ticket may lie in both.
    pub(super) fn meets(self, other: End<'_>) -> bool {
        let container = |one: &str, two: &str| one == two || one.is_empty() || two.is_empty();
        self.fingerprint == other.fingerprint
            && self.scope.ticket_type == other.scope.ticket_type
            && container(&self.scope.container, &other.scope.container)
            && !disjoint(self.filter, other.filter)
    }
}
