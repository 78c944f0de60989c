//! H2: an older copy of the data folder is put back, after more was written than it knows of.

use std::path::Path;

use xtask::draw::Draw;
use xtask::people::{People, Place};
use xtask::{referee, rest};

use crate::world::{CONNECTION, SETTLE, World};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &there);
        } else {
            std::fs::copy(entry.path(), there).unwrap();
        }
    }
}

#[test]
fn h02_an_older_data_folder_that_is_put_back_doubles_nothing() {
    let Some(world) = World::new("empty") else { return };
    let mut people = People::new(&world.practice, Draw::new(2)).unwrap();
    for nth in 0..8 {
        people.file(&world.practice, if nth % 2 == 0 { Place::ServiceNow } else { Place::Jira }).unwrap();
    }
    world.first_run();
    for _ in 0..20 {
        people.act(&world.practice).unwrap();
    }
    rest::until_quiet(&world.lockstep, CONNECTION, SETTLE).unwrap();
    let older = world.folder.path().join("older");
    copy(&world.lockstep.data, &older);
    // A day's work that the copy knows nothing of: tickets, comments, files, on both sides.
    for _ in 0..60 {
        people.act(&world.practice).unwrap();
    }
    rest::until_quiet(&world.lockstep, CONNECTION, SETTLE).unwrap();
    referee::judge(&world.practice, &people).unwrap().must_be_clean().unwrap();
    std::fs::remove_dir_all(&world.lockstep.data).unwrap();
    copy(&older, &world.lockstep.data);
    people.file(&world.practice, Place::ServiceNow).unwrap();
    people.file(&world.practice, Place::Jira).unwrap();
    rest::until_quiet(&world.lockstep, CONNECTION, SETTLE).unwrap();
    referee::judge(&world.practice, &people).unwrap().must_be_clean().unwrap();
    world.lockstep.must(&["doctor"], None).unwrap();
}
