//! Links, tombstones, bases, ledgers.

use lockstep_core::Side;
use lockstep_core::side::Pair;
use lockstep_core::sync::{FieldBase, LedgerEntry, LedgerKind, LedgerState, LinkId, LinkState};
use lockstep_core::ticket::{Value, Version, Visibility};
use lockstep_store::tables::links::{LinkFilter, Sight, StoredLink};
use lockstep_store::tables::pending::{self, NewPending, PendingReason};
use lockstep_store::tables::standing::{self, Standing};
use lockstep_store::tables::{bases, conflicts, connections, ledger, links, quarantine};
use lockstep_store::{ConnectionId, Feed, Store, StoreErrorKind};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{self, NOW, accounts, add_link, ground, in_memory, jira, pair_key, servicenow};

fn add(store: &Store, connection: ConnectionId, source: &'static str, target: &'static str) -> LinkId {
    store.write(move |tx| add_link(tx, connection, source, target)).wait().unwrap()
}

fn get(store: &Store, id: LinkId) -> StoredLink {
    store.read(move |conn| links::get(conn, id)).wait().unwrap().unwrap()
}

fn set_state(store: &Store, id: LinkId, state: LinkState) -> lockstep_store::Result<()> {
    store.write(move |tx| links::set_state(tx, id, &state)).wait()
}

#[test]
fn a_link_reads_back_as_it_was_written() {
    let store = in_memory();
    let connection = ground(&store).connection;
    let id = add(&store, connection, "1", "2");
    let mut expected = support::link(connection, "1", "2");
    expected.id = id;
    let kept = get(&store, id);
    assert_eq!((&kept.link, &kept.accounts), (&expected, &accounts()));
    assert_eq!(kept.pair_key(), pair_key("1"));
    for (account, ticket) in [(servicenow(), "1"), (jira(), "2")] {
        let found = store.read(move |conn| links::by_ticket(conn, &account, &ticket.into())).wait().unwrap();
        assert_eq!(found, std::slice::from_ref(&kept));
    }
    let none = store.read(|conn| links::by_ticket(conn, &jira(), &"1".into())).wait().unwrap();
    assert!(none.is_empty(), "an id means nothing without its account");
}

#[test]
fn a_ticket_has_one_link_to_another_account() {
    let store = in_memory();
    let ground = ground(&store);
    let connection = ground.connection;
    add(&store, connection, "1", "2");
    for (source, target) in [("1", "3"), ("9", "2")] {
        let error = store.write(move |tx| add_link(tx, connection, source, target)).wait().unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Taken);
        assert!(error.message.contains("INC1") && error.message.contains("CSD-2"), "{error}");
    }
    // The same two accounts the other way round: ticket 2 stands on the source side there.
    let swapped = Pair { source: ground.accounts.target, target: ground.accounts.source };
    let back =
        store.write(move |tx| connections::save(tx, "Back", swapped, &json!({}), NOW)).wait().unwrap().0;
    let error = store.write(move |tx| {
        let accounts = Pair { source: jira(), target: servicenow() };
        links::insert(tx, &support::link(back, "2", "77"), &accounts, &support::titles(), &json!({}))
    });
    assert_eq!(error.wait().unwrap_err().kind, StoreErrorKind::Taken);
}

#[test]
fn every_state_reads_back() {
    let store = in_memory();
    let id = add(&store, ground(&store).connection, "1", "2");
    for state in [
        LinkState::Parked("waits for its mapping".to_owned()),
        LinkState::NotVisible("CSD-2 is deleted or hidden".to_owned()),
        LinkState::Merged("into CSD-9".to_owned()),
        LinkState::Ended("unlinked".to_owned()),
        LinkState::Live,
    ] {
        set_state(&store, id, state.clone()).unwrap();
        assert_eq!(get(&store, id).link.state, state);
    }
}

