//! First run, quiet run, edits on either side.

use http::Method;
use lockstep_app::events::RunResult;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn a_first_run_copies_every_incident_and_the_next_one_finds_nothing() {
    let bench = Bench::small();
    let incidents = bench.incidents().len();
    assert!(incidents >= 20, "the small seed has believable tickets");
    let issues = bench.issues().iter().filter(|issue| issue["fields"]["issuetype"]["id"] == "10101").count();
    let others = bench.issues().len() - issues;
    let report = bench.first().await;
    assert_eq!(report.counts.failed, 0, "{:#?}", bench.troubles());
    assert_eq!(report.counts.created as usize, incidents + issues);
    assert_eq!(bench.issues().len(), incidents + issues + others);
    assert_eq!(bench.incidents().len(), incidents + issues);
    bench.clear_logs();
    let second = bench.run().await;
    assert_eq!(bench.writes(), Vec::<String>::new(), "{:#?}", bench.troubles());
    assert_eq!(second.result, RunResult::NothingToDo, "{second:?}");
    let third = bench.run().await;
    assert_eq!(bench.writes(), Vec::<String>::new());
    assert_eq!(third.result, RunResult::NothingToDo);
}

#[tokio::test]
async fn edits_on_either_side_reach_the_other() {
    let bench = Bench::small();
    bench.first().await;
    bench.run().await;
    let incidents = bench.incidents();
    let incident = incidents.iter().rfind(|incident| incident["state"] == "2").unwrap();
    let id = incident["sys_id"].as_str().unwrap().to_owned();
    bench.at_now(
        Method::PATCH,
        &format!("/api/now/table/incident/{id}"),
        Some(json!({ "short_description": "Edited by a person" })),
    );
    bench.heard.0.lock().unwrap().clear();
    let copies = bench.issues();
    // Open on both sides: a closed incident refuses every edit.
    let open = |issue: &&serde_json::Value| {
        issue["properties"]["lockstep.link"].is_object() && issue["fields"]["status"]["id"] == "3"
    };
    let copy = copies.iter().find(open).unwrap();
    let issue = copy["id"].as_str().unwrap().to_owned();
    bench.at_jira(
        Method::PUT,
        &format!("/rest/api/3/issue/{issue}"),
        Some(json!({ "fields": { "summary": "Edited in Jira" } })),
    );
    let report = bench.run().await;
    assert_eq!(report.counts.updated, 2, "{report:?} {:#?}", bench.troubles());
    assert!(bench.issues().iter().any(|i| i["fields"]["summary"] == "Edited by a person"));
    assert!(bench.incidents().iter().any(|i| i["short_description"] == "Edited in Jira"));
    bench.clear_logs();
    let quiet = bench.run().await;
    assert_eq!(bench.writes(), Vec::<String>::new());
    assert_eq!(quiet.result, RunResult::NothingToDo);
}
