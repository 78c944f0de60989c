//! What a run tells while it works: a bar on a terminal, JSON lines with `--json`, quiet otherwise.

use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use lockstep_app::App;
use lockstep_app::events::{Counts, Listener, Phase, RunEvent};
use lockstep_app::moments;

use crate::output::{self, Output, clean, short};
use crate::stop;

/// Longest title in the bar.
const TITLE_CHARS_MAX: usize = 40;

/// Listens to one run or plan.
pub struct Progress {
    output: Output,
    bar: Option<ProgressBar>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    phase: Option<Phase>,
    counts: Counts,
    planned: u64,
    dealt_with: u64,
}

impl Progress {
    /// Draws only where somebody watches.
    pub fn new(output: Output) -> Arc<Progress> {
        let bar = (!output.json && output::is_watched()).then(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_style(ProgressStyle::with_template("{spinner} {msg}").expect("the template is right"));
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            bar
        });
        Arc::new(Progress { output, bar, seen: Mutex::default() })
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn draw(&self, event: &RunEvent) {
        let Some(bar) = &self.bar else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            RunEvent::Phase { phase, .. } => seen.phase = Some(*phase),
            RunEvent::Counts { counts, .. } => seen.counts = *counts,
            RunEvent::Planned { .. } => seen.planned = seen.counts.planned,
            RunEvent::Ticket { .. } => seen.dealt_with += 1,
            _ => {}
        }
        let phase = seen.phase.map_or("Sign in", Phase::label);
        let message = match event {
            RunEvent::Waiting { host, until_ms, reason, .. } => {
                let until = moments::moment(*until_ms, *until_ms);
                format!("{phase}: waiting for {} until {until} ({reason})", clean(host))
            }
            RunEvent::Ticket { title, .. } => {
                format!(
                    "{phase}: {} tickets, {}",
                    moments::count(seen.dealt_with),
                    short(&clean(title), TITLE_CHARS_MAX)
                )
            }
            _ if seen.counts.read > 0 => {
                format!(
                    "{phase}: {} read, {} to write",
                    moments::count(seen.counts.read),
                    moments::count(seen.counts.planned)
                )
            }
            _ => phase.to_owned(),
        };
        bar.set_message(message);
    }
}

impl Listener for Progress {
    fn event(&self, event: &RunEvent) {
        if self.output.json {
            self.output.json_line(event);
        } else {
            self.draw(event);
        }
    }
}

/// Cancels the run of a connection gently when asked to stop; asked again, the program ends at once.
pub fn cancel_when_asked(app: &App, connection: i64, output: Output) -> tokio::task::JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move {
        stop::asked().await;
        if app.cancel(connection) {
            output.note(
                "Cancelling: the operation in flight is finished first. Press Ctrl-C again to end at once.",
            );
        }
        stop::asked().await;
        std::process::exit(crate::exit::Exit::Cancelled.code().into());
    })
}
