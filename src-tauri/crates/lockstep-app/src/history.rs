//! Runs that were: the list, and each ticket by ticket.

use lockstep_core::mapping::transform::shown_time;
use lockstep_core::side::Side;
use lockstep_core::sync::Outcome;
use lockstep_core::sync::operation::Notice;
use lockstep_store::RunId;
use lockstep_store::tables::connections;
use lockstep_store::tables::outcomes::{self, OutcomeRow};
use lockstep_store::tables::runs::{self, Run, RunResult};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::App;
use crate::events::Counts;
use crate::look;
use crate::moments;
use crate::run::outcome::Detail;

/// A run as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RunView {
    #[ts(type = "number")]
    pub id: i64,
    pub connection: String,
    /// `manual`, `automatic`.
    pub kind: String,
    pub trigger: String,
    /// `planning`, `planned`, `applying`, `done`.
    pub state: String,
    /// `success`, `partial`, `failed`, `nothing_to_do`, `cancelled`; none while it works, or after a crash.
    pub result: Option<String>,
    /// `Success`, `Partial`, …, `At work`.
    pub label: String,
    #[ts(type = "number")]
    pub started_ms: i64,
    #[ts(type = "number | null")]
    pub ended_ms: Option<i64>,
    pub counts: Counts,
    #[ts(type = "number")]
    pub calls: u64,
    /// Why the whole run ended early.
    pub error: Option<ApiError>,
}

/// A run with its tickets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct RunDetail {
    pub run: RunView,
    pub tickets: Vec<TicketView>,
    /// The first row of the next page; none after the last one.
    pub next: Option<u32>,
}

/// How one ticket of a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TicketView {
    #[ts(type = "number")]
    pub run: i64,
    pub ordinal: u32,
    pub source: Option<String>,
    pub target: Option<String>,
    pub title: String,
    /// `created`, `updated`, `closed`, `failed`, `skipped`.
    pub outcome: String,
    pub label: String,
    pub changes: Vec<ChangeView>,
    /// What was done, in words.
    pub done: Vec<String>,
    pub troubles: Vec<TroubleView>,
    /// What a person should know.
    pub notices: Vec<NoticeView>,
    /// Why it waits.
    pub waits: Option<String>,
}

/// One field's change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ChangeView {
    /// Where it is written: `source`, `target`.
    pub side: String,
    pub field: String,
    pub before: String,
    pub after: String,
    pub reason: String,
}

/// What went wrong with a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TroubleView {
    pub doing: String,
    pub message: String,
    pub cause: Option<String>,
    pub remedy: Option<String>,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct NoticeView {
    pub message: String,
    pub remedy: Option<String>,
    /// The ticket is not in step before a person acts.
    pub needs_person: bool,
}

impl NoticeView {
    /// As people read it.
    pub fn of(notice: &Notice) -> NoticeView {
        NoticeView {
            message: notice.message.clone(),
            remedy: notice.remedy.clone(),
            needs_person: notice.kind.needs_person(),
        }
    }
}

/// Newest runs first, of one connection or of all; `before` is the last run of the page before.
pub async fn list(
    app: &App,
    connection: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<RunView>, ApiError> {
    let of = match connection {
        Some(name) => Some(app.connection(name).await?.0.id),
        None => None,
    };
    let (runs, names) = app
        .store()
        .read(move |conn| {
            let runs = runs::list(conn, of, before.map(RunId), limit)?;
            let mut names = std::collections::BTreeMap::new();
            for run in &runs {
                if let std::collections::btree_map::Entry::Vacant(free) = names.entry(run.connection) {
                    let found = connections::get(conn, run.connection)?;
                    free.insert(found.map(|found| found.name).unwrap_or_default());
                }
            }
            Ok((runs, names))
        })
        .await?;
    Ok(runs.iter().map(|run| view(run, &names[&run.connection])).collect())
}

/// One run with the tickets from row `from` on, of one outcome or of all.
pub async fn run(
    app: &App,
    id: i64,
    only: Option<&str>,
    from: u32,
    limit: u32,
) -> Result<RunDetail, ApiError> {
    let only = only.map(outcome_of).transpose()?;
    let wanted = limit.saturating_add(1);
    let (run, name, mut rows) = app
        .store()
        .read(move |conn| {
            let run = runs::get(conn, RunId(id))?;
            let name = match &run {
                Some(run) => {
                    connections::get(conn, run.connection)?.map(|found| found.name).unwrap_or_default()
                }
                None => String::new(),
            };
            Ok((run, name, outcomes::page(conn, RunId(id), only, from, wanted)?))
        })
        .await?;
    let run = run.ok_or_else(|| {
        ApiError::new("not_found", format!("there is no run {id}"))
            .hint("Look at the list of runs.")
            .command("lockstep runs")
    })?;
    let next = (rows.len() > limit as usize).then(|| rows[limit as usize].ordinal);
    rows.truncate(limit as usize);
    let of = run.connection;
    let connection = app.store().read(move |conn| connections::get(conn, of)).await?;
    let names = match &connection {
        Some(connection) => look::names(app, connection).await?,
        None => look::Names::default(),
    };
    let tickets = rows.iter().map(|row| with_names(ticket(row), &names)).collect();
    Ok(RunDetail { run: view(&run, &name), tickets, next })
}

/// People by their names, as far as they are known.
pub(crate) fn with_names(mut ticket: TicketView, names: &look::Names) -> TicketView {
    for change in &mut ticket.changes {
        let side = if change.side == "source" { Side::Source } else { Side::Target };
        change.before = look::named(names, side, std::mem::take(&mut change.before));
        change.after = look::named(names, side, std::mem::take(&mut change.after));
    }
    ticket
}

fn outcome_of(word: &str) -> Result<Outcome, ApiError> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(|_| {
        ApiError::new("invalid", format!("{word:?} is no outcome"))
            .hint("created, updated, closed, failed or skipped")
    })
}

