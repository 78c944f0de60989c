//! The owner thread: groups, savepoints, failures that hurt only themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lockstep_store::tables::{locks, settings};
use lockstep_store::{Answer, Epoch, Store, StoreError, StoreErrorKind};

use crate::support::{NOW, ground, in_memory, place};

fn stores() -> Vec<(Store, Option<tempfile::TempDir>)> {
    let threads = tempfile::tempdir().unwrap();
    let inline = tempfile::tempdir().unwrap();
    vec![
        (Store::open(&place(threads.path())).unwrap(), Some(threads)),
        (Store::open_inline(&place(inline.path())).unwrap(), Some(inline)),
        (in_memory(), None),
    ]
}

#[test]
fn a_failure_hurts_only_itself() {
    for (store, _dir) in stores() {
        let answers: Vec<Answer<()>> = (0..100)
            .map(|at| {
                store.write(move |tx| {
                    settings::put(tx, &format!("key{at:03}"), &at, NOW)?;
                    match at % 10 {
                        3 => Err(StoreError::new(StoreErrorKind::Invalid, "on purpose")),
                        7 => panic!("on purpose too"),
                        _ => Ok(()),
                    }
                })
            })
            .collect();
        for (at, answer) in answers.into_iter().enumerate() {
            let result = answer.wait();
            match at % 10 {
                3 => assert_eq!(result.unwrap_err().kind, StoreErrorKind::Invalid),
                7 => assert_eq!(result.unwrap_err().kind, StoreErrorKind::Unexpected),
                _ => result.unwrap(),
            }
        }
        let kept = store.read(settings::list).wait().unwrap();
        assert_eq!(kept.len(), 80);
        assert!(kept.iter().all(|(key, _)| !key.ends_with('3') && !key.ends_with('7')));
    }
}

#[test]
fn an_answer_is_seen_by_every_later_reader() {
    for (store, _dir) in stores() {
        for at in 0..50 {
            store.write(move |tx| settings::put(tx, "at", &at, NOW)).wait().unwrap();
            let seen = store.read(|conn| settings::get::<i32>(conn, "at")).wait().unwrap();
            assert_eq!(seen, Some(at));
        }
    }
}

#[test]
fn what_queues_up_goes_into_few_transactions() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    let running = Arc::new(AtomicUsize::new(0));
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let (begun, has_begun) = std::sync::mpsc::channel::<()>();
    let first = store.write(move |_| {
        begun.send(()).unwrap();
        gate.recv().map_err(|_| StoreError::new(StoreErrorKind::Closed, "gone"))
    });
    // Its group is closed by now: what follows makes the next one.
    has_begun.recv().unwrap();
    let answers: Vec<Answer<()>> = (0..200)
        .map(|at| {
            let running = running.clone();
            store.write(move |tx| {
                running.fetch_add(1, Ordering::SeqCst);
                settings::put(tx, &format!("{at}"), &at, NOW)
            })
        })
        .collect();
    // All of them wait behind the first: they are one group, so none is answered before all have run.
    open.send(()).unwrap();
    first.wait().unwrap();
    let mut answers = answers.into_iter();
    answers.next().unwrap().wait().unwrap();
    assert_eq!(running.load(Ordering::SeqCst), 200);
    answers.for_each(|answer| answer.wait().unwrap());
}

#[test]
fn dropping_the_handle_ends_queued_work_and_closes_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    let answers: Vec<Answer<()>> =
        (0..500).map(|at| store.write(move |tx| settings::put(tx, &format!("{at}"), &at, NOW))).collect();
    drop(store);
    answers.into_iter().for_each(|answer| answer.wait().unwrap());
    assert!(!dir.path().join("lockstep.db-wal").exists(), "closed, so the log was taken in");
    let again = Store::open(&place(dir.path())).unwrap();
    assert_eq!(again.read(settings::list).wait().unwrap().len(), 500);
}

#[test]
fn an_answer_nobody_waits_for_does_not_undo_the_work() {
    let store = in_memory();
    drop(store.write(|tx| settings::put(tx, "kept", &1, NOW)));
    assert_eq!(store.read(|conn| settings::get::<i32>(conn, "kept")).wait().unwrap(), Some(1));
}

#[tokio::test]
async fn async_code_awaits_answers() {
    for (store, _dir) in stores() {
        let writes = (0..20).map(|at| store.write(move |tx| settings::put(tx, &format!("{at}"), &at, NOW)));
        for write in writes.collect::<Vec<_>>() {
            write.await.unwrap();
        }
        assert_eq!(store.read(settings::list).await.unwrap().len(), 20);
    }
}

#[test]
fn an_old_epoch_commits_nothing() {
    let store = in_memory();
    let old = ground(&store).epoch;
    assert_eq!(old, Epoch(1));
    let new = store.write(|tx| locks::raise_epoch(tx, "the next one", NOW)).wait().unwrap();
    assert_eq!(new, Epoch(2));
    let refused = store.write(move |tx| {
        settings::put(tx, "late", &1, NOW)?;
        tx.check_epoch(old)
    });
    assert_eq!(refused.wait().unwrap_err().kind, StoreErrorKind::EpochPassed);
    assert_eq!(store.read(|conn| settings::get::<i32>(conn, "late")).wait().unwrap(), None);
    let refused = store.write_in(old, |tx| settings::put(tx, "late", &1, NOW));
    assert_eq!(refused.wait().unwrap_err().kind, StoreErrorKind::EpochPassed);
    store.write_in(new, |tx| settings::put(tx, "in time", &1, NOW)).wait().unwrap();
}

#[test]
fn a_reading_sees_one_state() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&place(dir.path())).unwrap();
    store.write(|tx| settings::put(tx, "n", &0, NOW)).wait().unwrap();
    let writer = store.clone();
    let torn = store.read(move |conn| {
        let before = settings::get::<i32>(conn, "n")?;
        writer.write(|tx| settings::put(tx, "n", &1, NOW)).wait()?;
        Ok(before != settings::get::<i32>(conn, "n")?)
    });
    assert!(!torn.wait().unwrap());
}
