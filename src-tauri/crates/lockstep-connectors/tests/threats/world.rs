//! An account of each sign-in style, over the real transport, at a practice platform behind a real socket. A test plays
//! a trick on single requests; the rest is answered as the platform would.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use lockstep_connectors::http::{BaseAddress, HttpContext, ReqwestTransport, SystemClock};
use lockstep_connectors::jira::{Jira, JiraSettings};
use lockstep_connectors::ports::{Clock, Ports, Transport};
use lockstep_connectors::servicenow::{ServiceNow, ServiceNowSettings, SignIn};
use lockstep_connectors::testing::VirtualClock;
use lockstep_core::connector::{
    ChangesQuery, CommentRequest, Connector, ConnectorError, CreateRequest, FieldWrite, Scope, UpdateRequest,
    UploadRequest, Want,
};
use lockstep_core::marker::{Fingerprint, Marker, PairKey};
use lockstep_core::secret::Secret;
use lockstep_core::ticket::Visibility;
use lockstep_core::{AttachmentId, FieldId, TicketId, Value};
use lockstep_sandbox::{Platform as _, Practice, Seed};

use crate::server::{Answer, Reply, Seen, Server};

/// The session that the practice instance is made to hand out: worth as much as a password.
pub const COOKIE: &str = "session-canary-5b1e77";

/// Every way to sign in that there is. ServiceNow keeps a session's cookies besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    NowBasic,
    NowOAuthClient,
    NowOAuthPassword,
    NowApiKey,
    JiraToken,
}

impl Style {
    pub const ALL: [Style; 5] =
        [Style::NowBasic, Style::NowOAuthClient, Style::NowOAuthPassword, Style::NowApiKey, Style::JiraToken];
}

/// Answers a request instead of the platform, or leaves it to it.
pub type Trick = Arc<dyn Fn(&Seen) -> Option<Reply> + Send + Sync>;

pub struct World {
    pub style: Style,
    pub server: Server,
    pub connector: Box<dyn Connector>,
    pub context: HttpContext,
    /// The account's base address.
    pub address: String,
    /// What must never show: passwords, keys, tokens, the cookie.
    pub secrets: Vec<String>,
    pub scope: Scope,
    pub title: FieldId,
    pub ticket: TicketId,
    pub file: AttachmentId,
    practice: Arc<Mutex<Practice>>,
    trick: Arc<Mutex<Option<Trick>>>,
}

struct Account {
    practice: Practice,
    secrets: Vec<String>,
    sign_in: Signs,
}

enum Signs {
    Now(SignIn),
    Jira(String, Secret),
}

fn account(style: Style) -> Account {
    let long_ago = SystemClock.now_ms() - 86_400_000;
    if style == Style::JiraToken {
        let site = lockstep_sandbox::jira::Jira::new(7, long_ago, Seed::Small);
        let sign_in = site.sign_in();
        let secrets = vec![sign_in.secret.clone()];
        let signs = Signs::Jira(sign_in.user, Secret::new(sign_in.secret));
        return Account { practice: Practice::new(Box::new(site), 7), secrets, sign_in: signs };
    }
    let instance = lockstep_sandbox::servicenow::ServiceNow::new(7, long_ago, Seed::Small);
    let user = instance.sign_in();
    let (client_id, client_secret) = instance.oauth_client();
    let key = instance.api_key();
    let (password, secret) = (Secret::new(user.secret.clone()), Secret::new(client_secret.clone()));
    let (sign_in, secrets) = match style {
        Style::NowOAuthClient => {
            (SignIn::OAuthClientCredentials { client_id, client_secret: secret }, vec![client_secret])
        }
        Style::NowOAuthPassword => (
            SignIn::OAuthPassword { client_id, client_secret: secret, user: user.user, password },
            vec![client_secret, user.secret],
        ),
        Style::NowApiKey => (SignIn::ApiKey { key: Secret::new(key.clone()) }, vec![key]),
        Style::NowBasic | Style::JiraToken => {
            (SignIn::Basic { user: user.user, password }, vec![user.secret])
        }
    };
    Account { practice: Practice::new(Box::new(instance), 7), secrets, sign_in: Signs::Now(sign_in) }
}

