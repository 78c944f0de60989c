//! What could not be seen when it mattered: lists that lag, tickets that were hidden, markers that were taken, refusals
//! that were carried out. Found by the simulation.

use http::Method;
use lockstep_app::run::Start;
use lockstep_sandbox::{FaultKind, Seed};
use lockstep_store::tables::{conflicts, pending, quarantine};
use serde_json::json;

use crate::bench::Bench;
use crate::edits::pairs;
use crate::{desk, referee};

const HOUR_MS: u64 = 3_600_000;

/// The record's counter moves with a comment, and the list of comments shows it only later.
#[tokio::test]
async fn h17_a_comment_that_its_list_shows_late_is_not_passed_over() {
    let bench = pairs(&["One", "Two"]).await;
    let (one, two) = (bench.incident_id("One"), bench.incident_id("Two"));
    bench.edit_incident(&two, json!({ "comments": "Shown before" }));
    referee::quiet(&bench).await;
    bench.now.practice().platform.configure(&json!({ "list_lag_ms": 30_000 })).unwrap();
    bench.clock.pass_ms(60_000);
    bench.edit_incident(&one, json!({ "comments": "Shown late", "urgency": "1" }));
    bench.try_run(Start::LastRun).await.unwrap();
    let issue = bench.issue_id("One");
    assert_eq!(bench.comments(&issue).len(), 0, "the list is late");
    bench.clock.pass_ms(HOUR_MS);
    referee::quiet(&bench).await;
    assert_eq!(bench.comments(&issue).len(), 1, "{:#?}", bench.troubles());
}

/// Read as shown at first, so that its id is made of its text, and copied; then the store is lost.
#[tokio::test]
async fn h36_a_comment_that_has_another_id_in_a_new_store_is_not_sent_again() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    let one = bench.new_incident("One");
    bench.clock.pass_ms(5_000);
    bench.edit_incident(&one, json!({ "comments": "A word" }));
    bench.now.practice().platform.configure(&json!({ "list_lag_ms": 2_000 })).unwrap();
    bench.first().await;
    assert_eq!(bench.comments(&bench.issue_id("One")).len(), 1);
    bench.clock.pass_ms(HOUR_MS);
    bench.lose_store("0ddba110");
    bench.try_run(Start::Since(0)).await.unwrap();
    referee::in_step(&bench).await;
    assert_eq!(bench.comments(&bench.issue_id("One")).len(), 1, "{:#?}", bench.troubles());
}

/// A step is refused and taken all the same: what stands there is ours.
#[tokio::test]
async fn h10_a_refused_step_that_was_taken_is_no_change_of_a_persons() {
    let bench = pairs(&["One", "Guide"]).await;
    // The workflow is known from where tickets stand.
    bench.edit_incident(&bench.incident_id("Guide"), json!({ "state": "2" }));
    bench.run().await;
    let one = bench.incident_id("One");
    bench.edit_incident(
        &one,
        json!({ "state": "6", "close_code": "Solution provided", "close_notes": "Done" }),
    );
    bench.clock.pass_ms(5_000);
    bench.fault_at("/transitions", FaultKind::StatusAfterApply { status: 403 });
    bench.faulty_run().await;
    desk::retry_all(&bench);
    bench.clock.pass_ms(60_000);
    referee::quiet(&bench).await;
    let connection = bench.connection;
    let open = bench.store.read(move |conn| conflicts::count_open(conn, connection)).wait().unwrap();
    assert_eq!(open, 0, "nobody but Lockstep changed the status of the copy");
    assert_eq!(bench.issue("One")["fields"]["status"]["id"], "5");
}

/// The same with a field.
#[tokio::test]
async fn h10_a_refused_update_that_was_made_is_no_change_of_a_persons() {
    let bench = pairs(&["One"]).await;
    let one = bench.incident_id("One");
    bench.edit_incident(&one, json!({ "short_description": "Two" }));
    bench.clock.pass_ms(5_000);
    bench.fault_at("/rest/api/3/issue/", FaultKind::StatusAfterApply { status: 403 });
    bench.faulty_run().await;
    bench.edit_incident(&one, json!({ "short_description": "Three" }));
    desk::retry_all(&bench);
    bench.clock.pass_ms(60_000);
    referee::quiet(&bench).await;
    bench.issue("Three");
}

