//! Discovery over a scripted wire: each of the three ways.

use lockstep_core::connector::Connector;

use super::super::bench::{incidents, script_only};
use super::*;
use crate::http::fake::json;

const FORBIDDEN: &str = r#"{"error":{"message":"User Not Authorized","detail":"x"},"status":"failure"}"#;

#[tokio::test]
async fn the_page_that_the_instance_itself_uses_comes_first() {
    let meta = r#"{"result":{"columns":{
        "state":{"label":"State","type":"choice","internal_type":"integer","choices":[{"label":"New","value":"1"},{"label":"Resolved","value":"6"}]},
        "caller_id":{"label":"Caller","type":"reference","internal_type":"reference","reference":"sys_user","mandatory":true},
        "priority":{"label":"Priority","type":"choice","internal_type":"integer"},
        "u_site":{"label":"Site","type":"reference","internal_type":"reference","reference":"cmn_location","max_length":"32"},
        "u_body":{"label":"Body","type":"html","internal_type":"html","read_only":"true"},
        "comments":{"label":"Comments","internal_type":"journal_input"},
        "sys_id":{"label":"Sys ID"}}}}"#;
    let (connector, script, _) = script_only([]);
    script.answers.lock().unwrap().push_back(json(200, meta));
    let schema = connector.discover(&incidents()).await.unwrap();
    let kind = |name: &str| schema.fields.get(&FieldId::from(name)).map(|field| field.kind);
    assert_eq!(kind("state"), Some(FieldKind::Status));
    assert_eq!(kind("u_site"), Some(FieldKind::Reference));
    assert_eq!((kind("comments"), kind("sys_id")), (None, None));
    assert!(schema.fields[&FieldId::from("caller_id")].required_on_create);
    assert!(schema.fields[&FieldId::from("priority")].read_only.is_some());
    assert!(schema.fields[&FieldId::from("u_body")].read_only.is_some());
    assert!(schema.workflow.free && schema.workflow.is_done("6") && !schema.workflow.is_done("1"));
    assert_eq!(schema.workflow.initial.as_deref(), Some("1"));
    assert!(schema.not_confirmed.is_empty() && schema.type_label == "Incident");
}

#[tokio::test]
async fn dictionary_and_choices_come_second() {
    let table = r#"{"result":[{"name":"incident","super_class.name":"task"}]}"#;
    let dictionary = r#"{"result":[
        {"name":"task","element":"state","column_label":"State","internal_type":"integer","choice":"3"},
        {"name":"task","element":"u_x","column_label":"Old","internal_type":"string","max_length":"40"},
        {"name":"incident","element":"u_x","column_label":"New","internal_type":"string","max_length":"4000"},
        {"name":"incident","element":"","column_label":"table"}]}"#;
    let choices = r#"{"result":[
        {"name":"task","element":"state","value":"3","label":"Closed Complete"},
        {"name":"incident","element":"state","value":"1","label":"Neu"},
        {"name":"incident","element":"state","value":"7","label":"Zu"}]}"#;
    let (connector, script, _) = script_only([]);
    let answers = [json(403, FORBIDDEN), json(200, table), json(200, dictionary), json(200, choices)];
    *script.answers.lock().unwrap() = answers.into();
    let schema = connector.discover(&incidents()).await.unwrap();
    let custom = &schema.fields[&FieldId::from("u_x")];
    assert_eq!((custom.label.as_str(), custom.kind), ("New", FieldKind::Text));
    let statuses: Vec<&str> = schema.workflow.statuses.iter().map(|status| status.label.as_str()).collect();
    assert_eq!(statuses, ["Neu", "Zu"], "the child's rows stand for the parent's");
}

#[tokio::test]
async fn a_sample_comes_last_and_says_so() {
    let sample = r#"{"result":[{"sys_id":"x","state":"1","u_x":"y","short_description":"z"}]}"#;
    let (connector, script, _) = script_only([]);
    let answers = [json(404, FORBIDDEN), json(403, FORBIDDEN), json(403, FORBIDDEN), json(200, sample)];
    *script.answers.lock().unwrap() = answers.into();
    let schema = connector.discover(&incidents()).await.unwrap();
    assert_eq!(schema.fields.len(), 3);
    assert_eq!((schema.not_confirmed.len(), schema.workflow.statuses.len()), (2, 6));
}
