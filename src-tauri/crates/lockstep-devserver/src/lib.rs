//! The pages in a plain browser over the real backend: for working on them with a browser's tools, and for tests that need
//! no window. Never shipped. It listens on loopback alone; whoever has the one-time token of its start gets the session, and
//! nobody after.

mod door;
mod files;
#[path = "../../../src/practice.rs"]
mod practice;
mod session;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::{fmt, io};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use lockstep_app::commands::{Desk, automatic};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::door::Door;
use crate::practice::Practice;
use crate::session::{Feed, NoDesktop, Session};

/// Where things are.
#[derive(Debug, Clone)]
pub struct Places {
    /// The store's folder.
    pub data: PathBuf,
    /// The built pages.
    pub pages: PathBuf,
}

/// A server at work.
pub struct Running {
    /// What to open in the browser, with the one-time token behind the hash.
    pub address: String,
    pub port: u16,
    stop: watch::Sender<bool>,
    practice: Arc<Practice>,
}

impl fmt::Debug for Running {
    // The address holds the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Running {
    /// Stops serving and keeps what the practice platforms hold.
    pub async fn shutdown(self) {
        // A failed send means that nothing listens any more.
        let _ = self.stop.send(true);
        self.practice.stop().await;
    }
}

/// Serves on 127.0.0.1, on any free port when `port` is 0.
pub async fn serve(places: Places, port: u16) -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let local: SocketAddr = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let practice = Arc::new(Practice::new(places.data.join("practice")));
    let feed = Arc::new(Feed::default());
    let (openings, mut opened) = tokio::sync::mpsc::unbounded_channel();
    let desk = Desk::new(places.data, practice.clone(), Arc::new(NoDesktop), move |app| {
        // Nobody waits any more where the server is ending.
        let _ = openings.send(app.clone());
    });
    let board = desk.board();
    tokio::spawn({
        let (board, feed) = (board.clone(), feed.clone());
        async move { board.tell(|told| feed.take(told)).await }
    });
    let ending = stopped.clone();
    tokio::spawn(async move {
        if let Some(app) = opened.recv().await {
            automatic::keep_watching(app, board, ending).await;
        }
    });
    let (session, token) = Session::new()?;
    let door = Arc::new(Door { desk, session, feed, pages: places.pages, host: local.to_string() });
    tokio::spawn(accept(listener, door, stopped));
    Ok(Running { address: format!("http://{local}/#token={token}"), port: local.port(), stop, practice })
}

async fn accept(listener: TcpListener, door: Arc<Door>, mut stopped: watch::Receiver<bool>) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    continue;
                }
            },
            _ = stopped.changed() => return,
        };
        let door = door.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let door = door.clone();
                async move { Ok::<_, std::convert::Infallible>(door.answer(request).await) }
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if let Err(error) = served {
                tracing::trace!(%error, "connection ended");
            }
        });
    }
}
