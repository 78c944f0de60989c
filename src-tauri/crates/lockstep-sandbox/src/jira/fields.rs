//! Reading the values that clients send for fields (sheet §2.3, limits and messages of §15).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Jira;
use super::model::{Custom, Issue, UserNo};
use super::site::{self, FIELDS, PROJECTS, Shape};
use super::{adf, clock, wiki};

/// The body of create, edit and transition calls.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueUpdate<'a> {
    #[serde(borrow, default)]
    pub fields: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow, default)]
    pub update: Option<BTreeMap<String, Vec<BTreeMap<String, &'a RawValue>>>>,
    #[serde(default)]
    pub transition: Option<Reference>,
    #[serde(borrow, default)]
    pub properties: Option<Vec<PropertyIn<'a>>>,
    #[serde(borrow, default)]
    pub history_metadata: Option<&'a RawValue>,
}

/// A property in a body.
#[derive(Debug, Deserialize)]
pub struct PropertyIn<'a> {
    pub key: String,
    #[serde(borrow)]
    pub value: &'a RawValue,
}

/// A reference to a thing by one of its names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    pub id: Option<Id>,
    pub key: Option<String>,
    pub name: Option<String>,
    pub value: Option<String>,
    pub account_id: Option<String>,
}

/// An id as text or number: clients send both.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Id {
    Text(String),
    Number(u64),
}

impl Id {
    /// The id as text.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Reference {
    fn number(&self) -> Option<u32> {
        self.id.as_ref()?.text().parse().ok()
    }

    /// The id as text, if there is one.
    pub fn id_text(&self) -> Option<String> {
        self.id.as_ref().map(Id::text)
    }

    /// Picks from rows of id and name; `None` if nothing fits.
    pub fn pick(&self, rows: impl Iterator<Item = (u32, &'static str)>) -> Option<u32> {
        let number = self.number();
        let name = self.name.as_deref().or(self.value.as_deref());
        let mut rows = rows;
        rows.find(|(id, row)| match number {
            Some(number) => *id == number,
            None => self.id.is_none() && name.is_some_and(|name| name.eq_ignore_ascii_case(row)),
        })
        .map(|(id, _)| id)
    }
}

/// The refusal of a field that cannot be set here (sheet §15).
pub fn not_on_screen(field: &str) -> String {
    format!("Field '{field}' cannot be set. It is not on the appropriate screen, or unknown.")
}

fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

fn reference(raw: &RawValue) -> Result<Reference, String> {
    serde_json::from_str(raw.get()).map_err(|_| "data was not an object".to_owned())
}

/// How a value comes in.
#[derive(Debug, Clone, Copy)]
pub struct Incoming {
    /// Through `/rest/api/2`: rich text is wiki markup.
    pub v2: bool,
}

impl Jira {
    /// Applies one operation on one field to a draft. `Err` is the message for that field.
    pub(super) fn apply_field(
        &self,
        issue: &mut Issue,
        field: &str,
        operation: &str,
        raw: &RawValue,
        incoming: Incoming,
    ) -> Result<(), String> {
        let known = site::field_at(field).map(|at| &FIELDS[at]);
        let Some(known) = known.filter(|known| site::in_context(issue.project, known)) else {
            return Err(not_on_screen(field));
        };
        match (field, operation) {
            ("labels", _) => labels(issue, operation, raw),
            ("components", _) => components(issue, operation, raw),
            (_, "set" | "edit") => match known.shape {
                Shape::System => self.apply_system(issue, field, raw, incoming),
                Shape::RequestType | Shape::Sla => Err(not_on_screen(field)),
                _ => self.apply_custom(issue, known, raw, incoming),
            },
            _ => Err(format!("Operation '{operation}' is not supported by this field.")),
        }
    }

