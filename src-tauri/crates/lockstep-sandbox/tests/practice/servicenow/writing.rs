//! Writing: what is taken, ignored, computed and refused (sheet 4, 5, 6).

use lockstep_sandbox::Seed;
use lockstep_sandbox::servicenow::SERVICE_ACCOUNT;
use serde_json::{Value, json};

use super::{AGENT, Bench, CALLER, ITIL_ADMIN, NOON, text};

#[test]
fn a_new_incident_gets_number_stamps_and_priority() {
    let mut bench = Bench::new(Seed::Empty);
    let caller = bench.user_id(CALLER);
    let body = json!({
        "short_description": "Checkout latency", "caller_id": caller, "impact": 1, "urgency": "2", "priority": "5",
        "correlation_id": "lockstep:a:1", "u_unknown": "x", "sys_created_on": "2001-01-01 00:00:00", "knowledge": true,
    });
    let answer = bench.post(SERVICE_ACCOUNT, "/api/now/table/incident", &body);
    assert_eq!(answer.status, 201);
    let id = text(answer.result(), "sys_id").to_owned();
    assert!(answer.headers["location"].to_str().unwrap().ends_with(&id));
    let row = bench.look(&id);
    for (name, value) in [
        ("number", "INC0010001"),
        ("priority", "2"),
        ("state", "1"),
        ("sys_mod_count", "0"),
        ("sys_updated_by", SERVICE_ACCOUNT),
        ("sys_created_on", "2026-05-04 12:00:00"),
        ("opened_at", "2026-05-04 12:00:00"),
        ("knowledge", "true"),
        ("caller_id", caller.as_str()),
        ("correlation_id", "lockstep:a:1"),
    ] {
        assert_eq!(text(&row, name), value, "{name}");
    }
    assert_eq!(bench.query("incident", "correlation_id=lockstep:a:1", "").rows().len(), 1);
    let two =
        bench.post(SERVICE_ACCOUNT, "/api/now/table/incident", &json!([{"urgency": "1"}, {"urgency": "2"}]));
    assert_eq!(two.result()["urgency"], "1", "only the first of several");
    assert_eq!(bench.practice.platform.save()["tables"]["incident"]["records"].as_array().unwrap().len(), 2);
}

#[test]
fn priority_is_recalculated() {
    let mut bench = Bench::new(Seed::Empty);
    let id = text(&bench.incident(&json!({"impact": "3", "urgency": "3"})), "sys_id").to_owned();
    let answer = bench.patch(SERVICE_ACCOUNT, &id, &json!({"priority": "1"}));
    assert_eq!((text(answer.result(), "priority"), text(answer.result(), "sys_mod_count")), ("5", "0"));
    let answer = bench.patch(SERVICE_ACCOUNT, &id, &json!({"impact": "1"}));
    assert_eq!((text(answer.result(), "priority"), text(answer.result(), "sys_mod_count")), ("3", "1"));
}

#[test]
fn data_policy_refuses_6_and_7_without_closing_fields() {
    let mut bench = Bench::new(Seed::Empty);
    let id = text(&bench.incident(&json!({"short_description": "x"})), "sys_id").to_owned();
    let answer = bench.patch(SERVICE_ACCOUNT, &id, &json!({"state": "6", "comments": "not stored"}));
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.detail(),
        "Data Policy Exception: The following fields are mandatory: Resolution code, Resolution notes"
    );
    assert_eq!(text(&bench.look(&id), "sys_mod_count"), "0");
    assert_eq!(bench.query_as(AGENT, "sys_journal_field", &format!("element_id={id}"), "").rows().len(), 0);
    let closing = json!({"state": "6", "close_code": "Solution provided", "close_notes": "Done."});
    let resolved = bench.patch(SERVICE_ACCOUNT, &id, &closing);
    assert_eq!(text(resolved.result(), "resolved_at"), "2026-05-04 12:00:00");
    assert_eq!((text(resolved.result(), "incident_state"), text(resolved.result(), "active")), ("6", "true"));

    assert_eq!(bench.patch(SERVICE_ACCOUNT, &id, &json!({"state": "7"})).status, 403, "7 needs itil_admin");
    assert_eq!(bench.patch(ITIL_ADMIN, &id, &json!({"state": "7"})).status, 200);
    assert_eq!(bench.patch(SERVICE_ACCOUNT, &id, &json!({"comments": "late"})).status, 403);
    let reopened = bench.patch(ITIL_ADMIN, &id, &json!({"state": "2"}));
    for name in ["close_code", "close_notes", "resolved_at", "resolved_by", "closed_at"] {
        assert_eq!(text(reopened.result(), name), "", "{name} is cleared");
    }
    assert_eq!(text(reopened.result(), "reopen_count"), "1");
}

