//! What the page of operations shows, made of what was seen: whether everything is all right, what
//! is not, and a line for each source and mailbox.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::names::way;
use super::super::pulse::Rhythm;
use super::super::words::{age, clock, count, several, size};
use super::problems::{Problem, problems};
use crate::broker::{Depth, State};
use crate::ledger::balance::Balance;
use crate::ledger::overview::{Backlog, ParkedGroup, Paused};
use crate::telemetry::health::Trouble;
use crate::telemetry::nodes::{Node, View};
use crate::telemetry::room::Room;

/// What was seen at one time.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) broker: Option<State>,
    pub(super) ledger: Option<Trouble>,
    /// How much room the ledger has.
    pub(super) room: Option<Room>,
    /// The broker's nodes.
    pub(super) nodes: View,
    /// The brokers of others' that the hub takes from.
    pub(super) foreign: Vec<(String, State)>,
    /// The services that the hub asks, each with what is wrong with it.
    pub(super) services: BTreeMap<String, Option<Trouble>>,
    /// The ways to mailboxes that somebody must mend.
    pub(super) broken: BTreeMap<(String, &'static str), Trouble>,
    pub(super) balance: Option<Balance>,
    pub(super) parked: Vec<ParkedGroup>,
    /// Duties past their day, by the name of whose they are.
    pub(super) late: BTreeMap<String, u32>,
    /// What people have paused: a source, a mailbox or a channel.
    pub(super) paused: BTreeMap<String, Paused>,
    pub(super) sources: Vec<Source>,
    pub(super) mailboxes: Vec<Mailbox>,
}

/// A source, as it was seen.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) depth: Option<Depth>,
    /// Since when what lies in its queue has been there, at least.
    pub(super) oldest: Option<Timestamp>,
    /// Whether it comes by no queue: what people raise here.
    pub(super) queueless: bool,
    pub(super) rhythm: Rhythm,
}

impl Source {
    /// How many wait that nobody reads; none where somebody does, or nobody can know.
    pub(super) fn unread(&self) -> Option<u32> {
        self.depth.filter(|depth| depth.consumers == 0).map(|depth| depth.messages)
    }
}

/// A mailbox and one way to it, as it was seen.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) channel: String,
    pub(super) depth: Option<Depth>,
    /// When the oldest message was sent that lies in its queue.
    pub(super) oldest: Option<Timestamp>,
    pub(super) rhythm: Rhythm,
    pub(super) backlog: Option<Backlog>,
}

/// For how long something may lie in a queue that nobody reads before that is worth a look.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

impl Mailbox {
    /// What was paused that holds it: the mailbox, or all that goes its way.
    fn paused_by<'a>(&self, paused: &'a BTreeMap<String, Paused>) -> Option<&'a str> {
        let held = |target: &String| paused.get_key_value(target).map(|(target, _)| target.as_str());
        held(&self.id).or_else(|| held(&self.channel))
    }

    /// Since when something lies there that nobody fetches, where that is too long.
    pub(super) fn unfetched(&self, now: Timestamp) -> Option<Timestamp> {
        let nobody = self.depth.is_some_and(|depth| depth.messages > 0 && depth.consumers == 0);
        self.oldest.filter(|oldest| nobody && now.duration_since(*oldest) > PATIENCE)
    }

    /// What was tried and is not there.
    pub(super) fn delayed(&self) -> Option<&Backlog> {
        self.backlog.as_ref().filter(|it| it.attempts > 0 && it.waiting > 0)
    }
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    Good,
    Watch,
    Bad,
}

impl Tone {
    /// What is said before it, for those who do not see the colour.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Good | Self::Watch => "",
            Self::Bad => "Fejl: ",
        }
    }

    /// The name by which the page's style knows it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Good => "god",
            Self::Watch => "obs",
            Self::Bad => "fejl",
        }
    }
}

/// A line of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) name: String,
    /// On what way, where that is not the usual one.
    pub(super) beside: String,
    pub(super) tone: Tone,
    /// How it stands, in a word or two.
    pub(super) state: String,
    pub(super) depth: String,
    pub(super) oldest: String,
    pub(super) lately: String,
    /// The last hour, as the points of a curve of 60 × 16.
    pub(super) curve: String,
    pub(super) consumers: String,
    pub(super) last: String,
    pub(super) waiting: String,
    pub(super) parked: String,
    /// What must be resumed for it to go on.
    pub(super) paused: Option<String>,
}

