//! `lockstep run`: brings both sides in step, once.

use lockstep_app::events::RunResult;
use lockstep_app::history;
use lockstep_app::places::RunKind;
use lockstep_app::syncing::RunOrder;
use lockstep_app::{ApiError, App, moments};
use serde_json::json;

use super::runs::tell_ticket;
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::output::Output;
use crate::progress::{self, Progress};

/// Failed tickets shown at the end.
const FAILED_SHOWN_MAX: u32 = 20;

/// Runs a connection, or applies a plan.
pub async fn run(app: &App, args: RunArgs, output: Output) -> Result<Exit, ApiError> {
    let since_ms = args.since.as_deref().map(|since| moments::since_ms(since, app.now_ms())).transpose()?;
    let (connection, _) = app.connection(&args.connection).await?;
    let order = RunOrder {
        connection: args.connection.clone(),
        kind: RunKind::Manual,
        // The plan's own start was chosen when it was made.
        since_ms: since_ms.or(args.plan.map(|_| 0)),
        confirmed: args.yes,
        take_over: args.take_over,
        plan: args.plan,
        trigger: "run on the command line".to_owned(),
    };
    let progress = Progress::new(output);
    let watcher = progress::cancel_when_asked(app, connection.id.0, output);
    let ran = app.run(order, progress.clone()).await;
    progress.end();
    watcher.abort();
    let report = ran?;
    if output.json {
        output.json_line(&json!({ "event": "report", "report": report }));
    } else if let Some(run) = report.run {
        tell(app, run, output).await?;
    }
    Ok(exit_of(report.result))
}

async fn tell(app: &App, run: i64, output: Output) -> Result<(), ApiError> {
    let detail = history::run(app, run, Some("failed"), 0, FAILED_SHOWN_MAX).await?;
    let view = &detail.run;
    let took = view
        .ended_ms
        .map(|ended| format!(" in {}", moments::duration(ended - view.started_ms)))
        .unwrap_or_default();
    output.say(format!("Run {run} of {}: {}{took}.", view.connection, history::summary(view)));
    for ticket in &detail.tickets {
        tell_ticket(ticket, output);
    }
    if detail.next.is_some() {
        output.say(format!("… more: lockstep runs {run} --only failed --limit 1000"));
    }
    if view.counts.conflicts > 0 {
        output.say(format!(
            "{} fields were changed on both sides: lockstep conflicts",
            moments::count(view.counts.conflicts)
        ));
    }
    Ok(())
}

/// How a run's result ends the program.
pub fn exit_of(result: RunResult) -> Exit {
    match result {
        RunResult::Success | RunResult::NothingToDo => Exit::Success,
        RunResult::Partial | RunResult::Failed => Exit::Tickets,
        RunResult::Cancelled => Exit::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_end_with_their_codes() {
        for (result, code) in [
            (RunResult::Success, 0),
            (RunResult::NothingToDo, 0),
            (RunResult::Partial, 6),
            (RunResult::Failed, 6),
            (RunResult::Cancelled, 130),
        ] {
            assert_eq!(exit_of(result).code(), code);
        }
    }
}
