use lockstep_core::connector::Scope;
use lockstep_core::mapping::comments::CarryRow;
use lockstep_core::mapping::{
    AttachmentRules, Carry, CommentRules, Condition, DescriptionLayout, DescriptionLine, Direction,
    EditedComments, FieldMapping, Filter, MatchMode, MatchRule, MatrixCell, Need, NoMatch, OnConflict,
    Operator, Otherwise, Rule, Supply, Template, TypeMapping, ValuePair, WhenEmpty, Write,
};
use lockstep_core::side::Pair;
use lockstep_core::sync::guard::Limits;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::config::file::{Known, parse};
use crate::config::{AccountDoc, ConnectionDoc, PersonPair, Platform, SignIn};

/// Texts that quote, escape, break lines and mean things in TOML.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,6}", "[ -~äß→\\n\\t\\r\"'\\\\#\u{1}\u{7f}\u{85}]{0,8}"]
}

fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z_.0-9\"#é]{0,7}"
}

fn carry() -> impl Strategy<Value = CarryRow> {
    let one = || prop_oneof![Just(Carry::Public), Just(Carry::Internal), Just(Carry::No)];
    (one(), one()).prop_map(|(public, internal)| CarryRow { public, internal })
}

fn condition() -> impl Strategy<Value = Condition> {
    let compared =
        (prop_oneof![Just(Operator::Is), Just(Operator::IsNot), Just(Operator::Contains)], vec(text(), 1..3));
    let plain = (prop_oneof![Just(Operator::Empty), Just(Operator::NotEmpty)], Just(Vec::new()));
    (word(), prop_oneof![compared, plain]).prop_map(|(field, (operator, values))| Condition {
        field: field.into(),
        operator,
        values,
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    (vec(condition(), 0..2), vec(condition(), 0..2)).prop_map(|(all, any)| Filter { all, any })
}

fn need() -> impl Strategy<Value = Need> {
    let supply = prop_oneof![
        text().prop_map(Supply::Fixed),
        (word(), option::of(text())).prop_map(|(field, or)| Supply::From { field: field.into(), or }),
        text().prop_map(Supply::Text),
        text().prop_map(Supply::LastPublicComment),
    ];
    (word(), supply).prop_map(|(field, supply)| Need { field: field.into(), supply })
}

fn otherwise() -> impl Strategy<Value = Otherwise> {
    prop_oneof![Just(Otherwise::Ask), Just(Otherwise::Leave), text().prop_map(Otherwise::Use)]
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::ToTarget), Just(Direction::ToSource), Just(Direction::Both)]
}

fn pair() -> impl Strategy<Value = ValuePair> {
    (text(), text(), direction(), vec(need(), 0..2), vec(need(), 0..2)).prop_map(
        |(source, target, direction, target_needs, source_needs)| ValuePair {
            source,
            target,
            direction,
            target_needs,
            source_needs,
        },
    )
}

fn line() -> impl Strategy<Value = DescriptionLine> {
    let when = prop_oneof![Just(WhenEmpty::LeaveOut), text().prop_map(WhenEmpty::Show)];
    (text(), option::of(word()), when).prop_map(|(label, field, when_empty)| DescriptionLine {
        label,
        field: field.map(Into::into),
        when_empty,
    })
}

/// A rule with a direction and counts of fields that it can work with.
fn ruled() -> impl Strategy<Value = (Rule, Direction, usize)> {
    let one_way = || prop_oneof![Just(Direction::ToTarget), Just(Direction::ToSource)];
    prop_oneof![
        direction().prop_map(|d| (Rule::Copy, d, 1)),
        (direction(), vec(pair(), 0..3), otherwise(), otherwise()).prop_map(
            |(d, pairs, otherwise, otherwise_back)| (Rule::Values { pairs, otherwise, otherwise_back }, d, 1)
        ),
        (vec((vec(text(), 2), text()), 0..3), otherwise()).prop_map(|(cells, otherwise)| {
            let cells = cells.into_iter().map(|(when, then)| MatrixCell { when, then }).collect();
            (Rule::Matrix { cells, otherwise }, Direction::ToTarget, 2)
        }),
        (direction(), option::of(text())).prop_map(|(d, fallback)| (Rule::Person { fallback }, d, 1)),
        (one_way(), text()).prop_map(|(d, value)| (Rule::Constant { value }, d, 1)),
        (one_way(), text()).prop_map(|(d, template)| (Rule::Text { template }, d, 1)),
        (vec(line(), 0..3), word()).prop_map(|(lines, o)| (
            Rule::Description(DescriptionLayout { lines, original: o.into() }),
            Direction::ToTarget,
            1
        )),
    ]
}

