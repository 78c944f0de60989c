//! Field writes: one `PUT /issue/{id}?returnIssue=true` (sheet §4.2), so that the new base comes from the
//! write's own answer (H14). Sets travel as deltas (H26); a rich text that holds what we cannot write again
//! is left alone (H27).

use std::collections::BTreeMap;

use http::Method;
use lockstep_core::connector::{ConnectorError, ErrorKind, FieldWrite, UpdateRequest, WriteFailure, Written};
use lockstep_core::ids::FieldId;
use lockstep_core::ticket::Value;
use serde_json::{Map, json};

use super::create::{field_map, history};
use super::fetch::gone;
use super::fields::{Shape, Shapes, element};
use super::session::{issue, not_sent, parse, refused, write};
use super::wire::IssueRow;
use super::{Jira, marker, rich, rows};

const WHAT: &str = "write fields";

/// `fields` and `update` of the body; a field is in one of them, never in both (§4.2).
fn body(request: &UpdateRequest, shapes: &Shapes) -> Result<serde_json::Value, ConnectorError> {
    let mut set: Vec<(&FieldId, &Value)> = Vec::new();
    let mut update = Map::new();
    for (field, change) in &request.fields {
        match change {
            FieldWrite::Set(value) => set.push((field, value)),
            FieldWrite::Delta { add, remove, result } => {
                let shape = shapes.shape(field.as_str());
                if !shape.takes_deltas() {
                    set.push((field, result));
                    continue;
                }
                let adds = add.iter().map(|member| json!({ "add": element(shape, member) }));
                let removes = remove.iter().map(|member| json!({ "remove": element(shape, member) }));
                let verbs: Vec<serde_json::Value> = adds.chain(removes).collect();
                if !verbs.is_empty() {
                    update.insert(field.to_string(), verbs.into());
                }
            }
        }
    }
    let fields = field_map(set, shapes)?;
    let mut body = json!({ "historyMetadata": history() });
    if !fields.is_empty() {
        body["fields"] = fields.into();
    }
    if !update.is_empty() {
        body["update"] = update.into();
    }
    if let Some(marker) = &request.marker {
        body["properties"] = json!([{ "key": marker::PROPERTY, "value": marker::to_json(marker) }]);
    }
    Ok(body)
}

impl Jira {
    /// Writes fields, and the marker with them.
    pub(super) async fn write_fields(&self, request: &UpdateRequest) -> Result<Written, WriteFailure> {
        if request.comment.is_some() {
            let text = "Jira takes comments in calls of their own: inside a field write they cannot carry their marker";
            return Err(WriteFailure::Refused(refused(text)));
        }
        let us = self.identity().await.map_err(not_sent)?;
        let shapes = self.shapes_for(request.fields.keys()).await.map_err(not_sent)?;
        let body = body(request, &shapes).map_err(WriteFailure::Refused)?;
        self.keep_what_we_cannot_write(request, &shapes).await?;
        let call = write(Method::PUT, issue(&request.ticket, ""), WHAT)
            .query("returnIssue", "true")
            .json(&body)
            .resends_after_wait();
        let answer = match self.write(call, WHAT).await {
            Ok(answer) => answer,
            // 409 is documented as refused for a write under way at the same time (§4.2).
            Err(WriteFailure::Unknown(error)) if error.kind == ErrorKind::ChangedMeanwhile => {
                return Err(WriteFailure::Refused(error));
            }
            Err(failure) => return Err(failure),
        };
        if answer.body.is_empty() {
            return Ok(Written::default());
        }
        let row: IssueRow<'_> = parse(&answer, WHAT).map_err(WriteFailure::Unknown)?;
        let fields: Vec<FieldId> = request.fields.keys().cloned().collect();
        let answer = self.reader(&shapes, us, &fields).values(&row);
        Ok(Written { answer, version: rows::version(&row), comment: None })
    }

