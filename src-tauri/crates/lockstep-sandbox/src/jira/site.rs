//! How the practice site is set up: projects, issue types, statuses, priorities, fields and screens (sheet §2).
//!
//! `CSD` is a service project, `OPS` a company-managed software project, `LAB` a team-managed one that brings its own
//! types, statuses and fields, and has no priority and no components.

/// A project.
pub struct Project {
    pub id: u32,
    pub key: &'static str,
    pub name: &'static str,
    pub type_key: &'static str,
    /// `classic` (company-managed) or `next-gen` (team-managed).
    pub style: &'static str,
    /// Issue types that can be created here.
    pub kinds: &'static [u32],
    pub components: &'static [(u32, &'static str)],
    /// Id of the service desk, in a service project.
    pub desk: Option<u32>,
}

impl Project {
    /// Whether comments of this project know public and internal (sheet §7).
    pub fn is_service(&self) -> bool {
        self.desk.is_some()
    }

    /// Whether the project is team-managed.
    pub fn is_team_managed(&self) -> bool {
        self.style == "next-gen"
    }
}

pub const PROJECTS: &[Project] = &[
    Project {
        id: 10001,
        key: "CSD",
        name: "Customer Service Desk",
        type_key: "service_desk",
        style: "classic",
        kinds: &[INCIDENT, SERVICE_REQUEST, TASK, SUBTASK],
        components: &[(10001, "Network"), (10002, "Workplace"), (10003, "Accounts")],
        desk: Some(1),
    },
    Project {
        id: 10002,
        key: "OPS",
        name: "Operations",
        type_key: "software",
        style: "classic",
        kinds: &[INCIDENT, BUG, TASK, SUBTASK],
        components: &[(10011, "Backend"), (10012, "Database"), (10013, "Platform")],
        desk: None,
    },
    Project {
        id: 10003,
        key: "LAB",
        name: "Lab",
        type_key: "software",
        style: "next-gen",
        kinds: &[LAB_TASK, LAB_BUG, LAB_SUBTASK],
        components: &[],
        desk: None,
    },
];

/// Position of a project by id or key. Keys are case-sensitive (sheet §2.4).
pub fn project_at(id_or_key: &str) -> Option<usize> {
    let id = id_or_key.parse::<u32>().ok();
    PROJECTS.iter().position(|project| project.key == id_or_key || Some(project.id) == id)
}

/// Components of all projects: id and name.
pub fn all_components() -> impl Iterator<Item = (u32, &'static str)> {
    PROJECTS.iter().flat_map(|project| project.components.iter().copied())
}

/// An issue type.
pub struct Kind {
    pub id: u32,
    pub name: &'static str,
    pub subtask: bool,
    /// Position of the project it belongs to, for types of a team-managed project.
    pub scope: Option<usize>,
    pub description: &'static str,
}

pub const INCIDENT: u32 = 10101;
pub const SERVICE_REQUEST: u32 = 10102;
pub const TASK: u32 = 10103;
pub const BUG: u32 = 10104;
pub const SUBTASK: u32 = 10105;
pub const LAB_TASK: u32 = 10201;
pub const LAB_BUG: u32 = 10202;
pub const LAB_SUBTASK: u32 = 10203;

pub const KINDS: &[Kind] = &[
    Kind { id: INCIDENT, name: "Incident", subtask: false, scope: None, description: "Something broke." },
    Kind {
        id: SERVICE_REQUEST,
        name: "Service Request",
        subtask: false,
        scope: None,
        description: "Something is wanted.",
    },
    Kind { id: TASK, name: "Task", subtask: false, scope: None, description: "Work to do." },
    Kind { id: BUG, name: "Bug", subtask: false, scope: None, description: "A fault in our software." },
    Kind { id: SUBTASK, name: "Sub-task", subtask: true, scope: None, description: "A part of a ticket." },
    Kind { id: LAB_TASK, name: "Task", subtask: false, scope: Some(2), description: "Work of the lab." },
    Kind {
        id: LAB_BUG,
        name: "Bug",
        subtask: false,
        scope: Some(2),
        description: "A fault seen in the lab.",
    },
    Kind { id: LAB_SUBTASK, name: "Subtask", subtask: true, scope: Some(2), description: "A part of it." },
];

