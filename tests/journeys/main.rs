//! Journeys: the real `lockstep` program, a store on disk, the operating system's keychain, and the practice platforms
//! over HTTP. `.ci/with-keychain cargo test --test journeys` gives them a keychain where none answers.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed journey")]

mod bad_input;
mod content;
mod first_runs;
mod full_disk;
mod keychain;
mod kills;
mod mapping;
mod people;
mod processes;
mod returned;
mod running;
mod secrets;
mod torn_log;
mod trouble;
mod world;
