//! What the connectors read: whole answers, headers, cursors, addresses; and what they write into query languages.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use lockstep_connectors::http::{
    BaseAddress, HttpContext, base_name, http_date_ms, printable, retry_after_ms,
};
use lockstep_connectors::jira::{Jira, JiraSettings};
use lockstep_connectors::ports::{
    Ports, Transport, WireAnswer, WireBody, WireError, WireRequest, WireStream,
};
use lockstep_connectors::servicenow::{ServiceNow, ServiceNowSettings, SignIn};
use lockstep_connectors::testing::VirtualClock;
use lockstep_core::connector::{
    ChangesQuery, CommentRequest, Connector, CreateRequest, Cursor, FieldWrite, LookupQuery, Scope,
    StepRequest, UpdateRequest, Want,
};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::marker::{Fingerprint, Marker, PairKey};
use lockstep_core::secret::Secret;
use lockstep_core::ticket::{Value, Visibility};

const NOW_MS: i64 = 1_795_176_000_000;
const ORIGIN: &str = "https://acme.example";
/// Calls that one answer may cause.
const CALLS_MAX: usize = 3_000;
const ID: &str = "5f0c2d8e1b3a4f00aa11bb22cc33dd44";
const ME_NOW: &str = r#"{"result":[{"sys_id":"6816f79cc0a8016401c5a33be04be441","user_name":"lockstep.sync","name":"Lockstep Sync","email":"","time_zone":"","active":"true"}]}"#;
const ME_JIRA: &str = r#"{"accountId":"us","displayName":"Lockstep","active":true,"timeZone":"UTC"}"#;

/// Signs in honestly and answers everything else with the same bytes.
struct Canned {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    asked: Mutex<Vec<(String, String)>>,
}

impl Canned {
    fn new(status: u16, body: &[u8]) -> Canned {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Canned {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::copy_from_slice(body),
            asked: Mutex::default(),
        }
    }

    fn answer(&self, request: &WireRequest) -> WireAnswer {
        let body = match &request.body {
            WireBody::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            WireBody::Empty | WireBody::Stream { .. } => String::new(),
        };
        let mut asked = self.asked.lock().unwrap();
        asked.push((request.url.to_string(), body));
        assert!(asked.len() < CALLS_MAX, "calls without end: {}", request.url);
        let honest = match request.url.path() {
            "/api/now/table/sys_user" if asked.len() <= 2 => Some(ME_NOW),
            "/rest/api/3/myself" => Some(ME_JIRA),
            "/_edge/tenant_info" => Some(r#"{"cloudId":"c1"}"#),
            _ => None,
        };
        match honest {
            Some(text) => WireAnswer {
                status: StatusCode::OK,
                headers: HeaderMap::from_iter([(
                    http::header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                )]),
                body: Bytes::from_static(text.as_bytes()),
            },
            None => {
                WireAnswer { status: self.status, headers: self.headers.clone(), body: self.body.clone() }
            }
        }
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: WireRequest) -> Result<WireAnswer, WireError> {
        Ok(self.answer(&request))
    }

    async fn stream(&self, request: WireRequest) -> Result<WireStream, WireError> {
        let WireAnswer { status, headers, body } = self.answer(&request);
        Ok(WireStream { status, headers, body: Box::pin(futures_util::stream::iter([Ok(body)])) })
    }
}

fn ports(canned: &Arc<Canned>) -> Ports {
    Ports { clock: Arc::new(VirtualClock::at(NOW_MS)), transport: canned.clone() }
}

fn now(canned: &Arc<Canned>) -> ServiceNow {
    let sign_in = SignIn::Basic { user: "lockstep.sync".into(), password: Secret::new("pw".into()) };
    let settings = ServiceNowSettings::new(BaseAddress::origin_of(ORIGIN).unwrap(), sign_in);
    ServiceNow::new(settings, ports(canned), HttpContext::default()).unwrap()
}

fn jira_at(canned: &Arc<Canned>) -> Jira {
    let settings = JiraSettings::new(ORIGIN, "us@acme.example", Secret::new("token".into()));
    Jira::new(settings, ports(canned), HttpContext::default()).unwrap()
}

/// Runs on this thread to the end; nothing here waits for anything but itself.
fn wait<T>(work: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().build().expect("a runtime without drivers");
    }
    RUNTIME.with(|runtime| runtime.block_on(work))
}

