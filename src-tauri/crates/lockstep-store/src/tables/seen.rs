//! Decisions on tickets that have no link, with the revision of the rule that decided (hazards.md H44). Never trimmed.
//!
//! They belong to a feed, not to an account alone: two connections may decide differently on one ticket.

use std::collections::BTreeMap;

use lockstep_core::TicketId;
use lockstep_core::marker::Fingerprint;
use rusqlite::{OptionalExtension, Row, params};

use super::feed::Feed;
use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::word;

/// What was decided on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub ticket: TicketId,
    /// Revision of the rules that decided.
    pub rule_revision: String,
    /// The decision, as a word or sentence.
    pub decision: String,
    pub seen_ms: i64,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Seen> {
    Ok(Seen {
        ticket: TicketId(row.get(0)?),
        rule_revision: row.get(1)?,
        decision: row.get(2)?,
        seen_ms: row.get(3)?,
    })
}

/// Writes a decision over the one before.
pub fn put(tx: &Tx<'_>, feed: &Feed, account: &Fingerprint, seen: &Seen) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO seen (connection, type_mapping, side, ticket, account, rule_revision, decision, seen_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (connection, type_mapping, side, ticket) DO UPDATE SET account = excluded.account,
                 rule_revision = excluded.rule_revision, decision = excluded.decision, seen_ms = excluded.seen_ms",
        )?
        .execute(params![
            feed.connection,
            feed.type_mapping,
            word(&feed.side),
            seen.ticket.as_str(),
            account.0,
            seen.rule_revision,
            seen.decision,
            seen.seen_ms,
        ])?;
    Ok(())
}

/// The decision on one ticket.
pub fn get(connection: &Connection, feed: &Feed, ticket: &TicketId) -> Result<Option<Seen>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT ticket, rule_revision, decision, seen_ms FROM seen
         WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3 AND ticket = ?4",
    )?;
    let found = statement
        .query_row(params![feed.connection, feed.type_mapping, word(&feed.side), ticket.as_str()], read);
    Ok(found.optional()?)
}

/// The decisions on those of `tickets` that have one.
pub fn get_many(
    connection: &Connection,
    feed: &Feed,
    tickets: &[TicketId],
) -> Result<BTreeMap<TicketId, Seen>> {
    let mut found = BTreeMap::new();
    for ticket in tickets {
        if let Some(seen) = get(connection, feed, ticket)? {
            found.insert(ticket.clone(), seen);
        }
    }
    Ok(found)
}

/// Tickets that another revision decided on, in the order of their ids, after `after`: to be decided again.
pub fn of_other_revision(
    connection: &Connection,
    feed: &Feed,
    rule_revision: &str,
    after: Option<&TicketId>,
    limit: u32,
) -> Result<Vec<TicketId>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT ticket FROM seen INDEXED BY seen_revision
         WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3 AND rule_revision < ?4 AND ticket > ?5
         UNION ALL
         SELECT ticket FROM seen INDEXED BY seen_revision
         WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3 AND rule_revision > ?4 AND ticket > ?5
         ORDER BY ticket LIMIT ?6",
    )?;
    let after = after.map_or("", TicketId::as_str);
    let rows = statement.query_map(
        params![feed.connection, feed.type_mapping, word(&feed.side), rule_revision, after, limit],
        |row| Ok(TicketId(row.get(0)?)),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes all decisions over to another revision without deciding again ("from now on"). Returns how many.
pub fn adopt_revision(tx: &Tx<'_>, feed: &Feed, rule_revision: &str) -> Result<usize> {
    let changed = tx
        .sql()
        .prepare_cached(
            "UPDATE seen SET rule_revision = ?4
             WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3 AND rule_revision <> ?4",
        )?
        .execute(params![feed.connection, feed.type_mapping, word(&feed.side), rule_revision])?;
    Ok(changed)
}

/// Forgets the decision on a ticket that has a link by now.
pub fn remove(tx: &Tx<'_>, feed: &Feed, ticket: &TicketId) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "DELETE FROM seen WHERE connection = ?1 AND type_mapping = ?2 AND side = ?3 AND ticket = ?4",
        )?
        .execute(params![feed.connection, feed.type_mapping, word(&feed.side), ticket.as_str()])?;
    Ok(())
}
