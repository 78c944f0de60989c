//! What people and automatic runs did that somebody may ask about later.

use rusqlite::params;

use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{json, read_json};

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditLine {
    pub id: i64,
    pub at_ms: i64,
    /// `window`, `command line`, `automatic`.
    pub who: String,
    /// What was done, as a sentence.
    pub what: String,
    pub detail: serde_json::Value,
}

/// Adds a line.
pub fn add(tx: &Tx<'_>, at_ms: i64, who: &str, what: &str, detail: &serde_json::Value) -> Result<i64> {
    tx.sql()
        .prepare_cached("INSERT INTO audit (at_ms, who, what, detail) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![at_ms, who, what, json(detail)?])?;
    Ok(tx.sql().last_insert_rowid())
}

/// Newest first; `before` is the last line of the page before.
pub fn list(connection: &Connection, before: Option<i64>, limit: u32) -> Result<Vec<AuditLine>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT id, at_ms, who, what, detail FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![before.unwrap_or(i64::MAX), limit], |row| {
        Ok(AuditLine {
            id: row.get(0)?,
            at_ms: row.get(1)?,
            who: row.get(2)?,
            what: row.get(3)?,
            detail: read_json(row, 4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
