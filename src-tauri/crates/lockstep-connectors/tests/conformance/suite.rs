//! The laws that every connector keeps.

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use lockstep_core::connector::{
    CommentRequest, ErrorKind, Fetched, FieldWrite, LookupQuery, PersonMatch, UpdateRequest, UploadRequest,
    Want, WriteFailure,
};
use lockstep_core::marker::ref_tag;
use lockstep_core::ticket::{MarkerRead, Visibility};
use lockstep_core::{TicketId, Value};
use lockstep_sandbox::faults::RetryAfter;
use lockstep_sandbox::{Fault, FaultKind};

use crate::support::{Subject, pair};

const COMMENTS: Want = Want { comments: true, attachments: false };
const FILES: Want = Want { comments: false, attachments: true };

fn fault(subject: &Subject, kind: FaultKind, call: (&str, &str), times: u32) {
    subject.sandbox.practice().faults.add(Fault::new(kind).on(call.0).at(call.1).times(times));
}

pub async fn signs_in_as_itself(subject: Subject) {
    let identity = subject.connector.identify().await.unwrap();
    assert!(!identity.us.name.is_empty() && !identity.instance.is_empty());
    let lines = subject.connector.test(std::slice::from_ref(&subject.scope), &|_| {}).await;
    let failed: Vec<_> =
        lines.iter().filter(|line| line.result == lockstep_core::connector::TestResult::Failed).collect();
    assert!(failed.is_empty() && lines.len() >= 3, "{failed:?}");
}

pub async fn the_feed_shows_each_ticket_once_whatever_the_page(subject: Subject) {
    let mut ids: Vec<TicketId> =
        (0..7).map(|number| subject.hands.create(&format!("Page edge {number}"))).collect();
    subject.settle();
    ids.sort();
    for limit in [1, 2, 3, 7, 8, 200] {
        let (tickets, _) = subject.feed(None, crate::support::NOW_MS, limit).await;
        let mut seen: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id.clone()).collect();
        seen.sort();
        assert_eq!(seen, ids, "pages of {limit}");
    }
}

pub async fn a_later_run_sees_what_changed_since(subject: Subject) {
    let id = subject.hands.create("Before");
    subject.settle();
    let (_, cursor) = subject.feed(None, crate::support::NOW_MS, 50).await;
    subject.clock.pass_ms(600_000);
    let other = subject.hands.create("Meanwhile");
    subject.hands.retitle(&id, "After");
    subject.settle();
    let (tickets, next) = subject.feed(Some(&cursor), 0, 50).await;
    let seen =
        |id: &TicketId| tickets.iter().find(|ticket| ticket.id == *id).map(|ticket| subject.title_of(ticket));
    assert_eq!((seen(&id).as_deref(), seen(&other).as_deref()), (Some("After"), Some("Meanwhile")));
    subject.clock.pass_ms(600_000);
    let (quiet, _) = subject.feed(Some(&next), 0, 50).await;
    assert!(quiet.len() <= 2, "only the overlap: {}", quiet.len());
}

pub async fn a_rate_limit_is_waited_out(subject: Subject) {
    let id = subject.hands.create("Busy");
    subject.settle();
    subject.connector.identify().await.unwrap();
    for (retry_after, at_least) in [
        (RetryAfter::Absent, 1000),
        (RetryAfter::Seconds(7), 7000),
        (RetryAfter::DateIn(20), 18_000),
        (RetryAfter::Text("soon".into()), 1000),
    ] {
        fault(
            &subject,
            FaultKind::TooManyRequests { retry_after: retry_after.clone() },
            subject.list_call,
            1,
        );
        let before = lockstep_connectors::ports::Clock::monotonic_ms(subject.clock.as_ref());
        let (tickets, _) = subject.feed(None, crate::support::NOW_MS, 50).await;
        let waited = lockstep_connectors::ports::Clock::monotonic_ms(subject.clock.as_ref()) - before;
        assert!(tickets.iter().any(|ticket| ticket.id == id));
        assert!(waited >= at_least && waited < 120_000, "{retry_after:?}: {waited}");
        subject.sandbox.practice().faults.clear();
    }
}

