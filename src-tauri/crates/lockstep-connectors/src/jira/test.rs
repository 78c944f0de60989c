//! The connection test (sheet §1.3): line by line, each with its remedy. It writes nothing and never fails.

use std::collections::BTreeMap;

use lockstep_core::connector::{ConnectorError, ErrorKind, Scope, Tell, TestLine, TestResult};
use serde::Deserialize;

use super::Jira;
use super::jql::Jql;
use super::search::Search;
use super::session::{API, DESK_API, DeskPage};
use crate::http::Call;

/// A clock further off than this is worth a word.
const SKEW_MS_MAX: i64 = 5 * 60_000;

/// Without it there is no sync at all; with its name for people.
const BROWSE: (&str, &str) = ("BROWSE_PROJECTS", "Browse Projects");
/// Each is missed by one kind of operation.
const RIGHTS: [(&str, &str); 9] = [
    ("CREATE_ISSUES", "Create Issues"),
    ("EDIT_ISSUES", "Edit Issues"),
    ("TRANSITION_ISSUES", "Transition Issues"),
    ("ASSIGN_ISSUES", "Assign Issues"),
    ("ADD_COMMENTS", "Add Comments"),
    ("EDIT_OWN_COMMENTS", "Edit Own Comments"),
    ("DELETE_OWN_COMMENTS", "Delete Own Comments"),
    ("CREATE_ATTACHMENTS", "Create Attachments"),
    ("MODIFY_REPORTER", "Modify Reporter"),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerInfo {
    #[serde(default)]
    deployment_type: String,
    #[serde(default)]
    base_url: String,
}

#[derive(Deserialize)]
struct Permissions {
    permissions: BTreeMap<String, Permission>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    #[serde(default)]
    have_permission: bool,
}

/// How a line came out.
struct Said {
    result: TestResult,
    detail: String,
    remedy: Option<String>,
}

fn good(detail: impl Into<String>) -> Said {
    Said { result: TestResult::Good, detail: detail.into(), remedy: None }
}

fn lesser(detail: impl Into<String>, remedy: impl Into<String>) -> Said {
    Said { result: TestResult::Degraded, detail: detail.into(), remedy: Some(remedy.into()) }
}

fn failed(detail: impl Into<String>, remedy: impl Into<String>) -> Said {
    Said { result: TestResult::Failed, detail: detail.into(), remedy: Some(remedy.into()) }
}

impl From<ConnectorError> for Said {
    fn from(error: ConnectorError) -> Said {
        let result = match error.kind {
            ErrorKind::RateLimited { .. } => TestResult::NotConfirmed,
            _ => TestResult::Failed,
        };
        let remedy = error
            .remedy
            .unwrap_or_else(|| "Test again; when it stays so, ask an administrator of the site".to_owned());
        Said { result, detail: error.message, remedy: Some(remedy) }
    }
}

impl Jira {
    async fn line(
        &self,
        (lines, tell): &mut (Vec<TestLine>, Tell<'_>),
        name: impl Into<String>,
        work: impl Future<Output = Result<Said, ConnectorError>>,
    ) -> bool {
        let clock = &self.client.ports().clock;
        let started = clock.monotonic_ms();
        let said = work.await.unwrap_or_else(Said::from);
        let took_ms = clock.monotonic_ms().saturating_sub(started);
        let goes_on = said.result != TestResult::Failed;
        let line = TestLine {
            name: name.into(),
            result: said.result,
            detail: said.detail,
            remedy: said.remedy,
            took_ms,
        };
        tell(&line);
        lines.push(line);
        goes_on
    }

    /// All lines; what depends on the sign-in is not tried without it.
    pub(super) async fn test_lines(&self, scopes: &[Scope], tell: Tell<'_>) -> Vec<TestLine> {
        let mut lines = (Vec::new(), tell);
        self.line(&mut lines, "The address leads to Jira Cloud", self.try_server()).await;
        if !self.line(&mut lines, "Sign-in works", self.try_sign_in()).await {
            return lines.0;
        }
        self.line(&mut lines, "The clocks agree", self.try_clock()).await;
        self.line(&mut lines, "People can be found", self.try_people()).await;
        self.line(&mut lines, "Files can be stored", self.try_files()).await;
        let mut seen: Vec<&Scope> = Vec::new();
        for scope in scopes {
            let name = |what: &str| format!("{}: {what}", scope.container);
            if seen.iter().all(|before| before.container != scope.container) {
                self.line(&mut lines, name("permissions"), self.try_rights(scope)).await;
                self.line(&mut lines, name("comments"), self.try_comments(scope)).await;
            }
            let of_type = format!("tickets of type {} can be read", scope.ticket_type);
            self.line(&mut lines, name(&of_type), self.try_feed(scope)).await;
            if let Some(kind) = &scope.request_type {
                self.line(
                    &mut lines,
                    name(&format!("request type {kind}")),
                    self.try_request_type(scope, kind),
                )
                .await;
            }
            seen.push(scope);
        }
        lines.0
    }

    async fn try_server(&self) -> Result<Said, ConnectorError> {
        let what = "say what it is";
        let info: ServerInfo = self.client.get_json(Call::get(format!("{API}/serverInfo"), what)).await?;
        Ok(if info.deployment_type == "Cloud" {
            good(format!("Jira Cloud at {}", info.base_url))
        } else {
            failed(
                format!("This is Jira {}, not Jira Cloud", info.deployment_type),
                "Enter the address of a Jira Cloud site (https://….atlassian.net)",
            )
        })
    }

    async fn try_sign_in(&self) -> Result<Said, ConnectorError> {
        let us = self.identity().await?;
        let name = &us.us.name;
        Ok(if us.us.active {
            good(format!("Signed in as {name}; everything Lockstep writes will carry this name"))
        } else {
            failed(format!("{name} is signed in but not active"), "Activate the account, or use another one")
        })
    }

    async fn try_clock(&self) -> Result<Said, ConnectorError> {
        let skew = self.client.skew_ms();
        Ok(if skew.abs() <= SKEW_MS_MAX {
            good("This computer's clock and Jira's agree")
        } else {
            lesser(
                format!("This computer's clock is {} min off Jira's", (skew / 60_000).abs()),
                "Set this computer's clock by the network; Lockstep goes by Jira's meanwhile",
            )
        })
    }

    /// Without *Browse users and groups* Jira finds nobody, not even us (§2.5).
    async fn try_people(&self) -> Result<Said, ConnectorError> {
        let us = self.identity().await?.us.id.clone();
        let what = "find a person";
        let call = Call::get(format!("{API}/user/search"), what)
            .query("query", &self.settings.email)
            .query("maxResults", "50");
        let rows: Vec<super::wire::UserRow> = self.read_json(call, what).await?;
        let found = rows.iter().any(|row| row.account_id.as_deref() == Some(us.as_str()));
        Ok(if found {
            good("People are found by their e-mail address")
        } else {
            lesser(
                "Jira does not find this very account by its e-mail address",
                "Give the account the global permission Browse users and groups; until then people are matched by the table alone",
            )
        })
    }

    async fn try_files(&self) -> Result<Said, ConnectorError> {
        Ok(match self.file_limit().await? {
            Some(0) => lesser(
                "Attachments are switched off on this site",
                "Switch attachments on in Jira's settings",
            ),
            Some(limit) => good(format!("Files of up to {} MB", limit / 1_000_000)),
            None => good("Jira names no limit"),
        })
    }

    async fn try_rights(&self, scope: &Scope) -> Result<Said, ConnectorError> {
        let project = self.project(&scope.container).await?;
        let what = "list the permissions of the account";
        let asked: Vec<&str> = std::iter::once(BROWSE.0).chain(RIGHTS.iter().map(|(key, _)| *key)).collect();
        let call = Call::get(format!("{API}/mypermissions"), what)
            .query("projectId", &project.id.0)
            .query("permissions", &asked.join(","));
        let held: Permissions = self.read_json(call, what).await?;
        let has = |key: &str| held.permissions.get(key).is_some_and(|permission| permission.have_permission);
        if !has(BROWSE.0) {
            return Ok(failed(
                format!("The account may not see project {}", project.key),
                format!("Give the account the permission {} in the project", BROWSE.1),
            ));
        }
        let lacking: Vec<&str> = RIGHTS.iter().filter(|(key, _)| !has(key)).map(|(_, name)| *name).collect();
        Ok(if lacking.is_empty() {
            good(format!("The account has every permission it needs in {}", project.key))
        } else {
            lesser(
                format!("The account lacks: {}", lacking.join(", ")),
                format!(
                    "Add these permissions in the permission scheme of {}, or leave out what needs them",
                    project.key
                ),
            )
        })
    }

    /// Portal access alone can look like the right to browse; only an agent sees the service desks (§1.3).
    async fn try_comments(&self, scope: &Scope) -> Result<Said, ConnectorError> {
        if !self.needs_flag(scope).await? {
            return Ok(good(
                "Everybody who sees a ticket reads its comments; internal comments are not copied here",
            ));
        }
        let what = "list its service desks";
        let call = Call::get(format!("{DESK_API}/servicedesk"), what).query("limit", "1");
        match self.read_json::<DeskPage<serde::de::IgnoredAny>>(call, what).await {
            Ok(_) => Ok(good("Service project: comments are marked as public or internal")),
            Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => Ok(lesser(
                "This is a service project, but the account is no agent there",
                "Give the account a Jira Service Management licence, or its internal comments may be refused",
            )),
            Err(error) => Err(error),
        }
    }

    async fn try_feed(&self, scope: &Scope) -> Result<Said, ConnectorError> {
        let search = Search {
            jql: Jql::scope(&scope.container, &scope.ticket_type).since("updated", 0).by_key(),
            fields: vec!["updated".to_owned()],
            rows: 1,
            what: "read a ticket",
        };
        let answer = self.search_page(&search, None).await?;
        let page: super::wire::SearchPage<'_> = super::session::parse(&answer, "read a ticket")?;
        Ok(match page.issues.first() {
            Some(row) => good(format!("For instance {}", row.key)),
            None => Said {
                result: TestResult::NotConfirmed,
                detail: "There is no such ticket yet, or none that this account may see".to_owned(),
                remedy: Some(
                    "When there should be some, check the permission Browse Projects and issue security"
                        .to_owned(),
                ),
            },
        })
    }

    async fn try_request_type(&self, scope: &Scope, kind: &str) -> Result<Said, ConnectorError> {
        let desk = self.desk(&scope.container).await?;
        let form = self.form(&desk, kind).await?;
        Ok(if form.iter().any(|field| field == super::rows::DESCRIPTION) {
            good(format!("Its form has {} fields", form.len()))
        } else {
            lesser(
                "Its form has no description, where the mark of a new ticket would go",
                "Add the description to the form; without it a lost answer needs a person to look",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::Connector;
    use serde_json::json;

    use super::*;
    use crate::jira::fixture::{Site, scope};

    fn cloud() -> serde_json::Value {
        json!({ "deploymentType": "Cloud", "baseUrl": "https://acme.example" })
    }

    #[tokio::test]
    async fn every_line_that_is_not_good_has_a_remedy() {
        let site = Site::new()
            .answers(200, cloud())
            .answers(200, json!({ "accountId": "us", "displayName": "Lockstep", "active": true }))
            .answers(200, json!({ "cloudId": "c1" }))
            .answers(200, json!([]))
            .answers(200, json!({ "enabled": true, "uploadLimit": 2_000_000 }))
            .answers(200, json!({ "id": "10001", "key": "CSD", "projectTypeKey": "service_desk" }))
            .answers(200, json!({ "permissions": { "BROWSE_PROJECTS": { "havePermission": true } } }))
            .answers(403, serde_json::Value::Null)
            .answers(200, json!({ "issues": [] }));
        let lines = site.jira.test(&[scope()], &|_| {}).await;
        let results: Vec<TestResult> = lines.iter().map(|line| line.result).collect();
        use TestResult::{Degraded, Good, NotConfirmed};
        assert_eq!(
            results,
            [Good, Good, Good, Degraded, Good, Degraded, Degraded, NotConfirmed],
            "{lines:#?}"
        );
        assert!(lines.iter().all(|line| (line.result == Good) == line.remedy.is_none()));
    }

    #[tokio::test]
    async fn nothing_more_is_tried_without_a_sign_in() {
        let site = Site::new().answers(200, cloud()).answers(401, json!({ "errorMessages": ["no"] }));
        let lines = site.jira.test(&[scope()], &|_| {}).await;
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1].result, TestResult::Failed);
        assert!(lines[1].remedy.as_deref().unwrap_or_default().contains("token"));
    }

    #[tokio::test]
    async fn a_data_center_is_told() {
        let site = Site::signed_in();
        let site2 = Site::new().answers(200, json!({ "deploymentType": "Server" })).answers(401, json!({}));
        drop(site);
        assert_eq!(site2.jira.test(&[], &|_| {}).await[0].result, TestResult::Failed);
    }
}
