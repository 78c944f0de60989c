//! Why a ticket was synced, or was not: the chain of answers, up to the first "no".

use std::collections::BTreeSet;

use lockstep_core::connector::Want;
use lockstep_core::mapping::PeopleTable;
use lockstep_core::mapping::condition::Verdict;
use lockstep_core::mapping::{Condition, NoMatch, Rules};
use lockstep_core::side::Pair;
use lockstep_core::side::Side;
use lockstep_core::sync::Subject;
use lockstep_core::sync::create::{Standing, standing};
use lockstep_core::sync::link::LinkState;
use lockstep_core::sync::plan::Setting;
use lockstep_core::ticket::Ticket;
use lockstep_store::Feed;
use lockstep_store::tables::links::StoredLink;
use lockstep_store::tables::outcomes;
use lockstep_store::tables::pending::{self, Pending};
use lockstep_store::tables::plans::subject_key;
use lockstep_store::tables::quarantine::{self, Quarantined};
use lockstep_store::tables::seen::{self, Seen};
use lockstep_store::tables::{connections, cursors, links};
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::App;
use crate::history::{self, TicketView, utc};
use crate::look::{self, Looking, find};

/// Ends of earlier runs that are shown.
const OUTCOMES_MAX: u32 = 5;

/// One answer of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Answer {
    Yes,
    /// The first one of these is the reason.
    No,
    /// It waits.
    Waits,
    /// Not asked, for an answer before was no.
    NotReached,
}

/// One step of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Step {
    /// `Seen`, `Linked`, `Filter`, `Template`, …
    pub name: String,
    pub answer: Answer,
    pub detail: String,
    pub fix: Option<String>,
}

/// What is known of a ticket in one connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Explanation {
    pub connection: String,
    pub type_mapping: String,
    /// The ticket's key.
    pub ticket: String,
    pub title: String,
    /// `source`, `target`.
    pub side: String,
    /// Its partner's key.
    pub partner: Option<String>,
    pub steps: Vec<Step>,
    /// In one sentence.
    pub verdict: String,
    /// How it ended in the last runs, newest first.
    pub last: Vec<TicketView>,
}

impl Explanation {
    /// Whether a step of it answers no.
    fn says_no(&self) -> bool {
        self.steps.iter().any(|step| step.answer == Answer::No)
    }
}

/// Explains a ticket by its key or id, in one connection or in whichever knows it. Reads it afresh, writes nothing, and
/// works beside a process that runs.
pub async fn explain(app: &App, connection: Option<&str>, key: &str) -> Result<Explanation, ApiError> {
    match connection {
        Some(name) => of_connection(app, name, key).await,
        None => anywhere(app, key).await,
    }
}

async fn of_connection(app: &App, name: &str, key: &str) -> Result<Explanation, ApiError> {
    let looking = look::look(app, name, false).await?;
    for rules in &looking.rules {
        for side in Side::BOTH {
            if let Some(ticket) = find(&looking, rules, side, key, Want::default()).await? {
                let fits = ticket.ticket_type == rules.schemas[side].ticket_type || looking.rules.len() == 1;
                if fits {
                    return of_ticket(app, &looking, rules, side, &ticket).await;
                }
            }
        }
    }
    let labels = Pair::from_fn(|side| looking.sides[side].doc.platform.label());
    Err(ApiError::new(
        "not_found",
        format!(
            "neither {} nor {} shows a ticket {key} of a type that {name:?} syncs",
            labels.source, labels.target
        ),
    )
    .hint(NOT_SHOWN))
}

const NOT_SHOWN: &str = "It does not exist, the accounts may not see it, or its type has no mapping.";

/// Asks the connections that know a link of the ticket, then the others. One that syncs it, or would, has the answer; one
/// that says no has it where no other says better.
async fn anywhere(app: &App, key: &str) -> Result<Explanation, ApiError> {
    let wanted = key.to_owned();
    let names = app
        .store()
        .read(move |conn| {
            let known: BTreeSet<i64> =
                links::by_key(conn, None, &wanted)?.iter().map(|stored| stored.link.connection).collect();
            let mut all = connections::list(conn)?;
            all.sort_by_key(|connection| !known.contains(&connection.id.0));
            Ok(all.into_iter().map(|connection| connection.name).collect::<Vec<_>>())
        })
        .await?;
    let (mut refused, mut failed, mut absent) = (None, None, None);
    for name in &names {
        match of_connection(app, name, key).await {
            Ok(found) if found.partner.is_some() || !found.says_no() => return Ok(found),
            Ok(found) => refused = refused.or(Some(found)),
            Err(error) if error.code == "not_found" => absent = absent.or(Some(error)),
            Err(error) => failed = failed.or(Some((name, error))),
        }
    }
    match (refused, failed, absent) {
        (Some(found), ..) => Ok(found),
        (None, Some((_, error)), _) if names.len() == 1 => Err(error),
        (None, Some((name, error)), _) => {
            let message = format!(
                "no other connection shows {key}, and {name:?} could not be asked: {}",
                error.message
            );
            Err(ApiError { message, ..error })
        }
        (None, None, Some(error)) if names.len() == 1 => Err(error),
        (None, None, Some(_)) => {
            Err(ApiError::new("not_found", format!("no connection shows a ticket {key}")).hint(NOT_SHOWN))
        }
        (None, None, None) => {
            Err(ApiError::new("not_found", "there is no connection yet").hint("Connect two platforms first."))
        }
    }
}

