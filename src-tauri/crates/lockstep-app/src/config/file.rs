//! Reads a configuration file and finds everything that is wrong with it at once: syntax, keys, types, and meaning as
//! far as the file alone tells. What only the live systems know is the mapping checker's.

use std::collections::BTreeMap;
use std::path::Path;

use lockstep_connectors::http::BaseAddress;
use lockstep_core::sync::guard::Limits;
use toml::de::DeTable;

use super::document::{AccountDoc, ConnectionDoc, Document, INTERVAL_SECONDS, PersonPair, Platform, SignIn};
use super::mapping::type_mapping;
use super::problem::{Problem, Problems};
use super::walk::{Walk, named};
use crate::api_error::ApiError;

/// Accounts that a file may name without describing them: those of the store.
pub type Known = BTreeMap<String, Platform>;

/// Seconds between automatic runs may be no fewer and no more.
const INTERVAL_SECONDS_ALLOWED: std::ops::RangeInclusive<u32> = 30..=86_400;
/// Longest wait for a write to become visible that makes sense, seconds.
const SETTLE_SECONDS_MAX: u64 = 86_400;
/// Larger files are no configuration.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Reads a file's text, with an error that names the file.
pub fn read(path: &Path) -> Result<String, ApiError> {
    let name = path.display();
    let refused = |what: String| {
        ApiError::new("config", what)
            .hint("Choose a configuration file in TOML, as an export writes it.")
            .command("lockstep config export")
    };
    let meta = std::fs::metadata(path).map_err(|error| refused(format!("{name} cannot be read: {error}")))?;
    if !meta.is_file() {
        return Err(refused(format!("{name} is not a file")));
    }
    if meta.len() > FILE_BYTES_MAX {
        return Err(refused(format!("{name} is larger than 16 MB")));
    }
    let bytes = std::fs::read(path).map_err(|error| refused(format!("{name} cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|_| refused(format!("{name} is not text in UTF-8")))
}

/// Writes a text beside a file first, then over it: never half a file.
pub fn write_whole(file: &Path, text: &str) -> Result<(), ApiError> {
    let refused = |error: std::io::Error| {
        ApiError::new("invalid", format!("{} cannot be written: {error}", file.display()))
            .hint("Choose a folder that you may write to.")
    };
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text).map_err(refused)?;
    std::fs::rename(&beside, file).map_err(refused)
}

/// The document that a text describes, or all its problems in the order of the text.
pub fn parse(text: &str, known: &Known) -> Result<Document, Vec<Problem>> {
    let mut problems = Problems::of(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            problems.add(
                &span,
                "",
                format!("not TOML: {}", error.message()),
                "Correct the line; https://toml.io shows the syntax.",
            );
        }
        // What was recovered around a mistake would be called wrong although it is only incomplete.
        return Err(problems.sorted());
    }
    let span = root.span();
    let mut walk = Walk::new(root.into_inner(), span.start..span.start, String::new());
    let accounts = accounts(&mut walk, &mut problems);
    let mut platforms = known.clone();
    platforms.extend(accounts.named.iter().map(|(name, platform)| (name.clone(), *platform)));
    let names = Names { platforms, broken: accounts.broken };
    let connections = connections(&mut walk, &mut problems, &names);
    walk.end(&mut problems);
    let found = problems.sorted();
    if found.is_empty() { Ok(Document { accounts: accounts.docs, connections }) } else { Err(found) }
}

/// Accounts that connections can name.
struct Names {
    platforms: Known,
    /// Names of accounts that are there but wrong: not reported a second time where they are used.
    broken: Vec<String>,
}

#[derive(Default)]
struct Accounts {
    docs: Vec<AccountDoc>,
    named: Vec<(String, Platform)>,
    broken: Vec<String>,
}

fn accounts(root: &mut Walk<'_>, problems: &mut Problems<'_>) -> Accounts {
    let mut accounts = Accounts::default();
    let mut names: Vec<String> = Vec::new();
    for mut walk in root.tables(problems, "account", |at, table| named("account", at, table)) {
        let name = walk.need_text(problems, "name");
        if let Some(name) = &name {
            if names.contains(name) {
                walk.report(
                    problems,
                    "name",
                    "another account has this name",
                    "Give each account a name of its own.",
                );
            }
            names.push(name.clone());
        }
        let doc = account(&mut walk, name.clone(), problems);
        walk.end(problems);
        match (doc, name) {
            (Some(doc), _) => {
                accounts.named.push((doc.name.clone(), doc.platform));
                accounts.docs.push(doc);
            }
            (None, Some(name)) => accounts.broken.push(name),
            (None, None) => {}
        }
    }
    accounts
}

fn account(walk: &mut Walk<'_>, name: Option<String>, problems: &mut Problems<'_>) -> Option<AccountDoc> {
    let platform: Option<Platform> = walk.need(problems, "platform");
    let address = walk.need_text(problems, "address");
    let address = address.and_then(|address| match origin(&address) {
        Ok(origin) => Some(origin),
        Err((message, fix)) => {
            walk.report(problems, "address", message, fix);
            None
        }
    });
    let sign_in = match walk.table(problems, "sign_in") {
        Some(inner) => sign_in(inner, problems),
        None => {
            if !walk.had("sign_in") {
                walk.missing(problems, "sign_in");
            }
            None
        }
    };
    if let (Some(platform), Some(sign_in)) = (platform, &sign_in)
        && !suits(platform, sign_in)
    {
        walk.report(
            problems,
            "sign_in",
            format!("{} does not sign in by this method", platform.label()),
            methods_of(platform),
        );
    }
    let dedicated = walk.take(problems, "dedicated").unwrap_or(true);
    let practice = walk.or_default(problems, "practice");
    let sandbox = walk.or_default(problems, "sandbox");
    let settle_seconds: Option<u64> = walk.take(problems, "settle_seconds");
    if settle_seconds.is_some_and(|seconds| seconds > SETTLE_SECONDS_MAX) {
        walk.report(
            problems,
            "settle_seconds",
            "settle_seconds is longer than a day",
            "Write the seconds until a write can be seen, 120 say.",
        );
    }
    let private_field = walk.take(problems, "private_field");
    let ca_file = walk.take(problems, "ca_file");
    Some(AccountDoc {
        name: name?,
        platform: platform?,
        address: address?,
        sign_in: sign_in?,
        dedicated,
        practice,
        sandbox,
        settle_seconds,
        private_field,
        ca_file,
    })
}

/// The origin that an address names; a message and a fix when it names more, or less.
pub(crate) fn origin(address: &str) -> Result<String, (String, String)> {
    let base = BaseAddress::origin_of(address).map_err(|error| {
        (
            error.message,
            error.remedy.unwrap_or_else(|| "Write an address that begins with https://".to_owned()),
        )
    })?;
    let origin = base.origin();
    let rest = address.trim().trim_end_matches('/');
    // Only the path can be longer than the origin by now.
    let path = rest.splitn(4, '/').nth(3).unwrap_or_default();
    if path.is_empty() {
        return Ok(origin);
    }
    Err(("address holds a path".to_owned(), format!("Write address = \"{origin}\".")))
}

/// Whether a platform knows this way to sign in.
pub(crate) fn suits(platform: Platform, sign_in: &SignIn) -> bool {
    matches!((platform, sign_in), (Platform::Jira, SignIn::Token { .. }))
        || (platform == Platform::ServiceNow && !matches!(sign_in, SignIn::Token { .. }))
}

/// What suits a platform, as advice.
pub(crate) fn methods_of(platform: Platform) -> &'static str {
    match platform {
        Platform::ServiceNow => "Use method basic, oauth_client, oauth_password or api_key.",
        Platform::Jira => "Use method token with the e-mail address that the API token belongs to.",
    }
}

