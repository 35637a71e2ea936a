use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::pulse::Rhythm;
use super::view::{Drift, Mailbox, Seen, Source, Tone, curve};
use crate::broker::{Depth, State};
use crate::ledger::overview::{Backlog, ParkedGroup, Paused};
use crate::telemetry::health::Trouble;
use crate::telemetry::nodes::{Cluster, Node, Shadowed, View};
use crate::telemetry::room::Room;

fn now() -> Timestamp {
    "2026-11-22T19:00:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn well() -> Seen {
    Seen { broker: Some(State::Up), ..Seen::default() }
}

fn source(depth: impl Into<Option<Depth>>) -> Source {
    Source { id: "cura".to_owned(), depth: depth.into(), ..Source::default() }
}

fn queue(messages: u32, consumers: u32) -> Depth {
    Depth { messages, consumers }
}

fn mailbox() -> Mailbox {
    Mailbox {
        id: "dragoer/ydelse".to_owned(),
        name: "Ydelse, Dragør".to_owned(),
        channel: "amqp".to_owned(),
        depth: Some(queue(0, 1)),
        ..Mailbox::default()
    }
}

fn paused() -> Paused {
    Paused { at: ago(5), by: "ida".to_owned() }
}

fn trouble() -> Trouble {
    Trouble { since: ago(60), what: "secret".to_owned() }
}

fn words(seen: &Seen) -> String {
    let drift = Drift::of(seen, now());
    let problems = drift.problems.iter().map(|it| format!("{}: {} {}", it.tone.class(), it.what, it.then));
    std::iter::once(drift.verdict).chain(problems).collect::<Vec<_>>().join("\n")
}

fn says(seen: &Seen, wanted: &str) {
    let words = words(seen);
    assert!(words.contains(wanted), "{words}");
    assert!(!words.contains("secret"), "{words}");
}

#[test]
fn where_nothing_is_wrong_it_says_so() {
    assert_eq!(words(&well()), "Alt kører");
    let seen = Seen { sources: vec![source(queue(7, 1))], mailboxes: vec![mailbox()], ..well() };
    assert_eq!(words(&seen), "Alt kører");
}

#[test]
fn the_worst_comes_first_and_sets_the_tone() {
    let seen = Seen {
        broker: Some(State::Down { since: ago(60), reason: "secret".to_owned() }),
        late: BTreeMap::from([("Dragør Kommune".to_owned(), 2)]),
        ..Seen::default()
    };
    let first = "Noget er galt: 2 problemer\nfejl: Der har ikke været forbindelse til RabbitMQ siden 19.00";
    assert!(words(&seen).starts_with(first), "{}", words(&seen));
    says(&seen, "obs: 2 pligter hos Dragør Kommune er over fristen");
}

#[test]
fn a_way_that_somebody_must_mend_is_bad() {
    let broken = BTreeMap::from([(("dragoer/ydelse".to_owned(), "amqp"), trouble())]);
    let seen = Seen { broken, mailboxes: vec![mailbox()], ..well() };
    says(&seen, "fejl: Vejen til dragoer/ydelse (RabbitMQ) har været lukket siden 19.00");
    let line = &Drift::of(&seen, now()).mailboxes[0];
    assert_eq!((line.tone, line.state.as_str()), (Tone::Bad, "lukket"));
}

#[test]
fn what_is_parked_is_told_by_group() {
    let group = |code: &str| ParkedGroup { code: code.to_owned(), items: 1, deliveries: 0, since: Some(now()) };
    let seen = Seen { parked: vec![group("NO_RULE"), group("")], ..well() };
    says(&seen, "1 besked er parkeret: NO_RULE, den ældste for 0 s siden");
    says(&seen, "1 besked er parkeret: uden kode");
    let codes: Vec<_> = Drift::of(&seen, now()).problems.into_iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Some("NO_RULE".to_owned()), None]);
}

