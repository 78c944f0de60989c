//! Type mappings in the file: scopes, filters, field mappings, templates, comments, files.

use std::collections::BTreeMap;

use lockstep_core::connector::Scope;
use lockstep_core::mapping::comments::CarryRow;
use lockstep_core::mapping::{
    AttachmentRules, CommentRules, Condition, Direction, FieldMapping, Filter, MatchRule, NoMatch, Operator,
    Rule, Template, TypeMapping,
};
use lockstep_core::side::{Pair, Side};
use serde::Deserialize;

use super::document::Platform;
use super::problem::Problems;
use super::rule::rule;
use super::walk::{Walk, named};

/// Longest file that makes sense to allow, bytes.
const BYTES_MAX: u64 = i64::MAX as u64;

/// One pair of ticket types.
pub fn type_mapping(
    walk: &mut Walk<'_>,
    name: Option<String>,
    platforms: Pair<Option<Platform>>,
    problems: &mut Problems<'_>,
) -> Option<TypeMapping> {
    let source = scope(walk, "source", platforms.source, problems);
    let target = scope(walk, "target", platforms.target, problems);
    let filter = filters(walk, problems);
    let target_tickets = walk.or_default(problems, "target_tickets");
    let include_private = walk.or_default(problems, "include_private");
    let fields = fields(walk, problems);
    let templates = templates(walk, "template", problems);
    let source_templates = templates_of_source(walk, problems);
    let no_match: NoMatch = walk.or_default(problems, "no_match");
    fallback(walk, &no_match, target_tickets, [&templates, &source_templates], problems);
    let match_rule = walk.table(problems, "match").and_then(|inner| match_rule(inner, problems));
    let comments =
        walk.table(problems, "comments").map(|inner| comments(inner, problems)).unwrap_or_default();
    let attachments =
        walk.table(problems, "attachments").map(|inner| attachments(inner, problems)).unwrap_or_default();
    Some(TypeMapping {
        name: name?,
        source: source?,
        target: target?,
        filter,
        target_tickets,
        include_private,
        fields,
        templates,
        source_templates,
        no_match,
        match_rule,
        comments,
        attachments,
    })
}

fn scope(
    walk: &mut Walk<'_>,
    key: &'static str,
    platform: Option<Platform>,
    problems: &mut Problems<'_>,
) -> Option<Scope> {
    let Some(mut inner) = walk.table(problems, key) else {
        if !walk.had(key) {
            walk.missing(problems, key);
        }
        return None;
    };
    let container: String = inner.or_default(problems, "container");
    let ticket_type = inner.need_text(problems, "ticket_type");
    let request_type: Option<String> = inner.take(problems, "request_type");
    if platform == Some(Platform::Jira) && container.trim().is_empty() {
        inner.report(
            problems,
            "container",
            "the project is missing",
            "Write container = \"CSD\", the project's key or id.",
        );
    }
    if platform == Some(Platform::ServiceNow) && request_type.is_some() {
        inner.report(problems, "request_type", "request types are Jira's", "Remove request_type.");
    }
    inner.end(problems);
    Some(Scope { container, ticket_type: ticket_type?, request_type })
}

fn filters(walk: &mut Walk<'_>, problems: &mut Problems<'_>) -> Pair<Filter> {
    let Some(mut inner) = walk.table(problems, "filter") else {
        return Pair::default();
    };
    let mut side = |key| inner.table(problems, key).map(|inner| filter(inner, problems)).unwrap_or_default();
    let pair = Pair { source: side("source"), target: side("target") };
    inner.end(problems);
    pair
}

fn filter(mut walk: Walk<'_>, problems: &mut Problems<'_>) -> Filter {
    let filter =
        Filter { all: conditions(&mut walk, "all", problems), any: conditions(&mut walk, "any", problems) };
    walk.end(problems);
    filter
}

fn conditions(walk: &mut Walk<'_>, key: &'static str, problems: &mut Problems<'_>) -> Vec<Condition> {
    let mut read = Vec::new();
    for mut inner in walk.tables(problems, key, |at, _| format!("{key} {at}")) {
        let field = inner.need_text(problems, "field");
        let operator: Operator = inner.or_default(problems, "operator");
        let values: Vec<String> = inner.or_default(problems, "values");
        let compares = matches!(operator, Operator::Is | Operator::IsNot | Operator::Contains);
        if compares && values.is_empty() && !inner.had("values") {
            inner.missing(problems, "values");
        } else if !compares && !values.is_empty() {
            inner.report(
                problems,
                "values",
                "this operator compares with nothing",
                "Remove values, or choose another operator.",
            );
        }
        read.extend(field.map(|field| Condition { field: field.into(), operator, values }));
        inner.end(problems);
    }
    read
}

