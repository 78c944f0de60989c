//! The history of runs, and the tickets of one.

use lockstep_core::side::Side;
use lockstep_store::RunId;
use lockstep_store::tables::{outcomes, runs};

use super::connections::{name_of, side};
use super::{Desk, MoreTickets, OfRun, RunFilter};
use crate::api_error::ApiError;
use crate::app::App;
use crate::events::RunResult;
use crate::history::{self, RunView};
use crate::views::{OutcomeCount, OutcomeWord, RunPage, RunPicture, TicketPage, TicketPlace};

/// Runs of one answer.
const RUNS_SHOWN: usize = 50;
/// Runs read at once while a filter is applied.
const RUNS_READ: u32 = 200;
/// Tickets of one answer.
const TICKETS_SHOWN: u32 = 200;

/// A page of the history: newest first, of a connection, a result and a time if wanted.
pub async fn list_runs(desk: &Desk, filter: RunFilter) -> Result<RunPage, ApiError> {
    let app = desk.app().await?;
    let name = match filter.connection {
        Some(id) => Some(name_of(&app, id).await?),
        None => None,
    };
    let mut runs: Vec<RunView> = Vec::new();
    let mut before = filter.before;
    loop {
        let page = history::list(&app, name.as_deref(), before, RUNS_READ).await?;
        let Some(last) = page.last() else { return Ok(RunPage { runs, before: None }) };
        before = Some(last.id);
        for run in page {
            if filter.since_ms.is_some_and(|since_ms| run.started_ms < since_ms) {
                return Ok(RunPage { runs, before: None });
            }
            if runs.len() == RUNS_SHOWN {
                let before = runs.last().map(|run| run.id);
                return Ok(RunPage { runs, before });
            }
            if filter.result.is_none_or(|wanted| run.result.as_deref() == Some(word(wanted))) {
                runs.push(run);
            }
        }
    }
}

fn word(result: RunResult) -> &'static str {
    match result {
        RunResult::Success => "success",
        RunResult::Partial => "partial",
        RunResult::Failed => "failed",
        RunResult::NothingToDo => "nothing_to_do",
        RunResult::Cancelled => "cancelled",
    }
}

/// One run, its counts by outcome, and the first page of its tickets.
pub async fn run_detail(desk: &Desk, of: OfRun) -> Result<RunPicture, ApiError> {
    let app = desk.app().await?;
    let id = RunId(of.run);
    let (row, counts) =
        app.store().read(move |conn| Ok((runs::get(conn, id)?, outcomes::counts(conn, id)?))).await?;
    let row = row.ok_or_else(|| ApiError::new("not_found", format!("there is no run {}", of.run)))?;
    let (connection, document) = app.connection_by_id(row.connection.0).await?;
    let first = TicketPlace { failed: true, ordinal: 0 };
    Ok(RunPicture {
        source_side: side(&app, &document, Side::Source).await?,
        target_side: side(&app, &document, Side::Target).await?,
        outcomes: counts.into_iter().map(|(outcome, tickets)| OutcomeCount { outcome, tickets }).collect(),
        tickets: page(&app, of.run, of.outcome, first).await?,
        run: history::view(&row, &connection.name),
    })
}

/// A further page of tickets.
pub async fn run_tickets(desk: &Desk, more: MoreTickets) -> Result<TicketPage, ApiError> {
    page(&desk.app().await?, more.run, more.outcome, more.from).await
}

/// The failed first, then the others in the order of the run; or one outcome alone.
async fn page(
    app: &App,
    run: i64,
    outcome: Option<OutcomeWord>,
    from: TicketPlace,
) -> Result<TicketPage, ApiError> {
    let place = |failed: bool, next: Option<u32>| next.map(|ordinal| TicketPlace { failed, ordinal });
    if let Some(outcome) = outcome {
        let page = history::run(app, run, Some(outcome.word()), from.ordinal, TICKETS_SHOWN).await?;
        return Ok(TicketPage { tickets: page.tickets, next: place(false, page.next) });
    }
    let mut tickets = Vec::new();
    let mut others_from = from.ordinal;
    if from.failed {
        let failed =
            history::run(app, run, Some(OutcomeWord::Failed.word()), from.ordinal, TICKETS_SHOWN).await?;
        tickets = failed.tickets;
        if failed.next.is_some() {
            return Ok(TicketPage { tickets, next: place(true, failed.next) });
        }
        others_from = 0;
    }
    let others = history::run(app, run, None, others_from, TICKETS_SHOWN).await?;
    tickets.extend(others.tickets.into_iter().filter(|ticket| ticket.outcome != OutcomeWord::Failed.word()));
    Ok(TicketPage { tickets, next: place(false, others.next) })
}
