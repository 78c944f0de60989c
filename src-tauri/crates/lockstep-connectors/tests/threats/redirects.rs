//! T5: a redirect never takes a secret or a body anywhere. Our own follow-up is for GET at the same origin alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lockstep_core::connector::ErrorKind;

use crate::server::{Reply, Server};
use crate::world::{Style, World};

const CODES: [u16; 5] = [301, 302, 303, 307, 308];

/// Where a redirect could lead: another host with the same port, another port, another scheme.
struct Elsewhere {
    canaries: [Server; 2],
    links: [String; 3],
}

impl Elsewhere {
    async fn of(world: &World) -> Elsewhere {
        let port = world.server.port;
        let other_host = Server::canary("127.0.0.2", port).await;
        let other_port = Server::canary("127.0.0.1", 0).await;
        let links = [
            format!("http://127.0.0.2:{port}/stolen"),
            format!("http://127.0.0.1:{}/stolen", other_port.port),
            format!("https://127.0.0.1:{port}/stolen"),
        ];
        Elsewhere { canaries: [other_host, other_port], links }
    }
}

#[tokio::test]
async fn t5_no_redirect_takes_a_secret_or_a_body_elsewhere() {
    for style in Style::ALL {
        let world = World::new(style).await;
        let elsewhere = Elsewhere::of(&world).await;
        for code in CODES {
            for link in &elsewhere.links {
                let (to, before) = (link.clone(), world.server.connections());
                world.play(move |_| Some(Reply::redirect(code, &to)));
                let calls = world.every_call().await;
                for (call, outcome) in &calls {
                    let error = outcome.as_ref().expect_err("a redirect is no answer");
                    let when = format!("{style:?} {call} {code} to {link}: {error:?}");
                    assert!(
                        matches!(
                            error.kind,
                            ErrorKind::NotReady | ErrorKind::Stopped | ErrorKind::Unreachable
                        ),
                        "{when}"
                    );
                    assert!(error.remedy.is_some(), "{when}");
                }
                // Each call reached the account itself, once; a https link must not even have been tried there.
                let reached = world.server.connections() - before;
                assert_eq!(reached, world.server.seen().len() - before, "{style:?} {code} to {link}");
                assert!((6..=calls.len() * 2).contains(&reached), "{style:?} {code}: {reached} calls");
            }
        }
        for canary in &elsewhere.canaries {
            canary.must_be_untouched(&format!("{style:?}"));
        }
    }
}

#[tokio::test]
async fn t5_the_token_endpoint_is_not_followed_either() {
    for style in [Style::NowOAuthClient, Style::NowOAuthPassword] {
        let world = World::new(style).await;
        let elsewhere = Elsewhere::of(&world).await;
        for code in CODES {
            for link in &elsewhere.links {
                let to = link.clone();
                world
                    .play(move |seen| (seen.path() == "/oauth_token.do").then(|| Reply::redirect(code, &to)));
                let error = world.anew().identify().await.unwrap_err();
                assert_eq!(error.kind, ErrorKind::NotReady, "{style:?} {code}: {error:?}");
            }
        }
        for canary in &elsewhere.canaries {
            canary.must_be_untouched(&format!("{style:?}"));
        }
    }
}

#[tokio::test]
async fn t5_a_get_is_followed_at_home_with_its_sign_in() {
    for style in Style::ALL {
        for code in CODES {
            let world = World::new(style).await;
            let honest = world.honest();
            // Every GET is sent around one corner; relative for half of them.
            let address = world.address.clone();
            world.play(move |seen| {
                if seen.method != "GET" || seen.target.contains("corner=1") {
                    let straight = seen.target.replace("&corner=1", "").replace("?corner=1", "");
                    return Some(honest(&crate::server::Seen { target: straight, ..seen.clone() }));
                }
                let mark = if seen.target.contains('?') { '&' } else { '?' };
                let at = if seen.target.len().is_multiple_of(2) { "" } else { address.as_str() };
                Some(Reply::redirect(code, &format!("{at}{}{mark}corner=1", seen.target)))
            });
            let identity = world.anew().identify().await.unwrap();
            assert!(!identity.us.name.is_empty());
            let signed = |seen: &crate::server::Seen| {
                seen.header("authorization").or(seen.header("x-sn-apikey")).is_some()
            };
            let corners: Vec<_> =
                world.server.seen().into_iter().filter(|seen| seen.target.contains("corner=1")).collect();
            assert!(!corners.is_empty() && corners.iter().all(signed), "{style:?} {code}");
        }
    }
}

#[tokio::test]
async fn t5_a_write_is_never_sent_a_second_time_by_a_redirect() {
    for style in Style::ALL {
        let world = World::new(style).await;
        for code in CODES {
            let stray = Arc::new(AtomicUsize::new(0));
            let count = stray.clone();
            world.play(move |seen| {
                if seen.path() == "/moved" {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                (seen.method != "GET").then(|| Reply::redirect(code, "/moved"))
            });
            let outcomes = world.every_call().await;
            let writes = ["create", "update", "comment", "upload"];
            for (call, outcome) in outcomes.iter().filter(|(call, _)| writes.contains(call)) {
                assert!(outcome.is_err(), "{style:?} {call} {code}");
            }
            assert_eq!(stray.load(Ordering::SeqCst), 0, "{style:?} {code}");
        }
    }
}

#[tokio::test]
async fn t5_a_circle_of_redirects_ends() {
    for style in Style::ALL {
        let world = World::new(style).await;
        world.play(|seen| (seen.method == "GET").then(|| Reply::redirect(302, &seen.target)));
        let before = world.server.connections();
        let error = world.anew().identify().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotReady, "{style:?}: {error:?}");
        // The token, and the question with three corners, twice where the first way to ask fails.
        assert!(world.server.connections() - before <= 9, "{style:?}");
    }
}