/// The bytes' first one chooses the status; the rest is the answer.
fn canned_of(bytes: &[u8]) -> Arc<Canned> {
    const STATUSES: [u16; 12] = [200, 200, 200, 201, 204, 400, 401, 403, 404, 409, 429, 500];
    match bytes.split_first() {
        Some((first, rest)) if *first < 12 => Arc::new(Canned::new(STATUSES[usize::from(*first)], rest)),
        _ => Arc::new(Canned::new(200, bytes)),
    }
}

pub fn servicenow(bytes: &[u8]) {
    let canned = canned_of(bytes);
    let scope = Scope { container: String::new(), ticket_type: "incident".into(), request_type: None };
    let fields = ["short_description", "description", "state", "assigned_to"].map(FieldId::from);
    every_call(&now(&canned), &canned, &scope, &fields, ID);
}

pub fn jira(bytes: &[u8]) {
    let canned = canned_of(bytes);
    let scope = Scope { container: "CSD".into(), ticket_type: "10101".into(), request_type: None };
    let fields = ["summary", "description", "status", "assignee", "labels", "duedate"].map(FieldId::from);
    every_call(&jira_at(&canned), &canned, &scope, &fields, "10042");
}

fn every_call(connector: &dyn Connector, canned: &Canned, scope: &Scope, fields: &[FieldId], id: &str) {
    let ticket = TicketId::from(id);
    let pair = PairKey {
        origin: Fingerprint("00000001".into()),
        ticket: "1".into(),
        destination: Fingerprint("00000002".into()),
        generation: 0,
    };
    let marker = Marker {
        pair: pair.clone(),
        store: "0a1b2c3d".into(),
        op: None,
        own: None,
        passed: Vec::new(),
        ended: false,
    };
    let title = fields[0].clone();
    let query = ChangesQuery { scope, fields, cursor: None, since_ms: 0, page: None, limit: 20 };
    let create = CreateRequest {
        scope: scope.clone(),
        fields: [(title.clone(), Value::text("t"))].into(),
        marker,
        step: None,
    };
    let update = UpdateRequest {
        scope: scope.clone(),
        ticket: ticket.clone(),
        fields: [(title, FieldWrite::Set(Value::text("t")))].into(),
        marker: None,
        comment: None,
    };
    let comment = CommentRequest {
        scope: scope.clone(),
        ticket: ticket.clone(),
        body: "b".into(),
        visibility: Visibility::Internal,
        copy_of: "abcdefghij".into(),
    };
    let step = StepRequest { from: "1".into(), to: "2".into(), transition: "11".into(), fields: [].into() };
    let look_up = LookupQuery { scope, pair: &pair, since_ms: 0, control: None };
    let want = Want { comments: true, attachments: true };
    let again = || canned.asked.lock().unwrap().clear();
    wait(async {
        if let Ok(page) = connector.changes(&query).await {
            for ticket in &page.tickets {
                assert!(!ticket.id.as_str().is_empty() && ticket.url.starts_with(ORIGIN), "{ticket:?}");
                for file in ticket.attachments.iter().flatten() {
                    assert_eq!(base_name(&file.name), file.name);
                }
            }
            // A page leads on, or the next run's beginning is known; both can be used.
            let next =
                ChangesQuery { page: page.next.as_ref(), cursor: page.cursor.as_ref(), ..query.clone() };
            let _ = connector.changes(&next).await;
        }
        again();
        let _ = connector.discover(scope).await;
        let _ = connector.scopes().await;
        again();
        let _ = connector.fetch(scope, std::slice::from_ref(&ticket), fields, want).await;
        again();
        let _ = connector.comments(scope, &ticket).await;
        let _ = connector.attachments(scope, &ticket).await;
        again();
        let _ = connector.upload_bytes_max().await;
        let _ = connector.find_by_marker(&look_up).await;
        let _ = connector.created_by_us(scope, 0).await;
        let _ = connector.changed_by_others(scope, std::slice::from_ref(&ticket), 0).await;
        again();
        let _ = connector.find_people(scope, &["mia@acme.example".to_owned()]).await;
        let _ = connector.create(&[create]).await;
        let _ = connector.update(&update).await;
        let _ = connector.step(scope, &ticket, &step).await;
        let _ = connector.add_comment(&comment).await;
        let _ = connector.edit_comment(&"1".into(), &comment).await;
        again();
    });
}

