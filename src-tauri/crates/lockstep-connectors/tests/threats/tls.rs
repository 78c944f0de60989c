//! T6: a connection that is not safe is not used, and the words say why. There is no switch to go on all the same.

use std::path::Path;
use std::sync::Arc;

use lockstep_connectors::http::{
    BaseAddress, Call, Client, ClientSettings, Dialect, HttpContext, NoSignIn, Refusal, ReqwestTransport,
};
use lockstep_core::connector::{ConnectorError, ErrorKind, WriteFailure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, self_signed};
use crate::server::{Reply, Server};
use crate::world::ports;

struct Plain;

impl Dialect for Plain {
    fn label(&self) -> &'static str {
        "The platform"
    }
    fn refusal(&self, _: http::StatusCode, _: &http::HeaderMap, _: &[u8]) -> Option<Refusal> {
        None
    }
}

pub fn client(address: &str, ca_file: Option<&Path>) -> Client {
    let mut settings = ClientSettings::new(BaseAddress::origin_of(address).unwrap(), "an account");
    settings.timeout_ms = 10_000;
    settings.tries_max = 1;
    Client::new(
        settings,
        Arc::new(Plain),
        Arc::new(NoSignIn),
        ports(address, ca_file),
        HttpContext::default(),
    )
}

async fn read(address: &str, ca_file: Option<&Path>) -> Result<(), ConnectorError> {
    client(address, ca_file).read(Call::get("/x", "read tickets")).await.map(drop)
}

async fn server(tls: TlsAcceptor) -> Server {
    Server::start("127.0.0.1", 0, Some(tls), Arc::new(|_| Reply::json("{}"))).await
}

/// The connection is refused for the reason with these words, for reads and writes alike, and no request arrived.
async fn refused(server: &Server, address: &str, ca_file: Option<&Path>, words: &str) {
    let error = read(address, ca_file).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotReady, "{words}: {error:?}");
    assert!(
        error.message.contains("the connection is not safe") && error.message.contains(words),
        "{error:?}"
    );
    assert!(error.remedy.as_deref().is_some_and(|remedy| remedy.len() > 20), "{error:?}");
    let write =
        Call::new(http::Method::POST, "/x", "write a ticket").json(&serde_json::json!({"private": 1}));
    let failure = client(address, ca_file).send_write(write).await.unwrap_err();
    assert!(matches!(failure, WriteFailure::NotApplied { .. }), "{words}: nothing left: {failure:?}");
    assert!(server.seen().is_empty(), "{words}");
}

fn at(name: &str, server: &Server) -> String {
    format!("https://{name}:{}", server.port)
}

#[tokio::test]
async fn t6_a_company_s_own_authority_is_trusted_where_the_account_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let company = Authority::new();
    let file = company.file(folder.path());
    let good = server(company.server("localhost", |_| {})).await;
    assert_eq!(read(&at("localhost", &good), Some(&file)).await, Ok(()));
    assert_eq!(good.seen().len(), 1);

    let elsewhere = server(company.server("localhost", |_| {})).await;
    let address = at("localhost", &elsewhere);
    refused(&elsewhere, &address, None, "an authority that this computer does not know").await;
    let stranger = Authority::new();
    let other = tempfile::tempdir().unwrap();
    refused(&elsewhere, &address, Some(&stranger.file(other.path())), "does not know").await;
}

#[tokio::test]
async fn t6_a_certificate_that_vouches_for_itself_is_refused() {
    let alone = server(self_signed("localhost")).await;
    refused(&alone, &at("localhost", &alone), None, "made by itself").await;
}

#[tokio::test]
async fn t6_an_expired_and_an_early_certificate_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let company = Authority::new();
    let file = company.file(folder.path());
    let expired = server(company.server("localhost", |params| {
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }));
    let expired = expired.await;
    refused(&expired, &at("localhost", &expired), Some(&file), "has expired").await;
    let early = server(company.server("localhost", |params| {
        params.not_before = rcgen::date_time_ymd(2400, 1, 1);
        params.not_after = rcgen::date_time_ymd(2401, 1, 1);
    }));
    let early = early.await;
    refused(&early, &at("localhost", &early), Some(&file), "not valid yet").await;
}

#[tokio::test]
async fn t6_a_certificate_for_another_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let company = Authority::new();
    let file = company.file(folder.path());
    let other = server(company.server("other.example", |_| {})).await;
    refused(&other, &at("localhost", &other), Some(&file), "made for another name").await;
    refused(&other, &at("127.0.0.1", &other), Some(&file), "made for another name").await;
}

