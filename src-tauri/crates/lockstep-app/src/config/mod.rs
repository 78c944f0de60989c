//! Configuration: documents, the TOML file, and what is wrong with it.

pub mod compare;
pub mod document;
pub mod export;
pub mod file;
pub mod import;
mod mapping;
mod problem;
mod rule;
mod walk;

pub use document::{AccountDoc, ConnectionDoc, Document, PersonPair, Platform, SignIn};
pub use export::{export, to_toml};
pub use file::{Known, parse, read};
pub use import::{Imported, import};
pub use problem::Problem;
