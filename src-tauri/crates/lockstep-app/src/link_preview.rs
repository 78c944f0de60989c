//! What linking two tickets by hand would come to, before it is done: both read live, their fields side by side, the
//! comments and files each has, and what the next run would write. Writes nothing.

use std::collections::BTreeMap;

use lockstep_core::FieldId;
use lockstep_core::mapping::transform::{carry, input};
use lockstep_core::mapping::{CompiledField, Context, Rules};
use lockstep_core::side::{Pair, Side};
use lockstep_core::sync::comments::text_hash;
use lockstep_core::sync::link::{Link, LinkId, LinkState};
use lockstep_core::sync::plan::{LinkView as PlanView, Setting, plan_link};
use lockstep_core::ticket::{Ticket, Value, Visibility};
use lockstep_store::tables::links;
use serde::{Deserialize, Serialize};

use crate::api_error::ApiError;
use crate::app::App;
use crate::history::NoticeView;
use crate::link_detail::CopyKind;
use crate::linking::{accounted, both, giving_way, refuse};
use crate::links::{LinkOrder, LinkView, view};
use crate::look::{self, Looking};
use crate::planned::{OperationView, operation_view};
use crate::{editor, shown};

/// Characters of a comment that are shown.
const EXCERPT_CHARS_MAX: usize = 200;

/// What linking two tickets would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinkPreview {
    pub type_mapping: String,
    pub source: LinkSide,
    pub target: LinkSide,
    /// One for each field mapping, in their order.
    pub rows: Vec<LinkRow>,
    /// Comments and files of both, the source's first.
    pub content: Vec<LinkContent>,
    /// What the next run would write, with the fields and the content that were chosen.
    pub writes: Vec<OperationView>,
    pub notices: Vec<NoticeView>,
}

/// One of the two tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinkSide {
    pub key: String,
    pub title: String,
    /// The link it has with a ticket of the other account.
    pub linked: Option<LinkView>,
    /// Why it cannot be linked.
    pub refusal: Option<ApiError>,
}

/// One field mapping on the two tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinkRow {
    pub source_label: String,
    pub target_label: String,
    pub source: String,
    pub target: String,
    /// Whether both say the same under the mapping; none where one of them cannot be read or compared.
    pub equal: Option<bool>,
}

/// A comment or file of one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct LinkContent {
    pub kind: CopyKind,
    /// Where it stands: `source`, `target`.
    pub side: String,
    pub id: String,
    pub author: String,
    #[ts(type = "number")]
    pub at_ms: i64,
    /// The beginning of a comment, the name of a file.
    pub text: String,
    /// Whether customers read it; none where that is not known.
    pub public: Option<bool>,
    /// The other side has the same: a comment with this text, a file with this name and size.
    pub there_too: bool,
}

/// Tells what `order` would come to.
pub async fn preview(app: &App, order: &LinkOrder) -> Result<LinkPreview, ApiError> {
    let looking = look::look(app, &order.connection, false).await?;
    let (rules, tickets) =
        both(&looking, order.type_mapping.as_deref(), &order.tickets.source, &order.tickets.target).await?;
    let people = editor::people_of(app, &looking.document, rules, looking.sides.clone(), &tickets).await?;
    let entries =
        match tickets.as_ref().map(|ticket| ticket.comments.is_some() && ticket.attachments.is_some()) {
            Pair { source: true, target: true } => accounted(&tickets, &order.known)?,
            // Linking is refused then, and the side says so.
            _ => Vec::new(),
        };
    let bases: BTreeMap<_, _> = match order.fields.to() {
        None => lockstep_core::sync::matching::agreed(rules, tickets.as_ref()),
        Some(to) => giving_way(rules, &people, &tickets, to),
    }
    .into_iter()
    .collect();
    let link = link(app, &looking, rules, &tickets);
    let setting = Setting {
        rules,
        people: &people,
        capabilities: Pair::from_fn(|side| looking.sides[side].connector.describe()),
        fingerprints: Pair::from_fn(|side| &looking.sides[side].fingerprint),
        us: Pair::from_fn(|side| &looking.sides[side].identity.us.id),
        dedicated: Pair::from_fn(|side| looking.sides[side].doc.dedicated),
        store: app.store().id(),
    };
    let pair = PlanView {
        link: &link,
        tickets: tickets.as_ref(),
        bases: &bases,
        ledger: &entries,
        ours_alone: Pair::default(),
        decided: &BTreeMap::new(),
    };
    let plan = plan_link(pair, setting);
    let names = look::names(app, &looking.connection).await?;
    let source = side(app, &looking, rules, Side::Source, &tickets.source).await?;
    let target = side(app, &looking, rules, Side::Target, &tickets.target).await?;
    let context = Context { rules, people: &people };
    Ok(LinkPreview {
        type_mapping: rules.mapping.name.clone(),
        source,
        target,
        rows: rules.fields.iter().map(|field| row(rules, &tickets, field, context)).collect(),
        content: Side::BOTH.into_iter().flat_map(|side| content(&tickets, side)).collect(),
        writes: plan.operations.iter().map(|one| operation_view(one, &rules.schemas, &names)).collect(),
        notices: plan.notices.iter().map(NoticeView::of).collect(),
    })
}

