//! Stores that are lost, old, or not alone; markers that people copy and wipe (hazards H1-H3, H5-H9, H13).

use http::Method;
use lockstep_app::run::{RunError, Start};
use lockstep_core::sync::link::LinkState;
use lockstep_sandbox::{FaultKind, Seed};
use lockstep_store::tables::{links, pending, quarantine};
use serde_json::json;

use crate::bench::Bench;
use crate::edits::pairs;
use crate::referee;

#[tokio::test]
pub async fn h01_a_store_that_was_deleted_makes_no_second_copy_of_anything() {
    let mut bench = pairs(&["One", "Two"]).await;
    let id = bench.incident_id("One");
    bench.edit_incident(&id, json!({ "comments": "A word" }));
    bench.file_on_incident(&id, "a.txt", "content");
    let theirs = bench.new_issue("Three");
    bench.comment_issue(&theirs, "Another word");
    bench.clock.pass_ms(5_000);
    referee::quiet(&bench).await;
    let before = bench.shown();
    bench.lose_store("0ddba110");
    // The person's order takes the other store's markers over.
    bench.try_run(Start::Since(0)).await.unwrap();
    referee::in_step(&bench).await;
    assert_eq!(bench.shown(), before);
    // And goes on as before.
    bench.edit_incident(&id, json!({ "short_description": "One, later", "comments": "A second word" }));
    referee::in_step(&bench).await;
    assert_eq!(bench.comments(&bench.issue_id("One, later")).len(), 2);
}

#[tokio::test]
pub async fn h02_an_older_store_that_is_returned_sends_nothing_again() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    let _dir = bench.keep_on_disk();
    let one = bench.new_incident("One");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    let backup = tempfile::tempdir().unwrap();
    bench.store.backup(backup.path().join("lockstep.db")).wait().unwrap();
    // A day's work that the backup knows nothing of.
    bench.clock.pass_ms(3_600_000);
    bench.edit_incident(&one, json!({ "comments": "A word", "short_description": "One, later" }));
    bench.file_on_incident(&one, "a.txt", "content");
    let two = bench.new_incident("Two");
    bench.edit_incident(&two, json!({ "comments": "Another word" }));
    bench.file_on_incident(&two, "b.txt", "content");
    let theirs = bench.new_issue("Three");
    bench.comment_issue(&theirs, "A third word");
    bench.comment_issue(&bench.issue_id("One"), "From Jira");
    bench.clock.pass_ms(5_000);
    referee::in_step(&bench).await;
    let before = bench.shown();
    assert_eq!(referee::totals(&bench), (3, 3));
    bench.clock.pass_ms(3_600_000);
    bench.return_to(backup.path());
    bench.new_incident("Four");
    bench.clock.pass_ms(5_000);
    referee::in_step(&bench).await;
    let mut after = bench.shown();
    after.retain(|name, _| !name.ends_with("Four"));
    assert_eq!(after, before, "{:#?}", bench.troubles());
    assert_eq!(referee::totals(&bench), (4, 4));
}

#[tokio::test]
pub async fn h03_another_store_stops_unless_it_is_taken_over() {
    let mut bench = pairs(&["One", "Two"]).await;
    let before = bench.shown();
    bench.lose_store("0ddba110");
    bench.clear_logs();
    let refused = bench.try_run_as(Start::Since(0), false).await.unwrap_err();
    assert!(
        matches!(&refused, RunError::Guard(reasons) if reasons.iter().any(|r| r.sentence.contains("another Lockstep"))),
        "{refused}"
    );
    assert_eq!(bench.writes(), Vec::<String>::new());
    assert_eq!(bench.shown(), before);
}

#[tokio::test]
pub async fn h05_a_look_up_that_cannot_see_sends_nothing_twice() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    bench.fault_at("/rest/api/3/issue", FaultKind::CutAfter);
    bench.faulty_run().await;
    // The copy, and all else of the project, cannot be seen now.
    bench.jira.practice().platform.configure(&json!({ "hide_projects": ["CSD"] })).unwrap();
    for _ in 0..4 {
        bench.clock.pass_ms(60_000);
        let _ = bench.try_run(Start::LastRun).await;
    }
    bench.jira.practice().platform.configure(&json!({ "hide_projects": [] })).unwrap();
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (2, 2));
}

/// A rule hides every incident from us: what we created is not found, and neither is what is known to be there.
#[tokio::test]
pub async fn h05_an_empty_answer_that_hides_the_control_proves_nothing() {
    let bench = pairs(&["One"]).await;
    bench.new_issue("Known");
    referee::in_step(&bench).await;
    bench.new_issue("Two");
    bench.clock.pass_ms(5_000);
    bench.fault_at("/api/now/table/incident", FaultKind::CutAfter);
    bench.faulty_run().await;
    let hidden = json!({ "before_query": [{ "table": "incident", "query": "number=none" }] });
    bench.now.practice().platform.configure(&hidden).unwrap();
    for _ in 0..4 {
        bench.clock.pass_ms(60_000);
        let _ = bench.try_run(Start::LastRun).await;
    }
    bench.now.practice().platform.configure(&json!({ "before_query": [] })).unwrap();
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (3, 3));
}

