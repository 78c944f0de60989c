//! New tickets under a match rule. They wait until both feeds are read, so that the new tickets of either side meet;
//! then each is looked for on the other platform, and is linked, left to a person, or goes on to be copied
//! (hazards.md H12). Linking keeps what both sides hold (H22) and takes their comments and files as known (H42).

mod link;

use std::collections::{BTreeMap, HashMap};

use futures_util::{StreamExt, TryStreamExt};
use lockstep_core::connector::{ErrorKind, Fetched, Want};
use lockstep_core::ids::TicketId;
use lockstep_core::mapping::{MatchMode, MatchRule, PeopleTable, Rules};
use lockstep_core::marker::Marker;
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::create::{Standing, standing, takes_part};
use lockstep_core::sync::matching::{self, Candidate, Match, MatchValue};
use lockstep_core::sync::operation::NoticeKind;
use lockstep_core::ticket::Ticket;
use lockstep_store::tables::pending;
use lockstep_store::tables::pending::PendingReason;
use lockstep_store::tables::plans::{self, PlanRow};

pub use link::{link, links_two};

use super::accounting::{self, Adopted};
use super::error::{RunError, on_side};
use super::gather::Gathering;
use super::known::{self, Waiting};
use super::outcome::{self, Ending};
use super::reading;
use super::site::Site;
use crate::events::Counts;

/// Tickets matched at a time.
const CHUNK: usize = 100;
/// Look-ups in flight at once.
const LANES: usize = 4;
/// Counterparts asked for: one more than can be linked, and a few to be named.
const CANDIDATES: usize = 5;
/// A ticket younger than its counterpart's index is not copied yet; an index later than this is not waited for.
const GRACE_MS_MAX: i64 = 120_000;

const MATCH_REMEDY: &str =
    "Link the two by hand, or make what they are matched by unique; then the next run decides.";

/// New tickets that are matched once both feeds are read: of each no more than it takes to be found.
#[derive(Debug, Default)]
pub struct Unmatched {
    tickets: Pair<Vec<TicketId>>,
    by_value: Pair<HashMap<String, Vec<Candidate>>>,
}

/// What looking for one ticket's counterpart came to.
enum Look {
    /// It takes no part; the usual way says why.
    AsUsual,
    /// The counterpart, read directly.
    Counterpart(Box<Ticket>),
    /// None, for this reason.
    Nobody(String),
    /// Looked for again by the next run.
    Later(String),
    /// A person decides.
    Unclear(String, Option<String>),
    /// The counterpart is a copy of its own, made by another store.
    OtherStore(String),
}

