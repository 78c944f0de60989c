//! Writes the inside of a line as Markdown. Emphasis is placed so that it always opens and closes: where a
//! neighbouring letter would prevent that, the letter is written as a character reference, which renders the same.
//! Depends on CommonMark's flanking rules as pulldown-cmark applies them.

use super::doc::{Content, Inline, Marks};
use super::write::longest_run;

/// What a line is part of.
#[derive(Clone, Copy)]
pub(crate) enum Mode<'a> {
    /// A paragraph whose further lines begin with this prefix.
    Paragraph(&'a str),
    /// A heading: one line.
    Heading,
    /// A table cell: one line, no bare `|`.
    Cell,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Link,
    Strong,
    Em,
    Strike,
}

const KINDS: [Kind; 4] = [Kind::Link, Kind::Strong, Kind::Em, Kind::Strike];

impl Kind {
    fn has(self, marks: &Marks) -> bool {
        match self {
            Kind::Link => marks.link.is_some(),
            Kind::Strong => marks.strong,
            Kind::Em => marks.em,
            Kind::Strike => marks.strike,
        }
    }

    /// Carried by both, for a link: with the same address.
    fn joins(self, left: &Marks, right: &Marks) -> bool {
        self.has(left) && self.has(right) && (self != Kind::Link || left.link == right.link)
    }
}

struct Line<'a, 'm> {
    out: &'a mut String,
    mode: Mode<'m>,
    /// `*`, or `_` where the line also has bold, so that runs of stars never touch.
    em: &'static str,
    open: Vec<Kind>,
    line_start: bool,
    /// The next text must not begin with a letter.
    guard: bool,
    /// Emphasis was just opened: the next text must not begin with white space.
    opened: bool,
}

/// Writes normal pieces (`Doc::normalise`).
pub(crate) fn write_inlines(out: &mut String, pieces: &[Inline], mode: Mode<'_>) {
    let em = if pieces.iter().any(|p| p.marks.strong) { "_" } else { "*" };
    let line_start = matches!(mode, Mode::Paragraph(_));
    let mut line = Line { out, mode, em, open: Vec::new(), line_start, guard: false, opened: false };
    let mut before = Marks::default();
    for (i, piece) in pieces.iter().enumerate() {
        line.close_for(&before, &piece.marks);
        line.open_for(&pieces[i..]);
        let next = pieces.get(i + 1);
        line.piece(piece, next);
        before = piece.marks.clone();
    }
    line.close_for(&before, &Marks::default());
}

impl Line<'_, '_> {
    fn close_for(&mut self, before: &Marks, here: &Marks) {
        let keep = self.open.iter().take_while(|k| k.joins(before, here)).count();
        while self.open.len() > keep {
            match self.open.pop() {
                Some(Kind::Link) => {
                    self.out.push_str("](");
                    push_address(self.out, before.link.as_deref().unwrap_or_default());
                    self.out.push(')');
                    self.guard = false;
                }
                Some(kind) => self.close(kind),
                None => {}
            }
            self.opened = false;
        }
    }

