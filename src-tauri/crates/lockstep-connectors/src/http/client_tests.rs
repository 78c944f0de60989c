//! The client over a scripted wire: what is repeated, what never, and how each ending is judged.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bytes::Bytes;

use super::super::errors::Refusal;
use super::super::fake::{Script, TestClock, json, with};
use super::super::limit::WaitObserver;
use super::*;
use crate::ports::Clock;

struct Plain;

impl Dialect for Plain {
    fn label(&self) -> &'static str {
        "Practice"
    }
    fn refusal(&self, _status: StatusCode, _headers: &HeaderMap, body: &[u8]) -> Option<Refusal> {
        #[derive(Deserialize)]
        struct Body {
            error: String,
        }
        let Body { error } = serde_json::from_slice(body).ok()?;
        Some(Refusal { message: error, ..Refusal::default() })
    }
}

/// Signs with a counter that a renewal raises.
#[derive(Default)]
struct Counted(AtomicU32);

#[async_trait]
impl Authorise for Counted {
    async fn sign(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        headers.insert("authorization", self.0.load(Ordering::SeqCst).into());
        Ok(())
    }
    async fn renew(&self, _refused: &HeaderMap) -> Result<bool, ConnectorError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(true)
    }

    fn conceal(&self, words: &str) -> String {
        words.to_owned()
    }
}

#[derive(Default)]
struct Watched(Mutex<Vec<String>>);

impl WaitObserver for Watched {
    fn waiting(&self, host: &str, until_ms: i64, reason: WaitReason) {
        self.0.lock().unwrap().push(format!("{host} {until_ms} {reason:?}"));
    }
    fn done(&self, host: &str) {
        self.0.lock().unwrap().push(format!("{host} done"));
    }
}

struct Bench {
    client: Client,
    script: Arc<Script>,
    clock: Arc<TestClock>,
    watched: Arc<Watched>,
}

fn bench(answers: impl IntoIterator<Item = Result<WireAnswer, WireError>>) -> Bench {
    let (script, clock, watched) =
        (Arc::new(Script::of(answers)), Arc::<TestClock>::default(), Arc::<Watched>::default());
    let settings = ClientSettings::new(BaseAddress::origin_of("https://acme.example").unwrap(), "acme");
    let context = HttpContext { waits: watched.clone(), ..HttpContext::default() };
    let ports = Ports { clock: clock.clone(), transport: script.clone() };
    let client = Client::new(settings, Arc::new(Plain), Arc::new(Counted::default()), ports, context);
    Bench { client, script, clock, watched }
}

fn get() -> Call {
    Call::get("/x", "read things").query("secret", "hush")
}

fn post() -> Call {
    Call::new(Method::POST, "/x", "make a thing").json(&serde_json::json!({"a": 1}))
}

fn broken() -> Result<WireAnswer, WireError> {
    Err(WireError::Broken("cut".into()))
}

#[tokio::test]
async fn a_read_outlives_a_429_a_503_and_a_cut() {
    let limit = with(429, &[("retry-after", "7")], "");
    let bench = bench([limit, json(503, "{}"), broken(), json(200, "[1,2]")]);
    let numbers: Vec<u32> = bench.client.get_json(get()).await.unwrap();
    assert_eq!((numbers, bench.script.calls()), (vec![1, 2], 4));
    let told = bench.watched.0.lock().unwrap().clone();
    assert_eq!(told[..2], ["acme.example 7000 RateLimit", "acme.example done"]);
    assert!(told[2].ends_with("TryingAgain") && told.len() == 6, "{told:?}");
    assert!(bench.clock.monotonic_ms() > 8000);
    assert_eq!(bench.client.inner.context.calls.counts().get, 4);
}

#[tokio::test]
async fn a_read_gives_up_in_the_end() {
    let bench = bench((0..9).map(|_| broken()));
    let error = bench.client.read(get()).await.unwrap_err();
    assert_eq!((error.kind, bench.script.calls()), (ErrorKind::Unreachable, 4));
    let refused = self::bench([with(429, &[("retry-after", "90000")], "")]);
    let error = refused.client.read(get()).await.unwrap_err();
    // No platform is believed that it wants rest for more than an hour.
    assert_eq!(error.kind, ErrorKind::RateLimited { wait_ms: 3_600_000 });
}

