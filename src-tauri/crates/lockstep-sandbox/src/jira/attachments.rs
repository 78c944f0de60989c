//! Files (sheet §8): uploaded with `X-Atlassian-Token: no-check`, read by a redirect to a media address or, with
//! `redirect=false`, straight away and in ranges.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, Reply};
use super::model::{Attachment, Issue};
use super::multipart::{self, Part};
use super::routes::{Call, no_such_path};
use super::{Jira, draw};

/// Most files in one request.
const FILES_MAX: usize = 60;
/// Most files of one ticket.
const FILES_OF_ISSUE_MAX: usize = 2_000;

impl Jira {
    /// `/attachment/…`.
    pub(super) fn attachment_routes(&mut self, call: &Call<'_>, rest: &[&str]) -> Reply {
        match (call.method.as_str(), rest) {
            ("GET", ["meta"]) => self.meta_routes(call, &["attachment", "meta"]),
            ("GET", ["content" | "thumbnail", id]) => self.content(call, id),
            ("GET", [id]) => {
                let file = self.file_of(call, id)?;
                let mut shown = self.shown_attachment(file, call.v2);
                shown["id"] = file.id.into();
                shown["self"] = self.shaper(call.v2).url(&format!("attachment/{}", file.id)).into();
                Ok(Answer::value(200, &shown))
            }
            ("DELETE", [id]) => self.delete_attachment(call, id),
            _ => Err(no_such_path()),
        }
    }

    fn file_of(&self, call: &Call<'_>, id: &str) -> Result<&Attachment, Refusal> {
        let file = id.parse().ok().and_then(|id: u64| self.files.get(&id));
        file.filter(|file| self.store.get(file.issue).is_some_and(|issue| self.sees(call.who, issue)))
            .ok_or_else(|| Refusal::new(404, format!("The attachment with id '{id}' does not exist")))
    }

    /// A file as it stands in a ticket.
    pub(super) fn shown_attachment(&self, file: &Attachment, v2: bool) -> Value {
        let shaper = self.shaper(v2);
        let mut shown = json!({
            "self": shaper.url(&format!("attachment/{}", file.id)),
            "id": file.id.to_string(),
            "filename": file.name,
            "author": shaper.user(&self.users[usize::from(file.author)]),
            "created": self.clock.stamp(file.created_ms),
            "size": file.content.len(),
            "mimeType": file.mime,
            "content": shaper.url(&format!("attachment/content/{}", file.id)),
        });
        if file.mime.starts_with("image/") {
            shown["thumbnail"] = shaper.url(&format!("attachment/thumbnail/{}", file.id)).into();
        }
        shown
    }

    /// Files of an upload, checked.
    pub(super) fn uploaded(&self, call: &Call<'_>) -> Result<Vec<Part>, Refusal> {
        let header =
            |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !matches!(header("x-atlassian-token"), "no-check" | "nocheck") {
            return Err(Refusal::new(403, "XSRF check failed"));
        }
        let parts = multipart::parts(header("content-type"), call.body);
        let mut parts =
            parts.ok_or_else(|| Refusal::new(415, "A body of the type multipart/form-data is wanted."))?;
        parts.retain(|part| part.field == "file");
        if parts.is_empty() {
            return Err(Refusal::new(400, "No part with the name 'file' was sent."));
        }
        if parts.len() > FILES_MAX {
            return Err(Refusal::new(413, "At most 60 files can be uploaded at once."));
        }
        if parts.iter().any(|part| part.content.len() as u64 > self.switches.upload_limit) {
            return Err(Refusal::new(413, "A file is larger than the site allows."));
        }
        Ok(parts)
    }

    /// `POST /issue/{id}/attachments`.
    pub(super) fn upload(&mut self, call: &Call<'_>, name: &str) -> Reply {
        let user = self.signed_in(call.who)?;
        let old = self.issue_of(call, name)?;
        self.demand(call.who, "CREATE_ATTACHMENTS", old.project)?;
        let parts = self.uploaded(call)?;
        if old.attachments.len() + parts.len() > FILES_OF_ISSUE_MAX {
            return Err(Refusal::new(413, "The ticket has as many attachments as it may have."));
        }
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut issue = (*old).clone();
        let mut shown = Vec::new();
        for part in parts {
            let file = self.new_file(part, old.id, user, call.now_ms);
            shown.push(self.shown_attachment(&file, call.v2));
            self.attach(&mut issue, file);
        }
        self.record(&old, &mut issue, user, call.now_ms, None);
        self.keep(issue, call.now_ms);
        Ok(Answer::value(200, &Value::Array(shown)))
    }

