//! What a run stands on: both sides signed in, the store, the clock, who listens, whether to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lockstep_connectors::ports::Clock;
use lockstep_core::connector::{Connector, Identity};
use lockstep_core::mapping::{PeopleTable, Rules};
use lockstep_core::marker::Fingerprint;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::plan::Setting;
use lockstep_store::{ConnectionId, Epoch, Feed, PlanId, Revision, RunId, Store};

use crate::config::{AccountDoc, ConnectionDoc};
use crate::events::{Listener, RunEvent};
use crate::ports::Ids;

/// Asked between operations; set from anywhere.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the run to stop after the operation in flight.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// One side of a connection, ready to be called.
#[derive(Clone)]
pub struct SideSite {
    pub account: AccountDoc,
    pub connector: Arc<dyn Connector>,
    pub identity: Identity,
    pub fingerprint: Fingerprint,
}

/// Everything a run needs.
#[derive(Clone)]
pub struct Site {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// Checked by every journal commit (hazards.md H47).
    pub epoch: Epoch,
    /// This store's id, for markers.
    pub store_id: String,
    /// The connection's row in the store.
    pub connection: ConnectionId,
    /// The run's row; none while a plan is only made.
    pub run: Option<RunId>,
    /// The plan that is applied, once there is one.
    pub plan: Option<PlanId>,
    pub document: ConnectionDoc,
    /// Revision of that document.
    pub revision: Revision,
    pub sides: Pair<SideSite>,
    pub listener: Arc<dyn Listener>,
    pub cancel: Cancel,
    /// A step from a status whose steps were never read was refused: the workflow must be read anew before the next run.
    pub workflow_stale: Arc<AtomicBool>,
}

impl Site {
    /// This computer's time, milliseconds since 1970 UTC.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Tells whoever listens.
    pub fn tell(&self, event: RunEvent) {
        self.listener.event(&event);
    }

    /// What the planner may know, for one type mapping.
    pub fn setting<'a>(&'a self, rules: &'a Rules, people: &'a PeopleTable) -> Setting<'a> {
        Setting {
            rules,
            people,
            capabilities: Pair::from_fn(|side| self.sides[side].connector.describe()),
            fingerprints: Pair::from_fn(|side| &self.sides[side].fingerprint),
            us: Pair::from_fn(|side| &self.sides[side].identity.us.id),
            dedicated: Pair::from_fn(|side| self.sides[side].account.dedicated),
            store: &self.store_id,
        }
    }

    /// What is read with one cursor: one side of one type mapping.
    pub fn feed(&self, rules: &Rules, side: Side) -> Feed {
        Feed::new(self.connection, rules.mapping.name.clone(), side)
    }

    /// The run's number for events; 0 while a plan is only made.
    pub fn run_number(&self) -> i64 {
        self.run.map_or(0, |run| run.0)
    }

    /// The platform's name on one side.
    pub fn label(&self, side: Side) -> &'static str {
        self.sides[side].connector.describe().label
    }
}
