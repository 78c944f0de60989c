//! Markdown to ADF, by the content model of the published schema: what a place may not hold is flattened there.

use serde_json::{Map, Value, json};

use super::super::doc::{Alert, Align, Block, Content, Inline, Item, Marks, Row, Table, parse};
use super::super::{Flattened, Loss, links};
use super::{AdfOptions, ConvertedAdf};

/// The ADF document of a Markdown text. It always satisfies Atlassian's schema.
pub fn to_adf(markdown: &str, options: &AdfOptions<'_>) -> ConvertedAdf {
    let mut builder = Builder { options, flattened: Flattened::default(), ids: 0 };
    let mut content = Vec::new();
    builder.blocks(&parse(markdown).blocks, Place::Doc, &mut content);
    let mut value = node("doc", None, content);
    value["version"] = json!(1);
    ConvertedAdf { value, flattened: builder.flattened }
}

/// What the surrounding node may hold (schema: `doc`, `listItem`, `blockquote`, `panel`).
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Doc,
    Item,
    Quote,
    Panel,
}

struct Builder<'a> {
    options: &'a AdfOptions<'a>,
    flattened: Flattened,
    ids: u32,
}

impl Builder<'_> {
    fn blocks(&mut self, blocks: &[Block], place: Place, out: &mut Vec<Value>) {
        for block in blocks {
            self.block(block, place, out);
        }
    }

    fn block(&mut self, block: &Block, place: Place, out: &mut Vec<Value>) {
        match block {
            Block::Paragraph(content) => out.push(self.paragraph(content)),
            Block::Heading { level, content } if matches!(place, Place::Doc | Place::Panel) => {
                let content = self.inlines(content);
                out.push(node("heading", Some(json!({ "level": level })), content));
            }
            Block::Heading { content, .. } => {
                self.flattened.add(Loss::Heading);
                let mut content = content.clone();
                for piece in &mut content {
                    piece.marks.strong = piece.as_text().is_some();
                }
                out.push(self.paragraph(&content));
            }
            Block::Code { language, text } => {
                let mut node = Map::new();
                node.insert("type".to_owned(), json!("codeBlock"));
                if !language.is_empty() {
                    node.insert("attrs".to_owned(), json!({ "language": language }));
                }
                if !text.is_empty() {
                    node.insert("content".to_owned(), json!([{ "type": "text", "text": text }]));
                }
                out.push(Value::Object(node));
            }
            Block::Quote { alert, blocks } => self.quote(*alert, blocks, place, out),
            Block::List { start, items } => self.list(*start, items, place, out),
            Block::Rule if matches!(place, Place::Doc | Place::Panel) => out.push(json!({ "type": "rule" })),
            Block::Rule => {
                self.flattened.add(Loss::Rule);
                out.push(self.paragraph(&[Inline::text("---")]));
            }
            Block::Table(table) if place == Place::Doc => self.table(table, out),
            Block::Table(table) => {
                self.flattened.add(Loss::Table);
                for row in header(table).into_iter().chain(&table.rows) {
                    out.push(self.row_as_line(row));
                }
            }
        }
    }

    fn quote(&mut self, alert: Option<Alert>, blocks: &[Block], place: Place, out: &mut Vec<Value>) {
        if place != Place::Doc {
            self.flattened.add(if alert.is_some() { Loss::Panel } else { Loss::Quote });
            return self.blocks(blocks, place, out);
        }
        let mut content = Vec::new();
        self.blocks(blocks, if alert.is_some() { Place::Panel } else { Place::Quote }, &mut content);
        if content.is_empty() {
            return;
        }
        out.push(match alert {
            None => node("blockquote", None, content),
            Some(alert) => {
                // The five kinds that every site shows.
                let kind = match alert {
                    Alert::Note => "info",
                    Alert::Tip => "success",
                    Alert::Important => "note",
                    Alert::Warning => "warning",
                    Alert::Caution => "error",
                };
                node("panel", Some(json!({ "panelType": kind })), content)
            }
        });
    }

    fn list(&mut self, start: Option<u64>, items: &[Item], place: Place, out: &mut Vec<Value>) {
        if start.is_none() && place != Place::Quote && is_task_list(items) {
            let list = self.tasks(items);
            out.push(list);
            return;
        }
        if items.iter().any(|i| i.task.is_some()) {
            self.flattened.add(Loss::TaskList);
        }
        let content: Vec<Value> = items.iter().map(|item| self.item(item)).collect();
        out.push(match start {
            None => node("bulletList", None, content),
            Some(order) => node("orderedList", Some(json!({ "order": order })), content),
        });
    }

    fn item(&mut self, item: &Item) -> Value {
        let mut content = Vec::new();
        let rest = match (item.task, item.blocks.split_first()) {
            (Some(done), Some((Block::Paragraph(line), rest))) => {
                let mut marked = vec![Inline::text(if done { "[x] " } else { "[ ] " })];
                marked.extend_from_slice(line);
                content.push(self.paragraph(&marked));
                rest
            }
            _ => &item.blocks[..],
        };
        self.blocks(rest, Place::Item, &mut content);
        // Editors want a paragraph before anything but code.
        let first = content.first().and_then(|n| n.get("type")).and_then(Value::as_str);
        if !matches!(first, Some("paragraph" | "codeBlock")) {
            content.insert(0, json!({ "type": "paragraph" }));
        }
        node("listItem", None, content)
    }

    fn local_id(&mut self) -> String {
        self.ids += 1;
        format!("{}-{}", self.options.local_id_prefix, self.ids)
    }

    /// A task item holds one line; lists below it follow it as its siblings.
    fn tasks(&mut self, items: &[Item]) -> Value {
        let id = self.local_id();
        let mut content = Vec::new();
        for item in items {
            let state = if item.task == Some(true) { "DONE" } else { "TODO" };
            let attrs = json!({ "localId": self.local_id(), "state": state });
            for block in &item.blocks {
                match block {
                    Block::Paragraph(line) => {
                        let line = self.inlines(line);
                        content.push(node("taskItem", Some(attrs.clone()), line));
                    }
                    Block::List { items, .. } => content.push(self.tasks(items)),
                    _ => {}
                }
            }
        }
        node("taskList", Some(json!({ "localId": id })), content)
    }

    fn table(&mut self, table: &Table, out: &mut Vec<Value>) {
        if table.align.iter().any(|a| *a != Align::None) {
            self.flattened.add(Loss::TableLayout);
        }
        let mut rows = Vec::new();
        if let Some(header) = header(table) {
            rows.push(self.row(header, "tableHeader"));
        }
        for row in &table.rows {
            rows.push(self.row(row, "tableCell"));
        }
        if !rows.is_empty() {
            out.push(node("table", None, rows));
        }
    }

    fn row(&mut self, row: &Row, kind: &str) -> Value {
        let cells = row.iter().map(|cell| node(kind, None, vec![self.paragraph(cell)]));
        let cells: Vec<Value> = cells.collect();
        node("tableRow", None, cells)
    }

    fn row_as_line(&mut self, row: &Row) -> Value {
        let mut line = Vec::new();
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                line.push(Inline::text(" | "));
            }
            line.extend(cell.iter().map(|p| if p.is_break() { Inline::text(" ") } else { p.clone() }));
        }
        self.paragraph(&line)
    }

    fn paragraph(&mut self, content: &[Inline]) -> Value {
        match self.inlines(content) {
            content if content.is_empty() => json!({ "type": "paragraph" }),
            content => node("paragraph", None, content),
        }
    }

    fn inlines(&mut self, pieces: &[Inline]) -> Vec<Value> {
        let mut out = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match &piece.content {
                Content::Text(text) if piece.marks.link.is_none() && self.options.link_addresses => {
                    let mut from = 0;
                    for found in links::detect(text) {
                        out.extend(text_node(&text[from..found.start], &piece.marks, false));
                        let link = Some(std::sync::Arc::from(&text[found.clone()]));
                        let marks = Marks { link, ..piece.marks.clone() };
                        out.extend(text_node(&text[found.clone()], &marks, false));
                        from = found.end;
                    }
                    out.extend(text_node(&text[from..], &piece.marks, false));
                }
                Content::Text(text) => out.extend(text_node(text, &piece.marks, false)),
                Content::Code(code) => {
                    if piece.marks.strong || piece.marks.em || piece.marks.strike {
                        self.flattened.add(Loss::Style);
                    }
                    out.extend(text_node(code, &piece.marks, true));
                }
                Content::Image { alt, src } => {
                    self.flattened.add(Loss::Picture);
                    let link = piece.marks.link.clone().or_else(|| Some(std::sync::Arc::from(src.as_str())));
                    let marks = Marks { link, ..piece.marks.clone() };
                    out.extend(text_node(if alt.is_empty() { src } else { alt }, &marks, false));
                }
                Content::Break => out.push(json!({ "type": "hardBreak" })),
            }
        }
        out
    }
}

