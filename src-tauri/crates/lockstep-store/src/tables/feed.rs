//! Where cursors, pending tickets and decisions belong.

use lockstep_core::Side;

use super::connections::ConnectionId;

/// One side of one type mapping of a connection: what is read with one cursor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Feed {
    pub connection: ConnectionId,
    /// Name of the type mapping.
    pub type_mapping: String,
    pub side: Side,
}

impl Feed {
    /// Names one side of one type mapping.
    pub fn new(connection: ConnectionId, type_mapping: impl Into<String>, side: Side) -> Feed {
        Feed { connection, type_mapping: type_mapping.into(), side }
    }
}
