//! The real program is killed with SIGKILL at moments drawn from a seed, while people work on both practice platforms and
//! answers get lost; then it is started again, until nothing is left to do. The platforms alone say what came of it.
//!
//! A kill aims at a phase of the run, as the program tells it, and at a moment in it. How long phases last is learned on the
//! way, so that kills land inside runs on quick and slow machines alike; one that comes too late is none and is not counted.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::draw::Draw;
use crate::kill::Kills;
use crate::lab::{Lockstep, Practice};
use crate::people::{People, Place};
use crate::referee::{self, Verdict};
use crate::rest::{self, Rest};

const CONNECTION: &str = "Incidents";
/// Past the settle times of the example's accounts.
const SETTLE: Duration = Duration::from_millis(4_200);
/// Set: platforms and store stay at the end, to be looked into.
const KEEP: &str = "LOCKSTEP_KEEP";
/// Between two acts of a person who works while a run is at work.
const PAUSE: Duration = Duration::from_millis(60);

/// What the test is told.
#[derive(Debug, Clone)]
pub struct Told {
    pub program: PathBuf,
    pub kills: u32,
    pub seed: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Tally {
    pub kills: Kills,
    pub whole_runs: u32,
    pub rest: Rest,
    pub acts: u64,
    pub verdict: Verdict,
    pub told: Told,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}: {} acts of people; kills by phase: {}; {} came too late; {} whole runs between, {} until quiet; {} conflicts decided, {} tickets tried again by hand",
            self.told.seed,
            self.acts,
            self.kills.by_phase(),
            self.kills.late,
            self.whole_runs,
            self.rest.runs,
            self.rest.conflicts,
            self.rest.retried,
        )?;
        write!(
            f,
            "{} kills ({} while writing), {} duplicates, {} missing, {} differ ({} tickets, {} comments, {} files)",
            self.kills.landed(),
            self.kills.while_writing(),
            self.verdict.duplicates.len(),
            self.verdict.missing.len(),
            self.verdict.differing.len(),
            self.verdict.tickets,
            self.verdict.comments,
            self.verdict.files,
        )
    }
}

/// Kills so often, then brings both sides to rest and judges. An error is a broken promise, or a test that tests nothing.
pub fn crash(told: &Told) -> Result<Tally> {
    let folder = tempfile::tempdir()?;
    let lockstep = Lockstep { program: told.program.clone(), data: folder.path().join("data") };
    let practice = Practice::start(&lockstep.program, "empty")?;
    lockstep.set_up(&practice)?;
    let mut killer = Killer::new(told, &practice, &lockstep)?;
    while killer.kills.landed() < told.kills {
        killer.round()?;
    }
    let tally = killer.end()?;
    if std::env::var_os(KEEP).is_some() {
        keep(&practice, &lockstep, &tally.verdict)?;
    }
    tally.verdict.must_be_clean().with_context(|| tally.to_string())?;
    let kills = &tally.kills;
    ensure!(kills.while_writing() * 2 >= kills.landed(), "too few kills landed while writing:\n{tally}");
    Ok(tally)
}

/// For looking into what was found: the platforms and the store stay until Enter is pressed.
fn keep(practice: &Practice, lockstep: &Lockstep, verdict: &Verdict) -> Result<()> {
    println!("{verdict:#?}");
    println!("{} {} {}", practice.servicenow.url, practice.jira.url, lockstep.data.display());
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

struct Killer<'l> {
    told: &'l Told,
    practice: &'l Practice,
    lockstep: &'l Lockstep,
    draw: Draw,
    people: People,
    kills: Kills,
    whole_runs: u32,
}