impl Gathering<'_> {
    /// Keeps new tickets of `side` until the new ones of the other side are known.
    pub(super) fn set_aside(&mut self, rule: &MatchRule, side: Side, tickets: &[Ticket]) {
        let setting = self.site.setting(self.rules, &NOBODY);
        for ticket in tickets {
            self.unmatched.tickets[side].push(ticket.id.clone());
            if let (MatchValue::Text(text), Some(candidate)) =
                (matching::match_value(rule, side, ticket), matching::candidate(ticket, side, setting))
            {
                self.unmatched.by_value[side].entry(text).or_default().push(candidate);
            }
        }
    }

    /// Matches what was set aside and plans the rest as usual.
    pub(super) async fn match_new(&mut self) -> Result<(), RunError> {
        let Some(rule) = self.rules.mapping.match_rule.clone() else {
            return Ok(());
        };
        let mut taken: Pair<HashMap<TicketId, String>> = Pair::default();
        for side in Side::BOTH {
            for chunk in std::mem::take(&mut self.unmatched.tickets[side]).chunks(CHUNK) {
                if self.site.cancel.is_asked() {
                    return Ok(());
                }
                self.match_chunk(&rule, side, chunk, &mut taken).await?;
            }
        }
        Ok(())
    }

    async fn match_chunk(
        &mut self,
        rule: &MatchRule,
        side: Side,
        chunk: &[TicketId],
        taken: &mut Pair<HashMap<TicketId, String>>,
    ) -> Result<(), RunError> {
        let open: Vec<TicketId> = chunk.iter().filter(|id| !taken[side].contains_key(*id)).cloned().collect();
        let mut read = reading::fetch(self.site, self.rules, side, &open).await?;
        let mut tickets: Vec<Ticket> = open.iter().filter_map(|id| found(read.remove(id))).collect();
        let looking = Looking {
            site: self.site,
            rules: self.rules,
            rule,
            side,
            unmatched: &self.unmatched,
            take_over: self.take_over,
        };
        let looking: Vec<_> = tickets.iter().map(|ticket| looking.look(ticket)).collect();
        let looks: Vec<Look> = futures_util::stream::iter(looking).buffered(LANES).try_collect().await?;
        let setting = self.site.setting(self.rules, &NOBODY);
        let (mut linking, mut told, mut waiting, mut decided) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut free, mut paired) = (Vec::new(), Vec::new());
        let mut unclear = |ticket: &Ticket, why: String, remedy: Option<String>| {
            let kind = NoticeKind::MatchUnclear;
            waiting.push((ticket.id.clone(), PendingReason::Decision, why.clone()));
            decided.push((ticket.id.clone(), why.clone()));
            told.push(matching::plan_told(ticket, side, setting, kind, why, remedy));
        };
        let mut late = Vec::new();
        let mut left = Vec::new();
        for (ticket, look) in tickets.iter().zip(looks) {
            match look {
                Look::AsUsual => free.push(ticket.id.clone()),
                Look::Counterpart(other) => match taken[side.opposite()].get(&other.id) {
                    Some(by) => unclear(
                        ticket,
                        format!("{} is linked with {by} by this run", other.key),
                        Some(MATCH_REMEDY.to_owned()),
                    ),
                    None => {
                        taken[side.opposite()].insert(other.id.clone(), ticket.key.clone());
                        // Should the two not be linked after all, it is judged by itself.
                        let why = format!("waits to be linked with {}", ticket.key);
                        paired.push(Waiting::new(
                            self.site,
                            self.rules,
                            side.opposite(),
                            other.id.clone(),
                            PendingReason::Other,
                            &why,
                        ));
                        let pair = match side {
                            Side::Source => Pair { source: ticket, target: &*other },
                            Side::Target => Pair { source: &*other, target: ticket },
                        };
                        linking.push(matching::plan_match(rule, pair, side, setting));
                    }
                },
                Look::Nobody(why) if rule.mode == MatchMode::MatchOnly => left.push((ticket, why)),
                Look::Nobody(_) => free.push(ticket.id.clone()),
                Look::Later(why) => late.push((ticket.id.clone(), PendingReason::Lag, why)),
                Look::Unclear(why, remedy) => unclear(ticket, why, remedy),
                Look::OtherStore(store) => {
                    self.circumstances.other_store.get_or_insert(store);
                }
            }
        }
        for (ticket, why) in left {
            decided.push((ticket.id.clone(), why.clone()));
            told.push(matching::plan_told(ticket, side, setting, NoticeKind::NotCreated, why, None));
        }
        let waiting: Vec<Waiting> = waiting
            .into_iter()
            .map(|(id, reason, why)| {
                Waiting::new(self.site, self.rules, side, id, reason, &why).until_changed()
            })
            .chain(paired)
            .chain(
                late.into_iter()
                    .map(|(id, reason, why)| Waiting::new(self.site, self.rules, side, id, reason, &why)),
            )
            .collect();
        let (feed, copies) = (self.site.feed(self.rules, side), self.rules.mapping.creates_from(side));
        let over = if copies { Vec::new() } else { free.clone() };
        self.site
            .store
            .write_in(self.site.epoch, move |tx| {
                over.iter().try_for_each(|id| pending::remove(tx, &feed, id).map(|_| ()))?;
                waiting.iter().try_for_each(|row| row.add(tx))
            })
            .await?;
        let decisions = decided
            .iter()
            .filter_map(|(id, why)| Some((tickets.iter().find(|ticket| ticket.id == *id)?, why.clone())));
        self.mark_seen(side, decisions.collect()).await?;
        self.spool(linking).await?;
        self.spool(told).await?;
        tickets.retain(|ticket| free.contains(&ticket.id));
        self.plan_new(side, tickets).await
    }
}

static NOBODY: std::sync::LazyLock<PeopleTable> = std::sync::LazyLock::new(PeopleTable::default);

fn found(fetched: Option<Fetched>) -> Option<Ticket> {
    match fetched {
        Some(Fetched::Found(ticket)) => Some(*ticket),
        _ => None,
    }
}

/// Looks for counterparts of tickets of `side`; writes nothing but the link of a copy that proves to be ours.
struct Looking<'a> {
    site: &'a Site,
    rules: &'a Rules,
    rule: &'a MatchRule,
    side: Side,
    unmatched: &'a Unmatched,
    take_over: bool,
}

