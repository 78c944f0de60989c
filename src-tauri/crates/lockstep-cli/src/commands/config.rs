//! `lockstep config …`

use std::io::Write;
use std::path::{Path, PathBuf};

use lockstep_app::config::file::Known;
use lockstep_app::config::{self, Document, Imported, Problem};
use lockstep_app::{ApiError, places};
use serde_json::json;

use super::Stand;
use crate::args::ConfigCommand;
use crate::exit::Exit;
use crate::output::Output;

/// Carries out one of them.
pub fn config(stand: &Stand, command: ConfigCommand, output: Output) -> Result<Exit, ApiError> {
    match command {
        ConfigCommand::Export { output: file } => export(stand, file, output),
        ConfigCommand::Import { file } => import(stand, &file, output),
        ConfigCommand::Check { file } => check(stand, &file, output),
    }
}

fn export(stand: &Stand, file: Option<PathBuf>, output: Output) -> Result<Exit, ApiError> {
    let (app, _log) = stand.open("lockstep config export")?;
    let document = stand.runtime.block_on(config::export(&app))?;
    let text = config::to_toml(&document);
    match file {
        Some(file) => {
            config::file::write_whole(&file, &text)?;
            output.say(format!(
                "Wrote {} accounts and {} connections to {}.",
                document.accounts.len(),
                document.connections.len(),
                file.display()
            ));
            if output.json {
                output.document(&json!({ "file": file, "accounts": document.accounts.len(), "connections": document.connections.len() }));
            }
        }
        None if output.json => output.document(&document),
        None => {
            // Whoever stopped reading does not want the rest.
            let _ = std::io::stdout().write_all(text.as_bytes());
        }
    }
    Ok(Exit::Success)
}

fn read(file: &Path, known: &Known, output: Output) -> Result<Result<Document, Exit>, ApiError> {
    let text = config::read(file)?;
    match config::parse(&text, known) {
        Ok(document) => Ok(Ok(document)),
        Err(problems) => {
            tell(file, &problems, output);
            Ok(Err(Exit::Usage))
        }
    }
}

fn tell(file: &Path, problems: &[Problem], output: Output) {
    if output.json {
        output.document(&json!({ "file": file, "problems": problems }));
        return;
    }
    for problem in problems {
        output.say(format!("{}:{problem}", file.display()));
        output.say(format!("    {}", problem.fix));
    }
    let count = problems.len();
    output.say(format!("{count} {}.", if count == 1 { "problem" } else { "problems" }));
}

fn check(stand: &Stand, file: &Path, output: Output) -> Result<Exit, ApiError> {
    // Accounts of the store count as known; without a store, or a keychain that opens it, the file stands alone.
    let dir = stand.data_dir()?;
    let known = if places::has_store(&dir) {
        let app = stand.open_in(&dir, "lockstep config check").ok();
        app.and_then(|app| stand.runtime.block_on(config::import::known(&app)).ok()).unwrap_or_default()
    } else {
        Known::default()
    };
    let document = match read(file, &known, output)? {
        Ok(document) => document,
        Err(exit) => return Ok(exit),
    };
    let (accounts, connections) = (document.accounts.len(), document.connections.len());
    if output.json {
        output.document(
            &json!({ "file": file, "problems": [], "accounts": accounts, "connections": connections }),
        );
    }
    output.say(format!("{}: good. {accounts} accounts, {connections} connections.", file.display()));
    output
        .say("`lockstep connection check` holds the mappings against the live systems, once it is imported.");
    Ok(Exit::Success)
}

fn import(stand: &Stand, file: &Path, output: Output) -> Result<Exit, ApiError> {
    // A file that cannot be read opens no store.
    config::read(file)?;
    let (app, _log) = stand.open("lockstep config import")?;
    let known = stand.runtime.block_on(config::import::known(&app))?;
    let document = match read(file, &known, output)? {
        Ok(document) => document,
        Err(exit) => {
            output.say("Nothing was imported.");
            return Ok(exit);
        }
    };
    let imported = stand.runtime.block_on(config::import(&app, document))?;
    if output.json {
        output.document(&imported);
    }
    tell_imported(&imported, output);
    Ok(Exit::Success)
}

fn tell_imported(imported: &Imported, output: Output) {
    for (what, names) in [
        ("Added account", &imported.accounts_added),
        ("Changed account", &imported.accounts_changed),
        ("Added connection", &imported.connections_added),
        ("Changed connection", &imported.connections_changed),
        ("Unchanged", &imported.unchanged),
    ] {
        for name in names {
            output.say(format!("{what}: {name}"));
        }
    }
    for name in &imported.need_sign_in {
        output.say(format!("Next: lockstep account sign-in {name:?}"));
    }
}
