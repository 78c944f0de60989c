//! Reading: values, queries, pages, ACLs, journals, attachments, discovery (sheet 2, 3, 5, 6).

use lockstep_sandbox::Seed;
use lockstep_sandbox::servicenow::SERVICE_ACCOUNT;
use serde_json::{Value, json};

use super::{AGENT, Bench, CALLER, ITIL_ADMIN, text};

#[test]
fn values_are_strings_only() {
    let mut bench = Bench::new(Seed::Small);
    let answer = bench.query("incident", "", "sysparm_exclude_reference_link=true&sysparm_limit=3");
    assert_eq!(answer.rows().len(), 3);
    for (name, value) in answer.rows()[0].as_object().unwrap() {
        assert!(value.is_string(), "{name} is {value}");
    }
}

#[test]
fn references_are_link_objects_unless_excluded() {
    let mut bench = Bench::new(Seed::Small);
    let more = "sysparm_limit=1&sysparm_fields=caller_id,parent";
    let row = bench.query("incident", "", more).rows()[0].clone();
    let id = text(&row["caller_id"], "value").to_owned();
    assert_eq!(row["caller_id"]["link"], format!("https://acme.example/api/now/table/sys_user/{id}"));
    assert_eq!(row["parent"], "", "an empty reference is an empty text in both forms");
    let plain = bench.query("incident", "", &format!("{more}&sysparm_exclude_reference_link=true"));
    assert_eq!(plain.rows()[0]["caller_id"], Value::from(id));
}

#[test]
fn display_values_are_labels_in_the_users_zone() {
    let mut bench = Bench::new(Seed::Small);
    let (query, fields) =
        ("state=6", "sysparm_limit=1&sysparm_fields=state,sys_created_on,assignment_group,caller_id");
    let plain = bench.query("incident", query, fields).rows()[0].clone();
    let labels =
        bench.query_as("bruno.keller", "incident", query, &format!("{fields}&sysparm_display_value=true"));
    let labels = &labels.rows()[0];
    assert_eq!(labels["state"], "Resolved");
    let hour = |value: &Value| value.as_str().unwrap()[11..13].parse::<i32>().unwrap();
    let shift = (hour(&labels["sys_created_on"]) - hour(&plain["sys_created_on"])).rem_euclid(24);
    assert!(shift == 1 || shift == 2, "Berlin is not UTC");
    assert!(labels["caller_id"]["display_value"].is_string() && labels["caller_id"]["link"].is_string());
    let pythons = bench.query("incident", query, &format!("{fields}&sysparm_display_value=True"));
    assert_eq!(pythons.rows()[0]["state"], "Resolved", "as clients in Python write it");
    let all = bench.query("incident", query, &format!("{fields}&sysparm_display_value=all"));
    assert_eq!(all.rows()[0]["state"], json!({"display_value": "Resolved", "value": "6"}));
}

#[test]
fn unknown_fields_are_ignored_and_dot_walks_follow_references() {
    let mut bench = Bench::new(Seed::Small);
    let more = "sysparm_limit=1&sysparm_fields=number,u_nope,caller_id.email,state.x";
    let row = bench.query("incident", "", more).rows()[0].clone();
    assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), ["caller_id.email", "number"]);
    assert!(text(&row, "caller_id.email").ends_with("@corvane.example"));
    let by_email = bench.query("incident", "caller_id.email=liam.brennan@corvane.example", "");
    assert!(!by_email.rows().is_empty());
}

#[test]
fn unknown_query_field_is_dropped_unless_strict() {
    let mut bench = Bench::new(Seed::Small);
    let probe = "sysparm_limit=1&sysparm_fields=sys_id";
    assert_eq!(bench.query("incident", "u_lockstep_probe_zz=1", probe).rows().len(), 1);
    assert_eq!(bench.get("/api/now/table/incident?u_lockstep_probe_zz=1&sysparm_limit=2").rows().len(), 2);
    bench.set(&json!({"strict_queries": true}));
    assert_eq!(bench.query("incident", "u_lockstep_probe_zz=1", probe).rows().len(), 0);
    assert_eq!(bench.query("incident", "state=6", probe).rows().len(), 1);
}

