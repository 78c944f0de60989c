//! The same seed gives the same world, call for call and row for row.

use crate::scenario::Scenario;
use crate::seeds::{is_sim_profile, play_alone};
use crate::world::Playing;

#[test]
fn equal_seeds_give_equal_traces() {
    let seeds = if is_sim_profile() { 100 } else { 4 };
    for seed in 0..seeds {
        let trace = || {
            let playing = Playing { traced: true, ..Playing::default() };
            play_alone(&Scenario::of(seed), playing).trace
        };
        let (first, second) = (trace(), trace());
        assert!(first.len() > 20, "seed {seed} leaves no trace");
        if let Some(at) = first.iter().zip(&second).position(|(one, other)| one != other) {
            panic!("seed {seed} differs at line {at}:\n{}\n{}", first[at], second[at]);
        }
        assert_eq!(first.len(), second.len(), "seed {seed}");
    }
}
