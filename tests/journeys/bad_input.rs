//! Bad input: each ends in a message that names the thing and the remedy, a documented exit code, an untouched store.

use serde_json::json;

use crate::world::{CONNECTION, World, keychain_answers, program};

/// What a person reads of an error, whichever stream it came on.
fn said(ended: &xtask::lab::Ended) -> String {
    format!("{}{}", ended.out, ended.err)
}

#[test]
fn malformed_configuration_is_reported_with_every_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.toml");
    std::fs::write(&file, "[[account]]\nname = \"A\"\nplatform = \"servicenow\"\naddress = 7\npassword = \"x\"\n\n[[connection]]\nname = \"C\"\nsource = \"A\"\ntarget = \"Nobody\"\ninterval_seconds = 5\n").unwrap();
    let ended = program(folder.path().join("data"))
        .call(&["config", "check", &file.to_string_lossy()], None)
        .unwrap();
    assert_eq!(ended.code, 2, "{}", said(&ended));
    let said = said(&ended);
    for place in ["4", "Nobody", "interval_seconds", "password"] {
        assert!(said.contains(place), "{place} is missing in:\n{said}");
    }
}

#[test]
fn wrong_credentials_name_the_account_and_change_nothing() {
    let Some(world) = World::new("empty") else { return };
    world.file_incident("Nothing may happen to me");
    let ended = world.lockstep.call(&["account", "sign-in", "Practice Jira"], Some("not-the-token")).unwrap();
    assert_eq!(ended.code, 3, "{}", said(&ended));
    assert!(said(&ended).contains("Practice Jira"), "{}", said(&ended));
    world.first_run();
    world.file_incident("Nothing may happen to me either");
    world.practice.switch(&world.practice.jira, &json!({ "token_expired": true })).unwrap();
    let (ended, _) = world.run(&[]);
    assert_eq!(ended.code, 3, "{}", said(&ended));
    assert!(said(&ended).contains("Jira"), "{}", said(&ended));
    assert!(said(&ended).to_lowercase().contains("sign"), "it says what to do: {}", said(&ended));
    world.practice.switch(&world.practice.jira, &json!({ "token_expired": false })).unwrap();
    assert_eq!(world.practice.issues(&["summary"]).unwrap().len(), 1);
    world.good_run();
    assert_eq!(world.practice.issues(&["summary"]).unwrap().len(), 2, "nothing was lost meanwhile");
}

#[test]
fn a_wrong_address_is_named() {
    let Some(world) = World::new("empty") else { return };
    let file = world.folder.path().join("data").join("demo.toml");
    let text =
        std::fs::read_to_string(&file).unwrap().replace(&world.practice.jira.url, "http://127.0.0.1:9");
    std::fs::write(&file, text).unwrap();
    world.lockstep.must(&["config", "import", &file.to_string_lossy()], None).unwrap();
    world.lockstep.call(&["account", "sign-in", "Practice Jira"], Some(&world.practice.jira.secret)).unwrap();
    let (ended, _) = world.run(&["--since", "all", "--yes"]);
    assert_eq!(ended.code, 4, "{}", said(&ended));
    assert!(said(&ended).contains("127.0.0.1"), "{}", said(&ended));
}

#[test]
fn an_unknown_project_and_a_field_that_is_gone_stop_the_run_before_it_writes() {
    let Some(world) = World::new("empty") else { return };
    world.file_incident("Nothing may happen to me");
    let file = world.folder.path().join("data").join("demo.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, good.replace("customfield_10041", "customfield_99999")).unwrap();
    world.lockstep.must(&["config", "import", &file.to_string_lossy()], None).unwrap();
    let (ended, _) = world.run(&["--since", "all", "--yes"]);
    assert_eq!(ended.code, 5, "{}", said(&ended));
    let checked = world.lockstep.call(&["connection", "check", CONNECTION], None).unwrap();
    assert!(said(&checked).contains("customfield_99999"), "{}", said(&checked));
    std::fs::write(&file, good.replace("container = \"CSD\"", "container = \"NOPE\"")).unwrap();
    world.lockstep.must(&["config", "import", &file.to_string_lossy()], None).unwrap();
    let (ended, _) = world.run(&["--since", "all", "--yes"]);
    assert_ne!(ended.code, 0);
    assert!(said(&ended).contains("NOPE"), "{}", said(&ended));
    assert!(world.practice.issues(&["summary"]).unwrap().is_empty());
}

#[test]
fn a_second_process_is_told_who_holds_the_store() {
    let Some(world) = World::new("empty") else { return };
    world.file_incident("Slow one");
    let slow = json!({ "kind": "latency", "ms": 1_500 });
    world.practice.fault(&world.practice.jira, &slow).unwrap();
    let mut running = world.spawn_run();
    std::thread::sleep(std::time::Duration::from_millis(1_000));
    let (ended, _) = world.run(&["--since", "all", "--yes"]);
    assert_eq!(ended.code, 9, "{}", said(&ended));
    assert!(said(&ended).contains(&running.id().to_string()), "{}", said(&ended));
    running.wait().unwrap();
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is() {
    if !keychain_answers() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let lockstep = program(folder.path().join("data"));
    lockstep.must(&["account", "list"], None).unwrap();
    let store = std::fs::read_dir(&lockstep.data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .max_by_key(|path| path.metadata().unwrap().len())
        .unwrap();
    let mut bytes = std::fs::read(&store).unwrap();
    for byte in &mut bytes[..4096] {
        *byte ^= 0x5a;
    }
    std::fs::write(&store, &bytes).unwrap();
    let ended = lockstep.call(&["account", "list"], None).unwrap();
    assert_eq!(ended.code, 8, "{}", said(&ended));
    assert_eq!(std::fs::read(&store).unwrap(), bytes, "untouched");
}

#[test]
fn without_a_keychain_it_says_what_to_do_and_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .arg("--data-dir")
        .arg(&data)
        .args(["account", "list"])
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/nobody", folder.path().display()))
        .env_remove("XDG_RUNTIME_DIR")
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert!(said.to_lowercase().contains("keychain"), "{said}");
    let kept = std::fs::read_dir(&data).map(|dir| dir.count()).unwrap_or(0);
    assert!(kept <= 1, "nothing but an empty folder or its lock may be left: {kept}");
}

#[test]
fn a_missing_permission_is_named_and_the_ticket_waits_for_a_person() {
    let Some(world) = World::new("empty") else { return };
    world.file_incident("May not be created");
    world.practice.switch(&world.practice.jira, &json!({ "deny_permissions": ["CREATE_ISSUES"] })).unwrap();
    let (ended, _) = world.run(&["--since", "all", "--yes"]);
    assert_ne!(ended.code, 0, "{}", said(&ended));
    let tested = world.lockstep.call(&["account", "test", "Practice Jira"], None).unwrap();
    assert!(
        said(&tested).contains("CREATE_ISSUES") || said(&tested).to_lowercase().contains("create"),
        "{}",
        said(&tested)
    );
    assert!(world.practice.issues(&["summary"]).unwrap().is_empty());
    world.practice.switch(&world.practice.jira, &json!({ "deny_permissions": [] })).unwrap();
    world.lockstep.call(&["quarantine", "retry", "--all", "--connection", CONNECTION], None).unwrap();
    world.lockstep.must(&["connection", "check", CONNECTION], None).unwrap();
    world.run(&["--since", "all", "--yes"]);
    assert_eq!(world.issues_titled("May not be created").len(), 1);
}
