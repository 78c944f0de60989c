//! Plans and runs that the window asks for.

use std::sync::{Arc, Mutex, PoisonError};

use lockstep_core::sync::guard::{Reason, Tally};
use lockstep_store::tables::runs::RunKind;
use tokio::sync::oneshot;

use super::connections::name_of;
use super::progress::Board;
use super::{CancelAsked, Desk, OfConnection, PlanOrder, RunStarted, SyncOrder};
use crate::api_error::ApiError;
use crate::app::App;
use crate::events::{Listener, RunEvent};
use crate::planned::{self, PlanRowView};
use crate::syncing::RunOrder;
use crate::views::{PlanPicture, ReasonView, TallyView};

/// What set such a run off, in the history.
pub const TRIGGER: &str = "Run sync in the window";
/// Rows of a plan that the window shows.
const ROWS_SHOWN_MAX: usize = 200;
/// Rows of a plan read at once.
const ROWS_PAGE: u32 = 500;

/// Plans, and shows the rows that write.
pub async fn plan_sync(desk: &Desk, order: PlanOrder) -> Result<PlanPicture, ApiError> {
    let app = desk.app().await?;
    let name = name_of(&app, order.connection).await?;
    let made = app.plan(&name, order.since_ms, desk.board()).await?;
    let tally = &made.summary.tally;
    Ok(PlanPicture {
        plan: made.plan,
        connection: made.connection,
        writes: tally.creates + tally.updates + tally.closes,
        tally: self::tally(tally),
        reasons: reasons(&made.summary.reasons),
        rows: writing_rows(&app, made.plan).await?,
        cancelled: made.summary.cancelled,
    })
}

pub(super) fn tally(tally: &Tally) -> TallyView {
    TallyView {
        creates: tally.creates,
        updates: tally.updates,
        closes: tally.closes,
        comments: tally.comments,
        files: tally.files,
        links: tally.links,
        skips: tally.skips,
        conflicts: tally.conflicts,
        customer_sees: tally.customer_sees,
    }
}

pub(super) fn reasons(reasons: &[Reason]) -> Vec<ReasonView> {
    reasons
        .iter()
        .map(|reason| ReasonView { sentence: reason.sentence.clone(), can_order: reason.can_order })
        .collect()
}

async fn writing_rows(app: &App, plan: i64) -> Result<Vec<PlanRowView>, ApiError> {
    let mut shown = Vec::new();
    let mut from = 0;
    while shown.len() < ROWS_SHOWN_MAX {
        let page = planned::rows(app, plan, from, ROWS_PAGE).await?;
        let Some(last) = page.last() else { break };
        from = last.ordinal + 1;
        shown.extend(page.into_iter().filter(|row| !row.operations.is_empty()));
    }
    shown.truncate(ROWS_SHOWN_MAX);
    Ok(shown)
}

/// Starts a run. What keeps it from starting is the answer; what happens later is told by events and the history.
pub async fn run_sync(desk: &Desk, order: SyncOrder) -> Result<RunStarted, ApiError> {
    let app = desk.app().await?;
    let order = RunOrder {
        connection: name_of(&app, order.connection).await?,
        kind: RunKind::Manual,
        since_ms: order.since_ms,
        confirmed: order.confirmed,
        take_over: false,
        plan: order.plan,
        trigger: TRIGGER.to_owned(),
    };
    let (started, starting) = oneshot::channel();
    let board = desk.board();
    let listener = Arc::new(Starting { board: Arc::clone(&board), started: Mutex::new(Some(started)) });
    let work = tokio::spawn(async move { app.run(order, listener).await.map(drop) });
    match starting.await {
        Ok(run) => {
            tokio::spawn(async move {
                match work.await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(run, %error, "a run failed"),
                    Err(error) => {
                        tracing::error!(run, %error, "a run broke off");
                        board.broke_off(run);
                    }
                }
            });
            Ok(RunStarted { run })
        }
        // It ended before it began: the answer says why.
        Err(_) => {
            match work.await {
                Ok(Err(error)) => Err(error),
                _ => Err(ApiError::new("unexpected", "the run broke off before it began")
                    .hint("The log says more.")),
            }
        }
    }
}

/// Passes events on, and tells once that the run has begun.
struct Starting {
    board: Arc<Board>,
    started: Mutex<Option<oneshot::Sender<i64>>>,
}

impl Listener for Starting {
    fn event(&self, event: &RunEvent) {
        self.board.event(event);
        if let RunEvent::Started { run, .. } = event
            && let Some(started) = self.started.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            // Nobody waits any more where the window was closed meanwhile.
            let _ = started.send(*run);
        }
    }
}

/// Asks the run or plan of a connection to stop after the ticket being dealt with.
pub async fn cancel_run(desk: &Desk, of: OfConnection) -> Result<CancelAsked, ApiError> {
    Ok(CancelAsked { asked: desk.app().await?.cancel(of.connection) })
}
