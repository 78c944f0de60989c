//! Creating once (hazards H1-H13): lost answers, late commits, refusals that were none.

use http::Method;
use lockstep_app::events::Phase;
use lockstep_app::run::apply::Moved;
use lockstep_app::run::{self, Order, Start};
use lockstep_connectors::ports::Clock;
use lockstep_core::omission::{Broken, Omission};
use lockstep_core::sync::guard::Circumstances;
use lockstep_sandbox::FaultKind;
use lockstep_sandbox::Seed;
use lockstep_sandbox::faults::RetryAfter;
use lockstep_store::tables::{journal, quarantine};
use serde_json::json;

use crate::bench::Bench;
use crate::edits::pairs;
use crate::referee;

/// A pair in step, and three new incidents of a person's.
async fn with_new(count: usize) -> Bench {
    let bench = Bench::small();
    bench.first().await;
    referee::quiet(&bench).await;
    for n in 0..count {
        let body = json!({ "short_description": format!("New incident {n}"), "caller_id": "", "impact": "2", "urgency": "2" });
        bench.at_now(Method::POST, "/api/now/table/incident", Some(body));
    }
    bench.clock.pass_ms(5_000);
    bench
}

async fn created_once(kind: FaultKind, count: usize) {
    let bench = with_new(count).await;
    let before = referee::totals(&bench);
    bench.fault_at("/rest/api/3/issue", kind.clone());
    bench.faulty_run().await;
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (before.0, before.1 + count), "{kind:?}: {:#?}", bench.troubles());
}

#[tokio::test]
pub async fn h10_a_create_whose_answer_is_lost_is_made_once() {
    created_once(FaultKind::CutAfter, 1).await;
    created_once(FaultKind::CutAfter, 3).await;
}

#[tokio::test]
pub async fn h10_a_create_that_never_arrived_is_made_later() {
    created_once(FaultKind::CutBefore, 1).await;
    created_once(FaultKind::CutBefore, 3).await;
}

#[tokio::test]
pub async fn h10_a_gateway_error_after_the_create_makes_no_second_one() {
    for status in [500, 502, 504] {
        created_once(FaultKind::StatusAfterApply { status }, 3).await;
    }
}

#[tokio::test]
pub async fn h10_answers_that_are_no_answers() {
    created_once(FaultKind::Html200, 3).await;
    created_once(FaultKind::TruncatedBody { keep_bytes: None }, 3).await;
    created_once(FaultKind::Status { status: 503 }, 3).await;
    created_once(FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(3) }, 3).await;
    created_once(FaultKind::TooManyRequests { retry_after: RetryAfter::Absent }, 1).await;
}

#[tokio::test]
pub async fn h04_late_commit_is_awaited() {
    created_once(FaultKind::ApplyLater { after_ms: 2_500 }, 1).await;
    created_once(FaultKind::ApplyLater { after_ms: 2_500 }, 3).await;
    // Looked for again and again before it is there.
    let bench = with_new(1).await;
    let before = referee::totals(&bench);
    bench.fault_at("/rest/api/3/issue", FaultKind::ApplyLater { after_ms: 4_500 });
    bench.faulty_run().await;
    for _ in 0..3 {
        bench.try_run(Start::LastRun).await.unwrap();
    }
    bench.clock.pass_ms(10_000);
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (before.0, before.1 + 1), "{:#?}", bench.troubles());
}

/// The first copy of a connection goes ahead alone: it shows that its marker can be read back.
#[tokio::test]
pub async fn h5_an_engine_that_sends_no_marker_is_stopped_by_its_own_canary() {
    let _broken = Broken::without(Omission::MarkerNotSent);
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    for title in ["One", "Two", "Three"] {
        bench.new_incident(title);
    }
    bench.clock.pass_ms(5_000);
    let stopped = bench.try_run(Start::Since(0)).await.unwrap_err();
    assert!(stopped.to_string().contains("cannot be read back"), "{stopped}");
    assert_eq!(bench.issues().len(), 1, "more than the canary was sent");
}

