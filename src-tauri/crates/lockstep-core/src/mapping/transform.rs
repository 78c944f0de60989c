//! Carries a value from one side to the other by a mapping's rule. Pure: people are looked up before.

use std::collections::HashMap;

use super::compile::{CompiledField, Rules};
use super::field::{DescriptionLayout, DescriptionLine, Rule, WhenEmpty};
use super::values::{Need, Otherwise, Supply, pair_for};
use crate::ids::{FieldId, PersonId};
use crate::schema::FieldKind;
use crate::side::Side;
use crate::text;
use crate::ticket::{Ticket, Value, Visibility};

/// Who somebody on one side is on the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counterpart {
    Found(PersonId),
    Nobody,
    /// Several hits are no match.
    Several,
}

/// What was looked up before planning: people of each side and their counterparts on the other.
#[derive(Debug, Clone, Default)]
pub struct PeopleTable {
    known: HashMap<(Side, PersonId), Counterpart>,
}

impl PeopleTable {
    /// Records who `person` of `side` is on the other side.
    pub fn insert(&mut self, side: Side, person: PersonId, counterpart: Counterpart) {
        self.known.insert((side, person), counterpart);
    }

    /// Who `person` of `side` is on the other side; `None` when nobody looked.
    pub fn get(&self, side: Side, person: &PersonId) -> Option<&Counterpart> {
        self.known.get(&(side, person.clone()))
    }
}

/// What a transform may know besides the ticket.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub rules: &'a Rules,
    pub people: &'a PeopleTable,
}

/// What carrying a value gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    Value(Value),
    /// No pair, and the rule says stop and ask: the label of the value.
    Unmapped(String),
    /// The rule leaves the other side as it is.
    Leave,
    /// Something it needs is unknown now: decides nothing.
    Unknown(String),
    /// The two fields cannot meet.
    Unsupported(String),
}

impl Mapped {
    /// The value, when there is one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Mapped::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// What a mapping reads on `side`: one value, or several as [`Value::Many`]; `None` when any of it is unknown.
pub fn input(field: &CompiledField, side: Side, ticket: &Ticket) -> Option<Value> {
    input_among(field, side, |id| ticket.value(id))
}

/// The same among values that need not be a ticket's, such as the answer to a write.
pub fn input_among<'v>(
    field: &CompiledField,
    side: Side,
    value: impl Fn(&FieldId) -> Option<&'v Value>,
) -> Option<Value> {
    let all = |ids: &mut dyn Iterator<Item = FieldId>| {
        ids.map(|id| value(&id).cloned()).collect::<Option<Vec<_>>>().map(Value::Many)
    };
    if let (Rule::Description(layout), Side::Source) = (&field.mapping.rule, side) {
        let lines = layout.lines.iter().filter_map(|line| line.field.as_ref()).chain([&layout.original]);
        return all(&mut lines.cloned());
    }
    if let Rule::Text { template } = &field.mapping.rule
        && field.mapping.direction.writes(side.opposite())
    {
        let named = placeholders(template).filter(|name| !matches!(*name, "key" | "url"));
        return all(&mut named.map(FieldId::from));
    }
    // What a constant sends is its own value, so that a first write is due where none was made yet.
    if let Rule::Constant { value } = &field.mapping.rule
        && field.mapping.direction.writes(side.opposite())
    {
        return Some(Value::text(value));
    }
    match field.mapping.fields(side) {
        [] => Some(Value::Empty),
        [one] => value(one).cloned(),
        many => all(&mut many.iter().cloned()),
    }
}

/// Carries what `ticket`, a ticket of `from`, holds to the other side.
pub fn carry(field: &CompiledField, from: Side, ticket: &Ticket, context: Context<'_>) -> Mapped {
    let Some(value) = input(field, from, ticket) else {
        return Mapped::Unknown(format!("{} cannot be read", names(field, from, context)));
    };
    carry_value(field, from, &value, ticket, context)
}

