//! Facts of the standard system, used where an instance does not show its own (servicenow.md §2.3). Everything here is
//! a default that discovery overrides.

/// A table that Lockstep knows.
pub(super) struct KnownTable {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// Whether customers read its records and their additional comments.
    pub(super) customers_read: bool,
    /// The status of a new record.
    pub(super) initial: &'static str,
    /// Statuses in which work has ended.
    pub(super) done: &'static [&'static str],
    /// Statuses with their labels.
    pub(super) states: &'static [(&'static str, &'static str)],
}

/// Statuses of the class `task` and of children without their own.
const TASK_STATES: &[(&str, &str)] = &[
    ("-5", "Pending"),
    ("1", "Open"),
    ("2", "Work in Progress"),
    ("3", "Closed Complete"),
    ("4", "Closed Incomplete"),
    ("7", "Closed Skipped"),
];

const TASK_DONE: &[&str] = &["3", "4", "7"];

/// The tables offered, in this order.
pub(super) const TABLES: [KnownTable; 6] = [
    KnownTable {
        name: "incident",
        label: "Incident",
        customers_read: true,
        initial: "1",
        done: &["6", "7", "8"],
        states: &[
            ("1", "New"),
            ("2", "In Progress"),
            ("3", "On Hold"),
            ("6", "Resolved"),
            ("7", "Closed"),
            ("8", "Canceled"),
        ],
    },
    KnownTable {
        name: "sc_req_item",
        label: "Requested Item",
        customers_read: true,
        initial: "1",
        done: TASK_DONE,
        states: TASK_STATES,
    },
    KnownTable {
        name: "sc_task",
        label: "Catalog Task",
        customers_read: false,
        initial: "1",
        done: TASK_DONE,
        states: TASK_STATES,
    },
    KnownTable {
        name: "sc_request",
        label: "Request",
        customers_read: true,
        initial: "1",
        done: TASK_DONE,
        states: TASK_STATES,
    },
    KnownTable {
        name: "problem",
        label: "Problem",
        customers_read: false,
        initial: "101",
        done: &["106", "107"],
        states: &[
            ("101", "New"),
            ("102", "Assess"),
            ("103", "Root Cause Analysis"),
            ("104", "Fix in Progress"),
            ("106", "Resolved"),
            ("107", "Closed"),
        ],
    },
    KnownTable {
        name: "change_request",
        label: "Change Request",
        customers_read: false,
        initial: "-5",
        done: &["3", "4"],
        states: &[
            ("-5", "New"),
            ("-4", "Assess"),
            ("-3", "Authorize"),
            ("-2", "Scheduled"),
            ("-1", "Implement"),
            ("0", "Review"),
            ("3", "Closed"),
            ("4", "Canceled"),
        ],
    },
];

/// A table of a customer's own, taken as a plain task.
const OTHER: KnownTable = KnownTable {
    name: "task",
    label: "Task",
    customers_read: true,
    initial: "1",
    done: TASK_DONE,
    states: TASK_STATES,
};

/// What is known of a table; a customer's own counts as a task.
pub(super) fn table(name: &str) -> &'static KnownTable {
    TABLES.iter().find(|table| table.name == name).unwrap_or(&OTHER)
}

/// Why nobody may write a column, whatever the dictionary says.
pub(super) fn never_written(column: &str) -> Option<&'static str> {
    Some(match column {
        "priority" => "calculated from impact and urgency",
        "incident_state" | "problem_state" => "kept equal to the state by the instance",
        "number" => "given by the instance",
        "made_sla" | "sla_due" | "reassignment_count" | "reopen_count" | "escalation" => {
            "computed by the instance"
        }
        "correlation_id" | "correlation_display" => "holds Lockstep's marker",
        "resolved_at" | "resolved_by" | "closed_at" | "closed_by" | "opened_at" => "set by the instance",
        name if name.starts_with("sys_") => "kept by the instance",
        _ => return None,
    })
}
