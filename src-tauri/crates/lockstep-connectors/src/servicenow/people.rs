//! People: who we are, who wrote, and whom an address belongs to. `sys_user` is read, never written (servicenow.md §7).

use std::collections::BTreeMap;
use std::sync::Mutex;

use lockstep_core::connector::{ConnectorError, ErrorKind, Identity, PersonMatch};
use lockstep_core::ids::PersonId;
use lockstep_core::ticket::Person;

use super::query::{Literal, Operator, Query};
use super::table::{IDS_MAX, Rows, not_as_asked};
use super::ticket::USER_PREFIX;
use super::wire::Row;
use super::{ServiceNow, Us};
use crate::ports::Clock;

/// A person found is believed that long, milliseconds.
const FOUND_MS: u64 = 24 * 3_600_000;
/// A person not found, milliseconds.
const MISSED_MS: u64 = 3_600_000;
/// Entries kept.
const ENTRIES_MAX: usize = 50_000;
/// Columns of a person.
const COLUMNS: &str = "sys_id,user_name,name,email,active";
/// Rows that one question for addresses may bring at most.
const ROWS_MAX: usize = 1000;

/// People by user name, and matches by address, for a while.
#[derive(Default)]
pub(super) struct Cache {
    by_user_name: Mutex<Known<Option<Person>>>,
    by_email: Mutex<Known<PersonMatch>>,
}

type Known<T> = BTreeMap<String, (u64, T)>;

fn recall<T: Clone>(known: &Mutex<Known<T>>, key: &str, clock: &dyn Clock) -> Option<T> {
    let known = known.lock().expect("no panic happens under this lock");
    known.get(key).filter(|(until, _)| *until > clock.monotonic_ms()).map(|(_, value)| value.clone())
}

fn keep<T>(known: &Mutex<Known<T>>, key: String, value: T, found: bool, clock: &dyn Clock) {
    let mut known = known.lock().expect("no panic happens under this lock");
    if known.len() >= ENTRIES_MAX {
        known.clear();
    }
    known.insert(key, (clock.monotonic_ms() + if found { FOUND_MS } else { MISSED_MS }, value));
}

impl ServiceNow {
    /// The user that we are; asked once a session (servicenow.md §1.1).
    pub(super) async fn us(&self) -> Result<&Us, ConnectorError> {
        self.us.get_or_try_init(|| self.ask_who_we_are()).await
    }

    async fn ask_who_we_are(&self) -> Result<Us, ConnectorError> {
        let configured = self.settings.user_name.as_deref().or_else(|| self.settings.sign_in.user());
        let by_name = configured.and_then(|name| Some((name, Literal::name(name).ok()?)));
        if let Some((name, literal)) = &by_name
            && let Some(us) =
                self.one_user(&Query::new().and("user_name", Operator::Is, literal), Some(name)).await?
        {
            return Ok(us);
        }
        if let Some(us) = self.one_user(&Query::new().asking_user(), None).await? {
            return Ok(us);
        }
        Err(ConnectorError::new(ErrorKind::Forbidden, "ServiceNow does not show Lockstep's own user record")
            .remedy("Enter the login name in the account's settings and let the user read its own record in sys_user"))
    }

    /// The only user that a question brings; several mean that the question was not understood.
    async fn one_user(&self, query: &Query, name: Option<&str>) -> Result<Option<Us>, ConnectorError> {
        let what = "read who Lockstep signs in as";
        let columns = "sys_id,user_name,name,email,time_zone,active";
        let rows = Rows { table: "sys_user", query, columns, limit: 2, offset: 0, counted: false, what };
        let found = self.rows(&rows).await?;
        let users = self.list(&found, what)?;
        let [user] = users.as_slice() else { return Ok(None) };
        let user_name = user.text("user_name");
        if user_name.is_empty() || name.is_some_and(|name| !name.eq_ignore_ascii_case(user_name)) {
            return Ok(None);
        }
        let Some(us) = person(user) else { return Ok(None) };
        Ok(Some(Us {
            identity: Identity {
                instance: self.client.base().origin(),
                us,
                time_zone: user.get("time_zone").filter(|zone| !zone.is_empty()).map(str::to_owned),
                skew_ms: self.client.skew_ms(),
            },
            user_name: user_name.to_owned(),
        }))
    }

