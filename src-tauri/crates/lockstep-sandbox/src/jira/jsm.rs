//! Service management (sheet §9): the desk, its request types and their fields, and the shapes of its answers.
//!
//! An account that is no agent gets 403 without a body. `GET /request` shows the caller's own requests, not all.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal, Reply};
use super::auth::Who;
use super::model::{Attachment, Comment, Issue, Request, UserNo};
use super::render::SLA_GOAL_MS;
use super::routes::{Call, no_such_path};
use super::site::{self, FIELDS, INCIDENT, PROJECTS, SERVICE_REQUEST};
use super::{Jira, wiki};

/// A request type of the desk.
pub struct RequestType {
    pub id: u32,
    pub name: &'static str,
    pub kind: u32,
    pub description: &'static str,
    /// Field ids, and whether they must be filled.
    pub fields: &'static [(&'static str, bool)],
}

pub const REQUEST_TYPES: &[RequestType] = &[
    RequestType {
        id: 25,
        name: "Report an incident",
        kind: INCIDENT,
        description: "Tell us what does not work.",
        fields: &[
            ("summary", true),
            ("description", false),
            ("priority", false),
            (site::EXTERNAL_REFERENCE, false),
            (site::CONTACT_TYPE, false),
            (site::LOCATION, false),
        ],
    },
    RequestType {
        id: 26,
        name: "Ask for something",
        kind: SERVICE_REQUEST,
        description: "Tell us what you need.",
        fields: &[("summary", true), ("description", true), ("duedate", false), (site::LOCATION, false)],
    },
];

/// Position of the service project.
pub fn service_project() -> usize {
    PROJECTS.iter().position(site::Project::is_service).expect("the site has a service project")
}

/// A request type by id.
pub fn request_type(id: u32) -> Option<&'static RequestType> {
    REQUEST_TYPES.iter().find(|known| known.id == id)
}

impl Jira {
    /// `/rest/servicedeskapi/…`.
    pub(super) fn desk(&mut self, call: &Call<'_>, parts: &[&str]) -> Reply {
        if parts == ["info"] {
            return Ok(Answer::value(200, &self.desk_info(call)));
        }
        self.signed_in(call.who)?;
        match (call.method.as_str(), parts) {
            (_, ["request", rest @ ..]) => self.request_routes(call, rest),
            ("GET", ["requesttype"]) => {
                self.agents_only(call)?;
                Ok(self.desk_page(call, "requesttype", self.request_types()))
            }
            ("GET", ["organization"]) => Ok(self.desk_page(call, "organization", Vec::new())),
            (_, ["servicedesk", rest @ ..]) => self.service_desk(call, rest),
            _ => Err(no_such_path()),
        }
    }

    /// 403 without a body unless the caller is an agent.
    pub(super) fn agents_only(&self, call: &Call<'_>) -> Result<(), Refusal> {
        if self.is_agent(call.who) { Ok(()) } else { Err(Refusal::bare(403)) }
    }

    fn desk_info(&self, call: &Call<'_>) -> Value {
        json!({
            "version": "5.12.0",
            "platformVersion": "1001.0.0-SNAPSHOT",
            "buildDate": self.date(1_793_491_200_000, call.now_ms),
            "buildChangeSet": "practice",
            "isLicensedForUse": true,
            "_links": { "self": self.desk_url("info") },
        })
    }

    pub(super) fn desk_url(&self, path: &str) -> String {
        format!("{}/rest/servicedeskapi/{path}", self.origin)
    }

    fn service_desk(&mut self, call: &Call<'_>, rest: &[&str]) -> Reply {
        let customer =
            matches!(call.who, Who::User(user) if self.users[usize::from(user)].account_type == "customer");
        if !customer {
            self.agents_only(call)?;
        }
        let project = service_project();
        let Some((name, rest)) = rest.split_first() else {
            let desks = if self.sees_project(call.who, project) || customer {
                vec![self.shown_desk()]
            } else {
                Vec::new()
            };
            return Ok(self.desk_page(call, "servicedesk", desks));
        };
        let setup = &PROJECTS[project];
        let known = setup.desk.is_some_and(|id| id.to_string() == *name)
            || site::project_at(name) == Some(project)
            || *name == format!("projectId:{}", setup.id)
            || *name == format!("projectKey:{}", setup.key);
        if !known {
            return Err(Refusal::new(404, format!("The service desk '{name}' does not exist.")));
        }
        match (call.method.as_str(), rest) {
            ("GET", []) => Ok(Answer::value(200, &self.shown_desk())),
            ("GET", ["requesttype"]) => {
                let wanted = call.query("searchQuery").unwrap_or_default().to_lowercase();
                let mut types = self.request_types();
                types.retain(|shown| {
                    shown["name"].as_str().unwrap_or_default().to_lowercase().contains(&wanted)
                });
                if call.query_list("expand").any(|name| name == "field") {
                    for (shown, of) in types.iter_mut().zip(REQUEST_TYPES) {
                        shown["fields"] = self.request_fields(of);
                    }
                }
                Ok(self.desk_page(call, "servicedesk/1/requesttype", types))
            }
            ("GET", ["requesttype", id]) => Ok(Answer::value(200, &self.shown_request_type(type_of(id)?))),
            ("GET", ["requesttype", id, "field"]) => {
                Ok(Answer::value(200, &self.request_fields(type_of(id)?)))
            }
            ("GET", ["queue"]) => {
                self.agents_only(call)?;
                Ok(self.desk_page(call, "servicedesk/1/queue", vec![self.queue()]))
            }
            ("GET", ["organization"]) => Ok(self.desk_page(call, "servicedesk/1/organization", Vec::new())),
            ("GET", ["customer"]) => {
                self.agents_only(call)?;
                let users = (0..self.users.len() as UserNo)
                    .filter(|user| self.users[usize::from(*user)].account_type == "customer")
                    .map(|user| self.desk_user(user))
                    .collect();
                Ok(self.desk_page(call, "servicedesk/1/customer", users))
            }
            ("POST", ["attachTemporaryFile"]) => self.attach_temporary(call),
            _ => Err(no_such_path()),
        }
    }