/// Without a pause for the index: nothing but the journal knows that there may be a copy already.
#[tokio::test]
pub async fn h10_a_lost_answer_is_not_taken_for_a_refusal() {
    for kind in [FaultKind::CutAfter, FaultKind::StatusAfterApply { status: 502 }] {
        let bench = with_new(1).await;
        let before = referee::totals(&bench);
        bench.fault_at("/rest/api/3/issue", kind.clone());
        bench.faulty_run().await;
        for _ in 0..3 {
            bench.clock.pass_ms(100);
            bench.try_run(Start::LastRun).await.unwrap();
        }
        referee::in_step(&bench).await;
        assert_eq!(referee::totals(&bench), (before.0, before.1 + 1), "{kind:?}: {:#?}", bench.troubles());
    }
}

/// Two creates of one copy never arrive, one after the other: a third is a person's order.
#[tokio::test]
pub async fn h05_a_create_that_was_lost_twice_is_not_sent_a_third_time() {
    let bench = with_new(1).await;
    let before = referee::totals(&bench);
    for _ in 0..2 {
        bench.fault_at("/rest/api/3/issue", FaultKind::CutBefore);
        for _ in 0..4 {
            bench.clock.pass_ms(60_000);
            bench.try_run(Start::LastRun).await.unwrap();
            if bench.gate().is_done() {
                break;
            }
        }
        assert!(bench.gate().is_done(), "it was not sent again");
        bench.jira.practice().faults.clear();
    }
    bench.clear_logs();
    for _ in 0..4 {
        bench.clock.pass_ms(60_000);
        bench.try_run(Start::LastRun).await.unwrap();
    }
    assert_eq!(bench.writes(), Vec::<String>::new(), "sent a third time");
    assert_eq!(referee::totals(&bench), before);
    let connection = bench.connection;
    let held = bench.store.read(move |conn| quarantine::count(conn, connection)).wait().unwrap();
    assert_eq!(held, 1, "{:#?}", bench.troubles());
}

/// A clock that lets something happen when it is first read behind a row's commit: before the check ahead of its first
/// byte.
struct Woken {
    clock: std::sync::Arc<lockstep_connectors::testing::VirtualClock>,
    store: lockstep_store::Store,
    connection: lockstep_store::ConnectionId,
    asleep: std::sync::Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

#[async_trait::async_trait]
impl Clock for Woken {
    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    fn monotonic_ms(&self) -> u64 {
        let connection = self.connection;
        let sent = self.store.read(move |conn| journal::open_rows(conn, connection)).wait().unwrap();
        if !sent.is_empty()
            && let Some(act) = self.asleep.lock().unwrap().take()
        {
            act();
        }
        self.clock.monotonic_ms()
    }

    async fn sleep_ms(&self, ms: u64) {
        self.clock.sleep_ms(ms).await;
    }
}

/// The lid is closed between the journal's commit and the first byte. Meanwhile a successor on a copy of the store looks
/// the row up, finds nothing and creates the ticket; then this one wakes.
#[tokio::test]
pub async fn h48_a_create_that_slept_before_its_first_byte_is_not_sent() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    let _dir = bench.keep_on_disk();
    bench.new_incident("One");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    let (mut site, rules) = bench.site().await.unwrap();
    let (copy, store) = (tempfile::tempdir().unwrap(), bench.store.clone());
    let mut successor = bench.twin();
    let asleep = move || {
        store.backup(copy.path().join("lockstep.db")).wait().unwrap();
        successor.clock.pass_ms(8 * 3_600_000);
        // In a thread of its own: another process, whole whatever this one leaves out.
        let work = move || {
            let run = async {
                successor.return_to(copy.path());
                referee::quiet(&successor).await;
                assert_eq!(referee::totals(&successor), (2, 2), "the successor has done it");
            };
            tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run);
        };
        std::thread::spawn(work).join().unwrap();
    };
    site.clock = std::sync::Arc::new(Woken {
        clock: bench.clock.clone(),
        store: bench.store.clone(),
        connection: bench.connection,
        asleep: std::sync::Mutex::new(Some(Box::new(asleep))),
    });
    let order = Order { start: Start::LastRun, confirmed: true, take_over: true, moved: Moved::PlanAgain };
    let _ = run::run(&mut site, &rules, Circumstances::default(), order).await;
    referee::no_duplicates(&bench);
    assert_eq!(referee::totals(&bench), (2, 2), "the sleeper sent it again");
}

