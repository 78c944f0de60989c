//! Which template catches which ticket: judged on tickets that changed lately, with the reason for each template.

use std::collections::BTreeSet;

use lockstep_core::FieldId;
use lockstep_core::mapping::condition::Verdict as Judged;
use lockstep_core::mapping::{Condition, NoMatch, Operator, Template, TypeMapping};
use lockstep_core::schema::Schema;
use lockstep_core::side::Side;
use lockstep_core::ticket::Ticket;
use serde::Serialize;

use super::samples;
use crate::api_error::ApiError;
use crate::app::App;

/// What the templates do with tickets of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Catches {
    /// The tickets that were judged, newest change first, each with a verdict for every template.
    pub tickets: Vec<CaughtTicket>,
    /// How many of them each template catches, in order.
    pub counts: Vec<TemplateCount>,
    /// How many no template catches; these are created with the fallback, or not at all.
    pub uncaught: u32,
}

/// One ticket before the templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct CaughtTicket {
    pub key: String,
    pub title: String,
    pub verdicts: Vec<Verdict>,
    /// The template that makes its copy; `None`: no copy is made.
    pub template: Option<String>,
}

/// What a template says to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(tag = "answer", rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Verdict {
    Caught,
    /// The condition that does not hold, with the value that stands there.
    NotCaught {
        why: String,
    },
    /// A template above it caught the ticket.
    NotReached,
}

/// A template and its tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TemplateCount {
    pub template: String,
    pub tickets: u32,
}

/// Judges the tickets of the side opposite to `to` that changed lately, or the one with `key` alone. Writes nothing.
pub async fn catches(
    app: &App,
    connection: i64,
    mapping: &TypeMapping,
    to: Side,
    key: Option<&str>,
) -> Result<Catches, ApiError> {
    let from = to.opposite();
    let templates = mapping.templates_for(to);
    let fields: BTreeSet<FieldId> =
        templates.iter().flat_map(|template| template.conditions.fields()).cloned().collect();
    let fields: Vec<FieldId> = fields.into_iter().collect();
    let rules = samples::rules(app, connection, mapping).await?;
    let mut tickets = samples::newest(app, connection, mapping, from, &fields).await?;
    if let Some(key) = key {
        tickets.retain(|ticket| ticket.key.eq_ignore_ascii_case(key.trim()));
        if tickets.is_empty() {
            let platform = &rules.labels[from];
            return Err(ApiError::new(
                "not_found",
                format!("{key} is not among the tickets of {platform} that changed lately"),
            )
            .hint("Choose one of the list."));
        }
    }
    let judged: Vec<CaughtTicket> = tickets
        .iter()
        .map(|ticket| judge(ticket, templates, &mapping.no_match, &rules.schemas[from]))
        .collect();
    let counts = templates
        .iter()
        .enumerate()
        .map(|(at, template)| TemplateCount {
            template: template.name.clone(),
            tickets: count(judged.iter().filter(|ticket| ticket.verdicts.get(at) == Some(&Verdict::Caught))),
        })
        .collect();
    let nobody = |ticket: &&CaughtTicket| !ticket.verdicts.contains(&Verdict::Caught);
    Ok(Catches { uncaught: count(judged.iter().filter(nobody)), counts, tickets: judged })
}

fn count<T>(these: impl Iterator<Item = T>) -> u32 {
    u32::try_from(these.count()).unwrap_or(u32::MAX)
}

fn judge(ticket: &Ticket, templates: &[Template], fallback: &NoMatch, schema: &Schema) -> CaughtTicket {
    let mut caught: Option<&Template> = None;
    let mut verdicts = Vec::with_capacity(templates.len());
    for template in templates {
        if caught.is_some() {
            verdicts.push(Verdict::NotReached);
            continue;
        }
        verdicts.push(match template.conditions.judge(ticket) {
            Judged::Passes => {
                caught = Some(template);
                Verdict::Caught
            }
            Judged::Fails(condition) => Verdict::NotCaught { why: why(ticket, condition, schema) },
            Judged::Unknown(field) => {
                Verdict::NotCaught { why: format!("{} cannot be read", schema.label(field)) }
            }
        });
    }
    let template = match (caught, fallback) {
        (Some(template), _) => Some(template.name.clone()),
        (None, NoMatch::Use(name)) => Some(name.clone()),
        (None, NoMatch::DoNotCreate) => None,
    };
    CaughtTicket { key: ticket.key.clone(), title: crate::shown::title(ticket), verdicts, template }
}

/// `Severity is Minor`: the value that stands there, against what was wanted.
fn why(ticket: &Ticket, condition: &Condition, schema: &Schema) -> String {
    let label = schema.label(&condition.field);
    let value =
        ticket.value(&condition.field).map(|value| crate::shown::value(schema, &condition.field, value));
    let value = value.filter(|value| !value.is_empty()).unwrap_or_else(|| "empty".to_owned());
    let wanted: Vec<&str> =
        condition.values.iter().map(|wanted| schema.option_label(&condition.field, wanted)).collect();
    let wanted = wanted.join(" or ");
    match condition.operator {
        Operator::Is => format!("{label} is {value}, not {wanted}"),
        Operator::IsNot => format!("{label} is {value}"),
        Operator::Contains => format!("{label} is {value}, which does not contain {wanted}"),
        Operator::Empty => format!("{label} is {value}, not empty"),
        Operator::NotEmpty => format!("{label} is empty"),
    }
}
