//! The tickets, and the search index that follows them late (sheet §3.1, §3.3).
//!
//! A write is seen at once by direct reads. The index learns of it `lag` later; until then searches show the version
//! before. An *unsteady* index moreover forgets, now and then, what it already showed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::draw::mix;
use super::model::Issue;
use super::site;

/// How long an unsteady index may fall back to the version before.
const UNSTEADY_MS: i64 = 60_000;

/// A ticket at some time; none before it was made and after it was deleted.
type Version = Option<Arc<Issue>>;

/// One ticket's place.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Entry {
    /// The ticket as it is; none after deletion.
    pub live: Option<Arc<Issue>>,
    /// The ticket as the index shows it.
    pub shown: Option<Arc<Issue>>,
    /// What the index showed before, and until when it may show it again.
    pub before: Option<(i64, Option<Arc<Issue>>)>,
    /// Number of the write that the index shows: an older one that reaches it later changes nothing.
    #[serde(default)]
    pub order: u64,
    /// Only in a saved state: `shown` is left out because it is `live`.
    #[serde(default)]
    pub settled: bool,
}

impl Entry {
    fn saved(&self) -> Self {
        let mut entry = self.clone();
        if let (Some(live), Some(shown)) = (&self.live, &self.shown)
            && Arc::ptr_eq(live, shown)
        {
            entry.shown = None;
            entry.settled = true;
        }
        entry
    }
}

/// A change the index does not know yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    pub visible_ms: i64,
    pub order: u64,
    pub issue: u64,
    pub version: Option<Arc<Issue>>,
}

/// How the index behaves for one write.
#[derive(Debug, Clone, Copy)]
pub struct Lag {
    pub now_ms: i64,
    pub lag_ms: i64,
    pub unsteady: bool,
}

/// All tickets.
#[derive(Debug, Clone, Default)]
pub struct Store {
    first_id: u64,
    entries: Vec<Entry>,
    keys: HashMap<(usize, u32), u64>,
    /// Highest number used in each project.
    counters: Vec<u32>,
    /// Keys that tickets had before they were moved.
    old_keys: BTreeMap<(usize, u32), u64>,
    pending: BTreeMap<(i64, u64), (u64, Version)>,
    order: u64,
    /// Shown tickets by `updated`.
    pub by_updated: BTreeSet<(i64, u64)>,
    /// Shown tickets by `created`.
    pub by_created: BTreeSet<(i64, u64)>,
    /// Shown tickets by project and number.
    pub by_key: Vec<BTreeMap<u32, u64>>,
}

impl Store {
    /// An empty store whose first ticket gets the id `first_id`.
    pub fn new(first_id: u64) -> Self {
        Self {
            first_id,
            counters: vec![0; site::PROJECTS.len()],
            by_key: vec![BTreeMap::new(); site::PROJECTS.len()],
            ..Self::default()
        }
    }