/// Carries one input value; `ticket` is the ticket of `from` it belongs to, for texts and descriptions.
pub fn carry_value(
    field: &CompiledField,
    from: Side,
    value: &Value,
    ticket: &Ticket,
    context: Context<'_>,
) -> Mapped {
    let to = from.opposite();
    match &field.mapping.rule {
        Rule::Copy => copy(field, from, value, ticket, context),
        Rule::Values { pairs, otherwise, otherwise_back } => {
            let rest = if to == Side::Target { otherwise } else { otherwise_back };
            let id = match value {
                Value::Empty => "",
                Value::Set(members) => return set_by_pairs(pairs, from, members),
                Value::Boolean(flag) => {
                    if *flag {
                        "true"
                    } else {
                        "false"
                    }
                }
                Value::Text(text) | Value::Number(text) => text,
                other => match other.id() {
                    Some(id) => id,
                    None => return Mapped::Unsupported("its value is not one of a list".to_owned()),
                },
            };
            match pair_for(pairs, from, id) {
                Some(pair) => Mapped::Value(typed(field.kind(to), pair.value(to))),
                None if id.is_empty() => Mapped::Value(Value::Empty),
                None => otherwise_value(rest, field.kind(to), || label(field, from, id, context)),
            }
        }
        Rule::Matrix { cells, otherwise } => {
            let Value::Many(inputs) = value else {
                return Mapped::Unsupported("a matrix needs several fields".to_owned());
            };
            let ids: Vec<&str> = inputs.iter().map(|input| input.id().unwrap_or("")).collect();
            match cells.iter().find(|cell| cell.when.iter().map(String::as_str).eq(ids.iter().copied())) {
                Some(cell) => Mapped::Value(typed(field.kind(to), &cell.then)),
                None if ids.iter().all(|id| id.is_empty()) => Mapped::Leave,
                None => otherwise_value(otherwise, field.kind(to), || ids.join(" × ")),
            }
        }
        Rule::Person { fallback } => person(value, from, fallback.as_deref(), context),
        Rule::Constant { value } => Mapped::Value(typed(field.kind(to), value)),
        Rule::Text { template } => match fill(template, from, ticket, context) {
            Ok(markdown) => Mapped::Value(fit_text(field.kind(to), to, field, &markdown, context)),
            Err(unknown) => Mapped::Unknown(unknown),
        },
        Rule::Description(layout) => describe(layout, field, from, ticket, context),
    }
}

fn names(field: &CompiledField, side: Side, context: Context<'_>) -> String {
    let schema = &context.rules.schemas[side];
    field.mapping.fields(side).iter().map(|id| schema.label(id)).collect::<Vec<_>>().join(" and ")
}

fn label(field: &CompiledField, side: Side, id: &str, context: Context<'_>) -> String {
    match field.mapping.fields(side).first() {
        Some(first) => context.rules.schemas[side].option_label(first, id).to_owned(),
        None => id.to_owned(),
    }
}

fn otherwise_value(rest: &Otherwise, kind: Option<FieldKind>, label: impl FnOnce() -> String) -> Mapped {
    match rest {
        Otherwise::Ask => Mapped::Unmapped(label()),
        Otherwise::Leave => Mapped::Leave,
        Otherwise::Use(value) => Mapped::Value(typed(kind, value)),
    }
}

fn set_by_pairs(
    pairs: &[super::ValuePair],
    from: Side,
    members: &std::collections::BTreeSet<String>,
) -> Mapped {
    // Members without a pair are invisible to the other side (hazards.md H26).
    let carried = members.iter().filter_map(|member| pair_for(pairs, from, member));
    Mapped::Value(Value::set(carried.map(|pair| pair.value(from.opposite()).to_owned())))
}

/// A value written in the configuration, typed by the field that receives it.
pub fn typed(kind: Option<FieldKind>, text: &str) -> Value {
    if text.is_empty() {
        return Value::Empty;
    }
    match kind {
        Some(FieldKind::Choice | FieldKind::Status) => Value::Choice(text.to_owned()),
        Some(FieldKind::Person) => Value::Person(text.into()),
        Some(FieldKind::Group) => Value::Group(text.to_owned()),
        Some(FieldKind::Reference) => Value::Reference(text.to_owned()),
        Some(FieldKind::Set) => Value::set(text.split(',').map(str::trim)),
        Some(FieldKind::Number) => Value::Number(text.to_owned()),
        Some(FieldKind::Boolean) => Value::Boolean(text == "true"),
        Some(FieldKind::Date) => Value::Date(text.to_owned()),
        Some(FieldKind::Rich) => Value::rich(&text::plain::from_plain(text)),
        Some(FieldKind::DateTime) => text
            .parse::<jiff::Timestamp>()
            .map_or(Value::Empty, |stamp| Value::DateTime(stamp.as_millisecond())),
        Some(FieldKind::Line | FieldKind::Text) | None => Value::text(text),
    }
}

