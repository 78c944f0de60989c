//! A full disk at any moment: a clear end that names the remedy, nothing half-done, and everything once there is room.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use xtask::draw::Draw;
use xtask::people::People;
use xtask::{referee, rest};

use crate::world::{CONNECTION, SETTLE, World};

/// Room left, in kibibytes, from nothing to plenty.
const ROOM_KIB: [u64; 16] = [0, 4, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 256, 512];

/// A run over a full disk ends with the exit code of the store, or it found room enough.
fn must_be_told(code: Option<i32>, said: &str, room: &str) -> bool {
    match code {
        Some(0 | 6) => false,
        Some(8) => {
            let told = said.to_lowercase();
            assert!(told.contains("full") || told.contains("drive"), "with {room}: {said}");
            assert!(told.contains("try again"), "it says what to do, with {room}: {said}");
            true
        }
        other => panic!("with {room} it ended with {other:?}: {said}"),
    }
}

struct Mounted(PathBuf);

impl Mounted {
    /// A file system of its own; `None` where that is not allowed.
    fn at(place: &Path) -> Option<Mounted> {
        std::fs::create_dir_all(place).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m,mode=0700", "lockstep-test"])
            .arg(place)
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then(|| Mounted(place.to_owned()))
    }

    /// Fills it up but for so much.
    fn leave(&self, kib: u64) {
        let ballast = self.0.join("ballast");
        drop(std::fs::remove_file(&ballast));
        let df = Command::new("df").args(["--output=avail", "-k"]).arg(&self.0).output().unwrap();
        let free: u64 = String::from_utf8(df.stdout).unwrap().lines().nth(1).unwrap().trim().parse().unwrap();
        let bytes = usize::try_from(free.saturating_sub(kib) * 1024).unwrap();
        std::fs::write(&ballast, vec![0_u8; bytes]).unwrap();
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

fn judged(world: &World, people: &People) {
    rest::until_quiet(&world.lockstep, CONNECTION, SETTLE).unwrap();
    referee::judge(&world.practice, people).unwrap().must_be_clean().unwrap();
    let doctor = world.lockstep.must(&["doctor"], None).unwrap();
    assert!(doctor.contains("Store is whole"), "{doctor}");
}

#[test]
fn v15_a_full_disk_is_told_at_any_write_and_nothing_is_doubled() {
    let Some(mut world) = World::new("empty") else { return };
    let Some(disk) = Mounted::at(&world.folder.path().join("disk")) else {
        eprintln!("SKIPPED: v15_a_full_disk_is_told_at_any_write needs the right to mount a tmpfs");
        return;
    };
    let small = disk.0.join("data");
    let moved = Command::new("mv").arg(&world.lockstep.data).arg(&small).status().unwrap();
    assert!(moved.success());
    world.lockstep.data = small;
    let mut people = People::new(&world.practice, Draw::new(3)).unwrap();
    let mut told = 0;
    for kib in ROOM_KIB {
        for _ in 0..5 {
            people.act(&world.practice).unwrap();
        }
        disk.leave(kib);
        let (ended, _) = world.run(&["--since", "all", "--yes"]);
        told += u32::from(must_be_told(Some(ended.code), &ended.err, &format!("{kib} KiB")));
    }
    assert!(told >= 4, "the disk was full in {told} runs only");
    std::fs::remove_file(disk.0.join("ballast")).unwrap();
    judged(&world, &people);
}

/// For everybody who may not mount: no file may grow beyond a limit.
#[test]
fn v15_a_file_that_may_not_grow_is_told_at_any_write_and_nothing_is_doubled() {
    let Some(world) = World::new("empty") else { return };
    let mut people = People::new(&world.practice, Draw::new(4)).unwrap();
    let mut told = 0;
    for kib in ROOM_KIB {
        for _ in 0..5 {
            people.act(&world.practice).unwrap();
        }
        // The signal that the limit sends would end the program; a disk sends none.
        let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$@\"");
        let ended = Command::new("bash")
            .args(["-c", &script, "bash"])
            .arg(&world.lockstep.program)
            .arg("--data-dir")
            .arg(&world.lockstep.data)
            .args(["--json", "run", CONNECTION, "--since", "all", "--yes"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        told += u32::from(must_be_told(ended.status.code(), &said, &format!("{kib} KiB")));
    }
    assert!(told >= 4, "it was stopped in {told} runs only");
    judged(&world, &people);
}
