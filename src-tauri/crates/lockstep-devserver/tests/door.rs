//! The door over real sockets: the token once, the session alone, no foreign page, no name but loopback's (threat T14).

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use lockstep_devserver::{Places, Running, serve};
use serde_json::{Value, json};

async fn start(folder: &Path) -> (Running, String) {
    std::fs::write(folder.join("index.html"), "<!doctype html><title>Lockstep</title>").unwrap();
    std::fs::write(folder.join("secret.txt"), "no page").unwrap();
    let running = serve(Places { data: folder.join("data"), pages: folder.to_owned() }, 0).await.unwrap();
    let token = running.address.split("#token=").nth(1).unwrap().to_owned();
    (running, token)
}

/// A call; the status and the answer.
async fn post(port: u16, path: &str, headers: &[(&str, &str)], body: Value) -> (u16, Value) {
    let address = format!("http://127.0.0.1:{port}{path}");
    let headers: Vec<(String, String)> = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = agent.post(&address);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut answer = request.send_json(body).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap_or(Value::Null))
    })
    .await
    .unwrap()
}

async fn get(port: u16, path: &str) -> (u16, String) {
    let address = format!("http://127.0.0.1:{port}{path}");
    tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.get(&address).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn t14_the_token_opens_one_session_and_nobody_else_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let (running, token) = start(folder.path()).await;
    let port = running.port;
    let call = json!({ "name": "no_such_command", "payload": {} });
    assert_eq!(post(port, "/call", &[], call.clone()).await.0, 401);
    assert_eq!(post(port, "/call", &[("x-lockstep-session", &token)], call.clone()).await.0, 401);
    assert_eq!(post(port, "/session", &[], json!({ "token": "wrong" })).await.0, 403);
    let (status, begun) = post(port, "/session", &[], json!({ "token": token })).await;
    assert_eq!(status, 200);
    assert_eq!(post(port, "/session", &[], json!({ "token": token })).await.0, 403, "once");
    let session = begun["session"].as_str().unwrap();
    let ours: &[(&str, &str)] = &[("x-lockstep-session", session)];
    let (status, error) = post(port, "/call", ours, call.clone()).await;
    assert_eq!((status, error["code"].as_str()), (422, Some("invalid")));
    let (status, told) = post(port, "/events", ours, json!({ "after": null })).await;
    assert_eq!((status, told["last"].as_u64()), (200, Some(0)));
    // A page elsewhere, and a name that leads here by DNS.
    let foreign = [("x-lockstep-session", session), ("origin", "https://example.com")];
    assert_eq!(post(port, "/call", &foreign, call.clone()).await.0, 403);
    let rebound = [("x-lockstep-session", session), ("host", "rebound.example")];
    assert_eq!(post(port, "/call", &rebound, call).await.0, 403);
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_served_and_nothing_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let (running, _) = start(folder.path()).await;
    let (status, page) = get(running.port, "/").await;
    assert!(status == 200 && page.contains("Lockstep"), "{page}");
    for path in ["/secret.txt", "/../secret.txt", "/data/lockstep.db", "/nothing.html"] {
        assert_eq!(get(running.port, path).await.0, 404, "{path}");
    }
    running.shutdown().await;
}
