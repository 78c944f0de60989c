//! People and permissions (sheet §1.3, §2.5): prefix search, hidden addresses found only by the whole address, empty
//! arrays instead of refusals.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Jira;
use super::answer::{Answer, Refusal, Reply};
use super::auth::{PERMISSIONS, Who};
use super::model::{User, UserNo};
use super::routes::{Call, no_such_path};
use super::site::{self, PROJECTS};

impl Jira {
    /// `/user…`, `/myself`, `/permissions…`.
    pub(super) fn user_routes(&mut self, call: &Call<'_>, parts: &[&str]) -> Reply {
        match (call.method.as_str(), parts) {
            ("GET", ["myself"]) => self.myself(call),
            ("GET", ["user"]) => {
                self.signed_in(call.who)?;
                let account = call.query("accountId").ok_or_else(no_account)?;
                let user = self.user_by_account(account);
                let user = user.ok_or_else(|| {
                    Refusal::new(404, "Specified user does not exist or you do not have required permissions")
                })?;
                Ok(Answer::value(200, &self.shown_user(call, user)))
            }
            ("GET", ["user", "search"]) => self.search_users(call),
            ("GET", ["user", "assignable", "search"]) => self.assignable(call),
            ("GET", ["user", "assignable", "multiProjectSearch"]) => {
                if call.query("projectKeys").is_none() {
                    return Err(Refusal::new(400, "The project keys are wanted."));
                }
                Ok(self.found_users(call, |_| true, true))
            }
            ("GET", ["user", "bulk"]) => self.users_by_ids(call),
            ("GET", ["user", "email", ..]) => {
                Err(Refusal::new(400, "E-mail addresses are for approved apps alone."))
            }
            ("GET", ["users"] | ["users", "search"]) => {
                let everyone = if self.may(call.who, "USER_PICKER", None) { usize::MAX } else { 0 };
                Ok(self.page_of_users(call, (0..self.users.len()).take(everyone).map(|at| at as UserNo), 50))
            }
            ("GET", ["mypermissions"]) => self.my_permissions(call),
            ("GET", ["permissions"]) => Ok(Answer::value(200, &all_permissions())),
            ("POST", ["permissions", "check"]) => self.check_permissions(call),
            ("GET", ["groupuserpicker"]) => self.pick_users(call),
            _ => Err(no_such_path()),
        }
    }

    fn shown_user(&self, call: &Call<'_>, user: UserNo) -> Value {
        serde_json::from_str(self.shapes(call.v2).user(user)).expect("shapes are JSON")
    }

    fn myself(&self, call: &Call<'_>) -> Reply {
        let no = self.signed_in(call.who)?;
        let user = &self.users[usize::from(no)];
        let mut shown = self.shown_user(call, no);
        shown["emailAddress"] = user.email.as_str().into();
        shown["locale"] = "en_US".into();
        shown["groups"] = json!({ "size": 1, "items": [] });
        shown["applicationRoles"] = json!({ "size": 1, "items": [] });
        shown["expand"] = "groups,applicationRoles".into();
        Ok(Answer::value(200, &shown))
    }

    /// Whether a search text finds a user: a prefix of a word of the name or of the address, or the whole account id
    /// (clients do that); a hidden address only whole.
    fn matches(user: &User, query: &str) -> bool {
        let query = query.trim().to_lowercase();
        let name = user.name.to_lowercase();
        let email = user.email.to_lowercase();
        query.is_empty()
            || query == user.account_id
            || name.starts_with(&query)
            || name.split_whitespace().any(|word| word.starts_with(&query))
            || email == query
            || (!user.hidden_email && email.starts_with(&query))
    }

    fn search_users(&self, call: &Call<'_>) -> Reply {
        if call.query("query").is_none() && call.query("accountId").is_none() {
            return Err(Refusal::new(400, "One of query and accountId is wanted."));
        }
        Ok(self.found_users(call, |_| true, false))
    }

