//! What is measured. Every case starts its own practice pair, limits and latency off unless it says so.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xtask::lab::{Lockstep, Practice, Running};

use super::measure::{Cost, Must, Row, clock_ms, cost_of, cpu_ms_of, median};

/// What all cases stand on.
pub struct Ground {
    pub program: PathBuf,
    /// Incidents of a first run.
    pub tickets: usize,
    /// Incidents of a large one.
    pub many: usize,
    pub root: PathBuf,
    pub target: PathBuf,
}

/// One thing to measure.
pub struct Case {
    pub name: &'static str,
    pub about: &'static str,
    pub run: fn(&Ground) -> Result<Vec<Row>>,
}

/// All of them.
pub const CASES: &[Case] = &[
    Case { name: "first", about: "a first run of plain incidents into Jira", run: first },
    Case { name: "many", about: "the same with ten times as many, then quiet cycles of `watch`", run: many },
    Case { name: "changes", about: "one change on each of 1,000 linked tickets, either side", run: changes },
    Case { name: "latency", about: "a first run at 50 ms a call", run: latency },
    Case {
        name: "limit",
        about: "a first run with comments under each platform's published limits",
        run: limit,
    },
    Case { name: "planner", about: "the planner alone", run: planner },
    Case { name: "start", about: "the program's start, and a list out of a large store", run: start },
];

struct Lab {
    practice: Practice,
    lockstep: Lockstep,
    _folder: tempfile::TempDir,
}

impl Ground {
    fn lab(&self, seed: &str) -> Result<Lab> {
        let folder = tempfile::tempdir()?;
        let lockstep = Lockstep { program: self.program.clone(), data: folder.path().join("data") };
        let practice = Practice::start(&self.program, seed)?;
        practice.switch(&practice.jira, &json!({ "index_lag_ms": 0 }))?;
        lockstep.set_up(&practice)?;
        Ok(Lab { practice, lockstep, _folder: folder })
    }
}

/// A run, and what its row in the store says.
struct Ran {
    cost: Cost,
    created: f64,
    updated: f64,
    comments: f64,
    calls: f64,
    failed: f64,
}

impl Lab {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.lockstep.program);
        command.arg("--data-dir").arg(&self.lockstep.data);
        command
    }

    fn run(&self, arguments: &[&str]) -> Result<Ran> {
        let mut command = self.command();
        command.args(["--json", "run", "Incidents"]).args(arguments);
        let cost = cost_of(&mut command, &[0, 6])?;
        let runs: Value =
            serde_json::from_str(&self.lockstep.must(&["--json", "runs", "--limit", "1"], None)?)?;
        let run = runs.as_array().or_else(|| runs["runs"].as_array()).and_then(|runs| runs.first());
        let run = run.context("a run")?;
        let count = |name: &str| run["counts"][name].as_f64().unwrap_or(0.0);
        let calls = run["calls"].as_f64().unwrap_or(0.0);
        let (created, comments) = (count("created"), count("comments"));
        Ok(Ran { cost, created, updated: count("updated"), comments, calls, failed: count("failed") })
    }

    fn first_run(&self) -> Result<Ran> {
        let ran = self.run(&["--since", "all", "--yes"])?;
        ensure!(ran.created > 0.0 && ran.failed == 0.0, "created {}, failed {}", ran.created, ran.failed);
        Ok(ran)
    }

    /// Both platforms' clocks go on by so much.
    fn pass_hours(&self, hours: i64) -> Result<()> {
        for platform in [&self.practice.servicenow, &self.practice.jira] {
            self.practice.set_clock(platform, hours * 3_600_000)?;
        }
        Ok(())
    }

    fn calls_of(&self, running: &Running) -> Result<Vec<Value>> {
        let log = self.practice.log(running)?;
        let entries = log.as_array().or_else(|| log["entries"].as_array());
        Ok(entries.context("a log")?.clone())
    }
}

fn first_rows(case: &str, ran: &Ran) -> Vec<Row> {
    vec![
        Row::must(case, "tickets a second", ran.created * 1000.0 / ran.cost.wall_ms, Must::AtLeast(4_000.0)),
        Row::must(case, "CPU a ticket, µs", ran.cost.cpu_ms * 1000.0 / ran.created, Must::AtMost(200.0)),
        Row::must(case, "peak memory, MiB", ran.cost.peak_mib, Must::AtMost(48.0)),
        Row::must(case, "calls a ticket", ran.calls / ran.created, Must::AtMost(0.06)),
    ]
}

