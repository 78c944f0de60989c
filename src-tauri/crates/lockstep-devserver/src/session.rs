//! Who may ask: the one-time token, the session it is changed for, and what the session is told without asking.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lockstep_app::ApiError;
use lockstep_app::commands::{FileKind, Shell, Told};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// Random bytes of a token: nobody guesses 256 bits.
const TOKEN_BYTES: usize = 32;
/// Events kept for a page that asks late.
const EVENTS_MAX: usize = 1_000;

/// The one session of a start.
pub struct Session(Mutex<Held>);

struct Held {
    /// Until somebody took it.
    token: Option<String>,
    session: String,
}

impl Session {
    /// A new session and its one-time token.
    pub fn new() -> io::Result<(Session, String)> {
        let (token, session) = (random()?, random()?);
        Ok((Session(Mutex::new(Held { token: Some(token.clone()), session })), token))
    }

    /// Changes the token for the session; the second time there is none.
    pub fn begin(&self, token: &str) -> Option<String> {
        let mut held = self.held();
        let fits = held.token.as_deref().is_some_and(|ours| same(ours, token));
        if !fits {
            return None;
        }
        held.token = None;
        Some(held.session.clone())
    }

    /// Whether this is the session.
    pub fn is(&self, session: &str) -> bool {
        let held = self.held();
        held.token.is_none() && same(&held.session, session)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares without telling by its time where two texts differ.
fn same(ours: &str, theirs: &str) -> bool {
    ours.len() == theirs.len() && ours.bytes().zip(theirs.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn random() -> io::Result<String> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(format!("no randomness: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What the app tells, numbered, for a page that polls.
#[derive(Default)]
pub struct Feed {
    events: Mutex<Events>,
    news: Notify,
}

#[derive(Default)]
struct Events {
    /// Number of the newest one; the first is 1.
    last: u64,
    kept: VecDeque<(u64, Value)>,
}

impl Feed {
    /// Takes an event.
    pub fn take(&self, told: Told) {
        let event = match told {
            Told::Tested(news) => json!({ "name": "tested", "event": news }),
            Told::Run(progress) => json!({ "name": "run", "event": progress }),
            Told::Changed => json!({ "name": "changed", "event": null }),
        };
        let mut events = self.events();
        events.last += 1;
        let number = events.last;
        events.kept.push_back((number, event));
        if events.kept.len() > EVENTS_MAX {
            events.kept.pop_front();
        }
        drop(events);
        self.news.notify_waiters();
    }

    /// What came after `seen`, with the number of the newest; waits for something to come. `None` asks for the number alone.
    pub async fn after(&self, seen: Option<u64>) -> Value {
        let Some(seen) = seen else { return json!({ "last": self.events().last, "events": [] }) };
        loop {
            let news = self.news.notified();
            {
                let events = self.events();
                if events.last > seen {
                    let new = events.kept.iter().filter(|(number, _)| *number > seen);
                    let new: Vec<&Value> = new.map(|(_, event)| event).collect();
                    return json!({ "last": events.last, "events": new });
                }
            }
            news.await;
        }
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A browser's page has no desktop around it that could be closed or opened for it.
pub struct NoDesktop;

impl NoDesktop {
    fn none() -> ApiError {
        ApiError::new("invalid", "there is no desktop around a browser's page")
            .hint("Open the desktop app for this.")
    }
}

#[async_trait::async_trait]
impl Shell for NoDesktop {
    fn close(&self, _quit: bool) {}

    fn browse(&self, _address: &str) -> Result<(), ApiError> {
        Err(NoDesktop::none())
    }

    async fn save_as(&self, _kind: FileKind, _name: &str) -> Result<Option<PathBuf>, ApiError> {
        Err(NoDesktop::none())
    }

    async fn open_file(&self, _kind: FileKind) -> Result<Option<PathBuf>, ApiError> {
        Err(NoDesktop::none())
    }

    fn show_folder(&self, _folder: &Path) -> Result<(), ApiError> {
        Err(NoDesktop::none())
    }

    fn opens_at_login(&self) -> Result<bool, ApiError> {
        Err(NoDesktop::none())
    }

    fn set_opens_at_login(&self, _on: bool) -> Result<(), ApiError> {
        Err(NoDesktop::none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_works_once_and_no_session_before_it() {
        let (session, token) = Session::new().unwrap();
        assert_eq!(session.begin("wrong"), None);
        assert!(!session.is(""));
        let begun = session.begin(&token).unwrap();
        assert_ne!(begun, token);
        assert!(session.is(&begun) && !session.is(&token));
        assert_eq!(session.begin(&token), None, "once");
        assert!(session.is(&begun), "whoever has it keeps it");
    }

    #[tokio::test]
    async fn events_are_told_from_a_number_on() {
        let feed = Feed::default();
        feed.take(Told::Changed);
        assert_eq!(feed.after(None).await["last"], 1);
        feed.take(Told::Changed);
        let told = feed.after(Some(1)).await;
        assert_eq!((told["last"].as_u64(), told["events"].as_array().map(Vec::len)), (Some(2), Some(1)));
    }
}