#[test]
fn limit_comes_before_acl_with_hidden_rows() {
    let mut bench = Bench::new(Seed::Small);
    let (query, more) = ("ORDERBYnumber", "sysparm_fields=number,state&sysparm_limit=10");
    let all = bench.query("incident", query, more);
    assert_eq!((all.rows().len(), all.headers["x-total-count"].to_str().unwrap()), (10, "30"));
    bench.set(&json!({"hidden_rows": [{"table": "incident", "query": "state=7"}]}));
    let short = bench.query("incident", query, more);
    assert_eq!(short.rows().len(), 6, "four of the first ten are closed");
    assert_eq!(short.headers["x-total-count"], "30", "the count is from before the ACL");
    assert_eq!(bench.query_as(AGENT, "incident", query, more).rows().len(), 10);
    bench.set(&json!({"hidden_rows": [], "before_query": [{"table": "incident", "query": "state!=7"}]}));
    let filtered = bench.query("incident", query, more);
    assert_eq!((filtered.rows().len(), filtered.headers["x-total-count"].to_str().unwrap()), (10, "26"));
    let closed = bench.query_as(AGENT, "incident", "state=7", "sysparm_limit=1").rows()[0].clone();
    let target = format!("/api/now/table/incident/{}", text(&closed, "sys_id"));
    assert_eq!(bench.get(&target).status, 404, "a rule filters direct reads too");
}

#[test]
fn a_field_is_omitted_by_acl() {
    let mut bench = Bench::new(Seed::Small);
    bench.set(&json!({"omitted_fields": {"incident": ["caller_id"], "sys_user": ["email"]}}));
    let more = "sysparm_limit=1&sysparm_fields=number,caller_id,assigned_to.email";
    let row = bench.query("incident", "", more).rows()[0].clone();
    assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), ["number"]);
    assert!(bench.query("incident", "", "sysparm_limit=1").rows()[0].get("caller_id").is_none());
    assert!(bench.query_as(AGENT, "incident", "", more).rows()[0].get("caller_id").is_some());
}

#[test]
fn hidden_and_deleted_give_the_same_404() {
    let mut bench = Bench::new(Seed::Small);
    let rows = bench
        .query("incident", "ORDERBYnumber", "sysparm_limit=2&sysparm_fields=sys_id,number")
        .rows()
        .clone();
    let (gone, hidden) = (text(&rows[0], "sys_id").to_owned(), text(&rows[1], "sys_id").to_owned());
    let path = |id: &str| format!("/api/now/table/incident/{id}");
    let refused = bench.take(bench.request(SERVICE_ACCOUNT, "DELETE", &path(&gone), ""));
    assert_eq!(refused.status, 403, "the service account may not delete");
    assert_eq!(bench.take(bench.request(ITIL_ADMIN, "DELETE", &path(&gone), "")).status, 204);
    let query = format!("number={}", text(&rows[1], "number"));
    bench.set(&json!({"hidden_rows": [{"table": "incident", "query": query}]}));
    let (one, two) = (bench.get(&path(&gone)), bench.get(&path(&hidden)));
    assert_eq!((one.status, &one.body), (404, &two.body));
    let audit = bench.query("sys_audit_delete", "tablename=incident", "sysparm_fields=documentkey,tablename");
    assert_eq!(audit.rows()[0]["documentkey"], Value::from(gone.as_str()));
    bench.set(&json!({"undelete": gone}));
    assert_eq!(bench.get(&path(&gone)).status, 200);
}

