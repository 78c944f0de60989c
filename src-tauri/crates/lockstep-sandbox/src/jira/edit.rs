//! Editing tickets and moving their status (sheet §4.2, §4.3).
//!
//! An edit works on a draft and is stored whole or not at all. Screens are not looked at on PUT, but on transitions.
//! A status never moves by PUT. There is no optimistic locking.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal, Reply};
use super::fields::{Incoming, IssueUpdate, Reference, not_on_screen};
use super::model::{ChangeItem, Comment, Issue, UserNo, put_property};
use super::routes::Call;
use super::site::{self, CLOSE_NOTES};
use super::workflow::{self, Effect, Transition};
use super::{Jira, adf, diff};

impl Jira {
    /// `PUT /issue/{id}`.
    pub(super) fn edit_issue(&mut self, call: &Call<'_>, name: &str) -> Reply {
        let user = self.signed_in(call.who)?;
        let old = self.issue_of(call, name)?;
        if call.query("notifyUsers") == Some("false")
            && !self.may(call.who, "ADMINISTER_PROJECTS", Some(old.project))
        {
            let text =
                "To discard the user notification either admin or project admin permissions are required.";
            return Err(Refusal::new(400, text));
        }
        for flag in ["overrideScreenSecurity", "overrideEditableFlag"] {
            if call.query(flag) == Some("true") {
                return Err(Refusal::new(403, format!("{flag} is for Connect and Forge apps alone.")));
            }
        }
        if !self.may(call.who, "EDIT_ISSUES", Some(old.project)) {
            return Err(Refusal::new(400, "You do not have permission to edit this issue."));
        }
        let update: IssueUpdate<'_> = call.parsed()?;
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut issue = (*old).clone();
        let comments = self.set_fields(&mut issue, &update, call, |_| true)?;
        for (key, value) in self.checked_properties(update.properties.as_deref().unwrap_or_default())? {
            put_property(&mut issue.properties, &key, value);
        }
        self.drop_lost_media(&old, &mut issue);
        self.record(&old, &mut issue, user, call.now_ms, update.history_metadata.map(|m| m.get()));
        self.add_ready_comments(&mut issue, comments, call.now_ms);
        self.keep(issue, call.now_ms);
        if call.query("returnIssue") != Some("true") {
            return Ok(Answer::empty(204));
        }
        self.show_issue(call, &old.id.to_string())
    }

    /// `PUT /issue/{id}/assignee`.
    pub(super) fn assign_issue(&mut self, call: &Call<'_>, name: &str) -> Reply {
        let user = self.signed_in(call.who)?;
        let old = self.issue_of(call, name)?;
        self.demand(call.who, "ASSIGN_ISSUES", old.project)?;
        let raw: &serde_json::value::RawValue = call.parsed()?;
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut issue = (*old).clone();
        self.apply_field(&mut issue, "assignee", "set", raw, Incoming { v2: call.v2 })
            .map_err(|text| Refusal::field("assignee", text))?;
        self.record(&old, &mut issue, user, call.now_ms, None);
        self.keep(issue, call.now_ms);
        Ok(Answer::empty(204))
    }

    /// Applies `fields` and `update`; gives back the comments that ride along.
    fn set_fields(
        &self,
        issue: &mut Issue,
        update: &IssueUpdate<'_>,
        call: &Call<'_>,
        on_screen: impl Fn(&str) -> bool,
    ) -> Result<Vec<Comment>, Refusal> {
        let mut errors: Vec<(String, String)> = Vec::new();
        let mut comments = Vec::new();
        let incoming = Incoming { v2: call.v2 };
        for (field, raw) in update.fields.iter().flatten() {
            let done = if update.update.as_ref().is_some_and(|update| update.contains_key(field)) {
                Err(format!("Field '{field}' cannot appear in both 'fields' and 'update'"))
            } else if on_screen(field) {
                self.apply_field(issue, field, "set", raw, incoming)
            } else {
                Err(not_on_screen(field))
            };
            errors.extend(done.err().map(|text| (field.clone(), text)));
        }
        for (field, steps) in update.update.iter().flatten() {
            for (verb, raw) in steps.iter().flatten() {
                let done = if field == "comment" {
                    self.comment_of_update(issue, verb, raw, call).map(|comment| comments.push(comment))
                } else if on_screen(field) {
                    self.apply_field(issue, field, verb, raw, incoming)
                } else {
                    Err(not_on_screen(field))
                };
                errors.extend(done.err().map(|text| (field.clone(), text)));
            }
        }
        if errors.is_empty() { Ok(comments) } else { Err(Refusal::fields(errors)) }
    }

