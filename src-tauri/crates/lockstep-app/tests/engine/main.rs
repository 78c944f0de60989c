//! The whole engine, in one thread, against the practice pair in this process.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "../support/bench.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod bench;
mod broken;
mod content;
mod coverage;
mod crashes;
mod creates;
#[path = "../support/desk.rs"]
mod desk;
mod edits;
#[path = "../support/files.rs"]
mod files;
mod first_runs;
mod hidden;
mod matching;
#[path = "../support/people.rs"]
mod people;
#[path = "../support/referee.rs"]
mod referee;
mod rides;
mod sent_away;
mod simulated;
mod soak;
mod stores;
mod table;
mod way_back;
#[path = "../support/wire.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod wire;
