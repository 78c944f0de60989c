//! Creating once (hazards H1-H13): lost answers, late commits, refusals that were none.

use http::Method;
use lockstep_app::run::Start;
use lockstep_core::omission::{Broken, Omission};
use lockstep_sandbox::FaultKind;
use lockstep_sandbox::Seed;
use lockstep_sandbox::faults::RetryAfter;
use serde_json::json;

use crate::bench::Bench;
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
async fn h10_a_create_whose_answer_is_lost_is_made_once() {
    created_once(FaultKind::CutAfter, 1).await;
    created_once(FaultKind::CutAfter, 3).await;
}

#[tokio::test]
async fn h10_a_create_that_never_arrived_is_made_later() {
    created_once(FaultKind::CutBefore, 1).await;
    created_once(FaultKind::CutBefore, 3).await;
}

#[tokio::test]
async fn h10_a_gateway_error_after_the_create_makes_no_second_one() {
    for status in [500, 502, 504] {
        created_once(FaultKind::StatusAfterApply { status }, 3).await;
    }
}

#[tokio::test]
async fn h10_answers_that_are_no_answers() {
    created_once(FaultKind::Html200, 3).await;
    created_once(FaultKind::TruncatedBody { keep_bytes: None }, 3).await;
    created_once(FaultKind::Status { status: 503 }, 3).await;
    created_once(FaultKind::TooManyRequests { retry_after: RetryAfter::Seconds(3) }, 3).await;
    created_once(FaultKind::TooManyRequests { retry_after: RetryAfter::Absent }, 1).await;
}

#[tokio::test]
async fn h04_late_commit_is_awaited() {
    created_once(FaultKind::ApplyLater { after_ms: 2_500 }, 1).await;
    created_once(FaultKind::ApplyLater { after_ms: 2_500 }, 3).await;
}

/// The first copy of a connection goes ahead alone: it shows that its marker can be read back.
#[tokio::test]
async fn h5_an_engine_that_sends_no_marker_is_stopped_by_its_own_canary() {
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
