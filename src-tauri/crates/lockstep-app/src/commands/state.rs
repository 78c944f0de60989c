//! Whether the window may go on.

use lockstep_store::tables::connections;

use super::{Desk, Nothing};
use crate::api_error::ApiError;
use crate::views::AppState;

/// Opens the store if need be, and tells what there is.
pub async fn app_state(desk: &Desk, _: Nothing) -> Result<AppState, ApiError> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let practice = desk.practice().was_started();
    let app = match desk.app().await {
        Ok(app) => app,
        Err(error) => {
            let trouble = Some(desk.trouble(error).await);
            return Ok(AppState { version, trouble, connections: 0, practice, running: Vec::new() });
        }
    };
    let listed = app.store().read(connections::list).await?;
    let connections = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    Ok(AppState { version, trouble: None, connections, practice, running: desk.board().running() })
}
