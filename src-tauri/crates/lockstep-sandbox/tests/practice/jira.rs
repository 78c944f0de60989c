//! The traps of the practice Jira, each by name, through the same door as HTTP.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use lockstep_sandbox::jira::Jira;
use lockstep_sandbox::people::PEOPLE;
use lockstep_sandbox::{Fault, FaultKind, Platform as _, Practice, Seed};
use serde_json::{Value, json};

/// Friday, 20 November 2026, 09:31:07.123 UTC.
const NOW: i64 = 1_795_167_067_123;

/// A site, a clock and the one who asks.
struct Site {
    jira: Jira,
    now_ms: i64,
    credential: Option<String>,
}

struct Reply {
    status: u16,
    body: Value,
    response: Response<Bytes>,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

impl Site {
    fn new() -> Self {
        Self::holding(Seed::Small)
    }

    fn holding(seed: Seed) -> Self {
        let jira = Jira::new(7, NOW, seed);
        let sign_in = jira.sign_in();
        let mut site = Self { jira, now_ms: NOW, credential: None };
        site.sign_in(&sign_in.user, &sign_in.secret);
        site
    }

    fn sign_in(&mut self, user: &str, secret: &str) {
        self.credential = Some(format!("Basic {}", STANDARD.encode(format!("{user}:{secret}"))));
    }

    /// From now on a person asks.
    fn as_person(&mut self, email: &str) -> &mut Self {
        let token = self.jira.token_of(email).expect("a known account");
        self.sign_in(email, &token);
        self
    }

    fn as_lockstep(&mut self) -> &mut Self {
        let sign_in = self.jira.sign_in();
        self.sign_in(&sign_in.user, &sign_in.secret);
        self
    }

    fn switch(&mut self, switches: &Value) {
        self.jira.configure(switches).expect("known switches");
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Bytes) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(credential) = &self.credential {
            request = request.header("authorization", credential);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.jira.handle(&request.body(body).expect("a request"), self.now_ms);
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        Reply { status: response.status().as_u16(), body, response }
    }

    fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, &[], Bytes::new())
    }

    fn call(&mut self, method: &str, path: &str, body: &Value) -> Reply {
        self.send(method, path, &[("content-type", "application/json")], body.to_string().into())
    }

    fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.call("POST", path, body)
    }

    fn put(&mut self, path: &str, body: &Value) -> Reply {
        self.call("PUT", path, body)
    }

    /// Creates a ticket and gives its id.
    fn create(&mut self, project: &str, kind: &str, more: Value) -> String {
        let mut fields = json!({
            "project": { "key": project }, "issuetype": { "name": kind }, "summary": "Printer offline",
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            fields[key] = value.clone();
        }
        let made = self.post("/rest/api/3/issue", &json!({ "fields": fields }));
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["id"].as_str().expect("an id").to_owned()
    }

    fn search(&mut self, jql: &str) -> Vec<String> {
        let found = self.post("/rest/api/3/search/jql", &json!({ "jql": jql, "maxResults": 5000 }));
        assert_eq!(found.status, 200, "{}", found.body);
        let issues = found.body["issues"].as_array().cloned().unwrap_or_default();
        issues.iter().filter_map(|issue| issue["id"].as_str().map(str::to_owned)).collect()
    }

    fn field(&mut self, id: &str, field: &str) -> Value {
        self.get(&format!("/rest/api/3/issue/{id}?fields={field}")).body["fields"][field].clone()
    }

    fn upload(&mut self, path: &str, name: &str, content: &str) -> Reply {
        let body = format!(
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: image/png\r\n\r\n{content}\r\n--B--\r\n"
        );
        let headers =
            [("content-type", "multipart/form-data; boundary=B"), ("x-atlassian-token", "no-check")];
        self.send("POST", path, &headers, body.into())
    }
}

fn doc(text: &str) -> Value {
    json!({ "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": text }] }] })
}

#[test]
fn a_wrong_token_reads_nothing_silently_and_only_the_header_tells() {
    let mut site = Site::new();
    assert_eq!(site.get("/rest/api/3/myself").body["timeZone"], "Europe/Berlin");
    site.switch(&json!({ "token_expired": true }));
    assert_eq!(site.get("/rest/api/3/myself").status, 401);
    for path in
        ["/rest/api/3/project/search", "/rest/api/3/search/jql?jql=project%20%3D%20CSD&fields=summary"]
    {
        let reply = site.get(path);
        assert_eq!(reply.status, 200, "{path}");
        let rows = reply.body.get("values").or(reply.body.get("issues"));
        assert_eq!(rows, Some(&json!([])), "{path}");
        assert_eq!(reply.header("x-seraph-loginreason"), "AUTHENTICATED_FAILED");
    }
    assert_eq!(site.get("/rest/api/3/serverInfo").body["deploymentType"], "Cloud");
    let refused = site.post("/rest/api/3/issue", &json!({ "fields": {} }));
    assert_eq!(refused.status, 401);
}

#[test]
fn everybodys_sign_in_is_told_and_works() {
    let mut site = Site::new();
    let known = site.jira.credentials();
    let people = known["people"].as_array().cloned().unwrap_or_default();
    let mut refused = Vec::new();
    for person in &people {
        let text = |key: &str| person[key].as_str().expect("a text").to_owned();
        site.sign_in(&text("user"), &text("secret"));
        let reply = site.get("/rest/api/3/myself");
        if reply.status != 200 {
            refused.push(text("user"));
        }
    }
    assert_eq!(refused, ["katja.nowak@corvane.example"], "who has left");
    assert!(people.len() > PEOPLE.len(), "the people of the firm and the customer");
    assert_eq!(known["lockstep"]["user"], site.jira.sign_in().user);
}

