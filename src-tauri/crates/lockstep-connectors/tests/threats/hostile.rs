//! T9: hostile answers end in an error on that call; the next honest answer is used as ever; memory stays bounded.

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use lockstep_connectors::http::Call;
use lockstep_core::connector::{ChangesQuery, ErrorKind, Want};
use serde_json::{Value, json};

use crate::child;
use crate::server::{Answer, Reply, Server};
use crate::tls::client;
use crate::world::{Style, World};

/// What a hostile answer may cost, KiB.
const GROWTH_KIB_MAX: u64 = 64 * 1024;
const DEPTH: usize = 100_000;
const MIB: usize = 1 << 20;

/// What unpacks to the head, many times the piece, and the tail; made without ever being held whole.
fn gzip(head: &str, piece: &[u8], times: usize, tail: &str) -> Reply {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(head.as_bytes()).unwrap();
    for _ in 0..times {
        encoder.write_all(piece).unwrap();
    }
    encoder.write_all(tail.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    Reply::with(200, &[("content-type", "application/json"), ("content-encoding", "gzip")], &packed)
}

/// Rows without end in every place where rows are read, up to the largest answer taken.
fn gzip_of_rows(row: &str) -> Reply {
    let many = vec![row; 1000].join(",") + ",";
    let times = 7 * MIB / many.len();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for (at, name) in ["result", "issues", "comments", "values"].into_iter().enumerate() {
        write!(encoder, "{}\"{name}\":[", if at == 0 { "{" } else { "," }).unwrap();
        for _ in 0..times {
            encoder.write_all(many.as_bytes()).unwrap();
        }
        write!(encoder, "{row}]").unwrap();
    }
    encoder.write_all(b"}").unwrap();
    let packed = encoder.finish().unwrap();
    Reply::with(200, &[("content-type", "application/json"), ("content-encoding", "gzip")], &packed)
}

fn endless(head: &str, piece: &[u8], pause_ms: u64) -> Reply {
    Reply::Forever { head: head.replace('\n', "\r\n").into_bytes(), piece: piece.to_vec(), pause_ms }
}

fn deep(open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(DEPTH), close.repeat(DEPTH))
}

