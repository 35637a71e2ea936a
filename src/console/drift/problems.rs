//! What is not as it should be, in words: what it is and since when, and what the hub does about it.

use budstikke_contract::reason::Code;
use jiff::Timestamp;

use super::super::names::way;
use super::super::words::{age, clock, several, size};
use super::view::{Mailbox, Seen, Tone};
use crate::broker::State;
use crate::ledger::overview::{ParkedGroup, Paused};
use crate::telemetry::alert;
use crate::telemetry::nodes::{Node, Shadowed, View};
use crate::telemetry::room::{Left, Room};

/// Something that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) tone: Tone,
    /// What it is, and since when.
    pub(super) what: String,
    /// What the hub does about it by itself, and what somebody must.
    pub(super) then: String,
    /// The code whose page in the runbook says more.
    pub(super) code: Option<String>,
    /// Where what it is about is shown, and what the link says.
    pub(super) place: Option<(String, &'static str)>,
}

impl Problem {
    fn new(tone: Tone, what: String, then: &str) -> Self {
        Self { tone, what, then: then.to_owned(), code: None, place: None }
    }

    /// With the page of the runbook that says more.
    fn on(self, page: &Code) -> Self {
        Self { code: Some(page.as_str().to_owned()), ..self }
    }
}

/// What is wrong, the hub's own troubles first.
pub(super) fn problems(seen: &Seen, now: Timestamp) -> Vec<Problem> {
    let mut found = own_problems(seen, now);
    found.extend(seen.room.and_then(room_problem));
    found.extend(node_problems(&seen.nodes, now));
    found.extend(queue_problems(seen, now));
    found.extend(seen.foreign.iter().filter_map(|(name, state)| foreign_problem(name, state, now)));
    found.extend(seen.services.iter().filter_map(|(name, trouble)| {
        let what = format!("{name} har ikke svaret siden {}", clock(trouble.as_ref()?.since, now));
        let then = "Det, der mangler svaret, venter, og der spørges igen.";
        Some(Problem::new(Tone::Watch, what, then).on(&alert::SERVICE_SILENT))
    }));
    found.extend(seen.broken.iter().map(|((mailbox, channel), trouble)| {
        let what =
            format!("Vejen til {mailbox} ({}) har været lukket siden {}", way(channel), clock(trouble.since, now));
        let then =
            "Der prøves med én levering ad gangen, og de andre venter. Se på adressen, adgangen og certifikatet.";
        Problem::new(Tone::Bad, what, then).on(&alert::WAY_BROKEN)
    }));
    found.extend(seen.mailboxes.iter().filter_map(|mailbox| delayed_problem(mailbox, now)));
    found.extend(seen.parked.iter().map(|group| parked_problem(group, now)));
    found.extend(seen.late.iter().map(|(party, late)| {
        let what = format!("{} hos {party} er over fristen", several((*late).into(), "pligt", "pligter"));
        Problem::new(Tone::Watch, what, "Begge parter har fået besked.").on(&alert::DUTIES_LATE)
    }));
    found.extend(seen.paused.iter().map(|(target, Paused { at, by })| {
        let what = format!("{} har været på pause siden {}, sat af {by}", paused(target), clock(*at, now));
        Problem::new(Tone::Watch, what, "Intet parkeres af det; det venter, til pausen er forbi.")
    }));
    found
}

/// What was paused: a source or a mailbox by its name, and all that goes one way as that.
fn paused(target: &str) -> String {
    match way(target) {
        same if same == target => target.to_owned(),
        way => format!("Alt, der leveres ad vejen {way},"),
    }
}

