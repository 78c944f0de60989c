//! What a hostile network or platform could try (reliability.md §7.2), over real sockets with the real transport.
//! `docs/threats.md` says which test shows what.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod certificates;
mod child;
mod foreign_hosts;
mod hostile;
mod proxy;
mod redirects;
mod server;
mod silence;
mod tls;
mod world;
mod wrong_types;
