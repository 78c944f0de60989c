//! One program for all laws: `LOCKSTEP_LAW` names the one that is tried, `LOCKSTEP_SEEDS` a folder that gets its seeds.
#![no_main]

#[allow(dead_code, reason = "how many cases `make test` tries is nothing to a fuzzer")]
#[path = "../../crates/lockstep-app/tests/parsers/laws/mod.rs"]
mod laws;

use std::sync::OnceLock;

use laws::{LAWS, Law};
use libfuzzer_sys::fuzz_target;

fn law() -> &'static Law {
    static CHOSEN: OnceLock<&Law> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("LOCKSTEP_LAW").unwrap_or_default();
        LAWS.iter().find(|law| law.name == name).unwrap_or_else(|| {
            let names: Vec<&str> = LAWS.iter().map(|law| law.name).collect();
            panic!("LOCKSTEP_LAW must be one of: {}", names.join(" "))
        })
    })
}

fuzz_target!(
    init: {
        // The seeds lie in the code; libFuzzer wants files.
        if let Some(folder) = std::env::var_os("LOCKSTEP_SEEDS") {
            for (at, seed) in law().seeds.iter().enumerate() {
                let path = std::path::Path::new(&folder).join(format!("seed-{at:02}"));
                std::fs::write(path, seed).expect("the folder for seeds can be written");
            }
        }
    },
    |data: &[u8]| (law().holds)(data)
);