    /// One answer per address, in the same order. Several active people with one address are no match.
    pub(super) async fn people_by_email(
        &self,
        emails: &[String],
    ) -> Result<Vec<PersonMatch>, ConnectorError> {
        let clock = self.client.ports().clock.as_ref();
        let mut asked: Vec<(String, Literal)> = Vec::new();
        for email in emails {
            let key = email.trim().to_lowercase();
            let known = recall(&self.people.by_email, &key, clock).is_some();
            if known || asked.iter().any(|(other, _)| *other == key) {
                continue;
            }
            match Literal::email(email.trim()) {
                Ok(literal) => asked.push((key, literal)),
                // Such an address cannot be asked for, so it belongs to nobody here.
                Err(_) => keep(&self.people.by_email, key, PersonMatch::Nobody, false, clock),
            }
        }
        for chunk in asked.chunks(IDS_MAX / 2) {
            // Some databases compare exactly: both spellings are asked for.
            let mut literals: Vec<Literal> = chunk.iter().map(|(_, literal)| literal.clone()).collect();
            literals.extend(chunk.iter().filter_map(|(key, _)| Literal::email(key).ok()));
            literals.dedup();
            let query = Query::new().among("email", &literals).active();
            let rows = self.users(&query, "find people by e-mail").await?;
            for user in &rows {
                let email = user.email.as_deref().unwrap_or_default();
                if !user.active || !chunk.iter().any(|(key, _)| key == email) {
                    return Err(not_as_asked("sys_user", "the e-mail address"));
                }
            }
            for (key, _) in chunk {
                let mut hits = rows.iter().filter(|user| user.email.as_deref() == Some(key));
                let answer = match (hits.next(), hits.count()) {
                    (None, _) => PersonMatch::Nobody,
                    (Some(user), 0) => PersonMatch::One(user.clone()),
                    (Some(_), more) => PersonMatch::Several(more + 1),
                };
                let found = matches!(answer, PersonMatch::One(_));
                keep(&self.people.by_email, key.clone(), answer, found, clock);
            }
        }
        let answer = |email: &String| {
            recall(&self.people.by_email, &email.trim().to_lowercase(), clock).unwrap_or(PersonMatch::Nobody)
        };
        Ok(emails.iter().map(answer).collect())
    }

    /// People by `sys_id`, or by `user:` and a user name.
    pub(super) async fn people_by_id(&self, ids: &[PersonId]) -> Result<Vec<Person>, ConnectorError> {
        let mut people = Vec::new();
        let mut sys_ids: Vec<Literal> =
            ids.iter().filter_map(|id| Literal::sys_id(id.as_str()).ok()).collect();
        sys_ids.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        sys_ids.dedup();
        for chunk in sys_ids.chunks(IDS_MAX) {
            for user in self.users(&Query::new().among("sys_id", chunk), "read people").await? {
                if !chunk.iter().any(|literal| literal.as_str() == user.id.as_str()) {
                    return Err(not_as_asked("sys_user", "the ids"));
                }
                people.push(user);
            }
        }
        let names: Vec<&str> = ids.iter().filter_map(|id| id.as_str().strip_prefix(USER_PREFIX)).collect();
        let by_name = self.authors(&names).await?;
        people.extend(names.iter().filter_map(|name| by_name.get(*name).cloned()));
        Ok(people)
    }

    /// The people behind user names; a name nobody can be found for keeps the name itself.
    pub(super) async fn authors(&self, names: &[&str]) -> Result<BTreeMap<String, Person>, ConnectorError> {
        let clock = self.client.ports().clock.as_ref();
        let mut unknown: Vec<Literal> = Vec::new();
        for name in names {
            if recall(&self.people.by_user_name, name, clock).is_none()
                && let Ok(literal) = Literal::name(name)
                && !unknown.contains(&literal)
            {
                unknown.push(literal);
            }
        }
        for chunk in unknown.chunks(IDS_MAX) {
            let what = "read the names of authors";
            let query = Query::new().among("user_name", chunk);
            let rows = Rows {
                table: "sys_user",
                query: &query,
                columns: COLUMNS,
                limit: ROWS_MAX,
                offset: 0,
                counted: false,
                what,
            };
            let found = match self.rows(&rows).await {
                Ok(found) => found,
                // Names are a courtesy: without rights on sys_user the login name has to do.
                Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => break,
                Err(error) => return Err(error),
            };
            let users = self.list(&found, what)?;
            for literal in chunk {
                let mut hits = users.iter().filter(|user| user.text("user_name") == literal.as_str());
                let one = hits.next().filter(|_| hits.next().is_none()).and_then(person);
                let found = one.is_some();
                keep(&self.people.by_user_name, literal.as_str().to_owned(), one, found, clock);
            }
        }
        let named = |name: &&str| {
            let known = recall(&self.people.by_user_name, name, clock).flatten();
            let person = known.unwrap_or_else(|| Person {
                id: PersonId(format!("{USER_PREFIX}{name}")),
                name: (*name).to_owned(),
                email: None,
                active: true,
            });
            ((*name).to_owned(), person)
        };
        Ok(names.iter().map(named).collect())
    }

    async fn users(&self, query: &Query, what: &str) -> Result<Vec<Person>, ConnectorError> {
        let rows = Rows {
            table: "sys_user",
            query,
            columns: COLUMNS,
            limit: ROWS_MAX,
            offset: 0,
            counted: false,
            what,
        };
        let found = self.rows(&rows).await?;
        Ok(self.list(&found, what)?.iter().filter_map(person).collect())
    }
}

/// A row of `sys_user`.
fn person(row: &Row<'_>) -> Option<Person> {
    let id = row.get("sys_id").filter(|id| !id.is_empty())?;
    let name = row.get("name").filter(|name| !name.is_empty()).unwrap_or_else(|| row.text("user_name"));
    Some(Person {
        id: PersonId::from(id),
        name: name.to_owned(),
        email: row.get("email").filter(|email| !email.is_empty()).map(str::to_lowercase),
        active: row.get("active").is_none_or(|active| active != "false"),
    })
}
