//! The door: as many connections as there is room for, and none that only stands there. The next
//! one waits until one has ended.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;

/// How many connections there are at most: the broker's and the ledger's shall not want for one.
const VISITORS: usize = 512;

/// How long it may take until a request's head is there, from when we listen for one. So long, too,
/// a connection is kept on which nothing is asked.
const READING: Duration = Duration::from_secs(10);

/// How long somebody may take nothing of what they asked for.
const TAKING: Duration = Duration::from_secs(30);

/// The largest head, in bytes: addresses and cookies are short here.
const HEAD: usize = 32 * 1024;

/// How long we wait where the machine gives no connection: it has no files left.
const RECOVERY: Duration = Duration::from_secs(1);

/// Where a request comes from, as the machine sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// A listener with so much room.
#[derive(Debug)]
pub(super) struct Door {
    listener: TcpListener,
    room: Arc<Semaphore>,
}

impl Door {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, room: Arc::new(Semaphore::new(VISITORS)) }
    }

    /// Lets people in until the hub stops, and waits until what is under way has ended.
    pub(super) async fn serve(self, pages: Router, stop: CancellationToken) {
        let mut guests = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = guests.join_next(), if !guests.is_empty() => {}
                (guest, peer) = self.next() => drop(guests.spawn(receive(guest, peer, pages.clone(), stop.clone()))),
            }
        }
        drop(self.listener);
        while guests.join_next().await.is_some() {}
    }

    /// The next one, when there is room.
    async fn next(&self) -> (Guest, Peer) {
        loop {
            // The room is never closed.
            let place = Arc::clone(&self.room).acquire_owned().await.ok();
            match self.listener.accept().await {
                Ok((socket, address)) => return (Guest { socket, stuck: None, _place: place }, Peer(address)),
                Err(error) if is_theirs(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "the console cannot take a connection");
                    tokio::time::sleep(RECOVERY).await;
                }
            }
        }
    }
}

/// Whether it was the other side that gave up.
fn is_theirs(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers what is asked on a connection, until it ends or the hub stops.
async fn receive(guest: Guest, peer: Peer, pages: Router, stop: CancellationToken) {
    let pages = TowerToHyperService::new(pages);
    let answer = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        pages.call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(READING).max_buf_size(HEAD);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(guest), answer));
    // How it ended is nobody's business: most often somebody has closed a page.
    tokio::select! {
        ended = connection.as_mut() => return drop(ended),
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(connection.await);
}

/// A connection, and its place.
#[derive(Debug)]
struct Guest {
    socket: TcpStream,
    /// Runs while they take nothing.
    stuck: Option<Pin<Box<Sleep>>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Guest {
    fn soon<T>(&mut self, taken: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if taken.is_ready() {
            self.stuck = None;
            return taken;
        }
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(tokio::time::sleep(TAKING)));
        stuck.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Guest {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Guest {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let taken = Pin::new(&mut self.socket).poll_write(cx, buf);
        self.soon(taken, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let taken = Pin::new(&mut self.socket).poll_flush(cx);
        self.soon(taken, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let taken = Pin::new(&mut self.socket).poll_shutdown(cx);
        self.soon(taken, cx)
    }
}
