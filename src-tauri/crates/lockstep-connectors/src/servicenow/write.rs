//! Writing: one POST for a new record, one PATCH for everything else, and the answer itself as the proof of what is
//! there now (servicenow.md §4.1, §4.3, §5; hazards.md H14, H15).
//!
//! Never PUT, never DELETE, never old journal text, never a `sys_` column.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use lockstep_core::connector::{
    CommentRequest, CommentWritten, ConnectorError, CreateRequest, Created, ErrorKind, FieldWrite, Scope,
    UpdateRequest, WriteFailure, Written,
};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::marker::Marker;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::text::journal::to_journal;
use lockstep_core::ticket::{MarkerRead, Value, Visibility};

use super::query::{Literal, Operator, Query, is_sys_id};
use super::table::{Rows, not_as_asked, table_path};
use super::ticket::{Reading, version};
use super::wire::One;
use super::{ServiceNow, catalog, kinds, marker};
use crate::http::Call;

/// Columns and their new texts.
pub(super) type Body = BTreeMap<String, String>;

impl ServiceNow {
    /// Makes one record. The marker rides in the same call; the look-up for an older one is the engine's.
    pub(super) async fn create_ticket(&self, request: &CreateRequest) -> Result<Created, WriteFailure> {
        if request.scope.ticket_type == catalog::ITEM_TABLE {
            return self.order_item(request).await;
        }
        let (reading, mut body) =
            self.body_of(&request.scope, &request.fields, request).await.map_err(stopped)?;
        if !left_out(Omission::MarkerNotSent) {
            body.extend(self.marker_body(&request.marker));
        }
        let call = self
            .write_call(
                Method::POST,
                table_path(&request.scope.ticket_type).map_err(stopped)?,
                &reading,
                "create a record",
            )
            .json(&body);
        let (created, row_state) = self.created(&request.scope, &reading, call).await?;
        Ok(with_step(created, request, row_state))
    }

    /// The new record as the answer shows it.
    async fn created(
        &self,
        scope: &Scope,
        reading: &Reading,
        call: Call,
    ) -> Result<(Created, Option<String>), WriteFailure> {
        let answer = self.client.send_write(call).await?;
        let one: One<'_> =
            self.client.parse("create a record", &answer.body).map_err(WriteFailure::Unknown)?;
        let id = one.result.text("sys_id");
        if !is_sys_id(id) {
            let error =
                ConnectorError::new(ErrorKind::Unexpected, "ServiceNow answered a create without the new id");
            return Err(WriteFailure::Unknown(error));
        }
        let created = Created {
            id: TicketId::from(id),
            key: one.result.text("number").to_owned(),
            url: self.page(&scope.ticket_type, id),
            answer: reading.values(&one.result),
            version: Some(version(&one.result)),
            step_taken: None,
        };
        Ok((created, one.result.get("state").map(str::to_owned)))
    }

    /// Columns of a new record: what the mapping gives, the scope's group, the first status.
    pub(super) async fn body_of(
        &self,
        scope: &Scope,
        fields: &BTreeMap<FieldId, Value>,
        request: &CreateRequest,
    ) -> Result<(Reading, Body), ConnectorError> {
        let mut fields = fields.clone();
        if !scope.container.is_empty() {
            let group = Value::Group(scope.container.clone());
            fields.entry("assignment_group".into()).or_insert(group);
        }
        if let Some(step) = &request.step {
            fields.insert("state".into(), Value::choice(&step.to));
            fields.extend(step.fields.clone());
        }
        fields.keys().try_for_each(check_writable)?;
        let ids: Vec<FieldId> = fields.keys().cloned().collect();
        let reading = self.reading(scope, &ids).await?;
        let mut body = Body::new();
        for (field, value) in &fields {
            body.insert(field.0.clone(), kinds::to_text(reading.kind(field), field, value)?);
        }
        Ok((reading, body))
    }

