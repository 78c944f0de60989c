//! The tray: who needs a person, and what can be done without the window. Its glyph says plain, needs you, or paused.

use std::sync::{Arc, Mutex, PoisonError};

use lockstep_app::ApiError;
use lockstep_app::commands::{Desk, SyncOrder, syncing};
use lockstep_app::connections::{self, ConnectionState, ConnectionView};
use lockstep_app::settings::{self, Settings};
use tauri::image::Image;
use tauri::menu::{Menu, MenuBuilder, MenuEvent, MenuItemBuilder};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _};

use crate::window;

const ID: &str = "lockstep";
const OPEN: &str = "open";
const RUN: &str = "run";
const PAUSE: &str = "pause";
const QUIT: &str = "quit";
/// Before a connection's number: its line was chosen.
const CONNECTION: &str = "connection ";
/// Longest name of a connection in a menu, characters.
const NAME_CHARS_MAX: usize = 60;

const PLAIN: Image<'_> = tauri::include_image!("icons/tray/plain-on-dark.png");
const NEEDS_YOU: Image<'_> = tauri::include_image!("icons/tray/dot-on-dark.png");
const PAUSED: Image<'_> = tauri::include_image!("icons/tray/bars-on-dark.png");

/// What the tray shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Shown {
    /// Connections that need a person, by number.
    lines: Vec<(i64, String)>,
    paused: bool,
}

/// The tray, and what it shows now.
pub struct Tray {
    icon: TrayIcon,
    shown: Mutex<Shown>,
}

/// Puts the icon into the tray; `None` where the system has none or its library is missing.
pub fn put(app: &AppHandle) -> Option<Arc<Tray>> {
    // The library of the tray panics where it is not installed.
    let built = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| build(app)));
    match built {
        Ok(Ok(icon)) => Some(Arc::new(Tray { icon, shown: Mutex::default() })),
        Ok(Err(error)) => {
            tracing::warn!(%error, "no tray: closing the window ends the app");
            None
        }
        Err(_) => {
            tracing::warn!("no tray library: closing the window ends the app");
            None
        }
    }
}

fn build(app: &AppHandle) -> tauri::Result<TrayIcon> {
    TrayIconBuilder::with_id(ID)
        .icon(PLAIN)
        .tooltip("Lockstep")
        .menu(&menu(app, &Shown::default())?)
        .on_menu_event(chosen)
        .build(app)
}

fn menu(app: &AppHandle, shown: &Shown) -> tauri::Result<Menu<tauri::Wry>> {
    let mut menu = MenuBuilder::new(app);
    for (connection, line) in &shown.lines {
        menu = menu.item(&MenuItemBuilder::with_id(format!("{CONNECTION}{connection}"), line).build(app)?);
    }
    if !shown.lines.is_empty() {
        menu = menu.separator();
    }
    let pause = if shown.paused { "Resume" } else { "Pause all" };
    menu.text(OPEN, "Open Lockstep")
        .text(RUN, "Run sync now")
        .text(PAUSE, pause)
        .separator()
        .text(QUIT, "Quit")
        .build()
}

impl Tray {
    /// Shows the connections and settings as they are now.
    pub async fn refresh(&self, app: &AppHandle, desk: &Desk) {
        let now = match look(desk).await {
            Ok(now) => now,
            Err(error) => {
                tracing::debug!(%error, "the tray keeps what it shows");
                return;
            }
        };
        {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            if *shown == now {
                return;
            }
            shown.clone_from(&now);
        }
        if let Err(error) = self.show(app, &now) {
            tracing::warn!(%error, "the tray could not be changed");
        }
    }

    fn show(&self, app: &AppHandle, now: &Shown) -> tauri::Result<()> {
        self.icon.set_menu(Some(menu(app, now)?))?;
        let (image, tooltip) = match (now.paused, now.lines.len()) {
            (true, _) => (PAUSED, "Lockstep: paused".to_owned()),
            (false, 0) => (PLAIN, "Lockstep".to_owned()),
            (false, 1) => (NEEDS_YOU, "Lockstep: 1 connection needs you".to_owned()),
            (false, count) => (NEEDS_YOU, format!("Lockstep: {count} connections need you")),
        };
        self.icon.set_icon(Some(image))?;
        self.icon.set_tooltip(Some(tooltip))
    }
}

async fn look(desk: &Desk) -> Result<Shown, ApiError> {
    let app = desk.app().await?;
    let lines = connections::list(&app).await?.iter().filter(|one| needs_person(one)).map(line).collect();
    Ok(Shown { lines, paused: settings::read(&app).await?.paused })
}

/// Whether a connection waits for a person.
pub fn needs_person(connection: &ConnectionView) -> bool {
    matches!(
        connection.state,
        ConnectionState::SignInNeeded
            | ConnectionState::Stalled
            | ConnectionState::NeedsDecision
            | ConnectionState::InitialSyncRequired
            | ConnectionState::SetupNotFinished
    )
}

fn line(connection: &ConnectionView) -> (i64, String) {
    // In a menu an underscore would mark a letter.
    (connection.id, format!("{}: {}", plain(&connection.name).replace('_', "__"), connection.state_label))
}

/// A name that no menu or notification can be misled with: no control or direction characters, and not long (threat T15).
pub fn plain(name: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    name.chars().filter(|c| !c.is_control() && !turns(*c)).take(NAME_CHARS_MAX).collect()
}

fn chosen(app: &AppHandle, event: MenuEvent) {
    let id = event.id().as_ref();
    match id {
        OPEN => window::show(app, None),
        QUIT => app.exit(0),
        RUN => act(app, run_all),
        PAUSE => act(app, turn_pause),
        _ => {
            if let Some(connection) = id.strip_prefix(CONNECTION) {
                window::show(app, Some(&format!("#/connection/{connection}/status")));
            }
        }
    }
}

fn act<Work>(app: &AppHandle, work: fn(Desk) -> Work)
where
    Work: Future<Output = Result<(), ApiError>> + Send + 'static,
{
    let desk = app.state::<Desk>().inner().clone();
    tauri::async_runtime::spawn(async move {
        if let Err(error) = work(desk).await {
            tracing::warn!(%error, "the tray's order was not carried out");
        }
    });
}

/// Runs every connection that has had its first run; what hinders one is told in its history and on its screen.
async fn run_all(desk: Desk) -> Result<(), ApiError> {
    let app = desk.app().await?;
    for connection in connections::list(&app).await? {
        if matches!(
            connection.state,
            ConnectionState::InitialSyncRequired | ConnectionState::SetupNotFinished
        ) {
            continue;
        }
        let order = SyncOrder { connection: connection.id, since_ms: None, plan: None, confirmed: false };
        if let Err(error) = syncing::run_sync(&desk, order).await {
            tracing::warn!(connection = connection.id, %error, "the run did not start");
        }
    }
    Ok(())
}

async fn turn_pause(desk: Desk) -> Result<(), ApiError> {
    let app = desk.app().await?;
    let kept = settings::read(&app).await?;
    settings::save(&app, Settings { paused: !kept.paused, ..kept }).await?;
    desk.board().lists_changed();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_cannot_mislead_a_menu() {
        assert_eq!(plain("Corvane\u{202e}\n\x1b[31m inc_idents\u{7}"), "Corvane[31m inc_idents");
        assert_eq!(plain(&"x".repeat(500)).len(), 60);
    }
}
