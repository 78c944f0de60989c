//! How fast the practice Jira is. Run with
//! `cargo test --release -p lockstep-sandbox --test practice jira_speed -- --ignored --nocapture`.
#![expect(clippy::disallowed_methods, reason = "a stop watch is the point here")]

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use lockstep_sandbox::jira::Jira;
use lockstep_sandbox::{Platform as _, Seed};
use serde_json::json;

const NOW: i64 = 1_795_167_067_123;

fn post(jira: &mut Jira, path: &str, body: &str, now_ms: i64) -> Bytes {
    let sign_in = jira.sign_in();
    let credential = STANDARD.encode(format!("{}:{}", sign_in.user, sign_in.secret));
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("authorization", format!("Basic {credential}"))
        .header("content-type", "application/json")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .expect("a request");
    let response = jira.handle(&request, now_ms);
    assert!(response.status().is_success(), "{:?}", response.body());
    response.into_body()
}

#[test]
#[ignore = "a measurement"]
fn seeding_quiet_polls_and_bulk_creates() {
    let start = Instant::now();
    let mut jira = Jira::new(7, NOW, Seed::Bulk(100_000));
    println!("seed 100,000: {:?}", start.elapsed());

    let quiet = json!({
        "jql": format!("project in (10001, 10002) AND updated >= {NOW} ORDER BY key ASC"), "maxResults": 100,
        "fields": ["summary", "status", "updated"], "properties": ["lockstep.link"],
    });
    let quiet = quiet.to_string();
    let start = Instant::now();
    for n in 0..1_000 {
        post(&mut jira, "/rest/api/3/search/jql", &quiet, NOW + 60_000 + n);
    }
    println!("quiet poll: {:?} each", start.elapsed() / 1_000);

    let mut page = json!({
        "jql": "project in (10001, 10002) ORDER BY key ASC", "maxResults": 100,
        "fields": ["summary", "description", "status", "issuetype", "project", "priority", "assignee", "reporter",
            "labels", "duedate", "created", "updated", "resolution", "comment", "attachment"],
    });
    let start = Instant::now();
    let (mut pages, mut bytes) = (0_u32, 0);
    loop {
        let body = post(&mut jira, "/rest/api/3/search/jql", &page.to_string(), NOW);
        pages += 1;
        bytes += body.len();
        let shown: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        let Some(token) = shown.get("nextPageToken") else { break };
        page["nextPageToken"] = token.clone();
    }
    println!("full scan: {pages} pages, {bytes} bytes, {:?} (with the reader's parsing)", start.elapsed());

    let text = "The tunnel closes after three to five minutes. ".repeat(20);
    let element = json!({
        "fields": { "project": { "id": "10002" }, "issuetype": { "id": "10104" }, "summary": "Printer offline",
            "description": { "type": "doc", "version": 1, "content": [
                { "type": "paragraph", "content": [{ "type": "text", "text": text }] }] },
            "labels": ["lockstep"], "priority": { "id": "3" } },
        "properties": [{ "key": "lockstep.link", "value": { "v": 1, "pair": "p-1", "op": "01JD" } }],
    });
    let bulk = json!({ "issueUpdates": vec![element; 50] }).to_string();
    let start = Instant::now();
    for n in 0..400 {
        post(&mut jira, "/rest/api/3/issue/bulk", &bulk, NOW + n * 12);
    }
    println!("bulk create: {:?} per ticket", start.elapsed() / 20_000);
}
