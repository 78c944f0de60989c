//! The journal: its states, what finds a row, what recovery reads.

use lockstep_core::Side;
use lockstep_core::sync::LinkId;
use lockstep_store::tables::journal::{self, Finish, JournalRow, JournalState};
use lockstep_store::tables::locks;
use lockstep_store::{JournalId, Store, StoreErrorKind};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Ground, NOW, add_link, create_op, ground, in_memory, pair_key};

const STATES: [JournalState; 6] = [
    JournalState::Planned,
    JournalState::Sent,
    JournalState::Done,
    JournalState::Failed,
    JournalState::Unknown,
    JournalState::Void,
];

fn send(store: &Store, ground: Ground, op: &str, ticket: &str, server_ms: i64) -> JournalId {
    let op = create_op(ground, op, ticket);
    store.write(move |tx| journal::sent(tx, &op, server_ms)).wait().unwrap()
}

fn to(store: &Store, id: JournalId, state: JournalState) -> lockstep_store::Result<()> {
    store.write(move |tx| journal::set_state(tx, id, state)).wait()
}

fn row(store: &Store, id: JournalId) -> JournalRow {
    store.read(move |conn| journal::get(conn, id)).wait().unwrap().unwrap()
}

#[test]
fn a_row_reads_back_as_it_was_written() {
    let store = in_memory();
    let ground = ground(&store);
    let id = send(&store, ground, "op1", "t1", 77);
    let kept = row(&store, id);
    let op = create_op(ground, "op1", "t1");
    assert_eq!((kept.op_id, kept.call_id, kept.kind, kept.side), (op.op_id, op.call_id, op.kind, op.side));
    assert_eq!(
        (kept.pair_key, kept.tickets, kept.payload),
        (op.pair_key, op.tickets, Some(op.payload.read().unwrap()))
    );
    assert_eq!((kept.state, kept.sent_ms, kept.epoch), (JournalState::Sent, Some(77), ground.epoch));
    let again = create_op(ground, "op1", "t2");
    let twice = store.write(move |tx| journal::sent(tx, &again, 78)).wait().unwrap_err();
    assert_eq!(twice.kind, StoreErrorKind::Taken, "an op id is used once");
}

