//! The bridge: one Tauri command over the list in `lockstep-app`. A panic in a command is an error of that command alone.

use lockstep_app::ApiError;
use lockstep_app::commands::{self, Desk};
use serde_json::Value;
use tauri::State;

/// Carries out a command of the list.
#[tauri::command]
pub async fn call(desk: State<'_, Desk>, name: String, payload: Value) -> Result<Value, ApiError> {
    let desk = desk.inner().clone();
    let asked = name.clone();
    // A task of its own, so that a panic ends here and a closed page does not break a command off half-way.
    let work = tokio::spawn(async move { commands::call(&desk, &asked, payload).await });
    work.await.unwrap_or_else(|error| {
        tracing::error!(command = %name, %error, "a command broke off");
        Err(ApiError::new("unexpected", "Lockstep met a mistake of its own")
            .hint("Try again. The log in the data folder says more; nothing that was written is lost."))
    })
}
