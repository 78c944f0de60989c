//! The use cases of Lockstep over core, connectors and store: what the command line and the window can do.
//!
//! Nothing here knows Tauri or a terminal. `run` is the sync; `commands` is the one list of what a window may call.

pub mod accounts;
pub mod api_error;
pub mod app;
pub mod automatic;
pub mod backup;
pub mod commands;
pub mod config;
pub mod conflicts;
pub mod connections;
pub mod doctor;
pub mod drifting;
pub mod editor;
pub mod events;
pub mod explain;
pub mod history;
pub mod link_detail;
pub mod link_preview;
mod linking;
pub mod links;
pub mod logging;
mod look;
pub mod moments;
pub mod places;
pub mod planned;
pub mod ports;
pub mod quarantine;
pub mod retrying;
pub mod run;
mod sessions;
pub mod settings;
pub mod shown;
pub mod skipping;
pub mod syncing;
pub mod views;

pub use api_error::ApiError;
pub use app::App;

#[cfg(test)]
mod desk_tests;
