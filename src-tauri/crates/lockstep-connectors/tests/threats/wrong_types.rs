//! T9: every value of every answer in turn becomes something else. No answer may cause a panic or calls without end.
//! In this process, for the number of cases.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lockstep_connectors::http::{BaseAddress, HttpContext};
use lockstep_connectors::jira::{Jira, JiraSettings};
use lockstep_connectors::ports::{Ports, Transport, WireAnswer, WireError, WireRequest, WireStream};
use lockstep_connectors::servicenow::{ServiceNow, ServiceNowSettings, SignIn};
use lockstep_connectors::testing::{Sandbox, VirtualClock};
use lockstep_core::connector::{ChangesQuery, Connector, LookupQuery, Scope, Want};
use lockstep_core::marker::{Fingerprint, PairKey};
use lockstep_core::secret::Secret;
use lockstep_core::{FieldId, TicketId};
use lockstep_sandbox::{Platform as _, Practice, Seed};
use serde_json::Value;

const NOW_MS: i64 = 1_795_176_000_000;
const ORIGIN: &str = "http://127.0.0.1:9";
/// Calls that one step may make of a hostile answer.
const CALLS_MAX: usize = 2_000;
const PLACEHOLDER: &str = "\"WRONG VALUE\"";

/// What stands where something else belongs.
fn wrong() -> [String; 12] {
    [
        "null".to_owned(),
        "1e400".to_owned(),
        "-1".to_owned(),
        "123456789012345678901234567890".to_owned(),
        "\"x\"".to_owned(),
        "\"\"".to_owned(),
        "\"\\ud800\"".to_owned(),
        "\"a\\u0000b\"".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "true".to_owned(),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
    ]
}

/// A wire that changes answers on their way.
struct Tampering {
    inner: Sandbox,
    /// Places met so far, while nothing is changed.
    met: Mutex<BTreeSet<String>>,
    /// The place to change, and what to put there.
    change: Mutex<Option<(String, String)>>,
    calls: AtomicUsize,
}

#[async_trait]
impl Transport for Tampering {
    async fn send(&self, request: WireRequest) -> Result<WireAnswer, WireError> {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        assert!(calls < CALLS_MAX, "calls without end: {} {:?}", request.url, self.change.lock().unwrap());
        let mut answer = self.inner.send(request).await?;
        if let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) {
            match &*self.change.lock().unwrap() {
                None => places(&value, String::new(), &mut self.met.lock().unwrap()),
                Some((place, wrong)) => {
                    put(&mut value, "", place);
                    answer.body = value.to_string().replace(PLACEHOLDER, wrong).into();
                }
            }
        }
        Ok(answer)
    }

    async fn stream(&self, request: WireRequest) -> Result<WireStream, WireError> {
        self.inner.stream(request).await
    }
}

