//! Creating and deleting tickets (sheet §4.1), and what people do to them that the API has no call for (move, copy).

use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::{Answer, Refusal, Reply};
use super::fields::{Incoming, IssueUpdate, not_on_screen};
use super::model::{Change, ChangeItem, Issue, UserNo, put_property};
use super::routes::Call;
use super::site::{self, PROJECTS};
use super::store::{Lag, key_of};
use super::{Jira, workflow};

/// A ticket with nothing but its place and its people.
pub fn blank_issue(id: u64, project: usize, number: u32, kind: u32, creator: UserNo, now_ms: i64) -> Issue {
    let status = workflow::initial(kind);
    let managed = !PROJECTS[project].is_team_managed();
    Issue {
        id,
        project,
        number,
        kind,
        status,
        summary: String::new(),
        description: None,
        environment: None,
        priority: managed.then_some(site::DEFAULT_PRIORITY),
        resolution: None,
        resolved_ms: None,
        labels: Vec::new(),
        components: Vec::new(),
        duedate: None,
        assignee: None,
        reporter: Some(creator),
        creator,
        created_ms: now_ms,
        updated_ms: now_ms,
        parent: None,
        custom: Vec::new(),
        properties: Vec::new(),
        comments: Vec::new(),
        attachments: Vec::new(),
        remote_links: Vec::new(),
        history: Vec::new(),
        request: None,
        status_since_ms: now_ms,
        status_path: vec![(status, now_ms)],
    }
}

/// A created ticket, as the answer names it.
pub struct Created {
    pub id: u64,
    pub key: String,
    /// What became of the transition in the same call.
    pub transition: Option<Result<(), Refusal>>,
}

impl Created {
    /// As JSON of an API version.
    pub fn shown(&self, origin: &str, v2: bool) -> Value {
        let version = if v2 { 2 } else { 3 };
        let mut shown = json!({
            "id": self.id.to_string(),
            "key": self.key,
            "self": format!("{origin}/rest/api/{version}/issue/{}", self.id),
        });
        match &self.transition {
            None => {}
            Some(Ok(())) => {
                shown["transition"] =
                    json!({ "status": 200, "errorCollection": { "errorMessages": [], "errors": {} } });
            }
            Some(Err(refusal)) => {
                shown["transition"] =
                    json!({ "status": refusal.status, "errorCollection": refusal.collection() });
            }
        }
        shown
    }
}

impl Jira {
    /// How the index behaves for a write at `now_ms`.
    pub(super) fn lag(&self, now_ms: i64) -> Lag {
        Lag { now_ms, lag_ms: self.switches.index_lag_ms, unsteady: self.switches.index_unsteady }
    }

    /// Stores a ticket that was changed or made.
    pub(super) fn keep(&mut self, issue: Issue, now_ms: i64) {
        if let Some(parent) = issue.parent {
            let children = self.children.entry(parent).or_default();
            if !children.contains(&issue.id) {
                children.push(issue.id);
            }
        }
        let lag = self.lag(now_ms);
        self.store.put(issue, lag);
    }

    /// The ticket that a path names, if the caller sees it.
    pub(super) fn issue_of(&self, call: &Call<'_>, id_or_key: &str) -> Result<Arc<Issue>, Refusal> {
        let found = self.store.find(id_or_key).and_then(|id| self.store.get(id));
        found.filter(|issue| self.sees(call.who, issue)).cloned().ok_or_else(Refusal::no_issue)
    }

    /// The next number of a kind of thing (comments, files, changelog entries, links).
    pub(super) fn next_number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// `POST /issue`.
    pub(super) fn create_issue(&mut self, call: &Call<'_>) -> Reply {
        let user = self.signed_in(call.who)?;
        let update: IssueUpdate<'_> = call.parsed()?;
        let created = self.create_from(&update, user, call)?;
        Ok(Answer::value(201, &created.shown(&self.origin, call.v2)))
    }

