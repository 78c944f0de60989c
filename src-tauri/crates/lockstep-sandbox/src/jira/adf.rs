//! Rich text: which documents Jira accepts (sheet §6), and what is read out of them.
//!
//! Documents are kept as the raw text that came in. Validation parses once; nothing of the tree is kept.

use serde_json::Value;

/// Longest description, environment, text area or comment in characters (sheet §15).
pub const TEXT_CHARS_MAX: usize = 32_767;

/// The refusal of a plain string in a rich field (sheet §6).
pub const NOT_A_DOCUMENT: &str =
    "Operation value must be an Atlassian Document (see the Atlassian Document Format)";

/// The refusal of a text that is too long (sheet §15).
pub const TOO_LONG: &str = "The entered text is too long. It exceeds the allowed limit of 32,767 characters.";

/// Checks raw JSON as a document for a rich field. `Err` is Jira's message for the field.
pub fn check(raw: &str) -> Result<(), String> {
    let document: Value = serde_json::from_str(raw).map_err(|_| NOT_A_DOCUMENT.to_owned())?;
    if document.get("type") != Some(&Value::from("doc")) {
        return Err(NOT_A_DOCUMENT.to_owned());
    }
    if document.get("version").and_then(Value::as_i64) != Some(1) {
        return Err(invalid("doc", "version must be 1"));
    }
    let content =
        document.get("content").and_then(Value::as_array).ok_or_else(|| NOT_A_DOCUMENT.to_owned())?;
    for key in document.as_object().into_iter().flatten().map(|(key, _)| key) {
        if !matches!(key.as_str(), "type" | "version" | "content") {
            return Err(invalid("doc", &format!("unknown member {key}")));
        }
    }
    for child in content {
        node(child, "doc")?;
    }
    let mut text = String::new();
    collect_text(&document, &mut text);
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(TOO_LONG.to_owned());
    }
    Ok(())
}

fn invalid(node: &str, why: &str) -> String {
    format!("INVALID_INPUT: {node}: {why}")
}

const LISTS: &[&str] = &["bulletList", "orderedList", "taskList"];
const INLINE: &[&str] = &[
    "text",
    "hardBreak",
    "mention",
    "emoji",
    "date",
    "status",
    "inlineCard",
    "mediaInline",
    "inlineExtension",
];

/// Whether `child` may stand in `parent`.
fn allowed(parent: &str, child: &str) -> bool {
    let media = matches!(child, "mediaSingle" | "mediaGroup");
    let extension = matches!(child, "extension" | "bodiedExtension");
    let list = LISTS.contains(&child) || child == "decisionList";
    match parent {
        "doc" => {
            media
                || extension
                || list
                || matches!(child, "paragraph" | "heading" | "codeBlock" | "blockquote" | "panel" | "rule")
                || matches!(child, "table" | "expand" | "blockCard" | "embedCard" | "layoutSection")
        }
        "paragraph" | "heading" | "taskItem" | "decisionItem" => INLINE.contains(&child),
        "codeBlock" => child == "text",
        "bulletList" | "orderedList" => child == "listItem",
        "listItem" => {
            matches!(child, "paragraph" | "codeBlock" | "mediaSingle" | "extension") || LISTS.contains(&child)
        }
        "taskList" => matches!(child, "taskItem" | "taskList" | "blockTaskItem"),
        "decisionList" => child == "decisionItem",
        "blockquote" => {
            matches!(child, "paragraph" | "bulletList" | "orderedList" | "codeBlock" | "extension") || media
        }
        "panel" => {
            matches!(child, "paragraph" | "heading" | "codeBlock" | "rule" | "blockCard" | "extension")
                || list
                || media
        }
        "table" => child == "tableRow",
        "tableRow" => matches!(child, "tableHeader" | "tableCell"),
        "tableHeader" | "tableCell" | "expand" | "nestedExpand" | "layoutColumn" => {
            (parent.starts_with("table")
                || parent == "expand"
                || parent == "layoutColumn"
                || child != "nestedExpand")
                && (media
                    || extension
                    || list
                    || matches!(
                        child,
                        "paragraph" | "heading" | "codeBlock" | "blockquote" | "panel" | "rule"
                    )
                    || matches!(child, "nestedExpand" | "blockCard")
                    || (child == "table" && !parent.starts_with("table") && parent != "nestedExpand"))
        }
        "layoutSection" => child == "layoutColumn",
        "mediaSingle" => matches!(child, "media" | "caption"),
        "mediaGroup" => child == "media",
        "caption" => INLINE.contains(&child),
        _ => true,
    }
}

