//! Ordering, workflow and batches (sheet 4.4, 4.6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockstep_sandbox::Seed;
use lockstep_sandbox::servicenow::SERVICE_ACCOUNT;
use serde_json::{Value, json};

use super::{AGENT, Bench, text};

fn item(bench: &mut Bench, name: &str) -> Value {
    let items = bench.get("/api/sn_sc/servicecatalog/items?sysparm_limit=20");
    items.rows().iter().find(|item| item["name"] == name).unwrap().clone()
}

#[test]
fn an_order_makes_request_item_and_task_and_closes_upwards() {
    let mut bench = Bench::new(Seed::Empty);
    let item = item(&mut bench, "Laptop");
    let path = format!("/api/sn_sc/v1/servicecatalog/items/{}", text(&item, "sys_id"));
    let shown = bench.get(&path);
    assert_eq!(shown.result()["variables"][0]["name"], "laptop_model");
    let order = format!("{path}/order_now");
    assert_eq!(bench.post(SERVICE_ACCOUNT, &order, &json!({"sysparm_quantity": "1"})).status, 400);
    let body = json!({"sysparm_quantity": "1", "variables": {"laptop_model": "a14"}});
    let ordered = bench.post(SERVICE_ACCOUNT, &order, &body);
    let request = text(ordered.result(), "request_id").to_owned();
    assert!(text(ordered.result(), "request_number").starts_with("REQ"));

    let fields = "sysparm_fields=sys_id,number,state,stage";
    let found = bench.query("sc_req_item", &format!("request={request}"), fields).rows()[0].clone();
    assert!(text(&found, "number").starts_with("RITM"));
    let query = format!("request_item={}", text(&found, "sys_id"));
    let variables = bench.query(
        "sc_item_option_mtom",
        &query,
        "sysparm_fields=sc_item_option.item_option_new.name,sc_item_option.value",
    );
    assert_eq!(variables.rows()[0]["sc_item_option.value"], "a14");

    let task = bench.query("sc_task", &query, "").rows()[0].clone();
    let target = format!("/api/now/table/sc_task/{}", text(&task, "sys_id"));
    let closed = bench.request(AGENT, "PATCH", &target, &json!({"state": "3"}).to_string());
    assert_eq!(bench.take(closed).result()["active"], "false");
    let after = bench.get(&format!("/api/now/table/sc_req_item/{}", text(&found, "sys_id")));
    assert_eq!((text(after.result(), "state"), text(after.result(), "sys_updated_by")), ("3", "system"));
    let above = bench.get(&format!("/api/now/table/sc_request/{request}"));
    assert_eq!(text(above.result(), "request_state"), "closed_complete");
}

#[test]
fn a_record_producer_opens_an_incident() {
    let mut bench = Bench::new(Seed::Empty);
    let item = item(&mut bench, "Report a fault");
    let path = format!("/api/sn_sc/servicecatalog/items/{}/submit_producer", text(&item, "sys_id"));
    let answer = bench.post("liam.brennan", &path, &json!({"variables": {"summary": "It smells burnt"}}));
    assert_eq!(text(answer.result(), "table"), "incident");
    let row = bench.look(text(answer.result(), "sys_id"));
    assert_eq!(text(&row, "short_description"), "It smells burnt");
}

#[test]
fn a_batch_runs_its_parts_in_order_each_with_its_status() {
    let mut bench = Bench::new(Seed::Empty);
    let id = text(&bench.incident(&json!({"short_description": "x"})), "sys_id").to_owned();
    let part = |number: u32, text: &str| {
        json!({"id": number.to_string(), "method": "PATCH", "exclude_response_headers": true,
            "url": format!("/api/now/table/incident/{id}?sysparm_fields=sys_mod_count"),
            "headers": [{"name": "Content-Type", "value": "application/json"}, {"name": "Accept", "value": "application/json"}],
            "body": STANDARD.encode(json!({"comments": text}).to_string())})
    };
    let wrong = json!({"id": "3", "method": "GET", "url": "/api/now/table/incident/0"});
    let body = json!({"batch_request_id": "c-42", "rest_requests": [part(1, "one"), part(2, "two"), wrong]});
    let answer = bench.post(SERVICE_ACCOUNT, "/api/now/v1/batch", &body);
    let serviced = answer.json["serviced_requests"].as_array().unwrap();
    let statuses: Vec<i64> = serviced.iter().map(|part| part["status_code"].as_i64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 404]);
    let body = STANDARD.decode(text(&serviced[1], "body")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), json!({"result": {"sys_mod_count": "2"}}));
    assert_eq!(answer.json["unserviced_requests"], json!([]));
}
