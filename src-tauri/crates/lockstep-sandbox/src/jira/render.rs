//! Tickets, comments and changelogs as JSON.

use super::Jira;
use super::clock::DAY_MS;
use super::json::Json;
use super::model::{Change, Comment, Custom, Issue, UserNo};
use super::routes::Call;
use super::site::{self, FIELDS, Shape};
use super::store::key_of;
use super::{adf, wiki};

/// Which fields an answer has, one bit for each of [`FIELDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice(u64);

impl Choice {
    /// Every field.
    pub const ALL: Self = Self(u64::MAX);

    /// Reads `fields`: ids, `*all`, `*navigable`, `-id`. Unknown ids are ignored.
    pub fn read<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut bits = 0_u64;
        let mut only_minus = true;
        for name in names.map(str::trim).filter(|name| !name.is_empty()) {
            if let Some(without) = name.strip_prefix('-') {
                if only_minus {
                    bits = u64::MAX;
                }
                bits &= !site::field_at(without).map_or(0, |at| 1 << at);
            } else if name == "*all" {
                bits = u64::MAX;
            } else if name == "*navigable" {
                for (at, field) in FIELDS.iter().enumerate() {
                    bits |= u64::from(field.navigable) << at;
                }
            } else {
                bits |= site::field_at(name).map_or(0, |at| 1 << at);
            }
            only_minus = false;
        }
        Self(bits)
    }

    /// Whether field number `at` is wanted.
    pub fn has(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }
}

/// How tickets are written.
#[derive(Debug, Clone)]
pub struct View {
    pub fields: Choice,
    /// Property keys that are shown.
    pub properties: Vec<String>,
    pub expand: Vec<String>,
    /// At most so many embedded comments and changelog entries (sheet §3.1).
    pub embedded_max: usize,
    pub v2: bool,
    pub now_ms: i64,
}

/// How comments are written.
#[derive(Debug, Clone, Copy)]
pub struct CommentView {
    pub v2: bool,
    /// With `renderedBody`.
    pub rendered: bool,
    /// With `properties`.
    pub properties: bool,
    pub now_ms: i64,
}

impl View {
    /// Whether something is expanded.
    pub fn expands(&self, what: &str) -> bool {
        self.expand.iter().any(|name| name == what)
    }
}

impl Jira {
    /// Writes one ticket.
    pub(super) fn write_issue(&self, json: &mut Json, issue: &Issue, view: &View, call: &Call<'_>) {
        let version = if view.v2 { 2 } else { 3 };
        json.open();
        json.key("expand")
            .str("renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations");
        json.key("id").fmt(format_args!("{}", issue.id));
        json.key("self").fmt(format_args!("{}/rest/api/{version}/issue/{}", self.origin, issue.id));
        json.key("key").str(&key_of(issue));
        json.key("fields").open();
        for (at, field) in FIELDS.iter().enumerate() {
            if view.fields.has(at) && site::in_context(issue.project, field) {
                json.key(field.id);
                self.write_field(json, issue, field, view, call);
            }
        }
        json.close();
        if !view.properties.is_empty() {
            json.key("properties").open();
            for key in &view.properties {
                if let Some(value) = issue.property(key) {
                    json.key(key).raw(value);
                }
            }
            json.close();
        }
        if !view.expand.is_empty() {
            self.write_expanded(json, issue, view, call);
        }
        json.close();
    }

