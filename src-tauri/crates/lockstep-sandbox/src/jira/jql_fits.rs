//! Whether a ticket fits a condition.

use super::adf;
use super::jql::{Expr, Op};
use super::jql_values::{Clause, Field, Value};
use super::model::{Custom, Issue};
use super::render::searchable;
use super::site;

impl Expr {
    /// Whether a ticket fits.
    pub fn fits(&self, issue: &Issue) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.fits(issue)),
            Self::Or(parts) => parts.iter().any(|part| part.fits(issue)),
            Self::Not(inner) => !inner.fits(issue),
            Self::Clause(clause) => clause.fits(issue),
        }
    }
}

impl Clause {
    fn fits(&self, issue: &Issue) -> bool {
        match self.op {
            Op::Eq | Op::In => self.values.iter().any(|value| self.is(issue, value)),
            Op::Ne | Op::NotIn => {
                let about_empty = self.values.contains(&Value::Empty);
                (about_empty || !self.is(issue, &Value::Empty))
                    && !self.values.iter().any(|value| self.is(issue, value))
            }
            Op::Like => self.values.iter().any(|value| self.like(issue, value)),
            Op::NotLike => !self.values.iter().any(|value| self.like(issue, value)),
            Op::Lt | Op::Le | Op::Gt | Op::Ge => self.values.iter().any(|value| self.compares(issue, value)),
        }
    }

    fn is(&self, issue: &Issue, value: &Value) -> bool {
        let number = |known: Option<u64>| match value {
            Value::Empty => known.is_none(),
            Value::Id(id) => known == Some(*id),
            _ => false,
        };
        match self.field {
            Field::Project => number(Some(issue.project as u64)),
            Field::Issue => *value == Value::Id(issue.id),
            Field::Parent => match value {
                Value::Empty => issue.parent.is_none(),
                value => issue.parent.is_some_and(|id| *value == Value::Id(id)),
            },
            Field::Kind => number(Some(issue.kind.into())),
            Field::Status => number(Some(issue.status.into())),
            Field::Category => number(Some(site::status(issue.status).category as u64)),
            Field::Priority => number(issue.priority.map(u64::from)),
            Field::Resolution => number(issue.resolution.map(u64::from)),
            Field::Component => match value {
                Value::Empty => issue.components.is_empty(),
                value => issue.components.iter().any(|id| *value == Value::Id(u64::from(*id))),
            },
            Field::Creator => number(Some(issue.creator.into())),
            Field::Reporter => number(issue.reporter.map(u64::from)),
            Field::Assignee => number(issue.assignee.map(u64::from)),
            Field::ContactType => number(match issue.custom(10041) {
                Some(Custom::Option(id)) => Some(u64::from(*id)),
                _ => None,
            }),
            Field::Created | Field::Updated | Field::Resolved | Field::OpenedAt => match value {
                Value::Empty => self.moment(issue).is_none(),
                Value::Moment(ms) => self.moment(issue) == Some(*ms),
                _ => false,
            },
            Field::Labels => match value {
                Value::Empty => issue.labels.is_empty(),
                Value::Text(text) => issue.labels.iter().any(|label| label.eq_ignore_ascii_case(text)),
                _ => false,
            },
            Field::Due | Field::Text | Field::Summary | Field::Description | Field::Line(_) => match value {
                Value::Empty => self.text(issue).is_empty(),
                Value::Text(text) => self.text(issue).eq_ignore_ascii_case(text),
                _ => false,
            },
        }
    }

    fn moment(&self, issue: &Issue) -> Option<i64> {
        match self.field {
            Field::Created => Some(issue.created_ms),
            Field::Updated => Some(issue.updated_ms),
            Field::Resolved => issue.resolved_ms,
            Field::OpenedAt => match issue.custom(10042) {
                Some(Custom::Moment(ms)) => Some(*ms),
                _ => None,
            },
            _ => None,
        }
    }

    fn text(&self, issue: &Issue) -> String {
        match self.field {
            Field::Summary => issue.summary.clone(),
            Field::Description => issue.description.as_deref().map(adf::plain).unwrap_or_default(),
            Field::Due => issue.duedate.clone().unwrap_or_default(),
            Field::Line(number) => match issue.custom(number) {
                Some(Custom::Line(text)) => text.clone(),
                _ => String::new(),
            },
            _ => searchable(issue),
        }
    }

    fn like(&self, issue: &Issue, value: &Value) -> bool {
        let Value::Text(wanted) = value else { return false };
        let text = self.text(issue).to_lowercase();
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let wanted = wanted.to_lowercase();
        let mut parts =
            wanted.split(|c: char| !c.is_alphanumeric() && c != '*').filter(|part| !part.is_empty());
        parts.all(|part| match part.strip_suffix('*') {
            Some(start) => words.iter().any(|word| word.starts_with(start)),
            None => words.contains(&part),
        })
    }

    fn compares(&self, issue: &Issue, value: &Value) -> bool {
        let order = match (self.field, value) {
            (Field::Issue, Value::Key(project, number)) if issue.project == *project => {
                issue.number.cmp(number)
            }
            (Field::Issue, Value::Id(id)) => issue.id.cmp(id),
            (Field::Due, Value::Text(date)) => match &issue.duedate {
                Some(due) => due.cmp(date),
                None => return false,
            },
            (Field::Priority, Value::Id(id)) => match issue.priority {
                Some(priority) => id.cmp(&u64::from(priority)),
                None => return false,
            },
            (_, Value::Moment(ms)) => match self.moment(issue) {
                Some(known) => known.cmp(ms),
                None => return false,
            },
            _ => return false,
        };
        match self.op {
            Op::Lt => order.is_lt(),
            Op::Le => order.is_le(),
            Op::Gt => order.is_gt(),
            _ => order.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::auth::Who;
    use crate::jira::issues::blank_issue;
    use crate::jira::{Jira, jql};
    use crate::platform::Seed;

    #[test]
    fn empty_is_neither_equal_nor_unequal_and_words_are_matched_whole_or_by_star() {
        let jira = Jira::new(1, 0, Seed::Empty);
        let mut issue = blank_issue(1, 0, 1, site::INCIDENT, 0, 5_000);
        "Printer on floor 3 is offline".clone_into(&mut issue.summary);
        issue.labels = vec!["vip".to_owned()];
        let fits = |text: &str| {
            let jql = jql::parse(text, &jira.resolver(Who::User(0), 10_000)).expect("valid");
            jql.filter.expect("a condition").fits(&issue)
        };
        for yes in [
            "summary ~ \"printer offline\"",
            "summary ~ print*",
            "text !~ scanner",
            "labels = VIP",
            "labels != other",
            "assignee is empty",
            "resolution is EMPTY and resolution = Unresolved",
            "NOT (assignee = \"Bruno Keller\")",
            "creator = currentUser() and created <= 5000 and updated > 4999",
            "statusCategory = \"To Do\" and priority >= Low",
            "key >= CSD-1 and key < CSD-2",
        ] {
            assert!(fits(yes), "{yes}");
        }
        for no in [
            "summary ~ print",
            "assignee != \"Bruno Keller\"",
            "labels is empty",
            "key > CSD-1",
            "due < 2026-01-01",
        ] {
            assert!(!fits(no), "{no}");
        }
    }
}
