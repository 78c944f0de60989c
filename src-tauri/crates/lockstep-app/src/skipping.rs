//! Skipping what a quarantined ticket cannot get through: what stands on both sides is what they agree on from now on. A
//! person sees first what is given up, and the history keeps it.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::connector::Want;
use lockstep_core::mapping::Rules;
use lockstep_core::side::Pair;
use lockstep_core::sync::create::plan_new;
use lockstep_core::sync::link::{LedgerEntry, LedgerState, LinkId};
use lockstep_core::sync::matching::agreed;
use lockstep_core::sync::operation::{Operation, OperationKind, Outcome, TicketPlan};
use lockstep_core::sync::plan::{LinkView, Setting, plan_link};
use lockstep_core::sync::{FieldBase, Subject};
use lockstep_core::ticket::Ticket;
use lockstep_store::tables::links::{self, StoredLink};
use lockstep_store::tables::outcomes::{self, NewOutcome};
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::quarantine::{self, NewQuarantined, QuarantineId, Quarantined};
use lockstep_store::tables::seen::{self, Seen};
use lockstep_store::tables::{audit, bases, journal, ledger, runs};
use lockstep_store::{Feed, Packed, Tx};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::App;
use crate::conflicts::wait_for_run;
use crate::look::{self, Looking};
use crate::planned::{OperationView, operation_view};
use crate::run::outcome::{Detail, shown_changes};
use crate::{editor, linking};

const DONE: &str = "skipped by a person: both sides stay as they are";
const WHY: &str = "a person skipped what could not be written; looked at again";
const LEFT_OUT: &str = "left out by a person: it is copied once it changes";

/// What skipping gives up, or has given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Skip {
    /// What people call the ticket.
    pub ticket: String,
    /// Writes that are not made: fields with both values, comments, files, or the whole copy.
    pub given_up: Vec<OperationView>,
    /// Stands for exactly these writes: an order that names it is refused once they are others.
    pub mark: String,
    /// It was done; else it was only told.
    pub done: bool,
}

/// Tells what skipping a quarantined ticket's changes would give up; with the mark of what was shown, does it.
pub async fn skip(app: &App, connection: i64, id: i64, shown: Option<&str>) -> Result<Skip, ApiError> {
    let (connection, _) = app.connection_by_id(connection).await?;
    let (of, number) = (connection.id, QuarantineId(id));
    let row = app.store().read(move |conn| quarantine::by_id(conn, number)).await?;
    let row = row.filter(|row| row.what.connection == of).ok_or_else(|| {
        ApiError::new("not_found", format!("nothing with the number {id} is in quarantine"))
            .hint("It was taken out already; the list in Quarantine shows what is in.")
    })?;
    let looking = look::look(app, &connection.name, false).await?;
    let skipped = Skipped::of(app, &looking, row).await?;
    let names = look::names(app, &connection).await?;
    let views: Vec<OperationView> = skipped
        .plan
        .operations
        .iter()
        .map(|operation| operation_view(operation, &skipped.rules.schemas, &names))
        .collect();
    let mut told =
        Skip { ticket: skipped.row.what.key.clone(), mark: mark(&views), given_up: views, done: false };
    let Some(shown) = shown else { return Ok(told) };
    if shown != told.mark {
        return Err(ApiError::new(
            "invalid",
            format!("{} has changed since this was shown, so nothing was skipped", told.ticket),
        )
        .hint("Look at it again."));
    }
    let epoch = app.lock().await?;
    let _running = app.begin_run(connection.id.0, &connection.name)?;
    let now_ms = app.now_ms();
    let kept = skipped.kept(&looking);
    app.store()
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            kept.keep(tx, now_ms)
        })
        .await?;
    told.done = true;
    Ok(told)
}

/// A short stand-in for the very writes that were shown.
fn mark(given_up: &[OperationView]) -> String {
    use sha2::{Digest, Sha256};
    let json = serde_json::to_string(given_up).expect("views are plain data");
    lockstep_core::marker::hex(&Sha256::digest(json))[..8].to_owned()
}

/// A quarantined ticket, read afresh and planned.
struct Skipped<'l> {
    row: Quarantined,
    rules: &'l Rules,
    plan: TicketPlan,
    bases: Vec<(String, FieldBase)>,
    link: Option<StoredLink>,
    /// Of a ticket without a link, where it is still shown.
    ticket: Option<Ticket>,
}