pub async fn broken_reads_are_repeated_and_pages_are_no_data(subject: Subject) {
    subject.hands.create("Shaky");
    subject.settle();
    subject.connector.identify().await.unwrap();
    for kind in [
        FaultKind::CutBefore,
        FaultKind::CutAfter,
        FaultKind::TruncatedBody { keep_bytes: None },
        FaultKind::Status { status: 503 },
        FaultKind::Status { status: 502 },
        FaultKind::Accepted202,
    ] {
        fault(&subject, kind, subject.list_call, 2);
        assert_eq!(subject.feed(None, crate::support::NOW_MS, 50).await.0.len(), 1);
        subject.sandbox.practice().faults.clear();
    }
    fault(&subject, FaultKind::Html200, subject.list_call, 1);
    let fields = [subject.title.clone()];
    let query = lockstep_core::connector::ChangesQuery {
        scope: &subject.scope,
        fields: &fields,
        cursor: None,
        since_ms: crate::support::NOW_MS,
        page: None,
        limit: 10,
    };
    let error = subject.connector.changes(&query).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotReady, "{error}");
}

pub async fn an_expired_sign_in_is_told(subject: Subject) {
    subject.hands.create("Expired");
    subject.settle();
    subject.connector.identify().await.unwrap();
    fault(&subject, FaultKind::ExpiredToken, subject.list_call, 9);
    let fields = [subject.title.clone()];
    let query = lockstep_core::connector::ChangesQuery {
        scope: &subject.scope,
        fields: &fields,
        cursor: None,
        since_ms: crate::support::NOW_MS,
        page: None,
        limit: 10,
    };
    let error = subject.connector.changes(&query).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorised);
}

pub async fn odd_characters_come_back(subject: Subject) {
    for (number, title) in [
        "a^b^ORactive=true",
        "javascript:gs.x()",
        "\"quotes\" \\ 'and' <b>tags</b> & {braces}",
        "Ünïcödé 🦀 漢字",
        "=1+1 @all",
    ]
    .into_iter()
    .enumerate()
    {
        let request = subject.copy(title, 100 + u32::try_from(number).unwrap());
        let created = subject.connector.create(&[request]).await.remove(0).unwrap();
        let ticket = subject.ticket(&created.id, Want::default()).await;
        assert_eq!(subject.title_of(&ticket), title);
    }
}

pub async fn gone_and_hidden_are_not_told_apart_without_proof(subject: Subject) {
    let ids: Vec<TicketId> = ["Stays", "Goes", "Hides"].map(|title| subject.hands.create(title)).into();
    subject.settle();
    subject.hands.delete(&ids[1]);
    subject.hands.hide(&ids[2]);
    subject.settle();
    assert!(matches!(subject.fetch(&ids[0], Want::default()).await, Fetched::Found(_)));
    assert!(matches!(
        subject.fetch(&ids[1], Want::default()).await,
        Fetched::Deleted(_) | Fetched::NotVisible(_)
    ));
    assert_eq!(subject.fetch(&ids[2], Want::default()).await, Fetched::NotVisible(ids[2].clone()));
    let asked = [ids[2].clone(), ids[0].clone(), ids[0].clone()];
    let answer = subject.connector.fetch(&subject.scope, &asked, &[], Want::default()).await.unwrap();
    let found: Vec<bool> = answer.iter().map(|entry| matches!(entry, Fetched::Found(_))).collect();
    assert_eq!(found, [false, true, true], "one entry per id, in order");
    let (tickets, _) = subject.feed(None, crate::support::NOW_MS, 1).await;
    assert_eq!(
        tickets.iter().map(|ticket| &ticket.id).collect::<Vec<_>>(),
        [&ids[0]],
        "hidden rows are no end"
    );
}