#[tokio::test]
pub async fn h05_the_second_create_waits_for_the_first_ones_proof() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    for title in ["One", "Two", "Three"] {
        bench.new_incident(title);
    }
    bench.fault_at("/rest/api/3/issue", FaultKind::CutAfter);
    let _ = bench.try_run(Start::Since(0)).await;
    assert_eq!(bench.issues().len(), 1, "nothing leaves before the canary is known");
    bench.jira.practice().faults.clear();
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (3, 3));
}

#[tokio::test]
pub async fn h06_a_cloned_ticket_is_a_new_one() {
    let bench = pairs(&["One"]).await;
    let key = bench.issue("One")["key"].as_str().unwrap().to_owned();
    bench.jira.practice().platform.configure(&json!({ "clone": key })).unwrap();
    referee::quiet(&bench).await;
    referee::no_duplicates(&bench);
    let (incidents, issues) = referee::totals(&bench);
    assert_eq!(issues, 2);
    assert_eq!(incidents, 2, "the clone has a counterpart of its own: {:#?}", bench.troubles());
}

#[tokio::test]
pub async fn h07_a_wiped_marker_leaves_the_create_to_a_person() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    bench.fault_at("/rest/api/3/issue", FaultKind::CutAfter);
    bench.faulty_run().await;
    let copy = bench.issue_id("Two");
    bench.at_jira(Method::DELETE, &format!("/rest/api/3/issue/{copy}/properties/lockstep.link"), None);
    for _ in 0..4 {
        bench.clock.pass_ms(60_000);
        bench.run().await;
    }
    assert_eq!(referee::totals(&bench), (2, 2), "no second copy");
    let connection = bench.connection;
    let waiting = bench.store.read(move |conn| pending::list(conn, connection, None, 10)).wait().unwrap();
    assert!(waiting.iter().any(|row| row.detail.contains("accounted for")), "{waiting:?}");
}

#[tokio::test]
pub async fn h08_a_lost_copy_that_is_met_before_its_recovery_is_not_copied_back() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    // The look-up stays blind for longer than the feed.
    bench.fault_at("/rest/api/3/issue", FaultKind::CutAfter);
    bench.faulty_run().await;
    // The index shows it just after the look-up and before the feed is read.
    let clock = bench.clock.clone();
    bench.heard.at_phase(lockstep_app::events::Phase::Read, move || clock.pass_ms(3_000));
    for _ in 0..6 {
        bench.clock.pass_ms(500);
        let _ = bench.try_run(Start::LastRun).await;
    }
    assert_eq!(referee::totals(&bench), (2, 2), "copied back");
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (2, 2));
}

#[tokio::test]
pub async fn h09_a_bulk_create_partly_refused_makes_the_rest() {
    let mut bench = pairs(&["One"]).await;
    for n in 0..6 {
        bench.new_incident(&format!("Fine {n}"));
    }
    // Its priority is one that Jira does not know.
    bench.at_now(
        Method::PATCH,
        &format!("/api/now/table/incident/{}", bench.incident_id("Fine 2")),
        Some(json!({ "impact": "1", "urgency": "1" })),
    );
    bench.mapping = crate::edits::with_unknown_priority();
    bench.clock.pass_ms(5_000);
    bench.run().await;
    bench.mapping = crate::bench::mapping();
    referee::quiet(&bench).await;
    referee::no_duplicates(&bench);
    let fine = [0, 1, 3, 4, 5];
    for n in fine {
        bench.issue(&format!("Fine {n}"));
    }
    // Each copy is the copy of its own original.
    for n in fine {
        let id = bench.incident_id(&format!("Fine {n}"));
        bench.edit_incident(&id, json!({ "short_description": format!("Fine {n}, edited") }));
        referee::quiet(&bench).await;
        let copy = bench.issue(&format!("Fine {n}, edited"));
        assert!(copy["properties"]["lockstep.link"].to_string().contains(&id), "that of another: {copy}");
    }
    assert_eq!(bench.issues().len(), 6, "the one that Jira refused was not made");
    assert!(bench.troubles().iter().any(|line| line.contains("priority")), "{:#?}", bench.troubles());
}

