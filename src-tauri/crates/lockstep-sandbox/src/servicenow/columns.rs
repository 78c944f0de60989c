//! The table of tables: every table and column of the practice instance, as text that [`super::schema`] reads.

/// The columns that every table has.
pub const SYSTEM: &str = "
-sys_id|Sys ID|id
-sys_created_on|Created|datetime
-sys_created_by|Created by|string:40
-sys_updated_on|Updated|datetime
-sys_updated_by|Updated by|string:40
-sys_mod_count|Updates|integer|0";

/// All tables, each after the one it extends: name, label, extends, display column, number prefix, columns.
/// A column line is `name|label|type|default`; `!` marks mandatory and `-` read-only.
pub const TABLES: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("task", "Task", "", "number", "TASK", TASK),
    ("incident", "Incident", "task", "number", "INC", INCIDENT),
    ("problem", "Problem", "task", "number", "PRB", PROBLEM),
    ("change_request", "Change Request", "task", "number", "CHG", CHANGE),
    ("sc_request", "Request", "task", "number", "REQ", REQUEST),
    ("sc_req_item", "Requested Item", "task", "number", "RITM", REQUESTED_ITEM),
    ("sc_task", "Catalog Task", "task", "number", "SCTASK", CATALOG_TASK),
    ("sys_user", "User", "", "name", "", USER),
    ("sys_user_group", "Group", "", "name", "", GROUP),
    (
        "sys_user_grmember",
        "Group Member",
        "",
        "sys_id",
        "",
        "user|User|ref:sys_user\ngroup|Group|ref:sys_user_group",
    ),
    ("sys_user_role", "Role", "", "name", "", "name|Name|string:100\ndescription|Description|string:1000"),
    (
        "sys_user_has_role",
        "User Role",
        "",
        "sys_id",
        "",
        "user|User|ref:sys_user\nrole|Role|ref:sys_user_role\ninherited|Inherited|boolean|false\nstate|State|string:40|active",
    ),
    ("sys_choice", "Choice", "", "label", "", CHOICE),
    ("sys_dictionary", "Dictionary Entry", "", "column_label", "", DICTIONARY),
    (
        "sys_db_object",
        "Table",
        "",
        "label",
        "",
        "name|Name|string:80\nlabel|Label|string:80\nsuper_class|Extends table|ref:sys_db_object\nis_extendable|Extensible|boolean|false",
    ),
    (
        "sys_journal_field",
        "Journal Entry",
        "",
        "sys_id",
        "",
        "name|Name|string:80\nelement_id|Element ID|string:32\nelement|Element|string:80\nvalue|Value|string:1000000\nsys_tags|Tags|string:100",
    ),
    ("sys_attachment", "Attachment", "", "file_name", "", ATTACHMENT),
    (
        "sys_audit_delete",
        "Audit Deleted Record",
        "",
        "display_value",
        "",
        "tablename|Table name|string:80\ndocumentkey|Document key|string:32\ndisplay_value|Display value|string:255",
    ),
    (
        "contract_sla",
        "SLA Definition",
        "",
        "name",
        "",
        "name|Name|string:100\ntarget|Target|string:40|resolution\nduration|Duration|duration",
    ),
    ("task_sla", "Task SLA", "", "sys_id", "", TASK_SLA),
    (
        "core_company",
        "Company",
        "",
        "name",
        "",
        "!name|Name|string:80\nstock_symbol|Stock symbol|string:40\ncity|City|string:50\ncountry|Country|string:50",
    ),
    (
        "cmn_department",
        "Department",
        "",
        "name",
        "",
        "!name|Name|string:100\ncompany|Company|ref:core_company",
    ),
    (
        "cmn_location",
        "Location",
        "",
        "name",
        "",
        "!name|Name|string:100\ncity|City|string:50\ncountry|Country|string:50\ntime_zone|Time zone|string:40",
    ),
    (
        "cmdb_ci",
        "Configuration Item",
        "",
        "name",
        "",
        "name|Name|string:255\nsys_class_name|Class|class\noperational_status|Operational status|integer|1",
    ),
    (
        "cmdb_ci_service",
        "Service",
        "cmdb_ci",
        "name",
        "",
        "busines_criticality|Business criticality|string:40",
    ),
    (
        "sc_cat_item",
        "Catalog Item",
        "",
        "name",
        "",
        "name|Name|string:100\nshort_description|Short description|string:200\nactive|Active|boolean|true\nsys_class_name|Class|class",
    ),
    (
        "item_option_new",
        "Variable",
        "",
        "question_text",
        "",
        "name|Name|string:100\nquestion_text|Question|string:255\ncat_item|Catalog item|ref:sc_cat_item\nmandatory|Mandatory|boolean|false\ntype|Type|integer|6\norder|Order|integer|100",
    ),
    (
        "sc_item_option",
        "Options",
        "",
        "value",
        "",
        "item_option_new|Question|ref:item_option_new\nvalue|Value|string:4000\norder|Order|integer|100",
    ),
    (
        "sc_item_option_mtom",
        "Variable Ownership",
        "",
        "sys_id",
        "",
        "request_item|Parent item|ref:sc_req_item\nsc_item_option|Dependent item|ref:sc_item_option",
    ),
];

