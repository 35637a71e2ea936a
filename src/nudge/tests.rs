//! Mail to a server that takes, refuses, puts off or says nothing; and the loop round it on a ledger.

mod encrypted;
mod webhook;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use budstikke_contract::id::{DeliveryId, EventId};
use jiff::Timestamp;
use jiff::civil::Time;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::mail::{Address, Encryption, Fault, Mail, Server};
use super::plan::Hours;
use super::watch::{Watch, Way};
use super::words::About;
use crate::broker::State;
use crate::clock::Clock;
use crate::intake::tests::{NOW, at, canonical, world};
use crate::intake::{prepare, record};
use crate::ledger::Ledger;
use crate::ledger::delivery::{Content, NewDelivery, Outcome, Why};
use crate::ledger::place::Share;
use crate::ledger::seal::Keyring;
use crate::ledger::tests::books;
use crate::retry::Policy;
use crate::telemetry::health::Health;

/// How a mail server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Takes,
    Refuses,
    PutsOff,
    Hangs,
}

/// A mail server in memory.
struct Smtp {
    port: u16,
    manner: Arc<Mutex<Manner>>,
    mails: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Smtp {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (manner, mails) = (Arc::new(Mutex::new(manner)), Arc::new(Mutex::new(Vec::new())));
        let mut serving = JoinSet::new();
        let (how, kept) = (Arc::clone(&manner), Arc::clone(&mails));
        serving.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let how = *how.lock().unwrap();
                // Who hangs up on us is not our trouble.
                drop(converse(socket, how, &kept).await);
            }
        });
        Self { port, manner, mails, _serving: serving }
    }

    fn behaves(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    fn server(&self) -> Server {
        Server {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            encryption: Encryption::None,
            ca_file: None,
            user: None,
            from: address("budstikke@dragoer.example"),
            timeout: Duration::from_millis(300),
        }
    }
}

