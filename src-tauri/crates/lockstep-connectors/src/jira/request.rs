//! Customer requests (sheet §9.2): made through the service management API, so that customers see them. It
//! takes no properties and plain strings only, so the pair key rides in the last line of the description, and
//! a second call puts marker, rich text and the fields in place that the form does not have.

use http::Method;
use lockstep_core::connector::{CreateRequest, Created, WriteFailure};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::ticket::Value;
use serde_json::{Map, json};

use super::create::{field_map, history};
use super::fields::{Shape, Shapes, plain_of};
use super::rows::DESCRIPTION;
use super::session::{DESK_API, issue, not_sent, parse, refused, write};
use super::wire::{CreatedRow, IssueRow, RequestRow};
use super::{Jira, marker, rows};
use crate::http::Expect;

/// What goes into the form and what follows by the platform API.
struct Parts<'a> {
    form: Map<String, serde_json::Value>,
    later: Vec<(&'a FieldId, &'a Value)>,
}

fn parts<'a>(
    request: &'a CreateRequest,
    on_form: &[String],
    shapes: &Shapes,
) -> Result<Parts<'a>, WriteFailure> {
    let has = |field: &str| on_form.iter().any(|known| known == field);
    let filled = || request.fields.iter().filter(|(_, value)| !value.is_empty());
    let rich = |field: &FieldId| shapes.shape(field.as_str()) == Shape::Rich;
    let plain = filled().filter(|(field, _)| has(field.as_str()) && !rich(field));
    let mut form = field_map(plain, shapes).map_err(WriteFailure::Refused)?;
    for (field, value) in filled().filter(|(field, _)| has(field.as_str()) && rich(field)) {
        form.insert(field.to_string(), json!(plain_of(value).unwrap_or_default()));
    }
    if has(DESCRIPTION) {
        let text = form.get(DESCRIPTION).and_then(serde_json::Value::as_str).unwrap_or_default();
        let line = marker::ref_line(&request.marker);
        let whole = if text.is_empty() { line } else { format!("{text}\n\n{line}") };
        form.insert(DESCRIPTION.to_owned(), json!(whole));
    }
    let later = filled().filter(|(field, _)| !has(field.as_str()) || rich(field)).collect();
    Ok(Parts { form, later })
}

impl Jira {
    /// Makes the request, then the rest. The first call alone decides whether there is a ticket.
    pub(super) async fn create_request(&self, request: &CreateRequest) -> Result<Created, WriteFailure> {
        let what = "create a customer request";
        let Some(kind) = request.scope.request_type.as_deref() else {
            return Err(WriteFailure::Refused(refused("No request type was given for a customer request")));
        };
        self.identity().await.map_err(not_sent)?;
        let desk = self.desk(&request.scope.container).await.map_err(not_sent)?;
        let on_form = self.form(&desk, kind).await.map_err(not_sent)?;
        let shapes = self.shapes_for(request.fields.keys()).await.map_err(not_sent)?;
        let parts = parts(request, &on_form, &shapes)?;
        let later = field_map(parts.later.iter().copied(), &shapes).map_err(WriteFailure::Refused)?;
        let body = json!({ "serviceDeskId": desk, "requestTypeId": kind, "requestFieldValues": parts.form });
        let call = write(Method::POST, format!("{DESK_API}/request"), what)
            .json(&body)
            .good(&[201])
            .expect(Expect::Json);
        let answer = self.write(call, what).await?;
        let row: RequestRow = parse(&answer, what).map_err(WriteFailure::Unknown)?;
        let row = CreatedRow { id: row.issue_id, key: row.issue_key, transition: None };
        let mut created = self.created(request, &row);
        self.finish(request, later, &shapes, &mut created).await;
        Ok(created)
    }

