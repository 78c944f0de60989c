//! Requests of the service desk (sheet §9.2). A request is a ticket with a request type; it can only be made here, and
//! it takes no properties, so making it is not repeatable.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, Reply};
use super::auth::Who;
use super::fields::{Id, Incoming, IssueUpdate, not_on_screen};
use super::issues::blank_issue;
use super::jsm::{request_type, service_project};
use super::model::{Comment, Custom, Issue, Request, UserNo};
use super::routes::{Call, no_such_path};
use super::site::{self, FIELDS};
use super::store::key_of;
use super::{Jira, adf, draw, wiki};

/// Transitions that customers may take.
const CUSTOMER_STEPS: &[u32] = &[61, 71];

#[derive(Deserialize)]
struct Text {
    body: Option<String>,
}

impl Jira {
    /// `/request…`.
    pub(super) fn request_routes(&mut self, call: &Call<'_>, rest: &[&str]) -> Reply {
        let Some((name, rest)) = rest.split_first() else {
            return match call.method.as_str() {
                "GET" => self.own_requests(call),
                "POST" => self.raise(call),
                _ => Err(Refusal::bare(405)),
            };
        };
        let issue = self.request_of(call, name)?;
        let path = |tail: &str| format!("request/{}/{tail}", issue.id);
        match (call.method.as_str(), rest) {
            ("GET", []) => Ok(Answer::value(200, &self.shown_request(call, &issue))),
            ("GET", ["comment"]) => {
                let shown = self.desk_comments(call, &issue);
                Ok(self.desk_page(call, &path("comment"), shown))
            }
            ("POST", ["comment"]) => self.desk_post_comment(call, &issue),
            ("GET", ["comment", id]) => {
                let shown = self.desk_comments(call, &issue).into_iter().find(|shown| shown["id"] == **id);
                shown
                    .map(|shown| Answer::value(200, &shown))
                    .ok_or_else(|| Refusal::new(404, "There is no such comment."))
            }
            ("GET", ["attachment"]) => {
                let files = issue.attachments.iter().filter_map(|id| self.files.get(id));
                let shown = files.map(|file| self.desk_file(file, call.now_ms)).collect();
                Ok(self.desk_page(call, &path("attachment"), shown))
            }
            ("POST", ["attachment"]) => self.attach_to_request(call, &issue),
            ("GET", ["participant"]) => Ok(self.participants(call, &issue)),
            ("POST" | "DELETE", ["participant"]) => self.change_participants(call, &issue),
            ("GET", ["sla"]) => {
                self.agents_only(call)?;
                Ok(self.desk_page(call, &path("sla"), vec![self.sla(&issue, call.now_ms)]))
            }
            ("GET", ["sla", "1"]) => {
                self.agents_only(call)?;
                Ok(Answer::value(200, &self.sla(&issue, call.now_ms)))
            }
            ("GET", ["status"]) => {
                let steps = issue.status_path.iter().rev();
                let shown =
                    steps.map(|(status, ms)| self.customer_status(*status, *ms, call.now_ms)).collect();
                Ok(self.desk_page(call, &path("status"), shown))
            }
            ("GET", ["transition"]) => {
                let steps = customer_steps(&issue);
                let shown = steps.map(|(id, name)| json!({ "id": id.to_string(), "name": name })).collect();
                Ok(self.desk_page(call, &path("transition"), shown))
            }
            ("POST", ["transition"]) => self.customer_transition(call, &issue),
            _ => Err(no_such_path()),
        }
    }

    /// The request that a path names; 404 for tickets that are no requests (sheet §7).
    fn request_of(&self, call: &Call<'_>, name: &str) -> Result<Arc<Issue>, Refusal> {
        let found = self.store.find(name).and_then(|id| self.store.get(id));
        let issue = found.filter(|issue| match (&issue.request, call.who) {
            (Some(request), Who::User(user)) => {
                let involved = issue.reporter == Some(user) || request.participants.contains(&user);
                involved || (self.is_agent(call.who) && self.sees(call.who, issue))
            }
            _ => false,
        });
        match issue {
            Some(issue) => Ok(Arc::clone(issue)),
            None if matches!(call.who, Who::User(0)) && !self.switches.agent => Err(Refusal::bare(403)),
            None => Err(Refusal::new(404, "The request does not exist, or you do not see it.")),
        }
    }

    fn own_requests(&self, call: &Call<'_>) -> Reply {
        let user = self.signed_in(call.who)?;
        let own = self.store.live().filter(|issue| issue.request.is_some() && issue.reporter == Some(user));
        let shown = own.map(|issue| self.shown_request(call, issue)).collect();
        Ok(self.desk_page(call, "request", shown))
    }

