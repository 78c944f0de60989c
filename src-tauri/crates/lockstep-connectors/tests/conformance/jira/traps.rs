//! What goes wrong between here and Jira, and what must not follow from it.

use std::collections::BTreeMap;

use lockstep_core::connector::{
    ChangesQuery, Connector, CreateRequest, ErrorKind, FieldWrite, LookupQuery, UpdateRequest, WriteFailure,
};
use lockstep_core::ticket::Value;
use lockstep_sandbox::faults::RetryAfter;
use lockstep_sandbox::{Fault, FaultKind, Seed};
use serde_json::json;

use super::site::{Site, desk, fields, marker, ops};
use crate::support::NOW_MS;

fn create(origin: &str) -> CreateRequest {
    CreateRequest {
        scope: ops(),
        fields: BTreeMap::from([("summary".into(), Value::Text("Printer".into()))]),
        marker: marker(origin),
        step: None,
    }
}

async fn ours(site: &Site) -> usize {
    site.wait(60_000);
    site.jira.created_by_us(&ops(), NOW_MS).await.unwrap().len()
}

#[tokio::test]
async fn an_unsure_create_is_unknown_and_sent_once() {
    for kind in [
        FaultKind::CutAfter,
        FaultKind::StatusAfterApply { status: 502 },
        FaultKind::StatusAfterApply { status: 500 },
        FaultKind::TruncatedBody { keep_bytes: None },
        FaultKind::Html200,
        FaultKind::Accepted202,
    ] {
        for batch in [1, 3] {
            let site = Site::new(Seed::Empty);
            site.fault(Fault::new(kind.clone()).on("POST").at("/rest/api/3/issue").times(1));
            let requests: Vec<CreateRequest> = (0..batch).map(|n| create(&format!("x{n}"))).collect();
            let outcomes = site.jira.create(&requests).await;
            assert!(outcomes.iter().all(|one| matches!(one, Err(WriteFailure::Unknown(_)))), "{kind:?}");
            let applied = !matches!(kind, FaultKind::Html200 | FaultKind::Accepted202);
            assert_eq!(ours(&site).await, if applied { batch } else { 0 }, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_rate_limit_is_not_applied_and_says_how_long() {
    let site = Site::new(Seed::Empty);
    let kind = FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(3) };
    site.fault(Fault::new(kind).on("POST").at("/rest/api/3/issue").times(1));
    let outcome = site.jira.create(&[create("x")]).await.remove(0);
    assert!(matches!(outcome, Err(WriteFailure::NotApplied { wait_ms: 3000, .. })), "{outcome:?}");
    assert_eq!(ours(&site).await, 0);
}

#[tokio::test]
async fn an_expired_token_never_looks_like_an_empty_site() {
    let site = Site::new(Seed::Small);
    site.jira.identify().await.unwrap();
    site.switch(json!({ "token_expired": true }));
    let scope = desk();
    let query =
        ChangesQuery { scope: &scope, fields: &[], cursor: None, since_ms: 0, page: None, limit: 100 };
    let error = site.jira.changes(&query).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorised);
    let pair = marker("x").pair;
    let look = LookupQuery { scope: &scope, pair: &pair, since_ms: NOW_MS, control: None };
    assert_eq!(site.jira.find_by_marker(&look).await.unwrap_err().kind, ErrorKind::Unauthorised);
    let people = site.jira.find_people(&scope, &["a@b.example".into()]).await;
    assert_eq!(people.unwrap_err().kind, ErrorKind::Unauthorised);
}

#[tokio::test]
async fn a_hidden_control_is_told() {
    let site = Site::new(Seed::Empty);
    let control = site.jira.create(&[create("k")]).await.remove(0).unwrap().id;
    site.wait(60_000);
    site.switch(json!({ "hide_projects": ["OPS"] }));
    let (scope, pair, known) = (ops(), marker("x").pair, marker("k").pair);
    let query =
        LookupQuery { scope: &scope, pair: &pair, since_ms: NOW_MS, control: Some((&control, &known)) };
    assert!(!site.jira.find_by_marker(&query).await.unwrap().control_seen);
}

#[tokio::test]
async fn reads_survive_what_writes_must_not() {
    let site = Site::new(Seed::Small);
    site.fault(Fault::new(FaultKind::Status { status: 503 }).at("/search/jql").times(2));
    site.fault(Fault::new(FaultKind::CutBefore).at("/search/jql").times(1));
    let scope = desk();
    let query =
        ChangesQuery { scope: &scope, fields: &[], cursor: None, since_ms: 0, page: None, limit: 100 };
    assert!(!site.jira.changes(&query).await.unwrap().tickets.is_empty());
}

#[tokio::test]
async fn a_refused_field_is_named() {
    let site = Site::new(Seed::Empty);
    let id = site.jira.create(&[create("x")]).await.remove(0).unwrap().id;
    let request = UpdateRequest {
        scope: ops(),
        ticket: id.clone(),
        fields: BTreeMap::from([("priority".into(), FieldWrite::Set(Value::Choice("777".into())))]),
        marker: None,
        comment: None,
    };
    let Err(WriteFailure::Refused(error)) = site.jira.update(&request).await else {
        panic!("must be refused")
    };
    assert!(error.fields.contains_key(&"priority".into()), "{error:?}");
}

#[tokio::test]
async fn a_moved_ticket_keeps_its_id_and_shows_where_it_went() {
    let site = Site::new(Seed::Empty);
    let id = site.jira.create(&[create("x")]).await.remove(0).unwrap().id;
    let before = site.ticket(&ops(), &id, &[]).await;
    site.switch(json!({ "move": { "issue": before.key, "to": "CSD" } }));
    let after = site.ticket(&ops(), &id, &fields(&["summary"])).await;
    assert_ne!((after.container, after.key), (before.container, before.key));
}

#[tokio::test]
async fn stamps_mean_the_same_in_every_zone() {
    let site = Site::new(Seed::Small);
    let scope = desk();
    let query = ChangesQuery { scope: &scope, fields: &[], cursor: None, since_ms: 0, page: None, limit: 5 };
    let utc = site.jira.changes(&query).await.unwrap();
    site.switch(json!({ "site_zone": "Asia/Kathmandu" }));
    let there = site.jira.changes(&query).await.unwrap();
    let stamps = |page: &lockstep_core::connector::ChangesPage| {
        page.tickets.iter().map(|ticket| (ticket.created_ms, ticket.version)).collect::<Vec<_>>()
    };
    assert_eq!(stamps(&utc), stamps(&there));
}
