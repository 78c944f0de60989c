//! Settings: a JSON value per key.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{json, read_json};

/// Reads a setting; `None` when it was never set.
pub fn get<T: DeserializeOwned>(connection: &Connection, key: &str) -> Result<Option<T>> {
    let mut statement = connection.sql().prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| read_json(row, 0)).optional()?)
}

/// Writes a setting.
pub fn put<T: Serialize + ?Sized>(tx: &Tx<'_>, key: &str, value: &T, now_ms: i64) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(
        "INSERT INTO settings (key, value, saved_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, saved_ms = excluded.saved_ms",
    )?;
    statement.execute(params![key, json(value)?, now_ms])?;
    Ok(())
}

/// Forgets a setting.
pub fn remove(tx: &Tx<'_>, key: &str) -> Result<()> {
    tx.sql().prepare_cached("DELETE FROM settings WHERE key = ?1")?.execute([key])?;
    Ok(())
}

/// All of them, by key.
pub fn list(connection: &Connection) -> Result<Vec<(String, serde_json::Value)>> {
    let mut statement = connection.sql().prepare_cached("SELECT key, value FROM settings ORDER BY key")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, read_json(row, 1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
