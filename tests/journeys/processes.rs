//! V19, H47: two processes on one store. Exactly one runs; the other is told who does.
#![cfg(unix)]

use serde_json::json;

use crate::running::Running;
use crate::world::{CONNECTION, World};

fn slow(world: &World, ms: u64) {
    world.practice.fault(&world.practice.jira, &json!({ "kind": "latency", "ms": ms })).unwrap();
}

fn fast(world: &World) {
    world.practice.clear_faults(&world.practice.jira).unwrap();
}

fn each_once(world: &World, titles: &[&str]) {
    for title in titles {
        assert_eq!(world.issues_titled(title).len(), 1, "{title}");
    }
    assert_eq!(world.practice.issues(&["summary"]).unwrap().len(), titles.len());
}

const RUN: [&str; 5] = ["run", CONNECTION, "--since", "all", "--yes"];

#[test]
fn v19_of_two_runs_at_once_exactly_one_runs() {
    let Some(world) = World::new("empty") else { return };
    world.file_incident("Both want me");
    slow(&world, 500);
    let both = [Running::start(&world.lockstep, &RUN), Running::start(&world.lockstep, &RUN)];
    let pids: Vec<String> = both.iter().map(Running::pid).collect();
    let mut ended = both.map(Running::end).into_iter().zip(pids).collect::<Vec<_>>();
    ended.sort_by_key(|((code, _), _)| *code);
    let [((ran, _), winner), ((refused, said), _)] = &ended[..] else { unreachable!() };
    assert_eq!((*ran, *refused), (Some(0), Some(9)), "{ended:?}");
    assert!(said.contains(winner) && said.contains("lockstep run"), "who holds it is named: {said}");
    fast(&world);
    world.quiet_run();
    each_once(&world, &["Both want me"]);
}

#[test]
fn v19_a_run_beside_a_watch_is_refused_and_told_who_watches() {
    let Some(world) = World::new("empty") else { return };
    world.file_incident("Seen by the watch");
    world.first_run();
    world.lockstep.must(&["connection", "automatic", CONNECTION, "on"], None).unwrap();
    let watch = Running::start(&world.lockstep, &["watch"]);
    watch.until(|event| event["event"] == "watching");
    let (ended, _) = world.run(&[]);
    assert_eq!(ended.code, 9, "{}{}", ended.out, ended.err);
    assert!(ended.err.contains(&watch.pid()) && ended.err.contains("lockstep watch"), "{}", ended.err);
    let second = Running::start(&world.lockstep, &["watch"]).end();
    assert_eq!(second.0, Some(9), "{}", second.1);
    // Looking needs no turn.
    world.lockstep.must(&["runs"], None).unwrap();
    watch.signal("-INT");
    assert_eq!(watch.end().0, Some(0));
    world.good_run();
    each_once(&world, &["Seen by the watch"]);
}

#[test]
fn h47_a_stopped_holder_is_named_and_not_robbed() {
    let Some(world) = World::new("empty") else { return };
    for title in ["One", "Two", "Three"] {
        world.file_incident(title);
    }
    slow(&world, 300);
    let holder = Running::start(&world.lockstep, &RUN);
    holder.until_phase("write");
    holder.signal("-STOP");
    fast(&world);
    for _ in 0..3 {
        let (ended, _) = world.run(&["--since", "all", "--yes"]);
        assert_eq!(ended.code, 9, "{}{}", ended.out, ended.err);
        assert!(ended.err.contains(&holder.pid()), "{}", ended.err);
        std::thread::sleep(std::time::Duration::from_millis(700));
    }
    let doctor = world.lockstep.must(&["doctor"], None).unwrap();
    assert!(doctor.contains(&holder.pid()), "{doctor}");
    holder.signal("-CONT");
    let (code, said) = holder.end();
    assert_eq!(code, Some(0), "{said}");
    world.settle();
    world.good_run();
    world.quiet_run();
    each_once(&world, &["One", "Two", "Three"]);
}

#[test]
fn h47_a_killed_holder_leaves_its_turn_to_the_next_at_once() {
    let Some(world) = World::new("empty") else { return };
    world.file_incident("Left behind");
    slow(&world, 300);
    let holder = Running::start(&world.lockstep, &RUN);
    holder.until_phase("read");
    holder.signal("-KILL");
    holder.end();
    fast(&world);
    world.first_run();
    each_once(&world, &["Left behind"]);
}