#[tokio::test]
pub async fn h10_a_refusal_that_ran_after_the_insert_is_looked_up_before_the_retry() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    bench.fault_at("/rest/api/3/issue", FaultKind::StatusAfterApply { status: 400 });
    bench.faulty_run().await;
    referee::quiet(&bench).await;
    // A person retries it from quarantine.
    let connection = bench.connection;
    let held = bench.store.read(move |conn| quarantine::list(conn, connection, None, 10)).wait().unwrap();
    for row in held {
        let feed = lockstep_store::Feed::new(connection, "Incident".to_owned(), row.what.side);
        let account = lockstep_core::marker::Fingerprint(String::new());
        bench
            .store
            .write(move |tx| {
                quarantine::remove(tx, connection, &row.what.subject)?;
                let waits = pending::NewPending {
                    feed: &feed,
                    account: &account,
                    ticket: &row.what.ticket,
                    reason: pending::PendingReason::Failed,
                    detail: "retried",
                    not_before_ms: 0,
                    run: None,
                };
                pending::add(tx, waits, 0)
            })
            .wait()
            .unwrap();
    }
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (2, 2));
}

#[tokio::test]
pub async fn h13_an_ended_link_is_neither_made_nor_adopted_again() {
    let bench = pairs(&["One", "Two"]).await;
    let connection = bench.connection;
    let link = bench
        .store
        .read(move |conn| links::walk(conn, connection, None, 10))
        .wait()
        .unwrap()
        .remove(0)
        .link
        .id;
    bench
        .store
        .write(move |tx| links::set_state(tx, link, &LinkState::Ended("unlinked by a person".to_owned())))
        .wait()
        .unwrap();
    for title in ["One", "Two"] {
        let id = bench.incident_id(title);
        bench.edit_incident(&id, json!({ "urgency": "1" }));
        bench.edit_issue(&bench.issue_id(title), json!({ "labels": ["later"] }));
    }
    referee::quiet(&bench).await;
    bench.try_run(Start::Since(0)).await.unwrap();
    referee::quiet(&bench).await;
    assert_eq!(referee::totals(&bench), (2, 2));
    bench.edit_incident(&bench.incident_id("One"), json!({ "short_description": "One, apart" }));
    referee::quiet(&bench).await;
    let titles: Vec<_> = bench.issues().iter().map(|issue| issue["fields"]["summary"].clone()).collect();
    assert_eq!(titles, ["One", "Two"], "the two are one again");
}

/// Behind a one-way mapping no feed shows the copies again: only accounting knows of them.
#[tokio::test]
pub async fn h02_an_older_store_behind_a_one_way_mapping_creates_nothing_again() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.mapping.target_tickets = false;
    let _dir = bench.keep_on_disk();
    let backup = tempfile::tempdir().unwrap();
    bench.store.backup(backup.path().join("lockstep.db")).wait().unwrap();
    bench.new_incident("One");
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    bench.clock.pass_ms(3_600_000);
    bench.return_to(backup.path());
    bench.new_incident("Three");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (3, 3));
}

/// Two computers, each with a store of its own, sync one pair of scopes without a person. No platform here takes ids of
/// ours, so a ticket may get two copies while neither engine has met the other's marker; then both stand still.
#[tokio::test]
pub async fn h03_two_engines_make_at_most_one_cycle_of_doubles_and_list_them() {
    for phase_ms in [0, 700, 1_500, 2_500, 60_000] {
        let one = Bench::new(Seed::Empty, Seed::Empty);
        let two = one.twin();
        for engine in [&one, &two] {
            engine.try_run_as(Start::Since(0), false).await.unwrap();
        }
        let mut stopped = 0;
        for cycle in 0..6 {
            one.new_incident(&format!("Ticket {cycle}"));
            one.clock.pass_ms(300_000);
            let first = one.try_run_as(Start::LastRun, false).await;
            one.clock.pass_ms(phase_ms);
            let second = two.try_run_as(Start::LastRun, false).await;
            for end in [first, second] {
                match end {
                    Ok(_) => {}
                    Err(RunError::Guard(reasons)) => {
                        assert!(
                            reasons.iter().any(|r| r.sentence.contains("another Lockstep")),
                            "{reasons:?}"
                        );
                        stopped += 1;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        }
        assert!(stopped > 0, "{phase_ms} ms apart, and neither noticed");
        let doubled = referee::doubled(&one);
        assert!(doubled.len() <= 1, "{phase_ms} ms apart: doubles go on and on: {doubled:?}");
        // A person takes over with the one and stops the other: nothing is merged, what is doubled is listed.
        referee::quiet(&one).await;
        let connection = one.connection;
        let waiting = one.store.read(move |conn| pending::list(conn, connection, None, 10)).wait().unwrap();
        let listed = waiting.iter().filter(|row| row.detail.contains("is a second copy of")).count();
        assert_eq!(listed, doubled.len(), "{waiting:?}");
        one.new_incident("Afterwards");
        one.clock.pass_ms(300_000);
        one.try_run_as(Start::LastRun, false).await.unwrap();
        one.issue("Afterwards");
    }
}