fn field() -> impl Strategy<Value = FieldMapping> {
    let write = prop_oneof![
        Just(Write::Always),
        Just(Write::OnCreate),
        vec(text(), 0..3).prop_map(Write::WhileStatus)
    ];
    let wins = prop_oneof![Just(OnConflict::Ask), Just(OnConflict::SourceWins), Just(OnConflict::NewestWins)];
    (ruled(), vec(word(), 2), word(), write, wins, any::<bool>()).prop_map(
        |((rule, direction, sources), mut source, target, write, on_conflict, enforce)| {
            source.truncate(sources);
            let source = source.into_iter().map(Into::into).collect();
            FieldMapping { source, target: vec![target.into()], direction, write, on_conflict, enforce, rule }
        },
    )
}

fn template() -> impl Strategy<Value = Template> {
    let set = btree_map(word().prop_map(Into::into), text(), 0..3);
    (word(), filter(), set, option::of(text())).prop_map(|(name, conditions, set, container)| Template {
        name,
        conditions,
        set,
        container,
    })
}

fn distinct<T>(items: Vec<T>, name: impl Fn(&T) -> String) -> Vec<T> {
    let mut seen = std::collections::BTreeSet::new();
    items.into_iter().filter(|item| seen.insert(name(item))).collect()
}

fn type_mapping() -> impl Strategy<Value = TypeMapping> {
    let comments =
        (carry(), carry(), text(), any::<bool>()).prop_map(|(source, target, author_line, update)| {
            CommentRules {
                source,
                target,
                author_line,
                edited: if update { EditedComments::Update } else { EditedComments::Ignore },
            }
        });
    let attachments = (any::<(bool, bool)>(), 0..i64::MAX as u64, vec(text(), 0..2)).prop_map(
        |((source, target), bytes_max, types)| AttachmentRules {
            copy: Pair { source, target },
            bytes_max,
            types,
        },
    );
    let matched =
        option::of((word(), word(), any::<bool>()).prop_map(|(source, target, create)| MatchRule {
            mode: if create { MatchMode::MatchThenCreate } else { MatchMode::MatchOnly },
            source: source.into(),
            target: target.into(),
        }));
    let scopes = (text(), word(), word(), word(), option::of(text()));
    let parts = (
        filter(),
        filter(),
        vec(field(), 0..4),
        vec(template(), 0..3),
        vec(template(), 0..2),
        any::<[bool; 3]>(),
    );
    (word(), scopes, parts, matched, comments, attachments).prop_map(
        |(name, (group, table, project, kind, request_type), parts, match_rule, comments, attachments)| {
            let (
                source_filter,
                target_filter,
                fields,
                templates,
                source_templates,
                [tickets, private, falls],
            ) = parts;
            let templates = distinct(templates, |template| template.name.clone());
            let no_match = match templates.first().filter(|_| falls && !tickets) {
                Some(template) => NoMatch::Use(template.name.clone()),
                None => NoMatch::DoNotCreate,
            };
            TypeMapping {
                name,
                source: Scope { container: group, ticket_type: table, request_type: None },
                target: Scope { container: project, ticket_type: kind, request_type },
                filter: Pair { source: source_filter, target: target_filter },
                target_tickets: tickets,
                include_private: private,
                fields: distinct(fields, FieldMapping::key),
                templates,
                source_templates: distinct(source_templates, |template| template.name.clone()),
                no_match,
                match_rule,
                comments,
                attachments,
            }
        },
    )
}

fn sign_in() -> impl Strategy<Value = (Platform, SignIn)> {
    prop_oneof![
        word().prop_map(|user| (Platform::ServiceNow, SignIn::Basic { user })),
        word().prop_map(|client_id| (Platform::ServiceNow, SignIn::OauthClient { client_id })),
        (word(), word())
            .prop_map(|(client_id, user)| (Platform::ServiceNow, SignIn::OauthPassword { client_id, user })),
        Just((Platform::ServiceNow, SignIn::ApiKey)),
        word().prop_map(|email| (Platform::Jira, SignIn::Token { email })),
    ]
}

