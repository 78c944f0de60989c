//! Links: two tickets that are one. Ended ones stay as tombstones for good (hazards.md H13).

use std::sync::LazyLock;

use lockstep_core::marker::{Fingerprint, PairKey};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::side::Pair;
use lockstep_core::sync::{Link, LinkId, LinkState};
use lockstep_core::ticket::Version;
use lockstep_core::{Side, TicketId};
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::connections::ConnectionId;
use super::standing::{self, Standing};
use crate::error::{Result, StoreError, StoreErrorKind};
use crate::store::{Connection, Tx};
use crate::words::{json, read_json, read_word, unreadable, word};

/// A link as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredLink {
    pub link: Link,
    /// Fingerprints of both accounts: they, not rows of this store, make a link found again.
    pub accounts: Pair<Fingerprint>,
    /// What the engine keeps beside it.
    pub extras: Value,
}

impl StoredLink {
    /// The key that the marker on the copy carries.
    pub fn pair_key(&self) -> PairKey {
        let origin = self.link.origin;
        PairKey {
            origin: self.accounts[origin].clone(),
            ticket: self.link.tickets[origin].clone(),
            destination: self.accounts[origin.opposite()].clone(),
            generation: self.link.generation,
        }
    }

    /// The side on which `ticket` of `account` stands.
    pub fn side_of(&self, account: &Fingerprint, ticket: &TicketId) -> Option<Side> {
        Side::BOTH
            .into_iter()
            .find(|side| self.accounts[*side] == *account && self.link.tickets[*side] == *ticket)
    }
}

const COLUMNS: &str =
    "SELECT id, connection, type_mapping, source_account, target_account, source_ticket, target_ticket,
         source_key, target_key, origin, generation, state, reason, source_stamp_ms, source_counter,
         target_stamp_ms, target_counter, marker_due, linked_ms, extras
     FROM links";

fn read(row: &Row<'_>) -> rusqlite::Result<StoredLink> {
    Ok(StoredLink {
        link: Link {
            id: LinkId(row.get(0)?),
            connection: row.get(1)?,
            type_mapping: row.get(2)?,
            tickets: Pair { source: TicketId(row.get(5)?), target: TicketId(row.get(6)?) },
            keys: Pair { source: row.get(7)?, target: row.get(8)? },
            origin: read_word(row, 9)?,
            generation: row.get(10)?,
            state: read_state(row, 11, 12)?,
            versions: Pair { source: read_version(row, 13)?, target: read_version(row, 15)? },
            marker_due: row.get(17)?,
            linked_ms: row.get(18)?,
        },
        accounts: Pair { source: Fingerprint(row.get(3)?), target: Fingerprint(row.get(4)?) },
        extras: read_json(row, 19)?,
    })
}

fn read_version(row: &Row<'_>, at: usize) -> rusqlite::Result<Version> {
    let counter = row.get::<_, Option<i64>>(at + 1)?;
    let counter = counter.map(u64::try_from).transpose().map_err(|cause| unreadable(at + 1, cause))?;
    Ok(Version { stamp_ms: row.get(at)?, counter })
}

/// SQLite's numbers end at `i64::MAX`; no platform counts that far.
fn counter(version: Version) -> Result<Option<i64>> {
    version.counter.map(i64::try_from).transpose().map_err(|cause| StoreError::data("version", cause))
}

fn read_state(row: &Row<'_>, word_at: usize, reason_at: usize) -> rusqlite::Result<LinkState> {
    let reason: String = row.get(reason_at)?;
    match row.get_ref(word_at)?.as_str()? {
        "live" => Ok(LinkState::Live),
        "parked" => Ok(LinkState::Parked(reason)),
        "not_visible" => Ok(LinkState::NotVisible(reason)),
        "merged" => Ok(LinkState::Merged(reason)),
        "ended" => Ok(LinkState::Ended(reason)),
        other => Err(unreadable(word_at, format!("unknown link state `{other}`"))),
    }
}

