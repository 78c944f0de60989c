//! The chores, in Rust: `cargo xtask <chore>`. What must run before Rust is there lies in `.ci/` instead.

mod bench;
mod demo;
mod kills;
mod replay;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of this workspace", version)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Runs what CI runs, in the same order
    Check,
    /// Writes the TypeScript bindings anew, into ui/src/api/generated
    Bindings,
    /// Shows the main job on the practice pair; `make demo` calls it
    Demo(demo::Demo),
    /// Measures a first run and a quiet run against the practice pair
    Bench(bench::Bench),
    /// Kills the real program at random moments of its runs and judges what is left on the practice pair
    Crash(kills::Kills),
    /// Plays a real ServiceNow audit log onto the practice pair while Lockstep syncs
    Replay(replay::Replay),
}

fn main() -> Result<()> {
    match Arguments::parse().chore {
        Chore::Check => check(),
        Chore::Bindings => bindings(),
        Chore::Demo(told) => demo::demo(&told),
        Chore::Bench(told) => bench::bench(&told, &root()),
        Chore::Crash(told) => kills::kills(&told),
        Chore::Replay(told) => replay::replay(&told),
    }
}

/// The list of checks lives in `.ci/run` alone, so that the two cannot drift apart.
fn check() -> Result<()> {
    run(Command::new(root().join(".ci/run")).arg("--local"))
}

/// ts-rs exports while tests run: its derive makes a test for each exported type, named `export_bindings_…`.
fn bindings() -> Result<()> {
    let packages = ["test", "--package", "lockstep-core", "--package", "lockstep-app", "--lib", "--"];
    run(cargo().args(packages).args(["bindings", "the_typescript_map"]))
}

fn cargo() -> Command {
    // Set by `cargo run`; bare when the program is started by itself.
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.current_dir(root()).status().with_context(|| format!("could not start {shown}"))?;
    ensure!(status.success(), "{shown} ended with {status}");
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
