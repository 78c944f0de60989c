//! The Attachment API: list, metadata, download, upload raw or as a form, deletion (sheet 6).

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Response, StatusCode};
use sha2::{Digest, Sha256};

use super::ServiceNow;
use super::records::Row;
use super::select::Stretch;
use super::users;
use super::value::{id_text, parse_id};
use super::wire::{Call, Outcome, Problem, json, no_content, pair};

/// `sysparm_limit` when none is given.
const LIMIT_DEFAULT: usize = 1_000;

/// A file on its way in.
struct Upload<'a> {
    table_name: String,
    table_sys_id: String,
    file_name: String,
    content_type: String,
    bytes: &'a [u8],
}

impl ServiceNow {
    /// `/attachment`, `/attachment/{sys_id}`, `/attachment/{sys_id}/file`, `/attachment/file`, `/attachment/upload`.
    pub(super) fn attachment_api(&mut self, call: &Call<'_>) -> Outcome {
        if call.caller.is_service && !self.switches.attachments_readable {
            return Err(Problem::forbidden());
        }
        match (&call.method, call.parts.get(1).copied(), call.parts.get(2).copied()) {
            (&Method::GET | &Method::HEAD, None, None) => self.list_attachments(call),
            (&Method::POST, Some("file"), None) => self.upload_raw(call),
            (&Method::POST, Some("upload"), None) => self.upload_form(call),
            (&Method::GET | &Method::HEAD, Some(id), None) => {
                let slot = self.attachment_slot(call, id)?;
                let mut out = b"{\"result\":".to_vec();
                self.write_attachment(&mut out, slot);
                out.push(b'}');
                Ok(json(StatusCode::OK, out))
            }
            (&Method::GET | &Method::HEAD, Some(id), Some("file")) => self.download(call, id),
            (&Method::DELETE, Some(id), None) => self.delete_attachment(call, id),
            (_, _, None | Some("file")) => {
                Err(Problem { status: 405, message: "Method not supported".to_owned(), detail: None })
            }
            _ => Err(Problem::no_resource()),
        }
    }

    fn list_attachments(&self, call: &Call<'_>) -> Outcome {
        let position = self.attachments();
        let filter = self.filter_of(call, position);
        let limit = call.params.number("sysparm_limit", LIMIT_DEFAULT);
        let offset = call.params.number("sysparm_offset", 0);
        let found = self.run(call, position, &filter, Stretch { offset, limit, count: true });
        let mut out = b"{\"result\":[".to_vec();
        for (_, slot) in &found.hits {
            if !self.parent_is_visible(call, *slot) {
                continue;
            }
            if out.last() == Some(&b'}') {
                out.push(b',');
            }
            self.write_attachment(&mut out, *slot);
        }
        out.extend_from_slice(b"]}");
        let mut response = json(StatusCode::OK, out);
        if let Some(total) = found.total {
            response.headers_mut().insert("x-total-count", HeaderValue::from(total));
        }
        Ok(response)
    }

    fn attachments(&self) -> usize {
        self.tables.position("sys_attachment").expect("a table of the platform")
    }

    fn attachment_slot(&self, call: &Call<'_>, id: &str) -> Result<u32, Problem> {
        let table = self.tables.table("sys_attachment");
        let slot = parse_id(id).and_then(|id| table.find(&id)).ok_or_else(Problem::no_record)?;
        if self.parent_is_visible(call, slot) { Ok(slot) } else { Err(Problem::no_record()) }
    }

    /// A file is as visible as the record it hangs on.
    fn parent_is_visible(&self, call: &Call<'_>, slot: u32) -> bool {
        let position = self.attachments();
        let parent = self.tables.position(&self.text(position, slot, "table_name"));
        let id = parse_id(&self.text(position, slot, "table_sys_id"));
        let (Some(parent), Some(id)) = (parent, id) else { return true };
        match self.tables.find(parent, &id) {
            Some((member, at)) => {
                self.tables.list[member].row(at).is_some_and(|row| self.is_visible(call, member, row))
            }
            None => true,
        }
    }

    fn write_attachment(&self, out: &mut Vec<u8>, slot: u32) {
        let table = self.tables.table("sys_attachment");
        let Some(row) = table.row(slot) else { return };
        out.push(b'{');
        for (at, column) in table.schema.columns.iter().enumerate() {
            pair(out, column.name, row.text(&table.schema, at as u16, &mut [0; 32]));
        }
        let link = format!("{}/api/now/attachment/{}/file", self.origin, id_text(&row.id));
        pair(out, "download_link", &link);
        out.push(b'}');
    }

