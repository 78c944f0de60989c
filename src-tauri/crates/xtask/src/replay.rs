//! `cargo xtask replay FILE`: a real ServiceNow audit log, one row per update, is played onto the practice ServiceNow in
//! time order while Lockstep syncs to Jira in between, people work on the Jira side too, and runs are killed on the way. At
//! the end every incident must have exactly one issue that agrees with it, each comment exactly once.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use xtask::draw::Draw;
use xtask::kill::Kills;
use xtask::lab::{Lockstep, Practice};
use xtask::people::{People, Place, Seen, Wrote, seen_issues};
use xtask::{referee, rest};

const CONNECTION: &str = "Incidents";
/// Past the settle times of the example's accounts.
const SETTLE: Duration = Duration::from_millis(4_200);
/// Of a hundred rows of the log, after how many somebody does something on the Jira side.
const JIRA_PERCENT: u64 = 15;

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
    /// Runs that are killed on the way
    #[arg(long, default_value_t = 10)]
    kills: u32,
    /// The seed of what people do on the Jira side, and of the kills
    #[arg(long, default_value_t = 1)]
    seed: u64,
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
    assigned_to: String,
    opened_at: String,
}

/// ServiceNow's state and what else the step must say, as a service desk would choose.
fn state_of(word: &str) -> Result<(&'static str, Value)> {
    Ok(match word {
        "New" => ("1", json!({})),
        "Active" => ("2", json!({})),
        "Awaiting User Info" => ("3", json!({ "hold_reason": "1" })),
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
    // People go on commenting on closed incidents, and reopen them.
    practice.switch(&practice.servicenow, &json!({ "itil_can_close": true }))?;
    lockstep.set_up(&practice)?;
    let mut draw = Draw::new(told.seed);
    let people = People::new(&practice, draw.split())?;
    let pauses = events.len() / told.every.max(1);
    let mut stage = Stage {
        lockstep: &lockstep,
        practice: &practice,
        people,
        killed_at: killed_at(&mut draw, pauses, told.kills),
        draw,
        ids: HashMap::new(),
        issues: Vec::new(),
        kills: Kills::default(),
        mirrored: 0,
        first_run_done: false,
    };
    for (nth, row) in events.iter().enumerate() {
        stage.play(row)?;
        stage.mirror()?;
        if (nth + 1) % told.every == 0 {
            stage.run((nth + 1) / told.every)?;
        }
    }
    stage.judge(events.len(), told)
}

/// At which pauses runs are killed: as evenly as chance has it, several at one where there are more kills than pauses.
fn killed_at(draw: &mut Draw, pauses: usize, kills: u32) -> Vec<u32> {
    let mut at = vec![0; pauses + 1];
    for _ in 0..kills {
        let pause = draw.of(1..pauses as u64 + 1);
        at[usize::try_from(pause).unwrap_or(0)] += 1;
    }
    at
}

/// The platforms, the program, and all who act.
struct Stage<'l> {
    lockstep: &'l Lockstep,
    practice: &'l Practice,
    people: People,
    draw: Draw,
    /// The incident of each number of the log.
    ids: HashMap<String, String>,
    /// As people saw them after the last run.
    issues: Vec<Seen>,
    killed_at: Vec<u32>,
    kills: Kills,
    /// What people did on the Jira side.
    mirrored: u64,
    first_run_done: bool,
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

impl Stage<'_> {
    /// One row of the log, as somebody once typed it into a ServiceNow.
    fn play(&mut self, row: &Row) -> Result<()> {
        let (state, along) = state_of(&row.incident_state)?;
        let first =
            |text: &str| text.chars().next().filter(char::is_ascii_digit).map_or(String::new(), String::from);
        let mut body = json!({
            "state": state,
            "impact": first(&row.impact),
            "urgency": first(&row.urgency),
            "short_description": format!("{} {} / {}", row.number, row.category, row.subcategory),
            "description": format!("Opened {} by {} at {}, now with {}", row.opened_at, row.contact_type, row.location, row.assignment_group),
            "assigned_to": self.agent_of(&row.assigned_to),
        });
        for (name, value) in along.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        // Who waits for the caller asks something.
        if body["hold_reason"] == "1" {
            let word = self.people.word();
            body["comments"] = json!(format!("Please tell us more: {word}"));
            let wrote = Wrote { token: row.number.clone(), word, bytes: 0 };
            self.people.written.comments.push(wrote);
        }
        if let Some(id) = self.ids.get(&row.number) {
            let path = format!("/api/now/table/incident/{id}");
            self.practice.at_servicenow("PATCH", &path, Some(&body))?;
        } else {
            let made = self.practice.at_servicenow("POST", "/api/now/table/incident", Some(&body))?;
            let id = made["result"]["sys_id"].as_str().context("a new incident has a sys_id")?;
            self.ids.insert(row.number.clone(), id.to_owned());
            self.people.written.tickets.insert(row.number.clone(), Place::ServiceNow);
        }
        Ok(())
    }

    /// One of the practice agents for each resolver of the log; nobody for `?`.
    fn agent_of(&self, resolver: &str) -> String {
        let number: String = resolver.chars().filter(char::is_ascii_digit).collect();
        let at = number.parse::<usize>().ok().map(|number| number % self.people.agents.len());
        at.map_or(String::new(), |at| self.people.agents[at].sys_id.clone())
    }

    /// Now and then somebody acts on the Jira side: comments, hands over, opens again.
    fn mirror(&mut self) -> Result<()> {
        if !self.draw.percent(JIRA_PERCENT) {
            return Ok(());
        }
        let what = self.draw.of(0..100);
        let Some(issue) = self.draw.one(&self.issues).cloned() else { return Ok(()) };
        self.mirrored += 1;
        match what {
            0..60 => self.people.comment(self.practice, Place::Jira, &issue),
            60..85 => self.people.assign(self.practice, Place::Jira, &issue),
            _ => {
                self.mirrored -= u64::from(!self.people.reopen(self.practice, &issue));
                Ok(())
            }
        }
    }

    /// A pause of the log: runs, the killed ones first.
    fn run(&mut self, pause: usize) -> Result<()> {
        let mut order = vec!["--json", "run", CONNECTION, "--yes"];
        if !self.first_run_done {
            order.extend(["--since", "all"]);
        }
        for _ in 0..self.killed_at.get(pause).copied().unwrap_or(0) {
            let mut aimed = self.kills.aim(&mut self.draw, self.lockstep, &order)?;
            let hit = aimed.kill()?;
            self.kills.count(&aimed, hit);
        }
        let report = self.lockstep.report(&order)?;
        self.first_run_done = true;
        let count = |name: &str| report["counts"][name].as_u64().unwrap_or(0);
        println!(
            "pause {pause}: {} ({} created, {} updated, {} closed, {} comments, {} failed, {} conflicts)",
            report["result"].as_str().unwrap_or_default(),
            count("created"),
            count("updated"),
            count("closed"),
            count("comments"),
            count("failed"),
            count("conflicts"),
        );
        self.issues = seen_issues(self.practice)?;
        Ok(())
    }

    /// Brings both sides to rest, reads them as people and compares; Lockstep's own store is not asked.
    fn judge(self, events: usize, told: &Replay) -> Result<()> {
        let rest = rest::until_quiet(self.lockstep, CONNECTION, SETTLE)?;
        let verdict = referee::judge(self.practice, &self.people)?;
        let past: Value =
            serde_json::from_str(&self.lockstep.must(&["--json", "runs", "--limit", "100000"], None)?)?;
        let runs = past.as_array().or_else(|| past["runs"].as_array()).context("runs are listed")?;
        let sum = |name: &str| -> u64 { runs.iter().filter_map(|run| run["counts"][name].as_u64()).sum() };
        println!(
            "seed {}: {} incidents, {events} updates, {} acts on the Jira side; {} runs, {} of them killed ({}); {} created, {} updated, {} closed, {} comments; {} calls; {} conflicts decided, {} tickets tried again by hand",
            told.seed,
            self.ids.len(),
            self.mirrored,
            runs.len(),
            self.kills.landed(),
            self.kills.by_phase(),
            sum("created"),
            sum("updated"),
            sum("closed"),
            sum("comments"),
            self.practice.calls_of_lockstep()?,
            rest.conflicts,
            rest.retried,
        );
        let wrong: BTreeSet<&str> = [&verdict.duplicates, &verdict.missing, &verdict.differing]
            .into_iter()
            .flatten()
            .filter_map(|line| line.split([' ', ':']).find(|word| word.starts_with("INC")))
            .collect();
        println!("{} of {} pairs agree", self.ids.len() - wrong.len().min(self.ids.len()), self.ids.len());
        verdict.must_be_clean()?;
        ensure!(self.kills.landed() > 0 || told.kills == 0, "no kill landed inside a run");
        Ok(())
    }
}
