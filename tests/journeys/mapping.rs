//! A mapping tried from the command line: counts, suggestions, one real ticket, its description, the templates; and the way
//! back to an earlier version.

use crate::world::{CONNECTION, World};

#[test]
fn a_mapping_is_tried_on_a_real_ticket_and_nothing_is_written() {
    let Some(world) = World::new("empty") else { return };
    let id = world.file_incident("Mailbox full");
    let number = world.incident(&id)["number"].as_str().unwrap().to_owned();
    let counted = world.json(&["mapping", "count", CONNECTION]);
    assert_eq!(counted["counts"]["source"]["state"]["1"], 1, "{counted:#}");

    let trial = world.json(&["mapping", "try", CONNECTION, &number]);
    assert_eq!(trial["partner"], serde_json::Value::Null);
    let rows = trial["rows"].as_array().unwrap();
    let summary = rows.iter().find(|row| row["label"] == "Summary").unwrap();
    assert_eq!((&summary["after"], &summary["state"]), (&"Mailbox full".into(), &"changes".into()));
    let told = world.lockstep.must(&["mapping", "try", CONNECTION, &number], None).unwrap();
    assert!(told.contains("Would send") && told.contains("a new ticket"), "{told}");
    let built = world.lockstep.must(&["mapping", "describe", CONNECTION, &number], None).unwrap();
    assert!(built.contains(&number) && built.contains("It stopped this morning."), "{built}");
    let caught = world.lockstep.must(&["mapping", "templates", CONNECTION, &number], None).unwrap();
    assert!(caught.contains("Incident: caught here"), "{caught}");
    assert!(world.issues_titled("Mailbox full").is_empty(), "trying writes nothing");

    let missing = world.lockstep.call(&["mapping", "try", CONNECTION, "INC9999999"], None).unwrap();
    assert!(missing.code != 0 && missing.err.contains("INC9999999"), "{}", missing.err);
    world.first_run();
    let told = world.lockstep.must(&["mapping", "try", CONNECTION, &number], None).unwrap();
    assert!(told.contains("Would send nothing."), "{told}");
    // By the other side's key as well.
    let key = world.issue_titled("Mailbox full")["key"].as_str().unwrap().to_owned();
    assert_eq!(world.json(&["mapping", "try", CONNECTION, &key])["from"], "target");
}

#[test]
fn an_earlier_version_of_a_mapping_comes_back_as_a_new_one() {
    let Some(world) = World::new("empty") else { return };
    let exported = world.folder.path().join("edited.toml");
    let file = exported.to_str().unwrap();
    let text = world.lockstep.must(&["config", "export"], None).unwrap();
    let edited = text.replace("creates_max = 1000000", "creates_max = 7");
    assert_ne!(text, edited);
    std::fs::write(&exported, edited).unwrap();
    world.lockstep.must(&["config", "import", file], None).unwrap();
    let versions = world.json(&["mapping", "versions", CONNECTION]);
    assert_eq!((&versions[0]["revision"], &versions[0]["live"]), (&2.into(), &true.into()));
    // What stands in a version is checked against what the platforms offer now.
    world.lockstep.must(&["mapping", "count", CONNECTION], None).unwrap();
    let told = world.lockstep.must(&["mapping", "restore", CONNECTION, "1"], None).unwrap();
    assert!(told.contains("as version 3"), "{told}");
    assert_eq!(world.lockstep.must(&["config", "export"], None).unwrap(), text);
    let gone = world.lockstep.call(&["mapping", "restore", CONNECTION, "99"], None).unwrap();
    assert!(gone.code != 0 && gone.err.contains("version 99"), "{}", gone.err);
}
