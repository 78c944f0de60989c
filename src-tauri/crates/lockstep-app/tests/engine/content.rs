//! Comments, files, visibility (hazards H33-H41).

use http::Method;
use lockstep_sandbox::FaultKind;
use serde_json::json;

use crate::bench::Bench;
use crate::edits::pairs;
use crate::referee;

fn texts(bench: &Bench, incident: &str) -> Vec<String> {
    bench.journal(incident).into_iter().map(|(_, text)| text).collect()
}

#[tokio::test]
pub async fn h33_a_comment_whose_answer_is_lost_is_there_once() {
    let kinds = [
        FaultKind::CutAfter,
        FaultKind::CutBefore,
        FaultKind::StatusAfterApply { status: 502 },
        FaultKind::ApplyLater { after_ms: 2_500 },
    ];
    for (kind, path) in
        kinds.into_iter().flat_map(|kind| [(kind.clone(), "/comment"), (kind, "/api/now/table/incident/")])
    {
        let bench = pairs(&["One"]).await;
        bench.jira.practice().platform.configure(&json!({ "comment_property_delay_ms": 2_000 })).unwrap();
        let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
        bench.edit_incident(&incident, json!({ "comments": "From ServiceNow" }));
        bench.comment_issue(&issue, "From Jira");
        bench.clock.pass_ms(5_000);
        bench.fault_at(path, kind.clone());
        bench.faulty_run().await;
        referee::in_step(&bench).await;
        assert_eq!(bench.comments(&issue).len(), 2, "{kind:?} {:#?}", bench.troubles());
        assert_eq!(bench.journal(&incident).len(), 2, "{kind:?} {:#?}", texts(&bench, &incident));
    }
}

#[tokio::test]
pub async fn h34_equal_comments_in_one_second_are_two() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    for _ in 0..2 {
        bench.edit_incident(&incident, json!({ "comments": "Any news?" }));
        bench.comment_issue(&issue, "No.");
    }
    referee::in_step(&bench).await;
    assert_eq!((bench.comments(&issue).len(), bench.journal(&incident).len()), (4, 4));
}

#[tokio::test]
pub async fn h35_a_quoted_ref_does_not_swallow_the_answer() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.comment_issue(&issue, "Please restart it");
    referee::quiet(&bench).await;
    let copy = texts(&bench, &incident).remove(0);
    bench.edit_incident(&incident, json!({ "comments": format!("{copy}\nI did, thank you") }));
    referee::in_step(&bench).await;
    assert_eq!(bench.comments(&issue).len(), 2);
}

#[tokio::test]
pub async fn h37_a_rule_that_doubles_our_entry_makes_no_echo() {
    let bench = pairs(&["One"]).await;
    bench.now.practice().platform.configure(&json!({ "doubled_journal": true })).unwrap();
    let issue = bench.issue_id("One");
    bench.comment_issue(&issue, "Once");
    referee::quiet(&bench).await;
    assert_eq!(bench.comments(&issue).len(), 1);
}

#[tokio::test]
pub async fn h38_a_comment_made_internal_before_it_is_sent_stays_internal() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "work_notes": "Not for customers" }));
    let comment = bench.comment_issue(&issue, "Soon internal");
    bench.clock.pass_ms(5_000);
    let body = json!({ "body": { "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": "Soon internal" }] }] },
        "properties": [{ "key": "sd.public.comment", "value": { "internal": true } }] });
    bench.at_jira(Method::PUT, &format!("/rest/api/3/issue/{issue}/comment/{comment}"), Some(body));
    referee::in_step(&bench).await;
    let journal = bench.journal(&incident);
    let public: Vec<_> = journal.iter().filter(|(column, _)| column == "comments").collect();
    assert!(public.is_empty(), "{journal:?}");
    assert_eq!(journal.len(), 2);
}

#[tokio::test]
pub async fn h41_files_of_one_name_are_two_and_a_lost_upload_is_one() {
    for kind in [FaultKind::CutAfter, FaultKind::CutBefore, FaultKind::StatusAfterApply { status: 504 }] {
        let bench = pairs(&["One"]).await;
        let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
        bench.file_on_incident(&incident, "log.txt", "the same");
        bench.file_on_incident(&incident, "log.txt", "the same");
        bench.edit_incident(&incident, json!({ "urgency": "1" }));
        bench.clock.pass_ms(5_000);
        bench.fault_at("/attachments", kind.clone());
        bench.faulty_run().await;
        referee::in_step(&bench).await;
        assert_eq!(bench.files_of_issue(&issue), ["log.txt", "log.txt"], "{kind:?} {:#?}", bench.troubles());
        assert_eq!(bench.files_of_incident(&incident).len(), 2);
    }
}