/// Nodes that need at least one child.
const NEEDS_CHILD: &[&str] = &[
    "blockquote",
    "bulletList",
    "orderedList",
    "listItem",
    "panel",
    "table",
    "tableRow",
    "tableHeader",
    "tableCell",
    "taskList",
    "expand",
    "nestedExpand",
    "mediaSingle",
    "mediaGroup",
];

/// Attributes that a node may have; `None` for nodes that are not looked into.
fn known_attributes(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "paragraph" | "listItem" | "bulletList" | "blockquote" | "rule" | "hardBreak" | "tableRow" => {
            &["localId", "text"]
        }
        "heading" => &["level", "localId"],
        "orderedList" => &["order", "localId"],
        "codeBlock" => &["language", "uniqueId", "wrap", "localId"],
        "panel" => &["panelType", "panelIcon", "panelIconId", "panelIconText", "panelColor", "localId"],
        "taskItem" | "decisionItem" => &["localId", "state"],
        "taskList" | "decisionList" => &["localId"],
        "table" => &["isNumberColumnEnabled", "layout", "width", "displayMode", "localId"],
        "tableHeader" | "tableCell" => &["colspan", "rowspan", "colwidth", "background", "localId", "valign"],
        "mention" => &["id", "text", "userType", "accessLevel", "localId"],
        "date" => &["timestamp", "localId"],
        "status" => &["text", "color", "localId", "style"],
        "emoji" => &["shortName", "id", "text", "localId"],
        _ => return None,
    })
}

fn node(value: &Value, parent: &str) -> Result<(), String> {
    let name =
        value.get("type").and_then(Value::as_str).ok_or_else(|| invalid(parent, "a node lacks its type"))?;
    if !allowed(parent, name) {
        return Err(invalid(parent, &format!("{name} may not stand here")));
    }
    let empty = Vec::new();
    let content = match value.get("content") {
        None => &empty,
        Some(Value::Array(content)) => content,
        Some(_) => return Err(invalid(name, "content must be a list")),
    };
    if NEEDS_CHILD.contains(&name) && content.is_empty() {
        return Err(invalid(name, "needs at least one node"));
    }
    if name == "mediaSingle" && content.iter().filter(|child| child["type"] == "media").count() != 1 {
        return Err(invalid(name, "holds exactly one media node"));
    }
    attributes(value, name)?;
    if name == "text" {
        text(value, parent)?;
    }
    for child in content {
        node(child, name)?;
    }
    Ok(())
}