    /// A file with ids of its own.
    pub(super) fn new_file(&mut self, part: Part, issue: u64, author: u16, now_ms: i64) -> Attachment {
        let id = self.next_number();
        let mime = part.content_type.unwrap_or_else(|| mime_of(&part.file_name).to_owned());
        let name = if part.file_name.is_empty() { "file".to_owned() } else { part.file_name };
        let media_id = draw::uuid(self.seed, "media", &id.to_string());
        Attachment { id, issue, name, mime, author, created_ms: now_ms, media_id, content: part.content }
    }

    /// Puts a file on a ticket.
    pub(super) fn attach(&mut self, issue: &mut Issue, file: Attachment) {
        issue.attachments.push(file.id);
        self.files.insert(file.id, file);
    }

    fn content(&self, call: &Call<'_>, id: &str) -> Reply {
        let file = self.file_of(call, id)?;
        if call.query("redirect") != Some("false") {
            let at = format!("{}/media/{}?file={}/binary", self.origin, self.ticket_for(file), file.media_id);
            return Ok(Answer::empty(303).with("location", at));
        }
        let range = call.headers.get("range").and_then(|value| value.to_str().ok());
        Ok(ranged(file, range))
    }

    /// A short-lived looking address part that stands for the signature of the media service.
    fn ticket_for(&self, file: &Attachment) -> String {
        format!("{}-{}", file.id, draw::hex(self.seed, "download", &file.media_id, 16))
    }

    /// `GET /media/{ticket}`: what the redirect leads to; needs no sign-in.
    pub(super) fn media_download(&self, ticket: &str) -> Reply {
        let id = ticket.split('-').next().and_then(|id| id.parse::<u64>().ok());
        let file = id.and_then(|id| self.files.get(&id)).filter(|file| self.ticket_for(file) == ticket);
        file.map(|file| ranged(file, None)).ok_or_else(|| Refusal::new(404, "No such file."))
    }

    fn delete_attachment(&mut self, call: &Call<'_>, id: &str) -> Reply {
        let user = self.signed_in(call.who)?;
        let file = self.file_of(call, id)?;
        let (file_id, own) = (file.id, file.author == user);
        let old = self.store.get(file.issue).cloned().ok_or_else(Refusal::no_issue)?;
        let right = if own { "DELETE_OWN_ATTACHMENTS" } else { "DELETE_ALL_ATTACHMENTS" };
        self.demand(call.who, right, old.project)?;
        self.limits.write(old.id, call.now_ms, self.switches.per_issue_limit)?;
        let mut issue = (*old).clone();
        issue.attachments.retain(|at| *at != file_id);
        self.files.remove(&file_id);
        self.record(&old, &mut issue, user, call.now_ms, None);
        self.keep(issue, call.now_ms);
        Ok(Answer::empty(204))
    }
}

/// The bytes of a file, or the part that a `Range` header asks for.
fn ranged(file: &Attachment, range: Option<&str>) -> Answer {
    let size = file.content.len();
    let mut answer = Answer::empty(200);
    answer.content_type.clone_from(&file.mime);
    answer = answer
        .with(
            "content-disposition",
            format!("attachment; filename=\"{}\"", file.name.replace(['"', '\r', '\n'], "_")),
        )
        .with("accept-ranges", "bytes");
    match range.map(|range| parse_range(range, size)) {
        None | Some(Wanted::Whole) => answer.body = file.content.clone(),
        Some(Wanted::Part(first, last)) => {
            answer.status = 206;
            answer.body = file.content.slice(first..=last);
            answer = answer.with("content-range", format!("bytes {first}-{last}/{size}"));
        }
        Some(Wanted::Nothing) => {
            answer.status = 416;
            answer.body = Bytes::new();
            answer = answer.with("content-range", format!("bytes */{size}"));
        }
    }
    answer
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(usize, usize),
    Nothing,
}

fn parse_range(range: &str, size: usize) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Wanted::Whole;
    };
    let bounds = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) => (first, last.min(size.saturating_sub(1))),
        (Ok(first), Err(_)) if last.is_empty() => (first, size.saturating_sub(1)),
        (Err(_), Ok(last)) if first.is_empty() => (size.saturating_sub(last), size.saturating_sub(1)),
        _ => return Wanted::Whole,
    };
    if bounds.0 >= size || bounds.0 > bounds.1 { Wanted::Nothing } else { Wanted::Part(bounds.0, bounds.1) }
}

fn mime_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "txt" | "log" => "text/plain",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(parse_range("bytes=0-3", 10), Wanted::Part(0, 3));
        assert_eq!(parse_range("bytes=4-", 10), Wanted::Part(4, 9));
        assert_eq!(parse_range("bytes=-2", 10), Wanted::Part(8, 9));
        assert_eq!(parse_range("bytes=5-99", 10), Wanted::Part(5, 9));
        assert_eq!(parse_range("bytes=10-", 10), Wanted::Nothing);
        assert_eq!(parse_range("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(parse_range("items=1", 10), Wanted::Whole);
    }
}
