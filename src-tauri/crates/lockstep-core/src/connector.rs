//! The one port to a platform. It alone has several implementations; the crate `lockstep-connectors` holds them.

use std::collections::BTreeMap;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use serde::{Deserialize, Serialize};

use crate::ids::{AttachmentId, CommentId, FieldId, PersonId, TicketId};
use crate::mapping::Filter;
use crate::marker::{Marker, PairKey};
use crate::schema::Schema;
use crate::ticket::{Attachment, Comment, Person, Ticket, Value, Version, Visibility};

/// What one platform can do, and how it must be treated. The plan never asks for what a side cannot do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// `servicenow`, `jira`.
    pub platform: &'static str,
    /// `ServiceNow`, `Jira`.
    pub label: &'static str,
    /// How a status is written.
    pub status: StatusWriting,
    /// Tickets one create call can take; 1 where creates go one by one.
    pub create_batch: usize,
    /// Ids one direct read can take.
    pub fetch_batch: usize,
    /// Whether a 429 proves that nothing of the call was carried out. Where it does not, a create that was sent away is looked
    /// for before it leaves again (hazards.md H10).
    pub refusal_by_rate_is_proof: bool,
    /// Whether list rows may show older states than a direct read (hazards.md H16).
    pub rows_lag: bool,
    /// Whether one comment can ride in the call that writes fields, both done or neither (hazards.md H20).
    pub comment_rides: bool,
    /// Whether a comment can be edited after it was written.
    pub edits_comments: bool,
    /// Whether a comment's visibility can be narrowed afterwards (hazards.md H38).
    pub narrows_comments: bool,
    /// Whether comments can be internal at all in this scope.
    pub internal_comments: bool,
    /// Where a comment's marker goes.
    pub comment_marker: CommentMarker,
    /// What can be seen of an overwrite in the last moment (hazards.md H19), as a sentence.
    pub overwrite_evidence: &'static str,
    /// Longest comment in characters.
    pub comment_chars_max: u32,
    /// Calls in flight at once that the platform bears.
    pub concurrency_max: usize,
}

/// How a status is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusWriting {
    /// As a field, in the same call as other fields (ServiceNow).
    Field,
    /// By the workflow's transitions, one call a step (Jira).
    Transitions,
}

/// Where a comment's marker goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentMarker {
    /// The platform keeps it beside the text.
    Property,
    /// As a short ref at the end of the attribution line.
    Text,
}

/// Who and where an account is, read at sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The platform's own instance id (cloud id, instance origin).
    pub instance: String,
    /// The user Lockstep acts as.
    pub us: Person,
    /// The user's time zone as the platform names it.
    pub time_zone: Option<String>,
    /// Server clock minus ours, milliseconds, from the `Date` header.
    pub skew_ms: i64,
}

/// Where in an account tickets of one type lie.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Scope {
    /// ServiceNow: the assignment group's `sys_id`, or empty for the whole table. Jira: the project's key or id.
    #[serde(default)]
    pub container: String,
    /// ServiceNow table; Jira issue type id or name.
    pub ticket_type: String,
    /// Jira Service Management: request type id; a create then makes a customer request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub request_type: Option<String>,
}

/// Opaque to all but its connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub serde_json::Value);

/// What the feed shall return.
#[derive(Debug, Clone)]
pub struct ChangesQuery<'a> {
    pub scope: &'a Scope,
    /// Fields the mapping needs; the marker, stamps and people are always read.
    pub fields: &'a [FieldId],
    /// Where the last completed run ended. `None`: from `since_ms` on.
    pub cursor: Option<&'a Cursor>,
    /// Only without a cursor: tickets created or changed since, server time, milliseconds.
    pub since_ms: i64,
    /// The position inside this read: what the page before returned as `next`.
    pub page: Option<&'a Cursor>,
    /// Rows wanted at most.
    pub limit: usize,
}

/// One page of the feed.
#[derive(Debug, Clone)]
pub struct ChangesPage {
    /// Rows in the feed's order; comments and attachments may be left unread.
    pub tickets: Vec<Ticket>,
    /// The next page, `None` after the last one.
    pub next: Option<Cursor>,
    /// Where the next run starts, valid once every page was dealt with; given with the last page.
    pub cursor: Option<Cursor>,
}

/// One ticket asked for by id.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched {
    Found(Box<Ticket>),
    /// Deleted or hidden: not to be told apart (engine.md §3.4).
    NotVisible(TicketId),
    /// The platform's own evidence says deleted.
    Deleted(TicketId),
}

/// Which parts of a ticket a direct read shall bring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Want {
    pub comments: bool,
    pub attachments: bool,
}

/// A ticket to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateRequest {
    pub scope: Scope,
    pub fields: BTreeMap<FieldId, Value>,
    pub marker: Marker,
    /// The first step away from the initial status, for platforms that take it in the create call.
    pub step: Option<StepRequest>,
}