async fn converse(socket: TcpStream, manner: Manner, mails: &Mutex<Vec<String>>) -> std::io::Result<()> {
    if manner == Manner::Hangs {
        tokio::time::sleep(Duration::from_secs(5)).await;
        return Ok(());
    }
    let mut socket = BufReader::new(socket);
    socket.write_all(b"220 here\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if socket.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_uppercase();
        let answer = match (verb.as_str(), manner) {
            ("RCPT", Manner::Refuses) => "550 2512489996 is not here\r\n",
            ("RCPT", Manner::PutsOff) => "450 later\r\n",
            ("DATA", _) => {
                socket.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") && socket.read_line(&mut mail).await? > 0 {}
                mails.lock().unwrap().push(mail);
                "250 kept\r\n"
            }
            ("QUIT", _) => "221 bye\r\n",
            _ => "250 yes\r\n",
        };
        socket.write_all(answer.as_bytes()).await?;
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn mail() -> Mail {
    Mail { key: "k.1".to_owned(), subject: "Budstikke: 1 ny i Ydelse, Dragør".to_owned(), text: "Én ny".to_owned() }
}

#[tokio::test]
async fn mail_arrives_or_it_is_said_why_not() {
    let smtp = Smtp::start(Manner::Takes).await;
    let to = [address("a@dragoer.example"), address("b@dragoer.example")];
    smtp.server().send(&to, &mail()).await.unwrap();
    let mails = smtp.mails();
    assert_eq!(mails.len(), 1);
    for part in
        ["Message-ID: <k.1@dragoer.example>", "From: budstikke@dragoer.example", "a@dragoer.example, b@dragoer.example"]
    {
        assert!(mails[0].contains(part), "{part}: {}", mails[0]);
    }
    for (manner, fault) in
        [(Manner::Refuses, Fault::Refused), (Manner::PutsOff, Fault::Later), (Manner::Hangs, Fault::Silent)]
    {
        let smtp = Smtp::start(manner).await;
        assert_eq!(smtp.server().send(&to, &mail()).await, Err(fault), "{manner:?}");
    }
    let nobody = Server { port: 1, ..smtp.server() };
    assert_eq!(nobody.send(&to, &mail()).await, Err(Fault::Silent));
}

#[tokio::test]
async fn where_it_must_be_encrypted_nothing_is_sent_without() {
    let smtp = Smtp::start(Manner::Takes).await;
    let to = [address("a@dragoer.example")];
    for encryption in [Encryption::StartTls, Encryption::Tls] {
        let server = Server { encryption, ..smtp.server() };
        assert!(server.send(&to, &mail()).await.is_err(), "{encryption:?}");
    }
    let file = std::path::PathBuf::from("/no/such/file");
    let server = Server { user: Some(("hub".to_owned(), file)), ..smtp.server() };
    assert_eq!(server.send(&to, &mail()).await, Err(Fault::Settings));
    assert_eq!(smtp.mails(), Vec::<String>::new());
}

/// A ledger, and somebody who watches one mailbox of it.
struct Fixture {
    _folder: TempDir,
    ledger: Ledger,
    clock: Clock,
    health: Health,
    watch: Watch,
}

fn fixture(smtp: &Smtp) -> Fixture {
    fixture_by(Way::Mail(Arc::new(smtp.server()), vec![address("ydelse@dragoer.example")]))
}

fn fixture_by(way: Way) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    // A Monday, at ten.
    let clock = Clock::starting_at("2026-11-23T09:00:00Z".parse::<Timestamp>().unwrap());
    let keys = Keyring::open(&folder.path().join("ledger.key"), false).unwrap();
    let ledger = Ledger::open(&books::place(folder.path()), Share::Alone, keys, clock.clone()).unwrap();
    let (_broker, state) = watch::channel(State::Up);
    let health = Health::new(state, clock.clone());
    let watch = Watch {
        ledger: ledger.clone(),
        clock: clock.clone(),
        health: health.clone(),
        about: About {
            id: "dragoer/ydelse".to_owned(),
            name: "Ydelse, Dragør".to_owned(),
            link: "https://hub.example/indbakke".to_owned(),
        },
        way,
        every: Duration::from_mins(30),
        hours: Hours { from: Time::constant(7, 0, 0, 0), to: Time::constant(17, 0, 0, 0), working_days: true },
    };
    Fixture { _folder: folder, ledger, clock, health, watch }
}

/// An event that has come, and been decided about.
fn decided(tx: &mut crate::ledger::Tx<'_>, id: &str) -> Result<i64, crate::ledger::Error> {
    let world = world();
    let grant = json!({"citizen": {"cpr": "2512489996"}, "decision": "bevilget", "service": {"name": "Botilbud"},
        "period": {"from": "2026-12-01"}});
    let case = "adult-5d1a3c52-6a0e-5f6b-9d0c-1c5b0a7d2e51";
    let mut event = canonical("adult.grant.decided", id, "/taarnby/cura", case, grant);
    event["law"] = "SEL § 107".into();
    event["residence"] = "155".into();
    let incoming = prepare::Incoming {
        source: "events".to_owned(),
        media_type: None,
        sender_user: None,
        reply_to: None,
        redelivered: false,
        received: at(NOW),
        body: event.to_string().into_bytes().into(),
    };
    record::record(tx, &world, &prepare::prepare(&world, incoming).unwrap())?;
    tx.reader().last_event()
}

impl Fixture {
    /// Something comes into an inbox.
    async fn comes(&self, name: &str, mailbox: &'static str) {
        let event = EventId::of_hub("test", name, 0);
        let id = name.to_owned();
        let work = move |tx: &mut crate::ledger::Tx<'_>| {
            let new = NewDelivery {
                id: DeliveryId::derive(event, mailbox, "inbox"),
                content: Content::Event(decided(tx, &id)?),
                mailbox,
                channel: "inbox",
                capacity: "task",
                why: &Why::default(),
                lane: *event.as_bytes(),
            };
            tx.plan_delivery(&new)?;
            let id = DeliveryId::derive(event, mailbox, "inbox");
            let row = tx.delivery(id)?.expect("it was planned");
            tx.settle(row.seq, &Outcome::Delivered)
        };
        self.ledger.write(work).await.unwrap();
    }

    async fn after(&self, minutes: i64, waits: &mut crate::retry::Waits) {
        let now = self.clock.now();
        self.clock.set(now.saturating_add(jiff::SignedDuration::from_mins(minutes)).unwrap());
        self.watch.step(waits).await;
    }

    /// The hub starts, and has been told to tell the team.
    async fn begins(&self) {
        let (id, way) = (self.watch.about.id.clone(), self.watch.way.name());
        self.ledger.write(move |tx| tx.begin_telling(&id, way)).await.unwrap();
    }

    fn trouble(&self) -> Vec<String> {
        self.health.services().into_iter().filter(|(_, trouble)| trouble.is_some()).map(|(name, _)| name).collect()
    }
}

