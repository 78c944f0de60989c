//! A server of a few lines that answers whatever a test wants, byte by byte, and remembers what it was sent. A canary is
//! one that nobody should ever call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Longest request taken, bytes.
const REQUEST_BYTES_MAX: usize = 4 << 20;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    /// Name in lower case, and value.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What to answer.
#[derive(Clone)]
pub enum Reply {
    /// These bytes, then the connection is closed.
    Bytes(Vec<u8>),
    /// The head, then the piece again and again.
    Forever { head: Vec<u8>, piece: Vec<u8>, pause_ms: u64 },
}

impl Reply {
    /// An answer with a length.
    pub fn with(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut bytes = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str("connection: close\r\n\r\n");
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(body);
        Reply::Bytes(bytes)
    }

    /// JSON.
    pub fn json(body: impl AsRef<[u8]>) -> Reply {
        Reply::with(200, &[("content-type", "application/json")], body.as_ref())
    }

    /// A redirect.
    pub fn redirect(status: u16, location: &str) -> Reply {
        Reply::with(status, &[("location", location)], b"")
    }
}

pub type Answer = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// A server that lives as long as the test's runtime.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Listens on `host`, on any free port when `port` is 0.
    pub async fn start(host: &str, port: u16, tls: Option<TlsAcceptor>, answer: Answer) -> Server {
        let listener = TcpListener::bind((host, port)).await.unwrap();
        let server = Server {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
            connections: Arc::default(),
        };
        let (seen, connections) = (server.seen.clone(), server.connections.clone());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (seen, answer, tls) = (seen.clone(), answer.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(socket, &seen, &answer).await,
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                serve(socket, &seen, &answer).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    /// A server that nobody should call; it would answer anything.
    pub async fn canary(host: &str, port: u16) -> Server {
        Server::start(host, port, None, Arc::new(|_| Reply::json("{}"))).await
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Fails when anybody called: not even a greeting is allowed.
    pub fn must_be_untouched(&self, when: &str) {
        assert_eq!((self.connections(), self.seen().len()), (0, 0), "{when}: {:#?}", self.seen());
    }
}

async fn serve(mut socket: impl AsyncRead + AsyncWrite + Unpin, seen: &Mutex<Vec<Seen>>, answer: &Answer) {
    let Some(request) = read(&mut socket).await else { return };
    let reply = answer(&request);
    seen.lock().unwrap().push(request);
    match reply {
        Reply::Bytes(bytes) => {
            let _ = socket.write_all(&bytes).await;
        }
        Reply::Forever { head, piece, pause_ms } => {
            if socket.write_all(&head).await.is_err() {
                return;
            }
            while socket.write_all(&piece).await.is_ok() && socket.flush().await.is_ok() {
                if pause_ms > 0 {
                    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                }
            }
        }
    }
    let _ = socket.shutdown().await;
}

async fn read(socket: &mut (impl AsyncRead + Unpin)) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if bytes.len() > REQUEST_BYTES_MAX || socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut body = bytes[head_end + 4..].to_vec();
    let mut request = Seen { method, target, headers, body: Vec::new() };
    let length: usize = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while body.len() < length.min(REQUEST_BYTES_MAX) {
        if socket.read_buf(&mut body).await.ok()? == 0 {
            break;
        }
    }
    request.body = body;
    Some(request)
}
