//! ADF to Markdown. Total: any JSON gives a text; attributes it does not know (`localId` and the like, which Jira
//! adds when it stores a document) are ignored.

use std::sync::Arc;

use serde_json::Value;

use super::super::doc::{Alert, Align, Block, Content, Doc, Inline, Item, Marks, Row, Table, to_markdown};
use super::super::{Converted, Flattened, Loss};
use super::ADF_DEPTH_MAX;

/// Markdown of an ADF document (or of a node or list of nodes). A plain string is read as plain text.
pub fn from_adf(adf: &Value) -> Converted {
    let mut reader = Reader::default();
    let mut blocks = Vec::new();
    match adf {
        Value::String(text) => blocks = super::super::plain::doc(text).blocks,
        Value::Array(nodes) => reader.blocks(nodes, 0, &mut blocks),
        node => reader.blocks(std::slice::from_ref(node), 0, &mut blocks),
    }
    let doc = Doc { blocks }.normalise();
    Converted { text: to_markdown(&doc), flattened: reader.flattened }
}

#[derive(Default)]
struct Reader {
    flattened: Flattened,
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or("")
}

fn attr<'v>(node: &'v Value, name: &str) -> Option<&'v Value> {
    node.get("attrs").and_then(|a| a.get(name))
}

fn text_attr<'v>(node: &'v Value, name: &str) -> &'v str {
    attr(node, name).and_then(Value::as_str).unwrap_or("")
}

