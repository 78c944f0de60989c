//! Makes the normal form of a tree: what Markdown cannot spell is moved, merged or left out, always the same way.

use std::borrow::Cow;
use std::sync::Arc;

use super::doc::{Block, Content, DOC_DEPTH_MAX, Doc, Inline, Item, Marks, Table};
use super::links;

/// Ordered lists cannot count past nine digits in Markdown.
const LIST_START_MAX: u64 = 999_000_000;

pub(crate) fn doc(doc: &mut Doc) {
    blocks(&mut doc.blocks, 0, true);
}

fn blocks(list: &mut Vec<Block>, depth: usize, root: bool) {
    let mut out = Vec::with_capacity(list.len());
    for block in list.drain(..) {
        block_into(block, depth, root, &mut out);
    }
    *list = out;
}

fn block_into(block: Block, depth: usize, root: bool, out: &mut Vec<Block>) {
    match block {
        Block::Paragraph(mut content) => {
            inlines(&mut content, if root { Place::Paragraph } else { Place::Inner });
            if !content.is_empty() {
                out.push(Block::Paragraph(content));
            }
        }
        Block::Heading { level, mut content } => {
            inlines(&mut content, Place::Line);
            if !content.is_empty() {
                out.push(Block::Heading { level: level.clamp(1, 6), content });
            }
        }
        Block::Code { language, text } => {
            let language = language.split_whitespace().next().unwrap_or("");
            let language: String =
                language.chars().filter(|c| c.is_alphanumeric() || "+-#._".contains(*c)).take(40).collect();
            let text = sanitised(&text, true).into_owned();
            out.push(Block::Code { language, text });
        }
        Block::Quote { alert, blocks: mut inner } => {
            if depth >= DOC_DEPTH_MAX {
                for block in inner {
                    block_into(block, depth, false, out);
                }
                return;
            }
            blocks(&mut inner, depth + 1, false);
            if !inner.is_empty() {
                out.push(Block::Quote { alert, blocks: inner });
            }
        }
        Block::List { start, items } => {
            if depth >= DOC_DEPTH_MAX {
                for block in items.into_iter().flat_map(|i| i.blocks) {
                    block_into(block, depth, false, out);
                }
                return;
            }
            let mut items: Vec<Item> = items.into_iter().filter_map(|i| item(i, depth + 1)).collect();
            // Empty items at the end say nothing, and Markdown parsers differ on what follows them.
            let full = items.iter().rposition(|i| !i.blocks.is_empty()).map_or(0, |last| last + 1);
            items.truncate(full);
            if !items.is_empty() {
                out.push(Block::List { start: start.map(|n| n.min(LIST_START_MAX)), items });
            }
        }
        Block::Rule => out.push(Block::Rule),
        Block::Table(t) => out.extend(table(t)),
    }
}

/// An empty item stays only where it is no task.
fn item(mut item: Item, depth: usize) -> Option<Item> {
    blocks(&mut item.blocks, depth, false);
    if let (Some(done), first) = (item.task, item.blocks.first_mut()) {
        match first {
            None => return None,
            Some(Block::Paragraph(content)) => {
                trim_edges(content);
                if content.is_empty() {
                    item.blocks.remove(0);
                    return (!item.blocks.is_empty()).then_some(Item { task: None, ..item });
                }
            }
            Some(_) => {
                let text = if done { "[x]" } else { "[ ]" };
                item.blocks.insert(0, Block::Paragraph(vec![Inline::text(text)]));
                item.task = None;
            }
        }
    }
    Some(item)
}

fn table(mut table: Table) -> Option<Block> {
    let width = table.rows.iter().map(Vec::len).chain([table.header.len()]).max().unwrap_or(0);
    if width == 0 {
        return None;
    }
    table.align.resize(width, Default::default());
    for row in table.rows.iter_mut().chain([&mut table.header]) {
        row.resize(width, Vec::new());
        for cell in row {
            inlines(cell, Place::Line);
        }
    }
    Some(Block::Table(table))
}

/// Where a line of text stands: what may be at its edges.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Top level: blank lines above (leading breaks) stay.
    Paragraph,
    /// Within a quote or item.
    Inner,
    /// Heading or cell: the edges are trimmed.
    Line,
}

fn inlines(list: &mut Vec<Inline>, place: Place) {
    if !is_tidy(list) {
        let mut out = Vec::with_capacity(list.len());
        for piece in list.drain(..) {
            push(&mut out, piece);
        }
        if out.iter().any(|i| !i.marks.is_empty()) {
            trim_marks(&mut out);
            delink(&mut out);
        }
        *list = out;
    }
    while list.last().is_some_and(Inline::is_break) {
        list.pop();
    }
    if place != Place::Paragraph {
        let lead = list.iter().take_while(|i| i.is_break()).count();
        list.drain(..lead);
    }
    if place == Place::Line {
        trim_edges(list);
    }
}