impl World {
    /// At a fresh platform on loopback; nothing has been asked yet.
    pub async fn new(style: Style) -> World {
        let account = account(style);
        let practice = Arc::new(Mutex::new(account.practice));
        let trick: Arc<Mutex<Option<Trick>>> = Arc::default();
        let answer: Answer = {
            let (practice, trick) = (practice.clone(), trick.clone());
            Arc::new(move |seen| {
                let tricked = trick.lock().unwrap().clone().and_then(|trick| trick(seen));
                tricked.unwrap_or_else(|| platform_reply(&practice, seen))
            })
        };
        let server = Server::start("127.0.0.1", 0, None, answer).await;
        let address = format!("http://127.0.0.1:{}", server.port);
        {
            let mut practice = practice.lock().unwrap();
            practice.platform.set_origin(&address);
            if style == Style::JiraToken {
                // Tests write to one ticket more often than people do.
                practice.platform.configure(&serde_json::json!({ "per_issue_limit": false })).unwrap();
            }
        }
        let context = HttpContext::default();
        let connector = connect(&address, account.sign_in, ports(&address, None), context.clone());
        let jira = style == Style::JiraToken;
        let mut secrets = account.secrets;
        secrets.push(COOKIE.to_owned());
        let mut world = World {
            style,
            server,
            connector,
            context,
            address,
            secrets,
            scope: match jira {
                true => Scope { container: "CSD".into(), ticket_type: "10101".into(), request_type: None },
                false => {
                    Scope { container: String::new(), ticket_type: "incident".into(), request_type: None }
                }
            },
            title: if jira { "summary".into() } else { "short_description".into() },
            ticket: TicketId::from(""),
            file: AttachmentId::from(""),
            practice,
            trick,
        };
        world.furnish().await;
        world
    }

    /// A ticket with a file, made in the platform without a client.
    async fn furnish(&mut self) {
        let mut made = self.connector.create(&[self.copy("Printer offline")]).await;
        self.ticket = made.remove(0).unwrap().id;
        self.file = self.connector.upload(self.upload("graph.png")).await.unwrap().id;
    }

    /// From now on `trick` is asked first.
    pub fn play(&self, trick: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static) {
        *self.trick.lock().unwrap() = Some(Arc::new(trick));
    }

    /// The platform alone answers again.
    pub fn play_fair(&self) {
        *self.trick.lock().unwrap() = None;
    }

