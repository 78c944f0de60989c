//! Thousands of small worlds: the whole engine in one thread between two practice platforms, people at work on both,
//! faults, crashes, and a referee who looks at the platforms alone (reliability.md §4 to §6). See docs/simulation.md.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod actors;
mod again;
#[path = "../support/bench.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod bench;
mod broken;
mod crash_points;
#[path = "../support/desk.rs"]
mod desk;
mod draw;
mod eye;
#[path = "../support/files.rs"]
mod files;
mod judge;
mod scenario;
mod seeds;
mod shrink;
mod week;
#[path = "../support/wire.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod wire;
mod world;
