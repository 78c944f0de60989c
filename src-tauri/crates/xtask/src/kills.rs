//! `cargo xtask crash`: any number of kills; `make crash` calls it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use xtask::crash::{Told, crash};

/// Kills on one pair of platforms; then a fresh pair and the next seed.
const KILLS_EACH: u32 = 100;

/// What the crash test is told.
#[derive(Args)]
pub struct Kills {
    /// How often the program is killed
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// The seed of people, faults and moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the built programs lie; beside this one when absent
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// Kills and tells.
pub fn kills(told: &Kills) -> Result<()> {
    let programs = match &told.programs {
        Some(programs) => programs.clone(),
        None => {
            std::env::current_exe()?.parent().map(Path::to_owned).context("this program lies in a folder")?
        }
    };
    let (mut landed, mut writing, mut seed) = (0, 0, told.seed);
    while landed < told.kills {
        let kills = (told.kills - landed).min(KILLS_EACH);
        let tally = crash(&Told { program: programs.join("lockstep"), kills, seed })
            .with_context(|| format!("seed {seed}, {kills} kills"))?;
        println!("{tally}");
        landed += tally.kills.landed();
        writing += tally.kills.while_writing();
        seed += 1;
    }
    println!("{landed} kills ({writing} while writing), 0 duplicates, 0 missing");
    Ok(())
}
