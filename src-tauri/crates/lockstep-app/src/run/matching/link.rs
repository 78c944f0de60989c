//! Carrying out the rows that link two tickets: read again, held against the rule again, kept in one transaction.

use lockstep_core::connector::Want;
use lockstep_core::ids::TicketId;
use lockstep_core::mapping::{MatchRule, Rules};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::create::{Standing, standing, takes_part};
use lockstep_core::sync::link::{Link, LinkId, LinkState};
use lockstep_core::sync::matching::{self, MatchValue};
use lockstep_core::sync::operation::{OperationKind, Outcome, Subject, TicketPlan};
use lockstep_core::ticket::{MarkerRead, Ticket};
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::plans::{self, PlanRow};
use lockstep_store::tables::{audit, bases, journal, ledger, links, pending, quarantine, seen};

use super::{CHUNK, NOBODY, found};
use crate::events::Counts;
use crate::run::error::{RunError, on_side};
use crate::run::outcome::{self, Ending};
use crate::run::reading;
use crate::run::site::Site;

/// Whether a row of the plan links two tickets.
pub fn links_two(plan: &TicketPlan) -> bool {
    counterpart(plan).is_some()
}

fn counterpart(plan: &TicketPlan) -> Option<&TicketId> {
    plan.operations.iter().find_map(|operation| match &operation.kind {
        OperationKind::Link { other, .. } => Some(other),
        _ => None,
    })
}

/// Carries out rows that link two tickets, each read again with all its comments and files directly before.
pub async fn link(
    site: &Site,
    rules: &Rules,
    rows: Vec<PlanRow>,
    counts: &mut Counts,
) -> Result<(), RunError> {
    for chunk in rows.chunks(CHUNK) {
        let mut ids: Pair<Vec<TicketId>> = Pair::default();
        for row in chunk {
            if let (Subject::New { side, ticket }, Some(other)) = (&row.plan.subject, counterpart(&row.plan))
            {
                ids[*side].push(ticket.clone());
                ids[side.opposite()].push(other.clone());
            }
        }
        let mut read = Pair {
            source: whole(site, rules, Side::Source, &ids.source).await?,
            target: whole(site, rules, Side::Target, &ids.target).await?,
        };
        for row in chunk {
            let (Subject::New { side, ticket }, Some(other)) = (&row.plan.subject, counterpart(&row.plan))
            else {
                continue;
            };
            let (here, there) =
                (found(read[*side].remove(ticket)), found(read[side.opposite()].remove(other)));
            let ending = match (here, there) {
                _ if site.cancel.is_asked() => {
                    Ending::waiting(PendingReason::Cancelled, "the run was cancelled before it")
                }
                (Some(here), Some(there)) => {
                    let tickets = match side {
                        Side::Source => Pair { source: here, target: there },
                        Side::Target => Pair { source: there, target: here },
                    };
                    link_two(site, rules, row, &tickets).await?
                }
                (None, _) => Ending::skipped().because("it is not visible any more"),
                (_, None) => Ending::waiting(
                    PendingReason::Moved,
                    "its counterpart is not visible any more: looked for again",
                ),
            };
            outcome::record(site, rules, row, ending, counts).await?;
        }
    }
    Ok(())
}

async fn whole(site: &Site, rules: &Rules, side: Side, ids: &[TicketId]) -> Result<reading::Read, RunError> {
    let connector = &site.sides[side].connector;
    let (scope, fields) = (rules.mapping.scope(side), rules.fields_on(side));
    let want = Want { comments: true, attachments: true };
    let mut read = reading::Read::new();
    for chunk in ids.chunks(connector.describe().fetch_batch.max(1)) {
        let fetched = connector
            .fetch(scope, chunk, &fields, want)
            .await
            .map_err(on_side(site.label(side), "reading tickets"))?;
        read.extend(chunk.iter().cloned().zip(fetched));
    }
    Ok(read)
}