#[test]
fn on_hold_needs_a_reason_and_the_callers_answer_ends_it() {
    let mut bench = Bench::new(Seed::Empty);
    let caller = bench.user_id(CALLER);
    let id =
        text(&bench.incident(&json!({"short_description": "x", "caller_id": caller})), "sys_id").to_owned();
    let answer = bench.patch(SERVICE_ACCOUNT, &id, &json!({"state": "3"}));
    assert!(answer.detail().ends_with("On hold reason"), "{}", answer.detail());
    let answer = bench.patch(SERVICE_ACCOUNT, &id, &json!({"state": "3", "hold_reason": "1"}));
    assert!(answer.detail().ends_with("Additional comments"), "{}", answer.detail());
    let held = json!({"state": "3", "hold_reason": "1", "comments": "Which desk?"});
    assert_eq!(bench.patch(SERVICE_ACCOUNT, &id, &held).status, 200);
    assert_eq!(bench.patch(CALLER, &id, &json!({"comments": "Desk 4"})).status, 200);
    let row = bench.look(&id);
    assert_eq!((text(&row, "state"), text(&row, "hold_reason")), ("2", ""));
}

#[test]
fn some_values_are_ignored_or_cut_without_a_word() {
    let mut bench = Bench::new(Seed::Empty);
    let long = "x".repeat(200);
    let made = bench.incident(&json!({"short_description": long, "category": "software"}));
    let id = text(&made, "sys_id").to_owned();
    assert_eq!(text(&made, "short_description").len(), 160);
    let answer = bench.patch(
        SERVICE_ACCOUNT,
        &id,
        &json!({"state": "soon", "category": "", "caller_id": "Liam Brennan", "due_date": "tomorrow", "active": "maybe"}),
    );
    assert_eq!((answer.status, text(answer.result(), "sys_mod_count")), (200, "0"), "nothing was taken");
    let target = format!(
        "/api/now/table/incident/{id}?sysparm_input_display_value=true&sysparm_exclude_reference_link=true"
    );
    let body = json!({"caller_id": "Liam Brennan", "state": "In Progress"}).to_string();
    let request = bench.request(SERVICE_ACCOUNT, "PATCH", &target, &body);
    let answer = bench.take(request);
    assert_eq!(text(answer.result(), "caller_id"), bench.user_id(CALLER));
    assert_eq!(text(answer.result(), "state"), "2");
    bench.set(&json!({"read_only_fields": {"task": ["assigned_to"]}, "rewrites": [
        {"table": "incident", "field": "urgency", "value": "1"}]}));
    let agent = bench.user_id(AGENT);
    let answer = bench.patch(SERVICE_ACCOUNT, &id, &json!({"assigned_to": agent, "urgency": "2"}));
    assert_eq!((text(answer.result(), "assigned_to"), text(answer.result(), "urgency")), ("", "1"));
    assert_eq!(text(bench.patch(AGENT, &id, &json!({"assigned_to": agent})).result(), "assigned_to"), agent);
}

#[test]
fn an_async_rule_bumps_the_mod_count() {
    let mut bench = Bench::new(Seed::Empty);
    bench.set(&json!({"async_rule_ms": 3000}));
    let made = bench.incident(&json!({"short_description": "x"}));
    let id = text(&made, "sys_id").to_owned();
    bench.now_ms += 2_000;
    assert_eq!(text(&bench.look(&id), "sys_mod_count"), "0");
    bench.now_ms += 60_000;
    let row = bench.look(&id);
    assert_eq!((text(&row, "sys_mod_count"), text(&row, "sys_updated_by")), ("1", "system"));
    assert_eq!(text(&row, "sys_updated_on"), "2026-05-04 12:00:03");
}