impl<'l> Skipped<'l> {
    async fn of(app: &App, looking: &'l Looking, row: Quarantined) -> Result<Skipped<'l>, ApiError> {
        match row.what.link {
            Some(link) => Skipped::of_pair(app, looking, row, link).await,
            None => Skipped::of_new(app, looking, row).await,
        }
    }

    async fn of_pair(
        app: &App,
        looking: &'l Looking,
        row: Quarantined,
        id: LinkId,
    ) -> Result<Skipped<'l>, ApiError> {
        let of = row.what.connection;
        let (stored, bases, ledger, open) = app
            .store()
            .read(move |conn| {
                let open = journal::open_rows(conn, of)?.iter().any(|op| op.link == Some(id));
                Ok((links::get(conn, id)?, bases::of(conn, id)?, ledger::of(conn, id)?, open))
            })
            .await?;
        let stored = stored.ok_or_else(|| ApiError::new("not_found", "the link of this ticket is gone"))?;
        if open {
            let message = format!("the outcome of a write to {} is not known yet", row.what.key);
            return Err(
                ApiError::new("invalid", message).hint("The next run looks it up; skip it afterwards.")
            );
        }
        let link = &stored.link;
        let ids = link.tickets.as_ref().map(|ticket| ticket.as_str());
        let (rules, tickets) =
            linking::both(looking, Some(&link.type_mapping), ids.source, ids.target).await?;
        let people =
            editor::people_of(app, &looking.document, rules, looking.sides.clone(), &tickets).await?;
        let view = LinkView {
            link,
            tickets: tickets.as_ref(),
            bases: &bases,
            ledger: &ledger,
            ours_alone: Pair::default(),
            decided: &BTreeMap::new(),
        };
        let plan = plan_link(view, setting(app, looking, rules, &people));
        let given_up = given_up(&plan);
        let mut bases = agreed(rules, tickets.as_ref());
        bases.retain(|(key, _)| given_up.contains(key.as_str()));
        Ok(Skipped { row, rules, plan, bases, link: Some(stored), ticket: None })
    }

    async fn of_new(app: &App, looking: &'l Looking, row: Quarantined) -> Result<Skipped<'l>, ApiError> {
        let NewQuarantined { side, type_mapping, ticket: id, .. } = &row.what;
        let rules = looking.rules.iter().find(|rules| rules.mapping.name == *type_mapping);
        let rules = rules.or(looking.rules.first()).ok_or_else(|| {
            ApiError::new("not_found", format!("the type mapping of {} is gone", row.what.key))
                .hint("Retry the ticket from quarantine: it is judged anew.")
        })?;
        let (side, scope) = (*side, rules.mapping.scope(*side));
        let want = Want { comments: true, attachments: true };
        let connector = looking.sides[side].connector.as_ref();
        let ticket = look::fetch(connector, scope, id, &rules.fields_on(side), want).await?;
        let nobody = lockstep_core::mapping::PeopleTable::default();
        let plan = match &ticket {
            Some(ticket) => plan_new(ticket, side, 0, setting(app, looking, rules, &nobody)),
            // It is gone: there is nothing to give up.
            None => TicketPlan {
                subject: Subject::New { side, ticket: id.clone() },
                type_mapping: rules.mapping.name.clone(),
                keys: Pair::default(),
                title: row.what.title.clone(),
                operations: Vec::new(),
                bases: Vec::new(),
                ledger: Vec::new(),
                conflicts: Vec::new(),
                notices: Vec::new(),
                versions: Pair::default(),
            },
        };
        Ok(Skipped { row, rules, plan, bases: Vec::new(), link: None, ticket })
    }

    /// What is written of it.
    fn kept(self, looking: &Looking) -> Kept {
        let what = self.row.what;
        let detail = Detail {
            changes: shown_changes(self.rules, &self.plan),
            done: std::iter::once(DONE.to_owned())
                .chain(self.plan.operations.iter().filter_map(unseen))
                .collect(),
            ..Detail::default()
        };
        let mut keys = Pair::default();
        match &self.link {
            Some(stored) => keys = stored.link.keys.clone().map(Some),
            None => keys[what.side] = Some(what.key.clone()),
        }
        let seen = self.ticket.map(|ticket| Seen {
            ticket: ticket.id,
            rule_revision: self.rules.revision.clone(),
            decision: LEFT_OUT.to_owned(),
            seen_ms: ticket.version.stamp_ms,
        });
        let feed = Feed::new(what.connection, self.rules.mapping.name.clone(), what.side);
        let account = looking.sides[what.side].fingerprint.clone();
        Kept {
            keys,
            title: self.plan.title,
            detail: Packed::of(&detail).expect("details are plain data"),
            told: serde_json::to_value(&detail).expect("details are plain data"),
            ledger: self.plan.operations.iter().filter_map(entry).collect(),
            bases: self.bases,
            link: self.link,
            seen: seen.map(|seen| (feed, account, seen)),
            what,
        }
    }
}

fn setting<'a>(
    app: &'a App,
    looking: &'a Looking,
    rules: &'a Rules,
    people: &'a lockstep_core::mapping::PeopleTable,
) -> Setting<'a> {
    Setting {
        rules,
        people,
        capabilities: Pair::from_fn(|side| looking.sides[side].connector.describe()),
        fingerprints: Pair::from_fn(|side| &looking.sides[side].fingerprint),
        us: Pair::from_fn(|side| &looking.sides[side].identity.us.id),
        dedicated: Pair::from_fn(|side| looking.sides[side].doc.dedicated),
        store: app.store().id(),
    }
}

