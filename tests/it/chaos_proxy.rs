//! A TCP proxy between the hub and the broker that can do what networks do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What happens to the bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// They pass.
    Open,
    /// They go nowhere, and nobody is told. When the way is open again, they arrive.
    BlackHole,
    /// They pass this much later.
    Late(Duration),
    /// They pass one by one.
    Sliced,
    /// So many pass on each connection, then it is reset.
    Limited(usize),
}

#[derive(Debug, Clone, Copy)]
struct Weather {
    to_broker: Way,
    to_hub: Way,
    /// Connections of an earlier era are over.
    era: usize,
    /// They end with a reset, not in order.
    reset: bool,
}

/// The proxy. It ends, with all its connections, when it is dropped.
#[derive(Debug)]
pub(crate) struct ChaosProxy {
    port: u16,
    weather: watch::Sender<Weather>,
    accepted: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl ChaosProxy {
    /// A proxy to this port of this machine.
    pub(crate) async fn to(broker: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let fair = Weather { to_broker: Way::Open, to_hub: Way::Open, era: 0, reset: false };
        let (weather, _) = watch::channel(fair);
        let accepted = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, broker, weather.clone(), Arc::clone(&accepted)));
        Self { port, weather, accepted, _tasks: tasks }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many connections there have been.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// What happens from now on in both directions.
    pub(crate) fn both_ways(&self, way: Way) {
        self.weather.send_modify(|weather| (weather.to_broker, weather.to_hub) = (way, way));
    }

    pub(crate) fn to_broker(&self, way: Way) {
        self.weather.send_modify(|weather| weather.to_broker = way);
    }

    pub(crate) fn to_hub(&self, way: Way) {
        self.weather.send_modify(|weather| weather.to_hub = way);
    }

    /// Ends all connections that there are.
    pub(crate) fn cut(&self) {
        self.end(false);
    }

    /// Ends all connections that there are, with a reset: what was on its way is lost.
    pub(crate) fn reset(&self) {
        self.end(true);
    }

    fn end(&self, reset: bool) {
        self.weather.send_modify(|weather| {
            weather.era += 1;
            weather.reset = reset;
        });
    }
}

async fn accept(listener: TcpListener, broker: u16, weather: watch::Sender<Weather>, accepted: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((hub, _)) = listener.accept().await else { continue };
        accepted.fetch_add(1, Ordering::SeqCst);
        // A broker that is down is a connection that ends at once.
        let Ok(broker) = TcpStream::connect(("127.0.0.1", broker)).await else { continue };
        connections.spawn(connection(hub, broker, weather.subscribe()));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(mut hub: TcpStream, mut broker: TcpStream, weather: watch::Receiver<Weather>) {
    for socket in [&hub, &broker] {
        socket.set_nodelay(true).expect("a socket can be told not to wait");
    }
    let (from_hub, to_hub) = hub.split();
    let (from_broker, to_broker) = broker.split();
    // Where one direction has ended, so has the other: neither side of AMQP closes by halves.
    let reset = tokio::select! {
        reset = pipe(from_hub, to_broker, weather.clone(), |weather| weather.to_broker) => reset,
        reset = pipe(from_broker, to_hub, weather.clone(), |weather| weather.to_hub) => reset,
    };
    if reset {
        for socket in [&hub, &broker] {
            socket.set_zero_linger().expect("a socket can be told to reset");
        }
    }
}

/// Carries bytes from one socket to the other until the connection ends. Whether with a reset.
async fn pipe(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut weather: watch::Receiver<Weather>,
    way: fn(&Weather) -> Way,
) -> bool {
    let era = weather.borrow().era;
    let mut passed = 0;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let now = *weather.borrow_and_update();
        if now.era != era {
            return now.reset;
        }
        let count = tokio::select! {
            changed = weather.changed() => {
                if changed.is_err() { return false }
                continue;
            }
            count = from.read(&mut buffer), if way(&now) != Way::BlackHole => count,
        };
        let Ok(count @ 1..) = count else { return false };
        match forward(&mut to, &buffer[..count], way(&now), &mut passed).await {
            Ok(true) => {}
            Ok(false) => return true,
            Err(_) => return false,
        }
    }
}

/// Whether the connection goes on.
async fn forward(to: &mut WriteHalf<'_>, bytes: &[u8], way: Way, passed: &mut usize) -> std::io::Result<bool> {
    match way {
        Way::Open | Way::BlackHole => to.write_all(bytes).await?,
        Way::Late(delay) => {
            tokio::time::sleep(delay).await;
            to.write_all(bytes).await?;
        }
        Way::Sliced => {
            for byte in bytes.chunks(1) {
                to.write_all(byte).await?;
            }
        }
        Way::Limited(limit) => {
            let left = limit.saturating_sub(*passed);
            let fits = left.min(bytes.len());
            to.write_all(&bytes[..fits]).await?;
            *passed += fits;
            return Ok(fits == bytes.len());
        }
    }
    Ok(true)
}
