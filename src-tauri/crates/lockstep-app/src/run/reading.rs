//! Direct reads of linked pairs and single tickets, in batches, both sides at once.

use std::collections::HashMap;

use lockstep_core::connector::{Fetched, Want};
use lockstep_core::ids::TicketId;
use lockstep_core::mapping::{Need, Rule, Rules, Supply};
use lockstep_core::side::{Pair, Side};
use lockstep_core::ticket::Ticket;

use super::error::{RunError, on_side};
use super::site::Site;

/// What one side's direct read brought, by ticket.
pub type Read = HashMap<TicketId, Fetched>;

/// Which parts of a ticket the rules need, on either side: a copy is looked for among the other side's comments, so
/// both lists are read when either side's leave.
pub fn want(rules: &Rules) -> Want {
    let last_comment = |need: &Need| matches!(need.supply, Supply::LastPublicComment(_));
    let needed = rules.fields.iter().any(|field| match &field.mapping.rule {
        Rule::Values { pairs, .. } => {
            pairs.iter().any(|pair| Side::BOTH.iter().any(|side| pair.needs(*side).iter().any(last_comment)))
        }
        _ => false,
    });
    let comments = needed || Side::BOTH.iter().any(|from| rules.mapping.comments.leaves(*from));
    let attachments = Side::BOTH.iter().any(|from| rules.mapping.attachments.copy[*from]);
    Want { comments, attachments }
}

/// Reads tickets of `side` directly, as many calls as the platform's batch size asks for.
pub async fn fetch(site: &Site, rules: &Rules, side: Side, ids: &[TicketId]) -> Result<Read, RunError> {
    let connector = &site.sides[side].connector;
    let fields = rules.fields_on(side);
    let scope = rules.mapping.scope(side);
    let want = want(rules);
    let mut read = Read::with_capacity(ids.len());
    for chunk in ids.chunks(connector.describe().fetch_batch.max(1)) {
        let fetched = connector
            .fetch(scope, chunk, &fields, want)
            .await
            .map_err(on_side(site.label(side), "reading tickets"))?;
        read.extend(chunk.iter().cloned().zip(fetched));
    }
    Ok(read)
}

/// Reads both sides of linked pairs at once.
pub async fn fetch_pairs(
    site: &Site,
    rules: &Rules,
    ids: &Pair<Vec<TicketId>>,
) -> Result<Pair<Read>, RunError> {
    let (source, target) = futures_util::future::try_join(
        fetch(site, rules, Side::Source, &ids.source),
        fetch(site, rules, Side::Target, &ids.target),
    )
    .await?;
    Ok(Pair { source, target })
}

/// Completes feed rows with comments and attachments.
pub async fn complete(
    site: &Site,
    rules: &Rules,
    side: Side,
    tickets: &mut [&mut Ticket],
) -> Result<(), RunError> {
    let want = want(rules);
    if tickets.is_empty() || !(want.comments || want.attachments) {
        return Ok(());
    }
    let connector = &site.sides[side].connector;
    let scope = rules.mapping.scope(side);
    connector.complete(scope, tickets, want).await.map_err(on_side(site.label(side), "reading comments"))
}
