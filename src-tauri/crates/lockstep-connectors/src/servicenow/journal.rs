//! Comments and work notes, read from `sys_journal_field` for up to 40 records at once (servicenow.md §5.1).
//!
//! A list that an ACL thins out is unknown, not short (hazards.md H18): fewer rows than the instance counts leave the
//! records' comments unread.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use futures_util::{StreamExt, stream};
use lockstep_core::connector::{ConnectorError, ErrorKind, Scope};
use lockstep_core::ids::{CommentId, TicketId};
use lockstep_core::marker::ref_in_first_line;
use lockstep_core::omission::{Omission, left_out};
use lockstep_core::text::journal::from_journal;
use lockstep_core::ticket::{Comment, Person, Visibility};

use super::fetch::{distinct, is_closed};
use super::query::{Literal, Query};
use super::table::{IDS_MAX, Rows, not_as_asked};
use super::wire::Row;
use super::{ServiceNow, Us, stamps};

/// Entries of one page.
const PAGE_ROWS: usize = 500;
/// Pages for one group of records at most.
const PAGES_MAX: usize = 400;
/// Columns of an entry.
const COLUMNS: &str = "sys_id,element_id,element,value,sys_created_on,sys_created_by";

/// One entry before its author is known.
struct Entry {
    record: TicketId,
    user_name: String,
    comment: Comment,
}

/// What reading a journal came to.
enum Journal {
    Whole(Vec<Entry>),
    /// Some entries are hidden, or there are too many.
    Thinned,
    /// The table itself cannot be read.
    Closed,
}

impl ServiceNow {
    /// The comments of these tickets; one whose list is not whole is missing.
    pub(super) async fn comments_of_all(
        &self,
        scope: &Scope,
        ids: &[TicketId],
    ) -> Result<BTreeMap<TicketId, Vec<Comment>>, ConnectorError> {
        let us = self.us().await?;
        let literals = distinct(ids);
        let mut read: BTreeMap<TicketId, Vec<Comment>> = BTreeMap::new();
        let mut keep = |group: &[Literal], entries: Vec<(TicketId, Comment)>| {
            read.extend(group.iter().map(|id| (TicketId::from(id.as_str()), Vec::new())));
            for (record, comment) in entries {
                if let Some(list) = read.get_mut(&record) {
                    list.push(comment);
                }
            }
        };
        let mut groups: Vec<Vec<Literal>> = literals.chunks(IDS_MAX).rev().map(<[Literal]>::to_vec).collect();
        if let Some(entries) = self.small_journal(us, groups.len()).await? {
            keep(&literals, self.with_authors(us, entries).await?);
            groups.clear();
        }
        let mut closed: Vec<Literal> = Vec::new();
        let mut answers = stream::iter(std::mem::take(&mut groups))
            .map(|group| async move { (self.journal(us, Some(&group), PAGES_MAX).await, group) })
            .buffered(self.capabilities.concurrency_max);
        let mut first = Vec::new();
        while let Some((answer, group)) = answers.next().await {
            first.push((answer?, group));
        }
        drop(answers);
        first.reverse();
        loop {
            let (journal, mut group) = match (first.pop(), groups.pop()) {
                (Some(answered), _) => answered,
                (None, Some(group)) => (self.journal(us, Some(&group), PAGES_MAX).await?, group),
                (None, None) => break,
            };
            match journal {
                Journal::Whole(entries) => keep(&group, self.with_authors(us, entries).await?),
                // Halved until the records with hidden entries stand alone.
                Journal::Thinned if group.len() > 1 => {
                    let rest = group.split_off(group.len() / 2);
                    groups.extend([rest, group]);
                }
                Journal::Thinned => {}
                Journal::Closed => {
                    closed.extend(group);
                }
            }
        }
        if !closed.is_empty() {
            read.extend(self.degraded_comments(us, scope, &closed).await?);
        }
        Ok(read)
    }

    /// One ticket's comments, whole or an error.
    pub(super) async fn comments_of(
        &self,
        scope: &Scope,
        ticket: &TicketId,
    ) -> Result<Vec<Comment>, ConnectorError> {
        let us = self.us().await?;
        let id = Literal::sys_id(ticket.as_str())?;
        let comments = match self.journal(us, Some(std::slice::from_ref(&id)), PAGES_MAX).await? {
            Journal::Whole(entries) => {
                Some(self.with_authors(us, entries).await?.into_iter().map(|(_, comment)| comment).collect())
            }
            Journal::Thinned => None,
            Journal::Closed => self.degraded_comments(us, scope, &[id]).await?.remove(ticket),
        };
        comments.ok_or_else(|| {
            ConnectorError::new(
                ErrorKind::Forbidden,
                "ServiceNow does not show the whole list of comments of a record",
            )
            .remedy(
                "An administrator must let Lockstep's role read sys_journal_field (comments and work notes)",
            )
        })
    }

    /// The instance's whole journal, where reading it takes fewer calls than asking `groups` times; `None` elsewhere. No
    /// condition by table or time: how an entry names its table is not documented, and an imported one may be older than
    /// its record.
    async fn small_journal(&self, us: &Us, groups: usize) -> Result<Option<Vec<Entry>>, ConnectorError> {
        let pages_max = groups / 2;
        if pages_max == 0 || self.journal_large.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match self.journal(us, None, pages_max).await? {
            Journal::Whole(entries) => Ok(Some(entries)),
            Journal::Thinned | Journal::Closed => {
                self.journal_large.store(true, Ordering::Relaxed);
                Ok(None)
            }
        }
    }