fn sign_in(mut walk: Walk<'_>, problems: &mut Problems<'_>) -> Option<SignIn> {
    let method: Option<String> = walk.need(problems, "method");
    let read = match method.as_deref() {
        Some("basic") => walk.need_text(problems, "user").map(|user| SignIn::Basic { user }),
        Some("oauth_client") => {
            walk.need_text(problems, "client_id").map(|client_id| SignIn::OauthClient { client_id })
        }
        Some("oauth_password") => {
            let (client_id, user) = (walk.need_text(problems, "client_id"), walk.need_text(problems, "user"));
            client_id.zip(user).map(|(client_id, user)| SignIn::OauthPassword { client_id, user })
        }
        Some("api_key") => Some(SignIn::ApiKey),
        Some("token") => walk.need_text(problems, "email").map(|email| SignIn::Token { email }),
        Some(_) => {
            let fix = "Use basic, oauth_client, oauth_password or api_key (ServiceNow), or token (Jira).";
            walk.report(problems, "method", "method is none that Lockstep knows", fix);
            return None;
        }
        None => {
            // Misspelt, perhaps: that is told as a key nobody knows, beside those that belong to some method.
            for key in ["user", "client_id", "email"] {
                let _: Option<String> = walk.take(problems, key);
            }
            None
        }
    };
    walk.end(problems);
    read
}

