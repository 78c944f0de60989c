//! Quarantine: what failed for good waits here for a person; the rest goes on.

use std::collections::BTreeSet;

use lockstep_core::sync::LinkId;
use lockstep_core::{Side, TicketId};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::connections::ConnectionId;
use super::runs::RunId;
use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{json, read_json, read_word, row_id, word};

row_id! {
    /// A quarantined subject's row.
    QuarantineId
}

/// A subject to quarantine.
#[derive(Debug, Clone, PartialEq)]
pub struct NewQuarantined {
    pub connection: ConnectionId,
    /// As `plans::subject_key` spells it.
    pub subject: String,
    pub link: Option<LinkId>,
    pub side: Side,
    pub ticket: TicketId,
    /// What people call the ticket.
    pub key: String,
    /// The title it had; empty where it was not known.
    pub title: String,
    /// The type mapping it was planned with; empty in rows of older versions without a link.
    pub type_mapping: String,
    /// Kind, message and remedy.
    pub error: Value,
    pub run: Option<RunId>,
}

/// A quarantined subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantined {
    pub id: QuarantineId,
    pub what: NewQuarantined,
    pub since_ms: i64,
    pub tries: u32,
}

const COLUMNS: &str =
    "SELECT id, connection, subject, link, side, ticket, key, error, run, since_ms, tries, title, type_mapping
     FROM quarantine";

fn read(row: &Row<'_>) -> rusqlite::Result<Quarantined> {
    Ok(Quarantined {
        id: row.get(0)?,
        what: NewQuarantined {
            connection: row.get(1)?,
            subject: row.get(2)?,
            link: row.get::<_, Option<i64>>(3)?.map(LinkId),
            side: read_word(row, 4)?,
            ticket: TicketId(row.get(5)?),
            key: row.get(6)?,
            title: row.get(11)?,
            type_mapping: row.get(12)?,
            error: read_json(row, 7)?,
            run: row.get(8)?,
        },
        since_ms: row.get(9)?,
        tries: row.get(10)?,
    })
}

/// Puts a subject in; one that is in already takes the new error and counts one more try.
pub fn put(tx: &Tx<'_>, what: &NewQuarantined, now_ms: i64) -> Result<QuarantineId> {
    let mut statement = tx.sql().prepare_cached(
        "INSERT INTO quarantine (connection, subject, link, side, ticket, key, error, since_ms, tries, run, title,
             type_mapping)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10, ?11)
         ON CONFLICT (connection, subject) DO UPDATE SET link = excluded.link, key = excluded.key,
             error = excluded.error, tries = tries + 1, run = excluded.run, title = excluded.title,
             type_mapping = excluded.type_mapping
         RETURNING id",
    )?;
    let id = statement.query_row(
        params![
            what.connection,
            what.subject,
            what.link.map(|link| link.0),
            word(&what.side),
            what.ticket.as_str(),
            what.key,
            json(&what.error)?,
            now_ms,
            what.run,
            what.title,
            what.type_mapping,
        ],
        |row| row.get(0),
    )?;
    Ok(id)
}

/// Whether a subject is in quarantine.
pub fn get(connection: &Connection, of: ConnectionId, subject: &str) -> Result<Option<Quarantined>> {
    let mut statement =
        connection.sql().prepare_cached(&format!("{COLUMNS} WHERE connection = ?1 AND subject = ?2"))?;
    Ok(statement.query_row(params![of, subject], read).optional()?)
}

/// One row by its number.
pub fn by_id(connection: &Connection, id: QuarantineId) -> Result<Option<Quarantined>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The subjects of a connection that are in quarantine.
pub fn subjects(connection: &Connection, of: ConnectionId) -> Result<BTreeSet<String>> {
    let mut statement =
        connection.sql().prepare_cached("SELECT subject FROM quarantine WHERE connection = ?1")?;
    Ok(statement.query_map([of], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Takes a subject out; whether it was in.
pub fn remove(tx: &Tx<'_>, of: ConnectionId, subject: &str) -> Result<bool> {
    let removed = tx
        .sql()
        .prepare_cached("DELETE FROM quarantine WHERE connection = ?1 AND subject = ?2")?
        .execute(params![of, subject])?;
    Ok(removed > 0)
}

/// All of a connection, in the order they came.
pub fn list(
    connection: &Connection,
    of: ConnectionId,
    after: Option<QuarantineId>,
    limit: u32,
) -> Result<Vec<Quarantined>> {
    let mut statement = connection
        .sql()
        .prepare_cached(&format!("{COLUMNS} WHERE connection = ?1 AND id > ?2 ORDER BY id LIMIT ?3"))?;
    let rows = statement.query_map(params![of, after.map_or(0, |id| id.0), limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many are in.
pub fn count(connection: &Connection, of: ConnectionId) -> Result<u32> {
    let mut statement =
        connection.sql().prepare_cached("SELECT count(*) FROM quarantine WHERE connection = ?1")?;
    Ok(statement.query_row([of], |row| row.get(0))?)
}
