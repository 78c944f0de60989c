//! People at work on both practice platforms, drawn from a seed. They remember what they wrote, so that a referee can ask
//! for every word of it. Each ticket carries a token in its title that nobody edits away.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::draw::Draw;
use crate::lab::Practice;

/// People known on both sides by one address. (Of some others it is hidden, or stands for two: nobody can match those.)
const AGENTS: [&str; 4] = ["bruno.keller", "chiara.lombardi", "dario.petrov", "farid.haddad"];
/// How a ticket came in: ServiceNow's value and Jira's option.
pub const CONTACTS: [(&str, &str); 4] =
    [("phone", "10020"), ("email", "10021"), ("self-service", "10022"), ("walk-in", "10023")];

/// Where something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    ServiceNow,
    Jira,
}

/// A comment or a file that people wrote on the ticket with this token.
#[derive(Debug, Clone)]
pub struct Wrote {
    pub token: String,
    /// A word that occurs nowhere else; of a file its name.
    pub word: String,
    /// Of a file, its size.
    pub bytes: u64,
}

/// A person of both platforms.
#[derive(Debug, Clone)]
pub struct Agent {
    pub sys_id: String,
    pub account: String,
}

/// What people wrote so far.
#[derive(Debug, Default)]
pub struct Written {
    /// Tokens, and where they were filed.
    pub tickets: BTreeMap<String, Place>,
    pub comments: Vec<Wrote>,
    pub files: Vec<Wrote>,
    /// Everything they did.
    pub acts: u64,
}

/// Those who file, comment, attach and move.
pub struct People {
    draw: Draw,
    serial: u64,
    pub agents: Vec<Agent>,
    pub written: Written,
}

/// An incident or an issue as a list shows it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub id: String,
    pub title: String,
    pub state: String,
}

impl Seen {
    /// See [`token_of`].
    pub fn token(&self) -> &str {
        token_of(&self.title)
    }
}

/// The token at the beginning of a title.
pub fn token_of(title: &str) -> &str {
    title.split(' ').next().unwrap_or_default()
}

impl People {
    /// Looks up who there is.
    pub fn new(practice: &Practice, draw: Draw) -> Result<People> {
        let mut agents = Vec::new();
        for login in AGENTS {
            let path =
                format!("/api/now/table/sys_user?sysparm_query=user_name={login}&sysparm_fields=sys_id");
            let row = practice.at_servicenow("GET", &path, None)?;
            let found = practice.at_jira(
                "GET",
                &format!("/rest/api/3/user/search?query={login}@corvane.example"),
                None,
            )?;
            let text = |value: &Value| value.as_str().map(str::to_owned);
            agents.push(Agent {
                sys_id: text(&row["result"][0]["sys_id"]).with_context(|| format!("no user {login}"))?,
                account: text(&found[0]["accountId"]).with_context(|| format!("no account of {login}"))?,
            });
        }
        Ok(People { draw, serial: 0, agents, written: Written::default() })
    }

    /// A word that nobody has said before.
    pub fn word(&mut self) -> String {
        format!("word{}.", self.next())
    }

    fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// One thing that somebody does somewhere.
    pub fn act(&mut self, practice: &Practice) -> Result<()> {
        self.written.acts += 1;
        let place = if self.draw.percent(50) { Place::ServiceNow } else { Place::Jira };
        let all = match place {
            Place::ServiceNow => seen_incidents(practice)?,
            Place::Jira => seen_issues(practice)?,
        };
        let what = self.draw.of(0..100);
        let Some(ticket) = self.draw.one(&all).filter(|_| what >= 30) else {
            return self.file(practice, place);
        };
        match what {
            30..50 => self.comment(practice, place, ticket),
            50..60 => self.attach(practice, place, ticket),
            60..72 => self.rename(practice, place, ticket),
            72..80 => self.assign(practice, place, ticket),
            80..86 => self.weigh(practice, place, ticket),
            _ => self.step(practice, place, ticket),
        }
    }

    /// Files a new ticket.
    pub fn file(&mut self, practice: &Practice, place: Place) -> Result<()> {
        let nth = self.next();
        let token = format!("T{nth}.");
        let title = format!("{token} Something stopped");
        let level = |draw: &mut Draw| draw.of(1..4).to_string();
        match place {
            Place::ServiceNow => {
                let contact = CONTACTS[usize::try_from(self.draw.of(0..4))?].0;
                let body = json!({
                    "short_description": title, "description": "It stopped this morning.",
                    "impact": level(&mut self.draw), "urgency": level(&mut self.draw), "contact_type": contact,
                });
                practice.at_servicenow("POST", "/api/now/table/incident", Some(&body))?;
            }
            Place::Jira => {
                let contact = CONTACTS[usize::try_from(self.draw.of(0..4))?].1;
                let body = json!({ "fields": {
                    "project": { "key": "CSD" }, "issuetype": { "id": "10101" }, "summary": title,
                    "description": document("It stopped this morning."),
                    "priority": { "id": self.draw.of(1..6).to_string() },
                    "customfield_10041": { "id": contact },
                }});
                practice.at_jira("POST", "/rest/api/3/issue", Some(&body))?;
            }
        }
        self.written.tickets.insert(token, place);
        Ok(())
    }

    /// Says something on a ticket, to everybody or among agents.
    pub fn comment(&mut self, practice: &Practice, place: Place, ticket: &Seen) -> Result<()> {
        let word = self.word();
        let text = format!("Somebody says {word}");
        let internal = self.draw.percent(40);
        match place {
            Place::ServiceNow => {
                let column = if internal { "work_notes" } else { "comments" };
                patch(practice, ticket, &json!({ column: text }))?;
            }
            Place::Jira => {
                let body = json!({
                    "body": document(&text),
                    "properties": [{ "key": "sd.public.comment", "value": { "internal": internal } }],
                });
                practice.at_jira("POST", &format!("/rest/api/3/issue/{}/comment", ticket.id), Some(&body))?;
            }
        }
        self.written.comments.push(Wrote { token: ticket.token().to_owned(), word, bytes: 0 });
        Ok(())
    }

