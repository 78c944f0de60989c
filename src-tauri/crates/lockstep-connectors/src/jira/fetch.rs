//! Direct reads: `POST /issue/bulkfetch` in hundreds, comments and files of tickets, look-ups by key (sheet
//! §3.1, §3.5, §3.6). What bulkfetch leaves out is asked for once more by itself; deleted and hidden look the
//! same.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use lockstep_core::connector::{ConnectorError, ErrorKind, Fetched, Scope, Want};
use lockstep_core::ids::{FieldId, TicketId};
use lockstep_core::ticket::{Attachment, Comment, Ticket};
use serde::Serialize;

use super::kept::Block;
use super::rows::{self, ATTACHMENT, COMMENT, DESCRIPTION, wanted};
use super::session::{API, issue, parse, post_read};
use super::wire::{AttachmentRow, BulkFetched, IssueRow};
use super::{Jira, marker};
use crate::http::{Answer, Call};

/// Ids a bulk fetch takes (§3.1).
pub const BATCH: usize = 100;
/// Reads of one ticket each at once; the limiter may let fewer through.
pub const LANES: usize = 4;
const WHAT: &str = "read tickets";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    issue_ids_or_keys: Vec<&'a str>,
    fields: &'a [String],
    properties: [&'static str; 1],
}

/// A ticket and the comments that came along with its row.
type Read = (Ticket, Option<Block>);

impl Jira {
    /// A bulk fetch of at most [`BATCH`] ids.
    pub(super) async fn bulk_fetch(
        &self,
        ids: &[&TicketId],
        fields: &[String],
    ) -> Result<Answer, ConnectorError> {
        let body = Body {
            issue_ids_or_keys: ids.iter().map(|id| id.as_str()).collect(),
            fields,
            properties: [marker::PROPERTY],
        };
        self.read(post_read(format!("{API}/issue/bulkfetch"), WHAT, &body), WHAT).await
    }

    /// One issue straight from the database; `None` when it is gone or hidden.
    pub(super) async fn single(
        &self,
        ticket: &TicketId,
        fields: &[String],
    ) -> Result<Option<Answer>, ConnectorError> {
        let what = "read a ticket";
        let call = Call::get(issue(ticket, ""), what)
            .query("fields", &fields.join(","))
            .query("properties", marker::PROPERTY);
        match self.read(call, what).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One entry per id, in the order asked.
    pub(super) async fn direct(
        &self,
        scope: &Scope,
        ids: &[TicketId],
        fields: &[FieldId],
        want: Want,
    ) -> Result<Vec<Fetched>, ConnectorError> {
        let us = self.identity().await?;
        let shapes = self.shapes_for(fields).await?;
        let reader = self.reader(&shapes, us, fields);
        let mut more = Vec::new();
        if want.attachments {
            more.push(ATTACHMENT);
        }
        if want.comments {
            more.push(COMMENT);
        }
        if scope.request_type.is_some() {
            more.push(DESCRIPTION);
        }
        let names = wanted(fields, &more);
        let take = |row: &IssueRow<'_>| -> Result<Read, ConnectorError> {
            Ok((reader.ticket(row)?, rows::comment_block(row)))
        };
        let mut found: BTreeMap<TicketId, Read> = BTreeMap::new();
        for batch in ids.chunks(BATCH) {
            let answer = self.bulk_fetch(&batch.iter().collect::<Vec<_>>(), &names).await?;
            let page: BulkFetched<'_> = parse(&answer, WHAT)?;
            for row in &page.issues {
                let read = take(row)?;
                found.insert(read.0.id.clone(), read);
            }
        }
        for id in ids {
            if !found.contains_key(id)
                && let Some(answer) = self.single(id, &names).await?
            {
                found.insert(id.clone(), take(&parse(&answer, WHAT)?)?);
            }
        }
        if want.comments {
            self.fill_comments(scope, found.values_mut().map(|(ticket, block)| (ticket, *block))).await?;
        }
        let entry = |id: &TicketId| match found.get(id) {
            Some((ticket, _)) => Fetched::Found(Box::new(ticket.clone())),
            None => Fetched::NotVisible(id.clone()),
        };
        Ok(ids.iter().map(entry).collect())
    }

    /// Reads the lists that tickets still lack.
    pub(super) async fn fill(
        &self,
        scope: &Scope,
        tickets: &mut [&mut Ticket],
        want: Want,
    ) -> Result<(), ConnectorError> {
        if want.attachments {
            let lacking: Vec<TicketId> =
                tickets.iter().filter(|t| t.attachments.is_none()).map(|t| t.id.clone()).collect();
            let read: Vec<(TicketId, Option<Vec<Attachment>>)> = stream::iter(lacking)
                .map(|id| async move { Ok((id.clone(), visible(self.files(&id).await)?)) })
                .buffer_unordered(LANES)
                .try_collect()
                .await?;
            let mut read: BTreeMap<TicketId, Option<Vec<Attachment>>> = read.into_iter().collect();
            for ticket in tickets.iter_mut().filter(|ticket| ticket.attachments.is_none()) {
                ticket.attachments = read.remove(&ticket.id).flatten();
            }
        }
        if want.comments {
            self.fill_comments(scope, tickets.iter_mut().map(|ticket| (&mut **ticket, None))).await?;
        }
        Ok(())
    }

