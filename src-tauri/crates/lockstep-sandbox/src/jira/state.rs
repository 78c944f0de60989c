//! The whole state as JSON, and back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::SiteClock;
use super::limits::WriteLimits;
use super::model::{Attachment, User};
use super::store::{Saved, Store};
use super::switches::Switches;
use super::{Jira, auth};

/// Format of the saved state; another one is refused.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct State {
    format: u32,
    seed: u64,
    origin: String,
    users: Vec<User>,
    store: Saved,
    files: Vec<Attachment>,
    temporary_files: Vec<(String, Attachment)>,
    switches: Switches,
    writes: WriteLimits,
    counter: u64,
    searches: u64,
    now_ms: i64,
}

impl Jira {
    pub(super) fn saved(&self) -> Value {
        let state = State {
            format: FORMAT,
            seed: self.seed,
            origin: self.origin.clone(),
            users: self.users.clone(),
            store: self.store.snapshot(),
            files: self.files.values().cloned().collect(),
            temporary_files: self
                .temporary_files
                .iter()
                .map(|(id, file)| (id.clone(), file.clone()))
                .collect(),
            switches: self.switches.clone(),
            writes: self.limits.clone(),
            counter: self.counter,
            searches: self.searches,
            now_ms: self.now_ms,
        };
        serde_json::to_value(state).expect("the state has text keys only")
    }

    pub(super) fn restore(&mut self, state: &Value) -> Result<(), String> {
        let state =
            State::deserialize(state).map_err(|error| format!("the Jira state cannot be read: {error}"))?;
        if state.format != FORMAT {
            return Err(format!("the Jira state has the format {}, this is {FORMAT}", state.format));
        }
        if state.users.len() != auth::users(state.seed).len() {
            return Err("the Jira state has another number of users".to_owned());
        }
        let clock = SiteClock::named(&state.switches.site_zone)
            .ok_or_else(|| format!("the Jira state names no known zone: {:?}", state.switches.site_zone))?;
        let store = Store::restore(state.store)?;
        self.comment_homes.clear();
        self.children.clear();
        for issue in store.live() {
            for comment in &issue.comments {
                self.comment_homes.insert(comment.id, issue.id);
            }
            if let Some(parent) = issue.parent {
                self.children.entry(parent).or_default().push(issue.id);
            }
        }
        self.seed = state.seed;
        self.origin = state.origin;
        self.users = state.users;
        self.store = store;
        self.files = state.files.into_iter().map(|file| (file.id, file)).collect();
        self.temporary_files = state.temporary_files.into_iter().collect();
        self.switches = state.switches;
        self.clock = clock;
        self.limits = state.writes;
        self.counter = state.counter;
        self.searches = state.searches;
        self.now_ms = state.now_ms;
        self.render_shapes();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Platform as _, Seed};

    #[test]
    fn what_is_saved_comes_back() {
        let jira = Jira::new(4, 1_795_167_067_123, Seed::Small);
        let saved = jira.save();
        let mut other = Jira::new(5, 0, Seed::Empty);
        other.load(&saved).expect("just saved");
        assert_eq!(other.save(), saved);
        assert_eq!(other.sign_in(), jira.sign_in());
        assert!(other.load(&Value::Null).is_err());
    }
}