    fn delimiter(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Strong => "**",
            Kind::Strike => "~~",
            Kind::Em => self.em,
            Kind::Link => "[",
        }
    }

    fn close(&mut self, kind: Kind) {
        if self.out.ends_with(char::is_whitespace) {
            self.refer_last();
        }
        let delimiter = self.delimiter(kind);
        let plain = self.out.chars().next_back().is_some_and(is_letter);
        self.guard = delimiter == "_" || !plain;
        self.out.push_str(delimiter);
    }

    fn open_for(&mut self, rest: &[Inline]) {
        let here = &rest[0].marks;
        let mut missing: Vec<(usize, Kind)> = Vec::new();
        for kind in KINDS {
            if kind.has(here) && !self.open.contains(&kind) {
                let reach = rest.iter().take_while(|p| kind.joins(here, &p.marks)).count();
                missing.push((reach, kind));
            }
        }
        missing.sort_by_key(|(reach, _)| std::cmp::Reverse(*reach));
        for i in 0..missing.len() {
            let (_, kind) = missing[i];
            if kind != Kind::Link {
                // A text of one letter might itself be written as a reference, for the sake of what follows.
                let letter_next = i + 1 == missing.len()
                    && rest[0].as_text().is_some_and(|t| {
                        let mut chars = t.chars();
                        chars.next().is_some_and(is_letter) && chars.next().is_some()
                    });
                let lenient = kind == Kind::Strike || (self.delimiter(kind) != "_" && letter_next);
                let fine = |c: char| matches!(c, ' ' | '\t' | '\n') || c.is_ascii_punctuation();
                if !lenient && !self.line_start && !self.out.chars().next_back().is_none_or(fine) {
                    self.refer_last();
                }
                self.opened = true;
            } else {
                self.opened = false;
            }
            let delimiter = self.delimiter(kind);
            self.out.push_str(delimiter);
            self.guard = false;
            self.line_start = false;
            self.open.push(kind);
        }
    }

    /// Writes the last character again, as a character reference.
    fn refer_last(&mut self) {
        if let Some(c) = self.out.pop() {
            push_reference(self.out, c);
        }
    }

    fn piece(&mut self, piece: &Inline, next: Option<&Inline>) {
        match &piece.content {
            Content::Text(text) => {
                let last = next.is_none();
                let line_end = next.is_none_or(Inline::is_break);
                self.text(text, line_end, last);
            }
            Content::Code(code) => self.code(code),
            Content::Image { alt, src } => {
                self.out.push_str("![");
                self.line_start = false;
                self.open.push(Kind::Link);
                self.opened = false;
                self.guard = false;
                self.text(alt, false, false);
                self.open.pop();
                self.out.push_str("](");
                push_address(self.out, src);
                self.out.push(')');
            }
            Content::Break => match self.mode {
                Mode::Paragraph(prefix) => {
                    self.out.push_str("\\\n");
                    self.out.push_str(prefix);
                    self.line_start = true;
                }
                _ => self.out.push_str("<br>"),
            },
        }
        self.guard = false;
        self.opened = false;
    }

    fn code(&mut self, code: &str) {
        let fence = "`".repeat(longest_run(code, b'`') + 1);
        let spaced = code.starts_with(' ') && code.ends_with(' ') && !code.bytes().all(|b| b == b' ');
        let pad = if spaced || code.starts_with('`') || code.ends_with('`') { " " } else { "" };
        self.out.push_str(&fence);
        self.out.push_str(pad);
        if matches!(self.mode, Mode::Cell) && code.contains('|') {
            self.out.push_str(&code.replace('|', "\\|"));
        } else {
            self.out.push_str(code);
        }
        self.out.push_str(pad);
        self.out.push_str(&fence);
        self.line_start = false;
    }

    /// `line_end`: nothing of this line follows; `last`: nothing at all.
    fn text(&mut self, text: &str, line_end: bool, last: bool) {
        let bytes = text.as_bytes();
        let mut at = 0;
        if let Some(first) = text.chars().next() {
            let letter = self.guard && !first.is_ascii_punctuation() && !matches!(first, ' ' | '\t');
            let space =
                (self.opened && first.is_whitespace()) || (self.line_start && matches!(first, ' ' | '\t'));
            if letter || space {
                push_reference(self.out, first);
                at = first.len_utf8();
            } else if self.line_start {
                at = self.line_marker(text);
            }
        }
        let mut end = bytes.len();
        let trailing = line_end && at < end && matches!(bytes[end - 1], b' ' | b'\t');
        if trailing {
            end -= 1;
        }
        let mut plain = at;
        while at < end {
            if !is_special(bytes[at]) {
                at += 1;
                continue;
            }
            let run = self.special(text, at, line_end, last);
            match run {
                Spelling::Plain(n) => at += n,
                Spelling::Escaped => {
                    self.out.push_str(&text[plain..at]);
                    self.out.push('\\');
                    plain = at;
                    at += 1;
                }
                Spelling::Reference => {
                    self.out.push_str(&text[plain..at]);
                    push_reference(self.out, char::from(bytes[at]));
                    at += 1;
                    plain = at;
                }
            }
        }
        self.out.push_str(&text[plain..end]);
        if trailing {
            push_reference(self.out, char::from(bytes[end]));
        }
        self.line_start = false;
    }

    /// Escapes what would begin a block; returns how many bytes it wrote.
    fn line_marker(&mut self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let ends = |i: usize| bytes.get(i).is_none_or(|b| matches!(b, b' ' | b'\t'));
        let marker = match bytes[0] {
            b'#' => ends(bytes.iter().take_while(|b| **b == b'#').count()),
            b'>' | b'|' | b'*' => true,
            // A task's box, an alert's label; a link definition is prevented at its `]:`.
            b'[' => bytes.get(1).is_none_or(|b| matches!(b, b' ' | b'\t' | b'x' | b'X' | b'!' | b'^')),
            b'-' => ends(1) || matches!(bytes[1], b'-' | b':' | b'|'),
            b'+' => ends(1),
            b'=' => ends(1) || bytes[1] == b'=',
            b':' => ends(1) || bytes[1] == b'-',
            b'0'..=b'9' => {
                let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
                if matches!(bytes.get(digits), Some(b'.' | b')')) && ends(digits + 1) {
                    self.out.push_str(&text[..digits]);
                    self.out.push('\\');
                    self.out.push(char::from(bytes[digits]));
                    return digits + 1;
                }
                false
            }
            _ => false,
        };
        if marker {
            self.out.push('\\');
            self.out.push(char::from(bytes[0]));
        }
        usize::from(marker)
    }

    fn special(&self, text: &str, at: usize, line_end: bool, last: bool) -> Spelling {
        let bytes = text.as_bytes();
        let next = bytes.get(at + 1).copied();
        let escape = |yes: bool| if yes { Spelling::Escaped } else { Spelling::Plain(1) };
        match bytes[at] {
            b'`' if next.is_none() => Spelling::Reference,
            b'`' | b'~' => Spelling::Escaped,
            // A backslash is itself before anything but punctuation.
            b'\\' => {
                let safe =
                    next.is_some_and(|n| n == b' ' || n.is_ascii_alphanumeric()) && at + 2 < bytes.len();
                escape(!safe)
            }
            b'*' => {
                let alone = at >= 2 && bytes[at - 1] == b' ' && next == Some(b' ') && at + 2 < bytes.len();
                escape(!alone)
            }
            b'_' => {
                let run = bytes[at..].iter().take_while(|b| **b == b'_').count();
                let left = at >= 2 && bytes[at - 1].is_ascii_alphanumeric();
                let right =
                    bytes.get(at + run).is_some_and(u8::is_ascii_alphanumeric) && at + run + 1 < bytes.len();
                if left && right { Spelling::Plain(run) } else { Spelling::Escaped }
            }
            b'[' => escape(self.open.contains(&Kind::Link)),
            b']' => {
                let link = next.map_or(!line_end, |n| matches!(n, b'(' | b'[' | b':'));
                escape(link || self.open.contains(&Kind::Link))
            }
            // Nearly anything may begin a tag or a mail address.
            b'<' => escape(!matches!(next, Some(b' ' | b'\t' | b'<' | b'>'))),
            b'&' => escape(is_reference(&bytes[at + 1..])),
            b'!' => escape(next.is_none() && !last),
            b'|' if matches!(self.mode, Mode::Cell) => Spelling::Reference,
            b'#' => escape(matches!(self.mode, Mode::Heading) && next.is_none() && last),
            _ => Spelling::Plain(1),
        }
    }
}

