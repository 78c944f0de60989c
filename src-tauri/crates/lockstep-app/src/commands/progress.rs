//! Where each run stands, gathered from its events into one picture, and told at most four times a second.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lockstep_connectors::ports::Clock;
use serde::Serialize;
use tokio::sync::Notify;

use crate::accounts::TestLineView;
use crate::automatic::{WatchListener, WatchNews};
use crate::events::{Counts, Listener, Phase, RunEvent, RunResult};
use crate::views::{ReasonView, RunProgress, TicketNews, WaitView};

/// The last tickets that a picture holds.
const TICKETS_MAX: usize = 8;
/// The pause between two tellings: four a second.
const PAUSE_MS: u64 = 250;

/// All runs of this process that work. A listener of every one of them.
pub struct Board {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    runs: BTreeMap<i64, RunProgress>,
    untold: BTreeSet<i64>,
    /// When a connection's next automatic run is due, by name.
    next_ms: BTreeMap<String, i64>,
    tested: Vec<TestNews>,
    changed: bool,
}

/// What the window is told without asking.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// Where a run stands.
    Run(Box<RunProgress>),
    /// A line of an account's test.
    Tested(TestNews),
    /// Something that lists show has changed.
    Changed,
}

/// A line of an account's test, as soon as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TestNews {
    pub account: String,
    pub line: TestLineView,
}

impl Board {
    /// An empty board.
    pub fn new(clock: Arc<dyn Clock>) -> Board {
        Board { clock, state: Mutex::default(), changed: Notify::new() }
    }

    /// Runs that work now.
    pub fn running(&self) -> Vec<RunProgress> {
        self.state().runs.values().filter(|run| run.result.is_none()).cloned().collect()
    }

    /// When the next automatic run of a connection is due, as far as the loop has said.
    pub fn next_ms(&self, connection: &str) -> Option<i64> {
        self.state().next_ms.get(connection).copied()
    }

    /// Tells what changed, as long as the process lives. Nothing is done while nothing happens.
    pub async fn tell(&self, tell: impl Fn(Told)) {
        loop {
            self.changed.notified().await;
            for told in self.take_untold() {
                tell(told);
            }
            tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
        }
    }

    /// Something that lists show has changed.
    pub fn lists_changed(&self) {
        self.state().changed = true;
        self.changed.notify_one();
    }

    /// A line of an account's test is known.
    pub fn tested(&self, account: &str, line: TestLineView) {
        self.state().tested.push(TestNews { account: account.to_owned(), line });
        self.changed.notify_one();
    }

    /// A run whose task ended without saying so.
    pub fn broke_off(&self, run: i64) {
        let counts = self.state().runs.get(&run).map(|picture| picture.counts);
        if let Some(counts) = counts {
            self.event(&RunEvent::Ended { run, result: RunResult::Failed, counts });
        }
    }

    fn take(&self, run: i64, event: &RunEvent) {
        let now_ms = self.clock.now_ms();
        let mut state = self.state();
        if let RunEvent::Started { connection, connection_name, since_ms, .. } = event {
            let begun = started(run, *connection, connection_name, *since_ms, now_ms);
            state.runs.insert(run, begun);
        }
        let Some(picture) = state.runs.get_mut(&run) else { return };
        note(picture, event, now_ms);
        state.untold.insert(run);
        drop(state);
        self.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_untold(&self) -> Vec<Told> {
        let mut state = self.state();
        let untold = std::mem::take(&mut state.untold);
        let pictures = untold.iter().filter_map(|run| state.runs.get(run).cloned());
        let mut told: Vec<Told> = pictures.map(|picture| Told::Run(Box::new(picture))).collect();
        state.runs.retain(|_, picture| picture.result.is_none());
        told.extend(std::mem::take(&mut state.tested).into_iter().map(Told::Tested));
        if std::mem::take(&mut state.changed) {
            told.push(Told::Changed);
        }
        told
    }
}

impl WatchListener for Board {
    fn news(&self, news: &WatchNews) {
        let mut state = self.state();
        if let WatchNews::RunEnded { connection, next_ms, .. }
        | WatchNews::RunFailed { connection, next_ms, .. } = news
        {
            state.next_ms.insert(connection.clone(), *next_ms);
        }
        drop(state);
        self.lists_changed();
    }
}

impl Listener for Board {
    fn event(&self, event: &RunEvent) {
        self.take(run_of(event), event);
    }
}

/// A plan being made, told like a run: its number is the connection's, below zero.
pub(super) struct Planning {
    board: Arc<Board>,
    number: i64,
}

impl Planning {
    pub(super) fn begin(board: Arc<Board>, connection: i64, name: &str, since_ms: Option<i64>) -> Planning {
        let planning = Planning { board, number: -connection };
        planning.event(&RunEvent::Started { run: 0, connection, connection_name: name.to_owned(), since_ms });
        planning
    }