/// What the store knows of a ticket.
struct Kept {
    link: Option<StoredLink>,
    tombstone: Option<StoredLink>,
    pending: Option<Pending>,
    quarantined: Option<Quarantined>,
    seen: Option<Seen>,
    read_before: bool,
    last: Vec<outcomes::OutcomeRow>,
}

async fn kept(
    app: &App,
    looking: &Looking,
    rules: &Rules,
    side: Side,
    ticket: &Ticket,
) -> Result<Kept, ApiError> {
    let (here, there) =
        (looking.sides[side].fingerprint.clone(), looking.sides[side.opposite()].fingerprint.clone());
    let (connection, id) = (looking.connection.id, ticket.id.clone());
    let feed = Feed::new(connection, rules.mapping.name.clone(), side);
    let kept = app
        .store()
        .read(move |conn| {
            let mut of_pair: Vec<StoredLink> = links::by_ticket(conn, &here, &id)?
                .into_iter()
                .filter(|link| {
                    link.side_of(&here, &id).is_some_and(|side| link.accounts[side.opposite()] == there)
                })
                .collect();
            let ended = |link: &StoredLink| matches!(link.link.state, LinkState::Ended(_));
            let tombstone = of_pair.iter().rev().find(|link| ended(link)).cloned();
            of_pair.retain(|link| !ended(link));
            let link = of_pair.pop();
            let subject = match &link {
                Some(link) => Subject::Link { link: link.link.id },
                None => Subject::New { side: feed.side, ticket: id.clone() },
            };
            let mut pending = pending::get(conn, &feed, &id)?;
            if let (None, Some(link)) = (&pending, &link) {
                let other = Feed { side: feed.side.opposite(), ..feed.clone() };
                pending = pending::get(conn, &other, &link.link.tickets[other.side])?;
            }
            let subject = subject_key(&subject);
            let mut last = outcomes::of_subject(conn, &subject, OUTCOMES_MAX)?;
            if last.len() < OUTCOMES_MAX as usize && link.is_some() {
                let new = subject_key(&Subject::New { side: feed.side, ticket: id.clone() });
                last.extend(outcomes::of_subject(conn, &new, OUTCOMES_MAX - 1)?);
            }
            Ok(Kept {
                quarantined: quarantine::get(conn, connection, &subject)?,
                seen: seen::get(conn, &feed, &id)?,
                read_before: cursors::get(conn, &feed)?.is_some(),
                link,
                tombstone,
                pending,
                last,
            })
        })
        .await?;
    Ok(kept)
}

async fn of_ticket(
    app: &App,
    looking: &Looking,
    rules: &Rules,
    side: Side,
    ticket: &Ticket,
) -> Result<Explanation, ApiError> {
    let kept = kept(app, looking, rules, side, ticket).await?;
    let names = look::names(app, &looking.connection).await?;
    let mut chain = Chain::default();
    chain.yes(
        "Visible",
        format!(
            "{} shows it, last changed {}",
            looking.sides[side].doc.platform.label(),
            utc(ticket.version.stamp_ms)
        ),
    );
    match &kept.link {
        Some(link) => linked(&mut chain, link, &kept),
        None => unlinked(&mut chain, app, looking, rules, side, ticket, &kept),
    }
    let partner = kept.link.as_ref().map(|link| {
        let here = link.side_of(&looking.sides[side].fingerprint, &ticket.id).unwrap_or(side);
        link.link.keys[here.opposite()].clone()
    });
    let verdict = chain.verdict(ticket, partner.as_deref());
    Ok(Explanation {
        connection: looking.connection.name.clone(),
        type_mapping: rules.mapping.name.clone(),
        ticket: ticket.key.clone(),
        title: crate::shown::title(ticket),
        side: side.to_string(),
        partner,
        steps: chain.steps,
        verdict,
        last: kept.last.iter().map(|row| history::with_names(history::ticket(row), &names)).collect(),
    })
}