    fn write_expanded(&self, json: &mut Json, issue: &Issue, view: &View, call: &Call<'_>) {
        if view.expands("renderedFields") {
            json.key("renderedFields").open();
            for (at, field) in FIELDS.iter().enumerate().filter(|(at, _)| view.fields.has(*at)) {
                let text = match field.id {
                    "description" => issue.description.as_deref(),
                    "environment" => issue.environment.as_deref(),
                    _ => None,
                };
                if matches!(FIELDS[at].id, "description" | "environment") {
                    json.key(field.id).str(&text.map(wiki::to_html).unwrap_or_default());
                }
            }
            json.close();
        }
        if view.expands("transitions") {
            let with_fields = view.expands("transitions.fields");
            json.key("transitions").list();
            for step in self.open_transitions(call, issue) {
                json.raw(&self.shown_transition(call, issue, step, with_fields).to_string());
            }
            json.end();
        }
        if view.expands("editmeta") {
            json.key("editmeta").raw(&self.edit_meta(&self.shaper(view.v2), issue).to_string());
        }
        if view.expands("operations") {
            json.key("operations").raw(r#"{"linkGroups":[]}"#);
        }
        if view.expands("changelog") {
            let shown: Vec<_> = issue.history.iter().rev().take(view.embedded_max).collect();
            json.key("changelog").open();
            json.key("startAt").int(0);
            json.key("maxResults").int(shown.len() as i64);
            json.key("total").int(issue.history.len() as i64);
            json.key("histories").list();
            for change in shown {
                self.write_change(json, change, view.v2);
            }
            json.end();
            json.close();
        }
        if view.expands("names") {
            json.key("names").raw(&self.field_names(view.fields).to_string());
        }
        if view.expands("schema") {
            json.key("schema").raw(&self.field_schemas(view.fields).to_string());
        }
    }

    fn write_field(&self, json: &mut Json, issue: &Issue, field: &site::Field, view: &View, call: &Call<'_>) {
        let shapes = self.shapes(view.v2);
        match field.id {
            "summary" => json.str(&issue.summary),
            "issuetype" => json.raw(shapes.kind(issue.kind)),
            "project" => json.raw(shapes.project(issue.project)),
            "status" => json.raw(shapes.status(issue.status)),
            "statusCategory" => json.raw(shapes.category(site::status(issue.status).category)),
            "description" => write_rich(json, issue.description.as_deref(), view.v2),
            "environment" => write_rich(json, issue.environment.as_deref(), view.v2),
            "priority" => json.opt_raw(issue.priority.map(|id| shapes.priority(id))),
            "resolution" => json.opt_raw(issue.resolution.map(|id| shapes.resolution(id))),
            "resolutiondate" => json.opt_str(issue.resolved_ms.map(|ms| self.clock.stamp(ms)).as_deref()),
            "labels" => {
                json.list();
                issue.labels.iter().for_each(|label| json.str(label));
                json.end();
            }
            "components" => {
                json.list();
                issue.components.iter().for_each(|id| json.raw(shapes.component(*id)));
                json.end();
            }
            "duedate" => json.opt_str(issue.duedate.as_deref()),
            "assignee" => self.write_user(json, issue.assignee, view.v2),
            "reporter" => self.write_user(json, issue.reporter, view.v2),
            "creator" => self.write_user(json, Some(issue.creator), view.v2),
            "created" => json.str(&self.clock.stamp(issue.created_ms)),
            "updated" => json.str(&self.clock.stamp(issue.updated_ms)),
            "parent" => match issue.parent.and_then(|id| self.store.get(id)) {
                Some(parent) => self.write_stub(json, parent, view.v2),
                None => json.raw("null"),
            },
            "subtasks" => {
                json.list();
                for id in self.children.get(&issue.id).into_iter().flatten() {
                    if let Some(child) = self.store.get(*id).filter(|child| child.parent == Some(issue.id)) {
                        self.write_stub(json, child, view.v2);
                    }
                }
                json.end();
            }
            "issuelinks" => json.raw("[]"),
            "attachment" => {
                json.list();
                for id in &issue.attachments {
                    if let Some(file) = self.files.get(id) {
                        json.raw(&self.shown_attachment(file, view.v2).to_string());
                    }
                }
                json.end();
            }
            "comment" => {
                let visible = self.visible_comments(issue, call);
                let shown = visible.len().min(view.embedded_max);
                json.open();
                json.key("comments").list();
                let plain =
                    CommentView { v2: view.v2, rendered: false, properties: false, now_ms: view.now_ms };
                for comment in &visible[..shown] {
                    self.write_comment(json, issue, comment, plain);
                }
                json.end();
                json.key("self").fmt(format_args!(
                    "{}/rest/api/{}/issue/{}/comment",
                    self.origin,
                    if view.v2 { 2 } else { 3 },
                    issue.id
                ));
                json.key("maxResults").int(shown as i64);
                json.key("total").int(visible.len() as i64);
                json.key("startAt").int(0);
                json.close();
            }
            _ => self.write_custom(json, issue, field, view),
        }
    }

    fn write_custom(&self, json: &mut Json, issue: &Issue, field: &site::Field, view: &View) {
        match field.shape {
            Shape::RequestType => match &issue.request {
                Some(request) => json.raw(&self.request_type_field(issue, request).to_string()),
                None => json.raw("null"),
            },
            Shape::Sla => match &issue.request {
                Some(_) => json.raw(&self.sla(issue, view.now_ms).to_string()),
                None => json.raw("null"),
            },
            _ => match site::custom_number(field.id).and_then(|number| issue.custom(number)) {
                None => json.raw("null"),
                Some(Custom::Line(text)) => json.str(text),
                Some(Custom::Rich(text)) => write_rich(json, Some(text), view.v2),
                Some(Custom::Option(id)) => json.raw(self.shapes(view.v2).contact_type(*id)),
                Some(Custom::Moment(ms)) => json.str(&self.clock.stamp(*ms)),
            },
        }
    }

    /// A user, or `null`.
    pub(super) fn write_user(&self, json: &mut Json, user: Option<UserNo>, v2: bool) {
        json.opt_raw(user.map(|user| self.shapes(v2).user(user)));
    }

    fn write_stub(&self, json: &mut Json, issue: &Issue, v2: bool) {
        let shapes = self.shapes(v2);
        json.open();
        json.key("id").fmt(format_args!("{}", issue.id));
        json.key("key").str(&key_of(issue));
        let version = if v2 { 2 } else { 3 };
        json.key("self").fmt(format_args!("{}/rest/api/{version}/issue/{}", self.origin, issue.id));
        json.key("fields").open();
        json.key("summary").str(&issue.summary);
        json.key("status").raw(shapes.status(issue.status));
        json.key("priority").opt_raw(issue.priority.map(|id| shapes.priority(id)));
        json.key("issuetype").raw(shapes.kind(issue.kind));
        json.close();
        json.close();
    }

    /// One comment. `jsdPublic` is what decides who reads it (sheet §7).
    pub(super) fn write_comment(&self, json: &mut Json, issue: &Issue, comment: &Comment, view: CommentView) {
        let CommentView { v2, rendered, properties, now_ms } = view;
        let version = if v2 { 2 } else { 3 };
        json.open();
        json.key("self").fmt(format_args!(
            "{}/rest/api/{version}/issue/{}/comment/{}",
            self.origin, issue.id, comment.id
        ));
        json.key("id").fmt(format_args!("{}", comment.id));
        json.key("author").raw(self.shapes(v2).user(comment.author));
        json.key("body");
        write_rich(json, Some(&comment.body), v2);
        if rendered {
            json.key("renderedBody").str(&wiki::to_html(&comment.body));
        }
        json.key("updateAuthor").raw(self.shapes(v2).user(comment.update_author));
        json.key("created").str(&self.clock.stamp(comment.created_ms));
        json.key("updated").str(&self.clock.stamp(comment.updated_ms));
        if let Some(visibility) = &comment.visibility {
            json.key("visibility").raw(&serde_json::json!(visibility).to_string());
        }
        let service = site::PROJECTS[issue.project].is_service();
        json.key("jsdPublic").bool(!(service && comment.is_internal()));
        if properties {
            json.key("properties").list();
            if now_ms >= comment.properties_from_ms {
                for (key, value) in &comment.properties {
                    json.open();
                    json.key("key").str(key);
                    json.key("value").raw(value);
                    json.close();
                }
            }
            json.end();
        }
        json.close();
    }

    /// One changelog entry. Members without a value are left out.
    pub(super) fn write_change(&self, json: &mut Json, change: &Change, v2: bool) {
        json.open();
        json.key("id").fmt(format_args!("{}", change.id));
        json.key("author").raw(self.shapes(v2).user(change.author));
        json.key("created").str(&self.clock.stamp(change.created_ms));
        json.key("items").list();
        for item in &change.items {
            json.open();
            json.key("field").str(&item.field);
            json.key("fieldtype").str(if item.custom { "custom" } else { "jira" });
            for (key, value) in [
                ("fieldId", &item.field_id),
                ("from", &item.from),
                ("fromString", &item.from_text),
                ("to", &item.to),
                ("toString", &item.to_text),
            ] {
                if let Some(value) = value {
                    json.key(key).str(value);
                }
            }
            json.close();
        }
        json.end();
        if let Some(metadata) = &change.metadata {
            json.key("historyMetadata").raw(metadata);
        }
        json.close();
    }
}

/// Rich text: the document on v3, wiki markup on v2.
fn write_rich(json: &mut Json, text: Option<&str>, v2: bool) {
    match text {
        None => json.raw("null"),
        Some(text) if v2 => json.str(&wiki::from_adf(text)),
        Some(text) => json.raw(text),
    }
}

/// Plain text of a ticket for text search.
pub fn searchable(issue: &Issue) -> String {
    let mut text = issue.summary.clone();
    for rich in issue.rich_texts().chain(issue.comments.iter().map(|comment| comment.body.as_str())) {
        text.push('\n');
        text.push_str(&adf::plain(rich));
    }
    for (_, value) in &issue.custom {
        if let Custom::Line(line) = value {
            text.push('\n');
            text.push_str(line);
        }
    }
    text
}

/// Milliseconds that a request may stay open before its promise is broken.
pub const SLA_GOAL_MS: i64 = DAY_MS / 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_chosen_by_id_star_and_minus() {
        let at = |name: &str| site::field_at(name).expect("known");
        let choice = Choice::read(["summary", "nonsense"].into_iter());
        assert!(choice.has(at("summary")) && !choice.has(at("status")));
        let choice = Choice::read(["*navigable", "-summary"].into_iter());
        assert!(choice.has(at("status")) && !choice.has(at("summary")) && !choice.has(at("comment")));
        assert!(Choice::read(["-comment"].into_iter()).has(at("summary")));
        assert_eq!(Choice::read(["*all"].into_iter()), Choice::ALL);
    }
}