fn attributes(value: &Value, name: &str) -> Result<(), String> {
    let attrs = value.get("attrs");
    if let (Some(known), Some(Value::Object(attrs))) = (known_attributes(name), attrs)
        && let Some(key) = attrs.keys().find(|key| !known.contains(&key.as_str()))
    {
        return Err(invalid(name, &format!("unknown attribute {key}")));
    }
    let attr = |key: &str| attrs.and_then(|attrs| attrs.get(key));
    let has_text = |key: &str| attr(key).is_some_and(Value::is_string);
    let fine = match name {
        "heading" => attr("level").and_then(Value::as_i64).is_some_and(|level| (1..=6).contains(&level)),
        "orderedList" => attr("order").is_none_or(|order| order.as_f64().is_some_and(|order| order >= 0.0)),
        "panel" => attr("panelType").and_then(Value::as_str).is_some_and(|kind| {
            matches!(kind, "info" | "note" | "tip" | "warning" | "error" | "success" | "custom")
        }),
        "taskItem" => {
            has_text("localId")
                && attr("state").and_then(Value::as_str).is_some_and(|s| matches!(s, "TODO" | "DONE"))
        }
        "taskList" | "decisionList" => has_text("localId"),
        "mention" => has_text("id"),
        "emoji" => has_text("shortName"),
        "date" => has_text("timestamp"),
        "inlineCard" | "blockCard" => has_text("url") || attr("data").is_some(),
        "status" => {
            has_text("text")
                && attr("color").and_then(Value::as_str).is_some_and(|color| {
                    matches!(color, "neutral" | "purple" | "blue" | "red" | "yellow" | "green")
                        || color.starts_with('#')
                })
        }
        "media" => match attr("type").and_then(Value::as_str) {
            Some("external") => has_text("url"),
            Some("file" | "link") => has_text("id") && has_text("collection"),
            _ => false,
        },
        _ => true,
    };
    if fine { Ok(()) } else { Err(invalid(name, "an attribute is missing or has no valid value")) }
}

fn text(value: &Value, parent: &str) -> Result<(), String> {
    if value.get("text").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(invalid("text", "must not be empty"));
    }
    let Some(marks) = value.get("marks") else { return Ok(()) };
    let marks = marks.as_array().ok_or_else(|| invalid("text", "marks must be a list"))?;
    if parent == "codeBlock" && !marks.is_empty() {
        return Err(invalid("codeBlock", "its text has no marks"));
    }
    let mut seen: Vec<&str> = Vec::new();
    for mark in marks {
        let name = mark
            .get("type")
            .and_then(Value::as_str)
            .ok_or_else(|| invalid("text", "a mark lacks its type"))?;
        if seen.contains(&name) {
            return Err(invalid("text", &format!("mark {name} stands twice")));
        }
        seen.push(name);
        let attr = |key: &str| mark.get("attrs").and_then(|attrs| attrs.get(key)).and_then(Value::as_str);
        let fine = match name {
            "strong" | "em" | "code" | "strike" | "underline" | "annotation" | "border" | "fontSize" => true,
            "link" => attr("href").is_some(),
            "subsup" => attr("type").is_some_and(|kind| matches!(kind, "sub" | "sup")),
            "textColor" | "backgroundColor" => attr("color").is_some_and(is_colour),
            _ => false,
        };
        if !fine {
            return Err(invalid("text", &format!("mark {name} is unknown or incomplete")));
        }
    }
    if seen.contains(&"code") && seen.iter().any(|name| !matches!(*name, "code" | "link" | "annotation")) {
        return Err(invalid("text", "mark code goes with link alone"));
    }
    Ok(())
}