fn children(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn is_inline(kind: &str) -> bool {
    matches!(
        kind,
        "text"
            | "hardBreak"
            | "mention"
            | "emoji"
            | "date"
            | "status"
            | "inlineCard"
            | "mediaInline"
            | "inlineExtension"
            | "placeholder"
    )
}

/// All text below a node, without recursion, for what lies too deep or is unknown.
fn bare_text(node: &Value) -> String {
    let mut out = String::new();
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        let text = node.get("text").and_then(Value::as_str).unwrap_or_else(|| text_attr(node, "text"));
        if !text.is_empty() {
            out.push_str(text);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        todo.extend(children(node).iter().rev());
    }
    out.truncate(out.trim_end().len());
    out
}

impl Reader {
    fn blocks(&mut self, nodes: &[Value], depth: usize, out: &mut Vec<Block>) {
        let mut i = 0;
        while i < nodes.len() {
            let run = nodes[i..].iter().take_while(|n| is_inline(kind(n))).count();
            if run > 0 {
                out.push(Block::Paragraph(self.inlines(&nodes[i..i + run], depth)));
                i += run;
            } else {
                self.block(&nodes[i], depth, out);
                i += 1;
            }
        }
    }

    fn inner(&mut self, node: &Value, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        self.blocks(children(node), depth + 1, &mut blocks);
        blocks
    }

    fn block(&mut self, node: &Value, depth: usize, out: &mut Vec<Block>) {
        if depth > ADF_DEPTH_MAX {
            self.flattened.add(Loss::Depth);
            out.push(Block::Paragraph(vec![Inline::text(bare_text(node))]));
            return;
        }
        let lost = match kind(node) {
            "doc" | "caption" => None,
            "paragraph" => {
                self.block_marks(node);
                let content = self.inlines(children(node), depth + 1);
                out.push(Block::Paragraph(content));
                return;
            }
            "heading" => {
                self.block_marks(node);
                let level = attr(node, "level").and_then(Value::as_f64).unwrap_or(1.0).clamp(1.0, 6.0) as u8;
                out.push(Block::Heading { level, content: self.inlines(children(node), depth + 1) });
                return;
            }
            "bulletList" => return self.list(node, None, depth, out),
            "orderedList" => {
                let order = attr(node, "order").and_then(Value::as_f64).unwrap_or(1.0).clamp(0.0, 1e9) as u64;
                return self.list(node, Some(order), depth, out);
            }
            "taskList" => return self.tasks(node, depth, out),
            "decisionList" => {
                self.flattened.add(Loss::Decision);
                return self.list(node, None, depth, out);
            }
            "codeBlock" => {
                let text =
                    children(node).iter().filter_map(|n| n.get("text")).filter_map(Value::as_str).collect();
                out.push(Block::Code { language: text_attr(node, "language").to_owned(), text });
                return;
            }
            "blockquote" => {
                out.push(Block::Quote { alert: None, blocks: self.inner(node, depth) });
                return;
            }
            "panel" => {
                let alert = match text_attr(node, "panelType") {
                    "info" => Alert::Note,
                    "note" => Alert::Important,
                    "warning" => Alert::Warning,
                    "error" => Alert::Caution,
                    "success" | "tip" => Alert::Tip,
                    _ => {
                        self.flattened.add(Loss::Panel);
                        Alert::Note
                    }
                };
                out.push(Block::Quote { alert: Some(alert), blocks: self.inner(node, depth) });
                return;
            }
            "rule" => {
                out.push(Block::Rule);
                return;
            }
            "table" => return self.table(node, depth, out),
            "mediaSingle" | "mediaGroup" => None,
            "media" | "image" => {
                let picture = self.picture(node);
                out.push(Block::Paragraph(vec![picture]));
                return;
            }
            "blockCard" | "embedCard" => {
                self.flattened.add(Loss::Card);
                out.push(Block::Paragraph(vec![card(node)]));
                return;
            }
            "expand" | "nestedExpand" => {
                let title = text_attr(node, "title");
                if !title.is_empty() {
                    let marks = Marks { strong: true, ..Marks::default() };
                    out.push(Block::Paragraph(vec![Inline {
                        content: Content::Text(title.to_owned()),
                        marks,
                    }]));
                }
                Some(Loss::Expand)
            }
            "layoutSection" => Some(Loss::Columns),
            "layoutColumn" | "extensionFrame" => None,
            "extension" | "bodiedExtension" | "multiBodiedExtension" | "syncBlock" | "bodiedSyncBlock" => {
                let text = text_attr(node, "text");
                if !text.is_empty() && children(node).is_empty() {
                    out.push(Block::Paragraph(vec![Inline::text(text)]));
                }
                Some(Loss::Extension)
            }
            _ => {
                let text =
                    node.get("text").and_then(Value::as_str).unwrap_or_else(|| text_attr(node, "text"));
                if !text.is_empty() {
                    out.push(Block::Paragraph(vec![Inline::text(text)]));
                }
                Some(Loss::Unknown)
            }
        };
        if let Some(loss) = lost {
            self.flattened.add(loss);
        }
        self.blocks(children(node), depth + 1, out);
    }

    /// Alignment, indentation and font size of a block.
    fn block_marks(&mut self, node: &Value) {
        if node.get("marks").and_then(Value::as_array).is_some_and(|m| !m.is_empty()) {
            self.flattened.add(Loss::Style);
        }
    }

    fn list(&mut self, node: &Value, start: Option<u64>, depth: usize, out: &mut Vec<Block>) {
        let items = children(node).iter().map(|item| {
            let mut blocks = Vec::new();
            match kind(item) {
                "listItem" | "decisionItem" => self.blocks(children(item), depth + 2, &mut blocks),
                _ => self.blocks(std::slice::from_ref(item), depth + 1, &mut blocks),
            }
            Item { task: None, blocks }
        });
        let items = items.collect();
        out.push(Block::List { start, items });
    }

    fn tasks(&mut self, node: &Value, depth: usize, out: &mut Vec<Block>) {
        let mut items: Vec<Item> = Vec::new();
        for child in children(node) {
            let mut blocks = Vec::new();
            if matches!(kind(child), "taskItem" | "blockTaskItem") {
                self.blocks(children(child), depth + 2, &mut blocks);
                items.push(Item { task: Some(text_attr(child, "state") == "DONE"), blocks });
                continue;
            }
            self.blocks(std::slice::from_ref(child), depth + 1, &mut blocks);
            // A nested list belongs to the task above it.
            match items.last_mut() {
                Some(item) => item.blocks.extend(blocks),
                None => out.extend(blocks),
            }
        }
        out.push(Block::List { start: None, items });
    }

    fn table(&mut self, node: &Value, depth: usize, out: &mut Vec<Block>) {
        let (mut spans, mut header_cells) = (false, false);
        let mut rows: Vec<Row> = Vec::new();
        let mut header = None;
        for (r, row) in children(node).iter().enumerate() {
            let cells = children(row);
            let is_header = r == 0 && !cells.is_empty() && cells.iter().all(|c| kind(c) == "tableHeader");
            let mut line = Row::new();
            for cell in cells {
                header_cells |= !is_header && kind(cell) == "tableHeader";
                let mut blocks = Vec::new();
                self.blocks(children(cell), depth + 3, &mut blocks);
                line.push(self.cell(blocks));
                let span =
                    |name| attr(cell, name).and_then(Value::as_f64).unwrap_or(1.0).clamp(1.0, 100.0) as usize;
                spans |= span("colspan") > 1 || span("rowspan") > 1;
                for _ in 1..span("colspan") {
                    line.push(Vec::new());
                }
            }
            if is_header { header = Some(line) } else { rows.push(line) }
        }
        if spans {
            self.flattened.add(Loss::TableSpans);
        }
        if header_cells {
            self.flattened.add(Loss::TableLayout);
        }
        out.push(Block::Table(Table {
            align: vec![Align::None; header.as_ref().map_or(0, Vec::len)],
            header: header.unwrap_or_default(),
            rows,
        }));
    }

    /// A cell's blocks on one line; reported if that changed more than line ends.
    fn cell(&mut self, blocks: Vec<Block>) -> Vec<Inline> {
        let simple = blocks.iter().all(|b| matches!(b, Block::Paragraph(_)));
        if !simple {
            self.flattened.add(Loss::TableCell);
        }
        let mut line = Vec::new();
        flatten_blocks(blocks, &mut line);
        line
    }

    fn picture(&mut self, node: &Value) -> Inline {
        self.flattened.add(Loss::Picture);
        let (alt, url) = (text_attr(node, "alt"), text_attr(node, "url"));
        let content = if url.is_empty() {
            Content::Text(if alt.is_empty() { "[file]".to_owned() } else { format!("[{alt}]") })
        } else {
            Content::Image { alt: alt.to_owned(), src: url.to_owned() }
        };
        Inline { content, marks: Marks::default() }
    }

    fn inlines(&mut self, nodes: &[Value], depth: usize) -> Vec<Inline> {
        let mut line = Vec::new();
        for node in nodes {
            let mut marks = self.marks(node);
            let code = marks.1;
            let said = |text: &str| Content::Text(text.to_owned());
            let content = match kind(node) {
                "text" => {
                    let text = node.get("text").and_then(Value::as_str).unwrap_or("");
                    if code { Content::Code(text.to_owned()) } else { said(text) }
                }
                "hardBreak" => Content::Break,
                "mention" => {
                    self.flattened.add(Loss::Mention);
                    let name = text_attr(node, "text").trim_start_matches('@');
                    said(&format!("@{}", if name.is_empty() { "someone" } else { name }))
                }
                "emoji" => {
                    let text = text_attr(node, "text");
                    if text.is_empty() {
                        self.flattened.add(Loss::Emoji);
                    }
                    said(if text.is_empty() { text_attr(node, "shortName") } else { text })
                }
                "date" => {
                    self.flattened.add(Loss::Date);
                    said(&date(attr(node, "timestamp")))
                }
                "status" => {
                    self.flattened.add(Loss::Status);
                    said(text_attr(node, "text"))
                }
                "inlineCard" => {
                    self.flattened.add(Loss::Card);
                    let card = card(node);
                    marks.0.link = card.marks.link;
                    card.content
                }
                "mediaInline" | "media" | "image" => self.picture(node).content,
                "inlineExtension" => {
                    self.flattened.add(Loss::Extension);
                    said(text_attr(node, "text"))
                }
                "placeholder" => {
                    self.flattened.add(Loss::Unknown);
                    said(text_attr(node, "text"))
                }
                _ => {
                    self.flattened.add(if depth > ADF_DEPTH_MAX { Loss::Depth } else { Loss::Unknown });
                    said(&bare_text(node))
                }
            };
            line.push(Inline { content, marks: marks.0 });
        }
        line
    }

    fn marks(&mut self, node: &Value) -> (Marks, bool) {
        let (mut marks, mut code) = (Marks::default(), false);
        for mark in node.get("marks").and_then(Value::as_array).into_iter().flatten() {
            match kind(mark) {
                "strong" => marks.strong = true,
                "em" => marks.em = true,
                "strike" => marks.strike = true,
                "code" => code = true,
                "link" => marks.link = Some(Arc::from(text_attr(mark, "href"))),
                "annotation" => {}
                _ => self.flattened.add(Loss::Style),
            }
        }
        (marks, code)
    }
}

/// Puts blocks on one line, with breaks between them.
fn flatten_blocks(blocks: Vec<Block>, line: &mut Vec<Inline>) {
    for block in blocks {
        if line.last().is_some_and(|i| !i.is_break()) {
            line.push(Inline::line_break());
        }
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => line.extend(content),
            Block::Code { text, .. } => {
                for (i, code) in text.split('\n').enumerate() {
                    if i > 0 {
                        line.push(Inline::line_break());
                    }
                    line.push(Inline { content: Content::Code(code.to_owned()), marks: Marks::default() });
                }
            }
            Block::Quote { blocks, .. } => flatten_blocks(blocks, line),
            Block::List { start, items } => {
                for (i, item) in items.into_iter().enumerate() {
                    if line.last().is_some_and(|i| !i.is_break()) {
                        line.push(Inline::line_break());
                    }
                    let number = start.map(|n| format!("{}. ", n.saturating_add(i as u64)));
                    line.push(Inline::text(number.unwrap_or_else(|| "- ".to_owned())));
                    if let Some(done) = item.task {
                        line.push(Inline::text(if done { "[x] " } else { "[ ] " }));
                    }
                    // The marker's own line: no break between it and the item.
                    let mut inner = Vec::new();
                    flatten_blocks(item.blocks, &mut inner);
                    line.extend(inner);
                }
            }
            Block::Rule => {}
            Block::Table(table) => {
                for cell in table.rows.into_iter().chain([table.header]).flatten() {
                    line.extend(cell);
                    line.push(Inline::text(" "));
                }
            }
        }
    }
}

/// A card's address as a link; its data's name where it has no address.
fn card(node: &Value) -> Inline {
    let data = attr(node, "data");
    let from_data = |name: &str| data.and_then(|d| d.get(name)).and_then(Value::as_str).unwrap_or("");
    let url = text_attr(node, "url");
    let url = if url.is_empty() { from_data("url") } else { url };
    let name = from_data("name");
    let text = if name.is_empty() { url } else { name };
    let link = (!url.is_empty()).then(|| Arc::from(url));
    Inline { content: Content::Text(text.to_owned()), marks: Marks { link, ..Marks::default() } }
}

/// The day of a date node: milliseconds since 1970 as text, midnight UTC (`jira.md` §6).
fn date(timestamp: Option<&Value>) -> String {
    let text = timestamp.map(|t| t.as_str().map_or_else(|| t.to_string(), str::to_owned)).unwrap_or_default();
    let time = text.parse::<i64>().ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    time.map_or(text, |t| t.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}