#[test]
fn h13_a_tombstone_blocks_and_a_revival_is_checked() {
    let store = in_memory();
    let connection = ground(&store).connection;
    let blocked = |ticket: &'static str| {
        store.read(move |conn| links::blocked(conn, &servicenow(), &ticket.into(), &jira())).wait().unwrap()
    };
    assert_eq!(blocked("1"), None);
    let old = add(&store, connection, "1", "2");
    set_state(&store, old, LinkState::Ended("undone".to_owned())).unwrap();
    assert_eq!(blocked("1").unwrap().link.id, old);
    // "Create again" is a person's act: the next generation may be linked beside the tombstone.
    let new = store
        .write(move |tx| {
            let mut link = support::link(connection, "1", "3");
            link.generation = 1;
            links::insert(tx, &link, &accounts(), &support::titles(), &json!({"by": "mia"}))
        })
        .wait()
        .unwrap();
    assert_eq!(blocked("1").unwrap().link.id, new, "a link comes before a tombstone");
    assert_eq!(set_state(&store, old, LinkState::Live).unwrap_err().kind, StoreErrorKind::Taken);
    set_state(&store, new, LinkState::Ended("unlinked".to_owned())).unwrap();
    assert_eq!(blocked("1").unwrap().link.generation, 1, "the newest tombstone counts");
    set_state(&store, old, LinkState::Live).unwrap();
    let all = store.read(|conn| links::by_ticket(conn, &servicenow(), &"1".into())).wait().unwrap();
    assert_eq!(all.iter().map(|link| link.link.id).collect::<Vec<_>>(), [old, new], "tombstones last");
}

#[test]
fn h16_versions_only_rise() {
    let store = in_memory();
    let id = add(&store, ground(&store).connection, "1", "2");
    let set = |side, stamp_ms, counter| {
        store
            .write(move |tx| links::set_version(tx, id, side, Version { stamp_ms, counter }))
            .wait()
            .unwrap();
        get(&store, id).link.versions[side]
    };
    assert_eq!(
        set(Side::Source, 5, Some(4)),
        Version { stamp_ms: 5, counter: Some(4) },
        "the counter decides"
    );
    assert_eq!(set(Side::Source, 99, Some(3)), Version { stamp_ms: 5, counter: Some(4) });
    assert_eq!(set(Side::Target, 19, None), Version { stamp_ms: 20, counter: None });
    assert_eq!(set(Side::Target, 21, None), Version { stamp_ms: 21, counter: None });
}

#[test]
fn what_is_seen_of_a_pair_is_kept_in_one_write() {
    let store = in_memory();
    let id = add(&store, ground(&store).connection, "1", "2");
    let note = |sight: Sight, now_ms| {
        store.write(move |tx| links::note_sight(tx, id, &sight, now_ms)).wait().unwrap();
        let shown = store.read(move |conn| links::shown(conn, id)).wait().unwrap().unwrap();
        (shown.stored.link.versions, shown.titles, shown.synced_ms)
    };
    let version = |stamp_ms, counter| Some(Version { stamp_ms, counter });
    let (versions, titles, synced_ms) = note(Sight::default(), NOW + 1);
    assert_eq!((versions, &titles, synced_ms), (get(&store, id).link.versions, &support::titles(), NOW));
    let risen = Sight {
        versions: Pair { source: version(11, Some(4)), target: version(19, None) },
        titles: Pair { source: Some("Printer is out".to_owned()), target: None },
        in_step: true,
        wrote: false,
    };
    let (versions, titles, synced_ms) = note(risen.clone(), NOW + 2);
    assert_eq!(versions.source, Version { stamp_ms: 11, counter: Some(4) });
    assert_eq!(versions.target, Version { stamp_ms: 20, counter: None }, "a lower one changes nothing");
    assert_eq!(titles, Pair { source: "Printer is out".to_owned(), target: "Printer on fire".to_owned() });
    assert_eq!(synced_ms, NOW + 2);
    assert_eq!(note(risen.clone(), NOW + 3).2, NOW + 2, "nothing new was seen");
    assert_eq!(note(Sight { wrote: true, ..risen.clone() }, NOW + 4).2, NOW + 4);
    let troubled =
        Sight { versions: Pair { source: version(12, Some(5)), target: None }, in_step: false, ..risen };
    let (versions, _, synced_ms) = note(troubled, NOW + 5);
    assert_eq!((versions.source.stamp_ms, synced_ms), (12, NOW + 4));
}

