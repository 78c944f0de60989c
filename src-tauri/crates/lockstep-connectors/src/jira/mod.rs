//! The connector to Jira Cloud and Jira Service Management (facts: sheet `jira.md`; rules: `hazards.md`,
//! which win). `README.md` beside this file says which calls it makes and what it relies on.
//!
//! Each file does one thing; this one only puts them behind [`Connector`]. Nothing here decides what to sync.

mod attachments;
mod comments;
mod counts;
mod create;
mod dialect;
mod discover;
mod error_body;
mod feed;
mod fetch;
mod fields;
mod jql;
mod kept;
mod lookup;
mod marker;
mod matching;
mod matching_count;
mod people;
mod request;
mod rich;
mod rows;
mod search;
mod session;
mod test;
mod transitions;
mod update;
mod wire;
mod workflow;

#[cfg(test)]
mod fixture;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use lockstep_core::connector::{
    ByteStream, Capabilities, ChangesPage, ChangesQuery, CommentMarker, CommentRequest, CommentWritten,
    Connector, ConnectorError, CreateRequest, Created, Fetched, Identity, Lookup, LookupQuery, Matching,
    OthersChange, PersonMatch, Scope, ScopeOffer, StatusWriting, StepRequest, Tell, TestLine, UpdateRequest,
    UploadRequest, Want, WriteFailure, Written,
};
use lockstep_core::ids::{AttachmentId, CommentId, FieldId, PersonId, TicketId};
use lockstep_core::mapping::Filter;
use lockstep_core::schema::Schema;
use lockstep_core::secret::Secret;
use lockstep_core::ticket::{Attachment, Comment, Person, Ticket, Value};

use crate::http::{BaseAddress, Client, ClientSettings, HttpContext};
use crate::ports::Ports;

/// Read again at the start of each run (sheet §3.3).
const OVERLAP_MS: u64 = 5 * 60_000;
/// How long a write may stay unseen by a search (hazards.md H4).
const SETTLE_MS: u64 = 600_000;
/// Calls at once (sheet §11: no figure is published).
const LANES: usize = 4;

/// How one Jira account is reached and treated.
#[derive(Debug, Clone)]
pub struct JiraSettings {
    /// The site as the browser shows it: `https://acme.atlassian.net`.
    pub address: String,
    /// Whose token it is.
    pub email: String,
    /// The API token.
    pub token: Secret,
    /// How far back each run of the feed reads again, milliseconds.
    pub overlap_ms: u64,
    /// See [`Connector::settle_ms`].
    pub settle_ms: u64,
    /// Nobody but Lockstep writes as this user (hazards.md H7, H37).
    pub dedicated: bool,
    /// Whether comments are read by customers unless they say otherwise; `None`: Jira is asked per project
    /// (§7).
    pub comments_need_flag: Option<bool>,
}

impl JiraSettings {
    /// The usual settings.
    pub fn new(address: impl Into<String>, email: impl Into<String>, token: Secret) -> JiraSettings {
        JiraSettings {
            address: address.into(),
            email: email.into(),
            token,
            overlap_ms: OVERLAP_MS,
            settle_ms: SETTLE_MS,
            dedicated: false,
            comments_need_flag: None,
        }
    }
}

/// The connector to one Jira account.
pub struct Jira {
    settings: JiraSettings,
    client: Client,
    capabilities: Capabilities,
    /// Origin of the site, for addresses people open.
    site: String,
    session: session::Session,
}

impl Jira {
    /// Builds the connector; nothing is sent. Fails when the address is none.
    pub fn new(settings: JiraSettings, ports: Ports, context: HttpContext) -> Result<Jira, ConnectorError> {
        let base = BaseAddress::origin_of(&settings.address)?;
        let site = base.origin();
        let mut http = ClientSettings::new(base, format!("{site}|{}", settings.email.trim().to_lowercase()));
        http.lanes = LANES;
        let sign_in = dialect::BasicSignIn::new(&settings.email, settings.token.clone());
        let client = Client::new(http, Arc::new(dialect::JiraDialect), Arc::new(sign_in), ports, context);
        Ok(Jira {
            settings,
            client,
            capabilities: capabilities(),
            site,
            session: session::Session::default(),
        })
    }

    /// Whether nobody but Lockstep writes as this user.
    pub fn dedicated(&self) -> bool {
        self.settings.dedicated
    }
}

/// What Jira can do and bears, known without an account.
pub fn capabilities() -> Capabilities {
    Capabilities {
        platform: "jira",
        label: "Jira",
        status: StatusWriting::Transitions,
        create_batch: create::BATCH,
        fetch_batch: fetch::BATCH,
        // Only inferred (§11).
        refusal_by_rate_is_proof: false,
        rows_lag: true,
        // Inside a field write a comment cannot carry its marker (§7).
        comment_rides: false,
        edits_comments: true,
        narrows_comments: true,
        internal_comments: true,
        comment_marker: CommentMarker::Property,
        overwrite_evidence: "Jira cannot refuse a write to a ticket that somebody has just changed, but its history \
                             shows afterwards what was overwritten",
        comment_chars_max: discover::RICH_CHARS_MAX,
        concurrency_max: LANES,
    }
}