    fn shown_request(&self, call: &Call<'_>, issue: &Issue) -> Value {
        let request = issue.request.as_ref();
        let type_id = request.map_or(0, |request| request.type_id);
        let fields = request_type(type_id).map_or(&[][..], |known| known.fields);
        let values: Vec<Value> = fields
            .iter()
            .map(|(id, _)| {
                let name = site::field_at(id).map_or(*id, |at| FIELDS[at].name);
                json!({ "fieldId": id, "label": name, "value": self.request_value(issue, id) })
            })
            .collect();
        let expands = |name: &str| call.query_list("expand").any(|wanted| wanted == name);
        let mut shown = json!({
            "_expands": ["participant", "status", "sla", "requestType", "serviceDesk", "attachment", "action", "comment"],
            "issueId": issue.id.to_string(), "issueKey": key_of(issue), "requestTypeId": type_id.to_string(),
            "serviceDeskId": "1", "createdDate": self.date(issue.created_ms, call.now_ms),
            "requestFieldValues": values,
            "currentStatus": self.customer_status(issue.status, issue.status_since_ms, call.now_ms),
            "_links": {
                "jiraRest": self.shaper(true).url(&format!("issue/{}", issue.id)),
                "web": format!("{}/servicedesk/customer/portal/1/{}", self.origin, key_of(issue)),
                "self": self.desk_url(&format!("request/{}", issue.id)),
            },
        });
        if let Some(reporter) = issue.reporter {
            shown["reporter"] = self.desk_user(reporter);
        }
        if let (true, Some(request)) = (expands("participant"), request) {
            let users = request.participants.iter().map(|user| self.desk_user(*user)).collect();
            shown["participants"] =
                self.desk_page_value(0, 50, &format!("request/{}/participant", issue.id), users);
        }
        if expands("comment") {
            let comments = self.desk_comments(call, issue);
            shown["comments"] =
                self.desk_page_value(0, 50, &format!("request/{}/comment", issue.id), comments);
        }
        if expands("sla") && self.is_agent(call.who) {
            let slas = vec![self.sla(issue, call.now_ms)];
            shown["sla"] = self.desk_page_value(0, 50, &format!("request/{}/sla", issue.id), slas);
        }
        shown
    }

    fn request_value(&self, issue: &Issue, field: &str) -> Value {
        match field {
            "summary" => issue.summary.as_str().into(),
            "description" => issue.description.as_deref().map(wiki::from_adf).into(),
            "duedate" => issue.duedate.as_deref().into(),
            "priority" => issue.priority.map_or(Value::Null, |id| {
                let name = site::PRIORITIES.iter().find(|row| row.0 == id).map_or("", |row| row.1);
                json!({ "id": id.to_string(), "name": name })
            }),
            _ => match site::custom_number(field).and_then(|number| issue.custom(number)) {
                Some(Custom::Line(text)) => text.as_str().into(),
                Some(Custom::Rich(text)) => wiki::from_adf(text).into(),
                Some(Custom::Option(id)) => {
                    let value = site::CONTACT_TYPES.iter().find(|row| row.0 == *id).map_or("", |row| row.1);
                    json!({ "id": id.to_string(), "value": value })
                }
                Some(Custom::Moment(ms)) => self.clock.stamp(*ms).into(),
                None => Value::Null,
            },
        }
    }

