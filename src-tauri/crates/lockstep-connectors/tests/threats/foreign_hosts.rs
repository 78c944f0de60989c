//! T4: whatever address a platform answers with, nobody but the account's own origin is called.

use lockstep_core::connector::{ChangesQuery, ErrorKind, Want};
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::world::{Style, World};

/// Spellings of other places: the canaries at 127.0.0.2 and [::1], and such that lead out of this computer.
fn foreign(port: u16) -> Vec<String> {
    let mut links = vec![
        format!("http://127.0.0.2:{port}/x"),
        format!("HTTP://127.0.0.2:{port}/x"),
        format!("//127.0.0.2:{port}/x"),
        format!("\\\\127.0.0.2:{port}\\x"),
        format!("/\\127.0.0.2:{port}/x"),
        format!("http:\\\\127.0.0.2:{port}\\x"),
        format!("\thttp://127.0.0.2:{port}/x"),
        format!("http://127.0.0.1:{port}@127.0.0.2:{port}/x"),
        format!("http://127.0.0.1%2f@127.0.0.2:{port}/x"),
        format!("http://user@127.0.0.1:{port}/x"),
        format!("http://user:pw@127.0.0.1:{port}/x"),
        format!("http://2130706434:{port}/x"),
        format!("http://0177.0.0.2:{port}/x"),
        format!("http://0x7f.0.0.2:{port}/x"),
        format!("http://0x7f000002:{port}/x"),
        format!("http://127.2:{port}/x"),
        format!("http://[::1]:{port}/x"),
        format!("http://[::ffff:127.0.0.2]:{port}/x"),
        format!("http://localhost:{port}/x"),
        format!("http://LOCALHOST.:{port}/x"),
        format!("https://127.0.0.1:{port}/x"),
        format!("http://127.0.0.1:{}/x", port ^ 1),
        format!("ws://127.0.0.1:{port}/x"),
    ];
    links.extend(
        [
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/latest/meta-data/",
            "http://2852039166/latest",
            "http://0251.0376.0251.0376/latest",
            "http://metadata.google.internal/",
            "http://10.0.0.1/x",
            "file:///etc/passwd",
            "ftp://127.0.0.2/x",
            "javascript:alert(1)",
            "data:application/json,{}",
            "http://",
            "http:///x",
        ]
        .map(str::to_owned),
    );
    links
}

/// Listens wherever one of the spellings could end up on this computer.
async fn canaries(port: u16) -> Vec<Server> {
    let mut all = vec![Server::canary("127.0.0.2", port).await];
    // Not every machine has IPv6.
    if tokio::net::TcpListener::bind(("::1", port)).await.is_ok() {
        all.push(Server::canary("::1", port).await);
    }
    all
}

#[tokio::test]
async fn t4_a_link_elsewhere_is_refused_however_it_is_spelled() {
    for style in [Style::NowBasic, Style::JiraToken] {
        let world = World::new(style).await;
        let canaries = canaries(world.server.port).await;
        for link in foreign(world.server.port) {
            let (to, before) = (link.clone(), world.server.connections());
            world.play(move |_| Some(Reply::redirect(302, &to)));
            let error = world.anew().identify().await.unwrap_err();
            let when = format!("{style:?} {link}: {error:?}");
            assert_eq!(error.kind, ErrorKind::NotReady, "{when}");
            assert!(error.remedy.is_some() && !error.message.contains("127.0.0.2"), "{when}");
            assert_eq!(world.server.connections() - before, 1, "one question, no follow-up: {when}");
        }
        for canary in canaries {
            canary.must_be_untouched(&format!("{style:?}"));
        }
    }
}

