//! One real ticket, with its partner where it has one, read when a person picks it and then kept: an editor tries each
//! edit on it without asking the platforms again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use lockstep_core::connector::{ChangesQuery, Want};
use lockstep_core::mapping::transform::Counterpart;
use lockstep_core::mapping::{PeopleTable, Rule, Rules, TypeMapping};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::link::LedgerEntry;
use lockstep_core::ticket::{Ticket, Value};
use lockstep_core::{FieldId, PersonId, TicketId};
use lockstep_store::tables::bases::{self, Bases};
use lockstep_store::tables::links::{self, StoredLink};
use lockstep_store::tables::{ledger, people};
use serde::Serialize;

use super::offers;
use crate::api_error::ApiError;
use crate::app::{App, account_doc, capabilities};
use crate::config::ConnectionDoc;
use crate::look::{self, LookSide};
use crate::shown;

/// Fields read of a sample beyond those that a mapping needs; an address cannot name any number of them.
const FIELDS_MAX: usize = 120;
/// Tickets offered to pick from.
const OFFERED_MAX: usize = 50;
/// How far back tickets to pick from are looked for, milliseconds: a day, a month, ever.
const LOOK_BACK_MS: [i64; 3] = [24 * 3_600_000, 30 * 24 * 3_600_000, i64::MAX / 4];

/// The samples that the editors of this process hold, by connection and type mapping.
#[derive(Default)]
pub struct Samples(Mutex<HashMap<(i64, String), Arc<Sample>>>);

/// A ticket at hand.
#[derive(Clone)]
pub(super) struct Sample {
    /// The side of the ticket that was picked.
    pub from: Side,
    pub tickets: Pair<Option<Ticket>>,
    pub linked: Option<Linked>,
    pub people: PeopleTable,
    pub sides: Pair<LookSide>,
    pub read_ms: i64,
}

/// What the store knows of the pair.
#[derive(Clone)]
pub(super) struct Linked {
    pub link: StoredLink,
    pub bases: Bases,
    pub ledger: Vec<LedgerEntry>,
}

/// A ticket that could be picked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct TicketOffer {
    pub key: String,
    pub title: String,
}

/// A picked ticket as the trays show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct SampleView {
    pub side: Side,
    pub key: String,
    pub title: String,
    /// The key of its partner.
    pub partner: Option<String>,
    /// By field, as people read them; empty where the field is empty.
    pub values: Pair<BTreeMap<FieldId, String>>,
    #[ts(type = "number")]
    pub read_ms: i64,
}

impl Samples {
    pub(super) fn get(&self, connection: i64, type_mapping: &str) -> Option<Arc<Sample>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&(connection, type_mapping.to_owned())).cloned()
    }

    fn keep(&self, connection: i64, type_mapping: &str, sample: Arc<Sample>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert((connection, type_mapping.to_owned()), sample);
    }
}

/// Tickets of one side to pick from, newest change first; reads one page of the platform's list.
pub async fn recent(
    app: &App,
    connection: i64,
    mapping: &TypeMapping,
    side: Side,
) -> Result<Vec<TicketOffer>, ApiError> {
    let mut found = newest(app, connection, mapping, side, &[]).await?;
    found.truncate(OFFERED_MAX);
    let offer = |ticket: Ticket| TicketOffer { title: shown::title(&ticket), key: ticket.key };
    Ok(found.into_iter().map(offer).collect())
}

