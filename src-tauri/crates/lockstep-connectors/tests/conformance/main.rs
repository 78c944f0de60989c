//! One suite for every connector, each against its practice platform in-process (engine.md §5, models.md §5).
//!
//! `suite` holds the laws, written against `dyn Connector`; a file per platform says how to sign in and how a person's
//! hands move there.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod jira;
mod servicenow;
mod suite;
mod support;
