//! What the site is like (sheet §1.3, §2): server, projects, issue types, fields, create and edit metadata, statuses.

use serde_json::{Map, Value, json};

use super::Jira;
use super::answer::{Answer, Refusal, Reply};
use super::model::Issue;
use super::render::Choice;
use super::routes::{Call, no_such_path};
use super::shapes::Shaper;
use super::site::{self, FIELDS, KINDS, PRIORITIES, PROJECTS, RESOLUTIONS, STATUSES, Shape};
use super::workflow;

impl Jira {
    /// Everything of the platform API that is no ticket and no person.
    pub(super) fn meta_routes(&mut self, call: &Call<'_>, parts: &[&str]) -> Reply {
        let shaper = self.shaper(call.v2);
        let list = |values: Vec<Value>| Ok(Answer::value(200, &Value::Array(values)));
        if call.method != http::Method::GET {
            return Err(if matches!(parts, ["field" | "project" | "priority" | "status", ..]) {
                Refusal::new(403, "Only administrators of the site may do that.")
            } else {
                no_such_path()
            });
        }
        match parts {
            ["serverInfo"] => Ok(Answer::value(200, &self.server_info(call))),
            ["configuration"] => Ok(Answer::value(200, &configuration())),
            ["attachment", "meta"] => {
                Ok(Answer::value(200, &json!({ "enabled": true, "uploadLimit": self.switches.upload_limit })))
            }
            ["project", "search"] => self.search_projects(call),
            ["project"] => {
                list(self.seen_projects(call).map(|at| self.shown_project(call, at, true)).collect())
            }
            ["project", name] => {
                let at = self.project_of(call, name)?;
                Ok(Answer::value(200, &self.shown_project(call, at, true)))
            }
            ["project", name, "statuses"] => {
                let at = self.project_of(call, name)?;
                list(PROJECTS[at].kinds.iter().map(|kind| kind_statuses(&shaper, *kind)).collect())
            }
            ["project", name, "components"] => {
                let at = self.project_of(call, name)?;
                list(self.components(&shaper, at))
            }
            ["project", name, "versions"] => {
                self.project_of(call, name)?;
                list(Vec::new())
            }
            ["issuetype"] => list(KINDS.iter().map(|kind| shaper.kind(kind)).collect()),
            ["issuetype", "project"] => {
                let at = self.project_of(call, call.query("projectId").unwrap_or_default())?;
                list(PROJECTS[at].kinds.iter().map(|id| shaper.kind(site::kind(*id))).collect())
            }
            ["status"] => list(STATUSES.iter().map(|status| shaper.status(status)).collect()),
            ["statuscategory"] => list((0..site::CATEGORIES.len()).map(|at| shaper.category(at)).collect()),
            ["priority"] => list(PRIORITIES.iter().map(|row| priority(&shaper, row)).collect()),
            ["priority", "search"] => Ok(self.page(
                call,
                "priority/search",
                PRIORITIES.iter().map(|row| priority(&shaper, row)).collect(),
            )),
            ["resolution"] => {
                list(RESOLUTIONS.iter().map(|row| shaper.resolution(row.0, row.1, row.2)).collect())
            }
            ["resolution", "search"] => {
                let rows = RESOLUTIONS.iter().map(|row| shaper.resolution(row.0, row.1, row.2)).collect();
                Ok(self.page(call, "resolution/search", rows))
            }
            ["label"] => Ok(self.labels(call)),
            ["field"] => list(FIELDS.iter().map(|field| self.field_details(field)).collect()),
            ["field", "search"] => Ok(self.search_fields(call)),
            ["issueLinkType"] => Ok(Answer::value(200, &json!({ "issueLinkTypes": [] }))),
            _ => Err(no_such_path()),
        }
    }

