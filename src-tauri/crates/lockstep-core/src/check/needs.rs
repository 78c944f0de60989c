//! What a status pair sends along: each field is there, may be written, and has something to be filled from.

use super::ProblemCode as Code;
use super::{At, Checker, Level, Place};
use crate::connector::StatusWriting;
use crate::ids::FieldId;
use crate::mapping::transform::placeholders;
use crate::mapping::{Need, Supply, ValuePair, Write};
use crate::side::Side;

impl Checker<'_> {
    pub(super) fn needs(&mut self, at: At<'_>, pairs: &[ValuePair]) {
        for (index, pair) in pairs.iter().enumerate() {
            for to in Side::BOTH {
                if !at.writes(to) || !pair.direction.writes(to) {
                    continue;
                }
                let place = self.at(at, Some(index), None);
                for need in pair.needs(to) {
                    self.need(&place, to, need);
                }
            }
        }
    }

    fn need(&mut self, place: &Place, to: Side, need: &Need) {
        let from = to.opposite();
        let screen = self
            .schema(to)
            .workflow
            .steps
            .iter()
            .flat_map(|step| &step.fields)
            .find(|field| field.id == need.field);
        let on_screen = self.capabilities[to].status == StatusWriting::Transitions && screen.is_some();
        // A field that only a step's screen offers is not in the list of fields.
        if !on_screen && self.may_be_on_an_unseen_screen(to, &need.field) {
            self.unseen(place, to, &need.field);
            return;
        }
        if !on_screen {
            if self.exists(place, to, &need.field) {
                self.writable(place, to, &need.field, &Write::Always);
            } else {
                return;
            }
        }
        match &need.supply {
            Supply::Fixed(value) => self.need_value(place, to, &need.field, value),
            Supply::From { field, or } => {
                if self.found(from, field).is_none() && self.may_be_on_an_unseen_screen(from, field) {
                    self.unseen(place, from, field);
                } else {
                    self.exists(place, from, field);
                }
                if let Some(or) = or {
                    self.need_value(place, to, &need.field, or);
                }
            }
            Supply::Text(template) => {
                for name in placeholders(template).filter(|name| !matches!(*name, "key" | "url")) {
                    self.exists(place, from, &FieldId::from(name));
                }
            }
            Supply::LastPublicComment(or) => {
                if or.is_empty() {
                    let label = self.schema(to).label(&need.field).to_owned();
                    let message = format!(
                        "{label} takes the last public comment, and a ticket without one stops here."
                    );
                    self.add(
                        Level::Warning,
                        Code::NeedMissing,
                        place.clone(),
                        message,
                        "Write a text that stands in.",
                    );
                }
            }
        }
    }

    fn unseen(&mut self, place: &Place, side: Side, field: &FieldId) {
        let platform = self.platform(side);
        let message = format!(
            "{platform} shows {field} on no screen seen so far; not every status has a ticket to look at."
        );
        let fix = "Nothing to do yet: the first ticket in that status shows the screen.";
        self.add(Level::Warning, Code::NotConfirmed, place.clone(), message, fix);
    }

    /// Whether the field could stand on the screen of a step that discovery could not see (jira.md §2.4).
    fn may_be_on_an_unseen_screen(&self, to: Side, field: &FieldId) -> bool {
        let schema = self.schema(to);
        let writable = schema.fields.get(field).is_some_and(|field| field.read_only.is_none());
        let unseen =
            schema.workflow.statuses.iter().any(|status| !schema.workflow.explored.contains(&status.id));
        self.capabilities[to].status == StatusWriting::Transitions
            && !schema.workflow.free
            && unseen
            && !writable
    }

    fn need_value(&mut self, place: &Place, to: Side, id: &FieldId, value: &str) {
        if value.is_empty() {
            let message = format!("{} is given an empty value.", self.schema(to).label(id));
            self.add(
                Level::Error,
                Code::NeedMissing,
                place.clone(),
                message,
                "Write a value, or take the field out of the pair.",
            );
            return;
        }
        let steps = &self.schema(to).workflow.steps;
        let mut screens = steps
            .iter()
            .flat_map(|step| &step.fields)
            .filter(|f| f.id == *id && !f.options.is_empty())
            .peekable();
        if screens.peek().is_none() {
            self.fixed(place, to, id, value);
        } else if !screens.any(|field| field.options.iter().any(|option| option.id == value)) {
            let message =
                format!("{} does not offer {value} on the screen of the step.", self.schema(to).label(id));
            self.add(Level::Error, Code::ValueGone, place.clone(), message, "Choose a value that exists.");
        }
    }
}
