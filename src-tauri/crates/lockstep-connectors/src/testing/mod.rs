//! The practice platforms in-process: a clock that tests move, and a wire that ends in a [`Practice`] platform. For the
//! tests of this crate and the simulation above; no socket, no thread, no real time.

mod clock;
mod wire;

pub use clock::VirtualClock;
pub use wire::Sandbox;

use std::sync::Arc;

use crate::ports::Ports;

/// The ports of a connector that talks to `sandbox`.
pub fn ports(sandbox: &Sandbox, clock: &Arc<VirtualClock>) -> Ports {
    Ports { clock: clock.clone(), transport: Arc::new(sandbox.clone()) }
}