#[test]
fn the_old_search_is_gone() {
    let mut site = Site::new();
    for path in ["/rest/api/3/search?jql=project=CSD", "/rest/api/2/search", "/rest/api/latest/search"] {
        let reply = site.get(path);
        assert_eq!(reply.status, 410);
        assert!(
            reply.body["errorMessages"][0]
                .as_str()
                .is_some_and(|text| text.contains("/rest/api/3/search/jql"))
        );
    }
}

#[test]
fn search_lags_behind_writes_and_reconciles_what_it_is_told_to() {
    let mut site = Site::new();
    let id = site.create("CSD", "Incident", json!({ "labels": ["mine"] }));
    assert_eq!(site.field(&id, "summary"), "Printer offline");
    assert!(site.search("labels = mine").is_empty());
    let number: u64 = id.parse().expect("a number");
    let body = json!({ "jql": "labels = mine", "fields": ["summary"], "reconcileIssues": [number] });
    assert_eq!(site.post("/rest/api/3/search/jql", &body).body["issues"][0]["id"], *id);
    site.now_ms += 2_000;
    assert_eq!(site.search("labels = mine"), std::slice::from_ref(&id));
    site.put(&format!("/rest/api/3/issue/{id}"), &json!({ "fields": { "summary": "New" } }));
    let body = json!({ "jql": "labels = mine", "fields": ["summary"] });
    assert_eq!(
        site.post("/rest/api/3/search/jql", &body).body["issues"][0]["fields"]["summary"],
        "Printer offline"
    );
    site.now_ms += 2_000;
    assert_eq!(site.post("/rest/api/3/search/jql", &body).body["issues"][0]["fields"]["summary"], "New");
}

#[test]
fn an_unsteady_index_forgets_what_it_showed() {
    let mut site = Site::new();
    site.switch(&json!({ "index_unsteady": true }));
    site.create("CSD", "Incident", json!({ "labels": ["mine"] }));
    site.now_ms += 2_000;
    let seen: Vec<bool> = (0..40).map(|_| !site.search("labels = mine").is_empty()).collect();
    assert!(seen.contains(&true) && seen.contains(&false));
    site.now_ms += 60_000;
    assert!((0..40).all(|_| !site.search("labels = mine").is_empty()));
}

#[test]
fn quoted_dates_are_minutes_in_the_users_zone_and_bare_numbers_milliseconds() {
    let mut site = Site::new();
    site.switch(&json!({ "index_lag_ms": 0 }));
    let id = site.create("CSD", "Incident", json!({}));
    let has = |site: &mut Site, jql: String| site.search(&jql).contains(&id);
    assert!(has(&mut site, format!("updated >= {NOW}")));
    assert!(!has(&mut site, format!("updated >= {}", NOW + 1)));
    assert!(has(&mut site, "updated >= \"2026/11/20 10:31\"".into()));
    assert!(!has(&mut site, "updated >= \"2026/11/20 10:32\"".into()));
    assert!(has(&mut site, "updated >= \"2026-11-20 09:31\"".into()));
    site.switch(&json!({ "user_zone": { "user": "lockstep@corvane.example", "zone": "America/New_York" } }));
    assert!(!has(&mut site, "updated >= \"2026-11-20 09:31\"".into()));
    let seconds =
        site.post("/rest/api/3/search/jql", &json!({ "jql": "updated >= \"2026-11-20 09:31:07\"" }));
    assert_eq!(seconds.status, 400);
}

