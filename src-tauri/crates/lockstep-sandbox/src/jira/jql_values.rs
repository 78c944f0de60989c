//! What the names in JQL mean: fields, values, and times in the caller's zone (sheet §3.2). Whether a ticket fits is
//! decided in [`super::jql_fits`].

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Jira;
use super::answer::Refusal;
use super::auth::Who;
use super::clock;
use super::jql::{Op, Written};
use super::model::Issue;
use super::site::{self, PROJECTS};
use super::store::parse_key;

/// A field that a clause speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Project,
    Issue,
    Parent,
    Kind,
    Status,
    Category,
    Priority,
    Resolution,
    Component,
    Creator,
    Reporter,
    Assignee,
    ContactType,
    Created,
    Updated,
    Resolved,
    Due,
    OpenedAt,
    Labels,
    Text,
    Summary,
    Description,
    Line(u32),
}

/// A value of a clause.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Empty,
    Id(u64),
    Moment(i64),
    /// Position of a project and a number in it.
    Key(usize, u32),
    Text(String),
}

/// A clause, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    pub field: Field,
    pub op: Op,
    pub values: Vec<Value>,
}

/// A field to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortField {
    Key,
    Id,
    Created,
    Updated,
    Summary,
    Status,
    Priority,
    Kind,
    Due,
    Resolved,
    Assignee,
}

impl SortField {
    /// The sort field of a name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "key" | "issuekey" | "issue" => Self::Key,
            "id" => Self::Id,
            "created" | "createddate" => Self::Created,
            "updated" | "updateddate" => Self::Updated,
            "summary" => Self::Summary,
            "status" => Self::Status,
            "priority" => Self::Priority,
            "issuetype" | "type" => Self::Kind,
            "due" | "duedate" => Self::Due,
            "resolved" | "resolutiondate" => Self::Resolved,
            "assignee" => Self::Assignee,
            _ => return None,
        })
    }
}

fn field_named(name: &str) -> Option<Field> {
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_str() {
        "project" => Field::Project,
        "key" | "issuekey" | "issue" | "id" => Field::Issue,
        "parent" => Field::Parent,
        "issuetype" | "type" => Field::Kind,
        "status" => Field::Status,
        "statuscategory" => Field::Category,
        "priority" => Field::Priority,
        "resolution" => Field::Resolution,
        "component" => Field::Component,
        "creator" => Field::Creator,
        "reporter" => Field::Reporter,
        "assignee" => Field::Assignee,
        "created" | "createddate" => Field::Created,
        "updated" | "updateddate" => Field::Updated,
        "resolved" | "resolutiondate" => Field::Resolved,
        "due" | "duedate" => Field::Due,
        "labels" | "label" => Field::Labels,
        "text" => Field::Text,
        "summary" => Field::Summary,
        "description" => Field::Description,
        "cf[10041]" | "contact type" => Field::ContactType,
        "cf[10042]" | "opened at" => Field::OpenedAt,
        "cf[10040]" | "external reference" => Field::Line(10040),
        "cf[10043]" | "location" => Field::Line(10043),
        "cf[10060]" => Field::Line(10060),
        _ => return None,
    })
}

/// Resolves names for one caller at one time.
pub struct Resolver<'a> {
    jira: &'a Jira,
    who: Who,
    now_ms: i64,
    zone: TimeZone,
}

impl Jira {
    /// A resolver for a caller; quoted times are read in that user's zone.
    pub(super) fn resolver(&self, who: Who, now_ms: i64) -> Resolver<'_> {
        let zone = match who {
            Who::User(user) => TimeZone::get(&self.users[usize::from(user)].zone).unwrap_or(TimeZone::UTC),
            Who::Anonymous { .. } => TimeZone::UTC,
        };
        Resolver { jira: self, who, now_ms, zone }
    }
}

fn unknown_value(value: &str, field: &str) -> Refusal {
    Refusal::new(400, format!("The value '{value}' does not exist for the field '{field}'."))
}

