//! HTML to the tree, from html5ever's tokens. It keeps its own bounded stack of open elements instead of a DOM, so
//! that no input can nest it to death; broken nesting is read leniently, as browsers would show it.

use std::cell::RefCell;
use std::sync::Arc;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use super::super::builder::Builder;
use super::super::doc::{Block, Content, Doc, Inline};
use super::super::{Flattened, Loss};

/// Elements open at once; further ones are ignored, their text stays.
const OPEN_MAX: usize = 256;

pub(super) fn read(html: &str) -> (Doc, Flattened) {
    let sink = Sink(RefCell::new(Reader::default()));
    let tokenizer = Tokenizer::new(sink, Default::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut reader = tokenizer.sink.0.into_inner();
    reader.close_above(0);
    if reader.builder.squeezed_cell {
        reader.flattened.add(Loss::TableCell);
    }
    if reader.builder.too_deep {
        reader.flattened.add(Loss::Depth);
    }
    (reader.builder.finish(), reader.flattened)
}

struct Sink(RefCell<Reader>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => reader.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return reader.start(&tag),
            Token::TagToken(tag) => reader.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// What closing an element must undo.
#[derive(PartialEq)]
enum Effect {
    Nothing,
    Block,
    Strong,
    Em,
    Strike,
    /// The link around it.
    Link(Option<Arc<str>>),
    Code,
    Pre,
    Container,
    Table,
    Row,
    Cell,
    Dropped,
}

struct Element {
    name: String,
    effect: Effect,
}

#[derive(Default)]
struct Reader {
    builder: Builder,
    open: Vec<Element>,
    /// Text of the `pre` being read, and its language.
    pre: Option<(String, String)>,
    /// Text of the code piece being read.
    code: Option<String>,
    dropped: u32,
    header_row: bool,
    flattened: Flattened,
}

fn attr<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs.iter().find(|a| &*a.name.local == name).map(|a| &*a.value)
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.dropped > 0 {
            return;
        }
        if let Some((_, pre)) = &mut self.pre {
            pre.push_str(text);
            return;
        }
        if let Some(code) = &mut self.code {
            code.push_str(text);
            return;
        }
        let mut out = String::with_capacity(text.len());
        let mut spaced = match self.builder.line().last() {
            None => true,
            Some(Inline { content: Content::Break, .. }) => true,
            Some(last) => last.as_text().is_some_and(|t| t.ends_with(' ')),
        };
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                if !spaced {
                    out.push(' ');
                }
                spaced = true;
            } else {
                out.push(c);
                spaced = false;
            }
        }
        self.builder.text(&out);
    }

    /// Ends the line being written; white space before the end does not show.
    fn flush(&mut self) {
        self.close_code();
        self.builder.trim_line_end();
        self.builder.flush();
    }

    fn close_code(&mut self) {
        if let Some(code) = self.code.take() {
            let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
            self.builder.content(Content::Code(code));
        }
    }

    fn push(&mut self, tag: &Tag, effect: Effect) {
        self.open.push(Element { name: tag.name.to_string(), effect });
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let raw = match name {
            "script" => Some(RawKind::ScriptData),
            "style" | "noscript" | "iframe" | "noembed" | "noframes" | "xmp" => Some(RawKind::Rawtext),
            "title" | "textarea" => Some(RawKind::Rcdata),
            _ => None,
        };
        if let Some(kind) = raw {
            if name == "iframe" {
                self.flattened.add(Loss::Embedded);
            }
            self.dropped += 1;
            self.push(tag, Effect::Dropped);
            return TokenSinkResult::RawData(kind);
        }
        if self.dropped == 0 && self.open.len() < OPEN_MAX {
            self.element(tag, name);
        } else if matches!(name, "br" | "p" | "div") {
            self.text(" ");
        }
        TokenSinkResult::Continue
    }

    fn element(&mut self, tag: &Tag, name: &str) {
        match name {
            "br" => self.line_break(),
            "hr" => {
                self.close_paragraph();
                self.builder.block(Block::Rule);
            }
            "img" => self.image(tag),
            "input" => match attr(tag, "type") {
                Some(kind) if kind.eq_ignore_ascii_case("checkbox") => {
                    self.builder.task(attr(tag, "checked").is_some());
                }
                Some(kind) if kind.eq_ignore_ascii_case("hidden") => {}
                _ => self.flattened.add(Loss::Embedded),
            },
            "wbr" | "meta" | "link" | "base" | "col" | "source" | "track" | "area" | "param" => {}
            "embed" => self.flattened.add(Loss::Embedded),
            "b" | "strong" => {
                self.builder.strong += 1;
                self.push(tag, Effect::Strong);
            }
            "i" | "em" | "cite" | "dfn" | "var" => {
                self.builder.em += 1;
                self.push(tag, Effect::Em);
            }
            "s" | "strike" | "del" => {
                self.builder.strike += 1;
                self.push(tag, Effect::Strike);
            }
            "u" | "ins" | "sub" | "sup" | "mark" | "font" | "small" | "big" => {
                self.flattened.add(Loss::Style);
                self.push(tag, Effect::Nothing);
            }
            "a" => {
                let before = self.builder.link.take();
                let href = attr(tag, "href").map(str::trim).filter(|h| !h.is_empty() && !h.starts_with('#'));
                if href.is_some_and(super::super::links::is_unsafe) {
                    self.flattened.add(Loss::Link);
                }
                self.builder.link = href.map(Arc::from);
                self.push(tag, Effect::Link(before));
            }
            "code" | "tt" | "kbd" | "samp" if self.pre.is_none() && self.code.is_none() => {
                self.code = Some(String::new());
                self.push(tag, Effect::Code);
            }
            "code" => {
                let class = attr(tag, "class").unwrap_or("");
                let named = class.split_whitespace().find_map(|c| c.strip_prefix("language-"));
                if let (Some((language, _)), Some(named)) = (&mut self.pre, named) {
                    named.clone_into(language);
                }
                self.push(tag, Effect::Nothing);
            }
            "pre" => {
                self.close_paragraph();
                self.pre = Some((String::new(), String::new()));
                self.push(tag, Effect::Pre);
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.close_paragraph();
                self.builder.heading(name.as_bytes()[1] - b'0');
                self.push(tag, Effect::Block);
            }
            "ul" | "menu" | "dir" => {
                self.close_paragraph();
                self.builder.open_list(None);
                self.push(tag, Effect::Container);
            }
            "ol" => {
                self.close_paragraph();
                let start = attr(tag, "start").and_then(|s| s.trim().parse::<u64>().ok());
                self.builder.open_list(Some(start.unwrap_or(1)));
                self.push(tag, Effect::Container);
            }
            "li" => {
                self.close_paragraph();
                self.close_until("li", &["ul", "ol", "menu", "dir", "table"]);
                self.builder.open_item();
                self.push(tag, Effect::Container);
            }
            "blockquote" => {
                self.close_paragraph();
                self.builder.open_quote(None);
                self.push(tag, Effect::Container);
            }
            "table" => {
                self.close_paragraph();
                if self.builder.open_table(Vec::new()) {
                    self.push(tag, Effect::Table);
                } else {
                    self.flattened.add(Loss::Table);
                    self.push(tag, Effect::Block);
                }
            }
            "tr" => {
                self.close_until("tr", &["table"]);
                self.header_row = true;
                let ours = self.in_own_table();
                self.push(tag, if ours { Effect::Row } else { Effect::Block });
            }
            "td" | "th" => {
                self.close_until("td", &["tr", "table"]);
                self.close_until("th", &["tr", "table"]);
                let spans =
                    |n| attr(tag, n).and_then(|v| v.trim().parse::<u32>().ok()).is_some_and(|v| v > 1);
                if spans("colspan") || spans("rowspan") {
                    self.flattened.add(Loss::TableSpans);
                }
                if self.in_own_table() {
                    self.header_row &= name == "th";
                    self.flush();
                    self.builder.open_cell();
                    self.push(tag, Effect::Cell);
                } else {
                    self.flush();
                    self.push(tag, Effect::Block);
                }
            }
            "head" | "template" | "svg" | "math" | "object" | "video" | "audio" | "canvas" | "select" => {
                if !matches!(name, "head" | "template") {
                    self.flattened.add(Loss::Embedded);
                }
                if !tag.self_closing {
                    self.dropped += 1;
                    self.push(tag, Effect::Dropped);
                }
            }
            _ if is_block(name) => {
                self.close_paragraph();
                self.flush();
                self.push(tag, Effect::Block);
            }
            _ => {
                if !tag.self_closing {
                    self.push(tag, Effect::Nothing);
                }
            }
        }
    }

    fn line_break(&mut self) {
        if let Some((_, pre)) = &mut self.pre {
            pre.push('\n');
            return;
        }
        if let Some(code) = &mut self.code {
            code.push(' ');
            return;
        }
        self.builder.trim_line_end();
        self.builder.content(Content::Break);
    }

    fn image(&mut self, tag: &Tag) {
        let alt = attr(tag, "alt").unwrap_or("").trim();
        let src = attr(tag, "src").unwrap_or("").trim();
        if self.pre.is_some() || self.code.is_some() {
            self.text(alt);
        } else if src.starts_with("http://") || src.starts_with("https://") {
            self.builder.content(Content::Image { alt: alt.to_owned(), src: src.to_owned() });
            return;
        } else {
            // Inline data or a mail part: nothing to point at.
            self.text(if alt.is_empty() { "[picture]" } else { alt });
        }
        self.flattened.add(Loss::Picture);
    }

    /// The innermost table or cell is the one the builder writes, not one flattened within a cell.
    fn in_own_table(&self) -> bool {
        let table = self.open.iter().rev().find(|e| e.name == "table");
        table.is_some_and(|e| e.effect == Effect::Table) && !self.builder.in_cell()
    }

    /// A block begins: an open paragraph ends, as HTML's parser has it.
    fn close_paragraph(&mut self) {
        self.close_until("p", &["table", "td", "th", "li", "blockquote", "div"]);
        self.flush();
    }

    /// Closes down to the innermost `name`, unless one of `walls` comes first.
    fn close_until(&mut self, name: &str, walls: &[&str]) {
        let found = self.open.iter().rposition(|e| e.name == name || walls.contains(&e.name.as_str()));
        if let Some(at) = found
            && self.open[at].name == name
        {
            self.close_above(at);
        }
    }

    fn end(&mut self, name: &str) {
        if name == "br" {
            return self.line_break();
        }
        let wall = |e: &Element| matches!(e.effect, Effect::Cell | Effect::Table);
        let inner = matches!(name, "table" | "tr" | "td" | "th" | "tbody" | "thead");
        for at in (0..self.open.len()).rev() {
            if self.open[at].name == name {
                return self.close_above(at);
            }
            if wall(&self.open[at]) && !inner {
                return;
            }
        }
        if name == "p" && self.dropped == 0 {
            self.flush();
        }
    }

    /// Closes all elements from `at` up.
    fn close_above(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(element) = self.open.pop() else { return };
            match element.effect {
                Effect::Nothing => {}
                Effect::Dropped => self.dropped = self.dropped.saturating_sub(1),
                Effect::Strong => self.builder.strong -= 1,
                Effect::Em => self.builder.em -= 1,
                Effect::Strike => self.builder.strike -= 1,
                Effect::Link(before) => self.builder.link = before,
                Effect::Code => self.close_code(),
                Effect::Pre => {
                    if let Some((language, text)) = self.pre.take() {
                        let text = text.strip_prefix('\n').unwrap_or(&text);
                        let text = text.trim_end_matches('\n').to_owned();
                        self.builder.block(Block::Code { language, text });
                    }
                }
                Effect::Block => self.flush(),
                Effect::Container => {
                    self.flush();
                    self.builder.close();
                }
                Effect::Cell => {
                    self.flush();
                    self.builder.close_cell();
                }
                Effect::Row => self.builder.close_row(self.header_row),
                Effect::Table => {
                    self.flush();
                    self.builder.close_table();
                }
            }
        }
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "aside"
            | "address"
            | "center"
            | "figure"
            | "figcaption"
            | "dl"
            | "dt"
            | "dd"
            | "fieldset"
            | "form"
            | "legend"
            | "details"
            | "summary"
            | "body"
            | "html"
            | "caption"
            | "hgroup"
    )
}
