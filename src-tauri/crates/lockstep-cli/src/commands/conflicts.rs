//! `lockstep conflicts`: the three values, and the choice.

use lockstep_app::conflicts::{self, Choice, ConflictView};
use lockstep_app::{ApiError, App, moments};

use crate::args::{ChoiceArg, ConflictsArgs, ConflictsCommand};
use crate::exit::Exit;
use crate::output::{Output, clean, short};

/// Longest value shown.
const VALUE_CHARS_MAX: usize = 200;

/// Lists or decides.
pub async fn conflicts(app: &App, args: ConflictsArgs, output: Output) -> Result<Exit, ApiError> {
    match args.command {
        None => list(app, args.connection.as_deref(), output).await,
        Some(ConflictsCommand::List { connection }) => list(app, connection.as_deref(), output).await,
        Some(ConflictsCommand::Decide { id, choice, shown }) => {
            let choice = match choice {
                ChoiceArg::Source => Choice::Source,
                ChoiceArg::Target => Choice::Target,
                ChoiceArg::Leave => Choice::Leave,
            };
            let conflict = conflicts::decide(app, id, choice, shown.as_deref()).await?;
            if output.json {
                output.document(&conflict);
            }
            tell(app, &conflict, output);
            output.say("The next run writes it.");
            Ok(Exit::Success)
        }
    }
}

async fn list(app: &App, connection: Option<&str>, output: Output) -> Result<Exit, ApiError> {
    let all = conflicts::list(app, connection).await?;
    if output.json {
        output.document(&all);
        return Ok(Exit::Success);
    }
    if all.is_empty() {
        output.say("No conflicts. Fields that flow one way never conflict.");
    }
    for conflict in &all {
        tell(app, conflict, output);
    }
    if all.iter().any(|conflict| conflict.decided.is_none()) {
        output.say("Decide: lockstep conflicts decide NUMBER source|target|leave --shown MARK");
    }
    Ok(Exit::Success)
}

fn tell(app: &App, conflict: &ConflictView, output: Output) {
    let shown =
        |text: &str| if text.is_empty() { "empty".to_owned() } else { short(&clean(text), VALUE_CHARS_MAX) };
    let since = moments::moment(conflict.found_ms, app.now_ms());
    output.say(format!(
        "{}  {} → {}  {}  ({}, found {since}, mark {})",
        conflict.id,
        conflict.source_ticket,
        conflict.target_ticket,
        conflict.field,
        conflict.connection,
        conflict.mark
    ));
    let agreed = if conflict.agreed_source == conflict.agreed_target {
        shown(&conflict.agreed_source)
    } else {
        format!("{} / {}", shown(&conflict.agreed_source), shown(&conflict.agreed_target))
    };
    output.say(format!("    last agreed  {agreed}"));
    output.say(format!("    source       {}", shown(&conflict.source)));
    output.say(format!("    target       {}", shown(&conflict.target)));
    if let Some(decided) = conflict.decided {
        let word = match decided {
            Choice::Source => "the source's value stays",
            Choice::Target => "the target's value stays",
            Choice::Leave => "both stay as they are",
        };
        output.say(format!("    decided: {word}"));
    }
}
