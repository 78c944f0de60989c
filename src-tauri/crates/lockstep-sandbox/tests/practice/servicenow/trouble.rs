//! Trouble on the way: 202, 429, 503, HTML, lost answers, lag, skew; and states that are saved and loaded (sheet 8, 13).

use lockstep_sandbox::faults::RetryAfter;
use lockstep_sandbox::limits::{Allowance, Rule};
use lockstep_sandbox::servicenow::{SERVICE_ACCOUNT, ServiceNow};
use lockstep_sandbox::{Fault, FaultKind, Platform as _, Seed};
use serde_json::json;

use super::{AGENT, Bench, ITIL_ADMIN, NOON, text};

const LIST: &str = "/api/now/table/incident?sysparm_limit=1";

#[test]
fn statuses_202_429_503_and_html_200() {
    let mut bench = Bench::new(Seed::Small);
    let faults = &mut bench.practice.faults;
    faults.add(Fault::new(FaultKind::Accepted202).times(1));
    faults.add(Fault::new(FaultKind::TooManyRequests { retry_after: RetryAfter::Absent }).times(1));
    faults.add(Fault::new(FaultKind::Status { status: 503 }).times(1));
    faults.add(Fault::new(FaultKind::Html200).times(1));
    let accepted = bench.get(LIST);
    assert_eq!((accepted.status, accepted.body.len()), (202, 0));
    let semaphore = bench.get(LIST);
    assert_eq!(semaphore.status, 429);
    assert!(
        semaphore
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("x-ratelimit") && name != "retry-after")
    );
    assert_eq!(bench.get(LIST).status, 503);
    let html = bench.get(LIST);
    assert_eq!(html.status, 200);
    assert!(html.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert_eq!(bench.get(LIST).rows().len(), 1);

    bench.set(&json!({"sleeping": true}));
    assert!(bench.get(LIST).headers["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[test]
fn a_rate_rule_answers_429_with_its_headers() {
    let mut bench = Bench::new(Seed::Small);
    bench.practice.limits.set(vec![Rule::all(Allowance::PerHour(1))]);
    let first = bench.get(LIST);
    assert_eq!((first.status, first.headers["x-ratelimit-limit"].to_str().unwrap()), (200, "1"));
    let refused = bench.get(LIST);
    assert_eq!((refused.status, &refused.json["error"]["message"]), (429, &json!("Rate limit exceeded")));
    assert_eq!(refused.headers["retry-after"], "3600");
    assert_eq!(bench.get_as(AGENT, LIST).status, 200, "counted per user");
}

#[test]
fn the_record_is_made_and_the_connection_cut() {
    let mut bench = Bench::new(Seed::Empty);
    bench.practice.faults.add(Fault::new(FaultKind::CutAfter).on("POST").times(1));
    let body = json!({"short_description": "x", "correlation_id": "lockstep:a:1"}).to_string();
    let request = bench.request(SERVICE_ACCOUNT, "POST", "/api/now/table/incident", &body);
    assert!(bench.send(request).response.is_none());
    assert_eq!(bench.query("incident", "correlation_id=lockstep:a:1", "").rows().len(), 1);
}

#[test]
fn a_new_record_lags_in_lists_but_not_by_id() {
    let mut bench = Bench::new(Seed::Empty);
    bench.set(&json!({"list_lag_ms": 30_000}));
    let made = bench.incident(&json!({"short_description": "x", "correlation_id": "lockstep:a:1"}));
    let id = text(&made, "sys_id").to_owned();
    bench.now_ms += 20_000;
    assert_eq!(bench.query("incident", "correlation_id=lockstep:a:1", "").rows().len(), 0);
    assert_eq!(bench.get(&format!("/api/now/table/incident/{id}")).status, 200);
    bench.now_ms += 20_000;
    assert_eq!(bench.query("incident", "correlation_id=lockstep:a:1", "").rows().len(), 1);
}

#[test]
fn the_clock_is_skewed_in_stamps_and_date() {
    let mut bench = Bench::new(Seed::Empty);
    bench.practice.skew_ms = 600_000;
    let answer = bench.post(SERVICE_ACCOUNT, "/api/now/table/incident", &json!({"short_description": "x"}));
    assert_eq!(answer.headers["date"], "Mon, 04 May 2026 12:10:00 GMT");
    assert_eq!(answer.result()["sys_created_on"], "2026-05-04 12:10:00");
}

#[test]
fn pages_repeat_and_lose_rows() {
    let mut bench = Bench::new(Seed::Small);
    let more = "sysparm_limit=10&sysparm_fields=number";
    let numbers = |bench: &mut Bench, offset: usize| -> Vec<String> {
        let more = format!("{more}&sysparm_offset={offset}");
        bench
            .query("incident", "ORDERBYnumber", &more)
            .rows()
            .iter()
            .map(|row| text(row, "number").to_owned())
            .collect()
    };
    let plain = numbers(&mut bench, 10);
    bench.practice.faults.add(Fault::new(FaultKind::DuplicatePage).times(1));
    let doubled = numbers(&mut bench, 10);
    assert_eq!((&doubled[1..], doubled[0].as_str()), (&plain[..9], "INC0010010"));
    bench.practice.faults.add(Fault::new(FaultKind::ShiftedPage).times(1));
    let shifted = numbers(&mut bench, 10);
    assert_eq!((&shifted[..9], shifted[9].as_str()), (&plain[1..], "INC0010021"));
    bench.practice.faults.clear();
    bench.practice.faults.add(Fault::new(FaultKind::ExpiredToken).times(1));
    assert_eq!(bench.get(LIST).status, 401);
    assert_eq!(bench.get(LIST).status, 200);
}

#[test]
fn the_same_requests_give_the_same_answers() {
    let run = || {
        let mut bench = Bench::new(Seed::Bulk(50));
        let id =
            text(&bench.incident(&json!({"short_description": "x", "comments": "y"})), "sys_id").to_owned();
        bench.patch(AGENT, &id, &json!({"urgency": "1"}));
        bench.practice.platform.save()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_saved_state_comes_back_whole() {
    let mut bench = Bench::new(Seed::Small);
    bench.set(&json!({"auto_close_after_ms": 1_000_000_000_000_i64, "strict_queries": true}));
    let id = text(&bench.incident(&json!({"short_description": "x", "comments": "y"})), "sys_id").to_owned();
    bench.take(bench.request(ITIL_ADMIN, "DELETE", &format!("/api/now/table/incident/{id}"), ""));
    let saved = bench.practice.platform.save();
    let mut other = ServiceNow::new(99, NOON, Seed::Empty);
    other.load(&serde_json::from_str(&saved.to_string()).unwrap()).unwrap();
    assert_eq!(other.save(), saved);
    assert_eq!(other.sign_in(), bench.practice.platform.sign_in());
    assert!(other.load(&json!({"format": 7})).is_err());
}
