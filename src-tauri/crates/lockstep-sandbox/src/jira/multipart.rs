//! Taking `multipart/form-data` apart. The whole body is at hand, so this is a search for the boundary.

use bytes::Bytes;

/// A file of an upload.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    pub field: String,
    pub file_name: String,
    pub content_type: Option<String>,
    pub content: Bytes,
}

/// The parts of a body; `None` if the body does not fit its content type.
pub fn parts(content_type: &str, body: &Bytes) -> Option<Vec<Part>> {
    let lower = content_type.to_ascii_lowercase();
    if !lower.starts_with("multipart/form-data") {
        return None;
    }
    let boundary = parameter(content_type, "boundary")?;
    let mark = format!("--{boundary}");
    let mut found = Vec::new();
    let mut at = find(body, mark.as_bytes(), 0)? + mark.len();
    loop {
        if body[at..].starts_with(b"--") {
            return Some(found);
        }
        let head_start = at + 2;
        let head_end = find(body, b"\r\n\r\n", at)?;
        let content_start = head_end + 4;
        let content_end = find(body, format!("\r\n{mark}").as_bytes(), content_start)?;
        let head = std::str::from_utf8(body.get(head_start.min(head_end)..head_end)?).ok()?;
        found.push(part(head, body.slice(content_start..content_end))?);
        at = content_end + 2 + mark.len();
    }
}

fn part(head: &str, content: Bytes) -> Option<Part> {
    let header = |name: &str| {
        head.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        field: parameter(&disposition, "name")?,
        file_name: encoded_name(&disposition)
            .or_else(|| parameter(&disposition, "filename"))
            .unwrap_or_default(),
        content_type: header("content-type"),
        content,
    })
}

/// `filename*=UTF-8''…`, as some clients write names beyond ASCII.
fn encoded_name(header: &str) -> Option<String> {
    let start = header.to_ascii_lowercase().find("filename*=utf-8''")? + "filename*=utf-8''".len();
    let value = header[start..].split(';').next()?.trim();
    Some(percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned())
}

fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|piece| {
        let (key, value) = piece.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        key.trim().eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let first = *wanted.first()?;
    let mut at = from;
    while let Some(offset) = body.get(at..)?.iter().position(|byte| *byte == first) {
        at += offset;
        if body[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_and_their_names() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\none\r\ntwo\r\n--B\r\n\
                    content-disposition: form-data; name=\"file\"; filename*=UTF-8''b%C3%A9.bin\r\n\r\n\r\n--B--\r\n";
        let found = parts("multipart/form-data; boundary=\"B\"", &Bytes::from(body)).expect("well formed");
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].file_name.as_str(), &found[0].content[..]), ("a.txt", &b"one\r\ntwo"[..]));
        assert_eq!(found[0].content_type.as_deref(), Some("text/plain"));
        assert_eq!((found[1].file_name.as_str(), found[1].content.len()), ("bé.bin", 0));
    }

    #[test]
    fn broken_bodies_are_none() {
        for (kind, body) in [
            ("application/json", "{}"),
            ("multipart/form-data", "--B--"),
            (
                "multipart/form-data; boundary=B",
                "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx",
            ),
            ("multipart/form-data; boundary=B", ""),
        ] {
            assert_eq!(parts(kind, &Bytes::from(body)), None, "{body}");
        }
    }
}