    fn server_info(&self, call: &Call<'_>) -> Value {
        json!({
            "baseUrl": self.origin,
            "displayUrl": self.origin,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100_290,
            "buildDate": "2026-11-01T00:00:00.000+0000",
            "serverTime": self.clock.stamp(call.now_ms),
            "serverTimeZone": self.switches.site_zone,
            "scmInfo": "practice",
            "serverTitle": "Jira",
        })
    }

    pub(super) fn seen_projects(&self, call: &Call<'_>) -> impl Iterator<Item = usize> {
        (0..PROJECTS.len()).filter(|at| self.sees_project(call.who, *at))
    }

    fn project_of(&self, call: &Call<'_>, name: &str) -> Result<usize, Refusal> {
        site::project_at(name)
            .filter(|at| self.sees_project(call.who, *at))
            .ok_or_else(|| Refusal::new(404, format!("No project could be found with key '{name}'.")))
    }

    fn shown_project(&self, call: &Call<'_>, at: usize, whole: bool) -> Value {
        let shaper = self.shaper(call.v2);
        let project = &PROJECTS[at];
        let mut shown = shaper.project(at);
        shown["style"] = project.style.into();
        shown["isPrivate"] = false.into();
        shown["archived"] = false.into();
        shown["expand"] = "description,lead,issueTypes,url,projectKeys,permissions,insight".into();
        if whole || call.query_list("expand").any(|name| name == "issueTypes") {
            shown["issueTypes"] = project.kinds.iter().map(|id| shaper.kind(site::kind(*id))).collect();
        }
        if whole {
            shown["description"] = "".into();
            shown["assigneeType"] = "UNASSIGNED".into();
            shown["components"] = self.components(&shaper, at).into();
            shown["versions"] = json!([]);
            shown["roles"] = json!({});
        }
        if whole || call.query_list("expand").any(|name| name == "lead") {
            shown["lead"] = shaper.user(&self.users[1]);
        }
        if call.query_list("expand").any(|name| name == "insight") {
            let count = self.store.by_key[at].len();
            shown["insight"] = json!({ "totalIssueCount": count });
        }
        shown
    }

    fn components(&self, shaper: &Shaper<'_>, at: usize) -> Vec<Value> {
        let rows = PROJECTS[at].components.iter();
        rows.map(|(id, name)| {
            let mut shown = shaper.component(*id, name);
            shown["project"] = PROJECTS[at].key.into();
            shown["projectId"] = PROJECTS[at].id.into();
            shown["isAssigneeTypeValid"] = false.into();
            shown["assigneeType"] = "PROJECT_DEFAULT".into();
            shown
        })
        .collect()
    }

    fn search_projects(&self, call: &Call<'_>) -> Reply {
        let keys: Vec<&str> = call.query_list("keys").collect();
        let ids: Vec<&str> = call.query_list("id").collect();
        let types: Vec<&str> = call.query_list("typeKey").collect();
        if keys.len() > 50 || ids.len() > 50 {
            return Err(Refusal::new(400, "At most 50 keys or ids can be asked for."));
        }
        let query = call.query("query").unwrap_or_default().to_lowercase();
        let administers = call.query("action") == Some("edit");
        let creates = call.query("action") == Some("create");
        let found: Vec<Value> = self
            .seen_projects(call)
            .filter(|at| {
                let project = &PROJECTS[*at];
                (keys.is_empty() || keys.contains(&project.key))
                    && (ids.is_empty() || ids.contains(&project.id.to_string().as_str()))
                    && (types.is_empty() || types.contains(&project.type_key))
                    && (project.key.to_lowercase().contains(&query)
                        || project.name.to_lowercase().contains(&query))
                    && (!administers || self.may(call.who, "ADMINISTER_PROJECTS", Some(*at)))
                    && (!creates || self.may(call.who, "CREATE_ISSUES", Some(*at)))
            })
            .map(|at| self.shown_project(call, at, false))
            .collect();
        Ok(self.page(call, "project/search", found))
    }

