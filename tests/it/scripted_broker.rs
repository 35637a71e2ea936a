//! A broker that answers by a script: what a real one does only when chance wants it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const FRAME_END: u8 = 0xCE;

/// Listens for one client, takes `publishes` messages from it, says that no queue took the one of
/// that name, and then acknowledges them one by one.
pub(crate) async fn returning_late(publishes: usize, returned: &str) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("amqp://guest:guest@{}/%2f", listener.local_addr().expect("an address"));
    let returned = returned.to_owned();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let (socket, _) = listener.accept().await.expect("a client");
        let mut client = Client { socket };
        client.open().await;
        for _ in 0..publishes {
            client.expect(60, 40).await;
        }
        client.returns(&returned).await;
        for tag in 1..=u64::try_from(publishes).expect("a number") {
            client.method(1, 60, 80, &[tag.to_be_bytes().as_slice(), &[0]].concat()).await;
        }
        // Until the client goes.
        drop(client.socket.read_to_end(&mut Vec::new()).await);
    });
    (address, serving)
}

/// Listens for clients, asks each for SASL EXTERNAL, notes with which mechanism and response it
/// logs in, and ends the connection.
pub(crate) async fn refusing_logins() -> (String, mpsc::Receiver<(String, String)>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("amqp://{}/BF?auth_mechanism=external", listener.local_addr().expect("an address"));
    let (logins, seen) = mpsc::channel(16);
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let mut client = Client { socket };
            let Some(login) = client.login().await else { continue };
            if logins.send(login).await.is_err() {
                return;
            }
        }
    });
    (address, seen, serving)
}

struct Client {
    socket: TcpStream,
}

impl Client {
    /// A connection and a channel in confirm mode.
    async fn open(&mut self) {
        self.socket.read_exact(&mut [0; 8]).await.expect("the protocol's header");
        let start = [&[0, 9, 0, 0, 0, 0], long("PLAIN").as_slice(), &long("en_US")].concat();
        self.method(0, 10, 10, &start).await;
        self.expect(10, 11).await;
        self.method(0, 10, 30, &[0, 0, 0, 2, 0, 0, 0, 0]).await;
        self.expect(10, 40).await;
        self.method(0, 10, 41, &[0]).await;
        self.expect(20, 10).await;
        self.method(1, 20, 11, &long("")).await;
        self.expect(85, 10).await;
        self.method(1, 85, 11, &[]).await;
    }

    /// The mechanism and the response of a login; `None` where the client goes before.
    async fn login(&mut self) -> Option<(String, String)> {
        self.socket.read_exact(&mut [0; 8]).await.ok()?;
        let start = [&[0, 9, 0, 0, 0, 0], long("EXTERNAL").as_slice(), &long("en_US")].concat();
        self.method(0, 10, 10, &start).await;
        let mut head = [0; 7];
        self.socket.read_exact(&mut head).await.ok()?;
        let [_, _, _, length @ ..] = head;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes(length)).ok()? + 1];
        self.socket.read_exact(&mut payload).await.ok()?;
        // Class and method, then the client's properties, the mechanism and the response.
        let (properties, rest) = split(payload.get(4..)?, 4)?;
        drop(properties);
        let (mechanism, rest) = split(&rest, 1)?;
        let (response, _) = split(&rest, 4)?;
        Some((String::from_utf8(mechanism).ok()?, String::from_utf8(response).ok()?))
    }

    /// Gives a message back, with its id and no body.
    async fn returns(&mut self, message_id: &str) {
        let why = [312_u16.to_be_bytes().as_slice(), &short("NO_ROUTE"), &short(""), &short("nowhere")].concat();
        self.method(1, 60, 50, &why).await;
        let flags = (1_u16 << 7).to_be_bytes();
        let header = [&[0, 60, 0, 0], 0_u64.to_be_bytes().as_slice(), &flags, &short(message_id)].concat();
        self.frame(HEADER, 1, &header).await;
    }

    async fn method(&mut self, channel: u16, class: u16, method: u16, arguments: &[u8]) {
        let payload = [class.to_be_bytes().as_slice(), &method.to_be_bytes(), arguments].concat();
        self.frame(METHOD, channel, &payload).await;
    }

    async fn frame(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
        let frame = [&[kind], channel.to_be_bytes().as_slice(), &length, payload, &[FRAME_END]].concat();
        self.socket.write_all(&frame).await.expect("the client listens");
    }

    /// Reads until that method comes.
    async fn expect(&mut self, class: u16, method: u16) {
        let wanted = [class.to_be_bytes(), method.to_be_bytes()].concat();
        loop {
            let mut head = [0; 7];
            self.socket.read_exact(&mut head).await.expect("a frame");
            let [kind, _, _, length @ ..] = head;
            let mut rest = vec![0; usize::try_from(u32::from_be_bytes(length)).expect("a length") + 1];
            self.socket.read_exact(&mut rest).await.expect("the rest of the frame");
            if kind == METHOD && rest.starts_with(&wanted) {
                return;
            }
        }
    }
}

fn short(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).expect("a short text")], text.as_bytes()].concat()
}

fn long(text: &str) -> Vec<u8> {
    [u32::try_from(text.len()).expect("a text").to_be_bytes().as_slice(), text.as_bytes()].concat()
}

/// What stands behind a length of so many bytes, and what is behind that.
fn split(bytes: &[u8], width: usize) -> Option<(Vec<u8>, Vec<u8>)> {
    let length = bytes.get(..width)?.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    let text = bytes.get(width..width + length)?;
    Some((text.to_vec(), bytes.get(width + length..)?.to_vec()))
}