fn first(ground: &Ground) -> Result<Vec<Row>> {
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(ground.lab(&format!("plain:{}", ground.tickets))?.first_run()?);
    }
    all.sort_by(|one, other| one.cost.cpu_ms.total_cmp(&other.cost.cpu_ms));
    Ok(first_rows(&format!("first run, {} incidents, middle of three", ground.tickets), &all[1]))
}

fn many(ground: &Ground) -> Result<Vec<Row>> {
    let case = format!("first run, {} incidents", ground.many);
    let small = ground.lab(&format!("plain:{}", ground.tickets))?.first_run()?;
    let lab = ground.lab(&format!("plain:{}", ground.many))?;
    let large = lab.first_run()?;
    let rate = |ran: &Ran| ran.created / ran.cost.wall_ms;
    let smaller = format!("of the run with {} in the same minute", ground.tickets);
    let mut rows = vec![
        Row::must(&case, &format!("rate, part {smaller}"), rate(&large) / rate(&small), Must::AtLeast(0.8)),
        Row::must(
            &case,
            &format!("peak memory, part {smaller}"),
            large.cost.peak_mib / small.cost.peak_mib,
            Must::AtMost(1.2),
        ),
        Row::told(&case, "CPU a ticket, µs", large.cost.cpu_ms * 1000.0 / large.created),
        Row::told(&case, "peak memory, MiB", large.cost.peak_mib),
        Row::told(&case, "calls a ticket", large.calls / large.created),
    ];
    // The next run reads its own writes once; an hour later nothing is new any more.
    lab.run(&[])?;
    lab.pass_hours(1)?;
    lab.run(&[])?;
    rows.extend(quiet(&lab, &format!("quiet cycle of `watch`, {} links", ground.many))?);
    let few = ground.lab("small")?;
    few.first_run()?;
    few.run(&[])?;
    few.pass_hours(1)?;
    few.run(&[])?;
    let base = quiet(&few, "quiet cycle of `watch`, a few dozen links")?;
    rows.extend(base);
    Ok(rows)
}