#[tokio::test]
async fn t4_a_chain_that_begins_at_home_and_ends_elsewhere_is_cut() {
    for style in [Style::NowBasic, Style::JiraToken] {
        let world = World::new(style).await;
        let canaries = canaries(world.server.port).await;
        let out = format!("http://127.0.0.2:{}/x", world.server.port);
        world.play(move |seen| {
            Some(Reply::redirect(
                302,
                if seen.path() == "/a" {
                    "/b"
                } else if seen.path() == "/b" {
                    &out
                } else {
                    "/a"
                },
            ))
        });
        let error = world.anew().identify().await.unwrap_err();
        assert!(error.message.contains("another address"), "{style:?}: {error:?}");
        for canary in canaries {
            canary.must_be_untouched(&format!("{style:?}"));
        }
    }
}

/// Every address in an answer leads to the canary, and every usual place for a next page does too.
fn poisoned(mut value: Value, canary: &str) -> Value {
    poison(&mut value, canary);
    if let Value::Object(top) = &mut value {
        for name in ["next", "nextPage", "next_page", "self", "location"] {
            top.insert(name.to_owned(), json!(canary));
        }
        top.insert("_links".to_owned(), json!({ "next": canary, "self": canary, "base": canary }));
    }
    value
}

fn poison(value: &mut Value, canary: &str) {
    match value {
        Value::String(text) if text.contains("://") => *text = canary.to_owned(),
        Value::Array(all) => all.iter_mut().for_each(|inner| poison(inner, canary)),
        Value::Object(all) => {
            for (name, inner) in all {
                if ["content", "self", "thumbnail", "download_link", "link", "avatarUrls"]
                    .contains(&name.as_str())
                    && inner.is_string()
                {
                    *inner = json!(canary);
                }
                poison(inner, canary);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn t4_next_pages_and_files_are_read_from_the_account_alone() {
    for style in [Style::NowBasic, Style::JiraToken] {
        let world = World::new(style).await;
        let canaries = canaries(world.server.port).await;
        let canary = format!("http://127.0.0.2:{}/stolen", world.server.port);
        let honest = world.honest();
        let to = canary.clone();
        world.play(move |seen| {
            let Reply::Bytes(bytes) = honest(seen) else { return None };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let (head, body) = text.split_once("\r\n\r\n")?;
            let value: Value = serde_json::from_str(body).ok()?;
            let status = head.split(' ').nth(1)?.parse().ok()?;
            let link = format!("<{to}>; rel=\"next\", <{to}>; rel=\"last\"");
            let total = head.lines().find_map(|line| line.strip_prefix("x-total-count: ")).unwrap_or("7");
            let headers = [
                ("content-type", "application/json"),
                ("link", link.as_str()),
                ("location", to.as_str()),
                ("content-location", to.as_str()),
                ("refresh", to.as_str()),
                ("x-total-count", total),
            ];
            Some(Reply::with(status, &headers, poisoned(value, &to).to_string().as_bytes()))
        });
        let connector = world.anew();
        connector.identify().await.unwrap();
        assert!(!connector.scopes().await.unwrap().is_empty(), "{style:?}");
        connector.discover(&world.scope).await.unwrap();
        let fields = world.fields();
        let (mut page, mut tickets) = (None, Vec::new());
        for _ in 0..50 {
            let query = ChangesQuery {
                scope: &world.scope,
                fields: &fields,
                cursor: None,
                since_ms: 0,
                page: page.as_ref(),
                limit: 5,
            };
            let read = connector.changes(&query).await.unwrap();
            tickets.extend(read.tickets);
            page = read.next;
            if page.is_none() {
                break;
            }
        }
        assert!(page.is_none() && tickets.len() > 5, "{style:?}: {} tickets", tickets.len());
        let want = Want { comments: true, attachments: true };
        connector.fetch(&world.scope, std::slice::from_ref(&world.ticket), &fields, want).await.unwrap();
        let files = connector.attachments(&world.scope, &world.ticket).await.unwrap();
        assert_eq!(files.len(), 1, "{style:?}");
        assert_eq!(world.download().await.unwrap(), b"a private file", "{style:?}");
        for canary in canaries {
            canary.must_be_untouched(&format!("{style:?}"));
        }
    }
}