    /// `POST /request`.
    fn raise(&mut self, call: &Call<'_>) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            service_desk_id: Id,
            request_type_id: Id,
            #[serde(borrow, default)]
            request_field_values: BTreeMap<String, &'a RawValue>,
            #[serde(default)]
            request_participants: Vec<String>,
            raise_on_behalf_of: Option<String>,
            #[serde(default)]
            is_adf_request: bool,
        }
        let user = self.signed_in(call.who)?;
        if user == 0 {
            self.agents_only(call)?;
        }
        let body: Body<'_> = call.parsed()?;
        let project = service_project();
        let desk = body.service_desk_id.text();
        let known_desk = desk == "1" || site::project_at(&desk) == Some(project);
        let known = body.request_type_id.text().parse().ok().and_then(request_type);
        let known = known.filter(|_| known_desk).ok_or_else(|| {
            Refusal::new(
                400,
                "The service desk or the request type is unknown, or you cannot raise requests there.",
            )
        })?;
        let reporter = match &body.raise_on_behalf_of {
            None => user,
            Some(account) => {
                self.agents_only(call)?;
                let customer = self.user_by_account(account);
                customer.ok_or_else(|| {
                    Refusal::new(400, "The account that the request is raised for is unknown.")
                })?
            }
        };
        let participants = self.accounts(&body.request_participants)?;
        let mut issue = blank_issue(0, project, 0, known.kind, user, call.now_ms);
        issue.reporter = Some(reporter);
        issue.request = Some(Request { type_id: known.id, participants });
        let incoming = Incoming { v2: !body.is_adf_request };
        let mut errors = Vec::new();
        for (field, raw) in &body.request_field_values {
            // Labels are taken and lost: they do not reach the ticket (sheet §9.2).
            if field == "labels" {
                continue;
            }
            let done = if known.fields.iter().any(|(id, _)| id == field) {
                self.apply_field(&mut issue, field, "set", raw, incoming)
            } else {
                Err(not_on_screen(field))
            };
            errors.extend(done.err().map(|text| (field.clone(), text)));
        }
        for (field, _) in known.fields.iter().filter(|(_, required)| *required) {
            if body.request_field_values.get(*field).is_none_or(|raw| raw.get() == "null") {
                let name = site::field_at(field).map_or(*field, |at| FIELDS[at].name);
                errors.push(((*field).to_owned(), format!("{name} is required.")));
            }
        }
        if !errors.is_empty() {
            return Err(Refusal::fields(errors));
        }
        let (id, number) = self.store.next(project);
        issue.id = id;
        issue.number = number;
        let shown = self.shown_request(call, &issue);
        self.keep(issue, call.now_ms);
        Ok(Answer::value(201, &shown))
    }

    fn accounts(&self, ids: &[String]) -> Result<Vec<UserNo>, Refusal> {
        ids.iter()
            .map(|id| {
                self.user_by_account(id)
                    .ok_or_else(|| Refusal::new(400, format!("There is no account '{id}'.")))
            })
            .collect()
    }

    fn desk_comments(&self, call: &Call<'_>, issue: &Issue) -> Vec<Value> {
        let agent = self.is_agent(call.who);
        let wants = |name: &str| call.query(name) != Some("false");
        issue
            .comments
            .iter()
            .filter(
                |comment| if comment.is_internal() { agent && wants("internal") } else { wants("public") },
            )
            .map(|comment| {
                let mut shown = self.desk_comment(issue, comment, call.now_ms);
                if call.query_list("expand").any(|name| name == "renderedBody") {
                    shown["renderedBody"] = json!({ "html": wiki::to_html(&comment.body) });
                }
                shown
            })
            .collect()
    }

    fn ready_comment(&mut self, call: &Call<'_>, user: UserNo, body: String, public: bool) -> Comment {
        Comment {
            id: self.next_number(),
            author: user,
            update_author: user,
            body,
            created_ms: call.now_ms,
            updated_ms: call.now_ms,
            visibility: None,
            properties: vec![("sd.public.comment".to_owned(), json!({ "internal": !public }).to_string())],
            properties_from_ms: call.now_ms,
            attachments: Vec::new(),
        }
    }

    fn markup(&self, issue: &Issue, text: &str) -> Result<String, Refusal> {
        if text.trim().is_empty() {
            return Err(Refusal::new(400, "The comment has no text."));
        }
        if text.chars().count() > adf::TEXT_CHARS_MAX {
            return Err(Refusal::new(400, adf::TOO_LONG));
        }
        Ok(self.markup_to_adf(issue, text))
    }

    /// Strings only, no documents; public unless it says otherwise. Customers cannot write internal notes.
    fn desk_post_comment(&mut self, call: &Call<'_>, old: &Issue) -> Reply {
        #[derive(Deserialize)]
        struct Body {
            body: String,
            public: Option<bool>,
        }
        let user = self.signed_in(call.who)?;
        let wanted: Body = call.parsed()?;
        let public = wanted.public.unwrap_or(true) || !self.is_agent(call.who);
        let body = self.markup(old, &wanted.body)?;
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let comment = self.ready_comment(call, user, body, public);
        let shown = self.desk_comment(old, &comment, call.now_ms);
        let mut issue = old.clone();
        self.add_ready_comments(&mut issue, vec![comment], call.now_ms);
        self.keep(issue, call.now_ms);
        Ok(Answer::value(201, &shown))
    }

    /// `POST /servicedesk/{id}/attachTemporaryFile`.
    pub(super) fn attach_temporary(&mut self, call: &Call<'_>) -> Reply {
        let user = self.signed_in(call.who)?;
        let mut shown = Vec::new();
        for part in self.uploaded(call)? {
            let file = self.new_file(part, 0, user, call.now_ms);
            let id = format!("temp{}", draw::mix(self.seed, file.id) % 1_000_000_000_000);
            shown.push(json!({ "temporaryAttachmentId": id, "fileName": file.name }));
            self.temporary_files.insert(id, file);
        }
        Ok(Answer::value(201, &json!({ "temporaryAttachments": shown })))
    }

    /// `POST /request/{id}/attachment`: one comment that carries the files (sheet §8).
    fn attach_to_request(&mut self, call: &Call<'_>, old: &Issue) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            temporary_attachment_ids: Vec<String>,
            public: Option<bool>,
            additional_comment: Option<Text>,
        }
        let user = self.signed_in(call.who)?;
        let wanted: Body = call.parsed()?;
        let unknown =
            wanted.temporary_attachment_ids.iter().find(|id| !self.temporary_files.contains_key(*id));
        if wanted.temporary_attachment_ids.is_empty() || unknown.is_some() {
            return Err(Refusal::new(400, "A temporary file is wanted that does not exist, or none."));
        }
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut issue = old.clone();
        let mut files = Vec::new();
        let mut media = Vec::new();
        let mut ids = Vec::new();
        for id in &wanted.temporary_attachment_ids {
            let Some(mut file) = self.temporary_files.remove(id) else { continue };
            file.issue = issue.id;
            files.push(self.desk_file(&file, call.now_ms));
            media.push(json!({ "type": "media", "attrs": {
                "type": "file", "id": file.media_id, "alt": file.name, "collection": "" } }));
            ids.push(file.id);
            self.attach(&mut issue, file);
        }
        let text = wanted.additional_comment.and_then(|comment| comment.body).unwrap_or_default();
        let mut content: Vec<Value> = Vec::new();
        if !text.trim().is_empty() {
            let document: Value = serde_json::from_str(&self.markup(old, &text)?).unwrap_or_default();
            content.extend(document["content"].as_array().cloned().unwrap_or_default());
        }
        content.push(json!({ "type": "mediaGroup", "content": media }));
        let body = json!({ "type": "doc", "version": 1, "content": content }).to_string();
        let public = wanted.public.unwrap_or(true) || !self.is_agent(call.who);
        let mut comment = self.ready_comment(call, user, body, public);
        comment.attachments = ids;
        let shown = self.desk_comment(&issue, &comment, call.now_ms);
        self.record(old, &mut issue, user, call.now_ms, None);
        self.add_ready_comments(&mut issue, vec![comment], call.now_ms);
        let page = self.desk_page_value(0, 50, &format!("request/{}/attachment", issue.id), files);
        self.keep(issue, call.now_ms);
        Ok(Answer::value(201, &json!({ "comment": shown, "attachments": page })))
    }

    fn participants(&self, call: &Call<'_>, issue: &Issue) -> Answer {
        let users = issue.request.iter().flat_map(|request| &request.participants);
        let shown = users.map(|user| self.desk_user(*user)).collect();
        self.desk_page(call, &format!("request/{}/participant", issue.id), shown)
    }

    fn change_participants(&mut self, call: &Call<'_>, old: &Issue) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            #[serde(default)]
            account_ids: Vec<String>,
        }
        let body: Body = call.parsed()?;
        let users = self.accounts(&body.account_ids)?;
        let mut issue = old.clone();
        if let Some(request) = &mut issue.request {
            request.participants.retain(|user| !users.contains(user));
            if call.method == http::Method::POST {
                request.participants.extend(users);
            }
        }
        let answer = self.participants(call, &issue);
        self.keep(issue, call.now_ms);
        Ok(answer)
    }

    fn customer_transition(&mut self, call: &Call<'_>, old: &Issue) -> Reply {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            id: Id,
            additional_comment: Option<Text>,
        }
        let user = self.signed_in(call.who)?;
        let body: Body = call.parsed()?;
        let step = body.id.text();
        let known = customer_steps(old).any(|(id, _)| id.to_string() == step);
        let mut issue = old.clone();
        if known && self.is_agent(call.who) {
            self.apply_transition(&mut issue, &step, &IssueUpdate::default(), call)?;
        } else if known {
            self.take_step(&mut issue, &step);
        } else {
            return Err(Refusal::new(
                400,
                "The transition is not open to customers, or not from this status.",
            ));
        }
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        self.record(old, &mut issue, user, call.now_ms, None);
        if let Some(text) = body.additional_comment.and_then(|comment| comment.body) {
            let markup = self.markup(old, &text)?;
            let comment = self.ready_comment(call, user, markup, true);
            self.add_ready_comments(&mut issue, vec![comment], call.now_ms);
        }
        self.keep(issue, call.now_ms);
        Ok(Answer::empty(204))
    }
}

/// Transitions that a customer may take from here: id and name.
fn customer_steps(issue: &Issue) -> impl Iterator<Item = (u32, &'static str)> {
    super::workflow::open(issue)
        .filter(|step| CUSTOMER_STEPS.contains(&step.id))
        .map(|step| (step.id, step.name))
}