/// Adds a link with its tickets' titles; `link.id` is ignored. Refused with [`StoreErrorKind::Taken`] where either ticket has a link to the
/// other's account that has not ended, whichever side it stands on there (hazards.md H12).
pub fn insert(
    tx: &Tx<'_>,
    link: &Link,
    accounts: &Pair<Fingerprint>,
    titles: &Pair<String>,
    extras: &Value,
) -> Result<LinkId> {
    if !matches!(link.state, LinkState::Ended(_)) {
        refuse_second(tx, accounts, &link.tickets, None)?;
    }
    tx.sql()
        .prepare_cached(
            "INSERT INTO links (connection, type_mapping, source_account, target_account, source_ticket, target_ticket,
                 source_key, target_key, origin, generation, state, reason, source_stamp_ms, source_counter,
                 target_stamp_ms, target_counter, marker_due, linked_ms, extras, source_title, target_title, synced_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?18)",
        )?
        .execute(params![
            link.connection,
            link.type_mapping,
            accounts.source.0,
            accounts.target.0,
            link.tickets.source.as_str(),
            link.tickets.target.as_str(),
            link.keys.source,
            link.keys.target,
            word(&link.origin),
            link.generation,
            link.state.word(),
            link.state.reason(),
            link.versions.source.stamp_ms,
            counter(link.versions.source)?,
            link.versions.target.stamp_ms,
            counter(link.versions.target)?,
            link.marker_due,
            link.linked_ms,
            json(extras)?,
            titles.source,
            titles.target,
        ])?;
    Ok(LinkId(tx.sql().last_insert_rowid()))
}

/// The unique indexes see a ticket in one role; a connection in the other direction puts it into the other one.
fn refuse_second(
    tx: &Tx<'_>,
    accounts: &Pair<Fingerprint>,
    tickets: &Pair<TicketId>,
    except: Option<LinkId>,
) -> Result<()> {
    for side in Side::BOTH {
        let held = active(tx, &accounts[side], &tickets[side], &accounts[side.opposite()])?;
        if let Some(held) = held.filter(|held| Some(held.link.id) != except) {
            return Err(StoreError::new(
                StoreErrorKind::Taken,
                format!(
                    "Ticket {} is linked already: {} and {}.",
                    tickets[side], held.link.keys.source, held.link.keys.target
                ),
            )
            .with_remedy("Unlink those two first."));
        }
    }
    Ok(())
}

/// The link of `ticket` to `other` that has not ended.
pub fn active(
    connection: &Connection,
    account: &Fingerprint,
    ticket: &TicketId,
    other: &Fingerprint,
) -> Result<Option<StoredLink>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE source_account = ?1 AND source_ticket = ?2 AND target_account = ?3 AND state <> 'ended'
         UNION ALL
         {COLUMNS} WHERE target_account = ?1 AND target_ticket = ?2 AND source_account = ?3 AND state <> 'ended'
         LIMIT 1"
    ))?;
    Ok(statement.query_row(params![account.0, ticket.as_str(), other.0], read).optional()?)
}

/// Every link of a ticket, tombstones last, then by id.
pub fn by_ticket(
    connection: &Connection,
    account: &Fingerprint,
    ticket: &TicketId,
) -> Result<Vec<StoredLink>> {
    let mut statement = connection.sql().prepare_cached(&BY_TICKET)?;
    let rows = statement.query_map(params![account.0, ticket.as_str()], read)?;
    let mut links = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    links.sort_by_key(|link| (matches!(link.link.state, LinkState::Ended(_)), link.link.id));
    Ok(links)
}

/// A part for each of the four indexes.
static BY_TICKET: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{COLUMNS} WHERE source_account = ?1 AND source_ticket = ?2 AND state <> 'ended'
         UNION ALL
         {COLUMNS} WHERE target_account = ?1 AND target_ticket = ?2 AND state <> 'ended'
         UNION ALL
         {COLUMNS} WHERE source_account = ?1 AND source_ticket = ?2 AND state = 'ended'
         UNION ALL
         {COLUMNS} WHERE target_account = ?1 AND target_ticket = ?2 AND state = 'ended'"
    )
});

