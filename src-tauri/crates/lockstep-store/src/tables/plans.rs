//! Plans that wait for a person: every row of them, spooled while the gather goes on (hazards.md H46, H52).

use lockstep_core::sync::{Outcome, Subject, TicketPlan};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::connections::{ConnectionId, Revision};
use super::locks::Epoch;
use crate::error::{Result, StoreError};
use crate::packed::Packed;
use crate::store::{Connection, Tx};
use crate::words::{json, ordered_id, read_json, read_packed, read_word, row_id, word};

row_id! {
    /// A plan's row; what `run --plan` names.
    PlanId
}

/// A plan without its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub id: PlanId,
    pub connection: ConnectionId,
    pub made_ms: i64,
    /// The configuration it was made with; another one voids it.
    pub mapping_revision: Revision,
    /// The epoch it was made in; another one voids it.
    pub epoch: Epoch,
    pub kept_until_ms: i64,
    pub summary: Value,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRow {
    pub ordinal: u32,
    pub plan: TicketPlan,
    /// Whether a person left it in.
    pub included: bool,
}

/// The text under which a subject is found: `link:7`, `new:source:INC1`.
pub fn subject_key(subject: &Subject) -> String {
    match subject {
        Subject::Link { link } => format!("link:{}", link.0),
        Subject::New { side, ticket } => format!("new:{side}:{ticket}"),
    }
}

/// Begins a plan; rows follow with [`append`].
pub fn begin(
    tx: &Tx<'_>,
    connection: ConnectionId,
    mapping_revision: Revision,
    epoch: Epoch,
    made_ms: i64,
    kept_until_ms: i64,
) -> Result<PlanId> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO plans (connection, made_ms, mapping_revision, epoch, kept_until_ms, summary)
             VALUES (?1, ?2, ?3, ?4, ?5, '{}')",
        )?
        .execute(params![connection, made_ms, mapping_revision, epoch, kept_until_ms])?;
    Ok(PlanId(tx.sql().last_insert_rowid()))
}

/// Appends rows; the first gets `first`, and so on.
pub fn append(tx: &Tx<'_>, plan: PlanId, first: u32, rows: &[TicketPlan]) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(
        "INSERT INTO plan_rows (id, plan, ordinal, outcome, row, included) VALUES (?1, ?2, ?3, ?4, ?5, 1)",
    )?;
    for (ordinal, row) in (first..).zip(rows) {
        statement.execute(params![
            ordered_id(plan.0, ordinal),
            plan,
            ordinal,
            word(&row.outcome()),
            Packed::of(row)?
        ])?;
    }
    Ok(())
}

/// Writes what the whole plan comes to, and until when it is kept.
pub fn set_summary(tx: &Tx<'_>, plan: PlanId, summary: &Value, kept_until_ms: i64) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE plans SET summary = ?2, kept_until_ms = ?3 WHERE id = ?1")?
        .execute(params![plan, json(summary)?, kept_until_ms])?;
    if changed == 0 { Err(StoreError::not_found(format!("plan {plan}"))) } else { Ok(()) }
}

const COLUMNS: &str =
    "SELECT id, connection, made_ms, mapping_revision, epoch, kept_until_ms, summary FROM plans";

fn read(row: &Row<'_>) -> rusqlite::Result<Plan> {
    Ok(Plan {
        id: row.get(0)?,
        connection: row.get(1)?,
        made_ms: row.get(2)?,
        mapping_revision: row.get(3)?,
        epoch: row.get(4)?,
        kept_until_ms: row.get(5)?,
        summary: read_json(row, 6)?,
    })
}

/// One plan.
pub fn get(connection: &Connection, id: PlanId) -> Result<Option<Plan>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The newest plan of a connection.
pub fn latest(connection: &Connection, of: ConnectionId) -> Result<Option<Plan>> {
    let mut statement = connection
        .sql()
        .prepare_cached(&format!("{COLUMNS} WHERE connection = ?1 ORDER BY id DESC LIMIT 1"))?;
    Ok(statement.query_row([of], read).optional()?)
}

/// Which rows of a plan to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowFilter {
    pub outcome: Option<Outcome>,
    /// Only those a person left in.
    pub included_only: bool,
}

/// Rows with an ordinal of at least `from`, in order.
pub fn page(
    connection: &Connection,
    plan: PlanId,
    filter: RowFilter,
    from: u32,
    limit: u32,
) -> Result<Vec<PlanRow>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT ordinal, row, included FROM plan_rows
         WHERE id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR outcome = ?3) AND (NOT ?4 OR included = 1)
         ORDER BY id LIMIT ?5",
    )?;
    let outcome = filter.outcome.map(|outcome| word(&outcome));
    let (first, last) = (ordered_id(plan.0, from), ordered_id(plan.0, u32::MAX));
    let rows = statement.query_map(params![first, last, outcome, filter.included_only, limit], |row| {
        Ok(PlanRow { ordinal: row.get(0)?, plan: read_packed(row, 1)?, included: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Rows by outcome: how many there are, and how many of them are included.
pub fn counts(connection: &Connection, plan: PlanId) -> Result<Vec<(Outcome, u32, u32)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT outcome, count(*), sum(included) FROM plan_rows WHERE plan = ?1 GROUP BY outcome ORDER BY outcome",
    )?;
    let rows = statement.query_map([plan], |row| Ok((read_word(row, 0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Leaves one row in or out.
pub fn set_included(tx: &Tx<'_>, plan: PlanId, ordinal: u32, included: bool) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE plan_rows SET included = ?2 WHERE id = ?1")?
        .execute(params![ordered_id(plan.0, ordinal), included])?;
    if changed == 0 { Err(StoreError::not_found(format!("row {ordinal} of plan {plan}"))) } else { Ok(()) }
}

/// Leaves all rows of an outcome, or all rows, in or out.
pub fn set_all_included(
    tx: &Tx<'_>,
    plan: PlanId,
    outcome: Option<Outcome>,
    included: bool,
) -> Result<usize> {
    let changed = tx
        .sql()
        .prepare_cached(
            "UPDATE plan_rows SET included = ?3 WHERE plan = ?1 AND (?2 IS NULL OR outcome = ?2)",
        )?
        .execute(params![plan, outcome.map(|outcome| word(&outcome)), included])?;
    Ok(changed)
}

/// Drops a plan with its rows.
pub fn drop(tx: &Tx<'_>, plan: PlanId) -> Result<()> {
    let others: bool = tx
        .sql()
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM plan_rows WHERE id < ?1 OR id > ?2)")?
        .query_row([ordered_id(plan.0, 0), ordered_id(plan.0, u32::MAX)], |row| row.get(0))?;
    if !others {
        // Emptied as a whole, without a look at its rows.
        tx.sql().prepare_cached("DELETE FROM plan_rows")?.execute([])?;
    }
    tx.sql().prepare_cached("DELETE FROM plans WHERE id = ?1")?.execute([plan])?;
    Ok(())
}
