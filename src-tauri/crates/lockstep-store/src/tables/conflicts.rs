//! Conflicts: what waits for a person's choice, and what was chosen.

use lockstep_core::sync::{ConflictFound, LinkId};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::connections::ConnectionId;
use crate::error::{Result, StoreError, StoreErrorKind};
use crate::store::{Connection, Tx};
use crate::words::{json, read_json, read_json_or_none, row_id, words};

row_id! {
    /// A conflict's row.
    ConflictId
}

words! {
    /// How far a conflict got.
    ConflictState {
        Open = "open",
        /// A person chose; the next run carries it out.
        Decided = "decided",
        Closed = "closed",
    }
}

/// A conflict.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub id: ConflictId,
    pub link: LinkId,
    pub connection: ConnectionId,
    pub found: ConflictFound,
    pub found_ms: i64,
    pub state: ConflictState,
    /// What a person chose.
    pub decision: Option<Value>,
    pub changed_ms: i64,
}

const COLUMNS: &str =
    "SELECT id, link, connection, json, found_ms, state, decision, changed_ms FROM conflicts";

fn read(row: &Row<'_>) -> rusqlite::Result<Conflict> {
    Ok(Conflict {
        id: row.get(0)?,
        link: LinkId(row.get(1)?),
        connection: row.get(2)?,
        found: read_json(row, 3)?,
        found_ms: row.get(4)?,
        state: row.get(5)?,
        decision: read_json_or_none(row, 6)?,
        changed_ms: row.get(7)?,
    })
}

/// Notes a conflict. One that waits on the same field stays as it is when the values are the same; other values take
/// its place and void a decision, for that was bound to what was shown (hazards.md H23).
pub fn note(
    tx: &Tx<'_>,
    connection: ConnectionId,
    link: LinkId,
    found: &ConflictFound,
    now_ms: i64,
) -> Result<ConflictId> {
    if let Some(waiting) = waiting_on(tx, link, &found.mapping)? {
        if waiting.found != *found {
            tx.sql()
                .prepare_cached(
                    "UPDATE conflicts SET json = ?2, state = 'open', decision = NULL, changed_ms = ?3 WHERE id = ?1",
                )?
                .execute(params![waiting.id, json(found)?, now_ms])?;
        }
        return Ok(waiting.id);
    }
    tx.sql()
        .prepare_cached(
            "INSERT INTO conflicts (link, connection, mapping, json, found_ms, state, changed_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?5)",
        )?
        .execute(params![link.0, connection, found.mapping, json(found)?, now_ms])?;
    Ok(ConflictId(tx.sql().last_insert_rowid()))
}

/// Writes a person's choice, bound to the values that were shown: refused when those have changed meanwhile.
pub fn decide(
    tx: &Tx<'_>,
    id: ConflictId,
    shown: &ConflictFound,
    decision: &Value,
    now_ms: i64,
) -> Result<()> {
    let present = get(tx, id)?.ok_or_else(|| StoreError::not_found(format!("conflict {id}")))?;
    if present.state == ConflictState::Closed || present.found != *shown {
        return Err(moved());
    }
    tx.sql()
        .prepare_cached(
            "UPDATE conflicts SET state = 'decided', decision = ?2, changed_ms = ?3 WHERE id = ?1",
        )?
        .execute(params![id, json(decision)?, now_ms])?;
    Ok(())
}

/// The refusal of a choice that was made for other values.
pub fn moved() -> StoreError {
    StoreError::new(
        StoreErrorKind::WrongState,
        "The values have changed since they were shown, so nothing was decided.",
    )
    .with_remedy("Look at the conflict again and choose anew.")
}

/// Closes a conflict: carried out, or both sides are equal by now.
pub fn close(tx: &Tx<'_>, id: ConflictId, now_ms: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "UPDATE conflicts SET state = 'closed', changed_ms = ?2 WHERE id = ?1 AND state <> 'closed'",
        )?
        .execute(params![id, now_ms])?;
    Ok(())
}

/// One conflict.
pub fn get(connection: &Connection, id: ConflictId) -> Result<Option<Conflict>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The open or decided conflict on one field of a link.
pub fn waiting_on(connection: &Connection, link: LinkId, mapping: &str) -> Result<Option<Conflict>> {
    let mut statement = connection
        .sql()
        .prepare_cached(&format!("{COLUMNS} WHERE link = ?1 AND mapping = ?2 AND state <> 'closed'"))?;
    Ok(statement.query_row(params![link.0, mapping], read).optional()?)
}

/// Open and decided conflicts of a link, by mapping.
pub fn of_link(connection: &Connection, link: LinkId) -> Result<Vec<Conflict>> {
    let mut statement = connection
        .sql()
        .prepare_cached(&format!("{COLUMNS} WHERE link = ?1 AND state <> 'closed' ORDER BY mapping"))?;
    let rows = statement.query_map([link.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Open and decided conflicts of a connection, oldest first, after `after`.
pub fn list(
    connection: &Connection,
    of: ConnectionId,
    after: Option<ConflictId>,
    limit: u32,
) -> Result<Vec<Conflict>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE connection = ?1 AND id > ?2 AND state <> 'closed' ORDER BY id LIMIT ?3"
    ))?;
    let rows = statement.query_map(params![of, after.map_or(0, |id| id.0), limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many wait for a choice.
pub fn count_open(connection: &Connection, of: ConnectionId) -> Result<u32> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT count(*) FROM conflicts WHERE connection = ?1 AND state <> 'closed' AND state = 'open'",
    )?;
    Ok(statement.query_row([of], |row| row.get(0))?)
}
