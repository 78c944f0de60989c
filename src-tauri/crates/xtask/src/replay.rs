//! `cargo xtask replay FILE --incidents N`: a real ServiceNow audit log, one row per update, is played onto the practice
//! ServiceNow in time order while Lockstep syncs to Jira in between; at the end every incident must have exactly one
//! issue, in the mapped status and priority.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use xtask::lab::{Lockstep, Practice};

/// What the replay is told.
#[derive(Args)]
pub struct Replay {
    /// The audit log, CSV
    file: PathBuf,
    /// The first so many incidents of the log; all when absent
    #[arg(long)]
    incidents: Option<usize>,
    /// Events between two runs
    #[arg(long, default_value_t = 300)]
    every: usize,
    /// Where the built programs lie; beside this one when absent
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// One row of the log, as far as it is played. `closed_*` and `resolved_*` hold final values on every row and are not.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    number: String,
    incident_state: String,
    sys_mod_count: u32,
    sys_updated_at: String,
    contact_type: String,
    location: String,
    category: String,
    subcategory: String,
    impact: String,
    urgency: String,
    assignment_group: String,
    opened_at: String,
}

/// ServiceNow's state and what else the step must say, as a service desk would choose.
fn state_of(word: &str) -> Result<(&'static str, Value)> {
    Ok(match word {
        "New" => ("1", json!({})),
        "Active" => ("2", json!({})),
        "Awaiting User Info" => ("3", json!({ "hold_reason": "1", "comments": "Please tell us more." })),
        "Awaiting Problem" => ("3", json!({ "hold_reason": "3" })),
        "Awaiting Vendor" => ("3", json!({ "hold_reason": "4" })),
        "Awaiting Evidence" => ("3", json!({ "hold_reason": "5" })),
        "Resolved" => ("6", json!({ "close_code": "Solution provided", "close_notes": "Done." })),
        "Closed" => ("7", json!({ "close_code": "Solution provided", "close_notes": "Done." })),
        other => bail!("the log holds a state nobody mapped: {other}"),
    })
}

/// Plays, syncs, and judges by reading both platforms as people.
pub fn replay(told: &Replay) -> Result<()> {
    let events = events(told)?;
    let folder = tempfile::tempdir()?;
    let programs = match &told.programs {
        Some(programs) => programs.clone(),
        None => {
            std::env::current_exe()?.parent().map(Path::to_owned).context("this program lies in a folder")?
        }
    };
    let lockstep = Lockstep { program: programs.join("lockstep"), data: folder.path().join("data") };
    let practice = Practice::start(&lockstep.program, "empty")?;
    practice.switch(&practice.jira, &json!({ "index_lag_ms": 0 }))?;
    lockstep.set_up(&practice)?;
    let mut ids: HashMap<String, String> = HashMap::new();
    let mut totals = Totals::default();
    for (nth, row) in events.iter().enumerate() {
        play(&practice, row, &mut ids)?;
        if (nth + 1) % told.every == 0 {
            totals.run(&lockstep)?;
        }
    }
    // Until quiet: a last run, and one that must find nothing.
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(1_200));
        if totals.run(&lockstep)? == "nothing_to_do" {
            break;
        }
    }
    if totals.last != "nothing_to_do" {
        let run = totals.runs.to_string();
        let failed = lockstep.call(&["runs", &run, "--only", "failed", "--limit", "5"], None)?;
        bail!("it did not come to rest: the last run ended as {}\n{}", totals.last, failed.out);
    }
    judge(&practice, &events, &ids, &totals)
}

fn events(told: &Replay) -> Result<Vec<Row>> {
    let mut reader = csv::Reader::from_path(&told.file)
        .with_context(|| format!("{} cannot be read", told.file.display()))?;
    let rows: Vec<Row> =
        reader.deserialize().collect::<Result<_, _>>().context("the log has other columns")?;
    let mut numbers: Vec<&str> = Vec::new();
    for row in &rows {
        if numbers.last() != Some(&row.number.as_str()) && !numbers.contains(&row.number.as_str()) {
            numbers.push(&row.number);
        }
    }
    numbers.truncate(told.incidents.unwrap_or(usize::MAX));
    let wanted: std::collections::HashSet<String> =
        numbers.iter().map(|number| (*number).to_owned()).collect();
    let mut events: Vec<Row> = rows.into_iter().filter(|row| wanted.contains(&row.number)).collect();
    events.sort_by_key(|row| (sortable(&row.sys_updated_at), row.sys_mod_count));
    Ok(events)
}

/// `29-02-2016 01:23` as text that sorts by time.
fn sortable(stamp: &str) -> String {
    match (stamp.get(6..10), stamp.get(3..5), stamp.get(0..2), stamp.get(11..)) {
        (Some(year), Some(month), Some(day), Some(clock)) => format!("{year}-{month}-{day} {clock}"),
        _ => stamp.to_owned(),
    }
}

