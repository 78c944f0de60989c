//! Rules of field mappings in the file, piece by piece.

use lockstep_core::mapping::{
    DescriptionLayout, DescriptionLine, Direction, MatrixCell, Need, Rule, Supply, ValuePair,
};
use serde::Deserialize;

use super::problem::Problems;
use super::walk::Walk;

/// A rule of any kind.
pub fn rule(mut walk: Walk<'_>, problems: &mut Problems<'_>) -> Option<Rule> {
    let kind: String = walk.need(problems, "kind")?;
    let read = match kind.as_str() {
        "copy" => Some(Rule::Copy),
        "values" => Some(Rule::Values {
            pairs: pairs(&mut walk, problems),
            otherwise: walk.or_default(problems, "otherwise"),
            otherwise_back: walk.or_default(problems, "otherwise_back"),
        }),
        "matrix" => Some(Rule::Matrix {
            cells: cells(&mut walk, problems),
            otherwise: walk.or_default(problems, "otherwise"),
        }),
        "person" => Some(Rule::Person { fallback: walk.take(problems, "fallback") }),
        "constant" => walk.need(problems, "value").map(|value| Rule::Constant { value }),
        "text" => walk.need(problems, "template").map(|template| Rule::Text { template }),
        "description" => {
            let lines = lines(&mut walk, problems);
            let original = walk.need_text(problems, "original");
            original.map(|original| Rule::Description(DescriptionLayout { lines, original: original.into() }))
        }
        _ => {
            let fix = "Use copy, values, matrix, person, constant, text or description.";
            walk.report(problems, "kind", format!("there is no rule of kind \"{kind}\""), fix);
            return None;
        }
    };
    walk.end(problems);
    read
}

fn pairs(walk: &mut Walk<'_>, problems: &mut Problems<'_>) -> Vec<ValuePair> {
    let mut read = Vec::new();
    for mut inner in walk.tables(problems, "pair", |at, _| format!("pair {at}")) {
        // An empty text stands for the empty field, so it is allowed.
        let (source, target) = (inner.need(problems, "source"), inner.need(problems, "target"));
        let direction = inner.take(problems, "direction").unwrap_or(Direction::Both);
        let target_needs = needs(&mut inner, "target_needs", problems);
        let source_needs = needs(&mut inner, "source_needs", problems);
        inner.end(problems);
        if let (Some(source), Some(target)) = (source, target) {
            read.push(ValuePair { source, target, direction, target_needs, source_needs });
        }
    }
    read
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct From {
    field: String,
    or: Option<String>,
}

fn needs(walk: &mut Walk<'_>, key: &'static str, problems: &mut Problems<'_>) -> Vec<Need> {
    let mut read = Vec::new();
    for mut inner in walk.tables(problems, key, |at, _| format!("{} {at}", key.replace('_', " "))) {
        let field = inner.need_text(problems, "field");
        let mut supplies: Vec<Supply> = Vec::new();
        supplies.extend(inner.take(problems, "fixed").map(Supply::Fixed));
        supplies.extend(
            inner
                .take::<From>(problems, "from")
                .map(|from| Supply::From { field: from.field.into(), or: from.or }),
        );
        supplies.extend(inner.take(problems, "text").map(Supply::Text));
        supplies.extend(inner.take(problems, "last_public_comment").map(Supply::LastPublicComment));
        let said =
            ["fixed", "from", "text", "last_public_comment"].iter().filter(|key| inner.had(key)).count();
        if said != 1 {
            let message = if said == 0 {
                "nothing says where the value comes from"
            } else {
                "several keys say where the value comes from"
            };
            let fix = "Write one of fixed = \"…\", from = { field = \"…\" }, text = \"…\" or last_public_comment = \"…\".";
            inner.report(problems, "field", message, fix);
        }
        inner.end(problems);
        if let (Some(field), Some(supply)) = (field, supplies.pop()) {
            read.push(Need { field: field.into(), supply });
        }
    }
    read
}

fn cells(walk: &mut Walk<'_>, problems: &mut Problems<'_>) -> Vec<MatrixCell> {
    let mut read = Vec::new();
    for mut inner in walk.tables(problems, "cell", |at, _| format!("cell {at}")) {
        let (when, then) = (inner.need(problems, "when"), inner.need(problems, "then"));
        inner.end(problems);
        if let (Some(when), Some(then)) = (when, then) {
            read.push(MatrixCell { when, then });
        }
    }
    read
}

fn lines(walk: &mut Walk<'_>, problems: &mut Problems<'_>) -> Vec<DescriptionLine> {
    let mut read = Vec::new();
    for mut inner in walk.tables(problems, "line", |at, _| format!("line {at}")) {
        let label = inner.need(problems, "label");
        let field: Option<String> = inner.take(problems, "field");
        let when_empty = inner.or_default(problems, "when_empty");
        inner.end(problems);
        read.extend(label.map(|label| DescriptionLine { label, field: field.map(Into::into), when_empty }));
    }
    read
}