#[test]
fn links_are_listed_searched_and_walked() {
    let store = in_memory();
    let connection = ground(&store).connection;
    for (source, target) in [("10", "1"), ("11", "2"), ("12", "31")] {
        add(&store, connection, source, target);
    }
    set_state(&store, LinkId(2), LinkState::Parked("private".to_owned())).unwrap();
    let page = |filter: LinkFilter| store.read(move |conn| links::page(conn, &filter, 0, 10)).wait().unwrap();
    let keys = |filter| page(filter).into_iter().map(|line| line.keys.target).collect::<Vec<_>>();
    assert_eq!(keys(LinkFilter::default()), ["CSD-1", "CSD-2", "CSD-31"]);
    assert_eq!(keys(LinkFilter { search: "csd-3".to_owned(), ..LinkFilter::default() }), ["CSD-31"]);
    assert_eq!(keys(LinkFilter { search: " inc11 ".to_owned(), ..LinkFilter::default() }), ["CSD-2"]);
    set_state(&store, LinkId(1), LinkState::Ended("unlinked".to_owned())).unwrap();
    let present = LinkFilter { without_ended: true, ..LinkFilter::default() };
    assert_eq!(keys(present.clone()), ["CSD-2", "CSD-31"]);
    let second = present.clone();
    let last = store.read(move |conn| links::page(conn, &second, 1, 1)).wait().unwrap();
    assert_eq!(last[0].keys.target, "CSD-31", "the offset counts those that are listed");
    assert_eq!(store.read(move |conn| links::count(conn, &present)).wait().unwrap(), 2);
    set_state(&store, LinkId(1), LinkState::Live).unwrap();
    let parked = LinkFilter {
        state: Some("parked".to_owned()),
        connection: Some(connection),
        ..LinkFilter::default()
    };
    assert_eq!(keys(parked.clone()), ["CSD-2"]);
    assert_eq!(store.read(move |conn| links::count(conn, &parked)).wait().unwrap(), 1);
    let by_key = |key: &'static str, of| {
        let found = store.read(move |conn| links::by_key(conn, of, key)).wait().unwrap();
        found.into_iter().map(|found| found.link.id.0).collect::<Vec<_>>()
    };
    assert_eq!(by_key(" csd-1 ", Some(connection)), [1], "the whole key, in any case");
    assert_eq!((by_key("INC12", None), by_key("INC1", None)), (vec![3], vec![]));
    assert_eq!(by_key("CSD-1", Some(ConnectionId(99))), [0; 0]);
    let walked = store.read(move |conn| links::walk(conn, connection, Some(LinkId(1)), 10)).wait().unwrap();
    assert_eq!(walked.iter().map(|link| link.link.id.0).collect::<Vec<_>>(), [2, 3]);
    store.write(|tx| links::set_marker_due(tx, LinkId(1), false)).wait().unwrap();
    let due = store.read(move |conn| links::marker_due(conn, connection, 10)).wait().unwrap();
    assert_eq!(due.len(), 2);
}

