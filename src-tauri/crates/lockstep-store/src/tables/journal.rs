//! The journal: one row per operation, written before the call and finished after it (engine.md §4).
//!
//! The states and the steps between them are a table in here; a step from any other state is refused, so no row skips
//! one (V14). Order is the row's number, never the op id.

use lockstep_core::marker::PairKey;
use lockstep_core::side::Pair;
use lockstep_core::sync::LinkId;
use lockstep_core::{Side, TicketId};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::connections::ConnectionId;
use super::locks::Epoch;
use super::runs::RunId;
use crate::error::{Result, StoreError, StoreErrorKind};
use crate::packed::Packed;
use crate::store::{Connection, Tx};
use crate::words::{
    json, read_json_or_none, read_packed_or_none, read_word, row_id, unreadable, word, words,
};

row_id! {
    /// A row of the journal, rising.
    JournalId
}

words! {
    /// How far an operation got.
    JournalState {
        /// Not sent, or certainly not applied.
        Planned = "planned",
        /// Committed before the first byte leaves.
        Sent = "sent",
        Done = "done",
        /// Definitely refused by the platform.
        Failed = "failed",
        /// Sent, and nobody knows.
        Unknown = "unknown",
        /// Given up unsent, or provably absent: planned anew from a fresh reading.
        Void = "void",
    }
}

impl JournalState {
    /// Whether a row may go from this state to `next`.
    pub fn may_become(self, next: JournalState) -> bool {
        use JournalState::{Done, Failed, Planned, Sent, Unknown, Void};
        matches!(
            (self, next),
            (Planned, Sent | Void)
                // Void: the deadline had passed before the first byte (hazards.md H48).
                | (Sent, Done | Planned | Failed | Unknown | Void)
                | (Unknown, Done | Void)
                // A refusal that ran after the insert: found by its marker when looked up before a retry (H10).
                | (Failed, Done)
        )
    }

    /// Whether recovery has to deal with it.
    pub fn is_open(self) -> bool {
        matches!(self, JournalState::Planned | JournalState::Sent | JournalState::Unknown)
    }
}

/// An operation to journal.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOp {
    /// Unique; an id, never an order.
    pub op_id: String,
    /// Shared by operations that ride in one call (hazards.md H20).
    pub call_id: String,
    pub run: Option<RunId>,
    pub epoch: Epoch,
    pub connection: ConnectionId,
    pub link: Option<LinkId>,
    /// Where it is written.
    pub side: Side,
    /// `create`, `update`, `status`, `comment`, … (`OperationKind::word`).
    pub kind: String,
    /// Of a create.
    pub pair_key: Option<PairKey>,
    pub tickets: Pair<Option<TicketId>>,
    /// What is sent.
    pub payload: Packed,
    /// What stood there before, for an undo.
    pub before: Option<Packed>,
}

/// A row of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalRow {
    pub id: JournalId,
    pub op_id: String,
    pub call_id: String,
    pub run: Option<RunId>,
    pub epoch: Epoch,
    pub connection: ConnectionId,
    pub link: Option<LinkId>,
    pub side: Side,
    pub kind: String,
    pub pair_key: Option<PairKey>,
    pub tickets: Pair<Option<TicketId>>,
    pub state: JournalState,
    /// `None` once retention has trimmed it.
    pub payload: Option<Value>,
    pub before: Option<Value>,
    /// Server time when it was sent, milliseconds.
    pub sent_ms: Option<i64>,
    pub outcome: Option<Value>,
    pub error: Option<Value>,
    /// Server time of the first look-up that found nothing.
    pub absent_first_ms: Option<i64>,
    /// Look-ups that found nothing.
    pub lookups: u32,
}

const COLUMNS: &str =
    "SELECT id, op_id, call_id, run, epoch, connection, link, side, kind, pair_key, source_ticket,
         target_ticket, state, payload, before, sent_ms, outcome, error, absent_first_ms, lookups
     FROM journal";

fn read(row: &Row<'_>) -> rusqlite::Result<JournalRow> {
    let pair_key = match row.get::<_, Option<String>>(9)? {
        Some(text) => Some(PairKey::parse(&text).ok_or_else(|| unreadable(9, "not a pair key"))?),
        None => None,
    };
    Ok(JournalRow {
        id: row.get(0)?,
        op_id: row.get(1)?,
        call_id: row.get(2)?,
        run: row.get(3)?,
        epoch: row.get(4)?,
        connection: row.get(5)?,
        link: row.get::<_, Option<i64>>(6)?.map(LinkId),
        side: read_word(row, 7)?,
        kind: row.get(8)?,
        pair_key,
        tickets: Pair {
            source: row.get::<_, Option<String>>(10)?.map(TicketId),
            target: row.get::<_, Option<String>>(11)?.map(TicketId),
        },
        state: row.get(12)?,
        payload: read_packed_or_none(row, 13)?,
        before: read_packed_or_none(row, 14)?,
        sent_ms: row.get(15)?,
        outcome: read_json_or_none(row, 16)?,
        error: read_json_or_none(row, 17)?,
        absent_first_ms: row.get(18)?,
        lookups: row.get(19)?,
    })
}

