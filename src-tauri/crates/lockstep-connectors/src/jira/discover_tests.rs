use lockstep_core::connector::Connector;
use serde_json::{Value, json};

use super::*;
use crate::jira::fixture::{Site, issue as row, scope};

fn project() -> Value {
    json!({ "id": "10001", "key": "CSD", "name": "Desk", "projectTypeKey": "software" })
}

fn statuses() -> Value {
    let status = |id: &str, name: &str, category: &str| json!({ "id": id, "name": name, "statusCategory": { "id": 2, "key": category, "name": category } });
    json!([{ "id": "10101", "name": "Incident", "subtask": false, "statuses": [
        status("1", "To Do", "new"), status("3", "In Progress", "indeterminate"), status("5", "Done", "done")] }])
}

fn meta(id: &str, kind: &str, required: bool) -> Value {
    json!({ "fieldId": id, "key": id, "name": id, "required": required, "hasDefaultValue": false,
            "operations": ["set"], "schema": { "type": kind, "system": id } })
}

fn in_status(id: &str, status: &str, created: &str) -> Value {
    let mut row = row(id);
    row["fields"]["status"] = json!({ "id": status, "name": status });
    row["fields"]["created"] = json!(created);
    row
}

#[tokio::test]
async fn a_type_is_learnt_from_its_screens_and_samples() {
    let priority = json!({ "fieldId": "priority", "key": "priority", "name": "Priority", "required": true,
        "hasDefaultValue": true, "operations": ["set"], "schema": { "type": "priority", "system": "priority" },
        "allowedValues": [{ "id": "2", "name": "High" }, { "id": "9", "name": "Old", "disabled": true }] });
    let offered = |list: &[(&str, &str)]| {
        let all: Vec<Value> = list
            .iter()
            .map(|(id, to)| {
                json!({ "id": id, "name": format!("go {to}"), "to": { "id": to, "name": to }, "hasScreen": true,
                        "fields": { "resolution": { "name": "Resolution", "required": true, "operations": ["set"],
                            "schema": { "type": "resolution" }, "allowedValues": [{ "id": "10", "name": "Fixed" }] } } })
            })
            .collect();
        json!({ "transitions": all })
    };
    let site = Site::signed_in()
        .answers(200, project())
        .answers(200, statuses())
        .answers(200, json!({ "fields": [meta("summary", "string", true), priority], "total": 3, "startAt": 0, "maxResults": 2 }))
        .answers(200, json!({ "fields": [meta("project", "project", true)], "total": 3 }))
        .answers(200, json!({ "issues": [row("11")] }))
        .answers(200, json!({ "issues": [row("12")] }))
        .answers(200, json!({ "issues": [] }))
        .answers(200, json!({ "issues": [
            in_status("11", "1", "2026-11-19T08:00:01.001+0100"), in_status("12", "3", "2026-11-20T08:00:01.001+0100")] }))
        .answers(200, json!({ "fields": { "summary": meta("summary", "string", true), "environment": meta("environment", "string", false) } }))
        .answers(200, json!({ "issueChangeLogs": [{ "issueId": "12", "changeHistories": [
            { "id": "2", "created": 20, "items": [{ "field": "status", "from": "3", "to": "5" }] },
            { "id": "1", "created": 10, "items": [{ "fieldId": "status", "from": "1", "to": "3" }] }] }] }))
        .answers(200, offered(&[("21", "3"), ("99", "1")]))
        .answers(200, offered(&[("31", "5")]))
        .answers(200, json!([{ "id": "10", "name": "Fixed" }]));
    let schema = site.jira.discover(&scope()).await.unwrap();
    assert_eq!((schema.ticket_type.as_str(), schema.type_label.as_str()), ("10101", "Incident"));
    let field = |id: &str| &schema.fields[&FieldId::from(id)];
    assert!(field("summary").required_on_create && field("summary").chars_max == Some(255));
    assert!(!field("priority").required_on_create, "it has a default");
    assert_eq!(field("priority").options, [Choice { id: "2".into(), label: "High".into() }]);
    assert!(!field("environment").on_create && field("environment").kind == FieldKind::Rich);
    assert!(field("status").options.len() == 3 && field("status").read_only.is_none());
    assert!(field("resolution").read_only.is_some());
    assert!(!schema.fields.contains_key(&"project".into()));
    let workflow = &schema.workflow;
    assert_eq!(workflow.initial.as_deref(), Some("1"));
    assert_eq!(
        workflow.path("1", "5").unwrap().iter().map(|step| step.id.as_str()).collect::<Vec<_>>(),
        ["21", "31"]
    );
    assert!(workflow.explored.contains("1") && !workflow.explored.contains("5"));
    assert!(workflow.is_done("5") && !workflow.is_done("1"));
    assert!(workflow.steps[0].fields[0].required);
    assert_eq!(workflow.steps.len(), 2, "a loop is no step");
    assert!(
        schema.not_confirmed.iter().any(|sentence| sentence.contains("Done")),
        "{:?}",
        schema.not_confirmed
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_said() {
    let refusal = || json!({ "errorMessages": ["no"], "errors": {} });
    let site = Site::signed_in()
        .answers(200, project())
        .answers(200, statuses())
        .answers(400, refusal())
        .answers(200, json!({ "issues": [] }))
        .answers(200, json!({ "issues": [] }))
        .answers(200, json!({ "issues": [] }))
        .answers(403, refusal());
    let schema = site.jira.discover(&scope()).await.unwrap();
    assert!(schema.not_confirmed.len() >= 4, "{:?}", schema.not_confirmed);
    assert_eq!(schema.workflow.initial.as_deref(), Some("1"), "the first status of work not begun");
    assert!(schema.workflow.explored.is_empty());
}

#[tokio::test]
async fn an_unknown_type_is_told() {
    let site = Site::signed_in().answers(200, project()).answers(200, statuses());
    let odd = Scope { ticket_type: "Story".into(), ..scope() };
    assert_eq!(site.jira.discover(&odd).await.map_err(|e| e.kind), Err(ErrorKind::NotFound));
}

#[tokio::test]
async fn offers_name_types_and_request_types() {
    let desk = json!({ "id": "10001", "key": "CSD", "projectTypeKey": "service_desk", "issueTypes": [
        { "id": "10101", "name": "Incident", "subtask": false }, { "id": "10105", "name": "Sub-task", "subtask": true }] });
    let site = Site::signed_in()
        .answers(200, json!({ "values": [desk, { "id": "9", "key": "OLD", "archived": true }], "isLast": true }))
        .answers(200, json!({ "values": [{ "id": "1", "projectId": "10001", "projectKey": "CSD" }], "isLastPage": true }))
        .answers(200, json!({ "values": [{ "id": "25", "name": "Report a fault", "issueTypeId": "10101" }], "isLastPage": true }));
    let offers = site.jira.scopes().await.unwrap();
    let labels: Vec<&str> = offers.iter().map(|offer| offer.label.as_str()).collect();
    assert_eq!(labels, ["CSD · Incident", "CSD · Report a fault (request type)"]);
    assert!(offers.iter().all(|offer| offer.customers_read));
    assert_eq!(offers[1].scope.request_type.as_deref(), Some("25"));
}

#[test]
fn children_of_a_cascading_option_come_with_their_parent() {
    let meta: FieldMetaRow =
        serde_json::from_value(json!({ "name": "Where", "schema": { "type": "option-with-child" },
        "allowedValues": [{ "id": "1", "value": "Berlin", "children": [{ "id": "2", "value": "Mitte" }] }] }))
        .unwrap();
    let all = options(&meta);
    assert_eq!(all[1], Choice { id: "1:2".into(), label: "Berlin › Mitte".into() });
}