    fn apply_system(
        &self,
        issue: &mut Issue,
        field: &str,
        raw: &RawValue,
        incoming: Incoming,
    ) -> Result<(), String> {
        match field {
            "summary" => issue.summary = summary(raw)?,
            "description" => issue.description = self.rich(issue, raw, incoming)?,
            "environment" => issue.environment = self.rich(issue, raw, incoming)?,
            "priority" => {
                let chosen = reference(raw)?.pick(site::PRIORITIES.iter().map(|row| (row.0, row.1)));
                issue.priority = Some(chosen.ok_or("The priority selected is invalid.")?);
            }
            "resolution" if is_null(raw) => issue.resolution = None,
            "resolution" => {
                let chosen = reference(raw)?.pick(site::RESOLUTIONS.iter().map(|row| (row.0, row.1)));
                issue.resolution = Some(chosen.ok_or("The resolution selected is invalid.")?);
            }
            "duedate" => issue.duedate = due(raw)?,
            "assignee" => issue.assignee = self.user_value(raw, true)?,
            "reporter" => {
                let reporter = self.user_value(raw, false)?;
                issue.reporter = Some(reporter.ok_or("Reporter is required.")?);
            }
            "issuetype" => {
                let chosen = self.kind_value(issue.project, raw)?;
                let same_flow =
                    std::ptr::eq(super::workflow::flow(chosen), super::workflow::flow(issue.kind));
                if !same_flow || site::kind(chosen).subtask != site::kind(issue.kind).subtask {
                    return Err("The issue type selected is invalid.".to_owned());
                }
                issue.kind = chosen;
            }
            "parent" => issue.parent = self.parent_value(issue, raw)?,
            _ => return Err(not_on_screen(field)),
        }
        Ok(())
    }

    fn apply_custom(
        &self,
        issue: &mut Issue,
        field: &site::Field,
        raw: &RawValue,
        incoming: Incoming,
    ) -> Result<(), String> {
        let number = site::custom_number(field.id).ok_or_else(|| not_on_screen(field.id))?;
        let value = match field.shape {
            _ if is_null(raw) => None,
            Shape::Line => line(raw)?.map(Custom::Line),
            Shape::Rich => self.rich(issue, raw, incoming)?.map(Custom::Rich),
            Shape::Option => {
                let wanted = reference(raw)?;
                let shown = wanted.id_text().or(wanted.value.clone()).unwrap_or_default();
                let chosen = wanted.pick(site::CONTACT_TYPES.iter().copied());
                Some(Custom::Option(chosen.ok_or_else(|| format!("Option '{shown}' is not valid here."))?))
            }
            Shape::DateTime => {
                let text = string(raw).unwrap_or_default();
                let moment = clock::parse_stamp(&text);
                Some(Custom::Moment(moment.ok_or_else(|| format!("'{text}' is no date and time."))?))
            }
            Shape::System | Shape::RequestType | Shape::Sla => return Err(not_on_screen(field.id)),
        };
        issue.set_custom(number, value);
        Ok(())
    }

    /// A rich text: a document on v3, wiki markup on v2 (sheet §6).
    pub(super) fn rich(
        &self,
        issue: &Issue,
        raw: &RawValue,
        incoming: Incoming,
    ) -> Result<Option<String>, String> {
        if is_null(raw) {
            return Ok(None);
        }
        if !incoming.v2 {
            adf::check(raw.get())?;
            return Ok(Some(raw.get().to_owned()));
        }
        let markup = string(raw).ok_or("Operation value must be a string")?;
        if markup.chars().count() > adf::TEXT_CHARS_MAX {
            return Err(adf::TOO_LONG.to_owned());
        }
        Ok((!markup.is_empty()).then(|| self.markup_to_adf(issue, &markup)))
    }

    /// Wiki markup as a document; `!name.png!` finds the ticket's file of that name.
    pub(super) fn markup_to_adf(&self, issue: &Issue, markup: &str) -> String {
        let file = |name: &str| {
            let mut files = issue.attachments.iter().rev().filter_map(|id| self.files.get(id));
            files.find(|file| file.name == name).map(|file| file.media_id.clone())
        };
        wiki::to_adf(markup, &file)
    }

