//! `lockstep plan`: what a run would write, and why.

use lockstep_app::history::ChangeView;
use lockstep_app::planned::{self, OperationView, PlanRowView, PlanView};
use lockstep_app::{ApiError, App, moments};
use serde_json::json;

use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::output::{Output, clean, short};
use crate::progress::{self, Progress};

/// Rows read at once.
const PAGE_ROWS: u32 = 200;
/// Longest value shown on one line.
const VALUE_CHARS_MAX: usize = 60;

/// Makes a plan, keeps it, and shows it.
pub async fn plan(app: &App, args: PlanArgs, output: Output) -> Result<Exit, ApiError> {
    let since_ms = args.since.as_deref().map(|since| moments::since_ms(since, app.now_ms())).transpose()?;
    let (connection, _) = app.connection(&args.connection).await?;
    let progress = Progress::new(Output { json: false });
    let watcher = progress::cancel_when_asked(app, connection.id.0, output);
    let made = app.plan(&args.connection, since_ms, progress.clone()).await;
    progress.end();
    watcher.abort();
    let made = made?;
    let view = planned::show(app, made.plan).await?;
    if output.json {
        json_document(app, &view, made.calls, output).await?;
    } else {
        tell(app, &view, output).await?;
    }
    Ok(match (view.cancelled, view.reasons.is_empty() || view.tally.is_quiet()) {
        (true, _) => Exit::Cancelled,
        (false, true) => Exit::Success,
        (false, false) => Exit::Guard,
    })
}

async fn json_document(app: &App, view: &PlanView, calls: u64, output: Output) -> Result<(), ApiError> {
    let mut rows: Vec<PlanRowView> = Vec::new();
    while let Some(page) = page(app, view.id, rows.last()).await? {
        rows.extend(page);
    }
    output.document(&json!({ "plan": view, "rows": rows, "calls": calls }));
    Ok(())
}

async fn page(
    app: &App,
    plan: i64,
    last: Option<&PlanRowView>,
) -> Result<Option<Vec<PlanRowView>>, ApiError> {
    let from = last.map_or(0, |row| row.ordinal + 1);
    let rows = planned::rows(app, plan, from, PAGE_ROWS).await?;
    Ok((!rows.is_empty()).then_some(rows))
}

async fn tell(app: &App, view: &PlanView, output: Output) -> Result<(), ApiError> {
    let tally = &view.tally;
    let parts = [
        (tally.creates, "to create"),
        (tally.updates, "to update"),
        (tally.closes, "to close"),
        (tally.links, "to link"),
        (tally.comments, "comments"),
        (tally.files, "files"),
        (tally.skips, "left as they are"),
        (tally.conflicts, "conflicts"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", moments::count(*count)))
        .collect();
    output.say(format!(
        "Plan {} of {}: {} tickets read.",
        view.id,
        view.connection,
        moments::count(view.counts.read)
    ));
    output.say(if told.is_empty() {
        "Both sides agree. Nothing to write.".to_owned()
    } else {
        told.join(", ") + "."
    });
    if tally.customer_sees > 0 {
        output.say(format!("{} writes will be seen by a customer.", moments::count(tally.customer_sees)));
    }
    let mut last: Option<PlanRowView> = None;
    while let Some(rows) = page(app, view.id, last.as_ref()).await? {
        for row in rows
            .iter()
            .filter(|row| !row.operations.is_empty() || !row.notices.is_empty() || !row.conflicts.is_empty())
        {
            tell_row(row, output);
        }
        last = rows.into_iter().next_back();
    }
    for reason in &view.reasons {
        output.say(format!("Stops: {}.", reason.sentence));
    }
    if view.cancelled {
        output.say("Cancelled: this is what was read until then.");
    } else if !tally.is_quiet() {
        let yes = if view.reasons.is_empty() { "" } else { " (it counts as your order to go on)" };
        output.say(format!(
            "\nNothing was written. `lockstep run {:?} --plan {}` applies exactly this, within a day{yes}.",
            view.connection, view.id
        ));
    }
    Ok(())
}

fn tell_row(row: &PlanRowView, output: Output) {
    let keys = match (&row.source, &row.target) {
        (Some(source), Some(target)) => format!("{source} → {target}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    };
    output.say(format!("\n{}  {keys}  {}", row.label, clean(&row.title)));
    for operation in &row.operations {
        tell_operation(operation, output);
    }
    for field in &row.conflicts {
        output.say(format!("  conflict: {field} changed on both sides; decide it with `lockstep conflicts`"));
    }
    for notice in &row.notices {
        let remedy = notice.remedy.as_ref().map(|remedy| format!(" {remedy}")).unwrap_or_default();
        output.say(format!(
            "  {}: {}.{remedy}",
            if notice.needs_person { "needs you" } else { "note" },
            notice.message.trim_end_matches('.')
        ));
    }
}

fn tell_operation(operation: &OperationView, output: Output) {
    let seen = if operation.customer_sees { "  (customer will see this)" } else { "" };
    output.say(format!("  {} in the {}: {}{seen}", operation.what, operation.side, operation.reason));
    for change in &operation.changes {
        output.say(format!("    {}", change_line(change)));
    }
}

/// `State: New → In Progress`.
pub fn change_line(change: &ChangeView) -> String {
    let shown =
        |text: &str| if text.is_empty() { "empty".to_owned() } else { short(&clean(text), VALUE_CHARS_MAX) };
    format!("{}: {} → {}", clean(&change.field), shown(&change.before), shown(&change.after))
}