/// A run's row in words.
pub(crate) fn view(run: &Run, connection: &str) -> RunView {
    let error = run.summary.get("error").map(|error| {
        serde_json::from_value(error.clone()).unwrap_or_else(|_| {
            ApiError::new("interrupted", error.as_str().unwrap_or("it ended early").to_owned())
        })
    });
    RunView {
        id: run.id.0,
        connection: connection.to_owned(),
        kind: run.kind.word().to_owned(),
        trigger: run.trigger.clone(),
        state: run.state.word().to_owned(),
        result: run.result.map(|result| result.word().to_owned()),
        label: label(run.result).to_owned(),
        started_ms: run.started_ms,
        ended_ms: run.ended_ms,
        counts: serde_json::from_value(run.counts.clone()).unwrap_or_default(),
        calls: run.calls.get("total").and_then(serde_json::Value::as_u64).unwrap_or_default(),
        error,
    }
}

fn label(result: Option<RunResult>) -> &'static str {
    match result {
        Some(RunResult::Success) => "Success",
        Some(RunResult::Partial) => "Partial",
        Some(RunResult::Failed) => "Failed",
        Some(RunResult::NothingToDo) => "Nothing to do",
        Some(RunResult::Cancelled) => "Cancelled",
        None => "At work",
    }
}

/// `Success, 3 updated, 1 closed`.
pub fn summary(run: &RunView) -> String {
    let counts = &run.counts;
    let parts = [
        (counts.created, "created"),
        (counts.updated, "updated"),
        (counts.closed, "closed"),
        (counts.failed, "failed"),
        (counts.linked, "linked"),
        (counts.comments, if counts.comments == 1 { "comment" } else { "comments" }),
        (counts.files, if counts.files == 1 { "file" } else { "files" }),
    ];
    let told = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", moments::count(*count)));
    std::iter::once(run.label.clone()).chain(told).collect::<Vec<_>>().join(", ")
}

/// A ticket's row in words.
pub(crate) fn ticket(row: &OutcomeRow) -> TicketView {
    let detail: Detail = serde_json::from_value(row.detail.clone()).unwrap_or_default();
    let word = serde_json::to_value(row.outcome).ok().and_then(|value| value.as_str().map(str::to_owned));
    TicketView {
        run: row.run.0,
        ordinal: row.ordinal,
        source: row.keys[Side::Source].clone(),
        target: row.keys[Side::Target].clone(),
        title: row.title.clone(),
        outcome: word.unwrap_or_default(),
        label: row.outcome.label().to_owned(),
        changes: detail
            .changes
            .into_iter()
            .map(|change| ChangeView {
                side: change.side.to_string(),
                field: change.label,
                before: change.before,
                after: change.after,
                reason: change.reason,
            })
            .collect(),
        done: detail.done,
        troubles: detail
            .troubles
            .into_iter()
            .map(|trouble| TroubleView {
                doing: trouble.doing,
                message: trouble.message,
                cause: trouble.cause,
                remedy: trouble.remedy,
            })
            .collect(),
        notices: detail
            .notices
            .into_iter()
            .map(|notice| NoticeView {
                needs_person: notice.kind.needs_person(),
                message: notice.message,
                remedy: notice.remedy,
            })
            .collect(),
        waits: detail.waits,
    }
}

/// A time in UTC, as notes and logs spell it.
pub fn utc(ms: i64) -> String {
    shown_time(ms)
}
