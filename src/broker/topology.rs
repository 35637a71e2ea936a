//! Which exchanges and queues there are, as data. Names hold no personal data: they come from
//! the configuration and show in every tool of the broker.

mod declare;

pub(super) use self::declare::declare;

/// What sources publish to. A direct exchange: the routing key is the source.
pub const IN: &str = "budstikke.in";
/// What the hub publishes deliveries to. A direct exchange: the routing key is the mailbox.
pub const OUT: &str = "budstikke.out";
/// Where the broker puts what the hub published and no queue wanted. Exchange and queue.
pub const UNROUTABLE: &str = "budstikke.unroutable";
/// Where the broker puts what it gave up on. Exchange and queue.
pub const DEAD: &str = "budstikke.dead";
/// The queue with the systems' receipts.
pub const RECEIPTS: &str = "in.receipts";
/// The queue with the answers to hospitals.
pub const VANS: &str = "out.vans";

/// How often the broker delivers a message before it gives up on it. A last belt only: the hub
/// parks a message at its third attempt, and a low limit here would punish its neighbours, as all
/// that was prefetched counts as delivered when a hub dies. It is set because `RabbitMQ` 4 would
/// otherwise set 20.
const DELIVERY_LIMIT: i64 = 1_000;

/// The same for the queues that have nowhere to give up to: no limit that is ever reached.
const NO_DELIVERY_LIMIT: i64 = 1_000_000_000;

/// Why a name cannot be part of a queue's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a queue: use 1 to 60 of a to z, 0 to 9 and -")]
pub struct BadName(String);

/// A receiving team: party and mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailbox<'a> {
    /// The party: `dragoer`.
    pub party: &'a str,
    /// The mailbox: `ydelse`.
    pub name: &'a str,
}

impl Mailbox<'_> {
    /// What a delivery to the mailbox is routed by: `dragoer.ydelse`.
    pub fn routing_key(&self) -> String {
        format!("{}.{}", self.party, self.name)
    }

    /// The mailbox's queue: `out.dragoer.ydelse`.
    pub fn queue(&self) -> String {
        mailbox_queue(&self.routing_key())
    }
}

/// The queue of a source: `in.cura`.
pub fn source_queue(source: &str) -> String {
    format!("in.{source}")
}

/// The queue of a mailbox, by its id: `out.dragoer.ydelse` of `dragoer/ydelse`.
pub fn mailbox_queue(mailbox: &str) -> String {
    format!("out.{}", mailbox.replace('/', "."))
}

/// All that the hub declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    exchanges: Vec<Exchange>,
    queues: Vec<Queue>,
    bindings: Vec<Binding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exchange {
    name: &'static str,
    kind: Kind,
    alternate: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Direct,
    Fanout,
}

/// A quorum queue.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Queue {
    name: String,
    /// One consumer at a time, the others wait: what keeps the order with several hubs.
    single_consumer: bool,
    /// Give up to [`DEAD`] at [`DELIVERY_LIMIT`], and keep the message until it is there.
    gives_up: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Binding {
    exchange: &'static str,
    queue: String,
    routing_key: String,
}

impl Topology {
    /// The topology for these sources and mailboxes. Names that repeat count once.
    pub fn new<'a>(
        sources: impl IntoIterator<Item = &'a str>,
        mailboxes: impl IntoIterator<Item = Mailbox<'a>>,
    ) -> Result<Self, BadName> {
        let mut topology = Self::common();
        for source in sources {
            check(source)?;
            topology.add(true, IN, source_queue(source), source.to_owned());
        }
        for mailbox in mailboxes {
            // A dot in a part would let two mailboxes share one queue.
            check(mailbox.party)?;
            check(mailbox.name)?;
            topology.add(false, OUT, mailbox.queue(), mailbox.routing_key());
        }
        Ok(topology)
    }

    /// Nothing: for a command that only uses what the hub has declared.
    pub fn none() -> Self {
        Self { exchanges: Vec::new(), queues: Vec::new(), bindings: Vec::new() }
    }

    /// What is there whatever the configuration says.
    fn common() -> Self {
        let exchange = |name, kind, alternate| Exchange { name, kind, alternate };
        let last_resort = |name: &str| Queue { name: name.to_owned(), single_consumer: true, gives_up: false };
        let binding =
            |name: &'static str| Binding { exchange: name, queue: name.to_owned(), routing_key: String::new() };
        let mut topology = Self {
            exchanges: vec![
                exchange(DEAD, Kind::Fanout, None),
                exchange(UNROUTABLE, Kind::Fanout, None),
                exchange(IN, Kind::Direct, None),
                exchange(OUT, Kind::Direct, Some(UNROUTABLE)),
            ],
            queues: vec![last_resort(DEAD), last_resort(UNROUTABLE)],
            bindings: vec![binding(DEAD), binding(UNROUTABLE)],
        };
        topology.add(true, IN, RECEIPTS.to_owned(), "receipts".to_owned());
        topology.add(false, OUT, VANS.to_owned(), "vans".to_owned());
        topology
    }

    fn add(&mut self, single_consumer: bool, exchange: &'static str, queue: String, routing_key: String) {
        if self.queues.iter().all(|known| known.name != queue) {
            self.queues.push(Queue { name: queue.clone(), single_consumer, gives_up: true });
            self.bindings.push(Binding { exchange, queue, routing_key });
        }
    }

    /// The names of all queues.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        self.queues.iter().map(|queue| queue.name.as_str())
    }
}

fn check(name: &str) -> Result<(), BadName> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let good = (1..=60).contains(&name.len()) && name.bytes().all(fits);
    if good { Ok(()) } else { Err(BadName(name.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YDELSE: Mailbox<'_> = Mailbox { party: "dragoer", name: "ydelse" };

    #[test]
    fn each_source_and_mailbox_has_its_queue() {
        let topology = Topology::new(["cura", "events"], [YDELSE]).unwrap();
        let queues: Vec<_> = topology.queues().collect();
        assert_eq!(queues, [DEAD, UNROUTABLE, RECEIPTS, VANS, "in.cura", "in.events", "out.dragoer.ydelse"]);
        assert_eq!(topology.bindings.len(), topology.queues.len());
        let bound = topology.bindings.last().unwrap();
        assert_eq!((bound.exchange, bound.routing_key.as_str()), (OUT, "dragoer.ydelse"));
    }

    #[test]
    fn a_name_that_repeats_counts_once() {
        let once = Topology::new(["cura"], [YDELSE]).unwrap();
        assert_eq!(Topology::new(["cura", "cura"], [YDELSE, YDELSE]).unwrap(), once);
        // Its queue is there anyway.
        assert_eq!(Topology::new(["cura", "receipts"], [YDELSE]).unwrap(), once);
    }

    #[test]
    fn no_two_mailboxes_can_share_a_queue() {
        let dotted = [Mailbox { party: "a.b", name: "c" }, Mailbox { party: "a", name: "b.c" }];
        assert_eq!(dotted[0].queue(), dotted[1].queue());
        for mailbox in dotted {
            assert!(Topology::new([], [mailbox]).is_err());
        }
    }

    #[test]
    fn only_plain_names_are_taken() {
        for name in ["", "Cura", "dragør", "a b", "a.b", "a#", &"x".repeat(61)] {
            assert_eq!(Topology::new([name], []), Err(BadName(name.to_owned())));
        }
    }
}