impl Looking<'_> {
    async fn look_all(&self, tickets: Vec<&Ticket>) -> Result<Vec<Look>, RunError> {
        let work: Vec<_> = tickets.into_iter().map(|ticket| self.look(ticket)).collect();
        futures_util::stream::iter(work).buffered(LANES).try_collect().await
    }

    async fn look(&self, ticket: &Ticket) -> Result<Look, RunError> {
        let (site, side, to) = (self.site, self.side, self.side.opposite());
        let setting = site.setting(self.rules, &NOBODY);
        if takes_part(ticket, side, setting).is_err() {
            return Ok(Look::AsUsual);
        }
        let fields = matching::fields(self.rule, self.rules);
        let (value, text) =
            match (matching::held(self.rule, side, ticket), matching::match_value(self.rule, side, ticket)) {
                (Some(value), MatchValue::Text(text)) => (value, text),
                (_, MatchValue::Unknown(why)) => {
                    return Ok(self.cannot_tell(
                        ticket,
                        &why,
                        "Let the account read the field, or match by another one.",
                    ));
                }
                _ => return Ok(Look::Nobody(format!("it has nothing to be matched by ({fields})"))),
            };
        let looked = match self.holding(to, &value, &text).await {
            Ok(looked) => looked,
            Err(error) if error.stops_account() => {
                return Err(on_side(site.label(to), "looking for counterparts")(error));
            }
            Err(error) if matches!(error.kind, ErrorKind::RateLimited { .. }) => {
                return Ok(Look::Later(format!("its counterpart was not looked for yet: {error}")));
            }
            Err(error) => {
                return Ok(self.cannot_tell(
                    ticket,
                    &error.message,
                    error.remedy.as_deref().unwrap_or(MATCH_REMEDY),
                ));
            }
        };
        for other in &looked {
            if let Standing::Marked(marker) = standing(other, to, setting)
                && marker.pair.ticket == ticket.id
            {
                return self.adopt(other, &marker).await;
            }
        }
        let candidates = self.candidates(to, &looked, &text).await?;
        match matching::judge(&ticket.key, &candidates, &[]) {
            Match::One(id) => self.only(ticket, &id, &text, candidates).await,
            Match::Unclear(why) => Ok(Look::Unclear(why, Some(MATCH_REMEDY.to_owned()))),
            Match::Nobody => {
                let connector = &site.sides[to].connector;
                let grace = i64::try_from(connector.settle_ms()).unwrap_or(i64::MAX).min(GRACE_MS_MAX);
                if site.sides[side].connector.server_now_ms().saturating_sub(ticket.created_ms) < grace {
                    let why = format!(
                        "a counterpart in {} may not show yet: looked for again first",
                        site.label(to)
                    );
                    return Ok(Look::Later(why));
                }
                Ok(Look::Nobody(format!(
                    "no ticket in {} matches ({fields}), and the rule links alone",
                    site.label(to)
                )))
            }
        }
    }

    /// Where nothing would be created anyway, nothing can go wrong: its counterpart finds it, or nobody does.
    fn cannot_tell(&self, ticket: &Ticket, why: &str, remedy: &str) -> Look {
        if !self.rules.mapping.creates_from(self.side) {
            return Look::AsUsual;
        }
        let why = format!("whether {} has a counterpart cannot be told: {why}", ticket.key);
        Look::Unclear(why, Some(remedy.to_owned()))
    }

    /// Tickets that the platform shows with this value, looked at once more directly where its rows lag.
    async fn holding(
        &self,
        at: Side,
        value: &lockstep_core::Value,
        text: &str,
    ) -> Result<Vec<Ticket>, lockstep_core::connector::ConnectorError> {
        let connector = &self.site.sides[at].connector;
        let (scope, fields) = (self.rules.mapping.scope(at), self.rules.fields_on(at));
        let mut held =
            connector.find_by_field(scope, self.rule.field(at), value, &fields, CANDIDATES).await?;
        if connector.describe().rows_lag && !held.is_empty() {
            let ids: Vec<TicketId> = held.iter().map(|ticket| ticket.id.clone()).collect();
            let read = connector.fetch(scope, &ids, &fields, Want::default()).await?;
            held = read.into_iter().filter_map(|fetched| found(Some(fetched))).collect();
        }
        held.retain(|ticket| self.holds(at, ticket, text));
        Ok(held)
    }

    fn holds(&self, side: Side, ticket: &Ticket, text: &str) -> bool {
        matching::match_value(self.rule, side, ticket) == MatchValue::Text(text.to_owned())
    }

    /// Those on the platform and the new ones of this run, with what the store knows of them.
    async fn candidates(&self, at: Side, held: &[Ticket], text: &str) -> Result<Vec<Candidate>, RunError> {
        let setting = self.site.setting(self.rules, &NOBODY);
        let mut all: BTreeMap<TicketId, Candidate> = BTreeMap::new();
        let new = self.unmatched.by_value[at].get(text).into_iter().flatten().cloned();
        let shown = held.iter().filter_map(|ticket| matching::candidate(ticket, at, setting));
        all.extend(new.chain(shown).map(|candidate| (candidate.id.clone(), candidate)));
        let ids: Vec<TicketId> = all.keys().cloned().collect();
        let known = known::load(self.site, self.rules, at, &ids).await?;
        for candidate in all.values_mut() {
            let key = &candidate.key;
            if let Some(link) = known.links.get(&candidate.id) {
                candidate.obstacle =
                    Some(format!("{key} matches, but is linked with {}", link.keys[at.opposite()]));
            } else if known.is_blocked(&candidate.id) {
                candidate.obstacle = Some(format!("{key} matches, but its link to another ticket was ended"));
            } else if known.is_new_held(at, &candidate.id) {
                candidate.obstacle =
                    Some(format!("{key} matches, but what was written for it is not certain yet"));
            }
        }
        Ok(all.into_values().collect())
    }

    /// The only candidate: is the ticket the only one for it, too, and does a direct read agree?
    async fn only(
        &self,
        ticket: &Ticket,
        id: &TicketId,
        text: &str,
        candidates: Vec<Candidate>,
    ) -> Result<Look, RunError> {
        let (site, side, to) = (self.site, self.side, self.side.opposite());
        let mut read = reading::fetch(site, self.rules, to, std::slice::from_ref(id)).await?;
        let other = found(read.remove(id)).filter(|other| self.holds(to, other, text));
        let Some((other, back)) = other
            .and_then(|other| Some((matching::held(self.rule, to, &other)?, other)))
            .map(|(back, other)| (other, back))
        else {
            return Ok(Look::Later(format!(
                "what matched in {} has just changed: looked for again",
                site.label(to)
            )));
        };
        let own = match self.holding(side, &back, text).await {
            Ok(own) => own,
            Err(error) if error.stops_account() => {
                return Err(on_side(site.label(side), "looking for counterparts")(error));
            }
            // What cannot be asked for here was at least compared with the new tickets; a link is unique in any case.
            Err(_) => Vec::new(),
        };
        let rivals = self.candidates(side, &own, text).await?;
        let rivals: Vec<String> = rivals
            .into_iter()
            .filter(|rival| rival.id != ticket.id && rival.obstacle.is_none())
            .map(|rival| rival.key)
            .collect();
        Ok(match matching::judge(&ticket.key, &candidates, &rivals) {
            Match::Unclear(why) => Look::Unclear(why, Some(MATCH_REMEDY.to_owned())),
            Match::One(_) | Match::Nobody => Look::Counterpart(Box::new(other)),
        })
    }

    async fn adopt(&self, other: &Ticket, marker: &Marker) -> Result<Look, RunError> {
        let to = self.side.opposite();
        Ok(match accounting::adopt(self.site, self.rules, to, other, marker, self.take_over).await? {
            Adopted::OtherStore(store) => Look::OtherStore(store),
            Adopted::Linked => {
                Look::Later(format!("{} is its copy by the marker: read as a pair next", other.key))
            }
            Adopted::Doubles(why) => Look::Unclear(why, None),
            Adopted::Passed => {
                Look::Later(format!("{} is a copy whose create is not certain yet", other.key))
            }
        })
    }
}

