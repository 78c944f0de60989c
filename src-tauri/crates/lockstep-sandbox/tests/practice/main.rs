//! The practice platforms from outside: the traps each of them must show, and the server around them.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod jira;
mod jira_speed;
mod server;
mod servicenow;
