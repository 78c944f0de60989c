//! `lockstep backup`.

use lockstep_app::{ApiError, App, backup as use_case, planned};
use serde_json::json;

use crate::args::BackupArgs;
use crate::exit::Exit;
use crate::output::Output;

/// Copies the store to a file.
pub async fn backup(app: &App, args: BackupArgs, output: Output) -> Result<Exit, ApiError> {
    let bytes = use_case::backup(app, &args.file).await?;
    if output.json {
        output.document(&json!({ "file": args.file, "bytes": bytes }));
    }
    output.say(format!(
        "Copied the store to {} ({}). It opens with the same keychain entry.",
        args.file.display(),
        planned::size(bytes)
    ));
    Ok(Exit::Success)
}
