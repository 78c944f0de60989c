//! Cursors, pending tickets, decisions.

use lockstep_core::connector::Cursor;
use lockstep_core::{Side, TicketId};
use lockstep_store::tables::pending::{NewPending, Pending, PendingReason};
use lockstep_store::tables::seen::Seen;
use lockstep_store::tables::{cursors, pending, seen};
use lockstep_store::{Feed, Store, StoreError, StoreErrorKind};
use serde_json::json;

use crate::support::{NOW, ground, in_memory, servicenow};

fn feed(store: &Store) -> Feed {
    Feed::new(ground(store).connection, "Incident", Side::Source)
}

fn add(
    store: &Store,
    feed: &Feed,
    ticket: &'static str,
    reason: PendingReason,
    not_before_ms: i64,
    now_ms: i64,
) {
    let feed = feed.clone();
    let work = store.write(move |tx| {
        let (account, ticket) = (servicenow(), TicketId::from(ticket));
        let new = NewPending {
            feed: &feed,
            account: &account,
            ticket: &ticket,
            reason,
            detail: "why, in a sentence",
            not_before_ms,
            run: None,
        };
        pending::add(tx, new, now_ms)
    });
    work.wait().unwrap();
}

fn due(store: &Store, feed: &Feed, now_ms: i64, limit: u32) -> Vec<Pending> {
    let feed = feed.clone();
    store.read(move |conn| pending::due(conn, &feed, now_ms, limit)).wait().unwrap()
}

#[test]
fn h43_cursor_and_pending_list_move_together() {
    let store = in_memory();
    let feed = feed(&store);
    let cursor = Cursor(json!({"at": "2026-11-20 08:00:00", "id": "a"}));
    let (place, next) = (feed.clone(), cursor.clone());
    let broken = store.write(move |tx| {
        cursors::put(tx, &place, &next, NOW)?;
        Err::<(), _>(StoreError::new(StoreErrorKind::Invalid, "the pending row could not be written"))
    });
    assert!(broken.wait().is_err());
    let place = feed.clone();
    assert_eq!(store.read(move |conn| cursors::get(conn, &place)).wait().unwrap(), None);
    let (place, next) = (feed.clone(), cursor.clone());
    store.write(move |tx| cursors::put(tx, &place, &next, NOW)).wait().unwrap();
    let place = feed.clone();
    assert_eq!(store.read(move |conn| cursors::get(conn, &place)).wait().unwrap(), Some((cursor, NOW)));
    let other = Feed { side: Side::Target, ..feed.clone() };
    assert_eq!(store.read(move |conn| cursors::get(conn, &other)).wait().unwrap(), None);
    let place = feed.clone();
    store.write(move |tx| cursors::remove(tx, &place)).wait().unwrap();
    assert_eq!(store.read(move |conn| cursors::get(conn, &feed)).wait().unwrap(), None);
}

#[test]
fn a_pending_ticket_counts_its_tries_and_keeps_its_beginning() {
    let store = in_memory();
    let feed = feed(&store);
    add(&store, &feed, "1", PendingReason::Failed, 100, NOW);
    add(&store, &feed, "1", PendingReason::Lag, 200, NOW + 9);
    let kept = due(&store, &feed, 200, 10).remove(0);
    assert_eq!(
        (kept.since_ms, kept.tries, kept.reason, kept.not_before_ms),
        (NOW, 2, PendingReason::Lag, 200)
    );
    assert!(due(&store, &feed, 199, 10).is_empty());
    let (place, connection) = (feed.clone(), feed.connection);
    assert!(store.write(move |tx| pending::remove(tx, &place, &"1".into())).wait().unwrap());
    assert!(!store.write(move |tx| pending::remove(tx, &feed, &"1".into())).wait().unwrap());
    assert_eq!(store.read(move |conn| pending::count(conn, connection)).wait().unwrap(), 0);
}

#[test]
fn due_tickets_come_longest_wait_first_and_the_list_in_pages() {
    let store = in_memory();
    let feed = feed(&store);
    for (ticket, at) in [("c", 1), ("a", 3), ("b", 2), ("d", 99)] {
        add(&store, &feed, ticket, PendingReason::Moved, at, NOW);
    }
    let tickets = |rows: Vec<Pending>| rows.into_iter().map(|row| row.ticket.0).collect::<Vec<_>>();
    assert_eq!(tickets(due(&store, &feed, 10, 2)), ["c", "b"]);
    let connection = feed.connection;
    let first = store.read(move |conn| pending::list(conn, connection, None, 3)).wait().unwrap();
    assert_eq!(tickets(first.clone()), ["a", "b", "c"]);
    let last = first[2].clone();
    let after = move |conn: &lockstep_store::Connection| {
        pending::list(conn, connection, Some((&last.feed.type_mapping, last.feed.side, &last.ticket)), 3)
    };
    assert_eq!(tickets(store.read(after).wait().unwrap()), ["d"]);
    assert_eq!(store.write(move |tx| pending::wake(tx, connection)).wait().unwrap(), 4);
    assert_eq!(due(&store, &feed, 0, 10).len(), 4);
    let one = store.read(move |conn| pending::get(conn, &feed, &"d".into())).wait().unwrap();
    assert_eq!(one.unwrap().detail, "why, in a sentence");
}

#[test]
fn h44_decisions_of_another_revision_are_found() {
    let store = in_memory();
    let feed = feed(&store);
    let place = feed.clone();
    store
        .write(move |tx| {
            for (ticket, revision) in [("1", "r1"), ("2", "r2"), ("3", "r3"), ("4", "r1"), ("5", "r2")] {
                let decision = Seen {
                    ticket: ticket.into(),
                    rule_revision: revision.to_owned(),
                    decision: "filter does not hold".to_owned(),
                    seen_ms: NOW,
                };
                seen::put(tx, &place, &servicenow(), &decision)?;
            }
            Ok(())
        })
        .wait()
        .unwrap();
    let other = |after: Option<&'static str>, limit| {
        let place = feed.clone();
        let found = store.read(move |conn| {
            seen::of_other_revision(conn, &place, "r2", after.map(TicketId::from).as_ref(), limit)
        });
        found.wait().unwrap().into_iter().map(|ticket| ticket.0).collect::<Vec<_>>()
    };
    assert_eq!(other(None, 10), ["1", "3", "4"]);
    assert_eq!(other(None, 2), ["1", "3"]);
    assert_eq!(other(Some("3"), 10), ["4"]);
    let place = feed.clone();
    let many =
        store.read(move |conn| seen::get_many(conn, &place, &["2".into(), "9".into()])).wait().unwrap();
    assert_eq!(many.keys().map(TicketId::as_str).collect::<Vec<_>>(), ["2"]);
    let place = feed.clone();
    assert_eq!(store.write(move |tx| seen::adopt_revision(tx, &place, "r2")).wait().unwrap(), 3);
    assert!(other(None, 10).is_empty());
    let place = feed.clone();
    store.write(move |tx| seen::remove(tx, &place, &"1".into())).wait().unwrap();
    assert_eq!(store.read(move |conn| seen::get(conn, &feed, &"1".into())).wait().unwrap(), None);
}