#[test]
fn a_queue_that_nobody_can_see_is_not_shown_as_good() {
    let seen = Seen { sources: vec![source(None)], ..well() };
    let line = &Drift::of(&seen, now()).sources[0];
    assert_eq!((line.tone, line.state.as_str(), line.depth.as_str()), (Tone::Watch, "ukendt", "ukendt"));
    says(&seen, "obs: Ikke alle køer kan ses");
}

#[test]
fn a_source_that_nobody_reads_is_a_problem() {
    says(&Seen { sources: vec![source(queue(3, 0))], ..well() }, "fejl: cura læses ikke: 3 beskeder venter");
    says(&Seen { sources: vec![source(queue(0, 0))], ..well() }, "obs: cura læses ikke: 0 beskeder venter");
    let paused = BTreeMap::from([("cura".to_owned(), paused())]);
    let seen = Seen { sources: vec![source(queue(3, 0))], paused, ..well() };
    assert!(!words(&seen).contains("læses ikke"), "{}", words(&seen));
    says(&seen, "obs: cura har været på pause siden 19.55, sat af ida");
}

#[test]
fn what_nobody_fetches_is_a_problem_after_an_hour() {
    let lying = |minutes, consumers| Seen {
        mailboxes: vec![Mailbox { oldest: Some(ago(minutes)), depth: Some(queue(2, consumers)), ..mailbox() }],
        ..well()
    };
    assert_eq!(words(&lying(59, 0)), "Alt kører");
    assert_eq!(words(&lying(600, 1)), "Alt kører", "somebody reads");
    says(&lying(61, 0), "obs: 2 beskeder til Ydelse, Dragør er ikke hentet, den ældste for 1 t siden");
}

#[test]
fn what_does_not_succeed_says_since_when() {
    let backlog = Backlog {
        mailbox: "dragoer/ydelse".to_owned(),
        channel: "amqp".to_owned(),
        waiting: 2,
        parked: 0,
        since: Some(ago(30)),
        attempts: 3,
        code: Some("HTTP_UNREACHABLE".to_owned()),
    };
    let seen = Seen { mailboxes: vec![Mailbox { backlog: Some(backlog), ..mailbox() }], ..well() };
    says(&seen, "2 leveringer til Ydelse, Dragør venter på at lykkes, den ældste siden 19.30");
}

#[test]
fn a_channel_that_is_paused_is_one_problem_and_is_what_is_resumed() {
    let seen = Seen {
        paused: BTreeMap::from([("amqp".to_owned(), paused())]),
        mailboxes: vec![mailbox(), Mailbox { id: "dragoer/boern".to_owned(), ..mailbox() }],
        ..well()
    };
    let drift = Drift::of(&seen, now());
    assert_eq!(drift.problems.len(), 1);
    assert!(drift.mailboxes.iter().all(|line| line.paused.as_deref() == Some("amqp")));
}

#[test]
fn the_way_is_said_where_it_is_not_the_usual_one() {
    let by = |channel: &str| Mailbox { channel: channel.to_owned(), ..mailbox() };
    let seen = Seen {
        paused: BTreeMap::from([("inbox".to_owned(), paused())]),
        mailboxes: ["amqp", "http", "inbox"].map(by).into(),
        ..well()
    };
    let drift = Drift::of(&seen, now());
    let beside: Vec<&str> = drift.mailboxes.iter().map(|line| line.beside.as_str()).collect();
    assert_eq!(beside, ["", "HTTP", "indbakken"]);
    says(&seen, "Alt, der leveres ad vejen indbakken, har været på pause siden");
}

fn node() -> Node {
    Node {
        name: "rabbit@a".to_owned(),
        running: true,
        partitions: 0,
        memory_alarm: false,
        disk_alarm: false,
        disk_free: Some(12 << 30),
        disk_limit: Some(50 << 20),
    }
}

fn seeing(nodes: &[Node], shadowed: &[Shadowed]) -> Seen {
    let cluster = Cluster { nodes: nodes.to_vec(), shadowed: shadowed.to_vec(), ill_since: Some(ago(60)) };
    Seen { nodes: View::Seen(cluster), ..well() }
}

