//! Comments of a ticket.

use serde::{Deserialize, Serialize};

use crate::ids::CommentId;
use crate::ticket::Person;

/// Who may read a comment on its platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The customer reads it.
    Public,
    /// Agents alone.
    Internal,
    /// Not known, or restricted in a way that has no counterpart: counts as internal (hazards.md H38).
    Unknown,
}

/// One comment as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    pub id: CommentId,
    pub author: Person,
    /// Whether the author is the user Lockstep signs in as.
    pub by_us: bool,
    /// By the platform's clock, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Last edit; equals `created_ms` when never edited.
    pub updated_ms: i64,
    pub visibility: Visibility,
    /// Canonical Markdown.
    pub body: String,
    /// The ref of the comment this one is a copy of: from the platform's own place for a marker, else from the first
    /// line of a comment of ours (hazards.md H34, H35).
    pub copy_of: Option<String>,
}