/// The common case: nothing to clean, merge or move. May say no too often, never yes.
fn is_tidy(list: &[Inline]) -> bool {
    let clean = |text: &str| !text.is_empty() && !text.bytes().any(|b| b < 0x20 && b != b'\t');
    let mut before: Option<&Inline> = None;
    list.iter().all(|piece| {
        let joined = before.is_some_and(|b| b.marks == piece.marks && !b.is_break());
        before = Some(piece);
        match &piece.content {
            Content::Break => piece.marks.is_empty(),
            Content::Image { .. } => false,
            Content::Code(code) => !joined && clean(code) && piece.marks.link.is_none(),
            Content::Text(text) => {
                let address = piece.marks.link.as_deref();
                let marked_edge = !piece.marks.is_empty()
                    && (text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace));
                !joined
                    && clean(text)
                    && !marked_edge
                    && address.is_none_or(|a| {
                        a != text && links::clean(a) == a && !a.is_empty() && !links::is_unsafe(a)
                    })
            }
        }
    })
}

/// Takes breaks and white space off both ends.
fn trim_edges(list: &mut Vec<Inline>) {
    loop {
        match list.last_mut() {
            Some(Inline { content: Content::Break, .. }) => {}
            Some(Inline { content: Content::Text(text), .. }) => {
                text.truncate(text.trim_end().len());
                if !text.is_empty() {
                    break;
                }
            }
            _ => break,
        }
        list.pop();
    }
    let mut drop = 0;
    for piece in list.iter_mut() {
        match &mut piece.content {
            Content::Break => {}
            Content::Text(text) => {
                let lead = text.len() - text.trim_start().len();
                text.drain(..lead);
                if !text.is_empty() {
                    break;
                }
            }
            _ => break,
        }
        drop += 1;
    }
    list.drain(..drop);
}

/// Text without control characters; line ends unified, or made spaces.
pub(crate) fn sanitised(text: &str, lines: bool) -> Cow<'_, str> {
    if !text.bytes().any(|b| b < 0x20 && b != b'\t' && !(lines && b == b'\n')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push(if lines { '\n' } else { ' ' });
                }
            }
            '\n' if !lines => out.push(' '),
            '\n' | '\t' => out.push(c),
            '\u{b}' | '\u{c}' => out.push(' '),
            c if c < ' ' => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Appends a piece, cleaned and merged with an equal neighbour.
fn push(out: &mut Vec<Inline>, mut piece: Inline) {
    if let Some(href) = &piece.marks.link {
        let clean = links::clean(href);
        if clean.is_empty() || links::is_unsafe(&clean) {
            piece.marks.link = None;
        } else if clean.as_ref() != href.as_ref() {
            piece.marks.link = Some(Arc::from(clean.as_ref()));
        }
    }
    match piece.content {
        Content::Break => out.push(Inline::line_break()),
        Content::Text(text) => {
            if !text.bytes().any(|b| b < 0x20 && b != b'\t') {
                return push_text(out, text, piece.marks);
            }
            for (i, line) in sanitised(&text, true).split('\n').enumerate() {
                if i > 0 {
                    out.push(Inline::line_break());
                }
                push_text(out, line.to_owned(), piece.marks.clone());
            }
        }
        Content::Code(code) => {
            if code.is_empty() {
                return;
            }
            let code = sanitised(&code, false).into_owned();
            if piece.marks.link.is_some() && code.contains(']') {
                piece.marks.link = None; // `[`a]: b`](c)` is a link definition to Markdown
            }
            match out.last_mut() {
                Some(Inline { content: Content::Code(last), marks }) if *marks == piece.marks => {
                    last.push_str(&code)
                }
                _ if code.is_empty() => {}
                _ => out.push(Inline { content: Content::Code(code), marks: piece.marks }),
            }
        }
        Content::Image { alt, src } => {
            let alt = sanitised(&alt, false).trim().to_owned();
            let clean = links::clean(&src);
            if clean.is_empty() || links::is_unsafe(&clean) {
                return push_text(out, alt, piece.marks);
            }
            let src = clean.into_owned();
            out.push(Inline { content: Content::Image { alt, src }, marks: piece.marks });
        }
    }
}

