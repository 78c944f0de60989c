//! Statuses: steps, what they ask for, paths, order of operations.

use insta::assert_snapshot;
use lockstep_core::mapping::Rule;

use crate::setup::{Both, mapped, mapping, pair, values};
use crate::shown::shown;
use crate::world::World;

#[test]
fn a_status_goes_over_by_the_steps_of_the_workflow() {
    let mut world = World::linked(mapping());
    world.edit("source state = 3");
    assert_snapshot!(shown(&world.run()), @"step the target: todo → doing → wait (State changed in ServiceNow)");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_step_sends_what_its_screen_asks_for() {
    let mut world = World::linked(mapping());
    world.edit("source state = 6\nsource notes = Fan replaced");
    assert_snapshot!(shown(&world.run()), @r#"step the target, closes it: todo → doing → done with resolution "Fan replaced" (State changed in ServiceNow)"#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_status_written_as_a_field_takes_its_needs_along() {
    let mut world = World::linked(mapping());
    world.edit("target says public: Replaced the fan.\ntarget status = done");
    assert_snapshot!(shown(&world.run()), @r#"
    comment on the source, Internal: Mia, Jira, 2026-01-01 00:05 UTC [ls:cqllkg37qy]⏎⏎Replaced the fan.
    update the source, closes it: Status changed in Jira; needed for Resolved; needed for Resolved
      State: 1 → 6 (Status changed in Jira)
      Close code: empty → solved (needed for Resolved)
      Close notes: empty → "Replaced the fan." (needed for Resolved)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn an_empty_need_stops_the_status_and_says_so_each_time() {
    let mut world = World::linked(mapping());
    let Rule::Values { pairs, .. } = &mut world.mapping.fields[1].rule else { panic!("values") };
    pairs[3].target_needs.clear();
    world.settle();
    world.edit("source state = 6");
    assert_snapshot!(shown(&world.run()), @"notice NeedMissing: Jira asks for more on the way to Done: resolution is required and no value is given");
    assert_eq!(world.plan().notices.len(), 1);
}

#[test]
fn a_status_without_a_way_names_what_can_be_reached() {
    let mut world = World::linked(mapping());
    world.schemas.target.workflow.steps.retain(|step| step.to != "done");
    world.edit("source state = 6");
    assert_snapshot!(shown(&world.plan()), @"notice Unreachable: Jira has no way from To Do to Done; reachable from there: In Progress");
}

#[test]
fn a_status_whose_steps_were_never_seen_is_tried_directly() {
    let mut world = World::linked(mapping());
    world.schemas.target.workflow.explored.remove("todo");
    world.schemas.target.workflow.steps.retain(|step| step.from != "todo");
    world.edit("source state = 2");
    assert_snapshot!(shown(&world.plan()), @"step the target: todo → doing (State changed in ServiceNow)");
}

#[test]
fn a_path_that_was_cut_off_is_continued() {
    // H21: the first of two steps was taken, then the power went.
    let mut world = World::linked(mapping());
    world.edit("source state = 3");
    let mut plan = world.plan();
    let lockstep_core::sync::operation::OperationKind::Steps { steps, .. } = &mut plan.operations[0].kind
    else {
        panic!("steps")
    };
    steps.truncate(1);
    let lockstep_core::sync::operation::OperationKind::Steps { read, .. } = &mut plan.operations[0].kind
    else {
        panic!("steps")
    };
    *read = lockstep_core::Value::choice("1"); // The base's: the source still counts as changed.
    world.carry_out(&plan);
    assert_snapshot!(shown(&world.run()), @"step the target: doing → wait (State changed in ServiceNow)");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn reopening_comes_first_and_closing_last() {
    let mut world = World::linked(mapping());
    world.edit("source says public: Nearly there\nsource title = Fan\nsource state = 6\nsource notes = Fan");
    assert_snapshot!(shown(&world.run()), @r#"
    comment on the target, Internal: Mia, ServiceNow, 2026-01-01 00:05 UTC⏎⏎Nearly there
    update the target: Short description changed in ServiceNow
      Summary: "Printer" → "Fan" (Short description changed in ServiceNow)
    step the target, closes it: todo → doing → done with resolution "Fan" (State changed in ServiceNow)
    "#);
    world.run();
    world.edit("source says public: Not yet\nsource title = Fan again\nsource state = 1");
    assert_snapshot!(shown(&world.run()), @r#"
    step the target: done → todo (State changed in ServiceNow)
    comment on the target, Internal: Mia, ServiceNow, 2026-01-01 00:09 UTC⏎⏎Not yet
    update the target: Short description changed in ServiceNow
      Summary: "Fan" → "Fan again" (Short description changed in ServiceNow)
    "#);
}

#[test]
fn reopening_comes_first_where_the_status_is_a_field() {
    let mut world = World::linked(mapping());
    world.edit("source state = 6\nsource notes = Fan");
    world.run();
    world.edit("target says public: It burns again\ntarget status = todo");
    assert_snapshot!(shown(&world.run()), @"
    update the source: Status changed in Jira
      State: 6 → 1 (Status changed in Jira)
    comment on the source, Internal: Mia, Jira, 2026-01-01 00:07 UTC [ls:cqllkg37qy]⏎⏎It burns again
    ");
}

#[test]
fn a_group_of_statuses_comes_back_as_its_representative() {
    // H24: New and On Hold are both To Do over there; To Do comes back as New.
    use lockstep_core::mapping::Direction::ToTarget;
    let mut mapping = mapping();
    let rule = values(vec![pair("1", Both, "todo"), pair("3", ToTarget, "todo"), pair("2", Both, "doing")]);
    mapping.fields[1] = mapped("state", Both, "status", rule);
    let mut world = World::linked(mapping);
    world.edit("source state = 3");
    assert_snapshot!(shown(&world.run()), @"base state=status: 3 / todo");
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("target status = doing");
    assert_snapshot!(shown(&world.run()), @"
    update the source: Status changed in Jira
      State: 3 → 2 (Status changed in Jira)
    ");
    world.edit("target status = todo");
    assert_snapshot!(shown(&world.run()), @"
    update the source: Status changed in Jira
      State: 2 → 1 (Status changed in Jira)
    ");
    assert_eq!(shown(&world.plan()), "nothing");
}
