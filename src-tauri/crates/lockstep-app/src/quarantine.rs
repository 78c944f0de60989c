//! Quarantine: tickets that cannot succeed until something is mended, grouped by cause, and their way out.

use lockstep_core::side::Pair;
use lockstep_store::tables::links::{self, StoredLink};
use lockstep_store::tables::pending::{self, NewPending, PendingReason};
use lockstep_store::tables::quarantine::{self, Quarantined};
use lockstep_store::tables::{accounts, audit, connections, journal};
use lockstep_store::{Feed, Tx};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::{App, document_of};
use crate::conflicts::{in_question, wait_for_run};
use crate::run::outcome::Trouble;

/// Tickets shown of one connection at most.
const SHOWN_MAX: u32 = 10_000;
/// Rows of a run's journal that are searched for a ticket's type.
const JOURNAL_ROWS_MAX: u32 = 5_000;

/// Tickets with one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct QuarantineGroup {
    /// What happened, in the platform's own words or ours.
    pub message: String,
    pub cause: Option<String>,
    pub remedy: Option<String>,
    pub tickets: Vec<QuarantineView>,
}

/// One ticket in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct QuarantineView {
    #[ts(type = "number")]
    pub id: i64,
    pub connection: String,
    /// What people call the ticket.
    pub ticket: String,
    /// The side it stands on: `source`, `target`.
    pub side: String,
    /// What was being done.
    pub doing: String,
    #[ts(type = "number")]
    pub since_ms: i64,
    pub tries: u32,
    #[ts(type = "number | null")]
    pub run: Option<i64>,
}

/// All of one connection or of all connections; the cause with the most tickets first.
pub async fn list(app: &App, connection: Option<&str>) -> Result<Vec<QuarantineGroup>, ApiError> {
    let mut groups: Vec<QuarantineGroup> = Vec::new();
    for connection in in_question(app, connection).await? {
        let id = connection.id;
        for row in app.store().read(move |conn| quarantine::list(conn, id, None, SHOWN_MAX)).await? {
            let trouble = first_trouble(&row);
            let view = view(&connection.name, &row, &trouble);
            match groups
                .iter_mut()
                .find(|group| group.message == trouble.message && group.cause == trouble.cause)
            {
                Some(group) => group.tickets.push(view),
                None => groups.push(QuarantineGroup {
                    message: trouble.message,
                    cause: trouble.cause,
                    remedy: trouble.remedy,
                    tickets: vec![view],
                }),
            }
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.tickets.len()));
    Ok(groups)
}

fn first_trouble(row: &Quarantined) -> Trouble {
    let troubles: Vec<Trouble> = serde_json::from_value(row.what.error.clone()).unwrap_or_default();
    troubles.into_iter().next().unwrap_or_else(|| Trouble {
        doing: String::new(),
        message: row
            .what
            .error
            .get("message")
            .and_then(serde_json::Value::as_str)
            .unwrap_or("it failed for good")
            .to_owned(),
        cause: None,
        remedy: None,
        revision: String::new(),
    })
}

fn view(connection: &str, row: &Quarantined, trouble: &Trouble) -> QuarantineView {
    QuarantineView {
        id: row.id.0,
        connection: connection.to_owned(),
        ticket: row.what.key.clone(),
        side: row.what.side.to_string(),
        doing: trouble.doing.clone(),
        since_ms: row.since_ms,
        tries: row.tries,
        run: row.what.run.map(|run| run.0),
    }
}

/// Lets the next run try one ticket again.
pub async fn retry(app: &App, id: i64) -> Result<QuarantineView, ApiError> {
    for connection in in_question(app, None).await? {
        let of = connection.id;
        let rows = app.store().read(move |conn| quarantine::list(conn, of, None, SHOWN_MAX)).await?;
        if let Some(row) = rows.into_iter().find(|row| row.id.0 == id) {
            let view = view(&connection.name, &row, &first_trouble(&row));
            release(app, &connection, vec![row]).await?;
            return Ok(view);
        }
    }
    Err(ApiError::new("not_found", format!("nothing with the number {id} is in quarantine"))
        .hint("`lockstep quarantine` lists it."))
}

