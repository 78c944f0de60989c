//! The program `lockstep`: the command line over `lockstep-app`. Arguments are parsed before anything is opened.

mod args;
mod commands;
mod exit;
mod output;
mod progress;
mod secret;
mod stop;

use std::process::ExitCode;

use clap::Parser;

use output::Output;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let output = Output { json: args.json };
    match commands::dispatch(args, output) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output.failure(&error);
            exit::Exit::of(&error).into()
        }
    }
}
