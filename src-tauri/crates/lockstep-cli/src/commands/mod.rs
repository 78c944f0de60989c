//! The commands, a file each; this one opens what they stand on.

mod account;
mod backup;
mod config;
mod conflicts;
mod connection;
mod doctor;
mod explain;
mod link;
mod mapping;
mod plan;
mod practice;
mod quarantine;
mod run;
mod runs;
mod watch;

use std::path::{Path, PathBuf};

use lockstep_app::places::{self, Keychain};
use lockstep_app::{ApiError, App, logging};
use tokio::runtime::Runtime;

use crate::args::{Args, Command};
use crate::exit::Exit;
use crate::output::Output;

/// Carries out one command line.
pub fn dispatch(args: Args, output: Output) -> Result<Exit, ApiError> {
    // Never one thread alone: the keychain's answers come over the runtime that a question to it may block.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        ApiError::new("unexpected", format!("the program cannot start its threads: {error}"))
    })?;
    let stand = Stand { data_dir: args.data_dir, runtime };
    match args.command {
        Command::Practice(args) => stand.runtime.block_on(practice::practice(args, output)),
        Command::Config(command) => config::config(&stand, command, output),
        Command::Doctor => doctor::doctor(&stand, output),
        Command::Account(command) => {
            let (app, _log) = stand.open("lockstep account")?;
            stand.runtime.block_on(account::account(&app, command, output))
        }
        Command::Connection(command) => {
            let (app, _log) = stand.open("lockstep connection")?;
            stand.runtime.block_on(connection::connection(&app, command, output))
        }
        Command::Mapping(command) => {
            let (app, _log) = stand.open("lockstep mapping")?;
            stand.runtime.block_on(mapping::mapping(&app, command, output))
        }
        Command::Plan(args) => {
            let (app, _log) = stand.open(&format!("lockstep plan {:?}", args.connection))?;
            stand.runtime.block_on(plan::plan(&app, args, output))
        }
        Command::Run(args) => {
            let (app, _log) = stand.open(&format!("lockstep run {:?}", args.connection))?;
            stand.runtime.block_on(run::run(&app, args, output))
        }
        Command::Watch(args) => {
            let (app, _log) = stand.open("lockstep watch")?;
            stand.runtime.block_on(watch::watch(&app, args, output))
        }
        Command::Runs(args) => {
            let (app, _log) = stand.open("lockstep runs")?;
            stand.runtime.block_on(runs::runs(&app, args, output))
        }
        Command::Conflicts(args) => {
            let (app, _log) = stand.open("lockstep conflicts")?;
            stand.runtime.block_on(conflicts::conflicts(&app, args, output))
        }
        Command::Quarantine(args) => {
            let (app, _log) = stand.open("lockstep quarantine")?;
            stand.runtime.block_on(quarantine::quarantine(&app, args, output))
        }
        Command::Explain(args) => {
            let (app, _log) = stand.open("lockstep explain")?;
            stand.runtime.block_on(explain::explain(&app, args, output))
        }
        Command::Link(args) => {
            let (app, _log) = stand.open("lockstep link")?;
            stand.runtime.block_on(link::link(&app, args, output))
        }
        Command::Unlink(args) => {
            let (app, _log) = stand.open("lockstep unlink")?;
            stand.runtime.block_on(link::unlink(&app, args, output))
        }
        Command::Backup(args) => {
            let (app, _log) = stand.open("lockstep backup")?;
            stand.runtime.block_on(backup::backup(&app, args, output))
        }
    }
}

/// What a command may open.
pub struct Stand {
    data_dir: Option<PathBuf>,
    pub runtime: Runtime,
}

impl Stand {
    /// The data folder.
    pub fn data_dir(&self) -> Result<PathBuf, ApiError> {
        places::data_dir(self.data_dir.clone())
    }

    /// Opens the store; logs flow as long as the second value lives.
    pub fn open(&self, doing: &str) -> Result<(App, Option<logging::Logging>), ApiError> {
        let dir = self.data_dir()?;
        let app = self.open_in(&dir, doing)?;
        let log = logging::start(&dir);
        Ok((app, log))
    }

    /// As [`Stand::open`], without a log.
    pub fn open_in(&self, dir: &Path, doing: &str) -> Result<App, ApiError> {
        App::open(dir, Keychain::system(), doing)
    }
}