#[test]
fn one_second_stamps_tie_over_more_than_a_page() {
    let mut bench = Bench::new(Seed::Empty);
    for at in 0..250 {
        bench.now_ms = super::NOON + at;
        bench.incident(&json!({"short_description": format!("tie {at}")}));
    }
    let fields = "sysparm_limit=100&sysparm_no_count=true&sysparm_fields=sys_id,sys_updated_on";
    let order = "ORDERBYsys_updated_on^ORDERBYsys_id";
    let mut seen: Vec<String> = Vec::new();
    let mut query = format!("sys_updated_on>=2026-05-04 11:58:00^{order}");
    loop {
        let answer = bench.query("incident", &query, fields);
        assert!(!answer.headers.contains_key("x-total-count"));
        let rows = answer.rows();
        seen.extend(rows.iter().map(|row| text(row, "sys_id").to_owned()));
        let Some(last) = rows.last() else { break };
        let (stamp, id) = (text(last, "sys_updated_on"), text(last, "sys_id"));
        assert_eq!(stamp, "2026-05-04 12:00:00");
        query = format!("sys_updated_on>{stamp}^NQsys_updated_on={stamp}^sys_id>{id}^{order}");
    }
    assert_eq!(seen.len(), 250);
    assert!(seen.is_sorted());
}

#[test]
fn rows_change_between_pages() {
    let mut bench = Bench::new(Seed::Small);
    let more = "sysparm_limit=10&sysparm_fields=sys_id";
    let page = |bench: &mut Bench, offset: usize| -> Vec<Value> {
        bench
            .query("incident", "ORDERBYsys_updated_on", &format!("{more}&sysparm_offset={offset}"))
            .rows()
            .clone()
    };
    let first = page(&mut bench, 0);
    let moved = text(&first[0], "sys_id").to_owned();
    bench.patch(ITIL_ADMIN, &moved, &json!({"work_notes": "moves to the end"}));
    let second = page(&mut bench, 10);
    let third = page(&mut bench, 20);
    let seen: std::collections::BTreeSet<String> =
        [first, second, third].concat().iter().map(|row| text(row, "sys_id").to_owned()).collect();
    assert_eq!(seen.len(), 29, "a row slipped onto the page before");
}

#[test]
fn pages_have_links_and_counts() {
    let mut bench = Bench::new(Seed::Small);
    let answer =
        bench.get("/api/now/table/incident?sysparm_limit=10&sysparm_offset=10&sysparm_query=ORDERBYnumber");
    let links = answer.headers["link"].to_str().unwrap().to_owned();
    for (rel, offset) in [("first", 0), ("prev", 0), ("next", 20), ("last", 20)] {
        assert!(links.contains(&format!("sysparm_offset={offset}>;rel=\"{rel}\"")), "{rel} in {links}");
    }
    let quiet = bench.get("/api/now/table/incident?sysparm_limit=10&sysparm_suppress_pagination_header=true");
    assert!(!quiet.headers.contains_key("link"));
    let empty = "sysparm_query=number%3Dnone";
    assert_eq!(bench.get(&format!("/api/now/table/incident?{empty}")).rows().len(), 0);
    assert_eq!(bench.get(&format!("/api/now/v2/table/incident?{empty}")).status, 200);
    assert_eq!(
        bench.get(&format!("/api/now/v1/table/incident?{empty}")).status,
        404,
        "version 1 has no empty lists"
    );
}

