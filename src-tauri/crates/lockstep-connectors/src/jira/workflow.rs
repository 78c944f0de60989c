//! The workflow as an ordinary user can learn it (sheet §2.4, §4.3): the statuses of the type, and from one
//! sample ticket in each status the steps that lead on. Of a status without a sample nothing is known.

use futures_util::{StreamExt, TryStreamExt, stream};
use lockstep_core::connector::{ConnectorError, Scope};
use lockstep_core::ids::TicketId;
use lockstep_core::schema::{StatusSchema, Step, StepField, Workflow};
use serde::Deserialize;

use super::Jira;
use super::discover::options;
use super::fetch::LANES;
use super::jql::Jql;
use super::rows;
use super::search::Search;
use super::session::parse;
use super::wire::{BulkFetched, FieldMetaRow, Id, SearchPage, Stamp, TransitionRow};

const STATUS: &str = "status";

/// A status with its category.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusRow {
    pub id: Id,
    pub name: String,
    #[serde(default)]
    pub status_category: Option<CategoryRow>,
}

/// `new`, `indeterminate`, `done`, `undefined` (§2.4).
#[derive(Debug, Clone, Deserialize)]
pub struct CategoryRow {
    pub key: String,
}

impl StatusRow {
    fn category(&self) -> &str {
        self.status_category.as_ref().map_or("", |category| &category.key)
    }
}

/// A ticket that stands in a status now.
pub struct Sample {
    pub ticket: TicketId,
    status: String,
    created_ms: i64,
}

impl Jira {
    /// One ticket per status where there is one, its status confirmed by a direct read.
    pub(super) async fn samples(
        &self,
        scope: &Scope,
        statuses: &[StatusRow],
    ) -> Result<Vec<Sample>, ConnectorError> {
        let what = "look for a ticket in each status";
        let wanted: Vec<String> = statuses.iter().map(|status| status.id.0.clone()).collect();
        let found: Vec<Option<TicketId>> = stream::iter(wanted)
            .map(|status| async move {
                let search = Search {
                    jql: Jql::scope(&scope.container, &scope.ticket_type)
                        .equals(STATUS, &status)
                        .newest_first(),
                    fields: vec!["created".to_owned()],
                    rows: 1,
                    what,
                };
                let answer = self.search_page(&search, None).await?;
                let page: SearchPage<'_> = parse(&answer, what)?;
                Ok(page.issues.first().map(|row| TicketId(row.id.0.clone())))
            })
            .buffered(LANES)
            .try_collect()
            .await?;
        let ids: Vec<&TicketId> = found.iter().flatten().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut samples: Vec<Sample> = Vec::new();
        for batch in ids.chunks(super::fetch::BATCH) {
            let answer = self.bulk_fetch(batch, &[STATUS.to_owned(), "created".to_owned()]).await?;
            let page: BulkFetched<'_> = parse(&answer, what)?;
            for row in &page.issues {
                let created =
                    row.fields.get("created").and_then(|raw| serde_json::from_str::<Stamp>(raw.get()).ok());
                if let (Some(status), Some(created)) = (rows::named(row, STATUS), created)
                    && samples.iter().all(|sample| sample.status != status)
                {
                    samples.push(Sample {
                        ticket: TicketId(row.id.0.clone()),
                        status,
                        created_ms: created.0,
                    });
                }
            }
        }
        Ok(samples)
    }

