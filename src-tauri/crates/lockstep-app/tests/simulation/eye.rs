//! Stands on the wire: lets things happen in the middle of a run, and looks at the platforms after every write.

use std::sync::{Arc, Mutex, MutexGuard};

use http::StatusCode;
use lockstep_app::run::Cancel;
use lockstep_connectors::ports::{Clock, WireAnswer, WireError, WireRequest};
use lockstep_core::side::{Pair, Side};

use crate::actors::People;
use crate::judge::{Cause, Judge};
use crate::scenario::{Act, Event};
use crate::wire::{Crash, Passing, Spy, Then, is_read};

/// Calls of one run at most (V18): small worlds need far fewer.
const CALLS_MAX: u64 = 4_000;

/// A layer below the engine that breaks a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Careless {
    /// Sends a POST once more after 502.
    RepeatsPosts,
}

/// What is seen and what is planned.
pub struct Inner {
    pub people: People,
    pub judge: Judge,
    pub cancel: Cancel,
    pub careless: Option<Careless>,
    /// What is still to happen in this run, latest first.
    events: Vec<(u64, Event)>,
    calls: u64,
    /// Number of the last change seen, by side.
    revisions: Pair<u64>,
    /// Until when a side asked to be left alone, on the clock that never steps (V17).
    blocked_until: Pair<u64>,
    /// An answer to a write was lost or an error in this run.
    pub in_doubt: bool,
    /// Whether an event that waits for a read is due.
    freeze_next: bool,
    /// How often the process stood still.
    pub frozen: bool,
    /// Called once with each call, for the trace.
    pub trace: Option<Vec<String>>,
}

/// Shared by the wire and the world.
#[derive(Clone)]
pub struct Eye(Arc<Mutex<Inner>>);

impl Eye {
    pub fn new(people: People, judge: Judge) -> Eye {
        Eye(Arc::new(Mutex::new(Inner {
            people,
            judge,
            cancel: Cancel::default(),
            careless: None,
            events: Vec::new(),
            calls: 0,
            revisions: Pair::default(),
            blocked_until: Pair::default(),
            in_doubt: false,
            freeze_next: false,
            frozen: false,
            trace: None,
        })))
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }
}

impl Inner {
    /// A run begins in which these things happen.
    pub fn begin_run(&mut self, mut events: Vec<(u64, Event)>) {
        events.reverse();
        self.events = events;
        self.calls = 0;
        self.in_doubt = false;
        self.freeze_next = false;
        self.frozen = false;
        self.cancel = Cancel::default();
        self.judge.begin_run();
    }

    /// Nothing more happens to this run.
    pub fn end_of_events(&mut self) {
        self.events.clear();
        self.freeze_next = false;
    }

    /// The process is a new one: it cannot know what the one before was told. Returns that.
    pub fn restarted(&mut self) -> Pair<u64> {
        std::mem::take(&mut self.blocked_until)
    }

    /// The process that stood still goes on: it knows what it was told itself, and nothing of what the other one was.
    pub fn woken(&mut self, told: Pair<u64>) {
        self.blocked_until = told;
    }

    /// Looks at a side if anything changed there.
    pub fn look(&mut self, side: Side, cause: Cause) {
        let facts = {
            let practice = self.people.sandboxes[side].practice();
            if practice.revision == self.revisions[side] {
                return;
            }
            self.revisions[side] = practice.revision;
            practice.platform.facts()
        };
        self.judge.look(side, facts, cause);
    }

    /// A person acts; what Lockstep's late writes do at that moment is not theirs.
    pub fn act(&mut self, act: &Act) {
        let now_ms = self.people.clock.true_ms(crate::bench::NOW_MS);
        for side in Side::BOTH {
            self.people.sandboxes[side].practice().apply_late(now_ms);
            self.look(side, Cause::EngineInDoubt);
        }
        let said = self.people.carry_out(act);
        for side in Side::BOTH {
            self.look(side, Cause::Person);
        }
        for said in said {
            self.judge.hear(said);
        }
    }