/// One step of a status path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRequest {
    pub from: String,
    pub to: String,
    /// The transition's id as last discovered; the connector asks anew when it no longer fits.
    pub transition: String,
    /// What the step's screen asks for.
    pub fields: BTreeMap<FieldId, Value>,
}

/// What a create answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    pub id: TicketId,
    pub key: String,
    pub url: String,
    /// Values from the answer itself; empty where the answer holds none (then the base is unsettled, hazards.md H14).
    pub answer: BTreeMap<FieldId, Value>,
    pub version: Option<Version>,
    /// Whether the step asked for was taken; `None` when none was asked for.
    pub step_taken: Option<bool>,
}

/// A write to one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldWrite {
    Set(Value),
    /// Members to add and to take away, so that others' members stay (hazards.md H26).
    Delta {
        add: Vec<String>,
        remove: Vec<String>,
        result: Value,
    },
}

/// Fields to write to one ticket, in one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateRequest {
    pub scope: Scope,
    pub ticket: TicketId,
    pub fields: BTreeMap<FieldId, FieldWrite>,
    /// Also write this marker (own id added at the first later update, hazards.md H6).
    pub marker: Option<Marker>,
    /// A comment that rides along; only where [`Capabilities::comment_rides`].
    pub comment: Option<CommentRequest>,
}

/// What a field write or a step answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// Values from the answer itself.
    pub answer: BTreeMap<FieldId, Value>,
    pub version: Option<Version>,
    /// What became of the comment that rode along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<CommentWritten>,
}

/// A comment to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentRequest {
    pub scope: Scope,
    pub ticket: TicketId,
    /// Canonical Markdown, attribution line included.
    pub body: String,
    /// `Public` or `Internal`.
    pub visibility: Visibility,
    /// The ref of the original (`marker::content_ref`).
    pub copy_of: String,
}

/// What writing a comment answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentWritten {
    /// `None` where the answer does not name the new comment (ServiceNow): found by its ref at the next reading.
    pub id: Option<CommentId>,
    /// The visibility as the answer shows it (hazards.md H38).
    pub visibility: Option<Visibility>,
    pub version: Option<Version>,
}

/// A file to write.
pub struct UploadRequest {
    pub scope: Scope,
    pub ticket: TicketId,
    pub name: String,
    pub mime: String,
    pub size_bytes: u64,
    /// `Internal` keeps it from customers where the platform can.
    pub visibility: Visibility,
    pub body: ByteStream,
}

/// A file's bytes, never whole in memory.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, ConnectorError>> + Send>>;

/// What a look-up for an own creation found.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// Tickets that carry the pair key, copied markers included: the caller compares `created_by` and `own`.
    pub found: Vec<Ticket>,
    /// The same query found the control that the caller named, so an empty answer means absent (hazards.md H5).
    pub control_seen: bool,
    /// The server's time of the look-up, milliseconds.
    pub server_ms: i64,
}

/// A look-up for an own creation.
#[derive(Debug, Clone)]
pub struct LookupQuery<'a> {
    pub scope: &'a Scope,
    pub pair: &'a PairKey,
    /// Nothing of interest was created before, server time, milliseconds.
    pub since_ms: i64,
    /// A ticket of ours that the same query must be able to see; its marker's pair key.
    pub control: Option<(&'a TicketId, &'a PairKey)>,
}

/// A ticket that anybody but us has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OthersChange {
    pub ticket: TicketId,
    /// What they set and a later write of ours replaced, where the platform keeps it (hazards.md H19).
    pub replaced: BTreeMap<FieldId, Value>,
}

/// What a search for a person found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonMatch {
    One(Person),
    Nobody,
    /// Several hits are no match (engine.md §3.3).
    Several(usize),
}

/// One line of a connection test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestLine {
    /// What was tried: `Sign-in works`.
    pub name: String,
    pub result: TestResult,
    /// What was seen, or what went wrong, in a sentence.
    pub detail: String,
    /// What to do about it, for a line that is not good.
    pub remedy: Option<String>,
    pub took_ms: u64,
}

/// How a line of a connection test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestResult {
    Good,
    /// Works in a lesser way.
    Degraded,
    Failed,
    NotConfirmed,
}

/// Something a person can choose as a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeOffer {
    pub scope: Scope,
    /// `Incident`, `CSD · Incident`.
    pub label: String,
    /// Whether customers read tickets there.
    pub customers_read: bool,
}

/// A kind for the machine and a sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ConnectorError {
    pub kind: ErrorKind,
    /// Names the platform and what was being done; never a token, a header or a whole body.
    pub message: String,
    /// What to do about it, when known.
    pub remedy: Option<String>,
    /// Refusals by field, as the platform worded them.
    pub fields: BTreeMap<FieldId, String>,
}

