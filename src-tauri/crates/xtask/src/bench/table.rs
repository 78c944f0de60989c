//! Results for people.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};

use super::measure::{Must, Row};

/// Between these lines of the page stands the table.
const BEGIN: &str = "<!-- results: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of results -->";

/// One figure in one line.
pub fn line(row: &Row) -> String {
    let must = bound(row).map(|bound| format!(" (must be {bound}: {})", verdict(row))).unwrap_or_default();
    format!("{}: {}{must}", row.figure, number(row.measured))
}

/// All of them as a Markdown table.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = "| case | figure | measured | must | |\n| --- | --- | ---: | ---: | --- |\n".to_owned();
    for row in rows {
        let must = bound(row).unwrap_or_default();
        let (case, figure, measured) = (&row.case, &row.figure, number(row.measured));
        writeln!(text, "| {case} | {figure} | {measured} | {must} | {} |", verdict(row))
            .expect("writing to a string");
    }
    text
}

/// Puts the table into the page, between its two marks.
pub fn write(page: &Path, rows: &[Row]) -> Result<()> {
    let text = std::fs::read_to_string(page).with_context(|| format!("{}", page.display()))?;
    let (head, rest) = text.split_once(BEGIN).context("the page has no place for results")?;
    let (_, tail) = rest.split_once(END).context("the page's results have no end")?;
    let table = markdown(rows);
    std::fs::write(page, format!("{head}{BEGIN}\n{table}{END}{tail}"))?;
    Ok(())
}

fn bound(row: &Row) -> Option<String> {
    Some(match row.must? {
        Must::AtLeast(bound) => format!("≥ {}", number(bound)),
        Must::AtMost(bound) => format!("≤ {}", number(bound)),
    })
}

fn verdict(row: &Row) -> &'static str {
    match row.is_met() {
        Some(true) => "met",
        Some(false) => "**missed**",
        None => "",
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        big if big >= 100.0 => format!("{value:.0}"),
        middle if middle >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}
