//! A scripted Jira for this folder's tests.

use std::sync::Arc;

use http::StatusCode;
use lockstep_core::connector::Scope;
use lockstep_core::secret::Secret;
use serde_json::{Value, json};

use super::{Jira, JiraSettings};
use crate::http::HttpContext;
use crate::http::fake::{Script, TestClock};
use crate::ports::{Ports, WireAnswer, WireError};

/// A connector over a script of answers.
pub struct Site {
    pub jira: Jira,
    script: Arc<Script>,
}

impl Site {
    /// The `Date` of every answer: Fri, 20 Nov 2026 09:31:07 GMT.
    pub const DATE_MS: i64 = 1_795_167_067_000;

    /// Nothing scripted yet.
    pub fn new() -> Site {
        let script = Arc::new(Script::default());
        let clock = TestClock::default();
        clock.start_ms.store(Self::DATE_MS, std::sync::atomic::Ordering::SeqCst);
        let ports = Ports { clock: Arc::new(clock), transport: Arc::clone(&script) as _ };
        let settings =
            JiraSettings::new("https://acme.example", "lockstep@x.example", Secret::new("tok".into()));
        let jira = Jira::new(settings, ports, HttpContext::default()).unwrap();
        Site { jira, script }
    }

    /// The two answers of a sign-in scripted.
    pub fn signed_in() -> Site {
        Site::new()
            .answers(200, json!({ "accountId": "us", "displayName": "Lockstep", "active": true, "timeZone": "Europe/Berlin" }))
            .answers(200, json!({ "cloudId": "c1" }))
    }

    /// One more answer.
    pub fn answers(self, status: u16, body: Value) -> Site {
        self.push(status, body, None)
    }

    /// One more answer with a login reason.
    pub fn answers_with(self, status: u16, body: Value, reason: &str) -> Site {
        self.push(status, body, Some(reason))
    }

    /// A broken connection.
    pub fn breaks(self) -> Site {
        self.script.answers.lock().unwrap().push_back(Err(WireError::Broken("cut".to_owned())));
        self
    }

    fn push(self, status: u16, body: Value, reason: Option<&str>) -> Site {
        let mut headers = http::HeaderMap::new();
        headers.insert("date", "Fri, 20 Nov 2026 09:31:07 GMT".parse().unwrap());
        if let Some(reason) = reason {
            headers.insert("x-seraph-loginreason", reason.parse().unwrap());
        }
        let body = if body.is_null() {
            String::new()
        } else {
            headers.insert("content-type", "application/json;charset=UTF-8".parse().unwrap());
            body.to_string()
        };
        let answer = WireAnswer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into() };
        self.script.answers.lock().unwrap().push_back(Ok(answer));
        self
    }

    /// Requests on the wire.
    pub fn calls(&self) -> usize {
        self.script.calls()
    }

    /// Method and path with query, in order.
    pub fn targets(&self) -> Vec<String> {
        let seen = self.script.seen.lock().unwrap();
        seen.iter()
            .map(|one| {
                let query = one.url.query().map(|query| format!("?{query}")).unwrap_or_default();
                format!("{} {}{query}", one.method, one.url.path())
            })
            .collect()
    }

    /// A header of a request.
    pub fn header(&self, at: usize, name: &str) -> Option<String> {
        let seen = self.script.seen.lock().unwrap();
        seen[at].headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    /// Bodies in order; `null` for none and for what is no JSON.
    pub fn bodies(&self) -> Vec<Value> {
        let seen = self.script.seen.lock().unwrap();
        seen.iter().map(|one| serde_json::from_slice(&one.body).unwrap_or_default()).collect()
    }
}

/// A row with what every ticket needs.
pub fn issue(id: &str) -> Value {
    json!({
        "id": id, "key": format!("CSD-{id}"),
        "fields": {
            "project": { "id": "10001" }, "issuetype": { "id": "10101" },
            "created": "2026-11-19T08:00:01.001+0100", "updated": "2026-11-20T10:31:07.123+0100",
            "creator": { "accountId": "us" }, "summary": "Printer offline"
        },
        "properties": {}
    })
}

/// The refusal of an issue that is not there.
pub fn no_issue() -> Value {
    json!({ "errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {} })
}

/// The scope of the tests.
pub fn scope() -> Scope {
    Scope { container: "CSD".into(), ticket_type: "10101".into(), request_type: None }
}
