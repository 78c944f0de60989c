//! Comments with their visibility, and files, both ways.

use serde_json::json;

use crate::world::World;

#[test]
fn comments_travel_both_ways_once_and_keep_their_visibility() {
    let Some(world) = World::new("empty") else { return };
    let id = world.file_incident("Phone is dead");
    world.edit_incident(&id, json!({ "comments": "customers may read this" }));
    world.edit_incident(&id, json!({ "work_notes": "only agents may read this" }));
    world.first_run();
    let issue = world.issue_titled("Phone is dead")["id"].as_str().unwrap().to_owned();
    let there = world.issue_comments(&issue);
    assert_eq!(there.len(), 2, "{there:?}");
    let public = there.iter().find(|(text, _)| text.contains("customers may read this")).unwrap();
    let internal = there.iter().find(|(text, _)| text.contains("only agents may read this")).unwrap();
    assert!(public.1 && !internal.1, "{there:?}");
    world.comment_issue(&issue, "an internal answer", true);
    world.good_run();
    let journal = world.journal(&id);
    let answers: Vec<_> = journal.iter().filter(|(_, text)| text.contains("an internal answer")).collect();
    assert_eq!(answers.len(), 1, "{journal:?}");
    assert_eq!(answers[0].0, "work_notes");
    world.quiet_run();
    assert_eq!(world.issue_comments(&issue).len(), 3);
    assert_eq!(world.journal(&id).len(), journal.len());
}

#[test]
fn files_travel_both_ways_byte_for_byte() {
    let Some(world) = World::new("empty") else { return };
    let id = world.file_incident("See the picture");
    let path = format!("/api/now/attachment/file?table_name=incident&table_sys_id={id}&file_name=log.txt");
    world.practice.upload_to_servicenow(&path, "text/plain", b"line one\nline two\n").unwrap();
    world.first_run();
    let issue = world.issue_titled("See the picture");
    let files = issue["fields"]["attachment"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!((&files[0]["filename"], &files[0]["size"]), (&json!("log.txt"), &json!(18)));
    world.practice.upload_to_jira(issue["id"].as_str().unwrap(), "answer.bin", &[0, 159, 146, 150]).unwrap();
    world.good_run();
    let path = format!("/api/now/attachment?sysparm_query=table_sys_id={id}");
    let there = world.practice.at_servicenow("GET", &path, None).unwrap();
    let names: Vec<_> = there["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["file_name"].clone(), file["size_bytes"].clone()))
        .collect();
    assert!(names.contains(&(json!("answer.bin"), json!("4"))), "{names:?}");
    assert_eq!(names.len(), 2);
    world.quiet_run();
    // A file alone does not move its incident.
    let path = format!("/api/now/attachment/file?table_name=incident&table_sys_id={id}&file_name=later.txt");
    world.practice.upload_to_servicenow(&path, "text/plain", b"later").unwrap();
    world.good_run();
    let files = world.issue_titled("See the picture")["fields"]["attachment"].clone();
    assert_eq!(files.as_array().unwrap().len(), 3, "{files}");
    world.quiet_run();
}