/// Tickets of one side that changed lately, newest first, with `fields` besides their titles.
pub(super) async fn newest(
    app: &App,
    connection: i64,
    mapping: &TypeMapping,
    side: Side,
    fields: &[FieldId],
) -> Result<Vec<Ticket>, ApiError> {
    let (_, document) = app.connection_by_id(connection).await?;
    let side_of = look::side(app, document.account(side)).await?;
    let scope = mapping.scope(side);
    let schema = schema(app, &document, mapping, side).await?;
    let mut wanted: BTreeSet<FieldId> = fields.iter().cloned().collect();
    wanted.extend(
        shown::TITLES.iter().map(|id| FieldId::from(*id)).filter(|id| schema.fields.contains_key(id)),
    );
    let wanted: Vec<FieldId> = wanted.into_iter().collect();
    for back_ms in LOOK_BACK_MS {
        let since_ms = (side_of.connector.server_now_ms() - back_ms).max(0);
        let query = ChangesQuery { scope, fields: &wanted, cursor: None, since_ms, page: None, limit: 200 };
        let page = side_of.connector.changes(&query).await?;
        if !page.tickets.is_empty() {
            let mut tickets = page.tickets;
            tickets.reverse();
            return Ok(tickets);
        }
    }
    Ok(Vec::new())
}

/// Reads a ticket by its key, with its partner, and keeps both for trying. Writes nothing.
pub async fn pick(
    app: &App,
    connection: i64,
    mapping: &TypeMapping,
    side: Side,
    key: &str,
) -> Result<SampleView, ApiError> {
    let (stored, document) = app.connection_by_id(connection).await?;
    let sides = Pair {
        source: look::side(app, document.account(Side::Source)).await?,
        target: look::side(app, document.account(Side::Target)).await?,
    };
    let schemas = Pair {
        source: schema(app, &document, mapping, Side::Source).await?,
        target: schema(app, &document, mapping, Side::Target).await?,
    };
    let labels = Pair::from_fn(|side| sides[side].doc.platform.label().to_owned());
    let rules = Rules::compile(mapping, schemas, labels);
    let connector = &sides[side].connector;
    let id = connector.find_by_key(mapping.scope(side), key).await?;
    let id = id.unwrap_or_else(|| TicketId::from(key));
    let ticket = read(&rules, &sides[side], side, &id).await?.ok_or_else(|| {
        let platform = &rules.labels[side];
        ApiError::new("not_found", format!("{platform} shows no ticket {key}"))
            .hint("It does not exist, is of another type, or the account may not see it. Choose another one.")
    })?;
    let linked = known(app, &sides, side, &ticket.id, stored.id).await?;
    let partner = match &linked {
        Some(linked) => {
            let to = side.opposite();
            read(&rules, &sides[to], to, &linked.link.link.tickets[to]).await?
        }
        None => None,
    };
    let mut tickets = Pair::default();
    tickets[side] = Some(ticket);
    tickets[side.opposite()] = partner;
    let mut sample =
        Sample { from: side, tickets, linked, people: PeopleTable::default(), sides, read_ms: app.now_ms() };
    look_up(app, &document, &rules, &mut sample).await?;
    let view = view(&rules, &sample);
    app.samples().keep(connection, &mapping.name, Arc::new(sample));
    Ok(view)
}

fn view(rules: &Rules, sample: &Sample) -> SampleView {
    let values = Pair::from_fn(|side| {
        let schema = &rules.schemas[side];
        let ticket = sample.tickets[side].as_ref();
        let fields =
            ticket.into_iter().flat_map(|ticket| ticket.fields.iter().map(move |field| (ticket, field)));
        fields
            .map(|(ticket, (id, value))| {
                let text = match value {
                    Value::Person(person) => name_of(ticket, person),
                    value => shown::value(schema, id, value),
                };
                (id.clone(), text)
            })
            .collect()
    });
    let ticket = sample.tickets[sample.from].as_ref();
    SampleView {
        side: sample.from,
        key: ticket.map(|ticket| ticket.key.clone()).unwrap_or_default(),
        title: ticket.map(shown::title).unwrap_or_default(),
        partner: sample.tickets[sample.from.opposite()].as_ref().map(|ticket| ticket.key.clone()),
        values,
        read_ms: sample.read_ms,
    }
}