fn engine(seen: &Seen) -> String {
    let lines = Drift::of(seen, now()).engine;
    lines.iter().map(|(name, text)| format!("{name}: {text}")).collect::<Vec<_>>().join("; ")
}

#[test]
fn nodes_that_nobody_asks_about_are_unknown_and_no_problem() {
    assert!(engine(&well()).contains("noder og disk: ukendt"), "{}", engine(&well()));
    assert!(engine(&well()).contains("hovedbogens disk: ukendt"));
    let own = Seen { nodes: View::Own, ..well() };
    assert!(engine(&own).contains("node: budstikkens egen"));
    assert_eq!((words(&well()), words(&own)), ("Alt kører".to_owned(), "Alt kører".to_owned()));
}

#[test]
fn nodes_are_shown_as_they_are() {
    let seen = seeing(&[node()], &[]);
    assert_eq!(words(&seen), "Alt kører");
    assert!(engine(&seen).contains("rabbit@a: kører, 12 GB fri"), "{}", engine(&seen));
    for (node, wanted) in [
        (Node { running: false, disk_free: None, ..node() }, "fejl: RabbitMQ's node rabbit@a kører ikke (siden 19.00)"),
        (Node { partitions: 1, ..node() }, "fejl: RabbitMQ's node rabbit@a er afskåret"),
        (Node { memory_alarm: true, ..node() }, "fejl: RabbitMQ's node rabbit@a mangler hukommelse"),
        (Node { disk_alarm: true, ..node() }, "fejl: RabbitMQ's node rabbit@a mangler disk"),
    ] {
        says(&seeing(&[node], &[]), wanted);
    }
    let shadowed = Shadowed { queue: "in.cura".to_owned(), policy: "kort".to_owned(), what: vec!["message-ttl"] };
    says(&seeing(&[node()], &[shadowed]), "obs: Politikken kort på RabbitMQ ændrer køen in.cura: message-ttl");
}

#[test]
fn nodes_that_cannot_be_seen_are_not_shown_as_good() {
    let seen = Seen { nodes: View::Silent(trouble()), ..well() };
    says(&seen, "obs: RabbitMQ's noder har ikke kunnet ses siden 19.00");
    assert!(engine(&seen).contains("noder og disk: ukendt siden 19.00"), "{}", engine(&seen));
}

#[test]
fn a_ledger_that_runs_out_of_room_is_said_before_it_has() {
    let room = Room { taken: 1 << 30, most: None, free: Some(80 << 30), disk: Some(100 << 30) };
    let seen = |room| Seen { room: Some(room), ..well() };
    assert!(engine(&seen(room)).contains("hovedbogens disk: fylder 1,0 GB, 80 GB fri"), "{}", engine(&seen(room)));
    assert_eq!(words(&seen(room)), "Alt kører");
    says(&seen(Room { free: Some(1 << 30), ..room }), "obs: Hovedbogen har snart ikke mere plads");
    says(
        &seen(Room { most: Some(1 << 30), ..room }),
        "fejl: Hovedbogen har snart ikke mere plads: den fylder 1,0 GB af højst 1,0 GB",
    );
}

#[test]
fn a_way_without_its_broker_is_not_shown_as_open() {
    let state = |broker| {
        let seen = Seen { broker: Some(broker), sources: vec![source(None)], mailboxes: vec![mailbox()], ..well() };
        let drift = Drift::of(&seen, now());
        (drift.sources[0].state.clone(), drift.mailboxes[0].state.clone())
    };
    let (since, reason) = (ago(5), String::new());
    let down = state(State::Down { since, reason: reason.clone() });
    assert_eq!(down, ("ikke forbundet".to_owned(), "ikke forbundet".to_owned()));
    assert_eq!(state(State::Blocked { since, reason }).1, "tages ikke imod");
}