    fn slot(&self, id: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(id.checked_sub(self.first_id)?).ok()?)
    }

    fn slot_mut(&mut self, id: u64) -> Option<&mut Entry> {
        self.entries.get_mut(usize::try_from(id.checked_sub(self.first_id)?).ok()?)
    }

    /// The ticket as it is.
    pub fn get(&self, id: u64) -> Option<&Arc<Issue>> {
        self.slot(id)?.live.as_ref()
    }

    /// The ticket as the index shows it, in the search numbered `search`.
    pub fn shown(&self, id: u64, now_ms: i64, search: u64) -> Option<&Arc<Issue>> {
        let entry = self.slot(id)?;
        match &entry.before {
            Some((until, before)) if now_ms < *until && mix(search, id).is_multiple_of(4) => before.as_ref(),
            _ => entry.shown.as_ref(),
        }
    }

    /// All present tickets, by ascending id.
    pub fn live(&self) -> impl Iterator<Item = &Arc<Issue>> {
        self.entries.iter().filter_map(|entry| entry.live.as_ref())
    }

    /// Id of a ticket by id or key, old keys included.
    pub fn find(&self, id_or_key: &str) -> Option<u64> {
        if let Ok(id) = id_or_key.parse::<u64>() {
            return self.get(id).map(|issue| issue.id);
        }
        let place = parse_key(id_or_key)?;
        self.keys.get(&place).or_else(|| self.old_keys.get(&place)).copied()
    }

    /// Number that the next ticket of a project gets, and its id.
    pub fn next(&mut self, project: usize) -> (u64, u32) {
        self.counters[project] += 1;
        (self.first_id + self.entries.len() as u64, self.counters[project])
    }

    /// Moves a ticket to another project: a new key, the old one keeps resolving (sheet §3.6).
    pub fn rekey(&mut self, issue: &mut Issue, project: usize) {
        self.keys.remove(&(issue.project, issue.number));
        self.old_keys.insert((issue.project, issue.number), issue.id);
        self.counters[project] += 1;
        issue.project = project;
        issue.number = self.counters[project];
        self.keys.insert((issue.project, issue.number), issue.id);
    }

    /// Stores a ticket, new or changed.
    pub fn put(&mut self, issue: Issue, lag: Lag) {
        let id = issue.id;
        let at = usize::try_from(id - self.first_id).expect("ids are given out by this store");
        if at >= self.entries.len() {
            self.entries.resize_with(at + 1, Entry::default);
            self.keys.insert((issue.project, issue.number), id);
        }
        let version = Arc::new(issue);
        self.entries[at].live = Some(Arc::clone(&version));
        self.announce(id, Some(version), lag);
    }

    /// Removes a ticket; nothing tells of it later (sheet §0.10).
    pub fn remove(&mut self, id: u64, lag: Lag) {
        let Some(issue) = self.slot_mut(id).and_then(|entry| entry.live.take()) else { return };
        self.keys.remove(&(issue.project, issue.number));
        self.old_keys.retain(|_, at| *at != id);
        self.announce(id, None, lag);
    }

    fn announce(&mut self, id: u64, version: Option<Arc<Issue>>, lag: Lag) {
        self.ripen(lag.now_ms, lag.unsteady);
        self.order += 1;
        if lag.lag_ms <= 0 {
            self.show(id, version, self.order, lag.now_ms, lag.unsteady);
            return;
        }
        self.pending.insert((lag.now_ms + lag.lag_ms, self.order), (id, version));
    }

    /// Lets the index learn of all writes that are old enough.
    pub fn ripen(&mut self, now_ms: i64, unsteady: bool) {
        while let Some(first) = self.pending.first_entry() {
            if first.key().0 > now_ms {
                return;
            }
            let (visible_ms, order) = *first.key();
            let (id, version) = first.remove();
            self.show(id, version, order, visible_ms, unsteady);
        }
    }

    fn show(&mut self, id: u64, version: Option<Arc<Issue>>, order: u64, at_ms: i64, unsteady: bool) {
        let Some(entry) = self.slot_mut(id).filter(|entry| entry.order <= order) else { return };
        entry.order = order;
        let old = std::mem::replace(&mut entry.shown, version.clone());
        entry.before = unsteady.then(|| (at_ms + UNSTEADY_MS, old.clone()));
        if let Some(old) = old {
            self.by_updated.remove(&(old.updated_ms, id));
            self.by_created.remove(&(old.created_ms, id));
            self.by_key[old.project].remove(&old.number);
        }
        if let Some(new) = version {
            self.by_updated.insert((new.updated_ms, id));
            self.by_created.insert((new.created_ms, id));
            self.by_key[new.project].insert(new.number, id);
        }
    }

    /// The state to save: first id, entries, counters, old keys, pending.
    pub fn snapshot(&self) -> Saved {
        Saved {
            first_id: self.first_id,
            entries: self.entries.iter().map(Entry::saved).collect(),
            counters: self.counters.clone(),
            old_keys: self.old_keys.iter().map(|((project, number), id)| (*project, *number, *id)).collect(),
            pending: self
                .pending
                .iter()
                .map(|((visible_ms, order), (issue, version))| Pending {
                    visible_ms: *visible_ms,
                    order: *order,
                    issue: *issue,
                    version: version.clone(),
                })
                .collect(),
        }
    }

    /// The store of a saved state. Refuses what cannot be.
    pub fn restore(saved: Saved) -> Result<Self, String> {
        let mut store = Self::new(saved.first_id);
        if saved.counters.len() != site::PROJECTS.len() {
            return Err("the saved Jira state has another number of projects".to_owned());
        }
        store.counters = saved.counters;
        store.entries = saved.entries;
        for at in 0..store.entries.len() {
            let id = saved.first_id + at as u64;
            let entry = &mut store.entries[at];
            store.order = store.order.max(entry.order);
            if std::mem::take(&mut entry.settled) {
                entry.shown = entry.live.clone();
            }
            for issue in entry.live.iter().chain(&entry.shown) {
                if issue.id != id || issue.project >= site::PROJECTS.len() {
                    return Err(format!("ticket {id} of the saved Jira state does not fit its place"));
                }
            }
            let (live, shown) = (entry.live.clone(), entry.shown.clone());
            if let Some(issue) = live {
                store.keys.insert((issue.project, issue.number), id);
            }
            if let Some(issue) = shown {
                store.by_updated.insert((issue.updated_ms, id));
                store.by_created.insert((issue.created_ms, id));
                store.by_key[issue.project].insert(issue.number, id);
            }
        }
        store.old_keys = saved.old_keys.into_iter().map(|(p, n, id)| ((p, n), id)).collect();
        for pending in saved.pending {
            store.order = store.order.max(pending.order);
            store.pending.insert((pending.visible_ms, pending.order), (pending.issue, pending.version));
        }
        Ok(store)
    }
}

