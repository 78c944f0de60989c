//! What is trimmed by age, and what never is.
//!
//! Never: links, tombstones, bases, ledgers, decisions (`seen`), open journal rows, and that a create was done (only
//! its payload goes): without them a ticket or comment could be made twice (engine.md I1).

use rusqlite::params;

use super::runs::RunId;
use crate::error::Result;
use crate::store::Tx;

/// What to trim.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Details of runs that ended before go: outcomes, journal rows, call logs. The run's own row stays.
    pub runs_ended_before_ms: i64,
    /// Lines of the audit log before go.
    pub audit_before_ms: i64,
    /// Conflicts closed before go.
    pub conflicts_closed_before_ms: i64,
    /// Plans whose time is over by now go.
    pub now_ms: i64,
    /// Runs trimmed in one transaction at most, so that others get their turn.
    pub runs_max: u32,
}

/// What was trimmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trimmed {
    pub runs: usize,
    pub outcomes: usize,
    pub journal_rows: usize,
    /// Creates of which only the payload went.
    pub creates_slimmed: usize,
    pub plans: usize,
    pub audit: usize,
    pub conflicts: usize,
    /// Whether there is more: call again.
    pub more: bool,
}

/// Trims what has passed its age.
pub fn trim(tx: &Tx<'_>, limits: Limits) -> Result<Trimmed> {
    let mut trimmed = Trimmed {
        plans: tx
            .sql()
            .prepare_cached(
                "DELETE FROM plans WHERE kept_until_ms < ?1
                     AND id NOT IN (SELECT plan FROM runs WHERE state <> 'done' AND plan IS NOT NULL)",
            )?
            .execute([limits.now_ms])?,
        audit: tx
            .sql()
            .prepare_cached("DELETE FROM audit WHERE at_ms < ?1")?
            .execute([limits.audit_before_ms])?,
        conflicts: tx
            .sql()
            .prepare_cached("DELETE FROM conflicts WHERE state = 'closed' AND changed_ms < ?1")?
            .execute([limits.conflicts_closed_before_ms])?,
        ..Trimmed::default()
    };
    let runs = due_runs(tx, limits)?;
    trimmed.more = runs.len() > limits.runs_max as usize;
    for run in runs.into_iter().take(limits.runs_max as usize) {
        trim_run(tx, run, &mut trimmed)?;
    }
    Ok(trimmed)
}

/// Runs with details that are old enough, oldest first; one more than asked for.
fn due_runs(tx: &Tx<'_>, limits: Limits) -> Result<Vec<RunId>> {
    let mut statement = tx.sql().prepare_cached(
        "SELECT id FROM runs WHERE state = 'done' AND ended_ms < ?1
             AND (calls <> '{}' OR EXISTS (SELECT 1 FROM outcomes WHERE run = runs.id)
                 OR EXISTS (SELECT 1 FROM journal WHERE run = runs.id AND state IN ('done', 'failed', 'void')
                     AND (payload IS NOT NULL OR NOT (kind = 'create' AND state = 'done'))))
         ORDER BY id LIMIT ?2",
    )?;
    let rows = statement
        .query_map(params![limits.runs_ended_before_ms, limits.runs_max.saturating_add(1)], |row| {
            row.get(0)
        })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn trim_run(tx: &Tx<'_>, run: RunId, trimmed: &mut Trimmed) -> Result<()> {
    trimmed.outcomes += tx.sql().prepare_cached("DELETE FROM outcomes WHERE run = ?1")?.execute([run])?;
    trimmed.journal_rows += tx
        .sql()
        .prepare_cached(
            "DELETE FROM journal WHERE run = ?1 AND state IN ('done', 'failed', 'void')
                 AND NOT (kind = 'create' AND state = 'done')",
        )?
        .execute([run])?;
    trimmed.creates_slimmed += tx
        .sql()
        .prepare_cached(
            "UPDATE journal SET payload = NULL, before = NULL, outcome = NULL
             WHERE run = ?1 AND kind = 'create' AND state = 'done' AND payload IS NOT NULL",
        )?
        .execute([run])?;
    tx.sql().prepare_cached("UPDATE runs SET calls = '{}' WHERE id = ?1")?.execute([run])?;
    trimmed.runs += 1;
    Ok(())
}