#[test]
fn search_gives_ids_alone_unless_fields_are_named_and_refuses_unbounded_queries() {
    let mut site = Site::new();
    let found = site.post("/rest/api/3/search/jql", &json!({ "jql": "project = CSD", "maxResults": 2 }));
    assert_eq!(found.body["issues"][0].as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(found.body["isLast"], false);
    assert!(found.body.get("total").is_none());
    let unbounded = site.post("/rest/api/3/search/jql", &json!({ "jql": "ORDER BY key" }));
    assert_eq!(unbounded.status, 400);
    let garbage = site.post("/rest/api/3/search/jql", &json!({ "jql": "utter nonsense" }));
    assert_eq!((garbage.status, &garbage.body["issues"]), (200, &json!([])));
    let token = found.body["nextPageToken"].clone();
    let other =
        site.post("/rest/api/3/search/jql", &json!({ "jql": "project = OPS", "nextPageToken": token }));
    assert_eq!(other.status, 400);
    site.now_ms += 8 * 86_400_000;
    let old = site.post("/rest/api/3/search/jql", &json!({ "jql": "project = CSD", "nextPageToken": token }));
    assert_eq!(old.status, 400);
}

#[test]
fn embedded_comments_stop_at_twenty() {
    let mut site = Site::new();
    site.switch(&json!({ "index_lag_ms": 0, "per_issue_limit": false }));
    let id = site.create("CSD", "Incident", json!({}));
    for n in 0..25 {
        site.post(&format!("/rest/api/3/issue/{id}/comment"), &json!({ "body": doc(&format!("c{n}")) }));
    }
    let found =
        site.post("/rest/api/3/search/jql", &json!({ "jql": format!("id = {id}"), "fields": ["comment"] }));
    let comment = &found.body["issues"][0]["fields"]["comment"];
    assert_eq!(comment["comments"].as_array().map(Vec::len), Some(20));
    assert_eq!(comment["total"], 25);
}

#[test]
fn a_status_moves_only_along_its_workflow_and_resolving_wants_a_resolution() {
    let mut site = Site::new();
    let id = site.create("CSD", "Incident", json!({}));
    let path = format!("/rest/api/3/issue/{id}/transitions");
    let open = |site: &mut Site| {
        let shown = site.get(&format!("{path}?expand=transitions.fields")).body["transitions"].clone();
        shown.as_array().cloned().unwrap_or_default()
    };
    let names: Vec<Value> = open(&mut site).iter().map(|step| step["to"]["name"].clone()).collect();
    assert_eq!(names, ["In Progress", "Canceled"]);
    let direct = site.post(&path, &json!({ "transition": { "id": "41" } }));
    assert_eq!(direct.body["errorMessages"][0], "Transition id '41' is not valid for this issue.");
    assert_eq!(site.post(&path, &json!({ "transition": { "id": "11" } })).status, 204);
    let steps = open(&mut site);
    let resolve = steps.iter().find(|step| step["to"]["name"] == "Resolved").expect("open now");
    assert_eq!(resolve["fields"]["resolution"]["required"], true);
    let bare = site.post(&path, &json!({ "transition": { "id": "41" } }));
    assert_eq!((bare.status, bare.body["errors"]["resolution"].is_string()), (400, true));
    let off_screen =
        json!({ "transition": { "id": "41" }, "fields": { "resolution": { "name": "Done" }, "labels": [] } });
    assert!(site.post(&path, &off_screen).body["errors"]["labels"].is_string());
    let done = site
        .post(&path, &json!({ "transition": { "id": "41" }, "fields": { "resolution": { "id": "10000" } } }));
    assert_eq!(done.status, 204);
    assert_eq!(site.field(&id, "status")["id"], "5");
    site.switch(&json!({ "validator_rule": true }));
    let closing = site.post(&path, &json!({ "transition": { "id": "51" } }));
    assert_eq!(closing.status, 400);
    assert_eq!(site.post(&path, &json!({ "transition": { "id": "61" } })).status, 204);
    assert_eq!(site.field(&id, "resolution"), Value::Null);
    let ignored =
        site.put(&format!("/rest/api/3/issue/{id}"), &json!({ "transition": { "id": "41" }, "fields": {} }));
    assert_eq!((ignored.status, site.field(&id, "status")["id"].clone()), (204, json!("3")));
}

#[test]
fn comments_of_a_service_project_are_public_unless_the_property_says_otherwise() {
    let mut site = Site::new();
    let id = site.create("CSD", "Incident", json!({}));
    let path = format!("/rest/api/3/issue/{id}/comment");
    assert_eq!(site.post(&path, &json!({ "body": doc("hello") })).body["jsdPublic"], true);
    let role = json!({ "body": doc("x"), "visibility": { "type": "role", "value": "Service Desk Team" } });
    assert_eq!(site.post(&path, &role).body["jsdPublic"], true);
    let marked = json!({ "body": doc("x"), "properties": [
        { "key": "sd.public.comment", "value": { "internal": true } }, { "key": "lockstep.link", "value": { "op": "1" } }] });
    let internal = site.post(&format!("{path}?expand=properties"), &marked);
    assert_eq!(internal.body["jsdPublic"], false);
    assert_eq!(internal.body["properties"][1]["value"]["op"], "1");
    let ops = site.create("OPS", "Bug", json!({}));
    let elsewhere = site.post(&format!("/rest/api/3/issue/{ops}/comment"), &marked);
    assert_eq!(elsewhere.body["jsdPublic"], true);
    let cid = internal.body["id"].as_str().expect("an id").to_owned();
    site.switch(&json!({ "comment_put_resets_internal": true }));
    assert_eq!(site.put(&format!("{path}/{cid}"), &json!({ "body": doc("y") })).body["jsdPublic"], true);
}

#[test]
fn a_comments_property_may_come_later_than_its_text() {
    let mut site = Site::new();
    site.switch(&json!({ "comment_property_delay_ms": 3000 }));
    let id = site.create("CSD", "Incident", json!({}));
    let path = format!("/rest/api/3/issue/{id}/comment?expand=properties");
    let body = json!({ "body": doc("x"), "properties": [{ "key": "lockstep.link", "value": 1 }] });
    assert_eq!(site.post(&path, &body).body["properties"], json!([]));
    site.now_ms += 3_000;
    assert_eq!(site.get(&path).body["comments"][0]["properties"][0]["key"], "lockstep.link");
}

#[test]
fn a_body_rewritten_without_its_media_loses_the_file() {
    let mut site = Site::new();
    let id = site.create("OPS", "Bug", json!({}));
    let made = site.upload(&format!("/rest/api/3/issue/{id}/attachments"), "shot.png", "PNG");
    assert_eq!((made.status, made.body[0]["size"].as_u64()), (200, Some(3)));
    let with_media = json!({ "fields": { "description": "See\n!shot.png!" } });
    assert_eq!(site.put(&format!("/rest/api/2/issue/{id}"), &with_media).status, 204);
    let shown = site.field(&id, "description");
    assert_eq!(shown["content"][1]["type"], "mediaSingle");
    let kept = json!({ "fields": { "description": shown } });
    site.put(&format!("/rest/api/3/issue/{id}"), &kept);
    assert_eq!(site.field(&id, "attachment").as_array().map(Vec::len), Some(1));
    site.put(&format!("/rest/api/3/issue/{id}"), &json!({ "fields": { "description": doc("See") } }));
    assert_eq!(site.field(&id, "attachment"), json!([]));
}

#[test]
fn limits_and_their_messages() {
    let mut site = Site::new();
    let long = "x".repeat(256);
    let cases = [
        (json!({ "summary": long }), "summary", "Summary can't exceed 255 characters."),
        (
            json!({ "summary": "a\nb" }),
            "summary",
            "The summary is invalid because it contains newline characters.",
        ),
        (json!({ "labels": ["a b"] }), "labels", "The label 'a b' contains spaces which is invalid."),
        (json!({ "issuetype": { "name": "Epic" } }), "issuetype", "Specify a valid issue type"),
        (
            json!({ "description": "plain" }),
            "description",
            "Operation value must be an Atlassian Document (see the Atlassian Document Format)",
        ),
        (
            json!({ "description": doc(&"x".repeat(32_768)) }),
            "description",
            "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
        ),
        (
            json!({ "customfield_10044": doc("x") }),
            "customfield_10044",
            "Field 'customfield_10044' cannot be set. It is not on the appropriate screen, or unknown.",
        ),
    ];
    for (more, field, text) in cases {
        let mut fields =
            json!({ "project": { "key": "CSD" }, "issuetype": { "name": "Incident" }, "summary": "s" });
        for (key, value) in more.as_object().into_iter().flatten() {
            fields[key] = value.clone();
        }
        let refused = site.post("/rest/api/3/issue", &json!({ "fields": fields }));
        assert_eq!((refused.status, &refused.body["errors"][field]), (400, &json!(text)));
    }
    let lab = json!({ "fields": { "project": { "key": "LAB" }, "issuetype": { "name": "Task" }, "summary": "s",
        "priority": { "id": "3" } } });
    let refused = site.post("/rest/api/3/issue", &lab);
    assert_eq!(
        refused.body["errors"]["priority"],
        "Field 'priority' cannot be set. It is not on the appropriate screen, or unknown."
    );
}

#[test]
fn the_21st_write_to_one_ticket_waits() {
    let mut site = Site::new();
    let id = site.create("OPS", "Bug", json!({}));
    let path = format!("/rest/api/3/issue/{id}");
    let statuses: Vec<u16> = (0..21)
        .map(|n| site.put(&path, &json!({ "fields": { "summary": format!("s{n}") } })).status)
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 20);
    let refused = site.put(&path, &json!({ "fields": { "summary": "again" } }));
    assert_eq!((refused.status, refused.header("ratelimit-reason")), (429, "jira-per-issue-on-write"));
    assert_eq!(refused.header("retry-after"), "2");
    assert_eq!(site.field(&id, "summary"), "s19");
    site.switch(&json!({ "per_issue_limit": false }));
    assert_eq!(site.put(&path, &json!({ "fields": { "summary": "again" } })).status, 204);
}