    /// Creates a ticket, or refuses with all its faults at once.
    pub(super) fn create_from(
        &mut self,
        update: &IssueUpdate<'_>,
        user: UserNo,
        call: &Call<'_>,
    ) -> Result<Created, Refusal> {
        let mut draft = self.draft(update, user, call)?;
        let properties = self.checked_properties(update.properties.as_deref().unwrap_or_default())?;
        for (key, value) in properties {
            put_property(&mut draft.properties, &key, value);
        }
        let (id, number) = self.store.next(draft.project);
        draft.id = id;
        draft.number = number;
        let transition = update.transition.as_ref().map(|wanted| {
            let step = wanted.id_text().unwrap_or_default();
            let mut moved = draft.clone();
            let bare = IssueUpdate::default();
            self.apply_transition(&mut moved, &step, &bare, call)?;
            self.record(&draft, &mut moved, user, call.now_ms, update.history_metadata.map(|m| m.get()));
            draft = moved;
            Ok(())
        });
        let created = Created { id, key: key_of(&draft), transition };
        self.keep(draft, call.now_ms);
        Ok(created)
    }

    fn draft(&self, update: &IssueUpdate<'_>, user: UserNo, call: &Call<'_>) -> Result<Issue, Refusal> {
        let empty = std::collections::BTreeMap::new();
        let fields = update.fields.as_ref().unwrap_or(&empty);
        let project = fields
            .get("project")
            .and_then(|raw| serde_json::from_str::<super::fields::Reference>(raw.get()).ok())
            .and_then(|wanted| site::project_at(&wanted.id_text().or(wanted.key)?))
            .filter(|at| self.sees_project(call.who, *at))
            .ok_or_else(|| Refusal::field("project", "Specify a valid project ID or key"))?;
        if !self.may(call.who, "CREATE_ISSUES", Some(project)) {
            let text = "You do not have permission to create issues in this project.";
            return Err(Refusal::field("project", text));
        }
        let kind = match fields.get("issuetype") {
            Some(raw) => self.kind_value(project, raw),
            None => Err("Specify an issue type".to_owned()),
        };
        let kind = kind.map_err(|text| Refusal::field("issuetype", text))?;
        let mut issue = blank_issue(0, project, 0, kind, user, call.now_ms);
        let mut errors = self.set_on_create(&mut issue, update, call);
        if !fields.contains_key("summary") {
            errors.push(("summary".to_owned(), "You must specify a summary of the issue.".to_owned()));
        }
        if site::kind(kind).subtask && issue.parent.is_none() && !errors.iter().any(|(at, _)| at == "parent")
        {
            errors.push(("parent".to_owned(), "Please select valid parent issue.".to_owned()));
        }
        if let Some(required) = &self.switches.require_field
            && required.project == PROJECTS[project].key
            && fields.get(&required.field).is_none_or(|raw| raw.get() == "null")
        {
            let name =
                site::field_at(&required.field).map_or(required.field.as_str(), |at| site::FIELDS[at].name);
            errors.push((required.field.clone(), format!("{name} is required.")));
        }
        if errors.is_empty() { Ok(issue) } else { Err(Refusal::fields(errors)) }
    }

    fn set_on_create(
        &self,
        issue: &mut Issue,
        update: &IssueUpdate<'_>,
        call: &Call<'_>,
    ) -> Vec<(String, String)> {
        let screen = site::create_screen(issue.project, issue.kind);
        let incoming = Incoming { v2: call.v2 };
        let mut errors = Vec::new();
        let may_report = self.may(call.who, "MODIFY_REPORTER", Some(issue.project));
        let set = update.fields.iter().flatten().map(|(field, raw)| (field, "set", *raw));
        let verbs = update.update.iter().flatten().flat_map(|(field, steps)| {
            steps.iter().flatten().map(move |(verb, raw)| (field, verb.as_str(), *raw))
        });
        for (field, verb, raw) in set.chain(verbs) {
            if matches!(field.as_str(), "project" | "issuetype") {
                continue;
            }
            let on_screen = screen.contains(&field.as_str()) && (field != "reporter" || may_report);
            let done = if on_screen {
                self.apply_field(issue, field, verb, raw, incoming)
            } else {
                Err(not_on_screen(field))
            };
            if let Err(text) = done {
                errors.push((field.clone(), text));
            }
        }
        errors
    }

