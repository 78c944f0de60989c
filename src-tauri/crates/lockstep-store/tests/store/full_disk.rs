//! A full disk: a clear error, nothing half-done, and all is well once there is room again.

use lockstep_store::tables::settings;
use lockstep_store::{Answer, Store, StoreErrorKind};

use crate::support::{NOW, place};

/// Fills a real, small file system. Needs the right to mount one.
#[test]
fn a_full_file_system_is_told_and_nothing_is_half_done() {
    let dir = tempfile::tempdir().unwrap();
    let Some(_mounted) = SmallDisk::mount(dir.path()) else {
        eprintln!(
            "SKIPPED: a_full_file_system_is_told_and_nothing_is_half_done needs the right to mount a tmpfs"
        );
        return;
    };
    let data = dir.path().join("data");
    let store = Store::open(&place(&data)).unwrap();
    let mut whole = 0_usize;
    let error = loop {
        let group: Vec<Answer<()>> = (0..3)
            .map(|part| {
                store.write(move |tx| {
                    (0..2).try_for_each(|row| {
                        settings::put(tx, &format!("{whole:04}.{part}.{row}"), "x".repeat(8000).as_str(), NOW)
                    })
                })
            })
            .collect();
        let results: Vec<_> = group.into_iter().map(Answer::wait).collect();
        match results.into_iter().find_map(Result::err) {
            Some(error) => break error,
            None => whole += 1,
        }
        assert!(whole < 5000, "the disk never filled up");
    };
    assert_eq!(error.kind, StoreErrorKind::Full, "{error:?}");
    assert!(error.remedy.is_some());
    let rows = store.read(settings::list).wait().unwrap();
    assert_eq!(rows.len() % 2, 0, "each closure is kept whole or not at all");
    assert!(rows.len() >= whole * 6, "what was answered is there");
    drop(store);
    std::fs::remove_file(dir.path().join("ballast")).unwrap();
    let store = Store::open(&place(&data)).unwrap();
    assert_eq!(store.integrity().wait().unwrap(), Vec::<String>::new());
    assert_eq!(store.read(settings::list).wait().unwrap().len(), rows.len());
    store.write(|tx| settings::put(tx, "room again", &1, NOW)).wait().unwrap();
}

/// Four mebibytes, one of them ballast to be thrown away.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &std::path::Path) -> Option<SmallDisk> {
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m,mode=0700", "lockstep-test"])
            .arg(at)
            .stderr(std::process::Stdio::null())
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            return None;
        }
        std::fs::write(at.join("ballast"), vec![0_u8; 1 << 20]).unwrap();
        Some(SmallDisk(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
