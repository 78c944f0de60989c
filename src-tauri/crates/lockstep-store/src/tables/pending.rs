//! The pending list: tickets seen but not dealt with. Every gather reads it besides the feed (hazards.md H43).

use lockstep_core::marker::Fingerprint;
use lockstep_core::{Side, TicketId};
use rusqlite::{Row, params};

use super::connections::ConnectionId;
use super::feed::Feed;
use super::runs::RunId;
use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{read_word, word, words};

words! {
    /// Why a ticket waits.
    PendingReason {
        /// It failed; it is planned anew.
        Failed = "failed",
        /// An operation of it has no certain outcome yet.
        Unknown = "unknown",
        /// A person must decide something.
        Decision = "decision",
        /// It moved while the plan was shown or carried out.
        Moved = "moved",
        /// The run was cancelled before it.
        Cancelled = "cancelled",
        /// A person left it out of the plan.
        LeftOut = "left_out",
        /// Its link is parked.
        Parked = "parked",
        /// Something could not be read.
        Unreadable = "unreadable",
        /// It waits for the other platform: index lag, grace time, rate limit.
        Lag = "lag",
        /// Written too close to the reading: looked at again (hazards.md H17).
        TooFresh = "too_fresh",
        /// A guard stopped the run before it.
        Guard = "guard",
        /// Anything else; the sentence says what.
        Other = "other",
    }
}

/// A ticket that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub feed: Feed,
    pub account: Fingerprint,
    pub ticket: TicketId,
    pub reason: PendingReason,
    /// The reason as a sentence.
    pub detail: String,
    /// Since when it waits.
    pub since_ms: i64,
    /// How often it was added again since.
    pub tries: u32,
    /// Not looked at before.
    pub not_before_ms: i64,
    pub run: Option<RunId>,
}

/// A ticket to add.
#[derive(Debug, Clone, Copy)]
pub struct NewPending<'a> {
    pub feed: &'a Feed,
    pub account: &'a Fingerprint,
    pub ticket: &'a TicketId,
    pub reason: PendingReason,
    pub detail: &'a str,
    pub not_before_ms: i64,
    pub run: Option<RunId>,
}

const COLUMNS: &str =
    "SELECT connection, type_mapping, side, ticket, account, reason, detail, since_ms, tries,
         not_before_ms, run
     FROM pending";

fn read(row: &Row<'_>) -> rusqlite::Result<Pending> {
    Ok(Pending {
        feed: Feed { connection: row.get(0)?, type_mapping: row.get(1)?, side: read_word(row, 2)? },
        ticket: TicketId(row.get(3)?),
        account: Fingerprint(row.get(4)?),
        reason: row.get(5)?,
        detail: row.get(6)?,
        since_ms: row.get(7)?,
        tries: row.get(8)?,
        not_before_ms: row.get(9)?,
        run: row.get(10)?,
    })
}

/// Adds a ticket; one that waits already keeps its beginning, counts one more try and takes the new reason.
pub fn add(tx: &Tx<'_>, new: NewPending<'_>, now_ms: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO pending (connection, type_mapping, side, ticket, account, reason, detail, since_ms, tries,
                 not_before_ms, run)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10)
             ON CONFLICT (connection, type_mapping, side, ticket) DO UPDATE SET
                 account = excluded.account, reason = excluded.reason, detail = excluded.detail, tries = tries + 1,
                 not_before_ms = excluded.not_before_ms, run = excluded.run",
        )?
        .execute(params![
            new.feed.connection,
            new.feed.type_mapping,
            word(&new.feed.side),
            new.ticket.as_str(),
            new.account.0,
            new.reason,
            new.detail,
            now_ms,
            new.not_before_ms,
            new.run,
        ])?;
    Ok(())
}

/// Removes a ticket that was dealt with; whether it was there.
pub fn remove(tx: &Tx<'_>, feed: &Feed, ticket: &TicketId) -> Result<bool> {
    let removed = tx
        .sql()
        .prepare_cached(
            "DELETE FROM pending WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3 AND ticket = ?4",
        )?
        .execute(params![feed.connection, feed.type_mapping, word(&feed.side), ticket.as_str()])?;
    Ok(removed > 0)
}

/// Tickets whose wait is over, longest wait first.
pub fn due(connection: &Connection, feed: &Feed, now_ms: i64, limit: u32) -> Result<Vec<Pending>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3 AND not_before_ms <= ?4
         ORDER BY not_before_ms, ticket LIMIT ?5"
    ))?;
    let rows = statement
        .query_map(params![feed.connection, feed.type_mapping, word(&feed.side), now_ms, limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes everything of a connection due at once ("retry now").
pub fn wake(tx: &Tx<'_>, connection: ConnectionId) -> Result<usize> {
    Ok(tx
        .sql()
        .prepare_cached("UPDATE pending SET not_before_ms = 0 WHERE connection = ?1")?
        .execute([connection])?)
}

/// The list of a connection, after the last row of the page before.
pub fn list(
    connection: &Connection,
    of: ConnectionId,
    after: Option<(&str, Side, &TicketId)>,
    limit: u32,
) -> Result<Vec<Pending>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE connection = ?1 AND (type_mapping, side, ticket) > (?2, ?3, ?4)
         ORDER BY type_mapping, side, ticket LIMIT ?5"
    ))?;
    let (type_mapping, side, ticket) = match after {
        Some((type_mapping, side, ticket)) => (type_mapping, word(&side), ticket.as_str()),
        None => ("", String::new(), ""),
    };
    let rows = statement.query_map(params![of, type_mapping, side, ticket, limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One ticket of the list.
pub fn get(connection: &Connection, feed: &Feed, ticket: &TicketId) -> Result<Option<Pending>> {
    use rusqlite::OptionalExtension;
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3 AND ticket = ?4"
    ))?;
    let found = statement
        .query_row(params![feed.connection, feed.type_mapping, word(&feed.side), ticket.as_str()], read);
    Ok(found.optional()?)
}

/// How many tickets of a connection wait.
pub fn count(connection: &Connection, of: ConnectionId) -> Result<u32> {
    let mut statement =
        connection.sql().prepare_cached("SELECT count(*) FROM pending WHERE connection = ?1")?;
    Ok(statement.query_row([of], |row| row.get(0))?)
}
