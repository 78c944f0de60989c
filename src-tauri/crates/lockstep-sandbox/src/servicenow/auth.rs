//! Signing in: basic, bearer token, API key, and the token endpoint (sheet 1).

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::ServiceNow;
use super::users::{Caller, SERVICE_ACCOUNT};
use super::wire::{Params, Problem, json};
use crate::faults::Hints;

/// How long an access token is good for: 30 minutes.
pub const ACCESS_TOKEN_SECONDS: i64 = 1_800;
/// How long a refresh token is good for: 100 days.
pub const REFRESH_TOKEN_SECONDS: i64 = 8_640_000;

/// A pair of tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    user: String,
    access: String,
    access_ends: i64,
    refresh: String,
    refresh_ends: i64,
}

/// The tokens given out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tokens {
    list: Vec<Token>,
    #[serde(skip)]
    by_access: HashMap<String, usize>,
}

impl Tokens {
    /// Rebuilds the way in, after loading.
    pub fn reindex(&mut self) {
        self.by_access = self.list.iter().enumerate().map(|(at, token)| (token.access.clone(), at)).collect();
    }

    fn user_of(&self, access: &str, now: i64) -> Option<&str> {
        let token = &self.list[*self.by_access.get(access)?];
        (now < token.access_ends).then_some(token.user.as_str())
    }
}

