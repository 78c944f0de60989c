//! The configuration as a file, and copies of the store. Every path is chosen in the system's own dialog: none comes from the
//! page, and the page learns no more than a file's name (threat T2).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::shell::FileKind;
use super::{Desk, Nothing};
use crate::api_error::ApiError;
use crate::app::App;
use crate::backup;
use crate::config::compare::{self, ConfigChange};
use crate::config::{self, Document, Imported, Known, Problem};
use crate::moments;

/// What to write into a file.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ExportOrder {
    /// One connection with its accounts; `null`: everything.
    #[ts(type = "number | null")]
    pub connection: Option<i64>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Written {
    /// Its name without its folder; `None`: the person chose none, and nothing was written.
    pub file: Option<String>,
    #[ts(type = "number")]
    pub bytes: u64,
}

impl Written {
    fn nothing() -> Written {
        Written { file: None, bytes: 0 }
    }

    fn of(path: &Path, bytes: u64) -> Written {
        Written { file: Some(name_of(path)), bytes }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
}

/// Writes the configuration without secrets, as readable text.
pub async fn export_configuration(desk: &Desk, order: ExportOrder) -> Result<Written, ApiError> {
    let app = desk.app().await?;
    let mut document = config::export(&app).await?;
    let mut name = "lockstep".to_owned();
    if let Some(id) = order.connection {
        let (_, wanted) = app.connection_by_id(id).await?;
        document.accounts.retain(|account| account.name == wanted.source || account.name == wanted.target);
        name = file_name(&wanted.name);
        document.connections = vec![wanted];
    }
    let Some(path) = desk.shell().save_as(FileKind::Configuration, &format!("{name}.toml")).await? else {
        return Ok(Written::nothing());
    };
    let text = config::to_toml(&document);
    config::file::write_whole(&path, &text)?;
    Ok(Written::of(&path, text.len() as u64))
}

/// A connection's name as a file's: letters, digits and dashes.
fn file_name(name: &str) -> String {
    let plain: String =
        name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).take(60).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "lockstep".to_owned() } else { words.join("-") }
}

/// What a chosen configuration file would change.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ConfigOffer {
    /// The file's name without its folder; `None`: the person chose none.
    pub file: Option<String>,
    /// What is wrong with it; nothing can be imported until that is mended.
    pub problems: Vec<Problem>,
    /// Accounts that its connections name and that neither it nor this computer knows: say which account stands for each.
    pub strangers: Vec<String>,
    pub changes: Vec<ConfigChange>,
}

/// A configuration file that a person chose, and has not imported yet.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    path: PathBuf,
    text: String,
}

/// Lets a person choose a configuration file, and tells what it would change. Nothing is changed.
pub async fn choose_configuration(desk: &Desk, _: Nothing) -> Result<ConfigOffer, ApiError> {
    let app = desk.app().await?;
    let Some(path) = desk.shell().open_file(FileKind::Configuration).await? else {
        desk.choose(None);
        return Ok(ConfigOffer {
            file: None,
            problems: Vec::new(),
            strangers: Vec::new(),
            changes: Vec::new(),
        });
    };
    let text = config::read(&path)?;
    let chosen = Chosen { path, text };
    let offer = offer(&app, &chosen, &BTreeMap::new()).await?;
    desk.choose(Some(chosen));
    Ok(offer)
}

/// Accounts in the place of those that a file names.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct StandIns {
    /// By the name in the file.
    pub accounts: BTreeMap<String, String>,
}

/// What the chosen file would change with these accounts in the place of strangers.
pub async fn compare_configuration(desk: &Desk, order: StandIns) -> Result<ConfigOffer, ApiError> {
    offer(&desk.app().await?, &desk.chosen()?, &order.accounts).await
}

/// Takes the chosen file over: all of it, or nothing.
pub async fn import_configuration(desk: &Desk, order: StandIns) -> Result<Imported, ApiError> {
    let (app, chosen) = (desk.app().await?, desk.chosen()?);
    let document =
        read(&chosen, &config::import::known(&app).await?, &order.accounts).map_err(|problems| {
            let first = problems.first().map_or(String::new(), ToString::to_string);
            ApiError::new("config", format!("nothing was imported: {first}"))
        })?;
    let imported = config::import(&app, document).await?;
    desk.choose(None);
    desk.board().lists_changed();
    Ok(imported)
}

async fn offer(
    app: &App,
    chosen: &Chosen,
    instead: &BTreeMap<String, String>,
) -> Result<ConfigOffer, ApiError> {
    let known = config::import::known(app).await?;
    let strangers: BTreeSet<String> = compare::strangers(&chosen.text, known.keys().chain(instead.keys()));
    let file = Some(name_of(&chosen.path));
    if !strangers.is_empty() {
        let strangers = strangers.into_iter().collect();
        return Ok(ConfigOffer { file, problems: Vec::new(), strangers, changes: Vec::new() });
    }
    let (problems, changes) = match read(chosen, &known, instead) {
        Ok(document) => (Vec::new(), compare::compare(app, &document).await?),
        Err(problems) => (problems, Vec::new()),
    };
    Ok(ConfigOffer { file, problems, strangers: Vec::new(), changes })
}

fn read(
    chosen: &Chosen,
    known: &Known,
    instead: &BTreeMap<String, String>,
) -> Result<Document, Vec<Problem>> {
    let mut all = known.clone();
    for (stranger, account) in instead {
        if let Some(platform) = known.get(account) {
            all.insert(stranger.clone(), *platform);
        }
    }
    let mut document = config::parse(&chosen.text, &all)?;
    compare::stand_in(&mut document, instead);
    Ok(document)
}

/// Copies the store to a file that a person chooses, encrypted like itself.
pub async fn back_up(desk: &Desk, _: Nothing) -> Result<Written, ApiError> {
    let app = desk.app().await?;
    let name = format!("lockstep-{}.backup", moments::day(app.now_ms()));
    let Some(path) = desk.shell().save_as(FileKind::Backup, &name).await? else {
        return Ok(Written::nothing());
    };
    let bytes = backup::replace(&app, &path).await?;
    Ok(Written::of(&path, bytes))
}

/// Shows the folder of all data in the system's file manager.
pub async fn open_data_folder(desk: &Desk, _: Nothing) -> Result<Nothing, ApiError> {
    let app = desk.app().await?;
    desk.shell().show_folder(app.data_dir())?;
    Ok(Nothing {})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_makes_a_plain_file_name() {
        for (name, expected) in [
            ("Dunmarrow incidents", "dunmarrow-incidents"),
            ("../../etc", "etc"),
            ("Größe / 2", "größe-2"),
            ("///", "lockstep"),
        ] {
            assert_eq!(file_name(name), expected);
        }
    }
}
