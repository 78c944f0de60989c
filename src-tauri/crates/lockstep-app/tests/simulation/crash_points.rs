//! The process dies at every call and every commit of twelve short scripts, before or after it took effect, with an
//! index that lags and one that does not: in the end people see what they would have seen anyway (V10).

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lockstep_core::side::Side;

use crate::scenario::{Act, Commit, Event, Round, Scenario, Trap, Variant};
use crate::seeds::{is_sim_profile, play_alone};
use crate::wire::Crash;
use crate::world::{Playing, Verdict};

const S: Side = Side::Source;
const T: Side = Side::Target;
/// An index that shows a write so much later.
const LAG_MS: i64 = 15_000;

fn new(side: Side, state: u8, comment: bool, file: bool) -> Act {
    Act::New { side, urgency: 2, state, comment, file }
}

/// What people do after a first sync of one ticket on each side, and what then is interrupted.
fn scripts() -> Vec<(&'static str, Vec<Act>)> {
    vec![
        ("one new incident", vec![new(S, 0, false, false)]),
        ("one new issue", vec![new(T, 0, false, false)]),
        (
            "three new incidents, in bulk",
            vec![new(S, 0, false, false), new(S, 2, false, false), new(S, 0, true, false)],
        ),
        ("a new incident with a comment and a file, in progress", vec![new(S, 2, true, true)]),
        ("a new issue with a comment and a file", vec![new(T, 0, true, true)]),
        (
            "titles on both sides",
            vec![Act::Title { case: 0, side: S, word: 1 }, Act::Title { case: 1, side: T, word: 2 }],
        ),
        ("a conflict", vec![Act::TitleBoth { case: 0, word: 3, same: false }]),
        (
            "comments both ways",
            vec![
                Act::Comment { case: 0, side: S, internal: false },
                Act::Comment { case: 0, side: T, internal: true },
            ],
        ),
        (
            "files both ways",
            vec![Act::File { case: 0, side: S, twin: false }, Act::File { case: 1, side: T, twin: false }],
        ),
        ("resolved over several steps", vec![Act::Status { case: 0, side: S, pick: 4 }]),
        (
            "moved on in Jira",
            vec![Act::Status { case: 1, side: T, pick: 0 }, Act::Assign { case: 1, side: T, pick: 1 }],
        ),
        (
            "a bit of everything",
            vec![
                Act::Title { case: 0, side: S, word: 5 },
                Act::Comment { case: 0, side: S, internal: false },
                Act::Status { case: 0, side: S, pick: 2 },
                Act::Assign { case: 1, side: S, pick: 0 },
                Act::File { case: 1, side: T, twin: false },
            ],
        ),
    ]
}

fn scenario(acts: &[Act], lag: bool) -> Scenario {
    Scenario {
        seed: 1,
        variant: Variant::Demo,
        call_ms: 5,
        traps: if lag { vec![Trap::IndexLag(LAG_MS)] } else { Vec::new() },
        tickets: vec![new(S, 0, false, false), new(T, 0, false, false)],
        rounds: vec![
            Round { pause_ms: 60_000, ..Round::default() },
            Round { pause_ms: 60_000, ..Round::default() },
            Round { pause_ms: 60_000, acts: acts.to_vec(), ..Round::default() },
        ],
        decides: None,
    }
}

/// Everything that may be interrupted.
#[derive(Debug, Clone, Copy)]
enum Point {
    Call(u64, Crash),
    Commit(u64, Crash),
}

fn at(acts: &[Act], lag: bool, point: Point) -> Scenario {
    let mut scenario = scenario(acts, lag);
    let last = scenario.rounds.last_mut().unwrap();
    match point {
        Point::Call(call, how) => last.during.push((call, Event::Dies(how))),
        Point::Commit(commit, how) => last.commit = Some((commit, Commit::Dies(how))),
    }
    scenario
}

fn check(name: &str, undisturbed: &Verdict, verdict: &Verdict, lag: bool, point: Point) {
    assert!(verdict.violations.is_empty(), "{name}, lag {lag}, {point:?}: {:?}", verdict.violations);
    assert_eq!(verdict.picture, undisturbed.picture, "{name}, lag {lag}, {point:?}");
}

#[test]
fn v10_death_at_any_call_or_commit_changes_nothing_in_the_end() {
    let scripts = scripts();
    let scripts = if is_sim_profile() { &scripts[..] } else { &scripts[11..] };
    let mut points: Vec<(&str, &[Act], bool, Point)> = Vec::new();
    let mut undisturbed = Vec::new();
    for (name, acts) in scripts {
        for lag in [false, true] {
            let verdict = play_alone(&scenario(acts, lag), Playing::default());
            assert!(verdict.violations.is_empty(), "{name}: {:?}", verdict.violations);
            let (calls, commits) = verdict.rounds[2];
            for how in [Crash::Before, Crash::After] {
                points.extend((0..calls).map(|call| (*name, acts.as_slice(), lag, Point::Call(call, how))));
                points.extend((0..commits).map(|at| (*name, acts.as_slice(), lag, Point::Commit(at, how))));
            }
            undisturbed.push(((*name, lag), verdict));
        }
    }
    if !is_sim_profile() {
        points = points.into_iter().step_by(16).collect();
    }
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, acts, lag, point)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = play_alone(&at(acts, *lag, *point), Playing::default());
                    let (_, usual) = undisturbed.iter().find(|(key, _)| *key == (*name, *lag)).unwrap();
                    let checked = std::panic::catch_unwind(|| check(name, usual, &verdict, *lag, *point));
                    if checked.is_err() {
                        wrong.lock().unwrap().push((*name, *lag, *point));
                    }
                }
            });
        }
    });
    println!("{} scripts, {} crash points", scripts.len(), points.len());
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} points: {wrong:?}", wrong.len(), points.len());
}
