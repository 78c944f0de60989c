//! Connections. The configuration of one (type mappings, field mappings, value pairs, templates, layouts, routes) is
//! one JSON document per revision, not a table for each: it is read and written whole, its types live in core and
//! grow there without a migration, and each run can name the exact rules it followed.

use lockstep_core::side::Pair;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::accounts::AccountId;
use crate::error::{Result, StoreError, StoreErrorKind};
use crate::store::{Connection as Conn, Tx};
use crate::words::{json, read_json, row_id};

row_id! {
    /// A connection's row.
    ConnectionId
}

row_id! {
    /// Counts the saved versions of one connection's configuration, from 1.
    Revision
}

/// A connection with its present configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    pub id: ConnectionId,
    /// Unique among connections that were not removed.
    pub name: String,
    /// `None` only where the connection was removed and its account after it.
    pub accounts: Pair<Option<AccountId>>,
    pub revision: Revision,
    pub document: Value,
    /// Whether automatic runs are on.
    pub automatic: bool,
    pub created_ms: i64,
    /// When this revision was saved.
    pub saved_ms: i64,
    /// Removed connections stay, for their links still block a second copy (hazards.md H13).
    pub removed_ms: Option<i64>,
}

const COLUMNS: &str =
    "SELECT c.id, c.name, c.source_account, c.target_account, c.revision, v.document, c.automatic,
         c.created_ms, v.saved_ms, c.removed_ms
     FROM connections c JOIN connection_versions v ON v.connection = c.id AND v.revision = c.revision";

fn read(row: &Row<'_>) -> rusqlite::Result<Connection> {
    Ok(Connection {
        id: row.get(0)?,
        name: row.get(1)?,
        accounts: Pair { source: row.get(2)?, target: row.get(3)? },
        revision: row.get(4)?,
        document: read_json(row, 5)?,
        automatic: row.get(6)?,
        created_ms: row.get(7)?,
        saved_ms: row.get(8)?,
        removed_ms: row.get(9)?,
    })
}

/// Makes the connection of that name, or gives it a new revision where the document differs from its present one.
pub fn save(
    tx: &Tx<'_>,
    name: &str,
    accounts: Pair<AccountId>,
    document: &Value,
    now_ms: i64,
) -> Result<(ConnectionId, Revision)> {
    match by_name(tx, name)? {
        Some(present) => Ok((present.id, save_as(tx, &present, name, accounts, document, now_ms)?)),
        None => {
            tx.sql()
                .prepare_cached(
                    "INSERT INTO connections (name, source_account, target_account, revision, created_ms)
                     VALUES (?1, ?2, ?3, 1, ?4)",
                )?
                .execute(params![name, accounts.source, accounts.target, now_ms])?;
            let id = ConnectionId(tx.sql().last_insert_rowid());
            add_version(tx, id, Revision(1), document, now_ms)?;
            Ok((id, Revision(1)))
        }
    }
}

/// As [`save`], for a connection known by its id: the name may change.
pub fn update(
    tx: &Tx<'_>,
    id: ConnectionId,
    name: &str,
    accounts: Pair<AccountId>,
    document: &Value,
    now_ms: i64,
) -> Result<Revision> {
    let present = get(tx, id)?.ok_or_else(|| StoreError::not_found(format!("connection {id}")))?;
    save_as(tx, &present, name, accounts, document, now_ms)
}

fn save_as(
    tx: &Tx<'_>,
    present: &Connection,
    name: &str,
    accounts: Pair<AccountId>,
    document: &Value,
    now_ms: i64,
) -> Result<Revision> {
    let same = present.document == *document;
    let revision = if same { present.revision } else { Revision(present.revision.0 + 1) };
    if !same {
        add_version(tx, present.id, revision, document, now_ms)?;
    }
    tx.sql()
        .prepare_cached(
            "UPDATE connections SET name = ?2, source_account = ?3, target_account = ?4, revision = ?5 WHERE id = ?1",
        )?
        .execute(params![present.id, name, accounts.source, accounts.target, revision])
        .map_err(|error| match StoreError::from(error) {
            error if error.kind == StoreErrorKind::Taken => {
                StoreError::new(StoreErrorKind::Taken, format!("There is a connection called `{name}` already."))
                    .with_remedy("Choose another name.")
            }
            error => error,
        })?;
    Ok(revision)
}

fn add_version(
    tx: &Tx<'_>,
    id: ConnectionId,
    revision: Revision,
    document: &Value,
    now_ms: i64,
) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO connection_versions (connection, revision, document, saved_ms) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id, revision, json(document)?, now_ms])?;
    Ok(())
}

/// Those that were not removed, by name.
pub fn list(connection: &Conn) -> Result<Vec<Connection>> {
    let mut statement =
        connection.sql().prepare_cached(&format!("{COLUMNS} WHERE c.removed_ms IS NULL ORDER BY c.name"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One connection, removed or not.
pub fn get(connection: &Conn, id: ConnectionId) -> Result<Option<Connection>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} WHERE c.id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// One connection by its name, removed ones left out.
pub fn by_name(connection: &Conn, name: &str) -> Result<Option<Connection>> {
    let mut statement =
        connection.sql().prepare_cached(&format!("{COLUMNS} WHERE c.name = ?1 AND c.removed_ms IS NULL"))?;
    Ok(statement.query_row([name], read).optional()?)
}

/// An earlier configuration.
pub fn version(connection: &Conn, id: ConnectionId, revision: Revision) -> Result<Option<(Value, i64)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT document, saved_ms FROM connection_versions WHERE connection = ?1 AND revision = ?2",
    )?;
    let found = statement.query_row(params![id, revision], |row| Ok((read_json(row, 0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// All revisions and when they were saved, newest first.
pub fn versions(connection: &Conn, id: ConnectionId) -> Result<Vec<(Revision, i64)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT revision, saved_ms FROM connection_versions WHERE connection = ?1 ORDER BY revision DESC",
    )?;
    let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Switches automatic runs.
pub fn set_automatic(tx: &Tx<'_>, id: ConnectionId, automatic: bool) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE connections SET automatic = ?2 WHERE id = ?1 AND removed_ms IS NULL")?
        .execute(params![id, automatic])?;
    if changed == 0 { Err(StoreError::not_found(format!("connection {id}"))) } else { Ok(()) }
}

/// Those removed at this moment or later, newest first.
pub fn removed_since(connection: &Conn, since_ms: i64) -> Result<Vec<Connection>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE c.removed_ms >= ?1 ORDER BY c.removed_ms DESC, c.id DESC"
    ))?;
    let rows = statement.query_map([since_ms], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Brings a removed connection back; its name must be free.
pub fn restore(tx: &Tx<'_>, id: ConnectionId) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE connections SET removed_ms = NULL WHERE id = ?1 AND removed_ms IS NOT NULL")?
        .execute([id])?;
    if changed == 0 { Err(StoreError::not_found(format!("removed connection {id}"))) } else { Ok(()) }
}

/// Removes a connection from sight and from runs. Its links, ledgers and decisions stay (hazards.md H13).
pub fn remove(tx: &Tx<'_>, id: ConnectionId, now_ms: i64) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached(
            "UPDATE connections SET removed_ms = ?2, automatic = 0 WHERE id = ?1 AND removed_ms IS NULL",
        )?
        .execute(params![id, now_ms])?;
    if changed == 0 { Err(StoreError::not_found(format!("connection {id}"))) } else { Ok(()) }
}
