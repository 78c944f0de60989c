//! What one session learns and keeps: who we are, the shapes of custom fields, projects, service desks. Also
//! the one way every call goes, so that a stranger's answer is never taken for an empty one (sheet §1).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use http::{HeaderName, HeaderValue};
use lockstep_core::connector::{ConnectorError, ErrorKind, Identity, Scope, WriteFailure};
use lockstep_core::ids::{FieldId, TicketId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::Jira;
use super::dialect::signed_in;
use super::fields::Shapes;
use super::kept::KeptComments;
use super::rows::Reader;
use super::wire::{FieldRow, Id, UserRow};
use crate::http::{Answer, Call, Expect};

/// Below the base address.
pub const API: &str = "/rest/api/3";
/// Service management (§9).
pub const DESK_API: &str = "/rest/servicedeskapi";
/// Answers of service management come in pages of this size.
const DESK_PAGE: usize = 50;
/// More pages than any site has; a loop would be one in Jira.
const DESK_PAGES_MAX: usize = 200;

/// What is asked for once.
#[derive(Default)]
pub struct Session {
    identity: OnceCell<Identity>,
    memory: Mutex<Memory>,
    /// One asks for a project, the others wait for its answer.
    asking: tokio::sync::Mutex<()>,
    pub(super) comments: KeptComments,
}

#[derive(Default)]
struct Memory {
    shapes: Option<Arc<Shapes>>,
    projects: BTreeMap<String, Arc<Project>>,
    desks: BTreeMap<String, String>,
    forms: BTreeMap<(String, String), Arc<Vec<String>>>,
    steps: BTreeMap<(String, String, String, String), String>,
}

/// A project as far as the connector needs it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    pub id: Id,
    pub key: String,
    #[serde(default)]
    pub project_type_key: String,
}

impl Project {
    /// Whether customers read tickets there, so that comments need their flag (§7).
    pub fn is_service(&self) -> bool {
        self.project_type_key == "service_desk"
    }
}

#[derive(Deserialize)]
struct Tenant {
    #[serde(rename = "cloudId")]
    cloud_id: String,
}

/// One page of the service management API (§9).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskPage<T> {
    pub values: Vec<T>,
    #[serde(default)]
    pub is_last_page: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Desk {
    id: Id,
    project_id: Id,
    #[serde(default)]
    project_key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    request_type_fields: Vec<FormField>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FormField {
    field_id: String,
}

/// A path below `/rest/api/3/issue/{id}`.
pub fn issue(ticket: &TicketId, rest: &str) -> String {
    format!("{API}/issue/{}{rest}", Call::segment(ticket.as_str()))
}

/// A read by POST: safe to repeat.
pub fn post_read<T: Serialize>(path: impl Into<String>, what: &str, body: &T) -> Call {
    Call::new(http::Method::POST, path, what).json(body).expect(Expect::Json).good(&[200])
}

/// A write; `X-Atlassian-Token` keeps the XSRF check away (§1.3, §8).
pub fn write(method: http::Method, path: impl Into<String>, what: &str) -> Call {
    Call::new(method, path, what)
        .header(HeaderName::from_static("x-atlassian-token"), HeaderValue::from_static("no-check"))
}

/// Parses a good answer; the message never quotes it.
pub fn parse<'a, T: Deserialize<'a>>(answer: &'a Answer, what: &str) -> Result<T, ConnectorError> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let text = format!(
            "Jira gave an answer that its documentation does not allow when asked to {what} (line {}, column {})",
            error.line(),
            error.column()
        );
        ConnectorError::new(ErrorKind::Unexpected, text)
    })
}

/// A refusal of Lockstep's own, before anything was sent.
pub fn refused(message: impl Into<String>) -> ConnectorError {
    ConnectorError::new(ErrorKind::Refused, message)
}

/// Reading what a write needs failed: nothing was sent.
pub fn not_sent(error: ConnectorError) -> WriteFailure {
    let wait_ms = match error.kind {
        ErrorKind::RateLimited { wait_ms } => wait_ms,
        _ => 0,
    };
    WriteFailure::NotApplied { error, wait_ms }
}