#[test]
fn a_moved_ticket_answers_to_its_old_key_with_the_new_one() {
    let mut site = Site::new();
    let id = site.get("/rest/api/3/issue/CSD-3").body["id"].clone();
    site.switch(&json!({ "move": { "issue": "CSD-3", "to": "OPS" } }));
    let moved = site.get("/rest/api/3/issue/CSD-3");
    assert_eq!((moved.status, &moved.body["id"]), (200, &id));
    assert!(moved.body["key"].as_str().is_some_and(|key| key.starts_with("OPS-")));
    let fetched = site
        .post("/rest/api/3/issue/bulkfetch", &json!({ "issueIdsOrKeys": ["CSD-3"], "fields": ["project"] }));
    assert_eq!(fetched.body["issues"][0]["fields"]["project"]["key"], "OPS");
}

#[test]
fn a_clone_carries_the_marker_of_its_source() {
    let mut site = Site::new();
    site.put("/rest/api/3/issue/CSD-2/properties/lockstep.link", &json!({ "pair": "p" }));
    site.switch(&json!({ "clone": "CSD-2", "index_lag_ms": 0 }));
    site.now_ms += 5_000;
    let body = json!({ "jql": "summary ~ clone", "fields": ["summary"], "properties": ["lockstep.link"] });
    let found = site.post("/rest/api/3/search/jql", &body);
    assert_eq!(found.body["issues"][0]["properties"]["lockstep.link"]["pair"], "p");
}

#[test]
fn deletion_leaves_no_trace_and_bulk_fetch_leaves_the_missing_out() {
    let mut site = Site::new();
    let id = site.create("OPS", "Bug", json!({}));
    assert_eq!(site.send("DELETE", &format!("/rest/api/3/issue/{id}"), &[], Bytes::new()).status, 403);
    site.as_person(PEOPLE[2].2);
    assert_eq!(site.send("DELETE", &format!("/rest/api/3/issue/{id}"), &[], Bytes::new()).status, 204);
    site.as_lockstep();
    assert_eq!(site.get(&format!("/rest/api/3/issue/{id}")).status, 404);
    let body = json!({ "issueIdsOrKeys": [id, "CSD-1", "NOPE-1"], "fields": ["summary"] });
    let fetched = site.post("/rest/api/3/issue/bulkfetch", &body);
    assert_eq!(fetched.body["issues"].as_array().map(Vec::len), Some(1));
    assert_eq!(fetched.body["issueErrors"], json!([]));
}

