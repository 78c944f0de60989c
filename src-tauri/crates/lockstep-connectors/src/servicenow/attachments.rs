//! Files: listed for up to 40 records at once, streamed both ways (servicenow.md §6). A file hangs on the record, so
//! nobody who reads the record can be kept from it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use http::{HeaderValue, Method};
use lockstep_core::connector::{ByteStream, ConnectorError, ErrorKind, Scope, UploadRequest, WriteFailure};
use lockstep_core::ids::{AttachmentId, TicketId};
use lockstep_core::ticket::{Attachment, Person};

use super::fetch::{distinct, is_closed};
use super::query::{Literal, Operator, Query, is_sys_id};
use super::table::{IDS_MAX, Rows, not_as_asked};
use super::wire::{One, Row};
use super::write::stopped;
use super::{ServiceNow, Us, stamps};
use crate::http::{Call, Expect, base_name};

/// Files of one page.
const PAGE_ROWS: usize = 1000;
/// Pages for one group of records at most.
const PAGES_MAX: usize = 50;
/// Longest time for a file, milliseconds: 5 minutes, and one more for each 10 MiB.
const FILE_MS: u64 = 300_000;
/// Largest file read at all, bytes; the instance's own limit is 1 GiB by default.
const FILE_BYTES_MAX: usize = 4 << 30;

impl ServiceNow {
    /// The files of these tickets; one whose list is not whole is missing.
    pub(super) async fn attachments_of_all(
        &self,
        scope: &Scope,
        ids: &[TicketId],
    ) -> Result<BTreeMap<TicketId, Vec<Attachment>>, ConnectorError> {
        let mut read: BTreeMap<TicketId, Vec<Attachment>> = BTreeMap::new();
        let literals = distinct(ids);
        let mut groups: Vec<Vec<Literal>> = literals.chunks(IDS_MAX).map(<[Literal]>::to_vec).collect();
        if let Some(files) = self.few_files(scope, groups.len()).await? {
            read.extend(literals.iter().map(|id| (TicketId::from(id.as_str()), Vec::new())));
            for (record, file) in files {
                read.entry(record).and_modify(|files| files.push(file));
            }
            groups.clear();
        }
        while let Some(mut group) = groups.pop() {
            match self.files(scope, Some(&group), PAGES_MAX).await? {
                Some(files) => {
                    read.extend(group.iter().map(|id| (TicketId::from(id.as_str()), Vec::new())));
                    for (record, file) in files {
                        read.entry(record).or_default().push(file);
                    }
                }
                None if group.len() > 1 => {
                    let rest = group.split_off(group.len() / 2);
                    groups.extend([rest, group]);
                }
                None => {}
            }
        }
        Ok(read)
    }

    /// One ticket's files, whole or an error.
    pub(super) async fn attachments_of(
        &self,
        scope: &Scope,
        ticket: &TicketId,
    ) -> Result<Vec<Attachment>, ConnectorError> {
        let files = self.files(scope, Some(&[Literal::sys_id(ticket.as_str())?]), PAGES_MAX).await?;
        let files = files.ok_or_else(|| {
            ConnectorError::new(
                ErrorKind::Forbidden,
                "ServiceNow does not show the whole list of files of a record",
            )
            .remedy("An administrator must let Lockstep's role read sys_attachment")
        })?;
        Ok(files.into_iter().map(|(_, file)| file).collect())
    }

    /// All files of the table, where reading them takes fewer calls than asking `groups` times; `None` elsewhere.
    async fn few_files(
        &self,
        scope: &Scope,
        groups: usize,
    ) -> Result<Option<Vec<(TicketId, Attachment)>>, ConnectorError> {
        if groups < 2 || self.files_large.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let files = self.files(scope, None, groups / 2).await?;
        self.files_large.store(files.is_none(), Ordering::Relaxed);
        Ok(files)
    }