#[tokio::test]
async fn a_write_is_one_request_and_is_never_guessed() {
    let refused = r#"{"error":"no such field"}"#;
    let page = with(200, &[("content-type", "text/html")], "<html>");
    let cases: Vec<(&str, Result<WireAnswer, WireError>, &str)> = vec![
        ("created", json(201, "{}"), "ok"),
        ("empty", with(204, &[], ""), "ok"),
        ("refused", json(400, refused), "refused"),
        ("refused by rule", json(403, refused), "refused"),
        ("a proxy's 403", with(403, &[("content-type", "text/html")], "<html>"), "unknown"),
        ("conflict", json(409, refused), "unknown"),
        ("server error", json(500, refused), "unknown"),
        ("bad gateway", with(502, &[], ""), "unknown"),
        ("accepted", json(202, "{}"), "unknown"),
        ("a page", page, "unknown"),
        ("cut JSON", json(200, "{\"a\":"), "unknown"),
        ("no body", json(200, ""), "unknown"),
        ("redirect", with(307, &[("location", "/y")], ""), "unknown"),
        ("cut", broken(), "unknown"),
        ("never sent", Err(WireError::NotSent("refused".into())), "not applied"),
        ("too many", with(429, &[("retry-after", "5")], ""), "not applied"),
    ];
    for (name, answer, expected) in cases {
        let bench = bench([answer, json(201, "{}")]);
        let outcome = bench.client.send_write(post()).await.map(|_| ());
        let found = match &outcome {
            Ok(()) => "ok",
            Err(WriteFailure::NotApplied { .. }) => "not applied",
            Err(WriteFailure::Refused(_)) => "refused",
            Err(WriteFailure::Unknown(_)) => "unknown",
        };
        assert_eq!(found, expected, "{name}: {outcome:?}");
        assert_eq!(bench.script.calls(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_expired_sign_in_is_renewed_once() {
    for write in [false, true] {
        let bench = bench([json(401, r#"{"error":"expired"}"#), json(200, "{}")]);
        if write {
            bench.client.send_write(post()).await.unwrap();
        } else {
            bench.client.read(get()).await.unwrap();
        }
        let signed: Vec<String> = {
            let seen = bench.script.seen.lock().unwrap();
            seen.iter().map(|seen| seen.headers["authorization"].to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(signed, ["0", "1"]);
    }
    let bench = bench((0..4).map(|_| json(401, r#"{"error":"expired"}"#)));
    assert_eq!(bench.client.read(get()).await.unwrap_err().kind, ErrorKind::Unauthorised);
    assert_eq!(bench.script.calls(), 2);
    let failure = bench.client.send_write(post()).await.unwrap_err();
    assert!(matches!(failure, WriteFailure::NotApplied { .. }));
}

#[tokio::test]
async fn a_write_is_sent_again_only_after_a_short_and_harmless_wait() {
    let again = bench([with(429, &[("retry-after", "5")], ""), json(201, "{}")]);
    again.client.send_write(post().resends_after_wait()).await.unwrap();
    assert_eq!((again.script.calls(), again.clock.monotonic_ms()), (2, 5000));

    let long = bench([with(429, &[("retry-after", "60")], ""), json(201, "{}")]);
    let failure = long.client.send_write(post().resends_after_wait()).await.unwrap_err();
    assert!(matches!(failure, WriteFailure::NotApplied { wait_ms: 60_000, .. }), "{failure:?}");
    let blocked = long.client.send_write(post()).await.unwrap_err();
    assert!(matches!(blocked, WriteFailure::NotApplied { wait_ms: 60_000, .. }));
    assert_eq!(long.script.calls(), 1, "nothing leaves while the platform wants peace");
}

#[tokio::test]
async fn a_write_that_slept_too_long_is_not_sent() {
    let bench = bench([json(201, "{}"), json(201, "{}")]);
    bench.clock.sleep_ms(10_000).await;
    let failure = bench.client.send_write(post().not_after(9_999)).await.unwrap_err();
    assert!(matches!(failure, WriteFailure::NotApplied { .. }));
    assert_eq!(bench.script.calls(), 0);
    bench.client.send_write(post().not_after(10_000)).await.unwrap();
}

#[tokio::test]
async fn a_stream_is_never_sent_twice() {
    let bench = bench([json(401, "{}"), json(201, "{}")]);
    let body: ByteStream = Box::pin(futures_util::stream::iter([Ok(Bytes::from_static(b"abc"))]));
    let call = Call::new(Method::POST, "/x", "store a file").stream("text/plain".parse().unwrap(), body, 3);
    assert!(matches!(bench.client.send_write(call).await, Err(WriteFailure::NotApplied { .. })));
    assert_eq!(bench.script.calls(), 1);
    assert_eq!(bench.script.seen.lock().unwrap()[0].body, "abc");
}

#[tokio::test]
async fn redirects_are_followed_at_home_for_reads_alone() {
    let bench = bench([with(303, &[("location", "/y?z=1")], ""), json(200, "{}")]);
    bench.client.read(get()).await.unwrap();
    assert_eq!(bench.script.seen.lock().unwrap()[1].url.as_str(), "https://acme.example/y?z=1");

    for foreign in [
        "https://evil.example/",
        "http://acme.example/",
        "https://acme.example@evil.example/x",
        "//169.254.169.254/",
    ] {
        let bench = self::bench([with(302, &[("location", foreign)], ""), json(200, "{}")]);
        assert_eq!(bench.client.read(get()).await.unwrap_err().kind, ErrorKind::NotReady, "{foreign}");
        assert_eq!(bench.script.calls(), 1);
    }
    let ring = self::bench((0..9).map(|_| with(302, &[("location", "/x")], "")));
    assert!(ring.client.read(get()).await.is_err());
    assert_eq!(ring.script.calls(), 4);
}

#[tokio::test]
async fn pages_and_deep_or_wild_json_are_refused() {
    /// As deep as it is given.
    #[derive(Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only read")]
    enum Numbers {
        One(f32),
        Many(Vec<Numbers>),
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for (answer, kind) in [
        (with(200, &[("content-type", "text/html")], "<html>"), ErrorKind::NotReady),
        (json(200, &deep), ErrorKind::Unexpected),
        (json(200, "1e400"), ErrorKind::Unexpected),
        (json(200, "\"secret-value\""), ErrorKind::Unexpected),
    ] {
        let bench = bench([answer]);
        let error = bench.client.get_json::<Numbers>(get()).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind, kind);
        assert!(!error.message.contains("secret-value"), "{}", error.message);
    }
    // A field nobody asked for may be as deep as it likes: it is skipped without recursion.
    #[derive(Deserialize)]
    struct Wanted {
        a: u8,
    }
    let bench = self::bench([json(200, &format!("{{\"z\":{deep},\"a\":1}}"))]);
    assert_eq!(bench.client.get_json::<Wanted>(get()).await.unwrap().a, 1);
}

#[tokio::test]
async fn the_log_holds_no_value() {
    let bench = bench([json(404, r#"{"error":"a\u001b[31m b"}"#)]);
    let error = bench.client.read(get()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert_eq!(error.message, "Practice answered 404 when asked to read things: a [31m b");
    let entries = bench.client.inner.context.log.entries();
    assert_eq!((entries[0].target.as_str(), entries[0].status), ("/x?secret=…", Some(404)));
    assert!(!format!("{entries:?}").contains("hush"));
}

#[tokio::test]
async fn the_servers_clock_is_carried_on() {
    let date = &[("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("content-type", "application/json")];
    let bench = bench([with(200, date, "{}"), with(200, date, "{}")]);
    bench.client.read(get()).await.unwrap();
    assert_eq!(bench.client.server_now_ms(), 784_111_777_000);
    bench.clock.sleep_ms(700).await;
    bench.client.read(get()).await.unwrap();
    assert_eq!(bench.client.server_now_ms(), 784_111_777_700, "the same second again says nothing new");
    assert_eq!(bench.client.skew_ms(), 784_111_777_000);
}
