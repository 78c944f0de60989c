//! Writes over a scripted wire: what goes into the body, what comes back, whose marker stays.

use lockstep_core::connector::Connector;
use lockstep_core::marker::{Fingerprint, PairKey};

use super::super::bench::{id, incidents, parameter, script_only};
use super::*;
use crate::http::fake::{Script, json};

fn marker() -> Marker {
    let pair = PairKey {
        origin: Fingerprint("00000001".into()),
        ticket: "10001".into(),
        destination: Fingerprint("00000002".into()),
        generation: 0,
    };
    Marker { pair, store: "0a1b2c3d".into(), op: None, own: None, passed: Vec::new(), ended: false }
}

fn body(script: &Script, request: usize) -> serde_json::Value {
    serde_json::from_slice(&script.seen.lock().unwrap()[request].body).unwrap()
}

fn answered(extra: &str) -> String {
    let one = id('1');
    format!(
        r#"{{"result":{{"sys_id":"{one}","number":"INC7","sys_updated_on":"2026-05-04 10:00:01","sys_mod_count":"4"{extra}}}}}"#
    )
}

fn update(fields: impl IntoIterator<Item = (FieldId, FieldWrite)>) -> UpdateRequest {
    let fields = fields.into_iter().collect();
    UpdateRequest { scope: incidents(), ticket: id('1').into(), fields, marker: None, comment: None }
}

fn set(value: Value) -> FieldWrite {
    FieldWrite::Set(value)
}

