//! The whole engine, in one thread, against the practice pair in this process.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod bench;
mod broken;
mod content;
mod coverage;
mod crashes;
mod creates;
mod edits;
mod first_runs;
mod matching;
mod people;
mod referee;
mod soak;
mod stores;
mod table;
mod way_back;
mod wire;
