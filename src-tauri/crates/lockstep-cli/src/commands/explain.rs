//! `lockstep explain`: the chain of answers, up to the first "no".

use lockstep_app::explain::{self, Answer};
use lockstep_app::{ApiError, App};

use super::runs::tell_ticket;
use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::output::Output;

/// Shows it.
pub async fn explain(app: &App, args: ExplainArgs, output: Output) -> Result<Exit, ApiError> {
    let explanation = explain::explain(app, args.connection.as_deref(), &args.ticket).await?;
    if output.json {
        output.document(&explanation);
        return Ok(Exit::Success);
    }
    output.say(format!("{}  {}", explanation.ticket, explanation.title));
    output.say(&explanation.verdict);
    for step in &explanation.steps {
        let mark = match step.answer {
            Answer::Yes => "yes  ",
            Answer::No => "NO   ",
            Answer::Waits => "wait ",
            Answer::NotReached => "-    ",
        };
        let detail = if step.answer == Answer::NotReached { "not reached" } else { &step.detail };
        output.say(format!("  {mark} {}: {detail}", step.name));
        if let Some(fix) = &step.fix {
            output.say(format!("        {fix}"));
        }
    }
    for ticket in &explanation.last {
        output.say(format!("Run {}:", ticket.run));
        tell_ticket(ticket, output);
    }
    Ok(Exit::Success)
}
