//! Files (sheet §8): streamed both ways. Uploads are one multipart body of known length; downloads ask Jira
//! itself for the bytes (`redirect=false`), so that no sign-in ever follows a link to another host
//! (reliability.md T4, T5).

use http::Method;
use lockstep_core::connector::{ByteStream, ConnectorError, ErrorKind, UploadRequest, WriteFailure};
use lockstep_core::ids::AttachmentId;
use lockstep_core::ticket::Attachment;
use serde::Deserialize;

use super::Jira;
use super::session::{API, issue, not_sent, parse, write};
use super::wire::AttachmentRow;
use crate::http::{Call, Expect, base_name, file_part};

/// Shortest time an upload may take, and the slowest line it allows for.
const UPLOAD_MS_MIN: u64 = 60_000;
const UPLOAD_BYTES_PER_MS_MIN: u64 = 64;
/// Below the settle time, so that a late upload cannot outlive its look-up (H48).
const UPLOAD_MS_MAX: u64 = 540_000;
/// Longest time for a download, milliseconds, and the largest file read at all, bytes: the mapping's own limit is
/// lower, and what streams takes no memory.
const DOWNLOAD_MS_MAX: u64 = 900_000;
const FILE_BYTES_MAX: usize = 4 << 30;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    enabled: bool,
    #[serde(default)]
    upload_limit: Option<u64>,
}

impl Jira {
    /// Stores a file on the ticket itself, which is no part of any public comment. Whether a portal shows it
    /// all the same is not documented (§8); `README.md` says so to whoever turns on internal files in a
    /// service project.
    pub(super) async fn store_file(&self, request: UploadRequest) -> Result<Attachment, WriteFailure> {
        let what = "store a file";
        let us = self.identity().await.map_err(not_sent)?.us.id.clone();
        let salt = format!("{}\n{}", request.ticket, self.client.ports().clock.monotonic_ms());
        let name = base_name(&request.name);
        let (kind, body, length) =
            file_part("file", &name, &request.mime, request.size_bytes, &salt, request.body);
        let time = (length / UPLOAD_BYTES_PER_MS_MIN).clamp(UPLOAD_MS_MIN, UPLOAD_MS_MAX);
        let call = write(Method::POST, issue(&request.ticket, "/attachments"), what)
            .stream(kind, body, length)
            .timeout_ms(time)
            .good(&[200])
            .expect(Expect::Json);
        let answer = self.write(call, what).await?;
        let rows: Vec<AttachmentRow> = parse(&answer, what).map_err(WriteFailure::Unknown)?;
        let row = rows.into_iter().next().ok_or_else(|| {
            WriteFailure::Unknown(ConnectorError::new(
                ErrorKind::Unexpected,
                "Jira did not name the file it stored",
            ))
        })?;
        Ok(row.attachment(&us))
    }

    /// A file's bytes from the account's own origin, whatever address a list names.
    pub(super) async fn file_bytes(&self, attachment: &AttachmentId) -> Result<ByteStream, ConnectorError> {
        self.identity().await?;
        let path = format!("{API}/attachment/content/{}", Call::segment(attachment.as_str()));
        let call = Call::get(path, "download a file")
            .query("redirect", "false")
            .expect(Expect::Anything)
            .timeout_ms(DOWNLOAD_MS_MAX)
            .answer_bytes_max(FILE_BYTES_MAX);
        self.client.download(call.header(http::header::ACCEPT, http::HeaderValue::from_static("*/*"))).await
    }

    /// The site's limit; 0 where files are switched off.
    pub(super) async fn file_limit(&self) -> Result<Option<u64>, ConnectorError> {
        let what = "name its limit for files";
        let meta: Meta = self.read_json(Call::get(format!("{API}/attachment/meta"), what), what).await?;
        Ok(if meta.enabled { meta.upload_limit } else { Some(0) })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::{TryStreamExt, stream};
    use lockstep_core::connector::Connector;
    use lockstep_core::ticket::Visibility;
    use serde_json::json;

    use super::*;
    use crate::jira::fixture::{Site, scope};

    fn upload(name: &str) -> UploadRequest {
        UploadRequest {
            scope: scope(),
            ticket: "7".into(),
            name: name.into(),
            mime: "text/plain".into(),
            size_bytes: 5,
            visibility: Visibility::Public,
            body: Box::pin(stream::iter([Ok(Bytes::from_static(b"hello"))])),
        }
    }

    #[tokio::test]
    async fn a_file_goes_up_in_one_call() {
        let stored = json!([{ "id": "9", "filename": "a.txt", "created": "2026-11-20T09:31:07.000+0000", "size": 5,
                              "mimeType": "text/plain", "author": { "accountId": "us" } }]);
        let site = Site::signed_in().answers(200, stored);
        let file = site.jira.upload(upload("../a.txt")).await.unwrap();
        assert_eq!((file.id.as_str(), file.size_bytes, file.by_us), ("9", 5, true));
        assert_eq!(site.targets()[2], "POST /rest/api/3/issue/7/attachments");
        assert_eq!(site.header(2, "x-atlassian-token").as_deref(), Some("no-check"));
    }

    #[tokio::test]
    async fn an_upload_is_sent_once() {
        let site = Site::signed_in().breaks();
        assert!(matches!(site.jira.upload(upload("a")).await, Err(WriteFailure::Unknown(_))));
        let site = Site::signed_in().answers(200, json!([]));
        assert!(matches!(site.jira.upload(upload("a")).await, Err(WriteFailure::Unknown(_))));
    }

    #[tokio::test]
    async fn downloads_stay_on_the_site() {
        let site = Site::signed_in().answers(200, json!("bytes"));
        let parts: Vec<Bytes> = site.jira.download(&"9".into()).await.unwrap().try_collect().await.unwrap();
        assert_eq!(parts.concat(), b"\"bytes\"");
        assert_eq!(site.targets()[2], "GET /rest/api/3/attachment/content/9?redirect=false");
    }

    #[tokio::test]
    async fn the_limit_is_the_site_s() {
        let site = Site::new()
            .answers(200, json!({ "enabled": true, "uploadLimit": 1000 }))
            .answers(200, json!({ "enabled": false, "uploadLimit": 1000 }));
        assert_eq!(site.jira.upload_bytes_max().await, Ok(Some(1000)));
        assert_eq!(site.jira.upload_bytes_max().await, Ok(Some(0)));
    }
}
