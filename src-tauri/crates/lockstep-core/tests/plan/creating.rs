//! New tickets.

use insta::assert_snapshot;
use lockstep_core::Value;
use lockstep_core::mapping::{Condition, Filter, NoMatch, Operator, Rule, Template, Write};
use lockstep_core::side::Side;

use crate::setup::{Both, ToTarget, mapped, mapping, pair, values};
use crate::shown::shown;
use crate::world::{Answers, World};

fn fresh(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::unlinked(mapping());
    change(&mut world);
    world.edit("source title = Printer\nsource state = 1");
    world
}

fn condition(field: &str, value: &str) -> Condition {
    Condition { field: field.into(), operator: Operator::Is, values: vec![value.to_owned()] }
}

fn template(name: &str, conditions: Vec<Condition>) -> Template {
    Template {
        name: name.to_owned(),
        conditions: Filter { all: conditions, any: vec![] },
        set: Default::default(),
        container: None,
    }
}

#[test]
fn a_new_ticket_is_created_and_then_in_step() {
    let mut world = fresh(|_| {});
    world.edit("source says public: Help\nsource says internal: He is angry");
    assert_snapshot!(shown(&world.run()), @r#"
    create on the target in CSD: INC1 is new in ServiceNow
      Summary: empty → "Printer"
      Status: empty → todo
      base title=summary: "Printer" / "Printer", target unsettled
      base state=status: 1 / todo, target unsettled
    comment on the target, Internal: Mia, ServiceNow, 2026-01-01 00:03 UTC⏎⏎Help
    ledger source sc2: Kept
    "#);
    assert_eq!(shown(&world.plan()).lines().filter(|line| !line.starts_with("base")).count(), 0);
    world.run();
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_status_on_the_way_is_walked_after_the_create() {
    let mut world = fresh(|_| {});
    world.edit("source state = 6\nsource notes = Fan");
    assert_snapshot!(shown(&world.run()), @r#"
    create on the target in CSD: INC1 is new in ServiceNow
      Summary: empty → "Printer"
      Status: empty → done
      first step todo → doing
      base title=summary: "Printer" / "Printer", target unsettled
      base state=status: empty / doing, target unsettled
    step the target, closes it: doing → done with resolution "Fan" (its status in ServiceNow)
    "#);
    world.run();
    assert_eq!(shown(&world.plan()), "nothing");
    assert_eq!(world.tickets.target.value(&"status".into()), Some(&Value::choice("done")));
}

#[test]
fn a_status_that_cannot_be_reached_is_said_again_until_it_can() {
    let mut world = fresh(|world| world.schemas.target.workflow.steps.retain(|step| step.to != "done"));
    world.edit("source state = 6");
    assert_snapshot!(shown(&world.run()), @r#"
    create on the target in CSD: INC1 is new in ServiceNow
      Summary: empty → "Printer"
      base title=summary: "Printer" / "Printer", target unsettled
      base state=status: empty / todo, target unsettled
    notice Unreachable: Jira has no way from To Do to Done; reachable from there: In Progress
    "#);
    world.run();
    assert_snapshot!(shown(&world.plan()), @"notice Unreachable: Jira has no way from To Do to Done; reachable from there: In Progress");
}

#[test]
fn the_first_template_that_catches_it_makes_the_ticket() {
    let make = |impact: &str, no_match: NoMatch| {
        let mut world = fresh(|world| {
            let mut urgent = template("Urgent", vec![condition("impact", "1")]);
            urgent.container = Some("OPS".into());
            urgent.set.insert("priority".into(), "h".into());
            urgent.set.insert("summary".into(), "Urgent!".into());
            world.mapping.templates = vec![urgent, template("Never", vec![condition("impact", "x")])];
            world.mapping.no_match = no_match;
        });
        world.edit(&format!("source impact = {impact}"));
        world.plan()
    };
    assert_snapshot!(shown(&make("1", NoMatch::DoNotCreate)), @r#"
    create on the target in OPS: INC1 is new in ServiceNow
      Status: empty → todo
      Priority: empty → h (set by the template Urgent)
      Summary: empty → "Urgent!" (set by the template Urgent)
      base state=status: 1 / todo, target unsettled
      base title=summary: "Printer" / "Urgent!", target unsettled
    "#);
    assert_snapshot!(shown(&make("2", NoMatch::DoNotCreate)), @"notice NotCreated: no template's conditions hold");
    assert_snapshot!(shown(&make("?", NoMatch::DoNotCreate)), @"notice NotCreated: template Urgent needs impact, which cannot be read");
    assert!(!make("2", NoMatch::Use("Never".into())).is_quiet());
    assert_snapshot!(shown(&make("2", NoMatch::Use("Gone".into()))), @"notice NotCreated: the fallback template Gone does not exist");
}

#[test]
fn reasons_not_to_create() {
    let why = |change: fn(&mut World)| shown(&fresh(change).plan());
    assert_snapshot!(why(|world| world.mapping.templates.clear()), @"notice NotCreated: there is no template for new tickets in Jira");
    assert_snapshot!(why(|world| world.tickets.source.private = true), @"notice NotCreated: it is private");
    assert_snapshot!(why(|world| world.tickets.source.immutable = Some("it is closed".into())), @"notice NotCreated: it cannot be changed any more: it is closed");
    assert_snapshot!(why(|world| world.mapping.filter.source.all = vec![condition("impact", "1")]), @"notice NotCreated: the filter leaves it out: not (impact is 1)");
    assert!(
        !why(|world| {
            world.tickets.source.private = true;
            world.mapping.include_private = true;
        })
        .contains("NotCreated")
    );
}

#[test]
fn a_value_without_a_pair_is_said_again_after_the_create() {
    let mut world = fresh(|world| {
        world.mapping.fields.push(mapped("impact", Both, "priority", values(vec![pair("1", Both, "h")])));
    });
    world.edit("source impact = 2");
    assert_snapshot!(shown(&world.run()), @r#"
    create on the target in CSD: INC1 is new in ServiceNow
      Summary: empty → "Printer"
      Status: empty → todo
      base title=summary: "Printer" / "Printer", target unsettled
      base state=status: 1 / todo, target unsettled
      base impact=priority: empty / empty, target unsettled
    notice Unmapped: Priority is left empty: "2" has no pair
    "#);
    world.run();
    assert_snapshot!(shown(&world.plan()), @r#"notice Unmapped: Impact is "2" in ServiceNow, and that value has no pair"#);
    let pairs = values(vec![pair("1", Both, "h"), pair("2", Both, "l")]);
    world.mapping.fields[2].rule = pairs;
    assert_snapshot!(shown(&world.run()), @"
    update the target: Impact changed in ServiceNow
      Priority: empty → l (Impact changed in ServiceNow)
    base impact=priority: empty / empty
    ");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_default_of_the_platform_is_no_edit() {
    // H14: nothing was sent, the platform filled the field in.
    let rule = values(vec![pair("1", Both, "h"), pair("2", Both, "m")]);
    let mut world = fresh(|world| world.mapping.fields.push(mapped("impact", Both, "priority", rule)));
    world.run();
    world.edit("target priority = m");
    assert_eq!(world.plan().operations, [], "{}", shown(&world.plan()));
    world.ours_alone.target = false;
    assert_eq!(world.plan().operations.len(), 1, "somebody chose it");
}

#[test]
fn what_a_create_cannot_take_is_written_right_after_it() {
    let mut world = fresh(|world| {
        world.mapping.fields.push(mapped("vendor", ToTarget, "vendor", Rule::Copy));
        world.schemas.target.fields.get_mut(&"vendor".into()).expect("there").on_create = false;
    });
    world.edit("source vendor = Acme");
    assert_snapshot!(shown(&world.run()), @r#"
    create on the target in CSD: INC1 is new in ServiceNow
      Summary: empty → "Printer"
      Status: empty → todo
      base title=summary: "Printer" / "Printer", target unsettled
      base state=status: 1 / todo, target unsettled
      base vendor=vendor: empty / empty, target unsettled
    update the target: a create in Jira does not take these fields
      Vendor: empty → "Acme"
    "#);
    world.run();
    assert_eq!(shown(&world.plan()), "nothing");
    assert_eq!(world.tickets.target.value(&"vendor".into()), Some(&Value::text("Acme")));
}

#[test]
fn what_acts_in_a_status_waits_for_it() {
    let mut world = fresh(|world| {
        let mut notes = mapped("notes", ToTarget, "vendor", Rule::Copy);
        notes.write = Write::WhileStatus(vec!["2".into()]);
        let mut fixed = mapped("", ToTarget, "environment", Rule::Constant { value: "live".into() });
        fixed.write = Write::WhileStatus(vec!["2".into()]);
        world.mapping.fields.extend([notes, fixed]);
    });
    world.edit("source notes = Fan");
    assert_snapshot!(shown(&world.run()), @r#"
    create on the target in CSD: INC1 is new in ServiceNow
      Summary: empty → "Printer"
      Status: empty → todo
      base title=summary: "Printer" / "Printer", target unsettled
      base state=status: 1 / todo, target unsettled
      base notes=vendor: empty / empty, target unsettled
      base =environment: empty / empty, target unsettled
    "#);
    world.run();
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("source state = 2");
    assert_snapshot!(shown(&world.run()), @r#"
    update the target: Close notes changed in ServiceNow; its value is fixed
      Vendor: empty → "Fan" (Close notes changed in ServiceNow)
      Environment: empty → "live" (its value is fixed)
    step the target: todo → doing (State changed in ServiceNow)
    base notes=vendor: empty / empty
    base =environment: empty / empty
    "#);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_create_without_an_answer_leaves_bases_to_settle() {
    let mut world = fresh(|world| world.answers = Answers::Silent);
    world.run();
    world.edit("target summary = Printer!");
    world.ours_alone.target = false;
    assert_snapshot!(shown(&world.plan()), @r#"
    update the source: Summary changed in Jira
      Short description: "Printer" → "Printer!" (Summary changed in Jira)
    base title=summary: "Printer" / "Printer"
    base state=status: 1 / todo
    "#);
}

#[test]
fn standing_tells_own_tickets_from_peoples() {
    use lockstep_core::marker::Marker;
    use lockstep_core::sync::create::{Standing, pair_key, standing};
    use lockstep_core::ticket::MarkerRead;
    let world = fresh(|_| {});
    let (rules, us, prints) = (world.rules(), "us".into(), world.fingerprints());
    let judge = |marker: MarkerRead, ours: bool, dedicated: bool| {
        let setting = lockstep_core::sync::plan::Setting {
            rules: &rules,
            people: &world.people,
            capabilities: world.capabilities.as_ref(),
            fingerprints: prints.as_ref(),
            us: lockstep_core::side::Pair { source: &us, target: &us },
            dedicated: lockstep_core::side::Pair { source: dedicated, target: dedicated },
            store: "0badcafe",
        };
        let mut ticket = world.tickets.source.clone();
        ticket.marker = marker;
        ticket.created_by = Some(if ours { "us".into() } else { "mia".into() });
        standing(&ticket, Side::Source, setting)
    };
    let marker = |own: Option<&str>| Marker {
        pair: pair_key(
            &"t9".into(),
            Side::Target,
            0,
            lockstep_core::sync::plan::Setting {
                rules: &rules,
                people: &world.people,
                capabilities: world.capabilities.as_ref(),
                fingerprints: prints.as_ref(),
                us: lockstep_core::side::Pair { source: &us, target: &us },
                dedicated: Default::default(),
                store: "0badcafe",
            },
        ),
        store: "0badcafe".into(),
        op: None,
        own: own.map(Into::into),
        passed: vec![],
        ended: false,
    };
    assert_eq!(judge(MarkerRead::Absent, false, true), Standing::New);
    assert_eq!(judge(MarkerRead::Absent, true, true), Standing::UnexplainedOwn, "H8");
    assert_eq!(judge(MarkerRead::Absent, true, false), Standing::New, "a shared account");
    assert_eq!(
        judge(MarkerRead::Ours(marker(Some("s1"))), false, true),
        Standing::Marked(marker(Some("s1")))
    );
    assert_eq!(
        judge(MarkerRead::Ours(marker(Some("s7"))), false, true),
        Standing::New,
        "a copied marker, H6"
    );
    assert_eq!(judge(MarkerRead::Ours(marker(None)), false, true), Standing::New, "on a person's ticket, H6");
    assert_eq!(judge(MarkerRead::Ours(marker(None)), true, true), Standing::Marked(marker(None)));
    assert!(matches!(judge(MarkerRead::Unknown, false, true), Standing::Unknown(_)), "H18");
}