#[tokio::test]
pub async fn h39_a_ticket_that_leaves_the_filter_between_plan_and_call_is_not_copied() {
    let mut bench = pairs(&["One"]).await;
    let filter = json!({ "all": [{ "field": "urgency", "operator": "is", "values": ["2"] }] });
    bench.mapping.filter.source = serde_json::from_value(filter).unwrap();
    let leaves = bench.new_incident("Leaves");
    bench.new_incident("Stays");
    bench.clock.pass_ms(5_000);
    let (now, password) = (bench.now.clone(), lockstep_sandbox::servicenow::password_of("admin"));
    bench.heard.at_phase(lockstep_app::events::Phase::Write, move || {
        let body = json!({ "urgency": "3" });
        let target = format!("/api/now/table/incident/{leaves}");
        assert!(now.act(("admin", &password), Method::PATCH, &target, Some(body)).0 < 300);
    });
    bench.run().await;
    referee::quiet(&bench).await;
    bench.issue("Stays");
    assert_eq!(bench.issues().len(), 2, "{:#?}", bench.troubles());
    let marker = &bench.issue("Stays")["properties"]["lockstep.link"];
    let stays = bench.incident_id("Stays");
    assert!(marker.to_string().contains(&stays), "each copy belongs to its own original: {marker}");
    // The pair is really that pair.
    bench.edit_incident(&stays, json!({ "short_description": "Stays, edited" }));
    referee::quiet(&bench).await;
    bench.issue("Stays, edited");
}

/// A flow on the platform runs as our user.
#[tokio::test]
pub async fn h37_what_our_user_wrote_and_nobody_explains_stays() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    let body = json!({ "comments": "Written by a flow" });
    bench.as_us_at_now(Method::PATCH, &format!("/api/now/table/incident/{incident}"), Some(body));
    referee::quiet(&bench).await;
    assert_eq!(bench.comments(&issue), Vec::<String>::new(), "it was copied");
    assert!(
        bench.troubles().iter().any(|line| line.contains("written as our user")),
        "{:#?}",
        bench.troubles()
    );
}

#[tokio::test]
pub async fn h38_a_comment_made_internal_after_the_plan_stays_internal() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    let comment = bench.comment_issue(&issue, "Soon internal");
    bench.clock.pass_ms(5_000);
    let (jira, token) = (bench.jira.clone(), bench.people_token.clone());
    bench.heard.at_phase(lockstep_app::events::Phase::Write, move || {
        let body = json!({ "body": { "type": "doc", "version": 1, "content": [
            { "type": "paragraph", "content": [{ "type": "text", "text": "Soon internal" }] }] },
            "properties": [{ "key": "sd.public.comment", "value": { "internal": true } }] });
        let target = format!("/rest/api/3/issue/{issue}/comment/{comment}");
        assert!(jira.act((crate::bench::PERSON_MAIL, &token), Method::PUT, &target, Some(body)).0 < 300);
    });
    bench.run().await;
    assert!(bench.heard.is_done());
    referee::quiet(&bench).await;
    let journal = bench.journal(&incident);
    assert_eq!(journal.len(), 1);
    assert_eq!(journal[0].0, "work_notes", "customers read what was internal: {journal:?}");
}

/// The role that reads the journal as a table is lost and comes back: every entry has another id each time.
#[tokio::test]
pub async fn h36_a_history_under_other_ids_is_not_sent_again() {
    let mut bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    for text in ["Any news?", "Any news?", "It is the fan"] {
        bench.edit_incident(&incident, json!({ "comments": text }));
    }
    bench.edit_incident(&incident, json!({ "work_notes": "Look at the log" }));
    bench.comment_issue(&issue, "From Jira");
    bench.clock.pass_ms(3_600_000);
    referee::quiet(&bench).await;
    assert_eq!((bench.comments(&issue).len(), bench.journal(&incident).len()), (5, 5));
    for (round, readable) in ["forbidden", "yes", "empty"].into_iter().enumerate() {
        bench.now.practice().platform.configure(&json!({ "journal_readable": readable })).unwrap();
        bench.restart();
        bench.edit_incident(&incident, json!({ "comments": format!("Round {round}") }));
        referee::quiet(&bench).await;
        let (there, here) = (bench.comments(&issue), bench.journal(&incident));
        assert_eq!(there.len(), 6 + round, "the history was poured out when {readable}: {there:#?}");
        assert_eq!(here.len(), 6 + round, "{here:#?}");
    }
}