fn inner_places(value: &Value, at: &str) -> Vec<(String, Value)> {
    match value {
        Value::Array(all) => all.iter().map(|inner| (format!("{at}/*"), inner.clone())).collect(),
        Value::Object(all) => {
            all.iter().map(|(name, inner)| (format!("{at}/{}", shape(name)), inner.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// Names with numbers in them count as one.
fn shape(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

fn places(value: &Value, at: String, met: &mut BTreeSet<String>) {
    if at.matches('/').count() > 8 {
        return;
    }
    for (place, inner) in inner_places(value, &at) {
        places(&inner, place, met);
    }
    met.insert(at);
}

fn put(value: &mut Value, at: &str, place: &str) {
    if at == place {
        *value = Value::String("WRONG VALUE".to_owned());
        return;
    }
    if !place.starts_with(at) {
        return;
    }
    match value {
        Value::Array(all) => all.iter_mut().for_each(|inner| put(inner, &format!("{at}/*"), place)),
        Value::Object(all) => {
            all.iter_mut().for_each(|(name, inner)| put(inner, &format!("{at}/{}", shape(name)), place));
        }
        _ => {}
    }
}

/// Signs in anew.
type Connect = Box<dyn Fn(Ports) -> Box<dyn Connector>>;

/// A platform with tickets, and how to sign in to it.
struct Stage {
    tampering: Arc<Tampering>,
    clock: Arc<VirtualClock>,
    connect: Connect,
    scope: Scope,
    fields: Vec<FieldId>,
}

fn stage(jira: bool) -> Stage {
    let clock = Arc::new(VirtualClock::at(NOW_MS));
    let (practice, connect): (Practice, Connect) = if jira {
        let mut site = lockstep_sandbox::jira::Jira::new(7, NOW_MS - 86_400_000, Seed::Small);
        site.set_origin(ORIGIN);
        let user = site.sign_in();
        let connect = move |ports| {
            let settings = JiraSettings::new(ORIGIN, &user.user, Secret::new(user.secret.clone()));
            Box::new(Jira::new(settings, ports, HttpContext::default()).unwrap()) as Box<dyn Connector>
        };
        (Practice::new(Box::new(site), 7), Box::new(connect))
    } else {
        let instance = lockstep_sandbox::servicenow::ServiceNow::new(7, NOW_MS - 86_400_000, Seed::Small);
        let user = instance.sign_in();
        let connect = move |ports| {
            let sign_in =
                SignIn::Basic { user: user.user.clone(), password: Secret::new(user.secret.clone()) };
            let settings = ServiceNowSettings::new(BaseAddress::origin_of(ORIGIN).unwrap(), sign_in);
            Box::new(ServiceNow::new(settings, ports, HttpContext::default()).unwrap()) as Box<dyn Connector>
        };
        (Practice::new(Box::new(instance), 7), Box::new(connect))
    };
    let (container, ticket_type) = if jira { ("CSD", "10101") } else { ("", "incident") };
    let names: &[&str] = match jira {
        true => {
            &["summary", "description", "status", "priority", "assignee", "labels", "components", "duedate"]
        }
        false => {
            &["short_description", "description", "state", "impact", "assigned_to", "caller_id", "category"]
        }
    };
    Stage {
        tampering: Arc::new(Tampering {
            inner: Sandbox::new(practice, clock.clone()),
            met: Mutex::default(),
            change: Mutex::default(),
            calls: AtomicUsize::new(0),
        }),
        clock,
        connect,
        scope: Scope { container: container.into(), ticket_type: ticket_type.into(), request_type: None },
        fields: names.iter().map(|name| FieldId::from(*name)).collect(),
    }
}

const STEPS: [&str; 10] =
    ["identify", "test", "scopes", "discover", "changes", "fetch", "comments", "files", "people", "look-up"];

impl Stage {
    /// One step; only that it comes to an end counts.
    async fn step(&self, connector: &dyn Connector, step: &str, tickets: &[TicketId]) -> usize {
        let scope = &self.scope;
        let pair = PairKey {
            origin: Fingerprint("00000001".into()),
            ticket: "1".into(),
            destination: Fingerprint("00000002".into()),
            generation: 0,
        };
        match step {
            "identify" => connector.identify().await.is_ok().into(),
            "test" => connector.test(std::slice::from_ref(scope), &|_| {}).await.len(),
            "scopes" => connector.scopes().await.map_or(0, |scopes| scopes.len()),
            "discover" => connector.discover(scope).await.is_ok().into(),
            "changes" => {
                let (mut page, mut count) = (None, 0);
                for _ in 0..CALLS_MAX {
                    let query = ChangesQuery {
                        scope,
                        fields: &self.fields,
                        cursor: None,
                        since_ms: 0,
                        page: page.as_ref(),
                        limit: 20,
                    };
                    let Ok(read) = connector.changes(&query).await else { return count };
                    count += read.tickets.len();
                    page = read.next;
                    if page.is_none() {
                        break;
                    }
                }
                count
            }
            "fetch" => {
                let want = Want { comments: true, attachments: true };
                connector.fetch(scope, tickets, &self.fields, want).await.map_or(0, |found| found.len())
            }
            "comments" => connector.comments(scope, &tickets[0]).await.map_or(0, |found| found.len()),
            "files" => {
                let limit = connector.upload_bytes_max().await.is_ok();
                connector.attachments(scope, &tickets[0]).await.is_ok() as usize + usize::from(limit)
            }
            "people" => {
                let emails = ["elin.sandberg@corvane.example".to_owned()];
                connector.find_people(scope, &emails).await.map_or(0, |found| found.len())
            }
            _ => {
                let query = LookupQuery { scope, pair: &pair, since_ms: 0, control: None };
                let found = connector.find_by_marker(&query).await.is_ok();
                connector.created_by_us(scope, 0).await.map_or(0, |found| found.len()) + usize::from(found)
            }
        }
    }

    fn session(&self) -> Box<dyn Connector> {
        self.tampering.calls.store(0, Ordering::SeqCst);
        (self.connect)(Ports { clock: self.clock.clone(), transport: self.tampering.clone() })
    }

    async fn tickets(&self) -> Vec<TicketId> {
        let query = ChangesQuery {
            scope: &self.scope,
            fields: &self.fields,
            cursor: None,
            since_ms: 0,
            page: None,
            limit: 20,
        };
        let page = self.session().changes(&query).await.unwrap();
        page.tickets.into_iter().map(|ticket| ticket.id).take(5).collect()
    }
}

#[tokio::test]
async fn t9_no_value_of_any_type_in_any_place_is_the_end() {
    let wrong = wrong();
    for jira in [false, true] {
        let stage = stage(jira);
        let tickets = stage.tickets().await;
        assert_eq!(tickets.len(), 5);
        let mut cases = 0;
        for step in STEPS {
            stage.tampering.met.lock().unwrap().clear();
            assert!(
                stage.step(stage.session().as_ref(), step, &tickets).await > 0 || step == "comments",
                "{step}"
            );
            let met = std::mem::take(&mut *stage.tampering.met.lock().unwrap());
            for (number, place) in met.iter().enumerate() {
                let odd = wrong[number % wrong.len()].clone();
                *stage.tampering.change.lock().unwrap() = Some((place.clone(), odd));
                stage.step(stage.session().as_ref(), step, &tickets).await;
                cases += 1;
            }
            *stage.tampering.change.lock().unwrap() = None;
        }
        assert!(cases > 500, "{cases} cases");
        println!("{cases} cases");
        assert_eq!(stage.tickets().await, tickets, "honest answers are read as before");
    }
}