/// The field mappings that wait: what would be written, and what a person would have to mend. Conflicts stay open.
fn given_up(plan: &TicketPlan) -> BTreeSet<&str> {
    let mut keys = BTreeSet::new();
    for operation in &plan.operations {
        match &operation.kind {
            OperationKind::Update { changes, .. } => {
                keys.extend(changes.iter().map(|change| change.mapping.as_str()));
            }
            OperationKind::Steps { mapping, .. } => {
                keys.insert(mapping.as_str());
            }
            _ => {}
        }
    }
    let held = plan.notices.iter().filter(|notice| notice.kind.needs_person());
    keys.extend(held.filter_map(|notice| notice.mapping.as_deref()));
    keys.retain(|key| !plan.conflicts.iter().any(|conflict| conflict.mapping == *key));
    keys
}

/// A comment or file counts as known, an edit of one as dealt with.
fn entry(operation: &Operation) -> Option<LedgerEntry> {
    match &operation.kind {
        OperationKind::Comment { entry, .. } | OperationKind::Attachment { entry, .. } => {
            Some(LedgerEntry { state: LedgerState::Accounted, ..entry.clone() })
        }
        OperationKind::EditComment { entry, .. } => Some(entry.clone()),
        _ => None,
    }
}

/// What of an operation does not stand among the changed fields.
fn unseen(operation: &Operation) -> Option<String> {
    match &operation.kind {
        OperationKind::Comment { .. } => Some("a comment was not copied".to_owned()),
        OperationKind::EditComment { .. } => Some("the edit of a comment was not copied".to_owned()),
        OperationKind::Attachment { name, .. } => Some(format!("the file {name} was not copied")),
        OperationKind::Create { .. } => Some("no copy was created".to_owned()),
        _ => None,
    }
}

/// What is written of a skip, all in one transaction.
struct Kept {
    what: NewQuarantined,
    link: Option<StoredLink>,
    bases: Vec<(String, FieldBase)>,
    ledger: Vec<LedgerEntry>,
    seen: Option<(Feed, lockstep_core::marker::Fingerprint, Seen)>,
    keys: Pair<Option<String>>,
    title: String,
    detail: Packed,
    told: serde_json::Value,
}

impl Kept {
    fn keep(&self, tx: &Tx<'_>, now_ms: i64) -> lockstep_store::Result<()> {
        if !quarantine::remove(tx, self.what.connection, &self.what.subject)? {
            // Somebody retried it meanwhile: then nothing is given up.
            return Err(lockstep_store::StoreError::not_found(format!("{} in quarantine", self.what.key)));
        }
        if let Some(stored) = &self.link {
            bases::put_all(tx, stored.link.id, self.bases.iter().map(|(key, base)| (key, base)))?;
            ledger::put_all(tx, stored.link.id, &self.ledger)?;
            wait_for_run(tx, stored, PendingReason::Failed, WHY, now_ms)?;
        }
        if let Some((feed, account, seen)) = &self.seen {
            seen::put(tx, feed, account, seen)?;
        }
        // Beside the failure, in the run that met it.
        if let Some(run) = self.what.run
            && runs::get(tx, run)?.is_some()
        {
            let entry = NewOutcome {
                run,
                ordinal: outcomes::next_ordinal(tx, run)?,
                subject: self.what.subject.clone(),
                keys: self.keys.clone(),
                title: self.title.clone(),
                outcome: Outcome::Skipped,
                detail: self.detail.clone(),
            };
            outcomes::put(tx, &entry)?;
        }
        let words = format!("skipped what {} could not get through", self.what.key);
        audit::add(tx, now_ms, "person", &words, &self.told)?;
        Ok(())
    }
}