/// As [`by_ticket`] for many tickets of one account; each answer in the order of `tickets`.
pub fn by_tickets(
    connection: &Connection,
    account: &Fingerprint,
    tickets: &[TicketId],
) -> Result<Vec<Vec<StoredLink>>> {
    tickets.iter().map(|ticket| by_ticket(connection, account, ticket)).collect()
}

/// One link.
pub fn get(connection: &Connection, id: LinkId) -> Result<Option<StoredLink>> {
    let mut statement = connection.sql().prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    Ok(statement.query_row([id.0], read).optional()?)
}

/// A link with what lists show of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownLink {
    pub stored: StoredLink,
    /// As last seen; empty where none was.
    pub titles: Pair<String>,
    /// When the two were last found or brought in step.
    pub synced_ms: i64,
}

/// One link with what lists show of it.
pub fn shown(connection: &Connection, id: LinkId) -> Result<Option<ShownLink>> {
    let Some(stored) = get(connection, id)? else { return Ok(None) };
    let mut statement = connection
        .sql()
        .prepare_cached("SELECT source_title, target_title, synced_ms FROM links WHERE id = ?1")?;
    let shown = statement.query_row([id.0], |row| {
        let titles = Pair { source: row.get(0)?, target: row.get(1)? };
        Ok(ShownLink { stored, titles, synced_ms: row.get(2)? })
    })?;
    Ok(Some(shown))
}

/// What forbids to create or adopt a counterpart of `ticket` on `other`: a link, or the newest tombstone.
pub fn blocked(
    connection: &Connection,
    account: &Fingerprint,
    ticket: &TicketId,
    other: &Fingerprint,
) -> Result<Option<StoredLink>> {
    let links = by_ticket(connection, account, ticket)?;
    let mut of_pair: Vec<StoredLink> = links
        .into_iter()
        .filter(|link| {
            link.side_of(account, ticket).is_some_and(|side| link.accounts[side.opposite()] == *other)
        })
        .filter(|link| {
            !(left_out(Omission::TombstonesForgotten) && matches!(link.link.state, LinkState::Ended(_)))
        })
        .collect();
    // Those that have not ended come first; among tombstones the newest counts, it has the highest generation.
    if of_pair.first().is_some_and(|link| !matches!(link.link.state, LinkState::Ended(_))) {
        return Ok(Some(of_pair.swap_remove(0)));
    }
    Ok(of_pair.pop())
}

/// Moves a link to another state. Reviving a tombstone is refused where the ticket has another link by now.
pub fn set_state(tx: &Tx<'_>, id: LinkId, state: &LinkState) -> Result<()> {
    let present = get(tx, id)?.ok_or_else(|| StoreError::not_found(format!("link {}", id.0)))?;
    if !matches!(state, LinkState::Ended(_)) && matches!(present.link.state, LinkState::Ended(_)) {
        refuse_second(tx, &present.accounts, &present.link.tickets, Some(id))?;
    }
    tx.sql().prepare_cached("UPDATE links SET state = ?2, reason = ?3 WHERE id = ?1")?.execute(params![
        id.0,
        state.word(),
        state.reason()
    ])?;
    Ok(())
}

/// Raises the highest version seen or written of a side; a lower one changes nothing (hazards.md H16).
pub fn set_version(tx: &Tx<'_>, id: LinkId, side: Side, version: Version) -> Result<()> {
    let sql = match side {
        Side::Source => {
            "UPDATE links SET source_stamp_ms = ?2, source_counter = coalesce(?3, source_counter) WHERE id = ?1
                 AND (coalesce(?3, -1), ?2) > (CASE WHEN ?3 IS NULL THEN -1 ELSE coalesce(source_counter, -1) END, source_stamp_ms)"
        }
        Side::Target => {
            "UPDATE links SET target_stamp_ms = ?2, target_counter = coalesce(?3, target_counter) WHERE id = ?1
                 AND (coalesce(?3, -1), ?2) > (CASE WHEN ?3 IS NULL THEN -1 ELSE coalesce(target_counter, -1) END, target_stamp_ms)"
        }
    };
    tx.sql().prepare_cached(sql)?.execute(params![id.0, version.stamp_ms, counter(version)?])?;
    Ok(())
}