/// A server that answers every greeting with these bytes.
async fn greets_with(bytes: &'static [u8]) -> (u16, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut heard = Vec::new();
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut greeting = [0; 4096];
            let count = socket.read(&mut greeting).await.unwrap();
            heard.extend_from_slice(&greeting[..count]);
            let _ = socket.write_all(bytes).await;
            let _ = socket.shutdown().await;
        }
        heard
    });
    (port, task)
}

/// A hello of TLS 1.1, with a cipher of its time.
fn hello_of_tls_1_1() -> &'static [u8] {
    let hello = [&[3, 2][..], &[7; 32], &[0], &[0, 0x2f], &[0]].concat();
    let length = u8::try_from(hello.len()).unwrap();
    let record = [&[0x16, 3, 2, 0, length + 4, 2, 0, 0, length][..], &hello].concat();
    Box::leak(record.into_boxed_slice())
}

/// Alert: protocol version, as a server says that speaks 1.1 at most.
const ALERT_OF_OLD_TLS: &[u8] = &[0x15, 3, 2, 0, 2, 2, 70];

#[tokio::test]
async fn t6_old_tls_is_refused() {
    for answer in [hello_of_tls_1_1(), ALERT_OF_OLD_TLS] {
        let (port, heard) = greets_with(answer).await;
        let address = format!("https://localhost:{port}");
        let error = read(&address, None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotReady, "{error:?}");
        assert!(error.message.contains("no TLS 1.2 or newer") && error.remedy.is_some(), "{error:?}");
        let write = Call::new(http::Method::POST, "/x", "write").json(&serde_json::json!({"private": 1}));
        assert!(matches!(
            client(&address, None).send_write(write).await,
            Err(WriteFailure::NotApplied { .. })
        ));
        let heard = heard.await.unwrap();
        assert!(heard.starts_with(&[0x16, 3]) && !String::from_utf8_lossy(&heard).contains("private"));
    }
}

#[tokio::test]
async fn t6_https_never_falls_back_to_http() {
    // A server that speaks plain HTTP where TLS is expected.
    let (port, heard) = greets_with(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
    let address = format!("https://localhost:{port}");
    for _ in 0..2 {
        let error = read(&address, None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotReady, "{error:?}");
        assert!(error.message.contains("does not speak TLS"), "{error:?}");
    }
    assert!(!String::from_utf8_lossy(&heard.await.unwrap()).contains("GET "));

    // A good server that redirects to its unencrypted self.
    let folder = tempfile::tempdir().unwrap();
    let company = Authority::new();
    let file = company.file(folder.path());
    let canary = Server::canary("127.0.0.1", 0).await;
    let down = format!("http://localhost:{}/x", canary.port);
    let good = Server::start(
        "127.0.0.1",
        0,
        Some(company.server("localhost", |_| {})),
        Arc::new(move |_| Reply::redirect(302, &down)),
    )
    .await;
    let error = read(&at("localhost", &good), Some(&file)).await.unwrap_err();
    assert!(error.message.contains("another address"), "{error:?}");
    canary.must_be_untouched("after a redirect to http");
}

#[test]
fn t6_plain_http_is_for_this_computer_alone() {
    for (bad, words) in [
        ("http://localhost.evil", "not encrypted"),
        ("http://localhost.evil:8080", "not encrypted"),
        ("http://127.0.0.1.evil.example", "not encrypted"),
        ("http://acme.service-now.com", "not encrypted"),
        ("http://localhost.", "not encrypted"),
        ("http://169.254.169.254", "not encrypted"),
        ("http://0.0.0.0:80", "not encrypted"),
        ("http://127.0.0.1@evil.example", "more than an address"),
        ("https://user:pw@acme.example", "more than an address"),
        ("ftp://acme.example", "not a web address"),
    ] {
        let error = BaseAddress::origin_of(bad).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stopped);
        assert!(error.message.contains(words) && error.remedy.is_some(), "{bad}: {error:?}");
        assert!(!error.message.contains("pw"), "{error:?}");
    }
    for good in ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://acme.example"] {
        assert!(BaseAddress::origin_of(good).is_ok(), "{good}");
    }
}

#[test]
fn t6_a_file_that_is_no_certificate_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let base = BaseAddress::origin_of("https://acme.example").unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let odd = folder.path().join("odd.pem");
    std::fs::write(&odd, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for path in [folder.path().join("missing.pem"), empty, odd] {
        let error = ReqwestTransport::new(&base, Some(&path)).map(drop).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stopped, "{path:?}");
        assert!(error.remedy.is_some(), "{path:?}: {error:?}");
    }
}
