//! Automatic runs: what `watch` and the open window do. Every connection that has them switched on runs again and
//! again; what hinders one leaves the others alone; nothing but the shutdown ends the loop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lockstep_store::tables::connections::{self, Connection};
use lockstep_store::tables::retention;
use lockstep_store::tables::runs::RunKind;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

use crate::api_error::ApiError;
use crate::app::{App, document_of};
use crate::connections::may_run;
use crate::events::{Listener, RunEvent, RunResult};
use crate::moments;
use crate::settings::{self, Settings};
use crate::syncing::RunOrder;

/// How often the loop looks at what is due.
const LOOK_MS: u64 = 1_000;
/// Longest pause after failures in a row.
const BACK_OFF_MS_MAX: u64 = 3_600_000;
/// What was trimmed by age is looked at again after that long.
const TRIM_EVERY_MS: u64 = 3_600_000;
/// The audit log and closed conflicts are kept that long.
const KEPT_MS: i64 = 90 * DAY_MS;
const DAY_MS: i64 = 24 * 3_600_000;

/// What the loop tells besides the events of its runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "event", rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum WatchNews {
    /// It looks after these connections from now on.
    Watching { connections: Vec<String> },
    /// A connection cannot run now; told once for each reason.
    NotReady { connection: String, reason: String },
    /// A run ended.
    RunEnded {
        connection: String,
        result: RunResult,
        summary: String,
        #[ts(type = "number")]
        next_ms: i64,
    },
    /// A run did not come to an end; it is tried again.
    RunFailed {
        connection: String,
        error: ApiError,
        #[ts(type = "number")]
        next_ms: i64,
    },
    /// It stops: runs at work are cancelled gently.
    Stopping,
}

/// Listens to the loop and to its runs.
pub trait WatchListener: Listener {
    /// Takes one piece of news.
    fn news(&self, news: &WatchNews);
}

/// Which connections, and until when.
pub struct Watch {
    /// Names; empty for all.
    pub only: BTreeSet<String>,
    /// Turns true when the loop shall stop.
    pub stop: watch::Receiver<bool>,
}

/// What is known of one connection's turn.
#[derive(Debug, Clone, Default)]
struct Turn {
    /// On the clock that never steps, milliseconds.
    due_ms: u64,
    working: bool,
    failures: u32,
    /// The reason last told why it cannot run.
    told: Option<String>,
}