/// The page.
#[derive(Debug)]
pub(super) struct Drift {
    pub(super) at: String,
    pub(super) tone: Tone,
    pub(super) verdict: String,
    pub(super) problems: Vec<Problem>,
    pub(super) sources: Vec<Line>,
    pub(super) mailboxes: Vec<Line>,
    /// The broker, its nodes and the ledger.
    pub(super) engine: Vec<(String, String)>,
    pub(super) balance: Vec<(&'static str, String)>,
}

impl Drift {
    /// The page of what was seen at `now`.
    pub(super) fn of(seen: &Seen, now: Timestamp) -> Self {
        let mut problems = problems(seen, now);
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.tone));
        let sources: Vec<Line> = seen.sources.iter().map(|source| of_source(source, seen, now)).collect();
        let mailboxes: Vec<Line> = seen.mailboxes.iter().map(|mailbox| of_mailbox(mailbox, seen, now)).collect();
        // Nothing on the page is worse than what its first line says.
        let lines = sources.iter().chain(&mailboxes).map(|line| line.tone);
        let tone = problems.iter().map(|problem| problem.tone).chain(lines).max().unwrap_or(Tone::Good);
        let verdict = match (tone, problems.len()) {
            (Tone::Good, _) => "Alt kører".to_owned(),
            (Tone::Watch, n) => format!("Kører, men {} at se på", several(as_count(n), "ting", "ting")),
            (Tone::Bad, n) => format!("Noget er galt: {}", several(as_count(n), "problem", "problemer")),
        };
        Self {
            at: clock(now, now),
            tone,
            verdict,
            problems,
            sources,
            mailboxes,
            engine: engine(seen, now),
            balance: seen.balance.as_ref().map(balance).unwrap_or_default(),
        }
    }
}

/// The broker, its nodes and the ledger. What nobody can see is not shown as good.
fn engine(seen: &Seen, now: Timestamp) -> Vec<(String, String)> {
    let broker = match seen.broker {
        Some(State::Up) => "forbundet",
        Some(State::Down { .. }) => "ikke forbundet",
        Some(State::Blocked { .. }) => "tager ikke imod",
        None => "ukendt",
    };
    let line = |name: &str, text: String| (name.to_owned(), text);
    let mut lines = vec![line("RabbitMQ", broker.to_owned())];
    match &seen.nodes {
        View::Unasked => lines.push(line("noder og disk", "ukendt".to_owned())),
        View::Own => lines.push(line("node", "budstikkens egen, på samme disk".to_owned())),
        View::Silent(trouble) => {
            lines.push(line("noder og disk", format!("ukendt siden {}", clock(trouble.since, now))));
        }
        View::Seen(cluster) => lines.extend(cluster.nodes.iter().map(|node| line(&node.name, of_node(node)))),
    }
    let writes = if seen.ledger.is_some() { "kan ikke skrives" } else { "kan skrives" };
    lines.push(line("hovedbog", writes.to_owned()));
    lines.push(line("hovedbogens disk", seen.room.map_or_else(|| "ukendt".to_owned(), of_room)));
    lines
}

fn of_node(node: &Node) -> String {
    let mut words = vec![if node.running { "kører".to_owned() } else { "kører ikke".to_owned() }];
    words.extend((node.partitions > 0).then(|| "afskåret fra de andre".to_owned()));
    words.extend(node.memory_alarm.then(|| "mangler hukommelse".to_owned()));
    words.extend(node.disk_alarm.then(|| "mangler disk".to_owned()));
    words.extend(node.disk_free.map(|free| format!("{} fri", size(free))));
    words.join(", ")
}

fn of_room(room: Room) -> String {
    let most = room.most.map_or_else(String::new, |most| format!(" af højst {}", size(most)));
    let free = room.free.map_or_else(|| "plads på dens server ukendt".to_owned(), |free| format!("{} fri", size(free)));
    format!("fylder {}{most}, {free}", size(room.taken))
}