    /// A page with `startAt`, `maxResults`, `total`, `isLast`.
    fn page(&self, call: &Call<'_>, path: &str, all: Vec<Value>) -> Answer {
        let start = call.number("startAt", 0);
        let limit = call.number("maxResults", 50).clamp(1, 100);
        let total = all.len();
        let values: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
        let is_last = start + values.len() >= total;
        let shaper = self.shaper(call.v2);
        let mut shown = json!({
            "self": shaper.url(&format!("{path}?startAt={start}&maxResults={limit}")),
            "maxResults": limit, "startAt": start, "total": total, "isLast": is_last, "values": values,
        });
        if !is_last {
            let next = start + limit;
            shown["nextPage"] = shaper.url(&format!("{path}?startAt={next}&maxResults={limit}")).into();
        }
        Answer::value(200, &shown)
    }

    fn labels(&self, call: &Call<'_>) -> Answer {
        let mut labels: Vec<&str> = self
            .store
            .live()
            .filter(|issue| self.sees(call.who, issue))
            .flat_map(|issue| issue.labels.iter().map(String::as_str))
            .collect();
        labels.sort_unstable();
        labels.dedup();
        self.page(call, "label", labels.into_iter().map(Value::from).collect())
    }

    fn field_details(&self, field: &site::Field) -> Value {
        let mut shown = json!({
            "id": field.id, "key": field.id, "name": field.name, "custom": field.custom.is_some(),
            "orderable": true, "navigable": field.navigable, "searchable": true, "clauseNames": field.clauses,
            "schema": schema(field),
        });
        if let Some(project) = field.scope {
            shown["scope"] = Shaper::scope(project);
        }
        shown
    }

    fn search_fields(&self, call: &Call<'_>) -> Answer {
        let query = call.query("query").unwrap_or_default().to_lowercase();
        let ids: Vec<&str> = call.query_list("id").collect();
        let kind = call.query("type");
        let found = FIELDS.iter().filter(|field| {
            (ids.is_empty() || ids.contains(&field.id))
                && kind.is_none_or(|kind| (kind == "custom") == field.custom.is_some())
                && field.name.to_lowercase().contains(&query)
        });
        let rows = found.map(|field| {
            json!({
                "id": field.id, "key": field.id, "name": field.name, "schema": schema(field), "description": "",
                "isLocked": matches!(field.shape, Shape::RequestType | Shape::Sla),
            })
        });
        self.page(call, "field/search", rows.collect())
    }

    /// `/issue/createmeta…`.
    pub(super) fn create_meta(&self, call: &Call<'_>, rest: &[&str]) -> Reply {
        let shaper = self.shaper(call.v2);
        let start = call.number("startAt", 0);
        let limit = call.number("maxResults", 50);
        if limit > 200 || limit == 0 {
            return Err(Refusal::new(400, "maxResults must lie between 1 and 200."));
        }
        let at = match rest {
            [] => return Ok(Answer::value(200, &self.old_create_meta(call))),
            [project, "issuetypes", ..] => self.project_of(call, project)?,
            _ => return Err(no_such_path()),
        };
        let may = self.may(call.who, "CREATE_ISSUES", Some(at));
        let (key, all): (&str, Vec<Value>) = match rest {
            [_, "issuetypes"] => {
                let kinds = PROJECTS[at].kinds.iter().filter(|_| may);
                ("issueTypes", kinds.map(|id| shaper.kind(site::kind(*id))).collect())
            }
            [_, "issuetypes", kind] => {
                let kind = PROJECTS[at].kinds.iter().copied().find(|id| id.to_string() == *kind);
                let kind =
                    kind.ok_or_else(|| Refusal::new(404, "The issue type does not exist in this project."))?;
                let screen = site::create_screen(at, kind);
                let fields =
                    screen.iter().filter(|field| may && self.may_set(call, at, field)).map(|field| {
                        let mut meta =
                            self.field_meta(&shaper, at, kind, field, self.required(at, kind, field));
                        meta["fieldId"] = (*field).into();
                        meta
                    });
                ("fields", fields.collect())
            }
            _ => return Err(no_such_path()),
        };
        let total = all.len();
        let values: Vec<Value> = all.into_iter().skip(start).take(limit).collect();
        Ok(Answer::value(200, &json!({ key: values, "maxResults": limit, "startAt": start, "total": total })))
    }