/// Runs until told to stop. Fails only at the start: when another process runs on the store, or a name is unknown.
pub async fn watch(app: &App, listener: Arc<dyn WatchListener>, mut orders: Watch) -> Result<(), ApiError> {
    app.lock().await?;
    for name in &orders.only {
        app.connection(name).await?;
    }
    let (ended, mut endings) = mpsc::unbounded_channel();
    let mut turns: BTreeMap<i64, Turn> = BTreeMap::new();
    let mut announced: Option<Vec<String>> = None;
    let mut trimmed_ms = 0;
    while !*orders.stop.borrow() {
        let now_ms = app.clock().monotonic_ms();
        while let Ok(ending) = endings.try_recv() {
            settle(app, &listener, &mut turns, ending);
        }
        let settings = settings::read(app).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the settings cannot be read; nothing starts until they can");
            Settings { paused: true, ..Settings::default() }
        });
        match wanted(app, &orders.only).await {
            Ok(all) => {
                let names: Vec<String> = all.iter().map(|connection| connection.name.clone()).collect();
                if announced.as_ref() != Some(&names) {
                    listener.news(&WatchNews::Watching { connections: names.clone() });
                    announced = Some(names);
                }
                for connection in all {
                    let turn =
                        turns.entry(connection.id.0).or_insert_with(|| first_turn(&connection, now_ms));
                    if !settings.paused
                        && !turn.working
                        && turn.due_ms <= now_ms
                        && is_ready(app, &listener, &connection, turn).await
                    {
                        turn.working = true;
                        start(app, &listener, connection, ended.clone());
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the connections cannot be read; trying again"),
        }
        if now_ms.saturating_sub(trimmed_ms) >= TRIM_EVERY_MS || trimmed_ms == 0 {
            trimmed_ms = now_ms.max(1);
            trim(app, settings.keep_days).await;
        }
        tokio::select! {
            () = app.clock().sleep_ms(LOOK_MS) => {}
            changed = orders.stop.changed() => if changed.is_err() { break },
        }
    }
    listener.news(&WatchNews::Stopping);
    for id in turns.keys() {
        app.cancel(*id);
    }
    drop(ended);
    while let Some(ending) = endings.recv().await {
        settle(app, &listener, &mut turns, ending);
    }
    Ok(())
}

async fn wanted(app: &App, only: &BTreeSet<String>) -> Result<Vec<Connection>, ApiError> {
    let mut all = app.store().read(connections::list).await?;
    all.retain(|connection| connection.automatic && (only.is_empty() || only.contains(&connection.name)));
    Ok(all)
}

/// The first turns come soon, and spread: by the connection's number, not by chance.
fn first_turn(connection: &Connection, now_ms: u64) -> Turn {
    let spread_ms = spread(connection.id.0) % 3_000;
    Turn { due_ms: now_ms + spread_ms, ..Turn::default() }
}

fn spread(id: i64) -> u64 {
    id.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
}

async fn is_ready(
    app: &App,
    listener: &Arc<dyn WatchListener>,
    connection: &Connection,
    turn: &mut Turn,
) -> bool {
    // A manual run of it is at work: the next look will do.
    if app.running().contains(&connection.id.0) {
        return false;
    }
    let reason = match may_run(app, connection).await {
        Ok(Ok(())) => {
            turn.told = None;
            return true;
        }
        Ok(Err(reason)) => reason,
        Err(error) => error.message,
    };
    if turn.told.as_ref() != Some(&reason) {
        listener.news(&WatchNews::NotReady { connection: connection.name.clone(), reason: reason.clone() });
        turn.told = Some(reason);
    }
    // Signing in or a first run mends it; no need to ask the keychain twice a second.
    turn.due_ms = app.clock().monotonic_ms() + 15_000;
    false
}

struct Ending {
    connection: i64,
    name: String,
    interval_ms: u64,
    result: Result<(RunResult, String), ApiError>,
}

/// Passes the events of a run on.
struct Passing(Arc<dyn WatchListener>);

impl Listener for Passing {
    fn event(&self, event: &RunEvent) {
        self.0.event(event);
    }
}

fn start(
    app: &App,
    listener: &Arc<dyn WatchListener>,
    connection: Connection,
    ended: mpsc::UnboundedSender<Ending>,
) {
    let (app, listener) = (app.clone(), Arc::new(Passing(Arc::clone(listener))));
    tokio::spawn(async move {
        let document = document_of(&connection);
        let seconds = document
            .as_ref()
            .map_or(crate::config::document::INTERVAL_SECONDS, |document| document.interval_seconds);
        let order = RunOrder {
            connection: connection.name.clone(),
            kind: RunKind::Automatic,
            since_ms: None,
            confirmed: false,
            take_over: false,
            plan: None,
            trigger: format!("every {}", moments::duration(i64::from(seconds) * 1000)),
        };
        // A panic in a run is told like a failure; the loop lives on.
        let running = app.clone();
        let run = tokio::spawn(async move { running.run(order, listener).await });
        let result = match run.await {
            Ok(Ok(report)) => Ok((report.result, in_words(&report.counts))),
            Ok(Err(error)) => Err(error),
            Err(panic) => Err(ApiError::new("unexpected", format!("the run broke off: {panic}"))),
        };
        // Nobody listens any more after the shutdown.
        let _ = ended.send(Ending {
            connection: connection.id.0,
            name: connection.name,
            interval_ms: u64::from(seconds) * 1000,
            result,
        });
    });
}

fn in_words(counts: &crate::events::Counts) -> String {
    format!(
        "{} created, {} updated, {} closed, {} failed",
        moments::count(counts.created),
        moments::count(counts.updated),
        moments::count(counts.closed),
        moments::count(counts.failed)
    )
}

fn settle(app: &App, listener: &Arc<dyn WatchListener>, turns: &mut BTreeMap<i64, Turn>, ending: Ending) {
    let turn = turns.entry(ending.connection).or_default();
    turn.working = false;
    turn.failures = if ending.result.is_ok() { 0 } else { turn.failures.saturating_add(1) };
    let pause_ms = pause_ms(ending.interval_ms, turn.failures, ending.connection);
    turn.due_ms = app.clock().monotonic_ms() + pause_ms;
    let next_ms = app.now_ms().saturating_add(i64::try_from(pause_ms).unwrap_or(i64::MAX));
    listener.news(&match ending.result {
        Ok((result, summary)) => WatchNews::RunEnded { connection: ending.name, result, summary, next_ms },
        Err(error) => {
            tracing::warn!(connection = %ending.name, code = %error.code, message = %error.message, "an automatic run failed");
            WatchNews::RunFailed { connection: ending.name, error, next_ms }
        }
    });
}

/// The interval with a little spread; after failures in a row twice as long each time, up to an hour.
fn pause_ms(interval_ms: u64, failures: u32, id: i64) -> u64 {
    let doubled = interval_ms.saturating_mul(1 << failures.saturating_sub(1).min(10));
    let longest = BACK_OFF_MS_MAX.max(interval_ms);
    let pause = if failures == 0 { interval_ms } else { doubled.min(longest) };
    pause + spread(id) % (interval_ms / 20).max(1)
}

async fn trim(app: &App, keep_days: Option<u32>) {
    let now_ms = app.now_ms();
    let kept_ms = keep_days.map_or(i64::MAX / 2, |days| i64::from(days) * DAY_MS);
    let limits = retention::Limits {
        runs_ended_before_ms: now_ms - kept_ms,
        audit_before_ms: now_ms - KEPT_MS,
        conflicts_closed_before_ms: now_ms - KEPT_MS,
        now_ms,
        runs_max: 50,
    };
    loop {
        match app.store().write(move |tx| retention::trim(tx, limits)).await {
            Ok(trimmed) if trimmed.more => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "old details could not be trimmed");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_make_the_pause_longer_up_to_an_hour() {
        let minute = 60_000;
        assert!((5 * minute..6 * minute).contains(&pause_ms(5 * minute, 0, 7)));
        assert!((5 * minute..6 * minute).contains(&pause_ms(5 * minute, 1, 7)));
        assert!((10 * minute..11 * minute).contains(&pause_ms(5 * minute, 2, 7)));
        assert!((60 * minute..62 * minute).contains(&pause_ms(5 * minute, 30, 7)));
        let day = 24 * 60 * minute;
        assert!(pause_ms(day, 3, 7) >= day, "never shorter than the interval");
    }

    #[test]
    fn the_spread_comes_from_the_number() {
        assert_eq!(pause_ms(300_000, 0, 3), pause_ms(300_000, 0, 3));
        assert_ne!(pause_ms(300_000, 0, 3), pause_ms(300_000, 0, 4));
    }
}