fn fields(walk: &mut Walk<'_>, problems: &mut Problems<'_>) -> Vec<FieldMapping> {
    let mut read: Vec<FieldMapping> = Vec::new();
    let mut numbers: Vec<usize> = Vec::new();
    for (at, mut inner) in
        walk.tables(problems, "field", |at, _| format!("field {at}")).into_iter().enumerate()
    {
        if let Some(field) = field(&mut inner, problems) {
            if let Some(before) = read.iter().position(|before| before.key() == field.key()) {
                let message = format!("field {} joins the same fields already", numbers[before]);
                inner.report(problems, "source", message, "Keep one of them.");
            }
            numbers.push(at + 1);
            read.push(field);
        }
        inner.end(problems);
    }
    read
}

/// `"field"` or `["field", "field"]`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a field's name, or a list of names")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn field_names(
    walk: &mut Walk<'_>,
    key: &'static str,
    problems: &mut Problems<'_>,
) -> Option<Vec<lockstep_core::FieldId>> {
    let names = match walk.take(problems, key) {
        Some(OneOrMany::One(one)) => vec![one],
        Some(OneOrMany::Many(many)) => many,
        None if walk.had(key) => return None,
        None => Vec::new(),
    };
    if names.iter().any(|name| name.trim().is_empty()) {
        walk.report(
            problems,
            key,
            "a field's name is empty",
            "Write the field's API name: short_description, summary.",
        );
        return None;
    }
    Some(names.into_iter().map(Into::into).collect())
}

fn field(walk: &mut Walk<'_>, problems: &mut Problems<'_>) -> Option<FieldMapping> {
    let source = field_names(walk, "source", problems);
    let target = field_names(walk, "target", problems);
    let direction: Option<Direction> = walk.need(problems, "direction");
    let write = walk.or_default(problems, "write");
    let on_conflict = walk.or_default(problems, "on_conflict");
    let enforce = walk.or_default(problems, "enforce");
    let read = match walk.table(problems, "rule") {
        Some(inner) => rule(inner, problems),
        None => {
            if !walk.had("rule") {
                walk.missing(problems, "rule");
            }
            None
        }
    };
    let field = FieldMapping {
        source: source?,
        target: target?,
        direction: direction?,
        write,
        on_conflict,
        enforce,
        rule: read?,
    };
    judge(walk, &field, problems);
    Some(field)
}

/// Whether the rule can work in this direction with these fields.
fn judge(walk: &Walk<'_>, field: &FieldMapping, problems: &mut Problems<'_>) {
    let one_way = match &field.rule {
        Rule::Description(_) => Some("a built description"),
        Rule::Matrix { .. } => Some("a matrix"),
        _ => None,
    };
    if let Some(what) = one_way
        && field.direction != Direction::ToTarget
    {
        walk.report(
            problems,
            "direction",
            format!("{what} flows from source to target only"),
            "Write direction = \"->\".",
        );
        return;
    }
    if field.direction == Direction::Both && matches!(field.rule, Rule::Constant { .. } | Rule::Text { .. }) {
        walk.report(
            problems,
            "direction",
            "a fixed value or composed text flows one way only",
            "Write \"->\" or \"<-\".",
        );
        return;
    }
    for to in Side::BOTH.into_iter().filter(|to| field.direction.writes(*to)) {
        let from = to.opposite();
        let (received, sent) = (field.fields(to).len(), field.fields(from).len());
        if received != 1 {
            let message =
                format!("direction {} writes one {to} field, and {received} are named", field.direction);
            walk.report(problems, key_of(to), message, format!("Name one field in {to}."));
        }
        let wrong = match &field.rule {
            Rule::Matrix { .. } => (sent < 2).then_some("two or more fields"),
            Rule::Copy | Rule::Values { .. } | Rule::Person { .. } => (sent != 1).then_some("one field"),
            Rule::Constant { .. } | Rule::Text { .. } | Rule::Description(_) => None,
        };
        // Of a two-way mapping the other round says the same.
        if let Some(wanted) = wrong.filter(|_| field.direction != Direction::Both) {
            let message = format!("this rule reads {wanted} of the {from}, and {sent} are named");
            walk.report(problems, key_of(from), message, format!("Name {wanted} in {from}."));
        }
    }
    if let Rule::Matrix { cells, .. } = &field.rule
        && let Some(at) = cells.iter().position(|cell| cell.when.len() != field.source.len())
    {
        let message = format!(
            "cell {} names {} values for {} fields",
            at + 1,
            cells[at].when.len(),
            field.source.len()
        );
        walk.report(problems, "rule", message, "Name one value for each source field, in their order.");
    }
}

