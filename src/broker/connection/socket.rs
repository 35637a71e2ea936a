//! The socket that lapin reads and writes: ours, so that we can cut it at any time, and so that
//! what comes in passes [`Frames`] first.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use async_rs::traits::{Executor, Reactor, RuntimeKit};
use async_rs::util::Task;
use async_rs::{Runtime, Tokio};
use futures::io::{AsyncRead, AsyncWrite};
use futures::{FutureExt, Stream, TryFutureExt};
use tcp_stream::{AsyncTcpStream, OwnedTLSConfig};

use super::frames::Frames;

/// How much is read from the socket at once.
const READ: usize = 64 * 1024;

/// Cuts a connection's socket when it is dropped, whatever lapin is doing with it.
///
/// lapin has no way to give a connection up: while the broker blocks it, and while the other side
/// is silent, its thread, its socket and the frames it has queued live on, and are *sent* when the
/// broker comes back. And a connection attempt that is dropped leaves its thread behind for good.
/// A socket that is shut down ends all of that.
#[derive(Debug, Default)]
pub(super) struct Plug(Arc<Mutex<Wire>>);

#[derive(Debug, Default)]
struct Wire {
    /// A second handle to the connection's socket.
    socket: Option<TcpStream>,
    /// The plug has been pulled. A socket that comes later is cut at once.
    pulled: bool,
}

impl Plug {
    /// What the connector hands the socket to, once it has one.
    pub(super) fn outlet(&self) -> Outlet {
        Outlet(Arc::clone(&self.0))
    }

    /// Cuts the socket now.
    pub(super) fn pull(&self) {
        let mut wire = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wire.pulled = true;
        if let Some(socket) = wire.socket.take() {
            cut(&socket);
        }
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        self.pull();
    }
}

/// The connector's side of a [`Plug`].
#[derive(Debug, Clone)]
pub(super) struct Outlet(Arc<Mutex<Wire>>);

impl Outlet {
    fn connect(&self, socket: &impl AsFd) -> io::Result<()> {
        let socket: OwnedFd = socket.as_fd().try_clone_to_owned()?;
        let socket = TcpStream::from(socket);
        let mut wire = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wire.pulled {
            cut(&socket);
            return Err(io::ErrorKind::Interrupted.into());
        }
        wire.socket = Some(socket);
        Ok(())
    }
}

fn cut(socket: &TcpStream) {
    // It fails only where the other side has already ended the connection, which is as good.
    if let Err(error) = socket.shutdown(Shutdown::Both) {
        tracing::trace!(%error, "socket was closed already");
    }
}

/// Reaches the broker at one of the addresses its name stands for, and encrypts if `tls` says so,
/// within `limit`.
pub(super) async fn reach(
    place: Place,
    outlet: Outlet,
    limit: Duration,
    kit: &Runtime<Kit>,
) -> io::Result<AsyncTcpStream<Socket>> {
    let reaching = async {
        let addresses: Vec<_> = tokio::net::lookup_host((place.host.as_str(), place.port)).await?.collect();
        // One address that swallows everything must not use up the time for the others.
        let share = limit / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match within(share, kit.tcp_connect_addr(address)).await {
                Ok(socket) => {
                    let socket = socket.plugged_in(&outlet)?;
                    // Boxed: a handshake is a large future, and most connections of a hub have none.
                    return Box::pin(socket.encrypted(&place)).await.map(AsyncTcpStream::Plain);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    within(limit, reaching).await
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(limit, work).await.map_err(io::Error::from).flatten()
}

/// Where the broker is, as far as the socket must know.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<Encryption>,
}

/// How the connection is encrypted.
#[derive(Clone)]
pub(super) struct Encryption {
    pub(super) certificates: OwnedTLSConfig,
    pub(super) server_name: String,
}

impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The certificates hold our key.
        f.debug_struct("Encryption").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

type TokioSocket = <Tokio as Reactor>::TcpStream;

/// A connection to the broker, encrypted or not.
pub(super) struct Socket {
    inner: AsyncTcpStream<TokioSocket>,
    frames: Frames,
    /// Where reads land.
    landing: Box<[u8]>,
    /// What has passed [`Frames`] and was not yet read by lapin, from `given` on.
    passed: Vec<u8>,
    given: usize,
}

impl Socket {
    fn new(inner: AsyncTcpStream<TokioSocket>) -> Self {
        let landing = vec![0; READ].into_boxed_slice();
        Self { inner, frames: Frames::new(), landing, passed: Vec::new(), given: 0 }
    }

    fn plugged_in(self, outlet: &Outlet) -> io::Result<Self> {
        if let AsyncTcpStream::Plain(plain) = &self.inner {
            outlet.connect(plain.get_ref())?;
        }
        Ok(self)
    }

    async fn encrypted(self, place: &Place) -> io::Result<Self> {
        let Some(tls) = &place.tls else { return Ok(self) };
        let inner = self.inner.into_tls(&tls.server_name, tls.certificates.as_ref()).await?;
        // Built without the right feature, this would be the plain stream, and no error.
        if !matches!(inner, AsyncTcpStream::Rustls(_)) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Self::new(inner))
    }

    /// Gives out what is there, as far as it fits.
    fn give(&mut self, buffer: &mut [u8]) -> usize {
        let waiting = self.passed.get(self.given..).unwrap_or_default();
        let count = waiting.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), waiting.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        if self.given == self.passed.len() {
            self.passed.clear();
            self.given = 0;
        }
        count
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        loop {
            let given = this.give(buffer);
            if given > 0 {
                return Poll::Ready(Ok(given));
            }
            let count = ready!(Pin::new(&mut this.inner).poll_read(cx, &mut this.landing))?;
            if count == 0 {
                return Poll::Ready(Ok(0));
            }
            this.frames.feed(this.landing.get(..count).unwrap_or_default(), &mut this.passed);
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, buffers)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

/// Tokio as lapin wants a runtime, with our [`Socket`] for its own.
#[derive(Debug, Clone)]
pub(super) struct Kit(Tokio);

impl Kit {
    /// The runtime that we run in.
    pub(super) fn current() -> Runtime<Self> {
        Runtime::new(Self(Tokio::current()))
    }
}

impl RuntimeKit for Kit {}

impl Executor for Kit {
    type Task<T: Send + 'static> = <Tokio as Executor>::Task<T>;

    fn block_on<T, F: Future<Output = T>>(&self, f: F) -> T {
        self.0.block_on(f)
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(&self, f: F) -> Task<Self::Task<T>> {
        self.0.spawn(f)
    }

    fn spawn_blocking<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(&self, f: F) -> Task<Self::Task<T>> {
        self.0.spawn_blocking(f)
    }
}

impl Reactor for Kit {
    type TcpStream = Socket;
    type Sleep = <Tokio as Reactor>::Sleep;

    fn register<H: Read + Write + Send + 'static>(
        &self,
        _handle: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        // lapin makes its sockets with `tcp_connect_addr`, and has no other handles.
        Err::<Socket, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.0.interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<Self::TcpStream>> + Send + 'static {
        self.0.tcp_connect_addr(address).map_ok(|stream| Socket::new(AsyncTcpStream::Plain(stream))).boxed()
    }
}