/// What went wrong, as far as anybody branches on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    Unauthorised,
    Forbidden,
    NotFound,
    ChangedMeanwhile,
    /// Milliseconds until the platform takes calls again.
    RateLimited {
        wait_ms: u64,
    },
    /// No connection, no complete answer, or a platform that is down.
    Unreachable,
    /// The platform answers, but it is asleep, upgrading, or not the platform at all.
    NotReady,
    /// A documented refusal of what was sent.
    Refused,
    /// Not what the platform's documentation allows.
    Unexpected,
    /// A rule of Lockstep's own stopped the call (foreign address, unsafe query, too large a body).
    Stopped,
}

impl ConnectorError {
    /// An error with neither remedy nor field messages.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), remedy: None, fields: BTreeMap::new() }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Whether the whole account is out of service until something changes, so that going on is pointless.
    pub fn stops_account(&self) -> bool {
        matches!(self.kind, ErrorKind::Unauthorised | ErrorKind::Unreachable | ErrorKind::NotReady)
    }
}

/// How a write ended when it was not done (hazards.md H10): only a complete, documented refusal is `Refused`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteFailure {
    /// Certainly not applied (429, refused connection, sign-in): may be sent again after `wait_ms`.
    NotApplied { error: ConnectorError, wait_ms: u64 },
    /// The platform's definite refusal.
    Refused(ConnectorError),
    /// May have been applied.
    Unknown(ConnectorError),
}

impl WriteFailure {
    /// The error inside.
    pub fn error(&self) -> &ConnectorError {
        match self {
            WriteFailure::NotApplied { error, .. }
            | WriteFailure::Refused(error)
            | WriteFailure::Unknown(error) => error,
        }
    }
}

/// Is told each line of an account's test.
pub type Tell<'a> = &'a (dyn Fn(&TestLine) + Send + Sync);

/// Tickets that a filter lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    pub count: u64,
    /// The platform gives no exact count.
    pub approximate: bool,
    /// What people call the newest of them.
    pub newest: Option<String>,
}

/// What every platform must offer. Reads may be repeated inside a connector; a write is one request on the wire.
#[async_trait]
pub trait Connector: Send + Sync {
    /// What this platform can do and bears.
    fn describe(&self) -> &Capabilities;

    /// How long a write may stay unseen by a look-up, server time, milliseconds (hazards.md H4).
    fn settle_ms(&self) -> u64;

    /// Signs in and says who and where we are. Proves the credential; cached for the session.
    async fn identify(&self) -> Result<Identity, ConnectorError>;

