//! The canonical Markdown of a text: what the engine compares (`engine.md` §3.1).

use super::doc::{parse, to_markdown};

/// Normalised Markdown: one spelling per look, trimmed, line ends unified. `canonical(canonical(x)) == canonical(x)`.
pub fn canonical(markdown: &str) -> String {
    to_markdown(&parse(markdown))
}
