//! What must hold of every parser of remote or user bytes, whatever the bytes. Each law panics where it is broken.
//! `make fuzz` searches for such bytes (`src-tauri/fuzz`), `make test` tries seeds and chance (`main.rs` beside this).

mod bits;
mod configuration;
mod connectors;
mod text;

/// One law.
pub struct Law {
    pub name: &'static str,
    pub holds: fn(&[u8]),
    /// Inputs to begin with: usual ones, and each that broke the law once.
    pub seeds: &'static [&'static [u8]],
    /// Cases of chance in `make test`; fewer where one is slow.
    pub cases: u32,
}

/// All of them.
pub const LAWS: [Law; 15] = [
    Law { name: "markdown", holds: text::markdown, seeds: text::TEXTS, cases: 2_000 },
    Law { name: "html", holds: text::html, seeds: text::PAGES, cases: 2_000 },
    Law { name: "journal", holds: text::journal, seeds: text::JOURNALS, cases: 2_000 },
    Law { name: "plain", holds: text::plain, seeds: text::TEXTS, cases: 2_000 },
    Law { name: "adf", holds: text::adf, seeds: text::DOCUMENTS, cases: 2_000 },
    Law { name: "limit", holds: text::limit, seeds: text::TEXTS, cases: 1_000 },
    Law { name: "marker", holds: text::marker, seeds: text::MARKERS, cases: 2_000 },
    Law { name: "headers", holds: connectors::headers, seeds: connectors::HEADERS, cases: 2_000 },
    Law { name: "servicenow", holds: connectors::servicenow, seeds: connectors::NOW_ANSWERS, cases: 400 },
    Law { name: "jira", holds: connectors::jira, seeds: connectors::JIRA_ANSWERS, cases: 400 },
    Law { name: "cursor", holds: connectors::cursor, seeds: connectors::CURSORS, cases: 1_000 },
    Law { name: "query", holds: connectors::query, seeds: connectors::WORDS, cases: 1_000 },
    Law { name: "address", holds: connectors::address, seeds: connectors::ADDRESSES, cases: 2_000 },
    Law { name: "toml", holds: configuration::toml, seeds: configuration::FILES, cases: 300 },
    Law { name: "check", holds: configuration::check, seeds: configuration::FILES, cases: 300 },
];
