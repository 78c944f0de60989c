//! The HTTP skin over a [`Practice`]: sockets, pauses, and connections that are really cut.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Sleep;

use crate::practice::{Cut, Delivery, Pace, Practice};
use crate::stand_in::respond;

/// Larger request bodies are answered with 413.
pub const REQUEST_BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long open connections may finish after [`Running::shutdown`].
const SHUTDOWN_GRACE_MS: u64 = 2_000;

/// A practice platform that is being served.
#[derive(Debug)]
pub struct Running {
    /// The origin it is reached at, without a slash at the end: `http://127.0.0.1:40123`.
    pub url: String,
    /// Its port.
    pub port: u16,
    /// What is served, for faults and a look from inside the same process.
    pub practice: Arc<Mutex<Practice>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Stops listening, lets open requests finish for a moment, and closes all connections.
    pub async fn shutdown(self) {
        // A failed send means that the task has already ended.
        let _ = self.stop.send(true);
        if let Err(error) = self.task.await {
            tracing::warn!(%error, "the practice server did not end well");
        }
    }
}

/// Locks a practice platform; one that a panic left behind is used on, for its state is still whole.
pub fn lock(practice: &Mutex<Practice>) -> MutexGuard<'_, Practice> {
    practice.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The true time in milliseconds since 1970: the one place where this crate reads a clock.
#[expect(clippy::disallowed_methods, reason = "the server is the practice platforms' clock port")]
pub fn true_now_ms() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// Serves a practice platform on 127.0.0.1, on any free port when `port` is 0, until [`Running::shutdown`].
pub async fn serve(practice: Arc<Mutex<Practice>>, port: u16) -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address: SocketAddr = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a practice platform listens on loopback only",
        ));
    }
    let url = format!("http://{address}");
    lock(&practice).platform.set_origin(&url);
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(accept(listener, Arc::clone(&practice), stopped));
    Ok(Running { url, port: address.port(), practice, stop, task })
}

async fn accept(listener: TcpListener, practice: Arc<Mutex<Practice>>, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&practice), stopped.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            _ = stopped.changed() => break,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_millis(SHUTDOWN_GRACE_MS), finish).await.is_err() {
        connections.shutdown().await;
    }
}

async fn converse(stream: TcpStream, practice: Arc<Mutex<Practice>>, mut stopped: watch::Receiver<bool>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off Nagle's algorithm");
    }
    let service = service_fn(|request| serve_one(request, &practice));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "connection ended");
    }
}

async fn serve_one(
    request: Request<Incoming>,
    practice: &Mutex<Practice>,
) -> Result<Response<Answer>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = if body.is_end_stream() {
        Bytes::new()
    } else {
        match Limited::new(body, REQUEST_BODY_BYTES_MAX).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                let refusal =
                    respond(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "The request body is too large.");
                return Ok(refusal.map(Answer::whole));
            }
            Err(_) => return Err(Dropped),
        }
    };
    let delivery = lock(practice).answer(Request::from_parts(parts, body), true_now_ms());
    deliver(delivery).await
}

async fn deliver(delivery: Delivery) -> Result<Response<Answer>, Dropped> {
    if delivery.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(delivery.delay_ms)).await;
    }
    let response = delivery.response.ok_or(Dropped)?;
    let cut = match delivery.cut {
        None => None,
        Some(Cut::InBody(bytes)) => Some(bytes),
        Some(Cut::Before | Cut::After) => return Err(Dropped),
    };
    Ok(response.map(|body| Answer { pace: delivery.pace, ..Answer::cut(body, cut) }))
}

/// Ends the connection without (the rest of) an answer: hyper closes the socket on a service or body error.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the practice platform cut the connection")
    }
}

impl std::error::Error for Dropped {}

/// An answer's body: at once, in pieces, or broken off.
struct Answer {
    rest: Bytes,
    /// Announced length, which a cut body does not keep.
    announced: u64,
    breaks: bool,
    pace: Option<Pace>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Answer {
    fn whole(body: Bytes) -> Self {
        Self::cut(body, None)
    }

    fn cut(body: Bytes, keep: Option<usize>) -> Self {
        let announced = body.len() as u64;
        let rest = keep.map_or(body.clone(), |keep| body.slice(..keep.min(body.len())));
        Self { rest, announced, breaks: keep.is_some(), pace: None, pause: None }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if self.rest.is_empty() {
            return Poll::Ready(self.breaks.then_some(Err(Dropped)));
        }
        let piece = match self.pace {
            Some(pace) => {
                let length = pace.chunk_bytes.min(self.rest.len());
                self.pause = Some(Box::pin(tokio::time::sleep(Duration::from_millis(pace.every_ms))));
                self.rest.split_to(length)
            }
            None if self.breaks => {
                // A pause lets what was written reach the client before the connection breaks.
                self.pause = Some(Box::pin(tokio::time::sleep(Duration::from_millis(1))));
                std::mem::take(&mut self.rest)
            }
            None => std::mem::take(&mut self.rest),
        };
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && !self.breaks
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(if self.breaks { self.announced } else { self.rest.len() as u64 })
    }
}
