//! Many seeds at once: on two threads, each with an engine of its own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::judge::Violation;
use crate::scenario::Scenario;
use crate::shrink;
use crate::world::{Playing, Verdict, play};

/// Threads at work, each with a world of its own.
const THREADS: usize = 2;
/// A world takes milliseconds; one that takes so long stands still.
const STUCK: Duration = Duration::from_secs(8);
/// Violations that are shrunk and shown; of more only the number is told.
const SHOWN_MAX: u64 = 5;

/// Plays one scenario in a runtime of its own.
pub fn play_alone(scenario: &Scenario, playing: Playing) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let lived = runtime.block_on(async { tokio::time::timeout(STUCK, play(scenario, playing)).await });
    lived.unwrap_or_else(|_| {
        let what = "a run waits for something that never comes".to_owned();
        Verdict { violations: vec![Violation { law: "V18", what }], ..Verdict::default() }
    })
}

/// What many seeds came to.
#[derive(Debug, Default)]
pub struct Tally {
    pub seeds: u64,
    pub violations: u64,
    pub calls: u64,
    pub conflicts: u64,
    pub held: u64,
    pub failed: Vec<u64>,
}

/// Plays seeds `first..first + count`; every violation is told with its seed and a small scenario.
pub fn play_all(first: u64, count: u64) -> Tally {
    let (next, tally) = (AtomicU64::new(first), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    if std::env::var_os("SCENARIO").is_some() {
                        println!("{}", Scenario::of(seed));
                    }
                    let verdict = play_alone(&Scenario::of(seed), Playing::default());
                    let mut tally = tally.lock().unwrap();
                    tally.seeds += 1;
                    tally.calls += verdict.calls;
                    tally.conflicts += verdict.conflicts as u64;
                    tally.held += verdict.held as u64;
                    if let Some(violation) = verdict.violations.first() {
                        tally.violations += 1;
                        tally.failed.push(seed);
                        println!("seed {seed}: {} {}", violation.law, violation.what);
                    }
                }
            });
        }
    });
    let mut tally = tally.into_inner().unwrap();
    tally.failed.sort_unstable();
    for seed in tally.failed.iter().take(from_environment("SHOWN", SHOWN_MAX) as usize) {
        shrink::tell(*seed);
    }
    tally
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Whether this was built in the profile made for thousands of worlds.
pub fn is_sim_profile() -> bool {
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().any(|folder| folder.file_name().is_some_and(|name| name == "sim"))
}

/// Seeds per run of the tests.
fn usual() -> u64 {
    if is_sim_profile() { 10_000 } else { 24 }
}

#[test]
fn whatever_happens_nothing_is_lost_doubled_or_overwritten() {
    let (first, count) = (from_environment("SEED_START", 0), from_environment("SEEDS", usual()));
    #[expect(clippy::disallowed_methods, reason = "told to people; nothing depends on it")]
    let started = std::time::Instant::now();
    let tally = play_all(first, count);
    println!(
        "{} seeds in {:.1} s: {} calls, {} conflicts and {} tickets left to people",
        tally.seeds,
        started.elapsed().as_secs_f64(),
        tally.calls,
        tally.conflicts,
        tally.held
    );
    println!("{} seeds, {} violations", tally.seeds, tally.violations);
    assert_eq!(tally.violations, 0, "seeds {:?}", tally.failed);
}