    /// `DELETE /issue/{id}`: leaves no trace (sheet §3.6).
    pub(super) fn delete_issue(&mut self, call: &Call<'_>, name: &str) -> Reply {
        self.signed_in(call.who)?;
        let issue = self.issue_of(call, name)?;
        self.demand(call.who, "DELETE_ISSUES", issue.project)?;
        let children: Vec<u64> =
            self.store.live().filter(|child| child.parent == Some(issue.id)).map(|child| child.id).collect();
        if !children.is_empty() && call.query("deleteSubtasks") != Some("true") {
            return Err(Refusal::new(
                400,
                "The issue has subtasks; they are deleted with it only when asked for.",
            ));
        }
        for id in children.into_iter().chain([issue.id]) {
            let lag = self.lag(call.now_ms);
            self.files.retain(|_, file| file.issue != id);
            if let Some(gone) = self.store.get(id) {
                for comment in &gone.comments {
                    self.comment_homes.remove(&comment.id);
                }
            }
            self.store.remove(id, lag);
        }
        Ok(Answer::empty(204))
    }

    /// A person moves a ticket to another project: new key, same id (sheet §3.6).
    pub(super) fn move_issue(&mut self, name: &str, to: &str) -> Result<(), String> {
        let old = self.store.find(name).and_then(|id| self.store.get(id)).cloned();
        let old = old.ok_or_else(|| format!("move: no ticket {name}"))?;
        let project = site::project_at(to).ok_or_else(|| format!("move: no project {to}"))?;
        if project == old.project {
            return Err(format!("move: {name} is in {to} already"));
        }
        let mut issue = (*old).clone();
        self.store.rekey(&mut issue, project);
        if !PROJECTS[project].kinds.contains(&issue.kind) {
            issue.kind = PROJECTS[project].kinds[0];
            issue.status = workflow::initial(issue.kind);
        }
        issue.request = None;
        issue.components.clear();
        let kept = |number: &u32| {
            site::FIELDS
                .iter()
                .any(|f| site::custom_number(f.id) == Some(*number) && site::in_context(project, f))
        };
        issue.custom.retain(|(number, _)| kept(number));
        issue.priority = (!PROJECTS[project].is_team_managed()).then(|| issue.priority.unwrap_or(3));
        let now_ms = self.now_ms;
        self.record(&old, &mut issue, 1, now_ms, None);
        self.keep(issue, now_ms);
        Ok(())
    }

    /// A person clones a ticket, properties included: the copy carries a marker that is not its own (hazard H6).
    pub(super) fn clone_issue(&mut self, name: &str) -> Result<(), String> {
        let old = self.store.find(name).and_then(|id| self.store.get(id)).cloned();
        let old = old.ok_or_else(|| format!("clone: no ticket {name}"))?;
        let now_ms = self.now_ms;
        let (id, number) = self.store.next(old.project);
        let fresh = blank_issue(id, old.project, number, old.kind, 1, now_ms);
        let copy = Issue {
            summary: format!("CLONE - {}", old.summary).chars().take(255).collect(),
            comments: Vec::new(),
            attachments: Vec::new(),
            history: Vec::new(),
            remote_links: old.remote_links.clone(),
            resolution: None,
            resolved_ms: None,
            request: None,
            id,
            number,
            status: fresh.status,
            creator: fresh.creator,
            created_ms: now_ms,
            updated_ms: now_ms,
            status_since_ms: now_ms,
            status_path: fresh.status_path,
            ..(*old).clone()
        };
        self.keep(copy, now_ms);
        Ok(())
    }

    /// An automation moves `updated` and nothing else (sheet §13).
    pub(super) fn touch_issue(&mut self, name: &str) -> Result<(), String> {
        let old = self.store.find(name).and_then(|id| self.store.get(id)).cloned();
        let mut issue = (*old.ok_or_else(|| format!("touch: no ticket {name}"))?).clone();
        issue.updated_ms = self.now_ms;
        self.keep(issue, self.now_ms);
        Ok(())
    }

    /// Adds a changelog entry, as for a change of `user`.
    pub(super) fn log_change(
        &mut self,
        issue: &mut Issue,
        user: UserNo,
        now_ms: i64,
        items: Vec<ChangeItem>,
        metadata: Option<&str>,
    ) {
        let id = self.next_number();
        let metadata = metadata.map(str::to_owned);
        issue.history.push(Arc::new(Change { id, author: user, created_ms: now_ms, items, metadata }));
    }
}
