//! V16, T7, T8: after a whole journey at the finest log level, no secret of the practice accounts stands anywhere: not in
//! the store, its log, the logs, exports, copies, temporary files, the output, the command lines or environments.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use memchr::memmem;
use serde_json::{Value, json};
use xtask::lab::Ended;

use crate::world::{CONNECTION, World};

/// A word of a ticket that stands nowhere else.
const WORD: &str = "Zirkonvortex";
/// How each cookie of a session with the practice ServiceNow begins.
const COOKIE: &str = "5E551017C0FFEE";
/// A secret that is refused is one all the same.
const REFUSED: &str = "refused-Horizont-7711-token";

/// The forms a secret may hide in.
fn forms(secret: &str, user: Option<&str>) -> Vec<Vec<u8>> {
    let hex = |upper: bool| {
        let digit = |byte: u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
        secret.bytes().map(digit).collect::<String>()
    };
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let mut all = vec![secret.to_owned(), base64(secret), hex(false), hex(true), percent];
    all.extend(user.map(|user| base64(&format!("{user}:{secret}"))));
    all.extend(user.map(|user| base64(&format!("{user}:{secret}")).replace('+', "-").replace('/', "_")));
    // Padding depends on what follows.
    all.iter().map(|form| form.trim_end_matches('=').as_bytes().to_vec()).collect()
}

fn base64(text: &str) -> String {
    let header = xtask::lab::basic_of(text.as_bytes());
    header.trim_start_matches("Basic ").to_owned()
}

/// What is looked for, each with a name that may be told.
#[derive(Default)]
struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    fn add(&mut self, name: &str, secret: &Value, user: Option<&str>) {
        let secret = secret.as_str().unwrap_or_else(|| panic!("the practice pair tells its {name}"));
        assert!(secret.len() >= 12, "{name} is too short to be looked for");
        self.0.extend(forms(secret, user).into_iter().map(|form| (name.to_owned(), form)));
    }

    /// Which of them stand in these bytes.
    fn found_in(&self, bytes: &[u8]) -> Vec<&(String, Vec<u8>)> {
        self.0.iter().filter(|(_, needle)| memmem::find(bytes, needle).is_some()).collect()
    }
}

/// Everything that was seen of the program besides its files.
struct Watched<'w> {
    world: &'w World,
    temporary: PathBuf,
    seen: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Watched<'_> {
    fn call(&self, arguments: &[&str], input: Option<&str>) -> Ended {
        let mut child = Command::new(&self.world.lockstep.program)
            .arg("--data-dir")
            .arg(&self.world.lockstep.data)
            .args(arguments)
            .env("TMPDIR", &self.temporary)
            .env("LOCKSTEP_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, input.unwrap_or_default().as_bytes()).unwrap();
        drop(stdin);
        let pid = child.id();
        let ended = std::thread::scope(|scope| {
            let waiting = scope.spawn(move || child.wait_with_output().unwrap());
            while !waiting.is_finished() {
                self.look_at(pid);
                std::thread::sleep(Duration::from_millis(15));
            }
            waiting.join().unwrap()
        });
        let name = format!("lockstep {}", arguments.join(" "));
        let mut seen = self.seen.lock().unwrap();
        seen.push((format!("output of {name}"), ended.stdout.clone()));
        seen.push((format!("errors of {name}"), ended.stderr.clone()));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ended { code: ended.status.code().unwrap_or(-1), out: text(ended.stdout), err: text(ended.stderr) }
    }

    fn good(&self, arguments: &[&str], input: Option<&str>) -> String {
        let ended = self.call(arguments, input);
        assert!(matches!(ended.code, 0 | 6), "{arguments:?}: {}{}", ended.out, ended.err);
        ended.out
    }

    fn look_at(&self, pid: u32) {
        for what in ["cmdline", "environ"] {
            if let Ok(bytes) = std::fs::read(format!("/proc/{pid}/{what}")) {
                let mut seen = self.seen.lock().unwrap();
                // Mostly the same as a moment ago.
                if !seen.iter().rev().take(2).any(|(_, last)| *last == bytes) {
                    seen.push((format!("{what} of {pid}"), bytes));
                }
            }
        }
    }
}

/// All files below, with their contents.
fn files(below: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![below.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.push((path.display().to_string(), bytes));
            }
        }
    }
    found
}

fn hits(needles: &Needles, places: &[(String, Vec<u8>)]) -> Vec<String> {
    places
        .iter()
        .flat_map(|(place, bytes)| {
            needles.found_in(bytes).into_iter().map(move |(name, _)| format!("{name} in {place}"))
        })
        .collect()
}