#[test]
fn resolved_incidents_are_closed_by_system() {
    let mut bench = Bench::new(Seed::Small);
    let id = text(&bench.incident(&json!({"short_description": "x"})), "sys_id").to_owned();
    bench.set(&json!({"auto_close_after_ms": 86_400_000_i64 * 7}));
    let closing = json!({"state": "6", "close_code": "Solution provided", "close_notes": "Done."});
    bench.patch(SERVICE_ACCOUNT, &id, &closing);
    bench.now_ms = NOON + 86_400_000 * 7 + 5_000;
    let row = bench.look(&id);
    assert_eq!((text(&row, "state"), text(&row, "sys_updated_by")), ("7", "system"));
    assert_eq!(text(&row, "closed_at"), "2026-05-11 12:00:00");
    assert_eq!(bench.query_as(AGENT, "incident", "state=6", "").rows().len(), 0, "older ones too");
}

#[test]
fn resolving_a_parent_resolves_its_children() {
    let mut bench = Bench::new(Seed::Empty);
    let parent = text(&bench.incident(&json!({"short_description": "p"})), "sys_id").to_owned();
    let child = bench.incident(&json!({"short_description": "c", "parent_incident": parent}));
    let closing = json!({"state": "6", "close_code": "Known error", "close_notes": "See parent."});
    bench.patch(SERVICE_ACCOUNT, &parent, &closing);
    let row = bench.look(text(&child, "sys_id"));
    assert_eq!((text(&row, "state"), text(&row, "close_code")), ("6", "Known error"));
    assert_eq!(text(&row, "sys_updated_by"), SERVICE_ACCOUNT, "by our user, though we did not send it");
}

#[test]
fn a_business_rule_aborts_and_a_problem_moves_step_by_step() {
    let mut bench = Bench::new(Seed::Empty);
    bench.set(&json!({"aborts": [{"table": "incident", "field": "category", "rule": "Freeze"}],
        "mandatory_fields": {"incident": ["short_description"]}}));
    let made = bench.incident(&json!({"short_description": "x"}));
    let answer = bench.patch(AGENT, text(&made, "sys_id"), &json!({"category": "network"}));
    assert!(answer.status == 403 && answer.detail().contains("Business Rule 'Freeze'"));
    let answer = bench.post(AGENT, "/api/now/table/incident", &json!({"urgency": "1"}));
    assert!(answer.detail().ends_with("mandatory: Short description"), "{}", answer.detail());

    let made = bench.post(AGENT, "/api/now/table/problem", &json!({"short_description": "p"}));
    let target = format!("/api/now/table/problem/{}", text(made.result(), "sys_id"));
    let mut patch = |body: Value| bench.take(bench.request(AGENT, "PATCH", &target, &body.to_string()));
    assert_eq!(patch(json!({"state": "104"})).status, 403);
    assert_eq!(patch(json!({"state": "103"})).status, 200);
    assert!(patch(json!({"state": "106"})).detail().contains("Resolution code, Fix notes, Cause notes"));
}

#[test]
fn a_customers_rule_doubles_entries_and_line_ends_change() {
    let mut bench = Bench::new(Seed::Empty);
    bench.set(&json!({"doubled_journal": true, "journal_crlf": true}));
    let id = text(&bench.incident(&json!({"comments": "one\ntwo"})), "sys_id").to_owned();
    let rows = bench.query("sys_journal_field", &format!("element_id={id}"), "").rows().clone();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| text(row, "value") == "one\r\ntwo"));
}