    /// How the platform itself answers, for tricks that change an honest answer.
    pub fn honest(&self) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
        let practice = self.practice.clone();
        move |seen| platform_reply(&practice, seen)
    }

    /// Another session of the same account: nothing is known yet.
    pub fn anew(&self) -> Box<dyn Connector> {
        connect(&self.address, account(self.style).sign_in, ports(&self.address, None), self.context.clone())
    }

    pub fn fields(&self) -> [FieldId; 2] {
        [self.title.clone(), "description".into()]
    }

    /// A new ticket with a marker.
    pub fn copy(&self, title: &str) -> CreateRequest {
        let mut fields = BTreeMap::from([(self.title.clone(), Value::text(title))]);
        if self.style != Style::JiraToken {
            fields.extend([("impact".into(), Value::choice("2")), ("urgency".into(), Value::choice("2"))]);
        }
        let marker = Marker {
            pair: PairKey {
                origin: Fingerprint("00000001".into()),
                ticket: title.replace(' ', "-").as_str().into(),
                destination: Fingerprint("00000002".into()),
                generation: 0,
            },
            store: "0a1b2c3d".into(),
            op: None,
            own: None,
            passed: Vec::new(),
            ended: false,
        };
        CreateRequest { scope: self.scope.clone(), fields, marker, step: None }
    }

    pub fn upload(&self, name: &str) -> UploadRequest {
        let bytes = Bytes::from_static(b"a private file");
        UploadRequest {
            scope: self.scope.clone(),
            ticket: self.ticket.clone(),
            name: name.to_owned(),
            mime: "text/plain".to_owned(),
            size_bytes: bytes.len() as u64,
            visibility: Visibility::Internal,
            body: Box::pin(futures_util::stream::iter([Ok(bytes)])),
        }
    }

    fn comment(&self) -> CommentRequest {
        CommentRequest {
            scope: self.scope.clone(),
            ticket: self.ticket.clone(),
            body: "A private remark".to_owned(),
            visibility: Visibility::Internal,
            copy_of: "abcdefghij".to_owned(),
        }
    }

    /// One call of every sort: reads by GET and POST, writes, streams up and down. What each came to.
    pub async fn every_call(&self) -> Vec<(&'static str, Result<(), ConnectorError>)> {
        self.calls(&["discover", "changes", "fetch", "create", "update", "comment", "upload", "download"])
            .await
    }

    /// Some of these.
    pub async fn calls(&self, wanted: &[&'static str]) -> Vec<(&'static str, Result<(), ConnectorError>)> {
        let mut outcomes = Vec::with_capacity(wanted.len());
        for call in wanted {
            outcomes.push((*call, self.call(call).await));
        }
        outcomes
    }

    async fn call(&self, call: &str) -> Result<(), ConnectorError> {
        let connector = self.connector.as_ref();
        let fields = self.fields();
        match call {
            "discover" => connector.discover(&self.scope).await.map(drop),
            "changes" => {
                let query = ChangesQuery {
                    scope: &self.scope,
                    fields: &fields,
                    cursor: None,
                    since_ms: 0,
                    page: None,
                    limit: 50,
                };
                connector.changes(&query).await.map(drop)
            }
            "fetch" => {
                let want = Want { comments: true, attachments: true };
                let ids = [self.ticket.clone()];
                connector.fetch(&self.scope, &ids, &fields, want).await.map(drop)
            }
            "create" => {
                let mut made = connector.create(&[self.copy("A private ticket")]).await;
                made.remove(0).map(drop).map_err(cause)
            }
            "update" => {
                let title = FieldWrite::Set(Value::text("A private title"));
                let update = UpdateRequest {
                    scope: self.scope.clone(),
                    ticket: self.ticket.clone(),
                    fields: BTreeMap::from([(self.title.clone(), title)]),
                    marker: None,
                    comment: None,
                };
                connector.update(&update).await.map(drop).map_err(cause)
            }
            "comment" => connector.add_comment(&self.comment()).await.map(drop).map_err(cause),
            "upload" => connector.upload(self.upload("private.txt")).await.map(drop).map_err(cause),
            "download" => self.drain().await,
            other => panic!("{other}"),
        }
    }

    /// Reads the file and keeps nothing of it.
    async fn drain(&self) -> Result<(), ConnectorError> {
        use futures_util::TryStreamExt as _;
        self.connector.download(&self.file).await?.try_for_each(|_| std::future::ready(Ok(()))).await
    }

    pub async fn download(&self) -> Result<Vec<u8>, ConnectorError> {
        use futures_util::TryStreamExt as _;
        let pieces: Vec<Bytes> = self.connector.download(&self.file).await?.try_collect().await?;
        Ok(pieces.concat())
    }
}

pub fn cause(failure: lockstep_core::connector::WriteFailure) -> ConnectorError {
    use lockstep_core::connector::WriteFailure;
    match failure {
        WriteFailure::NotApplied { error, .. }
        | WriteFailure::Refused(error)
        | WriteFailure::Unknown(error) => error,
    }
}

/// The real wire, and a clock that does not wait: pauses between tries are over at once.
pub fn ports(address: &str, ca_file: Option<&Path>) -> Ports {
    let base = BaseAddress::origin_of(address).unwrap();
    let transport: Arc<dyn Transport> = Arc::new(ReqwestTransport::new(&base, ca_file).unwrap());
    let clock = Arc::new(VirtualClock::at(SystemClock.now_ms()));
    Ports { clock, transport }
}

fn connect(address: &str, signs: Signs, ports: Ports, context: HttpContext) -> Box<dyn Connector> {
    match signs {
        Signs::Now(sign_in) => {
            let base = BaseAddress::origin_of(address).unwrap();
            Box::new(ServiceNow::new(ServiceNowSettings::new(base, sign_in), ports, context).unwrap())
        }
        Signs::Jira(email, token) => {
            Box::new(Jira::new(JiraSettings::new(address, email, token), ports, context).unwrap())
        }
    }
}

fn platform_reply(practice: &Mutex<Practice>, seen: &Seen) -> Reply {
    let mut request = http::Request::builder().method(seen.method.as_str()).uri(&seen.target);
    for (name, value) in &seen.headers {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from(seen.body.clone())).unwrap();
    let now_ms = SystemClock.now_ms();
    let response = practice.lock().unwrap().answer(request, now_ms).response.unwrap();
    let cookie = format!("glide_session={COOKIE}; Path=/; HttpOnly");
    let mut headers: Vec<(&str, &str)> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != http::header::CONTENT_LENGTH)
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    headers.push(("set-cookie", &cookie));
    Reply::with(response.status().as_u16(), &headers, response.body())
}
