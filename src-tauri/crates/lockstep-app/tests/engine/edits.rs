//! Reading, writing, bases and decisions (hazards H11-H29): no change is lost, none is overwritten in silence.

use http::Method;
use lockstep_app::events::RunResult;
use lockstep_app::run::Start;
use lockstep_sandbox::FaultKind;
use lockstep_sandbox::Seed;
use lockstep_store::tables::{conflicts, links, pending, quarantine};
use serde_json::json;

use crate::bench::Bench;
use crate::referee;

/// Pairs in step, with these titles.
pub async fn pairs(titles: &[&str]) -> Bench {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    for title in titles {
        bench.new_incident(title);
    }
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    bench
}

fn waiting_conflicts(bench: &Bench) -> u32 {
    let connection = bench.connection;
    bench.store.read(move |conn| conflicts::count_open(conn, connection)).wait().unwrap()
}

/// A person decides the one conflict that waits.
fn decide(bench: &Bench, incident: &str, winner: lockstep_core::Side) {
    let connection = bench.connection;
    let of = move |conn: &lockstep_store::Connection| -> lockstep_store::Result<conflicts::Conflict> {
        let link = links::walk(conn, connection, None, 1)?.remove(0).link.id;
        Ok(conflicts::of_link(conn, link)?.remove(0))
    };
    let found = bench.store.read(of).wait().unwrap();
    let decided = json!({ "base": found.found.base, "now": found.found.now, "winner": winner });
    let feed = lockstep_store::Feed::new(connection, "Incident".to_owned(), lockstep_core::Side::Source);
    let (account, ticket) =
        (lockstep_core::marker::Fingerprint("test".to_owned()), lockstep_core::TicketId::from(incident));
    let keep = move |tx: &lockstep_store::Tx<'_>| {
        conflicts::decide(tx, found.id, &found.found, &decided, 0)?;
        let waits = pending::NewPending {
            feed: &feed,
            account: &account,
            ticket: &ticket,
            reason: pending::PendingReason::Decision,
            detail: "decided",
            not_before_ms: 0,
            run: None,
        };
        pending::add(tx, waits, 0)
    };
    bench.store.write(keep).wait().unwrap();
}

