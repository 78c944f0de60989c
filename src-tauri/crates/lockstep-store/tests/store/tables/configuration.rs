//! Accounts, connections, schemas, settings, audit.

use lockstep_core::connector::{Identity, Scope};
use lockstep_core::schema::Schema;
use lockstep_core::side::Pair;
use lockstep_core::ticket::Person;
use lockstep_store::tables::accounts::AccountDraft;
use lockstep_store::tables::{accounts, audit, connections, schemas, settings};
use lockstep_store::{Revision, StoreErrorKind};
use serde_json::json;

use crate::support::{NOW, draft, ground, in_memory, servicenow};

fn identity() -> Identity {
    Identity {
        instance: "https://corvane.example".to_owned(),
        us: Person { id: "u1".into(), name: "Lockstep".to_owned(), email: None, active: true },
        time_zone: Some("Europe/Berlin".to_owned()),
        skew_ms: -250,
    }
}

#[test]
fn an_account_is_kept_changed_and_removed() {
    let store = in_memory();
    let ground = ground(&store);
    let spare = store.write(|tx| accounts::add(tx, &draft("Spare", "jira"), NOW)).wait().unwrap();
    let taken = store.write(|tx| accounts::add(tx, &draft("Spare", "jira"), NOW)).wait().unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken);
    assert!(taken.message.contains("Spare"));

    store
        .write(move |tx| accounts::set_identity(tx, spare, &servicenow(), &identity(), NOW + 1))
        .wait()
        .unwrap();
    let kept = store.read(move |conn| accounts::get(conn, spare)).wait().unwrap().unwrap();
    assert_eq!((kept.fingerprint, kept.identity), (Some(servicenow()), Some(identity())));

    let renamed = draft("Renamed", "jira");
    store.write(move |tx| accounts::update(tx, spare, &renamed, NOW + 2)).wait().unwrap();
    let kept = store.read(|conn| accounts::by_name(conn, "Renamed")).wait().unwrap().unwrap();
    assert_eq!((kept.id, kept.updated_ms, kept.fingerprint.is_some()), (spare, NOW + 2, true));

    let moved = AccountDraft { base_url: "https://evil.example".to_owned(), ..draft("Renamed", "jira") };
    store.write(move |tx| accounts::update(tx, spare, &moved, NOW + 3)).wait().unwrap();
    let kept = store.read(move |conn| accounts::get(conn, spare)).wait().unwrap().unwrap();
    assert_eq!(
        (kept.fingerprint, kept.identity),
        (None, None),
        "another address: sign-in is asked again (T16)"
    );

    store.write(move |tx| accounts::remove(tx, spare)).wait().unwrap();
    let in_use = store.write(move |tx| accounts::remove(tx, ground.accounts.source)).wait().unwrap_err();
    assert_eq!(in_use.kind, StoreErrorKind::InUse);
    store.write(move |tx| connections::remove(tx, ground.connection, NOW)).wait().unwrap();
    store.write(move |tx| accounts::remove(tx, ground.accounts.source)).wait().unwrap();
    let next = store.write(|tx| accounts::add(tx, &draft("Next", "jira"), NOW)).wait().unwrap();
    assert!(next > spare, "an id never comes back, so a stale secret fits nothing new");
    assert_eq!(store.read(accounts::list).wait().unwrap().len(), 2);
}

#[test]
fn a_connection_gains_a_revision_only_when_its_document_changes() {
    let store = in_memory();
    let ground = ground(&store);
    let save = |document: serde_json::Value| {
        store
            .write(move |tx| {
                connections::save(tx, "Corvane to Platform", ground.accounts, &document, NOW + 5)
            })
            .wait()
            .unwrap()
    };
    assert_eq!(save(json!({"v": 1})), (ground.connection, Revision(1)));
    assert_eq!(save(json!({"v": 2})), (ground.connection, Revision(2)));
    let kept = store.read(connections::list).wait().unwrap().remove(0);
    assert_eq!((kept.revision, kept.document, kept.saved_ms), (Revision(2), json!({"v": 2}), NOW + 5));
    assert!(!kept.automatic);
    let first =
        store.read(move |conn| connections::version(conn, ground.connection, Revision(1))).wait().unwrap();
    assert_eq!(first, Some((json!({"v": 1}), NOW)));
    let versions = store.read(move |conn| connections::versions(conn, ground.connection)).wait().unwrap();
    assert_eq!(versions, [(Revision(2), NOW + 5), (Revision(1), NOW)]);
}