    /// Writes fields, and what rides along, in one PATCH.
    pub(super) async fn update_ticket(&self, request: &UpdateRequest) -> Result<Written, WriteFailure> {
        request.fields.keys().try_for_each(check_writable).map_err(stopped)?;
        let ids: Vec<FieldId> = request.fields.keys().cloned().collect();
        let reading = self.reading(&request.scope, &ids).await.map_err(stopped)?;
        let mut body = Body::new();
        let before = self.before(request, &reading).await.map_err(stopped)?;
        for (field, write) in &request.fields {
            let value = match write {
                FieldWrite::Set(value) => value.clone(),
                FieldWrite::Delta { add, remove, .. } => merged(before.values.get(field), add, remove),
            };
            body.insert(
                field.0.clone(),
                kinds::to_text(reading.kind(field), field, &value).map_err(stopped)?,
            );
        }
        if let Some(marker) = &request.marker {
            body.extend(self.marker_body(marker));
            for taken in &before.taken {
                body.remove(taken.as_str());
            }
        }
        let rides = request.comment.as_ref().map(|comment| (journal_column(comment.visibility), comment));
        if let Some((column, comment)) = rides {
            body.insert(column.to_owned(), to_journal(&comment.body).text);
        }
        let mut written =
            self.patch(&request.scope, &request.ticket, &reading, &body, "update a record").await?;
        if let Some((column, foreign)) = before.foreign {
            written.answer.insert(column, Value::text(&foreign));
        }
        written.comment = rides.map(|(column, _)| entered(column, &written));
        Ok(written)
    }

    /// Adds one journal entry.
    pub(super) async fn write_comment(
        &self,
        request: &CommentRequest,
    ) -> Result<CommentWritten, WriteFailure> {
        let reading = self.reading(&request.scope, &[]).await.map_err(stopped)?;
        let column = journal_column(request.visibility);
        let body = Body::from([(column.to_owned(), to_journal(&request.body).text)]);
        let written = self.patch(&request.scope, &request.ticket, &reading, &body, "add a comment").await?;
        Ok(entered(column, &written))
    }

    /// One PATCH; the answer must be about the record asked for.
    pub(super) async fn patch(
        &self,
        scope: &Scope,
        ticket: &TicketId,
        reading: &Reading,
        body: &Body,
        what: &str,
    ) -> Result<Written, WriteFailure> {
        let id = Literal::sys_id(ticket.as_str()).map_err(stopped)?;
        let path = format!("{}/{}", table_path(&scope.ticket_type).map_err(stopped)?, id.as_str());
        let call = self.write_call(Method::PATCH, path, reading, what).json(body);
        let answer = self.client.send_write(call).await?;
        let one: One<'_> = self.client.parse(what, &answer.body).map_err(WriteFailure::Unknown)?;
        if one.result.text("sys_id") != id.as_str() {
            let error = ConnectorError::new(
                ErrorKind::Unexpected,
                "ServiceNow answered an update for another record",
            );
            return Err(WriteFailure::Unknown(error));
        }
        let (answer, version) = (reading.values(&one.result), Some(version(&one.result)));
        Ok(Written { answer, version, comment: None })
    }

    /// A write whose answer gives back the columns of `reading`. A 429 is given before anything runs (servicenow.md
    /// §8.2), so it may be waited out.
    fn write_call(&self, method: Method, path: String, reading: &Reading, what: &str) -> Call {
        Call::new(method, path, what)
            .query("sysparm_fields", &reading.columns)
            .query("sysparm_exclude_reference_link", "true")
            .good(&[200, 201])
            .expect(crate::http::Expect::Json)
            .resends_after_wait()
    }

    /// Both columns of a marker.
    pub(super) fn marker_body(&self, marker: &Marker) -> Body {
        let [key, note] = self.marker_fields();
        Body::from([(key.0.clone(), marker::key(&marker.pair)), (note.0.clone(), marker::note(marker))])
    }

