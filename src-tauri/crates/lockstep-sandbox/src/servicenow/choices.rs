//! The choice lists of a new instance (sheet 2.3). Rows are `value|label@dependent value`; one word serves as both.

/// Table, element, rows in their order.
pub const CHOICES: &[(&str, &str, &[&str])] = &[
    ("incident", "state", INCIDENT_STATES),
    ("incident", "incident_state", INCIDENT_STATES),
    ("task", "state", TASK_STATES),
    ("problem", "state", PROBLEM_STATES),
    ("problem", "problem_state", PROBLEM_STATES),
    (
        "change_request",
        "state",
        &[
            "-5|New",
            "-4|Assess",
            "-3|Authorize",
            "-2|Scheduled",
            "-1|Implement",
            "0|Review",
            "3|Closed",
            "4|Canceled",
        ],
    ),
    ("task", "priority", &["1|1 - Critical", "2|2 - High", "3|3 - Moderate", "4|4 - Low", "5|5 - Planning"]),
    ("task", "impact", &["1|1 - High", "2|2 - Medium", "3|3 - Low"]),
    ("task", "urgency", &["1|1 - High", "2|2 - Medium", "3|3 - Low"]),
    ("incident", "severity", &["1|1 - High", "2|2 - Medium", "3|3 - Low"]),
    (
        "incident",
        "hold_reason",
        &["1|Awaiting Caller", "5|Awaiting Change", "3|Awaiting Problem", "4|Awaiting Vendor"],
    ),
    (
        "incident",
        "close_code",
        &[
            "Duplicate",
            "Known error",
            "No resolution provided",
            "Resolved by caller",
            "Resolved by change",
            "Resolved by problem",
            "Resolved by request",
            "Solution provided",
            "Workaround provided",
            "User error",
        ],
    ),
    (
        "incident",
        "category",
        &[
            "inquiry|Inquiry / Help",
            "software|Software",
            "hardware|Hardware",
            "network|Network",
            "database|Database",
        ],
    ),
    (
        "incident",
        "subcategory",
        &[
            "antivirus|Antivirus@inquiry",
            "email|Email@inquiry",
            "internal application|Internal Application@inquiry",
            "email|Email@software",
            "os|Operating System@software",
            "cpu|CPU@hardware",
            "disk|Disk@hardware",
            "keyboard|Keyboard@hardware",
            "monitor|Monitor@hardware",
            "dhcp|DHCP@network",
            "dns|DNS@network",
            "vpn|VPN@network",
            "wireless|Wireless@network",
            "db2|DB2@database",
            "sql server|MS SQL Server@database",
            "oracle|Oracle@database",
        ],
    ),
    (
        "task",
        "contact_type",
        &[
            "email|Email",
            "phone|Phone",
            "self-service|Self-service",
            "walk-in|Walk-in",
            "virtual_agent|Virtual Agent",
        ],
    ),
    (
        "task",
        "approval",
        &[
            "not requested|Not Yet Requested",
            "requested|Requested",
            "approved|Approved",
            "rejected|Rejected",
            "not_required|No Longer Required",
        ],
    ),
    (
        "sc_request",
        "request_state",
        &[
            "requested|Pending Approval",
            "in_process|Approved",
            "closed_complete|Closed Complete",
            "closed_incomplete|Closed Incomplete",
            "closed_cancelled|Closed Cancelled",
            "closed_rejected|Closed Rejected",
        ],
    ),
    ("sc_request", "stage", &["requested|Requested", "delivery|Delivery", "closed_complete|Completed"]),
    (
        "sc_req_item",
        "stage",
        &[
            "waiting_for_approval|Waiting for Approval",
            "request_approved|Request Approved",
            "fulfillment|Fulfillment",
            "delivery|Delivery",
            "complete|Completed",
        ],
    ),
    (
        "problem",
        "resolution_code",
        &[
            "fix_applied|Fix Applied",
            "risk_accepted|Risk Accepted",
            "duplicate|Duplicate",
            "canceled|Canceled",
        ],
    ),
    (
        "problem",
        "category",
        &["software|Software", "hardware|Hardware", "network|Network", "database|Database"],
    ),
    ("change_request", "type", &["normal|Normal", "standard|Standard", "emergency|Emergency"]),
    (
        "change_request",
        "close_code",
        &["successful|Successful", "successful_issues|Successful with issues", "unsuccessful|Unsuccessful"],
    ),
    ("change_request", "risk", &["2|High", "3|Moderate", "4|Low"]),
];

const INCIDENT_STATES: &[&str] =
    &["1|New", "2|In Progress", "3|On Hold", "6|Resolved", "7|Closed", "8|Canceled"];

const TASK_STATES: &[&str] = &[
    "-5|Pending",
    "1|Open",
    "2|Work in Progress",
    "3|Closed Complete",
    "4|Closed Incomplete",
    "7|Closed Skipped",
];

const PROBLEM_STATES: &[&str] = &[
    "101|New",
    "102|Assess",
    "103|Root Cause Analysis",
    "104|Fix in Progress",
    "106|Resolved",
    "107|Closed",
];