    /// Tries everything a connection over `scopes` needs and tells each line as soon as it is known; fails never. Answers with all of
    /// them.
    async fn test(&self, scopes: &[Scope], tell: Tell<'_>) -> Vec<TestLine>;

    /// What could be synced.
    async fn scopes(&self) -> Result<Vec<ScopeOffer>, ConnectorError>;

    /// Fields, picklists and workflow of one scope.
    async fn discover(&self, scope: &Scope) -> Result<Schema, ConnectorError>;

    /// How many tickets of the scope hold each of `values` in a picklist or status, by the platform's id of the value; a few
    /// cheap calls. `None` where the platform cannot count by this field.
    async fn count_values(
        &self,
        _scope: &Scope,
        _field: &FieldId,
        _values: &[String],
    ) -> Result<Option<BTreeMap<String, u64>>, ConnectorError> {
        Ok(None)
    }

    /// How many tickets of the scope a filter lets in, and the newest of them; two cheap calls. `None` where the platform cannot
    /// be asked for the same thing safely.
    async fn count_matching(
        &self,
        _scope: &Scope,
        _filter: &Filter,
    ) -> Result<Option<Matching>, ConnectorError> {
        Ok(None)
    }

    /// One page of the feed of changed tickets.
    async fn changes(&self, query: &ChangesQuery<'_>) -> Result<ChangesPage, ConnectorError>;

    /// Tickets that somebody else put a file on since the last run ended at `cursor`, or since `since_ms` (server time)
    /// where there is none, as far as a file does not move its ticket in the feed (servicenow.md §6). Empty where it does.
    async fn filed_since(
        &self,
        _scope: &Scope,
        _cursor: Option<&Cursor>,
        _since_ms: i64,
    ) -> Result<Vec<TicketId>, ConnectorError> {
        Ok(Vec::new())
    }

    /// Tickets whose last change lies at or after `since_ms` (server time), with their versions as they stand now, by one
    /// cheap reading of the whole account: what is not among them stands as it was then. `None` where lists lag behind,
    /// where stamps alone cannot tell, or where too many have moved; then each ticket is read directly.
    async fn moved_since(
        &self,
        _scope: &Scope,
        _since_ms: i64,
    ) -> Result<Option<Vec<(TicketId, Version)>>, ConnectorError> {
        Ok(None)
    }

    /// Direct reads; the answer has one entry per id asked for, in the same order.
    async fn fetch(
        &self,
        scope: &Scope,
        ids: &[TicketId],
        fields: &[FieldId],
        want: Want,
    ) -> Result<Vec<Fetched>, ConnectorError>;

    /// Reads the complete comment (and attachment) lists of tickets already read; leaves `None` where it cannot.
    async fn complete(
        &self,
        scope: &Scope,
        tickets: &mut [&mut Ticket],
        want: Want,
    ) -> Result<(), ConnectorError>;

    /// Creates tickets, one call; at most `create_batch` of them. One result per request, in the same order.
    async fn create(&self, requests: &[CreateRequest]) -> Vec<Result<Created, WriteFailure>>;

    /// Writes fields in one call.
    async fn update(&self, request: &UpdateRequest) -> Result<Written, WriteFailure>;

    /// Takes one step of the workflow. Only for platforms with [`StatusWriting::Transitions`].
    async fn step(
        &self,
        scope: &Scope,
        ticket: &TicketId,
        step: &StepRequest,
    ) -> Result<Written, WriteFailure>;

    /// Adds a comment.
    async fn add_comment(&self, request: &CommentRequest) -> Result<CommentWritten, WriteFailure>;

    /// Replaces a comment's text.
    async fn edit_comment(
        &self,
        id: &CommentId,
        request: &CommentRequest,
    ) -> Result<CommentWritten, WriteFailure>;

    /// Removes our own comment that came out more visible than meant: the one deletion Lockstep makes (H38).
    async fn retract_comment(&self, ticket: &TicketId, id: &CommentId) -> Result<(), WriteFailure>;

    /// All comments of one ticket by a direct read, complete or an error.
    async fn comments(&self, scope: &Scope, ticket: &TicketId) -> Result<Vec<Comment>, ConnectorError>;

    /// All attachments of one ticket by a direct read, complete or an error.
    async fn attachments(&self, scope: &Scope, ticket: &TicketId) -> Result<Vec<Attachment>, ConnectorError>;

    /// A file's bytes.
    async fn download(&self, attachment: &AttachmentId) -> Result<ByteStream, ConnectorError>;

    /// Stores a file.
    async fn upload(&self, request: UploadRequest) -> Result<Attachment, WriteFailure>;

    /// Largest file the platform takes, bytes, where it says so.
    async fn upload_bytes_max(&self) -> Result<Option<u64>, ConnectorError>;

    /// Looks for tickets that carry a pair key, account-wide, not bound to the scope (hazards.md H5).
    async fn find_by_marker(&self, query: &LookupQuery<'_>) -> Result<Lookup, ConnectorError>;

    /// The tickets *created by us* since `since_ms` (server time), for accounting (hazards.md H2, H7).
    async fn created_by_us(&self, scope: &Scope, since_ms: i64) -> Result<Vec<Ticket>, ConnectorError>;

    /// Of `ids`, those that anybody but us has changed since `since_ms`, and what of it we replaced; `None` where the
    /// platform cannot tell.
    async fn changed_by_others(
        &self,
        scope: &Scope,
        ids: &[TicketId],
        since_ms: i64,
    ) -> Result<Option<Vec<OthersChange>>, ConnectorError>;

    /// Finds people by e-mail, case-insensitively; never creates any. One answer per address, same order.
    async fn find_people(&self, scope: &Scope, emails: &[String])
    -> Result<Vec<PersonMatch>, ConnectorError>;

    /// People by id, for names and addresses; those that cannot be seen are left out.
    async fn people(&self, ids: &[PersonId]) -> Result<Vec<Person>, ConnectorError>;

    /// Finds a ticket by the key people use; `None` when there is none or it is hidden.
    async fn find_by_key(&self, scope: &Scope, key: &str) -> Result<Option<TicketId>, ConnectorError>;

    /// Tickets of the scope whose `field` holds `value`: texts are compared trimmed and without regard to case, `key`
    /// stands for the ticket's own key. At most `limit` of them, with `fields`, creator and marker read.
    ///
    /// An index may lag behind, so nothing found proves nothing yet, and the caller compares again on a direct read. A
    /// value that cannot go into a query safely is [`ErrorKind::Stopped`], never a wider or a narrower question.
    async fn find_by_field(
        &self,
        scope: &Scope,
        field: &FieldId,
        value: &Value,
        fields: &[FieldId],
        limit: usize,
    ) -> Result<Vec<Ticket>, ConnectorError>;

    /// The server's clock now, milliseconds: our clock corrected by the last `Date` header.
    fn server_now_ms(&self) -> i64;
}
