//! Fields as a graph over all connections: rings of two-way mappings, and built texts that find their way home.

use std::collections::BTreeSet;

use super::ProblemCode as Code;
use super::overlap::Unit;
use super::{Level, Problem};
use crate::connector::Scope;
use crate::ids::FieldId;
use crate::mapping::transform::placeholders;
use crate::mapping::{Direction, FieldMapping, Filter, Rule};
use crate::marker::Fingerprint;
use crate::omission::{Omission, left_out};
use crate::side::Side;

/// Where the tickets of one side lie.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    pub fingerprint: &'a Fingerprint,
    pub scope: &'a Scope,
    pub filter: &'a Filter,
}

/// One direction of one field mapping.
#[derive(Clone, Copy)]
pub(super) struct Flow<'a> {
    unit: Unit<'a>,
    index: usize,
    to: Side,
}

impl<'a> Flow<'a> {
    fn mapping(&self) -> &'a FieldMapping {
        &self.unit.mapping.fields[self.index]
    }

    fn built(&self) -> bool {
        matches!(self.mapping().rule, Rule::Description(_) | Rule::Text { .. })
    }

    /// The fields whose text or value goes on. Of a built description that is the original alone.
    fn reads(&self) -> Vec<FieldId> {
        match &self.mapping().rule {
            Rule::Description(layout) => vec![layout.original.clone()],
            Rule::Text { template } => placeholders(template).map(FieldId::from).collect(),
            Rule::Constant { .. } => Vec::new(),
            _ => self.mapping().fields(self.to.opposite()).to_vec(),
        }
    }

    /// Whether what this one wrote is read by `next`.
    fn feeds(&self, next: &Flow<'_>) -> bool {
        let reads = next.reads();
        self.mapping().fields(self.to).iter().any(|id| reads.contains(id))
            && self.unit.end(self.to).meets(next.unit.end(next.to.opposite()))
    }
}

/// The directions of a type mapping's fields.
pub(super) fn flows(unit: Unit<'_>) -> Vec<Flow<'_>> {
    let directions = unit.mapping.fields.iter().enumerate().flat_map(|(index, mapping)| {
        Side::BOTH.into_iter().filter(|to| mapping.direction.writes(*to)).map(move |to| Flow {
            unit,
            index,
            to,
        })
    });
    directions.collect()
}

/// Most connections a value is followed through.
const LENGTH_MAX: usize = 8;

/// Rings of two-way mappings on one field through three connections or more.
pub(super) fn rings(flows: &[Flow<'_>], problems: &mut Vec<Problem>) {
    if left_out(Omission::RingsAllowed) {
        return;
    }
    let both: Vec<Flow<'_>> =
        flows.iter().filter(|flow| flow.mapping().direction == Direction::Both).copied().collect();
    let mut reported: BTreeSet<BTreeSet<(usize, usize, usize)>> = BTreeSet::new();
    for start in &both {
        let mut found = Vec::new();
        follow(&both, &mut vec![*start], &mut |way| {
            let last = way[way.len() - 1];
            if way.len() >= 3 && last.feeds(start) {
                found.push(way.to_vec());
            }
        });
        for way in found {
            let members: BTreeSet<(usize, usize, usize)> =
                way.iter().map(|flow| (flow.unit.connection, flow.unit.index, flow.index)).collect();
            if !reported.insert(members) {
                continue;
            }
            let closing = way
                .iter()
                .max_by_key(|flow| (flow.unit.connection, flow.unit.index, flow.index))
                .expect("a ring has members");
            problems.push(Problem {
                about: None,
                level: Level::Error,
                place: closing.unit.field_place(closing.index),
                code: Code::RingOfConnections,
                message: format!(
                    "{} join this field in a ring, both ways: a value could go round for ever.",
                    names(&way)
                ),
                fix: "Make it one-way in one of them.".to_owned(),
            });
        }
    }
}

/// Built texts that come back into what they are built from, by one other connection or by several.
pub(super) fn read_back(flows: &[Flow<'_>], problems: &mut Vec<Problem>) {
    for builder in flows.iter().filter(|flow| flow.built()) {
        let inputs = builder.reads();
        let home = builder.unit.end(builder.to.opposite());
        let mut found: Vec<Vec<Flow<'_>>> = Vec::new();
        follow(flows, &mut vec![*builder], &mut |way| {
            let last = way[way.len() - 1];
            let arrives = last.mapping().fields(last.to).iter().any(|id| inputs.contains(id));
            // Inside one type mapping `Checker::overlaps` says it.
            let outside = way.iter().any(|flow| !flow.unit.same(builder.unit));
            if way.len() >= 2 && outside && arrives && last.unit.end(last.to).meets(home) {
                found.push(way.to_vec());
            }
        });
        for way in found {
            let last = way[way.len() - 1];
            problems.push(Problem {
                about: None,
                level: Level::Error,
                place: last.unit.field_place(last.index),
                code: Code::DescriptionReadBack,
                message: format!(
                    "It carries the text that {} › {} builds back into what it is built from: the built lines would pile up.",
                    builder.unit.view.name, builder.unit.mapping.name
                ),
                fix: "Stop one of the mappings on the way, or read another field.".to_owned(),
            });
        }
    }
}

/// Walks every way that begins with `way` and uses each connection once.
fn follow<'a>(flows: &[Flow<'a>], way: &mut Vec<Flow<'a>>, see: &mut impl FnMut(&[Flow<'a>])) {
    see(way);
    if way.len() >= LENGTH_MAX {
        return;
    }
    for next in flows {
        let used = way.iter().any(|flow| flow.unit.same(next.unit));
        let last = way[way.len() - 1];
        if !used && last.feeds(next) {
            way.push(*next);
            follow(flows, way, see);
            way.pop();
        }
    }
}

fn names(way: &[Flow<'_>]) -> String {
    let names: BTreeSet<&str> = way.iter().map(|flow| flow.unit.view.name).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}