#[test]
fn comments_read_empty_and_live_in_the_journal_table() {
    let mut bench = Bench::new(Seed::Small);
    let made =
        bench.incident(&json!({"short_description": "a", "comments": "first", "work_notes": "inside"}));
    let id = text(&made, "sys_id").to_owned();
    assert_eq!((text(&made, "comments"), text(&made, "work_notes")), ("", ""));
    bench.now_ms += 61_000;
    let changed = bench.patch(SERVICE_ACCOUNT, &id, &json!({"comments": "second\nline"}));
    assert_eq!(text(changed.result(), "sys_mod_count"), "1", "an entry is a change of the ticket");
    let query = format!("element_idIN{id}^elementINcomments,work_notes^ORDERBYsys_created_on^ORDERBYsys_id");
    let rows = bench.query("sys_journal_field", &query, "").rows().clone();
    assert_eq!(rows.len(), 3);
    let last = &rows[2];
    assert_eq!((text(last, "value"), text(last, "sys_created_by")), ("second\nline", SERVICE_ACCOUNT));
    assert_eq!((text(last, "element"), text(last, "name")), ("comments", "incident"));

    let shown = bench.get(&format!("/api/now/table/incident/{id}?sysparm_display_value=true"));
    let history = text(shown.result(), "comments");
    assert_eq!(
        history,
        "2026-05-04 12:01:01 - Lockstep Sync (Additional comments)\nsecond\nline\n\n\
         2026-05-04 12:00:00 - Lockstep Sync (Additional comments)\nfirst\n\n"
    );
}

#[test]
fn the_journal_table_can_be_forbidden_or_empty() {
    let mut bench = Bench::new(Seed::Small);
    let more = "sysparm_limit=1&sysparm_fields=sys_id";
    assert_eq!(bench.query("sys_journal_field", "element=comments", more).rows().len(), 1);
    bench.set(&json!({"journal_readable": "empty"}));
    assert_eq!(bench.query("sys_journal_field", "element=comments", more).rows().len(), 0);
    bench.set(&json!({"journal_readable": "forbidden"}));
    assert_eq!(bench.query("sys_journal_field", "element=comments", more).status, 403);
    assert_eq!(bench.query_as(AGENT, "sys_journal_field", "element=comments", more).rows().len(), 1);
}

#[test]
fn code_tags_carets_and_newlines_are_in_the_data() {
    let mut bench = Bench::new(Seed::Small);
    assert_eq!(bench.query("sys_journal_field", "valueSTARTSWITH[code]", "").rows().len(), 1);
    let titled = bench.query(
        "incident",
        "short_descriptionLIKEa2 + b2",
        "sysparm_fields=short_description,description",
    );
    let row = &titled.rows()[0];
    assert!(text(row, "short_description").contains("a^2 + b^2") && text(row, "description").contains('\n'));
    let split = bench.query("incident", "short_description=Formula a^2 + b^2 shows as a2 + b2", "");
    assert_eq!(split.rows().len(), 0, "the caret ends the value");
}

#[test]
fn query_acl_refuses_ranges_and_sorting() {
    let mut bench = Bench::new(Seed::Small);
    bench.set(&json!({"query_acl": {"incident": ["sys_updated_on"]}}));
    for query in ["sys_updated_on>2026-01-01 00:00:00", "ORDERBYsys_updated_on"] {
        let answer = bench.query("incident", query, "");
        assert_eq!(
            (answer.status, &answer.json["error"]["message"]),
            (403, &json!("Insufficient rights to query records"))
        );
    }
    assert_eq!(bench.query("incident", "state=6", "").status, 200);
}

#[test]
fn people_without_roles_see_only_their_own() {
    let mut bench = Bench::new(Seed::Small);
    let own = bench.query_as(
        CALLER,
        "incident",
        "",
        "sysparm_fields=caller_id&sysparm_exclude_reference_link=true",
    );
    let id = bench.user_id(CALLER);
    assert!(!own.rows().is_empty() && own.rows().len() < 30);
    assert!(own.rows().iter().all(|row| text(row, "caller_id") == id));
    assert_eq!(own.headers["x-total-count"], own.rows().len().to_string());
}