pub fn cursor(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice(bytes) else { return };
    let cursor = Cursor(value);
    let now_scope = Scope { container: String::new(), ticket_type: "incident".into(), request_type: None };
    let jira_scope = Scope { container: "CSD".into(), ticket_type: "10101".into(), request_type: None };
    for (cursor, page) in [(Some(&cursor), None), (None, Some(&cursor)), (Some(&cursor), Some(&cursor))] {
        let canned = Arc::new(Canned::new(200, br#"{"result":[],"issues":[]}"#));
        let (now, jira) = (now(&canned), jira_at(&canned));
        let connectors: [(&dyn Connector, &Scope); 2] = [(&now, &now_scope), (&jira, &jira_scope)];
        for (connector, scope) in connectors {
            let query = ChangesQuery { scope, fields: &[], cursor, since_ms: 0, page, limit: 20 };
            let _ = wait(connector.changes(&query));
        }
    }
}

/// Reads one quoted JQL literal as Jira's lexer does, with what follows.
fn literal(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &text[at + 2..])),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'u' => {
                    let hex: String = (0..4).filter_map(|_| chars.next().map(|(_, h)| h)).collect();
                    out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
                }
                other => out.push(other),
            },
            c if c.is_control() => return None,
            c => out.push(c),
        }
    }
    None
}

/// T10: whatever stands in a value, the query says exactly that value, or is not sent.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let canned = Arc::new(Canned::new(200, br#"{"result":[],"issues":[]}"#));
    let scope = Scope { container: text.clone(), ticket_type: "10101".into(), request_type: None };
    let query = ChangesQuery { scope: &scope, fields: &[], cursor: None, since_ms: 5, page: None, limit: 20 };
    let _ = wait(jira_at(&canned).changes(&query));
    for (_, body) in canned.asked.lock().unwrap().iter().filter(|(url, _)| url.contains("search/jql")) {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let said = body["jql"].as_str().unwrap().strip_prefix("project = ").unwrap();
        let (back, rest) = match literal(said) {
            Some((back, rest)) => (back, rest.to_owned()),
            None => {
                let digits: String = said.chars().take_while(char::is_ascii_digit).collect();
                (digits.clone(), said[digits.len()..].to_owned())
            }
        };
        assert_eq!(
            (back, rest.as_str()),
            (text.clone(), " AND issuetype = 10101 AND updated >= 5 ORDER BY key ASC")
        );
    }
    let canned = Arc::new(Canned::new(200, br#"{"result":[]}"#));
    let connector = now(&canned);
    let scope = Scope { container: String::new(), ticket_type: "incident".into(), request_type: None };
    let field = FieldId::from("short_description");
    wait(async {
        let _ = connector.find_by_field(&scope, &field, &Value::text(&text), &[], 5).await;
        let _ = connector.find_people(&scope, std::slice::from_ref(&text)).await;
        let _ = connector.find_by_key(&scope, &text).await;
        let _ = connector.fetch(&scope, &[TicketId::from(text.as_str())], &[], Want::default()).await;
    });
    for (url, _) in canned.asked.lock().unwrap().iter().skip(1) {
        let url = url::Url::parse(url).unwrap();
        let query =
            url.query_pairs().find(|(name, _)| name == "sysparm_query").map(|(_, value)| value.into_owned());
        let query = query.unwrap_or_default();
        let rest = query.replace(text.trim(), "");
        assert!(
            !rest.contains("javascript:") || rest.contains("sys_id=javascript:gs.getUserID()"),
            "{query}"
        );
        // The conditions are ours: as many as without any text.
        assert!(!text.trim().contains(['^', '\n', '\r']) || !query.contains(text.trim()), "{query}");
    }
}

pub fn headers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(ms) = http_date_ms(&text) {
        assert!(ms > -100_000_000_000_000 && ms < 1_000_000_000_000_000, "{ms}");
    }
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, value.clone())]);
        for now_ms in [NOW_MS, 0, i64::MIN, i64::MAX] {
            let _ = retry_after_ms(&headers, now_ms);
        }
        // In an answer, beside every other header that is read.
        let mut canned = Canned::new(429, b"{}");
        for name in [
            "retry-after",
            "date",
            "x-ratelimit-reset",
            "x-ratelimit-remaining",
            "x-total-count",
            "set-cookie",
            "x-seraph-loginreason",
            "link",
            "location",
            "ratelimit-reason",
        ] {
            canned.headers.insert(name, value.clone());
        }
        for status in [429, 200, 302] {
            canned.status = StatusCode::from_u16(status).unwrap();
            let canned = Arc::new(Canned {
                headers: canned.headers.clone(),
                status: canned.status,
                body: canned.body.clone(),
                asked: Mutex::default(),
            });
            let scope = Scope { container: "1".into(), ticket_type: "1".into(), request_type: None };
            let query =
                ChangesQuery { scope: &scope, fields: &[], cursor: None, since_ms: 0, page: None, limit: 20 };
            let _ = wait(jira_at(&canned).changes(&query));
            let scope =
                Scope { container: String::new(), ticket_type: "incident".into(), request_type: None };
            let query = ChangesQuery { scope: &scope, ..query };
            let _ = wait(now(&canned).changes(&query));
            for (url, _) in canned.asked.lock().unwrap().iter() {
                assert!(url.starts_with("https://acme.example/"), "{url}");
            }
        }
    }
    let line = printable(&text, 40);
    assert!(line.chars().count() <= 42 && !line.contains(char::is_control), "{line:?}");
    assert_eq!(printable(&line, 60), line);
    let name = base_name(&text);
    assert_eq!(base_name(&name), name);
}

