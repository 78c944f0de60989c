//! Creates that a platform sends away for a while (429): they wait within the run, and leave once (hazards H10, H11, V17).

use std::sync::{Arc, Mutex};

use http::Method;
use lockstep_app::events::{Listener, RunEvent, RunResult};
use lockstep_app::run::apply::Moved;
use lockstep_app::run::{self, Cancel, Order, Report, Start};
use lockstep_connectors::ports::Clock;
use lockstep_core::sync::guard::Circumstances;
use lockstep_sandbox::faults::RetryAfter;
use lockstep_sandbox::limits::{Allowance, Rule};
use lockstep_sandbox::{Fault, FaultKind, Seed};
use lockstep_store::tables::pending;
use serde_json::json;

use crate::bench::Bench;
use crate::edits::pairs;
use crate::referee;

const BULK: &str = "/rest/api/3/issue/bulk";
const ISSUES: &str = "/rest/api/3/issue";
const INCIDENTS: &str = "/api/now/table/incident";
const REQUESTS: &str = "/rest/servicedeskapi/request";

/// The first create at `path` is sent away, and with it so many calls in all.
fn sends_away(bench: &Bench, path: &'static str, seconds: i64, times: u32) {
    let busy = FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(seconds) };
    let sandbox = if path.starts_with("/api/") { bench.now.clone() } else { bench.jira.clone() };
    let fault = Fault::new(busy).on("POST").times(times);
    bench.gate().before_write(path, move || sandbox.practice().faults.add(fault));
}

/// How often a create left for `path`.
fn sent(bench: &Bench, path: &str) -> usize {
    bench.writes().iter().filter(|write| **write == format!("POST {path}")).count()
}

/// Waits that the run told, as milliseconds from its beginning on.
fn waits(bench: &Bench) -> Vec<RunEvent> {
    let heard = bench.heard.0.lock().unwrap();
    heard.iter().filter(|event| matches!(event, RunEvent::Waiting { .. })).cloned().collect()
}

/// One run that copies everything although it is sent away, and nothing is written after it.
async fn copies_in_one_run(bench: &Bench, path: &str, least_ms: u64) {
    let (now, jira) = referee::totals(bench);
    bench.clear_logs();
    bench.heard.0.lock().unwrap().clear();
    let began = bench.clock.monotonic_ms();
    let report = bench.run().await;
    let took = bench.clock.monotonic_ms() - began;
    assert_eq!(report.result, RunResult::Success, "{path}: {report:?} {:#?}", bench.troubles());
    assert_eq!(report.counts.failed, 0, "{path}: {:#?}", bench.troubles());
    assert!(took >= least_ms, "{path}: it waited {took} ms alone");
    assert!(sent(bench, path) >= 2, "{path}: {:?}", bench.writes());
    assert_eq!(
        referee::totals(bench).0 + referee::totals(bench).1,
        now + jira + report.counts.created as usize
    );
    let connection = bench.connection;
    let left = bench.store.read(move |conn| pending::list(conn, connection, None, 10)).wait().unwrap();
    assert!(left.is_empty(), "{path}: {left:?}");
    referee::in_step(bench).await;
}

#[tokio::test]
pub async fn v17_a_bulk_create_that_is_sent_away_waits_within_the_run() {
    let bench = pairs(&["One"]).await;
    for title in ["Two", "Three", "Four"] {
        bench.new_incident(title);
    }
    bench.clock.pass_ms(5_000);
    sends_away(&bench, BULK, 3, 1);
    copies_in_one_run(&bench, BULK, 3_000).await;
    assert_eq!(referee::totals(&bench), (4, 4));
}

#[tokio::test]
async fn v17_a_wait_is_shown_with_its_end() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    sends_away(&bench, ISSUES, 40, 1);
    bench.clock.pass_ms(10_000);
    let began = bench.clock.now_ms();
    bench.try_run(Start::LastRun).await.unwrap();
    let shown = waits(&bench);
    let [RunEvent::Waiting { until_ms, reason, .. }] = shown.as_slice() else { panic!("{shown:?}") };
    assert!((began + 40_000..began + 45_000).contains(until_ms), "{shown:?}");
    assert_eq!(reason, "rate limit");
    let over = |event: &RunEvent| matches!(event, RunEvent::WaitOver { .. });
    assert!(bench.heard.0.lock().unwrap().iter().any(over), "it is shown for ever");
    bench.issue("Two");
}