    /// The deprecated form, which older clients still send.
    fn old_create_meta(&self, call: &Call<'_>) -> Value {
        let shaper = self.shaper(call.v2);
        let keys: Vec<&str> = call.query_list("projectKeys").chain(call.query_list("projectIds")).collect();
        let with_fields = call.query("expand").is_some_and(|list| list.contains("fields"));
        let wanted =
            |at: &usize| keys.is_empty() || keys.iter().any(|key| site::project_at(key) == Some(*at));
        let projects: Vec<Value> = self
            .seen_projects(call)
            .filter(wanted)
            .map(|at| {
                let kinds = PROJECTS[at].kinds.iter().map(|id| {
                    let mut kind = shaper.kind(site::kind(*id));
                    if with_fields {
                        let screen = site::create_screen(at, *id);
                        let fields: Map<String, Value> = screen
                            .iter()
                            .map(|field| {
                                let required = self.required(at, *id, field);
                                ((*field).to_owned(), self.field_meta(&shaper, at, *id, field, required))
                            })
                            .collect();
                        kind["fields"] = fields.into();
                    }
                    kind
                });
                let mut project = json!({
                    "self": shaper.url(&format!("project/{}", PROJECTS[at].id)),
                    "id": PROJECTS[at].id.to_string(), "key": PROJECTS[at].key, "name": PROJECTS[at].name,
                });
                project["issuetypes"] = kinds.collect();
                project
            })
            .collect();
        json!({ "expand": "projects", "projects": projects })
    }

    fn may_set(&self, call: &Call<'_>, project: usize, field: &str) -> bool {
        field != "reporter" || self.may(call.who, "MODIFY_REPORTER", Some(project))
    }

    fn required(&self, project: usize, kind: u32, field: &str) -> bool {
        let switched = self
            .switches
            .require_field
            .as_ref()
            .is_some_and(|required| required.project == PROJECTS[project].key && required.field == field);
        switched
            || matches!(field, "summary" | "issuetype" | "project")
            || (field == "parent" && site::kind(kind).subtask)
    }

    /// Metadata of one field for one issue type.
    pub(super) fn field_meta(
        &self,
        shaper: &Shaper<'_>,
        project: usize,
        kind: u32,
        id: &str,
        required: bool,
    ) -> Value {
        let field = &FIELDS[site::field_at(id).expect("screens name known fields")];
        let operations: &[&str] = match id {
            "labels" | "components" => &["add", "set", "remove"],
            _ => &["set"],
        };
        let allowed: Option<Vec<Value>> = match id {
            "priority" => Some(PRIORITIES.iter().map(|row| shaper.priority(row.0, row.1)).collect()),
            "resolution" => {
                Some(RESOLUTIONS.iter().map(|row| shaper.resolution(row.0, row.1, row.2)).collect())
            }
            "components" => Some(
                PROJECTS[project].components.iter().map(|(id, name)| shaper.component(*id, name)).collect(),
            ),
            "issuetype" => Some(vec![shaper.kind(site::kind(kind))]),
            "project" => Some(vec![shaper.project(project)]),
            _ if field.shape == Shape::Option => {
                Some(site::CONTACT_TYPES.iter().map(|(id, value)| shaper.option(*id, value)).collect())
            }
            _ => None,
        };
        let mut meta = json!({
            "required": required, "schema": schema(field), "name": field.name, "key": field.id,
            "hasDefaultValue": matches!(id, "priority" | "reporter"), "operations": operations,
        });
        if let Some(allowed) = allowed {
            meta["allowedValues"] = allowed.into();
        }
        if id == "priority" {
            meta["defaultValue"] = shaper.priority(site::DEFAULT_PRIORITY, "Medium");
        }
        if matches!(id, "assignee" | "reporter") {
            let url = shaper.url(&format!("user/assignable/search?project={}&query=", PROJECTS[project].key));
            meta["autoCompleteUrl"] = url.into();
        }
        meta
    }

