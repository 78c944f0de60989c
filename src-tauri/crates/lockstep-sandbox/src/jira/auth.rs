//! Who asks, and what they may do (sheet §1).
//!
//! Sign-in is Basic with e-mail address and API token. A wrong or expired token does not answer 401 everywhere: the
//! caller becomes *anonymous* and reads empty data with status 200; only the header `X-Seraph-LoginReason` tells.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Jira;
use super::answer::Refusal;
use super::draw;
use super::model::{Issue, LOCKSTEP, User, UserNo};
use super::site;
use crate::people::PEOPLE;

/// E-mail address of the service account.
pub const LOCKSTEP_EMAIL: &str = "lockstep@corvane.example";

/// E-mail address of the portal customer, who is no person of the firm.
pub const CUSTOMER_EMAIL: &str = "pia.lindqvist@harborline.example";

/// Of [`PEOPLE`]: the one who may administer, the one whose address is hidden, and the one who has left.
const ADMIN: usize = 0;
const HIDDEN: usize = 9;
const LEFT: usize = 10;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A user whose credential is right.
    User(UserNo),
    /// Nobody; `failed` when a credential came but was wrong.
    Anonymous { failed: bool },
}

/// All users of the site: Lockstep, the people, the customer.
pub fn users(seed: u64) -> Vec<User> {
    let mut users = vec![User {
        account_id: format!("712020:{}", draw::uuid(seed, "account", LOCKSTEP_EMAIL)),
        name: "Lockstep".to_owned(),
        email: LOCKSTEP_EMAIL.to_owned(),
        hidden_email: false,
        account_type: "atlassian".to_owned(),
        active: true,
        zone: "Europe/Berlin".to_owned(),
        token: token(seed, LOCKSTEP_EMAIL),
    }];
    let zones = ["Europe/London", "Europe/Berlin", "America/New_York", "Asia/Tokyo"];
    for (at, (_, name, email)) in PEOPLE.iter().enumerate() {
        users.push(User {
            account_id: draw::hex(seed, "account", email, 24),
            name: (*name).to_owned(),
            email: (*email).to_owned(),
            hidden_email: at == HIDDEN,
            account_type: "atlassian".to_owned(),
            active: at != LEFT,
            zone: zones[at % zones.len()].to_owned(),
            token: token(seed, email),
        });
    }
    users.push(User {
        account_id: format!("qm:{}", draw::uuid(seed, "account", CUSTOMER_EMAIL)),
        name: "Pia Lindqvist".to_owned(),
        email: CUSTOMER_EMAIL.to_owned(),
        hidden_email: false,
        account_type: "customer".to_owned(),
        active: true,
        zone: "Europe/Stockholm".to_owned(),
        token: token(seed, CUSTOMER_EMAIL),
    });
    users
}

/// API token of an account: made up from the seed, good on this practice site alone.
pub fn token(seed: u64, email: &str) -> String {
    format!("ATATT3x-practice-{}", draw::hex(seed, "token", email, 40))
}

/// A permission: key, id, name, whether it is global.
pub const PERMISSIONS: &[(&str, &str, &str, bool)] = &[
    ("ADMINISTER", "0", "Administer Jira", true),
    ("USER_PICKER", "27", "Browse users and groups", true),
    ("BULK_CHANGE", "33", "Make bulk changes", true),
    ("ADMINISTER_PROJECTS", "23", "Administer Projects", false),
    ("BROWSE_PROJECTS", "10", "Browse Projects", false),
    ("CREATE_ISSUES", "11", "Create Issues", false),
    ("EDIT_ISSUES", "12", "Edit Issues", false),
    ("ASSIGN_ISSUES", "13", "Assign Issues", false),
    ("ADD_COMMENTS", "15", "Add Comments", false),
    ("DELETE_ISSUES", "16", "Delete Issues", false),
    ("ASSIGNABLE_USER", "17", "Assignable User", false),
    ("RESOLVE_ISSUES", "18", "Resolve Issues", false),
    ("CREATE_ATTACHMENTS", "19", "Create Attachments", false),
    ("LINK_ISSUES", "21", "Link Issues", false),
    ("CLOSE_ISSUES", "18", "Close Issues", false),
    ("MOVE_ISSUES", "25", "Move Issues", false),
    ("MODIFY_REPORTER", "30", "Modify Reporter", false),
    ("DELETE_ALL_COMMENTS", "36", "Delete All Comments", false),
    ("DELETE_OWN_COMMENTS", "37", "Delete Own Comments", false),
    ("EDIT_ALL_COMMENTS", "34", "Edit All Comments", false),
    ("EDIT_OWN_COMMENTS", "35", "Edit Own Comments", false),
    ("DELETE_ALL_ATTACHMENTS", "38", "Delete All Attachments", false),
    ("DELETE_OWN_ATTACHMENTS", "39", "Delete Own Attachments", false),
    ("TRANSITION_ISSUES", "46", "Transition Issues", false),
    ("SERVICEDESK_AGENT", "-1", "Service project agent", false),
];