    fn download(&self, call: &Call<'_>, id: &str) -> Outcome {
        let slot = self.attachment_slot(call, id)?;
        let position = self.attachments();
        if self.text(position, slot, "state") != "available" {
            return Err(Problem::new(403, "Operation Failed", "The file is being scanned for viruses"));
        }
        let row = self.tables.list[position].row(slot).ok_or_else(Problem::no_record)?;
        let bytes = self.files.get(&row.id).cloned().unwrap_or_default();
        let mut response = Response::new(bytes);
        let content_type = self.text(position, slot, "content_type");
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_str(&content_type)
                .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream")),
        );
        let mut metadata = Vec::new();
        self.write_attachment(&mut metadata, slot);
        // A header must stay ASCII; a client that reads JSON gets the same name back.
        let ascii = ascii_json(&String::from_utf8_lossy(&metadata));
        if let Ok(value) = HeaderValue::from_str(&ascii) {
            headers.insert("x-attachment-metadata", value);
        }
        Ok(response)
    }

    fn upload_raw(&mut self, call: &Call<'_>) -> Outcome {
        let content_type = call.content_type();
        if content_type.is_empty() {
            return Err(Problem::new(400, "Content-Type header is required", "Send the type of the file"));
        }
        if content_type == "multipart/form-data" {
            return Err(Problem::new(
                415,
                "Unsupported Media Type",
                "Send the file itself, or use /attachment/upload",
            ));
        }
        let param = |name: &str| call.params.get(name).unwrap_or_default().to_owned();
        let upload = Upload {
            table_name: param("table_name"),
            table_sys_id: param("table_sys_id"),
            file_name: param("file_name"),
            content_type,
            bytes: call.body,
        };
        self.store(call, &upload)
    }

    fn upload_form(&mut self, call: &Call<'_>) -> Outcome {
        let value = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let unreadable = || Problem::unreadable("The request is not a multipart form with one file.");
        let boundary = value
            .split(';')
            .find_map(|part| part.trim().strip_prefix("boundary="))
            .ok_or_else(unreadable)?
            .trim_matches('"');
        let mut upload = Upload {
            table_name: String::new(),
            table_sys_id: String::new(),
            file_name: String::new(),
            content_type: String::new(),
            bytes: &[],
        };
        for part in parts(call.body, boundary) {
            let text = || String::from_utf8_lossy(part.body).trim().to_owned();
            match (part.file_name, part.name.as_str()) {
                (Some(file_name), _) => {
                    upload.file_name = file_name;
                    upload.content_type = part.content_type;
                    upload.bytes = part.body;
                    // One file per call: what comes after it is not looked at.
                    break;
                }
                (None, "table_name") => upload.table_name = text(),
                (None, "table_sys_id") => upload.table_sys_id = text(),
                _ => {}
            }
        }
        if upload.file_name.is_empty() {
            return Err(unreadable());
        }
        self.store(call, &upload)
    }

    fn store(&mut self, call: &Call<'_>, upload: &Upload<'_>) -> Outcome {
        for (name, value) in [
            ("table_name", &upload.table_name),
            ("table_sys_id", &upload.table_sys_id),
            ("file_name", &upload.file_name),
        ] {
            if value.is_empty() {
                return Err(Problem::new(400, "Missing parameter", &format!("{name} is mandatory")));
            }
        }
        if upload.bytes.len() > self.switches.attachment_bytes_max {
            return Err(Problem::new(413, "File size exceeds the maximum", "com.glide.attachment.max_size"));
        }
        let parent = self
            .tables
            .position(&upload.table_name)
            .ok_or_else(|| Problem::new(404, "Invalid table", &upload.table_name))?;
        let (member, at) = self.visible_record(call, parent, &upload.table_sys_id)?;
        let slot = self.add_file(call.now_ms, &call.caller.name, upload);
        if self.switches.attachments_touch_parent {
            self.tables.at_mut(member).touch(at, call.now_ms, &call.caller.name);
        }
        let mut out = b"{\"result\":".to_vec();
        self.write_attachment(&mut out, slot);
        // Full names stand in the answer of an upload alone.
        out.pop();
        let name = self.full_name(call);
        pair(&mut out, "created_by_name", &name);
        pair(&mut out, "updated_by_name", &name);
        out.extend_from_slice(b"}}");
        let mut response = json(StatusCode::CREATED, out);
        let id =
            self.tables.table("sys_attachment").row(slot).map(|row| id_text(&row.id)).unwrap_or_default();
        if let Ok(value) = HeaderValue::from_str(&format!("{}/api/now/attachment/{id}", self.origin)) {
            response.headers_mut().insert(LOCATION, value);
        }
        Ok(response)
    }

    fn full_name(&self, call: &Call<'_>) -> String {
        let users = self.tables.table("sys_user");
        let column = users.schema.column("name").expect("a column of sys_user");
        let row = users.get(&call.caller.id);
        row.map(|row| row.text(&users.schema, column, &mut [0; 32]).to_owned()).unwrap_or_default()
    }

    fn add_file(&mut self, now_ms: i64, by: &std::sync::Arc<str>, upload: &Upload<'_>) -> u32 {
        let size = upload.bytes.len().to_string();
        let hash: String = Sha256::digest(upload.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let (width, height) = png_size(upload.bytes)
            .map_or((String::new(), String::new()), |(width, height)| {
                (width.to_string(), height.to_string())
            });
        let state = self.switches.attachment_state.clone();
        let values = [
            ("file_name", upload.file_name.as_str()),
            ("content_type", &upload.content_type),
            ("table_name", &upload.table_name),
            ("table_sys_id", &upload.table_sys_id),
            ("size_bytes", &size),
            ("size_compressed", &size),
            ("hash", &hash),
            ("state", &state),
            ("image_width", &width),
            ("image_height", &height),
        ];
        let id = users::add(&mut self.tables, &mut self.ids, "sys_attachment", now_ms, by, &values);
        let id = parse_id(&id).expect("made just now");
        self.files.insert(id, Bytes::copy_from_slice(upload.bytes));
        self.tables.table("sys_attachment").find(&id).expect("added just now")
    }

    /// Hangs a file on a record while seeding.
    #[expect(clippy::too_many_arguments, reason = "a file has that many facts")]
    pub(super) fn seed_file(
        &mut self,
        at_ms: i64,
        by: &std::sync::Arc<str>,
        table_name: &str,
        record: &str,
        file_name: &str,
        content_type: &str,
        bytes: &[u8],
    ) {
        let upload = Upload {
            table_name: table_name.to_owned(),
            table_sys_id: record.to_owned(),
            file_name: file_name.to_owned(),
            content_type: content_type.to_owned(),
            bytes,
        };
        self.add_file(at_ms, by, &upload);
    }

    fn delete_attachment(&mut self, call: &Call<'_>, id: &str) -> Outcome {
        let slot = self.attachment_slot(call, id)?;
        let position = self.attachments();
        let is_theirs =
            self.tables.list[position].row(slot).is_some_and(|row: &Row| row.created_by == call.caller.name);
        if !(is_theirs || call.caller.roles.itil_admin) {
            return Err(Problem::acl("Delete"));
        }
        if let Some(row) = self.tables.at_mut(position).remove(slot) {
            self.files.remove(&row.id);
        }
        Ok(no_content())
    }
}

