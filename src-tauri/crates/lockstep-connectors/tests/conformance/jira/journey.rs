//! What a run does, from sign-in to files, on a site that behaves.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use lockstep_core::connector::{
    ChangesQuery, CommentRequest, Connector, CreateRequest, FieldWrite, LookupQuery, PersonMatch, Scope,
    StepRequest, TestResult, UpdateRequest, UploadRequest,
};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::ticket::{MarkerRead, Value, Visibility};
use lockstep_sandbox::Seed;

use super::site::{Site, desk, fields, marker, ops};
use crate::support::NOW_MS;

fn create(scope: Scope, origin: &str, summary: &str) -> CreateRequest {
    CreateRequest {
        scope,
        fields: BTreeMap::from([
            ("summary".into(), Value::Text(summary.into())),
            ("description".into(), Value::Rich("First **line**\n\n- one\n- two".into())),
            ("labels".into(), Value::set(["vpn", "lockstep"])),
            ("priority".into(), Value::Choice("2".into())),
        ]),
        marker: marker(origin),
        step: None,
    }
}

async fn made(site: &Site, scope: Scope, origin: &str) -> TicketId {
    site.jira.create(&[create(scope, origin, origin)]).await.remove(0).unwrap().id
}

async fn read_all(site: &Site, scope: &Scope, limit: usize) -> Vec<String> {
    let (mut keys, mut page) = (Vec::new(), None);
    loop {
        let query = ChangesQuery {
            scope,
            fields: &fields(&["summary", "status"]),
            cursor: None,
            since_ms: NOW_MS - 90 * 86_400_000,
            page: page.as_ref(),
            limit,
        };
        let read = site.jira.changes(&query).await.unwrap();
        keys.extend(read.tickets.into_iter().map(|ticket| ticket.key));
        page = read.next;
        if page.is_none() {
            assert!(read.cursor.is_some());
            return keys;
        }
    }
}

#[tokio::test]
async fn a_connection_is_tested_offered_and_discovered() {
    let site = Site::new(Seed::Small);
    let identity = site.jira.identify().await.unwrap();
    assert!(!identity.instance.is_empty() && identity.us.active);
    let lines = site.jira.test(&[desk(), ops()], &|_| {}).await;
    assert!(lines.iter().all(|line| line.result == TestResult::Good), "{lines:#?}");
    let offers = site.jira.scopes().await.unwrap();
    assert!(offers.iter().any(|offer| offer.label == "CSD · Incident" && offer.customers_read));
    assert!(offers.iter().any(|offer| offer.scope.request_type.is_some()));
    for scope in [desk(), ops()] {
        let schema = site.jira.discover(&scope).await.unwrap();
        assert!(schema.fields[&FieldId::from("summary")].required_on_create);
        assert!(!schema.fields[&FieldId::from("priority")].options.is_empty());
        assert_eq!(schema.workflow.initial.as_deref(), Some("10000"), "{:?}", schema.not_confirmed);
        assert!(schema.workflow.explored.contains("10000") || !schema.not_confirmed.is_empty());
        assert_eq!(schema.internal_comments, scope == desk());
    }
}

#[tokio::test]
async fn the_feed_is_whole_whatever_the_page() {
    let site = Site::new(Seed::Bulk(230));
    let whole = read_all(&site, &desk(), 100).await;
    assert!(whole.len() > 30);
    assert_eq!(read_all(&site, &desk(), 7).await, whole);
}

#[tokio::test]
async fn a_created_ticket_reads_back_as_sent() {
    let site = Site::new(Seed::Small);
    let names = fields(&["summary", "description", "labels", "priority", "status"]);
    let id = made(&site, ops(), "a1").await;
    let ticket = site.ticket(&ops(), &id, &names).await;
    let sent = create(ops(), "a1", "a1");
    for (field, value) in &sent.fields {
        assert_eq!(ticket.value(field), Some(value));
    }
    assert_eq!(ticket.marker, MarkerRead::Ours(marker("a1")));
    assert_eq!(ticket.created_by, Some(site.jira.identify().await.unwrap().us.id));
    assert_eq!(site.jira.find_by_key(&ops(), &ticket.key).await.unwrap(), Some(id));
}

#[tokio::test]
async fn a_batch_with_a_refused_element_is_sorted_out() {
    let site = Site::new(Seed::Small);
    let mut requests: Vec<CreateRequest> =
        (0..5).map(|n| create(ops(), &format!("b{n}"), &format!("Ticket {n}"))).collect();
    requests[2].fields.insert("priority".into(), Value::Choice("777".into()));
    let outcomes = site.jira.create(&requests).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        if n == 2 {
            assert!(outcome.is_err());
            continue;
        }
        let ticket = site.ticket(&ops(), &outcome.as_ref().unwrap().id, &[]).await;
        assert_eq!(ticket.marker, MarkerRead::Ours(marker(&format!("b{n}"))));
    }
}