#[test]
fn bulk_create_judges_each_element_alone() {
    let mut site = Site::new();
    let good = json!({ "fields": { "project": { "id": "10002" }, "issuetype": { "id": "10104" }, "summary": "s" },
        "properties": [{ "key": "lockstep.link", "value": { "v": 1 } }] });
    let bad = json!({ "fields": { "project": { "id": "10002" }, "issuetype": { "id": "10104" } } });
    let made = site.post("/rest/api/3/issue/bulk", &json!({ "issueUpdates": [good, bad, good] }));
    assert_eq!(made.status, 201);
    assert_eq!(made.body["issues"].as_array().map(Vec::len), Some(2));
    assert_eq!(made.body["errors"][0]["failedElementNumber"], 1);
    let said = &made.body["errors"][0]["elementErrors"]["errors"]["summary"];
    assert_eq!(said, "You must specify a summary of the issue.");
    assert_eq!(site.post("/rest/api/3/issue/bulk", &json!({ "issueUpdates": [bad] })).status, 400);
    let many: Vec<&Value> = std::iter::repeat_n(&good, 51).collect();
    assert_eq!(site.post("/rest/api/3/issue/bulk", &json!({ "issueUpdates": many })).status, 400);
    let id = made.body["issues"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(site.get(&format!("/rest/api/3/issue/{id}/properties/lockstep.link")).body["value"]["v"], 1);
}

#[test]
fn one_create_call_carries_status_marker_and_history() {
    let mut site = Site::new();
    let body = json!({
        "fields": { "project": { "key": "OPS" }, "issuetype": { "name": "Incident" }, "summary": "s",
            "customfield_10041": { "value": "Phone" }, "components": [{ "name": "Backend" }] },
        "transition": { "id": "11" }, "properties": [{ "key": "lockstep.link", "value": 1 }],
        "historyMetadata": { "type": "lockstep:sync", "generator": { "id": "lockstep" } },
    });
    let made = site.post("/rest/api/3/issue", &body);
    assert_eq!(made.body["transition"]["status"], 200);
    let id = made.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(site.field(&id, "status")["name"], "In Progress");
    let log = site.get(&format!("/rest/api/3/issue/{id}/changelog"));
    assert_eq!(log.body["values"][0]["historyMetadata"]["generator"]["id"], "lockstep");
    let stuck = json!({ "fields": { "project": { "key": "OPS" }, "issuetype": { "name": "Incident" }, "summary": "s" },
        "transition": { "id": "51" } });
    let made = site.post("/rest/api/3/issue", &stuck);
    assert_eq!((made.status, &made.body["transition"]["status"]), (201, &json!(400)));
}

#[test]
fn an_edit_returns_the_ticket_when_asked_and_adds_to_sets() {
    let mut site = Site::new();
    let id = site.create("OPS", "Bug", json!({ "labels": ["a", "b"] }));
    site.now_ms += 1_000;
    let body = json!({ "fields": { "customfield_10044": doc("notes") },
        "update": { "labels": [{ "add": "c" }, { "remove": "a" }] } });
    let edited = site.put(&format!("/rest/api/3/issue/{id}?returnIssue=true"), &body);
    assert_eq!(edited.body["fields"]["labels"], json!(["b", "c"]));
    assert_eq!(edited.body["fields"]["updated"], "2026-11-20T09:31:08.123+0000");
    let twice = json!({ "fields": { "labels": [] }, "update": { "labels": [{ "add": "c" }] } });
    assert_eq!(site.put(&format!("/rest/api/3/issue/{id}"), &twice).status, 400);
    let quiet = site.put(&format!("/rest/api/3/issue/{id}?notifyUsers=false"), &json!({ "fields": {} }));
    assert_eq!(quiet.status, 400);
}

#[test]
fn version_two_speaks_strings_where_version_three_speaks_documents() {
    let mut site = Site::new();
    let fields = json!({ "project": { "key": "OPS" }, "issuetype": { "name": "Bug" }, "summary": "s",
        "description": "h2. Steps\n\n* *one*" });
    let made = site.post("/rest/api/2/issue", &json!({ "fields": fields }));
    let id = made.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(site.field(&id, "description")["content"][0]["type"], "heading");
    let back = site.get(&format!("/rest/api/2/issue/{id}"));
    assert_eq!(back.body["fields"]["description"], "h2. Steps\n\n* *one*");
    let comment = site.post(&format!("/rest/api/2/issue/{id}/comment"), &json!({ "body": "hello" }));
    assert_eq!(comment.body["body"], "hello");
    let cid = comment.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(site.get(&format!("/rest/api/3/issue/{id}/comment/{cid}")).body["body"]["type"], "doc");
}

#[test]
fn remote_links_are_upserts_that_forget() {
    let mut site = Site::new();
    let link = json!({ "globalId": "g-1", "relationship": "synced with", "object": { "url": "https://x.example", "title": "X" } });
    assert_eq!(site.post("/rest/api/3/issue/OPS-1/remotelink", &link).status, 201);
    let again = json!({ "globalId": "g-1", "object": { "url": "https://x.example", "title": "Y" } });
    assert_eq!(site.post("/rest/api/3/issue/OPS-1/remotelink", &again).status, 200);
    let shown = site.get("/rest/api/3/issue/OPS-1/remotelink?globalId=g-1");
    assert_eq!((&shown.body["object"]["title"], shown.body.get("relationship")), (&json!("Y"), None));
    let found = site.search("issue in issuesWithRemoteLinksByGlobalId(\"g-1\")");
    assert_eq!(found.len(), 1);
    let bare = site.send("DELETE", "/rest/api/3/issue/OPS-1/remotelink?globalId=g-1", &[], Bytes::new());
    assert_eq!(bare.status, 415);
    let declared = [("content-type", "application/json")];
    let gone =
        site.send("DELETE", "/rest/api/3/issue/OPS-1/remotelink?globalId=g-1", &declared, Bytes::new());
    assert_eq!(gone.status, 204);
}

#[test]
fn files_are_read_by_redirect_or_straight_and_in_ranges() {
    let mut site = Site::new();
    let no_header = [("content-type", "multipart/form-data; boundary=B")];
    assert_eq!(
        site.send("POST", "/rest/api/3/issue/OPS-1/attachments", &no_header, Bytes::from("--B--")).status,
        403
    );
    let made = site.upload("/rest/api/3/issue/OPS-1/attachments", "a.png", "0123456789");
    let id = made.body[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/rest/api/3/attachment/content/{id}");
    let redirect = site.get(&path);
    assert_eq!(redirect.status, 303);
    let target = redirect.header("location").replace("http://jira.practice.invalid", "");
    let lockstep = site.credential.take();
    assert_eq!(site.get(&target).response.body(), "0123456789");
    site.credential = lockstep;
    assert_eq!(site.get(&format!("{path}?redirect=false")).response.body(), "0123456789");
    let part = site.send("GET", &format!("{path}?redirect=false"), &[("range", "bytes=2-4")], Bytes::new());
    assert_eq!((part.status, part.header("content-range")), (206, "bytes 2-4/10"));
    assert_eq!(part.response.body(), "234");
    assert!(site.get(&format!("/rest/api/3/attachment/{id}")).body["id"].is_u64());
}

#[test]
fn a_request_is_made_at_the_desk_and_comments_there_are_strings() {
    let mut site = Site::new();
    let body = json!({ "serviceDeskId": "1", "requestTypeId": "25",
        "requestFieldValues": { "summary": "VPN fails", "description": "Since *today*", "labels": ["lost"] } });
    let made = site.post("/rest/servicedeskapi/request", &body);
    assert_eq!(made.status, 201, "{}", made.body);
    let key = made.body["issueKey"].as_str().expect("a key").to_owned();
    assert_eq!(made.body["currentStatus"]["status"], "Waiting for support");
    assert_eq!(site.field(&key, "labels"), json!([]));
    assert_eq!(site.field(&key, "customfield_10050")["requestType"]["id"], "25");
    let path = format!("/rest/servicedeskapi/request/{key}/comment");
    let hidden = site.post(&path, &json!({ "body": "for us", "public": false }));
    assert_eq!(hidden.body["public"], false);
    assert_eq!(site.post(&path, &json!({ "body": "for you" })).body["public"], true);
    assert_eq!(site.get(&path).body["size"], 2);
    let plain = site.create("CSD", "Incident", json!({}));
    let refused = site.get(&format!("/rest/servicedeskapi/request/{plain}"));
    assert_eq!((refused.status, refused.body["errorMessage"].is_string()), (404, true));
    let sla = site.get(&format!("/rest/servicedeskapi/request/{key}/sla"));
    assert_eq!(sla.body["values"][0]["ongoingCycle"]["breached"], false);
    site.switch(&json!({ "agent": false }));
    let refused = site.get("/rest/servicedeskapi/servicedesk?limit=1");
    assert_eq!((refused.status, refused.response.body().len()), (403, 0));
    assert_eq!(site.get("/rest/servicedeskapi/info").status, 200);
}

#[test]
fn customers_see_their_own_requests_without_internal_notes_and_nothing_of_the_platform() {
    let mut site = Site::new();
    let customer = site.get("/rest/api/3/user/search?query=pia").body[0]["accountId"].clone();
    let body = json!({ "serviceDeskId": 1, "requestTypeId": 26, "raiseOnBehalfOf": customer,
        "requestFieldValues": { "summary": "A chair", "description": "please" } });
    let key =
        site.post("/rest/servicedeskapi/request", &body).body["issueKey"].as_str().expect("a key").to_owned();
    let path = format!("/rest/servicedeskapi/request/{key}/comment");
    site.post(&path, &json!({ "body": "internal", "public": false }));
    site.as_person("pia.lindqvist@harborline.example");
    assert_eq!(site.get(&path).body["values"], json!([]));
    assert_eq!(site.post(&path, &json!({ "body": "mine", "public": false })).body["public"], true);
    assert_eq!(site.get(&format!("/rest/api/3/issue/{key}")).status, 404);
}

#[test]
fn files_for_customers_go_through_the_desk() {
    let mut site = Site::new();
    let temporary = site.upload("/rest/servicedeskapi/servicedesk/1/attachTemporaryFile", "log.png", "L");
    assert_eq!(temporary.status, 201);
    let id = temporary.body["temporaryAttachments"][0]["temporaryAttachmentId"].clone();
    let body = json!({ "temporaryAttachmentIds": [id], "public": false, "additionalComment": { "body": "Log attached." } });
    let made = site.post("/rest/servicedeskapi/request/CSD-1/attachment", &body);
    assert_eq!((made.status, &made.body["comment"]["public"]), (201, &json!(false)));
    assert_eq!(made.body["attachments"]["values"][0]["filename"], "log.png");
    assert_eq!(site.field("CSD-1", "attachment").as_array().map(Vec::len), Some(1));
}

#[test]
fn people_are_found_by_prefix_and_the_hidden_one_by_the_whole_address() {
    let mut site = Site::new();
    let hidden = PEOPLE[9];
    let by = |site: &mut Site, query: &str| {
        let path = format!("/rest/api/3/user/search?query={query}");
        site.get(&path).body.as_array().cloned().unwrap_or_default()
    };
    assert!(by(&mut site, &hidden.2[..6]).is_empty());
    let found = by(&mut site, hidden.2);
    assert_eq!((found.len(), found[0].get("emailAddress")), (1, None));
    assert_eq!(by(&mut site, "Bruno")[0]["emailAddress"], PEOPLE[1].2);
    assert_eq!(site.get("/rest/api/3/user/assignable/search?query=a").status, 400);
    site.switch(&json!({ "deny_permissions": ["USER_PICKER"] }));
    assert!(by(&mut site, "Bruno").is_empty());
}

#[test]
fn permissions_are_named_and_unknown_ones_refused() {
    let mut site = Site::new();
    site.switch(&json!({ "deny_permissions": ["EDIT_ISSUES"], "hide_projects": ["LAB"] }));
    let shown = site.get("/rest/api/3/mypermissions?projectKey=CSD&permissions=EDIT_ISSUES,ADD_COMMENTS");
    assert_eq!(shown.body["permissions"]["EDIT_ISSUES"]["havePermission"], false);
    assert_eq!(shown.body["permissions"]["ADD_COMMENTS"]["havePermission"], true);
    assert_eq!(site.get("/rest/api/3/mypermissions").status, 400);
    assert_eq!(site.get("/rest/api/3/mypermissions?permissions=FLY").status, 400);
    assert_eq!(site.put("/rest/api/3/issue/CSD-1", &json!({ "fields": { "summary": "x" } })).status, 400);
    assert_eq!(site.get("/rest/api/3/issue/LAB-1").status, 404);
    assert_eq!(site.get("/rest/api/3/project/search").body["total"], 2);
}

#[test]
fn browsers_need_the_header_that_lifts_the_check() {
    let mut site = Site::new();
    let browser = [("user-agent", "Mozilla/5.0"), ("content-type", "application/json")];
    let refused = site.send("PUT", "/rest/api/3/issue/CSD-1", &browser, Bytes::from("{}"));
    assert_eq!(refused.body["errorMessages"][0], "XSRF check failed");
    let plain = site.send("PUT", "/rest/api/3/issue/CSD-1", &[], Bytes::from("{}"));
    assert_eq!(plain.status, 415);
}

#[test]
fn sla_clocks_move_updated_without_a_change() {
    let mut site = Site::new();
    site.switch(&json!({ "sla_tick_ms": 300_000 }));
    let before = site.field("CSD-1", "updated");
    site.now_ms += 300_000;
    assert_ne!(site.field("CSD-1", "updated"), before);
    assert_eq!(site.get("/rest/api/3/issue/CSD-1/changelog").body["total"], 0);
}

#[test]
fn a_restored_site_goes_on_where_it_was() {
    let mut site = Site::new();
    site.create("CSD", "Incident", json!({ "labels": ["mine"] }));
    let saved = site.jira.save();
    site.jira = Jira::new(1, 0, Seed::Empty);
    site.jira.load(&saved).expect("just saved");
    assert!(site.search("labels = mine").is_empty());
    site.now_ms += 2_000;
    assert_eq!(site.search("labels = mine").len(), 1);
}

#[test]
fn the_changelog_says_who_and_comes_in_pages() {
    let mut site = Site::new();
    let id = site.create("OPS", "Incident", json!({}));
    site.put(&format!("/rest/api/3/issue/{id}"), &json!({ "fields": { "summary": "one" } }));
    site.as_person(PEOPLE[3].2);
    site.put(&format!("/rest/api/3/issue/{id}"), &json!({ "fields": { "summary": "two", "labels": ["a"] } }));
    site.as_lockstep();
    let mut body = json!({ "issueIdsOrKeys": [id], "fieldIds": ["summary"], "maxResults": 1 });
    let first = site.post("/rest/api/3/changelog/bulkfetch", &body);
    let entry = &first.body["issueChangeLogs"][0]["changeHistories"][0];
    assert_eq!(
        (&entry["author"]["displayName"], &entry["items"][0]["toString"]),
        (&json!("Lockstep"), &json!("one"))
    );
    body["nextPageToken"] = first.body["nextPageToken"].clone();
    let second = site.post("/rest/api/3/changelog/bulkfetch", &body);
    assert_eq!(second.body["issueChangeLogs"][0]["changeHistories"][0]["author"]["displayName"], PEOPLE[3].1);
    assert!(second.body.get("nextPageToken").is_none());
}

#[test]
fn a_field_can_become_required() {
    let mut site = Site::new();
    site.switch(&json!({ "require_field": { "project": "OPS", "field": "customfield_10041" } }));
    let fields = json!({ "project": { "key": "OPS" }, "issuetype": { "name": "Bug" }, "summary": "s" });
    let refused = site.post("/rest/api/3/issue", &json!({ "fields": fields }));
    assert_eq!(refused.body["errors"]["customfield_10041"], "Contact type is required.");
    let meta = site.get("/rest/api/3/issue/createmeta/OPS/issuetypes/10104");
    let rows = meta.body["fields"].as_array().cloned().unwrap_or_default();
    assert!(rows.iter().any(|row| row["fieldId"] == "customfield_10041" && row["required"] == true));
    assert_eq!(site.get("/rest/api/3/issue/createmeta/OPS/issuetypes?maxResults=201").status, 400);
}

#[test]
fn a_field_outside_its_project_is_absent_and_an_empty_one_null() {
    let mut site = Site::new();
    let lab = site.get("/rest/api/3/issue/LAB-1").body["fields"].clone();
    assert!(lab.get("priority").is_none() && lab.get("duedate") == Some(&Value::Null));
    let ops = site.get("/rest/api/3/issue/OPS-1?fields=priority,customfield_10050").body["fields"].clone();
    assert!(ops["priority"].is_object() && ops.get("customfield_10050").is_none());
}

#[test]
fn a_scan_goes_on_after_a_key_that_was_moved_away() {
    let mut site = Site::new();
    site.switch(&json!({ "index_lag_ms": 0, "move": { "issue": "CSD-3", "to": "OPS" } }));
    let rest = site.search("project = CSD AND key > CSD-3 ORDER BY key");
    let all = site.search("project = CSD ORDER BY key");
    assert_eq!(rest.len() + 2, all.len());
    assert_eq!(site.search("key in (CSD-3, CSD-4)").len(), 2);
}

/// The faults that the site acts out itself reach it through [`Practice`] alone.
struct Faulty {
    practice: Practice,
    credential: String,
}

impl Faulty {
    fn new() -> Self {
        let jira = Jira::new(7, NOW, Seed::Small);
        let sign_in = jira.sign_in();
        let credential = format!("Basic {}", STANDARD.encode(format!("{}:{}", sign_in.user, sign_in.secret)));
        Self { practice: Practice::new(Box::new(jira), 7), credential }
    }

    fn get(&mut self, path: &str) -> (Response<Bytes>, Value) {
        let request = Request::get(path).header("authorization", &self.credential).body(Bytes::new());
        let response = self.practice.answer(request.expect("a request"), NOW).response.expect("an answer");
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        (response, body)
    }

    /// The same, with a fault that strikes this request.
    fn struck(&mut self, kind: FaultKind, path: &str) -> (Response<Bytes>, Value) {
        self.practice.faults.clear();
        self.practice.faults.add(Fault::new(kind).times(1));
        self.get(path)
    }
}

fn ids(body: &Value, list: &str) -> Vec<String> {
    let rows = body[list].as_array().expect("a list");
    rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn an_expired_token_strikes_once_and_makes_the_caller_anonymous() {
    let mut site = Faulty::new();
    let path = "/rest/api/3/search/jql?jql=project%20%3D%20CSD&fields=summary";
    let (refused, body) = site.struck(FaultKind::ExpiredToken, path);
    assert_eq!((refused.status().as_u16(), &body["issues"]), (200, &json!([])));
    assert_eq!(refused.headers()["x-seraph-loginreason"], "AUTHENTICATED_FAILED");
    assert!(!ids(&site.get(path).1, "issues").is_empty(), "only once");
    assert_eq!(site.struck(FaultKind::ExpiredToken, "/rest/api/3/myself").0.status(), 401);
    assert_eq!(site.struck(FaultKind::ExpiredToken, "/rest/servicedeskapi/servicedesk").0.status(), 401);
}

#[test]
fn searches_repeat_and_lose_rows_in_every_order() {
    // By key, by time, and by an order that counts rows.
    for order in ["key", "created", "updated%20DESC", "summary"] {
        let mut site = Faulty::new();
        let first = format!(
            "/rest/api/3/search/jql?jql=project%20%3D%20CSD%20ORDER%20BY%20{order}&fields=id&maxResults=4"
        );
        let (_, body) = site.get(&first);
        let one = ids(&body, "issues");
        let second =
            format!("{first}&nextPageToken={}", body["nextPageToken"].as_str().expect("more follow"));
        let two = ids(&site.get(&second).1, "issues");

        let (_, doubled) = site.struck(FaultKind::DuplicatePage, &second);
        let rows = ids(&doubled, "issues");
        assert_eq!((&rows[0], &rows[1..]), (&one[3], &two[..3]), "{order}");
        let token = doubled["nextPageToken"].as_str().expect("more follow");
        let (_, on) = site.get(&format!("{first}&nextPageToken={token}"));
        assert_eq!(ids(&on, "issues")[0], two[3], "{order}: a repeated row hides no other");

        assert_eq!(ids(&site.struck(FaultKind::ShiftedPage, &second).1, "issues"), two[1..], "{order}");
        let lost = ids(&site.struck(FaultKind::ShiftedPage, &first).1, "issues");
        assert_eq!(lost, [&one[..2], &one[3..]].concat(), "{order}");
    }
}
