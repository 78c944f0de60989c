//! ServiceNow in the suite, and what only ServiceNow does.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use lockstep_connectors::http::{BaseAddress, HttpContext};
use lockstep_connectors::servicenow::{ServiceNow, ServiceNowSettings, SignIn};
use lockstep_connectors::testing::{Sandbox, VirtualClock, ports};
use lockstep_core::connector::{ErrorKind, Fetched, Scope, TestResult, Want};
use lockstep_core::secret::Secret;
use lockstep_core::{FieldId, TicketId, Value};
use lockstep_sandbox::servicenow::{ServiceNow as Instance, password_of};
use lockstep_sandbox::{Platform, Practice, Seed};
use serde_json::json;

use crate::support::{Hands, NOW_MS, Subject};

const PERSON: &str = "admin";

struct Clerk {
    sandbox: Sandbox,
    hidden: std::sync::Mutex<Vec<serde_json::Value>>,
}

impl Clerk {
    fn act(&self, method: Method, target: &str, body: Option<serde_json::Value>) -> serde_json::Value {
        let (status, answer) = self.sandbox.act((PERSON, &password_of(PERSON)), method, target, body);
        assert!(status < 300, "{status} {answer}");
        answer
    }
}

impl Hands for Clerk {
    fn create(&self, title: &str) -> TicketId {
        let answer = self.act(
            Method::POST,
            "/api/now/table/incident",
            Some(json!({"short_description": title, "urgency": "2"})),
        );
        answer["result"]["sys_id"].as_str().unwrap().into()
    }
    fn retitle(&self, id: &TicketId, title: &str) {
        self.act(
            Method::PATCH,
            &format!("/api/now/table/incident/{id}"),
            Some(json!({"short_description": title})),
        );
    }
    fn comment(&self, id: &TicketId, text: &str, public: bool) {
        let column = if public { "comments" } else { "work_notes" };
        self.act(Method::PATCH, &format!("/api/now/table/incident/{id}"), Some(json!({column: text})));
    }
    fn delete(&self, id: &TicketId) {
        self.act(Method::DELETE, &format!("/api/now/table/incident/{id}"), None);
    }
    fn hide(&self, id: &TicketId) {
        let mut hidden = self.hidden.lock().unwrap();
        hidden.push(json!({"table": "incident", "query": format!("sys_id={id}")}));
        self.sandbox.practice().platform.configure(&json!({"hidden_rows": *hidden})).unwrap();
    }
    fn attach(&self, id: &TicketId, name: &str, bytes: &'static [u8]) {
        let target =
            format!("/api/now/attachment/file?table_name=incident&table_sys_id={id}&file_name={name}");
        let text = std::str::from_utf8(bytes).unwrap();
        let request = http::Request::builder()
            .method(Method::POST)
            .uri(target)
            .header("authorization", sign(PERSON))
            .header("accept", "application/json")
            .header("content-type", "text/plain")
            .body(bytes::Bytes::from(text))
            .unwrap();
        let delivery = self.sandbox.practice().answer(request, NOW_MS);
        assert_eq!(delivery.response.unwrap().status(), 201);
    }
}