#[tokio::test]
async fn a_customer_request_carries_its_marker_and_its_text() {
    let site = Site::new(Seed::Small);
    let offers = site.jira.scopes().await.unwrap();
    let scope =
        offers.into_iter().map(|offer| offer.scope).find(|scope| scope.request_type.is_some()).unwrap();
    let request = create(scope.clone(), "r1", "VPN fails");
    let created = site.jira.create(std::slice::from_ref(&request)).await.remove(0).unwrap();
    let names = fields(&["summary", "description", "labels"]);
    let ticket = site.ticket(&scope, &created.id, &names).await;
    assert!(matches!(&ticket.marker, MarkerRead::Ours(found) if found.pair == marker("r1").pair));
    assert_eq!(ticket.value(&"description".into()), request.fields.get(&"description".into()));
    assert_eq!(ticket.value(&"labels".into()), request.fields.get(&"labels".into()));
}

#[tokio::test]
async fn a_field_write_answers_with_what_is_there_now() {
    let site = Site::new(Seed::Small);
    let id = made(&site, ops(), "u1").await;
    let request = UpdateRequest {
        scope: ops(),
        ticket: id.clone(),
        fields: BTreeMap::from([
            ("summary".into(), FieldWrite::Set(Value::Text("Changed".into()))),
            ("description".into(), FieldWrite::Set(Value::Rich("New".into()))),
            ("duedate".into(), FieldWrite::Set(Value::Date("2026-12-01".into()))),
            ("customfield_10040".into(), FieldWrite::Set(Value::Text("INC0001".into()))),
            ("customfield_10041".into(), FieldWrite::Set(Value::Choice("10021".into()))),
            ("customfield_10042".into(), FieldWrite::Set(Value::DateTime(NOW_MS))),
            (
                "labels".into(),
                FieldWrite::Delta {
                    add: vec!["new".into()],
                    remove: vec!["vpn".into()],
                    result: Value::Empty,
                },
            ),
        ]),
        marker: Some(lockstep_core::marker::Marker { own: Some(id.clone()), ..marker("u1") }),
        comment: None,
    };
    let written = site.jira.update(&request).await.unwrap();
    assert!(written.version.is_some());
    for (field, write) in &request.fields {
        match write {
            FieldWrite::Set(value) => assert_eq!(written.answer.get(field), Some(value), "{field}"),
            FieldWrite::Delta { .. } => {
                assert_eq!(written.answer.get(field), Some(&Value::set(["lockstep", "new"])))
            }
        }
    }
    let ticket = site.ticket(&ops(), &id, &[]).await;
    assert!(matches!(ticket.marker, MarkerRead::Ours(found) if found.own == Some(id)));
}

#[tokio::test]
async fn a_status_is_reached_step_by_step() {
    let site = Site::new(Seed::Small);
    let id = made(&site, desk(), "s1").await;
    let schema = site.jira.discover(&desk()).await.unwrap();
    let way = schema.workflow.path("10000", "5").or_else(|| schema.workflow.path("10000", "3")).unwrap();
    for step in way {
        let fields = step
            .fields
            .iter()
            .filter(|field| field.required)
            .map(|field| match field.options.first() {
                Some(option) => (field.id.clone(), Value::Choice(option.id.clone())),
                None => (field.id.clone(), Value::Rich("done".into())),
            })
            .collect();
        let request = StepRequest { from: step.from, to: step.to.clone(), transition: step.id, fields };
        site.jira.step(&desk(), &id, &request).await.unwrap();
        let ticket = site.ticket(&desk(), &id, &fields_of_status()).await;
        assert_eq!(ticket.value(&"status".into()), Some(&Value::Choice(step.to)));
    }
}

fn fields_of_status() -> Vec<FieldId> {
    fields(&["status"])
}

#[tokio::test]
async fn a_wrong_transition_is_found_anew() {
    let site = Site::new(Seed::Small);
    let id = made(&site, desk(), "s2").await;
    let request = StepRequest {
        from: "10000".into(),
        to: "3".into(),
        transition: "999".into(),
        fields: BTreeMap::new(),
    };
    site.jira.step(&desk(), &id, &request).await.unwrap();
    assert_eq!(
        site.ticket(&desk(), &id, &fields_of_status()).await.value(&"status".into()),
        Some(&Value::Choice("3".into()))
    );
}