fn key_of(side: Side) -> &'static str {
    match side {
        Side::Source => "source",
        Side::Target => "target",
    }
}

fn templates_of_source(walk: &mut Walk<'_>, problems: &mut Problems<'_>) -> Vec<Template> {
    templates(walk, "source_template", problems)
}

fn templates(walk: &mut Walk<'_>, key: &'static str, problems: &mut Problems<'_>) -> Vec<Template> {
    let mut read: Vec<Template> = Vec::new();
    let label = key.replace('_', " ");
    for mut inner in walk.tables(problems, key, |at, table| named(&label, at, table)) {
        let name = inner.need_text(problems, "name");
        if let Some(name) = &name
            && read.iter().any(|before| before.name == *name)
        {
            inner.report(
                problems,
                "name",
                "another template has this name",
                "Give each template a name of its own.",
            );
        }
        let conditions = inner.table(problems, "when").map(|when| filter(when, problems)).unwrap_or_default();
        let set: BTreeMap<String, String> = inner.or_default(problems, "set");
        let container = inner.take(problems, "container");
        inner.end(problems);
        if let Some(name) = name {
            let set = set.into_iter().map(|(field, value)| (field.into(), value)).collect();
            read.push(Template { name, conditions, set, container });
        }
    }
    read
}

/// The fallback must exist for every side that creates.
fn fallback(
    walk: &Walk<'_>,
    no_match: &NoMatch,
    both: bool,
    templates: [&Vec<Template>; 2],
    problems: &mut Problems<'_>,
) {
    let NoMatch::Use(wanted) = no_match else { return };
    let lacks = |of: &Vec<Template>| !of.is_empty() && !of.iter().any(|template| template.name == *wanted);
    let unknown =
        templates.iter().all(|of| of.is_empty()) || lacks(templates[0]) || (both && lacks(templates[1]));
    if unknown {
        let message = format!("there is no template called \"{wanted}\" to fall back to");
        walk.report(
            problems,
            "no_match",
            message,
            "Name a template that exists, or write no_match = \"do_not_create\".",
        );
    }
}

fn match_rule(mut walk: Walk<'_>, problems: &mut Problems<'_>) -> Option<MatchRule> {
    let mode = walk.need(problems, "mode");
    let (source, target) = (walk.need_text(problems, "source"), walk.need_text(problems, "target"));
    walk.end(problems);
    Some(MatchRule { mode: mode?, source: source?.into(), target: target?.into() })
}

fn comments(mut walk: Walk<'_>, problems: &mut Problems<'_>) -> CommentRules {
    let standard = CommentRules::default();
    let mut row = |key| walk.table(problems, key).map(|inner| carry_row(inner, problems)).unwrap_or_default();
    let (source, target) = (row("source"), row("target"));
    let author_line = walk.take(problems, "author_line").unwrap_or(standard.author_line);
    let edited = walk.or_default(problems, "edited");
    walk.end(problems);
    CommentRules { source, target, author_line, edited }
}

fn carry_row(mut walk: Walk<'_>, problems: &mut Problems<'_>) -> CarryRow {
    let standard = CarryRow::default();
    let row = CarryRow {
        public: walk.take(problems, "public").unwrap_or(standard.public),
        internal: walk.take(problems, "internal").unwrap_or(standard.internal),
    };
    walk.end(problems);
    row
}

fn attachments(mut walk: Walk<'_>, problems: &mut Problems<'_>) -> AttachmentRules {
    let standard = AttachmentRules::default();
    let copy = match walk.table(problems, "copy") {
        Some(mut inner) => {
            let copy = Pair {
                source: inner.or_default(problems, "source"),
                target: inner.or_default(problems, "target"),
            };
            inner.end(problems);
            copy
        }
        None => standard.copy,
    };
    let bytes_max = walk.take(problems, "bytes_max").unwrap_or(standard.bytes_max);
    if bytes_max > BYTES_MAX {
        walk.report(
            problems,
            "bytes_max",
            "bytes_max is too large",
            "Write the bytes of the largest file, 26214400 say.",
        );
    }
    let types = walk.or_default(problems, "types");
    walk.end(problems);
    AttachmentRules { copy, bytes_max, types }
}
