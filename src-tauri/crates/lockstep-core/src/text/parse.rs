//! Markdown to the internal tree. Raw HTML is never passed on: `<br>` is a line end, comments go, the rest is text.

use std::sync::Arc;

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::builder::Builder;
use super::doc::{Alert, Align, Block, Content, Doc};

/// The normal tree of a Markdown text (CommonMark with tables, strikethrough, task lists and alerts).
pub fn parse(markdown: &str) -> Doc {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut reader = Reader::default();
    for event in Parser::new_ext(markdown, options) {
        reader.event(event);
    }
    reader.builder.finish()
}

#[derive(Default)]
struct Reader {
    builder: Builder,
    /// Code block being read: language and text.
    code: Option<(String, String)>,
    /// Raw HTML block being read.
    html: Option<String>,
    /// Pictures being read, nested in each other's description: address, text so far.
    images: Vec<(String, String)>,
    /// Open links (they cannot nest): pieces in the line when it began.
    link_from: usize,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) => {
                if let Some((_, code)) = &mut self.code {
                    code.push_str(&text);
                } else {
                    self.text(&text);
                }
            }
            Event::Code(code) => match self.images.last_mut() {
                Some((_, alt)) => alt.push_str(&code),
                None => self.builder.content(Content::Code(code.into_string())),
            },
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.line_break(),
            Event::Rule => self.builder.block(Block::Rule),
            Event::TaskListMarker(done) => self.builder.task(done),
            Event::Html(html) => match &mut self.html {
                Some(block) => block.push_str(&html),
                None => self.text(&html),
            },
            Event::InlineHtml(html) => {
                let tag: String = html.chars().filter(|c| !c.is_whitespace() && *c != '/').collect();
                if tag.eq_ignore_ascii_case("<br>") {
                    self.line_break();
                } else if !html.starts_with("<!--") {
                    self.text(&html);
                }
            }
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text)
            }
        }
    }

    fn text(&mut self, text: &str) {
        match self.images.last_mut() {
            Some((_, alt)) => alt.push_str(text),
            None => self.builder.text(text),
        }
    }

    fn line_break(&mut self) {
        match self.images.last_mut() {
            Some((_, alt)) => alt.push(' '),
            None => self.builder.content(Content::Break),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.builder.flush(),
            Tag::Heading { level, .. } => self.builder.heading(level as u8),
            Tag::BlockQuote(kind) => self.builder.open_quote(kind.map(alert)),
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::HtmlBlock => self.html = Some(String::new()),
            Tag::List(start) => self.builder.open_list(start),
            Tag::Item => self.builder.open_item(),
            Tag::Table(align) => {
                self.builder.open_table(align.into_iter().map(column).collect());
            }
            Tag::TableCell => self.builder.open_cell(),
            Tag::Emphasis => self.builder.em += 1,
            Tag::Strong => self.builder.strong += 1,
            Tag::Strikethrough => self.builder.strike += 1,
            Tag::Link { link_type, dest_url, .. } if self.images.is_empty() => {
                let mail = link_type == pulldown_cmark::LinkType::Email;
                let href = if mail { format!("mailto:{dest_url}") } else { dest_url.into_string() };
                self.builder.link = Some(Arc::from(href));
                self.link_from = self.builder.line().len();
            }
            Tag::Image { dest_url, .. } => self.images.push((dest_url.into_string(), String::new())),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => self.builder.flush(),
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.builder.close(),
            TagEnd::CodeBlock => {
                if let Some((language, mut text)) = self.code.take() {
                    if text.ends_with('\n') {
                        text.pop();
                    }
                    self.builder.block(Block::Code { language, text });
                }
            }
            TagEnd::HtmlBlock => {
                let html = self.html.take().unwrap_or_default();
                let html = html.trim();
                self.builder.flush();
                if !(html.starts_with("<!--") && html.ends_with("-->")) {
                    self.builder.text(html);
                }
                self.builder.flush();
            }
            TagEnd::Table => self.builder.close_table(),
            TagEnd::TableHead => self.builder.close_row(true),
            TagEnd::TableRow => self.builder.close_row(false),
            TagEnd::TableCell => self.builder.close_cell(),
            TagEnd::Emphasis => self.builder.em = self.builder.em.saturating_sub(1),
            TagEnd::Strong => self.builder.strong = self.builder.strong.saturating_sub(1),
            TagEnd::Strikethrough => self.builder.strike = self.builder.strike.saturating_sub(1),
            TagEnd::Link if self.images.is_empty() => {
                if self.builder.line().len() == self.link_from
                    && let Some(href) = self.builder.link.clone()
                {
                    self.builder.text(&href);
                }
                self.builder.link = None;
            }
            TagEnd::Image => {
                if let Some((src, alt)) = self.images.pop() {
                    match self.images.last_mut() {
                        Some((_, outer)) => outer.push_str(&alt),
                        None => self.builder.content(Content::Image { alt, src }),
                    }
                }
            }
            _ => {}
        }
    }
}

fn column(align: Alignment) -> Align {
    match align {
        Alignment::None => Align::None,
        Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}

fn alert(kind: BlockQuoteKind) -> Alert {
    match kind {
        BlockQuoteKind::Note => Alert::Note,
        BlockQuoteKind::Tip => Alert::Tip,
        BlockQuoteKind::Important => Alert::Important,
        BlockQuoteKind::Warning => Alert::Warning,
        BlockQuoteKind::Caution => Alert::Caution,
    }
}
