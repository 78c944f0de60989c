//! What is wrong with a configuration file: where, what, and what to do about it.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One problem of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/", rename = "ConfigProblem")]
pub struct Problem {
    /// From 1.
    #[ts(type = "number")]
    pub line: usize,
    /// In characters, from 1.
    #[ts(type = "number")]
    pub column: usize,
    /// `connection "Corvane" › type "Incident" › field 3`; empty for the file as a whole.
    pub place: String,
    pub message: String,
    pub fix: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "{}", self.message)
    }
}

/// Collects problems of one text.
#[derive(Debug)]
pub struct Problems<'s> {
    text: &'s str,
    line_starts: Vec<usize>,
    found: Vec<Problem>,
}

impl<'s> Problems<'s> {
    /// Of this text.
    pub fn of(text: &'s str) -> Problems<'s> {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Problems { text, line_starts, found: Vec::new() }
    }

    /// Adds one, at the beginning of `span`.
    pub fn add(
        &mut self,
        span: &Range<usize>,
        place: &str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (line, column) = self.position(span.start);
        self.found.push(Problem {
            line,
            column,
            place: place.to_owned(),
            message: message.into(),
            fix: fix.into(),
        });
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// All of them in the order of the text, each once.
    pub fn sorted(mut self) -> Vec<Problem> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let problems = Problems::of("é = 1\nab\n");
        assert_eq!(problems.position(0), (1, 1));
        assert_eq!(problems.position(3), (1, 3));
        assert_eq!(problems.position(8), (2, 2));
        assert_eq!(problems.position(99), (3, 1));
    }
}