impl ServiceNow {
    /// Who makes this request.
    pub(super) fn sign_in_of(
        &self,
        request: &Request<Bytes>,
        api: &str,
        now_ms: i64,
    ) -> Result<Arc<Caller>, Box<Response<Bytes>>> {
        let refused = || Box::new(Problem::unauthenticated().response());
        let expired = request.extensions().get::<Hints>().is_some_and(|hints| hints.expired_token);
        if expired {
            return Err(refused());
        }
        let caller = self.recognise(request.headers(), api, now_ms).ok_or_else(refused)?;
        if !self.may_sign_in(&caller) {
            return Err(refused());
        }
        let is_basic =
            request.headers().get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"Basic "));
        if self.switches.mfa && is_basic {
            let mut response = refused();
            response.headers_mut().insert("x-mfa_token", HeaderValue::from_static("invalid"));
            return Err(response);
        }
        Ok(caller)
    }

    fn recognise(&self, headers: &HeaderMap, api: &str, now_ms: i64) -> Option<Arc<Caller>> {
        if let Some(value) = headers.get(AUTHORIZATION) {
            let (scheme, credential) = value.to_str().ok()?.split_once(' ')?;
            if scheme.eq_ignore_ascii_case("basic") {
                let decoded = STANDARD.decode(credential.trim()).ok()?;
                let (name, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
                return self.accounts.check(name, password).cloned();
            }
            if scheme.eq_ignore_ascii_case("bearer") {
                let user = self.tokens.user_of(credential.trim(), now_ms.div_euclid(1000))?;
                return self.accounts.get(user).cloned();
            }
            return None;
        }
        let key = headers.get("x-sn-apikey")?;
        let allowed = self.switches.api_key_apis.iter().any(|name| name == api);
        (key.as_bytes() == self.accounts.api_key.as_bytes() && allowed)
            .then(|| self.accounts.get(SERVICE_ACCOUNT).cloned())?
    }

    /// Inactive and locked users, and those who must set a new password, stay outside (sheet 12, 14).
    fn may_sign_in(&self, caller: &Caller) -> bool {
        let users = self.tables.table("sys_user");
        let Some(row) = users.get(&caller.id) else { return false };
        let is_true = |name: &str| {
            let column = users.schema.column(name).expect("a column of sys_user");
            row.text(&users.schema, column, &mut [0; 32]) == "true"
        };
        is_true("active") && !is_true("locked_out") && !is_true("password_needs_reset")
    }

    /// `POST /oauth_token.do`. A form, never JSON.
    pub(super) fn token_endpoint(&mut self, request: &Request<Bytes>, now_ms: i64) -> Response<Bytes> {
        let content_type = request.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if !content_type.starts_with(b"application/x-www-form-urlencoded") {
            return refusal("server_error", "access_denied");
        }
        if request.extensions().get::<Hints>().is_some_and(|hints| hints.expired_token) {
            return refusal("invalid_grant", "access_denied");
        }
        let form = Params::parse(request.body());
        let now = now_ms.div_euclid(1000);
        match self.grant(&form, request.headers(), now) {
            Ok(at) => {
                token_answer(&self.tokens.list[at], now, form.get("grant_type") == Some("client_credentials"))
            }
            Err((error, description)) => refusal(error, description),
        }
    }

    /// The place of the token pair that answers the request.
    fn grant(
        &mut self,
        form: &Params<'_>,
        headers: &HeaderMap,
        now: i64,
    ) -> Result<usize, (&'static str, &'static str)> {
        const DENIED: (&str, &str) = ("server_error", "access_denied");
        if !self.is_client(form, headers) {
            return Err(("access_denied", "access_denied"));
        }
        let user = match form.get("grant_type").unwrap_or_default() {
            "password" if self.switches.password_grant => {
                let (name, password) =
                    (form.get("username").ok_or(DENIED)?, form.get("password").ok_or(DENIED)?);
                let caller = self.accounts.check(name, password).cloned().ok_or(DENIED)?;
                self.may_sign_in(&caller).then(|| caller.name.to_string()).ok_or(DENIED)?
            }
            "client_credentials" if self.switches.client_credentials => SERVICE_ACCOUNT.to_owned(),
            "refresh_token" => {
                let wanted = form.get("refresh_token").ok_or(("invalid_grant", "access_denied"))?;
                let is_it = |token: &Token| token.refresh == wanted && now < token.refresh_ends;
                let at = self.tokens.list.iter().position(is_it).ok_or(("invalid_grant", "access_denied"))?;
                return Ok(self.renew(at, now));
            }
            _ => return Err(("unsupported_grant_type", "access_denied")),
        };
        match self.tokens.list.iter().position(|token| token.user == user && now < token.refresh_ends) {
            Some(at) => Ok(self.renew(at, now)),
            None => {
                let (access, refresh) = (self.ids.token(86), self.ids.token(86));
                self.tokens.by_access.insert(access.clone(), self.tokens.list.len());
                let (access_ends, refresh_ends) = (now + ACCESS_TOKEN_SECONDS, now + REFRESH_TOKEN_SECONDS);
                self.tokens.list.push(Token { user, access, access_ends, refresh, refresh_ends });
                Ok(self.tokens.list.len() - 1)
            }
        }
    }

    /// While the access token is good the same one is given again, and it does not last longer for that (sheet 12, 19).
    fn renew(&mut self, at: usize, now: i64) -> usize {
        if now >= self.tokens.list[at].access_ends {
            let access = self.ids.token(86);
            let old = std::mem::replace(&mut self.tokens.list[at].access, access.clone());
            self.tokens.by_access.remove(&old);
            self.tokens.by_access.insert(access, at);
            self.tokens.list[at].access_ends = now + ACCESS_TOKEN_SECONDS;
        }
        at
    }

    /// The client's id and secret stand in the form, or in a `Basic` header.
    fn is_client(&self, form: &Params<'_>, headers: &HeaderMap) -> bool {
        let ours = (self.accounts.client_id.as_str(), self.accounts.client_secret.as_str());
        if let (Some(id), Some(secret)) = (form.get("client_id"), form.get("client_secret")) {
            return (id, secret) == ours;
        }
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let encoded = header.and_then(|value| value.strip_prefix("Basic "));
        let decoded = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
        decoded.is_some_and(|decoded| decoded == format!("{}:{}", ours.0, ours.1).into_bytes())
    }
}

fn token_answer(token: &Token, now: i64, without_refresh: bool) -> Response<Bytes> {
    let mut body = serde_json::json!({
        "access_token": token.access,
        "scope": "useraccount",
        "token_type": "Bearer",
        "expires_in": token.access_ends - now - 1,
    });
    if !without_refresh {
        body["refresh_token"] = serde_json::Value::from(token.refresh.as_str());
    }
    json(StatusCode::OK, body.to_string())
}

fn refusal(error: &str, description: &str) -> Response<Bytes> {
    let body = serde_json::json!({ "error": error, "error_description": description });
    json(StatusCode::UNAUTHORIZED, body.to_string())
}
