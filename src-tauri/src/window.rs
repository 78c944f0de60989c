//! The one window: it shows our own pages and goes nowhere else (reliability.md T3). Closing destroys it, so that an app in
//! the tray takes little memory; showing it again makes it anew.

use std::path::PathBuf;

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Emitter as _, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// Its label, as in tauri.conf.json and in the capability.
pub const LABEL: &str = "main";
/// Told to a window that is open: the screen to go to.
const GO: &str = "go";

/// Opens the window that tauri.conf.json describes, at a screen of its own choice or at `screen` (`#/overview`).
pub fn open(app: &AppHandle, screen: Option<&str>) -> tauri::Result<()> {
    let windows = &app.config().app.windows;
    let config = windows.iter().find(|window| window.label == LABEL).ok_or(tauri::Error::WindowNotFound)?;
    let mut config = config.clone();
    if let Some(screen) = screen {
        config.url = WebviewUrl::App(PathBuf::from(format!("index.html{screen}")));
    }
    WebviewWindowBuilder::from_config(app, &config)?
        .on_navigation(|url| {
            let ours = is_ours(url);
            if !ours {
                tracing::warn!(
                    host = url.host_str(),
                    scheme = url.scheme(),
                    "the page wanted to go elsewhere"
                );
            }
            ours
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    Ok(())
}

fn present(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(LABEL)
}

/// Brings the window to the front, or opens it; at `screen` if one is named.
pub fn show(app: &AppHandle, screen: Option<&str>) {
    let shown = match present(app) {
        Some(window) => to_front(&window, screen),
        None => open(app, screen),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window could not be shown");
    }
}

fn to_front(window: &WebviewWindow, screen: Option<&str>) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    window.set_focus()?;
    match screen {
        Some(screen) => window.emit_to(LABEL, GO, screen),
        None => Ok(()),
    }
}

/// Destroys the window.
pub fn close(app: &AppHandle) {
    if let Some(Err(error)) = present(app).map(|window| window.destroy()) {
        tracing::warn!(%error, "the window could not be closed");
    }
}

/// Whether a person has the window before them.
pub fn is_looked_at(app: &AppHandle) -> bool {
    present(app).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Whether an address is one of our own pages: the app's own scheme, or the origin Windows has in its place.
fn is_ours(url: &Url) -> bool {
    match (url.scheme(), url.host_str(), url.port()) {
        ("tauri", Some("localhost"), None) | ("http" | "https", Some("tauri.localhost"), None) => true,
        // `tauri dev` serves the pages from Vite.
        ("http", Some("localhost"), Some(5173)) => cfg!(dev),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Url, is_ours};

    #[test]
    fn only_our_own_pages_are_shown() {
        for ours in ["tauri://localhost/", "tauri://localhost/index.html#/run/7", "http://tauri.localhost/"] {
            assert!(is_ours(&Url::parse(ours).unwrap()), "{ours}");
        }
        for foreign in [
            "https://example.com/",
            "http://tauri.localhost.example.com/",
            "http://tauri.localhost:8080/",
            "tauri://localhost:1/",
            "tauri://evil/",
            "http://localhost/",
            "http://127.0.0.1:5173/",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:alert(1)",
            "about:blank",
            "blob:tauri://localhost/1",
        ] {
            assert!(!is_ours(&Url::parse(foreign).unwrap()), "{foreign}");
        }
    }
}