/// A person's name or address as the ticket tells it, else the id.
pub(crate) fn name_of(ticket: &Ticket, id: &PersonId) -> String {
    let person = ticket.people.get(id);
    let name = person.map(|person| &person.name).filter(|name| !name.is_empty());
    let email = person.and_then(|person| person.email.as_ref());
    name.or(email).cloned().unwrap_or_else(|| id.0.clone())
}

async fn schema(
    app: &App,
    document: &ConnectionDoc,
    mapping: &TypeMapping,
    side: Side,
) -> Result<lockstep_core::schema::Schema, ApiError> {
    let account = app.account(document.account(side)).await?;
    let kept = offers::kept(app, &account, mapping.scope(side)).await?;
    kept.map(|kept| kept.schema).ok_or_else(|| {
        let platform = account_doc(&account).map_or("one side", |doc| doc.platform.label());
        ApiError::new("not_found", format!("the fields of {platform} were not read yet"))
            .hint("Read them first; the mapping editor does so when it opens.")
    })
}

async fn read(rules: &Rules, at: &LookSide, side: Side, id: &TicketId) -> Result<Option<Ticket>, ApiError> {
    let mut fields: BTreeSet<FieldId> = rules.fields_on(side).into_iter().collect();
    let more = rules.schemas[side].fields.keys();
    fields.extend(more.take(FIELDS_MAX.saturating_sub(fields.len())).cloned());
    let fields: Vec<FieldId> = fields.into_iter().collect();
    let want = Want { comments: true, attachments: true };
    look::fetch(at.connector.as_ref(), rules.mapping.scope(side), id, &fields, want).await
}

async fn known(
    app: &App,
    sides: &Pair<LookSide>,
    side: Side,
    ticket: &TicketId,
    connection: lockstep_store::ConnectionId,
) -> Result<Option<Linked>, ApiError> {
    let (fingerprint, ticket) = (sides[side].fingerprint.clone(), ticket.clone());
    let found = app
        .store()
        .read(move |conn| {
            let live = links::by_ticket(conn, &fingerprint, &ticket)?.into_iter().find(|stored| {
                stored.link.connection == connection.0
                    && !matches!(stored.link.state, lockstep_core::sync::link::LinkState::Ended(_))
            });
            let Some(link) = live else { return Ok(None) };
            let id = link.link.id;
            Ok(Some(Linked { bases: bases::of(conn, id)?, ledger: ledger::of(conn, id)?, link }))
        })
        .await?;
    Ok(found)
}

/// Finds who the people of the sample are on the other side: paired by hand, found before, or asked for now.
/// Who the people of a pair of tickets are on the other side, as far as mappings carry them.
pub(crate) async fn people_of(
    app: &App,
    document: &ConnectionDoc,
    rules: &Rules,
    sides: Pair<LookSide>,
    tickets: &Pair<Ticket>,
) -> Result<PeopleTable, ApiError> {
    let mut sample = Sample {
        from: Side::Source,
        tickets: tickets.clone().map(Some),
        linked: None,
        people: PeopleTable::default(),
        sides,
        read_ms: app.now_ms(),
    };
    look_up(app, document, rules, &mut sample).await?;
    Ok(sample.people)
}

async fn look_up(
    app: &App,
    document: &ConnectionDoc,
    rules: &Rules,
    sample: &mut Sample,
) -> Result<(), ApiError> {
    for from in Side::BOTH {
        for pair in &document.people {
            let (ours, theirs) = match from {
                Side::Source => (&pair.source, &pair.target),
                Side::Target => (&pair.target, &pair.source),
            };
            sample.people.insert(from, ours.as_str().into(), Counterpart::Found(theirs.as_str().into()));
        }
        let Some(ticket) = &sample.tickets[from] else { continue };
        let wanted: Vec<PersonId> = carried(rules, from, ticket)
            .into_iter()
            .filter(|id| sample.people.get(from, id).is_none())
            .collect();
        let mut found = Vec::new();
        for id in wanted {
            let email = ticket.people.get(&id).and_then(|person| person.email.clone());
            found.push((counterpart(app, rules, sample, from, &id, email).await?, id));
        }
        for (counterpart, id) in found {
            sample.people.insert(from, id, counterpart);
        }
    }
    Ok(())
}

