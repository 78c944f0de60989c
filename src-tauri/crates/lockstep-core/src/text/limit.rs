//! Cutting a text to a platform's limit (Jira: 32,767 characters, `jira.md` §15). A cut text is lossy (H27).

use super::doc::{Block, Content, Doc, Inline, Row, parse, to_markdown};

/// The text, at most `limit` characters long, ending in `mark` if it had to be cut; and whether it was cut.
/// A mark that does not fit itself is left out.
pub fn cut_at_chars(text: &str, limit: usize, mark: &str) -> (String, bool) {
    if text.len() <= limit || text.char_indices().nth(limit).is_none() {
        return (text.to_owned(), false);
    }
    let mark = if mark.chars().count() <= limit { mark } else { "" };
    let room = limit - mark.chars().count();
    let end = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
    (format!("{}{mark}", &text[..end]), true)
}

/// Canonical Markdown of at most `limit` characters: code, tables, lists and emphasis that are cut are closed again.
/// `mark` is Markdown, and becomes the last paragraph of a cut text.
pub fn cut_markdown(markdown: &str, limit: usize, mark: &str) -> (String, bool) {
    let doc = parse(markdown);
    let whole = to_markdown(&doc);
    if whole.chars().count() <= limit {
        return (whole, false);
    }
    let mark = parse(mark);
    let try_cut = |room: usize, mark: &Doc| {
        let mut left = room;
        let mut blocks = keep_blocks(&doc.blocks, &mut left);
        blocks.extend(mark.blocks.iter().cloned());
        let text = to_markdown(&Doc { blocks }.normalise());
        (text.chars().count() <= limit).then_some(text)
    };
    let mut best = try_cut(0, &mark).or_else(|| try_cut(0, &Doc::default())).unwrap_or_default();
    let (mut low, mut high) = (0, limit);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        match try_cut(middle, &mark) {
            Some(text) => {
                best = text;
                low = middle;
            }
            None => high = middle - 1,
        }
    }
    (best, true)
}

/// The first `left` characters' worth of blocks.
fn keep_blocks(blocks: &[Block], left: &mut usize) -> Vec<Block> {
    let mut kept = Vec::new();
    for block in blocks {
        if *left == 0 {
            break;
        }
        match block {
            Block::Paragraph(content) => kept.push(Block::Paragraph(keep_line(content, left))),
            Block::Heading { level, content } => {
                kept.push(Block::Heading { level: *level, content: keep_line(content, left) });
            }
            Block::Code { language, text } => {
                let text = keep_text(text, left);
                kept.push(Block::Code { language: language.clone(), text });
            }
            Block::Quote { alert, blocks } => {
                kept.push(Block::Quote { alert: *alert, blocks: keep_blocks(blocks, left) });
            }
            Block::List { start, items } => {
                let mut list = Vec::new();
                for item in items {
                    *left = left.saturating_sub(2);
                    if *left == 0 {
                        break;
                    }
                    let mut item = item.clone();
                    item.blocks = keep_blocks(&item.blocks, left);
                    list.push(item);
                }
                kept.push(Block::List { start: *start, items: list });
            }
            Block::Rule => {
                *left = left.saturating_sub(3);
                kept.push(Block::Rule);
            }
            Block::Table(table) => {
                let mut cut = table.clone();
                cut.rows.clear();
                *left = left.saturating_sub(row_size(&table.header));
                for row in &table.rows {
                    if *left < row_size(row) {
                        *left = 0;
                        break;
                    }
                    *left -= row_size(row);
                    cut.rows.push(row.clone());
                }
                kept.push(Block::Table(cut));
            }
        }
    }
    kept
}

fn row_size(row: &Row) -> usize {
    row.iter().map(|cell| 3 + cell.iter().map(size).sum::<usize>()).sum()
}

fn size(piece: &Inline) -> usize {
    match &piece.content {
        Content::Text(text) | Content::Code(text) => text.chars().count(),
        Content::Image { alt, src } => alt.chars().count() + src.chars().count(),
        Content::Break => 1,
    }
}

fn keep_line(content: &[Inline], left: &mut usize) -> Vec<Inline> {
    let mut kept = Vec::new();
    for piece in content {
        if *left == 0 {
            break;
        }
        let mut piece = piece.clone();
        let size = size(&piece);
        match &mut piece.content {
            Content::Text(text) | Content::Code(text) => *text = keep_text(text, left),
            Content::Image { .. } if size > *left => {
                *left = 0;
                break;
            }
            Content::Image { .. } | Content::Break => *left -= size.min(*left),
        }
        kept.push(piece);
    }
    kept
}

fn keep_text(text: &str, left: &mut usize) -> String {
    match text.char_indices().nth(*left) {
        Some((end, _)) => {
            *left = 0;
            text[..end].to_owned()
        }
        None => {
            *left -= text.chars().count().min(*left);
            text.to_owned()
        }
    }
}
