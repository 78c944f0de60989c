//! What the simulation found, told as short stories.

use std::time::Duration;

use lockstep_app::run::Start;
use lockstep_sandbox::faults::RetryAfter;
use lockstep_sandbox::limits::{Allowance, Rule};
use lockstep_sandbox::{Fault, FaultKind, Seed};
use lockstep_store::tables::{links, quarantine};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::files::file_on_issue;
use crate::referee;
use crate::wire::Crash;

const HOUR_MS: u64 = 3_600_000;

fn switch_now(bench: &Bench, switches: &Value) {
    bench.now.practice().platform.configure(switches).unwrap();
}

fn hide_titles(bench: &Bench, hidden: bool) {
    let names = if hidden { json!(["short_description"]) } else { json!([]) };
    switch_now(bench, &json!({ "omitted_fields": { "incident": names } }));
}

async fn one_pair() -> (Bench, String, String) {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    let incident = bench.new_incident("One");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    let issue = bench.issue_id("One");
    (bench, incident, issue)
}

/// A title is edited while nobody lets us read it, and nothing is edited after that.
#[tokio::test]
async fn h18_a_change_that_cannot_be_read_is_carried_once_it_can() {
    let (bench, incident, _) = one_pair().await;
    hide_titles(&bench, true);
    bench.edit_incident(&incident, json!({ "short_description": "Two" }));
    bench.run().await;
    hide_titles(&bench, false);
    bench.clock.pass_ms(25 * HOUR_MS);
    referee::quiet(&bench).await;
    bench.issue("Two");
}

/// The title of a copy was sent and never seen; then people edit both, and we write something else.
#[tokio::test]
async fn h14_an_edit_behind_a_field_that_cannot_be_read_is_not_taken_for_ours() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    hide_titles(&bench, true);
    let issue = bench.new_issue("One");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    let incident = bench.incident_id("One");
    bench.clock.pass_ms(5_000);
    bench.edit_incident(&incident, json!({ "short_description": "Theirs", "comments": "A word" }));
    bench.edit_issue(&issue, json!({ "summary": "Other" }));
    bench.run().await;
    hide_titles(&bench, false);
    bench.clock.pass_ms(25 * HOUR_MS);
    referee::quiet(&bench).await;
    assert_eq!(bench.incident("Theirs")["sys_id"], json!(incident), "a person's title was overwritten");
}

/// ServiceNow's lists may show a new record late; that is no reason to call the marker unreadable.
#[tokio::test]
async fn h05_a_first_copy_that_lists_do_not_show_yet_is_waited_for() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    switch_now(&bench, &json!({ "list_lag_ms": 3_000 }));
    bench.new_issue("One");
    bench.new_issue("Two");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    bench.clock.pass_ms(60_000);
    referee::in_step(&bench).await;
}

/// The right to read journal entries comes later, and every comment has another id.
#[tokio::test]
async fn h36_comments_that_are_read_in_another_way_are_not_sent_again() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    switch_now(&bench, &json!({ "journal_readable": "empty" }));
    let incident = bench.new_incident("One");
    bench.edit_incident(&incident, json!({ "comments": "Still broken" }));
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    switch_now(&bench, &json!({ "journal_readable": "yes" }));
    bench.edit_incident(&incident, json!({ "comments": "Works now" }));
    referee::quiet(&bench).await;
    let comments = bench.comments(&bench.issue_id("One"));
    for text in ["Still broken", "Works now"] {
        let copies = comments.iter().filter(|comment| comment.contains(text)).count();
        assert_eq!(copies, 1, "{text:?} in {comments:?}");
    }
}

/// What streams cannot be sent again by itself, and the next run comes to the same limit.
#[tokio::test]
async fn v18_a_file_gets_through_a_tight_limit() {
    let (bench, _, issue) = one_pair().await;
    let tight = Rule::all(Allowance::Bucket { burst: 4, per_second: 1.0 });
    bench.now.practice().limits.set(vec![tight]);
    bench.clock.pass_ms(60_000);
    assert!(file_on_issue(&bench.jira, &bench.clock, &bench.people_token, &issue, "log.txt", b"line one"));
    for _ in 0..4 {
        bench.clock.pass_ms(60_000);
        bench.run().await;
    }
    assert_eq!(bench.files_of_incident(&bench.incident_id("One")), ["log.txt"]);
}

