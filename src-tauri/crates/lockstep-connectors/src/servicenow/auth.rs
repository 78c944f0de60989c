//! Signing in: Basic, OAuth by client credentials or password, API key (servicenow.md §1).
//!
//! A token lives in memory alone. It is fetched by one caller at a time, anew when less than a minute is left and once
//! after a 401; the instance hands out the same token until it ends, so a second refusal is final.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use lockstep_core::connector::{ConnectorError, ErrorKind};
use lockstep_core::secret::Secret;
use serde::Deserialize;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::dialect::Now;
use crate::http::{Authorise, Call, Client, ClientSettings, Expect, HttpContext, concealed};
use crate::ports::{Clock, Ports};

/// A token is replaced when less than this is left, milliseconds.
const LEFT_MS_MIN: u64 = 60_000;
/// Used where the answer names no lifetime, seconds.
const LIFE_S_ASSUMED: u64 = 1800;
/// The token endpoint.
const TOKEN_PATH: &str = "/oauth_token.do";

/// How Lockstep signs in to an instance.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// A user of the instance with a local password.
    Basic { user: String, password: Secret },
    /// Calls run as the application user of the OAuth client.
    OAuthClientCredentials { client_id: String, client_secret: Secret },
    /// A user's name and password exchanged for a token.
    OAuthPassword { client_id: String, client_secret: Secret, user: String, password: Secret },
    /// Header `x-sn-apikey`; wants an access policy for each API.
    ApiKey { key: Secret },
}

impl SignIn {
    /// The login name, where the sign-in tells it.
    pub fn user(&self) -> Option<&str> {
        match self {
            SignIn::Basic { user, .. } | SignIn::OAuthPassword { user, .. } => Some(user),
            SignIn::OAuthClientCredentials { .. } | SignIn::ApiKey { .. } => None,
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        match self {
            SignIn::Basic { password: secret, .. }
            | SignIn::OAuthClientCredentials { client_secret: secret, .. }
            | SignIn::ApiKey { key: secret } => vec![secret.clone()],
            SignIn::OAuthPassword { client_secret, password, .. } => {
                vec![client_secret.clone(), password.clone()]
            }
        }
    }

    /// What tells this account's limiter from others'; no secret.
    fn account(&self) -> &str {
        match self {
            SignIn::Basic { user, .. } | SignIn::OAuthPassword { user, .. } => user,
            SignIn::OAuthClientCredentials { client_id, .. } => client_id,
            SignIn::ApiKey { .. } => "api key",
        }
    }

    /// The name of the account for the limiter.
    pub(super) fn limiter_name(&self, origin: &str) -> String {
        format!("servicenow {origin} {}", self.account())
    }

    /// Makes the signer; `settings` are those of the account, for the token endpoint.
    pub(super) fn signer(
        &self,
        settings: &ClientSettings,
        ports: &Ports,
        context: &HttpContext,
    ) -> Result<Arc<dyn Authorise>, ConnectorError> {
        let fixed = |name: HeaderName, text: &str, secrets| -> Result<Arc<dyn Authorise>, ConnectorError> {
            Ok(Arc::new(Fixed { name, value: secret_header(text)?, secrets }))
        };
        match self {
            SignIn::Basic { user, password } => {
                let pair = Zeroizing::new(format!("{user}:{}", password.open()));
                let code = Secret::new(STANDARD.encode(pair.as_bytes()));
                let text = Zeroizing::new(format!("Basic {}", code.open()));
                fixed(header::AUTHORIZATION, &text, vec![code, password.clone()])
            }
            SignIn::ApiKey { key } => {
                fixed(HeaderName::from_static("x-sn-apikey"), key.open(), vec![key.clone()])
            }
            SignIn::OAuthClientCredentials { .. } | SignIn::OAuthPassword { .. } => {
                let settings = ClientSettings { keeps_cookies: false, tries_max: 2, ..settings.clone() };
                // Its own limiter: the caller that waits for a token holds a lane of the account's already.
                let settings = ClientSettings { account: format!("{} token", settings.account), ..settings };
                let secrets = self.secrets();
                let endpoint = Arc::new(TokenEndpoint { secrets: secrets.clone() });
                let client = Client::new(settings, Arc::new(Now), endpoint, ports.clone(), context.clone());
                Ok(Arc::new(OAuth {
                    sign_in: self.clone(),
                    secrets,
                    issued: std::sync::Mutex::default(),
                    client,
                    clock: Arc::clone(&ports.clock),
                    token: Mutex::new(None),
                }))
            }
        }
    }
}

fn secret_header(text: &str) -> Result<HeaderValue, ConnectorError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        ConnectorError::new(
            ErrorKind::Unauthorised,
            "The ServiceNow sign-in holds characters that cannot be sent",
        )
        .remedy("Enter it again, without line breaks")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A header that never changes.
struct Fixed {
    name: HeaderName,
    value: HeaderValue,
    secrets: Vec<Secret>,
}

#[async_trait]
impl Authorise for Fixed {
    async fn sign(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        headers.insert(self.name.clone(), self.value.clone());
        Ok(())
    }

