//! Ledgers: every comment and file seen on a link, and what became of it. Never trimmed.

use std::collections::BTreeMap;

use lockstep_core::Side;
use lockstep_core::sync::{LedgerEntry, LedgerKind, LinkId};
use rusqlite::{Row, params};

use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{read_word, word};

fn read(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    Ok(LedgerEntry {
        kind: read_word(row, 0)?,
        side: read_word(row, 1)?,
        id: row.get(2)?,
        copy: row.get(3)?,
        state: read_word(row, 4)?,
        edited_ms: row.get(5)?,
        hash: row.get(6)?,
        visibility: read_word(row, 7)?,
    })
}

/// A link's ledger, by kind, side and id.
pub fn of(connection: &Connection, link: LinkId) -> Result<Vec<LedgerEntry>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT kind, side, id, copy, state, edited_ms, hash, visibility FROM ledger WHERE link = ?1
         ORDER BY kind, side, id",
    )?;
    let rows = statement.query_map([link.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The ledgers of many links; a link without any has an empty one.
pub fn of_many(connection: &Connection, links: &[LinkId]) -> Result<BTreeMap<LinkId, Vec<LedgerEntry>>> {
    links.iter().map(|link| Ok((*link, of(connection, *link)?))).collect()
}

/// Writes one entry. A copy that is known stays known when the new entry does not name it.
pub fn put(tx: &Tx<'_>, link: LinkId, entry: &LedgerEntry) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO ledger (link, kind, side, id, copy, state, edited_ms, hash, visibility)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (link, kind, side, id) DO UPDATE SET
                 copy = coalesce(excluded.copy, copy), state = excluded.state, edited_ms = excluded.edited_ms,
                 hash = excluded.hash, visibility = excluded.visibility",
        )?
        .execute(params![
            link.0,
            word(&entry.kind),
            word(&entry.side),
            entry.id,
            entry.copy,
            word(&entry.state),
            entry.edited_ms,
            entry.hash,
            word(&entry.visibility),
        ])?;
    Ok(())
}

/// Writes several entries of one link.
pub fn put_all<'a>(
    tx: &Tx<'_>,
    link: LinkId,
    entries: impl IntoIterator<Item = &'a LedgerEntry>,
) -> Result<()> {
    entries.into_iter().try_for_each(|entry| put(tx, link, entry))
}

/// The ids of copies of one kind that stand on `side` of a link: what is there because of us.
pub fn copies_on(connection: &Connection, link: LinkId, kind: LedgerKind, side: Side) -> Result<Vec<String>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT copy FROM ledger WHERE link = ?1 AND kind = ?2 AND side = ?3 AND copy IS NOT NULL ORDER BY copy",
    )?;
    let rows = statement.query_map(params![link.0, word(&kind), word(&side.opposite())], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Finds the entry whose copy on the other side of `written_on` has this id, on whatever link.
pub fn by_copy(
    connection: &Connection,
    kind: LedgerKind,
    written_on: Side,
    copy: &str,
) -> Result<Vec<(LinkId, LedgerEntry)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT kind, side, id, copy, state, edited_ms, hash, visibility, link FROM ledger
         WHERE side = ?1 AND copy = ?2 AND kind = ?3 ORDER BY link, id",
    )?;
    let rows = statement.query_map(params![word(&written_on), copy, word(&kind)], |row| {
        Ok((LinkId(row.get(8)?), read(row)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