    /// Metadata of the fields that can be edited on a ticket.
    pub(super) fn edit_meta(&self, shaper: &Shaper<'_>, issue: &Issue) -> Value {
        let fields: Map<String, Value> = site::edit_screen(issue.project, issue.kind)
            .into_iter()
            .map(|field| {
                let required = field != "parent" && self.required(issue.project, issue.kind, field);
                (field.to_owned(), self.field_meta(shaper, issue.project, issue.kind, field, required))
            })
            .collect();
        json!({ "fields": fields })
    }

    /// `names` of chosen fields.
    pub(super) fn field_names(&self, choice: Choice) -> Value {
        let chosen = FIELDS.iter().enumerate().filter(|(at, _)| choice.has(*at));
        chosen.map(|(_, field)| (field.id.to_owned(), Value::from(field.name))).collect::<Map<_, _>>().into()
    }

    /// `schema` of chosen fields.
    pub(super) fn field_schemas(&self, choice: Choice) -> Value {
        let chosen = FIELDS.iter().enumerate().filter(|(at, _)| choice.has(*at));
        chosen.map(|(_, field)| (field.id.to_owned(), schema(field))).collect::<Map<_, _>>().into()
    }
}

fn schema(field: &site::Field) -> Value {
    let mut shown = json!({ "type": field.type_name });
    if let Some(items) = field.items {
        shown["items"] = items.into();
    }
    match (field.custom, site::custom_number(field.id)) {
        (Some(custom), Some(number)) => {
            shown["custom"] = custom.into();
            shown["customId"] = number.into();
        }
        _ => shown["system"] = field.id.into(),
    }
    shown
}

fn priority(shaper: &Shaper<'_>, row: &(u32, &str, &str)) -> Value {
    let mut shown = shaper.priority(row.0, row.1);
    shown["statusColor"] = row.2.into();
    shown["description"] = "".into();
    shown["isDefault"] = (row.0 == site::DEFAULT_PRIORITY).into();
    shown
}

fn kind_statuses(shaper: &Shaper<'_>, id: u32) -> Value {
    let kind = site::kind(id);
    let statuses: Vec<Value> =
        workflow::statuses(id).into_iter().map(|status| shaper.status(site::status(status))).collect();
    json!({
        "self": shaper.url(&format!("issuetype/{id}")), "id": id.to_string(), "name": kind.name,
        "subtask": kind.subtask, "statuses": statuses,
    })
}

fn configuration() -> Value {
    json!({
        "votingEnabled": true, "watchingEnabled": true, "unassignedIssuesAllowed": true, "subTasksEnabled": true,
        "issueLinkingEnabled": true, "timeTrackingEnabled": false, "attachmentsEnabled": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Seed;

    #[test]
    fn a_required_field_shows_in_the_metadata() {
        let mut jira = Jira::new(1, 0, Seed::Empty);
        assert!(!jira.required(1, site::TASK, site::CONTACT_TYPE));
        jira.apply_switches(&json!({ "require_field": { "project": "OPS", "field": site::CONTACT_TYPE } }))
            .expect("known");
        assert!(
            jira.required(1, site::TASK, site::CONTACT_TYPE)
                && !jira.required(0, site::TASK, site::CONTACT_TYPE)
        );
    }

    #[test]
    fn each_kind_lists_its_own_statuses() {
        let shaper = Shaper { origin: "http://x", v2: false };
        let names = |kind| {
            let shown = kind_statuses(&shaper, kind);
            let rows = shown["statuses"].as_array().cloned().unwrap_or_default();
            rows.iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(site::TASK), ["To Do", "In Progress", "Done"]);
        assert!(names(site::INCIDENT).contains(&"Pending vendor".to_owned()));
    }
}