    /// Reads comments where there may be any; a ticket that went out of sight keeps `None`.
    async fn fill_comments<'a>(
        &self,
        scope: &Scope,
        tickets: impl Iterator<Item = (&'a mut Ticket, Option<Block>)>,
    ) -> Result<(), ConnectorError> {
        let kept = &self.session.comments;
        let now_ms = || self.client.ports().clock.monotonic_ms();
        let mut lacking: Vec<(&mut Ticket, Option<Block>)> = Vec::new();
        for (ticket, block) in tickets {
            if block.is_some_and(|block| block.total == 0) {
                ticket.comments = Some(Vec::new());
            } else if ticket.comments.is_none() {
                ticket.comments = kept.get(&ticket.id, block, now_ms());
                if ticket.comments.is_none() {
                    lacking.push((ticket, block));
                }
            }
        }
        let ids: Vec<TicketId> = lacking.iter().map(|(ticket, _)| ticket.id.clone()).collect();
        let read: Vec<Option<Vec<Comment>>> = stream::iter(ids)
            .map(|id| async move { visible(self.all_comments(scope, &id).await) })
            .buffered(LANES)
            .try_collect()
            .await?;
        for ((ticket, block), comments) in lacking.into_iter().zip(read) {
            if let Some(comments) = &comments {
                kept.keep(&ticket.id, block, comments, now_ms());
            }
            ticket.comments = comments;
        }
        Ok(())
    }

    /// All files of one ticket by a direct read.
    pub(super) async fn files(&self, ticket: &TicketId) -> Result<Vec<Attachment>, ConnectorError> {
        let us = self.identity().await?;
        let answer = self.single(ticket, &[ATTACHMENT.to_owned()]).await?.ok_or_else(|| gone(ticket))?;
        let row: IssueRow<'_> = parse(&answer, "list a ticket's files")?;
        let raw = row.fields.get(ATTACHMENT).ok_or_else(|| {
            ConnectorError::new(ErrorKind::Unexpected, format!("Jira did not list the files of {}", row.key))
        })?;
        let files: Vec<AttachmentRow> = serde_json::from_str(raw.get()).map_err(|_| {
            ConnectorError::new(
                ErrorKind::Unexpected,
                format!("Jira's list of the files of {} cannot be read", row.key),
            )
        })?;
        Ok(files.into_iter().map(|file| file.attachment(&us.us.id)).collect())
    }

    /// The id behind a key; old keys of moved tickets still lead to theirs (§3.6).
    pub(super) async fn id_of_key(&self, key: &str) -> Result<Option<TicketId>, ConnectorError> {
        let key = key.trim();
        if key.is_empty() {
            return Ok(None);
        }
        // "Not found" is believed only from somebody who is signed in (§1).
        self.identity().await?;
        match self.single(&TicketId::from(key), &["created".to_owned()]).await? {
            None => Ok(None),
            Some(answer) => Ok(Some(TicketId(parse::<IssueRow<'_>>(&answer, "read a ticket")?.id.0))),
        }
    }
}

/// A ticket that cannot be seen has no list; any other error stands.
fn visible<T>(read: Result<T, ConnectorError>) -> Result<Option<T>, ConnectorError> {
    match read {
        Ok(list) => Ok(Some(list)),
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The ticket is deleted or hidden.
pub fn gone(ticket: &TicketId) -> ConnectorError {
    let text =
        format!("Jira shows no ticket with the id {ticket}: it was deleted, or this account may not see it");
    ConnectorError::new(ErrorKind::NotFound, text)
}

#[cfg(test)]
mod tests {
    use lockstep_core::connector::Connector;
    use serde_json::json;

    use super::*;
    use crate::jira::fixture::{Site, issue, no_issue, scope};

    #[tokio::test]
    async fn answers_come_in_the_order_asked_and_the_missing_are_asked_for_once_more() {
        let site = Site::signed_in()
            .answers(200, json!({ "issues": [issue("1"), issue("3")], "issueErrors": [] }))
            .answers(404, no_issue())
            .answers(200, issue("4"));
        let ids = ["3", "2", "1", "4"].map(TicketId::from);
        let read = site.jira.fetch(&scope(), &ids, &["summary".into()], Want::default()).await.unwrap();
        let seen: Vec<String> = read
            .iter()
            .map(|entry| match entry {
                Fetched::Found(ticket) => ticket.id.to_string(),
                Fetched::NotVisible(id) => format!("-{id}"),
                Fetched::Deleted(id) => format!("x{id}"),
            })
            .collect();
        assert_eq!(seen, ["3", "-2", "1", "4"]);
    }

    #[tokio::test]
    async fn no_comments_cost_no_call() {
        let mut none = issue("1");
        none["fields"]["comment"] = json!({ "comments": [], "total": 0 });
        none["fields"]["attachment"] = json!([]);
        let site = Site::signed_in().answers(200, json!({ "issues": [none] }));
        let want = Want { comments: true, attachments: true };
        let read = site.jira.fetch(&scope(), &["1".into()], &[], want).await.unwrap();
        let Fetched::Found(ticket) = &read[0] else { panic!("not found") };
        assert_eq!((&ticket.comments, &ticket.attachments), (&Some(vec![]), &Some(vec![])));
        assert_eq!(site.calls(), 3, "sign-in twice, one fetch");
    }

    #[tokio::test]
    async fn a_broken_read_is_no_missing_ticket() {
        let site = Site::signed_in().answers(200, json!({ "issues": [] })).answers(403, no_issue());
        let error = site.jira.fetch(&scope(), &["1".into()], &[], Want::default()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Forbidden);
    }

    #[tokio::test]
    async fn a_key_leads_to_its_id() {
        let site = Site::signed_in().answers(200, issue("7")).answers(404, no_issue());
        assert_eq!(site.jira.find_by_key(&scope(), " CSD-7 ").await, Ok(Some("7".into())));
        assert_eq!(site.jira.find_by_key(&scope(), "CSD-8").await, Ok(None));
        assert_eq!(site.jira.find_by_key(&scope(), " ").await, Ok(None));
    }
}