fn connections(root: &mut Walk<'_>, problems: &mut Problems<'_>, names: &Names) -> Vec<ConnectionDoc> {
    let mut docs = Vec::new();
    let mut taken: Vec<String> = Vec::new();
    for mut walk in root.tables(problems, "connection", |at, table| named("connection", at, table)) {
        let name = walk.need_text(problems, "name");
        if let Some(name) = &name {
            if taken.contains(name) {
                walk.report(
                    problems,
                    "name",
                    "another connection has this name",
                    "Give each connection a name of its own.",
                );
            }
            taken.push(name.clone());
        }
        docs.extend(connection(&mut walk, name, problems, names));
        walk.end(problems);
    }
    docs
}

fn connection(
    walk: &mut Walk<'_>,
    name: Option<String>,
    problems: &mut Problems<'_>,
    names: &Names,
) -> Option<ConnectionDoc> {
    let source = used_account(walk, "source", problems, names);
    let target = used_account(walk, "target", problems, names);
    if let (Some(source), Some(target)) = (&source, &target)
        && source == target
    {
        walk.report(problems, "target", "source and target are the same account", "Name two accounts.");
    }
    let interval_seconds: u32 = walk.take(problems, "interval_seconds").unwrap_or(INTERVAL_SECONDS);
    if !INTERVAL_SECONDS_ALLOWED.contains(&interval_seconds) {
        let message = format!("interval_seconds is {interval_seconds}, outside of 30 to 86400");
        walk.report(
            problems,
            "interval_seconds",
            message,
            "Write 300 for every five minutes; 30 is the least, 86400 (a day) the most.",
        );
    }
    let limits = walk.table(problems, "limits").map(|inner| limits(inner, problems)).unwrap_or_default();
    let people = people(walk, problems);
    let platforms = |name: &Option<String>| name.as_ref().and_then(|name| names.platforms.get(name)).copied();
    let sides = lockstep_core::side::Pair { source: platforms(&source), target: platforms(&target) };
    let mut types = Vec::new();
    let mut taken: Vec<String> = Vec::new();
    for mut inner in walk.tables(problems, "type", |at, table| named("type", at, table)) {
        let name = inner.need_text(problems, "name");
        if let Some(name) = &name {
            if taken.contains(name) {
                inner.report(
                    problems,
                    "name",
                    "another type of this connection has this name",
                    "Give each type a name of its own.",
                );
            }
            taken.push(name.clone());
        }
        types.extend(type_mapping(&mut inner, name, sides, problems));
        inner.end(problems);
    }
    Some(ConnectionDoc {
        name: name?,
        source: source?,
        target: target?,
        interval_seconds,
        limits,
        people,
        types,
    })
}

fn used_account(
    walk: &mut Walk<'_>,
    key: &'static str,
    problems: &mut Problems<'_>,
    names: &Names,
) -> Option<String> {
    let name = walk.need_text(problems, key)?;
    if !names.platforms.contains_key(&name) && !names.broken.contains(&name) {
        let known: Vec<&str> = names.platforms.keys().map(String::as_str).collect();
        let fix = if known.is_empty() {
            "Describe it in an [[account]] of this file.".to_owned()
        } else {
            format!("Describe it in an [[account]], or name one that exists: {}.", known.join(", "))
        };
        walk.report(problems, key, format!("there is no account called \"{name}\""), fix);
    }
    Some(name)
}

fn limits(mut walk: Walk<'_>, problems: &mut Problems<'_>) -> Limits {
    let standard = Limits::default();
    let limits = Limits {
        creates_max: walk.take(problems, "creates_max").unwrap_or(standard.creates_max),
        closes_max: walk.take(problems, "closes_max").unwrap_or(standard.closes_max),
    };
    walk.end(problems);
    limits
}

fn people(walk: &mut Walk<'_>, problems: &mut Problems<'_>) -> Vec<PersonPair> {
    let mut people: Vec<PersonPair> = Vec::new();
    for mut inner in walk.tables(problems, "person", |at, _| format!("person {at}")) {
        let (source, target) = (inner.need_text(problems, "source"), inner.need_text(problems, "target"));
        if let Some((source, target)) = source.zip(target) {
            if people.iter().any(|before| before.source == source || before.target == target) {
                inner.report(
                    problems,
                    "source",
                    "one of the two is paired already",
                    "Pair each person once.",
                );
            }
            people.push(PersonPair { source, target });
        }
        inner.end(problems);
    }
    people
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