    /// Deletes the files whose media nodes a new body no longer has (sheet §6.1: the trap of rewritten texts).
    fn drop_lost_media(&mut self, old: &Issue, issue: &mut Issue) {
        let media = |issue: &Issue| issue.rich_texts().flat_map(adf::media_ids).collect::<Vec<_>>();
        let before = media(old);
        if before.is_empty() {
            return;
        }
        let after = media(issue);
        self.drop_media(issue, before.into_iter().filter(|id| !after.contains(id)));
    }

    /// Deletes the ticket's files with these media ids.
    pub(super) fn drop_media(&mut self, issue: &mut Issue, lost: impl Iterator<Item = String>) {
        for media in lost {
            let id = issue
                .attachments
                .iter()
                .copied()
                .find(|id| self.files.get(id).is_some_and(|file| file.media_id == media));
            if let Some(id) = id {
                self.files.remove(&id);
                issue.attachments.retain(|at| *at != id);
            }
        }
    }

    /// Notes in the changelog what differs between two versions, and moves `updated` if anything does.
    pub(super) fn record(
        &mut self,
        old: &Issue,
        issue: &mut Issue,
        user: UserNo,
        now_ms: i64,
        metadata: Option<&str>,
    ) {
        if issue.resolution != old.resolution {
            issue.resolved_ms = issue.resolution.map(|_| now_ms);
        }
        if issue.status != old.status {
            issue.status_since_ms = now_ms;
            issue.status_path.push((issue.status, now_ms));
        }
        let items = diff::items(&self.users, &self.store, old, issue);
        if items.is_empty() {
            return;
        }
        issue.updated_ms = now_ms.max(old.updated_ms);
        self.log_change(issue, user, now_ms, items, metadata);
    }

    /// `GET /issue/{id}/transitions`.
    pub(super) fn list_transitions(&self, call: &Call<'_>, name: &str) -> Reply {
        let issue = self.issue_of(call, name)?;
        let with_fields = call.query("expand").is_some_and(|list| list.contains("transitions.fields"));
        let only = call.query("transitionId");
        let shown: Vec<Value> = self
            .open_transitions(call, &issue)
            .filter(|step| only.is_none_or(|id| id == step.id.to_string()))
            .map(|step| self.shown_transition(call, &issue, step, with_fields))
            .collect();
        Ok(Answer::value(200, &json!({ "expand": "transitions", "transitions": shown })))
    }

