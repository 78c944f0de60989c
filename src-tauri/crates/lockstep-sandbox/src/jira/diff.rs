//! What differs between two versions of a ticket, in the words of the changelog (sheet §3.4).

use super::edit::item;
use super::model::{ChangeItem, Custom, Issue, User, UserNo};
use super::site::{self, FIELDS, PROJECTS};
use super::store::{Store, key_of};
use super::{adf, clock};

/// The items of a changelog entry; empty if nothing differs.
pub fn items(users: &[User], store: &Store, old: &Issue, new: &Issue) -> Vec<ChangeItem> {
    let mut items = Vec::new();
    if old.summary != new.summary {
        items.push(item("summary", "summary", Some(old.summary.clone()), Some(new.summary.clone())));
    }
    for (field, from, to) in [
        ("description", &old.description, &new.description),
        ("environment", &old.environment, &new.environment),
    ] {
        if from != to {
            items.push(item(field, field, from.as_deref().map(adf::plain), to.as_deref().map(adf::plain)));
        }
    }
    if old.labels != new.labels {
        items.push(item("labels", "labels", Some(old.labels.join(" ")), Some(new.labels.join(" "))));
    }
    if old.duedate != new.duedate {
        items.push(item("duedate", "duedate", old.duedate.clone(), new.duedate.clone()));
    }
    components(&mut items, old, new);
    let kinds = |id: u32| site::kind(id).name;
    let statuses = |id: u32| site::status(id).name;
    let priorities = |id: u32| row_name(site::PRIORITIES.iter().map(|row| (row.0, row.1)), id);
    let resolutions = |id: u32| row_name(site::RESOLUTIONS.iter().map(|row| (row.0, row.1)), id);
    reference(&mut items, "issuetype", Some(old.kind), Some(new.kind), kinds);
    reference(&mut items, "status", Some(old.status), Some(new.status), statuses);
    reference(&mut items, "priority", old.priority, new.priority, priorities);
    reference(&mut items, "resolution", old.resolution, new.resolution, resolutions);
    user(&mut items, users, "assignee", old.assignee, new.assignee);
    user(&mut items, users, "reporter", old.reporter, new.reporter);
    place(&mut items, store, old, new);
    customs(&mut items, old, new);
    attachments(&mut items, old, new);
    items
}

fn row_name(mut rows: impl Iterator<Item = (u32, &'static str)>, id: u32) -> &'static str {
    rows.find(|row| row.0 == id).map_or("", |row| row.1)
}

fn reference(
    items: &mut Vec<ChangeItem>,
    field: &str,
    from: Option<u32>,
    to: Option<u32>,
    name: impl Fn(u32) -> &'static str,
) {
    if from != to {
        let mut change =
            item(field, field, from.map(|id| name(id).to_owned()), to.map(|id| name(id).to_owned()));
        change.from = from.map(|id| id.to_string());
        change.to = to.map(|id| id.to_string());
        items.push(change);
    }
}

fn user(items: &mut Vec<ChangeItem>, users: &[User], field: &str, from: Option<UserNo>, to: Option<UserNo>) {
    if from != to {
        let of = |at: Option<UserNo>| at.and_then(|at| users.get(usize::from(at)));
        let mut change = item(field, field, of(from).map(|u| u.name.clone()), of(to).map(|u| u.name.clone()));
        change.from = of(from).map(|user| user.account_id.clone());
        change.to = of(to).map(|user| user.account_id.clone());
        items.push(change);
    }
}

fn components(items: &mut Vec<ChangeItem>, old: &Issue, new: &Issue) {
    let gone = old.components.iter().filter(|id| !new.components.contains(id)).map(|id| (*id, false));
    let come = new.components.iter().filter(|id| !old.components.contains(id)).map(|id| (*id, true));
    for (id, added) in gone.chain(come) {
        let name = Some(row_name(site::all_components(), id).to_owned());
        let (from, to) = if added { (None, name) } else { (name, None) };
        let mut change = item("Component", "components", from, to);
        let id = Some(id.to_string());
        *(if added { &mut change.to } else { &mut change.from }) = id;
        items.push(change);
    }
}

fn place(items: &mut Vec<ChangeItem>, store: &Store, old: &Issue, new: &Issue) {
    if old.project != new.project {
        let (from, to) = (&PROJECTS[old.project], &PROJECTS[new.project]);
        let mut change = item("project", "project", Some(from.name.to_owned()), Some(to.name.to_owned()));
        change.from = Some(from.id.to_string());
        change.to = Some(to.id.to_string());
        items.push(change);
        let mut change = item("Key", "", Some(key_of(old)), Some(key_of(new)));
        change.field_id = None;
        items.push(change);
    }
    if old.parent != new.parent {
        let key = |id: Option<u64>| id.and_then(|id| store.get(id)).map(|issue| key_of(issue));
        let mut change = item("IssueParentAssociation", "", key(old.parent), key(new.parent));
        change.field_id = None;
        change.from = old.parent.map(|id| id.to_string());
        change.to = new.parent.map(|id| id.to_string());
        items.push(change);
    }
}

fn customs(items: &mut Vec<ChangeItem>, old: &Issue, new: &Issue) {
    for field in FIELDS {
        let Some(number) = site::custom_number(field.id) else { continue };
        let (from, to) = (old.custom(number), new.custom(number));
        if from != to {
            let mut change = item(field.name, field.id, from.map(custom_text), to.map(custom_text));
            change.custom = true;
            let id = |value: Option<&Custom>| match value {
                Some(Custom::Option(id)) => Some(id.to_string()),
                _ => None,
            };
            change.from = id(from);
            change.to = id(to);
            items.push(change);
        }
    }
}

fn custom_text(value: &Custom) -> String {
    match value {
        Custom::Line(text) => text.clone(),
        Custom::Rich(text) => adf::plain(text),
        Custom::Option(id) => row_name(site::CONTACT_TYPES.iter().copied(), *id).to_owned(),
        Custom::Moment(ms) => clock::date_utc(*ms),
    }
}

fn attachments(items: &mut Vec<ChangeItem>, old: &Issue, new: &Issue) {
    for id in old.attachments.iter().filter(|id| !new.attachments.contains(id)) {
        let mut change = item("Attachment", "attachment", None, None);
        change.from = Some(id.to_string());
        items.push(change);
    }
    for id in new.attachments.iter().filter(|id| !old.attachments.contains(id)) {
        let mut change = item("Attachment", "attachment", None, None);
        change.to = Some(id.to_string());
        items.push(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::issues::blank_issue;

    #[test]
    fn labels_are_whole_sets_and_a_new_parent_has_no_field_id() {
        let old = blank_issue(1, 0, 1, site::TASK, 0, 0);
        let mut new = old.clone();
        assert!(items(&[], &Store::new(1), &old, &new).is_empty());
        new.labels = vec!["a".to_owned(), "b".to_owned()];
        new.status = site::DONE;
        new.parent = Some(7);
        let found = items(&[], &Store::new(1), &old, &new);
        assert_eq!(found[0].to_text.as_deref(), Some("a b"));
        assert_eq!((found[1].from.as_deref(), found[1].to.as_deref()), (Some("10000"), Some("10013")));
        assert_eq!((found[2].field.as_str(), &found[2].field_id), ("IssueParentAssociation", &None));
    }
}