fn copy(field: &CompiledField, from: Side, value: &Value, ticket: &Ticket, context: Context<'_>) -> Mapped {
    let to = from.opposite();
    let kind = field.kind(to);
    let cannot = || {
        let (source, target) = (names(field, from, context), names(field, to, context));
        Mapped::Unsupported(format!("{source} cannot be copied into {target}: their types do not meet"))
    };
    match (value, kind) {
        (Value::Empty, _) => Mapped::Value(Value::Empty),
        (Value::Rich(markdown), Some(k)) if k.is_text() => {
            Mapped::Value(fit_text(kind, to, field, markdown, context))
        }
        (Value::Text(plain), Some(FieldKind::Rich)) => {
            Mapped::Value(fit_text(kind, to, field, &text::plain::from_plain(plain), context))
        }
        (Value::Text(plain), Some(FieldKind::Line | FieldKind::Text) | None) => {
            Mapped::Value(fit_plain(kind, to, field, plain, context))
        }
        (other, Some(k)) if k.is_text() => match readable(field, from, other, ticket, context) {
            Some(shown) => {
                Mapped::Value(fit_text(kind, to, field, &text::plain::from_plain(&shown), context))
            }
            None => cannot(),
        },
        (Value::Choice(_), Some(FieldKind::Choice))
        | (Value::Set(_), Some(FieldKind::Set))
        | (Value::Number(_), Some(FieldKind::Number))
        | (Value::Boolean(_), Some(FieldKind::Boolean))
        | (Value::Date(_), Some(FieldKind::Date))
        | (Value::DateTime(_), Some(FieldKind::DateTime)) => Mapped::Value(value.clone()),
        (Value::Choice(id), Some(FieldKind::Set)) => {
            Mapped::Value(Value::set([fold_tag(&label(field, from, id, context))]))
        }
        (Value::Text(words), Some(FieldKind::Set)) => Mapped::Value(Value::set([fold_tag(words)])),
        _ => cannot(),
    }
}

/// Tags hold no spaces on several platforms (jira.md §15); folding them is many-to-one.
fn fold_tag(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join("_")
}

fn fit_text(
    kind: Option<FieldKind>,
    to: Side,
    field: &CompiledField,
    markdown: &str,
    context: Context<'_>,
) -> Value {
    if kind == Some(FieldKind::Rich) {
        let limit = chars_max(field, to, context);
        let (cut, _) = text::limit::cut_at_chars(markdown, limit, CUT_MARK);
        return Value::rich(&cut);
    }
    fit_plain(kind, to, field, &text::plain::to_plain(markdown).text, context)
}

fn fit_plain(
    kind: Option<FieldKind>,
    to: Side,
    field: &CompiledField,
    plain: &str,
    context: Context<'_>,
) -> Value {
    let limit = chars_max(field, to, context);
    let mark = if kind == Some(FieldKind::Line) { "…" } else { CUT_MARK };
    let line = if kind == Some(FieldKind::Line) {
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        plain.to_owned()
    };
    Value::text(&text::limit::cut_at_chars(&line, limit, mark).0)
}

/// Stands where a text was cut for the receiving field.
pub const CUT_MARK: &str = "\n\n[…]";

fn chars_max(field: &CompiledField, side: Side, context: Context<'_>) -> usize {
    let schema = &context.rules.schemas[side];
    let limit = field.mapping.fields(side).first().and_then(|id| schema.fields.get(id)?.chars_max);
    limit.map_or(usize::MAX, |limit| limit as usize)
}

fn person(value: &Value, from: Side, fallback: Option<&str>, context: Context<'_>) -> Mapped {
    let nobody =
        || fallback.map_or(Mapped::Value(Value::Empty), |id| Mapped::Value(Value::Person(id.into())));
    match value {
        Value::Empty => Mapped::Value(Value::Empty),
        Value::Person(id) => match context.people.get(from, id) {
            Some(Counterpart::Found(other)) => Mapped::Value(Value::Person(other.clone())),
            Some(Counterpart::Nobody | Counterpart::Several) => nobody(),
            None => Mapped::Unknown("who this is on the other side was not looked up".to_owned()),
        },
        _ => Mapped::Unsupported("the field holds no person".to_owned()),
    }
}

/// A value as people read it, plain text; `None` for what has no such form.
fn readable(
    field: &CompiledField,
    side: Side,
    value: &Value,
    ticket: &Ticket,
    context: Context<'_>,
) -> Option<String> {
    let first = field.mapping.fields(side).first();
    show(first, side, value, ticket, context)
}