    fn happen(&mut self) -> Passing {
        let mut passing = Passing::Go;
        while self.events.last().is_some_and(|(call, _)| *call < self.calls) {
            let Some((_, event)) = self.events.pop() else { break };
            match event {
                Event::Person(act) => self.act(&act),
                Event::Dies(how) => passing = Passing::Die(how),
                Event::Sleeps(ms) => self.people.clock.pass_ms(ms),
                Event::ClockSteps(ms) => self.people.clock.step_ms(ms),
                Event::Overtaken => self.freeze_next = true,
                Event::Cancelled => self.cancel.cancel(),
            }
            if passing != Passing::Go {
                break;
            }
        }
        passing
    }
}

/// Whether an answer is one of the platform's own: empty, or JSON.
fn is_json(answer: &WireAnswer) -> bool {
    let kind = answer.headers.get("content-type").and_then(|value| value.to_str().ok());
    answer.body.is_empty() || kind.is_some_and(|kind| kind.contains("json"))
}

impl Spy for Eye {
    fn leaving(&self, side: Side, request: &WireRequest) -> Passing {
        let mut inner = self.lock();
        inner.calls += 1;
        let now = inner.people.clock.monotonic_ms();
        if now < inner.blocked_until[side] {
            let what = format!(
                "{} {} left {} ms too early after a 429",
                request.method,
                request.url.path(),
                inner.blocked_until[side] - now
            );
            inner.judge.broken("V17", what);
        }
        if inner.calls > CALLS_MAX {
            let what = format!("a run makes more than {CALLS_MAX} calls");
            inner.judge.broken("V18", what);
            return Passing::Die(Crash::Before);
        }
        let passing = inner.happen();
        // Standing still is tried where nothing is about to leave: between the journal and a write no rule can help (H48).
        if passing == Passing::Go && inner.freeze_next && is_read(&request.method, request.url.path()) {
            inner.freeze_next = false;
            inner.frozen = true;
            return Passing::Freeze;
        }
        passing
    }

    fn back(&self, side: Side, request: &WireRequest, answer: &Result<WireAnswer, WireError>) -> Then {
        let mut inner = self.lock();
        let write = !is_read(&request.method, request.url.path());
        let status = answer.as_ref().map_or(0, |answer| answer.status.as_u16());
        if let Some(trace) = &mut inner.trace {
            let body = answer.as_ref().map_or(&b""[..], |answer| answer.body.as_ref());
            let line = format!(
                "{side} {} {} {status} {}",
                request.method,
                request.url,
                String::from_utf8_lossy(body)
            );
            trace.push(line);
        }
        inner.in_doubt |= write && (status == 0 || status >= 500 || status == 202);
        if let Ok(answer) = answer
            && answer.status == StatusCode::TOO_MANY_REQUESTS
        {
            let named = answer.headers.get("retry-after").and_then(|value| value.to_str().ok());
            let seconds = named.and_then(|text| text.parse::<u64>().ok()).filter(|seconds| *seconds <= 3_600);
            if let Some(seconds) = seconds {
                inner.blocked_until[side] = inner.people.clock.monotonic_ms() + seconds * 1_000;
            }
        }
        if status == 200
            && let Some(issue) = request.url.path().strip_prefix("/rest/api/3/issue/")
            && let Some(issue) = issue.strip_suffix("/comment").filter(|_| !write)
        {
            inner.judge.comments_read(side, issue);
        }
        let html = answer.as_ref().is_ok_and(|answer| !is_json(answer));
        let whole = (200..300).contains(&status) && status != 202 && !html;
        inner.look(side, if whole { Cause::Engine } else { Cause::EngineInDoubt });
        if inner.careless == Some(Careless::RepeatsPosts)
            && request.method == http::Method::POST
            && status == 502
            && write
        {
            return Then::SendAgain;
        }
        Then::HandOver
    }
}