    /// The plan is made, or did not come to an end.
    pub(super) fn end(&self, made: bool) {
        let result = if made { RunResult::Success } else { RunResult::Failed };
        self.event(&RunEvent::Ended { run: 0, result, counts: Counts::default() });
    }
}

impl Listener for Planning {
    fn event(&self, event: &RunEvent) {
        self.board.take(self.number, event);
    }
}

fn started(
    run: i64,
    connection: i64,
    connection_name: &str,
    since_ms: Option<i64>,
    now_ms: i64,
) -> RunProgress {
    RunProgress {
        run,
        connection,
        connection_name: connection_name.to_owned(),
        started_ms: now_ms,
        phase: Phase::SignIn,
        counts: Counts::default(),
        waits: Vec::new(),
        planning: run < 0,
        since_ms,
        held: Vec::new(),
        plan: None,
        tickets: Vec::new(),
        result: None,
    }
}

fn run_of(event: &RunEvent) -> i64 {
    match event {
        RunEvent::Started { run, .. }
        | RunEvent::Phase { run, .. }
        | RunEvent::Counts { run, .. }
        | RunEvent::Waiting { run, .. }
        | RunEvent::WaitOver { run, .. }
        | RunEvent::Planned { run, .. }
        | RunEvent::Held { run, .. }
        | RunEvent::Ticket { run, .. }
        | RunEvent::Ended { run, .. } => *run,
    }
}

fn note(picture: &mut RunProgress, event: &RunEvent, now_ms: i64) {
    match event {
        RunEvent::Started { .. } => {}
        RunEvent::Phase { phase, .. } => picture.phase = *phase,
        RunEvent::Counts { counts, .. } => picture.counts = *counts,
        RunEvent::Waiting { host, until_ms, reason, .. } => {
            picture.waits.retain(|wait| wait.host != *host);
            picture.waits.push(WaitView {
                host: host.clone(),
                since_ms: now_ms,
                until_ms: *until_ms,
                reason: reason.clone(),
            });
        }
        RunEvent::WaitOver { host, .. } => picture.waits.retain(|wait| wait.host != *host),
        RunEvent::Planned { tally, .. } => {
            picture.phase = Phase::Plan;
            picture.counts.planned = picture.counts.planned.max(tally.creates + tally.updates + tally.closes);
        }
        RunEvent::Held { plan, reasons, .. } => {
            picture.plan = Some(*plan);
            picture.held = reasons
                .iter()
                .map(|reason| ReasonView { sentence: reason.sentence.clone(), can_order: reason.can_order })
                .collect();
        }
        RunEvent::Ticket { source, target, outcome, title, detail, .. } => {
            picture.tickets.insert(
                0,
                TicketNews {
                    at_ms: now_ms,
                    source_key: source.clone(),
                    target_key: target.clone(),
                    outcome: *outcome,
                    title: title.clone(),
                    detail: detail.clone(),
                },
            );
            picture.tickets.truncate(TICKETS_MAX);
        }
        RunEvent::Ended { result, counts, .. } => {
            picture.result = Some(*result);
            picture.counts = keep_read(*counts, picture.counts);
            picture.waits.clear();
        }
    }
}

/// A run that failed reports empty counts; what was read until then stays told.
fn keep_read(ended: Counts, known: Counts) -> Counts {
    if ended == Counts::default() { known } else { ended }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Board {
        Board::new(Arc::new(lockstep_connectors::http::SystemClock))
    }

    fn pictures(board: &Board) -> Vec<RunProgress> {
        let told = board.take_untold();
        told.into_iter()
            .filter_map(|told| if let Told::Run(picture) = told { Some(*picture) } else { None })
            .collect()
    }

    fn begin(board: &Board, run: i64) {
        board.event(&RunEvent::Started {
            run,
            connection: 7,
            connection_name: "Incidents".to_owned(),
            since_ms: None,
        });
    }

    #[test]
    fn events_make_one_picture_which_is_told_once() {
        let board = board();
        begin(&board, 1);
        board.event(&RunEvent::Phase { run: 1, phase: Phase::Write });
        board
            .event(&RunEvent::Counts { run: 1, counts: Counts { planned: 9, done: 2, ..Counts::default() } });
        let told = pictures(&board);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].phase, told[0].counts.done, told[0].connection), (Phase::Write, 2, 7));
        assert!(board.take_untold().is_empty());
    }

    #[test]
    fn an_ended_run_is_told_and_then_forgotten() {
        let board = board();
        begin(&board, 1);
        board.event(&RunEvent::Ended { run: 1, result: RunResult::Success, counts: Counts::default() });
        assert!(board.running().is_empty());
        assert_eq!(pictures(&board)[0].result, Some(RunResult::Success));
        board.event(&RunEvent::Phase { run: 1, phase: Phase::Read });
        assert!(board.take_untold().is_empty());
    }

    #[test]
    fn waits_come_and_go_by_host() {
        let board = board();
        begin(&board, 1);
        for until_ms in [5_000, 9_000] {
            let (host, reason) = ("a.example".to_owned(), "rate limit".to_owned());
            board.event(&RunEvent::Waiting { run: 1, host, until_ms, reason });
        }
        assert_eq!(board.running()[0].waits.iter().map(|wait| wait.until_ms).collect::<Vec<_>>(), [9_000]);
        board.event(&RunEvent::WaitOver { run: 1, host: "a.example".to_owned() });
        assert!(board.running()[0].waits.is_empty());
    }

    #[test]
    fn news_of_the_loop_make_lists_stale_and_tell_when_the_next_run_is_due() {
        let board = board();
        let (connection, summary) = ("Incidents".to_owned(), String::new());
        board.news(&WatchNews::RunEnded { connection, result: RunResult::Success, summary, next_ms: 99 });
        assert_eq!(board.next_ms("Incidents"), Some(99));
        assert_eq!(board.take_untold(), [Told::Changed]);
        assert!(board.take_untold().is_empty());
    }

    #[test]
    fn a_plan_being_made_is_told_apart_from_runs() {
        let board = Arc::new(board());
        let planning = Planning::begin(Arc::clone(&board), 7, "Incidents", Some(5));
        planning.event(&RunEvent::Phase { run: 0, phase: Phase::Read });
        let told = pictures(&board);
        assert_eq!(
            (told[0].run, told[0].planning, told[0].phase, told[0].since_ms),
            (-7, true, Phase::Read, Some(5))
        );
        planning.end(true);
        assert_eq!(pictures(&board)[0].result, Some(RunResult::Success));
        assert!(board.running().is_empty());
    }

    #[test]
    fn a_held_run_names_the_plan_it_stopped_at() {
        let board = board();
        begin(&board, 1);
        board.event(&RunEvent::Held { run: 1, plan: 12, reasons: Vec::new() });
        assert_eq!(pictures(&board)[0].plan, Some(12));
    }

    #[test]
    fn a_broken_run_ends_as_failed() {
        let board = board();
        begin(&board, 2);
        board.broke_off(2);
        assert_eq!(pictures(&board)[0].result, Some(RunResult::Failed));
    }
}