async fn counterpart(
    app: &App,
    rules: &Rules,
    sample: &Sample,
    from: Side,
    id: &PersonId,
    email: Option<String>,
) -> Result<Counterpart, ApiError> {
    let to = from.opposite();
    let (here, there) = (sample.sides[from].fingerprint.clone(), sample.sides[to].fingerprint.clone());
    let person = id.clone();
    let kept = app
        .store()
        .read(move |conn| people::found(conn, people::Wanted { from: &here, person: &person, to: &there }))
        .await?;
    let told = |found: &people::Counterpart| match found {
        people::Counterpart::One(person) => Counterpart::Found(person.id.clone()),
        people::Counterpart::Nobody => Counterpart::Nobody,
        people::Counterpart::Several(_) => Counterpart::Several,
    };
    if let Some((kept, _)) = &kept {
        return Ok(told(kept));
    }
    // Without an address nobody can be matched.
    let Some(email) = email else { return Ok(Counterpart::Nobody) };
    let answers = sample.sides[to].connector.find_people(rules.mapping.scope(to), &[email]).await?;
    Ok(answers
        .into_iter()
        .next()
        .map_or(Counterpart::Nobody, |found| told(&people::Counterpart::from(found))))
}

/// People that a person rule carries away from `from`.
fn carried(rules: &Rules, from: Side, ticket: &Ticket) -> BTreeSet<PersonId> {
    let rows = rules.fields.iter().filter(|row| matches!(row.mapping.rule, Rule::Person { .. }));
    let fields = rows.filter(|row| row.mapping.direction.writes(from.opposite()));
    fields
        .flat_map(|row| row.mapping.fields(from))
        .filter_map(|field| match ticket.value(field) {
            Some(Value::Person(id)) => Some(id.clone()),
            _ => None,
        })
        .collect()
}

/// What a mapping as it stands in an editor needs to be tried on a sample.
pub(super) async fn rules(app: &App, connection: i64, mapping: &TypeMapping) -> Result<Rules, ApiError> {
    let (_, document) = app.connection_by_id(connection).await?;
    let schemas = Pair {
        source: schema(app, &document, mapping, Side::Source).await?,
        target: schema(app, &document, mapping, Side::Target).await?,
    };
    let mut labels = Pair::default();
    for side in Side::BOTH {
        let account = app.account(document.account(side)).await?;
        labels[side] = capabilities(account_doc(&account)?.platform).label.to_owned();
    }
    Ok(Rules::compile(mapping, schemas, labels))
}

/// The sample of a type mapping, with the people that an edit has added looked up.
pub(super) async fn sample(app: &App, connection: i64, rules: &Rules) -> Result<Arc<Sample>, ApiError> {
    let none =
        || ApiError::new("no_sample", "no ticket was picked to try this on").hint("Pick a ticket first.");
    let sample = app.samples().get(connection, &rules.mapping.name).ok_or_else(none)?;
    let known = |from: Side| {
        let ticket = sample.tickets[from].as_ref();
        ticket.is_none_or(|ticket| {
            carried(rules, from, ticket).iter().all(|id| sample.people.get(from, id).is_some())
        })
    };
    if Side::BOTH.into_iter().all(known) {
        return Ok(sample);
    }
    let (_, document) = app.connection_by_id(connection).await?;
    let mut renewed = Sample::clone(&sample);
    look_up(app, &document, rules, &mut renewed).await?;
    let renewed = Arc::new(renewed);
    app.samples().keep(connection, &rules.mapping.name, Arc::clone(&renewed));
    Ok(renewed)
}