pub fn address(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(base) = BaseAddress::origin_of(&text) {
        assert!(base.is_encrypted() || base.is_loopback(), "{text}");
        let again = BaseAddress::origin_of(&base.origin()).unwrap();
        assert_eq!(again.origin(), base.origin());
    }
    // No link, however spelled, leads anywhere but home.
    for home in
        ["https://acme.example", "https://acme.example:8443", "http://127.0.0.1:8080", "http://[::1]:8080"]
    {
        let base = BaseAddress::origin_of(home).unwrap();
        if let Ok(url) = base.follow(&text) {
            assert_eq!(url.origin().ascii_serialization(), base.origin(), "{text}");
            assert!(url.username().is_empty() && url.password().is_none(), "{text}");
        }
        if let Ok(url) = base.at(&text) {
            assert_eq!(url.origin().ascii_serialization(), base.origin(), "{text}");
        }
    }
}

pub const NOW_ANSWERS: &[&[u8]] = &[
    br#"{"result":[{"sys_id":"5f0c2d8e1b3a4f00aa11bb22cc33dd44","number":"INC0010001","sys_updated_on":"2026-11-20 11:00:00","sys_created_on":"2026-11-20 10:00:00","sys_created_by":"mia","sys_updated_by":"mia","sys_mod_count":"3","sys_class_name":"incident","short_description":"a","description":"b","state":"2","assigned_to":"6816f79cc0a8016401c5a33be04be441","correlation_id":"lockstep:00000001:1:00000002:0","correlation_display":"lockstep;s=0a1b2c3d","assignment_group":""}]}"#,
    br#"{"result":[{"sys_id":"aa0c2d8e1b3a4f00aa11bb22cc33dd44","element_id":"5f0c2d8e1b3a4f00aa11bb22cc33dd44","element":"comments","value":"[code]<b>x</b>[/code] [ls:abcdefghij]","sys_created_on":"2026-11-20 11:00:00","sys_created_by":"lockstep.sync"}]}"#,
    br#"{"result":[{"sys_id":"bb0c2d8e1b3a4f00aa11bb22cc33dd44","table_name":"incident","table_sys_id":"5f0c2d8e1b3a4f00aa11bb22cc33dd44","file_name":"../../x","content_type":"text/plain","size_bytes":"5","sys_created_on":"2026-11-20 11:00:00","sys_created_by":"mia","hash":""}]}"#,
    br#"{"result":{"columns":{"short_description":{"label":"Short description","max_length":160,"mandatory":true,"type":"string","choices":[{"value":"1","label":"x"}]}}}}"#,
    b"\x05{\"error\":{\"message\":\"Operation Failed\",\"detail\":\"Data Policy Exception: x\"},\"status\":\"failure\"}",
    b"\x08{\"error\":{\"message\":\"No Record found\",\"detail\":\"Record doesn't exist\"},\"status\":\"failure\"}",
    br#"{"result":{"sys_id":"5f0c2d8e1b3a4f00aa11bb22cc33dd44","sys_updated_on":"2026-11-20 11:00:00","short_description":"cut \ud83d"}}"#,
];