/// What dealing with a pair shows of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// Versions up to which everything is dealt with; `None` leaves a side alone.
    pub versions: Pair<Option<Version>>,
    /// Titles as last read or written; `None` leaves a side's alone.
    pub titles: Pair<Option<String>>,
    /// The two were found or brought in step.
    pub in_step: bool,
    /// Something was written, so that this counts although no version rises.
    pub wrote: bool,
}

/// As [`set_version`] for both sides, with the titles and when the pair was in step, all in one row's write.
pub fn note_sight(tx: &Tx<'_>, id: LinkId, sight: &Sight, now_ms: i64) -> Result<()> {
    let Sight { versions, titles, in_step, wrote } = sight;
    let [source, target] = [versions.source, versions.target];
    tx.sql().prepare_cached(&NOTE_SIGHT)?.execute(params![
        id.0,
        source.map(|version| version.stamp_ms),
        source.map_or(Ok(None), counter)?,
        target.map(|version| version.stamp_ms),
        target.map_or(Ok(None), counter)?,
        titles.source,
        titles.target,
        in_step,
        wrote,
        now_ms,
    ])?;
    Ok(())
}

/// Whether the version of `side` in the parameters `stamp` and `counter` is higher than what is kept.
fn rises(side: &str, stamp: &str, counter: &str) -> String {
    format!(
        "({stamp} IS NOT NULL AND (coalesce({counter}, -1), {stamp}) > (CASE WHEN {counter} IS NULL THEN -1
             ELSE coalesce({side}_counter, -1) END, {side}_stamp_ms))"
    )
}

static NOTE_SIGHT: LazyLock<String> = LazyLock::new(|| {
    let (source, target) = (rises("source", "?2", "?3"), rises("target", "?4", "?5"));
    format!(
        "UPDATE links SET
             source_stamp_ms = iif({source}, ?2, source_stamp_ms),
             source_counter = iif({source}, coalesce(?3, source_counter), source_counter),
             target_stamp_ms = iif({target}, ?4, target_stamp_ms),
             target_counter = iif({target}, coalesce(?5, target_counter), target_counter),
             source_title = coalesce(?6, source_title), target_title = coalesce(?7, target_title),
             synced_ms = iif(?8, ?10, synced_ms)
         WHERE id = ?1 AND (?9 OR {source} OR {target} OR source_title <> coalesce(?6, source_title)
             OR target_title <> coalesce(?7, target_title))"
    )
});

/// Keys change when a ticket moves to another project.
pub fn set_keys(tx: &Tx<'_>, id: LinkId, keys: &Pair<String>) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE links SET source_key = ?2, target_key = ?3 WHERE id = ?1")?
        .execute(params![id.0, keys.source, keys.target])?;
    found(changed, id)
}

/// Whether the ticket's own id still has to be added to the marker (hazards.md H6).
pub fn set_marker_due(tx: &Tx<'_>, id: LinkId, due: bool) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE links SET marker_due = ?2 WHERE id = ?1")?
        .execute(params![id.0, due])?;
    found(changed, id)
}

/// Hands a link over to another connection or type mapping, the tickets staying the same (hazards.md H55).
pub fn set_place(tx: &Tx<'_>, id: LinkId, connection: ConnectionId, type_mapping: &str) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE links SET connection = ?2, type_mapping = ?3 WHERE id = ?1")?
        .execute(params![id.0, connection, type_mapping])?;
    found(changed, id)
}

/// Replaces what the engine keeps beside a link.
pub fn set_extras(tx: &Tx<'_>, id: LinkId, extras: &Value) -> Result<()> {
    let changed = tx
        .sql()
        .prepare_cached("UPDATE links SET extras = ?2 WHERE id = ?1")?
        .execute(params![id.0, json(extras)?])?;
    found(changed, id)
}

fn found(changed: usize, id: LinkId) -> Result<()> {
    if changed == 0 { Err(StoreError::not_found(format!("link {}", id.0))) } else { Ok(()) }
}

/// A line of the list of links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkLine {
    pub id: LinkId,
    pub connection: ConnectionId,
    pub type_mapping: String,
    pub keys: Pair<String>,
    /// `live`, `parked`, `not_visible`, `merged`, `ended`.
    pub state: String,
}

