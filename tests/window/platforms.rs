//! The practice platforms that the app serves, asked over their own APIs as a person would.

use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

/// A person of the practice Jira who is not Lockstep.
const PERSON: &str = "mara.lindqvist@corvane.example";

/// Both platforms, by the addresses that the window shows.
#[derive(Debug, Clone)]
pub struct Platforms {
    servicenow: String,
    jira: String,
    person: String,
    token: String,
}

impl Platforms {
    /// Finds out how a person signs in.
    pub async fn at(servicenow: String, jira: String) -> Platforms {
        let known = call("GET", format!("{jira}/_practice/sign-in"), None, None).await;
        let (person, token) = a_person(&known);
        Platforms { servicenow, jira, person, token }
    }

    /// The issue with this summary; Jira's index may need a while for it.
    pub async fn issue(&self, summary: &str) -> Value {
        let body = json!({ "jql": "project = CSD ORDER BY created DESC", "fields": ["summary", "status"], "maxResults": 100 });
        for _ in 0..40 {
            let found = self.at_jira("POST", "/rest/api/3/search/jql", Some(body.clone())).await;
            let issues = found["issues"].as_array().cloned().unwrap_or_default();
            if let Some(wanted) = issues.into_iter().find(|issue| issue["fields"]["summary"] == summary) {
                return wanted;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("no issue {summary:?}")
    }

    /// Changes an issue's summary, as a person.
    pub async fn rename_issue(&self, id: &str, summary: &str) {
        let body = json!({ "fields": { "summary": summary } });
        self.at_jira("PUT", &format!("/rest/api/3/issue/{id}"), Some(body)).await;
    }

    /// All incidents with number and title.
    pub async fn incidents(&self) -> Vec<Value> {
        let path =
            "/api/now/table/incident?sysparm_fields=sys_id,number,short_description,state&sysparm_limit=200";
        let found = self.at_servicenow("GET", path, None).await;
        found["result"].as_array().cloned().unwrap_or_default()
    }

    /// One incident's title.
    pub async fn title(&self, id: &str) -> String {
        let found = self.at_servicenow("GET", &format!("/api/now/table/incident/{id}"), None).await;
        found["result"]["short_description"].as_str().unwrap_or_default().to_owned()
    }

    /// Changes an incident's title, as a person.
    pub async fn rename_incident(&self, id: &str, title: &str) {
        let body = json!({ "short_description": title });
        self.at_servicenow("PATCH", &format!("/api/now/table/incident/{id}"), Some(body)).await;
    }

    async fn at_jira(&self, method: &'static str, path: &str, body: Option<Value>) -> Value {
        let sign_in = basic(&self.person, &self.token);
        call(method, format!("{}{path}", self.jira), Some(sign_in), body).await
    }

    async fn at_servicenow(&self, method: &'static str, path: &str, body: Option<Value>) -> Value {
        let sign_in = basic("admin", "practice-admin");
        call(method, format!("{}{path}", self.servicenow), Some(sign_in), body).await
    }
}

/// Somebody of the list of sign-ins who is not Lockstep itself.
fn a_person(known: &Value) -> (String, String) {
    fn pairs(value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(fields) => {
                let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
                let user = text("user").or_else(|| text("email"));
                if let (Some(user), Some(secret)) = (user, text("secret").or_else(|| text("token"))) {
                    found.push((user, secret));
                }
                fields.values().for_each(|value| pairs(value, found));
            }
            Value::Array(all) => all.iter().for_each(|value| pairs(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    pairs(known, &mut found);
    let named = found.iter().find(|(user, _)| user == PERSON);
    let other = found.iter().find(|(user, _)| !user.starts_with("lockstep"));
    named.or(other).cloned().unwrap_or_else(|| panic!("nobody can sign in: {known:#}"))
}

fn basic(user: &str, secret: &str) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{secret}"));
    format!("Basic {encoded}")
}

async fn call(method: &'static str, address: String, sign_in: Option<String>, body: Option<Value>) -> Value {
    let asking = tokio::task::spawn_blocking(move || {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(&address)
            .header("accept", "application/json")
            .header("content-type", "application/json");
        if let Some(sign_in) = sign_in {
            request = request.header("authorization", sign_in);
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut answer = ureq::Agent::new_with_defaults()
            .run(request.body(body).unwrap())
            .unwrap_or_else(|error| panic!("{method} {address}: {error}"));
        let text = answer.body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap_or(Value::Null)
    });
    asking.await.unwrap()
}
