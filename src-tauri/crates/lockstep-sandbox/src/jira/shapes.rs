//! Objects that stand in every ticket (users, statuses, types, …), written once per API version and then only copied.

use serde_json::{Value, json};

use super::Jira;
use super::model::{User, UserNo};
use super::site::{self, CATEGORIES, CONTACT_TYPES, KINDS, PRIORITIES, RESOLUTIONS, STATUSES};

/// Ready JSON text by id.
type Texts = Vec<(u32, String)>;

/// Ready JSON of one API version.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    users: Vec<String>,
    kinds: Texts,
    statuses: Texts,
    priorities: Texts,
    resolutions: Texts,
    projects: Vec<String>,
    components: Texts,
    contact_types: Texts,
    categories: Vec<String>,
}

fn of(texts: &Texts, id: u32) -> &str {
    texts.iter().find(|(at, _)| *at == id).map_or("null", |(_, text)| text)
}

impl Shapes {
    pub fn user(&self, user: UserNo) -> &str {
        &self.users[usize::from(user)]
    }

    pub fn kind(&self, id: u32) -> &str {
        of(&self.kinds, id)
    }

    pub fn status(&self, id: u32) -> &str {
        of(&self.statuses, id)
    }

    pub fn priority(&self, id: u32) -> &str {
        of(&self.priorities, id)
    }

    pub fn resolution(&self, id: u32) -> &str {
        of(&self.resolutions, id)
    }

    pub fn project(&self, at: usize) -> &str {
        &self.projects[at]
    }

    pub fn component(&self, id: u32) -> &str {
        of(&self.components, id)
    }

    pub fn contact_type(&self, id: u32) -> &str {
        of(&self.contact_types, id)
    }

    pub fn category(&self, at: usize) -> &str {
        &self.categories[at]
    }
}

/// Makes JSON objects with the links of one API version.
pub struct Shaper<'a> {
    pub origin: &'a str,
    pub v2: bool,
}

