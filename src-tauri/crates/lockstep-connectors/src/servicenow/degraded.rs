//! Comments without `sys_journal_field`: taken apart from the text that the fields show (servicenow.md §5.2).
//!
//! A lesser way. Ids are made of column, UTC time and text, equal ones counted (hazards.md H36); the user's time zone
//! is read again each time, and when it has changed since sign-in, or a text is not laid out as expected, the list
//! stays unknown.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use lockstep_core::connector::{ConnectorError, ErrorKind, Scope};
use lockstep_core::ids::{CommentId, PersonId, TicketId};
use lockstep_core::marker::{hex, ref_in_first_line};
use lockstep_core::text::journal::from_journal;
use lockstep_core::ticket::{Comment, Person, Visibility};
use regex::Regex;
use sha2::{Digest, Sha256};

use super::query::{Literal, Operator, Query};
use super::table::{Rows, ids_at_once, not_as_asked, table_path};
use super::{ServiceNow, Us};
use crate::http::Call;

/// In front of the display name of an author whose record is not known.
const NAME_PREFIX: &str = "name:";

/// The line above each entry: time, author, the column's label.
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) - (.*?) \(([^()\n]*)\)[ \r]*$")
        .expect("a fixed pattern")
});

impl ServiceNow {
    /// The comments of records as far as their texts can be taken apart; others are left out.
    pub(super) async fn degraded_comments(
        &self,
        us: &Us,
        scope: &Scope,
        ids: &[Literal],
    ) -> Result<BTreeMap<TicketId, Vec<Comment>>, ConnectorError> {
        let mut read = BTreeMap::new();
        let Some(zone) = self.unchanged_zone(us).await? else { return Ok(read) };
        let table = scope.ticket_type.as_str();
        let what = "read comments as shown";
        let columns = "sys_id,comments,work_notes";
        for chunk in ids.chunks(ids_at_once(columns)) {
            let query = Query::new().among("sys_id", chunk);
            let call = Call::get(table_path(table)?, what)
                .query("sysparm_query", query.as_str())
                .query("sysparm_fields", columns)
                .query("sysparm_display_value", "true")
                .query("sysparm_exclude_reference_link", "true")
                .query("sysparm_limit", &(chunk.len() + 1).to_string());
            let found = self.found(call).await?;
            for row in self.list(&found, what)? {
                let id = row.text("sys_id");
                if !chunk.iter().any(|literal| literal.as_str() == id) {
                    return Err(not_as_asked(table, "the ids"));
                }
                let (Some(public), Some(internal)) = (row.get("comments"), row.get("work_notes")) else {
                    continue;
                };
                let parsed = parse(us, &zone, public, Visibility::Public).zip(parse(
                    us,
                    &zone,
                    internal,
                    Visibility::Internal,
                ));
                if let Some((mut comments, notes)) = parsed {
                    comments.extend(notes);
                    comments
                        .sort_by(|one, other| (one.created_ms, &one.id).cmp(&(other.created_ms, &other.id)));
                    read.insert(TicketId::from(id), comments);
                }
            }
        }
        Ok(read)
    }

    /// Our user's time zone, as long as it is the one from sign-in.
    async fn unchanged_zone(&self, us: &Us) -> Result<Option<TimeZone>, ConnectorError> {
        let what = "read the time zone of Lockstep's user";
        let query = Query::new().and("sys_id", Operator::Is, &Literal::sys_id(us.identity.us.id.as_str())?);
        let rows = Rows {
            table: "sys_user",
            query: &query,
            columns: "sys_id,time_zone",
            limit: 2,
            offset: 0,
            counted: false,
            what,
        };
        let found = self.rows(&rows).await?;
        let list = self.list(&found, what)?;
        let [user] = list.as_slice() else { return Ok(None) };
        let zone = user.get("time_zone").filter(|zone| !zone.is_empty());
        if zone != us.identity.time_zone.as_deref() {
            return Err(ConnectorError::new(
                ErrorKind::Stopped,
                "The time zone of Lockstep's ServiceNow user has changed, so comments can no longer be told apart",
            )
            .remedy("Let Lockstep's role read sys_journal_field, or set the zone back"));
        }
        Ok(match zone {
            Some("GMT" | "UTC" | "Etc/UTC") => Some(TimeZone::UTC),
            Some(zone) => TimeZone::get(zone).ok(),
            None => None,
        })
    }
}