fn account(name: &'static str) -> impl Strategy<Value = AccountDoc> {
    (sign_in(), "[a-z]{1,8}", any::<(bool, bool, bool)>(), option::of(0..86_400_u64), option::of(text()))
        .prop_map(
            move |((platform, sign_in), host, (dedicated, practice, sandbox), settle_seconds, ca_file)| {
                AccountDoc {
                    name: name.to_owned(),
                    platform,
                    address: format!("https://{host}.example"),
                    sign_in,
                    dedicated,
                    practice,
                    sandbox,
                    settle_seconds,
                    private_field: None,
                    ca_file,
                }
            },
        )
}

fn connection() -> impl Strategy<Value = ConnectionDoc> {
    let people = vec((word(), word()), 0..2);
    (word(), 30..=86_400_u32, any::<(u32, u32)>(), people, vec(type_mapping(), 0..3)).prop_map(
        |(name, interval_seconds, (creates, closes), people, types)| {
            let people = people.into_iter().map(|(source, target)| PersonPair { source, target }).collect();
            let people = distinct(people, |pair: &PersonPair| pair.source.clone());
            ConnectionDoc {
                name,
                source: "Äpfel \"1\"".to_owned(),
                target: "b\\2".to_owned(),
                interval_seconds,
                limits: Limits { creates_max: creates.into(), closes_max: closes.into() },
                people: distinct(people, |pair| pair.target.clone()),
                types: distinct(types, |mapping| mapping.name.clone()),
            }
        },
    )
}

fn document() -> impl Strategy<Value = Document> {
    // The source is ServiceNow-like in its scope, so that its request type is always right.
    (account("Äpfel \"1\""), account("b\\2"), vec(connection(), 0..3)).prop_filter_map(
        "platforms",
        |(one, two, connections)| {
            let mut one = one;
            if one.platform == Platform::Jira {
                one.platform = Platform::ServiceNow;
                one.sign_in = SignIn::ApiKey;
            }
            let mut two = two;
            if two.platform == Platform::ServiceNow {
                two.platform = Platform::Jira;
                two.sign_in = SignIn::Token { email: "e".to_owned() };
            }
            Some(Document {
                accounts: vec![one, two],
                connections: distinct(connections, |connection| connection.name.clone()),
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn what_is_written_reads_back_as_the_same(document in document()) {
        let text = to_toml(&document);
        let mut wanted = document.clone();
        sort(&mut wanted);
        match parse(&text, &Known::new()) {
            Ok(read) => {
                prop_assert_eq!(&read, &wanted, "{}", text);
                prop_assert_eq!(to_toml(&read), text);
            }
            Err(problems) => prop_assert!(false, "{problems:#?}\n{text}"),
        }
    }
}

#[test]
fn the_layout_is_for_people() {
    let pair = |source: &str, target: &str| ValuePair {
        source: source.into(),
        target: target.into(),
        direction: Direction::Both,
        target_needs: vec![Need { field: "resolution".into(), supply: Supply::Fixed("10000".into()) }],
        source_needs: vec![],
    };
    let rule = Rule::Values {
        pairs: vec![pair("1", "10000"), pair("2", "3")],
        otherwise: Otherwise::Ask,
        otherwise_back: Otherwise::Leave,
    };
    let field = FieldMapping {
        source: vec!["state".into()],
        target: vec!["status".into()],
        direction: Direction::Both,
        write: Write::Always,
        on_conflict: OnConflict::Ask,
        enforce: false,
        rule,
    };
    let json =
        serde_json::json!({ "connection": [{ "name": "C", "type": [{ "name": "I", "field": [field] }] }] });
    let mut text = String::new();
    blocks(&mut text, "connection", &json["connection"]);
    let wanted = r#"
[[connection]]
name = "C"

[[connection.type]]
name = "I"

[[connection.type.field]]
source = "state"
target = "status"
direction = "<->"

[connection.type.field.rule]
kind = "values"
otherwise = "ask"
otherwise_back = "leave"
pair = [
  { source = "1", target = "10000", target_needs = [{ field = "resolution", fixed = "10000" }] },
  { source = "2", target = "3", target_needs = [{ field = "resolution", fixed = "10000" }] },
]
"#;
    assert_eq!(text, wanted);
}
