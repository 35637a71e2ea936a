//! Filling a ledger as a hub does, without a broker: what came is read, decided about and written down,
//! and what of it goes out is marked as there, but for what shall wait or be parked.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use budstikke_contract::event::danish_day;
use budstikke_contract::reason::Reason;
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};

use super::super::report::progress;
use super::letters::Letters;
use crate::app::State;
use crate::clock::Clock;
use crate::config::Settings;
use crate::deliver::dispatch;
use crate::intake::consume::HUB_FAILED;
use crate::intake::tasks::{self, Doing};
use crate::intake::{World, prepare, record};
use crate::ledger;
use crate::ledger::account::{Account, Token};
use crate::ledger::delivery::Outcome;
use crate::ledger::look::Sight;
use crate::ledger::place::Share;
use crate::ledger::task::Tab;
use crate::task::{Act, Wait};

/// Messages in one transaction.
const BATCH: u32 = 256;

/// Over how long a time they came.
const SPAN: SignedDuration = SignedDuration::from_hours(24 * 200);

/// How many of the last deliveries wait.
const WAITING: u32 = 400;

/// How many looks at content there were.
const LOOKS: i64 = 5_000;

/// Who visits.
const USER: &str = "bench";

/// Who works in the console here, and not with a system of its own.
pub(super) const INBOXES: [&str; 4] = ["dragoer/ydelse", "dragoer/kontrakt", "dragoer/boern", "taarnby/genoptraening"];

/// How many of a mailbox's new tasks are worked on each time something came.
const WORKED: usize = 40;

/// A ledger that is being filled.
pub(super) struct Ledger {
    books: ledger::Ledger,
    world: Arc<World>,
    clock: Clock,
}

impl Ledger {
    pub(super) fn open(state: &State, settings: &Settings, world: World) -> Result<Self> {
        let clock = super::clock();
        let books = state.open_ledger(settings, Share::Alone, clock.clone())?;
        Ok(Self { books, world: Arc::new(world), clock })
    }

    /// How many bytes it takes.
    pub(super) async fn size(&self) -> Result<u64> {
        Ok(self.books.size().await?)
    }

    pub(super) async fn fill(&self, messages: u32) -> Result<()> {
        let now = Clock::system().now();
        let begin = now.checked_sub(SPAN)?;
        let step = Duration::try_from(SPAN)? / messages.max(1);
        let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let letters = Arc::new(Letters::of(day));
        for first in (0..messages).step_by(usize::try_from(BATCH)?) {
            let at = begin.checked_add(step * first)?;
            self.clock.set(at);
            self.take(&letters, first..messages.min(first + BATCH), at).await?;
            if first + WAITING < messages {
                self.deliver(first / BATCH).await?;
                self.work().await?;
            }
            if (first / BATCH).is_multiple_of(100) {
                progress(&format!("{first} of {messages} messages are written down"));
            }
        }
        self.clock.set(now);
        self.look(LOOKS.min(i64::from(messages))).await
    }

    async fn take(&self, letters: &Arc<Letters>, numbers: std::ops::Range<u32>, at: Timestamp) -> Result<()> {
        let (letters, world) = (Arc::clone(letters), Arc::clone(&self.world));
        let write = self.books.write(move |tx| {
            for number in numbers.clone() {
                let message = letters.letter(number, at);
                let Some(prepared) = prepare::prepare(&world, message) else { continue };
                record::record(tx, &world, &prepared)?;
            }
            Ok(())
        });
        write.await.context("a batch cannot be written")
    }

    /// Sends what may go; one in five hundred is parked.
    async fn deliver(&self, round: u32) -> Result<()> {
        let (targets, now) = (dispatch::targets(&self.world.mailboxes), self.clock.now());
        let write = self.books.write(move |tx| {
            for target in &targets {
                loop {
                    let ready = tx.reader().ready(&target.mailbox, target.channel.name(), now, 512)?;
                    for (place, seq) in ready.iter().enumerate() {
                        let parks = round.is_multiple_of(4) && place == 7;
                        let reason = || Reason::new(HUB_FAILED, "Parkeret af en måling.");
                        let outcome = if parks { Outcome::Park(reason()) } else { Outcome::Delivered };
                        tx.settle(*seq, &outcome)?;
                    }
                    if ready.is_empty() {
                        break;
                    }
                }
            }
            Ok(())
        });
        write.await.context("deliveries cannot be settled")
    }

