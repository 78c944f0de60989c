//! Creating tickets with their marker inside the call (sheet §4.1): one by `POST /issue`, up to fifty by
//! `POST /issue/bulk`. Ids of a bulk create are matched by reading the markers back, never by position (H9).

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use http::Method;
use lockstep_core::connector::{ConnectorError, CreateRequest, Created, ErrorKind, WriteFailure};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::ticket::{MarkerRead, Value};
use serde::Serialize;
use serde_json::{Map, json};

use super::error_body::ErrorBody;
use super::fields::{self, Shapes};
use super::session::{API, not_sent, parse, refused, write};
use super::wire::{BulkCreated, BulkFetched, CreatedRow};
use super::{Jira, marker};
use crate::http::{Answer, Expect};

/// Elements one bulk create takes (§4.1).
const CALL_TICKETS: usize = 50;
/// Tickets created at once: two bulk creates, whose tickets one bulk fetch reads back.
pub const BATCH: usize = 100;
/// What a ticket is; given by the scope, never by the mapping.
const BY_SCOPE: [&str; 3] = ["project", "issuetype", "status"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bulk<'a> {
    issue_updates: Vec<&'a serde_json::Value>,
}

type Outcome = Result<Created, WriteFailure>;

/// Kept in the changelog where Jira keeps it at all (§13).
pub fn history() -> serde_json::Value {
    json!({ "type": "lockstep:sync", "generator": { "id": "lockstep", "type": "application" } })
}

/// The `fields` object; refusals of our own come by field and nothing is sent.
pub fn field_map<'a>(
    values: impl IntoIterator<Item = (&'a FieldId, &'a Value)>,
    shapes: &Shapes,
) -> Result<Map<String, serde_json::Value>, ConnectorError> {
    let (mut map, mut wrong) = (Map::new(), BTreeMap::new());
    for (field, value) in values {
        if BY_SCOPE.contains(&field.as_str()) {
            wrong.insert(field.clone(), format!("{field} is not written as a field"));
            continue;
        }
        match fields::write(shapes.shape(field.as_str()), field, value) {
            Ok(json) => {
                map.insert(field.to_string(), json);
            }
            Err(sentence) => {
                wrong.insert(field.clone(), sentence);
            }
        }
    }
    if wrong.is_empty() {
        return Ok(map);
    }
    let message = wrong.values().cloned().collect::<Vec<_>>().join("; ");
    Err(ConnectorError { fields: wrong, ..refused(format!("Jira was not asked: {message}")) })
}

/// One issue's body. The step rides along when its screen asks for nothing.
fn body(request: &CreateRequest, shapes: &Shapes) -> Result<serde_json::Value, ConnectorError> {
    let scope = &request.scope;
    let values = request.fields.iter().filter(|(_, value)| !value.is_empty());
    let mut map = field_map(values, shapes)?;
    map.insert("project".into(), named(&scope.container, "key"));
    map.insert("issuetype".into(), named(&scope.ticket_type, "name"));
    let mut body = json!({
        "fields": map,
        "properties": [{ "key": marker::PROPERTY, "value": marker::to_json(&request.marker) }],
        "historyMetadata": history(),
    });
    if let Some(step) = inline_step(request) {
        body["transition"] = json!({ "id": step });
    }
    if left_out(Omission::MarkerNotSent) {
        body["properties"] = json!([]);
    }
    Ok(body)
}

fn inline_step(request: &CreateRequest) -> Option<&str> {
    let step = request.step.as_ref().filter(|step| step.fields.is_empty() && !step.transition.is_empty())?;
    Some(&step.transition)
}

/// `{"id"}` for digits, else by the other name.
fn named(text: &str, other: &'static str) -> serde_json::Value {
    let id = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    json!({ (if id { "id" } else { other }): text })
}

impl Jira {
    /// One outcome per request, in order.
    pub(super) async fn create_all(&self, requests: &[CreateRequest]) -> Vec<Outcome> {
        match requests {
            [one] if one.scope.request_type.is_none() => vec![self.create_one(one).await],
            many if many.iter().all(|request| request.scope.request_type.is_none()) => {
                self.create_many(many).await
            }
            mixed => {
                // Customer requests have no bulk call (§9.2): one after the other.
                let mut outcomes = Vec::with_capacity(mixed.len());
                for request in mixed {
                    outcomes.push(match request.scope.request_type {
                        Some(_) => self.create_request(request).await,
                        None => self.create_one(request).await,
                    });
                }
                outcomes
            }
        }
    }

