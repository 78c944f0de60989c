//! Atlassian Document Format, Jira's rich text (`jira.md` §6). Reading flattens what Markdown cannot hold and says
//! so; writing follows the content model of Atlassian's published schema (`@atlaskit/adf-schema`, full.json), since a
//! document that breaks it is refused whole. Whether a lossy text may be written at all is the engine's (H27).

mod build;
mod read;

use serde_json::Value;

pub use build::to_adf;
pub use read::from_adf;

use super::Flattened;

/// Levels of JSON nodes that are followed; what lies deeper is read as its text.
pub const ADF_DEPTH_MAX: usize = 100;

/// Choices for writing ADF.
#[derive(Debug, Clone, Copy)]
pub struct AdfOptions<'a> {
    /// Task items need a `localId`: this, a dash and a number.
    pub local_id_prefix: &'a str,
    /// Whether bare addresses become links; Jira's API does not do that by itself (`jira.md` §6).
    pub link_addresses: bool,
}

impl Default for AdfOptions<'_> {
    fn default() -> Self {
        Self { local_id_prefix: "lockstep", link_addresses: true }
    }
}

/// An ADF document, and what was flattened to make it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvertedAdf {
    /// The `doc` node.
    pub value: Value,
    /// What ADF, or the place in it, could not hold.
    pub flattened: Flattened,
}

/// The kinds of node in a document that we could not write again, each once, sorted. Not empty: never replace this
/// text whole; leaving a media node out makes Jira delete the file (`jira.md` §0 rule 8, §6.1; H27).
pub fn unreproducible(adf: &Value) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut todo = vec![adf];
    while let Some(value) = todo.pop() {
        match value {
            Value::Array(list) => todo.extend(list),
            Value::Object(node) => {
                if let Some(kind) = node.get("type").and_then(Value::as_str) {
                    found.extend(unreproducible_kind(kind, node));
                }
                todo.extend(node.get("content"));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn unreproducible_kind(kind: &str, node: &serde_json::Map<String, Value>) -> Option<&'static str> {
    const REPRODUCED: [&str; 19] = [
        "doc",
        "paragraph",
        "heading",
        "bulletList",
        "orderedList",
        "listItem",
        "codeBlock",
        "blockquote",
        "rule",
        "table",
        "tableRow",
        "tableHeader",
        "tableCell",
        "taskList",
        "taskItem",
        "text",
        "hardBreak",
        "emoji",
        "panel",
    ];
    const NAMED: [&str; 26] = [
        "media",
        "mediaSingle",
        "mediaGroup",
        "mediaInline",
        "image",
        "caption",
        "mention",
        "status",
        "date",
        "inlineCard",
        "blockCard",
        "embedCard",
        "extension",
        "inlineExtension",
        "bodiedExtension",
        "multiBodiedExtension",
        "extensionFrame",
        "expand",
        "nestedExpand",
        "layoutSection",
        "layoutColumn",
        "decisionList",
        "decisionItem",
        "placeholder",
        "syncBlock",
        "bodiedSyncBlock",
    ];
    let attrs = node.get("attrs");
    let spans = |name: &str| attrs.and_then(|a| a.get(name)).and_then(Value::as_f64).is_some_and(|n| n > 1.0);
    match kind {
        "tableHeader" | "tableCell" if spans("colspan") || spans("rowspan") => Some("tableSpan"),
        "panel"
            if attrs
                .and_then(|a| a.get("panelType"))
                .and_then(Value::as_str)
                .is_none_or(|t| t == "custom") =>
        {
            Some("customPanel")
        }
        _ if REPRODUCED.contains(&kind) => None,
        _ => Some(NAMED.iter().find(|name| **name == kind).copied().unwrap_or("unknown")),
    }
}
