//! Files of a ticket.

use serde::{Deserialize, Serialize};

use crate::ids::AttachmentId;
use crate::ticket::Person;

/// One file as listed by its platform. Its identity is the platform's id, never its content (hazards.md H41).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: AttachmentId,
    /// Base name, no path.
    pub name: String,
    pub mime: String,
    pub size_bytes: u64,
    pub author: Option<Person>,
    /// Whether the author is the user Lockstep signs in as.
    pub by_us: bool,
    /// By the platform's clock, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// SHA-256 in hex where the platform gives it; serves recovery alone.
    pub sha256: Option<String>,
}
