//! What a process cost: wall time, CPU by the kernel's books, peak memory.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;

/// CPU times in `/proc` count in hundredths of a second on Linux.
const MS_PER_TICK: u64 = 10;

/// One figure beside what it must be.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub case: String,
    /// What was measured, with its unit.
    pub figure: String,
    pub measured: f64,
    /// The worst that is good enough, if there is one.
    pub must: Option<Must>,
}

/// A bound.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    AtLeast(f64),
    AtMost(f64),
}

impl Row {
    /// A figure with a bound.
    pub fn must(case: &str, figure: &str, measured: f64, must: Must) -> Row {
        Row { case: case.to_owned(), figure: figure.to_owned(), measured, must: Some(must) }
    }

    /// A figure for the record.
    pub fn told(case: &str, figure: &str, measured: f64) -> Row {
        Row { case: case.to_owned(), figure: figure.to_owned(), measured, must: None }
    }

    /// Whether it is good enough.
    pub fn is_met(&self) -> Option<bool> {
        Some(match self.must? {
            Must::AtLeast(bound) => self.measured >= bound,
            Must::AtMost(bound) => self.measured <= bound,
        })
    }
}

/// What one call of a program cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub wall_ms: f64,
    pub cpu_ms: f64,
    pub peak_mib: f64,
}

/// Runs a command to its end. `good` are the exit codes that count as such.
pub fn cost_of(command: &mut Command, good: &[i32]) -> Result<Cost> {
    let (before_ms, begun) = (children_cpu_ms(), now());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak_mib: f64 = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_mib = peak_mib.max(peak_of(&child).unwrap_or(0.0));
        std::thread::sleep(Duration::from_millis(2));
    };
    let wall_ms = since(begun);
    ensure!(status.code().is_some_and(|code| good.contains(&code)), "{command:?} ended with {status}");
    Ok(Cost { wall_ms, cpu_ms: children_cpu_ms() - before_ms, peak_mib })
}

/// CPU time so far of a process that is at work, milliseconds.
pub fn cpu_ms_of(child: &Child) -> Option<f64> {
    cpu_ticks(&format!("/proc/{}/stat", child.id()), 11).map(|ticks| (ticks * MS_PER_TICK) as f64)
}

/// CPU time of all children that have ended, milliseconds.
fn children_cpu_ms() -> f64 {
    cpu_ticks("/proc/self/stat", 13).map_or(0.0, |ticks| (ticks * MS_PER_TICK) as f64)
}

/// The sum of two neighbouring times (user, system) in a stat file, counted behind the program's name.
fn cpu_ticks(file: &str, at: usize) -> Option<u64> {
    let stat = std::fs::read_to_string(file).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(at)?.parse::<u64>().ok()? + fields.get(at + 1)?.parse::<u64>().ok()?)
}

fn peak_of(child: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// A moment on the machine's clock.
#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the real clock")]
pub fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// The machine's clock, milliseconds since 1970 UTC.
#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the real clock")]
pub fn clock_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Milliseconds since that moment.
pub fn since(begun: std::time::Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}

/// The middle of some figures.
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}
