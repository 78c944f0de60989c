//! Fields of a linked pair.

use insta::assert_snapshot;
use lockstep_core::Value;
use lockstep_core::mapping::{
    DescriptionLayout, DescriptionLine, MatrixCell, OnConflict, Otherwise, Rule, TypeMapping, WhenEmpty,
    Write,
};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::base::FLIPS_MAX;
use lockstep_core::sync::plan::Decided;

use crate::setup::{Both, ToSource, ToTarget, mapped, mapping, pair, values};
use crate::shown::shown;
use crate::world::{Answers, World};

fn with(field: lockstep_core::mapping::FieldMapping) -> TypeMapping {
    let mut mapping = mapping();
    mapping.fields.push(field);
    mapping
}

fn title(on_conflict: OnConflict) -> TypeMapping {
    let mut mapping = mapping();
    mapping.fields[0].on_conflict = on_conflict;
    mapping
}

#[test]
fn nothing_changed_nothing_is_planned() {
    let world = World::linked(mapping());
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_change_of_one_side_goes_over() {
    let mut world = World::linked(mapping());
    world.edit("source title = Printer on fire");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: Short description changed in ServiceNow
      Summary: "Printer" → "Printer on fire" (Short description changed in ServiceNow)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("target summary = Printer is out");
    assert_snapshot!(shown(&world.run()), @r#"
    update the source: Summary changed in Jira
      Short description: "Printer on fire" → "Printer is out" (Summary changed in Jira)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn both_sides_to_the_same_is_agreement() {
    let mut world = World::linked(mapping());
    world.edit("source title = Scanner\ntarget summary = Scanner");
    assert_snapshot!(shown(&world.run()), @r#"base title=summary: "Scanner" / "Scanner""#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn both_sides_to_different_things_is_a_conflict() {
    let mut world = World::linked(mapping());
    world.edit("source title = Scanner\ntarget summary = Plotter");
    assert_snapshot!(shown(&world.plan()), @r#"conflict Short description: "Printer" / "Printer" is now "Scanner" / "Plotter""#);
    world.mapping = title(OnConflict::TargetWins);
    assert_snapshot!(shown(&world.run()), @r#"
    update the source: Summary changed in Jira
      Short description: "Scanner" → "Plotter" (Summary changed in Jira)
    base title=summary: "Printer" / "Printer"
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_decision_counts_for_the_values_that_were_shown() {
    // H23
    let mut world = World::linked(mapping());
    world.edit("source title = Scanner\ntarget summary = Plotter");
    let conflict = world.plan().conflicts.remove(0);
    let decided = Decided { base: conflict.base, now: conflict.now, winner: Some(Side::Source) };
    world.decided.insert(conflict.mapping, decided);
    assert_snapshot!(shown(&world.plan()), @r#"
    update the target: Short description changed in ServiceNow
      Summary: "Plotter" → "Scanner" (Short description changed in ServiceNow)
    "#);
    world.edit("target summary = Laser");
    assert_snapshot!(shown(&world.plan()), @r#"conflict Short description: "Printer" / "Printer" is now "Scanner" / "Laser""#);
}

#[test]
fn a_decision_to_leave_both_moves_the_base() {
    let mut world = World::linked(mapping());
    world.edit("source title = Scanner\ntarget summary = Plotter");
    let conflict = world.plan().conflicts.remove(0);
    world.decided.insert(conflict.mapping, Decided { base: conflict.base, now: conflict.now, winner: None });
    assert_snapshot!(shown(&world.run()), @r#"base title=summary: "Scanner" / "Plotter""#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_decision_that_cannot_be_carried_stays_open() {
    let rule = values(vec![pair("1", Both, "h"), pair("2", Both, "m")]);
    let mut world = World::linked(with(mapped("impact", Both, "priority", rule)));
    world.edit("source impact = 1\ntarget priority = h");
    world.settle();
    world.edit("source impact = 2\ntarget priority = l");
    let conflict = world.plan().conflicts.remove(0);
    let decided = Decided { base: conflict.base, now: conflict.now, winner: Some(Side::Target) };
    world.decided.insert(conflict.mapping, decided);
    assert_snapshot!(shown(&world.plan()), @"
    conflict Impact: 1 / h is now 2 / l
    notice Unmapped: what Impact holds in Jira cannot be carried over
    ");
}

#[test]
fn what_cannot_be_read_decides_nothing() {
    // H18
    let mut world = World::linked(mapping());
    world.edit("source title = Scanner\ntarget summary = ?");
    assert_snapshot!(shown(&world.plan()), @"notice Unknown: the target side cannot be read");
    world.edit("target summary = Printer");
    assert_snapshot!(shown(&world.plan()), @r#"
    update the target: Short description changed in ServiceNow
      Summary: "Printer" → "Scanner" (Short description changed in ServiceNow)
    "#);
}

#[test]
fn one_way_leaves_edits_of_the_receiving_side() {
    let mut world = World::linked(with(mapped("vendor", ToTarget, "vendor", Rule::Copy)));
    world.edit("source vendor = Acme");
    world.run();
    world.edit("target vendor = Globex");
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("source vendor = Initech");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: Vendor changed in ServiceNow
      Vendor: "Globex" → "Initech" (Vendor changed in ServiceNow)
    "#);
    world.mapping.fields[2].enforce = true;
    assert_eq!(shown(&world.run()).lines().filter(|line| line.starts_with("update")).count(), 0);
    world.edit("target vendor = Globex");
    assert_snapshot!(shown(&world.plan()), @r#"
    update the target: ServiceNow decides Vendor
      Vendor: "Globex" → "Initech" (ServiceNow decides Vendor)
    "#);
}

#[test]
fn a_fixed_value_is_enforced_where_that_is_asked() {
    let mut fixed = mapped("", ToTarget, "vendor", Rule::Constant { value: "Acme".into() });
    fixed.enforce = true;
    let mut world = World::linked(with(fixed));
    world.edit("target vendor = Acme");
    world.settle();
    world.edit("target vendor = Globex");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: its value is fixed
      Vendor: "Globex" → "Acme" (its value is fixed)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_mapping_may_act_in_a_status_alone() {
    let mut notes = mapped("notes", ToTarget, "vendor", Rule::Copy);
    notes.write = Write::WhileStatus(vec!["2".into()]);
    let mut world = World::linked(with(notes));
    world.edit("source notes = Fan replaced");
    assert_eq!(shown(&world.plan()), "nothing", "not yet");
    world.edit("source state = 2");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: Close notes changed in ServiceNow
      Vendor: empty → "Fan replaced" (Close notes changed in ServiceNow)
    step the target: todo → doing (State changed in ServiceNow)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_value_without_a_pair_is_reported_and_waits_for_its_pair() {
    // I2, H22: mending the mapping does not lose the change that waits.
    let rule = |more: bool| {
        let mut pairs = vec![pair("1", Both, "h")];
        pairs.extend(more.then(|| pair("2", Both, "l")));
        values(pairs)
    };
    let mut world = World::linked(with(mapped("impact", Both, "priority", rule(false))));
    world.edit("source impact = 1\ntarget priority = h");
    world.settle();
    world.edit("source impact = 2");
    assert_snapshot!(shown(&world.run()), @r#"notice Unmapped: Impact is "2" in ServiceNow, and that value has no pair"#);
    world.mapping.fields[2].rule = rule(true);
    assert_snapshot!(shown(&world.run()), @"
    update the target: Impact changed in ServiceNow
      Priority: h → l (Impact changed in ServiceNow)
    base impact=priority: 1 / h
    ");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_mapping_whose_meaning_changed_renews_without_writing() {
    // H22
    let rule = |one: &str, two: &str| values(vec![pair("1", Both, one), pair("2", Both, two)]);
    let mut world = World::linked(with(mapped("impact", Both, "priority", rule("h", "l"))));
    world.edit("source impact = 1\ntarget priority = h");
    world.settle();
    world.mapping.fields[2].rule = rule("l", "h");
    assert_snapshot!(shown(&world.run()), @"base impact=priority: 1 / h");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn everything_else_can_be_left_or_given_a_value() {
    let rule = |otherwise| Rule::Values {
        pairs: vec![pair("1", ToTarget, "h")],
        otherwise,
        otherwise_back: Otherwise::Ask,
    };
    let scene = |otherwise| {
        let mut world = World::linked(with(mapped("impact", ToTarget, "priority", rule(otherwise))));
        world.edit("source impact = 2");
        world.run()
    };
    assert_snapshot!(shown(&scene(Otherwise::Leave)), @"base impact=priority: 2 / empty");
    assert_snapshot!(shown(&scene(Otherwise::Use("m".into()))), @"
    update the target: Impact changed in ServiceNow
      Priority: empty → m (Impact changed in ServiceNow)
    ");
}

#[test]
fn a_matrix_decides_by_all_its_fields() {
    let cell = |one: &str, two: &str, then: &str| MatrixCell {
        when: vec![one.into(), two.into()],
        then: then.into(),
    };
    let rule =
        Rule::Matrix { cells: vec![cell("1", "1", "h"), cell("1", "2", "m")], otherwise: Otherwise::Ask };
    let mut world = World::linked(with(mapped("impact+urgency", ToTarget, "priority", rule)));
    world.edit("source impact = 1\nsource urgency = 2");
    assert_snapshot!(shown(&world.run()), @"
    update the target: Impact and Urgency changed in ServiceNow
      Priority: empty → m (Impact and Urgency changed in ServiceNow)
    ");
    world.edit("source impact = 2");
    assert_snapshot!(shown(&world.plan()), @r#"notice Unmapped: Impact and Urgency is "2 × 2" in ServiceNow, and that value has no pair"#);
}

#[test]
fn people_go_over_when_they_are_there() {
    let mut world = World::linked(with(mapped("owner", Both, "assignee", Rule::Person { fallback: None })));
    world.edit("source owner = mia.s");
    assert_snapshot!(shown(&world.run()), @"
    update the target: Assigned to changed in ServiceNow
      Assignee: empty → @mia.t (Assigned to changed in ServiceNow)
    ");
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("source owner = nobody.s");
    assert_snapshot!(shown(&world.run()), @"
    update the target: Assigned to changed in ServiceNow
      Assignee: @mia.t → empty (Assigned to changed in ServiceNow)
    ");
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("source owner = stranger.s");
    assert_snapshot!(shown(&world.plan()), @"notice Unknown: who this is on the other side was not looked up");
}

fn built() -> TypeMapping {
    let line = |label: &str, field: &str, when_empty| DescriptionLine {
        label: label.into(),
        field: Some(field.into()),
        when_empty,
    };
    let layout = DescriptionLayout {
        lines: vec![
            line("Impact", "impact", WhenEmpty::LeaveOut),
            line("Vendor", "vendor", WhenEmpty::Show("none".into())),
        ],
        original: "text".into(),
    };
    with(mapped("text", ToTarget, "description", Rule::Description(layout)))
}

#[test]
fn a_built_description_follows_its_inputs_while_it_is_our_own() {
    // H28
    let mut world = World::linked(built());
    world.edit("source text = It *burns*\nsource impact = 1");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: Description changed in ServiceNow
      Description: empty → "Impact: 1\\\nVendor: none\n\n___\n\nIt \\*burns\\*" (Description changed in ServiceNow)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("target description = Somebody wrote this");
    assert_eq!(shown(&world.plan()), "nothing", "left as it is");
    world.edit("source impact = 2");
    assert_snapshot!(shown(&world.plan()), @"notice EditedThere: Description was edited in Jira: Lockstep leaves it as it is");
}

#[test]
fn composed_text_follows_its_placeholders() {
    let rule = Rule::Text { template: "{key}, impact {impact}".into() };
    let mut world = World::linked(with(mapped("", ToTarget, "environment", rule)));
    world.edit("source impact = 1");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: what it is composed of changed in ServiceNow
      Environment: empty → "INC1, impact 1" (what it is composed of changed in ServiceNow)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_lossy_copy_never_replaces_its_original_by_itself() {
    // H27
    let mut world = World::linked(with(mapped("text", Both, "description", Rule::Copy)));
    world.edit("target description = Try **this** first");
    assert_snapshot!(shown(&world.run()), @r#"
    update the source: Description changed in Jira
      Description: empty → "Try this first" (Description changed in Jira)
    "#);
    world.edit("source text = Try this second");
    assert_snapshot!(shown(&world.plan()), @r#"conflict Description: "Try this first" / "Try **this** first" is now "Try this second" / "Try **this** first""#);
    let mut world = World::linked(with(mapped("text", Both, "description", Rule::Copy)));
    world.edit("target description = plain words");
    world.run();
    world.edit("source text = plainer words");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: Description changed in ServiceNow
      Description: "plain words" → "plainer words" (Description changed in ServiceNow)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_long_text_is_cut_and_the_cut_is_marked() {
    let mut world = World::linked(mapping());
    world.edit("target summary = The printer on the third floor is burning again");
    assert_snapshot!(shown(&world.run()), @r#"
    update the source: Summary changed in Jira
      Short description: "Printer" → "The printer on the third floor is burni…" (Summary changed in Jira)
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("source title = The printer is cold");
    assert_eq!(world.plan().conflicts.len(), 1, "the cut copy does not replace the whole title by itself");
}

#[test]
fn a_write_without_an_answer_is_settled_by_the_next_reading() {
    // H14
    let mut world = World::linked(mapping());
    world.answers = Answers::Silent;
    world.edit("source title = Scanner");
    world.run();
    assert_snapshot!(shown(&world.plan()), @r#"base title=summary: "Scanner" / "Scanner""#);
    world.edit("target summary = Plotter");
    world.ours_alone.target = false;
    assert_snapshot!(shown(&world.plan()), @r#"
    update the source: Summary changed in Jira
      Short description: "Scanner" → "Plotter" (Summary changed in Jira)
    base title=summary: "Scanner" / "Scanner"
    "#);
}

#[test]
fn a_platform_that_answers_back_is_stopped() {
    // H25: a rule on Jira puts the old value back after each of our writes.
    let mut mapping = with(mapped("vendor", ToTarget, "vendor", Rule::Copy));
    mapping.fields[2].enforce = true;
    let mut world = World::linked(mapping);
    world.edit("source vendor = Acme");
    let mut writes = 0;
    for _ in 0..20 {
        writes += world.run().operations.len();
        world.edit("target vendor = Globex");
    }
    assert!(writes <= FLIPS_MAX as usize + 2, "{writes} writes");
    assert_snapshot!(shown(&world.plan()), @"notice Flapping: Vendor goes back and forth between the same two values: stopped on this ticket");
}

#[test]
fn two_platforms_that_answer_each_other_are_stopped() {
    // H25: each side has a rule that undoes what arrives.
    let mut world = World::linked(with(mapped("vendor", Both, "vendor", Rule::Copy)));
    world.edit("source vendor = Acme");
    let mut writes = 0;
    for round in 0..20 {
        let plan = world.run();
        writes += plan.operations.len();
        if plan.operations.is_empty() {
            continue;
        }
        let rule = if round % 2 == 0 { "target vendor = Globex" } else { "source vendor = Acme" };
        world.edit(rule);
    }
    assert!(writes <= 2 * (FLIPS_MAX as usize + 2), "{writes} writes");
}

#[test]
fn a_private_or_closed_ticket_is_parked() {
    let mut world = World::linked(mapping());
    world.edit("source title = Secret\nsource says public: words");
    world.tickets.source.private = true;
    assert_snapshot!(shown(&world.plan()), @r"
    ledger source sc1: Accounted
    notice Parked: INC1 is private: nothing leaves it and nothing is written; 1 of its comments and files stay there for good
    ");
    world.tickets.source.private = false;
    world.tickets.target.immutable = Some("it is archived".into());
    assert_snapshot!(shown(&world.plan()), @"notice Parked: CSD-1 cannot be changed any more: it is archived");
}

#[test]
fn a_mapping_to_the_source_mirrors_one_to_the_target() {
    let mut world = World::linked(with(mapped("vendor", ToSource, "vendor", Rule::Copy)));
    world.edit("target vendor = Acme\nsource vendor = Globex");
    assert_snapshot!(shown(&world.run()), @r#"
    update the source: Vendor changed in Jira
      Vendor: "Globex" → "Acme" (Vendor changed in Jira)
    "#);
    world.edit("source vendor = Globex");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn fields_are_compared_by_value_not_by_stamp() {
    // H17
    let mut world = World::linked(mapping());
    world.tickets.target.fields.insert("summary".into(), Value::text("Written in the same second"));
    assert_eq!(world.plan().operations.len(), 1);
    let versions = world.plan().versions;
    assert_eq!(versions, Pair { source: Some(Default::default()), target: Some(Default::default()) });
}