#[test]
fn a_link_stands_as_what_of_it_waits() {
    let store = in_memory();
    let connection = ground(&store).connection;
    let ids: Vec<LinkId> = [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5"), ("6", "6")]
        .map(|(source, target)| add(&store, connection, source, target))
        .to_vec();
    let [_, waiting, conflict, held, hidden, both] = ids[..] else { panic!("six links") };
    store
        .write(move |tx| {
            let account = jira();
            let wait = |ticket: &str, reason, detail| {
                let feed = Feed::new(connection, "Incident", Side::Target);
                let ticket = ticket.into();
                let new = NewPending {
                    feed: &feed,
                    account: &account,
                    ticket: &ticket,
                    reason,
                    detail,
                    not_before_ms: 0,
                    run: None,
                };
                pending::add(tx, new, NOW)
            };
            wait("2", PendingReason::Lag, "it waits for the index")?;
            wait("3", PendingReason::Decision, "somebody must decide")?;
            let found = support::conflict("low");
            conflicts::note(tx, connection, conflict, &found, NOW)?;
            let decided = conflicts::note(tx, connection, both, &found, NOW)?;
            conflicts::decide(tx, decided, &found, &json!({}), NOW)?;
            let mut what = support::quarantined(connection, "link:4");
            what.link = Some(held);
            quarantine::put(tx, &what, NOW)?;
            conflicts::note(tx, connection, held, &found, NOW)?;
            wait("4", PendingReason::Failed, "tried again")?;
            links::set_state(tx, hidden, &LinkState::NotVisible("deleted or hidden".to_owned()))
        })
        .wait()
        .unwrap();
    let of = |id| {
        let stored = get(&store, id);
        store.read(move |conn| standing::of(conn, &stored)).wait().unwrap()
    };
    assert_eq!(of(waiting), (Standing::Waiting, "it waits for the index".to_owned()));
    assert_eq!(of(conflict), (Standing::Conflict, "changed on both sides: Priority".to_owned()));
    assert_eq!(of(held), (Standing::Quarantined, "refused".to_owned()));
    assert_eq!(of(hidden), (Standing::NotVisible, "deleted or hidden".to_owned()));
    assert_eq!(of(both), (Standing::InStep, String::new()), "what is decided asks for nobody");
    let mut listed = 0;
    for wanted in [
        Standing::InStep,
        Standing::Waiting,
        Standing::Conflict,
        Standing::Quarantined,
        Standing::NotVisible,
        Standing::Parked,
        Standing::Ended,
    ] {
        for search in ["", "printer"] {
            let filter =
                LinkFilter { standing: Some(wanted), search: search.to_owned(), ..LinkFilter::default() };
            let counted = filter.clone();
            let lines = store.read(move |conn| links::page(conn, &filter, 0, 10)).wait().unwrap();
            let count = store.read(move |conn| links::count(conn, &counted)).wait().unwrap();
            assert_eq!(count as usize, lines.len());
            assert!(lines.iter().all(|line| of(line.id).0 == wanted), "{wanted:?}: {lines:?}");
            listed += lines.len();
        }
    }
    assert_eq!(listed, 12, "each link is in one list");
}

#[test]
fn titles_are_searched_in_any_case() {
    let store = in_memory();
    let connection = ground(&store).connection;
    let titles = Pair { source: "Ärger im Büro".to_owned(), target: "Pump telemetry late".to_owned() };
    store
        .write(move |tx| {
            links::insert(tx, &support::link(connection, "1", "2"), &accounts(), &titles, &json!({}))?;
            add_link(tx, connection, "3", "4")
        })
        .wait()
        .unwrap();
    for (search, found) in
        [("ÄRGER im bÜro", 1), (" TELEMETRY ", 1), ("printer", 1), ("csd-", 2), ("no such", 0), ("", 2)]
    {
        let filter = LinkFilter { search: search.to_owned(), ..LinkFilter::default() };
        assert_eq!(store.read(move |conn| links::count(conn, &filter)).wait().unwrap(), found, "{search}");
    }
}

#[test]
fn a_link_is_handed_over_and_renamed() {
    let store = in_memory();
    let ground = ground(&store);
    let id = add(&store, ground.connection, "1", "2");
    let other = store
        .write(move |tx| connections::save(tx, "Other", ground.accounts, &json!({}), NOW))
        .wait()
        .unwrap()
        .0;
    store
        .write(move |tx| {
            links::set_place(tx, id, other, "Request")?;
            links::set_keys(tx, id, &Pair { source: "REQ1".to_owned(), target: "OPS-7".to_owned() })?;
            links::set_extras(tx, id, &json!({"note": 1}))
        })
        .wait()
        .unwrap();
    let kept = get(&store, id);
    assert_eq!((kept.link.connection, kept.link.type_mapping.as_str()), (other.0, "Request"));
    assert_eq!((kept.link.keys.target.as_str(), kept.extras), ("OPS-7", json!({"note": 1})));
    let missing = store.write(|tx| links::set_marker_due(tx, LinkId(99), false)).wait().unwrap_err();
    assert_eq!(missing.kind, StoreErrorKind::NotFound);
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Empty),
        any::<String>().prop_map(Value::Text),
        any::<String>().prop_map(Value::Rich),
        "[a-z0-9]{1,8}".prop_map(Value::Choice),
        proptest::collection::btree_set(any::<String>(), 0..4).prop_map(Value::Set),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::DateTime),
        proptest::collection::vec(any::<String>().prop_map(Value::Text), 0..3).prop_map(Value::Many),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_base_reads_back(source in any_value(), target in any_value(), replaced in any_value(), mapping in any::<String>()) {
        let store = in_memory();
        let link = add(&store, ground(&store).connection, "1", "2");
        let mut base = FieldBase::agreed("r1", source, target);
        base.replaced = Some((Side::Target, replaced));
        base.unsettled = Some(Side::Source);
        let (key, kept) = (mapping.clone(), base.clone());
        store.write(move |tx| bases::put(tx, link, &key, &kept)).wait().unwrap();
        let read = store.read(move |conn| bases::of(conn, link)).wait().unwrap();
        prop_assert_eq!(read.get(&mapping), Some(&base));
    }

    #[test]
    fn any_ledger_entry_reads_back(
        id in any::<String>(), copy in proptest::option::of(any::<String>()), edited_ms in any::<i64>(),
        kind in prop_oneof![Just(LedgerKind::Comment), Just(LedgerKind::Attachment)],
        side in prop_oneof![Just(Side::Source), Just(Side::Target)],
        state in prop_oneof![
            Just(LedgerState::Copied), Just(LedgerState::Accounted), Just(LedgerState::Kept), Just(LedgerState::Unexplained),
        ],
        visibility in prop_oneof![Just(Visibility::Public), Just(Visibility::Internal), Just(Visibility::Unknown)],
    ) {
        let store = in_memory();
        let link = add(&store, ground(&store).connection, "1", "2");
        let entry = LedgerEntry { kind, side, id, copy, state, edited_ms, hash: "0123456789abcdef".to_owned(), visibility };
        let kept = entry.clone();
        store.write(move |tx| ledger::put(tx, link, &kept)).wait().unwrap();
        prop_assert_eq!(store.read(move |conn| ledger::of(conn, link)).wait().unwrap(), [entry]);
    }
}

