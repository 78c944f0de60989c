//! The configuration as people keep it: accounts without secrets, and connections with their mappings. The same
//! documents are the TOML file and, a connection each, the versions in the store.

use lockstep_core::mapping::TypeMapping;
use lockstep_core::side::Side;
use lockstep_core::sync::guard::Limits;
use serde::{Deserialize, Serialize};

/// A whole configuration file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct Document {
    #[serde(default, rename = "account", skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub accounts: Vec<AccountDoc>,
    #[serde(default, rename = "connection", skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub connections: Vec<ConnectionDoc>,
}

/// The platforms that have a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum Platform {
    ServiceNow,
    Jira,
}

impl Platform {
    /// The name people know.
    pub fn label(self) -> &'static str {
        match self {
            Platform::ServiceNow => "ServiceNow",
            Platform::Jira => "Jira",
        }
    }

    /// The name in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Platform::ServiceNow => "servicenow",
            Platform::Jira => "jira",
        }
    }
}

/// One signed-in platform instance. Its secret lies in the keychain, never here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct AccountDoc {
    pub name: String,
    pub platform: Platform,
    /// Origin only: `https://corvane.service-now.com`.
    pub address: String,
    pub sign_in: SignIn,
    /// Nobody but Lockstep writes as this user.
    #[serde(default = "yes")]
    pub dedicated: bool,
    /// One of the built-in practice platforms; only shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub practice: bool,
    /// A customer's test instance; only shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub sandbox: bool,
    /// How long a write may stay unseen, seconds; none takes the platform's figure (hazards.md H4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub settle_seconds: Option<u64>,
    /// ServiceNow: a true/false field that marks a ticket as private; private tickets stay where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub private_field: Option<String>,
    /// A file with certificates of the company's own authority, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ca_file: Option<String>,
}

fn yes() -> bool {
    true
}

/// How an account signs in. The secret part (password, token, key, client secret) is asked for by `account sign-in`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub enum SignIn {
    /// ServiceNow: user and password.
    Basic { user: String },
    /// ServiceNow: OAuth client credentials; the secret is the client's.
    OauthClient { client_id: String },
    /// ServiceNow: OAuth password grant; the secret is a JSON object with `client_secret` and `password`.
    OauthPassword { client_id: String, user: String },
    /// ServiceNow: REST API key.
    ApiKey,
    /// Jira: e-mail and API token.
    Token { email: String },
}

impl SignIn {
    /// What the secret is called, for prompts.
    pub fn secret_label(&self) -> &'static str {
        match self {
            SignIn::Basic { .. } => "password",
            SignIn::OauthClient { .. } => "client secret",
            SignIn::OauthPassword { .. } => "client secret and password as JSON",
            SignIn::ApiKey => "API key",
            SignIn::Token { .. } => "API token",
        }
    }
}

/// Two accounts kept in step under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct ConnectionDoc {
    pub name: String,
    /// Name of the account where tickets originate.
    pub source: String,
    /// Name of the account where they are received.
    pub target: String,
    /// Seconds between automatic runs, 30 to 86,400.
    #[serde(default = "interval", skip_serializing_if = "is_interval")]
    #[ts(optional, as = "Option<_>")]
    pub interval_seconds: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    #[ts(optional, as = "Option<_>")]
    pub limits: Limits,
    /// People paired by hand: it wins over e-mail.
    #[serde(default, rename = "person", skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub people: Vec<PersonPair>,
    #[serde(default, rename = "type", skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub types: Vec<TypeMapping>,
}

/// Default of `interval_seconds`: five minutes.
pub const INTERVAL_SECONDS: u32 = 300;

fn interval() -> u32 {
    INTERVAL_SECONDS
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if wants a reference")]
fn is_interval(seconds: &u32) -> bool {
    *seconds == INTERVAL_SECONDS
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One person on both sides, by the platforms' ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(export, export_to = "../../../../ui/src/api/generated/")]
pub struct PersonPair {
    pub source: String,
    pub target: String,
}

impl ConnectionDoc {
    /// The account's name on `side`.
    pub fn account(&self, side: Side) -> &str {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }
}
