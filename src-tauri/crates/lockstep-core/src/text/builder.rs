//! Builds a tree from a stream of openings, closings and pieces, as Markdown's and HTML's parsers give it. Bounded
//! in depth: containers below `DOC_DEPTH_MAX` let their content through to the one above.

use std::sync::Arc;

use super::doc::{Alert, Align, Block, Content, DOC_DEPTH_MAX, Doc, Inline, Item, Marks, Row, Table};

#[derive(Default)]
enum Frame {
    #[default]
    Root,
    Quote(Option<Alert>),
    List(Option<u64>, Vec<Item>),
    Item(Option<bool>),
    Through,
}

#[derive(Default)]
struct Open {
    frame: Frame,
    blocks: Vec<Block>,
}

#[derive(Default)]
struct OpenTable {
    table: Table,
    row: Row,
    in_cell: bool,
}

#[derive(Default)]
pub(crate) struct Builder {
    top: Open,
    below: Vec<Open>,
    depth: usize,
    line: Vec<Inline>,
    heading: Option<u8>,
    table: Option<OpenTable>,
    /// Block content was squeezed into a table cell.
    pub(crate) squeezed_cell: bool,
    /// Content was moved up at the depth limit.
    pub(crate) too_deep: bool,
    pub(crate) strong: u32,
    pub(crate) em: u32,
    pub(crate) strike: u32,
    pub(crate) link: Option<Arc<str>>,
}

impl Builder {
    pub(crate) fn marks(&self) -> Marks {
        Marks { strong: self.strong > 0, em: self.em > 0, strike: self.strike > 0, link: self.link.clone() }
    }

    pub(crate) fn text(&mut self, text: &str) {
        let marks = self.marks();
        if let Some(Inline { content: Content::Text(last), marks: m }) = self.line.last_mut()
            && *m == marks
        {
            last.push_str(text);
        } else if !text.is_empty() {
            self.line.push(Inline { content: Content::Text(text.to_owned()), marks });
        }
    }

    pub(crate) fn content(&mut self, content: Content) {
        let marks = if content == Content::Break { Marks::default() } else { self.marks() };
        self.line.push(Inline { content, marks });
    }

    pub(crate) fn line(&self) -> &[Inline] {
        &self.line
    }

    /// Takes spaces off the end of the line being written.
    pub(crate) fn trim_line_end(&mut self) {
        while let Some(Inline { content: Content::Text(text), .. }) = self.line.last_mut() {
            text.truncate(text.trim_end_matches(' ').len());
            if !text.is_empty() {
                return;
            }
            self.line.pop();
        }
    }

    pub(crate) fn in_cell(&self) -> bool {
        self.table.as_ref().is_some_and(|t| t.in_cell)
    }

    /// Ends the paragraph or heading being written.
    pub(crate) fn flush(&mut self) {
        if self.in_cell() {
            if self.line.last().is_some_and(|i| !i.is_break()) {
                self.line.push(Inline::line_break());
            }
            return;
        }
        let heading = self.heading.take();
        if !self.line.is_empty() {
            let content = std::mem::take(&mut self.line);
            self.top.blocks.push(match heading {
                Some(level) => Block::Heading { level, content },
                None => Block::Paragraph(content),
            });
        }
    }

    pub(crate) fn heading(&mut self, level: u8) {
        self.flush();
        if self.in_cell() {
            self.squeezed_cell = true;
        } else {
            self.heading = Some(level);
        }
    }

    pub(crate) fn block(&mut self, block: Block) {
        self.flush();
        if !self.in_cell() {
            self.top.blocks.push(block);
            return;
        }
        self.squeezed_cell = true;
        if let Block::Code { text, .. } = block {
            for (i, line) in text.split('\n').enumerate() {
                if i > 0 {
                    self.line.push(Inline::line_break());
                }
                self.content(Content::Code(line.to_owned()));
            }
            self.flush();
        }
    }

    fn open(&mut self, frame: Frame) {
        self.flush();
        let container = matches!(frame, Frame::Quote(_) | Frame::List(..));
        let orphan = matches!(frame, Frame::Item(_)) && !matches!(self.top.frame, Frame::List(..));
        let frame = if self.in_cell() || orphan {
            self.squeezed_cell |= self.in_cell();
            Frame::Through
        } else if container && self.depth >= DOC_DEPTH_MAX {
            self.too_deep = true;
            Frame::Through
        } else {
            self.depth += usize::from(container);
            frame
        };
        let top = std::mem::replace(&mut self.top, Open { frame, blocks: Vec::new() });
        self.below.push(top);
    }

    pub(crate) fn open_quote(&mut self, alert: Option<Alert>) {
        self.open(Frame::Quote(alert));
    }

    pub(crate) fn open_list(&mut self, start: Option<u64>) {
        self.open(Frame::List(start, Vec::new()));
    }

    pub(crate) fn open_item(&mut self) {
        self.open(Frame::Item(None));
    }

    pub(crate) fn task(&mut self, done: bool) {
        if let Frame::Item(task) = &mut self.top.frame {
            *task = Some(done);
        } else {
            self.text(if done { "[x] " } else { "[ ] " });
        }
    }

    /// Closes the innermost quote, list or item.
    pub(crate) fn close(&mut self) {
        self.flush();
        let Some(below) = self.below.pop() else { return };
        let Open { frame, blocks } = std::mem::replace(&mut self.top, below);
        match frame {
            Frame::Root | Frame::Through => self.top.blocks.extend(blocks),
            Frame::Quote(alert) => {
                self.depth -= 1;
                self.top.blocks.push(Block::Quote { alert, blocks });
            }
            Frame::List(start, mut items) => {
                self.depth -= 1;
                if !blocks.is_empty() {
                    items.push(Item { task: None, blocks });
                }
                self.top.blocks.push(Block::List { start, items });
            }
            Frame::Item(task) => {
                if let Frame::List(_, items) = &mut self.top.frame {
                    items.push(Item { task, blocks });
                } else {
                    self.top.blocks.extend(blocks);
                }
            }
        }
    }

    /// Whether a table began; one within a cell does not.
    pub(crate) fn open_table(&mut self, align: Vec<Align>) -> bool {
        self.flush();
        if self.table.is_some() {
            self.squeezed_cell = true;
            return false;
        }
        self.table = Some(OpenTable { table: Table { align, ..Table::default() }, ..OpenTable::default() });
        true
    }

    pub(crate) fn open_cell(&mut self) {
        if self.table.is_some() && !self.in_cell() {
            self.flush();
        }
        if let Some(table) = &mut self.table {
            table.in_cell = true;
        }
    }

    pub(crate) fn close_cell(&mut self) {
        if let Some(table) = &mut self.table
            && table.in_cell
        {
            table.in_cell = false;
            table.row.push(std::mem::take(&mut self.line));
        }
    }

    pub(crate) fn close_row(&mut self, header: bool) {
        self.close_cell();
        if let Some(open) = &mut self.table {
            let row = std::mem::take(&mut open.row);
            if header && open.table.header.is_empty() && open.table.rows.is_empty() {
                open.table.header = row;
            } else if !row.is_empty() {
                open.table.rows.push(row);
            }
        }
    }

    pub(crate) fn close_table(&mut self) {
        self.close_row(false);
        if let Some(open) = self.table.take() {
            self.top.blocks.push(Block::Table(open.table));
        }
    }

    /// The tree, normalised.
    pub(crate) fn finish(mut self) -> Doc {
        self.close_table();
        while !self.below.is_empty() {
            self.close();
        }
        self.flush();
        Doc { blocks: self.top.blocks }.normalise()
    }
}