#[test]
fn a_connection_is_renamed_switched_and_removed() {
    let store = in_memory();
    let ground = ground(&store);
    store.write(move |tx| connections::set_automatic(tx, ground.connection, true)).wait().unwrap();
    let swapped = Pair { source: ground.accounts.target, target: ground.accounts.source };
    let other =
        store.write(move |tx| connections::save(tx, "Back", swapped, &json!({}), NOW)).wait().unwrap().0;
    let taken = store
        .write(move |tx| connections::update(tx, other, "Corvane to Platform", swapped, &json!({}), NOW))
        .wait()
        .unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken);
    store
        .write(move |tx| connections::update(tx, other, "Way back", swapped, &json!({}), NOW))
        .wait()
        .unwrap();
    assert_eq!(store.read(connections::list).wait().unwrap().len(), 2);

    store.write(move |tx| connections::remove(tx, ground.connection, NOW + 9)).wait().unwrap();
    let again = store.write(move |tx| connections::remove(tx, ground.connection, NOW)).wait().unwrap_err();
    assert_eq!(again.kind, StoreErrorKind::NotFound);
    assert_eq!(store.read(connections::list).wait().unwrap().len(), 1);
    let removed = store.read(move |conn| connections::get(conn, ground.connection)).wait().unwrap().unwrap();
    assert_eq!((removed.removed_ms, removed.automatic), (Some(NOW + 9), false));
    let anew = store
        .write(move |tx| connections::save(tx, "Corvane to Platform", ground.accounts, &json!({}), NOW))
        .wait()
        .unwrap();
    assert_ne!(anew.0, ground.connection, "the name is free again, the old row stays");
}

#[test]
fn the_newest_schema_of_a_scope_is_kept() {
    let store = in_memory();
    let account = ground(&store).accounts.target;
    let scope = Scope { container: "CSD".to_owned(), ticket_type: "10001".to_owned(), request_type: None };
    for taken_ms in [NOW, NOW + 1] {
        let scope = scope.clone();
        store
            .write(move |tx| schemas::put(tx, account, &scope, &Schema::default(), taken_ms))
            .wait()
            .unwrap();
    }
    let kept = store.read(move |conn| schemas::get(conn, account, &scope)).wait().unwrap().unwrap();
    assert_eq!((kept.schema, kept.taken_ms), (Schema::default(), NOW + 1));
}

#[test]
fn settings_and_audit_lines_are_kept() {
    let store = in_memory();
    store.write(|tx| settings::put(tx, "every_min", &5, NOW)).wait().unwrap();
    store.write(|tx| settings::put(tx, "theme", "dark", NOW)).wait().unwrap();
    assert_eq!(store.read(|conn| settings::get::<u32>(conn, "every_min")).wait().unwrap(), Some(5));
    let wrong = store.read(|conn| settings::get::<u32>(conn, "theme")).wait().unwrap_err();
    assert_eq!(wrong.kind, StoreErrorKind::Data);
    store.write(|tx| settings::remove(tx, "theme")).wait().unwrap();
    assert_eq!(store.read(settings::list).wait().unwrap(), [("every_min".to_owned(), json!(5))]);
    for at in 0..5 {
        store
            .write(move |tx| audit::add(tx, NOW + at, "window", "Unlinked two tickets", &json!({"n": at})))
            .wait()
            .unwrap();
    }
    let first = store.read(|conn| audit::list(conn, None, 3)).wait().unwrap();
    assert_eq!(first.iter().map(|line| line.at_ms - NOW).collect::<Vec<_>>(), [4, 3, 2]);
    let before = first[2].id;
    assert_eq!(store.read(move |conn| audit::list(conn, Some(before), 3)).wait().unwrap().len(), 2);
}
