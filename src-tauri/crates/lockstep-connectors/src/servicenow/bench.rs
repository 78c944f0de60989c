//! A connector over a scripted wire, for the tests of this folder.

use std::sync::Arc;

use lockstep_core::connector::{Identity, Scope};
use lockstep_core::secret::Secret;
use lockstep_core::ticket::Person;

use super::{ServiceNow, ServiceNowSettings, SignIn, Us};
use crate::http::fake::{Script, TestClock, json};
use crate::http::{BaseAddress, HttpContext};
use crate::ports::{Ports, WireAnswer, WireError};

/// The answer to who we are.
pub(super) const US: &str = r#"{"result":[{"sys_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","user_name":"lockstep.svc",
    "name":"Lockstep","email":"lockstep@acme.example","time_zone":"GMT","active":"true"}]}"#;

/// The user that we are in tests.
pub(super) fn us() -> Us {
    let us = Person {
        id: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".into(),
        name: "Lockstep".into(),
        email: Some("lockstep@acme.example".into()),
        active: true,
    };
    let identity =
        Identity { instance: "https://acme.example".into(), us, time_zone: Some("GMT".into()), skew_ms: 0 };
    Us { identity, user_name: "lockstep.svc".into() }
}

/// A connector that answers who we are first, then from the script.
pub(super) fn connector(
    answers: impl IntoIterator<Item = Result<WireAnswer, WireError>>,
) -> (ServiceNow, Arc<Script>, Arc<TestClock>) {
    script_only(std::iter::once(json(200, US)).chain(answers))
}

/// A connector that answers from the script alone, for calls that need not know who we are.
pub(super) fn script_only(
    answers: impl IntoIterator<Item = Result<WireAnswer, WireError>>,
) -> (ServiceNow, Arc<Script>, Arc<TestClock>) {
    let script = Arc::new(Script::of(answers));
    let clock = Arc::<TestClock>::default();
    let base = BaseAddress::origin_of("https://acme.example").unwrap();
    let sign_in = SignIn::Basic { user: "lockstep.svc".into(), password: Secret::new("pw".into()) };
    let ports = Ports { clock: clock.clone(), transport: script.clone() };
    let connector =
        ServiceNow::new(ServiceNowSettings::new(base, sign_in), ports, HttpContext::default()).unwrap();
    (connector, script, clock)
}

/// Incidents of the whole table.
pub(super) fn incidents() -> Scope {
    Scope { container: String::new(), ticket_type: "incident".into(), request_type: None }
}

/// An id made of one repeated digit.
pub(super) fn id(digit: char) -> String {
    std::iter::repeat_n(digit, 32).collect()
}

/// The decoded value of one query parameter of a request.
pub(super) fn parameter(script: &Script, request: usize, name: &str) -> Option<String> {
    let seen = script.seen.lock().unwrap();
    let pairs = seen[request].url.query_pairs();
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