    async fn create_one(&self, request: &CreateRequest) -> Outcome {
        let what = "create a ticket";
        self.identity().await.map_err(not_sent)?;
        let shapes = self.shapes_for(request.fields.keys()).await.map_err(not_sent)?;
        let body = body(request, &shapes).map_err(WriteFailure::Refused)?;
        let call =
            write(Method::POST, format!("{API}/issue"), what).json(&body).good(&[201]).expect(Expect::Json);
        let answer = self.write(call, what).await?;
        let row: CreatedRow = parse(&answer, what).map_err(WriteFailure::Unknown)?;
        Ok(self.created(request, &row))
    }

    /// The answer of a create holds no values and no stamp (§4.1): the base stays unsettled (H14).
    pub(super) fn created(&self, request: &CreateRequest, row: &CreatedRow) -> Created {
        let taken =
            row.transition.as_ref().and_then(|answer| answer.status).is_some_and(|s| (200..300).contains(&s));
        Created {
            id: TicketId(row.id.0.clone()),
            key: row.key.clone(),
            url: format!("{}/browse/{}", self.site, row.key),
            answer: BTreeMap::new(),
            version: None,
            step_taken: request.step.as_ref().map(|_| inline_step(request).is_some() && taken),
        }
    }

    async fn create_many(&self, requests: &[CreateRequest]) -> Vec<Outcome> {
        let what = "create tickets";
        let mut outcomes: Vec<Option<Outcome>> = requests.iter().map(|_| None).collect();
        let shapes = match self.identity().await {
            Ok(_) => self.shapes_for(requests.iter().flat_map(|request| request.fields.keys())).await,
            Err(error) => Err(error),
        };
        let shapes = match shapes {
            Ok(shapes) => shapes,
            Err(error) => return requests.iter().map(|_| Err(not_sent(error.clone()))).collect(),
        };
        let mut sent: Vec<(usize, serde_json::Value)> = Vec::with_capacity(requests.len());
        for (at, request) in requests.iter().enumerate() {
            match body(request, &shapes) {
                Ok(body) if sent.len() < BATCH => sent.push((at, body)),
                Ok(_) => {
                    let text = format!("Jira is asked for at most {BATCH} tickets at once");
                    let error = ConnectorError::new(ErrorKind::Stopped, text);
                    outcomes[at] = Some(Err(WriteFailure::NotApplied { error, wait_ms: 0 }));
                }
                Err(error) => outcomes[at] = Some(Err(WriteFailure::Refused(error))),
            }
        }
        let calls = sent.chunks(CALL_TICKETS).map(|part| async move {
            let body = Bulk { issue_updates: part.iter().map(|(_, body)| body).collect() };
            // 400 with a body that speaks of each element is a good answer: all were refused.
            let call = write(Method::POST, format!("{API}/issue/bulk"), what)
                .json(&body)
                .good(&[201, 400])
                .expect(Expect::Json);
            let places: Vec<usize> = part.iter().map(|(at, _)| *at).collect();
            (places, self.write(call, what).await)
        });
        let mut answered = Vec::new();
        for (places, answer) in join_all(calls).await {
            let answer = answer.map(|answer| parse::<BulkCreated>(&answer, what).map(|read| (answer, read)));
            match answer {
                Ok(Ok((answer, read))) => answered.push((places, answer, read)),
                // Nobody knows what became of them.
                Ok(Err(_)) => {}
                Err(failure) => {
                    for at in places {
                        outcomes[at] = Some(Err(failure.clone()));
                    }
                }
            }
        }
        let made: Vec<&CreatedRow> = answered.iter().flat_map(|(_, _, read)| &read.issues).collect();
        let markers = self.markers_of(&made).await;
        for (places, answer, read) in &answered {
            self.sort_out(requests, places, (answer, read), &markers, &mut outcomes);
        }
        let unknown = || {
            let text = "Jira's answer to a bulk create does not say what became of this ticket";
            Err(WriteFailure::Unknown(ConnectorError::new(ErrorKind::Unexpected, text)))
        };
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(unknown)).collect()
    }

    /// Finds out which element became which ticket; what stays open is unknown.
    fn sort_out(
        &self,
        requests: &[CreateRequest],
        sent: &[usize],
        (answer, read): (&Answer, &BulkCreated),
        markers: &BTreeMap<String, String>,
        outcomes: &mut [Option<Outcome>],
    ) {
        if read.issues.is_empty() && read.errors.is_empty() {
            // Not a word about elements: a documented refusal counts for all, anything else for none.
            if answer.status.as_u16() == 400
                && let Some(reasons) = ErrorBody::parse(&answer.body)
            {
                for at in sent {
                    outcomes[*at] = Some(Err(WriteFailure::Refused(refusal(&reasons))));
                }
            }
            return;
        }
        for (at, row) in matched(requests, sent, read, markers) {
            outcomes[at] = Some(Ok(self.created(&requests[at], row)));
        }
        for element in &read.errors {
            if let Some(at) = sent.get(element.failed_element_number)
                && outcomes[*at].is_none()
            {
                outcomes[*at] = Some(Err(WriteFailure::Refused(refusal(&element.element_errors))));
            }
        }
    }

    /// Pair keys by id, as far as they can be read now.
    async fn markers_of(&self, rows: &[&CreatedRow]) -> BTreeMap<String, String> {
        let ids: Vec<TicketId> = rows.iter().map(|row| TicketId(row.id.0.clone())).collect();
        if ids.is_empty() {
            return BTreeMap::new();
        }
        let answer = match self.bulk_fetch(&ids.iter().collect::<Vec<_>>(), &["created".to_owned()]).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(%error, "new tickets could not be read back");
                return BTreeMap::new();
            }
        };
        let Ok(page) = parse::<BulkFetched<'_>>(&answer, "read tickets back") else { return BTreeMap::new() };
        let pair = |row: &super::wire::IssueRow<'_>| {
            let raw = row.properties.as_ref()?.get(marker::PROPERTY)?;
            match marker::from_json(raw.get()) {
                MarkerRead::Ours(marker) => Some((row.id.0.clone(), marker.pair.to_string())),
                _ => None,
            }
        };
        page.issues.iter().filter_map(pair).collect()
    }
}