    fn found_users(&self, call: &Call<'_>, keep: impl Fn(UserNo) -> bool, assignable: bool) -> Answer {
        let query = call.query("query").unwrap_or_default();
        let account = call.query("accountId");
        let may = self.may(call.who, "USER_PICKER", None);
        let found = (0..self.users.len()).map(|at| at as UserNo).filter(|at| {
            let user = &self.users[usize::from(*at)];
            may && keep(*at)
                && user.active
                && (!assignable || self.is_assignable(*at))
                && account.is_none_or(|account| user.account_id == account)
                && Self::matches(user, query)
        });
        self.page_of_users(call, found, 50)
    }

    /// A window over the found users. `startAt` counts users, shown or not (sheet §2.5).
    fn page_of_users(&self, call: &Call<'_>, found: impl Iterator<Item = UserNo>, default: usize) -> Answer {
        let start = call.number("startAt", 0);
        let limit = call.number("maxResults", default).min(1_000);
        let users: Vec<Value> =
            found.skip(start).take(limit).map(|user| self.shown_user(call, user)).collect();
        Answer::value(200, &Value::Array(users))
    }

    fn assignable(&self, call: &Call<'_>) -> Reply {
        let project = match (call.query("project"), call.query("issueKey").or(call.query("issueId"))) {
            (Some(project), _) => site::project_at(project),
            (None, Some(issue)) => Some(self.issue_of(call, issue)?.project),
            (None, None) => {
                return Err(Refusal::new(
                    400,
                    "Either a project or an issue is wanted, to know who can be assigned.",
                ));
            }
        };
        let project = project
            .filter(|at| self.sees_project(call.who, *at))
            .ok_or_else(|| Refusal::new(404, "No project could be found with that key or id."))?;
        if !self.may(call.who, "ASSIGN_ISSUES", Some(project)) {
            return Ok(Answer::value(200, &json!([])));
        }
        Ok(self.found_users(call, |_| true, true))
    }

    fn users_by_ids(&self, call: &Call<'_>) -> Reply {
        self.signed_in(call.who)?;
        let ids: Vec<&str> =
            call.parameters.iter().filter(|(key, _)| key == "accountId").map(|(_, id)| id.as_str()).collect();
        if ids.is_empty() {
            return Err(no_account());
        }
        let start = call.number("startAt", 0);
        let limit = call.number("maxResults", 10).clamp(1, 200);
        let users: Vec<UserNo> = ids.iter().filter_map(|id| self.user_by_account(id)).collect();
        let page: Vec<Value> =
            users.iter().skip(start).take(limit).map(|user| self.shown_user(call, *user)).collect();
        let shown = page.len();
        Ok(Answer::value(
            200,
            &json!({
                "self": self.shaper(call.v2).url("user/bulk"), "maxResults": limit, "startAt": start,
                "total": users.len(), "isLast": start + shown >= users.len(), "values": page,
            }),
        ))
    }

    fn pick_users(&self, call: &Call<'_>) -> Reply {
        let query = call.query("query").ok_or_else(|| Refusal::new(400, "The query is wanted."))?;
        let may = self.may(call.who, "USER_PICKER", None);
        let users: Vec<Value> = self
            .users
            .iter()
            .filter(|user| may && user.active && Self::matches(user, query))
            .map(|user| {
                json!({
                    "accountId": user.account_id, "accountType": user.account_type, "displayName": user.name,
                    "html": user.name,
                })
            })
            .collect();
        let found = users.len();
        Ok(Answer::value(
            200,
            &json!({
                "users": { "users": users, "total": found, "header": format!("Showing {found} of {found} matching users") },
                "groups": { "header": "Showing 0 of 0 matching groups", "total": 0, "groups": [] },
            }),
        ))
    }