#[test]
fn discovery_knows_tables_fields_and_choices() {
    let mut bench = Bench::new(Seed::Empty);
    let meta = bench.get("/api/now/ui/meta/incident");
    let columns = &meta.result()["columns"];
    assert_eq!(columns["caller_id"]["reference"], "sys_user");
    assert_eq!(columns["caller_id"]["mandatory"], true);
    assert!(
        columns["state"]["choices"].as_array().unwrap().contains(&json!({"label": "Resolved", "value": "6"}))
    );
    let tables = bench.get("/api/now/doc/table/schema");
    assert!(tables.rows().contains(&json!({"label": "Incident", "value": "incident"})));
    let choices = "nameINtask,incident^elementINstate,close_code^inactive=false^language=en^ORDERBYsequence";
    let rows = bench.query("sys_choice", choices, "sysparm_fields=name,element,value,label").rows().clone();
    assert!(
        rows.contains(&json!({"name": "incident", "element": "state", "value": "3", "label": "On Hold"}))
    );
    let fields = bench.query("sys_dictionary", "nameINtask,incident^elementISNOTEMPTY^active=true", "");
    assert!(fields.rows().iter().any(|row| row["element"] == "short_description" && row["name"] == "task"));
    let object = bench.query("sys_db_object", "name=incident", "sysparm_fields=name,label,super_class.name");
    assert_eq!(object.rows()[0]["super_class.name"], "task");
    bench.set(&json!({"meta_readable": false, "unreadable_tables": ["sys_choice", "sys_dictionary"]}));
    assert_eq!(bench.get("/api/now/ui/meta/incident").status, 403);
    assert_eq!(bench.query("sys_choice", "", "").status, 403);
}

#[test]
fn groups_members_and_slas() {
    let mut bench = Bench::new(Seed::Small);
    let groups = bench.query("sys_user_group", "active=true^ORDERBYname", "sysparm_fields=sys_id,name");
    assert_eq!(groups.rows().len(), 5);
    let query = format!("group={}", text(&groups.rows()[0], "sys_id"));
    let members = bench.query("sys_user_grmember", &query, "sysparm_fields=user,user.email,user.active");
    assert!(members.rows().iter().all(|row| row["user.active"] == "true"));
    let slas = bench.query("task_sla", "stage=in_progress", "sysparm_fields=task,sla.name,planned_end_time");
    assert!(!slas.rows().is_empty());
}

#[test]
fn the_parent_class_reads_several_tables() {
    let mut bench = Bench::new(Seed::Small);
    let query = "sys_class_nameINincident,sc_req_item,sc_task^ORDERBYDESCsys_updated_on";
    let answer = bench.query("task", query, "sysparm_fields=number,sys_class_name,close_code");
    assert_eq!(answer.rows().len(), 30 + 2 + 4);
    assert!(answer.rows().iter().all(|row| row.get("close_code").is_none()), "columns of task only");
    let count = bench.get("/api/now/stats/incident?sysparm_count=true&sysparm_query=state%3D6");
    assert_eq!(count.result()["stats"]["count"], "4");
    let grouped = bench.get("/api/now/stats/incident?sysparm_count=true&sysparm_group_by=state");
    assert_eq!(grouped.rows().len(), 6);
}

#[test]
fn wrong_paths_methods_and_media_types() {
    let mut bench = Bench::new(Seed::Empty);
    assert_eq!(bench.get("/api/now/table/u_nope").status, 400);
    assert_eq!(bench.get("/api/now/nope").status, 400);
    assert_eq!(bench.get("/api/now/table/incident/0123").status, 404);
    let request = bench.request(AGENT, "DELETE", "/api/now/table/incident", "");
    assert_eq!(bench.take(request).status, 405);
    let mut request = bench.request(AGENT, "GET", "/api/now/table/incident", "");
    request.headers_mut().insert("accept", "text/csv".parse().unwrap());
    assert_eq!(bench.take(request).status, 406);
    let mut request = bench.request(AGENT, "POST", "/api/now/table/incident", "<a/>");
    request.headers_mut().insert("content-type", "application/xml".parse().unwrap());
    assert_eq!(bench.take(request).status, 415);
    let request = bench.request(AGENT, "POST", "/api/now/table/incident", "{'a':1");
    assert_eq!(bench.take(request).status, 400);
    assert_eq!(bench.get("/nav_to.do?uri=incident.do").status, 302);
}
