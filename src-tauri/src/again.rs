//! A start that meets another one on its way out: it hands its orders over to a program that ends before it answers. Then this
//! one takes its place.

use std::process::Command;
use std::time::Duration;

/// How often this start was tried before.
const TRIED: &str = "LOCKSTEP_START_TRIED";
const TRIES_MAX: u32 = 20;
/// An app that ends waits for the operation in flight.
const PAUSE: Duration = Duration::from_millis(500);

/// Starts this program again where the one that runs ended while it was spoken to; returns where anything else went wrong.
pub fn start_again(error: &tauri::Error) {
    let tried = std::env::var(TRIED).ok().and_then(|tried| tried.parse().ok()).unwrap_or(0);
    if !ended_meanwhile(error) || tried >= TRIES_MAX {
        return;
    }
    std::thread::sleep(PAUSE);
    let Ok(program) = std::env::current_exe() else { return };
    let mut again = Command::new(program);
    again.args(std::env::args_os().skip(1)).env(TRIED, (tried + 1).to_string());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        eprintln!("Lockstep cannot start again: {}", again.exec());
    }
    #[cfg(not(unix))]
    match again.spawn() {
        Ok(_) => std::process::exit(0),
        Err(error) => eprintln!("Lockstep cannot start again: {error}"),
    }
}

fn ended_meanwhile(error: &tauri::Error) -> bool {
    matches!(error, tauri::Error::PluginInitialization(plugin, _) if plugin == "single-instance")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_app_on_its_way_out_is_waited_for() {
        let failed =
            |plugin: &str| tauri::Error::PluginInitialization(plugin.to_owned(), "no reply".to_owned());
        assert!(ended_meanwhile(&failed("single-instance")));
        assert!(!ended_meanwhile(&failed("autostart")));
        assert!(!ended_meanwhile(&tauri::Error::WindowNotFound));
    }
}
