//! The port, method by method; each line leads to the file that does it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lockstep_core::connector::{
    ByteStream, Capabilities, ChangesPage, ChangesQuery, CommentRequest, CommentWritten, Connector,
    ConnectorError, CreateRequest, Created, Cursor, ErrorKind, Fetched, Identity, Lookup, LookupQuery,
    Matching, OthersChange, PersonMatch, Scope, ScopeOffer, StepRequest, Tell, TestLine, UpdateRequest,
    UploadRequest, Want, WriteFailure, Written,
};
use lockstep_core::ids::{AttachmentId, CommentId, FieldId, PersonId, TicketId};
use lockstep_core::mapping::Filter;
use lockstep_core::schema::Schema;
use lockstep_core::ticket::{Attachment, Comment, Person, Ticket, Value, Version};

use super::ServiceNow;

#[async_trait]
impl Connector for ServiceNow {
    fn describe(&self) -> &Capabilities {
        &self.capabilities
    }

    fn settle_ms(&self) -> u64 {
        self.settings.settle_ms
    }

    async fn identify(&self) -> Result<Identity, ConnectorError> {
        let mut identity = self.us().await?.identity.clone();
        identity.skew_ms = self.client.skew_ms();
        Ok(identity)
    }

    async fn test(&self, scopes: &[Scope], tell: Tell<'_>) -> Vec<TestLine> {
        self.test_lines(scopes, tell).await
    }

    async fn scopes(&self) -> Result<Vec<ScopeOffer>, ConnectorError> {
        self.scope_offers().await
    }

    async fn discover(&self, scope: &Scope) -> Result<Schema, ConnectorError> {
        Ok(self.discovered(&scope.ticket_type, true).await?.schema.clone())
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
        self.feed_page(query).await
    }

    async fn filed_since(
        &self,
        scope: &Scope,
        cursor: Option<&Cursor>,
        since_ms: i64,
    ) -> Result<Vec<TicketId>, ConnectorError> {
        let from_ms = cursor.map(|cursor| self.read_from(cursor)).transpose()?.unwrap_or(since_ms);
        self.filed(scope, from_ms).await
    }

    async fn moved_since(
        &self,
        scope: &Scope,
        since_ms: i64,
    ) -> Result<Option<Vec<(TicketId, Version)>>, ConnectorError> {
        self.moved(scope, since_ms).await
    }

    async fn fetch(
        &self,
        scope: &Scope,
        ids: &[TicketId],
        fields: &[FieldId],
        want: Want,
    ) -> Result<Vec<Fetched>, ConnectorError> {
        self.fetch_tickets(scope, ids, fields, want).await
    }

    async fn complete(
        &self,
        scope: &Scope,
        tickets: &mut [&mut Ticket],
        want: Want,
    ) -> Result<(), ConnectorError> {
        self.complete_tickets(scope, tickets, want).await
    }

    async fn create(&self, requests: &[CreateRequest]) -> Vec<Result<Created, WriteFailure>> {
        let mut results = Vec::with_capacity(requests.len());
        for request in requests {
            results.push(self.create_ticket(request).await);
        }
        results
    }

    async fn update(&self, request: &UpdateRequest) -> Result<Written, WriteFailure> {
        self.update_ticket(request).await
    }

    async fn step(
        &self,
        _scope: &Scope,
        _ticket: &TicketId,
        _step: &StepRequest,
    ) -> Result<Written, WriteFailure> {
        Err(cannot("has no transitions; a status is written as a field"))
    }

    async fn add_comment(&self, request: &CommentRequest) -> Result<CommentWritten, WriteFailure> {
        self.write_comment(request).await
    }

    async fn edit_comment(
        &self,
        _id: &CommentId,
        _request: &CommentRequest,
    ) -> Result<CommentWritten, WriteFailure> {
        Err(cannot("does not let a journal entry be edited"))
    }

    async fn retract_comment(&self, _ticket: &TicketId, _id: &CommentId) -> Result<(), WriteFailure> {
        Err(cannot("does not let a journal entry be removed"))
    }

    async fn comments(&self, scope: &Scope, ticket: &TicketId) -> Result<Vec<Comment>, ConnectorError> {
        self.comments_of(scope, ticket).await
    }

    async fn attachments(&self, scope: &Scope, ticket: &TicketId) -> Result<Vec<Attachment>, ConnectorError> {
        self.attachments_of(scope, ticket).await
    }

    async fn download(&self, attachment: &AttachmentId) -> Result<ByteStream, ConnectorError> {
        self.file(attachment).await
    }

    async fn upload(&self, request: UploadRequest) -> Result<Attachment, WriteFailure> {
        self.store_file(request).await
    }

    async fn upload_bytes_max(&self) -> Result<Option<u64>, ConnectorError> {
        self.largest_file().await
    }

    async fn find_by_marker(&self, query: &LookupQuery<'_>) -> Result<Lookup, ConnectorError> {
        self.look_up(query).await
    }

    async fn created_by_us(&self, scope: &Scope, since_ms: i64) -> Result<Vec<Ticket>, ConnectorError> {
        self.own_tickets(scope, since_ms).await
    }

    async fn changed_by_others(
        &self,
        scope: &Scope,
        ids: &[TicketId],
        since_ms: i64,
    ) -> Result<Option<Vec<OthersChange>>, ConnectorError> {
        self.others_changes(scope, ids, since_ms).await
    }

    async fn find_people(
        &self,
        _scope: &Scope,
        emails: &[String],
    ) -> Result<Vec<PersonMatch>, ConnectorError> {
        self.people_by_email(emails).await
    }

    async fn people(&self, ids: &[PersonId]) -> Result<Vec<Person>, ConnectorError> {
        self.people_by_id(ids).await
    }

    async fn find_by_key(&self, scope: &Scope, key: &str) -> Result<Option<TicketId>, ConnectorError> {
        self.id_of_key(scope, key).await
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

/// What the platform cannot do at all.
fn cannot(what: &str) -> WriteFailure {
    WriteFailure::Refused(ConnectorError::new(ErrorKind::Stopped, format!("ServiceNow {what}")))
}