/// The very first create of a connection, on which the others wait.
#[tokio::test]
async fn v17_a_canary_that_is_sent_away_waits_within_the_run() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    for title in ["One", "Two", "Three"] {
        bench.new_incident(title);
    }
    bench.clock.pass_ms(5_000);
    sends_away(&bench, ISSUES, 3, 2);
    let report = bench.first().await;
    assert_eq!((report.counts.created, report.counts.failed), (3, 0), "{:#?}", bench.troubles());
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (3, 3));
}

/// A wait that the connector takes upon itself, and one that is too long for it.
#[tokio::test]
async fn v17_a_create_on_servicenow_waits_within_the_run() {
    for seconds in [3, 90, 600] {
        let bench = pairs(&["One"]).await;
        bench.new_issue("Two");
        bench.new_issue("Three");
        sends_away(&bench, INCIDENTS, seconds, 1);
        copies_in_one_run(&bench, INCIDENTS, seconds as u64 * 1000).await;
        assert_eq!(referee::totals(&bench), (3, 3), "{seconds} s");
    }
}

#[tokio::test]
async fn v17_a_customer_request_that_is_sent_away_waits_within_the_run() {
    let mut bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.as_customer_requests().await;
    bench.new_incident("One");
    bench.clock.pass_ms(5_000);
    bench.first().await;
    referee::quiet(&bench).await;
    bench.new_incident("Two");
    bench.new_incident("Three");
    bench.clock.pass_ms(5_000);
    sends_away(&bench, REQUESTS, 40, 1);
    copies_in_one_run(&bench, REQUESTS, 40_000).await;
    assert_eq!(referee::totals(&bench), (3, 3));
}

/// Both platforms let a few calls through at once and two a second.
#[tokio::test]
async fn v17_a_first_run_under_tight_limits_ends_in_one() {
    let bench = Bench::small();
    for sandbox in [&bench.now, &bench.jira] {
        let tight = Rule::all(Allowance::Bucket { burst: 8, per_second: 2.0 });
        sandbox.practice().limits.set(vec![tight]);
    }
    let incidents = bench.incidents().len();
    let report = bench.first().await;
    assert_eq!(report.counts.failed, 0, "{:#?}", bench.troubles());
    let connection = bench.connection;
    let left = bench.store.read(move |conn| pending::list(conn, connection, None, 10)).wait().unwrap();
    assert!(left.is_empty(), "{left:?}");
    assert!(report.counts.created as usize >= incidents, "{report:?}");
    for sandbox in [&bench.now, &bench.jira] {
        sandbox.practice().limits.set(Vec::new());
    }
    referee::in_step(&bench).await;
}

type Act = Box<dyn FnOnce() + Send>;

/// Acts as soon as a run waits.
struct AtWait(Mutex<Option<Act>>);

impl Listener for AtWait {
    fn event(&self, event: &RunEvent) {
        if matches!(event, RunEvent::Waiting { .. })
            && let Some(act) = self.0.lock().unwrap().take()
        {
            act();
        }
    }
}

/// A run in whose first wait something happens.
async fn run_with(bench: &Bench, act: impl FnOnce(Cancel) -> Act) -> Report {
    let (mut site, rules) = bench.site().await.unwrap();
    let listener = Arc::new(AtWait(Mutex::new(Some(act(site.cancel.clone())))));
    site.listener = listener.clone();
    let order = Order { start: Start::LastRun, confirmed: true, take_over: true, moved: Moved::PlanAgain };
    let report = run::run(&mut site, &rules, Circumstances::default(), order).await.unwrap();
    assert!(listener.0.lock().unwrap().is_none(), "it never waited");
    bench.clock.pass_ms(1_000);
    report
}

#[tokio::test]
async fn h54_a_cancel_ends_the_wait() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Two");
    bench.new_incident("Three");
    bench.clock.pass_ms(15_000);
    sends_away(&bench, BULK, 600, 1);
    let began = bench.clock.monotonic_ms();
    let report = run_with(&bench, |cancel| Box::new(move || cancel.cancel())).await;
    assert_eq!(report.result, RunResult::Cancelled);
    assert!(bench.clock.monotonic_ms() - began < 10_000, "it waited in spite of it");
    bench.clock.pass_ms(600_000);
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (3, 3));
}