/// Pairs of element and row, by the markers that the new tickets carry.
fn matched<'r>(
    requests: &[CreateRequest],
    sent: &[usize],
    read: &'r BulkCreated,
    markers: &BTreeMap<String, String>,
) -> Vec<(usize, &'r CreatedRow)> {
    if left_out(Omission::BulkMatchedByPosition) {
        return sent.iter().copied().zip(&read.issues).collect();
    }
    let places: BTreeMap<String, usize> =
        sent.iter().map(|at| (requests[*at].marker.pair.to_string(), *at)).collect();
    let (mut pairs, mut taken) = (Vec::with_capacity(sent.len()), BTreeSet::new());
    let mut open_rows = Vec::new();
    for row in &read.issues {
        let at = markers.get(&row.id.0).and_then(|key| places.get(key).copied());
        match at {
            Some(at) if taken.insert(at) => pairs.push((at, row)),
            _ => open_rows.push(row),
        }
    }
    // One row and one element left over belong to each other.
    taken.extend(read.errors.iter().filter_map(|element| sent.get(element.failed_element_number)));
    let open: Vec<usize> = sent.iter().copied().filter(|at| !taken.contains(at)).collect();
    if let ([at], [row]) = (open.as_slice(), open_rows.as_slice()) {
        pairs.push((*at, row));
    }
    pairs
}

