//! What the columns of a task hold, and the way between ServiceNow's texts and neutral values (servicenow.md §2.1).

use std::collections::BTreeMap;

use lockstep_core::connector::{ConnectorError, ErrorKind};
use lockstep_core::ids::{FieldId, PersonId};
use lockstep_core::schema::FieldKind;
use lockstep_core::text::{html, plain};
use lockstep_core::ticket::Value;

use super::query::is_sys_id;
use super::stamps;

/// Columns of the class `task` and its usual children whose kind needs no discovery. Sorted for the look-up.
const KNOWN: &[(&str, FieldKind)] = &[
    ("active", FieldKind::Boolean),
    ("approval", FieldKind::Choice),
    ("assigned_to", FieldKind::Person),
    ("assignment_group", FieldKind::Group),
    ("business_service", FieldKind::Reference),
    ("caller_id", FieldKind::Person),
    ("cat_item", FieldKind::Reference),
    ("category", FieldKind::Choice),
    ("cause_notes", FieldKind::Text),
    ("chg_model", FieldKind::Reference),
    ("close_code", FieldKind::Choice),
    ("close_notes", FieldKind::Text),
    ("closed_at", FieldKind::DateTime),
    ("closed_by", FieldKind::Person),
    ("cmdb_ci", FieldKind::Reference),
    ("company", FieldKind::Reference),
    ("contact_type", FieldKind::Choice),
    ("correlation_display", FieldKind::Line),
    ("correlation_id", FieldKind::Line),
    ("description", FieldKind::Text),
    ("due_date", FieldKind::DateTime),
    ("end_date", FieldKind::DateTime),
    ("escalation", FieldKind::Choice),
    ("fix_notes", FieldKind::Text),
    ("follow_up", FieldKind::DateTime),
    ("hold_reason", FieldKind::Choice),
    ("impact", FieldKind::Choice),
    ("incident_state", FieldKind::Choice),
    ("knowledge", FieldKind::Boolean),
    ("location", FieldKind::Reference),
    ("made_sla", FieldKind::Boolean),
    ("number", FieldKind::Line),
    ("opened_at", FieldKind::DateTime),
    ("opened_by", FieldKind::Person),
    ("parent", FieldKind::Reference),
    ("parent_incident", FieldKind::Reference),
    ("priority", FieldKind::Choice),
    ("problem_id", FieldKind::Reference),
    ("problem_state", FieldKind::Choice),
    ("quantity", FieldKind::Number),
    ("reassignment_count", FieldKind::Number),
    ("reopen_count", FieldKind::Number),
    ("request", FieldKind::Reference),
    ("request_item", FieldKind::Reference),
    ("request_state", FieldKind::Choice),
    ("requested_for", FieldKind::Person),
    ("resolution_code", FieldKind::Choice),
    ("resolved_at", FieldKind::DateTime),
    ("resolved_by", FieldKind::Person),
    ("severity", FieldKind::Choice),
    ("short_description", FieldKind::Line),
    ("sla_due", FieldKind::DateTime),
    ("stage", FieldKind::Choice),
    ("start_date", FieldKind::DateTime),
    ("state", FieldKind::Status),
    ("subcategory", FieldKind::Choice),
    ("sys_class_name", FieldKind::Choice),
    ("sys_created_by", FieldKind::Line),
    ("sys_created_on", FieldKind::DateTime),
    ("sys_mod_count", FieldKind::Number),
    ("sys_updated_by", FieldKind::Line),
    ("sys_updated_on", FieldKind::DateTime),
    ("type", FieldKind::Choice),
    ("urgency", FieldKind::Choice),
    ("watch_list", FieldKind::Set),
    ("work_notes_list", FieldKind::Set),
    ("work_end", FieldKind::DateTime),
    ("work_start", FieldKind::DateTime),
    ("workaround", FieldKind::Text),
];

/// The kind of a column that every instance has, `None` for others.
pub(super) fn known(column: &str) -> Option<FieldKind> {
    KNOWN.iter().find(|(name, _)| *name == column).map(|(_, kind)| *kind)
}

/// The kind of a column as its dictionary entry has it.
pub(super) fn of_dictionary(
    internal_type: &str,
    reference: &str,
    has_choices: bool,
    chars_max: Option<u32>,
) -> FieldKind {
    match internal_type {
        "reference" | "domain_id" => match reference {
            "sys_user" => FieldKind::Person,
            "sys_user_group" => FieldKind::Group,
            _ => FieldKind::Reference,
        },
        "glide_list" => FieldKind::Set,
        "boolean" => FieldKind::Boolean,
        "glide_date_time" | "due_date" => FieldKind::DateTime,
        "glide_date" => FieldKind::Date,
        "html" | "translated_html" => FieldKind::Rich,
        _ if has_choices => FieldKind::Choice,
        "choice" => FieldKind::Choice,
        "integer" | "float" | "decimal" | "longint" | "percent_complete" => FieldKind::Number,
        "multi_two_lines" | "wide_text" | "string_full_utf8" => FieldKind::Text,
        _ if chars_max.is_some_and(|chars| chars > 255) => FieldKind::Text,
        _ => FieldKind::Line,
    }
}

