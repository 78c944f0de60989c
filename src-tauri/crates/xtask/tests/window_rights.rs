//! What the page in the window may do, word for word. A change here is a change of what an attacker gains by one script
//! in a ticket's text, so it is made on purpose: here and in the file, with the reason in the commit.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; connect-src ipc: http://ipc.localhost; frame-src 'none'; base-uri 'none'; form-action 'none'";

#[test]
fn the_content_security_policy_lets_in_our_own_pages_only() {
    let security = &read("tauri.conf.json")["app"]["security"];
    let expected = json!({ "csp": CONTENT_SECURITY_POLICY, "capabilities": ["main"] });
    assert_eq!(*security, expected, "no other key either: several of them loosen the policy");
}

#[test]
fn there_is_one_window_and_no_global_tauri_object() {
    let app = &read("tauri.conf.json")["app"];
    assert_eq!(app["withGlobalTauri"], false);
    let labels: Vec<&Value> = app["windows"]
        .as_array()
        .expect("windows are listed")
        .iter()
        .map(|window| &window["label"])
        .collect();
    assert_eq!(labels, ["main"]);
}

#[test]
fn the_page_may_call_the_one_command_and_hear_events() {
    assert_eq!(names_in("src-tauri/capabilities"), ["main.json"]);
    let mut capability = read("src-tauri/capabilities/main.json");
    let described = capability.as_object_mut().expect("a capability is an object");
    described.remove("$schema");
    described.remove("description");
    let expected = json!({
        "identifier": "main",
        "local": true,
        "windows": ["main"],
        "permissions": ["allow-call", "core:event:allow-listen", "core:event:allow-unlisten"],
    });
    assert_eq!(capability, expected);
}

#[test]
fn the_only_permission_of_our_own_is_call() {
    assert_eq!(names_in("src-tauri/permissions"), ["call.toml"]);
    let permission =
        fs::read_to_string(root().join("src-tauri/permissions/call.toml")).expect("it can be read");
    let allowed: Vec<&str> = permission.lines().filter(|line| line.contains("commands")).collect();
    assert_eq!(allowed.last(), Some(&"commands.allow = [\"call\"]"));
    assert_eq!(permission.matches("[[permission]]").count(), 1);
}

fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder can be read");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn read(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).expect("the file can be read");
    serde_json::from_str(&text).expect("the file is JSON")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
