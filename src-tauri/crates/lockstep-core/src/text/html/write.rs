//! The tree to HTML. All text and addresses are escaped; the only tags are the ones below.

use super::super::doc::{Block, Content, Doc, Inline, Marks, Row, parse};
use super::super::{Converted, Flattened, Loss, links};

/// HTML of a Markdown text.
pub fn to_html(markdown: &str) -> Converted {
    let doc: Doc = parse(markdown);
    let mut writer =
        Writer { out: String::with_capacity(markdown.len() * 2), flattened: Flattened::default() };
    writer.blocks(&doc.blocks);
    Converted { text: writer.out, flattened: writer.flattened }
}

struct Writer {
    out: String,
    flattened: Flattened,
}

impl Writer {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(content) => self.element("p", content),
            Block::Heading { level, content } => self.element(&format!("h{level}"), content),
            Block::Code { language, text } => {
                // The first line end in a `pre` belongs to the tag.
                self.out.push_str(if text.starts_with('\n') { "<pre>\n<code" } else { "<pre><code" });
                if !language.is_empty() {
                    self.out.push_str(" class=\"language-");
                    escape(&mut self.out, language);
                    self.out.push('"');
                }
                self.out.push('>');
                escape(&mut self.out, text);
                self.out.push_str("</code></pre>");
            }
            Block::Quote { alert, blocks } => {
                if alert.is_some() {
                    self.flattened.add(Loss::Panel);
                }
                self.out.push_str("<blockquote>");
                self.blocks(blocks);
                self.out.push_str("</blockquote>");
            }
            Block::List { start, items } => {
                match start {
                    None => self.out.push_str("<ul>"),
                    Some(1) => self.out.push_str("<ol>"),
                    Some(start) => self.out.push_str(&format!("<ol start=\"{start}\">")),
                }
                for item in items {
                    self.out.push_str("<li>");
                    if let Some(done) = item.task {
                        self.flattened.add(Loss::TaskList);
                        self.out.push_str(if done { "[x] " } else { "[ ] " });
                    }
                    match item.blocks.split_first() {
                        Some((Block::Paragraph(line), rest)) => {
                            self.inlines(line);
                            self.blocks(rest);
                        }
                        _ => self.blocks(&item.blocks),
                    }
                    self.out.push_str("</li>");
                }
                self.out.push_str(if start.is_some() { "</ol>" } else { "</ul>" });
            }
            Block::Rule => self.out.push_str("<hr>"),
            Block::Table(table) => {
                if table.align.iter().any(|a| *a != Default::default()) {
                    self.flattened.add(Loss::TableLayout);
                }
                self.out.push_str("<table>");
                if table.header.iter().any(|c| !c.is_empty()) {
                    self.row(&table.header, "th");
                }
                for row in &table.rows {
                    self.row(row, "td");
                }
                self.out.push_str("</table>");
            }
        }
    }

    fn row(&mut self, row: &Row, cell: &str) {
        self.out.push_str("<tr>");
        for content in row {
            self.element(cell, content);
        }
        self.out.push_str("</tr>");
    }

    fn element(&mut self, name: &str, content: &[Inline]) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        self.inlines(content);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn inlines(&mut self, pieces: &[Inline]) {
        for piece in pieces {
            match &piece.content {
                Content::Break => self.out.push_str("<br>"),
                Content::Text(text) if piece.marks.link.is_none() => {
                    let mut from = 0;
                    for found in links::detect(text) {
                        self.marked(&piece.marks, None, |out| escape(out, &text[from..found.start]));
                        let url = &text[found.clone()];
                        self.marked(&piece.marks, Some(url), |out| escape(out, url));
                        from = found.end;
                    }
                    self.marked(&piece.marks, None, |out| escape(out, &text[from..]));
                }
                Content::Text(text) => {
                    self.marked(&piece.marks, piece.marks.link.as_deref(), |out| escape(out, text));
                }
                Content::Code(code) => self.marked(&piece.marks, piece.marks.link.as_deref(), |out| {
                    out.push_str("<code>");
                    escape(out, code);
                    out.push_str("</code>");
                }),
                Content::Image { alt, src } => {
                    // A picture of another platform needs its sign-in: a link is what works.
                    self.flattened.add(Loss::Picture);
                    let shown = if alt.is_empty() { src } else { alt };
                    let href = piece.marks.link.as_deref().unwrap_or(src);
                    self.marked(&piece.marks, Some(href), |out| escape(out, shown));
                }
            }
        }
    }

    fn marked(&mut self, marks: &Marks, href: Option<&str>, write: impl FnOnce(&mut String)) {
        if let Some(href) = href {
            self.out.push_str("<a href=\"");
            escape(&mut self.out, href);
            self.out.push_str("\">");
        }
        let tags = [(marks.strong, "strong"), (marks.em, "em"), (marks.strike, "s")];
        for (_, tag) in tags.iter().filter(|t| t.0) {
            self.out.push('<');
            self.out.push_str(tag);
            self.out.push('>');
        }
        let from = self.out.len();
        write(&mut self.out);
        if self.out.len() == from {
            // Nothing was said: take the tags back.
            let open: usize = tags.iter().filter(|t| t.0).map(|t| t.1.len() + 2).sum();
            self.out.truncate(from - open);
        } else {
            for (_, tag) in tags.iter().rev().filter(|t| t.0) {
                self.out.push_str("</");
                self.out.push_str(tag);
                self.out.push('>');
            }
        }
        if href.is_some() {
            self.out.push_str("</a>");
        }
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}
