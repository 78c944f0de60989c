//! A comment rides in the call that writes fields, where the platform takes both at once (hazards H20, H33, H35, H38).

use std::collections::BTreeMap;

use http::Method;
use lockstep_app::events::RunResult;
use lockstep_app::run::Start;
use lockstep_sandbox::{Fault, FaultKind};
use lockstep_store::tables::journal::{self, JournalRow, JournalState};
use lockstep_store::tables::{quarantine, runs};
use serde_json::json;

use crate::bench::Bench;
use crate::edits::pairs;
use crate::referee;
use crate::wire::Crash;

/// A pair whose issue got another title and these comments.
async fn spoken_of(comments: &[&str]) -> (Bench, String, String) {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    bench.edit_issue(&issue, json!({ "summary": "One, edited" }));
    for text in comments {
        bench.comment_issue(&issue, text);
        bench.clock.pass_ms(1_500);
    }
    bench.clock.pass_ms(10_000);
    bench.clear_logs();
    (bench, incident, issue)
}

/// Rows of the last run, in order.
fn rows(bench: &Bench) -> Vec<JournalRow> {
    let connection = bench.connection;
    let read = bench.store.read(move |conn| {
        let run = runs::list(conn, Some(connection), None, 1)?.remove(0);
        journal::of_run(conn, run.id, None, 100)
    });
    read.wait().unwrap()
}

fn held(bench: &Bench) -> u32 {
    let connection = bench.connection;
    bench.store.read(move |conn| quarantine::count(conn, connection)).wait().unwrap()
}

/// What the journal of an incident says, without attribution.
fn said(bench: &Bench, incident: &str) -> Vec<(String, String)> {
    let entries = bench.journal(incident).into_iter();
    entries.map(|(column, text)| (column, text.lines().last().unwrap_or_default().to_owned())).collect()
}

#[tokio::test]
async fn h20_a_comment_rides_in_the_field_write_and_each_has_its_row() {
    let (bench, incident, issue) = spoken_of(&["Found the cause"]).await;
    let report = bench.run().await;
    assert_eq!(report.result, RunResult::Success, "{:#?}", bench.troubles());
    assert_eq!((report.counts.updated, report.counts.comments, report.counts.failed), (1, 1, 0));
    assert_eq!(bench.writes(), [format!("PATCH /api/now/table/incident/{incident}")], "one call");
    let rows = rows(&bench);
    let [fields, comment] = rows.as_slice() else { panic!("{rows:#?}") };
    assert_eq!((fields.kind.as_str(), comment.kind.as_str()), ("update", "comment"));
    assert_eq!((fields.state, comment.state), (JournalState::Done, JournalState::Done));
    assert_eq!(fields.call_id, comment.call_id);
    assert_eq!(bench.incident("One, edited")["sys_id"], json!(incident));
    let said = said(&bench, &incident);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].1.contains("Found the cause"), "{said:?}");
    // No echo: nothing is written again, and no comment comes back.
    referee::quiet(&bench).await;
    assert_eq!(bench.comments(&issue).len(), 1);
}

#[tokio::test]
async fn h20_comments_keep_their_order_and_the_last_one_rides() {
    let (bench, incident, _) = spoken_of(&["First", "Second", "Third"]).await;
    bench.run().await;
    assert_eq!(bench.writes().len(), 3, "{:?}", bench.writes());
    let said: Vec<String> = said(&bench, &incident).into_iter().map(|(_, text)| text).collect();
    for (at, text) in ["First", "Second", "Third"].iter().enumerate() {
        assert!(said[at].contains(text), "{said:?}");
    }
    let rows = rows(&bench);
    let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["comment", "comment", "update", "comment"]);
    assert_eq!(rows[2].call_id, rows[3].call_id);
    assert_ne!(rows[1].call_id, rows[2].call_id);
    referee::in_step(&bench).await;
}

/// A closed ticket may refuse a comment: it is reopened with it.
#[tokio::test]
async fn h20_a_reopened_ticket_is_spoken_of_in_the_same_call() {
    let bench = pairs(&["One"]).await;
    let (incident, issue) = (bench.incident_id("One"), bench.issue_id("One"));
    // The workflow is known from where tickets stand.
    bench.edit_incident(&incident, json!({ "state": "2" }));
    referee::quiet(&bench).await;
    bench.edit_incident(
        &incident,
        json!({ "state": "6", "close_code": "Solution provided", "close_notes": "Done" }),
    );
    referee::quiet(&bench).await;
    assert_eq!(bench.issue("One")["fields"]["status"]["name"], "Resolved");
    let offers = bench.at_jira(Method::GET, &format!("/rest/api/3/issue/{issue}/transitions"), None);
    let open = [json!("3"), json!("10000")];
    let mut steps = offers["transitions"].as_array().unwrap().iter();
    let reopen = steps.find(|step| open.contains(&step["to"]["id"]));
    let reopen =
        json!({ "transition": { "id": reopen.unwrap_or_else(|| panic!("no way back: {offers}"))["id"] } });
    bench.at_jira(Method::POST, &format!("/rest/api/3/issue/{issue}/transitions"), Some(reopen));
    bench.comment_issue(&issue, "Broken again");
    bench.clock.pass_ms(10_000);
    bench.clear_logs();
    bench.run().await;
    assert_eq!(
        bench.writes(),
        [format!("PATCH /api/now/table/incident/{incident}")],
        "{:#?}",
        bench.troubles()
    );
    assert_ne!(bench.incident("One")["state"], "6");
    assert!(said(&bench, &incident).iter().any(|(_, text)| text.contains("Broken again")));
    referee::in_step(&bench).await;
}

