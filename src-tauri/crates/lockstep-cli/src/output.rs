//! What the program prints: tables and sentences for people, or JSON. Text from platforms never reaches the terminal
//! with control characters in it (threat T15).

use std::io::{IsTerminal, Write};

use lockstep_app::ApiError;
use serde::Serialize;

/// Where and how to print.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub json: bool,
}

impl Output {
    /// One JSON document, whole.
    pub fn document<T: Serialize>(self, value: &T) {
        let text = serde_json::to_string_pretty(value).expect("what is printed is plain data");
        print_line(&text);
    }

    /// One JSON document on one line, for streams of them.
    pub fn json_line<T: Serialize>(self, value: &T) {
        let text = serde_json::to_string(value).expect("what is printed is plain data");
        print_line(&text);
    }

    /// A sentence for people; nothing with `--json`.
    pub fn say(self, sentence: impl AsRef<str>) {
        if !self.json {
            print_line(&clean_lines(sentence.as_ref()));
        }
    }

    /// Says something beside the result, on the error stream.
    pub fn note(self, sentence: impl AsRef<str>) {
        if !self.json {
            // A closed error stream is no reason to stop.
            let _ = writeln!(std::io::stderr(), "{}", clean_lines(sentence.as_ref()));
        }
    }

    /// A table for people; nothing with `--json`.
    pub fn table(self, head: &[&str], rows: &[Vec<String>]) {
        if !self.json {
            for line in table_lines(head, rows) {
                print_line(&line);
            }
        }
    }

    /// An error: three lines for people, one JSON line for programs, both on the error stream.
    pub fn failure(self, error: &ApiError) {
        let mut stream = std::io::stderr();
        // A closed error stream cannot be told about.
        let _ = if self.json {
            let document = serde_json::json!({ "error": error });
            writeln!(stream, "{document}")
        } else {
            let command = error.command.as_ref().map(|command| format!("`{command}`"));
            let lines = error.hint.iter().chain(&command).map(|line| format!("\n  {}", clean_lines(line)));
            writeln!(stream, "error: {}{}", clean_lines(&error.message), lines.collect::<String>())
        };
    }
}

/// Whether people watch the error stream, where progress is drawn.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

fn print_line(line: &str) {
    // Whoever stopped reading does not want the rest; the work itself goes on.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Text fit for a terminal: control characters and those that turn the writing direction are spelled out.
pub fn clean(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut clean, c| {
        match c {
            '\n' => clean.push('⏎'),
            '\t' => clean.push(' '),
            c if is_unsafe(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
        clean
    })
}

/// As [`clean`], keeping line ends.
pub fn clean_lines(text: &str) -> String {
    text.split('\n').map(clean).collect::<Vec<_>>().join("\n")
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// At most `max` characters, the cut marked.
pub fn short(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn table_lines(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
        cells.chain([head[at].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(clean("a\u{1b}[31mb\u{7}\u{9b}\u{202e}c"), "a\\u{1b}[31mb\\u{7}\\u{9b}\\u{202e}c");
        assert_eq!(clean("x\ny\tz"), "x⏎y z");
        assert_eq!(clean_lines("x\r\ny"), "x\\u{d}\ny");
        assert_eq!(clean("Inês — ok"), "Inês — ok");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![vec!["a".to_owned(), "1".to_owned()], vec!["long\u{1b}".to_owned(), String::new()]];
        assert_eq!(table_lines(&["Name", "N"], &rows), ["Name        N", "a           1", "long\\u{1b}"]);
        assert_eq!(short("abcdef", 4), "abc…");
    }
}
