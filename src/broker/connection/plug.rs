//! A hand on the socket, whatever lapin is doing with it.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

/// Cuts a connection's socket, at the latest when it is dropped.
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
    /// Takes a hand on the socket. It fails if the plug has been pulled before the socket was there.
    pub(super) fn connect(&self, socket: &impl AsFd) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;

    use super::*;

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (ours, listener.accept().unwrap().0)
    }

    #[test]
    fn a_socket_is_cut_though_somebody_still_holds_it() {
        let (ours, mut theirs) = pair();
        let plug = Plug::default();
        plug.outlet().connect(&ours).unwrap();
        drop(plug);
        assert_eq!(theirs.read(&mut [0]).unwrap(), 0);
        drop(ours);
    }

    #[test]
    fn a_socket_that_comes_too_late_is_cut_at_once() {
        let (ours, mut theirs) = pair();
        let plug = Plug::default();
        let outlet = plug.outlet();
        plug.pull();
        assert!(outlet.connect(&ours).is_err());
        assert_eq!(theirs.read(&mut [0]).unwrap(), 0);
    }
}
