//! What a browser may ask: the pages for everybody on this computer, commands and events for the session alone.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use lockstep_app::ApiError;
use lockstep_app::commands::{self, Desk};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::files;
use crate::session::{Feed, Session};

/// Where a page puts its session.
const SESSION: &str = "x-lockstep-session";
/// Longest request, bytes.
const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The window's own policy, but for where the page asks.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The server's whole state.
pub struct Door {
    pub desk: Desk,
    pub session: Session,
    pub feed: Arc<Feed>,
    pub pages: PathBuf,
    /// `127.0.0.1:4711`: any other name leads here by a trick of DNS.
    pub host: String,
}

#[derive(Deserialize)]
struct Asked {
    name: String,
    payload: Value,
}

#[derive(Deserialize)]
struct Begin {
    token: String,
}

#[derive(Deserialize)]
struct After {
    after: Option<u64>,
}

impl Door {
    /// One answer.
    pub async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        if !self.is_for_us(&parts.headers) {
            return told(
                StatusCode::FORBIDDEN,
                &json!({ "message": "this server answers its own page alone" }),
            );
        }
        if parts.method == Method::GET {
            return match files::read(&self.pages, parts.uri.path()).await {
                Some((bytes, kind)) => page(bytes, kind),
                None => told(StatusCode::NOT_FOUND, &json!({ "message": "there is no such page" })),
            };
        }
        if parts.method != Method::POST {
            return told(StatusCode::METHOD_NOT_ALLOWED, &Value::Null);
        }
        let Ok(body) = Limited::new(body, REQUEST_BYTES_MAX).collect().await else {
            return told(StatusCode::PAYLOAD_TOO_LARGE, &Value::Null);
        };
        self.asked(parts.uri.path(), &parts.headers, &body.to_bytes()).await
    }

    /// Named as we are, and asked by no foreign page.
    fn is_for_us(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let origin = format!("http://{}", self.host);
        text(HOST) == Some(&self.host) && text(ORIGIN).is_none_or(|asking| asking == origin)
    }

    async fn asked(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Response<Full<Bytes>> {
        if path == "/session" {
            let begun =
                serde_json::from_slice::<Begin>(body).ok().and_then(|begin| self.session.begin(&begin.token));
            return match begun {
                Some(session) => told(StatusCode::OK, &json!({ "session": session })),
                None => told(StatusCode::FORBIDDEN, &json!({ "message": "the address worked once already" })),
            };
        }
        let session = headers.get(SESSION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !self.session.is(session) {
            return told(StatusCode::UNAUTHORIZED, &json!({ "message": "there is no such session" }));
        }
        match path {
            "/call" => match serde_json::from_slice::<Asked>(body) {
                Ok(asked) => self.call(asked).await,
                Err(error) => told(StatusCode::BAD_REQUEST, &json!({ "message": error.to_string() })),
            },
            "/events" => {
                let after =
                    serde_json::from_slice::<After>(body).map(|asked| asked.after).unwrap_or_default();
                told(StatusCode::OK, &self.feed.after(after).await)
            }
            _ => told(StatusCode::NOT_FOUND, &Value::Null),
        }
    }

    async fn call(&self, asked: Asked) -> Response<Full<Bytes>> {
        let desk = self.desk.clone();
        // A task of its own, so that a panic ends here.
        let work = tokio::spawn(async move { commands::call(&desk, &asked.name, asked.payload).await });
        match work.await {
            Ok(Ok(answer)) => told(StatusCode::OK, &answer),
            Ok(Err(error)) => told(StatusCode::UNPROCESSABLE_ENTITY, &json!(error)),
            Err(_) => {
                let error = ApiError::new("unexpected", "Lockstep met a mistake of its own");
                told(StatusCode::INTERNAL_SERVER_ERROR, &json!(error))
            }
        }
    }
}

fn page(bytes: Vec<u8>, kind: &'static str) -> Response<Full<Bytes>> {
    answer(StatusCode::OK, kind, bytes.into())
}

fn told(status: StatusCode, value: &Value) -> Response<Full<Bytes>> {
    answer(status, "application/json", value.to_string().into())
}

fn answer(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, kind)
        .header(CACHE_CONTROL, "no-store")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .body(Full::new(body))
        .expect("headers of our own are plain text")
}
