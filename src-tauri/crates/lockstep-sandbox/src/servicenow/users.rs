//! Who can sign in: the service account meant for Lockstep, people with roles, and a few awkward accounts.
//!
//! Everybody but the service account has the password [`password_of`] their login. Two active users share an e-mail
//! address (`elin.sandberg`, `elin.sandberg.ext`), `olav.dahl` is inactive, and the last five of
//! [`crate::people::PEOPLE`] are callers without roles, who see and change only their own tickets.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::records::{Row, Tables};
use super::value::{SysId, id_text};
use crate::ids::Ids;
use crate::people::PEOPLE;

/// The service account meant for Lockstep.
pub const SERVICE_ACCOUNT: &str = "lockstep.sync";

/// What a user may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Roles {
    /// Works on tickets.
    pub itil: bool,
    /// Closes tickets and changes closed ones.
    pub itil_admin: bool,
    /// Everything.
    pub admin: bool,
}

/// A signed-in user.
#[derive(Debug)]
pub struct Caller {
    /// `sys_id` in `sys_user`.
    pub id: SysId,
    /// The same as text.
    pub id_text: String,
    /// Login name.
    pub name: Arc<str>,
    /// Roles.
    pub roles: Roles,
    /// The zone display values are written in; UTC when absent.
    pub zone: Option<TimeZone>,
    /// The service account, which the ACL switches are about.
    pub is_service: bool,
}

/// Login, name, e-mail, roles, zone and active flag of those who are not in [`PEOPLE`].
const OTHERS: &[(&str, &str, &str, &str, &str, bool)] = &[
    ("admin", "System Administrator", "admin@corvane.example", "admin", "GMT", true),
    ("system", "System", "", "", "GMT", true),
    ("guest", "Guest", "", "", "GMT", true),
    (SERVICE_ACCOUNT, "Lockstep Sync", "lockstep.sync@corvane.example", "itil", "GMT", true),
    (
        "elin.sandberg.ext",
        "Elin Sandberg (external)",
        "elin.sandberg@corvane.example",
        "",
        "Europe/Stockholm",
        true,
    ),
    ("olav.dahl", "Olav Dahl", "olav.dahl@corvane.example", "itil", "Europe/Oslo", false),
];

/// Roles, zone and title of [`PEOPLE`], in their order.
const OF_PEOPLE: &[(&str, &str, &str)] = &[
    ("itil_admin", "Europe/London", "Service Desk Lead"),
    ("itil", "Europe/Berlin", "Network Engineer"),
    ("itil", "Europe/Rome", "Service Desk Analyst"),
    ("itil", "Europe/Sofia", "Database Administrator"),
    ("itil", "Europe/Stockholm", "Workplace Technician"),
    ("itil", "Asia/Dubai", "Application Support"),
    ("itil", "Europe/Berlin", "Service Desk Analyst"),
    ("", "Europe/Paris", "Buyer"),
    ("", "Europe/Lisbon", "Financial Controller"),
    ("", "Asia/Tokyo", "Sales Manager"),
    ("", "Europe/Warsaw", "Recruiter"),
    ("", "Europe/Dublin", "Warehouse Lead"),
];

/// The password of everybody but the service account.
pub fn password_of(user_name: &str) -> String {
    format!("practice-{user_name}")
}

/// Accounts by login name.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    by_name: HashMap<String, (Arc<Caller>, String)>,
    /// Password of the service account.
    pub service_secret: String,
    /// The key for `x-sn-apikey`; calls run as the service account.
    pub api_key: String,
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret.
    pub client_secret: String,
}

impl Accounts {
    /// Draws the secrets.
    pub fn new(seed: u64) -> Self {
        let mut ids = Ids::new(seed).branch("servicenow sign-in");
        Self {
            by_name: HashMap::new(),
            service_secret: ids.token(20),
            api_key: format!("now_{}", ids.token(40)),
            client_id: ids.hex(32),
            client_secret: ids.token(24),
        }
    }

