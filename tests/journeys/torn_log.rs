//! V15: the write-ahead log torn at every frame and inside frames, at a moment in the middle of a run. The store
//! opens, is whole, and the next runs finish with nothing twice.
#![cfg(unix)]

use std::path::Path;

use serde_json::json;
use xtask::draw::Draw;
use xtask::people::People;
use xtask::{referee, rest};

use crate::running::Running;
use crate::world::{CONNECTION, SETTLE, World};

const LOG: &str = "lockstep.db-wal";
/// Of SQLite's file format: the log's head, and a frame's head before its page.
const HEAD: usize = 32;
const FRAME_HEAD: usize = 24;
/// Cuts from which runs go on until both sides are at rest.
const FINISHED: usize = 4;

/// The files of the store as they lie on the disk, put back at will.
struct Image(Vec<(String, Vec<u8>)>);

impl Image {
    fn of(data: &Path) -> Image {
        let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap());
        let files = files.filter(|entry| entry.file_type().unwrap().is_file());
        Image(
            files
                .map(|entry| {
                    (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap())
                })
                // Made anew from the log by whoever opens it first after a crash.
                .filter(|(name, _)| !name.ends_with("-shm"))
                .collect(),
        )
    }

    fn log(&self) -> &[u8] {
        &self.0.iter().find(|(name, _)| name == LOG).expect("a killed run leaves its log").1
    }

    /// Puts it back, the log cut there.
    fn put(&self, data: &Path, cut: usize) {
        std::fs::remove_dir_all(data).unwrap();
        std::fs::create_dir_all(data).unwrap();
        for (name, bytes) in &self.0 {
            let bytes = if name == LOG { &bytes[..cut.min(bytes.len())] } else { bytes };
            std::fs::write(data.join(name), bytes).unwrap();
        }
    }

    /// Where to cut: at the end of each frame, and somewhere inside every fourth.
    fn cuts(&self, draw: &mut Draw) -> Vec<usize> {
        let log = self.log();
        let page = u32::from_be_bytes(log[8..12].try_into().unwrap()) as usize;
        let frame = FRAME_HEAD + page;
        let ends: Vec<usize> = (HEAD..=log.len()).step_by(frame).collect();
        let inside =
            ends.iter().step_by(4).map(|end| end + usize::try_from(draw.of(1..frame as u64)).unwrap());
        let mut cuts: Vec<usize> =
            inside.filter(|cut| *cut < log.len()).chain(ends.iter().copied()).collect();
        cuts.extend([0, HEAD / 2, log.len()]);
        cuts.sort_unstable();
        cuts
    }
}

#[test]
fn v15_a_log_torn_anywhere_leaves_a_whole_store_and_nothing_is_doubled() {
    let Some(world) = World::new("empty") else { return };
    let mut draw = Draw::new(5);
    let mut people = People::new(&world.practice, draw.split()).unwrap();
    for _ in 0..12 {
        people.act(&world.practice).unwrap();
    }
    rest::until_quiet(&world.lockstep, CONNECTION, SETTLE).unwrap();
    for _ in 0..20 {
        people.act(&world.practice).unwrap();
    }
    let slow = json!({ "kind": "latency", "ms": 70 });
    for side in [&world.practice.servicenow, &world.practice.jira] {
        world.practice.fault(side, &slow).unwrap();
    }
    let running = Running::start(&world.lockstep, &["run", CONNECTION, "--yes"]);
    running.until_phase("write");
    std::thread::sleep(std::time::Duration::from_millis(500));
    running.signal("-KILL");
    running.end();
    for side in [&world.practice.servicenow, &world.practice.jira] {
        world.practice.clear_faults(side).unwrap();
    }
    let platforms = world.practice.states().unwrap();
    let image = Image::of(&world.lockstep.data);
    let cuts = image.cuts(&mut draw);
    assert!(cuts.len() > 20, "the log is too short to tear: {cuts:?}");
    for cut in &cuts {
        image.put(&world.lockstep.data, *cut);
        let doctor = world.lockstep.call(&["doctor"], None).unwrap();
        assert_eq!(doctor.code, 0, "cut at {cut}: {}{}", doctor.out, doctor.err);
        assert!(doctor.out.contains("ok    Store is whole"), "cut at {cut}: {}", doctor.out);
    }
    for nth in 0..FINISHED {
        let cut = cuts[(nth + 1) * (cuts.len() - 1) / FINISHED];
        world.practice.put_states(&platforms).unwrap();
        image.put(&world.lockstep.data, cut);
        rest::until_quiet(&world.lockstep, CONNECTION, SETTLE).unwrap();
        let verdict = referee::judge(&world.practice, &people).unwrap();
        verdict
            .must_be_clean()
            .unwrap_or_else(|error| panic!("cut at {cut} of {}: {error}", image.log().len()));
    }
    println!("{} cuts opened whole, {FINISHED} of them run to the end", cuts.len());
}