/// Set after linking, cleared weeks later: what was said in between stays where it was said.
#[tokio::test]
pub async fn h39_what_was_written_while_a_ticket_was_private_stays_there() {
    let mut bench = pairs(&["One"]).await;
    bench.private_by("knowledge");
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "knowledge": "true" }));
    referee::quiet(&bench).await;
    for day in 0..3 {
        bench.clock.pass_ms(86_400_000);
        bench.edit_incident(&incident, json!({ "comments": format!("Secret of day {day}"), "urgency": "1" }));
        bench.file_on_incident(&incident, "secret.txt", "secret");
        referee::quiet(&bench).await;
        assert_eq!(
            bench.comments(&issue).len() + bench.files_of_issue(&issue).len(),
            0,
            "it leaves while private"
        );
    }
    assert!(bench.troubles().iter().any(|line| line.contains("is private")), "{:#?}", bench.troubles());
    bench.edit_incident(&incident, json!({ "knowledge": "false" }));
    referee::quiet(&bench).await;
    bench.edit_incident(&incident, json!({ "comments": "For all" }));
    referee::quiet(&bench).await;
    let said = bench.comments(&issue);
    assert_eq!(said.len(), 1, "what was private was poured out: {said:?}");
    assert!(said[0].contains("For all"));
    assert_eq!(bench.files_of_issue(&issue), Vec::<String>::new());
    assert_eq!(bench.issue("One")["fields"]["priority"]["id"], "2", "fields go on from where they stand");
}

/// We resolve a parent, and ServiceNow resolves its child as the user who did it: us. Nobody sent that, so it travels.
#[tokio::test]
pub async fn h37_what_a_rule_changes_as_our_user_travels() {
    let bench = pairs(&["Parent", "Child", "Guide"]).await;
    let (parent, child) = (bench.incident_id("Parent"), bench.incident_id("Child"));
    for title in ["Parent", "Child", "Guide"] {
        bench.edit_incident(&bench.incident_id(title), json!({ "state": "2" }));
    }
    bench.edit_incident(&child, json!({ "parent_incident": parent }));
    referee::quiet(&bench).await;
    let step = json!({ "transition": { "id": "41" }, "fields": { "resolution": { "id": "10000" } } });
    let issue = bench.issue_id("Parent");
    bench.at_jira(Method::POST, &format!("/rest/api/3/issue/{issue}/transitions"), Some(step));
    referee::quiet(&bench).await;
    let shown = bench.incident("Child");
    assert_eq!((&shown["state"], &shown["sys_updated_by"]), (&json!("6"), &json!("lockstep.sync")));
    let status = bench.issue("Child")["fields"]["status"]["name"].clone();
    assert_eq!(status, "Resolved", "the child's copy stayed open: {:#?}", bench.troubles());
}

/// An entry that says it is hours older than what was copied since: a log that somebody imported.
#[tokio::test]
pub async fn h36_a_comment_far_older_than_what_was_copied_is_told_and_not_sent() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.clock.pass_ms(3 * 3_600_000);
    bench.edit_incident(&incident, json!({ "comments": "Fresh" }));
    referee::quiet(&bench).await;
    bench.edit_incident(&incident, json!({ "comments": "Imported" }));
    let target =
        format!("/api/now/table/sys_journal_field?sysparm_query=element_id={incident}^value=Imported");
    let id = bench.at_now(Method::GET, &target, None)["result"][0]["sys_id"].clone();
    let old = json!({ "table": "sys_journal_field", "sys_id": id, "fields": { "sys_created_on": "2026-11-20 12:30:00" } });
    bench.now.practice().platform.configure(&json!({ "silent_edit": old })).unwrap();
    referee::quiet(&bench).await;
    assert_eq!(bench.comments(&issue).len(), 1, "an old comment was sent: {:#?}", bench.comments(&issue));
    assert!(bench.troubles().iter().any(|line| line.contains("copied long ago")), "{:#?}", bench.troubles());
    // What is new goes on.
    bench.edit_incident(&incident, json!({ "comments": "Newer" }));
    referee::quiet(&bench).await;
    assert_eq!(bench.comments(&issue).len(), 2);
}
