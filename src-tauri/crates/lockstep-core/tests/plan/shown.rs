//! A plan as text, one line a thing.

use std::fmt::Write as _;

use lockstep_core::Value;
use lockstep_core::connector::FieldWrite;
use lockstep_core::sync::operation::{FieldChange, Operation, OperationKind, TicketPlan};

/// The plan as a snapshot shows it.
pub fn shown(plan: &TicketPlan) -> String {
    let mut text = String::new();
    for operation in &plan.operations {
        operation_lines(operation, &mut text);
    }
    for (key, base) in &plan.bases {
        let unsettled = base.unsettled.map(|side| format!(", {side} unsettled")).unwrap_or_default();
        line(
            &mut text,
            &format!(
                "base {key}: {} / {}{unsettled}",
                value(&base.values.source),
                value(&base.values.target)
            ),
        );
    }
    for entry in &plan.ledger {
        let copy = entry.copy.as_deref().map(|copy| format!(" as {copy}")).unwrap_or_default();
        line(&mut text, &format!("ledger {} {}: {:?}{copy}", entry.side, entry.id, entry.state));
    }
    for conflict in &plan.conflicts {
        let (base, now) = (&conflict.base, &conflict.now);
        let was = format!("{} / {}", value(&base.source), value(&base.target));
        line(
            &mut text,
            &format!(
                "conflict {}: {was} is now {} / {}",
                conflict.label,
                value(&now.source),
                value(&now.target)
            ),
        );
    }
    for notice in &plan.notices {
        line(&mut text, &format!("notice {:?}: {}", notice.kind, notice.message));
    }
    if text.is_empty() { "nothing".to_owned() } else { text }
}

fn line(text: &mut String, words: &str) {
    writeln!(text, "{words}").expect("writing to a string");
}

fn operation_lines(operation: &Operation, text: &mut String) {
    let seen = if operation.customer_sees { " (customers see it)" } else { "" };
    let side = operation.side;
    match &operation.kind {
        OperationKind::Create { request, bases, shown } => {
            line(
                text,
                &format!("create on the {side} in {}{seen}: {}", request.scope.container, operation.reason),
            );
            for one in shown {
                let reason = if one.reason.is_empty() { String::new() } else { format!(" ({})", one.reason) };
                line(text, &format!("  {}: empty → {}{reason}", one.label, value(one.value(request))));
            }
            if let Some(step) = &request.step {
                line(text, &format!("  first step {} → {}", step.from, step.to));
            }
            for (key, base) in bases {
                let unsettled = base.unsettled.map(|side| format!(", {side} unsettled")).unwrap_or_default();
                let pair = format!("{} / {}", value(&base.values.source), value(&base.values.target));
                line(text, &format!("  base {key}: {pair}{unsettled}"));
            }
        }
        OperationKind::Link { other_key, .. } => line(text, &format!("link with {other_key}")),
        OperationKind::Update { changes: all, closes } => {
            let closes = if *closes { ", closes it" } else { "" };
            line(text, &format!("update the {side}{closes}{seen}: {}", operation.reason));
            changes(all, text);
        }
        OperationKind::Steps { from, steps, closes, .. } => {
            let closes = if *closes { ", closes it" } else { "" };
            let mut way = from.clone();
            for step in steps {
                let asked: Vec<String> =
                    step.fields.iter().map(|(id, sent)| format!("{id} {}", value(sent))).collect();
                let asked =
                    if asked.is_empty() { String::new() } else { format!(" with {}", asked.join(", ")) };
                write!(way, " → {}{asked}", step.to).expect("writing to a string");
            }
            line(text, &format!("step the {side}{closes}{seen}: {way} ({})", operation.reason));
        }
        OperationKind::Comment { visibility, body, .. } => {
            let body = body.replace('\n', "⏎");
            line(text, &format!("comment on the {side}, {visibility:?}{seen}: {body}"));
        }
        OperationKind::EditComment { copy, visibility, body, .. } => {
            let body = body.replace('\n', "⏎");
            line(
                text,
                &format!("edit {copy} on the {side}, {visibility:?}{seen}: {body} ({})", operation.reason),
            );
        }
        OperationKind::Attachment { name, .. } => line(text, &format!("file on the {side}: {name}")),
    }
}

fn changes(all: &[FieldChange], text: &mut String) {
    for change in all {
        let after = match &change.after {
            FieldWrite::Set(after) => value(after),
            FieldWrite::Delta { add, remove, .. } => format!("+{add:?} -{remove:?}"),
        };
        let reason = if change.reason.is_empty() { String::new() } else { format!(" ({})", change.reason) };
        line(text, &format!("  {}: {} → {after}{reason}", change.label, value(&change.before)));
    }
}

pub fn value(value: &Value) -> String {
    match value {
        Value::Empty => "empty".to_owned(),
        Value::Text(text) | Value::Rich(text) => format!("{text:?}"),
        Value::Set(members) => format!("{members:?}"),
        Value::Many(all) => format!("({})", all.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Person(id) => format!("@{id}"),
        other => other.id().map_or_else(|| format!("{other:?}"), str::to_owned),
    }
}
