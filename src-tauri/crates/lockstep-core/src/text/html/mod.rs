//! HTML, as e-mail made tickets, Zendesk and `[code]` pieces hold it. What we write is escaped throughout: no HTML
//! that stood in a text gets through (threat T1).

mod read;
mod write;

pub use write::to_html;

use super::doc::{Doc, to_markdown};
use super::{Converted, Flattened};

/// Markdown of an HTML fragment or page. Scripts, styles and comments are dropped.
pub fn from_html(html: &str) -> Converted {
    let (doc, flattened) = read(html);
    Converted { text: to_markdown(&doc), flattened }
}

pub(crate) fn read(html: &str) -> (Doc, Flattened) {
    read::read(html)
}
