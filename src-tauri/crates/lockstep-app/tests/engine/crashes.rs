//! The process dies at every call of a run, before the request leaves or after it was carried out: the next runs bring
//! both sides to the state that they would have reached anyway (V10), and nothing stands there twice.

use std::collections::BTreeMap;

use lockstep_app::run::Start;
use lockstep_sandbox::Seed;
use serde_json::json;

use crate::bench::Bench;
use crate::referee;
use crate::wire::Crash;

/// Three pairs in step, and then a busy hour of people on both sides.
async fn busy() -> Bench {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    for title in ["One", "Two", "Three"] {
        bench.new_incident(title);
    }
    bench.new_issue("Four");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    let fresh = bench.new_incident("Five");
    bench.edit_incident(&fresh, json!({ "comments": "Customer waits", "state": "2" }));
    bench.edit_incident(&fresh, json!({ "work_notes": "Look at the log" }));
    bench.file_on_incident(&fresh, "log.txt", "line one");
    let issue = bench.new_issue("Six");
    bench.comment_issue(&issue, "Asked the vendor");
    // One pair has something to give on both sides: what is written to one must not hide what the other has to say.
    bench.comment_issue(&bench.issue_id("Two"), "Seen here too");
    let two = bench.incident_id("Two");
    bench.edit_incident(&two, json!({ "short_description": "Two edited", "comments": "Still broken" }));
    bench.comment_issue(&bench.issue_id("One"), "Found the cause");
    let three = bench.incident_id("Three");
    bench.edit_incident(
        &three,
        json!({ "state": "6", "close_code": "Solution provided", "close_notes": "Done" }),
    );
    bench.edit_issue(&bench.issue_id("Four"), json!({ "summary": "Four edited" }));
    bench.clock.pass_ms(10_000);
    bench
}

async fn settled() -> BTreeMap<String, Vec<String>> {
    let bench = busy().await;
    referee::in_step(&bench).await;
    bench.shown()
}

/// Runs until the process dies; false when it ended before that.
async fn run_until_death(bench: &Bench) -> bool {
    tokio::select! {
        biased;
        () = bench.gate().died() => true,
        _ = bench.try_run(Start::LastRun) => false,
    }
}

async fn at_every_call(how: Crash) {
    let wanted = settled().await;
    let mut call = 0;
    loop {
        let mut bench = busy().await;
        bench.gate().crash_at(call, how);
        let died = run_until_death(&bench).await;
        bench.gate().open();
        if !died {
            break;
        }
        bench.restart();
        bench.clock.pass_ms(2_000);
        referee::in_step(&bench).await;
        let shown = bench.shown();
        assert_eq!(shown, wanted, "died {how:?} call {call}: {:#?}", bench.troubles());
        call += 1;
    }
    assert!(call > 20, "only {call} calls");
}

#[tokio::test]
pub async fn v10_death_before_any_call_changes_nothing_in_the_end() {
    at_every_call(Crash::Before).await;
}

#[tokio::test]
pub async fn v10_death_after_any_call_changes_nothing_in_the_end() {
    at_every_call(Crash::After).await;
}

/// The store is taken over at any moment that a run tells of: its next commit is refused, whichever that is (H47).
#[tokio::test]
pub async fn h47_a_store_taken_over_at_any_moment_stops_the_run_and_the_next_one_finishes_it() {
    let wanted = settled().await;
    let mut event = 0;
    loop {
        let mut bench = busy().await;
        let store = bench.store.clone();
        bench.heard.at(event, move || Bench::take_over(&store));
        let result = bench.try_run(Start::LastRun).await;
        if !bench.heard.is_done() {
            break;
        }
        assert!(result.is_err(), "a run went on after event {event} in a store that is another's");
        bench.resume();
        bench.clock.pass_ms(2_000);
        referee::in_step(&bench).await;
        assert_eq!(bench.shown(), wanted, "taken over at event {event}: {:#?}", bench.troubles());
        event += 1;
    }
    assert!(event > 10, "only {event} moments");
}