fn show(
    field: Option<&FieldId>,
    side: Side,
    value: &Value,
    ticket: &Ticket,
    context: Context<'_>,
) -> Option<String> {
    let option = |id: &str| match field {
        Some(field) => context.rules.schemas[side].option_label(field, id).to_owned(),
        None => id.to_owned(),
    };
    Some(match value {
        Value::Empty => String::new(),
        Value::Text(text) | Value::Number(text) | Value::Date(text) => text.clone(),
        Value::Rich(markdown) => text::plain::to_plain(markdown).text,
        Value::Choice(id) | Value::Group(id) | Value::Reference(id) => option(id),
        Value::Set(members) => members.iter().map(|m| option(m)).collect::<Vec<_>>().join(", "),
        Value::Boolean(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::DateTime(ms) => shown_time(*ms),
        Value::Person(id) => match ticket.people.get(id) {
            Some(person) => match &person.email {
                Some(email) if !person.name.is_empty() => format!("{} <{email}>", person.name),
                Some(email) => email.clone(),
                None => person.name.clone(),
            },
            None => return None,
        },
        Value::Many(_) => return None,
    })
}

/// `2026-05-04 09:12 UTC`.
pub fn shown_time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |stamp| stamp.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// The names between braces.
pub fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// Fills a template from a ticket of `from`; gives Markdown in which every inserted value reads literally.
fn fill(template: &str, from: Side, ticket: &Ticket, context: Context<'_>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        match name {
            "key" => filled.push_str(&ticket.key),
            "url" => filled.push_str(&ticket.url),
            _ => {
                let id = FieldId::from(name);
                let value = ticket.value(&id).ok_or_else(|| format!("{name} cannot be read"))?;
                let shown = show(Some(&id), from, value, ticket, context).unwrap_or_default();
                filled.push_str(&text::plain::from_plain(&shown));
            }
        }
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The separator between the built lines and the original description.
pub const SEPARATOR: &str = "---";

fn describe(
    layout: &DescriptionLayout,
    field: &CompiledField,
    from: Side,
    ticket: &Ticket,
    context: Context<'_>,
) -> Mapped {
    let lines: Vec<String> =
        layout.lines.iter().filter_map(|line| built_line(line, from, ticket, context)).collect();
    let original = match ticket.value(&layout.original) {
        Some(Value::Rich(markdown)) => markdown.clone(),
        Some(Value::Text(plain)) => text::plain::from_plain(plain),
        _ => String::new(),
    };
    let head = lines.join("\\\n");
    let built = match (head.is_empty(), original.is_empty()) {
        (true, _) => original,
        (false, true) => head,
        (false, false) => format!("{head}\n\n{SEPARATOR}\n\n{original}"),
    };
    Mapped::Value(fit_text(field.kind(from.opposite()), from.opposite(), field, &built, context))
}

fn built_line(line: &DescriptionLine, from: Side, ticket: &Ticket, context: Context<'_>) -> Option<String> {
    let label = text::plain::from_plain(&line.label);
    let Some(field) = &line.field else {
        return Some(label);
    };
    let shown = ticket
        .value(field)
        .and_then(|value| show(Some(field), from, value, ticket, context))
        .unwrap_or_default();
    let one_line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    match (&line.when_empty, one_line.is_empty()) {
        (WhenEmpty::LeaveOut, true) => None,
        (WhenEmpty::Show(text), true) => Some(format!("{label}: {}", text::plain::from_plain(text))),
        (_, false) => Some(format!("{label}: {}", text::plain::from_plain(&one_line))),
    }
}

/// Supplies what a status change must also send. `ticket` is the ticket of `from`; the values are for the other side.
///
/// Errors name the field that stays empty: nothing is invented.
pub fn supply(need: &Need, from: Side, ticket: &Ticket, context: Context<'_>) -> Result<Value, String> {
    let to = from.opposite();
    let schema = &context.rules.schemas[to];
    let kind = schema.fields.get(&need.field).map(|field| field.kind);
    let text_value = |markdown: &str| match kind {
        Some(FieldKind::Rich) => Value::rich(markdown),
        _ => Value::text(&text::plain::to_plain(markdown).text),
    };
    let value = match &need.supply {
        Supply::Fixed(value) => typed(kind, value),
        Supply::From { field, or } => {
            let shown = ticket.value(field).and_then(|value| show(Some(field), from, value, ticket, context));
            match (shown.filter(|text| !text.is_empty()), or) {
                (Some(text), _) => text_value(&text::plain::from_plain(&text)),
                (None, Some(or)) => typed(kind, or),
                (None, None) => Value::Empty,
            }
        }
        Supply::Text(template) => text_value(&fill(template, from, ticket, context)?),
        Supply::LastPublicComment(or) => {
            let own = ticket
                .comments
                .iter()
                .flatten()
                .filter(|c| c.visibility == Visibility::Public && c.copy_of.is_none());
            let last = own.max_by(|one, other| (one.created_ms, &one.id).cmp(&(other.created_ms, &other.id)));
            text_value(last.map_or(or, |comment| &comment.body))
        }
    };
    if value.is_empty() {
        return Err(format!("{} stays empty: fill it in the status pair", schema.label(&need.field)));
    }
    Ok(value)
}