impl Jira {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.session.memory.lock().expect("no panic happens under this lock")
    }

    /// Reads; a stranger's answer is a refused sign-in whatever its status.
    pub(super) async fn read(&self, call: Call, what: &str) -> Result<Answer, ConnectorError> {
        let answer = self.client.read(call).await?;
        signed_in(&answer, what)?;
        Ok(answer)
    }

    /// Reads and parses an owned value.
    pub(super) async fn read_json<T: DeserializeOwned>(
        &self,
        call: Call,
        what: &str,
    ) -> Result<T, ConnectorError> {
        parse(&self.read(call, what).await?, what)
    }

    /// Writes once. A good answer to a stranger may have been applied in the stranger's name: unknown. A
    /// refusal to a stranger says nothing about us: not applied.
    pub(super) async fn write(&self, call: Call, what: &str) -> Result<Answer, WriteFailure> {
        match self.client.send_write(call).await {
            Ok(answer) => match signed_in(&answer, what) {
                Ok(()) => Ok(answer),
                Err(error) => Err(WriteFailure::Unknown(error)),
            },
            Err(WriteFailure::Refused(error)) if error.kind == ErrorKind::Unauthorised => {
                Err(WriteFailure::NotApplied { error, wait_ms: 0 })
            }
            Err(failure) => Err(failure),
        }
    }

    /// Who we are, proven once a session (§1.3).
    pub(super) async fn identity(&self) -> Result<&Identity, ConnectorError> {
        self.session.identity.get_or_try_init(|| self.sign_in()).await
    }

    async fn sign_in(&self) -> Result<Identity, ConnectorError> {
        let what = "say who is signed in";
        let user: UserRow = self.read_json(Call::get(format!("{API}/myself"), what), what).await?;
        let us = user
            .person()
            .ok_or_else(|| ConnectorError::new(ErrorKind::Unexpected, "Jira did not say who is signed in"))?;
        let what = "name its cloud id";
        let tenant: Tenant = self.read_json(Call::get("/_edge/tenant_info", what), what).await?;
        if tenant.cloud_id.is_empty() {
            // No other name will do: the fingerprint in every marker hangs on it.
            return Err(ConnectorError::new(ErrorKind::Unexpected, "Jira did not name its cloud id"));
        }
        Ok(Identity {
            instance: tenant.cloud_id,
            us,
            time_zone: user.time_zone,
            skew_ms: self.client.skew_ms(),
        })
    }

    /// Forgets what an administrator may have changed since: discovery asks for everything anew.
    pub(super) fn forget(&self) {
        *self.memory() = Memory::default();
    }

    /// The shapes of the site's fields (`GET /field`, not paged), asked for once between two discoveries.
    async fn shapes(&self) -> Result<Arc<Shapes>, ConnectorError> {
        if let Some(known) = &self.memory().shapes {
            return Ok(Arc::clone(known));
        }
        let what = "list its fields";
        let rows: Vec<FieldRow> = self.read_json(Call::get(format!("{API}/field"), what), what).await?;
        let shapes = Arc::new(Shapes::from_rows(rows));
        self.memory().shapes = Some(Arc::clone(&shapes));
        Ok(shapes)
    }

    /// The shapes, asked for only when a custom field is among `fields`.
    pub(super) async fn shapes_for<'a>(
        &self,
        fields: impl IntoIterator<Item = &'a FieldId>,
    ) -> Result<Arc<Shapes>, ConnectorError> {
        let all_known =
            fields.into_iter().all(|field| super::fields::Shape::of_system(field.as_str()).is_some());
        if all_known {
            return Ok(Arc::default());
        }
        self.shapes().await
    }

    /// What is needed to read rows with `fields`.
    pub(super) fn reader<'a>(
        &'a self,
        shapes: &'a Shapes,
        us: &'a Identity,
        fields: &'a [FieldId],
    ) -> Reader<'a> {
        Reader { site: &self.site, shapes, us: &us.us.id, fields }
    }

    /// A project by id or key, once a session.
    pub(super) async fn project(&self, id_or_key: &str) -> Result<Arc<Project>, ConnectorError> {
        let known = || self.memory().projects.get(id_or_key).map(Arc::clone);
        if let Some(known) = known() {
            return Ok(known);
        }
        let _asking = self.session.asking.lock().await;
        if let Some(known) = known() {
            return Ok(known);
        }
        let what = "show the project";
        let path = format!("{API}/project/{}", Call::segment(id_or_key));
        let project: Project = self.read_json(Call::get(path, what), what).await?;
        let project = Arc::new(project);
        let mut memory = self.memory();
        for name in [id_or_key, project.key.as_str(), project.id.0.as_str()] {
            memory.projects.insert(name.to_owned(), Arc::clone(&project));
        }
        Ok(project)
    }

    /// Whether comments in `scope` are read by customers unless they say otherwise (§7).
    pub(super) async fn needs_flag(&self, scope: &Scope) -> Result<bool, ConnectorError> {
        match self.settings.comments_need_flag {
            Some(known) => Ok(known),
            None => Ok(self.project(&scope.container).await?.is_service()),
        }
    }

    /// All values of a paged service management list.
    pub(super) async fn desk_list<T: DeserializeOwned>(
        &self,
        path: &str,
        what: &str,
    ) -> Result<Vec<T>, ConnectorError> {
        let mut all: Vec<T> = Vec::new();
        for _ in 0..DESK_PAGES_MAX {
            let call = Call::get(format!("{DESK_API}{path}"), what)
                .query("start", &all.len().to_string())
                .query("limit", &DESK_PAGE.to_string());
            let page: DeskPage<T> = self.read_json(call, what).await?;
            let empty = page.values.is_empty();
            all.extend(page.values);
            if page.is_last_page || empty {
                return Ok(all);
            }
        }
        Err(ConnectorError::new(
            ErrorKind::Unexpected,
            format!("Jira does not come to an end when asked to {what}"),
        ))
    }

    /// The service desk of a project.
    pub(super) async fn desk(&self, container: &str) -> Result<String, ConnectorError> {
        if let Some(known) = self.memory().desks.get(container) {
            return Ok(known.clone());
        }
        let desks: Vec<Desk> = self.desk_list("/servicedesk", "list its service desks").await?;
        let mut memory = self.memory();
        for desk in desks {
            memory.desks.insert(desk.project_key, desk.id.0.clone());
            memory.desks.insert(desk.project_id.0, desk.id.0);
        }
        memory.desks.get(container).cloned().ok_or_else(|| {
            refused(format!("Project {container} has no service desk that this account can use"))
                .remedy("Give the account an agent licence in this project, or choose the project without a request type")
        })
    }

    /// The field ids on the form of a request type.
    pub(super) async fn form(
        &self,
        desk: &str,
        request_type: &str,
    ) -> Result<Arc<Vec<String>>, ConnectorError> {
        let at = (desk.to_owned(), request_type.to_owned());
        if let Some(known) = self.memory().forms.get(&at) {
            return Ok(Arc::clone(known));
        }
        let what = "show the form of a request type";
        let (desk, kind) = (Call::segment(desk), Call::segment(request_type));
        let path = format!("{DESK_API}/servicedesk/{desk}/requesttype/{kind}/field");
        let form: Form = self.read_json(Call::get(path, what), what).await?;
        let fields =
            Arc::new(form.request_type_fields.into_iter().map(|field| field.field_id).collect::<Vec<_>>());
        self.memory().forms.insert(at, Arc::clone(&fields));
        Ok(fields)
    }

    /// The transition that last led from one status to another (§4.3).
    pub(super) fn known_step(&self, scope: &Scope, from: &str, to: &str) -> Option<String> {
        self.memory().steps.get(&step_place(scope, from, to)).cloned()
    }

    /// Remembers a transition that worked.
    pub(super) fn remember_step(&self, scope: &Scope, from: &str, to: &str, transition: &str) {
        self.memory().steps.insert(step_place(scope, from, to), transition.to_owned());
    }
}

fn step_place(scope: &Scope, from: &str, to: &str) -> (String, String, String, String) {
    (scope.container.clone(), scope.ticket_type.clone(), from.to_owned(), to.to_owned())
}