/// Writes an operation down as planned.
pub fn plan(tx: &Tx<'_>, op: &NewOp) -> Result<JournalId> {
    insert(tx, op, JournalState::Planned, None)
}

/// Writes an operation down as sent; the call goes out only after this is committed.
pub fn sent(tx: &Tx<'_>, op: &NewOp, server_ms: i64) -> Result<JournalId> {
    insert(tx, op, JournalState::Sent, Some(server_ms))
}

fn insert(tx: &Tx<'_>, op: &NewOp, state: JournalState, sent_ms: Option<i64>) -> Result<JournalId> {
    tx.check_epoch(op.epoch)?;
    tx.sql()
        .prepare_cached(
            "INSERT INTO journal (op_id, call_id, run, epoch, connection, link, side, kind, pair_key, source_ticket,
                 target_ticket, state, payload, before, sent_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            op.op_id,
            op.call_id,
            op.run,
            op.epoch,
            op.connection,
            op.link.map(|link| link.0),
            word(&op.side),
            op.kind,
            op.pair_key.as_ref().map(PairKey::to_string),
            op.tickets.source.as_ref().map(TicketId::as_str),
            op.tickets.target.as_ref().map(TicketId::as_str),
            state,
            op.payload,
            op.before,
            sent_ms,
        ])?;
    Ok(JournalId(tx.sql().last_insert_rowid()))
}

/// Sends a planned row (again): the call goes out only after this is committed.
pub fn send_planned(tx: &Tx<'_>, id: JournalId, server_ms: i64) -> Result<()> {
    allowed(tx, id, JournalState::Sent)?;
    tx.sql()
        .prepare_cached("UPDATE journal SET state = ?2, sent_ms = ?3 WHERE id = ?1")?
        .execute(params![id, JournalState::Sent, server_ms])?;
    Ok(())
}

/// What finishing a row adds to it. `None` leaves what is there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Finish<'a> {
    pub outcome: Option<&'a Value>,
    pub error: Option<&'a Value>,
    /// The link that a create made.
    pub link: Option<LinkId>,
    /// The ticket that a create made, on the row's side.
    pub ticket: Option<&'a TicketId>,
}

/// Moves a row to `done`, `failed`, `unknown`, `void` or back to `planned`. In the same closure belong the link or
/// ledger row, the new base and the outcome.
pub fn finish(tx: &Tx<'_>, id: JournalId, state: JournalState, finish: Finish<'_>) -> Result<()> {
    let side = allowed(tx, id, state)?;
    let [source, target] = Side::BOTH.map(|of| finish.ticket.filter(|_| of == side).map(TicketId::as_str));
    tx.sql()
        .prepare_cached(
            "UPDATE journal SET state = ?7, outcome = coalesce(?2, outcome), error = coalesce(?3, error),
                 link = coalesce(?4, link), source_ticket = coalesce(?5, source_ticket),
                 target_ticket = coalesce(?6, target_ticket)
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            finish.outcome.map(json).transpose()?,
            finish.error.map(json).transpose()?,
            finish.link.map(|link| link.0),
            source,
            target,
            state,
        ])?;
    Ok(())
}

/// Moves a row to another state and nothing else.
pub fn set_state(tx: &Tx<'_>, id: JournalId, state: JournalState) -> Result<()> {
    allowed(tx, id, state)?;
    tx.sql().prepare_cached("UPDATE journal SET state = ?2 WHERE id = ?1")?.execute(params![id, state])?;
    Ok(())
}

