//! Judges by the platforms' own state alone, never by the store.

use std::collections::BTreeMap;

use lockstep_app::run::Report;
use serde_json::Value;

use crate::bench::Bench;

/// The marker's origin ticket on an issue, as the property says.
fn pair_of(issue: &Value) -> Option<String> {
    let link = &issue["properties"]["lockstep.link"];
    link.is_object().then(|| link["pair"].as_str().map_or_else(|| link.to_string(), str::to_owned))
}

/// A person's clone carries a copied marker: only our own tickets count.
fn is_ours(issue: &Value) -> bool {
    issue["fields"]["creator"]["displayName"]
        .as_str()
        .is_some_and(|name| name.to_lowercase().contains("lockstep"))
}

/// Pair keys that stand on two tickets made by us, with these.
pub fn doubled(bench: &Bench) -> Vec<(String, Vec<String>)> {
    let mut by_pair: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for issue in bench.issues().iter().filter(|issue| is_ours(issue)) {
        if let Some(pair) = pair_of(issue) {
            by_pair.entry(pair).or_default().push(issue["key"].to_string());
        }
    }
    for incident in bench.incidents().iter().filter(|incident| incident["sys_created_by"] == "lockstep.sync")
    {
        let pair = incident["correlation_id"].as_str().unwrap_or_default().to_owned();
        if pair.starts_with("lockstep:") {
            by_pair.entry(pair).or_default().push(incident["number"].to_string());
        }
    }
    by_pair.into_iter().filter(|(_, keys)| keys.len() > 1).collect()
}

/// No pair key stands on two tickets made by us (V1).
pub fn no_duplicates(bench: &Bench) {
    let doubled = doubled(bench);
    assert!(doubled.is_empty(), "one ticket was copied twice: {doubled:?}");
}

/// How many tickets there are on both sides.
pub fn totals(bench: &Bench) -> (usize, usize) {
    (bench.incidents().len(), bench.issues().len())
}

/// Titles as a sorted list on each side: copied both ways, so both lists are equal.
pub fn same_titles(bench: &Bench) {
    let mut now: Vec<String> = bench
        .incidents()
        .iter()
        .map(|i| i["short_description"].as_str().unwrap_or_default().trim().to_owned())
        .collect();
    let mut jira: Vec<String> = bench
        .issues()
        .iter()
        .filter(|issue| issue["fields"]["issuetype"]["id"] == "10101")
        .map(|issue| issue["fields"]["summary"].as_str().unwrap_or_default().trim().to_owned())
        .collect();
    now.sort();
    jira.sort();
    assert_eq!(now, jira, "the titles of both sides differ");
}

/// Runs until nothing is written any more, then once more: no run may write then (V5).
pub async fn quiet(bench: &Bench) -> Vec<Report> {
    let mut reports = Vec::new();
    for _ in 0..8 {
        bench.clear_logs();
        reports.push(bench.run().await);
        if bench.writes().is_empty() && reports.last().is_some_and(|report| report.recovered == (0, 0, 0)) {
            break;
        }
    }
    assert_eq!(bench.writes(), Vec::<String>::new(), "it does not come to rest: {:#?}", bench.troubles());
    bench.clear_logs();
    reports.push(bench.run().await);
    assert_eq!(bench.writes(), Vec::<String>::new(), "a quiet run writes");
    reports
}

/// After any fault: at rest, nothing twice, both sides with the same tickets.
pub async fn in_step(bench: &Bench) {
    quiet(bench).await;
    no_duplicates(bench);
    same_titles(bench);
}