fn is_colour(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn collect_text(value: &Value, text: &mut String) {
    match value.get("type").and_then(Value::as_str) {
        Some("text") => text.push_str(value["text"].as_str().unwrap_or_default()),
        Some("hardBreak") => text.push('\n'),
        Some("mention" | "status") => text.push_str(value["attrs"]["text"].as_str().unwrap_or_default()),
        Some("inlineCard" | "blockCard") => text.push_str(value["attrs"]["url"].as_str().unwrap_or_default()),
        name => {
            for child in value.get("content").and_then(Value::as_array).into_iter().flatten() {
                collect_text(child, text);
            }
            let inline_end = matches!(name, Some("paragraph" | "heading" | "codeBlock" | "taskItem"));
            if inline_end {
                text.push('\n');
            }
        }
    }
}

/// The text of a document without its form, for text search and the changelog.
pub fn plain(raw: &str) -> String {
    let Ok(document) = serde_json::from_str::<Value>(raw) else { return String::new() };
    let mut text = String::new();
    collect_text(&document, &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// Ids of the media that a document shows (media service ids, not attachment ids).
pub fn media_ids(raw: &str) -> Vec<String> {
    if !raw.contains("\"media") {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Ok(document) = serde_json::from_str::<Value>(raw) {
        collect_media(&document, &mut found);
    }
    found
}

fn collect_media(value: &Value, found: &mut Vec<String>) {
    if matches!(value["type"].as_str(), Some("media" | "mediaInline"))
        && let Some(id) = value["attrs"]["id"].as_str()
    {
        found.push(id.to_owned());
    }
    for child in value.get("content").and_then(Value::as_array).into_iter().flatten() {
        collect_media(child, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn doc(content: Value) -> String {
        json!({ "type": "doc", "version": 1, "content": content }).to_string()
    }

    #[test]
    fn valid_documents_pass() {
        assert_eq!(check(&doc(json!([]))), Ok(()));
        let rich = doc(json!([
            { "type": "heading", "attrs": { "level": 2 }, "content": [{ "type": "text", "text": "Steps" }] },
            { "type": "orderedList", "attrs": { "order": 1 }, "content": [{ "type": "listItem", "content": [
                { "type": "paragraph", "content": [{ "type": "text", "text": "x",
                    "marks": [{ "type": "code" }, { "type": "link", "attrs": { "href": "https://a.example" } }] }] }] }] },
            { "type": "table", "content": [{ "type": "tableRow", "content": [
                { "type": "tableCell", "attrs": {}, "content": [{ "type": "paragraph" }] }] }] },
            { "type": "panel", "attrs": { "panelType": "info" }, "content": [{ "type": "paragraph", "content": [
                { "type": "mention", "attrs": { "id": "1", "text": "@Mia" } }, { "type": "hardBreak" }] }] },
            { "type": "mediaSingle", "attrs": { "layout": "center" }, "content": [
                { "type": "media", "attrs": { "type": "file", "id": "m-1", "collection": "" } }] }
        ]));
        assert_eq!(check(&rich), Ok(()));
        assert_eq!(media_ids(&rich), ["m-1"]);
        assert_eq!(plain(&rich), "Steps\nx\n\n@Mia");
    }

    #[test]
    fn broken_documents_are_refused() {
        let paragraph = |text: Value| json!([{ "type": "paragraph", "content": [text] }]);
        let broken = [
            paragraph(json!({ "type": "text", "text": "" })),
            paragraph(
                json!({ "type": "text", "text": "x", "marks": [{ "type": "code" }, { "type": "strong" }] }),
            ),
            paragraph(
                json!({ "type": "text", "text": "x", "marks": [{ "type": "strong" }, { "type": "strong" }] }),
            ),
            paragraph(json!({ "type": "paragraph" })),
            paragraph(json!({ "type": "date", "attrs": { "timestamp": 5 } })),
            json!([{ "type": "text", "text": "bare" }]),
            json!([{ "type": "heading", "attrs": { "level": 7 } }]),
            json!([{ "type": "bulletList", "content": [] }]),
            json!([{ "type": "blockquote", "content": [{ "type": "heading", "attrs": { "level": 1 } }] }]),
            json!([{ "type": "codeBlock", "content": [{ "type": "text", "text": "x", "marks": [{ "type": "em" }] }] }]),
            json!([{ "type": "tableCell", "content": [{ "type": "paragraph" }] }]),
            json!([{ "type": "paragraph", "attrs": { "colour": "red" } }]),
            json!([{ "type": "nonsense" }]),
        ];
        for content in broken {
            assert!(check(&doc(content.clone())).is_err(), "{content}");
        }
        assert_eq!(check("\"plain\""), Err(NOT_A_DOCUMENT.to_owned()));
        assert_eq!(check(r#"{"type":"doc","version":1}"#), Err(NOT_A_DOCUMENT.to_owned()));
    }

    #[test]
    fn the_limit_counts_characters_of_the_text() {
        let long = |n: usize| {
            doc(json!([{ "type": "paragraph", "content": [{ "type": "text", "text": "é".repeat(n) }] }]))
        };
        assert_eq!(check(&long(32_766)), Ok(()));
        assert_eq!(check(&long(32_768)), Err(TOO_LONG.to_owned()));
    }
}
