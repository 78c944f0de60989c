//! A test file per group of tables.

mod configuration;
mod gathering;
mod journal;
mod links;
mod people_waiting;
mod runs;