/// One part of a multipart form.
struct Part<'a> {
    name: String,
    file_name: Option<String>,
    content_type: String,
    body: &'a [u8],
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<Part<'a>> {
    let fence = format!("--{boundary}").into_bytes();
    let mut found = Vec::new();
    let mut rest = body;
    while let Some(start) = find(rest, &fence) {
        rest = &rest[start + fence.len()..];
        let Some(head_end) = find(rest, b"\r\n\r\n") else { break };
        let Some(end) = find(&rest[head_end..], &fence) else { break };
        let head = String::from_utf8_lossy(&rest[..head_end]).into_owned();
        let content = &rest[head_end + 4..head_end + end];
        found.push(Part {
            name: attribute(&head, "name").unwrap_or_default(),
            file_name: attribute(&head, "filename"),
            content_type: head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-type:").map(|v| v.trim().to_owned())
                })
                .unwrap_or_else(|| "application/octet-stream".to_owned()),
            body: content.strip_suffix(b"\r\n").unwrap_or(content),
        });
        rest = &rest[head_end..];
    }
    found
}

fn attribute(head: &str, name: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    line.split(';').find_map(|part| {
        let value = part.trim().strip_prefix(name)?.strip_prefix('=')?;
        Some(value.trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Width and height of a PNG.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let head = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?.get(8..16)?;
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    Some((number(0), number(4)))
}

/// Escapes what is not ASCII, as JSON allows.
fn ascii_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{ascii_json, parts, png_size};

    #[test]
    fn a_form_is_taken_apart() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"table_name\"\r\n\r\nincident\r\n\
            --x\r\nContent-Disposition: form-data; name=\"uploadFile\"; filename=\"a.txt\"\r\n\
            Content-Type: text/plain\r\n\r\nline one\r\nline two\r\n--x--\r\n";
        let found = parts(body, "x");
        assert_eq!((found[0].name.as_str(), found[0].body), ("table_name", &b"incident"[..]));
        assert_eq!(found[1].file_name.as_deref(), Some("a.txt"));
        assert_eq!(found[1].content_type, "text/plain");
        assert_eq!(found[1].body, b"line one\r\nline two");
    }

    #[test]
    fn small_readers() {
        assert_eq!(png_size(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03"), Some((2, 3)));
        assert_eq!(png_size(b"GIF89a"), None);
        assert_eq!(ascii_json("Inês 🖨"), "In\\u00eas \\ud83d\\udda8");
    }
}
