//! First run, quiet second run, edits on either side, a ticket born in Jira.

use serde_json::json;

use crate::world::World;

#[test]
fn a_first_run_copies_every_incident_and_the_second_one_is_quiet() {
    let Some(world) = World::new("small") else { return };
    let incidents = world.practice.incidents().unwrap().len();
    let before = world.practice.issues(&["issuetype"]).unwrap();
    let born_in_jira = before.iter().filter(|issue| issue["fields"]["issuetype"]["id"] == "10101").count();
    let report = world.first_run();
    assert_eq!(report["counts"]["created"], json!(incidents + born_in_jira), "{report:#}");
    assert_eq!(world.practice.incidents().unwrap().len(), incidents + born_in_jira);
    assert_eq!(world.practice.issues(&["summary"]).unwrap().len(), before.len() + incidents);
    world.quiet_run();
    world.quiet_run();
}

#[test]
fn the_plan_that_was_shown_is_the_plan_that_is_applied() {
    let Some(world) = World::new("empty") else { return };
    world.file_incident("Printer on floor 3 is offline");
    let moved = world.file_incident("Scanner jams");
    let plan = world.json(&["plan", crate::world::CONNECTION, "--since", "all"]);
    assert!(world.practice.issues(&["summary"]).unwrap().is_empty(), "a preview writes nothing");
    let id = plan["plan"]["id"].as_i64().unwrap().to_string();
    world.edit_incident(&moved, json!({ "short_description": "Scanner jams on every page" }));
    let (ended, _) = world.run(&["--plan", &id]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!(world.issues_titled("Printer on floor 3 is offline").len(), 1);
    assert_eq!(world.practice.issues(&["summary"]).unwrap().len(), 1, "a ticket that moved is left out");
    world.good_run();
    assert_eq!(world.issues_titled("Scanner jams on every page").len(), 1);
}

#[test]
fn edits_on_either_side_reach_the_other_and_do_not_come_back() {
    let Some(world) = World::new("empty") else { return };
    let here = world.file_incident("VPN drops");
    let there = world.file_incident("Badge reader dark");
    world.first_run();
    world.edit_incident(&here, json!({ "short_description": "VPN drops at noon", "urgency": "1" }));
    let issue = world.issue_titled("Badge reader dark");
    world.edit_issue(issue["id"].as_str().unwrap(), json!({ "summary": "Badge reader dark again" }));
    let report = world.good_run();
    assert_eq!(report["counts"]["updated"], 2, "{report:#}");
    assert_eq!(world.issue_titled("VPN drops at noon")["fields"]["priority"]["id"], "2");
    assert_eq!(world.incident(&there)["short_description"], "Badge reader dark again");
    world.quiet_run();
}

#[test]
fn a_ticket_born_in_jira_gets_its_incident() {
    let Some(world) = World::new("empty") else { return };
    world.first_run();
    let fields = json!({ "fields": { "project": { "key": "CSD" }, "issuetype": { "id": "10101" }, "summary": "Projector is dim", "priority": { "id": "2" } } });
    world.practice.at_jira("POST", "/rest/api/3/issue", Some(&fields)).unwrap();
    world.good_run();
    let incidents = world.practice.incidents().unwrap();
    assert_eq!(incidents.len(), 1);
    assert_eq!(
        (&incidents[0]["short_description"], &incidents[0]["impact"], &incidents[0]["urgency"]),
        (&json!("Projector is dim"), &json!("1"), &json!("2"))
    );
    world.quiet_run();
    assert_eq!(world.issues_titled("Projector is dim").len(), 1);
}
