//! What the store says of itself.

use crate::error::Result;
use crate::store::Connection;

/// The store's birth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreInfo {
    /// Eight hexadecimal characters; stands in every marker.
    pub id: String,
    pub created_ms: i64,
    /// The last migration that ran.
    pub schema: i64,
}

/// Reads it.
pub fn get(connection: &Connection) -> Result<StoreInfo> {
    let mut statement = connection
        .sql()
        .prepare_cached("SELECT id, created_ms, (SELECT max(number) FROM migrations) FROM store_info")?;
    Ok(statement.query_row([], |row| {
        Ok(StoreInfo { id: row.get(0)?, created_ms: row.get(1)?, schema: row.get(2)? })
    })?)
}

/// What `integrity_check`, the cipher's own check and the check of references find wrong; empty when all is well.
pub fn integrity(connection: &Connection) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for pragma in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check(20)"] {
        let mut statement = connection.sql().prepare(pragma)?;
        let lines =
            statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        wrong.extend(lines.into_iter().filter(|line| line != "ok"));
    }
    let mut statement = connection.sql().prepare("PRAGMA foreign_key_check")?;
    let lines = statement
        .query_map([], |row| {
            Ok(format!("{} refers to nothing in {}", row.get::<_, String>(0)?, row.get::<_, String>(2)?))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    wrong.extend(lines);
    Ok(wrong)
}
