//! A wire with a gate: calls are counted, and at a chosen one the engine is left without an answer for ever, or a
//! person acts first.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::Method;
use lockstep_connectors::ports::{Transport, WireAnswer, WireError, WireRequest, WireStream};
use lockstep_connectors::testing::Sandbox;
use tokio::sync::Notify;

/// What happens at the chosen call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// The process dies before the request leaves.
    Before,
    /// The request is carried out, and the process dies before the answer.
    After,
}

type Act = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    calls: u64,
    crash: Option<(u64, Crash)>,
    act: Option<(&'static str, Act)>,
    /// What is planned waits for any call, not for a write.
    any: bool,
    get: bool,
}

/// Shared by the wires of both sides.
#[derive(Clone, Default)]
pub struct Gate {
    state: Arc<Mutex<State>>,
    crashed: Arc<Notify>,
}

impl Gate {
    /// Starts counting anew, nothing is planned.
    pub fn open(&self) {
        *self.state.lock().unwrap() = State::default();
    }

    pub fn calls(&self) -> u64 {
        self.state.lock().unwrap().calls
    }

    /// The process dies at this call, the first being 0.
    pub fn crash_at(&self, call: u64, how: Crash) {
        *self.state.lock().unwrap() = State { crash: Some((call, how)), ..State::default() };
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
}

/// A wire to one platform.
#[derive(Clone)]
pub struct Wire {
    sandbox: Sandbox,
    pub gate: Gate,
}

impl Wire {
    pub fn new(sandbox: &Sandbox, gate: &Gate) -> Wire {
        Wire { sandbox: sandbox.clone(), gate: gate.clone() }
    }

    fn pass(&self, request: &WireRequest) -> Option<Crash> {
        let path = request.url.path();
        let reads = ["search/jql", "bulkfetch", "comment/list"].iter().any(|read| path.contains(read));
        let (crash, act) = {
            let mut state = self.gate.state.lock().unwrap();
            let nth = state.calls;
            state.calls += 1;
            let crash =
                state.crash.and_then(
                    |(at, how)| if nth > at { Some(Crash::Before) } else { (nth == at).then_some(how) },
                );
            let mut act = None;
            let due = match (state.get, state.any) {
                (true, _) => request.method == Method::GET,
                (false, true) => true,
                (false, false) => request.method != Method::GET && !reads,
            };
            if due {
                act = state.act.take_if(|(part, _)| path.contains(*part));
            }
            (crash, act)
        };
        if let Some((_, act)) = act {
            act();
        }
        crash
    }

    async fn die(&self) -> ! {
        self.gate.crashed.notify_one();
        loop {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: WireRequest) -> Result<WireAnswer, WireError> {
        let crash = self.pass(&request);
        match crash {
            None => self.sandbox.send(request).await,
            Some(Crash::Before) => self.die().await,
            Some(Crash::After) => {
                let _ = self.sandbox.send(request).await;
                self.die().await
            }
        }
    }

    async fn stream(&self, request: WireRequest) -> Result<WireStream, WireError> {
        let crash = self.pass(&request);
        match crash {
            None => self.sandbox.stream(request).await,
            Some(_) => self.die().await,
        }
    }
}
