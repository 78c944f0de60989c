//! Holds a document against what both platforms were last seen to offer. Asks nobody, so that each edit can be checked.

use lockstep_core::check::{self, Level, Problem};
use lockstep_core::mapping::Rules;
use lockstep_core::side::{Pair, Side};
use serde::Serialize;

use super::offers;
use crate::api_error::ApiError;
use crate::app::{App, account_doc};
use crate::config::ConnectionDoc;

/// What the checker found in a document.
#[derive(Debug, Clone, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Checked {
    /// Errors first, then the order of places.
    pub problems: Vec<FoundProblem>,
    /// Type mappings that could not be checked, for a side was never read.
    pub unchecked: Vec<String>,
    #[ts(type = "number")]
    pub checked_ms: i64,
}

impl Checked {
    /// How many errors stand.
    pub fn errors(&self) -> u32 {
        let errors = self.problems.iter().filter(|found| found.problem.level == Level::Error).count();
        u32::try_from(errors + self.unchecked.len()).unwrap_or(u32::MAX)
    }
}

/// One problem, with its place in words and what can be done with a button.
#[derive(Debug, Clone, PartialEq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct FoundProblem {
    #[serde(flatten)]
    #[ts(flatten)]
    pub problem: Problem,
    /// `Incident › State ↔ Status › pair 3`.
    pub place_label: String,
    pub remedies: Vec<check::Remedy>,
}

/// Checks a document, saved or not.
pub async fn check(app: &App, connection: i64, document: &ConnectionDoc) -> Result<Checked, ApiError> {
    let (_, live) = app.connection_by_id(connection).await?;
    let accounts = Pair {
        source: app.account(live.account(Side::Source)).await?,
        target: app.account(live.account(Side::Target)).await?,
    };
    let mut checked = Checked { problems: Vec::new(), unchecked: Vec::new(), checked_ms: app.now_ms() };
    let docs = Pair { source: account_doc(&accounts.source)?, target: account_doc(&accounts.target)? };
    let capabilities = Pair::from_fn(|side| crate::app::capabilities(docs[side].platform));
    for mapping in &document.types {
        let source = offers::kept(app, &accounts.source, &mapping.source).await?;
        let target = offers::kept(app, &accounts.target, &mapping.target).await?;
        let (Some(source), Some(target)) = (source, target) else {
            checked.unchecked.push(mapping.name.clone());
            continue;
        };
        let labels = Pair::from_fn(|side| docs[side].platform.label().to_owned());
        let rules = Rules::compile(mapping, Pair { source: source.schema, target: target.schema }, labels);
        let held = super::held(app, connection, &rules).await?;
        let problems = check::check(mapping, &rules, capabilities.as_ref(), held.as_ref());
        checked.problems.extend(problems.into_iter().map(|problem| FoundProblem {
            place_label: problem.place.to_string(),
            remedies: check::remedies(&problem, mapping, &rules, held.as_ref()),
            problem,
        }));
    }
    checked.problems.sort_by(|one, other| one.problem.cmp(&other.problem));
    Ok(checked)
}