fn push_text(out: &mut Vec<Inline>, text: String, marks: Marks) {
    if text.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(Inline { content: Content::Text(last), marks: m }) if *m == marks => last.push_str(&text),
        _ => out.push(Inline { content: Content::Text(text), marks }),
    }
}

type Has = fn(&Marks) -> bool;
type Clear = fn(&mut Marks);

/// Takes white space at the edges of a mark out of it: Markdown cannot emphasise it.
fn trim_marks(list: &mut Vec<Inline>) {
    let kinds: [(Has, Clear); 3] = [
        (|m| m.strong, |m| m.strong = false),
        (|m| m.em, |m| m.em = false),
        (|m| m.strike, |m| m.strike = false),
    ];
    for (has, clear) in kinds {
        if list.iter().any(|i| has(&i.marks)) {
            trim_one(list, |before, here| before.is_some_and(has) && has(here), has, clear);
        }
    }
    if list.iter().any(|i| i.marks.link.is_some()) {
        let same = |before: Option<&Marks>, here: &Marks| before.is_some_and(|b| b.link == here.link);
        trim_one(list, same, |m| m.link.is_some(), |m| m.link = None);
    }
}

/// `joined`: the piece before carries the same mark. Runs forward, then backward.
fn trim_one(
    list: &mut Vec<Inline>,
    joined: impl Fn(Option<&Marks>, &Marks) -> bool,
    has: impl Fn(&Marks) -> bool,
    clear: impl Fn(&mut Marks),
) {
    for forward in [true, false] {
        let old = std::mem::take(list);
        let mut out: Vec<Inline> = Vec::with_capacity(old.len() + 2);
        let pieces: Box<dyn Iterator<Item = Inline>> =
            if forward { Box::new(old.into_iter()) } else { Box::new(old.into_iter().rev()) };
        let mut before: Option<Marks> = None;
        for mut piece in pieces {
            let marks = piece.marks.clone();
            if let Content::Text(text) = &mut piece.content
                && has(&marks)
                && !joined(before.as_ref(), &marks)
            {
                let cut = if forward { text.len() - text.trim_start().len() } else { text.trim_end().len() };
                let (edge, rest) = if forward {
                    (text[..cut].to_owned(), text[cut..].to_owned())
                } else {
                    (text[cut..].to_owned(), text[..cut].to_owned())
                };
                if !edge.is_empty() {
                    let mut bare = marks.clone();
                    clear(&mut bare);
                    out.push(Inline { content: Content::Text(edge), marks: bare });
                    if rest.is_empty() {
                        before = None;
                        continue;
                    }
                    *text = rest;
                }
            }
            before = Some(marks);
            out.push(piece);
        }
        if !forward {
            out.reverse();
        }
        for piece in out {
            match piece.content {
                Content::Text(text) => push_text(list, text, piece.marks),
                _ => list.push(piece),
            }
        }
    }
}

/// Makes links that show their own address bare text, where the bare text is read as exactly those links again.
fn delink(list: &mut Vec<Inline>) {
    let candidate = |i: usize| {
        let Inline { content: Content::Text(text), marks: Marks { link: Some(href), .. } } = &list[i] else {
            return false;
        };
        let same = |j: usize| list.get(j).is_some_and(|n| n.marks.link.as_ref() == Some(href));
        text.starts_with("http") && text.as_str() == href.as_ref() && !(i > 0 && same(i - 1)) && !same(i + 1)
    };
    let chosen: Vec<bool> = (0..list.len()).map(candidate).collect();
    if !chosen.contains(&true) {
        return;
    }
    let look = |m: &Marks| (m.strong, m.em, m.strike);
    let mut start = 0;
    while start < list.len() {
        let fits = |i: usize| list[i].as_text().is_some() && (chosen[i] || list[i].marks.link.is_none());
        let mut end = start + 1;
        if fits(start) {
            while end < list.len() && fits(end) && look(&list[end].marks) == look(&list[start].marks) {
                end += 1;
            }
            let mut text = String::new();
            let mut wanted = Vec::new();
            for i in start..end {
                let from = text.len();
                text.push_str(list[i].as_text().unwrap_or_default());
                if chosen[i] {
                    wanted.push(from..text.len());
                }
            }
            if !wanted.is_empty() {
                let found = links::detect(&text);
                if wanted.iter().all(|w| found.contains(w)) {
                    for piece in &mut list[start..end] {
                        piece.marks.link = None;
                    }
                }
            }
        }
        start = end;
    }
    let old = std::mem::take(list);
    for piece in old {
        match piece.content {
            Content::Text(text) => push_text(list, text, piece.marks),
            _ => list.push(piece),
        }
    }
}