/// A column's text as a value in canonical form.
pub(super) fn to_value(kind: FieldKind, text: &str) -> Value {
    if text.is_empty() {
        return Value::Empty;
    }
    match kind {
        FieldKind::Line | FieldKind::Text => Value::text(text),
        FieldKind::Rich => Value::rich(&html::from_html(text).text),
        FieldKind::Choice | FieldKind::Status => Value::choice(text),
        FieldKind::Set => Value::set(text.split(',').map(str::trim)),
        FieldKind::Number => Value::Number(shortest(text)),
        FieldKind::Boolean => match text {
            "true" | "1" => Value::Boolean(true),
            "false" | "0" => Value::Boolean(false),
            _ => Value::text(text),
        },
        FieldKind::Date => match text.get(..10).filter(|date| stamps::is_date(date)) {
            Some(date) => Value::Date(date.to_owned()),
            None => Value::text(text),
        },
        FieldKind::DateTime => stamps::read(text).map_or_else(|| Value::text(text), Value::DateTime),
        FieldKind::Person => Value::Person(PersonId::from(text)),
        FieldKind::Group => Value::Group(text.to_owned()),
        FieldKind::Reference => Value::Reference(text.to_owned()),
    }
}

/// A value as ServiceNow takes it in a body.
pub(super) fn to_text(kind: FieldKind, field: &FieldId, value: &Value) -> Result<String, ConnectorError> {
    let refuse = |why: &str| {
        let mut error = ConnectorError::new(
            ErrorKind::Stopped,
            format!("{field} cannot be written to ServiceNow: {why}"),
        );
        error.fields.insert(field.clone(), why.to_owned());
        error
    };
    Ok(match value {
        Value::Empty => String::new(),
        Value::Rich(markdown) if kind == FieldKind::Rich => html::to_html(markdown).text,
        Value::Rich(markdown) => plain::to_plain(markdown).text,
        Value::Text(text) if kind == FieldKind::Rich => html::to_html(&plain::from_plain(text)).text,
        Value::Text(text) | Value::Number(text) | Value::Date(text) => text.clone(),
        Value::Choice(id) | Value::Group(id) | Value::Reference(id) => id.clone(),
        Value::Person(id) if is_sys_id(id.as_str()) => id.0.clone(),
        Value::Person(_) => return Err(refuse("the person has no record of their own there")),
        Value::Set(members) if members.iter().any(|member| member.contains(',')) => {
            return Err(refuse("a member holds a comma"));
        }
        Value::Set(members) => members.iter().map(String::as_str).collect::<Vec<_>>().join(","),
        Value::Boolean(flag) => flag.to_string(),
        Value::DateTime(ms) => stamps::write(*ms),
        Value::Many(_) => return Err(refuse("several inputs were left as one value")),
    })
}

/// The kind of each column of a table beyond the known ones.
pub(super) type Kinds = BTreeMap<FieldId, FieldKind>;

/// A number without needless zeros: `01.50` is `1.5`.
fn shortest(text: &str) -> String {
    let text = text.trim().replace(',', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if !whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) {
        return text;
    }
    let whole = whole.trim_start_matches('0');
    let part = part.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match (whole, part) {
        ("0", "") => "0".to_owned(),
        (_, "") => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_there_and_back() {
        let id = "5f0c2d8e1b3a4f00aa11bb22cc33dd44";
        for (kind, text) in [
            (FieldKind::Status, "-5"),
            (FieldKind::Choice, "Solution provided"),
            (FieldKind::Line, "^javascript:ä"),
            (FieldKind::Person, id),
            (FieldKind::Group, id),
            (FieldKind::Reference, id),
            (FieldKind::DateTime, "2026-05-04 09:59:03"),
            (FieldKind::Date, "2026-05-04"),
            (FieldKind::Boolean, "true"),
            (FieldKind::Number, "-1.5"),
            (FieldKind::Set, "a,b"),
            (FieldKind::Text, ""),
        ] {
            let value = to_value(kind, text);
            assert_eq!(to_text(kind, &"x".into(), &value).as_deref(), Ok(text), "{kind:?} {value:?}");
        }
        assert_eq!(to_value(FieldKind::Set, "b, a,,a"), Value::set(["a", "b"]));
        assert_eq!(to_value(FieldKind::DateTime, "soon"), Value::text("soon"));
    }

    #[test]
    fn numbers_have_one_spelling() {
        for (text, short) in
            [("007", "7"), ("1.50", "1.5"), ("-0", "0"), ("0.0", "0"), ("+3", "3"), ("1e5", "1e5")]
        {
            assert_eq!(shortest(text), short);
        }
    }

    #[test]
    fn strangers_are_not_written() {
        assert!(to_text(FieldKind::Person, &"x".into(), &Value::Person("user:jane".into())).is_err());
        assert!(to_text(FieldKind::Set, &"x".into(), &Value::set(["a,b"])).is_err());
        assert!(to_text(FieldKind::Line, &"x".into(), &Value::Many(vec![])).is_err());
    }

    #[test]
    fn dictionary_types_have_kinds() {
        assert_eq!(of_dictionary("reference", "sys_user", false, None), FieldKind::Person);
        assert_eq!(of_dictionary("integer", "", true, None), FieldKind::Choice);
        assert_eq!(of_dictionary("string", "", false, Some(4000)), FieldKind::Text);
        assert_eq!(of_dictionary("string", "", false, Some(40)), FieldKind::Line);
    }
}
