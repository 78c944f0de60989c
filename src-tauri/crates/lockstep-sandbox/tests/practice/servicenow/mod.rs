//! One test for each thing that a make-believe ServiceNow must show (fact sheet, section 13), and a few more.

mod catalog;
mod reading;
mod signing_in;
mod speed;
mod trouble;
mod writing;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request};
use lockstep_sandbox::servicenow::{SERVICE_ACCOUNT, ServiceNow, password_of};
use lockstep_sandbox::{Delivery, Platform as _, Practice, Seed};
use serde_json::Value;

/// Monday, 4 May 2026, 12:00:00 UTC.
pub const NOON: i64 = 1_777_896_000_000;
pub const ITIL_ADMIN: &str = "amara.osei";
pub const AGENT: &str = "chiara.lombardi";
pub const CALLER: &str = "liam.brennan";

/// An answer, its body read as JSON where it is JSON.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub json: Value,
    pub body: Bytes,
}

impl Answer {
    pub fn result(&self) -> &Value {
        &self.json["result"]
    }

    pub fn rows(&self) -> &Vec<Value> {
        self.json["result"]
            .as_array()
            .unwrap_or_else(|| panic!("no list in {}: {:?}", self.status, self.body))
    }

    pub fn detail(&self) -> &str {
        self.json["error"]["detail"].as_str().unwrap_or_default()
    }
}

/// A practice instance and a clock.
pub struct Bench {
    pub practice: Practice,
    pub now_ms: i64,
    secret: String,
}

impl Bench {
    pub fn new(seed: Seed) -> Self {
        let instance = ServiceNow::new(7, NOON, seed);
        let secret = instance.sign_in().secret;
        let mut practice = Practice::new(Box::new(instance), 7);
        practice.platform.set_origin("https://acme.example");
        Self { practice, now_ms: NOON, secret }
    }

    pub fn basic(&self, user: &str) -> String {
        let secret = if user == SERVICE_ACCOUNT { self.secret.clone() } else { password_of(user) };
        format!("Basic {}", STANDARD.encode(format!("{user}:{secret}")))
    }

    pub fn send(&mut self, request: Request<Bytes>) -> Delivery {
        self.practice.answer(request, self.now_ms)
    }

    pub fn take(&mut self, request: Request<Bytes>) -> Answer {
        let (parts, body) = self.send(request).response.expect("an answer").into_parts();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, json, body }
    }

    pub fn request(&self, user: &str, method: &str, target: &str, body: &str) -> Request<Bytes> {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("accept", "application/json")
            .header("authorization", self.basic(user));
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        request.body(Bytes::from(body.to_owned())).unwrap()
    }

    pub fn get(&mut self, target: &str) -> Answer {
        self.get_as(SERVICE_ACCOUNT, target)
    }

    pub fn get_as(&mut self, user: &str, target: &str) -> Answer {
        self.take(self.request(user, "GET", target, ""))
    }

    /// A table list by encoded query; `more` holds further parameters.
    pub fn query(&mut self, table: &str, query: &str, more: &str) -> Answer {
        self.query_as(SERVICE_ACCOUNT, table, query, more)
    }

    pub fn query_as(&mut self, user: &str, table: &str, query: &str, more: &str) -> Answer {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        self.get_as(user, &format!("/api/now/table/{table}?sysparm_query={query}&{more}"))
    }

    pub fn post(&mut self, user: &str, target: &str, body: &Value) -> Answer {
        self.take(self.request(user, "POST", target, &body.to_string()))
    }

    pub fn patch(&mut self, user: &str, id: &str, body: &Value) -> Answer {
        let target = format!("/api/now/table/incident/{id}?sysparm_exclude_reference_link=true");
        self.take(self.request(user, "PATCH", &target, &body.to_string()))
    }

    /// A new incident of the service account.
    pub fn incident(&mut self, body: &Value) -> Value {
        let target = "/api/now/table/incident?sysparm_exclude_reference_link=true";
        let answer = self.post(SERVICE_ACCOUNT, target, body);
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        answer.result().clone()
    }

    /// The incident as a person sees it.
    pub fn look(&mut self, id: &str) -> Value {
        let target = format!("/api/now/table/incident/{id}?sysparm_exclude_reference_link=true");
        self.get_as(ITIL_ADMIN, &target).result().clone()
    }

    pub fn set(&mut self, switches: &Value) {
        self.practice.platform.configure(switches).unwrap();
    }

    pub fn user_id(&mut self, user: &str) -> String {
        let answer = self.get_as(ITIL_ADMIN, &format!("/api/now/table/sys_user?user_name={user}"));
        answer.rows()[0]["sys_id"].as_str().unwrap().to_owned()
    }
}

/// A text member.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {value}"))
}