    /// Rebuilds the list from `sys_user`, after seeding, loading or a new user.
    pub fn refresh(&mut self, tables: &Tables) {
        self.by_name.clear();
        let users = tables.table("sys_user");
        let column = |name: &str| users.schema.column(name).expect("a column of sys_user");
        let (user_name, zone) = (column("user_name"), column("time_zone"));
        for (_, row) in users.rows() {
            let name: Arc<str> = Arc::from(row.text(&users.schema, user_name, &mut [0; 32]));
            let zone = row.text(&users.schema, zone, &mut [0; 32]).to_owned();
            let is_service = &*name == SERVICE_ACCOUNT;
            let password = if is_service { self.service_secret.clone() } else { password_of(&name) };
            let caller = Caller {
                id: row.id,
                id_text: id_text(&row.id),
                roles: roles_of(&name),
                zone: if matches!(zone.as_str(), "" | "GMT" | "UTC") {
                    None
                } else {
                    TimeZone::get(&zone).ok()
                },
                is_service,
                name: Arc::clone(&name),
            };
            self.by_name.insert(name.to_string(), (Arc::new(caller), password));
        }
    }

    /// The user, if there is one of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Caller>> {
        self.by_name.get(name).map(|(caller, _)| caller)
    }

    /// The user, if the password is theirs. `system` and `guest` never sign in.
    pub fn check(&self, name: &str, password: &str) -> Option<&Arc<Caller>> {
        let (caller, expected) = self.by_name.get(name)?;
        (expected == password && !matches!(name, "system" | "guest")).then_some(caller)
    }

    /// Every sign-in, for [`crate::Platform::credentials`].
    pub fn list(&self) -> serde_json::Value {
        let mut people: Vec<serde_json::Value> = self
            .by_name
            .iter()
            .map(|(name, (caller, password))| {
                serde_json::json!({
                    "user": name, "secret": password, "sys_id": caller.id_text,
                    "itil": caller.roles.itil, "itil_admin": caller.roles.itil_admin, "admin": caller.roles.admin,
                })
            })
            .collect();
        people.sort_by_key(|person| person["user"].as_str().unwrap_or_default().to_owned());
        serde_json::json!({
            "lockstep": { "user": SERVICE_ACCOUNT, "secret": self.service_secret },
            "people": people,
            "oauth_client": { "client_id": self.client_id, "client_secret": self.client_secret },
            "api_key": self.api_key,
        })
    }
}

fn roles_of(name: &str) -> Roles {
    let of_person = PEOPLE.iter().position(|(login, _, _)| *login == name).map(|at| OF_PEOPLE[at].0);
    let of_other = OTHERS.iter().find(|(login, ..)| *login == name).map(|other| other.3);
    match of_person.or(of_other).unwrap_or_default() {
        "admin" => Roles { itil: true, itil_admin: true, admin: true },
        "itil_admin" => Roles { itil: true, itil_admin: true, admin: false },
        "itil" => Roles { itil: true, ..Roles::default() },
        _ => Roles::default(),
    }
}

/// Groups: name, e-mail, description, and the places of their members in [`PEOPLE`].
pub const GROUPS: &[(&str, &str, &str, &[usize])] = &[
    ("Service Desk", "servicedesk@corvane.example", "First contact for everybody", &[0, 2, 6]),
    ("Network", "network@corvane.example", "Lines, switches, wireless and remote access", &[1, 0]),
    ("Database", "dba@corvane.example", "Databases and reporting", &[3]),
    ("Workplace Hardware", "workplace@corvane.example", "Laptops, screens, printers and phones", &[4, 6]),
    ("Application Support", "appsupport@corvane.example", "Business applications", &[5, 3]),
];