    async fn renew(&self, _refused: &HeaderMap) -> Result<bool, ConnectorError> {
        Ok(false)
    }

    fn conceal(&self, words: &str) -> String {
        concealed(words, self.secrets.iter().map(Secret::open))
    }
}

/// The token endpoint: no header, but secrets in the form.
struct TokenEndpoint {
    secrets: Vec<Secret>,
}

#[async_trait]
impl Authorise for TokenEndpoint {
    async fn sign(&self, _headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn renew(&self, _refused: &HeaderMap) -> Result<bool, ConnectorError> {
        Ok(false)
    }

    fn conceal(&self, words: &str) -> String {
        concealed(words, self.secrets.iter().map(Secret::open))
    }
}

/// A token in memory.
struct Token {
    header: HeaderValue,
    refresh: Option<Secret>,
    /// On the monotonic clock.
    ends_at: u64,
}

struct OAuth {
    sign_in: SignIn,
    secrets: Vec<Secret>,
    /// The tokens last issued, to be concealed; beside `token`, which is held while one is fetched.
    issued: std::sync::Mutex<Vec<Secret>>,
    client: Client,
    clock: Arc<dyn Clock>,
    /// Held while a token is fetched: the others wait and use the same one.
    token: Mutex<Option<Token>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Option<Lifetime>,
}

/// Seconds, as a number or as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lifetime {
    Number(u64),
    Text(String),
}

#[async_trait]
impl Authorise for OAuth {
    async fn sign(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        let mut token = self.token.lock().await;
        let fresh =
            token.as_ref().is_some_and(|token| token.ends_at > self.clock.monotonic_ms() + LEFT_MS_MIN);
        if !fresh {
            *token = Some(self.fetch(token.take()).await?);
        }
        if let Some(token) = token.as_ref() {
            headers.insert(header::AUTHORIZATION, token.header.clone());
        }
        Ok(())
    }

    async fn renew(&self, refused: &HeaderMap) -> Result<bool, ConnectorError> {
        let mut token = self.token.lock().await;
        let refused = refused.get(header::AUTHORIZATION);
        if token.as_ref().is_some_and(|token| Some(&token.header) != refused) {
            return Ok(true);
        }
        let fetched = self.fetch(token.take()).await?;
        let another = Some(&fetched.header) != refused;
        *token = Some(fetched);
        Ok(another)
    }