fn as_count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(super) fn of_source(source: &Source, seen: &Seen, now: Timestamp) -> Line {
    let paused = seen.paused.contains_key(&source.id);
    let (tone, state) = match (source.depth, source.unread()) {
        _ if paused => (Tone::Watch, "på pause"),
        _ if source.queueless => (Tone::Good, "klar"),
        _ if matches!(seen.broker, Some(State::Down { .. })) => (Tone::Bad, "ikke forbundet"),
        (None, _) => (Tone::Watch, "ukendt"),
        (Some(_), Some(0)) => (Tone::Watch, "læses ikke"),
        (Some(_), Some(_)) => (Tone::Bad, "læses ikke"),
        (Some(Depth { messages: 0, .. }), None) => (Tone::Good, "klar"),
        (Some(_), None) => (Tone::Good, "læses"),
    };
    Line {
        id: source.id.clone(),
        name: source.id.clone(),
        beside: String::new(),
        tone,
        state: state.to_owned(),
        depth: if source.queueless { String::new() } else { depth_text(source.depth) },
        // RabbitMQ does not say how old what it holds is.
        oldest: source.oldest.map_or_else(String::new, |at| format!("mindst {}", age(at, now))),
        lately: lately(&source.rhythm),
        curve: curve(&source.rhythm),
        consumers: if source.queueless { String::new() } else { consumers_text(source.depth) },
        last: source.rhythm.last.map_or_else(|| "aldrig".to_owned(), |at| clock(at, now)),
        waiting: String::new(),
        parked: String::new(),
        paused: paused.then(|| source.id.clone()),
    }
}

fn of_mailbox(mailbox: &Mailbox, seen: &Seen, now: Timestamp) -> Line {
    let (waiting, parked) = mailbox.backlog.as_ref().map_or((0, 0), |it| (it.waiting, it.parked));
    let is_queue = mailbox.channel == "amqp";
    let paused = mailbox.paused_by(&seen.paused);
    let shut = seen.broken.keys().any(|(id, channel)| *id == mailbox.id && *channel == mailbox.channel);
    let (tone, state) = if paused.is_some() {
        (Tone::Watch, "på pause")
    } else if is_queue && matches!(seen.broker, Some(State::Down { .. })) {
        (Tone::Bad, "ikke forbundet")
    } else if is_queue && matches!(seen.broker, Some(State::Blocked { .. })) {
        (Tone::Bad, "tages ikke imod")
    } else if shut {
        (Tone::Bad, "lukket")
    } else if mailbox.delayed().is_some() {
        (Tone::Watch, "prøves igen")
    } else if parked > 0 {
        (Tone::Watch, "noget er parkeret")
    } else if is_queue && mailbox.depth.is_none() {
        (Tone::Watch, "ukendt")
    } else if mailbox.unfetched(now).is_some() {
        (Tone::Watch, "hentes ikke")
    } else {
        (Tone::Good, if waiting > 0 { "sender" } else { "klar" })
    };
    Line {
        id: mailbox.id.clone(),
        name: mailbox.name.clone(),
        // The queue is the usual way, and goes without saying.
        beside: if is_queue { String::new() } else { way(&mailbox.channel).to_owned() },
        tone,
        state: state.to_owned(),
        depth: if is_queue { depth_text(mailbox.depth) } else { String::new() },
        oldest: mailbox.oldest.map_or_else(String::new, |at| age(at, now)),
        lately: lately(&mailbox.rhythm),
        curve: curve(&mailbox.rhythm),
        consumers: if is_queue { consumers_text(mailbox.depth) } else { String::new() },
        last: mailbox.rhythm.last.map_or_else(|| "aldrig".to_owned(), |at| clock(at, now)),
        waiting: nonzero(waiting),
        parked: nonzero(parked),
        paused: paused.map(str::to_owned),
    }
}

fn depth_text(depth: Option<Depth>) -> String {
    depth.map_or_else(|| "ukendt".to_owned(), |depth| count(depth.messages.into()))
}

fn consumers_text(depth: Option<Depth>) -> String {
    depth.map_or_else(|| "ukendt".to_owned(), |depth| count(depth.consumers.into()))
}

fn nonzero(n: u32) -> String {
    if n == 0 { String::new() } else { count(n.into()) }
}

fn lately(rhythm: &Rhythm) -> String {
    // The minute before this one is whole.
    let whole = rhythm.minutes.iter().rev().nth(1).copied().unwrap_or(0);
    nonzero(whole)
}

/// The points of a curve, 60 wide and 16 high; empty where nothing happened.
pub(super) fn curve(rhythm: &Rhythm) -> String {
    let top = rhythm.minutes.iter().copied().max().unwrap_or(0);
    if top == 0 {
        return String::new();
    }
    let point = |(x, n): (usize, &u32)| format!("{x},{}", 15 - (u64::from(*n) * 14).div_ceil(u64::from(top)));
    rhythm.minutes.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

fn balance(balance: &Balance) -> Vec<(&'static str, String)> {
    vec![
        ("modtaget", count(balance.received)),
        ("fordelt", count(balance.routed)),
        ("noteret", count(balance.recorded)),
        ("gentagelser", count(balance.duplicate)),
        ("venter", count(balance.waiting)),
        ("parkeret", count(balance.parked)),
        ("kasseret", count(balance.discarded)),
    ]
}
