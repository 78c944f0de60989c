//! H51: the keychain is locked while the program is at work. A run at work has its secrets and ends well, token
//! refreshes included; the next one is refused with the remedy before anything is sent; nothing is asked for twice.
//!
//! These journeys lock a keyring, so they play in a process of their own, on a private bus.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use lockstep_app::places::{Entry, Keychain, Secret};
use serde_json::json;
use zbus::blocking::Connection;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::running::Running;
use crate::world::{CONNECTION, World, keychain_answers};

/// Set for the process on the private bus.
const INSIDE: &str = "LOCKSTEP_KEYCHAIN_JOURNEY";
const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const KEYRING: &str = "/org/freedesktop/secrets/collection/login";
/// What `.ci/with-keychain` unlocks its private keyring with; it holds nothing but what the journey puts there.
const PASSWORD: &[u8] = b"lockstep";

/// Plays a journey of this file on a private bus. False inside it: then it is this call's turn to play.
fn plays_elsewhere(journey: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return false;
    }
    if !keychain_answers() {
        return true;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../.ci/with-keychain");
    let played = Command::new(script)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("keychain::{journey}"), "--nocapture"])
        .env(INSIDE, "1")
        .env("LOCKSTEP_OWN_KEYCHAIN", "1")
        // Without a screen the keyring's question is refused at once; on one it would wait a minute for a person.
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(played.status.success(), "{}{}", said(&played.stdout), said(&played.stderr));
    assert!(said(&played.stdout).contains("1 passed"), "it did not play: {}", said(&played.stdout));
    true
}

fn lock(bus: &Connection) {
    let all = vec![ObjectPath::try_from(KEYRING).unwrap()];
    bus.call_method(Some(SERVICE), ROOT, Some("org.freedesktop.Secret.Service"), "Lock", &(all,)).unwrap();
}

/// By the keyring's own back door for tests, since nobody is there to answer its prompt.
fn unlock(bus: &Connection) {
    let opened = bus
        .call_method(
            Some(SERVICE),
            ROOT,
            Some("org.freedesktop.Secret.Service"),
            "OpenSession",
            &("plain", Value::from("")),
        )
        .unwrap();
    let (_, session): (OwnedValue, OwnedObjectPath) = opened.body().deserialize().unwrap();
    let secret = (session, Vec::<u8>::new(), PASSWORD.to_vec(), "text/plain");
    let keyring = ObjectPath::try_from(KEYRING).unwrap();
    let door = Some("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface");
    bus.call_method(Some(SERVICE), ROOT, door, "UnlockWithMasterPassword", &(keyring, secret)).unwrap();
}

fn calls(world: &World) -> [u64; 2] {
    [&world.practice.servicenow, &world.practice.jira]
        .map(|running| world.practice.log(running).unwrap()["next"].as_u64().unwrap())
}

fn token_calls(world: &World) -> usize {
    let log = world.practice.log(&world.practice.servicenow).unwrap();
    let entries = log["entries"].as_array().unwrap();
    entries.iter().filter(|entry| entry["path"].as_str().unwrap().contains("oauth_token")).count()
}

/// Refused before anything is sent, with the remedy, and quickly: no prompt is waited for.
fn refused(world: &World, arguments: &[&str]) {
    let before = calls(world);
    let ended = world.lockstep.call(arguments, None).unwrap();
    assert_eq!(ended.code, 7, "{arguments:?}: {}{}", ended.out, ended.err);
    let said = format!("{}{}", ended.out, ended.err);
    assert!(said.contains("locked") && said.contains("Unlock it"), "{said}");
    assert_eq!(calls(world), before, "nothing is sent without the secrets");
}

