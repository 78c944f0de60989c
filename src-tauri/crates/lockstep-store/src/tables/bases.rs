//! Bases: per link and mapping, what both sides last agreed on; one row for each link.

use std::collections::BTreeMap;

use lockstep_core::sync::{FieldBase, LinkId};
use rusqlite::{OptionalExtension, params};

use crate::error::Result;
use crate::packed::Packed;
use crate::store::{Connection, Tx};
use crate::words::read_packed;

/// A link's bases by mapping key.
pub type Bases = BTreeMap<String, FieldBase>;

/// All bases of a link.
pub fn of(connection: &Connection, link: LinkId) -> Result<Bases> {
    let mut statement = connection.sql().prepare_cached("SELECT bases FROM bases WHERE link = ?1")?;
    Ok(statement.query_row([link.0], |row| read_packed(row, 0)).optional()?.unwrap_or_default())
}

/// The bases of many links; a link without any has an empty map.
pub fn of_many(connection: &Connection, links: &[LinkId]) -> Result<BTreeMap<LinkId, Bases>> {
    links.iter().map(|link| Ok((*link, of(connection, *link)?))).collect()
}

/// Writes all bases of a link that is new.
pub fn put_new(tx: &Tx<'_>, link: LinkId, bases: &Packed) -> Result<()> {
    tx.sql()
        .prepare_cached("INSERT INTO bases (link, bases) VALUES (?1, ?2)")?
        .execute(params![link.0, bases])?;
    Ok(())
}

fn replace(tx: &Tx<'_>, link: LinkId, bases: &Bases) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO bases (link, bases) VALUES (?1, ?2) ON CONFLICT (link) DO UPDATE SET bases = excluded.bases",
        )?
        .execute(params![link.0, Packed::of(bases)?])?;
    Ok(())
}

/// Writes one base.
pub fn put(tx: &Tx<'_>, link: LinkId, mapping: &str, base: &FieldBase) -> Result<()> {
    put_all(tx, link, [(&mapping.to_owned(), base)])
}

/// Writes several bases of one link; its other ones stay.
pub fn put_all<'a>(
    tx: &Tx<'_>,
    link: LinkId,
    bases: impl IntoIterator<Item = (&'a String, &'a FieldBase)>,
) -> Result<()> {
    let mut bases = bases.into_iter().peekable();
    if bases.peek().is_none() {
        return Ok(());
    }
    let mut kept = of(tx, link)?;
    kept.extend(bases.map(|(mapping, base)| (mapping.clone(), base.clone())));
    replace(tx, link, &kept)
}

/// Ends one base.
pub fn remove(tx: &Tx<'_>, link: LinkId, mapping: &str) -> Result<()> {
    let mut kept = of(tx, link)?;
    if kept.remove(mapping).is_some() {
        replace(tx, link, &kept)?;
    }
    Ok(())
}

/// Ends the bases of a mapping that was removed, on all links of its type mapping (hazards.md H22). Returns how many.
pub fn remove_mapping(
    tx: &Tx<'_>,
    connection: super::connections::ConnectionId,
    type_mapping: &str,
    mapping: &str,
) -> Result<usize> {
    let mut statement = tx.sql().prepare_cached(
        "SELECT link, bases FROM bases WHERE link IN (SELECT id FROM links WHERE connection = ?1 AND type_mapping = ?2)
         ORDER BY link",
    )?;
    let rows = statement.query_map(params![connection, type_mapping], |row| {
        Ok((LinkId(row.get(0)?), read_packed(row, 1)?))
    })?;
    let rows = rows.collect::<rusqlite::Result<Vec<(LinkId, Bases)>>>()?;
    let mut removed = 0;
    for (link, mut kept) in rows {
        if kept.remove(mapping).is_some() {
            replace(tx, link, &kept)?;
            removed += 1;
        }
    }
    Ok(removed)
}