    /// What an update must know first: members of sets, and whose marker stands there. Nothing is read for others.
    async fn before(&self, request: &UpdateRequest, reading: &Reading) -> Result<Before, ConnectorError> {
        let mut before = Before::default();
        let deltas = request.fields.values().any(|write| matches!(write, FieldWrite::Delta { .. }));
        if !deltas && request.marker.is_none() {
            return Ok(before);
        }
        let table = request.scope.ticket_type.as_str();
        let query = Query::new().and("sys_id", Operator::Is, &Literal::sys_id(request.ticket.as_str())?);
        let what = "read a record before its update";
        let rows = Rows {
            table,
            query: &query,
            columns: &reading.columns,
            limit: 2,
            offset: 0,
            counted: false,
            what,
        };
        let found = self.rows(&rows).await?;
        let list = self.list(&found, what)?;
        let [row] = list.as_slice() else {
            return match list.len() {
                0 => Err(ConnectorError::new(
                    ErrorKind::NotFound,
                    "The record is deleted or hidden on ServiceNow",
                )),
                _ => Err(not_as_asked(table, "the id")),
            };
        };
        if row.text("sys_id") != request.ticket.as_str() {
            return Err(not_as_asked(table, "the id"));
        }
        before.values = reading.values(row);
        if request.marker.is_some() {
            let [key, note] = self.marker_fields();
            let (key_text, note_text) = (row.get(key.as_str()), row.get(note.as_str()));
            match marker::read(key_text, note_text) {
                MarkerRead::Absent | MarkerRead::Ours(_) => {
                    if !note_text.is_some_and(marker::is_note_free) {
                        before.taken.push(note.clone());
                    }
                }
                MarkerRead::Foreign(foreign) => {
                    before.taken.extend([key.clone(), note.clone()]);
                    before.foreign = Some((key.clone(), foreign));
                }
                MarkerRead::Unknown => before.taken.extend([key.clone(), note.clone()]),
            }
        }
        Ok(before)
    }
}

/// What stood there before an update.
#[derive(Default)]
struct Before {
    values: BTreeMap<FieldId, Value>,
    /// Columns for the marker that are not ours to write.
    taken: Vec<FieldId>,
    /// Another tool's value in the marker's place.
    foreign: Option<(FieldId, String)>,
}

/// A journal entry that was made. The answer does not name it: it is found by its ref at the next reading. The column is
/// the visibility, so what was asked for is what there is.
fn entered(column: &str, written: &Written) -> CommentWritten {
    let visibility = if column == "comments" { Visibility::Public } else { Visibility::Internal };
    CommentWritten { id: None, visibility: Some(visibility), version: written.version }
}

/// Where a comment goes; what is not known to be public stays internal (hazards.md H38).
fn journal_column(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "comments",
        Visibility::Internal | Visibility::Unknown => "work_notes",
    }
}

/// A set with members added and taken away, others' members untouched (hazards.md H26).
fn merged(before: Option<&Value>, add: &[String], remove: &[String]) -> Value {
    let mut members = match before {
        Some(Value::Set(members)) => members.clone(),
        _ => BTreeSet::new(),
    };
    members.retain(|member| !remove.contains(member));
    members.extend(add.iter().cloned());
    Value::set(members)
}

/// Stamps and journals are not fields to write.
fn check_writable(field: &FieldId) -> Result<(), ConnectorError> {
    let column = field.as_str();
    if column.starts_with("sys_")
        || column.contains('.')
        || matches!(column, "comments" | "work_notes" | "number")
    {
        return Err(ConnectorError::new(ErrorKind::Stopped, format!("{field} is not written to ServiceNow")));
    }
    Ok(())
}

/// Whether the first status was taken, as the answer shows it.
pub(super) fn with_step(mut created: Created, request: &CreateRequest, state: Option<String>) -> Created {
    created.step_taken = request.step.as_ref().map(|step| state.as_deref() == Some(step.to.as_str()));
    created
}

/// Refused by ourselves or failed before the write: nothing was sent.
pub(super) fn stopped(error: ConnectorError) -> WriteFailure {
    match error.kind {
        ErrorKind::Stopped | ErrorKind::NotFound | ErrorKind::Forbidden => WriteFailure::Refused(error),
        ErrorKind::RateLimited { wait_ms } => WriteFailure::NotApplied { error, wait_ms },
        _ => WriteFailure::NotApplied { error, wait_ms: 0 },
    }
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
