//! Links and ledgers: what is known of two tickets that are one.

use serde::{Deserialize, Serialize};

use crate::ids::TicketId;
use crate::side::{Pair, Side};
use crate::ticket::{Version, Visibility};

/// A link's row number in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkId(pub i64);

/// Two tickets that are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub id: LinkId,
    /// The connection's row number in the store.
    pub connection: i64,
    /// Name of the type mapping.
    pub type_mapping: String,
    pub tickets: Pair<TicketId>,
    pub keys: Pair<String>,
    /// The side where a person created the ticket; both for tickets linked by hand count as source.
    pub origin: Side,
    pub generation: u32,
    pub state: LinkState,
    /// Highest version seen or written: older rows are thrown away (hazards.md H16).
    pub versions: Pair<Version>,
    /// Sides whose ticket still lacks its own id in the marker (hazards.md H6).
    pub marker_due: bool,
    /// When it was linked, milliseconds since 1970 UTC.
    pub linked_ms: i64,
}

/// Whether a link takes part in runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "reason", rename_all = "snake_case")]
pub enum LinkState {
    Live,
    /// Waits for something that the sentence names; bases stand still.
    Parked(String),
    /// One side is deleted or hidden, not to be told apart.
    NotVisible(String),
    /// Merged into another ticket.
    Merged(String),
    /// A tombstone: blocks creating and adopting again (hazards.md H13).
    Ended(String),
}

impl LinkState {
    /// The state's word in the store and in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            LinkState::Live => "live",
            LinkState::Parked(_) => "parked",
            LinkState::NotVisible(_) => "not_visible",
            LinkState::Merged(_) => "merged",
            LinkState::Ended(_) => "ended",
        }
    }

    /// The sentence that goes with it.
    pub fn reason(&self) -> &str {
        match self {
            LinkState::Live => "",
            LinkState::Parked(reason)
            | LinkState::NotVisible(reason)
            | LinkState::Merged(reason)
            | LinkState::Ended(reason) => reason,
        }
    }
}

/// What kind of thing a ledger entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerKind {
    Comment,
    Attachment,
}

/// One comment or file seen on one side of a link, and its copy on the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub kind: LedgerKind,
    /// The side it was written on.
    pub side: Side,
    /// Its id there. A copy found before its original is known is not entered as an original.
    pub id: String,
    /// The copy's id on the other side, once known.
    pub copy: Option<String>,
    pub state: LedgerState,
    /// Last edit of the original that was dealt with, platform's clock, milliseconds.
    pub edited_ms: i64,
    /// SHA-256 (hex, 16 characters) of the original's text as last dealt with.
    pub hash: String,
    /// Visibility of the original as last seen.
    pub visibility: Visibility,
}

/// What became of a comment or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerState {
    /// Its copy was written.
    Copied,
    /// There before linking, or accounted for by a person: never replayed.
    Accounted,
    /// The rules keep it here (visibility, size, type).
    Kept,
    /// Written by us and not explained: never copied, listed (hazards.md H37).
    Unexplained,
}
