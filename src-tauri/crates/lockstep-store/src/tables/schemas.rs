//! The last discovered schema of each scope, to tell drift from what a mapping was made against.

use lockstep_core::connector::Scope;
use lockstep_core::schema::Schema;
use rusqlite::{OptionalExtension, params};

use super::accounts::AccountId;
use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{json, read_json};

/// A discovered schema and when it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub schema: Schema,
    pub taken_ms: i64,
}

/// Keeps the newest one of a scope.
pub fn put(tx: &Tx<'_>, account: AccountId, scope: &Scope, schema: &Schema, now_ms: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO schema_snapshots (account, scope, schema, taken_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account, scope) DO UPDATE SET schema = excluded.schema, taken_ms = excluded.taken_ms",
        )?
        .execute(params![account, json(scope)?, json(schema)?, now_ms])?;
    Ok(())
}

/// The newest one; `None` before the first discovery.
pub fn get(connection: &Connection, account: AccountId, scope: &Scope) -> Result<Option<Snapshot>> {
    let mut statement = connection
        .sql()
        .prepare_cached("SELECT schema, taken_ms FROM schema_snapshots WHERE account = ?1 AND scope = ?2")?;
    let found = statement.query_row(params![account, json(scope)?], |row| {
        Ok(Snapshot { schema: read_json(row, 0)?, taken_ms: row.get(1)? })
    });
    Ok(found.optional()?)
}
