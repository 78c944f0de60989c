//! What could be synced, and what one type in one project looks like (sheet §2, §9.1). What cannot be read is
//! said in `not_confirmed`, never taken for absent.

use std::collections::BTreeMap;

use lockstep_core::connector::{ConnectorError, ErrorKind, Scope, ScopeOffer};
use lockstep_core::ids::FieldId;
use lockstep_core::schema::{Choice, FieldKind, FieldSchema, Schema};
use serde::Deserialize;

use super::Jira;
use super::fields::{Shape, cascade};
use super::session::{API, issue};
use super::wire::{FieldMetaRow, Id, NamedRow, OptionRow};
use super::workflow::StatusRow;
use crate::http::Call;

const PROJECT_ROWS: usize = 50;
/// More than 200 is refused (§2.2).
const META_ROWS: usize = 200;
const PAGES_MAX: usize = 200;
/// Longest one-line text (§15).
const LINE_CHARS_MAX: u32 = 255;
/// Longest rich text we send, below Jira's 32,767, for how it counts ADF is not documented (§6.1).
pub const RICH_CHARS_MAX: u32 = 30_000;
/// Given by the scope, or with calls of their own.
const LEFT_OUT: [&str; 6] = ["project", "issuetype", "attachment", "issuelinks", "comment", "timetracking"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectPage {
    values: Vec<ProjectOffer>,
    #[serde(default)]
    is_last: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectOffer {
    id: Id,
    key: String,
    #[serde(default)]
    project_type_key: String,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    issue_types: Vec<TypeRow>,
}

#[derive(Deserialize)]
struct TypeRow {
    id: Id,
    name: String,
    #[serde(default)]
    subtask: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestTypeRow {
    id: Id,
    name: String,
    #[serde(default)]
    issue_type_id: Option<Id>,
}

#[derive(Deserialize)]
struct TypeStatuses {
    id: Id,
    name: String,
    #[serde(default)]
    statuses: Vec<StatusRow>,
}

/// A page of create fields; the list was met under two names.
#[derive(Deserialize)]
struct MetaPage {
    #[serde(alias = "results", default)]
    fields: Vec<FieldMetaRow>,
    #[serde(default)]
    total: Option<usize>,
}

#[derive(Deserialize)]
struct EditMeta {
    #[serde(default)]
    fields: BTreeMap<String, FieldMetaRow>,
}

/// The options of a picklist; the children of a cascading one each with its parent.
pub fn options(meta: &FieldMetaRow) -> Vec<Choice> {
    let cascades = Shape::of(&meta.schema) == Shape::Cascade;
    let mut all = Vec::new();
    for row in meta.allowed_values.iter().flatten().filter(|row| !row.disabled) {
        let Some(id) = &row.id else { continue };
        all.push(Choice { id: id.0.clone(), label: row.label() });
        for child in row.children.iter().filter(|child| cascades && !child.disabled) {
            if let Some(below) = &child.id {
                let label = format!("{} › {}", row.label(), OptionRow::label(child));
                all.push(Choice { id: cascade(&id.0, &below.0), label });
            }
        }
    }
    all
}

fn chars_max(shape: Shape) -> Option<u32> {
    match shape {
        Shape::Line => Some(LINE_CHARS_MAX),
        Shape::Rich => Some(RICH_CHARS_MAX),
        _ => None,
    }
}

fn field_schema(id: &str, meta: &FieldMetaRow, on_create: bool) -> FieldSchema {
    // The same question as when the field is written: a field that every site has keeps its known shape.
    let shape = Shape::of_system(id).unwrap_or_else(|| Shape::of(&meta.schema));
    let writable = shape != Shape::Opaque
        && (meta.operations.is_empty() || meta.operations.iter().any(|op| op == "set" || op == "add"));
    FieldSchema {
        id: id.into(),
        label: meta.name.clone(),
        kind: shape.kind(id),
        required_on_create: on_create && meta.required && !meta.has_default_value,
        read_only: (!writable).then(|| "Lockstep cannot write fields of this kind".to_owned()),
        on_create,
        chars_max: chars_max(shape),
        options: options(meta),
    }
}

fn read_only(id: &str, label: &str, kind: FieldKind, why: &str) -> FieldSchema {
    FieldSchema {
        id: id.into(),
        label: label.to_owned(),
        kind,
        required_on_create: false,
        read_only: Some(why.to_owned()),
        on_create: false,
        chars_max: None,
        options: Vec::new(),
    }
}

/// A read whose refusal is worth a sentence, not an end.
fn or_say<T>(
    read: Result<T, ConnectorError>,
    about: &str,
    said: &mut Vec<String>,
) -> Result<Option<T>, ConnectorError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.stops_account() || matches!(error.kind, ErrorKind::RateLimited { .. }) => {
            Err(error)
        }
        Err(error) => {
            said.push(format!("{about}: {}", error.message));
            Ok(None)
        }
    }
}

impl Jira {
    /// Every type of every live project; in service projects also every request type.
    pub(super) async fn offers(&self) -> Result<Vec<ScopeOffer>, ConnectorError> {
        self.identity().await?;
        let mut offers = Vec::new();
        for project in self.projects().await?.into_iter().filter(|project| !project.archived) {
            let service = project.project_type_key == "service_desk";
            let offer = |ticket_type: &Id, request_type: Option<String>, label: String| ScopeOffer {
                scope: Scope {
                    container: project.id.0.clone(),
                    ticket_type: ticket_type.0.clone(),
                    request_type,
                },
                label: format!("{} · {label}", project.key),
                customers_read: service,
            };
            for kind in project.issue_types.iter().filter(|kind| !kind.subtask) {
                offers.push(offer(&kind.id, None, kind.name.clone()));
            }
            if service {
                for request in self.request_types(&project.id.0).await? {
                    if let Some(kind) = &request.issue_type_id {
                        let label = format!("{} (request type)", request.name);
                        offers.push(offer(kind, Some(request.id.0.clone()), label));
                    }
                }
            }
        }
        Ok(offers)
    }

    async fn projects(&self) -> Result<Vec<ProjectOffer>, ConnectorError> {
        let what = "list its projects";
        let mut all = Vec::new();
        for page in 0..PAGES_MAX {
            let call = Call::get(format!("{API}/project/search"), what)
                .query("startAt", &(page * PROJECT_ROWS).to_string())
                .query("maxResults", &PROJECT_ROWS.to_string())
                .query("orderBy", "key")
                .query("expand", "issueTypes");
            let page: ProjectPage = self.read_json(call, what).await?;
            let empty = page.values.is_empty();
            all.extend(page.values);
            if page.is_last || empty {
                return Ok(all);
            }
        }
        Err(ConnectorError::new(ErrorKind::Unexpected, "Jira's list of projects does not come to an end"))
    }

    /// Request types of a project; none where the account is no agent (§1.3).
    async fn request_types(&self, project: &str) -> Result<Vec<RequestTypeRow>, ConnectorError> {
        let read = async {
            let desk = self.desk(project).await?;
            let path = format!("/servicedesk/{}/requesttype", Call::segment(&desk));
            self.desk_list(&path, "list request types").await
        };
        match read.await {
            Ok(list) => Ok(list),
            Err(e) if matches!(e.kind, ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Refused) => {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// The whole schema of a scope.
    pub(super) async fn schema(&self, scope: &Scope) -> Result<Schema, ConnectorError> {
        self.identity().await?;
        self.forget();
        let project = self.project(&scope.container).await?;
        let what = "list the statuses of the project";
        let path = format!("{API}/project/{}/statuses", Call::segment(&project.id.0));
        let types: Vec<TypeStatuses> = self.read_json(Call::get(path, what), what).await?;
        let wanted = scope.ticket_type.as_str();
        let kind =
            types.into_iter().find(|kind| kind.id.0 == wanted || kind.name.eq_ignore_ascii_case(wanted));
        let kind = kind.ok_or_else(|| {
            let text = format!("Project {} has no issue type {wanted}", project.key);
            ConnectorError::new(ErrorKind::NotFound, text).remedy("Choose the issue type again")
        })?;
        let service = self.needs_flag(scope).await?;
        let mut said = Vec::new();
        let mut fields = BTreeMap::new();
        let created = self.create_fields(&project.id.0, &kind.id.0).await;
        let created = or_say(created, "Fields of a new ticket", &mut said)?.unwrap_or_default();
        if created.is_empty() {
            said.push("Jira shows no field for a new ticket: the account may lack Create issues".to_owned());
        }
        for meta in &created {
            if let Some(id) =
                meta.field_id.as_deref().or(meta.key.as_deref()).filter(|id| !LEFT_OUT.contains(id))
            {
                fields.insert(FieldId::from(id), field_schema(id, meta, true));
            }
        }
        let samples = or_say(self.samples(scope, &kind.statuses).await, "Sample tickets", &mut said)?
            .unwrap_or_default();
        if let Some(sample) = samples.first() {
            let what = "list the fields that can be edited";
            let edit: Result<EditMeta, _> =
                self.read_json(Call::get(issue(&sample.ticket, "/editmeta"), what), what).await;
            for (id, meta) in or_say(edit, "Fields that can be edited", &mut said)?
                .map(|meta| meta.fields)
                .unwrap_or_default()
            {
                if !LEFT_OUT.contains(&id.as_str()) {
                    let schema = field_schema(&id, &meta, false);
                    fields.entry(FieldId::from(id.as_str())).or_insert(schema);
                }
            }
        } else {
            said.push("Fields outside the create screen are not known: there is no ticket yet".to_owned());
        }
        self.form_demands(scope, &mut fields, &mut said).await?;
        let workflow = self.workflow(&kind.statuses, &samples, &mut said).await?;
        let statuses =
            workflow.statuses.iter().map(|s| Choice { id: s.id.clone(), label: s.label.clone() }).collect();
        self.known_to_all(&mut fields, statuses, &mut said).await?;
        Ok(Schema {
            ticket_type: kind.id.0,
            type_label: kind.name,
            fields,
            status_field: Some("status".into()),
            workflow,
            customers_read: service,
            internal_comments: service,
            not_confirmed: said,
        })
    }

    /// Create fields, page by page.
    async fn create_fields(&self, project: &str, kind: &str) -> Result<Vec<FieldMetaRow>, ConnectorError> {
        let what = "list the fields of a new ticket";
        let path =
            format!("{API}/issue/createmeta/{}/issuetypes/{}", Call::segment(project), Call::segment(kind));
        let mut all: Vec<FieldMetaRow> = Vec::new();
        for _ in 0..PAGES_MAX {
            let call = Call::get(path.clone(), what)
                .query("startAt", &all.len().to_string())
                .query("maxResults", &META_ROWS.to_string());
            let page: MetaPage = self.read_json(call, what).await?;
            let got = page.fields.len();
            all.extend(page.fields);
            if got == 0 || page.total.map_or(got < META_ROWS, |total| all.len() >= total) {
                return Ok(all);
            }
        }
        Err(ConnectorError::new(ErrorKind::Unexpected, "Jira's list of fields does not come to an end"))
    }

    /// What the form of a request type has; its fields can be sent with the create.
    async fn form_demands(
        &self,
        scope: &Scope,
        fields: &mut BTreeMap<FieldId, FieldSchema>,
        said: &mut Vec<String>,
    ) -> Result<(), ConnectorError> {
        let Some(kind) = scope.request_type.as_deref() else { return Ok(()) };
        let read = async {
            let desk = self.desk(&scope.container).await?;
            self.form(&desk, kind).await
        };
        let Some(form) = or_say(read.await, "The form of the request type", said)? else { return Ok(()) };
        for field in fields.values_mut() {
            let on_form = form.iter().any(|id| *id == field.id.as_str());
            field.on_create |= on_form;
            // What the form lacks follows in a second call, so the create does not stand or fall with it.
            field.required_on_create &= on_form;
        }
        Ok(())
    }

    /// Fields that every ticket has and nobody writes as fields.
    async fn known_to_all(
        &self,
        fields: &mut BTreeMap<FieldId, FieldSchema>,
        statuses: Vec<Choice>,
        said: &mut Vec<String>,
    ) -> Result<(), ConnectorError> {
        let mut status =
            read_only("status", "Status", FieldKind::Status, "written by the steps of the workflow");
        status.options = statuses;
        // Not read-only in the sense of the mapping: the workflow writes it.
        status.read_only = None;
        fields.insert("status".into(), status);
        if !fields.contains_key(&FieldId::from("resolution")) {
            let what = "list its resolutions";
            let read: Result<Vec<NamedRow>, _> =
                self.read_json(Call::get(format!("{API}/resolution"), what), what).await;
            if let Some(rows) = or_say(read, "Resolutions", said)? {
                let why = "set on the screen of a step of the workflow";
                let mut field = read_only("resolution", "Resolution", FieldKind::Choice, why);
                field.options =
                    rows.into_iter().map(|row| Choice { id: row.id.0, label: row.name }).collect();
                fields.insert("resolution".into(), field);
            }
        }
        let stamps = [
            ("created", "Created", FieldKind::DateTime),
            ("updated", "Updated", FieldKind::DateTime),
            ("resolutiondate", "Resolved", FieldKind::DateTime),
            ("creator", "Creator", FieldKind::Person),
        ];
        for (id, label, kind) in stamps {
            fields.entry(id.into()).or_insert_with(|| read_only(id, label, kind, "kept by Jira itself"));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
