//! The server: real sockets, cut connections, trickling bodies, the control endpoint, and states that are kept.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockstep_sandbox::server::{lock, serve, true_now_ms};
use lockstep_sandbox::servicenow::{ServiceNow, password_of};
use lockstep_sandbox::state::{file_of, serve_kept};
use lockstep_sandbox::{Practice, Seed};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const LIST: &str = "/api/now/table/incident?sysparm_limit=1&sysparm_fields=number";

fn practice(seed: Seed) -> Arc<Mutex<Practice>> {
    let instance = ServiceNow::new(3, true_now_ms(), seed);
    Arc::new(Mutex::new(Practice::new(Box::new(instance), 3)))
}

/// Sends one request on a connection of its own and returns all that comes back.
async fn raw(port: u16, method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let sign_in = STANDARD.encode(format!("amara.osei:{}", password_of("amara.osei")));
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Basic {sign_in}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A cut connection may end in an error; what came before counts.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

fn split(answer: &[u8]) -> (u16, String, Vec<u8>) {
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..at]).into_owned();
    (head[9..12].parse().unwrap(), head, answer[at + 4..].to_vec())
}

async fn call(port: u16, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let (status, _, body) = split(&raw(port, method, path, "", &body.to_string()).await);
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn it_listens_on_loopback_and_stops() {
    let running = serve(practice(Seed::Small), 0).await.unwrap();
    assert!(running.url.starts_with("http://127.0.0.1:"));
    let (status, head, body) = split(&raw(running.port, "GET", LIST, "", "").await);
    assert_eq!(status, 200);
    assert!(head.to_lowercase().contains("date: ") && body.starts_with(b"{\"result\":["));
    let port = running.port;
    running.shutdown().await;
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn connections_are_really_cut() {
    let practice = practice(Seed::Small);
    let running = serve(Arc::clone(&practice), 0).await.unwrap();
    let port = running.port;
    let faults = json!([
        {"kind": "cut_before", "method": "POST", "times": 1},
        {"kind": "cut_after", "method": "POST", "times": 1},
        {"kind": "truncated_body", "method": "GET", "path_contains": "/api/", "keep_bytes": 5, "times": 1},
        {"kind": "slow_body", "method": "GET", "path_contains": "/api/", "chunk_bytes": 20, "every_ms": 10, "times": 1},
    ]);
    assert_eq!(call(port, "PUT", "/_practice/faults", &faults).await.0, 200);
    let body = json!({"short_description": "x"}).to_string();
    for _ in 0..2 {
        assert!(raw(port, "POST", "/api/now/table/incident", "", &body).await.is_empty());
    }
    let (status, head, body) = split(&raw(port, "GET", LIST, "", "").await);
    assert_eq!((status, body.as_slice()), (200, &b"{\"res"[..]));
    let announced: usize = head
        .to_lowercase()
        .split("content-length: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(announced > 5, "the length was announced");
    let (_, _, slow) = split(&raw(port, "GET", LIST, "", "").await);
    assert!(serde_json::from_slice::<Value>(&slow).is_ok());
    let applied: Vec<bool> = lock(&practice).log.entries().map(|entry| entry.applied).collect();
    assert_eq!(applied, [false, true, true, true]);
    running.shutdown().await;
}

#[tokio::test]
async fn the_control_endpoint() {
    let running = serve(practice(Seed::Empty), 0).await.unwrap();
    let port = running.port;
    let (_, health) = call(port, "GET", "/_practice/health", &Value::Null).await;
    assert_eq!(health["platform"], "servicenow");
    let (_, sign_in) = call(port, "GET", "/_practice/sign-in", &Value::Null).await;
    assert_eq!(sign_in["lockstep"]["user"], "lockstep.sync");
    assert_eq!(call(port, "POST", "/_practice/seed", &json!({"count": 25})).await.0, 200);
    let (_, list) = call(port, "GET", "/api/now/table/incident?sysparm_fields=number", &Value::Null).await;
    assert_eq!(list["result"].as_array().unwrap().len(), 25);
    assert_eq!(call(port, "PUT", "/_practice/switches", &json!({"strict_queries": true})).await.0, 200);
    let (status, refused) = call(port, "PUT", "/_practice/switches", &json!({"nope": 1})).await;
    assert!(status == 400 && refused["error"].as_str().unwrap().contains("nope"));
    let rules = json!([{"allow": {"per_hour": 5}, "path_contains": "/never"}]);
    assert_eq!(call(port, "PUT", "/_practice/limits", &rules).await.1.as_array().unwrap().len(), 1);
    assert_eq!(
        call(port, "POST", "/_practice/clock", &json!({"skew_ms": 3_600_000})).await.1["skew_ms"],
        3_600_000
    );
    let (_, log) = call(port, "GET", "/_practice/log?since=1", &Value::Null).await;
    assert_eq!(log["entries"][0]["user"], "amara.osei");
    let (_, state) = call(port, "GET", "/_practice/state", &Value::Null).await;
    assert_eq!(call(port, "PUT", "/_practice/state", &state).await.0, 200);
    assert_eq!(call(port, "GET", "/_practice/nothing", &Value::Null).await.0, 404);
    let foreign = raw(port, "PUT", "/_practice/faults", "origin: https://evil.example\r\n", "[]").await;
    assert_eq!(split(&foreign).0, 403, "a web page cannot reach it");
    running.shutdown().await;
}

#[tokio::test]
async fn a_kept_state_survives_a_restart_on_the_same_port() {
    let directory = std::env::temp_dir().join(format!("lockstep-practice-{}", std::process::id()));
    let first = serve_kept(practice(Seed::Small), directory.clone(), 0).await.unwrap();
    let port = first.running.port;
    let body = json!({"short_description": "kept", "correlation_id": "lockstep:a:1"});
    assert_eq!(call(port, "POST", "/api/now/table/incident", &body).await.0, 201);
    first.shutdown().await.unwrap();
    assert!(file_of(&directory, "servicenow").is_file());

    tokio::time::sleep(Duration::from_millis(20)).await;
    let second = serve_kept(practice(Seed::Empty), directory.clone(), 0).await.unwrap();
    assert_eq!(second.running.port, port);
    let (_, found) =
        call(port, "GET", "/api/now/table/incident?correlation_id=lockstep:a:1", &Value::Null).await;
    assert_eq!(found["result"][0]["short_description"], "kept");
    second.shutdown().await.unwrap();
    std::fs::remove_dir_all(directory).unwrap();
}
