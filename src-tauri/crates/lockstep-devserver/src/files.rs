//! The built pages from their folder: names of files that are there, and nothing else.

use std::path::{Component, Path, PathBuf};

/// A file's bytes and media type; `None` where there is none of that name below `pages`.
pub async fn read(pages: &Path, path: &str) -> Option<(Vec<u8>, &'static str)> {
    let file = below(pages, path)?;
    let kind = match file.extension()?.to_str()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => return None,
    };
    Some((tokio::fs::read(file).await.ok()?, kind))
}

fn below(pages: &Path, path: &str) -> Option<PathBuf> {
    let name = match path.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !name.contains(['\\', '%', '\0'])).then(|| pages.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_below_the_folder_are_files() {
        let pages = Path::new("/pages");
        assert_eq!(below(pages, "/"), Some("/pages/index.html".into()));
        assert_eq!(below(pages, "/assets/a.js"), Some("/pages/assets/a.js".into()));
        for wrong in ["/../x", "/a/../../x", "/a\\..\\x", "/%2e%2e/x"] {
            assert_eq!(below(pages, wrong), None, "{wrong}");
        }
        assert_eq!(below(pages, "//etc/passwd"), Some("/pages/etc/passwd".into()));
    }
}
