//! What only the copy sends back: mappings that lead from the copy to the original.

use http::Method;
use lockstep_app::events::Phase;
use lockstep_app::run::Start;
use lockstep_sandbox::Seed;
use serde_json::json;

use crate::bench::Bench;
use crate::referee;

async fn born_in_jira() -> Bench {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.new_incident("One");
    let text = json!({ "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": "The whole story" }] }] });
    let two = bench.new_issue("Two");
    bench.edit_issue(&two, json!({ "description": text }));
    bench.clock.pass_ms(5_000);
    bench.first().await;
    bench
}

#[tokio::test]
async fn h14_a_persons_change_on_the_copy_before_its_first_reading_is_carried() {
    let bench = born_in_jira().await;
    // Nobody has read the copy since it was made.
    bench.edit_incident(&bench.incident_id("Two"), json!({ "impact": "1", "urgency": "1" }));
    bench.clock.pass_ms(5_000);
    referee::in_step(&bench).await;
    assert_eq!(bench.issue("Two")["fields"]["priority"]["id"], "1");
}

#[tokio::test]
async fn h14_what_the_platform_filled_in_is_nobodys_change() {
    let bench = born_in_jira().await;
    let before = bench.issue("Two")["fields"].clone();
    bench.clock.pass_ms(5_000);
    referee::in_step(&bench).await;
    let after = bench.issue("Two")["fields"].clone();
    for field in ["priority", "description", "components", "customfield_10040"] {
        assert_eq!(after[field], before[field], "{field}");
    }
}

#[tokio::test]
async fn h28_a_built_text_never_replaces_what_a_person_wrote_in_the_original() {
    let bench = born_in_jira().await;
    let before = bench.issue("Two")["fields"]["description"].clone();
    referee::quiet(&bench).await;
    bench.edit_incident(&bench.incident_id("Two"), json!({ "category": "network" }));
    bench.clock.pass_ms(5_000);
    referee::in_step(&bench).await;
    assert_eq!(bench.issue("Two")["fields"]["description"], before, "{:#?}", bench.troubles());
}

#[tokio::test]
async fn h17_a_person_who_acts_in_the_second_of_the_create_is_heard() {
    let bench = Bench::new(Seed::Empty, Seed::Empty);
    bench.new_incident("One");
    bench.new_issue("Two");
    bench.clock.pass_ms(5_000);
    let now = bench.now.clone();
    bench.heard.at_phase(Phase::Confirm, move || {
        let admin = ("admin", &*lockstep_sandbox::servicenow::password_of("admin"));
        let path = "/api/now/table/incident?sysparm_query=short_description=Two";
        let (_, found) = now.act(admin, Method::GET, path, None);
        let id = found["result"][0]["sys_id"].as_str().expect("it was just made").to_owned();
        let agent = "/api/now/table/sys_user?sysparm_query=user_name=bruno.keller";
        let (_, agent) = now.act(admin, Method::GET, agent, None);
        let body = json!({ "assigned_to": agent["result"][0]["sys_id"] });
        let path = format!("/api/now/table/incident/{id}");
        let (status, answer) = now.act(admin, Method::PATCH, &path, Some(body));
        assert!(status < 300, "{answer}");
    });
    bench.try_run(Start::Since(0)).await.unwrap();
    assert!(bench.heard.is_done());
    referee::in_step(&bench).await;
    assert_eq!(bench.issue("Two")["fields"]["assignee"]["displayName"], "Bruno Keller");
}
