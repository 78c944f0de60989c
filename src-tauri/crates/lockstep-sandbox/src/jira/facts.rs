//! The issues as a referee sees them.

use std::collections::BTreeMap;

use super::Jira;
use super::model::{Comment, Custom, Issue, UserNo};
use super::site;
use super::store::key_of;
use crate::facts::{Facts, Filed, Remark};

impl Jira {
    pub(super) fn issue_facts(&self) -> Vec<Facts> {
        self.store.live().map(|issue| self.facts_of(issue)).collect()
    }

    pub(super) fn people_count(&self) -> usize {
        self.users.len()
    }

    fn mail(&self, user: UserNo) -> String {
        self.users[usize::from(user)].email.clone()
    }

    fn facts_of(&self, issue: &Issue) -> Facts {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let person = |user: Option<UserNo>| user.map(|user| self.mail(user)).unwrap_or_default();
        let line = |at| match issue.custom(at) {
            Some(Custom::Line(text) | Custom::Rich(text)) => text.clone(),
            Some(Custom::Option(option)) => option.to_string(),
            Some(Custom::Moment(at_ms)) => at_ms.to_string(),
            None => String::new(),
        };
        let fields = BTreeMap::from([
            ("summary", issue.summary.clone()),
            ("description", issue.description.clone().unwrap_or_default()),
            ("status", issue.status.to_string()),
            ("priority", number(issue.priority)),
            ("assignee", person(issue.assignee)),
            ("customfield_10040", line(10_040)),
            ("customfield_10043", line(10_043)),
        ]);
        let last = issue.history.last().map_or(issue.creator, |change| change.author);
        Facts {
            id: issue.id.to_string(),
            key: key_of(issue),
            place: site::PROJECTS[issue.project].key.to_owned(),
            created_by: self.mail(issue.creator),
            updated_by: self.mail(last),
            fields,
            marker: issue.property("lockstep.link").unwrap_or_default().to_owned(),
            comments: issue.comments.iter().map(|comment| self.remark_of(comment)).collect(),
            files: issue.attachments.iter().filter_map(|id| self.filed(*id)).collect(),
        }
    }

    fn remark_of(&self, comment: &Comment) -> Remark {
        Remark {
            id: comment.id.to_string(),
            by: self.mail(comment.author),
            internal: comment.is_internal(),
            text: comment.body.clone(),
        }
    }

    fn filed(&self, id: u64) -> Option<Filed> {
        let file = self.files.get(&id)?;
        Some(Filed {
            id: file.id.to_string(),
            name: file.name.clone(),
            by: self.mail(file.author),
            content: file.content.clone(),
        })
    }
}
