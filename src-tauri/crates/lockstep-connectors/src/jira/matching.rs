//! Looking for a ticket by what one of its fields holds (engine.md §3.2, the match rule). Text can be searched by
//! phrases alone, which find more than what is equal, so every row is compared again here. The index lags (sheet §3.3);
//! a key is read directly.

use lockstep_core::connector::{ConnectorError, ErrorKind, Scope};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::sync::matching::{KEY, folded};
use lockstep_core::ticket::{Ticket, Value};

use super::Jira;
use super::fields::Shape;
use super::jql::Jql;
use super::rows::wanted;
use super::search::{Guard, Search, next_token};
use super::session::parse;
use super::wire::{IssueRow, OptionRow, SearchPage};

const WHAT: &str = "look for tickets by a field";
/// Rows a page.
const ROWS: usize = 100;
/// Pages looked through for equal values; a phrase that is in more tickets is no reference.
const PAGES_MAX: usize = 10;
/// Longest text that one line holds (sheet §6).
const CHARS_MAX: usize = 255;

impl Jira {
    /// Tickets of the scope whose field holds the value.
    pub(super) async fn holding(
        &self,
        scope: &Scope,
        field: &FieldId,
        value: &Value,
        fields: &[FieldId],
        limit: usize,
    ) -> Result<Vec<Ticket>, ConnectorError> {
        let text = match value {
            Value::Text(text) | Value::Number(text) if !text.trim().is_empty() => text.trim(),
            _ => return Err(unsafe_value(field)),
        };
        if field.as_str() == KEY {
            return self.keyed(scope, text, fields).await;
        }
        let us = self.identity().await?;
        let mut read = fields.to_vec();
        if !read.contains(field) {
            read.push(field.clone());
        }
        let shapes = self.shapes_for(&read).await?;
        let jql = Jql::scope(&scope.container, &scope.ticket_type);
        let jql = match shapes.shape(field.as_str()) {
            Shape::Line => jql.phrase(field.as_str(), text),
            Shape::Number => jql.number(field.as_str(), text),
            _ => None,
        };
        let search = Search {
            jql: jql.ok_or_else(|| unsafe_value(field))?.by_key(),
            fields: wanted(&read, &[]),
            rows: ROWS,
            what: WHAT,
        };
        let reader = self.reader(&shapes, us, &read);
        let looked_for = folded(value);
        let (mut found, mut guard, mut token) = (Vec::new(), Guard::default(), None::<String>);
        for _ in 0..PAGES_MAX {
            let answer = self.search_page(&search, token.as_deref()).await?;
            let page: SearchPage<'_> = parse(&answer, WHAT)?;
            let next = next_token(&page).map(str::to_owned);
            guard.pass(&page.issues, next.as_deref())?;
            for row in &page.issues {
                let ticket = reader.ticket(row)?;
                if ticket.value(field).and_then(folded) == looked_for {
                    found.push(ticket);
                }
                if found.len() >= limit.max(1) {
                    return Ok(found);
                }
            }
            match next {
                None => return Ok(found),
                next => token = next,
            }
        }
        Err(ConnectorError::new(
            ErrorKind::Stopped,
            format!(
                "Too many tickets of Jira have the words of this value in {field} to tell which are equal"
            ),
        ))
    }

    /// The ticket with this key; a key that led to another project once is not this ticket's any more.
    async fn keyed(
        &self,
        scope: &Scope,
        key: &str,
        fields: &[FieldId],
    ) -> Result<Vec<Ticket>, ConnectorError> {
        if !is_key(key) {
            return Ok(Vec::new());
        }
        // "Not found" is believed only from somebody who is signed in (sheet §1).
        let us = self.identity().await?;
        let shapes = self.shapes_for(fields).await?;
        let Some(answer) = self.single(&TicketId::from(key), &wanted(fields, &[])).await? else {
            return Ok(Vec::new());
        };
        let row: IssueRow<'_> = parse(&answer, WHAT)?;
        let ticket = self.reader(&shapes, us, fields).ticket(&row)?;
        let project = ticket.key.rsplit_once('-').map_or("", |(project, _)| project);
        let kind =
            row.fields.get("issuetype").and_then(|raw| serde_json::from_str::<OptionRow>(raw.get()).ok());
        let named = kind.and_then(|kind| kind.name).unwrap_or_default();
        let inside = (ticket.container == scope.container || project.eq_ignore_ascii_case(&scope.container))
            && (ticket.ticket_type == scope.ticket_type || named.eq_ignore_ascii_case(&scope.ticket_type));
        let same = ticket.key.eq_ignore_ascii_case(key);
        Ok(if inside && same { vec![ticket] } else { Vec::new() })
    }
}

