//! Cursors: where each feed goes on. They move only together with the pending list (hazards.md H43).

use lockstep_core::connector::Cursor;
use rusqlite::{OptionalExtension, params};

use super::feed::Feed;
use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{json, read_json, word};

/// Where a feed goes on, and when that was saved; `None` before its first completed run.
pub fn get(connection: &Connection, feed: &Feed) -> Result<Option<(Cursor, i64)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT cursor, saved_ms FROM cursors WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3",
    )?;
    let found = statement.query_row(params![feed.connection, feed.type_mapping, word(&feed.side)], |row| {
        Ok((read_json(row, 0)?, row.get(1)?))
    });
    Ok(found.optional()?)
}

/// Moves a cursor. Every ticket it passes is dealt with, or added to the pending list in the same transaction.
pub fn put(tx: &Tx<'_>, feed: &Feed, cursor: &Cursor, now_ms: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO cursors (connection, type_mapping, side, cursor, saved_ms) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (connection, type_mapping, side)
             DO UPDATE SET cursor = excluded.cursor, saved_ms = excluded.saved_ms",
        )?
        .execute(params![feed.connection, feed.type_mapping, word(&feed.side), json(cursor)?, now_ms])?;
    Ok(())
}

/// Forgets a cursor: the next run starts from its start date.
pub fn remove(tx: &Tx<'_>, feed: &Feed) -> Result<()> {
    tx.sql()
        .prepare_cached("DELETE FROM cursors WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3")?
        .execute(params![feed.connection, feed.type_mapping, word(&feed.side)])?;
    Ok(())
}
