//! The desktop around the window, as the commands need it: closing, the browser, starting at login.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lockstep_app::ApiError;
use lockstep_app::commands::{FileKind, Shell};
use tauri::{AppHandle, Manager as _, Wry};
use tauri_plugin_autostart::ManagerExt as _;
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder, FilePath};

use crate::window;

/// Shared with the events of the window.
#[derive(Default)]
pub struct Closing {
    /// There is a tray to live on in.
    pub tray: AtomicBool,
    /// The person knows that closing does not end the app.
    pub told: AtomicBool,
}

impl Closing {
    /// Whether the app goes on without a window.
    pub fn lives_on(&self) -> bool {
        self.tray.load(Ordering::Relaxed)
    }

    /// Whether a sheet must tell that first. Once: a page that cannot show it must not keep its window open for ever.
    pub fn must_tell(&self) -> bool {
        self.lives_on() && !self.told.swap(true, Ordering::Relaxed)
    }
}

/// What Tauri and the system offer.
pub struct Desktop {
    pub app: AppHandle,
    pub closing: Arc<Closing>,
}

#[async_trait::async_trait]
impl Shell for Desktop {
    fn close(&self, quit: bool) {
        self.closing.told.store(true, Ordering::Relaxed);
        if quit {
            self.app.exit(0);
        } else {
            window::close(&self.app);
        }
    }

    fn browse(&self, address: &str) -> Result<(), ApiError> {
        open::that_detached(address).map_err(|error| {
            ApiError::new("unexpected", format!("no browser could be opened: {error}"))
                .hint("Set a default browser in the system's settings.")
        })
    }

    async fn save_as(&self, kind: FileKind, name: &str) -> Result<Option<PathBuf>, ApiError> {
        let dialog = self.dialog(kind).set_file_name(name);
        chosen(move || dialog.blocking_save_file()).await
    }

    async fn open_file(&self, kind: FileKind) -> Result<Option<PathBuf>, ApiError> {
        let dialog = self.dialog(kind);
        chosen(move || dialog.blocking_pick_file()).await
    }

    fn show_folder(&self, folder: &Path) -> Result<(), ApiError> {
        open::that_detached(folder).map_err(|error| {
            ApiError::new("unexpected", format!("no file manager could be opened: {error}"))
                .hint(format!("Open {} by hand.", folder.display()))
        })
    }

    fn opens_at_login(&self) -> Result<bool, ApiError> {
        self.app.autolaunch().is_enabled().map_err(|error| refused(&error))
    }

    fn set_opens_at_login(&self, on: bool) -> Result<(), ApiError> {
        let launch = self.app.autolaunch();
        let done = if on { launch.enable() } else { launch.disable() };
        done.map_err(|error| refused(&error))
    }
}

impl Desktop {
    fn dialog(&self, kind: FileKind) -> FileDialogBuilder<Wry> {
        let (title, label, endings): (_, _, &[&str]) = match kind {
            FileKind::Configuration => ("Configuration of Lockstep", "Configuration", &["toml"]),
            FileKind::Backup => ("Backup of Lockstep", "Backup", &["backup"]),
            FileKind::Certificates => ("Certificates to trust", "Certificates", &["pem", "crt", "cer"]),
        };
        let dialog = self.app.dialog().file().set_title(title).add_filter(label, endings);
        match self.app.get_webview_window(window::LABEL) {
            Some(window) => dialog.set_parent(&window),
            None => dialog,
        }
    }
}

/// Waits for a person's choice off the threads that serve the window.
async fn chosen(
    ask: impl FnOnce() -> Option<FilePath> + Send + 'static,
) -> Result<Option<PathBuf>, ApiError> {
    let broken = |_| ApiError::new("unexpected", "the system's file dialog broke off");
    let path = tauri::async_runtime::spawn_blocking(ask).await.map_err(broken)?;
    path.map(|path| {
        path.into_path().map_err(|_| ApiError::new("invalid", "that is no file on this computer"))
    })
    .transpose()
}

fn refused(error: &dyn std::error::Error) -> ApiError {
    ApiError::new("forbidden", format!("the system refuses to open Lockstep at login: {error}"))
        .hint("Look at the programs that start at login in the system's settings.")
}
