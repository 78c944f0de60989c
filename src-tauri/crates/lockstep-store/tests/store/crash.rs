//! Crashes: the log torn at any byte, a process killed while it writes.

use std::fs;
use std::path::Path;

use lockstep_store::tables::settings;
use lockstep_store::{STORE_FILE, Store};
use proptest::prelude::*;

use crate::support::{NOW, place};

/// A store whose log holds `groups` transactions of five rows each, as it lies on the disk at that moment.
fn image(groups: usize) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_inline(&place(dir.path())).unwrap();
    for group in 0..groups {
        write_group(&store, group);
    }
    let copy = tempfile::tempdir().unwrap();
    for name in [STORE_FILE.to_owned(), format!("{STORE_FILE}-wal")] {
        fs::copy(dir.path().join(&name), copy.path().join(&name)).unwrap();
    }
    copy
}

fn write_group(store: &Store, group: usize) {
    let work = store.write(move |tx| {
        (0..5).try_for_each(|row| {
            settings::put(tx, &format!("{group:03}.{row}"), "x".repeat(200).as_str(), NOW)
        })
    });
    work.wait().unwrap();
}

/// Whole groups only, the earlier ones before the later ones.
fn judge(dir: &Path) -> usize {
    let store = Store::open_inline(&place(dir)).unwrap();
    assert_eq!(store.integrity().wait().unwrap(), Vec::<String>::new());
    let rows = store.read(settings::list).wait().unwrap();
    assert_eq!(rows.len() % 5, 0, "a group is kept whole or not at all");
    for (at, (key, _)) in rows.iter().enumerate() {
        assert_eq!(*key, format!("{:03}.{}", at / 5, at % 5), "no group is missing before a later one");
    }
    rows.len() / 5
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// V15: cut, or overwritten with noise from any byte on.
    #[test]
    fn a_torn_log_keeps_whole_groups(cut in 0.0_f64..1.0, noise in proptest::option::of(any::<u8>())) {
        let dir = image(8);
        let log = dir.path().join(format!("{STORE_FILE}-wal"));
        let mut bytes = fs::read(&log).unwrap();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let at = (bytes.len() as f64 * cut) as usize;
        match noise {
            None => bytes.truncate(at),
            Some(noise) => bytes[at..].iter_mut().enumerate().for_each(|(n, byte)| *byte ^= noise.wrapping_add(n as u8) | 1),
        }
        fs::write(&log, &bytes).unwrap();
        judge(dir.path());
    }
}

#[test]
fn a_lost_log_loses_steps_but_not_the_store() {
    let dir = image(8);
    fs::remove_file(dir.path().join(format!("{STORE_FILE}-wal"))).unwrap();
    let before = fs::read(dir.path().join(STORE_FILE)).unwrap();
    assert_eq!(judge(dir.path()), 0);
    assert_eq!(fs::read(dir.path().join(STORE_FILE)).unwrap().len(), before.len(), "not made anew");
}

#[test]
fn an_untorn_log_keeps_everything() {
    let dir = image(8);
    assert_eq!(judge(dir.path()), 8);
}
