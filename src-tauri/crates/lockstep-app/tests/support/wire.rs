//! A wire with a gate: calls and commits are counted, and at a chosen one the engine is left without an answer for
//! ever, or a person acts first. A spy may look at every call.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::Method;
use lockstep_connectors::ports::{Transport, WireAnswer, WireBody, WireError, WireRequest, WireStream};
use lockstep_connectors::testing::Sandbox;
use lockstep_core::side::Side;
use lockstep_store::testing::{Fate, Tap};
use tokio::sync::Notify;

/// What happens at the chosen call or commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// The process dies before the request leaves, or before anything is kept.
    Before,
    /// The request is carried out, or the commit made, and the process dies before the answer.
    After,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    Go,
    /// The process dies.
    Die(Crash),
    /// The process stands still until the gate is thawed, then goes on.
    Freeze,
}

/// What is done with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    HandOver,
    /// The request is sent once more, as a careless library would.
    SendAgain,
}

/// Looks at every call of the engine from outside.
pub trait Spy: Send + Sync {
    fn leaving(&self, side: Side, request: &WireRequest) -> Passing;
    /// `request` without its body.
    fn back(&self, side: Side, request: &WireRequest, answer: &Result<WireAnswer, WireError>) -> Then;
}

type Act = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    calls: u64,
    commits: u64,
    crash: Option<(u64, Crash)>,
    commit_crash: Option<(u64, Crash)>,
    /// Commits that a full disk refuses: from this one on, so many.
    full: Option<(u64, u64)>,
    dead: bool,
    act: Option<(&'static str, Act)>,
    /// What is planned waits for any call, not for a write.
    any: bool,
    get: bool,
}

/// Shared by the wires of both sides and the store.
#[derive(Clone, Default)]
pub struct Gate {
    state: Arc<Mutex<State>>,
    spy: Arc<Mutex<Option<Arc<dyn Spy>>>>,
    crashed: Arc<Notify>,
    frozen: Arc<Notify>,
    thawed: Arc<Notify>,
}

#[allow(dead_code, reason = "each test binary uses its part")]
impl Gate {
    /// Starts counting anew, nothing is planned, and no death or standstill of the run before is heard of any more.
    pub fn open(&self) {
        *self.state.lock().unwrap() = State::default();
        for told in [&self.crashed, &self.frozen, &self.thawed] {
            let heard = told.notified();
            tokio::pin!(heard);
            heard.as_mut().enable();
        }
    }

    pub fn calls(&self) -> u64 {
        self.state.lock().unwrap().calls
    }

    pub fn commits(&self) -> u64 {
        self.state.lock().unwrap().commits
    }

    /// Everything passes by `spy` from now on.
    pub fn watch(&self, spy: Arc<dyn Spy>) {
        *self.spy.lock().unwrap() = Some(spy);
    }

    /// The process dies at this call, the first being 0.
    pub fn crash_at(&self, call: u64, how: Crash) {
        *self.state.lock().unwrap() = State { crash: Some((call, how)), ..State::default() };
    }

    /// The process dies at this commit, the first being 0.
    pub fn crash_at_commit(&self, commit: u64, how: Crash) {
        self.state.lock().unwrap().commit_crash = Some((commit, how));
    }

    /// From this commit on the disk is full for so many.
    pub fn full_at_commit(&self, commit: u64, times: u64) {
        self.state.lock().unwrap().full = Some((commit, times));
    }

    /// Every commit is made from now on.
    pub fn spare_commits(&self) {
        let mut state = self.state.lock().unwrap();
        (state.commit_crash, state.full) = (None, None);
    }

    /// Something happens right before the first write whose path holds this.
    pub fn before_write(&self, path: &'static str, act: impl FnOnce() + Send + 'static) {
        *self.state.lock().unwrap() = State { act: Some((path, Box::new(act))), ..State::default() };
    }

