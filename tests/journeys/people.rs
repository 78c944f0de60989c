//! What people decide: reopening, conflicts, unmapped values, linking tickets that exist.

use serde_json::json;

use crate::world::{CONNECTION, World};

#[test]
fn a_resolved_ticket_is_reopened_from_the_other_side() {
    // The small seed has a ticket in every status, so that the whole workflow is known from the start.
    let Some(world) = World::new("small") else { return };
    let id = world.file_incident("Mailbox full");
    world.edit_incident(&id, json!({ "state": "2" }));
    world.first_run();
    world.edit_incident(
        &id,
        json!({ "state": "6", "close_code": "Solution provided", "close_notes": "Archived old mail." }),
    );
    let report = world.good_run();
    assert_eq!(report["counts"]["closed"], 1, "{report:#}");
    let issue = world.issue_titled("Mailbox full");
    assert_eq!(issue["fields"]["status"]["id"], "5");
    assert!(issue["fields"]["resolution"].is_object(), "the transition's required field was sent");
    world.quiet_run();
    world.move_issue(issue["id"].as_str().unwrap(), "61", json!({}));
    world.good_run();
    assert_eq!(world.incident(&id)["state"], "2");
    world.quiet_run();
}

#[test]
fn a_conflict_is_held_shown_with_three_values_and_decided_by_a_person() {
    let Some(world) = World::new("empty") else { return };
    let id = world.file_incident("Door stuck");
    world.first_run();
    world.edit_incident(&id, json!({ "short_description": "Door stuck, north" }));
    let issue = world.issue_titled("Door stuck");
    world.edit_issue(issue["id"].as_str().unwrap(), json!({ "summary": "Door stuck, south" }));
    world.run(&[]);
    assert_eq!(world.incident(&id)["short_description"], "Door stuck, north", "neither side is overwritten");
    let conflicts = world.json(&["conflicts"]);
    let text = conflicts.to_string();
    for value in ["Door stuck", "Door stuck, north", "Door stuck, south"] {
        assert!(text.contains(value), "{value} is missing: {conflicts:#}");
    }
    let first = conflicts.as_array().or_else(|| conflicts["conflicts"].as_array()).unwrap()[0].clone();
    let number = first["id"].as_i64().unwrap().to_string();
    world.lockstep.must(&["conflicts", "decide", &number, "target"], None).unwrap();
    world.good_run();
    assert_eq!(world.incident(&id)["short_description"], "Door stuck, south");
    world.quiet_run();
}

#[test]
fn a_value_without_a_pair_stops_its_field_and_says_so() {
    let Some(world) = World::new("empty") else { return };
    let id = world.file_incident("Chat is slow");
    world.first_run();
    let issue = world.issue_titled("Chat is slow");
    // Jira's "Done" of tasks is no status of the pairs; nor is a contact type that ServiceNow does not know.
    world.edit_incident(
        &id,
        json!({ "contact_type": "carrier-pigeon", "short_description": "Chat is slow today" }),
    );
    let (ended, report) = world.run(&[]);
    assert_eq!(
        world.issues_titled("Chat is slow today").len(),
        1,
        "the other fields travel: {report:#} {}",
        ended.err
    );
    let _ = issue;
    let explained = world
        .lockstep
        .must(&["explain", world.incident(&id)["number"].as_str().unwrap(), "--connection", CONNECTION], None)
        .unwrap();
    assert!(explained.contains("carrier-pigeon"), "{explained}");
}

#[test]
fn two_existing_tickets_are_linked_and_their_comments_are_not_replayed() {
    let Some(world) = World::new("empty") else { return };
    world.first_run();
    let id = world.file_incident("Old ticket here");
    world.edit_incident(&id, json!({ "comments": "written before the link" }));
    let fields = json!({ "fields": { "project": { "key": "CSD" }, "issuetype": { "id": "10101" }, "summary": "Old ticket there" } });
    let made = world.practice.at_jira("POST", "/rest/api/3/issue", Some(&fields)).unwrap();
    let (issue, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    world.comment_issue(issue, "also before the link", false);
    let number = world.incident(&id)["number"].as_str().unwrap().to_owned();
    world.lockstep.must(&["link", &number, key, "--connection", CONNECTION], None).unwrap();
    world.good_run();
    assert_eq!(world.practice.incidents().unwrap().len(), 1, "no second incident");
    assert_eq!(world.practice.issues(&["summary"]).unwrap().len(), 1, "no second issue");
    assert_eq!(world.issue_comments(issue).len(), 1, "nothing was replayed");
    world.edit_incident(&id, json!({ "comments": "written after the link" }));
    world.good_run();
    let comments = world.issue_comments(issue);
    assert_eq!(comments.len(), 2, "{comments:?}");
    assert!(comments[1].0.contains("written after the link"));
    world.lockstep.must(&["unlink", &number, "--connection", CONNECTION], None).unwrap();
    world.edit_incident(&id, json!({ "short_description": "changed after the unlink" }));
    world.run(&[]);
    assert_eq!(
        world.practice.issues(&["summary"]).unwrap().len(),
        1,
        "an unlinked ticket is not created again"
    );
    assert!(world.issues_titled("changed after the unlink").is_empty());
}

#[test]
fn a_private_ticket_stays_where_it_is() {
    let Some(world) = World::new("empty") else { return };
    let file = world.folder.path().join("data").join("demo.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let private = text.replacen("practice = true\n", "practice = true\nprivate_field = \"knowledge\"\n", 1);
    std::fs::write(&file, private).unwrap();
    world.lockstep.must(&["config", "import", &file.to_string_lossy()], None).unwrap();
    let open = world.file_incident("Everybody may know");
    let secret = world.file_incident("Nobody may know");
    world.edit_incident(&secret, json!({ "knowledge": "true" }));
    world.first_run();
    assert!(world.issues_titled("Nobody may know").is_empty());
    assert_eq!(world.issues_titled("Everybody may know").len(), 1);
    // A linked ticket that turns private is parked: nothing leaves it any more.
    world.edit_incident(
        &open,
        json!({ "knowledge": "true", "short_description": "Now secret", "comments": "a secret word" }),
    );
    world.run(&[]);
    let issue = world.issue_titled("Everybody may know");
    assert!(world.issue_comments(issue["id"].as_str().unwrap()).is_empty());
    let number = world.incident(&secret)["number"].as_str().unwrap().to_owned();
    let explained = world.lockstep.must(&["explain", &number, "--connection", CONNECTION], None).unwrap();
    assert!(explained.contains("private"), "{explained}");
}
