//! The system's proxy carries encrypted accounts without seeing what they say, and never an account on this computer.

use std::sync::{Arc, Mutex};

use http::HeaderValue;
use lockstep_connectors::http::Call;
use lockstep_core::connector::ErrorKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::certificates::Authority;
use crate::child;
use crate::server::{Reply, Server};
use crate::tls::client;

const SECRET: &str = "proxy-canary-91c2";
const CA: &str = "LOCKSTEP_THREATS_CA";
const PORT: &str = "LOCKSTEP_THREATS_PORT";

/// A proxy that leads every CONNECT to one server on this computer, or refuses it; all it hears is kept.
async fn proxy(to: Option<u16>) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
    let kept = heard.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let kept = kept.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    if socket.read_buf(&mut head).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                kept.lock().unwrap().extend_from_slice(&head);
                let Some(to) = to else {
                    let refusal =
                        b"HTTP/1.1 407 Sign in\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
                    let _ = socket.write_all(refusal).await;
                    return;
                };
                let mut server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                socket.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                loop {
                    let (mut from_server, mut from_client) = ([0; 4096], [0; 4096]);
                    tokio::select! {
                        read = socket.read(&mut from_client) => match read {
                            Ok(count) if count > 0 => {
                                kept.lock().unwrap().extend_from_slice(&from_client[..count]);
                                if server.write_all(&from_client[..count]).await.is_err() { return }
                            }
                            _ => return,
                        },
                        read = server.read(&mut from_server) => match read {
                            Ok(count) if count > 0 => {
                                if socket.write_all(&from_server[..count]).await.is_err() { return }
                            }
                            _ => return,
                        },
                    }
                }
            });
        }
    });
    (port, heard)
}

async fn play(name: &'static str, environment: Vec<(&'static str, String)>) {
    tokio::task::spawn_blocking(move || {
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        child::run(name, &environment);
    })
    .await
    .unwrap();
}

fn signed() -> Call {
    Call::get("/x", "read tickets").header(http::header::AUTHORIZATION, HeaderValue::from_static(SECRET))
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_the_system_s_proxy_carries_encrypted_accounts_and_hears_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let company = Authority::new();
    let ca = company.file(folder.path()).display().to_string();
    let server = Server::start(
        "127.0.0.1",
        0,
        Some(company.server("acme.example", |_| {})),
        Arc::new(|_| Reply::json("{}")),
    )
    .await;
    let (port, heard) = proxy(Some(server.port)).await;
    let address = format!("http://127.0.0.1:{port}");
    play("proxy::child_reads_by_a_proxy", vec![("HTTPS_PROXY", address.clone()), (CA, ca.clone())]).await;
    let asked = server.seen();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("authorization"), Some(SECRET), "the platform itself hears it");
    let bytes = heard.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("CONNECT acme.example:443 HTTP/1.1\r\n"), "{text}");
    assert!(!text.contains(SECRET) && !text.contains("GET /x"), "the proxy hears cipher alone");

    let (refusing, heard) = proxy(None).await;
    let refusing = format!("http://127.0.0.1:{refusing}");
    play("proxy::child_is_refused_by_a_proxy", vec![("HTTPS_PROXY", refusing), (CA, ca.clone())]).await;
    assert!(!String::from_utf8_lossy(&heard.lock().unwrap()).contains(SECRET));

    let (unused, heard) = proxy(Some(server.port)).await;
    let environment = vec![
        ("HTTPS_PROXY", format!("http://127.0.0.1:{unused}")),
        ("NO_PROXY", "acme.example".to_owned()),
        (CA, ca),
    ];
    play("proxy::child_is_refused_by_a_proxy", environment).await;
    assert!(heard.lock().unwrap().is_empty(), "NO_PROXY is honoured");
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_an_account_on_this_computer_never_goes_through_a_proxy() {
    let server = Server::start("127.0.0.1", 0, None, Arc::new(|_| Reply::json("{}"))).await;
    let canary = Server::canary("127.0.0.1", 0).await;
    let proxy = format!("http://127.0.0.1:{}", canary.port);
    let environment = vec![
        ("HTTP_PROXY", proxy.clone()),
        ("http_proxy", proxy.clone()),
        ("ALL_PROXY", proxy.clone()),
        ("HTTPS_PROXY", proxy),
        (PORT, server.port.to_string()),
    ];
    play("proxy::child_reads_on_this_computer", environment).await;
    assert_eq!(server.seen().len(), 3);
    canary.must_be_untouched("plain http on loopback");
}

#[tokio::test]
async fn child_reads_by_a_proxy() {
    if !child::is("proxy::child_reads_by_a_proxy") {
        return;
    }
    let ca = std::env::var(CA).unwrap();
    client("https://acme.example", Some(ca.as_ref())).read(signed()).await.unwrap();
}

#[tokio::test]
async fn child_is_refused_by_a_proxy() {
    if !child::is("proxy::child_is_refused_by_a_proxy") {
        return;
    }
    let ca = std::env::var(CA).unwrap();
    let error = client("https://acme.example", Some(ca.as_ref())).read(signed()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error:?}");
    assert!(error.remedy.is_some_and(|remedy| remedy.contains("proxy")));
}

#[tokio::test]
async fn child_reads_on_this_computer() {
    if !child::is("proxy::child_reads_on_this_computer") {
        return;
    }
    let port = std::env::var(PORT).unwrap();
    for host in ["127.0.0.1", "localhost", "127.0.0.1"] {
        client(&format!("http://{host}:{port}"), None).read(signed()).await.unwrap();
    }
}