    /// Something happens right before the first call, be it a reading, whose path holds this.
    pub fn before_call(&self, path: &'static str, act: impl FnOnce() + Send + 'static) {
        let act: Option<(&'static str, Act)> = Some((path, Box::new(act)));
        *self.state.lock().unwrap() = State { act, any: true, ..State::default() };
    }

    /// Something happens right before the first GET whose path holds this.
    pub fn before_get(&self, path: &'static str, act: impl FnOnce() + Send + 'static) {
        self.before_call(path, act);
        self.state.lock().unwrap().get = true;
    }

    /// Whether what was planned has happened.
    pub fn is_done(&self) -> bool {
        self.state.lock().unwrap().act.is_none()
    }

    /// Comes when the process has died.
    pub async fn died(&self) {
        self.crashed.notified().await;
    }

    /// Comes when the process stands still.
    pub async fn stands_still(&self) {
        self.frozen.notified().await;
    }

    /// Lets a process that stands still go on.
    pub fn thaw(&self) {
        self.thawed.notify_one();
    }

    fn die(&self) {
        self.state.lock().unwrap().dead = true;
        self.crashed.notify_one();
    }
}

impl Tap for Gate {
    fn commit(&self) -> Fate {
        let mut state = self.state.lock().unwrap();
        if state.dead {
            return Fate::Lost;
        }
        let nth = state.commits;
        state.commits += 1;
        let crash = state.commit_crash.filter(|(at, _)| *at == nth);
        if crash.is_some() {
            state.dead = true;
            self.crashed.notify_one();
        }
        match crash {
            Some((_, Crash::Before)) => Fate::Lost,
            Some((_, Crash::After)) => Fate::Unheard,
            None if state.full.is_some_and(|(from, times)| (from..from + times).contains(&nth)) => {
                Fate::Refused
            }
            None => Fate::Made,
        }
    }
}

/// A wire to one platform.
#[derive(Clone)]
pub struct Wire {
    side: Side,
    sandbox: Sandbox,
    pub gate: Gate,
}

/// Whether a request changes nothing although it is a POST.
pub fn is_read(method: &Method, path: &str) -> bool {
    *method == Method::GET
        || ["search/jql", "bulkfetch", "comment/list"].iter().any(|read| path.contains(read))
}

impl Wire {
    pub fn new(side: Side, sandbox: &Sandbox, gate: &Gate) -> Wire {
        Wire { side, sandbox: sandbox.clone(), gate: gate.clone() }
    }

    fn pass(&self, request: &WireRequest) -> Passing {
        let path = request.url.path();
        let (planned, act) = {
            let mut state = self.gate.state.lock().unwrap();
            let nth = state.calls;
            state.calls += 1;
            let crash = match state.crash {
                _ if state.dead => Some(Crash::Before),
                Some((at, how)) if nth == at => Some(how),
                _ => None,
            };
            let mut act = None;
            let due = match (state.get, state.any) {
                (true, _) => request.method == Method::GET,
                (false, true) => true,
                (false, false) => !is_read(&request.method, path),
            };
            if due {
                act = state.act.take_if(|(part, _)| path.contains(*part));
            }
            (crash, act)
        };
        if let Some((_, act)) = act {
            act();
        }
        if let Some(crash) = planned {
            return Passing::Die(crash);
        }
        let spy = self.gate.spy.lock().unwrap().clone();
        spy.map_or(Passing::Go, |spy| spy.leaving(self.side, request))
    }

    async fn die(&self) -> ! {
        self.gate.die();
        loop {
            std::future::pending::<()>().await;
        }
    }
}

/// A request without its body, and a second one where the body is at hand.
fn head(request: &WireRequest, body: WireBody) -> WireRequest {
    WireRequest {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body,
        timeout_ms: request.timeout_ms,
        answer_bytes_max: request.answer_bytes_max,
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: WireRequest) -> Result<WireAnswer, WireError> {
        match self.pass(&request) {
            Passing::Go => {}
            Passing::Freeze => {
                self.gate.frozen.notify_one();
                self.gate.thawed.notified().await;
            }
            Passing::Die(Crash::Before) => self.die().await,
            Passing::Die(Crash::After) => {
                let _ = self.sandbox.send(request).await;
                self.die().await
            }
        }
        let spy = self.gate.spy.lock().unwrap().clone();
        let Some(spy) = spy else {
            return self.sandbox.send(request).await;
        };
        let sent = head(&request, WireBody::Empty);
        let again = match &request.body {
            WireBody::Bytes(bytes) => Some(head(&request, WireBody::Bytes(bytes.clone()))),
            WireBody::Empty => Some(head(&request, WireBody::Empty)),
            WireBody::Stream { .. } => None,
        };
        let answer = self.sandbox.send(request).await;
        match (spy.back(self.side, &sent, &answer), again) {
            (Then::SendAgain, Some(again)) => {
                let answer = self.sandbox.send(again).await;
                spy.back(self.side, &sent, &answer);
                answer
            }
            _ => answer,
        }
    }

    async fn stream(&self, request: WireRequest) -> Result<WireStream, WireError> {
        match self.pass(&request) {
            Passing::Go | Passing::Freeze => self.sandbox.stream(request).await,
            Passing::Die(_) => self.die().await,
        }
    }
}