    /// The second call. When it fails the ticket is there all the same, found by its ref line.
    async fn finish(
        &self,
        request: &CreateRequest,
        later: Map<String, serde_json::Value>,
        shapes: &Shapes,
        created: &mut Created,
    ) {
        let what = "complete a customer request";
        let own = marker::to_json(&lockstep_core::marker::Marker {
            own: Some(created.id.clone()),
            ..request.marker.clone()
        });
        let body = json!({
            "fields": later,
            "properties": [{ "key": marker::PROPERTY, "value": own }],
            "historyMetadata": history(),
        });
        let call = write(Method::PUT, issue(&created.id, ""), what)
            .query("returnIssue", "true")
            .json(&body)
            .resends_after_wait();
        match self.write(call, what).await {
            Ok(answer) if !answer.body.is_empty() => {
                let fields: Vec<FieldId> = request.fields.keys().cloned().collect();
                if let (Ok(us), Ok(row)) = (self.identity().await, parse::<IssueRow<'_>>(&answer, what)) {
                    created.answer = self.reader(shapes, us, &fields).values(&row);
                    created.version = rows::version(&row);
                }
            }
            Ok(_) => {}
            Err(WriteFailure::Refused(error)) => {
                tracing::warn!(%error, "fields of a customer request were refused; its marker is written alone");
                self.put_marker(&created.id, &own).await;
            }
            Err(failure) => {
                tracing::warn!(error = %failure.error(), "a customer request kept its ref line alone")
            }
        }
    }

    async fn put_marker(&self, ticket: &TicketId, value: &serde_json::Value) {
        let what = "mark a customer request";
        let path = issue(ticket, &format!("/properties/{}", marker::PROPERTY));
        let call = write(Method::PUT, path, what)
            .json(value)
            .good(&[200, 201, 204])
            .expect(Expect::Anything)
            .resends_after_wait();
        if let Err(failure) = self.write(call, what).await {
            tracing::warn!(error = %failure.error(), "a customer request kept its ref line alone");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lockstep_core::connector::{Connector, Scope};

    use super::*;
    use crate::jira::fixture::{Site, scope};
    use crate::jira::marker::tests::marker;

    fn request() -> CreateRequest {
        CreateRequest {
            scope: Scope { request_type: Some("25".into()), ..scope() },
            fields: BTreeMap::from([
                ("summary".into(), Value::Text("VPN fails".into())),
                ("description".into(), Value::Rich("**now**".into())),
                ("labels".into(), Value::set(["vpn"])),
            ]),
            marker: marker(),
            step: None,
        }
    }

    fn prepared() -> Site {
        Site::signed_in()
            .answers(200, json!({ "values": [{ "id": "1", "projectId": "10001", "projectKey": "CSD" }], "isLastPage": true }))
            .answers(200, json!({ "requestTypeFields": [{ "fieldId": "summary" }, { "fieldId": "description" }] }))
    }

    fn made() -> serde_json::Value {
        json!({ "issueId": "10055", "issueKey": "CSD-20", "requestTypeId": "25", "serviceDeskId": "1" })
    }

    #[tokio::test]
    async fn the_pair_key_rides_in_the_description_and_the_rest_follows() {
        let site = prepared().answers(201, made()).answers(
            200,
            json!({ "id": "10055", "key": "CSD-20", "fields": { "labels": ["vpn"], "updated": "2026-11-20T09:31:07.000+0000" } }),
        );
        let created = site.jira.create(&[request()]).await.remove(0).unwrap();
        assert_eq!((created.id.as_str(), created.key.as_str()), ("10055", "CSD-20"));
        assert_eq!(created.answer.get(&"labels".into()), Some(&Value::set(["vpn"])));
        let bodies = site.bodies();
        let form = &bodies[4]["requestFieldValues"];
        let text = form["description"].as_str().unwrap();
        let (before, found) = marker::split_ref_line(text).unwrap();
        assert_eq!((before, &found.pair), ("now", &marker().pair));
        assert!(form.get("labels").is_none());
        assert_eq!(bodies[5]["fields"]["description"]["type"], "doc");
        assert_eq!(bodies[5]["properties"][0]["value"]["own"], "10055");
    }

    #[tokio::test]
    async fn a_refused_second_call_still_marks_the_ticket() {
        let refusal = json!({ "errorMessages": [], "errors": { "labels": "no" } });
        let site =
            prepared().answers(201, made()).answers(400, refusal).answers(201, serde_json::Value::Null);
        assert!(site.jira.create(&[request()]).await[0].is_ok());
        assert_eq!(site.targets()[6], "PUT /rest/api/3/issue/10055/properties/lockstep.link");
    }

    #[tokio::test]
    async fn a_lost_answer_is_unknown() {
        let site = prepared().breaks();
        assert!(matches!(site.jira.create(&[request()]).await[0], Err(WriteFailure::Unknown(_))));
        assert_eq!(site.calls(), 5, "never sent again");
    }
}