fn change(world: &World, what: &str, into: &str) {
    let file = world.lockstep.data.join("demo.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(what), "{what}");
    std::fs::write(&file, text.replace(what, into)).unwrap();
    world.lockstep.must(&["config", "import", &file.to_string_lossy()], None).unwrap();
}

/// ServiceNow by a user's name and password exchanged for tokens.
fn sign_in_by_oauth(world: &World) {
    let known = world.practice.sign_ins(&world.practice.servicenow).unwrap();
    let client = &known["oauth_client"];
    let id = client["client_id"].as_str().unwrap();
    let by_token = format!(
        "sign_in = {{ method = \"oauth_password\", client_id = \"{id}\", user = \"lockstep.sync\" }}"
    );
    world.practice.switch(&world.practice.servicenow, &json!({ "password_grant": true })).unwrap();
    change(world, "sign_in = { method = \"basic\", user = \"lockstep.sync\" }", &by_token);
    let secret = json!({ "client_secret": client["client_secret"], "password": known["lockstep"]["secret"] });
    world.lockstep.must(&["account", "sign-in", "Practice ServiceNow"], Some(&secret.to_string())).unwrap();
}

#[test]
fn h51_a_keychain_locked_in_the_middle_of_a_run_stops_no_run_and_refuses_the_next() {
    if plays_elsewhere("h51_a_keychain_locked_in_the_middle_of_a_run_stops_no_run_and_refuses_the_next") {
        return;
    }
    let world = World::new("empty").expect("a keyring of its own answers");
    let bus = Connection::session().unwrap();
    sign_in_by_oauth(&world);
    for title in ["One", "Two", "Three"] {
        world.file_incident(title);
    }
    let slow = json!({ "kind": "latency", "ms": 150 });
    world.practice.fault(&world.practice.jira, &slow).unwrap();
    let running = Running::start(&world.lockstep, &["run", CONNECTION, "--since", "all", "--yes"]);
    running.until_phase("plan");
    lock(&bus);
    // And half an hour passes for ServiceNow, so that the token ends: it is refreshed without the keychain, for it never
    // was in there.
    world.practice.set_clock(&world.practice.servicenow, 1_900_000).unwrap();
    let (code, said) = running.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(token_calls(&world) >= 2, "the token was refreshed while the keychain was locked");
    world.practice.clear_faults(&world.practice.jira).unwrap();
    refused(&world, &["run", CONNECTION]);
    refused(&world, &["watch"]);
    refused(&world, &["account", "test", "Practice Jira"]);
    refused(&world, &["doctor"]);
    unlock(&bus);
    world.settle();
    world.good_run();
    world.quiet_run();
    for title in ["One", "Two", "Three"] {
        assert_eq!(world.issues_titled(title).len(), 1, "{title}");
    }
    world.lockstep.must(&["doctor"], None).unwrap();
}

#[test]
fn h51_a_watch_waits_for_a_locked_keychain_and_goes_on_when_it_is_open() {
    if plays_elsewhere("h51_a_watch_waits_for_a_locked_keychain_and_goes_on_when_it_is_open") {
        return;
    }
    let world = World::new("empty").expect("a keyring of its own answers");
    let bus = Connection::session().unwrap();
    change(&world, "interval_seconds = 300", "interval_seconds = 30");
    world.file_incident("Before");
    world.first_run();
    world.lockstep.must(&["connection", "automatic", CONNECTION, "on"], None).unwrap();
    let watch = Running::start(&world.lockstep, &["watch"]);
    watch.until(|event| event["event"] == "watching");
    lock(&bus);
    world.file_incident("While it is locked");
    let failed = watch.until(|event| event["event"] == "run_failed" || event["event"] == "run_ended");
    assert_eq!(failed["event"], "run_failed", "{failed}");
    assert_eq!(failed["error"]["code"], "keychain", "{failed}");
    assert!(failed["error"]["hint"].as_str().unwrap().contains("Unlock it"), "{failed}");
    assert!(world.issues_titled("While it is locked").is_empty());
    unlock(&bus);
    let ended = watch.until(|event| event["event"] == "run_ended");
    assert_eq!(ended["result"], "success", "{ended}");
    watch.signal("-INT");
    assert_eq!(watch.end().0, Some(0));
    assert_eq!(world.issues_titled("While it is locked").len(), 1);
}

#[test]
fn a_keychain_that_was_started_anew_is_asked_over_a_new_connection() {
    if plays_elsewhere("a_keychain_that_was_started_anew_is_asked_over_a_new_connection") {
        return;
    }
    let bus = Connection::session().unwrap();
    let pid = || -> Option<u32> {
        let about = Some("org.freedesktop.DBus");
        let asked =
            bus.call_method(about, "/org/freedesktop/DBus", about, "GetConnectionUnixProcessID", &SERVICE);
        asked.ok()?.body().deserialize().ok()
    };
    let keychain = Keychain::with_service("app.lockstep.test.restarted");
    let entry = Entry::Proof { store: "0a1b2c3d".to_owned() };
    keychain.set(&entry, &Secret::new("kept".to_owned())).unwrap();
    let before = pid().unwrap();
    Command::new("kill").args(["-KILL", &before.to_string()]).status().unwrap();
    let anew = (0..400).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        pid().is_some_and(|now| now != before)
    });
    assert!(anew, "the daemon was not started again");
    assert_eq!(keychain.get(&entry).unwrap().open(), "kept");
    keychain.delete(&entry).unwrap();
}