#[test]
fn an_attachment_does_not_bump_its_parent() {
    let mut bench = Bench::new(Seed::Small);
    let id = text(&bench.incident(&json!({"short_description": "x"})), "sys_id").to_owned();
    bench.now_ms += 10_000;
    let target = format!(
        "/api/now/attachment/file?table_name=incident&table_sys_id={id}&file_name=caf%C3%A9%20graph.png"
    );
    let mut request = bench.request(SERVICE_ACCOUNT, "POST", &target, "not really a picture");
    request.headers_mut().insert("content-type", "image/png".parse().unwrap());
    let made = bench.take(request);
    assert_eq!(made.status, 201);
    let file = text(made.result(), "sys_id").to_owned();
    assert_eq!(
        (text(made.result(), "file_name"), text(made.result(), "size_bytes")),
        ("café graph.png", "20")
    );
    assert_eq!(
        (text(made.result(), "created_by_name"), text(made.result(), "updated_by_name")),
        ("Lockstep Sync", "Lockstep Sync")
    );
    assert!(made.headers["location"].to_str().unwrap().ends_with(&format!("/api/now/attachment/{file}")));
    assert_eq!(text(&bench.look(&id), "sys_updated_on"), "2026-05-04 12:00:00");

    let list = format!("/api/now/attachment?sysparm_query=table_name%3Dincident%5Etable_sys_idIN{id}");
    assert_eq!(bench.get(&list).rows().len(), 1);
    let bytes = bench.get(&format!("/api/now/attachment/{file}/file"));
    assert_eq!(
        (bytes.body.as_ref(), bytes.headers["content-type"].to_str().unwrap()),
        (&b"not really a picture"[..], "image/png")
    );
    let metadata: Value = serde_json::from_slice(bytes.headers["x-attachment-metadata"].as_bytes()).unwrap();
    assert_eq!(metadata["file_name"], "café graph.png");
    assert_eq!(text(&metadata, "hash").len(), 64);

    bench.set(&json!({"attachments_touch_parent": true, "attachment_bytes_max": 5}));
    let mut request = bench.request(SERVICE_ACCOUNT, "POST", &target, "123456");
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(bench.take(request).status, 413);
    let mut request = bench.request(SERVICE_ACCOUNT, "POST", &target, "1234");
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(bench.take(request).status, 201);
    assert_eq!(text(&bench.look(&id), "sys_mod_count"), "1");
    let delete = bench.request(SERVICE_ACCOUNT, "DELETE", &format!("/api/now/attachment/{file}"), "");
    assert_eq!(bench.take(delete).status, 204);
    assert_eq!(bench.get(&format!("/api/now/attachment/{file}")).status, 404);
}

#[test]
fn a_form_upload_takes_one_file_and_the_seed_has_two() {
    let mut bench = Bench::new(Seed::Small);
    let seeded = bench.get("/api/now/attachment?sysparm_query=ORDERBYfile_name").rows().clone();
    assert_eq!(seeded.len(), 2);
    assert_eq!((text(&seeded[1], "image_width"), text(&seeded[1], "content_type")), ("2", "image/png"));
    let id = text(&seeded[0], "table_sys_id").to_owned();
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"table_name\"\r\n\r\nincident\r\n--b\r\n\
         Content-Disposition: form-data; name=\"table_sys_id\"\r\n\r\n{id}\r\n--b\r\n\
         Content-Disposition: form-data; name=\"uploadFile\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n"
    );
    let mut request = bench.request(AGENT, "POST", "/api/now/attachment/upload", &body);
    request.headers_mut().insert("content-type", "multipart/form-data; boundary=b".parse().unwrap());
    let answer = bench.take(request);
    assert_eq!((answer.status, text(answer.result(), "size_bytes")), (201, "2"));
    let missing =
        bench.request(AGENT, "POST", "/api/now/attachment/file?table_name=incident&file_name=a", "x");
    assert_eq!(bench.take(missing).status, 400);
}

#[test]
fn people_edit_through_the_same_api() {
    let mut bench = Bench::new(Seed::Small);
    let made = bench.post(
        CALLER,
        "/api/now/table/incident",
        &json!({"short_description": "My screen", "state": "7"}),
    );
    let id = text(made.result(), "sys_id").to_owned();
    let row = bench.look(&id);
    assert_eq!((text(&row, "caller_id"), text(&row, "state")), (bench.user_id(CALLER).as_str(), "1"));
    bench.patch(AGENT, &id, &json!({"work_notes": "Looking", "state": "2"}));
    assert_eq!(text(&bench.look(&id), "sys_updated_by"), AGENT);
    assert_eq!(bench.patch("jun.takahashi", &id, &json!({"comments": "x"})).status, 404, "not theirs");
    bench.set(&json!({"silent_edit": {"table": "incident", "sys_id": id,
        "fields": {"short_description": "Changed by a script", "sys_updated_on": "2026-01-01 00:00:00"}}}));
    let row = bench.look(&id);
    assert_eq!((text(&row, "short_description"), text(&row, "sys_mod_count")), ("Changed by a script", "1"));
    assert_eq!(text(&row, "sys_updated_on"), "2026-01-01 00:00:00");
}