/// A note for colleagues rides as one.
#[tokio::test]
async fn h38_who_may_read_a_comment_does_not_change_on_the_way() {
    let (bench, incident, issue) = spoken_of(&[]).await;
    let text = json!({ "type": "text", "text": "Blame the cable" });
    let body =
        json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [text] }] });
    let internal = json!([{ "key": "sd.public.comment", "value": { "internal": true } }]);
    let note = json!({ "body": body, "properties": internal });
    bench.at_jira(Method::POST, &format!("/rest/api/3/issue/{issue}/comment"), Some(note));
    bench.clear_logs();
    bench.run().await;
    assert_eq!(bench.writes().len(), 1, "{:?}", bench.writes());
    let said = said(&bench, &incident);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].0, "work_notes", "it became public");
    referee::in_step(&bench).await;
}

/// The call is refused: both are sent apart, and only what is refused is missing.
#[tokio::test]
pub async fn h20_a_refused_field_write_does_not_take_its_comment_down() {
    let (bench, incident, issue) = spoken_of(&["Found the cause"]).await;
    let abort = json!({ "table": "incident", "field": "short_description", "rule": "No edits" });
    bench.now.practice().platform.configure(&json!({ "aborts": [abort] })).unwrap();
    let report = bench.run().await;
    let said = said(&bench, &incident);
    assert_eq!(said.len(), 1, "the comment went down with the title: {said:?}");
    assert_eq!((report.counts.comments, held(&bench)), (1, 1), "{report:?}");
    assert_eq!(bench.writes().len(), 3, "{:?}", bench.writes());
    let states: Vec<(String, JournalState)> =
        rows(&bench).into_iter().map(|row| (row.kind, row.state)).collect();
    let wanted = [
        ("update", JournalState::Failed),
        ("comment", JournalState::Failed),
        ("comment", JournalState::Done),
        ("update", JournalState::Failed),
    ];
    assert_eq!(states, wanted.map(|(kind, state)| (kind.to_owned(), state)));
    bench.run().await;
    assert_eq!(bench.journal(&incident).len(), 1, "said again");
    assert_eq!(bench.comments(&issue).len(), 1);
    bench.now.practice().platform.configure(&json!({ "aborts": [] })).unwrap();
    crate::desk::retry_all(&bench);
    referee::in_step(&bench).await;
    bench.incident("One, edited");
}

/// Refused together, welcome alone.
#[tokio::test]
async fn h20_what_is_refused_together_is_done_apart() {
    let (bench, incident, _) = spoken_of(&["Found the cause"]).await;
    bench.now.practice().faults.add(Fault::new(FaultKind::Status { status: 403 }).on("PATCH").times(1));
    let report = bench.run().await;
    assert_eq!((report.counts.comments, report.counts.failed, held(&bench)), (1, 0, 0), "{report:?}");
    assert_eq!(bench.writes().len(), 3, "{:?}", bench.writes());
    assert_eq!(bench.journal(&incident).len(), 1);
    referee::in_step(&bench).await;
    bench.incident("One, edited");
}

/// Nobody knows what became of the one call: the comment is looked for by its ref, the fields are read, each by itself.
#[tokio::test]
async fn h33_a_lost_answer_leaves_both_in_doubt_and_neither_is_doubled() {
    for kind in [
        FaultKind::CutBefore,
        FaultKind::CutAfter,
        FaultKind::StatusAfterApply { status: 502 },
        FaultKind::Status { status: 500 },
        FaultKind::TruncatedBody { keep_bytes: None },
    ] {
        let (bench, incident, issue) = spoken_of(&["Found the cause"]).await;
        bench.fault_at("/api/now/table/incident", kind.clone());
        bench.faulty_run().await;
        let states: Vec<(String, JournalState)> =
            rows(&bench).into_iter().map(|row| (row.kind, row.state)).collect();
        let wanted = [("update", JournalState::Unknown), ("comment", JournalState::Unknown)];
        assert_eq!(states, wanted.map(|(kind, state)| (kind.to_owned(), state)), "{kind:?}");
        bench.clock.pass_ms(60_000);
        referee::in_step(&bench).await;
        assert_eq!(bench.journal(&incident).len(), 1, "{kind:?}: {:?}", bench.journal(&incident));
        assert_eq!(bench.comments(&issue).len(), 1, "{kind:?}");
        bench.incident("One, edited");
    }
}