#[async_trait]
impl Connector for Jira {
    fn describe(&self) -> &Capabilities {
        &self.capabilities
    }

    fn settle_ms(&self) -> u64 {
        self.settings.settle_ms
    }

    async fn identify(&self) -> Result<Identity, ConnectorError> {
        self.identity().await.cloned()
    }

    async fn test(&self, scopes: &[Scope], tell: Tell<'_>) -> Vec<TestLine> {
        self.test_lines(scopes, tell).await
    }

    async fn scopes(&self) -> Result<Vec<ScopeOffer>, ConnectorError> {
        self.offers().await
    }

    async fn discover(&self, scope: &Scope) -> Result<Schema, ConnectorError> {
        self.schema(scope).await
    }

    async fn count_matching(
        &self,
        scope: &Scope,
        filter: &Filter,
    ) -> Result<Option<Matching>, ConnectorError> {
        self.matching(scope, filter).await
    }

    async fn count_values(
        &self,
        scope: &Scope,
        field: &FieldId,
        values: &[String],
    ) -> Result<Option<BTreeMap<String, u64>>, ConnectorError> {
        self.counted(scope, field, values).await
    }

    async fn changes(&self, query: &ChangesQuery<'_>) -> Result<ChangesPage, ConnectorError> {
        self.changed(query).await
    }

    async fn fetch(
        &self,
        scope: &Scope,
        ids: &[TicketId],
        fields: &[FieldId],
        want: Want,
    ) -> Result<Vec<Fetched>, ConnectorError> {
        self.direct(scope, ids, fields, want).await
    }

    async fn complete(
        &self,
        scope: &Scope,
        tickets: &mut [&mut Ticket],
        want: Want,
    ) -> Result<(), ConnectorError> {
        self.fill(scope, tickets, want).await
    }

    async fn create(&self, requests: &[CreateRequest]) -> Vec<Result<Created, WriteFailure>> {
        self.create_all(requests).await
    }

    async fn update(&self, request: &UpdateRequest) -> Result<Written, WriteFailure> {
        self.write_fields(request).await
    }

    async fn step(
        &self,
        scope: &Scope,
        ticket: &TicketId,
        step: &StepRequest,
    ) -> Result<Written, WriteFailure> {
        self.take_step(scope, ticket, step).await
    }

    async fn add_comment(&self, request: &CommentRequest) -> Result<CommentWritten, WriteFailure> {
        self.comment_add(request).await
    }

    async fn edit_comment(
        &self,
        id: &CommentId,
        request: &CommentRequest,
    ) -> Result<CommentWritten, WriteFailure> {
        self.comment_edit(id, request).await
    }

    async fn retract_comment(&self, ticket: &TicketId, id: &CommentId) -> Result<(), WriteFailure> {
        self.comment_retract(ticket, id).await
    }

    async fn comments(&self, scope: &Scope, ticket: &TicketId) -> Result<Vec<Comment>, ConnectorError> {
        self.all_comments(scope, ticket).await
    }

    async fn attachments(
        &self,
        _scope: &Scope,
        ticket: &TicketId,
    ) -> Result<Vec<Attachment>, ConnectorError> {
        self.files(ticket).await
    }

    async fn download(&self, attachment: &AttachmentId) -> Result<ByteStream, ConnectorError> {
        self.file_bytes(attachment).await
    }

    async fn upload(&self, request: UploadRequest) -> Result<Attachment, WriteFailure> {
        self.store_file(request).await
    }

    async fn upload_bytes_max(&self) -> Result<Option<u64>, ConnectorError> {
        self.file_limit().await
    }

    async fn find_by_marker(&self, query: &LookupQuery<'_>) -> Result<Lookup, ConnectorError> {
        self.look_up(query).await
    }

    async fn created_by_us(&self, _scope: &Scope, since_ms: i64) -> Result<Vec<Ticket>, ConnectorError> {
        // Account-wide: a ticket of ours may have been moved out of the scope since (hazards.md H5).
        self.accounting(since_ms).await
    }

    async fn changed_by_others(
        &self,
        _scope: &Scope,
        ids: &[TicketId],
        since_ms: i64,
    ) -> Result<Option<Vec<OthersChange>>, ConnectorError> {
        self.touched(ids, since_ms).await.map(Some)
    }

    async fn find_people(
        &self,
        _scope: &Scope,
        emails: &[String],
    ) -> Result<Vec<PersonMatch>, ConnectorError> {
        self.by_email(emails).await
    }

    async fn people(&self, ids: &[PersonId]) -> Result<Vec<Person>, ConnectorError> {
        self.by_id(ids).await
    }

    async fn find_by_key(&self, _scope: &Scope, key: &str) -> Result<Option<TicketId>, ConnectorError> {
        self.id_of_key(key).await
    }

    async fn find_by_field(
        &self,
        scope: &Scope,
        field: &FieldId,
        value: &Value,
        fields: &[FieldId],
        limit: usize,
    ) -> Result<Vec<Ticket>, ConnectorError> {
        self.holding(scope, field, value, fields, limit).await
    }

    fn server_now_ms(&self) -> i64 {
        self.client.server_now_ms()
    }
}
