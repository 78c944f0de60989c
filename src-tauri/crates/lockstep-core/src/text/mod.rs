//! Rich text: one internal form (CommonMark with GitHub's tables, strikethrough, task lists and alerts) and the
//! converters between it and what platforms store: ADF, HTML, ServiceNow journal text, plain text.
//!
//! Every converter is pure, total (no input makes it panic) and tells what it could not carry over. The base keeps
//! the canonical Markdown of each side (`engine.md` §3.1, H27); deciding what to do with a lossy text, ref lines
//! (H34, H35) and journal headers (H36) are left to the engine and the connectors.

pub mod adf;
mod builder;
pub mod doc;
pub mod html;
mod inline;
pub mod journal;
pub mod limit;
mod links;
pub mod markdown;
mod normal;
mod parse;
pub mod plain;
pub mod report;
mod write;

pub use report::{Flattened, Loss};

/// A text in its new form, and what was flattened on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Converted {
    /// The text, in the form that the function's name says.
    pub text: String,
    /// What the form could not hold. Empty: nothing was lost.
    pub flattened: Flattened,
}
