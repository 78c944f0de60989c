//! A connector over a fresh practice Jira.

use std::sync::Arc;

use lockstep_connectors::http::HttpContext;
use lockstep_connectors::jira::{Jira, JiraSettings};
use lockstep_connectors::testing::{Sandbox, VirtualClock, ports};
use lockstep_core::connector::{Connector, Fetched, Scope, Want};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::marker::{Fingerprint, Marker, PairKey};
use lockstep_core::secret::Secret;
use lockstep_core::ticket::Ticket;
use lockstep_sandbox::{Fault, Platform, Practice, Seed};

use crate::support::NOW_MS;

/// Somebody of the site who is not Lockstep; administers it, so may delete and move.
pub const PERSON: &str = "amara.osei@corvane.example";
const ORIGIN: &str = "http://127.0.0.1:9";

/// A connector, its practice site and their time.
pub struct Site {
    pub jira: Jira,
    pub sandbox: Sandbox,
    pub clock: Arc<VirtualClock>,
    /// The API token of [`PERSON`].
    pub person_token: String,
}

impl Site {
    /// A fresh site.
    pub fn new(seed: Seed) -> Site {
        let mut platform = lockstep_sandbox::jira::Jira::new(7, NOW_MS, seed);
        platform.set_origin(ORIGIN);
        let sign_in = platform.sign_in();
        let person_token = platform.token_of(PERSON).expect("the first person has a token");
        let clock = Arc::new(VirtualClock::at(NOW_MS));
        let sandbox = Sandbox::new(Practice::new(Box::new(platform), 7), clock.clone()).with_call_ms(20);
        let settings = JiraSettings::new(ORIGIN, sign_in.user, Secret::new(sign_in.secret));
        let jira = Jira::new(settings, ports(&sandbox, &clock), HttpContext::default()).unwrap();
        Site { jira, sandbox, clock, person_token }
    }

    /// Arms a trap.
    pub fn switch(&self, switches: serde_json::Value) {
        self.sandbox.practice().platform.configure(&switches).unwrap();
    }

    /// Adds a fault.
    pub fn fault(&self, fault: Fault) {
        self.sandbox.practice().faults.add(fault);
    }

    /// Lets time pass.
    pub fn wait(&self, ms: u64) {
        self.clock.pass_ms(ms);
    }

    /// Reads one ticket.
    pub async fn ticket(&self, scope: &Scope, id: &TicketId, fields: &[FieldId]) -> Ticket {
        let want = Want { comments: true, attachments: true };
        match self.jira.fetch(scope, std::slice::from_ref(id), fields, want).await.unwrap().remove(0) {
            Fetched::Found(ticket) => *ticket,
            other => panic!("not found: {other:?}"),
        }
    }
}

/// Incidents of the service project.
pub fn desk() -> Scope {
    Scope { container: "CSD".into(), ticket_type: "10101".into(), request_type: None }
}

/// Incidents of the software project.
pub fn ops() -> Scope {
    Scope { container: "OPS".into(), ticket_type: "10101".into(), request_type: None }
}

/// A marker for the copy of a ServiceNow ticket.
pub fn marker(origin_ticket: &str) -> Marker {
    Marker {
        pair: PairKey {
            origin: Fingerprint::of("servicenow", "https://corvane.example"),
            ticket: origin_ticket.into(),
            destination: Fingerprint::of("jira", "c1"),
            generation: 0,
        },
        store: "0a1b2c3d".into(),
        op: None,
        own: None,
        passed: Vec::new(),
        ended: false,
    }
}

/// Field ids.
pub fn fields(names: &[&str]) -> Vec<FieldId> {
    names.iter().map(|name| FieldId::from(*name)).collect()
}