/// The issue type of an id.
pub fn kind(id: u32) -> &'static Kind {
    KINDS.iter().find(|kind| kind.id == id).expect("stored issues have known types")
}

/// A workflow status.
pub struct Status {
    pub id: u32,
    pub name: &'static str,
    /// What a customer of the portal reads instead (sheet §9.2).
    pub customer_name: &'static str,
    /// Position in [`CATEGORIES`].
    pub category: usize,
    /// Position of the project it belongs to, for statuses of a team-managed project.
    pub scope: Option<usize>,
}

pub const TO_DO: u32 = 10000;
pub const IN_PROGRESS: u32 = 3;
pub const WAITING_FOR_CUSTOMER: u32 = 10010;
pub const PENDING_VENDOR: u32 = 10011;
pub const RESOLVED: u32 = 5;
pub const CLOSED: u32 = 6;
pub const CANCELED: u32 = 10012;
pub const DONE: u32 = 10013;
pub const LAB_TO_DO: u32 = 10100;
pub const LAB_IN_PROGRESS: u32 = 10101;
pub const LAB_DONE: u32 = 10102;

const fn status_row(
    id: u32,
    name: &'static str,
    customer_name: &'static str,
    category: usize,
    scope: Option<usize>,
) -> Status {
    Status { id, name, customer_name, category, scope }
}

pub const STATUSES: &[Status] = &[
    status_row(TO_DO, "To Do", "Waiting for support", 0, None),
    status_row(IN_PROGRESS, "In Progress", "Being worked on", 1, None),
    status_row(WAITING_FOR_CUSTOMER, "Waiting for customer", "Waiting for you", 1, None),
    status_row(PENDING_VENDOR, "Pending vendor", "Being worked on", 1, None),
    status_row(RESOLVED, "Resolved", "Resolved", 2, None),
    status_row(CLOSED, "Closed", "Closed", 2, None),
    status_row(CANCELED, "Canceled", "Canceled", 2, None),
    status_row(DONE, "Done", "Done", 2, None),
    status_row(LAB_TO_DO, "To Do", "To Do", 0, Some(2)),
    status_row(LAB_IN_PROGRESS, "In Progress", "In Progress", 1, Some(2)),
    status_row(LAB_DONE, "Done", "Done", 2, Some(2)),
];

/// The status of an id.
pub fn status(id: u32) -> &'static Status {
    STATUSES.iter().find(|status| status.id == id).expect("stored issues have known statuses")
}

/// A status category: id, key, name, colour (sheet §2.4).
pub const CATEGORIES: &[(i64, &str, &str, &str)] = &[
    (2, "new", "To Do", "blue-gray"),
    (4, "indeterminate", "In Progress", "yellow"),
    (3, "done", "Done", "green"),
    (1, "undefined", "No Category", "medium-gray"),
];

pub const PRIORITIES: &[(u32, &str, &str)] = &[
    (1, "Highest", "#d04437"),
    (2, "High", "#f15c75"),
    (3, "Medium", "#f79232"),
    (4, "Low", "#707070"),
    (5, "Lowest", "#999999"),
];
pub const DEFAULT_PRIORITY: u32 = 3;

pub const RESOLUTIONS: &[(u32, &str, &str)] = &[
    (10000, "Done", "The work is finished."),
    (10001, "Won't Do", "This will not be acted on."),
    (10002, "Duplicate", "Another ticket covers it."),
    (10003, "Cannot Reproduce", "It could not be made to happen again."),
    (10004, "Workaround", "There is a way to live with it."),
];

/// Options of "Contact type".
pub const CONTACT_TYPES: &[(u32, &str)] =
    &[(10020, "Phone"), (10021, "Email"), (10022, "Self-service"), (10023, "Walk-in"), (10024, "Monitoring")];

/// How a field's value looks (sheet §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Line,
    Rich,
    Option,
    DateTime,
    /// Made by the service management API only.
    RequestType,
    /// Read only.
    Sla,
    /// Fields that the platform itself defines.
    System,
}

