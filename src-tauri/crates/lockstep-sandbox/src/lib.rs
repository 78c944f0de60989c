//! Practice platforms: servers that behave like the real ones, traps included, for demos, tests and simulation.
//!
//! The library answers a request at a given time with seeded ids ([`Practice::answer`]); [`server`] is a thin HTTP
//! skin over it. Nothing here knows any other crate of Lockstep, so a wrong name in a connector shows.

pub mod control;
pub mod facts;
pub mod faults;
pub mod ids;
pub mod jira;
pub mod limits;
pub mod log;
pub mod people;
pub mod platform;
pub mod practice;
pub mod server;
pub mod servicenow;
pub mod stamps;
mod stand_in;
pub mod state;

pub use facts::Facts;
pub use faults::{Fault, FaultKind, Faults};
pub use platform::{Platform, Seed, SignIn};
pub use practice::{Delivery, Practice};
