//! Writes a normal tree as Markdown, in one spelling. Block level; a line's inside is `inline`.

use super::doc::{Alert, Align, Block, Doc, Inline, Item, Table};
use super::inline::{Mode, write_inlines};

/// The Markdown of a normal tree (`Doc::normalise`), without a last line end.
pub fn to_markdown(doc: &Doc) -> String {
    let mut writer = Writer { out: String::with_capacity(256), prefix: String::new() };
    writer.blocks(&doc.blocks, None);
    writer.out
}

struct Writer {
    out: String,
    /// What each further line begins with: quote marks and indentation.
    prefix: String,
}

impl Writer {
    fn line(&mut self) {
        self.out.push('\n');
        self.out.push_str(&self.prefix);
    }

    fn blank_line(&mut self) {
        self.out.push('\n');
        self.out.push_str(self.prefix.trim_end());
        self.line();
    }

    /// `marker`: of the list item these blocks are in; a list right behind it takes another one, so that
    /// `- - -` never reads as a dividing line.
    fn blocks(&mut self, blocks: &[Block], marker: Option<u8>) {
        let mut last: Option<u8> = None;
        for (i, block) in blocks.iter().enumerate() {
            if i > 0 {
                if marker.is_some() && is_tight(&blocks[i - 1], block) {
                    self.line()
                } else {
                    self.blank_line()
                }
            }
            last = if let Block::List { start, items } = block {
                let kinds: &[u8] = if start.is_some() { b".)" } else { b"-*+" };
                let first = if i == 0 { marker } else { None };
                let kind =
                    *kinds.iter().find(|k| last != Some(**k) && first != Some(**k)).unwrap_or(&kinds[0]);
                self.list(*start, items, kind);
                Some(kind)
            } else {
                self.block(block);
                None
            };
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(content) => write_inlines(&mut self.out, content, Mode::Paragraph(&self.prefix)),
            Block::Heading { level, content } => {
                for _ in 0..*level {
                    self.out.push('#');
                }
                self.out.push(' ');
                write_inlines(&mut self.out, content, Mode::Heading);
            }
            Block::Code { language, text } => self.code(language, text),
            Block::Quote { alert, blocks } => {
                let outer = self.prefix.len();
                self.prefix.push_str("> ");
                self.out.push_str("> ");
                if let Some(alert) = alert {
                    self.out.push_str(alert_label(*alert));
                    // Only a paragraph may follow the label at once: a list might read as its going on.
                    if matches!(blocks.first(), Some(Block::Paragraph(_))) {
                        self.line()
                    } else {
                        self.blank_line()
                    }
                }
                self.blocks(blocks, None);
                self.prefix.truncate(outer);
            }
            Block::Rule => self.out.push_str("___"),
            Block::Table(table) => self.table(table),
            Block::List { start, items } => {
                self.list(*start, items, if start.is_some() { b'.' } else { b'-' })
            }
        }
    }

    fn code(&mut self, language: &str, text: &str) {
        let fence = "`".repeat((longest_run(text, b'`') + 1).max(3));
        self.out.push_str(&fence);
        self.out.push_str(language);
        if !text.is_empty() {
            for line in text.split('\n') {
                if line.is_empty() {
                    self.out.push('\n');
                    self.out.push_str(self.prefix.trim_end());
                } else {
                    self.line();
                    self.out.push_str(line);
                }
            }
        }
        self.line();
        self.out.push_str(&fence);
    }

    fn list(&mut self, start: Option<u64>, items: &[Item], kind: u8) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.line();
            }
            let from = self.out.len();
            if let Some(start) = start {
                let number = (start + i as u64).min(999_999_999);
                self.out.push_str(&number.to_string());
            }
            self.out.push(char::from(kind));
            let outer = self.prefix.len();
            for _ in 0..=self.out.len() - from {
                self.prefix.push(' ');
            }
            if let Some(done) = item.task {
                self.out.push_str(if done { " [x]" } else { " [ ]" });
            }
            if !item.blocks.is_empty() {
                self.out.push(' ');
                self.blocks(&item.blocks, Some(kind));
            }
            self.prefix.truncate(outer);
        }
    }

    fn table(&mut self, table: &Table) {
        self.row(&table.header);
        self.line();
        for align in &table.align {
            self.out.push_str(match align {
                Align::None => "| --- ",
                Align::Left => "| :-- ",
                Align::Center => "| :-: ",
                Align::Right => "| --: ",
            });
        }
        self.out.push('|');
        for row in &table.rows {
            self.line();
            self.row(row);
        }
    }

    fn row(&mut self, row: &[Vec<Inline>]) {
        for cell in row {
            self.out.push_str("| ");
            write_inlines(&mut self.out, cell, Mode::Cell);
            self.out.push(' ');
        }
        self.out.push('|');
    }
}

/// Blocks of an item that need no blank line between them.
fn is_tight(before: &Block, after: &Block) -> bool {
    let Block::List { start, items } = after else { return false };
    matches!(before, Block::Paragraph(_))
        && matches!(start, None | Some(1))
        && items.first().is_some_and(|i| !i.blocks.is_empty())
}

/// The longest run of a byte.
pub(crate) fn longest_run(text: &str, wanted: u8) -> usize {
    let (mut longest, mut run) = (0, 0);
    for b in text.bytes() {
        run = if b == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn alert_label(alert: Alert) -> &'static str {
    match alert {
        Alert::Note => "[!NOTE]",
        Alert::Tip => "[!TIP]",
        Alert::Important => "[!IMPORTANT]",
        Alert::Warning => "[!WARNING]",
        Alert::Caution => "[!CAUTION]",
    }
}