/// The computer's clock goes a day ahead, or back, while a create commits late: what counts is the server's time.
#[tokio::test]
pub async fn h49_a_clock_that_steps_changes_nothing() {
    for step_ms in [86_400_000, -86_400_000] {
        let bench = with_new(1).await;
        let before = referee::totals(&bench);
        bench.fault_at("/rest/api/3/issue", FaultKind::ApplyLater { after_ms: 4_500 });
        bench.faulty_run().await;
        bench.clock.step_ms(step_ms);
        for _ in 0..3 {
            bench.try_run(Start::LastRun).await.unwrap();
            bench.clock.step_ms(step_ms / 4);
        }
        bench.clock.pass_ms(5_000);
        referee::in_step(&bench).await;
        assert_eq!(referee::totals(&bench), (before.0, before.1 + 1), "{:#?}", bench.troubles());
    }
}

/// The lid is closed while a write is prepared, between the check and the first byte.
#[tokio::test]
pub async fn h48_a_write_that_slept_while_it_was_prepared_is_not_sent() {
    let bench = pairs(&["One"]).await;
    let incident = bench.incident_id("One");
    let issue = bench.issue_id("One");
    bench.edit_incident(&incident, json!({ "description": "It burns" }));
    bench.clock.pass_ms(5_000);
    let (clock, gate, jira, token) =
        (bench.clock.clone(), bench.gate().clone(), bench.jira.clone(), bench.people_token.clone());
    // A text is read once more before it is replaced.
    bench.heard.at_phase(Phase::Write, move || {
        gate.before_get("/rest/api/3/issue/", move || {
            clock.pass_ms(8 * 3_600_000);
            let text = json!({ "type": "text", "text": "Written overnight" });
            let text = json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [text] }] });
            let (target, body) = (format!("/rest/api/3/issue/{issue}"), json!({ "fields": { "description": text } }));
            assert!(jira.act((crate::bench::PERSON_MAIL, &token), Method::PUT, &target, Some(body)).0 < 300);
        });
    });
    bench.clear_logs();
    bench.try_run(Start::LastRun).await.unwrap();
    assert!(bench.gate().is_done() && bench.heard.is_done());
    assert_eq!(bench.writes(), Vec::<String>::new(), "eight hours old, and sent");
    bench.gate().open();
    referee::quiet(&bench).await;
    let shown = bench.issue("One")["fields"]["description"].to_string();
    assert!(shown.contains("Written overnight"), "{shown}");
}

/// A customer request takes no property: its key rides in a line of its text, and a second call puts the marker in place.
/// Either answer is lost.
#[tokio::test]
pub async fn h10_a_customer_request_whose_answer_is_lost_is_made_once() {
    for (path, kind) in [
        ("/rest/servicedeskapi/request", FaultKind::CutAfter),
        ("/rest/servicedeskapi/request", FaultKind::CutBefore),
        ("/rest/servicedeskapi/request", FaultKind::ApplyLater { after_ms: 2_500 }),
        ("/rest/api/3/issue/", FaultKind::CutBefore),
        ("/rest/api/3/issue/", FaultKind::CutAfter),
    ] {
        let mut bench = Bench::new(Seed::Empty, Seed::Empty);
        bench.as_customer_requests().await;
        bench.new_incident("One");
        bench.clock.pass_ms(5_000);
        bench.first().await;
        referee::quiet(&bench).await;
        let two = bench.new_incident("Two");
        bench.edit_incident(&two, json!({ "description": "It burns", "urgency": "1" }));
        bench.clock.pass_ms(5_000);
        bench.fault_at(path, kind.clone());
        bench.faulty_run().await;
        bench.clock.pass_ms(60_000);
        referee::in_step(&bench).await;
        assert_eq!(
            referee::totals(&bench),
            (2, 2),
            "made twice, or never: {path} {kind:?}: {:#?}",
            bench.troubles()
        );
        let copy = bench.issue("Two");
        assert_eq!(copy["fields"]["priority"]["id"], "2", "{path} {kind:?}");
        assert!(copy["fields"]["description"].to_string().contains("It burns"), "{path} {kind:?}");
        // And the two belong to each other.
        bench.edit_incident(&two, json!({ "short_description": "Two, edited" }));
        referee::quiet(&bench).await;
        bench.issue("Two, edited");
    }
}