impl Shaper<'_> {
    /// `{origin}/rest/api/3/{path}`.
    pub fn url(&self, path: &str) -> String {
        format!("{}/rest/api/{}/{path}", self.origin, if self.v2 { 2 } else { 3 })
    }

    fn avatars(&self, of: &str) -> Value {
        let url = |size: u32| format!("{}/avatars/{of}-{size}.png", self.origin);
        json!({ "48x48": url(48), "24x24": url(24), "16x16": url(16), "32x32": url(32) })
    }

    /// A user as others see it: no hidden address.
    pub fn user(&self, user: &User) -> Value {
        let mut shown = json!({
            "self": self.url(&format!("user?accountId={}", user.account_id)),
            "accountId": user.account_id,
            "avatarUrls": self.avatars("user"),
            "displayName": user.name,
            "active": user.active,
            "timeZone": user.zone,
            "accountType": user.account_type,
        });
        if !user.hidden_email {
            shown["emailAddress"] = user.email.as_str().into();
        }
        shown
    }

    pub fn category(&self, at: usize) -> Value {
        let (id, key, name, colour) = CATEGORIES[at];
        json!({ "self": self.url(&format!("statuscategory/{id}")), "id": id, "key": key, "colorName": colour, "name": name })
    }

    /// `scope` of what belongs to one team-managed project.
    pub fn scope(project: usize) -> Value {
        json!({ "type": "PROJECT", "project": { "id": site::PROJECTS[project].id.to_string() } })
    }

    pub fn status(&self, status: &site::Status) -> Value {
        let mut shown = json!({
            "self": self.url(&format!("status/{}", status.id)),
            "description": "",
            "iconUrl": format!("{}/images/icons/statuses/generic.png", self.origin),
            "name": status.name,
            "id": status.id.to_string(),
            "statusCategory": self.category(status.category),
        });
        if let Some(project) = status.scope {
            shown["scope"] = Self::scope(project);
        }
        shown
    }

    pub fn kind(&self, kind: &site::Kind) -> Value {
        let mut shown = json!({
            "self": self.url(&format!("issuetype/{}", kind.id)),
            "id": kind.id.to_string(),
            "description": kind.description,
            "iconUrl": format!("{}/images/icons/issuetypes/{}.png", self.origin, kind.id),
            "name": kind.name,
            "subtask": kind.subtask,
            "hierarchyLevel": if kind.subtask { -1 } else { 0 },
        });
        if let Some(project) = kind.scope {
            shown["scope"] = Self::scope(project);
        }
        shown
    }

    pub fn priority(&self, id: u32, name: &str) -> Value {
        json!({
            "self": self.url(&format!("priority/{id}")),
            "iconUrl": format!("{}/images/icons/priorities/{}.png", self.origin, name.to_lowercase()),
            "name": name,
            "id": id.to_string(),
        })
    }

    pub fn resolution(&self, id: u32, name: &str, description: &str) -> Value {
        json!({
            "self": self.url(&format!("resolution/{id}")),
            "id": id.to_string(),
            "description": description,
            "name": name,
        })
    }

    /// A project as it stands in a ticket and in lists.
    pub fn project(&self, at: usize) -> Value {
        let project = &site::PROJECTS[at];
        json!({
            "self": self.url(&format!("project/{}", project.id)),
            "id": project.id.to_string(),
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.type_key,
            "simplified": project.is_team_managed(),
            "avatarUrls": self.avatars("project"),
        })
    }

    pub fn component(&self, id: u32, name: &str) -> Value {
        json!({ "self": self.url(&format!("component/{id}")), "id": id.to_string(), "name": name })
    }

    pub fn option(&self, id: u32, value: &str) -> Value {
        json!({ "self": self.url(&format!("customFieldOption/{id}")), "value": value, "id": id.to_string() })
    }

    fn all(&self, users: &[User]) -> Shapes {
        Shapes {
            users: users.iter().map(|user| self.user(user).to_string()).collect(),
            kinds: KINDS.iter().map(|kind| (kind.id, self.kind(kind).to_string())).collect(),
            statuses: STATUSES.iter().map(|status| (status.id, self.status(status).to_string())).collect(),
            priorities: PRIORITIES
                .iter()
                .map(|(id, name, _)| (*id, self.priority(*id, name).to_string()))
                .collect(),
            resolutions: RESOLUTIONS
                .iter()
                .map(|(id, name, text)| (*id, self.resolution(*id, name, text).to_string()))
                .collect(),
            projects: (0..site::PROJECTS.len()).map(|at| self.project(at).to_string()).collect(),
            components: site::all_components()
                .map(|(id, name)| (id, self.component(id, name).to_string()))
                .collect(),
            contact_types: CONTACT_TYPES
                .iter()
                .map(|(id, value)| (*id, self.option(*id, value).to_string()))
                .collect(),
            categories: (0..CATEGORIES.len()).map(|at| self.category(at).to_string()).collect(),
        }
    }
}

impl Jira {
    /// Writes the ready objects anew, after the origin or a user changed.
    pub(super) fn render_shapes(&mut self) {
        self.shapes = [false, true].map(|v2| Shaper { origin: &self.origin, v2 }.all(&self.users));
    }

    /// Ready objects of an API version.
    pub(super) fn shapes(&self, v2: bool) -> &Shapes {
        &self.shapes[usize::from(v2)]
    }

    /// A maker of objects for an API version.
    pub(super) fn shaper(&self, v2: bool) -> Shaper<'_> {
        Shaper { origin: &self.origin, v2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::auth;

    #[test]
    fn a_hidden_address_is_left_out() {
        let shaper = Shaper { origin: "http://x", v2: false };
        for user in auth::users(3) {
            assert_eq!(shaper.user(&user).get("emailAddress").is_none(), user.hidden_email);
        }
    }
}
