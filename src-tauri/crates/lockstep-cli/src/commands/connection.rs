//! `lockstep connection …`

use lockstep_app::connections::{self, ConnectionView, NextStep, ProblemView};
use lockstep_app::{ApiError, App, moments};
use serde_json::json;

use crate::args::{ConnectionCommand, Switch};
use crate::exit::Exit;
use crate::output::Output;

/// Carries out one of them.
pub async fn connection(app: &App, command: ConnectionCommand, output: Output) -> Result<Exit, ApiError> {
    match command {
        ConnectionCommand::List => list(app, output).await,
        ConnectionCommand::Check { name } => check(app, &name, output).await,
        ConnectionCommand::Automatic { name, switch } => {
            automatic(app, &name, switch == Switch::On, output).await
        }
        ConnectionCommand::Remove { name, yes } => remove(app, &name, yes, output).await,
    }
}

async fn list(app: &App, output: Output) -> Result<Exit, ApiError> {
    let connections = connections::list(app).await?;
    if output.json {
        output.document(&connections);
        return Ok(Exit::Success);
    }
    if connections.is_empty() {
        output.say(
            "No connections yet. `lockstep config import FILE` makes them; docs/example.toml shows one.",
        );
        return Ok(Exit::Success);
    }
    for connection in &connections {
        tell(connection, output);
    }
    Ok(Exit::Success)
}

fn tell(connection: &ConnectionView, output: Output) {
    output.say(format!("{}  [{}]", connection.name, connection.state_label));
    output.say(format!(
        "  {} → {}, {} linked",
        connection.source,
        connection.target,
        moments::count(connection.links.into())
    ));
    if !connection.reason.is_empty() {
        output.say(format!("  {}", connection.reason));
    }
    let automatic = if connection.automatic {
        format!("on, every {}", moments::duration(i64::from(connection.interval_seconds) * 1000))
    } else {
        "off".to_owned()
    };
    output.say(format!("  automatic runs: {automatic}"));
    let waiting = [
        (connection.conflicts, "conflicts"),
        (connection.quarantined, "in quarantine"),
        (connection.pending, "waiting"),
    ];
    let told: Vec<String> = waiting
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if !told.is_empty() {
        output.say(format!("  {}", told.join(", ")));
    }
    if let Some(command) = next(connection) {
        output.say(format!("  next: {command}"));
    }
}

/// The command that does what comes next.
fn next(connection: &ConnectionView) -> Option<String> {
    let name = &connection.name;
    Some(match &connection.next {
        NextStep::SignIn { account: Some(account) } => format!("lockstep account sign-in {account:?}"),
        NextStep::SignIn { account: None } => "lockstep account sign-in".to_owned(),
        NextStep::SeeWhy => format!("lockstep runs --connection {name:?}"),
        NextStep::Decide => format!("lockstep conflicts --connection {name:?}"),
        NextStep::AddType => "lockstep config import FILE".to_owned(),
        NextStep::MendMapping => format!("lockstep connection check {name:?}"),
        NextStep::PreviewFirstRun => format!("lockstep plan {name:?} --since all"),
        NextStep::Run => format!("lockstep connection automatic {name:?} on"),
        NextStep::Nothing => return None,
    })
}

async fn check(app: &App, name: &str, output: Output) -> Result<Exit, ApiError> {
    let problems = connections::check(app, name).await?;
    let errors = problems.iter().filter(|problem| problem.level == "error").count();
    if output.json {
        output.document(&problems);
    }
    for problem in &problems {
        tell_problem(problem, output);
    }
    let count = |level: &str| problems.iter().filter(|problem| problem.level == level).count();
    output.say(format!("{} errors, {} warnings, {} notes.", errors, count("warning"), count("note")));
    Ok(if errors == 0 { Exit::Success } else { Exit::Usage })
}

fn tell_problem(problem: &ProblemView, output: Output) {
    output.say(format!("{}: {}: {}", problem.level, problem.place, problem.message));
    output.say(format!("    {}", problem.fix));
}

async fn automatic(app: &App, name: &str, on: bool, output: Output) -> Result<Exit, ApiError> {
    let connection = connections::set_automatic(app, name, on).await?;
    if output.json {
        output.document(&connection);
    }
    if on {
        let every = moments::duration(i64::from(connection.interval_seconds) * 1000);
        output.say(format!(
            "{name} runs by itself every {every} while `lockstep watch` or the window is open."
        ));
    } else {
        output.say(format!("{name} no longer runs by itself. Changes keep waiting, nothing is lost."));
    }
    Ok(Exit::Success)
}

async fn remove(app: &App, name: &str, yes: bool, output: Output) -> Result<Exit, ApiError> {
    if !yes {
        let view = connections::show(app, name).await?;
        let message = format!("{name:?} keeps {} pairs of tickets in step, and would stop", view.links);
        return Err(ApiError::new("invalid", message)
            .hint("`lockstep config export` keeps its configuration; add --yes to remove it."));
    }
    connections::remove(app, name).await?;
    if output.json {
        output.document(&json!({ "removed": name }));
    }
    output.say(format!("Removed {name}. The tickets stay as they are, and their links stay known."));
    Ok(Exit::Success)
}