/// Adds users, groups, memberships and companies. Everything is dated a year before `now_ms`.
pub fn seed(tables: &mut Tables, ids: &mut Ids, now_ms: i64) {
    let made = now_ms - 365 * 86_400_000;
    let by: Arc<str> = Arc::from("admin");
    let company =
        add(tables, ids, "core_company", made, &by, &[("name", "Corvane Logistics"), ("country", "Ireland")]);
    add(tables, ids, "core_company", made, &by, &[("name", "Halden Instruments"), ("country", "Norway")]);
    let mut departments = Vec::new();
    for name in ["IT Services", "Finance", "Sales", "Operations"] {
        let values = [("name", name), ("company", company.as_str())];
        departments.push(add(tables, ids, "cmn_department", made, &by, &values));
    }
    let mut people = Vec::new();
    for (at, (login, name, email)) in PEOPLE.iter().enumerate() {
        let (roles, zone, title) = OF_PEOPLE[at];
        let department = if roles.is_empty() { &departments[1 + at % 3] } else { &departments[0] };
        let extra = [("title", title), ("company", company.as_str()), ("department", department.as_str())];
        people.push(add_user(tables, ids, made, login, name, email, zone, true, &extra));
    }
    for (login, name, email, _, zone, active) in OTHERS {
        let service_only = if *login == SERVICE_ACCOUNT { "true" } else { "false" };
        let extra = [("web_service_access_only", service_only)];
        add_user(tables, ids, made, login, name, email, zone, *active, &extra);
    }
    for (name, email, description, members) in GROUPS {
        let values = [
            ("name", *name),
            ("email", *email),
            ("description", *description),
            ("manager", &people[members[0]]),
        ];
        let group = add(tables, ids, "sys_user_group", made, &by, &values);
        for member in *members {
            let values = [("user", people[*member].as_str()), ("group", group.as_str())];
            add(tables, ids, "sys_user_grmember", made, &by, &values);
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a row of the two tables above")]
fn add_user(
    tables: &mut Tables,
    ids: &mut Ids,
    made: i64,
    login: &str,
    name: &str,
    email: &str,
    zone: &str,
    active: bool,
    extra: &[(&str, &str)],
) -> String {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    let active = if active { "true" } else { "false" };
    let mut values = vec![
        ("user_name", login),
        ("name", name),
        ("first_name", first),
        ("last_name", last),
        ("email", email),
        ("time_zone", zone),
        ("date_format", "yyyy-MM-dd"),
        ("active", active),
    ];
    values.extend_from_slice(extra);
    add(tables, ids, "sys_user", made, &Arc::from("admin"), &values)
}

/// Adds a record by column names and returns its `sys_id`.
///
/// # Panics
/// When the table or a column does not exist.
pub fn add(
    tables: &mut Tables,
    ids: &mut Ids,
    table: &str,
    at_ms: i64,
    by: &Arc<str>,
    values: &[(&str, &str)],
) -> String {
    let table = tables.table_mut(table);
    let id = ids.bytes16();
    let values: Vec<(u16, &str)> = values
        .iter()
        .map(|(name, text)| (table.schema.column(name).unwrap_or_else(|| panic!("no column {name}")), *text))
        .collect();
    table.insert(Row::new(id, at_ms, by), &values);
    id_text(&id)
}

#[cfg(test)]
mod tests {
    use super::{Accounts, PEOPLE, SERVICE_ACCOUNT, Tables, password_of, seed};
    use crate::ids::Ids;

    #[test]
    fn everybody_has_a_password_and_their_roles() {
        let mut tables = Tables::default();
        seed(&mut tables, &mut Ids::new(1), 1_777_896_000_000);
        let mut accounts = Accounts::new(1);
        accounts.refresh(&tables);
        for (login, _, _) in PEOPLE {
            assert!(accounts.check(login, &password_of(login)).is_some(), "{login}");
        }
        let service = accounts.check(SERVICE_ACCOUNT, &accounts.service_secret).unwrap();
        assert!(service.is_service && service.roles.itil && !service.roles.itil_admin);
        assert!(accounts.check(SERVICE_ACCOUNT, &password_of(SERVICE_ACCOUNT)).is_none());
        assert!(accounts.check("system", &password_of("system")).is_none());
        assert!(accounts.get("amara.osei").unwrap().roles.itil_admin);
        assert!(!accounts.get("liam.brennan").unwrap().roles.itil);
        assert_eq!(
            accounts.get("jun.takahashi").unwrap().zone.as_ref().unwrap().iana_name(),
            Some("Asia/Tokyo")
        );
        assert_ne!(Accounts::new(2).service_secret, accounts.service_secret);
    }
}
