//! Statuses: whether the workflow leads to each paired one, by how many steps, and what the steps ask for.

use std::collections::BTreeSet;

use super::ProblemCode as Code;
use super::{At, Checker, Level};
use crate::connector::StatusWriting;
use crate::ids::FieldId;
use crate::mapping::ValuePair;
use crate::schema::{Step, Workflow};
use crate::side::Side;
use crate::sync::status::needs_of;

impl Checker<'_> {
    pub(super) fn workflow(&mut self, at: At<'_>, pairs: &[ValuePair]) {
        for to in Side::BOTH {
            let status = self.schema(to).status_field.as_ref() == Some(&at.fields(to)[0]);
            if !at.writes(to) || !status || self.schema(to).workflow.free {
                continue;
            }
            let mut seen = BTreeSet::new();
            for (index, pair) in pairs.iter().enumerate() {
                if pair.direction.writes(to) && !pair.value(to).is_empty() && seen.insert(pair.value(to)) {
                    self.status(at, pairs, index, to);
                }
            }
        }
    }

    fn status(&mut self, at: At<'_>, pairs: &[ValuePair], index: usize, to: Side) {
        let workflow = &self.schema(to).workflow;
        let wanted = pairs[index].value(to);
        if !workflow.statuses.is_empty() && !workflow.statuses.iter().any(|status| status.id == wanted) {
            return; // Reported as gone.
        }
        let starts = self.starts(pairs, &at.fields(to)[0], to, wanted);
        let ways: Vec<(String, Option<Vec<Step>>)> =
            starts.into_iter().map(|from| (from.to_owned(), workflow.path(from, wanted))).collect();
        let place = self.at(at, Some(index), None);
        let label = workflow.label(wanted).to_owned();
        let blocked: Vec<String> = ways
            .iter()
            .filter(|(_, way)| way.is_none())
            .map(|(from, _)| workflow.label(from).to_owned())
            .collect();
        if !ways.is_empty() && blocked.len() == ways.len() {
            let from_any = explored(workflow, wanted).any(|from| workflow.path(from, wanted).is_some());
            let all_read = workflow.statuses.iter().all(|status| workflow.explored.contains(&status.id));
            if from_any || workflow.initial.as_deref() == Some(wanted) {
                self.blocked(at, index, to, &blocked);
            } else if all_read {
                let message = format!("No step of the {} workflow leads to {label}.", self.platform(to));
                self.add(
                    Level::Error,
                    Code::StatusUnreachable,
                    place,
                    message,
                    "Pair with a status that the workflow can reach.",
                );
            } else {
                let message = format!(
                    "None of the steps read in {} leads to {label}; not all of them could be read.",
                    self.platform(to)
                );
                let fix = "Put a ticket into each status, so that its steps can be read, or pair with another status.";
                self.add(Level::Warning, Code::StatusUnreachable, place, message, fix);
            }
            return;
        }
        if !blocked.is_empty() {
            self.blocked(at, index, to, &blocked);
        }
        let far: Vec<String> = ways
            .iter()
            .filter_map(|(from, way)| {
                way.as_ref().filter(|way| way.len() > 1).map(|way| spelled(workflow, from, way))
            })
            .collect();
        if let Some(longest) = far.iter().max_by_key(|way| way.matches('→').count()) {
            let message = format!("{label} takes several steps in {}: {longest}.", self.platform(to));
            let fix = "Each step runs the platform's own rules; pair with a nearer status to avoid that.";
            self.add(Level::Warning, Code::StatusSeveralSteps, place, message, fix);
        }
        for (from, way) in &ways {
            for step in way.iter().flatten() {
                self.step(at, index, to, from, step);
            }
        }
        self.screens(at, index, to, &ways);
    }

    fn blocked(&mut self, at: At<'_>, index: usize, to: Side, from: &[String]) {
        let pair = self.pair_value(at, index, to);
        let message = format!("{} has no way from {} to {pair}.", self.platform(to), super::listed(from));
        let place = self.at(at, Some(index), None);
        let fix = "Expect such tickets to be reported, or pair with a status that can be reached from there.";
        self.add(Level::Warning, Code::StatusUnreachable, place, message, fix);
    }

    fn pair_value(&self, at: At<'_>, index: usize, side: Side) -> String {
        match &at.field.mapping.rule {
            crate::mapping::Rule::Values { pairs, .. } => {
                self.value_label(side, &at.fields(side)[0], pairs[index].value(side))
            }
            _ => String::new(),
        }
    }

    /// Statuses from which the wanted one is to be reached: the first one, the paired ones and those that tickets
    /// hold, as far as their steps were read.
    fn starts<'b>(&'b self, pairs: &'b [ValuePair], id: &FieldId, to: Side, wanted: &str) -> Vec<&'b str> {
        let workflow = &self.schema(to).workflow;
        let creates = self.mapping.creates_from(to.opposite()) && !self.mapping.templates_for(to).is_empty();
        let first = workflow
            .initial
            .as_deref()
            .filter(|first| creates && *first != wanted && workflow.explored.contains(*first));
        let mut starts: Vec<&str> = first.into_iter().collect();
        let paired = pairs.iter().map(|pair| pair.value(to));
        for status in paired.filter(|status| *status != wanted && workflow.explored.contains(*status)) {
            let idle = self.held.is_some_and(|held| held.count(to, id, status) == 0);
            let written = pairs.iter().any(|pair| pair.value(to) == status && pair.direction.writes(to));
            if (written || !idle) && !starts.contains(&status) {
                starts.push(status);
            }
        }
        starts
    }

    /// What one step asks for must be in the pair.
    fn step(&mut self, at: At<'_>, index: usize, to: Side, from: &str, step: &Step) {
        let wanted = match &at.field.mapping.rule {
            crate::mapping::Rule::Values { pairs, .. } => pairs[index].value(to),
            _ => return,
        };
        let needs = needs_of(at.field, to, wanted);
        let workflow = &self.schema(to).workflow;
        for asked in step.fields.iter().filter(|field| field.required) {
            if needs.iter().any(|need| need.field == asked.id) {
                continue;
            }
            let name = if step.label.is_empty() { workflow.label(&step.to) } else { &step.label };
            let message = format!(
                "{} asks for {} at the step {name}, on the way from {} to {}.",
                self.platform(to),
                asked.label,
                workflow.label(from),
                workflow.label(wanted)
            );
            let place = self.at(at, Some(index), None);
            let fix = format!("Say in the pair where {} comes from.", asked.label);
            self.add(Level::Error, Code::NeedMissing, place, message, fix);
        }
    }

    /// A need that no screen on the way shows is never sent.
    fn screens(&mut self, at: At<'_>, index: usize, to: Side, ways: &[(String, Option<Vec<Step>>)]) {
        if self.capabilities[to].status != StatusWriting::Transitions {
            return;
        }
        let steps: Vec<&Step> = ways.iter().filter_map(|(_, way)| way.as_ref()).flatten().collect();
        if steps.is_empty() {
            return;
        }
        let needs = match &at.field.mapping.rule {
            crate::mapping::Rule::Values { pairs, .. } => pairs[index].needs(to),
            _ => &[],
        };
        for need in needs {
            let shown = steps
                .iter()
                .any(|step| step.id.is_empty() || step.fields.iter().any(|field| field.id == need.field));
            if !shown {
                let place = self.at(at, Some(index), None);
                let label = self.schema(to).label(&need.field);
                let message =
                    format!("{label} is on no screen on the way to this status, so it is not sent.");
                self.add(
                    Level::Warning,
                    Code::NeedNotOnScreen,
                    place,
                    message,
                    "Put it on the screen of the step, or take it out of the pair.",
                );
            }
        }
    }
}

fn explored<'a>(workflow: &'a Workflow, wanted: &'a str) -> impl Iterator<Item = &'a str> {
    workflow.explored.iter().map(String::as_str).filter(move |status| *status != wanted)
}

fn spelled(workflow: &Workflow, from: &str, way: &[Step]) -> String {
    let steps = way.iter().map(|step| workflow.label(&step.to));
    std::iter::once(workflow.label(from)).chain(steps).collect::<Vec<_>>().join(" → ")
}
