//! A module per table. Functions that read take `&Connection`, functions that write take `&Tx`, so that a caller
//! composes several of them in one transaction.

pub mod accounts;
pub mod audit;
pub mod bases;
pub mod conflicts;
pub mod connections;
pub mod cursors;
pub mod feed;
pub mod info;
pub mod journal;
pub mod ledger;
pub mod links;
pub mod locks;
pub mod outcomes;
pub mod pending;
pub mod people;
pub mod plans;
pub mod quarantine;
pub mod retention;
pub mod runs;
pub mod schemas;
pub mod seen;
pub mod settings;
pub mod standing;
