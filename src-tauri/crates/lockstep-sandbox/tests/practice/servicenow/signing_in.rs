//! Sign-in: basic, OAuth, API key (sheet 1).

use bytes::Bytes;
use http::Request;
use lockstep_sandbox::Seed;
use lockstep_sandbox::servicenow::password_of;
use serde_json::{Value, json};

use super::{AGENT, Answer, Bench, ITIL_ADMIN};

const LIST: &str = "/api/now/table/incident?sysparm_limit=1";

fn token(bench: &mut Bench, form: &str, content_type: &str) -> Answer {
    let request = Request::post("/oauth_token.do").header("content-type", content_type);
    bench.take(request.body(Bytes::from(form.to_owned())).unwrap())
}

fn client(bench: &Bench) -> String {
    let all = bench.practice.platform.credentials();
    let client = &all["oauth_client"];
    let part = |name: &str| client[name].as_str().unwrap().to_owned();
    format!("client_id={}&client_secret={}", part("client_id"), part("client_secret"))
}

fn bearer(bench: &mut Bench, access: &str) -> Answer {
    let request = Request::get(LIST).header("authorization", format!("Bearer {access}"));
    bench.take(request.body(Bytes::new()).unwrap())
}

#[test]
fn bad_basic_gives_401() {
    let mut bench = Bench::new(Seed::Small);
    for header in [None, Some("Basic bm9ib2R5Ondyb25n"), Some("Basic ?"), Some("Digest x")] {
        let mut request = Request::get(LIST);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = bench.take(request.body(Bytes::new()).unwrap());
        assert_eq!(answer.status, 401);
        assert_eq!(answer.json["error"]["message"], "User Not Authenticated");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    assert_eq!(bench.get(LIST).status, 200);
}

#[test]
fn inactive_locked_and_reset_users_stay_outside() {
    let mut bench = Bench::new(Seed::Small);
    assert_eq!(bench.get_as("olav.dahl", LIST).status, 401);
    let id = bench.user_id(AGENT);
    for flag in ["locked_out", "password_needs_reset"] {
        let target = format!("/api/now/table/sys_user/{id}");
        for (value, status) in [("true", 401), ("false", 200)] {
            let body = json!({ flag: value }).to_string();
            let request = bench.request("admin", "PATCH", &target, &body);
            assert_eq!(bench.take(request).status, 200);
            assert_eq!(bench.get_as(AGENT, LIST).status, status);
        }
    }
}

#[test]
fn mfa_refuses_basic_with_its_header() {
    let mut bench = Bench::new(Seed::Small);
    bench.set(&json!({"mfa": true}));
    let answer = bench.get(LIST);
    assert_eq!((answer.status, answer.headers["x-mfa_token"].to_str().unwrap()), (401, "invalid"));
}

#[test]
fn oauth_is_a_form_with_30_minute_tokens_and_the_same_token_rule() {
    let mut bench = Bench::new(Seed::Small);
    let form =
        format!("grant_type=password&username={AGENT}&password={}&{}", password_of(AGENT), client(&bench));
    let urlencoded = "application/x-www-form-urlencoded";
    assert_eq!(token(&mut bench, "{}", "application/json").status, 401, "JSON is refused");

    let first = token(&mut bench, &form, urlencoded);
    assert_eq!((first.status, first.json["expires_in"].as_i64()), (200, Some(1_799)));
    let access = first.json["access_token"].as_str().unwrap().to_owned();
    let refresh = first.json["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(bearer(&mut bench, &access).status, 200);

    bench.now_ms += 600_000;
    let again = token(&mut bench, &form, urlencoded);
    assert_eq!(again.json["access_token"], Value::from(access.as_str()));
    assert_eq!(again.json["expires_in"].as_i64(), Some(1_199), "asking again does not extend it");

    bench.now_ms += 1_200_000;
    assert_eq!(bearer(&mut bench, &access).status, 401, "expired by the platform's clock");
    let form = format!("grant_type=refresh_token&refresh_token={refresh}&{}", client(&bench));
    let renewed = token(&mut bench, &form, urlencoded);
    let fresh = renewed.json["access_token"].as_str().unwrap().to_owned();
    assert_ne!(fresh, access);
    assert_eq!(bearer(&mut bench, &fresh).status, 200);
    assert!(!bench.practice.log.to_json(0).to_string().contains(&password_of(AGENT)));

    let wrong = token(&mut bench, &form.replace(&refresh, "x"), urlencoded);
    assert_eq!((wrong.status, &wrong.json["error"]), (401, &json!("invalid_grant")));
}

#[test]
fn client_credentials_run_as_the_service_account_and_can_be_switched_off() {
    let mut bench = Bench::new(Seed::Small);
    let form = format!("grant_type=client_credentials&{}", client(&bench));
    let urlencoded = "application/x-www-form-urlencoded";
    let answer = token(&mut bench, &form, urlencoded);
    assert!(answer.json.get("refresh_token").is_none());
    let access = answer.json["access_token"].as_str().unwrap().to_owned();
    let me =
        "/api/now/table/sys_user?sysparm_query=sys_id%3Djavascript:gs.getUserID()&sysparm_fields=user_name";
    let request = Request::get(me).header("authorization", format!("Bearer {access}"));
    let answer = bench.take(request.body(Bytes::new()).unwrap());
    assert_eq!(answer.rows(), &[json!({"user_name": "lockstep.sync"})]);

    bench.set(&json!({"client_credentials": false, "password_grant": false}));
    assert_eq!(token(&mut bench, &form, urlencoded).status, 401);
}

#[test]
fn an_api_key_is_refused_where_no_policy_allows_it() {
    let mut bench = Bench::new(Seed::Small);
    let key = bench.practice.platform.credentials()["api_key"].as_str().unwrap().to_owned();
    let ask =
        |target: &str| Request::get(target).header("x-sn-apikey", key.as_str()).body(Bytes::new()).unwrap();
    assert_eq!(bench.take(ask(LIST)).status, 200);
    bench.set(&json!({"api_key_apis": ["table"]}));
    assert_eq!(bench.take(ask(LIST)).status, 200);
    assert_eq!(bench.take(ask("/api/now/attachment?sysparm_limit=1")).status, 401);
    assert_eq!(bench.take(ask("/api/now/v1/attachment")).status, 401);
}

#[test]
fn duplicate_email_users_are_two_rows() {
    let mut bench = Bench::new(Seed::Empty);
    let answer = bench.query(
        "sys_user",
        "email=Elin.Sandberg@corvane.example^active=true",
        "sysparm_fields=user_name",
    );
    assert_eq!(answer.rows().len(), 2);
    let one = bench.query_as(ITIL_ADMIN, "sys_user", "emailINamara.osei@corvane.example,x@y.example", "");
    assert_eq!(one.rows().len(), 1);
}
