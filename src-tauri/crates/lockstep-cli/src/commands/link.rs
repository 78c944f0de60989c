//! `lockstep link` and `lockstep unlink`.

use lockstep_app::links::{self, Known, LinkFields, LinkOrder, LinkSearch, LinkView, Linked, Tickets};
use lockstep_app::{ApiError, App, moments};

use crate::args::{LinkArgs, UnlinkArgs};
use crate::exit::Exit;
use crate::output::Output;

/// Lists links, or links two tickets.
pub async fn link(app: &App, args: LinkArgs, output: Output) -> Result<Exit, ApiError> {
    let (Some(source), Some(target)) = (args.source.clone(), args.target.clone()) else {
        return list(app, args, output).await;
    };
    let connection = match args.connection {
        Some(connection) => connection,
        None => only_connection(app).await?,
    };
    let known = known_of(&args.known_comments)?;
    let order = LinkOrder {
        connection,
        type_mapping: args.type_mapping,
        tickets: Tickets { source, target },
        known,
        fields: LinkFields::Keep,
        instead: false,
    };
    let linked = links::link(app, order).await?;
    tell(&linked, &format!("Linked; {} existing comments and files count as known.", linked.known), output);
    Ok(Exit::Success)
}

async fn only_connection(app: &App) -> Result<String, ApiError> {
    let mut all = lockstep_app::connections::list(app).await?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only.name),
        _ => Err(ApiError::new("invalid", "the connection is not named")
            .hint("Name it with --connection; `lockstep connection list` shows them.")),
    }
}

fn known_of(text: &str) -> Result<Known, ApiError> {
    match text {
        "all" => return Ok(Known::All),
        "none" => return Ok(Known::None),
        _ => {}
    }
    let (mut source, mut target) = (Vec::new(), Vec::new());
    for part in text.split(',') {
        match part.trim().split_once(':') {
            Some(("source", id)) if !id.is_empty() => source.push(id.to_owned()),
            Some(("target", id)) if !id.is_empty() => target.push(id.to_owned()),
            _ => {
                return Err(ApiError::new("invalid", format!("{part:?} names no comment"))
                    .hint("Write all, none, or ids with their side: source:8f2c,target:20014."));
            }
        }
    }
    Ok(Known::These { source, target })
}

fn tell(linked: &Linked, sentence: &str, output: Output) {
    if output.json {
        output.document(linked);
    }
    output.say(format!("{} → {} ({})", linked.link.source, linked.link.target, linked.link.connection));
    output.say(sentence);
    if let Some(trouble) = &linked.marker_trouble {
        output.say(format!("The marker was not written: {trouble}"));
    }
}

async fn list(app: &App, args: LinkArgs, output: Output) -> Result<Exit, ApiError> {
    let search = LinkSearch {
        connection: args.connection,
        state: None,
        search: args.search.unwrap_or_default(),
        ended: args.ended,
        offset: 0,
        limit: args.limit,
    };
    let page = links::list(app, search).await?;
    if output.json {
        output.document(&page);
        return Ok(Exit::Success);
    }
    if page.links.is_empty() {
        output.say(
            "No links. The first run makes them; `lockstep link SOURCE TARGET` links two tickets by hand.",
        );
        return Ok(Exit::Success);
    }
    let now_ms = app.now_ms();
    let rows: Vec<Vec<String>> = page.links.iter().map(|link| row(link, now_ms)).collect();
    output.table(&["Source", "Target", "Connection", "Linked", "State"], &rows);
    output.say(format!("{} of {}", rows.len(), moments::count(page.total.into())));
    Ok(Exit::Success)
}

fn row(link: &LinkView, now_ms: i64) -> Vec<String> {
    let state = link.state.replace('_', " ");
    let state = if link.reason.is_empty() { state } else { format!("{state}: {}", link.reason) };
    vec![
        link.source.clone(),
        link.target.clone(),
        link.connection.clone(),
        moments::moment(link.linked_ms, now_ms),
        state,
    ]
}

/// Ends a link.
pub async fn unlink(app: &App, args: UnlinkArgs, output: Output) -> Result<Exit, ApiError> {
    let linked = links::unlink(app, args.connection.as_deref(), &args.ticket).await?;
    tell(&linked, "Unlinked. Both tickets stay as they are; Lockstep stops copying between them.", output);
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_comments_in_all_spellings() {
        assert_eq!(known_of("all").unwrap(), Known::All);
        assert_eq!(known_of("none").unwrap(), Known::None);
        let these =
            Known::These { source: vec!["a".to_owned()], target: vec!["1".to_owned(), "2".to_owned()] };
        assert_eq!(known_of("source:a, target:1,target:2").unwrap(), these);
        for wrong in ["", "a", "left:1", "source:"] {
            assert_eq!(known_of(wrong).unwrap_err().code, "invalid");
        }
    }
}
