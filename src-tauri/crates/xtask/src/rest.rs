//! Brings both sides to rest as an administrator would: runs, decides conflicts, lets what waits in quarantine try again.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::lab::Lockstep;

/// Runs that may be needed until nothing is left to do.
const RUNS_MAX: u32 = 20;

/// What it took.
#[derive(Debug, Clone, Default)]
pub struct Rest {
    pub runs: u32,
    pub conflicts: u64,
    /// Tickets that a person had to let try again.
    pub retried: u64,
}

/// Runs until a run finds nothing to do and nothing is unknown, in conflict or in quarantine any more. `settle` is what the
/// accounts' writes may need until a search finds them.
pub fn until_quiet(lockstep: &Lockstep, connection: &str, settle: Duration) -> Result<Rest> {
    let mut rest = Rest::default();
    let mut order = vec!["--json", "run", connection, "--yes"];
    let past: Value = serde_json::from_str(&lockstep.must(&["--json", "runs", "--limit", "1000"], None)?)?;
    if !past.to_string().contains("\"success\"") {
        order.extend(["--since", "all"]);
    }
    loop {
        rest.runs += 1;
        std::thread::sleep(settle);
        let report = lockstep.report(&order)?;
        if rest.runs > RUNS_MAX {
            let held = lockstep.call(&["quarantine"], None)?;
            bail!("it does not come to rest: {report:#}\n{}", held.out);
        }
        order.truncate(4);
        let decided = decide_conflicts(lockstep)?;
        rest.conflicts += decided;
        if decided > 0 || report["result"] != "nothing_to_do" || report["recovered"] != json!([0, 0, 0]) {
            continue;
        }
        let retried = retry(lockstep)?;
        rest.retried += retried;
        if retried == 0 {
            return Ok(rest);
        }
    }
}

/// A person decides for the source each time.
fn decide_conflicts(lockstep: &Lockstep) -> Result<u64> {
    let all: Value = serde_json::from_str(&lockstep.must(&["--json", "conflicts", "list"], None)?)?;
    let mut decided = 0;
    for conflict in all.as_array().into_iter().flatten().filter(|conflict| conflict["decided"].is_null()) {
        lockstep.must(&["conflicts", "decide", &conflict["id"].to_string(), "source"], None)?;
        decided += 1;
    }
    Ok(decided)
}

/// A person has read what waits in quarantine and lets it try again.
fn retry(lockstep: &Lockstep) -> Result<u64> {
    let answer = lockstep.must(&["--json", "quarantine", "retry", "--all"], None)?;
    serde_json::from_str::<Value>(&answer)?["retried"].as_u64().context("it says how many")
}
