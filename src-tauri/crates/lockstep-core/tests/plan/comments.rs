//! Copies of comments and files: who reads them, and what is never sent twice.

use insta::assert_snapshot;
use lockstep_core::mapping::comments::CarryRow;
use lockstep_core::mapping::{Carry, EditedComments};
use lockstep_core::side::Side;
use lockstep_core::sync::link::LedgerState;
use lockstep_core::ticket::{Attachment, Visibility};

use crate::setup::mapping;
use crate::shown::shown;
use crate::world::{Answers, World};

const OPEN: CarryRow = CarryRow { public: Carry::Public, internal: Carry::Internal };

fn open() -> World {
    let mut mapping = mapping();
    (mapping.comments.source, mapping.comments.target) = (OPEN, OPEN);
    World::linked(mapping)
}

#[test]
fn by_default_public_becomes_internal_and_internal_stays() {
    let mut world = World::linked(mapping());
    world.edit("source says public: Hello\nsource says internal: Grr\ntarget says unknown: Hm");
    assert_snapshot!(shown(&world.run()), @"
    comment on the target, Internal: Mia, ServiceNow, 2026-01-01 00:05 UTC⏎⏎Hello
    ledger source sc2: Kept
    ledger target tc1: Kept
    ");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn customers_are_named_where_they_read() {
    let mut world = open();
    world.schemas.target.customers_read = true;
    world.edit("source says public: Hello\nsource says internal: Grr");
    assert_snapshot!(shown(&world.plan()), @"
    comment on the target, Public (customers see it): Mia, ServiceNow, 2026-01-01 00:05 UTC⏎⏎Hello
    comment on the target, Internal: Mia, ServiceNow, 2026-01-01 00:06 UTC⏎⏎Grr
    ");
}

#[test]
fn unknown_visibility_never_leaves() {
    let mut world = open();
    world.edit("source says unknown: Hm");
    assert_eq!(world.plan().operations, []);
}

#[test]
fn internal_comments_do_not_go_where_there_are_none() {
    let mut world = World::linked(mapping());
    world.schemas.target.internal_comments = false;
    world.edit("source says public: Hello");
    assert_snapshot!(shown(&world.run()), @"
    ledger source sc1: Kept
    notice NotCopied: a comment on INC1 stays there: Jira has no internal comments in this scope
    ");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn nothing_is_sent_on_the_strength_of_a_list_that_was_not_read() {
    // H18
    let mut world = open();
    world.edit("source says public: Hello");
    world.tickets.target.comments = None;
    assert_snapshot!(shown(&world.plan()), @"
    notice Unknown: a comment on INC1 waits: the comments in Jira could not be read
    notice Unknown: the comments of CSD-1 could not be read in Jira: none is copied yet
    ");
}

#[test]
fn a_copy_whose_answer_was_lost_is_found_by_its_ref() {
    // H33
    let mut world = open();
    world.edit("source says public: Hello");
    let plan = world.plan();
    world.carry_out_one(&plan.operations[0]);
    world.ledger.clear();
    assert_snapshot!(shown(&world.run()), @"ledger source sc1: Copied as tc1");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_copy_without_an_id_in_the_answer_is_completed() {
    let mut world = open();
    world.answers = Answers::Silent;
    world.edit("target says public: Hello");
    world.run();
    assert_snapshot!(shown(&world.run()), @"ledger target tc1: Copied as sc1");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn an_edit_after_a_lost_answer_is_not_taken_for_sent() {
    let mut world = open();
    world.edit("source says public: Hello");
    let plan = world.plan();
    world.carry_out_one(&plan.operations[0]);
    world.ledger.clear();
    world.rewrite(Side::Source, 0, "Hello all", Visibility::Public);
    world.run();
    assert_snapshot!(shown(&world.run()), @"edit tc1 on the target, Public: Mia, ServiceNow, 2026-01-01 00:05 UTC⏎⏎Hello all (Mia edited a comment in ServiceNow)");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn edits_are_carried_where_the_platform_can() {
    let mut world = open();
    world.edit("source says public: Hello");
    world.run();
    world.rewrite(Side::Source, 0, "Hello all", Visibility::Public);
    assert_snapshot!(shown(&world.run()), @"edit tc1 on the target, Public: Mia, ServiceNow, 2026-01-01 00:05 UTC⏎⏎Hello all (Mia edited a comment in ServiceNow)");
    assert_eq!(shown(&world.plan()), "nothing");
    world.mapping.comments.edited = EditedComments::Ignore;
    world.rewrite(Side::Source, 0, "Hello again", Visibility::Public);
    assert_eq!(world.plan().operations, []);
}

#[test]
fn edits_are_reported_where_the_platform_cannot() {
    let mut world = open();
    world.edit("target says public: Hello");
    world.run();
    world.rewrite(Side::Target, 0, "Hello all", Visibility::Public);
    assert_snapshot!(shown(&world.run()), @"
    ledger target tc1: Copied as sc1
    notice NotCopied: a comment of Mia was edited and keeps its old text in ServiceNow, which cannot change it
    ");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn narrowing_follows_and_widening_does_not() {
    // H38
    let mut world = open();
    world.edit("source says public: Hello\nsource says internal: Grr");
    world.run();
    world.rewrite(Side::Source, 0, "Hello", Visibility::Internal);
    world.rewrite(Side::Source, 1, "Grrr", Visibility::Public);
    assert_snapshot!(shown(&world.run()), @"
    edit tc1 on the target, Internal: Mia, ServiceNow, 2026-01-01 00:05 UTC⏎⏎Hello (Mia made a comment internal in ServiceNow)
    edit tc2 on the target, Internal: Mia, ServiceNow, 2026-01-01 00:06 UTC⏎⏎Grrr (Mia edited a comment in ServiceNow)
    ");
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_text_that_may_not_leave_does_not_leave_with_its_narrowing() {
    let mut world = open();
    world.mapping.comments.source.internal = Carry::No;
    world.edit("source says public: Hello");
    world.run();
    world.rewrite(Side::Source, 0, "Our margin is 40 %", Visibility::Internal);
    let plan = world.run();
    assert_snapshot!(shown(&plan), @"edit tc1 on the target, Internal: Mia, ServiceNow, 2026-01-01 00:05 UTC⏎⏎Hello (Mia made a comment internal in ServiceNow)");
    assert!(!shown(&plan).contains("margin"));
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn a_comment_kept_back_stays_back_when_it_becomes_public() {
    let mut world = World::linked(mapping());
    world.edit("source says internal: Grr");
    world.run();
    world.rewrite(Side::Source, 0, "Grr", Visibility::Public);
    assert_eq!(shown(&world.plan()), "nothing");
}

#[test]
fn what_our_user_wrote_and_nobody_explains_is_held() {
    // H37
    let mut world = open();
    world.edit("source says public: Doubled by a rule");
    world.tickets.source.comments.as_mut().expect("read")[0].by_us = true;
    assert_snapshot!(shown(&world.run()), @"
    ledger source sc1: Unexplained
    notice Unexplained: a comment on INC1 was written as our user and not by Lockstep: not copied
    ");
    assert_eq!(shown(&world.plan()), "nothing");
    let mut shared = open();
    shared.dedicated.source = false;
    shared.edit("source says public: Written by hand");
    shared.tickets.source.comments.as_mut().expect("read")[0].by_us = true;
    assert_eq!(shared.plan().operations.len(), 1);
}

#[test]
fn a_ref_in_a_persons_comment_is_a_quote() {
    // H35
    let mut world = open();
    world.edit("source says public: Hello");
    world.run();
    let reference = world.tickets.target.comments.as_ref().expect("read")[0].copy_of.clone();
    world.edit("target says public: As you said");
    world.tickets.target.comments.as_mut().expect("read")[1].copy_of = reference;
    assert_eq!(world.plan().operations.len(), 1, "{}", shown(&world.plan()));
}

#[test]
fn comments_there_before_linking_are_not_replayed() {
    // H42
    let mut world = open();
    world.edit("source says public: Old");
    let mut entry = world.plan().operations.remove(0);
    if let lockstep_core::sync::operation::OperationKind::Comment { entry, .. } = &mut entry.kind {
        entry.state = LedgerState::Accounted;
        world.ledger.push(entry.clone());
    }
    assert_eq!(shown(&world.plan()), "nothing");
    world.edit("source says public: New");
    assert_eq!(world.plan().operations.len(), 1);
}

#[test]
fn files_go_by_size_and_type_and_never_twice() {
    let mut world = World::linked(mapping());
    world.mapping.attachments.copy.source = true;
    world.mapping.attachments.bytes_max = 100;
    world.mapping.attachments.types = vec!["image/".into()];
    let file = |id: &str, mime: &str, size_bytes: u64| Attachment {
        id: id.into(),
        name: format!("{id}.bin"),
        mime: mime.to_owned(),
        size_bytes,
        author: None,
        by_us: false,
        created_ms: 0,
        sha256: None,
    };
    let files = vec![
        file("a", "image/png", 10),
        file("b", "image/png", 1000),
        file("c", "text/plain", 10),
        file("d", "image/png", 10),
    ];
    world.tickets.source.attachments = Some(files);
    assert_snapshot!(shown(&world.run()), @"
    file on the target: a.bin
    file on the target: d.bin
    ledger source b: Kept
    ledger source c: Kept
    notice NotCopied: b.bin (1000 bytes) on INC1 is left out: it is larger than the limit
    notice NotCopied: c.bin (10 bytes) on INC1 is left out: its type is not copied
    ");
    assert_eq!(shown(&world.plan()), "nothing");
    world.tickets.target.attachments = Some(vec![file("x", "image/png", 10)]);
    assert_eq!(world.plan().operations, [], "files of the target stay there");
}
