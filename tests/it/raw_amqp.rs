//! A sender that speaks AMQP by hand, and so can send what no decent client would.

use budstikke::broker::topology;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Flags of the basic class's properties.
pub(crate) const MESSAGE_ID: u16 = 1 << 7;
pub(crate) const HEADERS: u16 = 1 << 13;

/// A connection with an open channel in confirm mode.
pub(crate) struct RawSender {
    socket: TcpStream,
}

impl RawSender {
    /// Logs in at `amqp://user:password@host:port/vhost`.
    pub(crate) async fn connect(address: &str) -> Self {
        let rest = address.strip_prefix("amqp://").expect("an address");
        let (login, place) = rest.rsplit_once('@').expect("a login");
        let (user, password) = login.split_once(':').expect("a password");
        let (place, vhost) = place.split_once('/').expect("a virtual host");
        let socket = TcpStream::connect(place).await.expect("the broker listens");
        let mut sender = Self { socket };
        sender.send(b"AMQP\x00\x00\x09\x01").await;
        sender.expect(10, 10).await;
        let login = long(format!("\0{user}\0{password}").as_bytes());
        sender.method(0, 10, 11, &[long(b""), short(b"PLAIN"), login, short(b"en_US")].concat()).await;
        sender.expect(10, 30).await;
        sender.method(0, 10, 31, &[0, 10, 0, 2, 0, 0, 0, 0]).await;
        sender.method(0, 10, 40, &[short(vhost.as_bytes()), short(b""), vec![0]].concat()).await;
        sender.expect(10, 41).await;
        sender.method(1, 20, 10, &short(b"")).await;
        sender.expect(20, 11).await;
        sender.method(1, 85, 10, &[0]).await;
        sender.expect(85, 11).await;
        sender
    }

    /// Publishes to the sources' exchange with these properties, and waits for the confirm.
    pub(crate) async fn publish(&mut self, routing_key: &[u8], flags: u16, properties: &[u8], body: &[u8]) {
        let exchange = short(topology::IN.as_bytes());
        self.method(1, 60, 40, &[vec![0, 0], exchange, short(routing_key), vec![0]].concat()).await;
        let size = (body.len() as u64).to_be_bytes();
        let header = [&[0, 60, 0, 0], size.as_slice(), &flags.to_be_bytes(), properties].concat();
        self.frame(2, 1, &header).await;
        self.frame(3, 1, body).await;
        self.expect(60, 80).await;
    }

    async fn method(&mut self, channel: u16, class: u16, method: u16, arguments: &[u8]) {
        let payload = [&class.to_be_bytes(), &method.to_be_bytes(), arguments].concat();
        self.frame(1, channel, &payload).await;
    }

    async fn frame(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        let size = u32::try_from(payload.len()).expect("a frame's size").to_be_bytes();
        let frame = [&[kind], channel.to_be_bytes().as_slice(), &size, payload, &[0xce]].concat();
        self.send(&frame).await;
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.expect("the broker reads");
    }

    async fn expect(&mut self, class: u16, method: u16) {
        let mut head = [0; 7];
        self.socket.read_exact(&mut head).await.expect("the broker answers");
        let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
        let mut payload = vec![0; size + 1];
        self.socket.read_exact(&mut payload).await.expect("the broker answers");
        let said = [u16::from_be_bytes([payload[0], payload[1]]), u16::from_be_bytes([payload[2], payload[3]])];
        assert_eq!(said, [class, method], "the broker said {:?}", String::from_utf8_lossy(&payload));
    }
}

pub(crate) fn short(bytes: &[u8]) -> Vec<u8> {
    let mut written = vec![u8::try_from(bytes.len()).expect("a short string")];
    written.extend_from_slice(bytes);
    written
}

pub(crate) fn long(bytes: &[u8]) -> Vec<u8> {
    let mut written = u32::try_from(bytes.len()).expect("a long string").to_be_bytes().to_vec();
    written.extend_from_slice(bytes);
    written
}