/// The answer to a comment is lost with the process, and then its ticket with a person.
#[tokio::test]
async fn h33_a_lost_comment_of_a_deleted_ticket_stops_nobody_else() {
    let mut bench = pairs(&["One", "Two"]).await;
    let (one, two) = (bench.incident_id("One"), bench.incident_id("Two"));
    bench.edit_incident(&one, json!({ "comments": "A word" }));
    bench.clock.pass_ms(5_000);
    bench.fault_at("/comment", FaultKind::CutAfter);
    bench.faulty_run().await;
    bench.at_jira(Method::DELETE, &format!("/rest/api/3/issue/{}", bench.issue_id("One")), None);
    bench.edit_incident(&two, json!({ "short_description": "Two, edited" }));
    bench.restart();
    referee::quiet(&bench).await;
    bench.issue("Two, edited");
}

/// The only copy so far has lost its marker to a person; a create that was refused is tried again all the same.
#[tokio::test]
async fn h07_a_control_without_its_marker_holds_up_no_create() {
    let bench = pairs(&["One"]).await;
    let copy = bench.issue_id("One");
    bench.at_jira(Method::DELETE, &format!("/rest/api/3/issue/{copy}/properties/lockstep.link"), None);
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    bench.fault_at("/rest/api/3/issue", FaultKind::Status { status: 403 });
    bench.faulty_run().await;
    desk::retry_all(&bench);
    bench.clock.pass_ms(60_000);
    referee::quiet(&bench).await;
    bench.issue("Two");
    let connection = bench.connection;
    let held = bench.store.read(move |conn| quarantine::count(conn, connection)).wait().unwrap();
    assert_eq!(held, 0);
}

/// Edited, hidden before anybody read it, and shown again without another change.
#[tokio::test]
async fn h44_an_edit_of_a_ticket_that_was_hidden_is_found_within_a_day() {
    let bench = pairs(&["One", "Two"]).await;
    let issue = bench.issue_id("One");
    bench.edit_issue(&issue, json!({ "summary": "One, edited" }));
    let key = bench.issue("One, edited")["key"].clone();
    bench.jira.practice().platform.configure(&json!({ "hide_issues": [key] })).unwrap();
    bench.clock.pass_ms(10_000);
    bench.run().await;
    bench.clock.pass_ms(HOUR_MS);
    bench.edit_issue(&bench.issue_id("Two"), json!({ "summary": "Two, edited" }));
    bench.run().await;
    bench.clock.pass_ms(HOUR_MS);
    bench.run().await;
    bench.jira.practice().platform.configure(&json!({ "hide_issues": [] })).unwrap();
    bench.clock.pass_ms(25 * HOUR_MS);
    referee::quiet(&bench).await;
    bench.incident("One, edited");
}

/// An older store comes back after a copy was made, and a person takes the copy's marker: what looks new may have a copy.
#[tokio::test]
async fn h07_nothing_new_is_made_while_a_ticket_of_ours_cannot_be_explained() {
    let mut bench = pairs(&["One"]).await;
    let older = bench.store.twin().unwrap();
    bench.new_incident("Two");
    bench.clock.pass_ms(10_000);
    referee::quiet(&bench).await;
    let copy = bench.issue_id("Two");
    bench.at_jira(Method::DELETE, &format!("/rest/api/3/issue/{copy}/properties/lockstep.link"), None);
    bench.store = older;
    bench.tap();
    bench.resume();
    bench.clock.pass_ms(HOUR_MS);
    referee::quiet(&bench).await;
    assert_eq!(bench.issues().len(), 2, "the copy of Two is there already");
    let connection = bench.connection;
    let waiting = bench.store.read(move |conn| pending::list(conn, connection, None, 10)).wait().unwrap();
    assert!(waiting.iter().any(|row| row.detail.contains("nothing says for what")), "{waiting:?}");
}

/// Fields and a comment go in one call, which is refused after it was carried out.
#[tokio::test]
async fn h10_a_comment_that_rode_in_a_refused_call_is_not_sent_again() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_issue(&issue, json!({ "summary": "One, edited" }));
    bench.comment_issue(&issue, "Found the cause");
    bench.clock.pass_ms(5_000);
    bench.fault_at("/api/now/table/incident", FaultKind::StatusAfterApply { status: 403 });
    bench.faulty_run().await;
    desk::retry_all(&bench);
    bench.clock.pass_ms(60_000);
    referee::quiet(&bench).await;
    assert_eq!(bench.journal(&incident).len(), 1, "{:?}", bench.journal(&incident));
}
