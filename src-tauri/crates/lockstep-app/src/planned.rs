//! Plans as people read them: counts, then each ticket with its changes, reasons and notices.

use lockstep_core::schema::Schema;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::guard::{Reason, Tally};
use lockstep_core::sync::operation::{Filled, Operation, OperationKind, Outcome, TicketPlan};
use lockstep_store::PlanId;
use lockstep_store::tables::plans::{self, PlanRow, RowFilter};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::{App, document_of};
use crate::events::Counts;
use crate::history::{ChangeView, NoticeView};
use crate::look::{self, Names};
use crate::run::PlanSummary;
use crate::shown;

/// A kept plan without its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanView {
    pub id: i64,
    pub connection: String,
    pub made_ms: i64,
    pub kept_until_ms: i64,
    pub tally: Tally,
    pub counts: Counts,
    /// What would stop it, in words; whether a person's order is enough to go on.
    pub reasons: Vec<Reason>,
    /// It was broken off: it shows what was read until then.
    pub cancelled: bool,
    pub since_ms: Option<i64>,
    pub rows: u32,
}

/// One ticket of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PlanRowView {
    pub ordinal: u32,
    pub source: Option<String>,
    pub target: Option<String>,
    pub title: String,
    pub type_mapping: String,
    /// `created`, `updated`, `closed`, `skipped`.
    pub outcome: String,
    pub label: String,
    pub operations: Vec<OperationView>,
    pub conflicts: Vec<String>,
    pub notices: Vec<NoticeView>,
    pub customer_sees: bool,
    pub included: bool,
}

/// One write of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OperationView {
    /// `create`, `update`, `status`, `comment`, `edit_comment`, `attachment`, `link`.
    pub kind: String,
    /// Where it is written: `source`, `target`.
    pub side: String,
    /// What it does, in a few words: `comment, public`.
    pub what: String,
    pub reason: String,
    pub customer_sees: bool,
    pub changes: Vec<ChangeView>,
}

/// A plan by its number.
pub async fn show(app: &App, id: i64) -> Result<PlanView, ApiError> {
    let (plan, rows) = app
        .store()
        .read(move |conn| {
            let rows = plans::counts(conn, PlanId(id))?.iter().map(|(_, all, _)| all).sum();
            Ok((plans::get(conn, PlanId(id))?, rows))
        })
        .await?;
    let plan = plan.ok_or_else(|| {
        ApiError::new("not_found", format!("there is no plan {id}"))
            .hint("Plans are kept for a day, or until they were applied: plan again.")
            .command("lockstep plan")
    })?;
    let summary: PlanSummary = serde_json::from_value(plan.summary.clone()).map_err(|_| {
        ApiError::new("data", format!("plan {id} cannot be read"))
            .hint("Plan again.")
            .command("lockstep plan")
    })?;
    let (connection, _) = app.connection_by_id(plan.connection.0).await?;
    Ok(PlanView {
        id,
        connection: connection.name,
        made_ms: plan.made_ms,
        kept_until_ms: plan.kept_until_ms,
        tally: summary.tally,
        counts: summary.counts,
        reasons: summary.reasons,
        cancelled: summary.cancelled,
        since_ms: summary.since_ms,
        rows,
    })
}

/// Rows of a plan from `from` on, in order.
pub async fn rows(app: &App, id: i64, from: u32, limit: u32) -> Result<Vec<PlanRowView>, ApiError> {
    rows_of(app, id, None, from, limit).await
}

/// Rows of a plan from `from` on, of one outcome if wanted, in order.
pub async fn rows_of(
    app: &App,
    id: i64,
    outcome: Option<Outcome>,
    from: u32,
    limit: u32,
) -> Result<Vec<PlanRowView>, ApiError> {
    let filter = RowFilter { outcome, included_only: false };
    let (plan, rows) = app
        .store()
        .read(move |conn| {
            Ok((plans::get(conn, PlanId(id))?, plans::page(conn, PlanId(id), filter, from, limit)?))
        })
        .await?;
    let Some(plan) = plan else {
        return Err(ApiError::new("not_found", format!("there is no plan {id}")));
    };
    let (connection, _) = app.connection_by_id(plan.connection.0).await?;
    let document = document_of(&connection)?;
    let mut schemas: Vec<(String, Pair<Schema>)> = Vec::new();
    for mapping in &document.types {
        schemas.push((mapping.name.clone(), look::kept_schemas(app, &connection, mapping).await?));
    }
    let unknown = Pair::<Schema>::default();
    let names = look::names(app, &connection).await?;
    let of =
        |name: &str| schemas.iter().find(|(known, _)| known == name).map_or(&unknown, |(_, schemas)| schemas);
    Ok(rows.iter().map(|row| view(row, of(&row.plan.type_mapping), &names)).collect())
}

