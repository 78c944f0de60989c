//! What the desktop around the window does: closing to the tray, opening a ticket in the browser, starting at login; and the
//! settings that go with it. The command line has none of it.

use std::path::{Path, PathBuf};

use lockstep_core::side::Side;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Desk, Nothing};
use crate::api_error::ApiError;
use crate::app::account_doc;
use crate::config::Platform;
use crate::settings::{self, Settings};

/// What a file is that a person chooses in the system's dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A configuration, TOML.
    Configuration,
    /// A copy of the store.
    Backup,
    /// Certificates of a company's own authority, PEM.
    Certificates,
}

/// The desktop, as far as commands need it.
#[async_trait::async_trait]
pub trait Shell: Send + Sync {
    /// Closes the window; the app lives on in the tray, or ends.
    fn close(&self, quit: bool);
    /// Opens an address in the system's browser.
    fn browse(&self, address: &str) -> Result<(), ApiError>;
    /// Asks the person where to write a file of this kind; `None` where they think better of it.
    async fn save_as(&self, kind: FileKind, name: &str) -> Result<Option<PathBuf>, ApiError>;
    /// Asks the person for a file to read; `None` where they think better of it.
    async fn open_file(&self, kind: FileKind) -> Result<Option<PathBuf>, ApiError>;
    /// Shows a folder in the system's file manager.
    fn show_folder(&self, folder: &Path) -> Result<(), ApiError>;
    /// Whether the app starts when the person logs in.
    fn opens_at_login(&self) -> Result<bool, ApiError>;
    /// Switches that.
    fn set_opens_at_login(&self, on: bool) -> Result<(), ApiError>;
}

/// How to close.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Closing {
    /// End the app instead of going on in the tray.
    pub quit: bool,
}

/// Answers the sheet of the first closing, and closes.
pub async fn close_window(desk: &Desk, closing: Closing) -> Result<Nothing, ApiError> {
    if let Ok(app) = desk.app().await {
        let kept = settings::read(&app).await?;
        settings::save(&app, Settings { close_told: true, ..kept }).await?;
    }
    desk.shell().close(closing.quit);
    Ok(Nothing {})
}

/// Settings with what the system says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SettingsPicture {
    pub settings: Settings,
    /// `None` where the system does not tell.
    pub opens_at_login: Option<bool>,
    pub version: String,
    /// Where all data lies on this computer.
    pub data_folder: String,
}

/// All settings.
pub async fn read_settings(desk: &Desk, _: Nothing) -> Result<SettingsPicture, ApiError> {
    picture(desk).await
}

async fn picture(desk: &Desk) -> Result<SettingsPicture, ApiError> {
    let app = desk.app().await?;
    Ok(SettingsPicture {
        settings: settings::read(&app).await?,
        opens_at_login: desk.shell().opens_at_login().ok(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data_folder: app.data_dir().display().to_string(),
    })
}

/// Sets all settings.
pub async fn save_settings(desk: &Desk, wanted: Settings) -> Result<SettingsPicture, ApiError> {
    settings::save(&desk.app().await?, wanted).await?;
    desk.board().lists_changed();
    picture(desk).await
}

/// On or off.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct AtLogin {
    pub on: bool,
}

/// Starts the app at login, or no longer; a system that refuses says why.
pub async fn open_at_login(desk: &Desk, order: AtLogin) -> Result<SettingsPicture, ApiError> {
    desk.shell().set_opens_at_login(order.on)?;
    picture(desk).await
}

/// A ticket to look at in the browser.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct OpenTicket {
    pub connection: String,
    pub side: Side,
    /// What people call it.
    pub key: String,
}

/// Opens a ticket in the browser. The address is made here from the account's own: none comes from the page (threat T3).
pub async fn open_ticket(desk: &Desk, of: OpenTicket) -> Result<Nothing, ApiError> {
    let app = desk.app().await?;
    let (_, document) = app.connection(&of.connection).await?;
    let account = account_doc(&app.account(document.account(of.side)).await?)?;
    let address = address_of(account.platform, &account.address, &of.key)?;
    desk.shell().browse(&address)?;
    Ok(Nothing {})
}

/// Where a ticket is looked at, by its key.
fn address_of(platform: Platform, origin: &str, key: &str) -> Result<String, ApiError> {
    let plain = !key.is_empty()
        && key.len() <= 64
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !plain {
        return Err(ApiError::new("invalid", format!("{key:?} is not the key of a ticket")));
    }
    let local = origin.starts_with("http://127.0.0.1:") || origin.starts_with("http://[::1]:");
    if !origin.starts_with("https://") && !local {
        return Err(ApiError::new(
            "invalid",
            format!("{origin} is not a safe address, so it was not opened"),
        ));
    }
    Ok(match platform {
        Platform::ServiceNow => {
            format!("{origin}/nav_to.do?uri=task.do%3Fsysparm_query%3Dnumber%3D{key}")
        }
        Platform::Jira => format!("{origin}/browse/{key}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_made_of_the_account_and_a_plain_key_alone() {
        let now = address_of(Platform::ServiceNow, "https://corvane.service-now.com", "INC0048213").unwrap();
        assert_eq!(
            now,
            "https://corvane.service-now.com/nav_to.do?uri=task.do%3Fsysparm_query%3Dnumber%3DINC0048213"
        );
        let jira = address_of(Platform::Jira, "http://127.0.0.1:4002", "CSD-1187").unwrap();
        assert_eq!(jira, "http://127.0.0.1:4002/browse/CSD-1187");
        for key in ["", "../x", "A B", "A&b=c", "javascript:alert(1)", "A\n"] {
            assert!(address_of(Platform::Jira, "https://x.example", key).is_err(), "{key:?}");
        }
        for origin in ["http://x.example", "file:///etc", "javascript:x", "http://127.0.0.1.evil.example"] {
            assert!(address_of(Platform::Jira, origin, "A-1").is_err(), "{origin}");
        }
    }
}