pub async fn a_lost_answer_is_unknown_and_the_marker_finds_the_copy(subject: Subject) {
    let us = subject.connector.identify().await.unwrap().us;
    let control = subject.connector.create(&[subject.copy("Control", 1)]).await.remove(0).unwrap();
    subject.settle();
    for (number, kind, applied) in [
        (2, FaultKind::CutAfter, true),
        (3, FaultKind::StatusAfterApply { status: 502 }, true),
        (4, FaultKind::TruncatedBody { keep_bytes: None }, true),
        (5, FaultKind::Html200, false),
        (6, FaultKind::CutBefore, false),
        (7, FaultKind::Status { status: 500 }, false),
    ] {
        let since_ms = subject.connector.server_now_ms();
        fault(&subject, kind.clone(), subject.create_call, 1);
        let before = subject.sandbox.practice().log.next_seq();
        let outcome = subject.connector.create(&[subject.copy("Lost", number)]).await.remove(0);
        assert!(matches!(outcome, Err(WriteFailure::Unknown(_))), "{kind:?}: {outcome:?}");
        assert_eq!(subject.sandbox.practice().log.next_seq(), before + 1, "one request on the wire");
        subject.sandbox.practice().faults.clear();
        subject.clock.pass_ms(subject.connector.settle_ms());
        let (wanted, other) = (pair(number), pair(1));
        let query = LookupQuery {
            scope: &subject.scope,
            pair: &wanted,
            since_ms,
            control: Some((&control.id, &other)),
        };
        let lookup = subject.connector.find_by_marker(&query).await.unwrap();
        assert!(lookup.control_seen, "{kind:?}");
        assert_eq!(lookup.found.len(), usize::from(applied), "{kind:?}");
        for ticket in &lookup.found {
            assert_eq!(ticket.created_by.as_ref(), Some(&us.id));
            assert!(
                matches!(&ticket.marker, MarkerRead::Ours(marker) if marker.pair == wanted && marker.store == "0a1b2c3d")
            );
        }
        let own = subject.connector.created_by_us(&subject.scope, since_ms).await.unwrap();
        assert_eq!(own.len(), usize::from(applied), "{kind:?}");
    }
}

pub async fn a_control_that_cannot_be_seen_is_said(subject: Subject) {
    let control = subject.connector.create(&[subject.copy("Control", 1)]).await.remove(0).unwrap();
    subject.settle();
    subject.hands.hide(&control.id);
    subject.settle();
    let (wanted, other) = (pair(9), pair(1));
    let query = LookupQuery {
        scope: &subject.scope,
        pair: &wanted,
        since_ms: 0,
        control: Some((&control.id, &other)),
    };
    let lookup = subject.connector.find_by_marker(&query).await.unwrap();
    assert!(!lookup.control_seen && lookup.found.is_empty());
}

pub async fn comments_keep_their_visibility(subject: Subject) {
    let id = subject.hands.create("Talk");
    subject.hands.comment(&id, "From the customer's side", true);
    subject.hands.comment(&id, "Between us", false);
    let ours = [
        ("Public copy", Visibility::Public, "aaaaaaaaaa"),
        ("Internal copy", Visibility::Internal, "bbbbbbbbbb"),
    ];
    for (text, visibility, content_ref) in ours {
        subject.clock.pass_ms(2000);
        let body = format!(
            "Mia Berg (Jira, 2026-11-20 12:00 UTC) {}\n\n{text} with **weight**\n\nand a second paragraph",
            ref_tag(content_ref)
        );
        let request = CommentRequest {
            scope: subject.scope.clone(),
            ticket: id.clone(),
            body,
            visibility,
            copy_of: content_ref.into(),
        };
        subject.connector.add_comment(&request).await.unwrap();
    }
    subject.settle();
    let comments = subject.connector.comments(&subject.scope, &id).await.unwrap();
    let shown: Vec<(Visibility, bool, Option<&str>)> =
        comments.iter().map(|c| (c.visibility, c.by_us, c.copy_of.as_deref())).collect();
    for expected in [
        (Visibility::Public, false, None),
        (Visibility::Internal, false, None),
        (Visibility::Public, true, Some("aaaaaaaaaa")),
        (Visibility::Internal, true, Some("bbbbbbbbbb")),
    ] {
        assert_eq!(shown.iter().filter(|found| **found == expected).count(), 1, "{expected:?} in {shown:?}");
    }
    assert_eq!(comments.len(), 4);
    let theirs = comments.iter().find(|c| c.body.contains("customer's side")).unwrap();
    assert!(!theirs.author.name.is_empty() && theirs.created_ms >= crate::support::NOW_MS);
    let mut ticket = subject.ticket(&id, Want::default()).await;
    subject.connector.complete(&subject.scope, &mut [&mut ticket], COMMENTS).await.unwrap();
    assert_eq!(ticket.comments.unwrap(), comments, "read in bulk as read singly");
}