    /// All files of a group of records, or of the table; `None` when some are hidden, or there are too many.
    async fn files(
        &self,
        scope: &Scope,
        ids: Option<&[Literal]>,
        pages_max: usize,
    ) -> Result<Option<Vec<(TicketId, Attachment)>>, ConnectorError> {
        let us = self.us().await?;
        let of = Query::new().and("table_name", Operator::Is, &Literal::name(&scope.ticket_type)?);
        let of = match ids {
            Some(ids) => of.among("table_sys_id", ids),
            None => of,
        };
        let query = of.order_by("sys_created_on").order_by("sys_id");
        let what = "list files";
        let mut files: Vec<(TicketId, String, Attachment)> = Vec::new();
        let mut whole = false;
        for page in 0..pages_max {
            let call = Call::get("/api/now/attachment", what)
                .query("sysparm_query", query.as_str())
                .query("sysparm_limit", &PAGE_ROWS.to_string())
                .query("sysparm_offset", &(page * PAGE_ROWS).to_string());
            let found = self.found(call).await?;
            let list = self.list(&found, what)?;
            if found.total.is_some_and(|total| total > pages_max * PAGE_ROWS) {
                return Ok(None);
            }
            for row in &list {
                let record = row.text("table_sys_id");
                let asked = match ids {
                    Some(ids) => ids.iter().any(|id| id.as_str() == record),
                    None => row.text("table_name") == scope.ticket_type,
                };
                if !asked {
                    return Err(not_as_asked("sys_attachment", "the records"));
                }
                let Some(file) = attachment(us, row) else { return Ok(None) };
                if !files.iter().any(|(_, _, known)| known.id == file.id) {
                    files.push((TicketId::from(record), row.text("sys_created_by").to_owned(), file));
                }
            }
            if found.total.map_or(list.len() < PAGE_ROWS, |total| total <= (page + 1) * PAGE_ROWS) {
                whole = found.total.is_none_or(|total| total <= files.len());
                break;
            }
        }
        if !whole {
            return Ok(None);
        }
        let names: Vec<&str> = files
            .iter()
            .map(|(_, name, _)| name.as_str())
            .filter(|name| !name.is_empty() && !us.is(name))
            .collect();
        let authors = if names.is_empty() { BTreeMap::new() } else { self.authors(&names).await? };
        let named = |(record, name, mut file): (TicketId, String, Attachment)| {
            if let Some(author) = authors.get(&name) {
                file.author = Some(author.clone());
            }
            (record, file)
        };
        Ok(Some(files.into_iter().map(named).collect()))
    }

    /// Records that somebody else put a file on at or after `from_ms`: adding one does not move the record (§6).
    ///
    /// Files whose list is closed to us are no error: the record's own reading says so.
    pub(super) async fn filed(&self, scope: &Scope, from_ms: i64) -> Result<Vec<TicketId>, ConnectorError> {
        let us = self.us().await?;
        let query = Query::new()
            .and("table_name", Operator::Is, &Literal::name(&scope.ticket_type)?)
            .and("sys_created_on", Operator::AtOrAfter, &Literal::stamp(from_ms))
            .order_by("sys_created_on")
            .order_by("sys_id");
        let what = "list new files";
        let mut records: Vec<TicketId> = Vec::new();
        for page in 0..PAGES_MAX {
            let call = Call::get("/api/now/attachment", what)
                .query("sysparm_query", query.as_str())
                .query("sysparm_limit", &PAGE_ROWS.to_string())
                .query("sysparm_offset", &(page * PAGE_ROWS).to_string());
            let found = match self.found(call).await {
                Err(error) if is_closed(&error) => return Ok(Vec::new()),
                found => found?,
            };
            let list = self.list(&found, what)?;
            for row in &list {
                if row.text("table_name") != scope.ticket_type {
                    return Err(not_as_asked("sys_attachment", "the table"));
                }
                let record = TicketId::from(row.text("table_sys_id"));
                if !us.is(row.text("sys_created_by")) && !records.contains(&record) {
                    records.push(record);
                }
            }
            if found.total.map_or(list.len() < PAGE_ROWS, |total| total <= (page + 1) * PAGE_ROWS) {
                break;
            }
        }
        Ok(records)
    }