    /// Transitions that the caller may take; none at all without the permission (sheet §4.3).
    pub(super) fn open_transitions(
        &self,
        call: &Call<'_>,
        issue: &Issue,
    ) -> impl Iterator<Item = &'static Transition> + use<> {
        let may = self.may(call.who, "TRANSITION_ISSUES", Some(issue.project));
        let steps: Vec<_> = workflow::open(issue).filter(|_| may).collect();
        steps.into_iter()
    }

    /// One transition as JSON.
    pub(super) fn shown_transition(
        &self,
        call: &Call<'_>,
        issue: &Issue,
        step: &Transition,
        with_fields: bool,
    ) -> Value {
        let shaper = self.shaper(call.v2);
        let fields = with_fields.then(|| {
            step.screen
                .iter()
                .map(|(field, required)| {
                    let meta = self.field_meta(&shaper, issue.project, issue.kind, field, *required);
                    ((*field).to_owned(), meta)
                })
                .collect::<Map<String, Value>>()
        });
        workflow::describe(step, shaper.status(site::status(step.to)), fields)
    }

    /// `POST /issue/{id}/transitions`.
    pub(super) fn transition_issue(&mut self, call: &Call<'_>, name: &str) -> Reply {
        let user = self.signed_in(call.who)?;
        let old = self.issue_of(call, name)?;
        let update: IssueUpdate<'_> = call.parsed()?;
        let step = update.transition.as_ref().and_then(Reference::id_text);
        let step = step.ok_or_else(|| Refusal::new(400, "Missing 'transition' identifier"))?;
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut issue = (*old).clone();
        let comments = self.apply_transition(&mut issue, &step, &update, call)?;
        for (key, value) in self.checked_properties(update.properties.as_deref().unwrap_or_default())? {
            put_property(&mut issue.properties, &key, value);
        }
        self.record(&old, &mut issue, user, call.now_ms, update.history_metadata.map(|m| m.get()));
        issue.updated_ms = call.now_ms.max(old.updated_ms);
        self.add_ready_comments(&mut issue, comments, call.now_ms);
        self.keep(issue, call.now_ms);
        Ok(Answer::empty(204))
    }

    /// Takes a transition on a draft: open from here, only fields of its screen, required ones filled.
    pub(super) fn apply_transition(
        &self,
        issue: &mut Issue,
        step_id: &str,
        update: &IssueUpdate<'_>,
        call: &Call<'_>,
    ) -> Result<Vec<Comment>, Refusal> {
        let step =
            self.open_transitions(call, issue).find(|step| step.id.to_string() == step_id).ok_or_else(
                || Refusal::new(400, format!("Transition id '{step_id}' is not valid for this issue.")),
            )?;
        let on_screen = |field: &str| step.screen.iter().any(|(known, _)| *known == field);
        let clears = step.resolution == Effect::Clear;
        let comments = self
            .set_fields(issue, update, call, |field| on_screen(field) || (clears && field == "resolution"))?;
        let given = |field: &str| {
            update.fields.as_ref().and_then(|fields| fields.get(field)).is_some_and(|raw| raw.get() != "null")
                || update.update.as_ref().is_some_and(|update| update.contains_key(field))
        };
        let missing: Vec<(String, String)> = step
            .screen
            .iter()
            .filter(|(field, required)| *required && !given(field))
            .map(|(field, _)| {
                let name = site::field_at(field).map_or(*field, |at| site::FIELDS[at].name);
                ((*field).to_owned(), format!("{name} is required."))
            })
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::fields(missing));
        }
        let notes = site::custom_number(CLOSE_NOTES).and_then(|number| issue.custom(number));
        if self.switches.validator_rule && step.to == site::CLOSED && notes.is_none() {
            return Err(Refusal::new(400, "A ticket is closed only once its close notes are written."));
        }
        perform(issue, step);
        Ok(comments)
    }

    /// Takes a step for a customer, whom the platform API does not know.
    pub(super) fn take_step(&self, issue: &mut Issue, step_id: &str) {
        let step = workflow::open(issue).find(|step| step.id.to_string() == step_id);
        if let Some(step) = step {
            perform(issue, step);
        }
    }
}

fn perform(issue: &mut Issue, step: &Transition) {
    issue.status = step.to;
    match step.resolution {
        Effect::Keep => {}
        Effect::Clear => issue.resolution = None,
        Effect::Set(id) => issue.resolution = Some(id),
    }
}

/// One item of the changelog.
pub fn item(field: &str, id: &str, from: Option<String>, to: Option<String>) -> ChangeItem {
    ChangeItem {
        field: field.to_owned(),
        field_id: Some(id.to_owned()),
        from_text: from,
        to_text: to,
        ..ChangeItem::default()
    }
}
