//! T7: no error, log line or remembered request holds a secret, whatever the platform does with what it was sent. The
//! log of everything, libraries included, is kept at its finest.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tracing_subscriber::fmt::MakeWriter;

use crate::child;
use crate::server::{Reply, Seen};
use crate::world::{Style, World};

const HERE: &str = "silence::t7_child_says_nothing_secret";

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Kept;
    fn make_writer(&'a self) -> Kept {
        self.clone()
    }
}

#[test]
fn t7_no_error_log_or_request_log_holds_a_secret() {
    child::run(HERE, &[]);
}

/// A secret in the spellings it could show in.
fn spellings(secret: &str) -> Vec<String> {
    vec![
        secret.to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
    ]
}

/// What went over the wire to sign in: headers, cookies, and the token endpoint's form and answers.
fn secrets_of(world: &World) -> BTreeSet<String> {
    let mut secrets: BTreeSet<String> = world.secrets.iter().cloned().collect();
    for seen in world.server.seen() {
        for name in ["authorization", "x-sn-apikey"] {
            let value = seen.header(name).unwrap_or_default();
            secrets.extend(value.split(' ').filter(|word| word.len() > 12).map(str::to_owned));
        }
        let cookies = seen.header("cookie").unwrap_or_default().split("; ");
        secrets.extend(cookies.filter_map(|cookie| Some(cookie.split_once('=')?.1.to_owned())));
    }
    secrets
}

/// An answer that repeats all it was sent, as debugging pages and careless proxies do.
fn echo(status: u16, seen: &Seen) -> Reply {
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    let said = format!("{:?} {} {body}", seen.headers, seen.target);
    // In front as well, where nothing is cut off.
    let sign = seen.header("authorization").or(seen.header("x-sn-apikey")).unwrap_or_default();
    let said = format!("you sent {sign} {body}, that is {said}");
    let both = serde_json::json!({
        "error": { "message": said, "detail": said }, "status": "failure",
        "errorMessages": [said], "errors": { "summary": said },
    });
    let token = serde_json::json!({ "error": "invalid_client", "error_description": said });
    let body = if seen.path() == "/oauth_token.do" { token } else { both };
    Reply::with(status, &[("content-type", "application/json")], body.to_string().as_bytes())
}

/// What stands before and at the place where `found` stands, to tell who said it.
fn near(text: &str, found: &str) -> Option<String> {
    let at = text.find(found)?;
    let before: Vec<char> = text[..at].chars().rev().take(300).collect();
    Some(before.into_iter().rev().chain(text[at..].chars().take(100)).collect())
}

#[tokio::test]
async fn t7_child_says_nothing_secret() {
    if !child::is(HERE) {
        return;
    }
    let kept = Kept::default();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(kept.clone()).init();
    tracing::trace!("the log is being kept");
    log::trace!("and that of libraries");
    for style in Style::ALL {
        let world = World::new(style).await;
        let mut said: Vec<String> = Vec::new();
        let mut hear =
            |outcomes: Vec<(&'static str, Result<(), lockstep_core::connector::ConnectorError>)>| {
                said.extend(
                    outcomes.into_iter().filter_map(|(_, outcome)| outcome.err()).map(|e| format!("{e:?}")),
                );
            };
        hear(world.every_call().await);
        for status in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
            world.play(move |seen| Some(echo(status, seen)));
            hear(world.every_call().await);
            hear(vec![("identify", world.anew().identify().await.map(drop))]);
        }
        let out = format!("http://127.0.0.2:1/?stolen={}", world.secrets[0]);
        world.play(move |_| Some(Reply::redirect(307, &out)));
        hear(world.every_call().await);
        for broken in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", b"\x00\x01nonsense"] {
            world.play(move |_| Some(Reply::Bytes(broken.to_vec())));
            hear(world.every_call().await);
        }
        world.play(|seen| Some(Reply::json(format!("[{:?}]", seen.headers))));
        hear(world.every_call().await);
        world.play_fair();
        hear(world.every_call().await);

        let secrets = secrets_of(&world);
        assert!(said.len() > 80 && secrets.len() >= 3, "{style:?}: {} errors, {secrets:?}", said.len());
        let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
        let requests = format!("{:?}", world.context.log.entries());
        let errors = said.join("\n");
        for (place, text) in [("errors", &errors), ("log", &log), ("request log", &requests)] {
            for secret in secrets.iter().flat_map(|secret| spellings(secret)) {
                assert_eq!(near(text, &secret), None, "{style:?}: a secret stands in the {place}");
            }
            if place != "errors" {
                for private in ["A private", "private.txt", "a private file"] {
                    assert_eq!(near(text, private), None, "{style:?}: {private:?} stands in the {place}");
                }
            }
        }
    }
    let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    assert!(log.contains("the log is being kept") && log.contains("and that of libraries"));
    assert!(log.contains("reqwest") || log.contains("hyper"), "libraries speak too");
}