    fn attach(&mut self, practice: &Practice, place: Place, ticket: &Seen) -> Result<()> {
        let nth = self.next();
        let name = format!("file{nth}.txt");
        let content = "line\n".repeat(usize::try_from(nth)?);
        match place {
            Place::ServiceNow => {
                let path = format!(
                    "/api/now/attachment/file?table_name=incident&table_sys_id={}&file_name={name}",
                    ticket.id
                );
                practice.upload_to_servicenow(&path, "text/plain", content.as_bytes())?;
            }
            Place::Jira => practice.upload_to_jira(&ticket.id, &name, content.as_bytes())?,
        }
        let bytes = content.len() as u64;
        self.written.files.push(Wrote { token: ticket.token().to_owned(), word: name, bytes });
        Ok(())
    }

    fn rename(&mut self, practice: &Practice, place: Place, ticket: &Seen) -> Result<()> {
        let title = format!("{} Something stopped, told anew {}", ticket.token(), self.next());
        match place {
            Place::ServiceNow => patch(practice, ticket, &json!({ "short_description": title })),
            Place::Jira => put(practice, ticket, &json!({ "summary": title })),
        }
    }

    /// Gives a ticket to somebody.
    pub fn assign(&mut self, practice: &Practice, place: Place, ticket: &Seen) -> Result<()> {
        let agent = self.draw.one(&self.agents).context("there are agents")?.clone();
        match place {
            Place::ServiceNow => patch(practice, ticket, &json!({ "assigned_to": agent.sys_id })),
            Place::Jira => put(practice, ticket, &json!({ "assignee": { "accountId": agent.account } })),
        }
    }

    fn weigh(&mut self, practice: &Practice, place: Place, ticket: &Seen) -> Result<()> {
        let (now, jira) = CONTACTS[usize::try_from(self.draw.of(0..4))?];
        match place {
            Place::ServiceNow => {
                let level = |draw: &mut Draw| draw.of(1..4).to_string();
                patch(
                    practice,
                    ticket,
                    &json!({ "impact": level(&mut self.draw), "urgency": level(&mut self.draw), "contact_type": now }),
                )
            }
            Place::Jira => put(practice, ticket, &json!({ "customfield_10041": { "id": jira } })),
        }
    }

    /// Opens a resolved issue again; false when it is not resolved any more.
    pub fn reopen(&mut self, practice: &Practice, ticket: &Seen) -> bool {
        let body = json!({ "transition": { "id": "61" } });
        let path = format!("/rest/api/3/issue/{}/transitions", ticket.id);
        practice.at_jira("POST", &path, Some(&body)).is_ok()
    }

    fn step(&mut self, practice: &Practice, place: Place, ticket: &Seen) -> Result<()> {
        match place {
            Place::ServiceNow => {
                let body = match (ticket.state.as_str(), self.draw.of(0..3)) {
                    ("1", _) | (_, 0) => json!({ "state": "2" }),
                    (_, 1) => json!({ "state": "3", "hold_reason": "4" }),
                    _ => json!({ "state": "6", "close_code": "Solution provided", "close_notes": "Done." }),
                };
                patch(practice, ticket, &body)
            }
            Place::Jira => {
                let (step, fields) = match (ticket.state.as_str(), self.draw.of(0..4)) {
                    ("10000", _) => ("11", json!({})),
                    ("3", 0) => ("21", json!({})),
                    ("3", 1) => ("31", json!({})),
                    ("3" | "10010", 2) => ("41", json!({ "resolution": { "id": "10000" } })),
                    ("10010", _) => ("22", json!({})),
                    ("10011", _) => ("32", json!({})),
                    ("5", 0) => ("51", json!({})),
                    ("5" | "6", _) => ("61", json!({})),
                    _ => return Ok(()),
                };
                let body = json!({ "transition": { "id": step }, "fields": fields });
                let path = format!("/rest/api/3/issue/{}/transitions", ticket.id);
                // Lockstep may have moved it since the list was read: then the step is no longer there.
                drop(practice.at_jira("POST", &path, Some(&body)));
                Ok(())
            }
        }
    }
}

fn patch(practice: &Practice, ticket: &Seen, body: &Value) -> Result<()> {
    practice.at_servicenow("PATCH", &format!("/api/now/table/incident/{}", ticket.id), Some(body)).map(drop)
}

fn put(practice: &Practice, ticket: &Seen, fields: &Value) -> Result<()> {
    let body = json!({ "fields": fields });
    practice.at_jira("PUT", &format!("/rest/api/3/issue/{}", ticket.id), Some(&body)).map(drop)
}

fn seen_incidents(practice: &Practice) -> Result<Vec<Seen>> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = practice.incidents()?;
    Ok(rows
        .iter()
        .map(|row| Seen {
            id: text(row, "sys_id"),
            title: text(row, "short_description"),
            state: text(row, "state"),
        })
        .collect())
}

/// All issues, as a search shows them.
pub fn seen_issues(practice: &Practice) -> Result<Vec<Seen>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = practice.issues(&["summary", "status"])?;
    Ok(rows
        .iter()
        .map(|row| Seen {
            id: text(&row["id"]),
            title: text(&row["fields"]["summary"]),
            state: text(&row["fields"]["status"]["id"]),
        })
        .collect())
}

/// Plain text as a document of Jira's.
pub fn document(text: &str) -> Value {
    json!({ "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": text }] },
    ]})
}