    /// Steps from each sample; sentences about what could not be learnt go to `not_confirmed`.
    pub(super) async fn workflow(
        &self,
        statuses: &[StatusRow],
        samples: &[Sample],
        not_confirmed: &mut Vec<String>,
    ) -> Result<Workflow, ConnectorError> {
        let mut workflow = Workflow {
            initial: self.initial(statuses, samples, not_confirmed).await,
            statuses: statuses.iter().map(status).collect(),
            ..Workflow::default()
        };
        let asked: Vec<TicketId> = samples.iter().map(|sample| sample.ticket.clone()).collect();
        let read: Vec<Result<Vec<TransitionRow>, ConnectorError>> = stream::iter(asked)
            .map(|ticket| async move { self.offered(&ticket).await })
            .buffered(LANES)
            .collect()
            .await;
        let mut any = false;
        for (sample, offered) in samples.iter().zip(read) {
            let offered = match offered {
                Ok(offered) => offered,
                Err(error) if error.stops_account() => return Err(error),
                Err(error) => {
                    not_confirmed.push(format!(
                        "Steps from {}: {}",
                        workflow.label(&sample.status),
                        error.message
                    ));
                    continue;
                }
            };
            any |= !offered.is_empty();
            workflow.explored.insert(sample.status.clone());
            let steps = offered
                .into_iter()
                .filter(|row| row.to.id.0 != sample.status && row.is_available != Some(false));
            workflow.steps.extend(steps.map(|row| step(&sample.status, row)));
        }
        if !any && !samples.is_empty() {
            // Without the permission the list is empty, never refused (§4.3).
            workflow.explored.clear();
            not_confirmed.push(
                "Jira shows no step from any status: the account may lack Transition issues".to_owned(),
            );
        }
        let unseen: Vec<&str> = statuses
            .iter()
            .filter(|row| !workflow.explored.contains(&row.id.0))
            .map(|row| row.name.as_str())
            .collect();
        if !unseen.is_empty() {
            not_confirmed
                .push(format!("Steps from {} are not known: no ticket stands there now", unseen.join(", ")));
        }
        Ok(workflow)
    }

    /// The status that the newest ticket began in, by its changelog; else the first status of work not begun.
    async fn initial(
        &self,
        statuses: &[StatusRow],
        samples: &[Sample],
        not_confirmed: &mut Vec<String>,
    ) -> Option<String> {
        let guess = || statuses.iter().find(|row| row.category() == "new").map(|row| row.id.0.clone());
        let Some(newest) = samples.iter().max_by_key(|sample| sample.created_ms) else {
            not_confirmed
                .push("The status of a new ticket is guessed, for there is no ticket yet".to_owned());
            return guess();
        };
        let mut first: Option<(i64, String)> = None;
        let read = self.histories(std::slice::from_ref(&newest.ticket), Some(STATUS), |_, change| {
            let moved = change.items.iter().find(|item| {
                let name = item.field_id.as_deref().or(item.field.as_deref()).unwrap_or_default();
                name.eq_ignore_ascii_case(STATUS)
            });
            if let Some(from) = moved.and_then(|item| item.from.clone())
                && first.as_ref().is_none_or(|(when, _)| change.created.0 < *when)
            {
                first = Some((change.created.0, from));
            }
        });
        match read.await {
            // A newest ticket that never moved stands where it began, unless it was moved in by an import.
            Ok(()) => match first {
                Some((_, from)) => Some(from),
                None if statuses.iter().any(|row| row.id.0 == newest.status && row.category() == "new") => {
                    Some(newest.status.clone())
                }
                None => guess().or_else(|| Some(newest.status.clone())),
            },
            Err(error) => {
                not_confirmed.push(format!("The status of a new ticket is guessed: {}", error.message));
                guess()
            }
        }
    }
}

fn status(row: &StatusRow) -> StatusSchema {
    StatusSchema { id: row.id.0.clone(), label: row.name.clone(), done: row.category() == "done" }
}

fn step(from: &str, row: TransitionRow) -> Step {
    let field = |(id, meta): (&String, &FieldMetaRow)| StepField {
        id: id.as_str().into(),
        label: meta.name.clone(),
        required: meta.required && !meta.has_default_value,
        options: options(meta),
    };
    Step {
        from: from.to_owned(),
        to: row.to.id.0.clone(),
        fields: row.fields.iter().map(field).collect(),
        id: row.id.0,
        label: row.name,
    }
}