#[tokio::test]
async fn h11_recovery_does_not_repeat_yesterdays_payload() {
    for kind in [FaultKind::CutAfter, FaultKind::CutBefore, FaultKind::StatusAfterApply { status: 502 }] {
        let bench = pairs(&["One"]).await;
        let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
        bench.edit_incident(&incident, json!({ "short_description": "Two" }));
        bench.fault_at("/rest/api/3/issue/", kind.clone());
        bench.clock.pass_ms(5_000);
        bench.faulty_run().await;
        // A person has the last word on Jira before the next run.
        bench.edit_issue(&issue, json!({ "summary": "Three" }));
        bench.clear_logs();
        referee::quiet(&bench).await;
        let (now, jira) = (bench.incident("Two").is_object(), bench.issue("Three").is_object());
        assert!(
            (now && jira) && waiting_conflicts(&bench) == 1 || bench.incident("Three").is_object(),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn h04_a_field_write_that_comes_late_does_not_undo_a_newer_one() {
    let bench = pairs(&["One"]).await;
    let incident = bench.incident_id("One");
    bench.edit_incident(&incident, json!({ "short_description": "Two" }));
    bench.clock.pass_ms(5_000);
    bench.fault_at("/rest/api/3/issue/", FaultKind::ApplyLater { after_ms: 3_000 });
    bench.faulty_run().await;
    bench.edit_incident(&incident, json!({ "short_description": "Three" }));
    bench.try_run(Start::LastRun).await.unwrap();
    bench.clock.pass_ms(4_000);
    referee::quiet(&bench).await;
    bench.incident("Three");
    bench.issue("Three");
}

#[tokio::test]
async fn h14_an_edit_between_a_write_and_the_next_reading_travels() {
    let bench = pairs(&["One"]).await;
    let issue = bench.issue_id("One");
    let id = bench.new_incident("Fresh");
    bench.edit_incident(&id, json!({ "state": "2" }));
    bench.clock.pass_ms(5_000);
    bench.run().await;
    // The create's answer told no values: the first reading of the copy already shows a person's edit.
    let fresh = bench.issue_id("Fresh");
    bench.edit_issue(&fresh, json!({ "summary": "Fresh, edited at once" }));
    bench.edit_issue(&issue, json!({ "summary": "One, edited" }));
    referee::quiet(&bench).await;
    bench.incident("Fresh, edited at once");
    bench.incident("One, edited");
}

#[tokio::test]
async fn h15_a_write_that_was_silently_ignored_is_told_and_not_repeated() {
    let bench = pairs(&["One"]).await;
    let switches = json!({ "read_only_fields": { "incident": ["short_description"] } });
    bench.now.practice().platform.configure(&switches).unwrap();
    let issue = bench.issue_id("One");
    bench.edit_issue(&issue, json!({ "summary": "Changed in Jira" }));
    bench.run().await;
    bench.incident("One");
    bench.issue("Changed in Jira");
    assert!(bench.troubles().iter().any(|line| line.contains("kept its value")), "{:#?}", bench.troubles());
    referee::quiet(&bench).await;
    bench.incident("One");
    bench.issue("Changed in Jira");
    // The cause is mended and somebody edits again.
    bench.now.practice().platform.configure(&json!({ "read_only_fields": {} })).unwrap();
    bench.edit_issue(&issue, json!({ "summary": "Changed again" }));
    referee::quiet(&bench).await;
    bench.incident("Changed again");
}

#[tokio::test]
async fn h16_an_index_that_goes_back_in_time_reverts_nothing() {
    let bench = pairs(&["One"]).await;
    bench
        .jira
        .practice()
        .platform
        .configure(&json!({ "index_unsteady": true, "index_lag_ms": 8_000 }))
        .unwrap();
    let incident = bench.incident_id("One");
    for n in 0..6 {
        bench.edit_incident(&incident, json!({ "short_description": format!("Version {n}") }));
        bench.clock.pass_ms(3_000);
        bench.try_run(Start::LastRun).await.unwrap();
        bench.incident(&format!("Version {n}"));
    }
    bench.clock.pass_ms(120_000);
    referee::quiet(&bench).await;
    bench.incident("Version 5");
    bench.issue("Version 5");
}

#[tokio::test]
async fn h17_two_changes_in_one_second_both_travel() {
    let bench = pairs(&["One", "Two"]).await;
    let incident = bench.incident_id("One");
    bench.edit_issue(&bench.issue_id("One"), json!({ "summary": "From Jira" }));
    bench.clock.pass_ms(5_000);
    bench.try_run(Start::LastRun).await.unwrap();
    // In the same second as our own write.
    bench.edit_incident(&incident, json!({ "short_description": "Same second" }));
    referee::quiet(&bench).await;
    bench.issue("Same second");
}

#[tokio::test]
async fn h17_a_ticket_judged_and_changed_in_one_second_is_judged_again() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    let filter = json!({ "all": [{ "field": "urgency", "operator": "is", "values": ["1"] }] });
    bench.mapping.filter.source = serde_json::from_value(filter).unwrap();
    let id = bench.new_incident("One");
    bench.try_run(Start::Since(0)).await.unwrap();
    bench.edit_incident(&id, json!({ "urgency": "1" }));
    referee::quiet(&bench).await;
    bench.issue("One");
}

#[tokio::test]
async fn h18_a_field_that_is_left_out_decides_nothing() {
    let bench = pairs(&["One"]).await;
    let incident = bench.incident_id("One");
    bench
        .now
        .practice()
        .platform
        .configure(&json!({ "omitted_fields": { "incident": ["short_description"] } }))
        .unwrap();
    bench.edit_incident(&incident, json!({ "urgency": "1" }));
    bench.run().await;
    bench.issue("One");
    bench.now.practice().platform.configure(&json!({ "omitted_fields": {} })).unwrap();
    referee::quiet(&bench).await;
    bench.issue("One");
}

/// A person writes between the engine's last reading and its write.
#[tokio::test]
async fn h19_an_edit_in_the_last_moment_is_carried_or_told() {
    // Another field of the same ticket: it must not be taken for known.
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_issue(&issue, json!({ "summary": "From Jira" }));
    bench.clock.pass_ms(5_000);
    let (now, password) = (bench.now.clone(), lockstep_sandbox::servicenow::password_of("admin"));
    let target = format!("/api/now/table/incident/{incident}");
    bench.gate().before_write("", move || {
        let body = json!({ "state": "2", "comments": "In the last moment" });
        assert!(now.act(("admin", &password), Method::PATCH, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    bench.gate().open();
    assert!(
        bench.troubles().iter().any(|line| line.contains("while Lockstep wrote")),
        "{:#?}",
        bench.troubles()
    );
    referee::quiet(&bench).await;
    assert_eq!(bench.issue("From Jira")["fields"]["status"]["name"], "In Progress");
    assert_eq!(bench.comments(&issue).len(), 1);
    // The same on Jira, on the very field.
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "short_description": "From ServiceNow" }));
    bench.clock.pass_ms(5_000);
    let (jira, token) = (bench.jira.clone(), bench.people_token.clone());
    let target = format!("/rest/api/3/issue/{issue}");
    bench.gate().before_write("", move || {
        let body = json!({ "fields": { "summary": "Lost?" } });
        assert!(jira.act((crate::bench::PERSON_MAIL, &token), Method::PUT, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    bench.gate().open();
    assert!(
        bench.troubles().iter().any(|line| line.contains("while Lockstep wrote")),
        "{:#?}",
        bench.troubles()
    );
    referee::quiet(&bench).await;
}

#[tokio::test]
async fn h19_a_comment_in_the_last_moment_is_copied() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "short_description": "From ServiceNow" }));
    bench.clock.pass_ms(5_000);
    let (jira, token) = (bench.jira.clone(), bench.people_token.clone());
    let target = format!("/rest/api/3/issue/{issue}/comment");
    bench.gate().before_write("", move || {
        let text = json!({ "type": "text", "text": "Just now" });
        let body = json!({ "body": { "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [text] }] } });
        assert!(jira.act((crate::bench::PERSON_MAIL, &token), Method::POST, &target, Some(body)).0 < 300);
    });
    bench.try_run(Start::LastRun).await.unwrap();
    bench.gate().open();
    referee::quiet(&bench).await;
    assert!(bench.journal(&incident).iter().any(|(_, text)| text.contains("Just now")));
}

#[tokio::test]
async fn h22_a_mapping_that_changed_between_runs_writes_nothing() {
    let mut bench = pairs(&["One", "Two"]).await;
    // Fields that were never mapped, or mapped otherwise, hold different things on both sides.
    bench.mapping.fields.retain(|field| !field.target.contains(&"priority".into()));
    referee::quiet(&bench).await;
    bench.edit_issue(&bench.issue_id("One"), json!({ "priority": { "id": "1" } }));
    referee::quiet(&bench).await;
    bench.mapping = crate::bench::mapping();
    bench.edit_issue(&bench.issue_id("Two"), json!({ "labels": ["touched"] }));
    let reports = referee::quiet(&bench).await;
    assert_eq!(reports.len(), 2, "the first run was quiet already: {:#?}", bench.troubles());
}

#[tokio::test]
async fn h23_conflicts_wait_are_decided_once_and_asked_again_when_values_move() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_incident(&incident, json!({ "short_description": "S" }));
    bench.edit_issue(&issue, json!({ "summary": "T" }));
    referee::quiet(&bench).await;
    assert_eq!(waiting_conflicts(&bench), 1);
    // Decided for the source, and then a value moves: nothing is written on the old decision.
    decide(&bench, &incident, lockstep_core::Side::Source);
    bench.edit_issue(&issue, json!({ "summary": "T moved" }));
    referee::quiet(&bench).await;
    assert_eq!((waiting_conflicts(&bench), bench.issue("T moved").is_object()), (1, true), "asked again");
    // Decided on what stands there: carried out once, and over.
    decide(&bench, &incident, lockstep_core::Side::Source);
    referee::quiet(&bench).await;
    assert_eq!(waiting_conflicts(&bench), 0, "{:#?}", bench.troubles());
    bench.issue("S");
    bench.edit_incident(&incident, json!({ "short_description": "S again" }));
    bench.edit_issue(&issue, json!({ "summary": "T" }));
    referee::quiet(&bench).await;
    assert_eq!(waiting_conflicts(&bench), 1);
    // Both agree by themselves: closed.
    bench.edit_incident(&incident, json!({ "short_description": "T" }));
    referee::quiet(&bench).await;
    assert_eq!(waiting_conflicts(&bench), 0, "both sides are equal by now");
}

#[tokio::test]
async fn h25_a_rule_that_answers_back_is_stopped() {
    let bench = pairs(&["One"]).await;
    let rewrite = json!({ "table": "incident", "field": "short_description", "value": "Fixed by a rule", "after_ms": 2_000 });
    bench.now.practice().platform.configure(&json!({ "rewrites": [rewrite] })).unwrap();
    bench.edit_issue(&bench.issue_id("One"), json!({ "summary": "By a person" }));
    for _ in 0..12 {
        bench.clock.pass_ms(5_000);
        bench.run().await;
    }
    bench.clear_logs();
    for _ in 0..4 {
        bench.clock.pass_ms(5_000);
        bench.run().await;
    }
    assert!(bench.writes().is_empty(), "{:#?}", bench.writes());
}

#[tokio::test]
async fn i08_a_refused_ticket_is_quarantined_and_the_rest_goes_on() {
    let bench = pairs(&["One", "Two"]).await;
    let abort = json!({ "table": "incident", "field": "short_description", "rule": "No edits" });
    bench.now.practice().platform.configure(&json!({ "aborts": [abort] })).unwrap();
    bench.edit_issue(&bench.issue_id("One"), json!({ "summary": "Refused" }));
    bench.comment_issue(&bench.issue_id("Two"), "Goes on");
    let report = bench.run().await;
    assert_eq!(report.result, RunResult::Partial, "{report:?}");
    let connection = bench.connection;
    let held = bench.store.read(move |conn| quarantine::count(conn, connection)).wait().unwrap();
    assert_eq!(held, 1);
    assert_eq!(bench.journal(&bench.incident_id("Two")).len(), 1);
    // It costs nothing until somebody retries it (H43).
    bench.run().await;
    bench.gate().open();
    bench.run().await;
    let calm = bench.gate().calls();
    bench.run().await;
    assert!(bench.gate().calls() - calm <= calm, "calls do not grow");
}
