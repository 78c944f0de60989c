//! The connectors: one folder per platform behind `lockstep_core::connector::Connector`, and the one HTTP layer.

pub mod http;
pub mod jira;
pub mod ports;
pub mod servicenow;
#[cfg(feature = "testing")]
pub mod testing;
