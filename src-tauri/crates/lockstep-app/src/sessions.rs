//! What a process that runs again and again keeps between two automatic runs of a connection: both sides signed in, and
//! the mapping bound to their schemas. A quiet cycle then costs no more than the question what is new.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lockstep_connectors::http::{CallCounter, WaitObserver, WaitReason};
use lockstep_core::mapping::Rules;
use lockstep_core::side::Pair;
use lockstep_store::tables::accounts::Account;
use lockstep_store::{AccountId, Revision};

use crate::events::{Listener, RunEvent};
use crate::run::SideSite;

/// A session is signed in anew after an hour, and who answers is compared with who answered before.
const GOOD_MS: u64 = 3_600_000;

/// Both sides of a connection, ready to be called.
pub struct Session {
    made_of: MadeOf,
    /// On the clock that never steps.
    signed_in_ms: u64,
    pub sides: Pair<SideSite>,
    pub rules: Arc<HashMap<String, Rules>>,
    /// What the mapping checker finds.
    pub errors: usize,
    pub calls: Arc<CallCounter>,
    pub waits: Arc<Waits>,
}

/// What a session was made of; anything else needs another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeOf {
    accounts: Pair<(AccountId, i64)>,
    revision: Revision,
    /// How often secrets had changed: a run may be at work while one does.
    secrets: u64,
}

/// Sessions by connection.
#[derive(Default)]
pub struct Sessions {
    kept: Mutex<HashMap<i64, Session>>,
    secrets: AtomicU64,
}

impl Sessions {
    /// What a session over these accounts, as they are kept, and this revision of the connection is made of now.
    pub fn made_of(&self, accounts: Pair<&Account>, revision: Revision) -> MadeOf {
        let accounts = accounts.map(|account| (account.id, account.updated_ms));
        MadeOf { accounts, revision, secrets: self.secrets.load(Ordering::Relaxed) }
    }

    /// Takes the session of a connection, if it is still good.
    pub fn take(&self, connection: i64, made_of: &MadeOf, now_ms: u64) -> Option<Session> {
        let session = self.kept().remove(&connection)?;
        let is_good = session.made_of == *made_of && now_ms.saturating_sub(session.signed_in_ms) < GOOD_MS;
        is_good.then_some(session)
    }

    /// Keeps a session after a run that went well.
    pub fn keep(&self, connection: i64, session: Session) {
        self.kept().insert(connection, session);
    }

    /// Forgets all of them, those of runs at work too: a secret changed.
    pub fn forget(&self) {
        self.secrets.fetch_add(1, Ordering::Relaxed);
        self.kept().clear();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Session>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// A new one.
    pub fn new(
        made_of: MadeOf,
        now_ms: u64,
        sides: Pair<SideSite>,
        (rules, errors): (HashMap<String, Rules>, usize),
        (calls, waits): (Arc<CallCounter>, Arc<Waits>),
    ) -> Session {
        Session { made_of, signed_in_ms: now_ms, sides, rules: Arc::new(rules), errors, calls, waits }
    }
}

/// Tells the listener of the run at work about waits of a host.
pub struct Waits(Mutex<(Arc<dyn Listener>, i64)>);

impl Waits {
    /// For this run.
    pub fn new(listener: Arc<dyn Listener>, run: i64) -> Waits {
        Waits(Mutex::new((listener, run)))
    }

    /// From now on for this run.
    pub fn turn_to(&self, listener: Arc<dyn Listener>, run: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (listener, run);
    }

    fn tell(&self, event: impl FnOnce(i64) -> RunEvent) {
        let (listener, run) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        listener.event(&event(run));
    }
}

impl WaitObserver for Waits {
    fn waiting(&self, host: &str, until_ms: i64, reason: WaitReason) {
        let reason = match reason {
            WaitReason::RateLimit => "rate limit",
            WaitReason::Pace => "pace",
            WaitReason::TryingAgain => "trying again",
        };
        self.tell(|run| RunEvent::Waiting {
            run,
            host: host.to_owned(),
            until_ms,
            reason: reason.to_owned(),
        });
    }

    fn done(&self, host: &str) {
        self.tell(|run| RunEvent::WaitOver { run, host: host.to_owned() });
    }
}