    /// All entries of a group of records, or of the instance, oldest first.
    async fn journal(
        &self,
        us: &Us,
        ids: Option<&[Literal]>,
        pages_max: usize,
    ) -> Result<Journal, ConnectorError> {
        let of = match ids {
            Some(ids) => Query::new().among("element_id", ids),
            None => Query::new(),
        };
        let query =
            of.one_of("element", &["comments", "work_notes"]).order_by("sys_created_on").order_by("sys_id");
        let what = "read comments";
        let mut entries: BTreeMap<(i64, String), Entry> = BTreeMap::new();
        for page in 0..pages_max {
            let rows = Rows {
                table: "sys_journal_field",
                query: &query,
                columns: COLUMNS,
                limit: PAGE_ROWS,
                offset: page * PAGE_ROWS,
                counted: true,
                what,
            };
            let found = match self.rows(&rows).await {
                Ok(found) => found,
                // A table that was open in this session is not closed by one refusal: nothing is known of these records now.
                Err(error) if is_closed(&error) => {
                    let open = self.journal_open.load(Ordering::Relaxed);
                    return Ok(if open { Journal::Thinned } else { Journal::Closed });
                }
                Err(error) => return Err(error),
            };
            let list = self.list(&found, what)?;
            for row in &list {
                let Some(entry) = entry(us, row) else { return Ok(Journal::Thinned) };
                if ids.is_some_and(|ids| !ids.iter().any(|id| id.as_str() == entry.record.as_str())) {
                    return Err(not_as_asked("sys_journal_field", "the records"));
                }
                self.journal_open.store(true, Ordering::Relaxed);
                entries.insert((entry.comment.created_ms, entry.comment.id.0.clone()), entry);
            }
            if found.total.is_some_and(|total| total > pages_max * PAGE_ROWS) {
                return Ok(Journal::Thinned);
            }
            let seen_to = (page + 1) * PAGE_ROWS;
            let end = found.total.map_or(list.len() < PAGE_ROWS, |total| total <= seen_to);
            if end {
                let hidden = found.total.is_some_and(|total| total > entries.len());
                return Ok(match (hidden, entries.is_empty()) {
                    // Nothing at all: perhaps the whole table is closed to us, which an ACL shows as an empty list.
                    (_, true) if !self.is_journal_open().await? => Journal::Closed,
                    (false, _) => Journal::Whole(entries.into_values().collect()),
                    (true, _) => Journal::Thinned,
                });
            }
        }
        Ok(Journal::Thinned)
    }

    /// Whether any entry at all can be seen; asked until one was.
    async fn is_journal_open(&self) -> Result<bool, ConnectorError> {
        if self.journal_open.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let query = Query::new().one_of("element", &["comments", "work_notes"]);
        let what = "see whether comments can be read";
        let (table, columns) = ("sys_journal_field", "sys_id");
        let rows = Rows { table, query: &query, columns, limit: PAGE_ROWS, offset: 0, counted: false, what };
        let found = self.rows(&rows).await?;
        let open = !self.list(&found, what)?.is_empty();
        self.journal_open.fetch_or(open, Ordering::Relaxed);
        Ok(open)
    }

    async fn with_authors(
        &self,
        us: &Us,
        entries: Vec<Entry>,
    ) -> Result<Vec<(TicketId, Comment)>, ConnectorError> {
        let mut names: Vec<&str> = entries
            .iter()
            .filter(|entry| !entry.comment.by_us)
            .map(|entry| entry.user_name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        let authors = if names.is_empty() { BTreeMap::new() } else { self.authors(&names).await? };
        let named = |mut entry: Entry| {
            if entry.comment.by_us {
                entry.comment.author = us.identity.us.clone();
            } else if let Some(author) = authors.get(&entry.user_name) {
                entry.comment.author = author.clone();
            }
            (entry.record, entry.comment)
        };
        Ok(entries.into_iter().map(named).collect())
    }
}

/// A row as an entry; `None` when a column is hidden.
fn entry(us: &Us, row: &Row<'_>) -> Option<Entry> {
    let created_ms = stamps::read(row.get("sys_created_on")?)?;
    let user_name = row.get("sys_created_by")?;
    let visibility = match row.get("element")? {
        "comments" => Visibility::Public,
        "work_notes" => Visibility::Internal,
        _ => return None,
    };
    let body = from_journal(row.get("value")?).text;
    let by_us = us.is(user_name);
    let counts = by_us || left_out(Omission::RefOfAnybody);
    let copy_of = counts.then(|| ref_in_first_line(&body).map(str::to_owned)).flatten();
    Some(Entry {
        record: TicketId::from(row.get("element_id")?),
        user_name: user_name.to_owned(),
        comment: Comment {
            id: CommentId::from(row.get("sys_id")?),
            author: Person {
                id: us.person_id(user_name)?,
                name: user_name.to_owned(),
                email: None,
                active: true,
            },
            by_us,
            created_ms,
            updated_ms: created_ms,
            visibility,
            body,
            copy_of,
        },
    })
}