#[test]
fn what_lies_in_a_queue_is_at_least_so_old() {
    let lying = Source { oldest: Some(ago(7)), ..source(queue(3, 1)) };
    let line = |source| Drift::of(&Seen { sources: vec![source], ..well() }, now()).sources.remove(0);
    assert_eq!(line(lying).oldest, "mindst 7 min");
    let never = line(source(queue(0, 1)));
    assert_eq!((never.oldest.as_str(), never.last.as_str()), ("", "aldrig"));
}

#[test]
fn every_page_that_a_problem_leads_to_is_there() {
    let trouble = || Some(trouble());
    let seen = Seen {
        broker: Some(State::Blocked { since: now(), reason: String::new() }),
        ledger: trouble(),
        room: Some(Room { taken: 1, most: None, free: Some(0), disk: Some(1) }),
        foreign: vec![("beskedfordeler".to_owned(), State::Down { since: now(), reason: String::new() })],
        services: BTreeMap::from([("bopæl".to_owned(), trouble())]),
        broken: trouble().into_iter().map(|it| (("dragoer/ydelse".to_owned(), "amqp"), it)).collect(),
        late: BTreeMap::from([("dragoer".to_owned(), 1)]),
        ..seeing(&[Node { running: false, ..node() }], &[])
    };
    let problems = Drift::of(&seen, now()).problems;
    let pages: Vec<String> = problems.into_iter().map(|it| it.code.unwrap_or(it.what)).collect();
    assert_eq!(pages.len(), 8, "{pages:?}");
    for page in pages {
        assert!(super::super::help::has(&page), "{page}");
    }
}

#[test]
fn a_curve_stays_in_its_frame() {
    let rhythm = Rhythm { minutes: (0..60).collect(), last: None };
    let heights: Vec<u32> =
        curve(&rhythm).split(' ').map(|it| it.split_once(',').unwrap().1.parse().unwrap()).collect();
    assert_eq!((heights.len(), heights[0], heights[59]), (60, 15, 1));
    assert_eq!(curve(&Rhythm { minutes: vec![0; 60], last: None }), "");
}

prop_compose! {
    fn any_depth()(known in any::<bool>(), messages in 0..3_u32, consumers in 0..2_u32) -> Option<Depth> {
        known.then_some(Depth { messages, consumers })
    }
}

proptest! {
    /// Whoever reads only the first line misses nothing, and whatever is not well is explained.
    #[test]
    fn no_line_is_worse_than_the_first_and_none_is_unexplained(
        (in_depth, out_depth) in (any_depth(), any_depth()),
        (up, is_paused, broken) in any::<(bool, bool, bool)>(),
        (attempts, waiting, parked, old) in (0..2_u32, 0..2_u32, 0..2_u32, 0..200_i64),
    ) {
        let backlog = Backlog {
            mailbox: "dragoer/ydelse".to_owned(),
            channel: "amqp".to_owned(),
            waiting,
            parked,
            since: None,
            attempts,
            code: None,
        };
        let group = ParkedGroup { code: "TEST".to_owned(), items: 0, deliveries: parked, since: None };
        let down = State::Down { since: now(), reason: String::new() };
        let seen = Seen {
            broker: Some(if up { State::Up } else { down }),
            broken: broken.then(|| (("dragoer/ydelse".to_owned(), "amqp"), trouble())).into_iter().collect(),
            paused: is_paused.then(|| ("cura".to_owned(), paused())).into_iter().collect(),
            parked: (parked > 0).then_some(group).into_iter().collect(),
            sources: vec![source(in_depth)],
            mailboxes: vec![Mailbox { depth: out_depth, oldest: Some(ago(old)), backlog: Some(backlog), ..mailbox() }],
            ..Seen::default()
        };
        let drift = Drift::of(&seen, now());
        let worst = drift.sources.iter().chain(&drift.mailboxes).map(|line| line.tone).max().unwrap();
        let explained = drift.problems.iter().map(|problem| problem.tone).max().unwrap_or(Tone::Good);
        prop_assert!(worst <= drift.tone && worst <= explained, "{:?}", drift);
    }
}