/// Lets the next run try all of one connection again, or of all; says how many.
pub async fn retry_all(app: &App, connection: Option<&str>) -> Result<usize, ApiError> {
    let mut count = 0;
    for connection in in_question(app, connection).await? {
        let id = connection.id;
        let rows = app.store().read(move |conn| quarantine::list(conn, id, None, SHOWN_MAX)).await?;
        count += rows.len();
        release(app, &connection, rows).await?;
    }
    Ok(count)
}

async fn release(
    app: &App,
    connection: &connections::Connection,
    rows: Vec<Quarantined>,
) -> Result<(), ApiError> {
    if rows.is_empty() {
        return Ok(());
    }
    let document = document_of(connection)?;
    let (present, now_ms) = (connection.clone(), app.now_ms());
    let types: Vec<(String, Pair<String>)> = document
        .types
        .iter()
        .map(|mapping| {
            (
                mapping.name.clone(),
                Pair {
                    source: mapping.source.ticket_type.clone(),
                    target: mapping.target.ticket_type.clone(),
                },
            )
        })
        .collect();
    app.store()
        .write(move |tx| {
            for row in &rows {
                quarantine::remove(tx, row.what.connection, &row.what.subject)?;
                wait(tx, &present, &types, row, now_ms)?;
                audit::add(
                    tx,
                    now_ms,
                    "person",
                    &format!("took {} out of quarantine", row.what.key),
                    &serde_json::Value::Null,
                )?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

const WHY: &str = "taken out of quarantine: it is planned anew";

/// The pending row under which the next run meets the ticket.
fn wait(
    tx: &Tx<'_>,
    connection: &connections::Connection,
    types: &[(String, Pair<String>)],
    row: &Quarantined,
    now_ms: i64,
) -> lockstep_store::Result<()> {
    let link: Option<StoredLink> = match row.what.link {
        Some(link) => links::get(tx, link)?,
        None => None,
    };
    if let Some(link) = link {
        return wait_for_run(tx, &link, PendingReason::Failed, WHY, now_ms);
    }
    let Some(account) = connection.accounts[row.what.side] else { return Ok(()) };
    let fingerprint = accounts::get(tx, account)?.and_then(|account| account.fingerprint);
    let Some(fingerprint) = fingerprint else { return Ok(()) };
    if let Some(type_mapping) = type_of(tx, types, row)? {
        let feed = Feed::new(connection.id, type_mapping, row.what.side);
        let pending = NewPending {
            feed: &feed,
            account: &fingerprint,
            ticket: &row.what.ticket,
            reason: PendingReason::Failed,
            detail: WHY,
            not_before_ms: 0,
            run: None,
        };
        pending::add(tx, pending, now_ms)?;
    }
    Ok(())
}

/// The type mapping a ticket without a link was planned with: the only one, or that of the create that failed.
fn type_of(
    tx: &Tx<'_>,
    types: &[(String, Pair<String>)],
    row: &Quarantined,
) -> lockstep_store::Result<Option<String>> {
    if let [(only, _)] = types {
        return Ok(Some(only.clone()));
    }
    let Some(run) = row.what.run else { return Ok(types.first().map(|(name, _)| name.clone())) };
    let rows = journal::of_run(tx, run, None, JOURNAL_ROWS_MAX)?;
    let create = rows.iter().rev().find(|op| op.tickets[row.what.side].as_ref() == Some(&row.what.ticket));
    let wanted = create.and_then(|op| op.payload.as_ref()?.get("type_mapping")?.as_str());
    let known = types.iter().find(|(name, _)| wanted == Some(name.as_str())).or(types.first());
    Ok(known.map(|(name, _)| name.clone()))
}