/// Which links to list.
#[derive(Debug, Clone, Default)]
pub struct LinkFilter {
    pub connection: Option<ConnectionId>,
    /// A state's word.
    pub state: Option<String>,
    /// Leaves out those that have ended.
    pub without_ended: bool,
    /// How they stand, which says more than their state.
    pub standing: Option<Standing>,
    /// Part of a key or a title, in any case.
    pub search: String,
}

impl LinkFilter {
    /// The tail of a statement; it takes four parameters. Without a search one index alone is read; titles are not in it.
    fn tail(&self) -> String {
        let index = if self.needle().is_empty() { "INDEXED BY links_listed" } else { "NOT INDEXED" };
        let search = match self.needle().is_empty() {
            true => "?4 = ''",
            false => "holds(?4, source_key, target_key, source_title, target_title)",
        };
        let standing = self.standing.map_or_else(|| "1".to_owned(), standing::condition);
        format!(
            "FROM links {index} WHERE (?1 IS NULL OR connection = ?1) AND (?2 IS NULL OR state = ?2)
                 AND (NOT ?3 OR state <> 'ended') AND {search} AND {standing}"
        )
    }

    fn needle(&self) -> String {
        self.search.trim().to_lowercase()
    }
}

/// A page of links by their source keys, from `offset` on: 100,000 links are listed in milliseconds, and searched in some
/// dozens of them.
pub fn page(connection: &Connection, filter: &LinkFilter, offset: u32, limit: u32) -> Result<Vec<LinkLine>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "SELECT id, connection, type_mapping, source_key, target_key, state {}
         ORDER BY source_key, id LIMIT ?5 OFFSET ?6",
        filter.tail()
    ))?;
    let rows = statement.query_map(
        params![filter.connection, filter.state, filter.without_ended, filter.needle(), limit, offset],
        |row| {
            Ok(LinkLine {
                id: LinkId(row.get(0)?),
                connection: row.get(1)?,
                type_mapping: row.get(2)?,
                keys: Pair { source: row.get(3)?, target: row.get(4)? },
                state: row.get(5)?,
            })
        },
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many links a filter holds.
pub fn count(connection: &Connection, filter: &LinkFilter) -> Result<u32> {
    let mut statement = connection.sql().prepare_cached(&format!("SELECT count(*) {}", filter.tail()))?;
    let values = params![filter.connection, filter.state, filter.without_ended, filter.needle()];
    Ok(statement.query_row(values, |row| row.get(0))?)
}

/// The links of a key, spelled in any case, on either side: those that have not ended first, then the newest. Reads one
/// index alone.
pub fn by_key(connection: &Connection, of: Option<ConnectionId>, key: &str) -> Result<Vec<StoredLink>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT id FROM links INDEXED BY links_listed
         WHERE (?1 IS NULL OR connection = ?1) AND (upper(source_key) = ?2 OR upper(target_key) = ?2)
         ORDER BY state = 'ended', id DESC",
    )?;
    let ids = statement
        .query_map(params![of, key.trim().to_ascii_uppercase()], |row| row.get(0).map(LinkId))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    ids.into_iter().filter_map(|id| get(connection, id).transpose()).collect()
}

/// Links of a connection in the order of their ids, for walks over all of them (reconcile): those after `after`.
pub fn walk(
    connection: &Connection,
    of: ConnectionId,
    after: Option<LinkId>,
    limit: u32,
) -> Result<Vec<StoredLink>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} NOT INDEXED WHERE id > ?2 AND connection = ?1 AND state <> 'ended' ORDER BY id LIMIT ?3"
    ))?;
    let rows = statement.query_map(params![of, after.map_or(0, |id| id.0), limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Links whose marker still lacks its ticket's own id.
pub fn marker_due(connection: &Connection, of: ConnectionId, limit: u32) -> Result<Vec<StoredLink>> {
    let mut statement = connection.sql().prepare_cached(&format!(
        "{COLUMNS} WHERE connection = ?1 AND marker_due = 1 AND state <> 'ended' ORDER BY id LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![of, limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