const TASK: &str = "
number|Number|string:40
-sys_class_name|Task type|class
active|Active|boolean|true
state|State|numberchoice|1
!short_description|Short description|string:160
description|Description|string:4000
priority|Priority|numberchoice|4
impact|Impact|numberchoice|3
urgency|Urgency|numberchoice|3
assignment_group|Assignment group|ref:sys_user_group
assigned_to|Assigned to|ref:sys_user
opened_by|Opened by|ref:sys_user
opened_at|Opened|datetime
closed_by|Closed by|ref:sys_user
closed_at|Closed|datetime
close_notes|Close notes|string:4000
comments|Additional comments|journal
work_notes|Work notes|journal
-comments_and_work_notes|Comments and Work notes|journal
parent|Parent|ref:task
correlation_id|Correlation ID|string:100
correlation_display|Correlation display|string:100
contact_type|Contact type|choice
company|Company|ref:core_company
location|Location|ref:cmn_location
cmdb_ci|Configuration item|ref:cmdb_ci
business_service|Service|ref:cmdb_ci_service
due_date|Due date|datetime
sla_due|SLA due|datetime
made_sla|Made SLA|boolean|true
escalation|Escalation|integer|0
knowledge|Knowledge|boolean|false
approval|Approval|choice|not requested
watch_list|Watch list|list:sys_user
work_notes_list|Work notes list|list:sys_user
group_list|Group list|list:sys_user_group
reassignment_count|Reassignment count|integer|0
follow_up|Follow up|datetime
expected_start|Expected start|datetime
work_start|Actual start|datetime
work_end|Actual end|datetime
activity_due|Activity due|datetime
business_duration|Business duration|duration
calendar_duration|Duration|duration
time_worked|Time worked|duration
order|Order|integer
user_input|User input|string:4000
upon_approval|Upon approval|string:40|proceed
upon_reject|Upon reject|string:40|cancel
approval_history|Approval history|journal
sys_tags|Tags|string:100
sys_domain|Domain|ref:sys_user_group|global
sys_domain_path|Domain Path|string:255|/";

const INCIDENT: &str = "
!caller_id|Caller|ref:sys_user
category|Category|choice|inquiry
subcategory|Subcategory|choice
hold_reason|On hold reason|numberchoice
close_code|Resolution code|choice
incident_state|Incident state|numberchoice|1
resolved_at|Resolved|datetime
resolved_by|Resolved by|ref:sys_user
reopen_count|Reopen count|integer|0
reopened_by|Last reopened by|ref:sys_user
reopened_time|Last reopened at|datetime
parent_incident|Parent Incident|ref:incident
child_incidents|Child Incidents|integer|0
problem_id|Problem|ref:problem
rfc|Change Request|ref:change_request
caused_by|Caused by Change|ref:change_request
severity|Severity|numberchoice|3
notify|Notify|integer|1
business_stc|Business resolve time|integer
calendar_stc|Resolve time|integer";

