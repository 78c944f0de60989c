//! Two processes on one store. A child is this very test program, told by a variable what to play.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use lockstep_store::tables::{locks, settings};
use lockstep_store::{Epoch, RunLock, Store, StoreErrorKind, holder};

use crate::support::{NOW, place};

const PLAY: &str = "LOCKSTEP_STORE_TEST_PLAYS";
const DIR: &str = "LOCKSTEP_STORE_TEST_DIR";

struct Player(Child, BufReader<std::process::ChildStdout>);

impl Player {
    fn start(play: &str, dir: &Path) -> Player {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::a_child_plays_its_part", "--nocapture", "--test-threads=1"])
            .env(PLAY, play)
            .env(DIR, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Player(child, output)
    }

    /// Reads until the child says `word`.
    fn await_word(&mut self, word: &str) {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.1.read_line(&mut line).unwrap(), 0, "the child ended before it said {word}");
            if line.contains(word) {
                return;
            }
        }
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Does nothing unless told to by the tests below.
#[test]
fn a_child_plays_its_part() {
    let Ok(play) = std::env::var(PLAY) else { return };
    let dir = std::path::PathBuf::from(std::env::var_os(DIR).unwrap());
    let say = |word: &str| {
        println!("\n{word}");
        std::io::stdout().flush().unwrap();
    };
    match play.as_str() {
        "hold" => {
            let _lock = RunLock::acquire(&dir, "plays in a test", NOW).unwrap();
            say("HELD");
            let _ = std::io::stdin().read_line(&mut String::new());
        }
        "write" => {
            let store = Store::open(&place(&dir)).unwrap();
            for at in 0_u64.. {
                let rows = store.write(move |tx| {
                    (0..3).try_for_each(|row| settings::put(tx, &format!("{at:06}.{row}"), &at, NOW))
                });
                rows.wait().unwrap();
                say(&format!("WROTE {at}"));
            }
        }
        other => panic!("no part is called {other}"),
    }
}

#[test]
fn one_process_runs_at_a_time_and_the_other_is_told_who() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = Player::start("hold", dir.path());
    child.await_word("HELD");
    let error = RunLock::acquire(dir.path(), "wants it too", NOW).unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::HeldElsewhere);
    assert!(error.message.contains(&child.0.id().to_string()), "{error}");
    assert!(error.message.contains("plays in a test") && error.message.contains("UTC"), "{error}");
    // Reading and writing settings needs no lock.
    let store = Store::open(&place(dir.path())).unwrap();
    store.write(|tx| settings::put(tx, "meanwhile", &1, NOW)).wait().unwrap();
    // A killed holder leaves its note, but not the lock.
    child.kill();
    assert!(holder(dir.path()).is_some());
    let lock = RunLock::acquire(dir.path(), "has it now", NOW).unwrap();
    assert_eq!(holder(dir.path()).unwrap().pid, std::process::id());
    assert_eq!(lock.raise_epoch(&store).wait().unwrap(), Epoch(1));
    drop(lock);
    assert!(holder(dir.path()).is_none());
    let lock = RunLock::acquire(dir.path(), "again", NOW).unwrap();
    assert_eq!(lock.raise_epoch(&store).wait().unwrap(), Epoch(2));
    assert_eq!(store.read(locks::epoch).wait().unwrap(), Epoch(2));
}

#[test]
fn the_lock_excludes_inside_one_process_too() {
    let dir = tempfile::tempdir().unwrap();
    let _first = RunLock::acquire(dir.path(), "first", NOW).unwrap();
    assert_eq!(RunLock::acquire(dir.path(), "second", NOW).unwrap_err().kind, StoreErrorKind::HeldElsewhere);
}

#[test]
fn a_killed_writer_leaves_whole_groups() {
    for wait in [1, 7, 40] {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Player::start("write", dir.path());
        child.await_word(&format!("WROTE {wait}"));
        child.kill();
        let store = Store::open(&place(dir.path())).unwrap();
        assert_eq!(store.integrity().wait().unwrap(), Vec::<String>::new());
        let rows = store.read(settings::list).wait().unwrap();
        assert_eq!(rows.len() % 3, 0);
        assert!(rows.len() > 3 * wait, "what was answered is there");
    }
}

#[test]
fn a_store_may_be_open_twice() {
    let dir = tempfile::tempdir().unwrap();
    let first = Store::open(&place(dir.path())).unwrap();
    let second = Store::open(&place(dir.path())).unwrap();
    let mut child = Player::start("write", dir.path());
    child.await_word("WROTE 3");
    for at in 0..50 {
        first.write(move |tx| settings::put(tx, "n", &at, NOW)).wait().unwrap();
        assert_eq!(second.read(|conn| settings::get::<i32>(conn, "n")).wait().unwrap(), Some(at));
        second.write(move |tx| settings::put(tx, "m", &at, NOW)).wait().unwrap();
        assert_eq!(first.read(|conn| settings::get::<i32>(conn, "m")).wait().unwrap(), Some(at));
    }
    child.kill();
    assert_eq!(first.integrity().wait().unwrap(), Vec::<String>::new());
}