fn play(practice: &Practice, row: &Row, ids: &mut HashMap<String, String>) -> Result<()> {
    let (state, along) = state_of(&row.incident_state)?;
    let first =
        |text: &str| text.chars().next().filter(char::is_ascii_digit).map_or(String::new(), String::from);
    let mut body = json!({
        "state": state,
        "impact": first(&row.impact),
        "urgency": first(&row.urgency),
        "short_description": format!("{} {} / {}", row.number, row.category, row.subcategory),
        "description": format!("Opened {} by {} at {}, now with {}", row.opened_at, row.contact_type, row.location, row.assignment_group),
    });
    for (name, value) in along.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    match ids.get(&row.number) {
        Some(id) => {
            practice.at_servicenow("PATCH", &format!("/api/now/table/incident/{id}"), Some(&body))?;
        }
        None => {
            let made = practice.at_servicenow("POST", "/api/now/table/incident", Some(&body))?;
            let id = made["result"]["sys_id"].as_str().context("a new incident has a sys_id")?;
            ids.insert(row.number.clone(), id.to_owned());
        }
    }
    Ok(())
}

#[derive(Default)]
struct Totals {
    runs: usize,
    created: u64,
    updated: u64,
    closed: u64,
    failed: u64,
    last: String,
}

impl Totals {
    fn run(&mut self, lockstep: &Lockstep) -> Result<String> {
        let mut arguments = vec!["--json", "run", "Incidents", "--yes"];
        if self.runs == 0 {
            arguments.extend(["--since", "all"]);
        }
        let ended = lockstep.call(&arguments, None)?;
        ensure!(
            ended.code == 0 || ended.code == 6,
            "a run ended with {}:\n{}{}",
            ended.code,
            ended.out,
            ended.err
        );
        let report = ended
            .out
            .lines()
            .rev()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|line| line["result"].is_string());
        let report = match report {
            Some(report) => report,
            None => serde_json::from_str(&ended.out)
                .with_context(|| format!("a run printed no report:\n{}", ended.out))?,
        };
        let count = |name: &str| report["counts"][name].as_u64().unwrap_or(0);
        self.runs += 1;
        self.created += count("created");
        self.updated += count("updated");
        self.closed += count("closed");
        self.failed += count("failed");
        self.last = report["result"].as_str().unwrap_or_default().to_owned();
        println!(
            "run {}: {} ({} created, {} updated, {} closed, {} failed)",
            self.runs,
            self.last,
            count("created"),
            count("updated"),
            count("closed"),
            count("failed")
        );
        Ok(self.last.clone())
    }
}

/// Reads both platforms as people and compares; Lockstep's own store is not asked.
fn judge(practice: &Practice, events: &[Row], ids: &HashMap<String, String>, totals: &Totals) -> Result<()> {
    let status: BTreeMap<&str, &str> =
        BTreeMap::from([("1", "10000"), ("2", "3"), ("3", "10011"), ("6", "5"), ("7", "5"), ("8", "10012")]);
    let priority = |impact: &str, urgency: &str| match (impact, urgency) {
        ("1", "1") => "1",
        ("1", "2") | ("2", "1") => "2",
        ("1", "3") | ("2", "2") | ("3", "1") => "3",
        ("2", "3") | ("3", "2") => "4",
        _ => "5",
    };
    let issues = practice.issues(&["summary", "status", "priority", "customfield_10040"])?;
    let mut by_title: HashMap<&str, Vec<&Value>> = HashMap::new();
    for issue in &issues {
        let title = issue["fields"]["summary"].as_str().unwrap_or_default();
        by_title.entry(title.split(' ').next().unwrap_or_default()).or_default().push(issue);
    }
    let incidents: HashMap<String, Value> = practice
        .incidents()?
        .into_iter()
        .filter_map(|incident| Some((incident["sys_id"].as_str()?.to_owned(), incident)))
        .collect();
    let mut wrong = Vec::new();
    for (number, id) in ids {
        let incident = &incidents[id];
        let text = |name: &str| incident[name].as_str().unwrap_or_default().to_owned();
        let found = by_title.get(number.as_str()).map_or(&[][..], Vec::as_slice);
        let [issue] = found else {
            wrong.push(format!("{number} has {} issues", found.len()));
            continue;
        };
        let is = |name: &str| issue["fields"][name]["id"].as_str().unwrap_or_default().to_owned();
        if is("status") != *status.get(text("state").as_str()).unwrap_or(&"?") {
            wrong.push(format!(
                "{number} is in state {} and its issue in status {}",
                text("state"),
                is("status")
            ));
        }
        if is("priority") != priority(&text("impact"), &text("urgency")) {
            wrong.push(format!(
                "{number}: impact {} urgency {}, issue priority {}",
                text("impact"),
                text("urgency"),
                is("priority")
            ));
        }
        if issue["fields"]["summary"].as_str().unwrap_or_default() != text("short_description") {
            wrong.push(format!("{number}: the titles differ"));
        }
    }
    println!(
        "{} incidents, {} events, {} runs: {} created, {} updated, {} closed, {} failed on the way; {} issues, {} of {} incidents with exactly one issue in the mapped status and priority",
        ids.len(),
        events.len(),
        totals.runs,
        totals.created,
        totals.updated,
        totals.closed,
        totals.failed,
        issues.len(),
        ids.len() - wrong.len().min(ids.len()),
        ids.len()
    );
    ensure!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    ensure!(issues.len() == ids.len(), "{} issues for {} incidents", issues.len(), ids.len());
    Ok(())
}