/// A field of the site.
pub struct Field {
    pub id: &'static str,
    pub name: &'static str,
    pub shape: Shape,
    /// `schema.type`.
    pub type_name: &'static str,
    pub items: Option<&'static str>,
    /// The last part of `schema.custom` with its prefix, for custom fields.
    pub custom: Option<&'static str>,
    pub clauses: &'static [&'static str],
    /// Part of `*navigable`.
    pub navigable: bool,
    /// Position of the project it belongs to, for fields of a team-managed project.
    pub scope: Option<usize>,
}

const fn system(
    id: &'static str,
    name: &'static str,
    type_name: &'static str,
    items: Option<&'static str>,
    clauses: &'static [&'static str],
    navigable: bool,
) -> Field {
    Field { id, name, shape: Shape::System, type_name, items, custom: None, clauses, navigable, scope: None }
}

const fn custom(
    id: &'static str,
    name: &'static str,
    shape: Shape,
    type_name: &'static str,
    custom: &'static str,
    clauses: &'static [&'static str],
) -> Field {
    Field {
        id,
        name,
        shape,
        type_name,
        items: None,
        custom: Some(custom),
        clauses,
        navigable: true,
        scope: None,
    }
}

pub const EXTERNAL_REFERENCE: &str = "customfield_10040";
pub const CONTACT_TYPE: &str = "customfield_10041";
pub const OPENED_AT: &str = "customfield_10042";
pub const LOCATION: &str = "customfield_10043";
pub const CLOSE_NOTES: &str = "customfield_10044";
pub const REQUEST_TYPE: &str = "customfield_10050";
pub const SLA: &str = "customfield_10051";
pub const LAB_REFERENCE: &str = "customfield_10060";

const TEXT_FIELD: &str = "com.atlassian.jira.plugin.system.customfieldtypes:textfield";

/// All fields. The position of a field is its bit in a field choice, so there are at most 64.
pub const FIELDS: &[Field] = &[
    system("summary", "Summary", "string", None, &["summary"], true),
    system("issuetype", "Issue Type", "issuetype", None, &["issuetype", "type"], true),
    system("project", "Project", "project", None, &["project"], true),
    system("status", "Status", "status", None, &["status"], true),
    system("statusCategory", "Status Category", "statusCategory", None, &["statusCategory"], true),
    system("description", "Description", "string", None, &["description"], true),
    system("environment", "Environment", "string", None, &["environment"], true),
    system("priority", "Priority", "priority", None, &["priority"], true),
    system("resolution", "Resolution", "resolution", None, &["resolution"], true),
    system("resolutiondate", "Resolved", "datetime", None, &["resolutiondate", "resolved"], true),
    system("labels", "Labels", "array", Some("string"), &["labels"], true),
    system("components", "Components", "array", Some("component"), &["component"], true),
    system("duedate", "Due date", "date", None, &["due", "duedate"], true),
    system("assignee", "Assignee", "user", None, &["assignee"], true),
    system("reporter", "Reporter", "user", None, &["reporter"], true),
    system("creator", "Creator", "user", None, &["creator"], true),
    system("created", "Created", "datetime", None, &["created", "createdDate"], true),
    system("updated", "Updated", "datetime", None, &["updated", "updatedDate"], true),
    system("parent", "Parent", "issuelink", None, &["parent"], true),
    system("subtasks", "Sub-tasks", "array", Some("issuelinks"), &["subtasks"], true),
    system("issuelinks", "Linked Issues", "array", Some("issuelinks"), &["issueLink"], true),
    system("attachment", "Attachment", "array", Some("attachment"), &["attachments"], false),
    system("comment", "Comment", "comments-page", None, &["comment"], false),
    custom(EXTERNAL_REFERENCE, "External reference", Shape::Line, "string", TEXT_FIELD, &["cf[10040]"]),
    custom(
        CONTACT_TYPE,
        "Contact type",
        Shape::Option,
        "option",
        "com.atlassian.jira.plugin.system.customfieldtypes:select",
        &["cf[10041]"],
    ),
    custom(
        OPENED_AT,
        "Opened at",
        Shape::DateTime,
        "datetime",
        "com.atlassian.jira.plugin.system.customfieldtypes:datetime",
        &["cf[10042]"],
    ),
    custom(LOCATION, "Location", Shape::Line, "string", TEXT_FIELD, &["cf[10043]"]),
    custom(
        CLOSE_NOTES,
        "Close notes",
        Shape::Rich,
        "string",
        "com.atlassian.jira.plugin.system.customfieldtypes:textarea",
        &["cf[10044]"],
    ),
    custom(
        REQUEST_TYPE,
        "Request Type",
        Shape::RequestType,
        "sd-customerrequesttype",
        "com.atlassian.servicedesk:vp-origin",
        &["cf[10050]"],
    ),
    custom(
        SLA,
        "Time to resolution",
        Shape::Sla,
        "sd-servicelevelagreement",
        "com.atlassian.servicedesk:sd-sla-field",
        &["cf[10051]"],
    ),
    Field {
        id: LAB_REFERENCE,
        name: "External reference",
        shape: Shape::Line,
        type_name: "string",
        items: None,
        custom: Some(TEXT_FIELD),
        clauses: &["cf[10060]"],
        navigable: true,
        scope: Some(2),
    },
];