/// Links two tickets if they are still what was planned. Fields, list of ids and link are kept in one transaction.
async fn link_two(
    site: &Site,
    rules: &Rules,
    row: &PlanRow,
    tickets: &Pair<Ticket>,
) -> Result<Ending, RunError> {
    let both = tickets.as_ref();
    let Some(rule) = rules.mapping.match_rule.as_ref().filter(|rule| still_match(site, rules, rule, both))
    else {
        return Ok(Ending::waiting(
            PendingReason::Moved,
            "one of the two changed meanwhile: looked for again",
        ));
    };
    let Some(entries) = matching::accounted(both) else {
        let why = "not linked: the comments or files of one of the two cannot be read completely, so none could count as known";
        return Ok(Ending::waiting(PendingReason::Unreadable, why));
    };
    let agreed = matching::agreed(rules, both);
    // The place of the marker is another tool's, or cannot be read: the link is known to this computer only.
    let marker_due = !matches!(tickets.target.marker, MarkerRead::Foreign(_) | MarkerRead::Unknown);
    let link = Link {
        id: LinkId(0),
        connection: site.connection.0,
        type_mapping: rules.mapping.name.clone(),
        tickets: both.map(|ticket| ticket.id.clone()),
        keys: both.map(|ticket| ticket.key.clone()),
        origin: Side::Source,
        generation: 0,
        state: LinkState::Live,
        versions: both.map(|ticket| ticket.version),
        marker_due,
        linked_ms: site.now_ms(),
    };
    let titles = both.map(crate::shown::title);
    let accounts = Pair::from_fn(|side| site.sides[side].fingerprint.clone());
    let feeds = Pair::from_fn(|side| site.feed(rules, side));
    let (epoch, connection, now_ms) = (site.epoch, site.connection, site.now_ms());
    let words =
        format!("linked {} and {}: {}", link.keys.source, link.keys.target, matching::fields(rule, rules));
    let said = words.clone();
    let made = site
        .store
        .write(move |tx| {
            tx.check_epoch(epoch)?;
            let open = journal::open_rows(tx, connection)?;
            for side in Side::BOTH {
                let id = &link.tickets[side];
                let linked = links::blocked(tx, &accounts[side], id, &accounts[side.opposite()])?.is_some();
                if linked || open.iter().any(|row| row.tickets[side].as_ref() == Some(id)) {
                    return Ok(None);
                }
            }
            let by = serde_json::json!({ "linked_by": "match" });
            let id = links::insert(tx, &link, &accounts, &titles, &by)?;
            ledger::put_all(tx, id, &entries)?;
            bases::put_all(tx, id, agreed.iter().map(|(key, base)| (key, base)))?;
            for side in Side::BOTH {
                seen::remove(tx, &feeds[side], &link.tickets[side])?;
                pending::remove(tx, &feeds[side], &link.tickets[side])?;
                let subject = Subject::New { side, ticket: link.tickets[side].clone() };
                quarantine::remove(tx, connection, &plans::subject_key(&subject))?;
            }
            audit::add(tx, now_ms, "match rule", &said, &serde_json::Value::Null)?;
            Ok(Some(id))
        })
        .await?;
    let Some(id) = made else {
        return Ok(Ending::waiting(
            PendingReason::Moved,
            "one of the two was linked meanwhile: looked at again",
        ));
    };
    let keys = both.map(|ticket| Some(ticket.key.clone()));
    Ok(Ending {
        outcome: Some(Outcome::Updated),
        link: Some(id),
        keys,
        done: vec![words],
        notices: row.plan.notices.clone(),
        ..Ending::default()
    })
}

fn still_match(site: &Site, rules: &Rules, rule: &MatchRule, tickets: Pair<&Ticket>) -> bool {
    let setting = site.setting(rules, &NOBODY);
    let free = |side: Side| {
        standing(tickets[side], side, setting) == Standing::New
            && takes_part(tickets[side], side, setting).is_ok()
    };
    let value = Pair::from_fn(|side| matching::match_value(rule, side, tickets[side]));
    free(Side::Source)
        && free(Side::Target)
        && matches!(&value.source, MatchValue::Text(_))
        && value.source == value.target
}