pub const JIRA_ANSWERS: &[&[u8]] = &[
    br#"{"issues":[{"id":"10042","key":"CSD-12","fields":{"project":{"id":"10001"},"issuetype":{"id":"10101"},"created":"2026-11-19T08:00:01.001+0100","updated":"2026-11-20T10:31:07.123+0100","creator":{"accountId":"us","displayName":"Lockstep","active":true},"summary":"a","labels":["x"],"status":{"id":"1"},"assignee":{"accountId":"m"},"duedate":"2026-11-20","description":{"type":"doc","version":1,"content":[]},"attachment":[{"id":7,"filename":"a.png","created":1795167067123,"size":3}],"comment":{"total":1,"comments":[]}},"properties":{"lockstep.link":{"v":1}}}],"nextPageToken":"t","isLast":false}"#,
    br#"{"id":"10042","key":"CSD-12","fields":{"project":{"id":"10001"},"issuetype":{"id":"10101"},"created":"2026-11-19T08:00:01.001+0100","updated":"2026-11-20T10:31:07.123+0100","summary":"cut \ud83d"},"properties":{}}"#,
    br#"{"comments":[{"id":"1","author":{"accountId":"us"},"body":{"type":"doc","content":[]},"created":"2026-11-20T10:31:07.123+0100","updated":"2026-11-20T10:31:07.123+0100","jsdPublic":false,"properties":[{"key":"lockstep.link","value":{"v":1,"ref":"abcdefghij"}}]}],"total":1}"#,
    br#"{"issues":[{"id":"1","key":"A-1","transition":{"status":204}}],"errors":[{"failedElementNumber":0,"elementErrors":{"errorMessages":[],"errors":{"summary":"too long"}}}]}"#,
    br#"{"transitions":[{"id":"11","name":"Done","to":{"id":"2","name":"Done"},"hasScreen":true,"fields":{"resolution":{"required":true,"schema":{"type":"resolution","system":"resolution"},"allowedValues":[{"id":"1"}]}}}]}"#,
    br#"{"values":[{"id":"1","projectId":"10001","projectKey":"CSD","name":"x"}],"isLastPage":true}"#,
    b"\x05{\"errorMessages\":[\"no\"],\"errors\":{\"summary\":{\"odd\":1}}}",
    b"\x0a{\"errorMessage\":\"slow down\"}",
];

pub const CURSORS: &[&[u8]] = &[
    br#"{"t":1795176000000}"#,
    br#"{"from":1,"last":[1795176000000,"5f0c2d8e1b3a4f00aa11bb22cc33dd44"],"skip":0,"before":1}"#,
    br#"{"from":-9223372036854775808,"skip":18446744073709551615,"before":9223372036854775807}"#,
    br#"{"t":-9223372036854775808}"#,
    br#"{"updated_since":-9223372036854775808}"#,
    br#"{"updated_since":1,"started":-9223372036854775808,"token":"t","seen":["a"]}"#,
    b"null",
];

pub const WORDS: &[&[u8]] = &[
    b"CSD",
    b"10001",
    b"a\" OR project != \"b",
    b"a^ORactive=true",
    b"javascript:gs.getUserID()",
    b"a\\\n\r\t\x00\x1f\\u0041",
    b"mia.o'neil+x@acme.example",
    b"5f0c2d8e1b3a4f00aa11bb22cc33dd44",
    b"Printer (3rd floor) is off-line",
];

pub const HEADERS: &[&[u8]] = &[
    b"3",
    b"1.5",
    b"1e400",
    b"-1",
    b"NaN",
    b"Sun, 06 Nov 1994 08:49:37 GMT",
    b"Fri, 31 Dec 9999 23:59:59 GMT",
    b"2026-06-05T06:00Z",
    b"9223372036854775807",
    b"https://evil.example/x",
    b"/\\evil.example",
    b"session=abc; Path=/",
];

pub const ADDRESSES: &[&[u8]] = &[
    b"https://acme.example/x?y#z",
    b"//evil.example/x",
    b"\\\\evil.example\\x",
    b"https://acme.example@evil.example/",
    b"http://2130706433:8080/",
    b"http://[::ffff:127.0.0.1]:8080/",
    b"/x\t/../\n//evil",
    b"HTTPS://ACME.example:443/",
    b"http://localhost.evil",
    b"?x",
];