impl<'l> Killer<'l> {
    fn new(told: &'l Told, practice: &'l Practice, lockstep: &'l Lockstep) -> Result<Killer<'l>> {
        let mut draw = Draw::new(told.seed);
        let mut people = People::new(practice, draw.split())?;
        for nth in 0..8 {
            people.file(practice, if nth % 2 == 0 { Place::ServiceNow } else { Place::Jira })?;
        }
        Ok(Killer { told, practice, lockstep, draw, people, kills: Kills::default(), whole_runs: 0 })
    }

    /// People act, something is wrong with the network, a run begins, and is killed.
    fn round(&mut self) -> Result<()> {
        let late = self.kills.late;
        ensure!(late < 20 + 2 * self.told.kills, "kills keep coming too late: {:?}", self.kills);
        for _ in 0..self.draw.of(2..6) {
            self.people.act(self.practice)?;
        }
        let lossy = self.draw.percent(40);
        self.disturb(lossy)?;
        let order = self.order();
        let mut aimed = self.kills.aim(&mut self.draw, self.lockstep, &order)?;
        // A person who acts while answers get lost could not say what became of it.
        let busy = !lossy && self.draw.percent(60);
        let hit = if busy {
            let (people, practice, over) = (&mut self.people, self.practice, AtomicBool::new(false));
            std::thread::scope(|scope| {
                let acting = scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        people.act(practice)?;
                        std::thread::sleep(PAUSE);
                    }
                    anyhow::Ok(())
                });
                let hit = aimed.kill();
                over.store(true, Ordering::Relaxed);
                acting.join().map_err(|_| anyhow::anyhow!("the people panicked"))??;
                hit
            })?
        } else {
            aimed.kill()?
        };
        self.calm()?;
        self.kills.count(&aimed, hit);
        self.practice.keep_recorded()?;
        // Now and then a run gets through, so that later ones begin where it ended.
        if self.draw.percent(12) {
            self.whole_run()?;
        }
        Ok(())
    }

    /// The command line of the next run.
    fn order(&mut self) -> Vec<&'static str> {
        if self.whole_runs == 0 {
            return vec!["--json", "run", CONNECTION, "--since", "all", "--yes"];
        }
        match self.draw.of(0..4) {
            0 => vec!["--json", "watch", CONNECTION],
            1 => vec!["--json", "run", CONNECTION, "--since", "all", "--yes"],
            _ => vec!["--json", "run", CONNECTION, "--yes"],
        }
    }

    fn disturb(&mut self, lossy: bool) -> Result<()> {
        let lag = self.draw.of(0..1_500);
        self.practice.switch(&self.practice.jira, &json!({ "index_lag_ms": lag }))?;
        for side in [&self.practice.servicenow, &self.practice.jira] {
            let slow = json!({ "kind": "latency", "ms": self.draw.of(2..25) });
            self.practice.fault(side, &slow)?;
            if lossy {
                let lost = json!({ "kind": "cut_after", "odds_permille": self.draw.of(20..120) });
                self.practice.fault(side, &lost)?;
            }
        }
        Ok(())
    }

    fn calm(&self) -> Result<()> {
        for side in [&self.practice.servicenow, &self.practice.jira] {
            self.practice.clear_faults(side)?;
        }
        Ok(())
    }

    fn whole_run(&mut self) -> Result<()> {
        let mut order = vec!["--json", "run", CONNECTION, "--yes"];
        if self.whole_runs == 0 {
            order.extend(["--since", "all"]);
        }
        self.lockstep.report(&order)?;
        if self.whole_runs == 0 {
            self.lockstep.must(&["connection", "automatic", CONNECTION, "on"], None)?;
        }
        self.whole_runs += 1;
        Ok(())
    }

    /// Until nothing is left to do; then everything is looked at.
    fn end(self) -> Result<Tally> {
        self.practice.switch(&self.practice.jira, &json!({ "index_lag_ms": 0 }))?;
        let rest = rest::until_quiet(self.lockstep, CONNECTION, SETTLE)?;
        self.lockstep.must(&["doctor"], None)?;
        let verdict = referee::judge(self.practice, &self.people)?;
        Ok(Tally {
            kills: self.kills,
            whole_runs: self.whole_runs,
            rest,
            acts: self.people.written.acts,
            verdict,
            told: self.told.clone(),
        })
    }
}
