//! R4: the real program killed at any moment, while people work and answers get lost.

use xtask::crash::{Told, crash};

use crate::world::{keychain_answers, program};

#[test]
fn v10_fifty_kills_leave_nothing_twice_and_nothing_missing() {
    if !keychain_answers() {
        return;
    }
    let told = Told { program: program(std::path::PathBuf::new()).program, kills: 50, seed: 1 };
    let tally = crash(&told).unwrap();
    println!("{tally}");
    assert!(tally.kills.landed() >= 50);
}