/// Leaves out tickets of `side` that got a counterpart since their creates were planned, when that was a while ago.
pub async fn still_alone(
    site: &Site,
    rules: &Rules,
    side: Side,
    ready: Vec<(PlanRow, Ticket)>,
    counts: &mut Counts,
) -> Result<Vec<(PlanRow, Ticket)>, RunError> {
    let (Some(rule), Some(plan)) = (&rules.mapping.match_rule, site.plan) else {
        return Ok(ready);
    };
    let made_ms = site.store.read(move |conn| plans::get(conn, plan)).await?.map_or(0, |plan| plan.made_ms);
    if site.now_ms().saturating_sub(made_ms) < GRACE_MS_MAX {
        return Ok(ready);
    }
    let unmatched = Unmatched::default();
    let looking = Looking { site, rules, rule, side, unmatched: &unmatched, take_over: false };
    let looks = looking.look_all(ready.iter().map(|(_, ticket)| ticket).collect()).await?;
    let (mut alone, mut ended) = (Vec::new(), Vec::new());
    for ((row, ticket), look) in ready.into_iter().zip(looks) {
        match look {
            Look::AsUsual | Look::Nobody(_) => alone.push((row, ticket)),
            Look::Later(why) => ended.push((row, Ending::waiting(PendingReason::Lag, &why))),
            Look::Counterpart(_) | Look::Unclear(..) | Look::OtherStore(_) => {
                let why = "something matches it since the plan was made: looked at again";
                ended.push((row, Ending::waiting(PendingReason::Moved, why)));
            }
        }
    }
    outcome::record_all(site, rules, ended, counts).await?;
    Ok(alone)
}
