//! Quarantine: tickets that cannot succeed until something is mended, grouped by cause, and their way out.

use lockstep_core::sync::link::LinkState;
use lockstep_store::tables::connections::Connection;
use lockstep_store::tables::links::{self, StoredLink};
use lockstep_store::tables::pending::{self, NewPending, PendingReason};
use lockstep_store::tables::quarantine::{self, NewQuarantined, QuarantineId, Quarantined};
use lockstep_store::tables::{accounts, audit, journal};
use lockstep_store::{ConnectionId, Feed, Tx};
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
    /// Its title, as last seen.
    pub title: String,
    /// Whether it has a counterpart: then it can be unlinked.
    pub linked: bool,
    /// Its counterpart's key.
    pub partner: Option<String>,
    /// The type mapping it was planned with; empty where nobody noted it.
    pub type_mapping: String,
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
        let held = app
            .store()
            .read(move |conn| {
                let rows = quarantine::list(conn, id, None, SHOWN_MAX)?;
                rows.into_iter().map(|row| Held::of(conn, row)).collect::<lockstep_store::Result<Vec<_>>>()
            })
            .await?;
        for held in held {
            let trouble = first_trouble(&held.row);
            let view = held.view(&connection.name, &trouble);
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

/// A row with its link.
struct Held {
    row: Quarantined,
    link: Option<StoredLink>,
}

impl Held {
    fn of(conn: &lockstep_store::Connection, row: Quarantined) -> lockstep_store::Result<Held> {
        let link = match row.what.link {
            Some(link) => links::get(conn, link)?,
            None => None,
        };
        Ok(Held { row, link: link.filter(|link| !matches!(link.link.state, LinkState::Ended(_))) })
    }

    fn view(&self, connection: &str, trouble: &Trouble) -> QuarantineView {
        let what = &self.row.what;
        QuarantineView {
            id: self.row.id.0,
            connection: connection.to_owned(),
            ticket: what.key.clone(),
            title: what.title.clone(),
            linked: self.link.is_some(),
            partner: self.link.as_ref().map(|link| link.link.keys[what.side.opposite()].clone()),
            type_mapping: what.type_mapping.clone(),
            side: what.side.to_string(),
            doing: trouble.doing.clone(),
            since_ms: self.row.since_ms,
            tries: self.row.tries,
            run: what.run.map(|run| run.0),
        }
    }
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

/// Lets the next run try one ticket again.
pub async fn retry(app: &App, id: i64) -> Result<QuarantineView, ApiError> {
    let none = || {
        ApiError::new("not_found", format!("nothing with the number {id} is in quarantine"))
            .hint("It was taken out already; the list in Quarantine shows what is in.")
            .command("lockstep quarantine")
    };
    retry_these(app, vec![id]).await?.pop().ok_or_else(none)
}

/// Lets the next runs try these tickets again, all in one write; those that are not in quarantine any more are passed
/// over. Answers with the ones that were let go.
pub async fn retry_these(app: &App, ids: Vec<i64>) -> Result<Vec<QuarantineView>, ApiError> {
    let held = app
        .store()
        .read(move |conn| {
            let rows = ids.into_iter().filter_map(|id| quarantine::by_id(conn, QuarantineId(id)).transpose());
            rows.map(|row| Held::of(conn, row?)).collect::<lockstep_store::Result<Vec<_>>>()
        })
        .await?;
    release(app, in_question(app, None).await?, held).await
}

/// Lets the next run try all of one connection again, or of all; says how many.
pub async fn retry_all(app: &App, connection: Option<&str>) -> Result<usize, ApiError> {
    let connections = in_question(app, connection).await?;
    let of: Vec<ConnectionId> = connections.iter().map(|connection| connection.id).collect();
    let held = app
        .store()
        .read(move |conn| {
            let mut held = Vec::new();
            for id in of {
                for row in quarantine::list(conn, id, None, SHOWN_MAX)? {
                    held.push(Held::of(conn, row)?);
                }
            }
            Ok(held)
        })
        .await?;
    Ok(release(app, connections, held).await?.len())
}

/// A connection and the ticket types of its type mappings.
struct Types {
    connection: Connection,
    names: Vec<String>,
}

async fn release(
    app: &App,
    connections: Vec<Connection>,
    held: Vec<Held>,
) -> Result<Vec<QuarantineView>, ApiError> {
    let mut types = Vec::new();
    for connection in connections {
        if held.iter().any(|held| held.row.what.connection == connection.id) {
            let document = document_of(&connection)?;
            let names = document.types.iter().map(|mapping| mapping.name.clone()).collect();
            types.push(Types { connection, names });
        }
    }
    let now_ms = app.now_ms();
    let released = app
        .store()
        .write(move |tx| {
            let mut released = Vec::new();
            for held in held {
                let what = &held.row.what;
                let Some(of) = types.iter().find(|types| types.connection.id == what.connection) else {
                    continue;
                };
                // Another window may have let it go since it was read.
                if quarantine::remove(tx, what.connection, &what.subject)? {
                    wait(tx, of, &held, now_ms)?;
                    let words = format!("took {} out of quarantine", what.key);
                    audit::add(tx, now_ms, "person", &words, &serde_json::Value::Null)?;
                    released.push(held.view(&of.connection.name, &first_trouble(&held.row)));
                }
            }
            Ok(released)
        })
        .await?;
    Ok(released)
}

const WHY: &str = "taken out of quarantine: it is planned anew";

/// The pending row under which the next run meets the ticket.
fn wait(tx: &Tx<'_>, of: &Types, held: &Held, now_ms: i64) -> lockstep_store::Result<()> {
    let what = &held.row.what;
    if let Some(link) = &held.link {
        return wait_for_run(tx, link, PendingReason::Failed, WHY, now_ms);
    }
    let Some(account) = of.connection.accounts[what.side] else { return Ok(()) };
    let fingerprint = accounts::get(tx, account)?.and_then(|account| account.fingerprint);
    let Some(fingerprint) = fingerprint else { return Ok(()) };
    if let Some(type_mapping) = type_of(tx, &of.names, what)? {
        let feed = Feed::new(what.connection, type_mapping, what.side);
        let pending = NewPending {
            feed: &feed,
            account: &fingerprint,
            ticket: &what.ticket,
            reason: PendingReason::Failed,
            detail: WHY,
            not_before_ms: 0,
            run: None,
        };
        pending::add(tx, pending, now_ms)?;
    }
    Ok(())
}

/// The type mapping a ticket without a link was planned with. Rows of older versions do not name it: there it is the
/// only one, or that of the create that failed.
fn type_of(tx: &Tx<'_>, names: &[String], what: &NewQuarantined) -> lockstep_store::Result<Option<String>> {
    let known = |wanted: &str| names.iter().find(|name| *name == wanted).cloned();
    if let Some(name) = known(&what.type_mapping) {
        return Ok(Some(name));
    }
    let first = names.first().cloned();
    let Some(run) = what.run.filter(|_| names.len() > 1) else { return Ok(first) };
    let rows = journal::of_run(tx, run, None, JOURNAL_ROWS_MAX)?;
    let create = rows.iter().rev().find(|op| op.tickets[what.side].as_ref() == Some(&what.ticket));
    let wanted = create.and_then(|op| op.payload.as_ref()?.get("type_mapping")?.as_str());
    Ok(wanted.and_then(known).or(first))
}
