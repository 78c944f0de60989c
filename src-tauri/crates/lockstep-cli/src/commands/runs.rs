//! `lockstep runs`: the list, or one run ticket by ticket.

use lockstep_app::history::{self, RunView, TicketView};
use lockstep_app::{ApiError, App, moments};

use super::plan::change_line;
use crate::args::{OutcomeArg, RunsArgs};
use crate::exit::Exit;
use crate::output::{Output, clean};

/// Shows them.
pub async fn runs(app: &App, args: RunsArgs, output: Output) -> Result<Exit, ApiError> {
    match args.run {
        Some(run) => one(app, run, args.only, args.limit, output).await,
        None => list(app, args.connection.as_deref(), args.limit, output).await,
    }
}

async fn list(app: &App, connection: Option<&str>, limit: u32, output: Output) -> Result<Exit, ApiError> {
    let runs = history::list(app, connection, None, limit).await?;
    if output.json {
        output.document(&runs);
        return Ok(Exit::Success);
    }
    if runs.is_empty() {
        output.say("No runs yet.");
        return Ok(Exit::Success);
    }
    let now_ms = app.now_ms();
    let rows: Vec<Vec<String>> = runs.iter().map(|run| row(run, now_ms)).collect();
    let head = [
        "Run",
        "Start",
        "Connection",
        "Status",
        "Created",
        "Updated",
        "Closed",
        "Failed",
        "Took",
        "Started by",
    ];
    output.table(&head, &rows);
    Ok(Exit::Success)
}

fn row(run: &RunView, now_ms: i64) -> Vec<String> {
    let took = run.ended_ms.map(|ended| moments::duration(ended - run.started_ms)).unwrap_or_default();
    vec![
        run.id.to_string(),
        moments::moment(run.started_ms, now_ms),
        run.connection.clone(),
        run.label.clone(),
        moments::count(run.counts.created),
        moments::count(run.counts.updated),
        moments::count(run.counts.closed),
        moments::count(run.counts.failed),
        took,
        run.trigger.clone(),
    ]
}

async fn one(
    app: &App,
    run: i64,
    only: Option<OutcomeArg>,
    limit: u32,
    output: Output,
) -> Result<Exit, ApiError> {
    let only = only.map(|only| match only {
        OutcomeArg::Created => "created",
        OutcomeArg::Updated => "updated",
        OutcomeArg::Closed => "closed",
        OutcomeArg::Failed => "failed",
        OutcomeArg::Skipped => "skipped",
    });
    let detail = history::run(app, run, only, 0, limit).await?;
    if output.json {
        output.document(&detail);
        return Ok(Exit::Success);
    }
    let view = &detail.run;
    let started = moments::moment(view.started_ms, app.now_ms());
    output.say(format!(
        "Run {run} of {}, {started}, {}: {}, {} calls.",
        view.connection,
        view.trigger,
        history::summary(view),
        moments::count(view.calls)
    ));
    if let Some(error) = &view.error {
        output.say(format!("It ended early: {}", error.message));
        if let Some(hint) = &error.hint {
            output.say(format!("  {hint}"));
        }
    }
    for ticket in &detail.tickets {
        tell_ticket(ticket, output);
    }
    if detail.next.is_some() {
        output.say(format!("… more: lockstep runs {run} --limit {}", limit.saturating_mul(10)));
    }
    Ok(Exit::Success)
}

/// One ticket with what happened to it.
pub fn tell_ticket(ticket: &TicketView, output: Output) {
    let keys: Vec<&str> =
        [&ticket.source, &ticket.target].into_iter().flatten().map(String::as_str).collect();
    output.say(format!("{:8} {}  {}", ticket.label, keys.join(" → "), clean(&ticket.title)));
    for change in &ticket.changes {
        output.say(format!("    {}", change_line(change)));
    }
    for trouble in &ticket.troubles {
        output.say(format!("    {} failed: {}", trouble.doing, trouble.message));
        if let Some(cause) = &trouble.cause {
            output.say(format!("      Cause: {cause}"));
        }
        if let Some(remedy) = &trouble.remedy {
            output.say(format!("      Fix: {remedy}"));
        }
    }
    for notice in ticket.notices.iter().filter(|notice| notice.needs_person || ticket.outcome != "skipped") {
        let remedy = notice.remedy.as_ref().map(|remedy| format!(" Fix: {remedy}")).unwrap_or_default();
        output.say(format!("    {}{remedy}", notice.message));
    }
    if let Some(waits) = &ticket.waits {
        output.say(format!("    waits: {waits}"));
    }
}