fn linked(chain: &mut Chain, link: &StoredLink, kept: &Kept) {
    let keys = &link.link.keys;
    chain.yes("Linked", format!("{} → {}, since {}", keys.source, keys.target, utc(link.link.linked_ms)));
    match &link.link.state {
        LinkState::Live => chain.yes("Link is live", "it takes part in runs"),
        other => chain.no("Link is live", format!("{}: {}", other.word(), other.reason()), None),
    }
    waits(chain, kept);
}

/// Quarantine and the pending list.
fn waits(chain: &mut Chain, kept: &Kept) {
    match &kept.quarantined {
        Some(row) => {
            let message = row
                .what
                .error
                .get(0)
                .and_then(|trouble| trouble.get("message"))
                .and_then(serde_json::Value::as_str);
            let detail = format!("since {}: {}", utc(row.since_ms), message.unwrap_or("it failed for good"));
            chain.no(
                "Not in quarantine",
                detail,
                Some("Mend the cause, then retry the ticket from quarantine.".to_owned()),
            );
        }
        None => chain.yes("Not in quarantine", "nothing failed for good"),
    }
    match &kept.pending {
        Some(row) => chain.waits(
            "Nothing waits",
            format!(
                "{} since {}, tried {} times: {}",
                row.reason.word(),
                utc(row.since_ms),
                row.tries,
                row.detail
            ),
        ),
        None => chain.yes("Nothing waits", "every change that was seen is dealt with"),
    }
}

fn unlinked(
    chain: &mut Chain,
    app: &App,
    looking: &Looking,
    rules: &Rules,
    side: Side,
    ticket: &Ticket,
    kept: &Kept,
) {
    match &kept.tombstone {
        Some(link) => {
            let detail = format!(
                "it was linked with {} before: {}",
                link.link.keys[side.opposite()],
                link.link.state.reason()
            );
            chain.no("Never unlinked", detail, Some("Link the two by hand to sync them again.".to_owned()));
        }
        None => chain.yes("Never unlinked", "no earlier link blocks it"),
    }
    let label = looking.sides[side].doc.platform.label();
    if rules.mapping.creates_from(side) {
        chain.yes("Side", format!("new tickets of {label} are copied"));
    } else {
        let fix = format!("Let the type mapping copy new tickets of {label} too.");
        chain.no("Side", format!("new tickets of {label} are not copied"), Some(fix));
    }
    origin(chain, app, looking, rules, side, ticket);
    if ticket.private && !rules.mapping.include_private {
        chain.no(
            "Not private",
            "it is private, and private tickets stay on their side",
            Some("Include private tickets in the type mapping.".to_owned()),
        );
    } else {
        chain.yes("Not private", "it may leave its side");
    }
    filter(chain, rules, side, ticket);
    template(chain, rules, side, ticket);
    waits(chain, kept);
    match &kept.seen {
        Some(seen) if seen.rule_revision == rules.revision => {
            chain.waits("Decided", format!("at its last reading: {}", seen.decision))
        }
        Some(seen) => chain.waits(
            "Decided",
            format!("under an earlier mapping: {}; it is judged again when it changes", seen.decision),
        ),
        None if kept.read_before => chain.waits(
            "Decided",
            "not yet: it changed after the last run, or before the start date of the first one",
        ),
        None => chain.waits("Decided", "no run has read this side yet"),
    }
}

fn origin(chain: &mut Chain, app: &App, looking: &Looking, rules: &Rules, side: Side, ticket: &Ticket) {
    let nobody = PeopleTable::default();
    let setting = Setting {
        rules,
        people: &nobody,
        capabilities: Pair::from_fn(|side| looking.sides[side].connector.describe()),
        fingerprints: Pair::from_fn(|side| &looking.sides[side].fingerprint),
        us: Pair::from_fn(|side| &looking.sides[side].identity.us.id),
        dedicated: Pair::from_fn(|side| looking.sides[side].doc.dedicated),
        store: app.store().id(),
    };
    match standing(ticket, side, setting) {
        Standing::New => chain.yes("Created by a person", "it is an original"),
        Standing::Marked(marker) => {
            let detail = if marker.ended {
                "it carries the marker of a link that has ended"
            } else {
                "it carries a marker of Lockstep's: it is a copy, and its link is found again by the next run"
            };
            chain.no("Created by a person", detail, None);
        }
        Standing::UnexplainedOwn => {
            let fix = "If people write as this user too, switch off that only Lockstep signs in as it, in the account.".to_owned();
            chain.no(
                "Created by a person",
                "it was created by Lockstep's own user, and no link explains it",
                Some(fix),
            );
        }
        Standing::Unknown(why) => chain.no("Created by a person", why, None),
    }
}