    /// Works on some tasks of each inbox: most come to their end, and some stay in hand or wait.
    async fn work(&self) -> Result<()> {
        let (world, at) = (Arc::clone(&self.world), self.clock.now());
        let today = danish_day(at);
        let until = today.checked_add(jiff::Span::new().days(30))?;
        let write = self.books.write(move |tx| {
            for mailbox in INBOXES {
                let of = [mailbox.to_owned()];
                let new = tx.reader().tasks(&of, (Tab::New, USER, today), None, WORKED)?.tasks;
                for (place, kept) in new.into_iter().enumerate() {
                    let doing = Doing { task: kept.seq, version: kept.task.version, by: USER, reason: "" };
                    let taken = tasks::act(tx, &world, &doing, &Act::Take)?;
                    let last = match place {
                        0 => continue,
                        1 => Act::Wait(Wait::Until(until)),
                        _ => Act::Complete { answered: false },
                    };
                    let offer = Letters::offer(&kept.task.case, at);
                    if place > 1
                        && let Some(prepared) = prepare::prepare(&world, offer)
                    {
                        // It is what is owed of a plan.
                        record::record(tx, &world, &prepared)?;
                    }
                    let version = tx.reader().task(kept.seq)?.map_or(taken.task().task.version, |it| it.task.version);
                    tasks::act(tx, &world, &Doing { version, ..doing }, &last)?;
                }
            }
            Ok(())
        });
        write.await.context("tasks cannot be worked on")
    }

    async fn look(&self, looks: i64) -> Result<()> {
        let write = self.books.write(move |tx| {
            for row in 1..=looks {
                tx.look(
                    ["ida", "bo", "eva"].get(usize::try_from(row % 3).unwrap_or(0)).unwrap_or(&USER),
                    "Måling",
                    Sight::Message(row),
                )?;
            }
            Ok(())
        });
        write.await.context("looks cannot be written")
    }

    /// Somebody who may everything; what their browser holds.
    pub(super) async fn sign_in(&self) -> Result<String> {
        let token = Token::fresh().context("there is no chance to be had")?;
        let mailboxes = self.world.mailboxes.keys().map(|id| format!("caseworker:{id}"));
        let roles = ["operator", "postmaster", "auditor", "administrator", "leader:dragoer", "leader:taarnby"];
        let roles: Vec<String> = roles.into_iter().map(str::to_owned).chain(mailboxes).collect();
        let account = Account {
            user: USER.to_owned(),
            name: "Måling".to_owned(),
            roles: roles.join(" "),
            secret: None,
            failures: 0,
            locked_until: None,
        };
        let write = self.books.write(move |tx| {
            tx.keep_account(&account, USER)?;
            tx.begin_session(token, &account)
        });
        anyhow::ensure!(write.await?, "nobody can sign in");
        Ok(format!("budstikke={}", BASE64URL_NOPAD.encode(&token.0)))
    }

    /// A system that may the same; what it sends along.
    pub(super) async fn token(&self) -> Result<String> {
        let token = Token::fresh().context("there is no chance to be had")?;
        let mailboxes = self.world.mailboxes.keys().map(|id| format!(" caseworker:{id}"));
        let roles =
            format!("operator postmaster auditor leader:dragoer leader:taarnby{}", mailboxes.collect::<String>());
        let ends = self.clock.now().checked_add(SignedDuration::from_hours(24))?;
        self.books.write(move |tx| tx.keep_system((USER, &roles), token, ends, USER)).await?;
        Ok(format!("Bearer {}", BASE64URL_NOPAD.encode(&token.0)))
    }
}
