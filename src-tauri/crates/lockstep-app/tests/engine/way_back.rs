//! What only the copy sends back: mappings that lead from the copy to the original.

use serde_json::json;

use crate::bench::Bench;
use crate::referee;
use lockstep_sandbox::Seed;

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
