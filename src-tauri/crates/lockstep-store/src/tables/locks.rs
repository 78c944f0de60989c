//! The epoch: raised with each acquisition of the run lock, checked by each write of a run (hazards.md H47).

use lockstep_core::omission::{Omission, left_out};
use rusqlite::{OptionalExtension, params};

use crate::error::{Result, StoreError, StoreErrorKind};
use crate::store::{Connection, Tx};
use crate::words::row_id;

row_id! {
    /// Counts the holders of the run lock.
    Epoch
}

/// Starts a new epoch; what an earlier holder still tries to commit is refused from here on.
pub fn raise_epoch(tx: &Tx<'_>, holder: &str, now_ms: i64) -> Result<Epoch> {
    let mut statement = tx.sql().prepare_cached(
        "INSERT INTO locks (name, epoch, holder, taken_ms) VALUES ('run', 1, ?1, ?2)
         ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1, holder = excluded.holder, taken_ms = excluded.taken_ms
         RETURNING epoch",
    )?;
    Ok(statement.query_row(params![holder, now_ms], |row| row.get(0))?)
}

/// The present epoch; 0 before the first holder.
pub fn epoch(connection: &Connection) -> Result<Epoch> {
    let mut statement = connection.sql().prepare_cached("SELECT epoch FROM locks WHERE name = 'run'")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or(Epoch(0)))
}

pub(crate) fn check_epoch(connection: &Connection, expected: Epoch) -> Result<()> {
    let now = epoch(connection)?;
    if now == expected || left_out(Omission::EpochNotChecked) {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::EpochPassed,
        format!("Another process has taken this store over (epoch {now}, ours was {expected}); this run stops here."),
    )
    .with_remedy("Nothing to do: the other process finishes what was left open."))
}
