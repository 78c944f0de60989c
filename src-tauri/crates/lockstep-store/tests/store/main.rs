//! The store from outside: files, threads, locks, crashes, the keychain, and each table.

#![allow(clippy::unwrap_used, reason = "tests may; clippy's own exemption does not reach their helpers")]

mod crash;
mod full_disk;
mod groups;
mod keychain;
mod opening;
mod processes;
mod speed;
mod support;
mod tables;