fn by_name(rows: impl Iterator<Item = (u32, &'static str)>, text: &str) -> Vec<Value> {
    let id = text.parse::<u32>().ok();
    rows.filter(|(at, name)| Some(*at) == id || name.eq_ignore_ascii_case(text))
        .map(|(at, _)| Value::Id(u64::from(at)))
        .collect()
}

impl Resolver<'_> {
    /// Resolves one clause, or refuses it with Jira's 400.
    pub fn clause(&self, name: &str, op: Op, written: &[Written]) -> Result<Clause, Refusal> {
        let field = field_named(name).ok_or_else(|| {
            Refusal::new(
                400,
                format!("Field '{name}' does not exist or you do not have permission to view it."),
            )
        })?;
        let mut values = Vec::new();
        for value in written {
            values.extend(self.values(field, name, op, value)?);
        }
        Ok(Clause { field, op, values })
    }

    fn values(&self, field: Field, name: &str, op: Op, written: &Written) -> Result<Vec<Value>, Refusal> {
        let (text, bare) = match written {
            Written::Empty => return Ok(vec![Value::Empty]),
            Written::Function(function, arguments) => return self.function(field, function, arguments),
            Written::Word(text) => (text.as_str(), true),
            Written::Quoted(text) => (text.as_str(), false),
        };
        let found = match field {
            Field::Project => {
                let at = PROJECTS.iter().position(|p| {
                    p.key.eq_ignore_ascii_case(text)
                        || p.name.eq_ignore_ascii_case(text)
                        || p.id.to_string() == text
                });
                let at = at.filter(|at| self.jira.sees_project(self.who, *at));
                at.map(|at| Value::Id(at as u64)).into_iter().collect()
            }
            Field::Issue | Field::Parent => return self.issue_value(name, op, text).map(|value| vec![value]),
            Field::Kind => by_name(site::KINDS.iter().map(|kind| (kind.id, kind.name)), text),
            Field::Status => by_name(site::STATUSES.iter().map(|status| (status.id, status.name)), text),
            Field::Category => site::CATEGORIES
                .iter()
                .enumerate()
                .filter(|(_, (id, key, label, _))| {
                    id.to_string() == text
                        || key.eq_ignore_ascii_case(text)
                        || label.eq_ignore_ascii_case(text)
                })
                .map(|(at, _)| Value::Id(at as u64))
                .collect(),
            Field::Priority => by_name(site::PRIORITIES.iter().map(|row| (row.0, row.1)), text),
            Field::Resolution if text.eq_ignore_ascii_case("unresolved") => vec![Value::Empty],
            Field::Resolution => by_name(site::RESOLUTIONS.iter().map(|row| (row.0, row.1)), text),
            Field::Component => by_name(site::all_components(), text),
            Field::ContactType => by_name(site::CONTACT_TYPES.iter().copied(), text),
            Field::Creator | Field::Reporter | Field::Assignee => self.user_value(text),
            Field::Created | Field::Updated | Field::Resolved | Field::OpenedAt => {
                return self.moment(name, text, bare).map(|ms| vec![Value::Moment(ms)]);
            }
            Field::Due => {
                return self.moment(name, text, bare).map(|ms| vec![Value::Text(clock::date_utc(ms))]);
            }
            Field::Labels | Field::Text | Field::Summary | Field::Description | Field::Line(_) => {
                vec![Value::Text(text.to_owned())]
            }
        };
        if found.is_empty() { Err(unknown_value(text, name)) } else { Ok(found) }
    }

    /// Comparisons name a place in the order of keys, so the ticket need not be there; equality wants a ticket.
    fn issue_value(&self, name: &str, op: Op, text: &str) -> Result<Value, Refusal> {
        if let Ok(id) = text.parse::<u64>() {
            return Ok(Value::Id(id));
        }
        let found = match op {
            Op::Lt | Op::Le | Op::Gt | Op::Ge => {
                parse_key(text).map(|(project, number)| Value::Key(project, number))
            }
            _ => self.jira.store.find(text).map(Value::Id),
        };
        let refused = || format!("An issue with key '{text}' does not exist for field '{name}'.");
        found.ok_or_else(|| Refusal::new(400, refused()))
    }

    fn user_value(&self, text: &str) -> Vec<Value> {
        let users = self.jira.users.iter().enumerate();
        users
            .filter(|(_, user)| {
                user.account_id == text
                    || user.name.eq_ignore_ascii_case(text)
                    || (!user.hidden_email && user.email.eq_ignore_ascii_case(text))
            })
            .map(|(at, _)| Value::Id(at as u64))
            .collect()
    }

    fn function(&self, field: Field, function: &str, arguments: &[String]) -> Result<Vec<Value>, Refusal> {
        let time = matches!(field, Field::Created | Field::Updated | Field::Resolved | Field::OpenedAt);
        match function.to_ascii_lowercase().as_str() {
            "currentuser" if matches!(field, Field::Creator | Field::Reporter | Field::Assignee) => {
                Ok(match self.who {
                    Who::User(user) => vec![Value::Id(u64::from(user))],
                    Who::Anonymous { .. } => vec![Value::Id(u64::MAX)],
                })
            }
            "now" if time => Ok(vec![Value::Moment(self.now_ms)]),
            "startofday" if time => {
                let start = jiff::Timestamp::from_millisecond(self.now_ms)
                    .ok()
                    .and_then(|now| now.to_zoned(self.zone.clone()).start_of_day().ok());
                Ok(vec![Value::Moment(start.map_or(self.now_ms, |at| at.timestamp().as_millisecond()))])
            }
            "issueswithremotelinksbyglobalid" if field == Field::Issue => {
                let has = |issue: &Issue| {
                    issue
                        .remote_links
                        .iter()
                        .any(|link| link.global_id.as_ref().is_some_and(|id| arguments.contains(id)))
                };
                let mut found: Vec<Value> = self
                    .jira
                    .store
                    .live()
                    .filter(|issue| has(issue))
                    .map(|issue| Value::Id(issue.id))
                    .collect();
                if found.is_empty() {
                    found.push(Value::Id(u64::MAX));
                }
                Ok(found)
            }
            _ => Err(Refusal::new(
                400,
                format!("Unable to find JQL function '{function}({})'.", arguments.join(", ")),
            )),
        }
    }

    /// A time: epoch milliseconds only without quotes; else minute-grained, in the caller's zone.
    fn moment(&self, name: &str, text: &str, bare: bool) -> Result<i64, Refusal> {
        if bare
            && let Ok(ms) = text.parse::<i64>()
            && !text.starts_with(['-', '+'])
        {
            return Ok(if self.jira.switches.epoch_to_minute { ms - ms.rem_euclid(60_000) } else { ms });
        }
        if let Some(period_ms) = period(text) {
            return Ok(self.now_ms + period_ms);
        }
        self.local(text).ok_or_else(|| {
            Refusal::new(
                400,
                format!(
                    "Date value '{text}' for field '{name}' is invalid: write yyyy/MM/dd HH:mm, yyyy-MM-dd HH:mm, \
                     a date alone, or a period such as -15m."
                ),
            )
        })
    }

    fn local(&self, text: &str) -> Option<i64> {
        let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
        let mut parts = date.split(['-', '/']);
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let (hour, minute) = time.split_once(':')?;
        if parts.next().is_some() || year.len() != 4 || minute.len() != 2 {
            return None;
        }
        let at = DateTime::new(
            year.parse().ok()?,
            month.parse().ok()?,
            day.parse().ok()?,
            hour.parse().ok()?,
            minute.parse().ok()?,
            0,
            0,
        );
        let zoned = at.ok()?.to_zoned(self.zone.clone()).ok()?;
        Some(zoned.timestamp().as_millisecond())
    }
}

