//! A receiver by HTTP of our own, byte by byte, so that it can be slow, wrong, flapping and lying.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::authority::Authority;
use crate::wait;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// By their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The id by which a repeat is known.
    pub(crate) fn id(&self) -> &str {
        self.header("idempotency-key")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What the receiver does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Answers as it should.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Writes this, and closes.
    Raw(Vec<u8>),
    /// Closes without a word.
    Cut,
    /// Says no more, and keeps the connection; the second half is still heard.
    HalfClose,
    /// Never says anything.
    Hang,
}

impl Act {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), String::new())
    }

    pub(crate) fn redirect(status: u16, to: impl Into<String>) -> Self {
        Self::Answer(status, vec![("location", to.into())], String::new())
    }

    pub(crate) fn busy(status: u16, after: &str) -> Self {
        Self::Answer(status, vec![("retry-after", after.to_owned())], String::new())
    }
}

type Script = Box<dyn FnMut(&Asked) -> Act + Send>;

/// A receiver at work on a port of its own.
#[derive(Debug)]
pub(crate) struct Receiver {
    port: u16,
    scheme: &'static str,
    desk: Arc<Desk>,
    _work: JoinSet<()>,
}

struct Desk {
    asked: Mutex<Vec<Asked>>,
    script: Mutex<Script>,
    /// Connections are reset, not closed.
    resets: AtomicBool,
    /// Requests that are being looked at, and the most at one time.
    now: AtomicUsize,
    most: AtomicUsize,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Desk({} asked)", self.asked.lock().unwrap_or_else(PoisonError::into_inner).len())
    }
}

impl Receiver {
    /// One that is spoken to in plain.
    pub(crate) async fn start(script: impl FnMut(&Asked) -> Act + Send + 'static) -> Self {
        Self::with(None, script).await
    }

    /// One that shows a certificate of `own`, and asks for one of `wanted`.
    pub(crate) async fn encrypted(
        own: &Authority,
        wanted: Option<&Authority>,
        script: impl FnMut(&Asked) -> Act + Send + 'static,
    ) -> Self {
        let builder = match wanted {
            Some(wanted) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from_pem_file(wanted.file("authority.pem")).expect("PEM")).expect("a root");
                let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("a verifier");
                ServerConfig::builder().with_client_cert_verifier(verifier)
            }
            None => ServerConfig::builder().with_no_client_auth(),
        };
        let certificate = CertificateDer::from_pem_file(own.file("broker.pem")).expect("PEM");
        let key = PrivateKeyDer::from_pem_file(own.file("broker-key.pem")).expect("PEM");
        let config = builder.with_single_cert(vec![certificate], key).expect("they belong together");
        Self::with(Some(TlsAcceptor::from(Arc::new(config))), script).await
    }

    async fn with(tls: Option<TlsAcceptor>, script: impl FnMut(&Asked) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().map(|it: SocketAddr| it.port()).expect("a port");
        let desk = Arc::new(Desk {
            asked: Mutex::default(),
            script: Mutex::new(Box::new(script)),
            resets: AtomicBool::new(false),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let mut work = JoinSet::new();
        work.spawn(listen(listener, tls, Arc::clone(&desk)));
        Self { port, scheme, desk, _work: work }
    }

    /// Its address, by number.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.scheme, self.port)
    }

    /// Its address, by a name that must be looked up.
    pub(crate) fn named(&self, path: &str) -> String {
        format!("{}://localhost:{}{path}", self.scheme, self.port)
    }

    /// What it does from now on.
    pub(crate) fn does(&self, script: impl FnMut(&Asked) -> Act + Send + 'static) {
        *self.desk.script.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(script);
    }

    /// New connections are reset when they end, from now on.
    pub(crate) fn resets(&self) {
        self.desk.resets.store(true, Ordering::SeqCst);
    }

    /// Everything that came, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.desk.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so much came, or more.
    pub(crate) async fn has(&self, count: usize) -> Vec<Asked> {
        let what = format!("{count} requests have come");
        wait::until(&what, async || Some(self.asked()).filter(|asked| asked.len() >= count)).await
    }

    /// The most that were looked at at one time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.desk.most.load(Ordering::SeqCst)
    }
}

async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, desk: Arc<Desk>) {
    let mut open = JoinSet::new();
    loop {
        let Ok((socket, _)) = listener.accept().await else { continue };
        if desk.resets.load(Ordering::SeqCst) {
            socket.set_zero_linger().expect("a socket");
        }
        let (tls, desk) = (tls.clone(), Arc::clone(&desk));
        open.spawn(async move {
            match tls {
                None => serve(socket, &desk).await,
                Some(tls) => match tls.accept(socket).into_fallible().await {
                    Ok(socket) => serve(socket, &desk).await,
                    Err((_refused, socket)) => refuse(socket).await,
                },
            }
        });
    }
}

/// Ends a connection whose certificate is refused so that the other side reads why: a socket that is
/// closed with something unread in it is reset, and the reset may overtake the alert.
async fn refuse(mut socket: TcpStream) {
    let mut unread = [0; 4096];
    if socket.shutdown().await.is_ok() {
        while socket.read(&mut unread).await.is_ok_and(|read| read > 0) {}
    }
}

async fn serve(mut socket: impl AsyncRead + AsyncWrite + Unpin, desk: &Desk) {
    while let Some(asked) = read(&mut socket).await {
        let now = desk.now.fetch_add(1, Ordering::SeqCst) + 1;
        desk.most.fetch_max(now, Ordering::SeqCst);
        let act = {
            let mut script = desk.script.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever sees the request in the list knows that the script has seen it.
            let act = script(&asked);
            desk.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
            act
        };
        let goes_on = perform(&mut socket, act).await;
        desk.now.fetch_sub(1, Ordering::SeqCst);
        if !goes_on {
            return;
        }
    }
}

/// Whether the connection goes on.
async fn perform(socket: &mut (impl AsyncRead + AsyncWrite + Unpin), act: Act) -> bool {
    match act {
        Act::Answer(status, headers, body) => {
            let headers: Vec<String> =
                headers.into_iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let (headers, length) = (headers.concat(), body.len());
            let answer = format!("HTTP/1.1 {status} .\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
            socket.write_all(answer.as_bytes()).await.is_ok()
        }
        Act::Raw(bytes) => {
            // The other side may have had enough of it.
            drop(socket.write_all(&bytes).await);
            drop(socket.shutdown().await);
            false
        }
        Act::Cut => false,
        Act::HalfClose => {
            drop(socket.shutdown().await);
            hear(socket).await
        }
        Act::Hang => hear(socket).await,
    }
}

/// Waits until the other side has had enough.
async fn hear(socket: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut heard = [0; 1024];
    while socket.read(&mut heard).await.is_ok_and(|count| count > 0) {}
    false
}

/// The next request; `None` where the connection ends.
async fn read(socket: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).expect("a head is text");
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: BTreeMap<String, String> = lines.filter_map(header).collect();
    let length = headers.get("content-length").map_or(0, |it| it.parse().expect("a length"));
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    Some(Asked { method: first.next()?, path: first.next()?, headers, body })
}
