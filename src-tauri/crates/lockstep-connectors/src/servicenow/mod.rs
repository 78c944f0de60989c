//! ServiceNow: the Table API and its neighbours behind the `Connector` port. `README.md` beside this file says which
//! file carries which fact.

mod attachments;
mod auth;
mod catalog;
mod connect;
mod counts;
mod degraded;
mod dialect;
mod discover;
mod feed;
mod fetch;
mod journal;
mod kinds;
mod lookup;
mod marker;
mod matching;
mod matching_count;
mod meta;
mod people;
mod query;
mod scopes;
mod stamps;
mod table;
mod test;
mod ticket;
mod wire;
mod write;

#[cfg(test)]
mod bench;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use lockstep_core::connector::{Capabilities, CommentMarker, ConnectorError, Identity, StatusWriting};
use lockstep_core::ids::FieldId;
use lockstep_core::schema::Schema;
use tokio::sync::OnceCell;

pub use auth::SignIn;

use crate::http::{BaseAddress, Client, ClientSettings, HttpContext, Rate};
use crate::ports::Ports;

/// Longest comment we send, characters: far below what a journal takes (the column's own limit differs by instance).
const COMMENT_CHARS_MAX: u32 = 30_000;

/// How one instance is called and read. Defaults are the sheet's.
#[derive(Debug, Clone)]
pub struct ServiceNowSettings {
    /// `https://acme.service-now.com`; a path is cut off.
    pub base: BaseAddress,
    pub sign_in: SignIn,
    /// The login name, where the sign-in does not tell it and the instance does not answer who asks.
    pub user_name: Option<String>,
    /// Nobody but Lockstep writes as this user (hazards.md, words).
    pub dedicated: bool,
    /// How far the feed reaches back behind its cursor, for rows that were committed late (servicenow.md §3.3).
    pub overlap_ms: i64,
    /// How long a write may stay unseen (hazards.md H4).
    pub settle_ms: u64,
    /// Calls at once, each lane with a session of its own; 1 to 4 (servicenow.md §8.2).
    pub lanes: usize,
    /// Keep below an inbound rate rule, where the instance has one.
    pub rate: Option<Rate>,
    /// The column for the marker, for instances where another tool uses `correlation_id` (servicenow.md §4.5).
    pub marker_column: FieldId,
    /// The column for the marker's rest.
    pub marker_note_column: FieldId,
    /// A true/false column that marks a ticket as private, where there is one.
    pub private_column: Option<FieldId>,
    /// Longest time that one read waits for a rate limit, milliseconds.
    pub wait_ms_max: u64,
}

impl ServiceNowSettings {
    /// The sheet's defaults for an instance and a sign-in.
    pub fn new(base: BaseAddress, sign_in: SignIn) -> Self {
        Self {
            base,
            sign_in,
            user_name: None,
            dedicated: false,
            overlap_ms: 120_000,
            settle_ms: 300_000,
            lanes: 4,
            rate: None,
            marker_column: "correlation_id".into(),
            marker_note_column: "correlation_display".into(),
            private_column: None,
            wait_ms_max: 15 * 60_000,
        }
    }
}

/// One ServiceNow account.
pub struct ServiceNow {
    client: Client,
    settings: ServiceNowSettings,
    capabilities: Capabilities,
    us: OnceCell<Us>,
    people: people::Cache,
    /// Schemas by table, with the moment of discovery on the monotonic clock.
    schemas: Mutex<BTreeMap<String, (u64, Arc<Discovered>)>>,
    /// The deletion audit refused us once: not asked again in this session.
    audit_closed: AtomicBool,
    /// A journal entry was seen, so an empty list is truly empty.
    journal_open: AtomicBool,
    /// Reading the whole journal takes too many calls.
    journal_large: AtomicBool,
    /// The same of a table's files.
    files_large: AtomicBool,
    upload_bytes_max: OnceCell<Option<u64>>,
}

/// The user that we are.
#[derive(Debug, Clone)]
struct Us {
    identity: Identity,
    /// What `sys_created_by` and `sys_updated_by` hold for us.
    user_name: String,
}

/// A table as discovered.
#[derive(Debug, Clone, Default)]
struct Discovered {
    schema: Schema,
    kinds: kinds::Kinds,
}

impl ServiceNow {
    /// Builds the connector; nothing is sent.
    ///
    /// Fails when the sign-in holds characters that no header can carry.
    pub fn new(
        settings: ServiceNowSettings,
        ports: Ports,
        context: HttpContext,
    ) -> Result<ServiceNow, ConnectorError> {
        let lanes = settings.lanes.clamp(1, 4);
        let mut http = ClientSettings::new(
            settings.base.clone(),
            settings.sign_in.limiter_name(&settings.base.origin()),
        );
        http.lanes = lanes;
        http.rate = settings.rate;
        http.read_wait_ms_max = settings.wait_ms_max;
        http.keeps_cookies = true;
        let auth = settings.sign_in.signer(&http, &ports, &context)?;
        let client = Client::new(http, Arc::new(dialect::Now), auth, ports, context);
        Ok(ServiceNow {
            client,
            capabilities: capabilities(lanes),
            settings,
            us: OnceCell::new(),
            people: people::Cache::default(),
            schemas: Mutex::default(),
            audit_closed: AtomicBool::new(false),
            journal_open: AtomicBool::new(false),
            journal_large: AtomicBool::new(false),
            files_large: AtomicBool::new(false),
            upload_bytes_max: OnceCell::new(),
        })
    }

    /// Whether nobody but Lockstep writes as this user.
    pub fn is_dedicated(&self) -> bool {
        self.settings.dedicated
    }

    /// The client below, for its call counts and its server's clock.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

/// What ServiceNow can do and bears with so many calls at a time, known without an account.
pub fn capabilities(lanes: usize) -> Capabilities {
    Capabilities {
        platform: "servicenow",
        label: "ServiceNow",
        status: StatusWriting::Field,
        create_batch: 1,
        fetch_batch: table::IDS_MAX,
        // Rate rules and semaphores stand before the transaction (servicenow.md §8.2).
        refusal_by_rate_is_proof: true,
        rows_lag: false,
        // Journal entries are columns of the same PATCH (servicenow.md §5, §10).
        comment_rides: true,
        edits_comments: false,
        narrows_comments: false,
        internal_comments: true,
        comment_marker: CommentMarker::Text,
        overwrite_evidence: "ServiceNow counts the changes of a record, so an edit by somebody else in the last moment \
                             is noticed afterwards, but not what it said",
        comment_chars_max: COMMENT_CHARS_MAX,
        concurrency_max: lanes,
    }
}