/// The link as it would be made.
fn link(app: &App, looking: &Looking, rules: &Rules, tickets: &Pair<Ticket>) -> Link {
    Link {
        id: LinkId(0),
        connection: looking.connection.id.0,
        type_mapping: rules.mapping.name.clone(),
        tickets: tickets.as_ref().map(|ticket| ticket.id.clone()),
        keys: tickets.as_ref().map(|ticket| ticket.key.clone()),
        origin: Side::Source,
        generation: 0,
        state: LinkState::Live,
        versions: tickets.as_ref().map(|ticket| ticket.version),
        marker_due: true,
        linked_ms: app.now_ms(),
    }
}

async fn side(
    app: &App,
    looking: &Looking,
    rules: &Rules,
    side: Side,
    ticket: &Ticket,
) -> Result<LinkSide, ApiError> {
    let here = looking.sides[side].fingerprint.clone();
    let there = looking.sides[side.opposite()].fingerprint.clone();
    let id = ticket.id.clone();
    let linked = app
        .store()
        .read(move |conn| {
            let Some(present) = links::active(conn, &here, &id, &there)? else { return Ok(None) };
            let of = lockstep_store::ConnectionId(present.link.connection);
            let name = lockstep_store::tables::connections::get(conn, of)?.map(|found| found.name);
            view(conn, &name.unwrap_or_default(), present.link.id)
        })
        .await?;
    Ok(LinkSide {
        key: ticket.key.clone(),
        title: shown::title(ticket),
        linked,
        refusal: refuse(app, looking, rules, side, ticket).err(),
    })
}

fn row(rules: &Rules, tickets: &Pair<Ticket>, field: &CompiledField, context: Context<'_>) -> LinkRow {
    let label = |side: Side| {
        let labels = field.mapping.fields(side).iter().map(|id| rules.schemas[side].label(id));
        labels.collect::<Vec<_>>().join(" and ")
    };
    let held = Pair::from_fn(|side| input(field, side, &tickets[side]));
    let text = |side: Side| {
        let id = field.mapping.fields(side).first().cloned().unwrap_or_else(|| FieldId::from(""));
        match &held[side] {
            Some(Value::Person(person)) => editor::name_of(&tickets[side], person),
            Some(value) => shown::value(&rules.schemas[side], &id, value),
            None => String::new(),
        }
    };
    LinkRow {
        source_label: label(Side::Source),
        target_label: label(Side::Target),
        source: text(Side::Source),
        target: text(Side::Target),
        equal: equal(field, tickets, &held, context),
    }
}

/// Equal is what the planner takes for agreement: what one side's value becomes on the other is what stands there.
fn equal(
    field: &CompiledField,
    tickets: &Pair<Ticket>,
    held: &Pair<Option<Value>>,
    context: Context<'_>,
) -> Option<bool> {
    let mut known = None;
    for to in Side::BOTH.into_iter().filter(|to| field.mapping.direction.writes(*to)) {
        let from = to.opposite();
        let carried = carry(field, from, &tickets[from], context);
        if let (Some(carried), Some(there)) = (carried.value(), &held[to]) {
            known = Some(known.unwrap_or(false) || carried == there);
        }
    }
    known
}

fn content(tickets: &Pair<Ticket>, side: Side) -> Vec<LinkContent> {
    let (here, there) = (&tickets[side], &tickets[side.opposite()]);
    let texts: Vec<String> =
        there.comments.iter().flatten().map(|comment| text_hash(&comment.body)).collect();
    let comments = here.comments.iter().flatten().map(|comment| LinkContent {
        kind: CopyKind::Comment,
        side: side.to_string(),
        id: comment.id.as_str().to_owned(),
        author: comment.author.name.clone(),
        at_ms: comment.created_ms,
        text: excerpt(&lockstep_core::text::plain::to_plain(&comment.body).text),
        public: match comment.visibility {
            Visibility::Public => Some(true),
            Visibility::Internal => Some(false),
            Visibility::Unknown => None,
        },
        there_too: comment.copy_of.is_some() || texts.contains(&text_hash(&comment.body)),
    });
    let files = here.attachments.iter().flatten().map(|file| LinkContent {
        kind: CopyKind::File,
        side: side.to_string(),
        id: file.id.as_str().to_owned(),
        author: file.author.as_ref().map(|author| author.name.clone()).unwrap_or_default(),
        at_ms: file.created_ms,
        text: file.name.clone(),
        public: None,
        there_too: there
            .attachments
            .iter()
            .flatten()
            .any(|other| other.name == file.name && other.size_bytes == file.size_bytes),
    });
    comments.chain(files).collect()
}

fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT_CHARS_MAX) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}
