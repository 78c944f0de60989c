//! A copy of the store, encrypted with the same key.

use std::path::Path;

use crate::api_error::ApiError;
use crate::app::App;

/// As [`backup`], over a file of that name if there is one: the copy is whole before it takes its place.
pub async fn replace(app: &App, file: &Path) -> Result<u64, ApiError> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    if let Err(error) = std::fs::remove_file(beside)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(ApiError::new("store", format!("{} is in the way: {error}", beside.display())));
    }
    let bytes = backup(app, beside).await?;
    std::fs::rename(beside, file)
        .map_err(|error| ApiError::new("store", format!("{} cannot be written: {error}", file.display())))?;
    Ok(bytes)
}

/// Copies the store to `file`, which must not exist, while it is in use. Answers the copy's size in bytes.
pub async fn backup(app: &App, file: &Path) -> Result<u64, ApiError> {
    let name = file.display();
    if file.exists() {
        return Err(ApiError::new("invalid", format!("{name} exists already"))
            .hint("Name a file that does not exist yet."));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(ApiError::new("invalid", format!("there is no folder {}", folder.display()))
            .hint("Make it first."));
    }
    app.store().backup(file.to_owned()).await?;
    let size = std::fs::metadata(file).map(|meta| meta.len());
    size.map_err(|error| ApiError::new("store", format!("the copy {name} cannot be looked at: {error}")))
}