#[tokio::test]
async fn comments_keep_their_readers_and_their_refs() {
    let site = Site::new(Seed::Small);
    let id = made(&site, desk(), "c1").await;
    let request = |visibility, copy_of: &str| CommentRequest {
        scope: desk(),
        ticket: id.clone(),
        body: format!("Mia (ServiceNow)\n\n**{copy_of}**"),
        visibility,
        copy_of: copy_of.to_owned(),
    };
    let open = site.jira.add_comment(&request(Visibility::Public, "aaaaaaaaaa")).await.unwrap();
    let closed = site.jira.add_comment(&request(Visibility::Internal, "bbbbbbbbbb")).await.unwrap();
    assert_eq!((open.visibility, closed.visibility), (Some(Visibility::Public), Some(Visibility::Internal)));
    let list = site.jira.comments(&desk(), &id).await.unwrap();
    let seen: Vec<_> = list.iter().map(|comment| (comment.visibility, comment.copy_of.as_deref())).collect();
    assert_eq!(seen, [(Visibility::Public, Some("aaaaaaaaaa")), (Visibility::Internal, Some("bbbbbbbbbb"))]);
    assert!(list.iter().all(|comment| comment.by_us && comment.body.starts_with("Mia (ServiceNow)\n\n**")));
    site.switch(serde_json::json!({ "comment_put_resets_internal": true }));
    let edited =
        site.jira.edit_comment(&list[1].id, &request(Visibility::Internal, "bbbbbbbbbb")).await.unwrap();
    assert_eq!(edited.visibility, Some(Visibility::Internal));
    site.jira.retract_comment(&id, &list[0].id).await.unwrap();
    let left = site.ticket(&desk(), &id, &[]).await.comments.unwrap();
    assert_eq!(left.iter().map(|comment| &comment.id).collect::<Vec<_>>(), [&list[1].id]);
}

#[tokio::test]
async fn internal_comments_do_not_leave_for_a_software_project() {
    let site = Site::new(Seed::Small);
    let id = made(&site, ops(), "c2").await;
    let request = CommentRequest {
        scope: ops(),
        ticket: id.clone(),
        body: "secret".into(),
        visibility: Visibility::Internal,
        copy_of: "aaaaaaaaaa".into(),
    };
    assert!(site.jira.add_comment(&request).await.is_err());
    assert_eq!(site.jira.comments(&ops(), &id).await.unwrap(), []);
}

#[tokio::test]
async fn files_go_up_and_come_down_unchanged() {
    let site = Site::new(Seed::Small);
    let id = made(&site, desk(), "f1").await;
    let content = Bytes::from_static(b"one\r\n--two\0three");
    let request = UploadRequest {
        scope: desk(),
        ticket: id.clone(),
        name: "a \"quoted\" ü.txt".into(),
        mime: "text/plain".into(),
        size_bytes: content.len() as u64,
        visibility: Visibility::Public,
        body: Box::pin(stream::iter([Ok(content.slice(..5)), Ok(content.slice(5..))])),
    };
    let stored = site.jira.upload(request).await.unwrap();
    assert_eq!((stored.size_bytes, stored.by_us), (content.len() as u64, true));
    let listed = site.jira.attachments(&desk(), &id).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&stored));
    let parts: Vec<Bytes> = site.jira.download(&stored.id).await.unwrap().try_collect().await.unwrap();
    assert_eq!(parts.concat(), content);
    assert!(site.jira.upload_bytes_max().await.unwrap().is_some());
}

#[tokio::test]
async fn a_lost_ticket_is_found_by_its_marker_once_the_index_has_it() {
    let site = Site::new(Seed::Small);
    site.switch(serde_json::json!({ "index_lag_ms": 60_000 }));
    let control = made(&site, desk(), "k0").await;
    site.wait(120_000);
    let id = made(&site, ops(), "k1").await;
    let (pair, known, scope) = (marker("k1").pair, marker("k0").pair, desk());
    let query =
        LookupQuery { scope: &scope, pair: &pair, since_ms: NOW_MS, control: Some((&control, &known)) };
    let early = site.jira.find_by_marker(&query).await.unwrap();
    assert!(early.found.is_empty() && early.control_seen);
    site.wait(120_000);
    let late = site.jira.find_by_marker(&query).await.unwrap();
    assert_eq!(
        late.found.iter().map(|ticket| &ticket.id).collect::<Vec<_>>(),
        [&id],
        "in another project, too"
    );
    assert!(late.server_ms > NOW_MS);
    let later = LookupQuery { since_ms: site.jira.server_now_ms() - 1_000, ..query };
    assert!(site.jira.find_by_marker(&later).await.unwrap().control_seen, "by its own time");
    assert_eq!(site.jira.created_by_us(&desk(), NOW_MS).await.unwrap().len(), 2);
    assert_eq!(
        site.jira.changed_by_others(&desk(), std::slice::from_ref(&id), NOW_MS).await.unwrap(),
        Some(vec![])
    );
}

#[tokio::test]
async fn people_are_found_by_their_address_alone() {
    let site = Site::new(Seed::Small);
    let us = site.jira.identify().await.unwrap().us;
    let mail = us.email.clone().unwrap_or_else(|| "lockstep@corvane.example".into());
    let asked = [mail.to_uppercase(), "nobody@corvane.example".into()];
    let found = site.jira.find_people(&desk(), &asked).await.unwrap();
    assert!(matches!(&found[1], PersonMatch::Nobody));
    assert!(!matches!(&found[0], PersonMatch::Several(_)));
    assert_eq!(site.jira.people(std::slice::from_ref(&us.id)).await.unwrap().len(), 1);
}
