//! `cargo xtask bench`: what a first run and a quiet run cost, measured on the released program against the practice pair
//! on loopback. Wall times depend on the machine; CPU, memory and calls are what to compare.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use xtask::lab::{Lockstep, Practice};

/// What the benchmark is told.
#[derive(Args)]
pub struct Bench {
    /// Incidents in ServiceNow
    #[arg(long, default_value_t = 10_000)]
    tickets: usize,
    /// Prints JSON alone
    #[arg(long)]
    json: bool,
    /// Where the built programs lie; a release is built when absent
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// One measured run.
#[derive(Debug, Serialize)]
struct Measured {
    case: &'static str,
    tickets: u64,
    wall_ms: u64,
    cpu_ms: u64,
    peak_mib: u64,
    calls: u64,
}

/// Measures and prints.
pub fn bench(told: &Bench, root: &Path) -> Result<()> {
    let programs = match &told.programs {
        Some(programs) => programs.clone(),
        None => release(root)?,
    };
    let folder = tempfile::tempdir()?;
    let lockstep = Lockstep { program: programs.join("lockstep"), data: folder.path().join("data") };
    let practice = Practice::start(&lockstep.program, &told.tickets.to_string())?;
    practice.switch(&practice.jira, &json!({ "index_lag_ms": 0 }))?;
    lockstep.set_up(&practice)?;
    let first = measure(&lockstep, "first run", &["--since", "all", "--yes"])?;
    // The second run reads its own writes once; the third is the quiet cycle.
    let settled = measure(&lockstep, "second run", &[])?;
    let quiet = measure(&lockstep, "quiet run", &[])?;
    let all = [first, settled, quiet];
    if told.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    println!(
        "{:<12} {:>8} {:>9} {:>9} {:>12} {:>9} {:>7}",
        "case", "tickets", "wall ms", "CPU ms", "CPU µs/tick.", "peak MiB", "calls"
    );
    for row in &all {
        let per = (row.cpu_ms * 1_000).checked_div(row.tickets).map_or("-".to_owned(), |per| per.to_string());
        println!(
            "{:<12} {:>8} {:>9} {:>9} {per:>12} {:>9} {:>7}",
            row.case, row.tickets, row.wall_ms, row.cpu_ms, row.peak_mib, row.calls
        );
    }
    Ok(())
}

fn release(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(&cargo)
        .args(["build", "--release", "--package", "lockstep-cli"])
        .current_dir(root)
        .status()?;
    ensure!(built.success(), "the release did not build");
    let told = Command::new(&cargo)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()?;
    let metadata: Value = serde_json::from_slice(&told.stdout)?;
    Ok(Path::new(metadata["target_directory"].as_str().context("cargo names its folder")?).join("release"))
}

fn measure(lockstep: &Lockstep, case: &'static str, arguments: &[&str]) -> Result<Measured> {
    let begun = now();
    let mut child = Command::new(&lockstep.program)
        .arg("--data-dir")
        .arg(&lockstep.data)
        .args(["--json", "run", "Incidents"])
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let (mut cpu_ms, mut peak_mib) = (0, 0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if let Some((cpu, peak)) = cost_of(child.id()) {
            (cpu_ms, peak_mib) = (cpu, peak);
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    ensure!(matches!(status.code(), Some(0 | 6)), "the {case} ended with {status}");
    let runs: Value = serde_json::from_str(&lockstep.must(&["--json", "runs", "--limit", "1"], None)?)?;
    let run =
        runs.as_array().or_else(|| runs["runs"].as_array()).and_then(|runs| runs.first()).context("a run")?;
    let count = |name: &str| run["counts"][name].as_u64().unwrap_or(0);
    let tickets = count("created") + count("updated") + count("closed");
    Ok(Measured {
        case,
        tickets,
        wall_ms: now() - begun,
        cpu_ms,
        peak_mib,
        calls: run["calls"].as_u64().unwrap_or(0),
    })
}

/// CPU time so far and peak memory of a process, by Linux's own books.
fn cost_of(pid: u32) -> Option<(u64, u64)> {
    const MS_PER_TICK: u64 = 10;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .trim()
        .strip_suffix(" kB")?
        .parse::<u64>()
        .ok()?;
    Some((ticks * MS_PER_TICK, peak / 1024))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the real clock")]
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