fn spelled(rules: &Rules, side: Side, condition: &Condition) -> String {
    let schema = &rules.schemas[side];
    let mut shown = condition.clone();
    shown.values = condition
        .values
        .iter()
        .map(|value| schema.option_label(&condition.field, value).to_owned())
        .collect();
    shown.field = schema.label(&condition.field).into();
    shown.to_string()
}

fn filter(chain: &mut Chain, rules: &Rules, side: Side, ticket: &Ticket) {
    let filter = &rules.mapping.filter[side];
    if filter.all.is_empty() && filter.any.is_empty() {
        chain.yes("Filter", "there is none");
        return;
    }
    match filter.judge(ticket) {
        Verdict::Passes => chain.yes("Filter", "lets it in"),
        Verdict::Fails(condition) => {
            let held = ticket
                .value(&condition.field)
                .map(|value| crate::shown::value(&rules.schemas[side], &condition.field, value));
            let detail = format!(
                "needs: {}; it holds {:?}",
                spelled(rules, side, condition),
                held.unwrap_or_default()
            );
            chain.no(
                "Filter",
                detail,
                Some("Change the filter of the type mapping, or the ticket.".to_owned()),
            );
        }
        Verdict::Unknown(field) => {
            let detail =
                format!("{} cannot be read, so it decides nothing", rules.schemas[side].label(field));
            chain.no("Filter", detail, Some("Give the account the right to read this field.".to_owned()));
        }
    }
}

fn template(chain: &mut Chain, rules: &Rules, side: Side, ticket: &Ticket) {
    let templates = rules.mapping.templates_for(side.opposite());
    let mut reasons = Vec::new();
    for template in templates {
        match template.conditions.judge(ticket) {
            Verdict::Passes => {
                chain.yes("Template", format!("caught by {}", template.name));
                return;
            }
            Verdict::Fails(condition) => {
                reasons.push(format!("{} needs: {}", template.name, spelled(rules, side, condition)))
            }
            Verdict::Unknown(field) => reasons.push(format!(
                "{}: {} cannot be read",
                template.name,
                rules.schemas[side].label(field)
            )),
        }
    }
    match &rules.mapping.no_match {
        NoMatch::Use(name) if !templates.is_empty() => {
            chain.yes("Template", format!("none catches it; it falls back to {name}"))
        }
        _ if templates.is_empty() => {
            chain.no(
                "Template",
                "there is none for this direction",
                Some("Add a template to the type mapping.".to_owned()),
            );
        }
        _ => chain.no(
            "Template",
            format!("none catches it: {}", reasons.join("; ")),
            Some("Change a template's conditions, or what happens to tickets that none catches.".to_owned()),
        ),
    }
}

#[derive(Default)]
struct Chain {
    steps: Vec<Step>,
}

impl Chain {
    fn add(&mut self, name: &str, answer: Answer, detail: impl Into<String>, fix: Option<String>) {
        let reached = !self.steps.iter().any(|step| step.answer == Answer::No);
        let (answer, detail) =
            if reached { (answer, detail.into()) } else { (Answer::NotReached, String::new()) };
        self.steps.push(Step { name: name.to_owned(), answer, detail, fix: fix.filter(|_| reached) });
    }

    fn yes(&mut self, name: &str, detail: impl Into<String>) {
        self.add(name, Answer::Yes, detail, None);
    }

    fn no(&mut self, name: &str, detail: impl Into<String>, fix: Option<String>) {
        self.add(name, Answer::No, detail, fix);
    }

    fn waits(&mut self, name: &str, detail: impl Into<String>) {
        self.add(name, Answer::Waits, detail, None);
    }

    fn verdict(&self, ticket: &Ticket, partner: Option<&str>) -> String {
        let first = |wanted| self.steps.iter().find(|step| step.answer == wanted);
        let key = &ticket.key;
        match (first(Answer::No), first(Answer::Waits), partner) {
            (Some(step), _, Some(partner)) => {
                format!("{key} is linked with {partner} and does not sync. {}: {}.", step.name, step.detail)
            }
            (Some(step), _, None) => format!("{key} is not copied. {}: {}.", step.name, step.detail),
            (None, Some(step), Some(partner)) => {
                format!("{key} is linked with {partner}, and waits: {}.", step.detail)
            }
            (None, Some(step), None) => format!("{key} has no partner yet: {}.", step.detail),
            (None, None, Some(partner)) => format!("{key} is in step with {partner}."),
            (None, None, None) => format!("{key} would be copied by the next run."),
        }
    }
}