    fn conceal(&self, words: &str) -> String {
        let issued = self.issued.lock().expect("no panic happens under this lock");
        concealed(words, self.secrets.iter().chain(issued.iter()).map(Secret::open))
    }
}

impl OAuth {
    /// By the refresh token where there is one; when that is refused, from the beginning.
    async fn fetch(&self, old: Option<Token>) -> Result<Token, ConnectorError> {
        let (SignIn::OAuthClientCredentials { client_id, client_secret }
        | SignIn::OAuthPassword { client_id, client_secret, .. }) = &self.sign_in
        else {
            return Err(ConnectorError::new(ErrorKind::Stopped, "This sign-in has no token"));
        };
        let client = [("client_id", client_id.as_str()), ("client_secret", client_secret.open())];
        if let Some(refresh) = old.and_then(|token| token.refresh) {
            let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.open())];
            form.extend(client);
            match self.ask(&form).await {
                Err(error) if matches!(error.kind, ErrorKind::Unauthorised | ErrorKind::Refused) => {}
                answer => return answer,
            }
        }
        let mut form = match &self.sign_in {
            SignIn::OAuthPassword { user, password, .. } => {
                vec![("grant_type", "password"), ("username", user.as_str()), ("password", password.open())]
            }
            _ => vec![("grant_type", "client_credentials")],
        };
        form.push(("scope", "useraccount"));
        form.extend(client);
        self.ask(&form).await
    }

    async fn ask(&self, form: &[(&str, &str)]) -> Result<Token, ConnectorError> {
        let call = Call::new(Method::POST, TOKEN_PATH, "sign in")
            .form(form)
            .expect(Expect::Json)
            .good(&[200])
            .unsigned();
        let answer: Result<TokenAnswer, _> = self.client.get_json(call).await.map_err(|error| {
            match error.kind {
            ErrorKind::Refused | ErrorKind::Unauthorised | ErrorKind::Forbidden => ConnectorError {
                kind: ErrorKind::Unauthorised,
                ..error.remedy(
                    "Check the OAuth client's id and secret, its grant type and, with a password, the user",
                )
            },
            _ => error,
        }
        });
        // A refresh token is not known to the endpoint's client.
        let answer =
            answer.map_err(|error| ConnectorError { message: self.conceal(&error.message), ..error })?;
        let life_s = match answer.expires_in {
            Some(Lifetime::Number(seconds)) => seconds,
            Some(Lifetime::Text(text)) => text.parse().unwrap_or(LIFE_S_ASSUMED),
            None => LIFE_S_ASSUMED,
        };
        let access = Secret::new(answer.access_token);
        let refresh = answer.refresh_token.filter(|text| !text.is_empty()).map(Secret::new);
        let text = Zeroizing::new(format!("Bearer {}", access.open()));
        let header = secret_header(&text)?;
        *self.issued.lock().expect("no panic happens under this lock") =
            [Some(access), refresh.clone()].into_iter().flatten().collect();
        Ok(Token {
            header,
            refresh,
            ends_at: self.clock.monotonic_ms().saturating_add(life_s.saturating_mul(1000)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::BaseAddress;
    use crate::http::fake::{Script, TestClock, json};

    fn bench(sign_in: &SignIn, answers: Vec<&str>) -> (Client, Arc<Script>, Arc<TestClock>) {
        let answers =
            answers.into_iter().map(|body| json(if body.contains("error") { 401 } else { 200 }, body));
        let (script, clock) = (Arc::new(Script::of(answers)), Arc::<TestClock>::default());
        let ports = Ports { clock: clock.clone(), transport: script.clone() };
        let settings = ClientSettings::new(BaseAddress::origin_of("https://acme.example").unwrap(), "a");
        let context = HttpContext::default();
        let auth = sign_in.signer(&settings, &ports, &context).unwrap();
        (Client::new(settings, Arc::new(Now), auth, ports, context), script, clock)
    }

    fn password() -> SignIn {
        SignIn::OAuthPassword {
            client_id: "ci".into(),
            client_secret: Secret::new("c s".into()),
            user: "u".into(),
            password: Secret::new("p&w".into()),
        }
    }

    fn requests(script: &Script) -> Vec<(String, String, String)> {
        let seen = script.seen.lock().unwrap();
        let sign =
            |headers: &HeaderMap| headers.get("authorization").map_or("", |v| v.to_str().unwrap()).to_owned();
        seen.iter()
            .map(|s| {
                (s.url.path().to_owned(), sign(&s.headers), String::from_utf8_lossy(&s.body).into_owned())
            })
            .collect()
    }

    #[tokio::test]
    async fn one_token_serves_many_calls_until_its_last_minute() {
        let first = r#"{"access_token":"one","refresh_token":"r1","expires_in":1799}"#;
        let second = r#"{"access_token":"two","expires_in":"1799"}"#;
        let (client, script, clock) = bench(&password(), vec![first, "{}", "{}", second, "{}"]);
        for wait_ms in [0, 1_000_000, 740_000] {
            clock.sleep_ms(wait_ms).await;
            client.read(Call::get("/x", "read")).await.unwrap();
        }
        let seen = requests(&script);
        let signs: Vec<&str> = seen.iter().map(|(_, sign, _)| sign.as_str()).collect();
        assert_eq!(signs, ["", "Bearer one", "Bearer one", "", "Bearer two"]);
        assert_eq!(
            seen[0].2,
            "grant_type=password&username=u&password=p%26w&scope=useraccount&client_id=ci&client_secret=c+s"
        );
        assert!(seen[3].2.starts_with("grant_type=refresh_token&refresh_token=r1"));
    }

    #[tokio::test]
    async fn the_same_token_again_is_no_way_out() {
        let token = r#"{"access_token":"one","expires_in":1799}"#;
        let refused = r#"{"error":{"message":"User Not Authenticated"},"status":"failure"}"#;
        let (client, script, _) = bench(&password(), vec![token, refused, token]);
        let error = client.read(Call::get("/x", "read")).await.unwrap_err();
        assert_eq!((error.kind, script.calls()), (ErrorKind::Unauthorised, 3));
    }

    #[tokio::test]
    async fn a_dead_refresh_token_is_followed_by_a_full_sign_in() {
        let first = r#"{"access_token":"one","refresh_token":"r1","expires_in":10}"#;
        let dead = r#"{"error":"invalid_grant"}"#;
        let second = r#"{"access_token":"two","expires_in":1799}"#;
        let (client, script, _) = bench(&password(), vec![first, "{}", dead, second, "{}"]);
        client.read(Call::get("/x", "read")).await.unwrap();
        client.read(Call::get("/x", "read")).await.unwrap();
        assert_eq!(requests(&script)[4].1, "Bearer two");
    }

    #[tokio::test]
    async fn basic_and_key_are_fixed() {
        let basic = SignIn::Basic { user: "u".into(), password: Secret::new("p".into()) };
        let (client, script, _) = bench(&basic, vec!["{}"]);
        client.read(Call::get("/x", "read")).await.unwrap();
        assert_eq!(requests(&script)[0].1, "Basic dTpw");
        assert!(!format!("{:?}", password()).contains("p&w"));
        let bad = SignIn::ApiKey { key: Secret::new("a\nb".into()) };
        let ports = client.ports().clone();
        let settings = ClientSettings::new(client.base().clone(), "a");
        let refused = bad.signer(&settings, &ports, &HttpContext::default()).map(|_| ());
        assert_eq!(refused.map_err(|error| error.kind), Err(ErrorKind::Unauthorised));
    }
}
