//! What a rule names besides fields: pairs, cells and fixed values.

use super::ProblemCode as Code;
use super::{At, Checker, Level, Place};
use crate::ids::FieldId;
use crate::mapping::transform::typed;
use crate::mapping::{MatrixCell, Otherwise, Rule};
use crate::schema::FieldKind;
use crate::side::Side;
use crate::ticket::Value;

/// Most combinations of values a matrix is checked for.
const COMBINATIONS_MAX: usize = 10_000;

impl Checker<'_> {
    pub(super) fn rule(&mut self, at: At<'_>, place: &Place) {
        match &at.field.mapping.rule {
            Rule::Values { pairs, otherwise, otherwise_back } => {
                self.values(at, pairs, otherwise, otherwise_back);
                self.workflow(at, pairs);
                self.needs(at, pairs);
            }
            Rule::Matrix { cells, otherwise } => self.matrix(at, cells, otherwise),
            Rule::Constant { value } => {
                for to in Side::BOTH {
                    if at.writes(to) {
                        self.fixed(place, to, &at.fields(to)[0], value);
                    }
                }
            }
            Rule::Copy | Rule::Person { .. } | Rule::Text { .. } | Rule::Description(_) => {}
        }
    }

    /// Whether a value written in the configuration is one its field can hold.
    pub(super) fn fixed(&mut self, place: &Place, side: Side, id: &FieldId, value: &str) {
        let Some(field) = self.found(side, id) else {
            return;
        };
        let name = self.name(side, id);
        let good = match (field.kind, typed(Some(field.kind), value)) {
            (FieldKind::Number, _) => value.is_empty() || value.parse::<f64>().is_ok(),
            (FieldKind::Boolean, _) => matches!(value, "" | "true" | "false"),
            (FieldKind::Date, _) => value.is_empty() || value.parse::<jiff::civil::Date>().is_ok(),
            (FieldKind::DateTime, typed) => value.is_empty() || typed != Value::Empty,
            _ => true,
        };
        if !good {
            let message = format!("{name} cannot hold {value:?}.");
            self.add(
                Level::Error,
                Code::ValueNotPossible,
                place.clone(),
                message,
                "Write a value that this field can hold.",
            );
        } else if matches!(field.kind, FieldKind::Choice | FieldKind::Status | FieldKind::Set)
            && !value.is_empty()
        {
            let parts: Vec<&str> = if field.kind == FieldKind::Set {
                value.split(',').map(str::trim).collect()
            } else {
                vec![value]
            };
            let offered = self.options(side, id);
            if let Some(gone) =
                offered.and_then(|offered| parts.into_iter().find(|part| !offered.contains(part)))
            {
                let message = format!("{name} does not offer {gone}.");
                self.add(
                    Level::Error,
                    Code::ValueGone,
                    place.clone(),
                    message,
                    "Choose a value that exists.",
                );
            }
        }
    }

    fn matrix(&mut self, at: At<'_>, cells: &[MatrixCell], otherwise: &Otherwise) {
        if !at.writes(Side::Target) || at.fields(Side::Source).len() < 2 {
            return;
        }
        let (sources, target) = (at.fields(Side::Source).to_vec(), at.fields(Side::Target)[0].clone());
        for (index, cell) in cells.iter().enumerate() {
            let place = self.at(at, None, Some(index));
            if cell.when.len() != sources.len() {
                let message =
                    format!("The cell names {} values for {} fields.", cell.when.len(), sources.len());
                self.add(Level::Error, Code::FieldCount, place, message, "Name one value for each field.");
                continue;
            }
            for (id, value) in sources.iter().zip(&cell.when) {
                let gone = !value.is_empty()
                    && self.options(Side::Source, id).is_some_and(|known| !known.contains(&value.as_str()));
                if gone {
                    let message = format!("{} does not offer {value}.", self.name(Side::Source, id));
                    self.add(
                        Level::Warning,
                        Code::ValueGone,
                        place.clone(),
                        message,
                        "Remove the cell, or choose a value that exists.",
                    );
                }
            }
            self.fixed(&place, Side::Target, &target, &cell.then);
            if cells[..index].iter().any(|before| before.when == cell.when) {
                let message = "A cell above names the same values, and the first one counts.";
                self.add(Level::Warning, Code::PairNeverUsed, place, message, "Remove one of them.");
            }
        }
        let place = self.at(at, None, None);
        if let Otherwise::Use(value) = otherwise {
            self.fixed(&place, Side::Target, &target, value);
        }
        if *otherwise != Otherwise::Ask {
            return;
        }
        let offered: Option<Vec<Vec<&str>>> =
            sources.iter().map(|id| self.options(Side::Source, id)).collect();
        let Some(offered) = offered else {
            self.unread(&place, Side::Source, &sources);
            return;
        };
        if offered.iter().map(Vec::len).product::<usize>() > COMBINATIONS_MAX {
            return;
        }
        let missing: Vec<String> = combinations(&offered)
            .into_iter()
            .filter(|wanted| {
                !cells.iter().any(|cell| cell.when.iter().map(String::as_str).eq(wanted.iter().copied()))
            })
            .map(|wanted| {
                let labels =
                    wanted.iter().zip(&sources).map(|(value, id)| self.value_label(Side::Source, id, value));
                labels.collect::<Vec<_>>().join(" × ")
            })
            .collect();
        if !missing.is_empty() {
            let message = format!("No cell for {}: such tickets stop here and ask.", super::listed(&missing));
            self.add(
                Level::Warning,
                Code::MatrixIncomplete,
                place,
                message,
                "Fill the cells, or choose what happens to everything else.",
            );
        }
    }

    /// Values of a list that could not be read cannot be checked.
    pub(super) fn unread(&mut self, place: &Place, side: Side, ids: &[FieldId]) {
        let message = format!(
            "The values of {} {} could not be read, so they were not checked.",
            self.platform(side),
            self.names(side, ids)
        );
        self.add(
            Level::Note,
            Code::NotConfirmed,
            place.clone(),
            message,
            "Give the account the right to read them, then read the fields again.",
        );
    }
}

fn combinations<'a>(offered: &[Vec<&'a str>]) -> Vec<Vec<&'a str>> {
    offered.iter().fold(vec![Vec::new()], |begun, options| {
        begun
            .iter()
            .flat_map(|start| {
                options.iter().map(move |option| {
                    let mut longer = start.clone();
                    longer.push(*option);
                    longer
                })
            })
            .collect()
    })
}