/// Refuses a step that skips a state; answers the row's side. Whoever changes a state asks first.
fn allowed(tx: &Tx<'_>, id: JournalId, next: JournalState) -> Result<Side> {
    let (now, side): (JournalState, Side) = tx
        .sql()
        .prepare_cached("SELECT state, side FROM journal WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, read_word(row, 1)?)))
        .optional()?
        .ok_or_else(|| StoreError::not_found(format!("operation {id}")))?;
    if !now.may_become(next) {
        return Err(StoreError::new(
            StoreErrorKind::WrongState,
            format!("Operation {id} is {} and cannot become {}.", now.word(), next.word()),
        ));
    }
    Ok(side)
}

/// Notes a look-up that found nothing, by the server's time (hazards.md H4); answers how many there were.
pub fn note_absent(tx: &Tx<'_>, id: JournalId, server_ms: i64) -> Result<u32> {
    let mut statement = tx.sql().prepare_cached(
        "UPDATE journal SET lookups = lookups + 1, absent_first_ms = coalesce(absent_first_ms, ?2) WHERE id = ?1
         RETURNING lookups",
    )?;
    statement
        .query_row(params![id, server_ms], |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::not_found(format!("operation {id}")))
}

fn rows(connection: &Connection, tail: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<JournalRow>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} {tail}"))?;
    let rows = statement.query_map(values, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One row.
pub fn get(connection: &Connection, id: JournalId) -> Result<Option<JournalRow>> {
    Ok(rows(connection, "WHERE id = ?1", &[&id])?.pop())
}

/// Rows that recovery has to deal with, oldest first.
pub fn open_rows(connection: &Connection, of: ConnectionId) -> Result<Vec<JournalRow>> {
    rows(connection, "WHERE connection = ?1 AND state IN ('planned', 'sent', 'unknown') ORDER BY id", &[&of])
}

/// All rows of one pair key that are not done, oldest first: a second `unknown` among them means quarantine (hazards.md
/// H5). What is done has made a link.
pub fn by_pair_key(connection: &Connection, key: &PairKey) -> Result<Vec<JournalRow>> {
    rows(connection, "WHERE pair_key = ?1 AND state <> 'done' ORDER BY id", &[&key.to_string()])
}

/// The row of an op id: a marker that names an op this store does not know means an older store (hazards.md H2).
pub fn by_op_id(connection: &Connection, op_id: &str) -> Result<Option<JournalRow>> {
    Ok(rows(connection, "WHERE op_id = ?1", &[&op_id])?.pop())
}

/// Rows of one call, in order.
pub fn of_call(connection: &Connection, run: RunId, call_id: &str) -> Result<Vec<JournalRow>> {
    rows(connection, "WHERE run = ?1 AND call_id = ?2 ORDER BY id", &[&run, &call_id])
}

/// Rows of one run after `after`, in order.
pub fn of_run(
    connection: &Connection,
    run: RunId,
    after: Option<JournalId>,
    limit: u32,
) -> Result<Vec<JournalRow>> {
    let after = after.map_or(0, |id| id.0);
    rows(connection, "WHERE run = ?1 AND id > ?2 ORDER BY id LIMIT ?3", &[&run, &after, &limit])
}

/// Rows of one link, newest first: what `explain` and undo read.
pub fn of_link(connection: &Connection, link: LinkId, limit: u32) -> Result<Vec<JournalRow>> {
    rows(connection, "WHERE link = ?1 ORDER BY id DESC LIMIT ?2", &[&link.0, &limit])
}

/// Creates on one side that are done, sent at or after `since_ms` by the server's clock, oldest first: what accounting
/// compares with (hazards.md H2). Never trimmed.
pub fn done_creates_since(
    connection: &Connection,
    of: ConnectionId,
    side: Side,
    since_ms: i64,
) -> Result<Vec<JournalRow>> {
    rows(
        connection,
        "WHERE connection = ?1 AND side = ?2 AND sent_ms >= ?3 AND kind = 'create' AND state = 'done'
         ORDER BY sent_ms, id",
        &[&of, &word(&side), &since_ms],
    )
}

/// The last create on one side that is done: its ticket is the control of look-ups (hazards.md H5).
pub fn last_done_create(connection: &Connection, of: ConnectionId, side: Side) -> Result<Option<JournalRow>> {
    let tail = "WHERE connection = ?1 AND side = ?2 AND kind = 'create' AND state = 'done'
         ORDER BY sent_ms DESC, id DESC LIMIT 1";
    Ok(rows(connection, tail, &[&of, &word(&side)])?.pop())
}

/// The same for several, newest first.
pub fn done_creates(
    connection: &Connection,
    of: ConnectionId,
    side: Side,
    limit: u32,
) -> Result<Vec<JournalRow>> {
    let tail = "WHERE connection = ?1 AND side = ?2 AND kind = 'create' AND state = 'done'
         ORDER BY sent_ms DESC, id DESC LIMIT ?3";
    rows(connection, tail, &[&of, &word(&side), &limit])
}
