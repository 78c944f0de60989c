//! Runs one test of this program in a process of its own: for its own environment, its own log, its own peak of memory.

use std::process::{Command, Stdio};

const PLAYED: &str = "LOCKSTEP_THREATS_CHILD";

/// Runs the test `name` alone, with this environment, and gives what it printed; it must pass.
pub fn run(name: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    let output = command
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(PLAYED, name)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{name}:\n{text}\n{errors}");
    text
}

/// Whether this process was started to run the test `name`; as part of the whole suite there is nothing to do.
pub fn is(name: &str) -> bool {
    std::env::var(PLAYED).is_ok_and(|played| played == name)
}