/// A node; built by hand, since `json!` would copy the content at every level.
fn node(kind: &str, attrs: Option<Value>, content: Vec<Value>) -> Value {
    let mut node = Map::new();
    node.insert("type".to_owned(), Value::from(kind));
    if let Some(attrs) = attrs {
        node.insert("attrs".to_owned(), attrs);
    }
    node.insert("content".to_owned(), Value::Array(content));
    Value::Object(node)
}

/// Every item a task of one line, with at most task lists below it.
fn is_task_list(items: &[Item]) -> bool {
    items.iter().all(|item| {
        item.task.is_some()
            && matches!(item.blocks.first(), Some(Block::Paragraph(_)))
            && item.blocks[1..]
                .iter()
                .all(|b| matches!(b, Block::List { start: None, items } if is_task_list(items)))
    })
}

/// The header row, unless its cells are all empty.
fn header(table: &Table) -> Option<&Row> {
    table.header.iter().any(|cell| !cell.is_empty()).then_some(&table.header)
}

/// A text node; the schema wants its text non-empty, and lets `code` go with links only.
fn text_node(text: &str, marks: &Marks, code: bool) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let mut list = Vec::new();
    if let Some(href) = &marks.link {
        list.push(json!({ "type": "link", "attrs": { "href": &**href } }));
    }
    if code {
        list.push(json!({ "type": "code" }));
    } else {
        for (set, kind) in [(marks.strong, "strong"), (marks.em, "em"), (marks.strike, "strike")] {
            if set {
                list.push(json!({ "type": kind }));
            }
        }
    }
    let mut node = Map::new();
    node.insert("type".to_owned(), json!("text"));
    node.insert("text".to_owned(), json!(text));
    if !list.is_empty() {
        node.insert("marks".to_owned(), Value::Array(list));
    }
    Some(Value::Object(node))
}