fn sign(user: &str) -> String {
    use base64::Engine as _;
    let pair = format!("{user}:{}", password_of(user));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

fn fields(title: &str) -> BTreeMap<FieldId, Value> {
    BTreeMap::from([
        ("short_description".into(), Value::text(title)),
        ("impact".into(), Value::choice("2")),
        ("urgency".into(), Value::choice("2")),
    ])
}

fn subject_with(sign_in: impl FnOnce(&Instance) -> SignIn) -> Subject {
    let clock = Arc::new(VirtualClock::at(NOW_MS));
    let instance = Instance::new(7, NOW_MS - 86_400_000, Seed::Empty);
    let sign_in = sign_in(&instance);
    let sandbox = Sandbox::new(Practice::new(Box::new(instance), 7), clock.clone());
    let base = BaseAddress::origin_of("http://127.0.0.1").unwrap();
    let settings = ServiceNowSettings::new(base, sign_in);
    let connector = ServiceNow::new(settings, ports(&sandbox, &clock), HttpContext::default()).unwrap();
    Subject {
        connector: Box::new(connector),
        clock,
        scope: Scope { container: String::new(), ticket_type: "incident".into(), request_type: None },
        title: "short_description".into(),
        list_call: ("GET", "/table/incident"),
        create_call: ("POST", "/table/incident"),
        one_person: "lockstep.sync@corvane.example".into(),
        nobody: "nobody@corvane.example".into(),
        several: Some("elin.sandberg@corvane.example".into()),
        new_fields: fields,
        hands: Box::new(Clerk { sandbox: sandbox.clone(), hidden: std::sync::Mutex::default() }),
        sandbox,
    }
}

fn basic(instance: &Instance) -> SignIn {
    let sign_in = instance.sign_in();
    SignIn::Basic { user: sign_in.user, password: Secret::new(sign_in.secret) }
}

fn subject() -> Subject {
    subject_with(basic)
}

crate::conforms!(subject);

fn configure(subject: &Subject, switches: serde_json::Value) {
    subject.sandbox.practice().platform.configure(&switches).unwrap();
}

#[tokio::test]
async fn every_sign_in_works_and_tokens_are_renewed() {
    let client = |instance: &Instance| instance.oauth_client();
    let credentials = |instance: &Instance| {
        let (client_id, secret) = client(instance);
        SignIn::OAuthClientCredentials { client_id, client_secret: Secret::new(secret) }
    };
    let password = |instance: &Instance| {
        let (client_id, secret) = client(instance);
        let SignIn::Basic { user, password } = basic(instance) else { unreachable!() };
        SignIn::OAuthPassword { client_id, client_secret: Secret::new(secret), user, password }
    };
    let key = |instance: &Instance| SignIn::ApiKey { key: Secret::new(instance.api_key()) };
    for subject in [subject_with(credentials), subject_with(password), subject_with(key)] {
        for _ in 0..4 {
            assert_eq!(subject.connector.identify().await.unwrap().us.name, "Lockstep Sync");
            let (tickets, _) = subject.feed(None, NOW_MS, 10).await;
            assert!(tickets.is_empty());
            subject.clock.pass_ms(1_790_000);
        }
    }
}

#[tokio::test]
async fn hidden_columns_are_unknown_and_a_lenient_query_is_noticed() {
    let subject = subject();
    let id = subject.hands.create("ACL");
    configure(&subject, json!({"omitted_fields": {"incident": ["short_description"]}}));
    let ticket = subject.ticket(&id, Want::default()).await;
    assert!(!ticket.fields.contains_key(&subject.title), "missing is not empty");
    let elsewhere = Scope { container: "c".repeat(32), ..subject.scope.clone() };
    configure(&subject, json!({"omitted_fields": {"incident": ["assignment_group"]}}));
    let fields = [];
    let query = lockstep_core::connector::ChangesQuery {
        scope: &elsewhere,
        fields: &fields,
        cursor: None,
        since_ms: NOW_MS,
        page: None,
        limit: 10,
    };
    match subject.connector.changes(&query).await {
        Ok(page) => assert!(page.tickets.is_empty()),
        Err(error) => assert!(matches!(error.kind, ErrorKind::Unexpected | ErrorKind::Forbidden)),
    }
}

#[tokio::test]
async fn comments_without_the_journal_are_read_from_the_screen() {
    for reading in ["forbidden", "empty"] {
        let subject = subject();
        let id = subject.hands.create("Journal");
        subject.hands.comment(&id, "first", true);
        subject.clock.pass_ms(5000);
        subject.hands.comment(&id, "second\n\nwith two paragraphs", false);
        subject.settle();
        configure(&subject, json!({"journal_readable": reading}));
        let comments = subject.connector.comments(&subject.scope, &id).await.unwrap();
        assert_eq!(
            comments.len(),
            2,
            "{reading}: an empty list that hides is not taken for none: {comments:?}"
        );
        assert!(comments[0].id.as_str().starts_with("shown:") && comments[0].body == "first");
        assert_eq!(comments[1].body, "second\n\nwith two paragraphs");
    }
}

#[tokio::test]
async fn a_deleted_record_is_proven_by_the_audit_alone() {
    let subject = subject();
    let ids = [subject.hands.create("One"), subject.hands.create("Two")];
    subject.hands.delete(&ids[0]);
    assert_eq!(subject.fetch(&ids[0], Want::default()).await, Fetched::Deleted(ids[0].clone()));
    configure(&subject, json!({"unreadable_tables": ["sys_audit_delete"]}));
    subject.hands.delete(&ids[1]);
    assert_eq!(subject.fetch(&ids[1], Want::default()).await, Fetched::NotVisible(ids[1].clone()));
}

#[tokio::test]
async fn the_test_names_what_is_wrong() {
    let cases = [
        (json!({"sleeping": true}), "Sign-in works", TestResult::Failed),
        (json!({"mfa": true}), "Sign-in works", TestResult::Failed),
        (json!({"journal_readable": "forbidden"}), "Comments can be read", TestResult::Degraded),
        (json!({"attachments_readable": false}), "Files can be read", TestResult::Failed),
        (json!({"query_acl": {"incident": ["sys_updated_on"]}}), "Incident can be read", TestResult::Failed),
        (
            json!({"omitted_fields": {"incident": ["correlation_id"]}}),
            "Incident can be read",
            TestResult::Failed,
        ),
        (json!({"strict_queries": true}), "Unknown query parts are refused", TestResult::Good),
        (json!({}), "Unknown query parts are refused", TestResult::Degraded),
    ];
    for (switches, name, expected) in cases {
        let subject = subject();
        subject.hands.create("Sample");
        configure(&subject, switches.clone());
        let lines = subject.connector.test(std::slice::from_ref(&subject.scope), &|_| {}).await;
        let line = lines.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("{name}: {lines:?}"));
        assert_eq!(line.result, expected, "{switches}: {line:?}");
        assert_eq!(line.remedy.is_none(), expected == TestResult::Good, "{line:?}");
    }
}