/// Takes one field's text apart; `None` when it is not laid out as expected.
fn parse(us: &Us, zone: &TimeZone, text: &str, visibility: Visibility) -> Option<Vec<Comment>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    let headers: Vec<regex::Captures<'_>> = HEADER.captures_iter(text).collect();
    let label = headers.first()?.get(3)?.as_str();
    // The same label all the way down; another one belongs to somebody's own words.
    let headers: Vec<_> =
        headers.iter().filter(|header| header.get(3).is_some_and(|l| l.as_str() == label)).collect();
    if !text[..headers.first()?.get(0)?.start()].trim().is_empty() {
        return None;
    }
    let mut comments = Vec::with_capacity(headers.len());
    let mut times_seen: BTreeMap<String, u32> = BTreeMap::new();
    // Newest first on the screen: counted from the oldest, so that ids stay when entries are added.
    for (index, header) in headers.iter().enumerate().rev() {
        let end = headers.get(index + 1).and_then(|next| next.get(0)).map_or(text.len(), |next| next.start());
        let raw = text[header.get(0)?.end()..end].trim();
        let local: DateTime = header.get(1)?.as_str().parse().ok()?;
        let created_ms = zone.to_ambiguous_zoned(local).compatible().ok()?.timestamp().as_millisecond();
        let name = header.get(2)?.as_str();
        let element = if visibility == Visibility::Public { "comments" } else { "work_notes" };
        let digest =
            &hex(&Sha256::digest(format!("{element}\n{created_ms}\n{}", raw.replace("\r\n", "\n"))))[..24];
        let occurrence = times_seen.entry(digest.to_owned()).or_default();
        *occurrence += 1;
        let by_us = name == us.identity.us.name;
        let body = from_journal(raw).text;
        let author = match by_us {
            true => us.identity.us.clone(),
            false => Person {
                id: PersonId(format!("{NAME_PREFIX}{name}")),
                name: name.to_owned(),
                email: None,
                active: true,
            },
        };
        comments.push(Comment {
            id: CommentId(format!("shown:{digest}:{occurrence}")),
            author,
            by_us,
            created_ms,
            updated_ms: created_ms,
            visibility,
            copy_of: by_us.then(|| ref_in_first_line(&body).map(str::to_owned)).flatten(),
            body,
        });
    }
    Some(comments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servicenow::bench::us;
    use proptest::prelude::*;

    const SHOWN: &str = "2026-05-04 11:59:03 - Jane Doe (Additional comments)\nIs there news?\n\nStill waiting.\n\n\
                         2026-05-04 10:12:44 - Lockstep (Additional comments)\nMia (Jira) [ls:aaaaaaaaaa]\n\nhello\n\n\
                         2026-05-04 10:12:44 - Lockstep (Additional comments)\nMia (Jira) [ls:aaaaaaaaaa]\n\nhello\n\n";

    fn read(zone: &str, text: &str) -> Option<Vec<Comment>> {
        parse(&us(), &TimeZone::get(zone).unwrap(), text, Visibility::Public)
    }

    #[test]
    fn entries_are_taken_apart_oldest_first() {
        let comments = read("Europe/Berlin", SHOWN).unwrap();
        let bodies: Vec<&str> = comments.iter().map(|comment| comment.body.as_str()).collect();
        assert_eq!(bodies[2], "Is there news?\n\nStill waiting.");
        assert_eq!(comments[2].created_ms, stamps_ms("2026-05-04 09:59:03"));
        assert_eq!(comments[0].copy_of.as_deref(), Some("aaaaaaaaaa"));
        assert!(comments[0].by_us && !comments[2].by_us);
        assert_ne!(comments[0].id, comments[1].id, "twins are counted");
        assert_eq!(read("Europe/Berlin", ""), Some(vec![]));
        for odd in ["Is there news?", "04.05.2026 11:59:03 - Jane Doe (Kommentare)\nx"] {
            assert_eq!(read("Europe/Berlin", odd), None, "{odd}");
        }
    }

    #[test]
    fn ids_outlive_new_entries_and_another_zone() {
        let ids = |zone: &str, text: &str| -> Vec<CommentId> {
            read(zone, text).unwrap().into_iter().map(|comment| comment.id).collect()
        };
        let more = format!("2026-05-05 08:00:00 - Jane Doe (Additional comments)\nhello\n\n{SHOWN}");
        assert_eq!(ids("Europe/Berlin", &more)[..3], ids("Europe/Berlin", SHOWN));
        let moved = SHOWN.replace(" 11:", " 09:").replace(" 10:", " 08:");
        assert_eq!(ids("UTC", &moved), ids("Europe/Berlin", SHOWN));
    }

    fn stamps_ms(text: &str) -> i64 {
        super::super::stamps::read(text).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "(2026-05-04 11:59:03 - |[a-z (\\)\n]){0,12}") {
            let _ = read("UTC", &text);
        }
    }
}
