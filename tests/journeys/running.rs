//! The program at work: what it tells line by line, and signals to it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use xtask::lab::Lockstep;

/// Longer silence is a hang.
const SILENCE_MAX: Duration = Duration::from_secs(180);

/// A process of the program, with `--json`.
pub struct Running {
    child: Child,
    events: Receiver<Value>,
    errors: Option<ChildStderr>,
}

impl Running {
    /// Starts it over the data folder.
    pub fn start(lockstep: &Lockstep, arguments: &[&str]) -> Running {
        let mut child = Command::new(&lockstep.program)
            .arg("--data-dir")
            .arg(&lockstep.data)
            .arg("--json")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let errors = child.stderr.take();
        let (tell, events) = channel();
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let Ok(event) = serde_json::from_str(&line) else { continue };
                if tell.send(event).is_err() {
                    break;
                }
            }
        });
        Running { child, events, errors }
    }

    pub fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// Waits until it tells of something.
    pub fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.events.recv_timeout(SILENCE_MAX).expect("it tells of what is waited for");
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Waits until its run enters a phase.
    pub fn until_phase(&self, phase: &str) {
        self.until(|event| event["phase"] == phase);
    }

    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.pid()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end: exit code and what it said on the error stream.
    pub fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.errors.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A failed journey leaves nothing behind; one that has ended is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