    /// A text is read once more before it is replaced: dropping a media node would delete its file (§6.1,
    /// H27).
    async fn keep_what_we_cannot_write(
        &self,
        request: &UpdateRequest,
        shapes: &Shapes,
    ) -> Result<(), WriteFailure> {
        let rich: Vec<String> = request
            .fields
            .keys()
            .filter(|field| shapes.shape(field.as_str()) == Shape::Rich)
            .map(FieldId::to_string)
            .collect();
        if rich.is_empty() {
            return Ok(());
        }
        let answer = self.single(&request.ticket, &rich).await.map_err(not_sent)?;
        let answer = answer.ok_or_else(|| WriteFailure::Refused(gone(&request.ticket)))?;
        let row: IssueRow<'_> = parse(&answer, WHAT).map_err(not_sent)?;
        let mut kept = BTreeMap::new();
        for field in &rich {
            let found = row.fields.get(field).map(|raw| rich::unreproducible(raw)).unwrap_or_default();
            if !found.is_empty() {
                let text =
                    format!("the text in Jira holds what Lockstep cannot write again ({})", found.join(", "));
                kept.insert(FieldId::from(field.as_str()), text);
            }
        }
        if kept.is_empty() {
            return Ok(());
        }
        let error = refused(format!(
            "The text of {} was not replaced: pictures or other parts in it would be lost",
            row.key
        ))
        .remedy("Edit the text in Jira by hand, or move the pictures out of it");
        Err(WriteFailure::Refused(ConnectorError { fields: kept, ..error }))
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::Connector;

    use super::*;
    use crate::jira::fixture::{Site, issue as row, scope};
    use crate::jira::marker::tests::marker;

    fn request(fields: Vec<(&str, FieldWrite)>) -> UpdateRequest {
        UpdateRequest {
            scope: scope(),
            ticket: "1".into(),
            fields: fields.into_iter().map(|(id, write)| (id.into(), write)).collect(),
            marker: None,
            comment: None,
        }
    }

    #[tokio::test]
    async fn the_answer_s_own_values_come_back_and_sets_travel_as_deltas() {
        let mut answered = row("1");
        answered["fields"]["labels"] = json!(["a", "other"]);
        let site = Site::signed_in().answers(200, answered);
        let mut request = request(vec![
            ("summary", FieldWrite::Set(Value::Text("New".into()))),
            (
                "labels",
                FieldWrite::Delta {
                    add: vec!["a".into()],
                    remove: vec!["b".into()],
                    result: Value::set(["a"]),
                },
            ),
        ]);
        request.marker = Some(marker());
        let written = site.jira.update(&request).await.unwrap();
        assert_eq!(
            written.answer[&"summary".into()],
            Value::Text("Printer offline".into()),
            "as answered, not as sent"
        );
        assert_eq!(written.answer[&"labels".into()], Value::set(["a", "other"]));
        assert_eq!(written.version.unwrap().stamp_ms, 1_795_167_067_123);
        let body = &site.bodies()[2];
        assert_eq!(body["fields"], json!({ "summary": "New" }));
        assert_eq!(body["update"], json!({ "labels": [{ "add": "a" }, { "remove": "b" }] }));
        assert_eq!(body["properties"][0]["key"], "lockstep.link");
        assert_eq!(site.targets()[2], "PUT /rest/api/3/issue/1?returnIssue=true");
    }

    #[tokio::test]
    async fn a_text_with_pictures_is_left_alone() {
        let mut now = row("1");
        now["fields"]["description"] = json!({ "type": "doc", "version": 1, "content": [
            { "type": "mediaSingle", "content": [{ "type": "media", "attrs": { "id": "x", "type": "file", "collection": "" } }] }] });
        let site = Site::signed_in().answers(200, now);
        let outcome =
            site.jira.update(&request(vec![("description", FieldWrite::Set(Value::Rich("x".into())))])).await;
        let Err(WriteFailure::Refused(error)) = outcome else { panic!("must be refused") };
        assert!(error.fields.contains_key(&"description".into()) && error.remedy.is_some());
        assert_eq!(site.calls(), 3, "nothing was written");
    }

    #[tokio::test]
    async fn each_kind_of_failure_keeps_its_kind() {
        let summary = || request(vec![("summary", FieldWrite::Set(Value::Text("New".into())))]);
        let refusal = json!({ "errorMessages": [], "errors": { "summary": "too long" } });
        let outcome = Site::signed_in().answers(400, refusal).jira.update(&summary()).await;
        let Err(WriteFailure::Refused(error)) = outcome else { panic!("must be refused") };
        assert_eq!(error.fields[&"summary".into()], "too long");
        let outcome =
            Site::signed_in().answers(409, json!({ "errorMessages": ["x"] })).jira.update(&summary()).await;
        assert!(matches!(outcome, Err(WriteFailure::Refused(e)) if e.kind == ErrorKind::ChangedMeanwhile));
        let outcome = Site::signed_in().answers(502, serde_json::Value::Null).jira.update(&summary()).await;
        assert!(matches!(outcome, Err(WriteFailure::Unknown(_))));
        let outcome = Site::signed_in().answers(204, serde_json::Value::Null).jira.update(&summary()).await;
        assert_eq!(outcome, Ok(Written::default()));
    }

    #[tokio::test]
    async fn a_status_is_no_field() {
        let site = Site::signed_in();
        let outcome =
            site.jira.update(&request(vec![("status", FieldWrite::Set(Value::Choice("3".into())))])).await;
        assert!(matches!(outcome, Err(WriteFailure::Refused(_))));
        assert_eq!(site.calls(), 2);
    }
}