/// Tokens that the practice ServiceNow gave out.
fn tokens(state: &Value, found: &mut Vec<Value>) {
    match state {
        Value::Object(map) => {
            if map.contains_key("access") && map.contains_key("refresh") {
                found.extend([map["access"].clone(), map["refresh"].clone()]);
            }
            map.values().for_each(|value| tokens(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| tokens(value, found)),
        _ => {}
    }
}

#[test]
fn v16_no_secret_stands_anywhere_after_a_whole_journey() {
    let Some(world) = World::new("small") else { return };
    let (now, jira) = (&world.practice.servicenow, &world.practice.jira);
    let temporary = world.folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let watched = Watched { world: &world, temporary: temporary.clone(), seen: Mutex::default() };
    whole_journey(&world, &watched);

    let known = world.practice.sign_ins(now).unwrap();
    let mut needles = Needles::default();
    needles.add("ServiceNow's password", &known["lockstep"]["secret"], Some("lockstep.sync"));
    let client = known["oauth_client"]["client_id"].as_str().unwrap().to_owned();
    needles.add("the OAuth client's secret", &known["oauth_client"]["client_secret"], Some(&client));
    needles.add("ServiceNow's API key", &known["api_key"], None);
    needles.add("Jira's API token", &json!(jira.secret), Some("lockstep@corvane.example"));
    needles.add("the refused token", &json!(REFUSED), Some("lockstep@corvane.example"));
    needles.add("the session's cookie", &json!(COOKIE), None);
    let mut given = Vec::new();
    tokens(&world.practice.states().unwrap()[0], &mut given);
    assert!(given.len() >= 2, "OAuth was used");
    for token in &given {
        needles.add("an OAuth token", token, None);
    }

    // The search is tried first: each form of each secret, planted, is found.
    let planted = world.lockstep.data.join("planted");
    let all: Vec<&[u8]> = needles.0.iter().map(|(_, form)| form.as_slice()).collect();
    std::fs::write(&planted, all.join(&b" and "[..])).unwrap();
    let (_, bytes) =
        files(world.folder.path()).into_iter().find(|(place, _)| place.ends_with("planted")).unwrap();
    assert_eq!(needles.found_in(&bytes).len(), needles.0.len(), "the search misses what was planted");
    assert!(!hits(&needles, &files(world.folder.path())).is_empty());
    std::fs::remove_file(&planted).unwrap();

    let mut places = files(world.folder.path());
    let logged: usize =
        places.iter().filter(|(place, _)| place.contains("/logs/")).map(|(_, bytes)| bytes.len()).sum();
    assert!(logged > 100_000, "the log was written at its finest level: {logged} bytes");
    for wanted in ["lockstep.db", "exported.toml", "copy.db"] {
        assert!(places.iter().any(|(place, _)| place.ends_with(wanted)), "{wanted} was looked at");
    }
    let store: Vec<_> =
        places.iter().filter(|(place, _)| place.contains(".db")).map(|(_, bytes)| bytes).collect();
    assert!(!store.iter().any(|bytes| has(bytes, WORD)), "ticket texts are encrypted at rest");
    places.extend(watched.seen.into_inner().unwrap());
    assert!(places.iter().any(|(_, bytes)| has(bytes, WORD)), "the output shows tickets");
    let hits = hits(&needles, &places);
    assert!(hits.is_empty(), "{} places: {hits:#?}", places.len());
    println!("{} forms of secrets, {} places, 0 hits", needles.0.len(), places.len());
}

fn has(bytes: &[u8], word: &str) -> bool {
    memmem::find(bytes, word.as_bytes()).is_some()
}

fn whole_journey(world: &World, watched: &Watched<'_>) {
    let path = |name: &str| world.folder.path().join(name).to_string_lossy().into_owned();
    let (now, jira) = (&world.practice.servicenow, &world.practice.jira);
    let id = world.file_incident(&format!("{WORD} makes noise"));
    watched.good(&["config", "check", &world.lockstep.data.join("demo.toml").to_string_lossy()], None);
    // Another account, by another sign-in; one whose secret is wrong; one by API key.
    let more = [
        "account",
        "add",
        "Second Jira",
        "--platform",
        "jira",
        "--email",
        "lockstep@corvane.example",
        "--address",
    ];
    watched.good(&[&more[..], &[&jira.url]].concat(), Some(&jira.secret));
    assert_eq!(watched.call(&["account", "sign-in", "Second Jira"], Some(REFUSED)).code, 3);
    assert_eq!(watched.call(&["--json", "account", "sign-in", "Second Jira"], Some(REFUSED)).code, 3);
    let known = world.practice.sign_ins(now).unwrap();
    let client = known["oauth_client"]["client_id"].as_str().unwrap();
    let secret = json!({ "client_secret": known["oauth_client"]["client_secret"], "password": known["lockstep"]["secret"] });
    let tokens = [
        "account",
        "add",
        "By tokens",
        "--platform",
        "servicenow",
        "--method",
        "oauth-password",
        "--user",
        "lockstep.sync",
        "--client-id",
        client,
        "--address",
        &now.url,
    ];
    watched.good(&tokens, Some(&secret.to_string()));
    let key = [
        "account",
        "add",
        "By key",
        "--platform",
        "servicenow",
        "--method",
        "api-key",
        "--address",
        &now.url,
    ];
    watched.call(&key, known["api_key"].as_str());
    for name in ["Practice ServiceNow", "Practice Jira", "By tokens", "By key", "Second Jira"] {
        watched.call(&["account", "test", name], None);
        watched.call(&["--json", "account", "test", name], None);
    }
    watched.good(&["account", "list"], None);
    watched.good(&["--json", "connection", "check", CONNECTION], None);
    watched.good(&["plan", CONNECTION, "--since", "all"], None);
    watched.good(&["--json", "run", CONNECTION, "--since", "all", "--yes"], None);
    world.settle();
    watched.good(&["run", CONNECTION], None);
    // Both sides say something else: a conflict. And then the platforms misbehave.
    let issue = world.issue_titled(&format!("{WORD} makes noise"))["id"].as_str().unwrap().to_owned();
    world.edit_incident(&id, json!({ "short_description": "From ServiceNow", "comments": "Listen" }));
    world.edit_issue(&issue, json!({ "summary": "From Jira" }));
    watched.good(&["--json", "run", CONNECTION], None);
    let conflicts: Value =
        serde_json::from_str(&watched.good(&["--json", "conflicts", "list"], None)).unwrap();
    let conflict = conflicts[0]["id"].to_string();
    watched.good(&["conflicts", "decide", &conflict, "source"], None);
    for (running, fault) in [
        (now, json!({ "kind": "html200", "times": 1 })),
        (jira, json!({ "kind": "status", "status": 500, "times": 3 })),
        (now, json!({ "kind": "expired_token", "times": 1 })),
        (jira, json!({ "kind": "cut_after", "times": 2 })),
        (jira, json!({ "kind": "truncated_body", "times": 2 })),
    ] {
        world.edit_incident(&id, json!({ "work_notes": format!("after {}", fault["kind"]) }));
        world.practice.fault(running, &fault).unwrap();
        watched.call(&["--json", "run", CONNECTION], None);
        watched.call(&["run", CONNECTION], None);
        world.practice.clear_faults(running).unwrap();
    }
    world.practice.switch(jira, &json!({ "token_expired": true })).unwrap();
    watched.call(&["run", CONNECTION], None);
    watched.call(&["--json", "doctor"], None);
    world.practice.switch(jira, &json!({ "token_expired": false })).unwrap();
    // The account by tokens takes the connection over.
    let file = path("by-tokens.toml");
    let text = watched.good(&["config", "export"], None);
    std::fs::write(&file, text.replace("source = \"Practice ServiceNow\"", "source = \"By tokens\""))
        .unwrap();
    watched.call(&["config", "import", &file], None);
    watched.call(&["--json", "run", CONNECTION, "--yes"], None);
    watched.good(&["config", "export", "--output", &path("exported.toml")], None);
    watched.good(&["backup", &path("copy.db")], None);
    watched.good(&["connection", "automatic", CONNECTION, "on"], None);
    watching(watched);
    for arguments in [
        &["runs"][..],
        &["runs", "1"],
        &["--json", "runs", "1"],
        &["quarantine"],
        &["link"],
        &["conflicts"],
        &["explain", "CSD-1"],
        &["--json", "explain", "CSD-1"],
        &["connection", "list"],
        &["doctor"],
        &["account", "remove", "By key"],
        &["run", "No such connection"],
        &["backup", "/nowhere/at/all.db"],
    ] {
        watched.call(arguments, None);
    }
}

/// A few seconds of `watch`, ended by a person.
fn watching(watched: &Watched<'_>) {
    let script = "\"$@\" & sleep 4; kill -INT $!; wait $!";
    let ended = Command::new("bash")
        .args(["-c", script, "bash"])
        .arg(&watched.world.lockstep.program)
        .arg("--data-dir")
        .arg(&watched.world.lockstep.data)
        .args(["--json", "watch"])
        .env("TMPDIR", &watched.temporary)
        .env("LOCKSTEP_LOG", "trace")
        .output()
        .unwrap();
    watched.seen.lock().unwrap().push(("output of watch".to_owned(), [ended.stdout, ended.stderr].concat()));
}