/// Position of a field by id.
pub fn field_at(id: &str) -> Option<usize> {
    FIELDS.iter().position(|field| field.id == id)
}

/// Number of a custom field (`customfield_10040` → 10040).
pub fn custom_number(id: &str) -> Option<u32> {
    id.strip_prefix("customfield_")?.parse().ok()
}

/// Fields on the create screen of an issue type in a project; what is not here is refused on create (sheet §2.2).
pub fn create_screen(project: usize, kind_id: u32) -> Vec<&'static str> {
    let mut fields = vec!["summary", "issuetype", "project", "description"];
    let setup = &PROJECTS[project];
    if kind(kind_id).subtask {
        fields.push("parent");
    }
    if setup.is_team_managed() {
        fields.extend(["labels", "duedate", "assignee", "reporter", LAB_REFERENCE]);
        return fields;
    }
    fields.extend(["priority", "labels", "components", "duedate", "assignee", "reporter"]);
    fields.extend([EXTERNAL_REFERENCE, CONTACT_TYPE, OPENED_AT, LOCATION]);
    if kind_id == BUG {
        fields.push("environment");
    }
    fields
}

/// Whether a field exists at all for tickets of a project (its context), whatever the screens say.
pub fn in_context(project: usize, field: &Field) -> bool {
    let setup = &PROJECTS[project];
    if setup.is_team_managed() {
        let lacking = matches!(field.id, "priority" | "components" | "environment" | "resolution");
        return !lacking && (field.custom.is_none() || field.scope == Some(project));
    }
    match field.shape {
        Shape::RequestType | Shape::Sla => setup.is_service(),
        _ => field.scope.is_none(),
    }
}

/// Fields that a person can edit on a ticket: the create screen, and what only the edit screen has.
pub fn edit_screen(project: usize, kind_id: u32) -> Vec<&'static str> {
    let mut fields = create_screen(project, kind_id);
    fields.retain(|id| !matches!(*id, "project"));
    if !PROJECTS[project].is_team_managed() {
        fields.push(CLOSE_NOTES);
        if !fields.contains(&"environment") {
            fields.push("environment");
        }
    }
    if !fields.contains(&"parent") {
        fields.push("parent");
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_choice_fits_into_64_bits_and_ids_are_unique() {
        assert!(FIELDS.len() <= 64);
        for (at, field) in FIELDS.iter().enumerate() {
            assert_eq!(field_at(field.id), Some(at));
        }
    }

    #[test]
    fn the_team_managed_project_has_no_priority() {
        let lab = project_at("LAB").expect("there");
        assert!(!create_screen(lab, LAB_TASK).contains(&"priority"));
        assert!(!in_context(lab, &FIELDS[field_at("priority").expect("there")]));
        assert!(project_at("lab").is_none());
        assert_eq!(project_at("10003"), Some(lab));
    }
}
