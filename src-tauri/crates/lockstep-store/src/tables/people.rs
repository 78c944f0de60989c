//! People: as platforms show them, whom they were matched with, and the table that a person wrote.

use lockstep_core::PersonId;
use lockstep_core::connector::PersonMatch;
use lockstep_core::marker::Fingerprint;
use lockstep_core::ticket::Person;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{json, read_json};

/// Keeps a person as last seen.
pub fn put(tx: &Tx<'_>, account: &Fingerprint, person: &Person, now_ms: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO people (account, person, json, seen_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account, person) DO UPDATE SET json = excluded.json, seen_ms = excluded.seen_ms",
        )?
        .execute(params![account.0, person.id.as_str(), json(person)?, now_ms])?;
    Ok(())
}

/// A person as last seen, and when.
pub fn get(
    connection: &Connection,
    account: &Fingerprint,
    person: &PersonId,
) -> Result<Option<(Person, i64)>> {
    let mut statement = connection
        .sql()
        .prepare_cached("SELECT json, seen_ms FROM people WHERE account = ?1 AND person = ?2")?;
    let found =
        statement.query_row(params![account.0, person.as_str()], |row| Ok((read_json(row, 0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// From whom to which account.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub from: &'a Fingerprint,
    pub person: &'a PersonId,
    pub to: &'a Fingerprint,
}

/// What a search for a counterpart found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "found", content = "detail", rename_all = "snake_case")]
pub enum Counterpart {
    One(Person),
    Nobody,
    Several(usize),
}

impl From<PersonMatch> for Counterpart {
    fn from(found: PersonMatch) -> Counterpart {
        match found {
            PersonMatch::One(person) => Counterpart::One(person),
            PersonMatch::Nobody => Counterpart::Nobody,
            PersonMatch::Several(count) => Counterpart::Several(count),
        }
    }
}

/// Keeps the result of a search.
pub fn put_found(tx: &Tx<'_>, wanted: Wanted<'_>, found: &Counterpart, looked_ms: i64) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO people_found (from_account, person, to_account, found, looked_ms) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (from_account, to_account, person)
             DO UPDATE SET found = excluded.found, looked_ms = excluded.looked_ms",
        )?
        .execute(params![wanted.from.0, wanted.person.as_str(), wanted.to.0, json(found)?, looked_ms])?;
    Ok(())
}

/// The result of the last search and when it was made; the caller decides whether it is too old.
pub fn found(connection: &Connection, wanted: Wanted<'_>) -> Result<Option<(Counterpart, i64)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT found, looked_ms FROM people_found WHERE from_account = ?1 AND to_account = ?2 AND person = ?3",
    )?;
    let found = statement.query_row(params![wanted.from.0, wanted.to.0, wanted.person.as_str()], |row| {
        Ok((read_json(row, 0)?, row.get(1)?))
    });
    Ok(found.optional()?)
}

/// All results of one direction, by person.
pub fn found_all(
    connection: &Connection,
    from: &Fingerprint,
    to: &Fingerprint,
) -> Result<Vec<(PersonId, Counterpart, i64)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT person, found, looked_ms FROM people_found WHERE from_account = ?1 AND to_account = ?2 ORDER BY person",
    )?;
    let rows = statement.query_map(params![from.0, to.0], |row| {
        Ok((PersonId(row.get(0)?), read_json(row, 1)?, row.get(2)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A line of the table that a person wrote; no counterpart means: nobody there, whatever a search says.
pub fn put_manual(
    tx: &Tx<'_>,
    wanted: Wanted<'_>,
    counterpart: Option<&PersonId>,
    now_ms: i64,
) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO people_manual (from_account, person, to_account, counterpart, set_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (from_account, to_account, person)
             DO UPDATE SET counterpart = excluded.counterpart, set_ms = excluded.set_ms",
        )?
        .execute(params![
            wanted.from.0,
            wanted.person.as_str(),
            wanted.to.0,
            counterpart.map(PersonId::as_str),
            now_ms
        ])?;
    Ok(())
}

/// Takes a line out of that table.
pub fn remove_manual(tx: &Tx<'_>, wanted: Wanted<'_>) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "DELETE FROM people_manual WHERE from_account = ?1 AND to_account = ?2 AND person = ?3",
        )?
        .execute(params![wanted.from.0, wanted.to.0, wanted.person.as_str()])?;
    Ok(())
}

/// That table, one direction, by person.
pub fn manual(
    connection: &Connection,
    from: &Fingerprint,
    to: &Fingerprint,
) -> Result<Vec<(PersonId, Option<PersonId>)>> {
    let mut statement = connection.sql().prepare_cached(
        "SELECT person, counterpart FROM people_manual WHERE from_account = ?1 AND to_account = ?2 ORDER BY person",
    )?;
    let rows = statement.query_map(params![from.0, to.0], |row| {
        Ok((PersonId(row.get(0)?), row.get::<_, Option<String>>(1)?.map(PersonId)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