#[tokio::test]
async fn a_create_carries_its_marker_and_gives_back_what_the_answer_shows() {
    let (connector, script, _) =
        script_only([json(201, &answered(r#","impact":"3","short_description":"odd ^ \" text""#))]);
    let fields = BTreeMap::from([
        (FieldId::from("short_description"), Value::text("odd ^ \" text")),
        (FieldId::from("impact"), Value::choice("2")),
    ]);
    let scope = Scope { container: id('c'), ..incidents() };
    let request = CreateRequest { scope, fields, marker: marker(), step: None };
    let created = connector.create(&[request]).await.remove(0).unwrap();
    assert_eq!((created.key.as_str(), created.version.unwrap().counter), ("INC7", Some(4)));
    assert_eq!(created.answer[&FieldId::from("impact")], Value::choice("3"), "the answer, not what was sent");
    assert_eq!(created.url, format!("https://acme.example/nav_to.do?uri=incident.do%3Fsys_id%3D{}", id('1')));
    assert_eq!(
        body(&script, 0),
        serde_json::json!({
            "short_description": "odd ^ \" text", "impact": "2", "assignment_group": id('c'),
            "correlation_id": "lockstep:00000001:10001:00000002:0", "correlation_display": "lockstep;s=0a1b2c3d",
        })
    );
    assert_eq!(script.calls(), 1, "a create is one request");
}

#[tokio::test]
async fn an_update_is_one_patch_with_its_comment() {
    let (connector, script, _) = script_only([]);
    script.answers.lock().unwrap().push_back(json(200, &answered(r#","state":"2""#)));
    let mut request =
        update([("state".into(), set(Value::choice("6"))), ("close_notes".into(), set(Value::Empty))]);
    request.comment = Some(CommentRequest {
        scope: incidents(),
        ticket: id('1').into(),
        body: "Mia (Jira)".into(),
        visibility: Visibility::Unknown,
        copy_of: "x".into(),
    });
    let written = connector.update(&request).await.unwrap();
    assert_eq!(
        written.answer,
        BTreeMap::from([("state".into(), Value::choice("2"))]),
        "a missing column is unknown"
    );
    let entered = written.comment.unwrap();
    assert_eq!((entered.id, entered.visibility), (None, Some(Visibility::Internal)));
    assert_eq!(
        body(&script, 0),
        serde_json::json!({"state": "6", "close_notes": "", "work_notes": "Mia (Jira)"})
    );
    assert_eq!(script.seen.lock().unwrap()[0].method, Method::PATCH);
    assert!(parameter(&script, 0, "sysparm_fields").unwrap().contains("sys_mod_count"));
}

#[tokio::test]
async fn another_tools_marker_is_left_alone() {
    let before = |key: &str, note: &str| {
        let one = id('1');
        json(
            200,
            &format!(
                r#"{{"result":[{{"sys_id":"{one}","sys_updated_on":"2026-05-04 10:00:01","correlation_id":"{key}","correlation_display":"{note}"}}]}}"#
            ),
        )
    };
    for (key, note, expected) in [
        ("PROJ-1", "Exalate", serde_json::json!({"impact": "1"})),
        (
            "",
            "",
            serde_json::json!({"impact": "1", "correlation_id": "lockstep:00000001:10001:00000002:0", "correlation_display": "lockstep;s=0a1b2c3d"}),
        ),
        (
            "",
            "Exalate",
            serde_json::json!({"impact": "1", "correlation_id": "lockstep:00000001:10001:00000002:0"}),
        ),
    ] {
        let (connector, script, _) = script_only([]);
        script.answers.lock().unwrap().extend([before(key, note), json(200, &answered(""))]);
        let request =
            UpdateRequest { marker: Some(marker()), ..update([("impact".into(), set(Value::choice("1")))]) };
        let written = connector.update(&request).await.unwrap();
        assert_eq!(body(&script, 1), expected);
        assert_eq!(written.answer.contains_key(&FieldId::from("correlation_id")), key == "PROJ-1");
    }
}

#[tokio::test]
async fn members_of_sets_are_added_and_taken_away() {
    let (connector, script, _) = script_only([]);
    let one = id('1');
    let before = format!(
        r#"{{"result":[{{"sys_id":"{one}","sys_updated_on":"2026-05-04 10:00:01","watch_list":"x,theirs"}}]}}"#
    );
    script.answers.lock().unwrap().extend([json(200, &before), json(200, &answered(""))]);
    let delta =
        FieldWrite::Delta { add: vec!["y".into()], remove: vec!["x".into()], result: Value::set(["y"]) };
    connector.update(&update([("watch_list".into(), delta)])).await.unwrap();
    assert_eq!(body(&script, 1), serde_json::json!({"watch_list": "theirs,y"}));
}

#[tokio::test]
async fn endings_of_a_write_are_told_apart() {
    let refusal = r#"{"error":{"message":"Operation Failed","detail":"Data Policy Exception: mandatory: Resolution code"},"status":"failure"}"#;
    let other = answered("").replace(&id('1'), &id('2'));
    for (answer, expected) in [
        (json(403, refusal), "refused"),
        (json(404, r#"{"error":{"message":"No Record found","detail":"x"},"status":"failure"}"#), "refused"),
        (json(500, refusal), "unknown"),
        (json(202, ""), "unknown"),
        (json(200, r#"{"result":"#), "unknown"),
        (json(200, &other), "unknown"),
        (json(401, refusal), "not applied"),
    ] {
        let (connector, script, _) = script_only([]);
        script.answers.lock().unwrap().push_back(answer);
        let outcome = connector.update(&update([("impact".into(), set(Value::choice("1")))])).await;
        let found = match outcome.unwrap_err() {
            WriteFailure::NotApplied { .. } => "not applied",
            WriteFailure::Refused(_) => "refused",
            WriteFailure::Unknown(_) => "unknown",
        };
        assert_eq!((found, script.calls()), (expected, 1));
    }
}

#[tokio::test]
async fn what_must_not_be_written_never_leaves() {
    for column in ["sys_updated_by", "comments", "caller_id.email", "number"] {
        let (connector, script, _) = script_only([]);
        let outcome = connector.update(&update([(column.into(), set(Value::text("x")))])).await;
        assert!(matches!(outcome, Err(WriteFailure::Refused(_))), "{column}");
        assert_eq!(script.calls(), 0, "{column}");
    }
}