fn own_problems(seen: &Seen, now: Timestamp) -> Vec<Problem> {
    let broker = seen.broker.as_ref().and_then(|broker| match broker {
        State::Up => None,
        State::Down { since, .. } => {
            let what = format!("Der har ikke været forbindelse til RabbitMQ siden {}", clock(*since, now));
            let then = "Budstikken prøver hele tiden igen. Kilderne beholder det, de har sendt; intet er tabt.";
            Some(Problem::new(Tone::Bad, what, then).on(&alert::BROKER_DOWN))
        }
        State::Blocked { since, .. } => {
            let since = clock(*since, now);
            let what = format!("RabbitMQ har ikke taget imod siden {since}: den mangler hukommelse eller disk");
            let then = "Leveringer venter og går af sted af sig selv. Skaf plads på RabbitMQ's maskine.";
            Some(Problem::new(Tone::Bad, what, then).on(&alert::BROKER_BLOCKED))
        }
    });
    let ledger = seen.ledger.as_ref().map(|trouble| {
        let what = format!("Der har ikke kunnet skrives i hovedbogen siden {}", clock(trouble.since, now));
        let then = "Intet tages imod, før der kan; det venter hos kilden. Se på disken.";
        Problem::new(Tone::Bad, what, then).on(&alert::LEDGER_UNWRITABLE)
    });
    let out_of_balance = seen.balance.as_ref().filter(|balance| !balance.balanced()).map(|_| {
        Problem::new(
            Tone::Bad,
            "Regnskabet stemmer ikke".to_owned(),
            "Kør kommandoen budstikke verify, og meld fejlen.",
        )
        .on(&alert::BOOKS_UNBALANCED)
    });
    broker.into_iter().chain(ledger).chain(out_of_balance).collect()
}

/// What is wrong with the room that the ledger has.
fn room_problem(room: Room) -> Option<Problem> {
    let tone = match room.left() {
        Left::Enough => return None,
        Left::Little => Tone::Watch,
        Left::Nothing => Tone::Bad,
    };
    let most = room.most.map_or_else(String::new, |most| format!(" af højst {}", size(most)));
    let free = room.free.map_or_else(String::new, |free| format!(", og der er {} fri på disken", size(free)));
    let what = format!("Hovedbogen har snart ikke mere plads: den fylder {}{most}{free}", size(room.taken));
    let then = "Er der ikke mere, tages intet imod; det venter så hos kilden, og intet går tabt. Skaf plads.";
    Some(Problem::new(tone, what, then).on(&alert::LEDGER_ROOM))
}

/// What is wrong with the broker's nodes, as far as they can be seen.
fn node_problems(nodes: &View, now: Timestamp) -> Vec<Problem> {
    let cluster = match nodes {
        View::Unasked | View::Own => return Vec::new(),
        View::Silent(trouble) => {
            let what = format!("RabbitMQ's noder har ikke kunnet ses siden {}", clock(trouble.since, now));
            let then = "Der spørges igen hele tiden, og beskederne går imens. Se på adressen, brugeren og dens ret.";
            return vec![Problem::new(Tone::Watch, what, then).on(&alert::BROKER_UNSEEN)];
        }
        View::Seen(cluster) => cluster,
    };
    let since = cluster.ill_since.map_or_else(String::new, |since| format!(" (siden {})", clock(since, now)));
    let ill = cluster.nodes.iter().filter(|node| node.is_ill()).map(|node| ill_node(node, &since));
    ill.chain(cluster.shadowed.iter().map(shadowed_problem)).collect()
}

fn ill_node(node: &Node, since: &str) -> Problem {
    let name = &node.name;
    let (what, then) = if !node.running {
        (
            format!("RabbitMQ's node {name} kører ikke{since}"),
            "Køerne går videre på de andre noder, så længe de er flest.",
        )
    } else if node.partitions > 0 {
        (format!("RabbitMQ's node {name} er afskåret fra de andre{since}"), "Se på nettet mellem noderne.")
    } else if node.memory_alarm {
        (
            format!("RabbitMQ's node {name} mangler hukommelse{since}"),
            "Den tager ikke imod, før der er nok; leveringer venter.",
        )
    } else {
        (
            format!("RabbitMQ's node {name} mangler disk{since}"),
            "Den tager ikke imod, før der er nok; leveringer venter.",
        )
    };
    Problem::new(Tone::Bad, what, then).on(&alert::BROKER_NODES)
}