/// The fields got there and a person changed them before recovery looked: the comment is found, the person's title stays.
#[tokio::test]
async fn h11_what_a_person_wrote_after_a_lost_answer_stays() {
    let (bench, incident, issue) = spoken_of(&["Found the cause"]).await;
    bench.fault_at("/api/now/table/incident", FaultKind::CutAfter);
    bench.faulty_run().await;
    bench.edit_incident(&incident, json!({ "short_description": "Theirs" }));
    bench.clock.pass_ms(60_000);
    for _ in 0..4 {
        bench.run().await;
    }
    assert_eq!(bench.incident("Theirs")["sys_id"], json!(incident));
    assert_eq!((bench.journal(&incident).len(), bench.comments(&issue).len()), (1, 1));
}

/// Sent away: both rows are given up, and both go later.
#[tokio::test]
async fn v17_a_call_that_is_sent_away_for_long_loses_neither() {
    let (bench, incident, _) = spoken_of(&["Found the cause"]).await;
    let retry_after = lockstep_sandbox::faults::RetryAfter::Seconds(600);
    bench
        .now
        .practice()
        .faults
        .add(Fault::new(FaultKind::TooManyRequests { retry_after }).on("PATCH").times(1));
    let report = bench.run().await;
    assert_eq!(report.counts.failed, 0, "{:#?}", bench.troubles());
    bench.clock.pass_ms(600_000);
    referee::in_step(&bench).await;
    assert_eq!(bench.journal(&incident).len(), 1);
    bench.incident("One, edited");
}

async fn shown_in_the_end() -> BTreeMap<String, Vec<String>> {
    let (bench, _, _) = spoken_of(&["First", "Second"]).await;
    referee::in_step(&bench).await;
    bench.shown()
}

/// The process dies at each call and each commit of the run.
#[tokio::test]
async fn v10_a_crash_between_the_two_changes_nothing() {
    let wanted = shown_in_the_end().await;
    for how in [Crash::Before, Crash::After] {
        for commits in [false, true] {
            let mut at = 0;
            loop {
                let (mut bench, _, _) = spoken_of(&["First", "Second"]).await;
                bench.clock.pass_ms(10_000);
                bench.gate().open();
                if commits {
                    bench.gate().crash_at_commit(at, how);
                } else {
                    bench.gate().crash_at(at, how);
                }
                let died = tokio::select! {
                    biased;
                    () = bench.gate().died() => true,
                    _ = bench.try_run(Start::LastRun) => false,
                };
                bench.gate().open();
                if !died {
                    break;
                }
                bench.resume();
                bench.clock.pass_ms(60_000);
                referee::in_step(&bench).await;
                assert_eq!(bench.shown(), wanted, "died {how:?} at {at}, commits {commits}");
                at += 1;
            }
            assert!(at > 5, "only {at}");
        }
    }
}

/// A plan that a person saw: two operations, and two are done.
#[tokio::test]
async fn v09_the_plan_shows_both_and_the_run_counts_both() {
    let (bench, _, issue) = spoken_of(&["Found the cause"]).await;
    bench.clock.pass_ms(10_000);
    let (mut site, rules) = bench.site().await.unwrap();
    let order = lockstep_app::run::Order {
        start: Start::LastRun,
        confirmed: true,
        take_over: true,
        moved: lockstep_app::run::apply::Moved::LeaveOut,
    };
    let (plan, summary) =
        lockstep_app::run::make_plan(&site, &rules, Default::default(), order).await.unwrap();
    assert_eq!(bench.writes(), Vec::<String>::new(), "a preview writes");
    let shown = bench
        .store
        .read(move |conn| lockstep_store::tables::plans::page(conn, plan, Default::default(), 0, 10));
    let operations: Vec<&str> = shown
        .wait()
        .unwrap()
        .iter()
        .flat_map(|row| row.plan.operations.iter().map(|operation| operation.kind.word()).collect::<Vec<_>>())
        .collect();
    assert_eq!(operations, ["comment", "update"], "{summary:?}");
    let report = lockstep_app::run::apply_plan(&mut site, &rules, plan).await.unwrap();
    assert_eq!((report.counts.updated, report.counts.comments), (1, 1));
    assert_eq!(bench.writes().len(), 1);
    assert_eq!(bench.comments(&issue).len(), 1);
}
