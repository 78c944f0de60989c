//! Bases: per link and mapping, what both sides last agreed on.

use std::collections::BTreeMap;

use lockstep_core::sync::{FieldBase, LinkId};
use rusqlite::params;

use crate::error::Result;
use crate::store::{Connection, Tx};
use crate::words::{json, read_json};

/// A link's bases by mapping key.
pub type Bases = BTreeMap<String, FieldBase>;

/// All bases of a link.
pub fn of(connection: &Connection, link: LinkId) -> Result<Bases> {
    let mut statement = connection
        .sql()
        .prepare_cached("SELECT mapping, base FROM bases WHERE link = ?1 ORDER BY mapping")?;
    let rows = statement.query_map([link.0], |row| Ok((row.get(0)?, read_json(row, 1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The bases of many links; a link without any has an empty map.
pub fn of_many(connection: &Connection, links: &[LinkId]) -> Result<BTreeMap<LinkId, Bases>> {
    links.iter().map(|link| Ok((*link, of(connection, *link)?))).collect()
}

/// Writes one base.
pub fn put(tx: &Tx<'_>, link: LinkId, mapping: &str, base: &FieldBase) -> Result<()> {
    tx.sql()
        .prepare_cached(
            "INSERT INTO bases (link, mapping, base) VALUES (?1, ?2, ?3)
             ON CONFLICT (link, mapping) DO UPDATE SET base = excluded.base",
        )?
        .execute(params![link.0, mapping, json(base)?])?;
    Ok(())
}

/// Writes several bases of one link.
pub fn put_all<'a>(
    tx: &Tx<'_>,
    link: LinkId,
    bases: impl IntoIterator<Item = (&'a String, &'a FieldBase)>,
) -> Result<()> {
    bases.into_iter().try_for_each(|(mapping, base)| put(tx, link, mapping, base))
}

/// Ends one base.
pub fn remove(tx: &Tx<'_>, link: LinkId, mapping: &str) -> Result<()> {
    tx.sql()
        .prepare_cached("DELETE FROM bases WHERE link = ?1 AND mapping = ?2")?
        .execute(params![link.0, mapping])?;
    Ok(())
}

/// Ends the bases of a mapping that was removed, on all links of its type mapping (hazards.md H22). Returns how many.
pub fn remove_mapping(
    tx: &Tx<'_>,
    connection: super::connections::ConnectionId,
    type_mapping: &str,
    mapping: &str,
) -> Result<usize> {
    let removed = tx
        .sql()
        .prepare_cached(
            "DELETE FROM bases WHERE mapping = ?3
                 AND link IN (SELECT id FROM links WHERE connection = ?1 AND type_mapping = ?2)",
        )?
        .execute(params![connection, type_mapping, mapping])?;
    Ok(removed)
}
