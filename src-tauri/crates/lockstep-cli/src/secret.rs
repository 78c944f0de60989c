//! Asks for a secret: from the terminal without showing it, or from standard input. Never from an argument.

use std::io::{IsTerminal, Read};

use lockstep_app::ApiError;
use lockstep_app::places::Secret;

/// Longer input is no secret.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Reads the secret called `label` of `account`.
pub fn ask(label: &str, account: &str) -> Result<Secret, ApiError> {
    let read = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("{label} of {account}: "))
            .map_err(|error| unreadable(label, &error))?
    } else {
        let mut text = String::new();
        let mut input = std::io::stdin().lock().take(SECRET_BYTES_MAX);
        input.read_to_string(&mut text).map_err(|error| unreadable(label, &error))?;
        text
    };
    let secret = read.trim_end_matches(['\r', '\n']);
    if secret.trim().is_empty() {
        return Err(ApiError::new("invalid", format!("no {label} was given"))
            .hint("Type it at the prompt, or send it through standard input."));
    }
    Ok(Secret::new(secret.to_owned()))
}

fn unreadable(label: &str, error: &std::io::Error) -> ApiError {
    ApiError::new("invalid", format!("the {label} could not be read: {error}"))
}