    fn user_value(&self, raw: &RawValue, assignable: bool) -> Result<Option<UserNo>, String> {
        if is_null(raw) {
            return Ok(None);
        }
        let wanted = reference(raw)?;
        let by_name = wanted.name.is_some() && wanted.id.is_none() && wanted.account_id.is_none();
        if by_name && wanted.name.as_deref() != Some("") {
            return Err("Users are known by accountId alone, name and key are gone.".to_owned());
        }
        let Some(account) = wanted.account_id.clone().or(wanted.id_text()) else { return Ok(None) };
        if account == "-1" {
            return Ok(None);
        }
        let user = self
            .user_by_account(&account)
            .ok_or_else(|| format!("The user with the account id '{account}' does not exist."))?;
        if assignable && !self.is_assignable(user) {
            return Err(format!("User '{}' cannot be assigned issues.", self.users[usize::from(user)].name));
        }
        Ok(Some(user))
    }

    /// Whether tickets can be assigned to a user.
    pub(super) fn is_assignable(&self, user: UserNo) -> bool {
        let user = &self.users[usize::from(user)];
        user.active && user.account_type == "atlassian"
    }

    /// An issue type of the project by id or name.
    pub(super) fn kind_value(&self, project: usize, raw: &RawValue) -> Result<u32, String> {
        let rows = PROJECTS[project].kinds.iter().map(|id| (*id, site::kind(*id).name));
        reference(raw)?.pick(rows).ok_or_else(|| "Specify a valid issue type".to_owned())
    }