#[test]
fn v14_exactly_these_steps_exist() {
    let steps: Vec<String> = STATES
        .into_iter()
        .flat_map(|from| STATES.into_iter().filter(move |to| from.may_become(*to)).map(move |to| (from, to)))
        .map(|(from, to)| format!("{} -> {}", from.word(), to.word()))
        .collect();
    assert_eq!(
        steps,
        [
            "planned -> sent",
            "planned -> void",
            "sent -> planned",
            "sent -> done",
            "sent -> failed",
            "sent -> unknown",
            "sent -> void",
            "failed -> done",
            "unknown -> done",
            "unknown -> void",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// V14: whatever is tried, the store takes exactly the steps that exist, and lists the row as open accordingly.
    #[test]
    fn v14_no_row_skips_a_state(tried in proptest::collection::vec(0_usize..6, 0..12)) {
        let store = in_memory();
        let ground = ground(&store);
        let id = send(&store, ground, "op", "t", 1);
        let mut now = JournalState::Sent;
        for next in tried.into_iter().map(|at| STATES[at]) {
            let result = to(&store, id, next);
            if now.may_become(next) {
                result.unwrap();
                now = next;
            } else {
                prop_assert_eq!(result.unwrap_err().kind, StoreErrorKind::WrongState);
            }
            prop_assert_eq!(row(&store, id).state, now);
            let open = store.read(move |conn| journal::open_rows(conn, ground.connection)).wait().unwrap();
            prop_assert_eq!(open.len(), usize::from(now.is_open()));
        }
    }
}

#[test]
fn a_create_is_finished_with_its_link_in_one_closure() {
    let store = in_memory();
    let ground = ground(&store);
    let id = send(&store, ground, "op", "t1", 5);
    let link = store
        .write(move |tx| {
            tx.check_epoch(ground.epoch)?;
            let link = add_link(tx, ground.connection, "t1", "t2")?;
            let ticket = "t2".into();
            let finish = Finish {
                outcome: Some(&json!({"key": "CSD-1"})),
                link: Some(link),
                ticket: Some(&ticket),
                error: None,
            };
            journal::finish(tx, id, JournalState::Done, finish)?;
            Ok(link)
        })
        .wait()
        .unwrap();
    let kept = row(&store, id);
    assert_eq!(
        (kept.state, kept.link, kept.outcome),
        (JournalState::Done, Some(link), Some(json!({"key": "CSD-1"})))
    );
    assert_eq!((kept.tickets.source, kept.tickets.target), (Some("t1".into()), Some("t2".into())));
    let of_link = store.read(move |conn| journal::of_link(conn, link, 5)).wait().unwrap();
    assert_eq!(of_link.len(), 1);

    // A closure that fails takes the step back too.
    let next = send(&store, ground, "op2", "t3", 6);
    let failed = store.write(move |tx| {
        journal::finish(tx, next, JournalState::Done, Finish::default())?;
        add_link(tx, ground.connection, "t1", "t9").map(|_| ())
    });
    assert_eq!(failed.wait().unwrap_err().kind, StoreErrorKind::Taken);
    assert_eq!(row(&store, next).state, JournalState::Sent);
}

#[test]
fn h47_a_late_holder_journals_nothing() {
    let store = in_memory();
    let ground = ground(&store);
    store.write(|tx| locks::raise_epoch(tx, "the next one", NOW)).wait().unwrap();
    let op = create_op(ground, "late", "t");
    let late = store.write(move |tx| journal::sent(tx, &op, 1)).wait().unwrap_err();
    assert_eq!(late.kind, StoreErrorKind::EpochPassed);
    assert!(store.read(|conn| journal::by_op_id(conn, "late")).wait().unwrap().is_none());
}

#[test]
fn h4_look_ups_are_counted_and_the_first_is_remembered() {
    let store = in_memory();
    let ground = ground(&store);
    let id = send(&store, ground, "op", "t", 5);
    to(&store, id, JournalState::Unknown).unwrap();
    for (server_ms, count) in [(100, 1), (900, 2)] {
        assert_eq!(store.write(move |tx| journal::note_absent(tx, id, server_ms)).wait().unwrap(), count);
    }
    let kept = row(&store, id);
    assert_eq!((kept.absent_first_ms, kept.lookups), (Some(100), 2));
}

#[test]
fn rows_are_found_by_pair_key_call_and_time() {
    let store = in_memory();
    let ground = ground(&store);
    let first = send(&store, ground, "a", "t1", 10);
    to(&store, first, JournalState::Unknown).unwrap();
    to(&store, first, JournalState::Void).unwrap();
    let second = send(&store, ground, "b", "t1", 30);
    let third = send(&store, ground, "c", "t2", 20);
    for id in [second, third] {
        to(&store, id, JournalState::Done).unwrap();
    }
    let ids = |rows: Vec<JournalRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let of_key = store.read(|conn| journal::by_pair_key(conn, &pair_key("t1"))).wait().unwrap();
    assert_eq!(ids(of_key), [first], "what is done has made a link");
    let since = move |ms| {
        store.read(move |conn| journal::done_creates_since(conn, ground.connection, Side::Target, ms))
    };
    assert_eq!(ids(since(0).wait().unwrap()), [third, second], "by the server's time, not by number");
    assert_eq!(ids(since(25).wait().unwrap()), [second]);
}

#[test]
fn the_last_own_create_is_the_control() {
    let store = in_memory();
    let ground = ground(&store);
    let last = |store: &Store| {
        store
            .read(move |conn| journal::last_done_create(conn, ground.connection, Side::Target))
            .wait()
            .unwrap()
    };
    assert!(last(&store).is_none());
    let id = send(&store, ground, "a", "t1", 10);
    assert!(last(&store).is_none());
    to(&store, id, JournalState::Done).unwrap();
    assert_eq!(last(&store).unwrap().id, id);
}

#[test]
fn a_planned_row_waits_and_is_sent_again() {
    let store = in_memory();
    let ground = ground(&store);
    let op = create_op(ground, "op", "t");
    let id = store.write(move |tx| journal::plan(tx, &op)).wait().unwrap();
    assert_eq!(row(&store, id).sent_ms, None);
    store.write(move |tx| journal::send_planned(tx, id, 50)).wait().unwrap();
    to(&store, id, JournalState::Planned).unwrap();
    store.write(move |tx| journal::send_planned(tx, id, 90)).wait().unwrap();
    let kept = row(&store, id);
    assert_eq!((kept.state, kept.sent_ms), (JournalState::Sent, Some(90)));
    let missing = to(&store, JournalId(99), JournalState::Done).unwrap_err();
    assert_eq!(missing.kind, StoreErrorKind::NotFound);
    let orphan = store.write(move |tx| {
        let mut op = create_op(ground, "x", "t");
        op.link = Some(LinkId(99));
        journal::sent(tx, &op, 1)
    });
    assert_eq!(orphan.wait().unwrap_err().kind, StoreErrorKind::InUse);
}
