//! One link in full: what runs did with the pair, what became of its comments and files, and its writes. Asks no platform.

use lockstep_core::side::Side;
use lockstep_core::sync::link::{LedgerEntry, LedgerKind, LedgerState, LinkId};
use lockstep_core::sync::operation::Subject;
use lockstep_core::ticket::Visibility;
use lockstep_store::ConnectionId;
use lockstep_store::tables::journal::{self, JournalRow, JournalState};
use lockstep_store::tables::outcomes::{self, OutcomeRow};
use lockstep_store::tables::plans::subject_key;
use lockstep_store::tables::{connections, ledger, links, runs};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::App;
use crate::history::{self, TicketView};
use crate::links::{LinkView, view};
use crate::look;

/// Runs shown of a pair at most.
const HISTORY_MAX: u32 = 50;
/// Writes shown of a pair at most.
const WRITES_MAX: u32 = 100;

/// A link in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinkDetail {
    pub link: LinkView,
    /// What runs did with the pair, newest first, as long as the history keeps it.
    pub history: Vec<PairEvent>,
    /// Every comment and file that was seen, by where it was written.
    pub copies: Vec<CopyView>,
    /// Writes of Lockstep to the two, newest first.
    pub writes: Vec<WriteView>,
}

/// How one run ended for a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PairEvent {
    /// When the run began.
    #[ts(type = "number")]
    pub at_ms: i64,
    pub ticket: TicketView,
}

/// A comment or a file and its copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct CopyView {
    pub kind: CopyKind,
    /// Where it was written: `source`, `target`.
    pub side: String,
    /// Its id there.
    pub id: String,
    /// Its copy's id on the other side, once known.
    pub copy: Option<String>,
    pub state: CopyState,
    /// Its last edit that was dealt with, by the platform's clock; 0 where there is none.
    #[ts(type = "number")]
    pub edited_ms: i64,
    /// Whether customers read the original; none where that is not known.
    pub public: Option<bool>,
}

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum CopyKind {
    Comment,
    File,
}

/// What became of a comment or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum CopyState {
    Copied,
    /// There before the two were linked, or counted as known by a person: never copied.
    Known,
    /// The rules keep it where it is.
    Kept,
    /// Written by Lockstep's own user and not explained: never copied.
    Unexplained,
}

/// One write to one of the two tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct WriteView {
    #[ts(type = "number")]
    pub id: i64,
    /// When it was sent, by the platform's clock.
    #[ts(type = "number | null")]
    pub sent_ms: Option<i64>,
    /// `create`, `update`, `status`, `comment`, `edit_comment`, `attachment`.
    pub kind: String,
    /// Where it was written: `source`, `target`.
    pub side: String,
    pub state: WriteState,
    /// Why it was not done.
    pub error: Option<String>,
    #[ts(type = "number | null")]
    pub run: Option<i64>,
}

/// How far a write got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum WriteState {
    Done,
    Refused,
    /// Its answer is looked up before anything else is written.
    Open,
    /// Given up unsent, or provably not done: planned anew.
    GivenUp,
}

/// Reads one link of a connection in full.
pub async fn detail(app: &App, connection: i64, link: i64) -> Result<LinkDetail, ApiError> {
    let (of, id) = (ConnectionId(connection), LinkId(link));
    let read = app
        .store()
        .read(move |conn| {
            let Some(stored) = links::get(conn, id)?.filter(|stored| stored.link.connection == of.0) else {
                return Ok(None);
            };
            let Some(connection) = connections::get(conn, ConnectionId(stored.link.connection))? else {
                return Ok(None);
            };
            let Some(link) = view(conn, &connection.name, id)? else { return Ok(None) };
            let mut rows =
                outcomes::of_subject(conn, &subject_key(&Subject::Link { link: id }), HISTORY_MAX)?;
            // What the two went through before they were linked, their creation among it.
            for side in Side::BOTH {
                let new = Subject::New { side, ticket: stored.link.tickets[side].clone() };
                rows.extend(outcomes::of_subject(conn, &subject_key(&new), HISTORY_MAX)?);
            }
            rows.sort_by_key(|row| std::cmp::Reverse((row.run, row.ordinal)));
            rows.truncate(HISTORY_MAX as usize);
            let mut history = Vec::new();
            for row in rows {
                let at_ms = runs::get(conn, row.run)?.map_or(0, |run| run.started_ms);
                history.push((at_ms, row));
            }
            Ok(Some(Read {
                connection,
                link,
                history,
                ledger: ledger::of(conn, id)?,
                writes: journal::of_link(conn, id, WRITES_MAX)?,
            }))
        })
        .await?;
    let read = read.ok_or_else(|| {
        ApiError::new("not_found", format!("there is no link {link} in this connection"))
            .hint("The list of links shows those that are there.")
    })?;
    let names = look::names(app, &read.connection).await?;
    let event = |(at_ms, row): &(i64, OutcomeRow)| PairEvent {
        at_ms: *at_ms,
        ticket: history::with_names(history::ticket(row), &names),
    };
    Ok(LinkDetail {
        link: read.link,
        history: read.history.iter().map(event).collect(),
        copies: read.ledger.into_iter().map(copy).collect(),
        writes: read.writes.into_iter().map(write).collect(),
    })
}

struct Read {
    connection: connections::Connection,
    link: LinkView,
    history: Vec<(i64, OutcomeRow)>,
    ledger: Vec<LedgerEntry>,
    writes: Vec<JournalRow>,
}

fn copy(entry: LedgerEntry) -> CopyView {
    CopyView {
        kind: match entry.kind {
            LedgerKind::Comment => CopyKind::Comment,
            LedgerKind::Attachment => CopyKind::File,
        },
        side: entry.side.to_string(),
        id: entry.id,
        copy: entry.copy,
        state: match entry.state {
            LedgerState::Copied => CopyState::Copied,
            LedgerState::Accounted => CopyState::Known,
            LedgerState::Kept => CopyState::Kept,
            LedgerState::Unexplained => CopyState::Unexplained,
        },
        edited_ms: entry.edited_ms,
        public: match entry.visibility {
            Visibility::Public => Some(true),
            Visibility::Internal => Some(false),
            Visibility::Unknown => None,
        },
    }
}

fn write(row: JournalRow) -> WriteView {
    WriteView {
        id: row.id.0,
        sent_ms: row.sent_ms,
        kind: row.kind,
        side: row.side.to_string(),
        state: match row.state {
            JournalState::Done => WriteState::Done,
            JournalState::Failed => WriteState::Refused,
            JournalState::Planned | JournalState::Sent | JournalState::Unknown => WriteState::Open,
            JournalState::Void => WriteState::GivenUp,
        },
        error: row
            .error
            .as_ref()
            .filter(|_| row.state != JournalState::Done)
            .and_then(|error| error.as_str().or_else(|| error.get("message")?.as_str()).map(str::to_owned)),
        run: row.run.map(|run| run.0),
    }
}
