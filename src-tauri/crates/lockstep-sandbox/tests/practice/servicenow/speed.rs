//! How quick the practice instance is with a hundred thousand tickets. Run by hand, in release:
//! `cargo test --release -p lockstep-sandbox --test practice servicenow::speed -- --ignored --nocapture`

use std::time::{Duration, Instant};

use lockstep_sandbox::Seed;
use lockstep_sandbox::servicenow::SERVICE_ACCOUNT;
use serde_json::json;

use super::Bench;

#[expect(clippy::disallowed_methods, reason = "this test measures true time")]
fn timed(name: &str, times: u32, bound: Duration, mut once: impl FnMut(u32)) {
    let started = Instant::now();
    (0..times).for_each(&mut once);
    let each = started.elapsed() / times;
    println!("{name}: {each:?}");
    assert!(each < bound, "{name} took {each:?}, at most {bound:?} is wanted");
}

#[test]
#[ignore = "meaningful in release only"]
fn a_hundred_thousand_tickets() {
    let mut bench = None;
    timed("bulk seed", 1, Duration::from_secs(2), |_| bench = Some(Bench::new(Seed::Bulk(100_000))));
    let mut bench = bench.expect("seeded just now");
    let order = "ORDERBYsys_updated_on^ORDERBYsys_id";
    let from = "sys_updated_on>2026-03-15 00:00:00^NQsys_updated_on=2026-03-15 00:00:00";
    let keyset = format!("{from}^sys_id>80000000000000000000000000000000^{order}");
    let encoded: String = url::form_urlencoded::byte_serialize(keyset.as_bytes()).collect();
    let fields = "sysparm_fields=sys_id,number,state,short_description,sys_updated_on,sys_mod_count";
    let page = format!(
        "/api/now/table/incident?sysparm_query={encoded}&{fields}&sysparm_limit=200&sysparm_no_count=true"
    );
    let request = bench.request(SERVICE_ACCOUNT, "GET", &page, "");
    timed("keyset page of 200", 500, Duration::from_millis(1), |_| {
        bench.send(request.clone());
    });
    let look_up = "/api/now/table/incident?sysparm_query=correlation_id%3Dlockstep:a:1&sysparm_fields=sys_id";
    let request = bench.request(SERVICE_ACCOUNT, "GET", look_up, "");
    timed("correlation look-up", 5_000, Duration::from_micros(50), |_| {
        bench.send(request.clone());
    });
    let body = json!({"short_description": "quick", "impact": "2", "urgency": "2"}).to_string();
    let target = "/api/now/table/incident?sysparm_fields=sys_id,number,sys_mod_count";
    let request = bench.request(SERVICE_ACCOUNT, "POST", target, &body);
    timed("create", 5_000, Duration::from_micros(100), |_| {
        bench.send(request.clone());
    });
    let request = bench.request(SERVICE_ACCOUNT, "GET", "/api/now/nothing", "");
    timed("overhead", 20_000, Duration::from_micros(20), |_| {
        bench.send(request.clone());
    });
}
