//! People, and what waits for people: conflicts, quarantine.

use lockstep_core::PersonId;
use lockstep_core::ticket::Person;
use lockstep_store::StoreErrorKind;
use lockstep_store::tables::conflicts::ConflictState;
use lockstep_store::tables::people::{Counterpart, Wanted};
use lockstep_store::tables::{conflicts, people, quarantine};
use serde_json::json;

use crate::support::{NOW, add_link, conflict, ground, in_memory, jira, quarantined, servicenow};

fn person(id: &str) -> Person {
    Person {
        id: id.into(),
        name: "Mia Okafor".to_owned(),
        email: Some("mia@corvane.example".to_owned()),
        active: true,
    }
}

#[test]
fn people_and_their_counterparts_are_kept() {
    let store = in_memory();
    let (from, to, mia) = (servicenow(), jira(), PersonId::from("u1"));
    store
        .write(move |tx| {
            let wanted = Wanted { from: &from, person: &mia, to: &to };
            people::put(tx, &from, &person("u1"), NOW)?;
            assert_eq!(people::get(tx, &from, &mia)?, Some((person("u1"), NOW)));
            assert_eq!(people::found(tx, wanted)?, None);
            for found in [Counterpart::Nobody, Counterpart::Several(2), Counterpart::One(person("5b10"))] {
                people::put_found(tx, wanted, &found, NOW + 1)?;
                assert_eq!(people::found(tx, wanted)?, Some((found, NOW + 1)));
            }
            assert_eq!(people::found_all(tx, &from, &to)?.len(), 1);
            assert!(people::found_all(tx, &to, &from)?.is_empty(), "a direction of its own");
            people::put_manual(tx, wanted, None, NOW)?;
            assert_eq!(people::manual(tx, &from, &to)?, [(mia.clone(), None)]);
            people::put_manual(tx, wanted, Some(&"5b10".into()), NOW)?;
            assert_eq!(people::manual(tx, &from, &to)?, [(mia.clone(), Some("5b10".into()))]);
            people::remove_manual(tx, wanted)?;
            assert!(people::manual(tx, &from, &to)?.is_empty());
            Ok(())
        })
        .wait()
        .unwrap();
}

#[test]
fn h23_a_decision_is_bound_to_what_was_shown() {
    let store = in_memory();
    let connection = ground(&store).connection;
    store
        .write(move |tx| {
            let link = add_link(tx, connection, "1", "2")?;
            let id = conflicts::note(tx, connection, link, &conflict("low"), NOW)?;
            assert_eq!(
                conflicts::note(tx, connection, link, &conflict("low"), NOW + 1)?,
                id,
                "one per field"
            );
            conflicts::decide(tx, id, &conflict("low"), &json!({"take": "source"}), NOW + 2)?;
            conflicts::note(tx, connection, link, &conflict("low"), NOW + 3)?;
            assert_eq!(
                conflicts::get(tx, id)?.unwrap().state,
                ConflictState::Decided,
                "nothing moved: it stands"
            );
            assert_eq!(conflicts::count_open(tx, connection)?, 0);
            conflicts::note(tx, connection, link, &conflict("highest"), NOW + 4)?;
            let kept = conflicts::get(tx, id)?.unwrap();
            assert_eq!(
                (kept.state, kept.decision, kept.found_ms),
                (ConflictState::Open, None, NOW),
                "asked again"
            );
            let late = conflicts::decide(tx, id, &conflict("low"), &json!({}), NOW + 5).unwrap_err();
            assert_eq!(late.kind, StoreErrorKind::WrongState);
            assert_eq!(conflicts::list(tx, connection, None, 10)?.len(), 1);
            conflicts::close(tx, id, NOW + 6)?;
            assert!(conflicts::of_link(tx, link)?.is_empty());
            assert_ne!(
                conflicts::note(tx, connection, link, &conflict("low"), NOW + 7)?,
                id,
                "a closed one stays"
            );
            assert_eq!(conflicts::count_open(tx, connection)?, 1);
            Ok(())
        })
        .wait()
        .unwrap();
}

#[test]
fn quarantine_holds_a_subject_once() {
    let store = in_memory();
    let connection = ground(&store).connection;
    store
        .write(move |tx| {
            let what = quarantined(connection, "new:source:1");
            let id = quarantine::put(tx, &what, NOW)?;
            assert_eq!(quarantine::put(tx, &what, NOW + 1)?, id);
            let kept = quarantine::get(tx, connection, "new:source:1")?.unwrap();
            assert_eq!((kept.tries, kept.since_ms, &kept.what), (2, NOW, &what));
            assert_eq!(quarantine::by_id(tx, id)?, Some(kept));
            assert_eq!(
                (quarantine::count(tx, connection)?, quarantine::list(tx, connection, None, 9)?.len()),
                (1, 1)
            );
            assert!(quarantine::remove(tx, connection, "new:source:1")?);
            assert!(!quarantine::remove(tx, connection, "new:source:1")?);
            Ok(())
        })
        .wait()
        .unwrap();
}