/// After a 429 each platform has one lane left; two files go in opposite directions.
#[tokio::test]
async fn v18_files_in_opposite_directions_do_not_wait_for_each_other() {
    let bench = Bench::drawn(Seed::Empty, Seed::Empty, 7, 20);
    let incident = bench.new_incident("One");
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    bench.file_on_incident(&incident, "there.txt", "there");
    bench.edit_incident(&incident, json!({ "description": "with a file" }));
    let issue = bench.issue_id("Two");
    assert!(file_on_issue(&bench.jira, &bench.clock, &bench.people_token, &issue, "back.txt", b"back"));
    for sandbox in [&bench.now, &bench.jira] {
        let retry_after = RetryAfter::Seconds(1);
        sandbox.practice().faults.add(Fault::new(FaultKind::TooManyRequests { retry_after }).times(3));
    }
    bench.clock.pass_ms(10_000);
    let run = tokio::time::timeout(Duration::from_secs(60), bench.try_run(Start::LastRun));
    run.await.expect("the run never ends").unwrap();
    referee::quiet(&bench).await;
    assert_eq!(bench.files_of_issue(&bench.issue_id("One")), ["there.txt"]);
    assert_eq!(bench.files_of_incident(&bench.incident_id("Two")), ["back.txt"]);
}

/// A copy is never older than its original, but a server's clock may be ten minutes behind the other's.
#[tokio::test]
async fn a_file_stays_single_after_a_backup_though_the_clocks_differ() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.jira.practice().skew_ms = -600_000;
    let _dir = bench.keep_on_disk();
    let one = bench.new_incident("One");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    let backup = tempfile::tempdir().unwrap();
    bench.store.backup(backup.path().join("lockstep.db")).wait().unwrap();
    bench.file_on_incident(&one, "a.txt", "content");
    bench.clock.pass_ms(5_000);
    referee::quiet(&bench).await;
    bench.return_to(backup.path());
    referee::quiet(&bench).await;
    assert_eq!(bench.files_of_issue(&bench.issue_id("One")), ["a.txt"]);
}

/// Tickets go one way here. A first run was broken off behind its first create; what people then write on the copy is
/// older than the next reading, and travels all the same.
#[tokio::test]
async fn a_word_on_a_copy_is_heard_after_a_first_run_that_was_broken_off() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.mapping.target_tickets = false;
    let one = bench.new_incident("One");
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    let mut call = 0;
    while bench.issues().is_empty() {
        bench.gate().crash_at(call, Crash::After);
        tokio::select! {
            biased;
            () = bench.gate().died() => {}
            _ = bench.try_run(Start::Since(0)) => {}
        }
        bench.gate().open();
        bench.restart();
        call += 1;
    }
    // The next ones are broken off too, the last behind linking what it found.
    let filter = links::LinkFilter::default();
    for later in 0.. {
        bench.clock.pass_ms(20_000);
        bench.gate().crash_at(later, Crash::Before);
        tokio::select! {
            biased;
            () = bench.gate().died() => {}
            _ = bench.try_run(Start::Since(0)) => panic!("a run came to its end before anything was linked"),
        }
        bench.gate().open();
        bench.restart();
        let filter = filter.clone();
        if bench.store.read(move |conn| links::count(conn, &filter)).wait().unwrap() > 0 {
            break;
        }
    }
    let copy = bench.issues()[0]["id"].as_str().unwrap().to_owned();
    bench.comment_issue(&copy, "Found the cause");
    bench.clock.pass_ms(20_000);
    bench.first().await;
    referee::quiet(&bench).await;
    let said: Vec<String> = bench.journal(&one).into_iter().map(|(_, text)| text).collect();
    assert!(said.iter().any(|text| text.contains("Found the cause")), "call {call}: {said:?}");
}

/// The platform says no after it has done it. The copy is met later, and what was edited on the original meanwhile is
/// a change, not what both sides agreed on.
#[tokio::test]
async fn h10_a_refused_create_that_happened_keeps_what_was_sent_as_its_base() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.first().await;
    let one = bench.new_incident("One");
    bench.clock.pass_ms(5_000);
    bench.fault_at("/rest/api/3/issue", FaultKind::StatusAfterApply { status: 403 });
    bench.faulty_run().await;
    bench.edit_incident(&one, json!({ "short_description": "One, edited" }));
    bench.clock.pass_ms(60_000);
    referee::in_step(&bench).await;
    assert_eq!(bench.issues()[0]["fields"]["summary"], "One, edited");
    let connection = bench.connection;
    let held = bench.store.read(move |conn| quarantine::count(conn, connection)).wait().unwrap();
    assert_eq!(held, 0, "it waits for nobody any more");
}

/// The comments of an issue cannot be read when it is copied, and nothing about it changes after that.
#[tokio::test]
async fn h18_comments_that_could_not_be_read_at_the_create_follow_later() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.first().await;
    let issue = bench.new_issue("One");
    bench.comment_issue(&issue, "Found the cause");
    bench.clock.pass_ms(10_000);
    let fault = Fault::new(FaultKind::Status { status: 404 }).on("GET").at("/comment");
    bench.jira.practice().faults.add(fault);
    bench.run().await;
    bench.jira.practice().faults.clear();
    let copy = bench.incidents()[0]["sys_id"].as_str().unwrap().to_owned();
    assert_eq!(bench.journal(&copy).len(), 0);
    bench.clock.pass_ms(25 * HOUR_MS);
    referee::quiet(&bench).await;
    assert_eq!(bench.journal(&copy).len(), 1, "{:#?}", bench.troubles());
}
