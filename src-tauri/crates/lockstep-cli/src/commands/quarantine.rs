//! `lockstep quarantine`: what cannot succeed yet, by cause, and trying it again.

use lockstep_app::quarantine;
use lockstep_app::{ApiError, App, moments};
use serde_json::json;

use crate::args::{QuarantineArgs, QuarantineCommand};
use crate::exit::Exit;
use crate::output::Output;

/// Lists or retries.
pub async fn quarantine(app: &App, args: QuarantineArgs, output: Output) -> Result<Exit, ApiError> {
    match args.command {
        None => list(app, args.connection.as_deref(), output).await,
        Some(QuarantineCommand::List { connection }) => list(app, connection.as_deref(), output).await,
        Some(QuarantineCommand::Retry { id: Some(id), .. }) => {
            let ticket = quarantine::retry(app, id).await?;
            if output.json {
                output.document(&json!({ "retried": 1, "ticket": ticket }));
            }
            output.say(format!("The next run of {} tries {} again.", ticket.connection, ticket.ticket));
            Ok(Exit::Success)
        }
        Some(QuarantineCommand::Retry { id: None, connection, .. }) => {
            let count = quarantine::retry_all(app, connection.as_deref()).await?;
            if output.json {
                output.document(&json!({ "retried": count }));
            }
            output.say(format!("The next runs try {count} tickets again."));
            Ok(Exit::Success)
        }
    }
}

async fn list(app: &App, connection: Option<&str>, output: Output) -> Result<Exit, ApiError> {
    let groups = quarantine::list(app, connection).await?;
    if output.json {
        output.document(&groups);
        return Ok(Exit::Success);
    }
    if groups.is_empty() {
        output.say("Nothing in quarantine.");
    }
    for group in &groups {
        let count = group.tickets.len();
        output.say(format!("{} ({count} {})", group.message, if count == 1 { "ticket" } else { "tickets" }));
        if let Some(cause) = &group.cause {
            output.say(format!("  Cause: {cause}"));
        }
        if let Some(remedy) = &group.remedy {
            output.say(format!("  Fix: {remedy}"));
        }
        for ticket in &group.tickets {
            let since = moments::moment(ticket.since_ms, app.now_ms());
            output.say(format!(
                "  {:>4}  {}  {}, since {since}, {} tries",
                ticket.id, ticket.ticket, ticket.connection, ticket.tries
            ));
        }
    }
    if !groups.is_empty() {
        output.say("Try again: lockstep quarantine retry NUMBER, or --all");
    }
    Ok(Exit::Success)
}
