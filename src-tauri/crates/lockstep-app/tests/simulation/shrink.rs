//! Makes a failing scenario small: whatever can be left out while the same is still wrong, is.

use crate::judge::Violation;
use crate::scenario::Scenario;
use crate::seeds::play_alone;
use crate::world::Playing;

/// Plays that shrinking may cost.
const PLAYS_MAX: usize = 300;

/// A complaint without the names and values of its world: two of one kind are about the same.
fn kind(violation: &Violation) -> (&'static str, String) {
    let unquoted = violation.what.split('"').step_by(2).collect::<String>();
    (violation.law, unquoted.chars().filter(|letter| !letter.is_ascii_digit()).collect())
}

fn breaks(scenario: &Scenario, complaint: &Violation) -> bool {
    let left = play_alone(scenario, Playing::default()).violations;
    left.iter().any(|violation| kind(violation) == kind(complaint))
}

/// All scenarios that lack one thing of this one, the largest things first.
fn smaller(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    let mut with = |change: &dyn Fn(&mut Scenario)| {
        let mut less = scenario.clone();
        change(&mut less);
        found.push(less);
    };
    for round in 0..scenario.rounds.len() {
        with(&|less| {
            let _ = less.rounds.remove(round);
        });
    }
    for trap in 0..scenario.traps.len() {
        with(&|less| {
            let _ = less.traps.remove(trap);
        });
    }
    if scenario.tickets.len() > 1 {
        with(&|less| {
            let _ = less.tickets.pop();
        });
    }
    if scenario.call_ms > 5 {
        with(&|less| less.call_ms = 5);
    }
    if scenario.decides.is_some() {
        with(&|less| less.decides = None);
    }
    for (at, round) in scenario.rounds.iter().enumerate() {
        for fault in 0..round.faults.len() {
            with(&|less| {
                let _ = less.rounds[at].faults.remove(fault);
            });
        }
        for event in 0..round.during.len() {
            with(&|less| {
                let _ = less.rounds[at].during.remove(event);
            });
        }
        for act in 0..round.acts.len() {
            with(&|less| {
                let _ = less.rounds[at].acts.remove(act);
            });
        }
        if round.commit.is_some() {
            with(&|less| less.rounds[at].commit = None);
        }
        if round.preview {
            with(&|less| less.rounds[at].preview = false);
        }
        if round.store != crate::scenario::Keeping::Goes {
            with(&|less| less.rounds[at].store = crate::scenario::Keeping::Goes);
        }
    }
    found
}

/// The smallest scenario found of which there is still the same complaint.
pub fn shrink(scenario: &Scenario, complaint: &Violation) -> Scenario {
    let (mut best, mut plays) = (scenario.clone(), 0);
    'again: loop {
        for less in smaller(&best) {
            plays += 1;
            if plays > PLAYS_MAX {
                return best;
            }
            if breaks(&less, complaint) {
                best = less;
                continue 'again;
            }
        }
        return best;
    }
}

fn commit() -> String {
    let asked = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let text =
        asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if text.is_empty() { "unknown".to_owned() } else { text }
}

/// Prints what a seed breaks, with the commit and a scenario small enough to read.
pub fn tell(seed: u64) {
    let scenario = Scenario::of(seed);
    let verdict = play_alone(&scenario, Playing::default());
    let Some(violation) = verdict.violations.first() else { return };
    // What stands still takes seconds to see, each time.
    if violation.what.contains("never comes") {
        println!("\n{violation:?}\n{scenario}");
        return;
    }
    let small = shrink(&scenario, violation);
    let left = play_alone(&small, Playing::default()).violations;
    println!("\nseed {seed} at commit {}", commit());
    for violation in &left {
        println!("  {} {}", violation.law, violation.what);
    }
    println!("{small}");
    if std::env::var_os("TRACE").is_some() {
        for line in play_alone(&small, Playing { traced: true, ..Playing::default() }).trace {
            println!("  {}", line.chars().take(1_200).collect::<String>());
        }
    }
}
