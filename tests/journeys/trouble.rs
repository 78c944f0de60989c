//! Cancel and continue, a lost answer, a rate limit, a killed process.

use std::time::Duration;

use serde_json::json;

use crate::world::World;

fn fill(world: &World, count: usize) {
    for nth in 0..count {
        world.file_incident(&format!("Ticket {nth}"));
    }
}

fn each_once(world: &World, count: usize) {
    for nth in 0..count {
        assert_eq!(world.issues_titled(&format!("Ticket {nth}")).len(), 1, "Ticket {nth}");
    }
    assert_eq!(world.practice.issues(&["summary"]).unwrap().len(), count);
}

#[test]
fn a_lost_answer_to_a_create_makes_no_second_ticket() {
    let Some(world) = World::new("empty") else { return };
    fill(&world, 3);
    let fault =
        json!({ "kind": "cut_after", "method": "POST", "path_contains": "/rest/api/3/issue", "times": 1 });
    world.practice.fault(&world.practice.jira, &fault).unwrap();
    world.run(&["--since", "all", "--yes"]);
    world.settle();
    for _ in 0..4 {
        world.run(&[]);
        world.settle();
    }
    each_once(&world, 3);
    world.quiet_run();
}

#[test]
fn a_rate_limit_makes_a_run_wait_and_not_fail() {
    let Some(world) = World::new("empty") else { return };
    fill(&world, 8);
    let rule = json!([{ "allow": { "bucket": { "burst": 4, "per_second": 5.0 } } }]);
    world.practice.limit(&world.practice.jira, &rule).unwrap();
    let report = world.first_run();
    assert_eq!(report["counts"]["failed"], 0, "{report:#}");
    // A create that the platform put off rests until it was looked up (hazards.md H10).
    world.settle();
    world.good_run();
    world.practice.limit(&world.practice.jira, &json!([])).unwrap();
    each_once(&world, 8);
    world.quiet_run();
}

#[cfg(unix)]
#[test]
fn a_run_is_cancelled_gently_and_the_next_one_goes_on() {
    let Some(world) = World::new("empty") else { return };
    fill(&world, 6);
    let slow = json!({ "kind": "latency", "ms": 400 });
    world.practice.fault(&world.practice.jira, &slow).unwrap();
    let mut running = world.spawn_run();
    std::thread::sleep(Duration::from_millis(1_500));
    let pid = running.id().to_string();
    std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    let status = running.wait().unwrap();
    assert!(matches!(status.code(), Some(130 | 0)), "cancelled, or done before the signal: {status}");
    world.practice.clear_faults(&world.practice.jira).unwrap();
    let (ended, _) = world.run(&["--since", "all", "--yes"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    each_once(&world, 6);
    world.quiet_run();
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_no_ticket_twice_and_none_missing() {
    let Some(world) = World::new("empty") else { return };
    fill(&world, 6);
    for wait_ms in [300, 700, 1_200] {
        let slow = json!({ "kind": "latency", "ms": 120 });
        world.practice.fault(&world.practice.jira, &slow).unwrap();
        let mut running = world.spawn_run();
        std::thread::sleep(Duration::from_millis(wait_ms));
        running.kill().unwrap();
        running.wait().unwrap();
        world.practice.clear_faults(&world.practice.jira).unwrap();
    }
    world.settle();
    for _ in 0..3 {
        world.run(&["--since", "all", "--yes"]);
        world.settle();
    }
    each_once(&world, 6);
    world.quiet_run();
}