    fn shown_desk(&self) -> Value {
        let project = &PROJECTS[service_project()];
        let id = project.desk.unwrap_or_default();
        json!({
            "id": id.to_string(), "projectId": project.id.to_string(), "projectName": project.name,
            "projectKey": project.key, "_links": { "self": self.desk_url(&format!("servicedesk/{id}")) },
        })
    }

    fn request_types(&self) -> Vec<Value> {
        REQUEST_TYPES.iter().map(|known| self.shown_request_type(known)).collect()
    }

    fn shown_request_type(&self, known: &RequestType) -> Value {
        json!({
            "_expands": ["field"],
            "id": known.id.to_string(), "name": known.name, "description": known.description, "helpText": "",
            "issueTypeId": known.kind.to_string(), "serviceDeskId": "1", "groupIds": ["10"],
            "icon": { "id": "10542", "_links": { "iconUrls": {} } },
            "_links": { "self": self.desk_url(&format!("servicedesk/1/requesttype/{}", known.id)) },
        })
    }

    fn request_fields(&self, known: &RequestType) -> Value {
        let shaper = self.shaper(false);
        let fields: Vec<Value> = known
            .fields
            .iter()
            .map(|(id, required)| {
                let field = &FIELDS[site::field_at(id).expect("request types name known fields")];
                let meta = self.field_meta(&shaper, service_project(), known.kind, id, *required);
                let values: Vec<Value> = meta["allowedValues"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|value| {
                        let label = value.get("name").or(value.get("value")).cloned().unwrap_or_default();
                        json!({ "value": value["id"], "label": label, "children": [] })
                    })
                    .collect();
                json!({
                    "fieldId": id, "name": field.name, "description": "", "required": required,
                    "defaultValues": [], "validValues": values, "jiraSchema": meta["schema"],
                })
            })
            .collect();
        json!({ "requestTypeFields": fields, "canRaiseOnBehalfOf": true, "canAddRequestParticipants": true })
    }

    fn queue(&self) -> Value {
        let open =
            self.store.live().filter(|issue| issue.request.is_some() && issue.resolution.is_none()).count();
        json!({
            "id": "1", "name": "All open requests", "jql": "project = CSD AND resolution IS EMPTY",
            "fields": ["issuekey", "summary", "status", "created"], "issueCount": open,
            "_links": { "self": self.desk_url("servicedesk/1/queue/1") },
        })
    }

    /// A page of the service management API.
    pub(super) fn desk_page(&self, call: &Call<'_>, path: &str, all: Vec<Value>) -> Answer {
        Answer::value(
            200,
            &self.desk_page_value(call.number("start", 0), call.number("limit", 50), path, all),
        )
    }

    pub(super) fn desk_page_value(&self, start: usize, limit: usize, path: &str, all: Vec<Value>) -> Value {
        let limit = limit.clamp(1, 100);
        let total = all.len();
        let values: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
        let last = start + values.len() >= total;
        let mut links = json!({ "base": self.origin, "context": "", "self": self.desk_url(path) });
        if !last {
            links["next"] = self.desk_url(&format!("{path}?start={}&limit={limit}", start + limit)).into();
        }
        json!({
            "_expands": [], "size": values.len(), "start": start, "limit": limit, "isLastPage": last,
            "_links": links, "values": values,
        })
    }

    /// A date of the service management API.
    pub(super) fn date(&self, ms: i64, now_ms: i64) -> Value {
        let days = now_ms.div_euclid(super::clock::DAY_MS) - ms.div_euclid(super::clock::DAY_MS);
        let jira = self.clock.stamp(ms);
        let friendly = match days {
            0 => format!("Today {}", &jira[11..16]),
            1 => format!("Yesterday {}", &jira[11..16]),
            _ => jira[..10].to_owned(),
        };
        json!({ "iso8601": self.clock.short(ms), "jira": jira, "friendly": friendly, "epochMillis": ms })
    }