impl Jira {
    /// Reads the credential of a request.
    pub(super) fn who(&self, headers: &http::HeaderMap) -> Who {
        let Some(header) = headers.get("authorization").and_then(|value| value.to_str().ok()) else {
            return Who::Anonymous { failed: false };
        };
        self.known_credential(header).map_or(Who::Anonymous { failed: true }, Who::User)
    }

    fn known_credential(&self, header: &str) -> Option<UserNo> {
        let encoded = header.strip_prefix("Basic ").or_else(|| header.strip_prefix("basic "))?;
        let decoded = STANDARD.decode(encoded.trim()).ok()?;
        let pair = std::str::from_utf8(&decoded).ok()?;
        let (email, token) = pair.split_once(':')?;
        let at = self.users.iter().position(|user| user.email.eq_ignore_ascii_case(email))?;
        let user = &self.users[at];
        let expired = at == usize::from(LOCKSTEP) && self.switches.token_expired;
        (user.active && user.token == token && !expired).then_some(at as UserNo)
    }

    /// The signed-in user, or 401.
    pub(super) fn signed_in(&self, who: Who) -> Result<UserNo, Refusal> {
        match who {
            Who::User(user) => Ok(user),
            Who::Anonymous { .. } => {
                Err(Refusal::new(401, "Client must be authenticated to access this resource."))
            }
        }
    }

    /// Whether a user holds a permission in a project (`None`: a global one).
    pub(super) fn may(&self, who: Who, permission: &str, project: Option<usize>) -> bool {
        let Who::User(user) = who else { return false };
        if self.users[usize::from(user)].account_type == "customer" {
            return false;
        }
        if user == LOCKSTEP {
            if matches!(permission, "ADMINISTER" | "ADMINISTER_PROJECTS" | "DELETE_ISSUES" | "MOVE_ISSUES") {
                return false;
            }
            if self.switches.deny_permissions.iter().any(|denied| denied == permission) {
                return false;
            }
            if project.is_some_and(|at| self.is_hidden_project(at)) {
                return false;
            }
        }
        match permission {
            "ADMINISTER" | "ADMINISTER_PROJECTS" => usize::from(user) == ADMIN + 1,
            "SERVICEDESK_AGENT" => {
                project.is_none_or(|at| site::PROJECTS[at].is_service()) && self.is_agent(who)
            }
            _ => true,
        }
    }

    /// Whether a user is an agent of the service project.
    pub(super) fn is_agent(&self, who: Who) -> bool {
        match who {
            Who::User(LOCKSTEP) => self.switches.agent,
            Who::User(user) => self.users[usize::from(user)].account_type != "customer",
            Who::Anonymous { .. } => false,
        }
    }

    fn is_hidden_project(&self, project: usize) -> bool {
        self.switches.hide_projects.iter().any(|key| key == site::PROJECTS[project].key)
    }

    /// Whether a user sees the tickets of a project.
    pub(super) fn sees_project(&self, who: Who, project: usize) -> bool {
        self.may(who, "BROWSE_PROJECTS", Some(project))
    }

    /// Whether a user sees a ticket.
    pub(super) fn sees(&self, who: Who, issue: &Issue) -> bool {
        self.sees_project(who, issue.project)
            && (who != Who::User(LOCKSTEP) || !self.switches.hide_issues.contains(&issue.id))
    }

    /// Refuses with 403 unless the permission is held.
    pub(super) fn demand(&self, who: Who, permission: &str, project: usize) -> Result<(), Refusal> {
        if self.may(who, permission, Some(project)) {
            Ok(())
        } else {
            Err(Refusal::new(403, format!("You lack the permission {permission} in this project.")))
        }
    }

    /// Token of an account, to act as that person.
    pub fn token_of(&self, email: &str) -> Option<String> {
        self.users.iter().find(|user| user.email == email).map(|user| user.token.clone())
    }

    /// User by account id.
    pub(super) fn user_by_account(&self, account_id: &str) -> Option<UserNo> {
        self.users.iter().position(|user| user.account_id == account_id).map(|at| at as UserNo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_has_one_hidden_one_inactive_and_one_customer() {
        let users = users(1);
        assert_eq!(users.len(), PEOPLE.len() + 2);
        assert_eq!(users.iter().filter(|user| user.hidden_email).count(), 1);
        assert_eq!(users.iter().filter(|user| !user.active).count(), 1);
        assert_eq!(users.iter().filter(|user| user.account_type == "customer").count(), 1);
        assert_ne!(users[0].token, super::users(2)[0].token);
    }
}