#[test]
fn bases_of_many_links_and_of_a_removed_mapping() {
    let store = in_memory();
    let connection = ground(&store).connection;
    let (one, two) = (add(&store, connection, "1", "2"), add(&store, connection, "3", "4"));
    store
        .write(move |tx| {
            for (link, mapping) in [(one, "summary"), (one, "state"), (two, "state")] {
                bases::put(tx, link, mapping, &FieldBase::agreed("r", Value::Empty, Value::Empty))?;
            }
            Ok(())
        })
        .wait()
        .unwrap();
    let many = move |store: &Store| {
        store.read(move |conn| bases::of_many(conn, &[one, two, LinkId(99)])).wait().unwrap()
    };
    assert_eq!(many(&store).values().map(|bases| bases.len()).collect::<Vec<_>>(), [2, 1, 0]);
    let removed =
        store.write(move |tx| bases::remove_mapping(tx, connection, "Incident", "state")).wait().unwrap();
    assert_eq!(removed, 2);
    store.write(move |tx| bases::remove(tx, one, "summary")).wait().unwrap();
    assert!(many(&store).values().all(|bases| bases.is_empty()));
    let orphan = store
        .write(|tx| bases::put(tx, LinkId(99), "x", &FieldBase::agreed("r", Value::Empty, Value::Empty)));
    assert_eq!(orphan.wait().unwrap_err().kind, StoreErrorKind::InUse, "no base without its link");
}

#[test]
fn a_known_copy_is_found_from_either_end() {
    let store = in_memory();
    let link = add(&store, ground(&store).connection, "1", "2");
    let entry = |copy: Option<&str>| LedgerEntry {
        kind: LedgerKind::Comment,
        side: Side::Source,
        id: "c1".to_owned(),
        copy: copy.map(str::to_owned),
        state: LedgerState::Copied,
        edited_ms: 1,
        hash: "0".repeat(16),
        visibility: Visibility::Public,
    };
    for copy in [Some("900"), None] {
        let entry = entry(copy);
        store.write(move |tx| ledger::put(tx, link, &entry)).wait().unwrap();
    }
    let copies = |side| {
        store.read(move |conn| ledger::copies_on(conn, link, LedgerKind::Comment, side)).wait().unwrap()
    };
    assert_eq!(copies(Side::Target), ["900"], "an entry that does not name the copy does not forget it");
    assert!(copies(Side::Source).is_empty());
    let found =
        store.read(|conn| ledger::by_copy(conn, LedgerKind::Comment, Side::Source, "900")).wait().unwrap();
    assert_eq!(found, [(link, entry(Some("900")))]);
}