fn refusal(reasons: &ErrorBody) -> ConnectorError {
    ConnectorError {
        fields: reasons.by_field(),
        ..refused(format!("Jira refused to create a ticket: {}", reasons.sentence()))
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::{Connector, StepRequest};

    use super::*;
    use crate::jira::fixture::{Site, scope};
    use crate::jira::marker::tests::marker;

    fn request(origin_ticket: &str) -> CreateRequest {
        let mut marker = marker();
        marker.pair.ticket = origin_ticket.into();
        CreateRequest {
            scope: scope(),
            fields: BTreeMap::from([("summary".into(), Value::Text("Printer".into()))]),
            marker,
            step: None,
        }
    }

    fn carries(id: &str, request: &CreateRequest) -> serde_json::Value {
        json!({ "id": id, "key": format!("CSD-{id}"), "fields": {},
                "properties": { marker::PROPERTY: marker::to_json(&request.marker) } })
    }

    #[tokio::test]
    async fn one_create_carries_marker_and_step() {
        let site = Site::signed_in().answers(
            201,
            json!({ "id": "10055", "key": "CSD-20", "self": "x", "transition": { "status": 200 } }),
        );
        let mut one = request("a");
        one.step = Some(StepRequest {
            from: "1".into(),
            to: "3".into(),
            transition: "21".into(),
            fields: BTreeMap::new(),
        });
        let created = site.jira.create(&[one]).await.remove(0).unwrap();
        assert_eq!(
            (created.id.as_str(), created.key.as_str(), created.step_taken),
            ("10055", "CSD-20", Some(true))
        );
        assert_eq!(created.url, "https://acme.example/browse/CSD-20");
        let body = &site.bodies()[2];
        assert_eq!(body["fields"]["project"], json!({ "key": "CSD" }));
        assert_eq!(body["fields"]["issuetype"], json!({ "id": "10101" }));
        assert_eq!(body["properties"][0]["key"], "lockstep.link");
        assert_eq!(body["transition"], json!({ "id": "21" }));
    }

    #[tokio::test]
    async fn a_step_that_asks_for_something_is_left_for_later() {
        let site = Site::signed_in().answers(201, json!({ "id": "1", "key": "CSD-1" }));
        let mut one = request("a");
        let fields = BTreeMap::from([("resolution".into(), Value::Choice("1".into()))]);
        one.step = Some(StepRequest { from: "1".into(), to: "5".into(), transition: "31".into(), fields });
        let created = site.jira.create(&[one]).await.remove(0).unwrap();
        assert_eq!(created.step_taken, Some(false));
        assert!(site.bodies()[2].get("transition").is_none());
    }

    #[tokio::test]
    async fn a_partly_refused_batch_is_matched_by_marker() {
        let requests = ["a", "b", "c", "d"].map(request);
        let created = |id: &str| json!({ "id": id, "key": format!("CSD-{id}"), "self": "x" });
        let site = Site::signed_in()
            .answers(
                201,
                json!({ "issues": [created("13"), created("11"), created("14")],
                        "errors": [{ "status": 400, "failedElementNumber": 1,
                                     "elementErrors": { "errorMessages": [], "errors": { "summary": "no" } } }] }),
            )
            .answers(200, json!({ "issues": [carries("11", &requests[0]), carries("13", &requests[3]),
                                             json!({ "id": "14", "key": "CSD-14", "properties": {} })] }));
        let outcomes = site.jira.create(&requests).await;
        let ids: Vec<&str> =
            outcomes.iter().map(|one| one.as_ref().map_or("-", |created| created.id.as_str())).collect();
        assert_eq!(ids, ["11", "-", "14", "13"]);
        let Err(WriteFailure::Refused(error)) = &outcomes[1] else { panic!("must be refused") };
        assert_eq!(error.fields.get(&"summary".into()).map(String::as_str), Some("no"));
    }

    #[tokio::test]
    async fn rows_that_cannot_be_matched_leave_their_elements_unknown() {
        let requests = ["a", "b"].map(request);
        let site = Site::signed_in()
            .answers(201, json!({ "issues": [{ "id": "1", "key": "CSD-1" }, { "id": "2", "key": "CSD-2" }], "errors": [] }))
            .answers(200, json!({ "issues": [] }));
        let outcomes = site.jira.create(&requests).await;
        assert!(outcomes.iter().all(|one| matches!(one, Err(WriteFailure::Unknown(_)))));
    }

    #[tokio::test]
    async fn a_whole_call_is_refused_unknown_or_not_applied() {
        let requests = ["a", "b"].map(request);
        let all = json!({ "issues": [], "errors": [
            { "status": 400, "failedElementNumber": 0, "elementErrors": { "errorMessages": ["x"], "errors": {} } },
            { "status": 400, "failedElementNumber": 1, "elementErrors": { "errorMessages": ["y"], "errors": {} } }] });
        let outcomes = Site::signed_in().answers(400, all).jira.create(&requests).await;
        assert!(outcomes.iter().all(|one| matches!(one, Err(WriteFailure::Refused(_)))));
        let outcomes = Site::signed_in().answers(400, json!({})).jira.create(&requests).await;
        assert!(outcomes.iter().all(|one| matches!(one, Err(WriteFailure::Unknown(_)))));
        let outcomes = Site::signed_in().breaks().jira.create(&requests).await;
        assert!(outcomes.iter().all(|one| matches!(one, Err(WriteFailure::Unknown(_)))));
        let outcomes = Site::signed_in().answers(401, json!({})).jira.create(&requests).await;
        assert!(outcomes.iter().all(|one| matches!(one, Err(WriteFailure::NotApplied { .. }))));
    }

    #[tokio::test]
    async fn our_own_refusal_sends_nothing() {
        let mut one = request("a");
        one.fields.insert("status".into(), Value::Choice("3".into()));
        let site = Site::signed_in();
        let Err(WriteFailure::Refused(error)) = site.jira.create(&[one]).await.remove(0) else {
            panic!("refused")
        };
        assert!(error.fields.contains_key(&"status".into()));
        assert_eq!(site.calls(), 2);
    }

    #[tokio::test]
    async fn a_create_answered_to_a_stranger_is_unknown() {
        let site =
            Site::signed_in().answers_with(201, json!({ "id": "1", "key": "CSD-1" }), "AUTHENTICATED_FAILED");
        assert!(matches!(site.jira.create(&[request("a")]).await[0], Err(WriteFailure::Unknown(_))));
        let site =
            Site::signed_in().answers_with(404, json!({ "errorMessages": ["no"] }), "AUTHENTICATED_FAILED");
        assert!(matches!(site.jira.create(&[request("a")]).await[0], Err(WriteFailure::NotApplied { .. })));
    }
}