/// A period such as `-15m`, `-1d 2h`, `4w`; minutes without a unit.
fn period(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut total = 0_i64;
    for part in rest.split_whitespace() {
        let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit_ms = match &part[digits.len()..] {
            "w" => 7 * clock::DAY_MS,
            "d" => clock::DAY_MS,
            "h" => 3_600_000,
            "m" => 60_000,
            "" if text.starts_with(['-', '+']) => 60_000,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(unit_ms)?)?;
    }
    (!rest.trim().is_empty()).then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Seed;

    const NOW: i64 = 1_795_167_067_123;

    #[test]
    fn quoted_times_are_minutes_in_the_callers_zone_and_bare_numbers_are_milliseconds() {
        let jira = Jira::new(1, NOW, Seed::Empty);
        let berlin = jira.resolver(Who::User(0), NOW);
        assert_eq!(berlin.moment("updated", "2026/11/20 10:31", false).ok(), Some(1_795_167_060_000));
        assert_eq!(berlin.moment("updated", "2026-11-20 10:31", false).ok(), Some(1_795_167_060_000));
        assert_eq!(berlin.moment("updated", "1795167067123", true).ok(), Some(NOW));
        assert_eq!(berlin.moment("updated", "-15m", false).ok(), Some(NOW - 900_000));
        assert_eq!(berlin.moment("updated", "-1d 2h", true).ok(), Some(NOW - 26 * 3_600_000));
        for wrong in ["1795167067123", "2026-11-20 10:31:07", "2026-11-20T10:31", "soon"] {
            assert!(berlin.moment("updated", wrong, false).is_err(), "{wrong}");
        }
    }
}
