//! Every parser of remote or user bytes keeps its laws over its seeds and over a few thousand inputs of chance; `make fuzz`
//! searches for more with the same laws.

#![allow(clippy::unwrap_used, reason = "a panic is how a law is found broken")]

mod laws;

use laws::{LAWS, Law};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// Seeds, pieces of seeds put together, seeds with bytes changed, and any bytes.
fn inputs(law: &Law) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seeds: Vec<Vec<u8>> = law.seeds.iter().map(|seed| seed.to_vec()).collect();
    let seed = prop::sample::select(seeds);
    let changed = (seed.clone(), prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6))
        .prop_map(|(mut bytes, changes)| {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        });
    let spliced = (seed.clone(), seed, any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(
        |(one, other, to, from)| [&one[..to.index(one.len())], &other[from.index(other.len())..]].concat(),
    );
    let choices = prop::collection::vec(any::<u8>(), 0..120).prop_map(|mut bytes| {
        bytes.insert(0, 0);
        bytes
    });
    prop_oneof![3 => changed, 2 => spliced, 2 => choices, 2 => prop::collection::vec(any::<u8>(), 0..200)]
}

fn keeps(name: &str) {
    let law = LAWS.iter().find(|law| law.name == name).expect("a law of this name");
    for seed in law.seeds {
        (law.holds)(seed);
    }
    let config = Config { cases: law.cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&inputs(law), |bytes| {
        let kept = std::panic::catch_unwind(|| (law.holds)(&bytes));
        kept.map_err(|_| TestCaseError::fail(format!("b\"{}\"", bytes.escape_ascii())))
    });
    if let Err(error) = outcome {
        panic!("{name}: {error}\nAdd the bytes to the seeds of the law once the parser is mended.");
    }
}

macro_rules! laws {
    ($($name:ident)*) => {
        $(#[test] fn $name() { keeps(stringify!($name)); })*

        #[test]
        fn no_law_is_forgotten() {
            let tried = [$(stringify!($name)),*];
            assert!(LAWS.iter().map(|law| law.name).eq(tried));
        }
    };
}

laws! { markdown html journal plain adf limit marker headers servicenow jira cursor query address toml check }
