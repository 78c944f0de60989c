//! The desktop around the window, as the commands need it: closing, the browser, starting at login.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lockstep_app::ApiError;
use lockstep_app::commands::Shell;
use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt as _;

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

    fn opens_at_login(&self) -> Result<bool, ApiError> {
        self.app.autolaunch().is_enabled().map_err(|error| refused(&error))
    }

    fn set_opens_at_login(&self, on: bool) -> Result<(), ApiError> {
        let launch = self.app.autolaunch();
        let done = if on { launch.enable() } else { launch.disable() };
        done.map_err(|error| refused(&error))
    }
}

fn refused(error: &dyn std::error::Error) -> ApiError {
    ApiError::new("forbidden", format!("the system refuses to open Lockstep at login: {error}"))
        .hint("Look at the programs that start at login in the system's settings.")
}
