//! Rich text at Jira's edge: ADF in answers ⇄ canonical Markdown (sheet §6). The conversion itself is core's.

use lockstep_core::text::{adf, plain};
use lockstep_core::ticket::Value;
use serde_json::value::RawValue;

/// Reads a document; `None` when it is none (or nested too deeply to be one): then the value is unknown
/// (H18).
pub fn markdown(raw: &RawValue) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(raw.get()).ok()?;
    if document.is_null() {
        return Some(String::new());
    }
    if document.get("type").and_then(serde_json::Value::as_str) != Some("doc") {
        return None;
    }
    Some(adf::from_adf(&document).text)
}

/// The document for canonical Markdown. A plain string in its place would be refused (§6).
pub fn document(markdown: &str) -> serde_json::Value {
    adf::to_adf(markdown, &adf::AdfOptions::default()).value
}

/// The document for plain text: nothing in it is markup.
pub fn document_of_text(text: &str) -> serde_json::Value {
    document(&plain::from_plain(text))
}

/// Rich or plain text as a document; `None` for a value that is no text.
pub fn document_of(value: &Value) -> Option<serde_json::Value> {
    match value {
        Value::Rich(markdown) => Some(document(markdown)),
        Value::Text(text) => Some(document_of_text(text)),
        _ => None,
    }
}

/// Canonical Markdown as plain text, for the service management API, which takes strings (§9.2).
pub fn text_of_markdown(markdown: &str) -> String {
    plain::to_plain(markdown).text
}

/// What in a stored text would be lost if it were replaced whole: leaving a media node out makes Jira delete
/// the file (§6.1, hazards.md H27). Empty for an empty field; a text that is no document at all counts as
/// such a thing.
pub fn unreproducible(raw: &RawValue) -> Vec<&'static str> {
    match serde_json::from_str::<serde_json::Value>(raw.get()) {
        Ok(serde_json::Value::Null) => Vec::new(),
        Ok(document) => adf::unreproducible(&document),
        Err(_) => vec!["something too deep to read"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn a_document_is_read_and_anything_else_is_unknown() {
        let text = r#"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"hi"}]}]}"#;
        assert_eq!(markdown(&raw(text)).as_deref(), Some("hi"));
        assert_eq!(markdown(&raw("null")).as_deref(), Some(""));
        assert_eq!(markdown(&raw("\"hi\"")), None);
        assert_eq!(markdown(&raw("{}")), None);
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["plain", "**bold** and `code`", "- a\n- b", "line one\n\nline two"] {
            let document = raw(&document(text).to_string());
            assert_eq!(Value::rich(&markdown(&document).unwrap()), Value::rich(text), "{text}");
        }
    }

    #[test]
    fn plain_text_is_no_markup() {
        let document = raw(&document_of_text("2 * 3 * 4 _a_\nnext").to_string());
        assert_eq!(text_of_markdown(&markdown(&document).unwrap()), "2 * 3 * 4 _a_\nnext");
    }

    #[test]
    fn media_must_stay() {
        let text = r#"{"type":"doc","version":1,"content":[{"type":"mediaSingle","content":[{"type":"media","attrs":{"id":"x","type":"file","collection":""}}]}]}"#;
        assert!(!unreproducible(&raw(text)).is_empty());
        assert!(unreproducible(&raw("null")).is_empty());
    }
}
