//! How each ticket of a run ended, for Run detail and `explain`; trimmed by age.

use std::collections::BTreeSet;

use lockstep_core::side::Pair;
use lockstep_core::sync::Outcome;
use rusqlite::{Row, params};
use serde_json::Value;

use super::runs::RunId;
use crate::error::Result;
use crate::packed::Packed;
use crate::store::{Connection, Tx};
use crate::words::{ordered_id, read_packed, read_word, word};

/// One ticket's end, to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOutcome {
    pub run: RunId,
    pub ordinal: u32,
    /// As `plans::subject_key` spells it.
    pub subject: String,
    pub keys: Pair<Option<String>>,
    pub title: String,
    pub outcome: Outcome,
    /// Changes, notices and errors.
    pub detail: Packed,
}

/// One ticket's end.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeRow {
    pub run: RunId,
    pub ordinal: u32,
    /// As `plans::subject_key` spells it.
    pub subject: String,
    pub keys: Pair<Option<String>>,
    pub title: String,
    pub outcome: Outcome,
    /// Changes, notices and errors.
    pub detail: Value,
}

const COLUMNS: &str =
    "SELECT run, ordinal, subject, source_key, target_key, title, outcome, detail FROM outcomes";

fn read(row: &Row<'_>) -> rusqlite::Result<OutcomeRow> {
    Ok(OutcomeRow {
        run: row.get(0)?,
        ordinal: row.get(1)?,
        subject: row.get(2)?,
        keys: Pair { source: row.get(3)?, target: row.get(4)? },
        title: row.get(5)?,
        outcome: read_word(row, 6)?,
        detail: read_packed(row, 7)?,
    })
}

/// Writes an end; a second one of the same place in the run replaces it (a ticket planned again in one run).
pub fn put(tx: &Tx<'_>, row: &NewOutcome) -> Result<()> {
    put_as(tx, row, &row.subject)
}

/// As [`put`], of a subject that was only made now: a ticket that was created is a link from here on.
pub fn put_as(tx: &Tx<'_>, row: &NewOutcome, subject: &str) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO outcomes (run, ordinal, subject, source_key, target_key, title, outcome, detail, id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET subject = excluded.subject, source_key = excluded.source_key,
                 target_key = excluded.target_key, title = excluded.title, outcome = excluded.outcome,
                 detail = excluded.detail",
        )?
        .execute(params![
            row.run,
            row.ordinal,
            subject,
            row.keys.source,
            row.keys.target,
            row.title,
            word(&row.outcome),
            row.detail,
            ordered_id(row.run.0, row.ordinal),
        ])?;
    Ok(())
}

/// Rows of a run with an ordinal of at least `from`, in order.
pub fn page(
    connection: &Connection,
    run: RunId,
    outcome: Option<Outcome>,
    from: u32,
    limit: u32,
) -> Result<Vec<OutcomeRow>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR outcome = ?3) ORDER BY id LIMIT ?4"
    ))?;
    let rows = statement.query_map(
        params![
            ordered_id(run.0, from),
            ordered_id(run.0, u32::MAX),
            outcome.map(|outcome| word(&outcome)),
            limit
        ],
        read,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Which places of a run have an end, from `first` to `last`.
pub fn recorded(connection: &Connection, run: RunId, first: u32, last: u32) -> Result<BTreeSet<u32>> {
    let mut statement =
        connection.sql().prepare_cached("SELECT ordinal FROM outcomes WHERE id BETWEEN ?1 AND ?2")?;
    let rows =
        statement.query_map(params![ordered_id(run.0, first), ordered_id(run.0, last)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The place behind the last row of a run.
pub fn next_ordinal(connection: &Connection, run: RunId) -> Result<u32> {
    let mut statement = connection
        .sql()
        .prepare_cached("SELECT coalesce(max(ordinal) + 1, 0) FROM outcomes WHERE id BETWEEN ?1 AND ?2")?;
    let span = params![ordered_id(run.0, 0), ordered_id(run.0, u32::MAX)];
    Ok(statement.query_row(span, |row| row.get(0))?)
}

/// Rows of a run by outcome.
pub fn counts(connection: &Connection, run: RunId) -> Result<Vec<(Outcome, u32)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT outcome, count(*) FROM outcomes WHERE run = ?1 GROUP BY outcome ORDER BY outcome",
    )?;
    let rows = statement.query_map([run], |row| Ok((read_word(row, 0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What became of one subject, newest run first.
pub fn of_subject(connection: &Connection, subject: &str, limit: u32) -> Result<Vec<OutcomeRow>> {
    let mut statement = connection
        .sql()
        .prepare_cached(&format!("{COLUMNS} WHERE subject = ?1 ORDER BY run DESC, ordinal LIMIT ?2"))?;
    let rows = statement.query_map(params![subject, limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
