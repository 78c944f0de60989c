//! `lockstep mapping …`: what the window's editors can do without changing a mapping, and the way back to an earlier version.

use lockstep_app::editor::{self, Named, TrialState, Verdict};
use lockstep_app::history::utc;
use lockstep_app::{ApiError, App, moments};

use crate::args::{MappingCommand, OfType};
use crate::exit::Exit;
use crate::output::Output;

/// Carries out one of them.
pub async fn mapping(app: &App, command: MappingCommand, output: Output) -> Result<Exit, ApiError> {
    match command {
        MappingCommand::Versions { connection } => versions(app, &connection, output).await?,
        MappingCommand::Restore { connection, revision } => {
            restore(app, &connection, revision, output).await?
        }
        MappingCommand::Suggest(of) => suggest(app, &of, output).await?,
        MappingCommand::Count(of) => count(app, &of, output).await?,
        MappingCommand::Try { of, ticket } => attempt(app, &of, &ticket, output).await?,
        MappingCommand::Describe { of, ticket } => describe(app, &of, &ticket, output).await?,
        MappingCommand::Templates { of, ticket } => templates(app, &of, ticket.as_deref(), output).await?,
    }
    Ok(Exit::Success)
}

async fn open(app: &App, of: &OfType) -> Result<Named, ApiError> {
    editor::named(app, &of.connection, of.type_mapping.as_deref()).await
}

async fn versions(app: &App, connection: &str, output: Output) -> Result<(), ApiError> {
    let id = app.connection(connection).await?.0.id.0;
    let versions = editor::versions(app, id).await?;
    if output.json {
        output.document(&versions);
    }
    for version in versions {
        let live = if version.live { "  in use" } else { "" };
        output.say(format!("{:>4}  {}{live}", version.revision, utc(version.saved_ms)));
    }
    Ok(())
}

async fn restore(app: &App, connection: &str, version: i64, output: Output) -> Result<(), ApiError> {
    let (present, _) = app.connection(connection).await?;
    let document = editor::version(app, present.id.0, version).await?;
    let saved = editor::save(app, present.id.0, document, present.revision.0).await?;
    if output.json {
        output.document(&saved);
    }
    if !saved.live {
        return Err(ApiError::new(
            "invalid",
            format!("version {version} has {} errors now, so it is kept as a draft", saved.errors),
        )
        .hint("Mend it in the window's mapping editor; `lockstep connection check` lists them."));
    }
    output.say(format!("Version {version} is in use again, as version {}.", saved.picture.revision));
    Ok(())
}

async fn suggest(app: &App, of: &OfType, output: Output) -> Result<(), ApiError> {
    let opened = open(app, of).await?;
    let suggested = editor::suggest(app, opened.connection, &opened.mapping).await?;
    if output.json {
        output.document(&suggested);
    }
    if suggested.is_empty() {
        output.say("No two fields that are not mapped sound alike.");
    }
    for row in suggested {
        output.say(format!("{}  {}  {}", row.mapping.key(), row.mapping.direction, row.reason));
    }
    Ok(())
}

async fn count(app: &App, of: &OfType, output: Output) -> Result<(), ApiError> {
    let opened = open(app, of).await?;
    let counted = editor::count(app, opened.connection, &opened.mapping).await?;
    if output.json {
        output.document(&counted);
    }
    for (side, fields) in [("source", &counted.counts.source), ("target", &counted.counts.target)] {
        for (field, values) in fields {
            output.say(format!("{side} {field}"));
            for (value, tickets) in values {
                output.say(format!("  {value:<24} {}", moments::count(*tickets)));
            }
        }
    }
    Ok(())
}

async fn attempt(app: &App, of: &OfType, ticket: &str, output: Output) -> Result<(), ApiError> {
    let opened = open(app, of).await?;
    opened.pick(app, ticket).await?;
    let trial = editor::trial(app, opened.connection, &opened.mapping).await?;
    if output.json {
        output.document(&trial);
    }
    let partner = trial.partner.as_deref().unwrap_or("no counterpart yet");
    output.say(format!("{}  {}  ({partner})", trial.key, trial.title));
    let rows: Vec<Vec<String>> = trial
        .rows
        .iter()
        .map(|row| {
            let after = row.after.clone().unwrap_or_default();
            vec![row.label.clone(), row.before.clone(), after, word(row.state).to_owned(), row.reason.clone()]
        })
        .collect();
    output.table(&["Field", "Now", "Would be", "", "Reason"], &rows);
    for notice in &trial.notices {
        output.say(format!("  {}", notice.message));
    }
    output.say(trial.sentence);
    Ok(())
}

fn word(state: TrialState) -> &'static str {
    match state {
        TrialState::Changes => "changes",
        TrialState::Same => "same",
        TrialState::Stays => "stays",
        TrialState::Undecided => "undecided",
    }
}

async fn describe(app: &App, of: &OfType, ticket: &str, output: Output) -> Result<(), ApiError> {
    let opened = open(app, of).await?;
    let row = opened.description()?;
    opened.pick(app, ticket).await?;
    let preview = editor::description(app, opened.connection, &opened.mapping, row).await?;
    if output.json {
        output.document(&preview);
    }
    for line in preview.exact.lines() {
        output.say(line);
    }
    let limit =
        preview.chars_max.map(|max| format!(" of {}", moments::count(max.into()))).unwrap_or_default();
    output.note(format!("{}{limit} characters. {}", moments::count(preview.chars.into()), preview.flattened));
    Ok(())
}

async fn templates(app: &App, of: &OfType, ticket: Option<&str>, output: Output) -> Result<(), ApiError> {
    let opened = open(app, of).await?;
    let catches = opened.catches(app, ticket).await?;
    if output.json {
        output.document(&catches);
    }
    if ticket.is_some() {
        for judged in &catches.tickets {
            for (template, verdict) in catches.counts.iter().zip(&judged.verdicts) {
                let answer = match verdict {
                    Verdict::Caught => "caught here".to_owned(),
                    Verdict::NotCaught { why } => format!("not caught: {why}"),
                    Verdict::NotReached => "not reached".to_owned(),
                };
                output.say(format!("{}: {answer}", template.template));
            }
        }
        return Ok(());
    }
    for template in &catches.counts {
        output.say(format!("{:>5}  {}", template.tickets, template.template));
    }
    output.say(format!("{:>5}  no template", catches.uncaught));
    Ok(())
}
