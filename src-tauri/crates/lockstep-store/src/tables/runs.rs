//! Runs: one row each, kept after their details are trimmed.

use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::connections::ConnectionId;
use super::locks::Epoch;
use super::plans::PlanId;
use crate::error::{Result, StoreError, StoreErrorKind};
use crate::store::{Connection, Tx};
use crate::words::{json, read_json, row_id, words};

row_id! {
    /// A run's row; rising, never used again.
    RunId
}

words! {
    /// Who asked for a run.
    RunKind {
        Manual = "manual",
        Automatic = "automatic",
        /// Restores what another run changed (hazards.md H53).
        Undo = "undo",
    }
}

words! {
    /// How far a run got.
    RunState {
        Planning = "planning",
        /// The plan is shown and waits for a person, or for its turn.
        Planned = "planned",
        Applying = "applying",
        Done = "done",
    }
}

words! {
    /// How a run ended.
    RunResult {
        Success = "success",
        Partial = "partial",
        Failed = "failed",
        NothingToDo = "nothing_to_do",
        Cancelled = "cancelled",
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub id: RunId,
    pub connection: ConnectionId,
    pub kind: RunKind,
    /// What set it off: `every 5 minutes`, `run on the command line`.
    pub trigger: String,
    pub state: RunState,
    pub result: Option<RunResult>,
    pub started_ms: i64,
    pub ended_ms: Option<i64>,
    /// The epoch it runs in.
    pub epoch: Epoch,
    pub plan: Option<PlanId>,
    /// Tickets by outcome.
    pub counts: Value,
    /// Calls by account.
    pub calls: Value,
    pub summary: Value,
}

/// A run to start.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    pub connection: ConnectionId,
    pub kind: RunKind,
    pub trigger: &'a str,
    pub epoch: Epoch,
    pub plan: Option<PlanId>,
    pub started_ms: i64,
}

/// What a run leaves behind.
#[derive(Debug, Clone, Copy)]
pub struct RunEnd<'a> {
    pub result: RunResult,
    pub counts: &'a Value,
    pub calls: &'a Value,
    pub summary: &'a Value,
    pub ended_ms: i64,
}

const COLUMNS: &str =
    "SELECT id, connection, kind, trigger, state, result, started_ms, ended_ms, epoch, plan, counts, calls,
         summary
     FROM runs";

fn read(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        connection: row.get(1)?,
        kind: row.get(2)?,
        trigger: row.get(3)?,
        state: row.get(4)?,
        result: row.get(5)?,
        started_ms: row.get(6)?,
        ended_ms: row.get(7)?,
        epoch: row.get(8)?,
        plan: row.get(9)?,
        counts: read_json(row, 10)?,
        calls: read_json(row, 11)?,
        summary: read_json(row, 12)?,
    })
}

/// Starts a run, in state `planning`.
pub fn start(tx: &Tx<'_>, new: NewRun<'_>) -> Result<RunId> {
    tx.check_epoch(new.epoch)?;
    tx.sql()
        .prepare_cached(
            "INSERT INTO runs (connection, kind, trigger, state, started_ms, epoch, plan, counts, calls, summary)
             VALUES (?1, ?2, ?3, 'planning', ?4, ?5, ?6, '{}', '{}', '{}')",
        )?
        .execute(params![new.connection, new.kind, new.trigger, new.started_ms, new.epoch, new.plan])?;
    Ok(RunId(tx.sql().last_insert_rowid()))
}

/// Moves a run that has not ended to `planning`, `planned` or `applying`.
pub fn set_state(tx: &Tx<'_>, id: RunId, state: RunState, plan: Option<PlanId>) -> Result<()> {
    if state == RunState::Done {
        return Err(StoreError::new(StoreErrorKind::Invalid, "A run is ended with its result."));
    }
    let changed = tx
        .sql()
        .prepare_cached(
            "UPDATE runs SET state = ?2, plan = coalesce(?3, plan) WHERE id = ?1 AND state <> 'done'",
        )?
        .execute(params![id, state, plan])?;
    open(changed, id)
}

/// Notes counts, calls and summary while a run goes on, so that a crash leaves them to be shown.
pub fn progress(tx: &Tx<'_>, id: RunId, counts: &Value, calls: &Value, summary: &Value) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached(
            "UPDATE runs SET counts = ?2, calls = ?3, summary = ?4 WHERE id = ?1 AND state <> 'done'",
        )?
        .execute(params![id, json(counts)?, json(calls)?, json(summary)?])?;
    open(changed, id)
}

/// Ends a run; a run ends once.
pub fn finish(tx: &Tx<'_>, id: RunId, end: RunEnd<'_>) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached(
            "UPDATE runs SET state = 'done', result = ?2, counts = ?3, calls = ?4, summary = ?5, ended_ms = ?6
             WHERE id = ?1 AND state <> 'done'",
        )?
        .execute(params![id, end.result, json(end.counts)?, json(end.calls)?, json(end.summary)?, end.ended_ms])?;
    open(changed, id)
}

fn open(changed: usize, id: RunId) -> Result<()> {
    if changed == 1 {
        return Ok(());
    }
    Err(StoreError::new(StoreErrorKind::WrongState, format!("Run {id} has ended or does not exist.")))
}

/// Newest first, of one connection or of all; `before` is the last of the page before.
pub fn list(
    connection: &Connection,
    of: Option<ConnectionId>,
    before: Option<RunId>,
    limit: u32,
) -> Result<Vec<Run>> {
    let before = before.map_or(i64::MAX, |id| id.0);
    let rows = match of {
        Some(of) => {
            let sql = format!("{COLUMNS} WHERE connection = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
            let mut statement = connection.sql().prepare_cached(&sql)?;
            statement.query_map(params![of, before, limit], read)?.collect::<rusqlite::Result<_>>()?
        }
        None => {
            let sql = format!("{COLUMNS} WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
            let mut statement = connection.sql().prepare_cached(&sql)?;
            statement.query_map(params![before, limit], read)?.collect::<rusqlite::Result<_>>()?
        }
    };
    Ok(rows)
}

/// One run.
pub fn get(connection: &Connection, id: RunId) -> Result<Option<Run>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The last run of a connection that ended with anything but `failed` or `cancelled`.
pub fn latest_completed(connection: &Connection, of: ConnectionId) -> Result<Option<Run>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE connection = ?1 AND state = 'done' AND result IN ('success', 'partial', 'nothing_to_do')
         ORDER BY id DESC LIMIT 1"
    ))?;
    Ok(statement.query_row([of], read).optional()?)
}

/// Runs that a crash left unfinished, oldest first.
pub fn unfinished(connection: &Connection, of: ConnectionId) -> Result<Vec<Run>> {
    let mut statement = connection
        .sql()
        .prepare_cached(&format!("{COLUMNS} WHERE connection = ?1 AND state <> 'done' ORDER BY id"))?;
    let rows = statement.query_map([of], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