fn shadowed_problem(shadowed: &Shadowed) -> Problem {
    let Shadowed { queue, policy, what } = shadowed;
    let what = format!("Politikken {policy} på RabbitMQ ændrer køen {queue}: {}", what.join(", "));
    let then = "Beskeder kan gå tabt dér, uden at budstikken ser det. Få politikken ændret.";
    Problem::new(Tone::Watch, what, then).on(&alert::BROKER_POLICY)
}

/// What is wrong with the queues: nobody can see them, nobody reads them.
fn queue_problems(seen: &Seen, now: Timestamp) -> Vec<Problem> {
    let unknown = seen.sources.iter().any(|source| source.depth.is_none() && !source.queueless)
        || seen.mailboxes.iter().any(|mailbox| mailbox.channel == "amqp" && mailbox.depth.is_none());
    let unknown = (unknown && matches!(seen.broker, Some(State::Up)))
        .then(|| Problem::new(Tone::Watch, "Ikke alle køer kan ses".to_owned(), "Der spørges igen hele tiden."));
    let unread = seen.sources.iter().filter(|source| !seen.paused.contains_key(&source.id)).filter_map(|source| {
        let waiting = source.unread()?;
        let what = format!("{} læses ikke: {} venter", source.id, several(waiting.into(), "besked", "beskeder"));
        let tone = if waiting > 0 { Tone::Bad } else { Tone::Watch };
        Some(Problem::new(tone, what, "Budstikken læser igen, så snart den kan. Varer det ved, så genstart den."))
    });
    let unfetched = seen.mailboxes.iter().filter_map(|mailbox| {
        let since = age(mailbox.unfetched(now)?, now);
        let count = several(mailbox.depth?.messages.into(), "besked", "beskeder");
        let what = format!("{} til {} er ikke hentet, den ældste for {since} siden", count, mailbox.name);
        Some(Problem::new(Tone::Watch, what, "Modtagerens system læser ikke sin kø. Sig det til dem, der passer det."))
    });
    unknown.into_iter().chain(unread).chain(unfetched).collect()
}

fn foreign_problem(name: &str, state: &State, now: Timestamp) -> Option<Problem> {
    let (State::Down { since, .. } | State::Blocked { since, .. }) = state else { return None };
    let what = format!("Der har ikke været forbindelse til {name} siden {}", clock(*since, now));
    let then = "Budstikken prøver hele tiden igen; beskederne venter dér.";
    Some(Problem::new(Tone::Watch, what, then).on(&alert::FOREIGN_DOWN))
}

fn delayed_problem(mailbox: &Mailbox, now: Timestamp) -> Option<Problem> {
    let backlog = mailbox.delayed()?;
    let since = backlog.since.map_or_else(String::new, |since| format!(", den ældste siden {}", clock(since, now)));
    let waiting = several(backlog.waiting.into(), "levering", "leveringer");
    let what = format!("{waiting} til {} venter på at lykkes{since}", mailbox.name);
    Some(Problem { code: backlog.code.clone(), ..Problem::new(Tone::Watch, what, "Der prøves igen, i rækkefølge.") })
}

fn parked_problem(group: &ParkedGroup, now: Timestamp) -> Problem {
    let since = group.since.map_or_else(String::new, |since| format!(", den ældste for {} siden", age(since, now)));
    let count = i64::from(group.items) + i64::from(group.deliveries);
    let code = Some(&group.code).filter(|code| !code.is_empty());
    let why = code.map_or_else(|| "uden kode", |code| code.as_str());
    let what = format!("{} parkeret: {why}{since}", several(count, "besked er", "beskeder er"));
    let (then, see) =
        if count == 1 { ("Den venter på et menneske.", "Se den") } else { ("De venter på et menneske.", "Se dem") };
    let place = code.map(|code| (format!("/parkeret?kode={code}"), see));
    Problem { code: code.cloned(), place, ..Problem::new(Tone::Watch, what, then) }
}