#[tokio::test]
async fn ties_of_one_second_and_hidden_rows_between_pages_lose_nothing() {
    let subject = subject();
    let mut ids: Vec<TicketId> =
        (0..25).map(|number| subject.hands.create(&format!("Tie {number}"))).collect();
    let hidden: Vec<TicketId> = ids.iter().skip(3).step_by(4).cloned().collect();
    for id in &hidden {
        subject.hands.hide(id);
    }
    ids.retain(|id| !hidden.contains(id));
    ids.sort();
    for limit in [1, 2, 5, 24, 25, 26] {
        let mut seen: Vec<TicketId> =
            subject.feed(None, NOW_MS, limit).await.0.into_iter().map(|t| t.id).collect();
        seen.sort();
        assert_eq!(seen, ids, "pages of {limit}");
    }
}

#[tokio::test]
async fn a_requested_item_is_ordered_and_marked() {
    let subject = subject();
    let person = (PERSON, password_of(PERSON));
    let (_, items) = subject.sandbox.act(
        (person.0, &person.1),
        Method::GET,
        "/api/sn_sc/servicecatalog/items?sysparm_limit=50",
        None,
    );
    let items = items["result"].as_array().unwrap();
    let mut made = 0;
    for (number, item) in (1u32..).zip(items) {
        let scope = Scope {
            container: String::new(),
            ticket_type: "sc_req_item".into(),
            request_type: Some(item["sys_id"].as_str().unwrap().into()),
        };
        let fields = BTreeMap::from([("short_description".into(), Value::text("A new laptop"))]);
        let request = lockstep_core::connector::CreateRequest {
            scope: scope.clone(),
            fields,
            ..subject.copy("x", number)
        };
        let Ok(created) = subject.connector.create(&[request]).await.remove(0) else { continue };
        made += 1;
        let title = FieldId::from("short_description");
        assert_eq!(created.answer[&title], Value::text("A new laptop"));
        let pair = crate::support::pair(number);
        let query = lockstep_core::connector::LookupQuery {
            scope: &scope,
            pair: &pair,
            since_ms: NOW_MS,
            control: None,
        };
        let found = subject.connector.find_by_marker(&query).await.unwrap().found;
        assert_eq!(found.iter().map(|ticket| &ticket.id).collect::<Vec<_>>(), [&created.id]);
    }
    assert!(made > 0, "at least one item needs no variables: {items:?}");
    let nowhere = Scope { ticket_type: "sc_req_item".into(), ..subject.scope.clone() };
    let request = lockstep_core::connector::CreateRequest { scope: nowhere, ..subject.copy("x", 999) };
    let outcome = subject.connector.create(&[request]).await.remove(0);
    assert!(matches!(outcome, Err(lockstep_core::connector::WriteFailure::Refused(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_field_that_is_ignored_shows_in_the_answer() {
    use lockstep_core::connector::{FieldWrite, UpdateRequest};
    let subject = subject();
    let id = subject.hands.create("Stubborn");
    configure(&subject, json!({"read_only_fields": {"incident": ["short_description"]}}));
    let request = UpdateRequest {
        scope: subject.scope.clone(),
        ticket: id,
        fields: BTreeMap::from([
            (subject.title.clone(), FieldWrite::Set(Value::text("Ignored"))),
            ("impact".into(), FieldWrite::Set(Value::choice("1"))),
        ]),
        marker: None,
        comment: None,
    };
    let written = subject.connector.update(&request).await.unwrap();
    assert_eq!(written.answer[&subject.title], Value::text("Stubborn"));
    assert_eq!(written.answer[&FieldId::from("impact")], Value::choice("1"));
}

#[tokio::test]
async fn closing_without_its_fields_is_a_refusal_with_a_remedy() {
    use lockstep_core::connector::{FieldWrite, UpdateRequest, WriteFailure};
    let subject = subject();
    let id = subject.hands.create("Close me");
    let fields = BTreeMap::from([("state".into(), FieldWrite::Set(Value::choice("6")))]);
    let request =
        UpdateRequest { scope: subject.scope.clone(), ticket: id, fields, marker: None, comment: None };
    match subject.connector.update(&request).await {
        Err(WriteFailure::Refused(error)) => {
            assert_eq!(error.kind, ErrorKind::Refused);
            assert!(error.remedy.is_some() && error.message.contains("Data Policy"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}
