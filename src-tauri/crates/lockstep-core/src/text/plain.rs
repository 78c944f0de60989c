//! Plain text, as ServiceNow's descriptions are. Plain → Markdown → plain gives `canonical` of the text, also by way
//! of ADF: else every run would see a change.

use super::doc::{Alert, Block, Content, Doc, Inline, Row, parse, to_markdown};
use super::normal::sanitised;
use super::{Converted, Flattened, Loss};

/// Trimmed, line ends unified, without control characters.
pub fn canonical(text: &str) -> String {
    sanitised(text, true).trim().to_owned()
}

/// Markdown that shows the text literally: a line end is a line end, a blank line a new paragraph.
pub fn from_plain(text: &str) -> String {
    to_markdown(&doc(text))
}

/// The tree of a plain text.
pub(crate) fn doc(text: &str) -> Doc {
    let clean = sanitised(text, true);
    let mut blocks = Vec::new();
    let mut rest = clean.trim();
    while !rest.is_empty() {
        // Further blank lines belong to the next paragraph, as breaks above it.
        let lead = rest.len() - rest.trim_start_matches('\n').len();
        let end = rest[lead..].find("\n\n").map_or(rest.len(), |at| lead + at);
        let mut content = Vec::new();
        for (i, line) in rest[..end].split('\n').enumerate() {
            if i > 0 {
                content.push(Inline::line_break());
            }
            if !line.is_empty() {
                content.push(Inline::text(line));
            }
        }
        blocks.push(Block::Paragraph(content));
        rest = rest[end..].strip_prefix("\n\n").unwrap_or_default();
    }
    Doc { blocks }.normalise()
}

/// A readable rendering: list markers, quote marks, addresses in parentheses.
pub fn to_plain(markdown: &str) -> Converted {
    render(&parse(markdown))
}

pub(crate) fn render(doc: &Doc) -> Converted {
    let mut writer = Writer::default();
    writer.blocks(&doc.blocks, "\n\n");
    Converted { text: writer.out.trim().to_owned(), flattened: writer.flattened }
}

#[derive(Default)]
struct Writer {
    out: String,
    prefix: String,
    flattened: Flattened,
}

impl Writer {
    fn lines(&mut self, breaks: &str) {
        for i in (0..breaks.len()).rev() {
            self.out.push('\n');
            self.out.push_str(if i > 0 { self.prefix.trim_end() } else { &self.prefix });
        }
    }

    fn blocks(&mut self, blocks: &[Block], between: &str) {
        for (i, block) in blocks.iter().enumerate() {
            if i > 0 {
                self.lines(between);
            }
            self.block(block);
        }
    }

    fn within(&mut self, prefix: &str, blocks: &[Block], between: &str) {
        let outer = self.prefix.len();
        self.prefix.push_str(prefix);
        self.blocks(blocks, between);
        self.prefix.truncate(outer);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(content) => self.inlines(content),
            Block::Heading { content, .. } => {
                self.flattened.add(Loss::Heading);
                self.inlines(content);
            }
            Block::Code { text, .. } => {
                self.flattened.add(Loss::Code);
                for (i, line) in text.split('\n').enumerate() {
                    if i > 0 {
                        self.lines("\n");
                    }
                    self.out.push_str(line);
                }
            }
            Block::Quote { alert, blocks } => {
                self.flattened.add(if alert.is_some() { Loss::Panel } else { Loss::Quote });
                self.out.push_str("> ");
                if let Some(alert) = alert {
                    self.out.push_str(alert_word(*alert));
                    self.out.push_str(": ");
                }
                self.within("> ", blocks, "\n\n");
            }
            Block::List { start, items } => {
                self.flattened.add(Loss::List);
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.lines("\n");
                    }
                    let marker = match start {
                        Some(start) => format!("{}. ", start.saturating_add(i as u64)),
                        None => "- ".to_owned(),
                    };
                    self.out.push_str(&marker);
                    if let Some(done) = item.task {
                        self.out.push_str(if done { "[x] " } else { "[ ] " });
                    }
                    self.within(&" ".repeat(marker.len()), &item.blocks, "\n");
                }
            }
            Block::Rule => {
                self.flattened.add(Loss::Rule);
                self.out.push_str("---");
            }
            Block::Table(table) => {
                self.flattened.add(Loss::Table);
                let has_header = table.header.iter().any(|c| !c.is_empty());
                let rows = has_header.then_some(&table.header).into_iter().chain(&table.rows);
                for (i, row) in rows.enumerate() {
                    if i > 0 {
                        self.lines("\n");
                    }
                    self.row(row);
                }
            }
        }
    }

    fn row(&mut self, row: &Row) {
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                self.out.push_str(" | ");
            }
            let cell: Vec<Inline> =
                cell.iter().map(|p| if p.is_break() { Inline::text(" ") } else { p.clone() }).collect();
            self.inlines(&cell);
        }
    }

    fn inlines(&mut self, pieces: &[Inline]) {
        let mut shown = String::new();
        for (i, piece) in pieces.iter().enumerate() {
            if piece.marks.strong || piece.marks.em || piece.marks.strike {
                self.flattened.add(Loss::Style);
            }
            let from = self.out.len();
            match &piece.content {
                Content::Text(text) => self.out.push_str(text),
                Content::Code(code) => {
                    self.flattened.add(Loss::Code);
                    self.out.push_str(code);
                }
                Content::Image { alt, src } => {
                    self.flattened.add(Loss::Picture);
                    if alt.is_empty() {
                        self.out.push_str(src);
                    } else {
                        self.out.push_str(&format!("{alt} ({src})"));
                    }
                }
                Content::Break => self.lines("\n"),
            }
            let Some(href) = &piece.marks.link else { continue };
            shown.push_str(&self.out[from..]);
            if pieces.get(i + 1).is_none_or(|n| n.marks.link.as_ref() != Some(href)) {
                self.flattened.add(Loss::Link);
                let address = href.strip_prefix("mailto:").unwrap_or(href);
                if shown != address {
                    self.out.push_str(&format!(" ({address})"));
                }
                shown.clear();
            }
        }
    }
}

fn alert_word(alert: Alert) -> &'static str {
    match alert {
        Alert::Note => "Note",
        Alert::Tip => "Tip",
        Alert::Important => "Important",
        Alert::Warning => "Warning",
        Alert::Caution => "Caution",
    }
}
