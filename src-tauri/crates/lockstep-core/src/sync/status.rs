//! From a wanted status to the steps that lead there, each with what its screen asks for. Nothing is invented.

use std::collections::BTreeMap;

use super::operation::{Notice, NoticeKind};
use crate::connector::StepRequest;
use crate::mapping::transform::{Context, supply};
use crate::mapping::{CompiledField, Need, Rule};
use crate::schema::Step;
use crate::side::Side;
use crate::ticket::{Ticket, Value};

/// The steps from status `from` to `to` on `side`, filled from the other side's `ticket`.
///
/// Errors are notices for people: the status cannot be reached (with what can be), or a needed field stays empty.
pub fn steps(
    field: &CompiledField,
    side: Side,
    from: &str,
    to: &str,
    ticket: &Ticket,
    context: Context<'_>,
) -> Result<Vec<StepRequest>, Notice> {
    let workflow = &context.rules.schemas[side].workflow;
    let platform = &context.rules.labels[side];
    let notice = |kind, message: String, remedy: &str| Notice {
        kind,
        mapping: Some(field.key.clone()),
        message,
        remedy: Some(remedy.to_owned()),
    };
    let way = match workflow.path(from, to) {
        Some(way) => way,
        // A status whose steps were never seen: ask the platform directly, one step.
        None if !workflow.explored.contains(from) => vec![unexplored_step(from, to)],
        None => {
            let reachable: Vec<&str> =
                workflow.reachable(from).into_iter().map(|id| workflow.label(id)).collect();
            let message = format!(
                "{platform} has no way from {} to {}; reachable from there: {}",
                workflow.label(from),
                workflow.label(to),
                if reachable.is_empty() { "nothing".to_owned() } else { reachable.join(", ") }
            );
            return Err(notice(
                NoticeKind::Unreachable,
                message,
                "Pair the value with a status the workflow can reach.",
            ));
        }
    };
    let needs = needs_of(field, side, to);
    way.iter()
        .map(|step| {
            let fields = step_fields(step, needs, side, ticket, context).map_err(|why| {
                let message =
                    format!("{platform} asks for more on the way to {}: {why}", workflow.label(&step.to));
                notice(
                    NoticeKind::NeedMissing,
                    message,
                    "Open the status pair and say where the value comes from.",
                )
            })?;
            Ok(StepRequest {
                from: step.from.clone(),
                to: step.to.clone(),
                transition: step.id.clone(),
                fields,
            })
        })
        .collect()
}

fn unexplored_step(from: &str, to: &str) -> Step {
    Step {
        from: from.to_owned(),
        to: to.to_owned(),
        id: String::new(),
        label: String::new(),
        fields: Vec::new(),
    }
}

/// What the pair that leads to status `to` on `side` must also send.
pub fn needs_of<'a>(field: &'a CompiledField, side: Side, to: &str) -> &'a [Need] {
    match &field.mapping.rule {
        Rule::Values { pairs, .. } => pairs
            .iter()
            .filter(|pair| pair.value(side) == to)
            .map(|pair| pair.needs(side))
            .find(|needs| !needs.is_empty())
            .unwrap_or(&[]),
        _ => &[],
    }
}

fn step_fields(
    step: &Step,
    needs: &[Need],
    side: Side,
    ticket: &Ticket,
    context: Context<'_>,
) -> Result<BTreeMap<crate::FieldId, Value>, String> {
    let mut fields = BTreeMap::new();
    for need in needs {
        let on_screen = step.id.is_empty() || step.fields.iter().any(|field| field.id == need.field);
        if on_screen {
            fields.insert(need.field.clone(), supply(need, side.opposite(), ticket, context)?);
        }
    }
    for asked in step.fields.iter().filter(|field| field.required) {
        if !fields.contains_key(&asked.id) {
            return Err(format!("{} is required and no value is given", asked.label));
        }
    }
    Ok(fields)
}
