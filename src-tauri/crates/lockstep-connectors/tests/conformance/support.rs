//! What a platform brings to the suite.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockstep_connectors::testing::{Sandbox, VirtualClock};
use lockstep_core::connector::{ChangesQuery, Connector, CreateRequest, Cursor, Fetched, Scope, Want};
use lockstep_core::marker::{Fingerprint, Marker, PairKey};
use lockstep_core::{FieldId, Ticket, TicketId, Value};

/// Friday, 20 November 2026, 12:00 UTC.
pub const NOW_MS: i64 = 1_795_176_000_000;

/// A connector with everything around it.
pub struct Subject {
    pub connector: Box<dyn Connector>,
    pub clock: Arc<VirtualClock>,
    pub sandbox: Sandbox,
    pub scope: Scope,
    /// The field with the title.
    pub title: FieldId,
    /// Method and a part of the path of a list read, and of a create; for faults.
    pub list_call: (&'static str, &'static str),
    pub create_call: (&'static str, &'static str),
    /// Addresses of one active person, of nobody, and of several where the platform can have that.
    pub one_person: String,
    pub nobody: String,
    pub several: Option<String>,
    /// The fields of a new ticket with that title.
    pub new_fields: fn(&str) -> BTreeMap<FieldId, Value>,
    pub hands: Box<dyn Hands>,
}

/// What a person does on the platform, by its own interface.
pub trait Hands {
    fn create(&self, title: &str) -> TicketId;
    fn retitle(&self, id: &TicketId, title: &str);
    fn comment(&self, id: &TicketId, text: &str, public: bool);
    fn delete(&self, id: &TicketId);
    /// Hides a ticket from the user that Lockstep signs in as.
    fn hide(&self, id: &TicketId);
    fn attach(&self, id: &TicketId, name: &str, bytes: &'static [u8]);
}

impl Subject {
    /// Lets the platform settle: indexes catch up.
    pub fn settle(&self) {
        self.clock.pass_ms(60_000);
    }

    /// The whole feed, page by page, and where it ended.
    pub async fn feed(&self, cursor: Option<&Cursor>, since_ms: i64, limit: usize) -> (Vec<Ticket>, Cursor) {
        let fields = [self.title.clone()];
        let (mut tickets, mut page) = (Vec::new(), None);
        for _ in 0..200 {
            let query = ChangesQuery {
                scope: &self.scope,
                fields: &fields,
                cursor,
                since_ms,
                page: page.as_ref(),
                limit,
            };
            let answer = self.connector.changes(&query).await.expect("the feed answers");
            tickets.extend(answer.tickets);
            match (answer.next, answer.cursor) {
                (Some(next), _) => page = Some(next),
                (None, Some(end)) => return (tickets, end),
                (None, None) => panic!("the last page has no cursor"),
            }
        }
        panic!("the feed has no end");
    }

    /// One ticket by a direct read.
    pub async fn fetch(&self, id: &TicketId, want: Want) -> Fetched {
        let fields = [self.title.clone()];
        let mut answer = self
            .connector
            .fetch(&self.scope, std::slice::from_ref(id), &fields, want)
            .await
            .expect("a direct read answers");
        assert_eq!(answer.len(), 1);
        answer.remove(0)
    }

    /// One ticket that must be there.
    pub async fn ticket(&self, id: &TicketId, want: Want) -> Ticket {
        match self.fetch(id, want).await {
            Fetched::Found(ticket) => *ticket,
            other => panic!("{other:?}"),
        }
    }

    /// A request for a copy with a marker of its own.
    pub fn copy(&self, title: &str, number: u32) -> CreateRequest {
        let marker = Marker {
            pair: pair(number),
            store: "0a1b2c3d".into(),
            op: Some("019a9e2c-7c1e-7f00-8000-0123456789ab".into()),
            own: None,
            passed: Vec::new(),
            ended: false,
        };
        CreateRequest { scope: self.scope.clone(), fields: (self.new_fields)(title), marker, step: None }
    }

    /// The title of a ticket.
    pub fn title_of(&self, ticket: &Ticket) -> String {
        match &ticket.fields[&self.title] {
            Value::Text(text) | Value::Rich(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    }
}

/// The key of the copy of an original with this number.
pub fn pair(number: u32) -> PairKey {
    PairKey {
        origin: Fingerprint("00000001".into()),
        ticket: format!("{number}").as_str().into(),
        destination: Fingerprint("00000002".into()),
        generation: 0,
    }
}
