//! Tags (hazards.md H26).

use insta::assert_snapshot;
use lockstep_core::mapping::{Rule, TypeMapping};

use crate::setup::{Both, ToTarget, mapped, mapping, pair, values};
use crate::shown::shown;
use crate::world::{Answers, World};

fn with(rule: Rule) -> TypeMapping {
    let mut mapping = mapping();
    mapping.fields.push(mapped("tags", Both, "labels", rule));
    mapping
}

#[test]
fn both_sides_add_and_nobody_loses() {
    let mut world = World::linked(with(Rule::Copy));
    world.edit("source tags = x\ntarget labels = x");
    world.settle();
    world.edit("source tags = x, a\ntarget labels = x, b");
    assert_snapshot!(shown(&world.run()), @r#"
    update the source: Labels changed in Jira
      Tags: {"a", "x"} → +["b"] -[] (Labels changed in Jira)
    update the target: Tags changed in ServiceNow
      Labels: {"b", "x"} → +["a"] -[] (Tags changed in ServiceNow)
    "#);
    assert_eq!(shown(&world.plan()), "base tags=labels: {\"a\", \"b\", \"x\"} / {\"a\", \"b\", \"x\"}\n");
    world.run();
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_write_that_failed_loses_no_tag() {
    for (kept, answers) in
        [(0, Answers::Shows), (1, Answers::Shows), (0, Answers::Silent), (1, Answers::Silent)]
    {
        let mut world = World::linked(with(Rule::Copy));
        world.answers = answers;
        world.edit("source tags = x\ntarget labels = x");
        world.settle();
        world.edit("source tags = x, a\ntarget labels = x, b");
        let plan = world.plan();
        world.carry_out_one(&plan.operations[kept]);
        world.run();
        world.run();
        let all = "{\"a\", \"b\", \"x\"}";
        let held = |side| crate::shown::value(&world.tickets[side].fields[&id(side)]);
        use lockstep_core::side::Side::{Source, Target};
        assert_eq!(
            (held(Source).as_str(), held(Target).as_str()),
            (all, all),
            "only write {kept} went through"
        );
        assert_eq!(shown(&world.plan()), "nothing");
    }
}

fn id(side: lockstep_core::Side) -> lockstep_core::FieldId {
    match side {
        lockstep_core::Side::Source => "tags".into(),
        lockstep_core::Side::Target => "labels".into(),
    }
}

#[test]
fn members_without_a_pair_are_invisible_and_stay() {
    let rule = values(vec![pair("vip", Both, "important"), pair("VIP", ToTarget, "important")]);
    let mut world = World::linked(with(rule));
    world.edit("source tags = own, vip, VIP\ntarget labels = theirs");
    world.settle();
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("source tags = own\ntarget labels = important, theirs");
    world.settle();
    world.edit("source tags = own, VIP");
    assert_eq!(
        shown(&world.plan()).lines().filter(|line| line.starts_with("update")).count(),
        0,
        "it is there already"
    );
}

#[test]
fn a_member_goes_when_nothing_stands_for_it_any_more() {
    let rule = values(vec![pair("vip", Both, "important"), pair("VIP", ToTarget, "important")]);
    let mut world = World::linked(with(rule));
    world.edit("source tags = vip, VIP\ntarget labels = important, theirs");
    world.settle();
    world.edit("source tags = VIP");
    assert_eq!(world.plan().operations.len(), 0, "VIP still stands for it");
    world.run();
    world.edit("source tags =");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: Tags changed in ServiceNow
      Labels: {"important", "theirs"} → +[] -["important"] (Tags changed in ServiceNow)
    "#);
    let rule = values(vec![pair("vip", Both, "important"), pair("VIP", ToTarget, "important")]);
    let mut world = World::linked(with(rule));
    world.edit("source tags = vip, VIP\ntarget labels = important");
    world.settle();
    world.edit("target labels =");
    assert_snapshot!(shown(&world.run()), @r#"
    update the source: Labels changed in Jira
      Tags: {"VIP", "vip"} → +[] -["VIP", "vip"] (Labels changed in Jira)
    "#);
    world.run();
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn one_value_carried_into_a_set_leaves_others_alone() {
    let mut mapping = mapping();
    mapping.fields.push(mapped("category", ToTarget, "labels", Rule::Copy));
    let mut world = World::linked(mapping);
    world.edit("source category = hardware");
    world.run();
    world.edit("target labels = hardware, by_hand\nsource category = soft ware");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: Category changed in ServiceNow
      Labels: {"by_hand", "hardware"} → +["soft_ware"] -["hardware"] (Category changed in ServiceNow)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}
