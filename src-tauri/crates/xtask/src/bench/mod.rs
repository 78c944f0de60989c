//! `cargo xtask bench`: what the released program costs against the practice pair on loopback, case by case, beside what it
//! must cost. Wall times depend on the machine; CPU, memory and calls are what to compare.

mod cases;
mod measure;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

use cases::{CASES, Case, Ground};
use measure::Row;

/// What the benchmark is told.
#[derive(Args)]
pub struct Bench {
    /// These cases alone, by name; `--list` shows them
    cases: Vec<String>,
    /// Lists the cases
    #[arg(long)]
    list: bool,
    /// Incidents of the first run
    #[arg(long, default_value_t = 10_000)]
    tickets: usize,
    /// Incidents of the large first run, and links of the quiet cycle
    #[arg(long, default_value_t = 100_000)]
    many: usize,
    /// Where the built programs lie; a release is built when absent
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Writes the table into docs/benchmarks.md
    #[arg(long)]
    write: bool,
}

/// Measures, prints, and keeps the results as JSON in the target folder.
pub fn bench(told: &Bench, root: &Path) -> Result<()> {
    if told.list {
        for case in CASES {
            println!("{:<14} {}", case.name, case.about);
        }
        return Ok(());
    }
    let unknown: Vec<&String> =
        told.cases.iter().filter(|name| CASES.iter().all(|case| case.name != *name)).collect();
    ensure!(unknown.is_empty(), "there is no case {unknown:?}; `cargo xtask bench --list` shows them");
    let target = target_folder(root)?;
    let programs = match &told.programs {
        Some(programs) => programs.clone(),
        None => release(root, &target)?,
    };
    let ground = Ground {
        program: programs.join("lockstep"),
        tickets: told.tickets,
        many: told.many,
        root: root.to_owned(),
        target: target.clone(),
    };
    let wanted = |case: &&Case| told.cases.is_empty() || told.cases.iter().any(|name| name == case.name);
    let mut rows: Vec<Row> = Vec::new();
    for case in CASES.iter().filter(wanted) {
        eprintln!("{}: {}", case.name, case.about);
        let measured = (case.run)(&ground).with_context(|| format!("case {}", case.name))?;
        for row in &measured {
            eprintln!("  {}", table::line(row));
        }
        rows.extend(measured);
    }
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder)?;
    let results = folder.join("results.json");
    std::fs::write(&results, serde_json::to_string_pretty(&rows)?)?;
    println!("{}", table::markdown(&rows));
    if told.write {
        table::write(&root.join("docs/benchmarks.md"), &rows)?;
    }
    Ok(())
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn target_folder(root: &Path) -> Result<PathBuf> {
    let told = Command::new(cargo())
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()?;
    let metadata: Value = serde_json::from_slice(&told.stdout)?;
    Ok(PathBuf::from(metadata["target_directory"].as_str().context("cargo names its folder")?))
}

fn release(root: &Path, target: &Path) -> Result<PathBuf> {
    let built = Command::new(cargo())
        .args(["build", "--release", "--package", "lockstep-cli"])
        .current_dir(root)
        .status()?;
    ensure!(built.success(), "the release did not build");
    Ok(target.join("release"))
}