/// A platform that wants no calls for an hour is left to the next run, and nothing has failed.
#[tokio::test]
async fn v17_a_wait_too_long_for_a_run_is_left_to_the_next() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Two");
    bench.new_incident("Three");
    bench.clock.pass_ms(5_000);
    sends_away(&bench, BULK, 3_600, 1);
    let report = bench.run().await;
    assert_eq!((report.counts.created, report.counts.failed), (0, 0), "{:#?}", bench.troubles());
    let connection = bench.connection;
    let left = bench.store.read(move |conn| pending::list(conn, connection, None, 10)).wait().unwrap();
    assert_eq!(left.len(), 2, "{left:?}");
    bench.clock.pass_ms(3_600_000);
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (3, 3));
}

/// However often: it ends, and nothing is made twice.
#[tokio::test]
async fn v18_a_platform_that_always_sends_creates_away_is_not_asked_for_ever() {
    for seconds in [0, 2] {
        let mut bench = Bench::new(Seed::Empty, Seed::Empty);
        bench.as_customer_requests().await;
        bench.new_incident("One");
        bench.clock.pass_ms(5_000);
        bench.first().await;
        referee::quiet(&bench).await;
        bench.new_incident("Two");
        bench.clock.pass_ms(5_000);
        let busy = FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(seconds) };
        bench.jira.practice().faults.add(Fault::new(busy).on("POST").at(REQUESTS));
        bench.clear_logs();
        let report = bench.run().await;
        assert_eq!(report.counts.failed, 0, "{:#?}", bench.troubles());
        let tries = sent(&bench, REQUESTS);
        assert!((2..=12).contains(&tries), "{tries} tries");
        bench.jira.practice().faults.clear();
        bench.clock.pass_ms(600_000);
        referee::in_step(&bench).await;
        assert_eq!(referee::totals(&bench), (2, 2));
    }
}

/// A layer before Jira says 429 although the create was carried out: it is looked for before it leaves again.
#[tokio::test]
pub async fn h10_a_create_sent_away_after_it_happened_is_made_once() {
    for count in [1, 3] {
        let bench = pairs(&["One"]).await;
        for n in 0..count {
            bench.new_incident(&format!("New {n}"));
        }
        bench.jira.practice().platform.configure(&json!({ "index_lag_ms": 0 })).unwrap();
        bench.clock.pass_ms(5_000);
        bench.fault_at(ISSUES, FaultKind::StatusAfterApply { status: 429 });
        bench.faulty_run().await;
        referee::in_step(&bench).await;
        assert_eq!(referee::totals(&bench), (1 + count, 1 + count), "copied twice: {:#?}", bench.troubles());
    }
}

/// A gateway that names a wait has not said that nothing was done: one send, then the look-up.
#[tokio::test]
async fn h10_an_unavailable_platform_that_names_a_wait_is_looked_up_first() {
    let bench = pairs(&["One"]).await;
    bench.new_incident("Two");
    bench.clock.pass_ms(5_000);
    bench.clear_logs();
    bench.fault_at(ISSUES, FaultKind::StatusAfterApply { status: 503 });
    bench.faulty_run().await;
    assert_eq!(sent(&bench, ISSUES), 1, "{:?}", bench.writes());
    referee::in_step(&bench).await;
    assert_eq!(referee::totals(&bench), (2, 2));
}

/// What a person does while the run waits counts: the ticket passes its checks again.
#[tokio::test]
async fn h11_a_ticket_that_turns_private_in_the_wait_stays_at_home() {
    let mut bench = pairs(&["One"]).await;
    bench.private_by("knowledge");
    let (secret, plain) = (bench.new_incident("Secret"), bench.new_incident("Plain"));
    bench.clock.pass_ms(15_000);
    sends_away(&bench, BULK, 60, 1);
    let now = bench.now.clone();
    let edits =
        [(secret, json!({ "knowledge": "true" })), (plain, json!({ "short_description": "Plain, edited" }))];
    let act = move || {
        let password = lockstep_sandbox::servicenow::password_of("admin");
        for (id, edit) in edits {
            let target = format!("{INCIDENTS}/{id}");
            assert!(now.act(("admin", &password), Method::PATCH, &target, Some(edit)).0 < 300);
        }
    };
    run_with(&bench, |_| Box::new(act)).await;
    bench.issue("Plain, edited");
    let titles: Vec<_> = bench.issues().iter().map(|issue| issue["fields"]["summary"].clone()).collect();
    assert!(!titles.contains(&json!("Secret")), "it left while private: {titles:?}");
}