/// `CSD-12`.
fn is_key(text: &str) -> bool {
    let parts = text.rsplit_once('-');
    parts.is_some_and(|(project, number)| {
        let digits = (1..=18).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let named = project.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && project.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        digits && named && text.len() <= CHARS_MAX
    })
}

fn unsafe_value(field: &FieldId) -> ConnectorError {
    let text =
        format!("The value of {field} cannot be looked up safely in Jira: no query asks for exactly that");
    ConnectorError::new(ErrorKind::Stopped, text)
}

/// The name of a field in JQL; custom fields by their number, since two may have one name. `None`: not a field's id.
fn clause_name(field: &str) -> Option<String> {
    match field.strip_prefix("customfield_") {
        Some(number) => {
            let good = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            good.then(|| format!("cf[{number}]"))
        }
        None => {
            (!field.is_empty() && field.bytes().all(|b| b.is_ascii_alphabetic())).then(|| field.to_owned())
        }
    }
}

impl Jql {
    /// `field ~ "\"text\""`: the words of the text, one behind the other. `None` when the text has no word to look for.
    #[must_use]
    fn phrase(self, field: &str, text: &str) -> Option<Jql> {
        let words = text.chars().any(char::is_alphanumeric) && text.chars().count() <= CHARS_MAX;
        // Inside a phrase only these two mean something, and they end words anyway.
        let phrase: String =
            text.chars().map(|c| if matches!(c, '"' | '\\') || c.is_control() { ' ' } else { c }).collect();
        let name = clause_name(field).filter(|_| words)?;
        Some(self.contains(&name, &format!("\"{phrase}\"")))
    }

    /// `field = 42`.
    #[must_use]
    fn number(self, field: &str, text: &str) -> Option<Jql> {
        let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
        Some(self.equals_number(&clause_name(field)?, number))
    }
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::Connector;
    use serde_json::json;

    use super::*;
    use crate::jira::fixture::{Site, issue, no_issue, scope};

    #[tokio::test]
    async fn what_a_phrase_finds_besides_is_left_out() {
        let titled = |id: &str, title: &str| {
            let mut row = issue(id);
            row["fields"]["summary"] = json!(title);
            row
        };
        let site = Site::signed_in()
            .answers(
                200,
                json!({ "issues": [titled("1", "Say \"hi\" twice"), titled("2", "SAY \"HI\" ")], "nextPageToken": "t" }),
            )
            .answers(200, json!({ "issues": [titled("3", "say hi")] }));
        let value = Value::text("Say \"hi\"");
        let found = site.jira.find_by_field(&scope(), &"summary".into(), &value, &[], 5).await.unwrap();
        assert_eq!(found.iter().map(|ticket| ticket.id.as_str()).collect::<Vec<_>>(), ["2"]);
        let jql = site.bodies()[2]["jql"].as_str().unwrap().to_owned();
        assert!(jql.contains(r#" AND summary ~ "\"Say  hi \"" ORDER BY key ASC"#), "{jql}");
    }

    #[tokio::test]
    async fn what_no_query_can_ask_for_is_not_asked() {
        for (field, value) in [
            ("summary", Value::text("!?")),
            ("summary", Value::Empty),
            ("summary", Value::choice("1")),
            ("summary", Value::text(&"x".repeat(256))),
            ("description", Value::text("x")),
        ] {
            let site = Site::signed_in();
            let error = site.jira.find_by_field(&scope(), &field.into(), &value, &[], 5).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Stopped, "{field} {value:?}");
        }
        assert_eq!(clause_name("customfield_10040").as_deref(), Some("cf[10040]"));
        for bad in ["customfield_1] or cf[2", "a b", "", "x=1"] {
            assert_eq!(clause_name(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_key_is_read_and_must_be_the_tickets_own() {
        let moved = issue("7");
        let key = moved["key"].as_str().unwrap().to_owned();
        let site = Site::signed_in().answers(200, moved.clone()).answers(200, moved).answers(404, no_issue());
        let look = async |key: &str| {
            let found =
                site.jira.find_by_field(&scope(), &"key".into(), &Value::text(key), &[], 5).await.unwrap();
            found.len()
        };
        assert_eq!(look(&key.to_lowercase()).await, 1);
        assert_eq!(look("OLD-1").await, 0, "an old key still leads there");
        assert_eq!(look("CSD-99").await, 0);
        assert_eq!(look("INC0010001").await, 0, "not even the form of a key: not asked");
    }
}
