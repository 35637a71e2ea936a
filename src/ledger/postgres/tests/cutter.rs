//! Stands between a hub and its server, and cuts their connection at a commit: before the server hears
//! of it, or after, before the hub hears that it was done.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the message says that ends a transaction.
const COMMIT: &[u8] = b"COMMIT\0";

/// Where it is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    BeforeTheServerHears = 1,
    BeforeTheHubHears = 2,
}

/// The one in between.
pub(super) struct Cutter {
    port: u16,
    wanted: Arc<AtomicU8>,
    cuts: Arc<AtomicU32>,
    way: Arc<Mutex<Way>>,
}

/// What goes through, and whether anything may.
#[derive(Default)]
struct Way {
    closed: bool,
    connections: Vec<TcpStream>,
}

impl Cutter {
    pub(super) fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (wanted, cuts) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicU32::new(0)));
        let (in_hand, counted) = (Arc::clone(&wanted), Arc::clone(&cuts));
        let way = Arc::new(Mutex::new(Way::default()));
        let kept = Arc::clone(&way);
        thread::spawn(move || {
            for hub in listener.incoming().map_while(Result::ok) {
                let mut way = kept.lock().unwrap();
                // Where the server is gone, or nothing may go through, whoever comes is turned away.
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                if way.closed {
                    continue;
                }
                way.connections.extend([hub.try_clone().unwrap(), server.try_clone().unwrap()]);
                drop(way);
                let (back, forth) = (server.try_clone().unwrap(), hub.try_clone().unwrap());
                thread::spawn(move || carry(back, forth));
                let (wanted, cuts) = (Arc::clone(&in_hand), Arc::clone(&counted));
                thread::spawn(move || listen(hub, server, &wanted, &cuts));
            }
        });
        Self { port, wanted, cuts, way }
    }

    /// Cuts all that goes through, and lets nothing through.
    pub(super) fn close(&self) {
        let mut way = self.way.lock().unwrap();
        way.closed = true;
        for connection in way.connections.drain(..) {
            drop(connection.shutdown(Shutdown::Both));
        }
    }

    /// Lets things through again.
    pub(super) fn open(&self) {
        self.way.lock().unwrap().closed = false;
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Cuts at the next commit.
    pub(super) fn cut(&self, at: Cut) {
        self.wanted.store(at as u8, Ordering::SeqCst);
    }

    /// How often it has cut.
    pub(super) fn cuts(&self) -> u32 {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// Carries what the server says, to the end.
fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut some = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut some) {
        if to.write_all(&some[..length]).is_err() {
            return;
        }
    }
    drop(to.shutdown(Shutdown::Both));
}

/// Carries what the hub says, until it is time to cut. Such a short message comes in one piece.
fn listen(mut hub: TcpStream, mut server: TcpStream, wanted: &AtomicU8, cuts: &AtomicU32) {
    let mut some = [0; 8192];
    while let Ok(length @ 1..) = hub.read(&mut some) {
        let said = &some[..length];
        let cut = if said.windows(COMMIT.len()).any(|it| it == COMMIT) { wanted.swap(0, Ordering::SeqCst) } else { 0 };
        if cut != 0 {
            drop(hub.shutdown(Shutdown::Both));
            cuts.fetch_add(1, Ordering::SeqCst);
        }
        if cut == Cut::BeforeTheServerHears as u8 || server.write_all(said).is_err() {
            break;
        }
        if cut != 0 {
            // The server gets it done, and then notices.
            thread::sleep(Duration::from_millis(200));
            break;
        }
    }
    drop(server.shutdown(Shutdown::Both));
}
