//! A plan before it is applied: its rows page by page, and which of them a person leaves out.

use lockstep_core::side::Side;
use lockstep_store::PlanId;
use lockstep_store::tables::plans::{self, Plan};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::connections::side;
use super::syncing::{reasons, tally};
use super::{Desk, Nothing};
use crate::api_error::ApiError;
use crate::app::App;
use crate::planned::{self, PlanRowView};
use crate::views::{OutcomeWord, ReasonView, SideView, TallyView};

/// Rows of one answer.
const ROWS_SHOWN: u32 = 200;

/// A plan, by its number.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OfPlan {
    #[ts(type = "number")]
    pub plan: i64,
}

/// A kept plan without its rows.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PlanDetail {
    #[ts(type = "number")]
    pub plan: i64,
    #[ts(type = "number")]
    pub connection: i64,
    pub connection_name: String,
    #[ts(type = "number")]
    pub made_ms: i64,
    #[ts(type = "number")]
    pub kept_until_ms: i64,
    pub tally: TallyView,
    /// What would stop it, in words.
    pub reasons: Vec<ReasonView>,
    /// It was broken off: it shows what was read until then.
    pub cancelled: bool,
    /// Tickets created or changed since were read; `None`: since the last run.
    #[ts(type = "number | null")]
    pub since_ms: Option<i64>,
    pub source_side: SideView,
    pub target_side: SideView,
    /// Rows by outcome, and how many of them a person left in.
    pub outcomes: Vec<PlanCount>,
    /// Why it cannot be applied any more, and what to do.
    pub stale: Option<String>,
}

/// Rows of one outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PlanCount {
    #[ts(as = "OutcomeWord")]
    pub outcome: lockstep_core::sync::Outcome,
    pub rows: u32,
    pub included: u32,
}

/// A kept plan.
pub async fn plan_detail(desk: &Desk, of: OfPlan) -> Result<PlanDetail, ApiError> {
    detail(&desk.app().await?, of.plan).await
}

/// As the window shows a plan.
pub(super) async fn detail(app: &App, id: i64) -> Result<PlanDetail, ApiError> {
    let view = planned::show(app, id).await?;
    let (connection, document) = app.connection(&view.connection).await?;
    let (plan, outcomes) = app
        .store()
        .read(move |conn| Ok((plans::get(conn, PlanId(id))?, plans::counts(conn, PlanId(id))?)))
        .await?;
    let count = |(outcome, rows, included)| PlanCount { outcome, rows, included };
    Ok(PlanDetail {
        plan: id,
        connection: connection.id.0,
        made_ms: view.made_ms,
        kept_until_ms: view.kept_until_ms,
        tally: tally(&view.tally),
        reasons: reasons(&view.reasons),
        cancelled: view.cancelled,
        since_ms: view.since_ms,
        source_side: side(app, &document, Side::Source).await?,
        target_side: side(app, &document, Side::Target).await?,
        outcomes: outcomes.into_iter().map(count).collect(),
        stale: plan.and_then(|plan| stale(app, &connection, &plan)),
        connection_name: view.connection,
    })
}

fn stale(
    app: &App,
    connection: &lockstep_store::tables::connections::Connection,
    plan: &Plan,
) -> Option<String> {
    if plan.mapping_revision != connection.revision {
        Some("The mapping changed since. Plan again.".to_owned())
    } else if plan.kept_until_ms < app.now_ms() {
        Some("The plan is older than a day. Plan again.".to_owned())
    } else {
        None
    }
}

/// Rows of a plan.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PlanRowsOrder {
    #[ts(type = "number")]
    pub plan: i64,
    /// Of one outcome alone.
    pub outcome: Option<OutcomeWord>,
    /// The first row's number.
    pub from: u32,
}

/// A page of a plan's rows.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PlanRows {
    pub rows: Vec<PlanRowView>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<u32>,
}

/// A page of a plan's rows, in order.
pub async fn plan_rows(desk: &Desk, order: PlanRowsOrder) -> Result<PlanRows, ApiError> {
    let app = desk.app().await?;
    let rows =
        planned::rows_of(&app, order.plan, order.outcome.map(OutcomeWord::outcome), order.from, ROWS_SHOWN)
            .await?;
    let full = rows.len() == ROWS_SHOWN as usize;
    let next = rows.last().filter(|_| full).map(|row| row.ordinal + 1);
    Ok(PlanRows { rows, next })
}

/// Which rows to leave in or out.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Inclusion {
    #[ts(type = "number")]
    pub plan: i64,
    pub which: WhichRows,
    pub included: bool,
}

/// Rows of a plan.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum WhichRows {
    All,
    Outcome(OutcomeWord),
    /// By their numbers.
    These(Vec<u32>),
}

/// Leaves rows in or out of the plan; nothing else remembers it.
pub async fn include_rows(desk: &Desk, order: Inclusion) -> Result<PlanDetail, ApiError> {
    let app = desk.app().await?;
    let (plan, included) = (PlanId(order.plan), order.included);
    app.store()
        .write(move |tx| {
            match order.which {
                WhichRows::All => drop(plans::set_all_included(tx, plan, None, included)?),
                WhichRows::Outcome(word) => {
                    plans::set_all_included(tx, plan, Some(word.outcome()), included)?;
                }
                WhichRows::These(rows) => {
                    for row in rows {
                        plans::set_included(tx, plan, row, included)?;
                    }
                }
            }
            Ok(())
        })
        .await?;
    detail(&app, order.plan).await
}

/// Drops a plan; nothing of it was written.
pub async fn discard_plan(desk: &Desk, of: OfPlan) -> Result<Nothing, ApiError> {
    let app = desk.app().await?;
    app.store().write(move |tx| plans::drop(tx, PlanId(of.plan))).await?;
    Ok(Nothing {})
}