    /// A file's bytes, from our own origin whatever `download_link` says.
    pub(super) async fn file(&self, attachment: &AttachmentId) -> Result<ByteStream, ConnectorError> {
        let id = Literal::sys_id(attachment.as_str())?;
        let call = Call::get(format!("/api/now/attachment/{}/file", id.as_str()), "read a file")
            .header(http::header::ACCEPT, HeaderValue::from_static("*/*"))
            .expect(Expect::Anything)
            .timeout_ms(FILE_MS * 3)
            .answer_bytes_max(FILE_BYTES_MAX);
        self.client.download(call).await
    }

    /// Stores a file, raw and as it arrives.
    pub(super) async fn store_file(&self, request: UploadRequest) -> Result<Attachment, WriteFailure> {
        let us = self.us().await.map_err(stopped)?;
        let id = Literal::sys_id(request.ticket.as_str()).map_err(stopped)?;
        let table = Literal::name(&request.scope.ticket_type).map_err(stopped)?;
        let kind = HeaderValue::from_str(&request.mime)
            .ok()
            .filter(|kind| kind.to_str().is_ok_and(|text| text.contains('/')))
            .unwrap_or_else(|| HeaderValue::from_static("application/octet-stream"));
        let call = Call::new(Method::POST, "/api/now/attachment/file", "store a file")
            .query("table_name", table.as_str())
            .query("table_sys_id", id.as_str())
            .query("file_name", &base_name(&request.name))
            .good(&[200, 201])
            .expect(Expect::Json)
            .timeout_ms(FILE_MS + request.size_bytes / (10 << 20) * 60_000)
            .stream(kind, request.body, request.size_bytes);
        let answer = self.client.send_write(call).await?;
        let one: One<'_> = self.client.parse("store a file", &answer.body).map_err(WriteFailure::Unknown)?;
        let file = attachment(us, &one.result).ok_or_else(|| {
            let error = ConnectorError::new(
                ErrorKind::Unexpected,
                "ServiceNow answered a stored file without its id",
            );
            WriteFailure::Unknown(error)
        })?;
        if file.size_bytes != request.size_bytes {
            tracing::warn!(
                sent = request.size_bytes,
                stored = file.size_bytes,
                "a stored file has another size"
            );
        }
        Ok(file)
    }

    /// `com.glide.attachment.max_size`, in MiB there; unknown where properties cannot be read.
    pub(super) async fn largest_file(&self) -> Result<Option<u64>, ConnectorError> {
        let ask = || async {
            let name = "com.glide.attachment.max_size";
            let query = Query::new().and("name", Operator::Is, &Literal::name(name)?);
            let what = "read the largest file allowed";
            let (table, columns) = ("sys_properties", "name,value");
            let rows = Rows { table, query: &query, columns, limit: 2, offset: 0, counted: false, what };
            let found = match self.rows(&rows).await {
                Ok(found) => found,
                Err(error) if is_closed(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
            let list = self.list(&found, what)?;
            let [row] = list.as_slice() else { return Ok(None) };
            let mebibytes = row.text("value").trim().parse::<u64>().ok().filter(|_| row.text("name") == name);
            Ok(mebibytes.filter(|size| *size > 0).map(|size| size << 20))
        };
        self.upload_bytes_max.get_or_try_init(ask).await.copied()
    }
}

/// A row as a file; `None` when what identifies it is hidden.
fn attachment(us: &Us, row: &Row<'_>) -> Option<Attachment> {
    let id = row.get("sys_id").filter(|id| is_sys_id(id))?;
    let user_name = row.text("sys_created_by");
    let by_us = us.is(user_name);
    let author = us.person_id(user_name).map(|id| match by_us {
        true => us.identity.us.clone(),
        false => Person { id, name: user_name.to_owned(), email: None, active: true },
    });
    let mime = row.get("content_type").filter(|mime| !mime.is_empty()).unwrap_or("application/octet-stream");
    let hash = row.get("hash").filter(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    Some(Attachment {
        id: AttachmentId::from(id),
        name: base_name(row.get("file_name")?),
        mime: mime.to_owned(),
        size_bytes: row.text("size_bytes").parse().ok()?,
        author,
        by_us,
        created_ms: row.get("sys_created_on").and_then(stamps::read).unwrap_or_default(),
        sha256: hash.map(str::to_ascii_lowercase),
    })
}