/// One hostile answer: what it is called, how it is made, and whether it is large.
type Case = (&'static str, fn() -> Reply, bool);

/// Answers that no platform gives.
const HOSTILE: [Case; 25] = [
    ("gzip bomb", || gzip("", &[b' '; MIB], 64, ""), true),
    ("gzip bomb of rows", || gzip_of_rows("{}"), true),
    ("gzip bomb of odd rows", || gzip_of_rows(r#"{"":""}"#), true),
    ("gzip bomb of issues", || gzip_of_rows(r#"{"id":1,"key":""}"#), true),
    ("gzip bomb of a list", || gzip("[", b"0,0,0,0,0,0,0,0,", 2 * MIB - 1, "0]"), true),
    ("gzip bomb of reasons", || gzip("{\"errors\":{", b"\"\":\"\",", 4 * MIB, "\"\":0}}"), true),
    ("gzip that is none", || Reply::with(200, &[("content-encoding", "gzip")], b"no gzip at all"), false),
    (
        "endless body",
        || endless("HTTP/1.1 200 OK\ncontent-type: application/json\n\n", &[b'['; 65_536], 0),
        true,
    ),
    (
        "endless chunks",
        || {
            let head = "HTTP/1.1 200 OK\ncontent-type: application/json\ntransfer-encoding: chunked\n\n";
            endless(head, format!("10000\r\n{}\r\n", "7".repeat(0x10000)).as_bytes(), 0)
        },
        true,
    ),
    ("endless head", || endless("HTTP/1.1 200 OK\n", b"x-more: and more\r\n", 0), false),
    ("4 GiB promised", || promised("4294967296"), false),
    ("more promised than a number holds", || promised("99999999999999999999"), false),
    ("deep lists", || Reply::json(deep("[", "]")), false),
    ("deep objects", || Reply::json(deep("{\"a\":", "}")), false),
    ("deep rows", || rows(&deep("[", "]")), false),
    ("deep values", || rows(&format!("{{\"id\":{0},\"sys_id\":{0}}}", deep("{\"value\":", "}"))), false),
    (
        "deep refusal",
        || Reply::with(400, &[("content-type", "application/json")], deep("[", "]").as_bytes()),
        false,
    ),
    ("giant numbers", || rows("{\"id\":1e400,\"sys_id\":-1e999999,\"key\":99999999999999999999999}"), false),
    ("a giant number", || Reply::json("9".repeat(MIB)), false),
    ("half characters", || rows(r#"{"id":"\ud800","sys_id":"\udc00","key":7}"#), false),
    ("no text", || Reply::json([b'{', b'"', 0xff, 0xfe, 0x00, b'"', b':', 0xc0, b'}']), false),
    ("cut text", || Reply::json(r#"{"result":[{"sys_id":"abc"#), false),
    ("a page", || Reply::with(200, &[("content-type", "text/html")], b"<html>Please sign in</html>"), false),
    ("nothing", || Reply::Bytes(Vec::new()), false),
    (
        "a status of its own",
        || Reply::Bytes(b"HTTP/1.1 999 ?\r\ncontent-length: 2\r\n\r\n{}".to_vec()),
        false,
    ),
];

fn promised(length: &str) -> Reply {
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{{");
    Reply::Bytes(head.into())
}

fn rows(row: &str) -> Reply {
    Reply::json(format!("{{\"result\":[{row}],\"issues\":[{row}],\"comments\":[{row}],\"values\":[{row}]}}"))
}

#[test]
fn t9_hostile_answers_end_in_an_error_and_in_bounded_memory() {
    child::run("hostile::t9_child_meets_hostile_answers", &[]);
}

#[tokio::test]
async fn t9_child_meets_hostile_answers() {
    if !child::is("hostile::t9_child_meets_hostile_answers") {
        return;
    }
    let mut worlds = Vec::new();
    for style in [Style::NowBasic, Style::JiraToken] {
        let world = World::new(style).await;
        assert!(world.every_call().await.iter().all(|(_, outcome)| outcome.is_ok()));
        worlds.push(world);
    }
    for (name, make, large) in HOSTILE {
        let reply = make();
        let before = forget_peak();
        for world in &worlds {
            let answer = reply.clone();
            world.play(move |_| Some(answer.clone()));
            let outcomes = match large {
                true => world.calls(&["changes"]).await,
                false => world.every_call().await,
            };
            for (call, outcome) in outcomes {
                // What streams is passed on as it comes, until it is cut; not every write reads its answer; and a schema
                // is read from whatever can be used.
                let may_pass = matches!(call, "download" | "update" | "comment" | "discover");
                assert!(outcome.is_err() || may_pass, "{name}: {:?} {call}", world.style);
            }
            assert!(large || world.anew().identify().await.is_err(), "{name}: {:?}", world.style);
            world.play_fair();
            let fair = world.every_call().await;
            assert!(fair.iter().all(|(_, outcome)| outcome.is_ok()), "after {name}: {fair:?}");
        }
        let grown = peak_kib().saturating_sub(before);
        println!("{name}: {grown} KiB");
        assert!(grown <= GROWTH_KIB_MAX, "{name}: {grown} KiB");
    }
}

/// Lets the peak begin anew; gives what the process takes now, KiB.
fn forget_peak() -> u64 {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    peak_kib()
}

/// The most this process took since, KiB; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

#[tokio::test]
async fn t9_a_body_that_only_trickles_ends_in_time() {
    let trickle =
        endless("HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: 100000\n\n", b" ", 40);
    let silent: Answer = {
        let trickle = trickle.clone();
        Arc::new(move |_| trickle.clone())
    };
    let server = Server::start("127.0.0.1", 0, None, silent).await;
    let client = client(&format!("http://127.0.0.1:{}", server.port), None);
    let call = || Call::get("/x", "read tickets").timeout_ms(400);
    let within = std::time::Duration::from_secs(20);
    let error = tokio::time::timeout(within, client.read(call())).await.unwrap().unwrap_err();
    assert!(error.kind == ErrorKind::Unreachable && error.message.contains("no answer in time"), "{error:?}");
    // A stream has begun by then; its own time runs out as well.
    use futures_util::TryStreamExt as _;
    let stream = client.download(call()).await.unwrap();
    let whole = tokio::time::timeout(within, stream.try_collect::<Vec<bytes::Bytes>>()).await.unwrap();
    assert!(whole.unwrap_err().message.contains("did not arrive whole"));
}

/// Changes one honest JSON answer.
fn changed(
    world: &World,
    path: &'static str,
    change: impl Fn(&mut Value) + Send + Sync + 'static,
) -> impl Fn(&crate::server::Seen) -> Option<Reply> + Send + Sync + 'static {
    let honest = world.honest();
    move |seen| {
        let Reply::Bytes(bytes) = honest(seen) else { return None };
        if !seen.path().contains(path) {
            return Some(Reply::Bytes(bytes));
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut value: Value = serde_json::from_str(body).ok()?;
        change(&mut value);
        let total = head.lines().find(|line| line.starts_with("x-total-count")).unwrap_or("x-none: 1");
        let (name, count) = total.split_once(": ")?;
        // What JSON values cannot say is written in afterwards.
        let body = value
            .to_string()
            .replace("\"GIANT\"", "1e400")
            .replace("HALF", "\\ud83d")
            .replace("DEEP", &"[".repeat(90));
        Some(Reply::with(200, &[("content-type", "application/json"), (name, count)], body.as_bytes()))
    }
}

async fn feed(
    world: &World,
    limit: usize,
    pages_max: usize,
) -> Result<usize, lockstep_core::connector::ConnectorError> {
    let fields = world.fields();
    let (mut page, mut count) = (None, 0);
    for _ in 0..pages_max {
        let query = ChangesQuery {
            scope: &world.scope,
            fields: &fields,
            cursor: None,
            since_ms: 0,
            page: page.as_ref(),
            limit,
        };
        let read = world.connector.changes(&query).await?;
        count += read.tickets.len();
        page = read.next;
        if page.is_none() {
            return Ok(count);
        }
    }
    panic!("{:?}: the feed does not end", world.style);
}

#[tokio::test]
async fn t9_one_odd_ticket_hides_no_other() {
    for (style, path) in [(Style::NowBasic, "/table/incident"), (Style::JiraToken, "/search/jql")] {
        let world = World::new(style).await;
        let all = feed(&world, 50, 50).await.unwrap();
        assert!(all > 5);
        world.play(changed(&world, path, |answer| {
            if let Some(row) = answer["result"].get_mut(0) {
                row["short_description"] = json!("cut HALF");
                row["description"] = json!({ "value": ["no text"] });
            }
            if let Some(row) = answer["issues"].get_mut(0) {
                row["fields"]["summary"] = json!("cut HALF");
                row["fields"]["description"] = json!({ "type": "doc", "content": "GIANT" });
                row["fields"]["customfield_1"] = json!("GIANT");
            }
        }));
        assert_eq!(feed(&world, 50, 50).await, Ok(all), "{style:?}");
    }
}

#[tokio::test]
async fn t9_pages_that_never_end_do_end() {
    // The same page again, for ever.
    for (style, path) in [(Style::NowBasic, "/table/incident"), (Style::JiraToken, "/search/jql")] {
        let world = World::new(style).await;
        let first: Arc<std::sync::Mutex<Option<Reply>>> = Arc::default();
        let honest = world.honest();
        let kept = first.clone();
        world.play(move |seen| {
            if !seen.path().contains(path) {
                return None;
            }
            let mut kept = kept.lock().unwrap();
            Some(kept.get_or_insert_with(|| honest(seen)).clone())
        });
        let error = feed(&world, 5, 100).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unexpected, "{style:?}: {error:?}");
    }
    // Nothing on any page, and always more to come.
    let world = World::new(Style::NowBasic).await;
    world.play(|seen| {
        let headers = [("content-type", "application/json"), ("x-total-count", "9007199254740993")];
        seen.path().contains("/table/incident").then(|| Reply::with(200, &headers, b"{\"result\":[]}"))
    });
    let error = feed(&world, 1000, 20_000).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unexpected, "{error:?}");
    // Comments and files that go on and on.
    for (style, path, body) in [
        (Style::NowBasic, "sys_journal_field", r#"{"result":[]}"#),
        (Style::NowBasic, "/api/now/attachment", r#"{"result":[]}"#),
        (Style::JiraToken, "/comment", r#"{"comments":[],"total":99999999,"startAt":0,"maxResults":1}"#),
        (Style::JiraToken, "/servicedesk", r#"{"values":[{"id":"1","projectId":"2"}],"isLastPage":false}"#),
    ] {
        let world = World::new(style).await;
        world.play(move |seen| {
            let headers = [("content-type", "application/json"), ("x-total-count", "99999999")];
            seen.path().contains(path).then(|| Reply::with(200, &headers, body.as_bytes()))
        });
        let before = world.server.connections();
        let want = Want { comments: true, attachments: true };
        let ids = [world.ticket.clone()];
        let _ = world.connector.comments(&world.scope, &world.ticket).await;
        let _ = world.connector.attachments(&world.scope, &world.ticket).await;
        let _ = world.connector.fetch(&world.scope, &ids, &world.fields(), want).await;
        let _ = world.connector.scopes().await;
        let calls = world.server.connections() - before;
        assert!(calls <= 2_000, "{style:?} {path}: {calls} calls");
    }
}

#[tokio::test]
async fn t9_file_names_lose_their_paths() {
    let names = [
        ("../../x", "x"),
        ("/etc/shadow", "shadow"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("CON", "_CON"),
        ("a\r\nContent-Type: b", "a Content-Type: b"),
        ("\u{1b}]0;x\u{7}y", "]0;x y"),
        ("..", "file"),
        ("", "file"),
    ];
    for (style, path) in [(Style::NowBasic, "/api/now/attachment"), (Style::JiraToken, "/rest/api/3/issue")] {
        let world = World::new(style).await;
        for (name, base) in names {
            world.play(changed(&world, path, move |answer| {
                if let Some(row) = answer["result"].get_mut(0) {
                    row["file_name"] = json!(name);
                }
                let issues = match answer.get_mut("issues") {
                    Some(Value::Array(rows)) => rows.iter_mut().collect(),
                    _ => vec![answer],
                };
                for issue in issues {
                    if let Some(file) = issue.pointer_mut("/fields/attachment/0") {
                        file["filename"] = json!(name);
                    }
                }
            }));
            let files = world.connector.attachments(&world.scope, &world.ticket).await.unwrap();
            assert_eq!(files.first().map(|file| file.name.as_str()), Some(base), "{style:?} {name:?}");
        }
    }
}
