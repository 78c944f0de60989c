//! Plans and runs that the window asks for.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use lockstep_core::sync::guard::{Reason, Tally};
use lockstep_store::tables::runs::RunKind;
use serde::Deserialize;
use tokio::sync::oneshot;
use ts_rs::TS;

use super::connections::name_of;
use super::plans::{self, PlanDetail};
use super::progress::{Board, Planning};
use super::{CancelAsked, Desk, OfConnection, PlanOrder, RunStarted, SyncOrder};
use crate::api_error::ApiError;
use crate::events::{Listener, RunEvent};
use crate::retrying;
use crate::syncing::RunOrder;
use crate::views::{ReasonView, TallyView};

/// What set such a run off, in the history.
pub const TRIGGER: &str = "Run sync in the window";

/// Plans, and answers with the plan as its page shows it.
pub async fn plan_sync(desk: &Desk, order: PlanOrder) -> Result<PlanDetail, ApiError> {
    let app = desk.app().await?;
    let name = name_of(&app, order.connection).await?;
    let planning = Arc::new(Planning::begin(desk.board(), order.connection, &name, order.since_ms));
    let made = app.plan(&name, order.since_ms, Arc::clone(&planning) as Arc<dyn Listener>).await;
    planning.end(made.is_ok());
    plans::detail(&app, made?.plan).await
}

/// Failed tickets of a run.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RetryOrder {
    #[ts(type = "number")]
    pub run: i64,
    /// By their numbers in the run; `null`: all that failed.
    pub tickets: Option<BTreeSet<u32>>,
}

/// Plans failed tickets of a run anew, and nothing else; writes nothing.
pub async fn retry_tickets(desk: &Desk, order: RetryOrder) -> Result<PlanDetail, ApiError> {
    let app = desk.app().await?;
    let connection = retrying::connection_of(&app, order.run).await?;
    let planning = Arc::new(Planning::begin(desk.board(), connection.id.0, &connection.name, None));
    let listener = Arc::clone(&planning) as Arc<dyn Listener>;
    let made = retrying::retry(&app, order.run, order.tickets, listener).await;
    planning.end(made.is_ok());
    desk.board().lists_changed();
    plans::detail(&app, made?).await
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