const PROBLEM: &str = "
problem_state|Problem state|numberchoice|101
resolution_code|Resolution code|choice
fix_notes|Fix notes|string:4000
cause_notes|Cause notes|string:4000
workaround|Workaround|string:4000
known_error|Known error|boolean|false
category|Category|choice
resolved_at|Resolved|datetime
resolved_by|Resolved by|ref:sys_user";

const CHANGE: &str = "
type|Type|choice|normal
chg_model|Model|string:40
start_date|Planned start date|datetime
end_date|Planned end date|datetime
close_code|Close code|choice
risk|Risk|numberchoice|4";

const REQUEST: &str = "
requested_for|Requested for|ref:sys_user
request_state|Request state|choice|in_process
stage|Stage|choice|requested";

const REQUESTED_ITEM: &str = "
request|Request|ref:sc_request
cat_item|Item|ref:sc_cat_item
requested_for|Requested for|ref:sys_user
stage|Stage|choice|fulfillment
quantity|Quantity|integer|1";

const CATALOG_TASK: &str = "
request|Request|ref:sc_request
request_item|Request item|ref:sc_req_item";

const USER: &str = "
user_name|User ID|string:40
name|Name|string:151
first_name|First name|string:50
last_name|Last name|string:50
email|Email|string:100
active|Active|boolean|true
locked_out|Locked out|boolean|false
password_needs_reset|Password needs reset|boolean|false
web_service_access_only|Web service access only|boolean|false
title|Title|string:60
department|Department|ref:cmn_department
company|Company|ref:core_company
location|Location|ref:cmn_location
manager|Manager|ref:sys_user
time_zone|Time zone|string:40
date_format|Date format|string:40
phone|Business phone|string:40
vip|VIP|boolean|false";

const GROUP: &str = "
!name|Name|string:80
description|Description|string:1000
email|Group email|string:100
active|Active|boolean|true
manager|Manager|ref:sys_user
type|Type|list:sys_user_group
parent|Parent|ref:sys_user_group";

const CHOICE: &str = "
name|Table|string:80
element|Element|string:80
value|Value|string:100
label|Label|string:100
language|Language|string:8|en
sequence|Sequence|integer
inactive|Inactive|boolean|false
dependent_value|Dependent value|string:100
hint|Hint|string:255";

const DICTIONARY: &str = "
name|Table|string:80
element|Column name|string:80
column_label|Column label|string:80
internal_type|Type|string:40
reference|Reference|string:80
mandatory|Mandatory|boolean|false
read_only|Read only|boolean|false
max_length|Max length|integer|40
choice|Choice|integer|0
default_value|Default value|string:512
active|Active|boolean|true";

const ATTACHMENT: &str = "
file_name|File name|string:255
content_type|Content type|string:255
table_name|Table name|string:80
table_sys_id|Table sys ID|string:32
size_bytes|Size bytes|integer
size_compressed|Size compressed|integer
compressed|Compressed|boolean|true
hash|Hash|string:64
state|State|string:40|available
image_width|Image width|integer
image_height|Image height|integer
average_image_color|Average image color|string:40
sys_tags|Tags|string:100";

const TASK_SLA: &str = "
task|Task|ref:task
sla|SLA definition|ref:contract_sla
stage|Stage|string:40|in_progress
has_breached|Has breached|boolean|false
start_time|Start time|datetime
planned_end_time|Breach time|datetime
end_time|Stop time|datetime
pause_duration|Pause duration|duration
percentage|Actual elapsed percentage|integer|0
business_percentage|Business elapsed percentage|integer|0
business_time_left|Business time left|duration
active|Active|boolean|true";