#[tokio::test]
async fn a_team_is_told_once_and_after_an_outage_all_of_it_at_once() {
    let smtp = Smtp::start(Manner::Takes).await;
    let fixture = fixture(&smtp);
    let mut waits = Policy::new(Duration::from_millis(1), Duration::from_millis(2)).waits();
    fixture.watch.step(&mut waits).await;
    assert_eq!(smtp.mails().len(), 0, "there is nothing to tell");
    fixture.comes("one", "dragoer/ydelse").await;
    fixture.comes("elsewhere", "taarnby/jobcenter").await;
    fixture.after(0, &mut waits).await;
    fixture.after(1, &mut waits).await;
    assert_eq!(smtp.mails().len(), 1, "it is told once");
    assert!(smtp.mails()[0].contains("\nSubject: Budstikke: 1 ny i Ydelse"), "{:?}", smtp.mails());

    fixture.comes("two", "dragoer/ydelse").await;
    fixture.after(10, &mut waits).await;
    assert_eq!(smtp.mails().len(), 1, "not so soon again");
    smtp.behaves(Manner::PutsOff);
    fixture.after(30, &mut waits).await;
    assert_eq!(fixture.trouble(), ["Mailserveren (besked til dragoer/ydelse)"]);
    for name in ["three", "four", "five"] {
        fixture.comes(name, "dragoer/ydelse").await;
        fixture.after(31, &mut waits).await;
    }
    smtp.behaves(Manner::Takes);
    for _ in 0..5 {
        fixture.after(1, &mut waits).await;
    }
    let mails = smtp.mails();
    assert_eq!(mails.len(), 2, "one mail for all that came meanwhile: {mails:#?}");
    assert!(mails[1].contains("4 nye beskeder"), "{}", mails[1]);
    assert_eq!(fixture.trouble(), Vec::<String>::new());
    let report = fixture.ledger.read(|reader| reader.verify(None)).await.unwrap();
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn what_lay_in_an_inbox_before_its_team_was_told_of_anything_is_not_new() {
    let smtp = Smtp::start(Manner::Takes).await;
    let fixture = fixture(&smtp);
    let mut waits = Policy::new(Duration::from_millis(1), Duration::from_millis(2)).waits();
    for name in ["old", "older", "oldest"] {
        fixture.comes(name, "dragoer/ydelse").await;
    }
    fixture.begins().await;
    fixture.after(0, &mut waits).await;
    assert_eq!(smtp.mails(), Vec::<String>::new(), "there is nothing new to tell");
    fixture.comes("one", "dragoer/ydelse").await;
    fixture.after(0, &mut waits).await;
    assert_eq!(smtp.mails().len(), 1, "the first that is new is told at once");
    assert!(smtp.mails()[0].contains("1 ny besked siden"), "{:?}", smtp.mails());
    // A hub that is started anew begins nothing anew.
    fixture.comes("two", "dragoer/ydelse").await;
    fixture.begins().await;
    fixture.after(31, &mut waits).await;
    assert!(smtp.mails()[1].contains("1 ny besked siden"), "{:?}", smtp.mails());
    let report = fixture.ledger.read(|reader| reader.verify(None)).await.unwrap();
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn nobody_is_told_at_night_and_all_of_it_in_the_morning() {
    let smtp = Smtp::start(Manner::Takes).await;
    let fixture = fixture(&smtp);
    let mut waits = Policy::new(Duration::from_millis(1), Duration::from_millis(2)).waits();
    fixture.clock.set("2026-11-27T20:00:00Z".parse().unwrap());
    fixture.comes("one", "dragoer/ydelse").await;
    fixture.after(0, &mut waits).await;
    fixture.after(60 * 14, &mut waits).await;
    assert_eq!(smtp.mails().len(), 0, "it is Saturday");
    fixture.clock.set("2026-11-30T07:00:00Z".parse().unwrap());
    fixture.after(0, &mut waits).await;
    assert_eq!(smtp.mails().len(), 1);
}
