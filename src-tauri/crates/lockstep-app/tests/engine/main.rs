//! The whole engine, in one thread, against the practice pair in this process.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod bench;
mod first_runs;
