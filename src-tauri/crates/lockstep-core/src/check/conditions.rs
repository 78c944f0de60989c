//! Filters and templates' conditions: their fields are there, and some ticket can meet them.

use super::ProblemCode as Code;
use super::{Checker, Level, Part, Place};
use crate::mapping::{Condition, Filter, Operator};
use crate::side::Side;

impl Checker<'_> {
    pub(super) fn conditions(&mut self) {
        for side in Side::BOTH {
            let place = self.place(Part::Filter { side });
            self.filter(&place, side, &self.mapping.filter[side]);
        }
        for to in Side::BOTH {
            if !self.mapping.creates_from(to.opposite()) {
                continue;
            }
            for (index, template) in self.mapping.templates_for(to).iter().enumerate() {
                let place = self.place(Part::Template { side: to, index, name: template.name.clone() });
                self.filter(&place, to.opposite(), &template.conditions);
            }
        }
    }

    fn filter(&mut self, place: &Place, side: Side, filter: &Filter) {
        for condition in filter.all.iter().chain(&filter.any) {
            if self.exists(place, side, &condition.field) {
                self.condition_values(place, side, condition);
            }
        }
        if let Some(why) = contradiction(filter) {
            let message = format!("No ticket can meet it: {why}.");
            self.add(
                Level::Warning,
                Code::NeverHolds,
                place.clone(),
                message,
                "Change or remove one of the conditions.",
            );
        }
    }

    fn condition_values(&mut self, place: &Place, side: Side, condition: &Condition) {
        let Some(offered) = self.options(side, &condition.field) else {
            return;
        };
        let gone: Vec<String> = condition
            .values
            .iter()
            .filter(|v| !v.is_empty() && !offered.contains(&v.as_str()))
            .cloned()
            .collect();
        if gone.is_empty()
            || !matches!(condition.operator, Operator::Is | Operator::IsNot | Operator::Contains)
        {
            return;
        }
        let message =
            format!("{} does not offer {}.", self.name(side, &condition.field), super::listed(&gone));
        self.add(Level::Warning, Code::ValueGone, place.clone(), message, "Choose a value that exists.");
    }
}

/// Why no ticket can pass a filter, where that can be told without reading any.
pub(super) fn contradiction(filter: &Filter) -> Option<String> {
    if let Some(why) = clash(&filter.all.iter().collect::<Vec<_>>()) {
        return Some(why);
    }
    if filter.any.is_empty() {
        return None;
    }
    let mut last = None;
    for condition in &filter.any {
        let mut together: Vec<&Condition> = filter.all.iter().collect();
        together.push(condition);
        last = Some(clash(&together)?);
    }
    last
}

/// Whether no ticket can pass both filters.
pub(super) fn disjoint(one: &Filter, other: &Filter) -> bool {
    let all = one.all.iter().chain(&other.all).cloned().collect();
    let by_any =
        |any: &[Condition]| contradiction(&Filter { all: Vec::clone(&all), any: any.to_vec() }).is_some();
    by_any(&one.any) || by_any(&other.any)
}

fn clash(all: &[&Condition]) -> Option<String> {
    let hopeless =
        |c: &Condition| matches!(c.operator, Operator::Is | Operator::Contains) && c.values.is_empty();
    if let Some(condition) = all.iter().find(|condition| hopeless(condition)) {
        return Some(format!("{} is compared with no value at all", condition.field));
    }
    for (index, one) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            if one.field == other.field && (against(one, other) || against(other, one)) {
                return Some(format!("{one} and {other} cannot both hold"));
            }
        }
    }
    None
}

/// Whether `one` rules `other` out, the fields being the same.
fn against(one: &Condition, other: &Condition) -> bool {
    let real = |condition: &Condition| condition.values.iter().all(|value| !value.is_empty());
    match (one.operator, other.operator) {
        (Operator::Is, Operator::Is) => one.values.iter().all(|value| !other.values.contains(value)),
        (Operator::Is, Operator::IsNot) => one.values.iter().all(|value| other.values.contains(value)),
        (Operator::Is | Operator::Contains, Operator::Empty) => real(one),
        (Operator::Is, Operator::NotEmpty) => one.values.iter().all(String::is_empty),
        (Operator::Empty, Operator::NotEmpty) => true,
        _ => false,
    }
}
