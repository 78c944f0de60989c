//! Seven days of runs every five minutes with faults: no write without a cause, and memory that stays (R8).

use std::process::Command;

use crate::draw::Draw;
use crate::seeds::is_sim_profile;
use crate::world::spend_week;

/// Cycles of a week at five minutes.
const CYCLES: u64 = 2_016;
/// When everything has been met once.
const WARM: u64 = 600;
/// What the process may grow by after that, of a hundred.
const GROWTH_PERCENT_MAX: f64 = 1.0;

/// Resident memory of this process, KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}

/// A process of its own, for memory is counted by the process.
#[test]
fn a_week_of_cycles_writes_nothing_without_a_cause_and_does_not_grow() {
    if !is_sim_profile() {
        return;
    }
    let program = std::env::current_exe().unwrap();
    let child = ["--exact", "week::the_week_itself", "--ignored", "--nocapture"];
    let output = Command::new(program).args(child).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{}", text.lines().filter(|line| line.contains("cycles")).collect::<Vec<_>>().join("\n"));
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "a part of the test above"]
fn the_week_itself() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut warm, mut end) = (0, 0);
    let spent = runtime.block_on(spend_week(Draw::new(8), CYCLES, |cycle| {
        if cycle == WARM {
            warm = resident_kib();
        }
        // Before the referee reads all of it, which is no part of the week.
        end = resident_kib();
    }));
    let growth = (end as f64 - warm as f64) / warm as f64 * 100.0;
    println!(
        "{CYCLES} cycles: {} acts of people, {} writes, {} in calm cycles; {warm} KiB warm, {end} KiB at the end ({growth:.2} %)",
        spent.acts, spent.writes, spent.calm_writes
    );
    assert_eq!(spent.violations, [], "a law is broken");
    assert_eq!(spent.calm_writes, 0, "an echo");
    assert!(growth <= GROWTH_PERCENT_MAX, "memory grows by {growth:.2} %");
}
