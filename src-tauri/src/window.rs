//! The one window: it shows our own pages and goes nowhere else (reliability.md T3).

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Url, WebviewWindowBuilder};

/// Its label, as in tauri.conf.json and in the capability.
pub const LABEL: &str = "main";

/// Opens the window that tauri.conf.json describes.
pub fn open(app: &AppHandle) -> tauri::Result<()> {
    let windows = &app.config().app.windows;
    let config = windows.iter().find(|window| window.label == LABEL).ok_or(tauri::Error::WindowNotFound)?;
    WebviewWindowBuilder::from_config(app, config)?
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