/// A store as it is saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Saved {
    first_id: u64,
    entries: Vec<Entry>,
    counters: Vec<u32>,
    old_keys: Vec<(usize, u32, u64)>,
    pending: Vec<Pending>,
}

/// Project and number of a key such as `CSD-12`; keys are matched without regard to case.
pub fn parse_key(key: &str) -> Option<(usize, u32)> {
    let (project, number) = key.rsplit_once('-')?;
    let at = site::PROJECTS.iter().position(|known| known.key.eq_ignore_ascii_case(project))?;
    Some((at, number.parse().ok()?))
}

/// Key of a ticket.
pub fn key_of(issue: &Issue) -> String {
    format!("{}-{}", site::PROJECTS[issue.project].key, issue.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::issues::blank_issue;

    fn lag(now_ms: i64) -> Lag {
        Lag { now_ms, lag_ms: 1000, unsteady: false }
    }

    #[test]
    fn the_index_shows_the_version_before_until_the_lag_is_over() {
        let mut store = Store::new(500);
        let (id, number) = store.next(0);
        let mut issue = blank_issue(id, 0, number, site::TASK, 0, 0);
        store.put(issue.clone(), lag(0));
        assert!(store.get(id).is_some() && store.shown(id, 0, 0).is_none());
        store.ripen(1000, false);
        assert_eq!(store.shown(id, 1000, 0).map(|i| i.updated_ms), Some(0));
        issue.updated_ms = 1500;
        store.put(issue, lag(1500));
        assert!(store.by_updated.contains(&(0, id)));
        store.ripen(2500, false);
        assert!(store.by_updated.contains(&(1500, id)) && store.by_updated.len() == 1);
        store.remove(id, lag(3000));
        assert!(store.get(id).is_none() && store.shown(id, 3000, 0).is_some());
        store.ripen(4000, false);
        assert!(store.shown(id, 4000, 0).is_none() && store.by_key[0].is_empty());
    }

    #[test]
    fn a_lag_that_shrinks_lets_no_older_version_come_last() {
        let mut store = Store::new(1);
        let (id, number) = store.next(0);
        let mut issue = blank_issue(id, 0, number, site::TASK, 0, 0);
        store.put(issue.clone(), lag(0));
        issue.updated_ms = 10;
        store.put(issue, Lag { lag_ms: 0, ..lag(10) });
        store.ripen(5_000, false);
        assert_eq!(store.shown(id, 5_000, 0).map(|shown| shown.updated_ms), Some(10));
    }

    #[test]
    fn old_keys_keep_resolving_and_survive_saving() {
        let mut store = Store::new(1);
        let (id, number) = store.next(0);
        let issue = blank_issue(id, 0, number, site::TASK, 0, 0);
        store.put(issue.clone(), lag(0));
        let mut moved = issue;
        store.rekey(&mut moved, 1);
        store.put(moved, lag(1));
        let restored = Store::restore(store.snapshot()).expect("just saved");
        for store in [&store, &restored] {
            assert_eq!(store.find("CSD-1"), Some(id));
            assert_eq!(store.find("OPS-1"), Some(id));
        }
    }
}