    fn parent_value(&self, issue: &Issue, raw: &RawValue) -> Result<Option<u64>, String> {
        const INVALID: &str = "Please select valid parent issue.";
        let subtask = site::kind(issue.kind).subtask;
        let cleared = is_null(raw) || raw.get().contains("\"none\"");
        if cleared {
            return if subtask { Err(INVALID.to_owned()) } else { Ok(None) };
        }
        let wanted = reference(raw)?;
        let name = wanted.id_text().or(wanted.key).unwrap_or_default();
        let parent = self.store.find(&name).and_then(|id| self.store.get(id)).ok_or(INVALID)?;
        let fits =
            parent.project == issue.project && parent.id != issue.id && !site::kind(parent.kind).subtask;
        if fits && subtask { Ok(Some(parent.id)) } else { Err(INVALID.to_owned()) }
    }
}

/// The summary, checked.
fn summary(raw: &RawValue) -> Result<String, String> {
    let text = if is_null(raw) { Some(String::new()) } else { string(raw) };
    let text = text.ok_or("Operation value must be a string")?;
    if text.trim().is_empty() {
        return Err("You must specify a summary of the issue.".to_owned());
    }
    if text.contains(['\n', '\r']) {
        return Err("The summary is invalid because it contains newline characters.".to_owned());
    }
    if text.chars().count() > 255 {
        return Err("Summary can't exceed 255 characters.".to_owned());
    }
    Ok(text)
}

fn line(raw: &RawValue) -> Result<Option<String>, String> {
    let text = string(raw).ok_or("Operation value must be a string")?;
    if text.chars().count() > 255 {
        return Err(
            "The entered text is too long. It exceeds the allowed limit of 255 characters.".to_owned()
        );
    }
    Ok((!text.is_empty()).then_some(text))
}

fn due(raw: &RawValue) -> Result<Option<String>, String> {
    if is_null(raw) {
        return Ok(None);
    }
    let text = string(raw).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    if clock::is_date(&text) {
        Ok(Some(text))
    } else {
        Err(format!("'{text}' is no date of the form yyyy-MM-dd."))
    }
}

fn label(text: &str) -> Result<(), String> {
    if text.contains(char::is_whitespace) {
        return Err(format!("The label '{text}' contains spaces which is invalid."));
    }
    if text.chars().count() > 255 {
        return Err("A label is longer than the 255 characters it may have.".to_owned());
    }
    Ok(())
}

fn labels(issue: &mut Issue, operation: &str, raw: &RawValue) -> Result<(), String> {
    match operation {
        "set" => {
            let wanted: Vec<String> = if is_null(raw) {
                Vec::new()
            } else {
                serde_json::from_str(raw.get())
                    .map_err(|_| "Labels are given as a list of strings.".to_owned())?
            };
            wanted.iter().try_for_each(|text| label(text))?;
            issue.labels = Vec::with_capacity(wanted.len());
            for text in wanted {
                if !text.is_empty() && !issue.labels.contains(&text) {
                    issue.labels.push(text);
                }
            }
        }
        "add" | "remove" => {
            let text = string(raw).ok_or("Operation value must be a string")?;
            label(&text)?;
            issue.labels.retain(|known| *known != text);
            if operation == "add" {
                issue.labels.push(text);
            }
        }
        _ => return Err(format!("Operation '{operation}' is not supported by this field.")),
    }
    issue.labels.sort();
    Ok(())
}

fn components(issue: &mut Issue, operation: &str, raw: &RawValue) -> Result<(), String> {
    let rows = PROJECTS[issue.project].components;
    let find = |wanted: &Reference| {
        let shown = wanted.id_text().or(wanted.name.clone()).unwrap_or_default();
        wanted.pick(rows.iter().copied()).ok_or_else(|| format!("Component '{shown}' is not valid."))
    };
    match operation {
        "set" => {
            let wanted: Vec<Reference> = if is_null(raw) {
                Vec::new()
            } else {
                serde_json::from_str(raw.get())
                    .map_err(|_| "Please provide Component objects with id or name.".to_owned())?
            };
            issue.components = wanted.iter().map(find).collect::<Result<_, _>>()?;
        }
        "add" | "remove" => {
            let id = find(&reference(raw)?)?;
            issue.components.retain(|known| *known != id);
            if operation == "add" {
                issue.components.push(id);
            }
        }
        _ => return Err(format!("Operation '{operation}' is not supported by this field.")),
    }
    issue.components.sort_unstable();
    issue.components.dedup();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::issues::blank_issue;

    fn apply(field: &str, operation: &str, json: &str) -> Result<Issue, String> {
        let jira = Jira::new(1, 0, crate::platform::Seed::Empty);
        let mut issue = blank_issue(1, 0, 1, site::INCIDENT, 0, 0);
        let raw = RawValue::from_string(json.to_owned()).expect("valid JSON");
        jira.apply_field(&mut issue, field, operation, &raw, Incoming { v2: false }).map(|()| issue)
    }

    #[test]
    fn limits_speak_with_the_words_of_the_sheet() {
        let said = |field: &str, json: String| apply(field, "set", &json).expect_err("refused");
        let long = |n: usize| format!("\"{}\"", "x".repeat(n));
        assert_eq!(said("summary", long(256)), "Summary can't exceed 255 characters.");
        assert!(said("summary", r#""a\nb""#.into()).contains("contains newline characters"));
        assert_eq!(said("summary", r#""  ""#.into()), "You must specify a summary of the issue.");
        assert_eq!(said("labels", r#"["a b"]"#.into()), "The label 'a b' contains spaces which is invalid.");
        assert!(said("labels", format!("[{}]", long(256))).contains("255"));
        assert!(said("components", r#"["Network"]"#.into()).contains("Please provide Component"));
        assert_eq!(said("description", r#""plain""#.into()), adf::NOT_A_DOCUMENT);
        assert_eq!(said("nonsense", "1".into()), not_on_screen("nonsense"));
        assert!(apply("summary", "set", &long(255)).is_ok());
    }

    #[test]
    fn values_are_read_by_id_or_name() {
        let issue = apply("priority", "set", r#"{"name":"high"}"#).expect("known");
        assert_eq!(issue.priority, Some(2));
        assert!(apply("priority", "set", r#"{"id":"99"}"#).is_err());
        let issue = apply(site::CONTACT_TYPE, "set", r#"{"id":10021}"#).expect("known");
        assert_eq!(issue.custom(10041), Some(&Custom::Option(10021)));
        let issue = apply(site::OPENED_AT, "set", r#""2026-11-20T10:00:00.000+0100""#).expect("a time");
        assert_eq!(issue.custom(10042), Some(&Custom::Moment(1_795_165_200_000)));
        assert_eq!(apply("labels", "add", r#""vip""#).expect("fine").labels, ["vip"]);
    }
}
