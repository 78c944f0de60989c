//! What the description builder writes for the ticket at hand: as the target shows it, as exact text, against the field's
//! limit.

use lockstep_core::mapping::transform::{Mapped, carry};
use lockstep_core::mapping::{Context, Rule, Rules, TypeMapping};
use lockstep_core::schema::FieldKind;
use lockstep_core::side::Side;
use lockstep_core::text::doc::{Doc, parse};
use lockstep_core::text::plain::to_plain;
use lockstep_core::ticket::Value;
use serde::Serialize;

use super::samples;
use crate::api_error::ApiError;
use crate::app::App;

/// A built description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct DescriptionPreview {
    /// The ticket it was built from.
    pub key: String,
    pub title: String,
    /// As the target shows it: blocks of text, never markup.
    pub shown: Doc,
    /// As it is sent, in the target's plain or Markdown spelling.
    pub exact: String,
    /// Which lines of the layout stand in the text, in order; the others are left out, for their fields are empty.
    pub lines: Vec<u32>,
    /// Characters of the whole text, and what the field takes.
    pub chars: u32,
    pub chars_max: Option<u32>,
    /// Where the text is cut, in characters; `None` where it fits.
    pub cut_at: Option<u32>,
    /// What the field cannot show, in a sentence; empty where nothing is lost.
    pub flattened: String,
}

/// Builds the description of field mapping `field` of a mapping for the ticket that was picked last.
pub async fn description(
    app: &App,
    connection: i64,
    mapping: &TypeMapping,
    field: u32,
) -> Result<DescriptionPreview, ApiError> {
    let mut rules = samples::rules(app, connection, mapping).await?;
    let sample = samples::sample(app, connection, &rules).await?;
    let Some(ticket) = &sample.tickets.source else {
        return Err(ApiError::new("no_sample", "the ticket at hand has no partner on the source")
            .hint("Pick a ticket of the source."));
    };
    let index = field as usize;
    let Some(Rule::Description(layout)) = mapping.fields.get(index).map(|field| &field.rule) else {
        return Err(not_built());
    };
    let chars_max = limit(&rules, index);
    let build = |rules: &Rules| {
        let context = Context { rules, people: &sample.people };
        built(rules.fields.get(index).map(|field| carry(field, Side::Source, ticket, context)))
    };
    let cut = build(&rules)?;
    // Once more without the limit, to say how long it is, and with all formatting, to say what is lost.
    for target in mapping.fields[index].fields(Side::Target) {
        if let Some(schema) = rules.schemas.target.fields.get_mut(target) {
            schema.chars_max = None;
        }
    }
    let whole = build(&rules)?;
    let flattened = if rules.fields[index].kinds.target.contains(&Some(FieldKind::Rich)) {
        String::new()
    } else {
        rules.fields[index].kinds.target = vec![Some(FieldKind::Rich)];
        to_plain(&build(&rules)?.exact).flattened.to_string()
    };
    let chars = count(&whole.exact);
    let stands = |line: &lockstep_core::mapping::DescriptionLine| {
        !matches!(line.when_empty, lockstep_core::mapping::WhenEmpty::LeaveOut)
            || line.field.as_ref().is_none_or(|id| ticket.value(id).is_some_and(|value| !value.is_empty()))
    };
    let lines = layout.lines.iter().enumerate().filter(|(_, line)| stands(line));
    Ok(DescriptionPreview {
        key: ticket.key.clone(),
        title: crate::shown::title(ticket),
        lines: lines.filter_map(|(at, _)| u32::try_from(at).ok()).collect(),
        chars,
        chars_max,
        cut_at: chars_max.filter(|max| chars > *max),
        shown: cut.shown,
        exact: cut.exact,
        flattened,
    })
}

struct Built {
    shown: Doc,
    exact: String,
}

fn built(mapped: Option<Mapped>) -> Result<Built, ApiError> {
    match mapped {
        Some(Mapped::Value(Value::Rich(markdown))) => Ok(Built { shown: parse(&markdown), exact: markdown }),
        Some(Mapped::Value(Value::Text(text))) => Ok(Built { shown: plain(&text), exact: text }),
        Some(Mapped::Value(_)) => Ok(Built { shown: Doc::default(), exact: String::new() }),
        Some(Mapped::Leave) | None => Err(not_built()),
        Some(Mapped::Unmapped(why) | Mapped::Unknown(why) | Mapped::Unsupported(why)) => {
            Err(ApiError::new("not_built", format!("no description can be built: {why}"))
                .hint("Choose another field, or another ticket."))
        }
    }
}

/// Plain text, line by line, without reading any of it as markup.
fn plain(text: &str) -> Doc {
    parse(&lockstep_core::text::plain::from_plain(text))
}

fn limit(rules: &Rules, index: usize) -> Option<u32> {
    let field = rules.fields.get(index)?.mapping.fields(Side::Target).first()?;
    rules.schemas.target.fields.get(field)?.chars_max
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn not_built() -> ApiError {
    ApiError::new("invalid", "this row has no description builder").hint("Choose the rule Builder for it.")
}