    /// A user of the service management API.
    pub(super) fn desk_user(&self, user: UserNo) -> Value {
        let user = &self.users[usize::from(user)];
        let mut shown = json!({
            "accountId": user.account_id, "displayName": user.name, "active": user.active, "timeZone": user.zone,
            "_links": {
                "jiraRest": self.shaper(true).url(&format!("user?accountId={}", user.account_id)),
                "avatarUrls": {},
                "self": self.shaper(true).url(&format!("user?accountId={}", user.account_id)),
            },
        });
        if !user.hidden_email {
            shown["emailAddress"] = user.email.as_str().into();
        }
        shown
    }

    /// A comment of the service management API: its text is wiki markup.
    pub(super) fn desk_comment(&self, issue: &Issue, comment: &Comment, now_ms: i64) -> Value {
        json!({
            "_expands": ["attachment", "renderedBody"],
            "id": comment.id.to_string(), "body": wiki::from_adf(&comment.body), "public": !comment.is_internal(),
            "author": self.desk_user(comment.author), "created": self.date(comment.created_ms, now_ms),
            "_links": { "self": self.desk_url(&format!("request/{}/comment/{}", issue.id, comment.id)) },
        })
    }

    /// A file of the service management API.
    pub(super) fn desk_file(&self, file: &Attachment, now_ms: i64) -> Value {
        let shaper = self.shaper(true);
        json!({
            "filename": file.name, "author": self.desk_user(file.author), "created": self.date(file.created_ms, now_ms),
            "size": file.content.len(), "mimeType": file.mime,
            "_links": {
                "self": shaper.url(&format!("attachment/{}", file.id)),
                "jiraRest": shaper.url(&format!("attachment/{}", file.id)),
                "content": shaper.url(&format!("attachment/content/{}", file.id)),
            },
        })
    }

    /// Status of a request in the customer's words.
    pub(super) fn customer_status(&self, status: u32, since_ms: i64, now_ms: i64) -> Value {
        let status = site::status(status);
        let category = match site::CATEGORIES[status.category].1 {
            "new" => "NEW",
            "indeterminate" => "INDETERMINATE",
            "done" => "DONE",
            _ => "UNDEFINED",
        };
        json!({
            "status": status.customer_name, "statusCategory": category, "statusDate": self.date(since_ms, now_ms),
        })
    }

    /// Value of the request type field.
    pub(super) fn request_type_field(&self, issue: &Issue, request: &Request) -> Value {
        let known = request_type(request.type_id).map(|known| self.shown_request_type(known));
        json!({
            "_links": { "self": self.desk_url(&format!("request/{}", issue.id)) },
            "requestType": known,
            "currentStatus": self.customer_status(issue.status, issue.status_since_ms, self.now_ms),
        })
    }

    /// The time-to-resolution SLA of a request.
    pub(super) fn sla(&self, issue: &Issue, now_ms: i64) -> Value {
        let duration = |ms: i64| {
            let minutes = ms.abs() / 60_000;
            let sign = if ms < 0 { "-" } else { "" };
            json!({ "millis": ms, "friendly": format!("{sign}{}h {}m", minutes / 60, minutes % 60) })
        };
        let done = site::CATEGORIES[site::status(issue.status).category].1 == "done";
        let end_ms = if done { issue.status_since_ms } else { now_ms };
        let elapsed = end_ms - issue.created_ms;
        let mut cycle = json!({
            "startTime": self.date(issue.created_ms, now_ms), "breached": elapsed > SLA_GOAL_MS,
            "goalDuration": duration(SLA_GOAL_MS), "elapsedTime": duration(elapsed),
            "remainingTime": duration(SLA_GOAL_MS - elapsed),
        });
        let mut shown = json!({
            "id": "1", "name": "Time to resolution", "completedCycles": [],
            "_links": { "self": self.desk_url(&format!("request/{}/sla/1", issue.id)) },
        });
        if done {
            cycle["stopTime"] = self.date(end_ms, now_ms);
            shown["completedCycles"] = json!([cycle]);
        } else {
            cycle["breachTime"] = self.date(issue.created_ms + SLA_GOAL_MS, now_ms);
            cycle["paused"] = (issue.status == site::WAITING_FOR_CUSTOMER).into();
            cycle["withinCalendarHours"] = true.into();
            shown["ongoingCycle"] = cycle;
        }
        shown
    }

    /// Lets the SLA clock move `updated` of open requests, if that is switched on (sheet §9.2).
    pub(super) fn tick_slas(&mut self, now_ms: i64) {
        let every = self.switches.sla_tick_ms;
        if every <= 0 || now_ms.div_euclid(every) == self.now_ms.div_euclid(every) {
            return;
        }
        let at_ms = now_ms.div_euclid(every) * every;
        let open: Vec<_> = self
            .store
            .live()
            .filter(|issue| issue.request.is_some() && issue.resolution.is_none() && issue.updated_ms < at_ms)
            .cloned()
            .collect();
        for issue in open {
            let mut issue = (*issue).clone();
            issue.updated_ms = at_ms;
            self.keep(issue, at_ms);
        }
    }
}

fn type_of(id: &str) -> Result<&'static RequestType, Refusal> {
    let known = id.parse().ok().and_then(request_type);
    known.ok_or_else(|| Refusal::new(404, format!("The request type '{id}' does not exist.")))
}