enum Spelling {
    Plain(usize),
    Escaped,
    Reference,
}

fn is_special(b: u8) -> bool {
    matches!(b, b'`' | b'~' | b'\\' | b'*' | b'_' | b'[' | b']' | b'<' | b'&' | b'!' | b'|' | b'#')
}

/// Whether what follows a `&` makes a character reference.
fn is_reference(rest: &[u8]) -> bool {
    let name = rest.iter().take(40).take_while(|b| b.is_ascii_alphanumeric() || **b == b'#').count();
    name > 0 && rest.get(name) == Some(&b';')
}

/// Certainly neither punctuation nor white space, to any Markdown parser.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && matches!(c as u32, 0..0x2000 | 0x3040..0x3100 | 0x4E00..0xA000 | 0xAC00..0xD7A4)
}

fn push_reference(out: &mut String, c: char) {
    out.push_str("&#");
    out.push_str(&(c as u32).to_string());
    out.push(';');
}

fn push_address(out: &mut String, href: &str) {
    let angle = href.contains(['(', ')']);
    if angle {
        out.push('<');
    }
    for (i, c) in href.char_indices() {
        if c == '&' && is_reference(&href.as_bytes()[i + 1..]) {
            out.push('\\');
        }
        out.push(c);
    }
    if angle {
        out.push('>');
    }
}