    fn my_permissions(&self, call: &Call<'_>) -> Reply {
        let wanted: Vec<&str> = call.query_list("permissions").collect();
        if wanted.is_empty() {
            return Err(Refusal::new(400, "The query parameter 'permissions' is mandatory."));
        }
        if let Some(unknown) = wanted.iter().find(|key| PERMISSIONS.iter().all(|row| row.0 != **key)) {
            return Err(Refusal::new(400, format!("Unrecognized permission: {unknown}")));
        }
        let project = match (
            call.query("projectKey").or(call.query("projectId")),
            call.query("issueKey").or(call.query("issueId")),
        ) {
            (_, Some(issue)) => Some(self.issue_of(call, issue)?.project),
            (Some(name), None) => {
                Some(site::project_at(name).filter(|at| self.sees_project(call.who, *at)).ok_or_else(
                    || Refusal::new(404, format!("No project could be found with key or id '{name}'.")),
                )?)
            }
            (None, None) => None,
        };
        let mut shown = Map::new();
        for key in wanted {
            let row = PERMISSIONS.iter().find(|row| row.0 == key).expect("checked above");
            let mut permission = permission(row);
            permission["havePermission"] = self.may(call.who, key, project).into();
            shown.insert(key.to_owned(), permission);
        }
        Ok(Answer::value(200, &json!({ "permissions": shown })))
    }

    fn check_permissions(&self, call: &Call<'_>) -> Reply {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Body {
            global_permissions: Vec<String>,
            project_permissions: Vec<Asked>,
            account_id: Option<String>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Asked {
            permissions: Vec<String>,
            projects: Vec<u32>,
            issues: Vec<u64>,
        }
        let body: Body = call.parsed()?;
        let who = match &body.account_id {
            Some(account) => {
                self.user_by_account(account).map_or(Who::Anonymous { failed: false }, Who::User)
            }
            None => call.who,
        };
        let projects: usize = body.project_permissions.iter().map(|asked| asked.projects.len()).sum();
        let issues: usize = body.project_permissions.iter().map(|asked| asked.issues.len()).sum();
        if projects > 1_000 || issues > 1_000 {
            return Err(Refusal::new(400, "At most 1000 projects and 1000 issues can be checked."));
        }
        let global: Vec<&String> =
            body.global_permissions.iter().filter(|key| self.may(who, key, None)).collect();
        let mut granted = Vec::new();
        for asked in &body.project_permissions {
            for key in &asked.permissions {
                if PERMISSIONS.iter().all(|row| row.0 != key) {
                    return Err(Refusal::new(400, format!("Unrecognized permission: {key}")));
                }
                let has = |id: &&u32| {
                    let at = PROJECTS.iter().position(|project| project.id == **id);
                    at.is_some_and(|at| self.may(who, key, Some(at)))
                };
                let holds = |id: &&u64| {
                    let issue = self.store.get(**id);
                    issue
                        .is_some_and(|issue| self.sees(who, issue) && self.may(who, key, Some(issue.project)))
                };
                granted.push(json!({
                    "permission": key,
                    "projects": asked.projects.iter().filter(has).collect::<Vec<_>>(),
                    "issues": asked.issues.iter().filter(holds).collect::<Vec<_>>(),
                }));
            }
        }
        Ok(Answer::value(200, &json!({ "globalPermissions": global, "projectPermissions": granted })))
    }
}

fn no_account() -> Refusal {
    Refusal::new(400, "The query parameter 'accountId' is wanted.")
}

fn permission(row: &(&str, &str, &str, bool)) -> Value {
    json!({
        "id": row.1, "key": row.0, "name": row.2, "type": if row.3 { "GLOBAL" } else { "PROJECT" },
        "description": format!("Ability: {}.", row.2),
    })
}

fn all_permissions() -> Value {
    let shown: Map<String, Value> =
        PERMISSIONS.iter().map(|row| (row.0.to_owned(), permission(row))).collect();
    json!({ "permissions": shown })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::auth;

    #[test]
    fn a_hidden_address_is_found_only_whole() {
        let users = auth::users(1);
        let hidden = users.iter().find(|user| user.hidden_email).expect("there is one");
        let open = &users[1];
        assert!(Jira::matches(open, &open.email[..5]) && Jira::matches(open, &open.email));
        assert!(Jira::matches(hidden, &hidden.email.to_uppercase()));
        assert!(!Jira::matches(hidden, "jun.t") && Jira::matches(hidden, "Taka"));
        assert!(!Jira::matches(open, "sei"));
    }
}