/// A running `watch`, and the cycles in it after the first.
fn quiet(lab: &Lab, case: &str) -> Result<Vec<Row>> {
    const CYCLES: usize = 4;
    lab.lockstep.must(&["connection", "automatic", "Incidents", "on"], None)?;
    let mut watching = Watching(
        lab.command()
            .args(["--json", "watch"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?,
    );
    let asked = |lab: &Lab| -> Result<usize> {
        Ok(lab.calls_of(&lab.practice.servicenow)?.len() + lab.calls_of(&lab.practice.jira)?.len())
    };
    let runs = |lab: &Lab| -> Result<usize> {
        let told = lab.lockstep.must(&["--json", "runs", "--limit", "1000"], None)?;
        let told: Value = serde_json::from_str(&told)?;
        Ok(told.as_array().or_else(|| told["runs"].as_array()).map_or(0, Vec::len))
    };
    let wait_for = |count: usize| -> Result<()> {
        for _ in 0..400 {
            if runs(lab)? >= count {
                // The row is there when the run begins; it ends well within this time.
                std::thread::sleep(Duration::from_secs(3));
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        anyhow::bail!("`watch` did not run")
    };
    let before = runs(lab)?;
    wait_for(before + 1)?;
    let (cpu_before, calls_before) = (cpu_ms_of(&watching.0).context("`watch` has ended")?, asked(lab)?);
    wait_for(before + 1 + CYCLES)?;
    let cpu_after = cpu_ms_of(&watching.0).context("`watch` has ended")?;
    let calls = asked(lab)? - calls_before;
    watching.end();
    let each = |value: f64| value / CYCLES as f64;
    Ok(vec![
        Row::must(
            case,
            "calls a cycle (one a side, one for ServiceNow's files)",
            each(calls as f64),
            Must::AtMost(3.0),
        ),
        Row::must(case, "CPU a cycle, ms", each(cpu_after - cpu_before), Must::AtMost(10.0)),
    ])
}

struct Watching(Child);

impl Watching {
    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a process asks once: who signs in on either side, and Jira's fields, cloud id and project. `watch` keeps it.
const SESSION_CALLS: f64 = 6.0;

/// A title and a comment on each ticket. The bounds are the column "ideal per changed ticket" of both sheets
/// (servicenow.md §10, jira.md §16): reads once, in pages and forties; one write for the fields, and one for a comment
/// where it cannot ride along. What the engine reads directly before a write besides (hazards.md H19, H38, H52) is not in
/// them.
fn changes(ground: &Ground) -> Result<Vec<Row>> {
    const TICKETS: f64 = 1_000.0;
    let lab = ground.lab("plain:1000")?;
    lab.first_run()?;
    lab.run(&[])?;
    lab.pass_hours(1)?;
    lab.run(&[])?;
    let mut changed = 0.0;
    for incident in lab.practice.incidents()? {
        if incident["correlation_id"].as_str().is_some_and(str::is_empty) {
            let path = format!("/api/now/table/incident/{}", incident["sys_id"].as_str().unwrap_or_default());
            let body = json!({ "short_description": "Changed in ServiceNow", "comments": "Any news?" });
            lab.practice.at_servicenow("PATCH", &path, Some(&body))?;
            changed += 1.0;
        }
    }
    ensure!((TICKETS..TICKETS * 1.01).contains(&changed), "{changed} tickets were changed");
    // ServiceNow: pages of 200, journals of 40 tickets, files and people. Jira: a poll, bulk fetches of 100, a PUT and a
    // comment each.
    let reads = (changed / 200.0).ceil() + (changed / 40.0).ceil() + 2.0 + 1.0 + (changed / 100.0).ceil();
    let case = "one change and a comment on each of 1,000, in ServiceNow";
    let mut rows = changed_rows(&lab, case, changed, reads, 2.0)?;
    lab.pass_hours(2)?;
    lab.run(&[])?;
    let mut changed = 0.0;
    for issue in lab.practice.issues_read(&["summary"], &["lockstep.link"])? {
        if issue["properties"]["lockstep.link"].is_object() {
            let path = format!("/rest/api/3/issue/{}", issue["id"].as_str().unwrap_or_default());
            lab.practice.at_jira(
                "PUT",
                &path,
                Some(&json!({ "fields": { "summary": "Changed in Jira" } })),
            )?;
            let text = json!({ "type": "text", "text": "Seen." });
            let body = json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [text] }] });
            lab.practice.at_jira("POST", &format!("{path}/comment"), Some(&json!({ "body": body })))?;
            changed += 1.0;
        }
    }
    ensure!((TICKETS..TICKETS * 1.01).contains(&changed), "{changed} tickets were changed");
    // Jira: pages of 100 and a list of comments each. ServiceNow: a poll, its files and people, reads and journals of 40
    // tickets, one write each.
    let reads = (changed / 100.0).ceil() + changed + 3.0 + 2.0 * (changed / 40.0).ceil();
    let case = "one change and a comment on each of 1,000, in Jira";
    rows.extend(changed_rows(&lab, case, changed, reads, 1.0)?);
    Ok(rows)
}

/// A run over tickets that changed on one side: what it called, and that all of it arrived.
fn changed_rows(lab: &Lab, case: &str, changed: f64, reads: f64, writes_each: f64) -> Result<Vec<Row>> {
    let writes = |lab: &Lab| -> Result<f64> {
        let is_write = |call: &&Value| {
            let path = call["path"].as_str().unwrap_or_default();
            let asks = path.contains("bulkfetch") || path.contains("search/jql");
            call["method"] != "GET"
                && call["user"].as_str().is_some_and(|user| user.starts_with("lockstep"))
                && !asks
        };
        let all = [lab.calls_of(&lab.practice.servicenow)?, lab.calls_of(&lab.practice.jira)?];
        Ok(all.iter().flatten().filter(is_write).count() as f64)
    };
    for running in [&lab.practice.servicenow, &lab.practice.jira] {
        lab.practice.forget_log(running)?;
    }
    let ran = lab.run(&[])?;
    ensure!(
        ran.failed == 0.0 && ran.updated == changed && ran.comments == changed,
        "{case}: not all arrived"
    );
    let ideal = SESSION_CALLS + reads + writes_each * changed;
    Ok(vec![
        Row::must(case, "calls", ran.calls, Must::AtMost(ideal)),
        Row::must(case, "writes a ticket", writes(lab)? / changed, Must::AtMost(writes_each)),
        Row::told(case, "calls a ticket", ran.calls / changed),
        Row::told(case, "CPU a ticket, µs", ran.cost.cpu_ms * 1000.0 / changed),
    ])
}

fn latency(ground: &Ground) -> Result<Vec<Row>> {
    const MS: f64 = 50.0;
    let lab = ground.lab(&format!("plain:{}", ground.tickets))?;
    for platform in [&lab.practice.servicenow, &lab.practice.jira] {
        lab.practice.fault(platform, &json!({ "kind": "latency", "ms": MS }))?;
    }
    let ran = lab.first_run()?;
    let paths = |running: &Running, part: &str| -> Result<f64> {
        let calls = lab.calls_of(running)?;
        Ok(calls.iter().filter(|call| call["path"].as_str().is_some_and(|path| path.contains(part))).count()
            as f64)
    };
    // Pages of a keyset follow each other; Jira bears four calls at once. Nothing is written before all is planned.
    let pages = (ran.created / 200.0).ceil();
    let writes = paths(&lab.practice.jira, "issue/bulk")?;
    let floor_ms = pages * MS + writes / 4.0 * MS;
    let case = format!("first run, {} incidents at 50 ms a call", ground.tickets);
    Ok(vec![
        Row::must(
            &case,
            "part of what concurrency and latency permit",
            floor_ms / ran.cost.wall_ms,
            Must::AtLeast(0.7),
        ),
        Row::told(&case, "wall time, s", ran.cost.wall_ms / 1000.0),
    ])
}

fn limit(ground: &Ground) -> Result<Vec<Row>> {
    let mut rows = limit_of_jira(ground)?;
    rows.extend(limit_of_servicenow(ground)?);
    Ok(rows)
}

/// Jira Cloud (jira.md §11): for a tenant 100 POST and GET, 50 PUT and DELETE a second, each with as much in store, and for
/// one ticket 20 writes in two seconds. The floor is what the busiest of them takes for the calls that got through, begun
/// with a full store.
fn limit_of_jira(ground: &Ground) -> Result<Vec<Row>> {
    const METHODS: [(&str, u32); 4] = [("GET", 100), ("POST", 100), ("PUT", 50), ("DELETE", 50)];
    let lab = ground.lab("5000")?;
    let rules: Vec<Value> = METHODS
        .iter()
        .map(|(method, rate)| {
            json!({ "method": method, "allow": { "bucket": { "burst": rate, "per_second": rate } } })
        })
        .collect();
    lab.practice.switch(&lab.practice.jira, &json!({ "per_issue_limit": true }))?;
    let before = lab.calls_of(&lab.practice.jira)?.len();
    lab.practice.limit(&lab.practice.jira, &json!(rules))?;
    let ran = lab.first_run()?;
    let calls = lab.calls_of(&lab.practice.jira)?;
    ensure!(calls[0]["seq"] == 1, "the log has lost its beginning");
    let calls = &calls[before..];
    let refused = calls.iter().filter(|call| call["status"] == 429).count() as f64;
    let passed = |method: &str| {
        let of = |call: &&Value| call["method"] == method && call["status"] != 429;
        calls.iter().filter(of).count() as f64
    };
    let floor_s = METHODS
        .iter()
        .map(|(method, rate)| (passed(method) - f64::from(*rate)) / f64::from(*rate))
        .fold(0.001, f64::max);
    let case = "first run, 5,000 incidents with comments, under Jira's published limits";
    limit_rows(case, &lab, &ran, floor_s, refused / calls.len().max(1) as f64)
}

/// ServiceNow (servicenow.md §8.2): requests of a user in an hour of the clock; how many, an instance's administrator says.
/// Enough for two thirds of the run, a while before the hour is full, so that the floor is the rest of that hour.
fn limit_of_servicenow(ground: &Ground) -> Result<Vec<Row>> {
    const REST: Duration = Duration::from_secs(40);
    const HOUR_MS: i64 = 3_600_000;
    let free = ground.lab("600")?;
    let before = free.calls_of(&free.practice.servicenow)?.len();
    free.first_run()?;
    let needed = free.calls_of(&free.practice.servicenow)?.len() - before;
    let lab = ground.lab("600")?;
    let before = lab.calls_of(&lab.practice.servicenow)?.len();
    let rule = json!([{ "allow": { "per_hour": needed * 2 / 3 } }]);
    let rest_ms = i64::try_from(REST.as_millis())?;
    lab.practice.set_clock(&lab.practice.servicenow, HOUR_MS - rest_ms - clock_ms() % HOUR_MS)?;
    lab.practice.limit(&lab.practice.servicenow, &rule)?;
    let ran = lab.first_run()?;
    let calls = lab.calls_of(&lab.practice.servicenow)?;
    let calls = &calls[before..];
    let refused = calls.iter().filter(|call| call["status"] == 429).count() as f64;
    ensure!(refused > 0.0, "the hour's {} requests were enough", needed * 2 / 3);
    let case = "first run, 600 incidents and more, under a rule of ServiceNow's by the hour";
    limit_rows(case, &lab, &ran, REST.as_secs_f64(), refused / calls.len().max(1) as f64)
}

/// What a limited run must come to; what it left is what the next one, without limits, does.
fn limit_rows(case: &str, lab: &Lab, ran: &Ran, floor_s: f64, refused: f64) -> Result<Vec<Row>> {
    for running in [&lab.practice.servicenow, &lab.practice.jira] {
        lab.practice.limit(running, &json!([]))?;
    }
    let next = lab.run(&[])?;
    let wall_s = ran.cost.wall_ms / 1000.0;
    Ok(vec![
        Row::must(case, "wall time, part of the limit's own floor", wall_s / floor_s, Must::AtMost(1.1)),
        Row::told(case, "the floor, s", floor_s),
        Row::told(case, "tickets created", ran.created),
        Row::must(case, "calls refused, part", refused, Must::AtMost(0.03)),
        Row::must(case, "tickets that failed", ran.failed, Must::AtMost(0.0)),
        Row::must(
            case,
            "tickets and comments left to the next run",
            next.created + next.comments,
            Must::AtMost(0.0),
        ),
    ])
}

/// `cargo bench` measures; its estimates are read here.
fn planner(ground: &Ground) -> Result<Vec<Row>> {
    let status = Command::new(super::cargo())
        .args(["bench", "--package", "lockstep-app", "--bench", "planner"])
        .current_dir(&ground.root)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "the planner's benchmark ended with {status}");
    let rate = |name: &str| -> Result<f64> {
        let file = ground.target.join("criterion/planner").join(name).join("new/estimates.json");
        let estimates: Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
        Ok(1e9 / estimates["median"]["point_estimate"].as_f64().context("an estimate")?)
    };
    let case = "planner alone, one core";
    Ok(vec![
        Row::must(case, "unchanged links a second", rate("unchanged_link")?, Must::AtLeast(200_000.0)),
        Row::must(case, "changed links a second", rate("changed_link")?, Must::AtLeast(20_000.0)),
    ])
}

fn start(ground: &Ground) -> Result<Vec<Row>> {
    const TIMES: usize = 20;
    let middle = |command: &mut dyn FnMut() -> Command| -> Result<f64> {
        let mut all = Vec::new();
        for _ in 0..TIMES {
            all.push(cost_of(&mut command(), &[0])?.wall_ms);
        }
        Ok(median(all))
    };
    let version = middle(&mut || {
        let mut command = Command::new(&ground.program);
        command.arg("--version");
        command
    })?;
    let lab = ground.lab(&format!("plain:{}", ground.many))?;
    lab.first_run()?;
    let runs = middle(&mut || {
        let mut command = lab.command();
        command.arg("runs");
        command
    })?;
    Ok(vec![
        Row::must("`lockstep --version`", "wall time, ms", version, Must::AtMost(20.0)),
        Row::must(
            &format!("`lockstep runs`, {} links", ground.many),
            "wall time, ms",
            runs,
            Must::AtMost(100.0),
        ),
    ])
}
