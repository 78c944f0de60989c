//! Jira in the suite, and what only Jira does.

#![allow(clippy::unwrap_used, reason = "a failed helper is a failed test")]

mod journey;
mod site;
mod traps;

use std::collections::BTreeMap;
use std::sync::Mutex;

use http::{Method, Request};
use lockstep_core::{FieldId, TicketId, Value};
use lockstep_sandbox::Seed;
use serde_json::json;

use self::site::{PERSON, Site, desk};
use crate::support::{Hands, Subject};

struct Clerk {
    sandbox: lockstep_connectors::testing::Sandbox,
    token: String,
    hidden: Mutex<Vec<String>>,
}

impl Clerk {
    fn act(&self, method: Method, target: &str, body: Option<serde_json::Value>) -> serde_json::Value {
        let (status, answer) = self.sandbox.act((PERSON, &self.token), method, target, body);
        assert!(status < 300, "{status} {answer}");
        answer
    }
}

fn document(text: &str) -> serde_json::Value {
    json!({ "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": text }] }] })
}

impl Hands for Clerk {
    fn create(&self, title: &str) -> TicketId {
        let fields = json!({ "project": { "key": "CSD" }, "issuetype": { "id": "10101" }, "summary": title });
        let answer = self.act(Method::POST, "/rest/api/3/issue", Some(json!({ "fields": fields })));
        answer["id"].as_str().unwrap().into()
    }

    fn retitle(&self, id: &TicketId, title: &str) {
        self.act(
            Method::PUT,
            &format!("/rest/api/3/issue/{id}"),
            Some(json!({ "fields": { "summary": title } })),
        );
    }

    fn comment(&self, id: &TicketId, text: &str, public: bool) {
        let properties = json!([{ "key": "sd.public.comment", "value": { "internal": !public } }]);
        let body = json!({ "body": document(text), "properties": properties });
        self.act(Method::POST, &format!("/rest/api/3/issue/{id}/comment"), Some(body));
    }

    fn delete(&self, id: &TicketId) {
        self.act(Method::DELETE, &format!("/rest/api/3/issue/{id}"), None);
    }

    fn hide(&self, id: &TicketId) {
        let mut hidden = self.hidden.lock().unwrap();
        hidden.push(id.to_string());
        self.sandbox.practice().platform.configure(&json!({ "hide_issues": *hidden })).unwrap();
    }

    fn attach(&self, id: &TicketId, name: &str, bytes: &'static [u8]) {
        use base64::Engine as _;
        let text = std::str::from_utf8(bytes).unwrap();
        let part = "Content-Disposition: form-data; name=\"file\"; filename";
        let body =
            format!("--edge\r\n{part}=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--edge--\r\n");
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{PERSON}:{}", self.token));
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/rest/api/3/issue/{id}/attachments"))
            .header("authorization", format!("Basic {pair}"))
            .header("x-atlassian-token", "no-check")
            .header("content-type", "multipart/form-data; boundary=edge")
            .body(body.into())
            .unwrap();
        let delivery = self.sandbox.practice().answer(request, crate::support::NOW_MS);
        assert_eq!(delivery.response.unwrap().status(), 200);
    }
}

fn fields(title: &str) -> BTreeMap<FieldId, Value> {
    BTreeMap::from([("summary".into(), Value::text(title)), ("labels".into(), Value::set(["copied"]))])
}

fn subject() -> Subject {
    let site = Site::new(Seed::Empty);
    Subject {
        connector: Box::new(site.jira),
        clock: site.clock,
        scope: desk(),
        title: "summary".into(),
        list_call: ("POST", "/search/jql"),
        create_call: ("POST", "/rest/api/3/issue"),
        one_person: "elin.sandberg@corvane.example".into(),
        nobody: "nobody@corvane.example".into(),
        several: None,
        new_fields: fields,
        hands: Box::new(Clerk {
            sandbox: site.sandbox.clone(),
            token: site.person_token,
            hidden: Mutex::default(),
        }),
        sandbox: site.sandbox,
    }
}

crate::conforms!(subject);
