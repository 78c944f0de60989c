//! `lockstep watch`: automatic runs without a window.

use std::sync::Arc;

use lockstep_app::automatic::{self, Watch, WatchListener, WatchNews};
use lockstep_app::events::{Listener, RunEvent};
use lockstep_app::{ApiError, App, moments};

use crate::args::WatchArgs;
use crate::exit::Exit;
use crate::output::Output;
use crate::stop;

/// Runs automatic connections until asked to stop.
pub async fn watch(app: &App, args: WatchArgs, output: Output) -> Result<Exit, ApiError> {
    let (ask, stop_asked) = tokio::sync::watch::channel(false);
    tokio::spawn(async move {
        stop::asked().await;
        // Nobody listens once the loop has ended by itself.
        let _ = ask.send(true);
        output.note("Stopping: operations in flight are finished first. Press Ctrl-C again to end at once.");
        stop::asked().await;
        std::process::exit(Exit::Cancelled.code().into());
    });
    let listener = Arc::new(Told { app: app.clone(), output });
    let orders = Watch { only: args.connections.into_iter().collect(), stop: stop_asked };
    automatic::watch(app, listener, orders).await?;
    Ok(Exit::Success)
}

struct Told {
    app: App,
    output: Output,
}

impl Listener for Told {
    fn event(&self, event: &RunEvent) {
        if self.output.json {
            self.output.json_line(event);
        }
    }
}

impl WatchListener for Told {
    fn news(&self, news: &WatchNews) {
        if self.output.json {
            self.output.json_line(news);
            return;
        }
        let now_ms = self.app.now_ms();
        let clock = moments::moment(now_ms, now_ms);
        let next = |ms: i64| format!("next in {}", moments::duration(ms - now_ms));
        let told = match news {
            WatchNews::Watching { connections } if connections.is_empty() => {
                "No connection has automatic runs on; waiting for one. `lockstep connection automatic NAME on`".to_owned()
            }
            WatchNews::Watching { connections } => format!("Watching {}.", connections.join(", ")),
            WatchNews::NotReady { connection, reason } => format!("{connection}: {reason}."),
            WatchNews::RunEnded { connection, result, summary, next_ms } => {
                format!("{connection}: {} ({summary}), {}", result.label(), next(*next_ms))
            }
            WatchNews::RunFailed { connection, error, next_ms } => {
                let hint = error.hint.as_ref().map(|hint| format!(" {hint}")).unwrap_or_default();
                format!("{connection}: {}.{hint} {}", error.message.trim_end_matches('.'), next(*next_ms))
            }
            WatchNews::Stopping => "Stopping.".to_owned(),
        };
        self.output.say(format!("{clock}  {told}"));
    }
}
