//! The socket that lapin reads and writes: ours, so that what comes in passes [`Frames`] first.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_rs::Tokio;
use async_rs::traits::Reactor;
use futures::io::{AsyncRead, AsyncWrite};
use tcp_stream::AsyncTcpStream;

use super::frames::Frames;
use super::plug::Outlet;
use super::reach::Encryption;

/// How much is read from the socket at once.
const READ: usize = 64 * 1024;

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
    pub(super) fn plain(socket: TokioSocket) -> Self {
        Self::new(AsyncTcpStream::Plain(socket))
    }

    fn new(inner: AsyncTcpStream<TokioSocket>) -> Self {
        let landing = vec![0; READ].into_boxed_slice();
        Self { inner, frames: Frames::new(), landing, passed: Vec::new(), given: 0 }
    }

    /// Gives a hand on itself to the one who may cut it.
    pub(super) fn plugged_in(self, outlet: &Outlet) -> io::Result<Self> {
        if let AsyncTcpStream::Plain(plain) = &self.inner {
            outlet.connect(plain.get_ref())?;
        }
        Ok(self)
    }

    /// Makes an encrypted connection of a plain one.
    pub(super) async fn encrypted(self, tls: &Encryption) -> io::Result<Self> {
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