fn view(row: &PlanRow, schemas: &Pair<Schema>, names: &Names) -> PlanRowView {
    let plan: &TicketPlan = &row.plan;
    let outcome = plan.outcome();
    let word = serde_json::to_value(outcome).ok().and_then(|value| value.as_str().map(str::to_owned));
    PlanRowView {
        ordinal: row.ordinal,
        source: plan.keys[Side::Source].clone(),
        target: plan.keys[Side::Target].clone(),
        title: plan.title.clone(),
        type_mapping: plan.type_mapping.clone(),
        outcome: word.unwrap_or_default(),
        label: outcome.label().to_owned(),
        operations: plan
            .operations
            .iter()
            .map(|operation| operation_view(operation, schemas, names))
            .collect(),
        conflicts: plan.conflicts.iter().map(|conflict| conflict.label.clone()).collect(),
        notices: plan.notices.iter().map(NoticeView::of).collect(),
        customer_sees: plan.operations.iter().any(|operation| operation.customer_sees),
        included: row.included,
    }
}

pub(crate) fn operation_view(operation: &Operation, schemas: &Pair<Schema>, names: &Names) -> OperationView {
    let schema = &schemas[operation.side];
    let change = |label: &str, before: String, after: String, reason: &str| ChangeView {
        side: operation.side.to_string(),
        field: label.to_owned(),
        before: look::named(names, operation.side, before),
        after: look::named(names, operation.side, after),
        reason: reason.to_owned(),
    };
    let fields = |changes: &[lockstep_core::sync::FieldChange]| -> Vec<ChangeView> {
        let show = |one: &lockstep_core::sync::FieldChange, value| shown::value(schema, &one.field, value);
        changes
            .iter()
            .map(|one| change(&one.label, show(one, &one.before), show(one, one.result()), &one.reason))
            .collect()
    };
    let (what, changes) = match &operation.kind {
        OperationKind::Create { request, shown, .. } => {
            let value = |one: &Filled| shown::value(schema, &one.field, one.value(request));
            let changes =
                shown.iter().map(|one| change(&one.label, String::new(), value(one), &one.reason)).collect();
            ("new ticket".to_owned(), changes)
        }
        OperationKind::Link { other_key, .. } => (format!("link with {other_key}"), Vec::new()),
        OperationKind::Update { changes, closes } => {
            (if *closes { "fields, closes".to_owned() } else { "fields".to_owned() }, fields(changes))
        }
        OperationKind::Steps { field, from, steps, .. } => {
            let path: Vec<&str> = steps.iter().map(|step| schema.workflow.label(&step.to)).collect();
            let label = schema.label(field);
            let changes = vec![change(
                label,
                schema.workflow.label(from).to_owned(),
                path.join(" → "),
                &operation.reason,
            )];
            ("status".to_owned(), changes)
        }
        OperationKind::Comment { visibility, .. } => (format!("comment, {}", word(visibility)), Vec::new()),
        OperationKind::EditComment { visibility, .. } => {
            (format!("edited comment, {}", word(visibility)), Vec::new())
        }
        OperationKind::Attachment { name, size_bytes, .. } => {
            (format!("file {name}, {}", size(*size_bytes)), Vec::new())
        }
    };
    OperationView {
        kind: operation.kind.word().to_owned(),
        side: operation.side.to_string(),
        what,
        reason: operation.reason.clone(),
        customer_sees: operation.customer_sees,
        changes,
    }
}

fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `214 KB`, `1.4 MB`.
pub fn size(bytes: u64) -> String {
    const KB: u64 = 1000;
    const MB: u64 = 1_000_000;
    match bytes {
        0..KB => format!("{bytes} bytes"),
        KB..MB => format!("{} KB", bytes.div_ceil(KB)),
        _ if bytes < 10 * MB => format!("{}.{} MB", bytes / MB, bytes % MB / 100_000),
        _ => format!("{} MB", bytes / MB),
    }
}