pub async fn files_go_both_ways(subject: Subject) {
    let id = subject.hands.create("Files");
    subject.hands.attach(&id, "theirs.txt", b"from a person");
    let bytes: Vec<u8> = (0..100_000u32).map(|number| u8::try_from(number % 251).unwrap()).collect();
    let pieces: Vec<_> = bytes.chunks(7000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let request = UploadRequest {
        scope: subject.scope.clone(),
        ticket: id.clone(),
        name: "Ünser \"Bild\" 1.png".into(),
        mime: "image/png".into(),
        size_bytes: bytes.len() as u64,
        visibility: Visibility::Public,
        body: Box::pin(stream::iter(pieces)),
    };
    let stored = subject.connector.upload(request).await.unwrap();
    assert!(stored.by_us && stored.size_bytes == bytes.len() as u64, "{stored:?}");
    subject.settle();
    let ticket = subject.ticket(&id, FILES).await;
    let files = ticket.attachments.unwrap();
    assert_eq!(files, subject.connector.attachments(&subject.scope, &id).await.unwrap());
    assert_eq!(files.len(), 2);
    let theirs = files.iter().find(|file| !file.by_us).unwrap();
    for (file, expected) in [(theirs, b"from a person".to_vec()), (&stored, bytes)] {
        let pieces: Vec<Bytes> =
            subject.connector.download(&file.id).await.unwrap().try_collect().await.unwrap();
        assert_eq!(pieces.concat(), expected, "{}", file.name);
    }
}

pub async fn people_are_found_only_when_certain(subject: Subject) {
    let mut emails =
        vec![subject.one_person.to_uppercase(), subject.nobody.clone(), "no address^at all".into()];
    emails.extend(subject.several.clone());
    let found = subject.connector.find_people(&subject.scope, &emails).await.unwrap();
    assert!(
        matches!(&found[0], PersonMatch::One(person) if person.email.as_deref() == Some(subject.one_person.as_str())),
        "{found:?}"
    );
    assert_eq!(found[1..3], [PersonMatch::Nobody, PersonMatch::Nobody]);
    if subject.several.is_some() {
        assert!(matches!(found[3], PersonMatch::Several(2)), "{found:?}");
    }
    let PersonMatch::One(person) = &found[0] else { panic!("checked above") };
    assert_eq!(subject.connector.people(std::slice::from_ref(&person.id)).await.unwrap()[0].id, person.id);
}

pub async fn an_update_gives_back_what_is_there_and_shows_who_changed_it(subject: Subject) {
    let us = subject.connector.identify().await.unwrap().us;
    let id = subject.hands.create("Old title");
    subject.settle();
    let before = subject.ticket(&id, Want::default()).await;
    subject.clock.pass_ms(2000);
    let request = UpdateRequest {
        scope: subject.scope.clone(),
        ticket: id.clone(),
        fields: [(subject.title.clone(), FieldWrite::Set(Value::text("New title")))].into(),
        marker: None,
        comment: None,
    };
    let written = subject.connector.update(&request).await.unwrap();
    if let Some(title) = written.answer.get(&subject.title) {
        assert_eq!(*title, Value::text("New title"));
    }
    let after = subject.ticket(&id, Want::default()).await;
    assert_eq!(subject.title_of(&after), "New title");
    assert!(after.version > before.version);
    if let Some(by) = &after.updated_by {
        assert_eq!(*by, us.id);
    }
    subject.clock.pass_ms(2000);
    subject.hands.retitle(&id, "Their title");
    let theirs = subject.ticket(&id, Want::default()).await;
    assert!(theirs.version > after.version, "changed meanwhile shows");
    assert_ne!(theirs.updated_by, Some(us.id));
}

pub async fn a_ticket_is_found_by_its_key(subject: Subject) {
    let id = subject.hands.create("By key");
    subject.settle();
    let key = subject.ticket(&id, Want::default()).await.key;
    assert_eq!(subject.connector.find_by_key(&subject.scope, &key).await.unwrap(), Some(id));
    for nobody in ["NOPE-99999", "a^b", "", "x y"] {
        assert_eq!(subject.connector.find_by_key(&subject.scope, nobody).await.unwrap(), None, "{nobody}");
    }
}

pub async fn tickets_are_found_by_what_a_field_holds(subject: Subject) {
    let us = subject.connector.identify().await.unwrap().us;
    let ids: Vec<TicketId> = ["Reference 4711", "Reference 4711", "Reference 4711 and more", "Reference 12"]
        .map(|title| subject.hands.create(title))
        .into();
    let copy = subject.connector.create(&[subject.copy("Reference 99", 1)]).await.remove(0).unwrap();
    subject.settle();
    let find = async |title: &str, limit: usize| {
        let fields = [subject.title.clone()];
        let value = Value::text(title);
        let found =
            subject.connector.find_by_field(&subject.scope, &subject.title, &value, &fields, limit).await;
        let mut found = found.unwrap();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found
    };
    let mut both = ids[..2].to_vec();
    both.sort();
    let found: Vec<TicketId> = find("Reference 4711", 10).await.into_iter().map(|ticket| ticket.id).collect();
    assert_eq!(found, both, "what only begins alike is not equal");
    assert_eq!(find("Reference 4711", 1).await.len(), 1);
    assert!(find("Reference", 10).await.is_empty() && find("Reference 13", 10).await.is_empty());
    let theirs = find("Reference 12", 10).await.remove(0);
    assert_eq!(
        (&theirs.id, &theirs.marker, subject.title_of(&theirs).as_str()),
        (&ids[3], &MarkerRead::Absent, "Reference 12")
    );
    assert!(theirs.created_by.is_some_and(|by| by != us.id), "made by a person");
    let ours = find("Reference 99", 10).await.remove(0);
    assert_eq!((&ours.id, ours.created_by.as_ref()), (&copy.id, Some(&us.id)));
    assert!(matches!(&ours.marker, MarkerRead::Ours(marker) if marker.pair == pair(1)));
    let key = subject.ticket(&ids[3], Want::default()).await.key;
    for (asked, expected) in [(key.clone(), 1), (key.to_lowercase(), 1), ("NOPE-99999".to_owned(), 0)] {
        let value = Value::text(&asked);
        let found =
            subject.connector.find_by_field(&subject.scope, &"key".into(), &value, &[], 5).await.unwrap();
        assert_eq!(found.iter().filter(|ticket| ticket.id == ids[3]).count(), expected, "{asked}");
        assert_eq!(found.len(), expected);
    }
    for hostile in ["a^b^ORactive=true", "x^NQactive=true", "javascript:gs.x()", "\" OR project = CSD", "!!"]
    {
        let value = Value::text(hostile);
        match subject.connector.find_by_field(&subject.scope, &subject.title, &value, &[], 5).await {
            Ok(found) => assert!(found.is_empty(), "{hostile}"),
            Err(error) => assert_eq!(error.kind, ErrorKind::Stopped, "{hostile}: {error}"),
        }
    }
}

pub async fn a_schema_has_fields_and_statuses(subject: Subject) {
    let schema = subject.connector.discover(&subject.scope).await.unwrap();
    assert!(schema.fields.contains_key(&subject.title), "{:?}", schema.fields.keys());
    assert!(schema.workflow.statuses.iter().any(|status| status.done));
    assert!(schema.workflow.statuses.iter().any(|status| !status.done));
    let offers = subject.connector.scopes().await.unwrap();
    assert!(!offers.is_empty());
}

/// Every law as a test over what `make` gives.
#[macro_export]
macro_rules! conforms {
    ($make:path) => {
        $crate::conforms!($make;
            signs_in_as_itself,
            the_feed_shows_each_ticket_once_whatever_the_page,
            a_later_run_sees_what_changed_since,
            a_rate_limit_is_waited_out,
            broken_reads_are_repeated_and_pages_are_no_data,
            an_expired_sign_in_is_told,
            odd_characters_come_back,
            gone_and_hidden_are_not_told_apart_without_proof,
            a_lost_answer_is_unknown_and_the_marker_finds_the_copy,
            a_control_that_cannot_be_seen_is_said,
            comments_keep_their_visibility,
            files_go_both_ways,
            people_are_found_only_when_certain,
            an_update_gives_back_what_is_there_and_shows_who_changed_it,
            a_ticket_is_found_by_its_key,
            tickets_are_found_by_what_a_field_holds,
            a_schema_has_fields_and_statuses,
        );
    };
    ($make:path; $($law:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $law() {
                $crate::suite::$law($make()).await;
            }
        )+
    };
}
