//! Finds, before planning, who the people of a batch are on the other side. Never creates anybody (engine.md I7).

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::ids::PersonId;
use lockstep_core::mapping::transform::Counterpart;
use lockstep_core::mapping::{PeopleTable, Rule, Rules};
use lockstep_core::side::Side;
use lockstep_core::ticket::{Ticket, Value};
use lockstep_store::tables::people;

use super::error::{RunError, on_side};
use super::site::Site;

/// A hit is good for a day, a miss for an hour (servicenow.md §7).
const FOUND_MS: i64 = 24 * 3_600_000;
const MISSED_MS: i64 = 3_600_000;
/// Addresses asked for in one look-up.
const LOOKUP_MAX: usize = 40;

/// Looks up everybody that `tickets` of `from` name in fields that a person rule carries to the other side.
pub async fn look_up(
    site: &Site,
    rules: &Rules,
    from: Side,
    tickets: &[&Ticket],
    table: &mut PeopleTable,
) -> Result<(), RunError> {
    let to = from.opposite();
    let wanted = people_to_carry(rules, from, tickets, table);
    if wanted.is_empty() {
        return Ok(());
    }
    for pair in &site.document.people {
        let (ours, theirs) = match from {
            Side::Source => (&pair.source, &pair.target),
            Side::Target => (&pair.target, &pair.source),
        };
        table.insert(from, ours.as_str().into(), Counterpart::Found(theirs.as_str().into()));
    }
    let asked: Vec<PersonId> = wanted.keys().filter(|id| table.get(from, id).is_none()).cloned().collect();
    let now_ms = site.now_ms();
    let accounts = (site.sides[from].fingerprint.clone(), site.sides[to].fingerprint.clone());
    let ids = asked.clone();
    let cached: Vec<Option<(people::Counterpart, i64)>> = site
        .store
        .read(move |conn| {
            ids.iter()
                .map(|person| {
                    people::found(conn, people::Wanted { from: &accounts.0, person, to: &accounts.1 })
                })
                .collect()
        })
        .await?;
    let mut missing = BTreeMap::new();
    for (id, hit) in asked.into_iter().zip(cached) {
        let fresh = hit.filter(|(found, looked_ms)| {
            let good_for = if matches!(found, people::Counterpart::One(_)) { FOUND_MS } else { MISSED_MS };
            looked_ms + good_for > now_ms
        });
        match fresh {
            Some((found, _)) => table.insert(from, id, counterpart(&found)),
            None => match wanted.get(&id).cloned().flatten() {
                Some(email) => {
                    missing.entry(email).or_insert_with(Vec::new).push(id);
                }
                // Without an address nobody can be matched.
                None => table.insert(from, id, Counterpart::Nobody),
            },
        }
    }
    ask(site, rules, from, missing, table, now_ms).await
}

fn counterpart(found: &people::Counterpart) -> Counterpart {
    match found {
        people::Counterpart::One(person) => Counterpart::Found(person.id.clone()),
        people::Counterpart::Nobody => Counterpart::Nobody,
        people::Counterpart::Several(_) => Counterpart::Several,
    }
}

/// People of the batch that a person rule carries, with their addresses.
fn people_to_carry(
    rules: &Rules,
    from: Side,
    tickets: &[&Ticket],
    table: &PeopleTable,
) -> BTreeMap<PersonId, Option<String>> {
    let fields: BTreeSet<_> = rules
        .fields
        .iter()
        .filter(|f| {
            matches!(f.mapping.rule, Rule::Person { .. }) && f.mapping.direction.writes(from.opposite())
        })
        .flat_map(|field| field.mapping.fields(from))
        .collect();
    let mut wanted = BTreeMap::new();
    for ticket in tickets {
        for field in &fields {
            if let Some(Value::Person(id)) = ticket.value(field)
                && table.get(from, id).is_none()
            {
                let email = ticket.people.get(id).and_then(|person| person.email.clone());
                wanted.insert(id.clone(), email);
            }
        }
    }
    wanted
}

async fn ask(
    site: &Site,
    rules: &Rules,
    from: Side,
    missing: BTreeMap<String, Vec<PersonId>>,
    table: &mut PeopleTable,
    now_ms: i64,
) -> Result<(), RunError> {
    let to = from.opposite();
    let emails: Vec<String> = missing.keys().cloned().collect();
    for chunk in emails.chunks(LOOKUP_MAX) {
        let connector = &site.sides[to].connector;
        let scope = rules.mapping.scope(to);
        let answers =
            connector.find_people(scope, chunk).await.map_err(on_side(site.label(to), "finding people"))?;
        let mut found = Vec::new();
        for (email, answer) in chunk.iter().zip(answers) {
            let answer = people::Counterpart::from(answer);
            for id in missing.get(email).into_iter().flatten() {
                table.insert(from, id.clone(), counterpart(&answer));
                found.push((id.clone(), answer.clone()));
            }
        }
        let accounts = (site.sides[from].fingerprint.clone(), site.sides[to].fingerprint.clone());
        site.store
            .write_in(site.epoch, move |tx| {
                for (person, answer) in &found {
                    let wanted = people::Wanted { from: &accounts.0, person, to: &accounts.1 };
                    people::put_found(tx, wanted, answer, now_ms)?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}
