//! Why a whole run ended early.

use lockstep_core::connector::ConnectorError;
use lockstep_core::sync::guard::Reason;
use lockstep_store::StoreError;

/// A run that could not go on. What single tickets failed of is in their outcomes, not here.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RunError {
    /// A side is out of service; the label says which and what was being done.
    #[error("{side}: {error}")]
    Side { side: String, error: ConnectorError },
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The guard stopped it before the first write.
    #[error("the run stopped before writing: {}", .0.iter().map(|r| r.sentence.as_str()).collect::<Vec<_>>().join("; "))]
    Guard(Vec<Reason>),
    /// A plan that may not be applied any more, with the reason (hazards.md H52).
    #[error("{0}")]
    Plan(String),
    /// Another run of this connection is at work.
    #[error("{0}")]
    Busy(String),
}

/// Names the side in a connector's error.
pub fn on_side(label: &str, doing: &str) -> impl FnOnce(ConnectorError) -> RunError {
    let side = format!("{label}, {doing}");
    move |error| RunError::Side { side, error }
}
