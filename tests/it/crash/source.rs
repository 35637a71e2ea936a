//! A source: sends every letter until the broker has confirmed it, and now and then one more time.
#![expect(clippy::disallowed_methods, reason = "the source is no part of the hub and does not use its code")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use budstikke::broker::topology;
use futures::future::join_all;
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Channel, Confirmation};

use super::books::Books;
use super::chance::Chance;
use super::letter::Letter;
use crate::raw_lapin;

/// Sent and not yet confirmed, each of another case: what is confirmed is then in order.
const AT_ONCE: usize = 64;

/// After this time it is not known what became of a burst.
const LIMIT: Duration = Duration::from_secs(10);

/// Before the broker is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// Of so many confirmed letters, one is sent again: its sender did not hear it.
const DEAF: usize = 50;

/// The source.
#[derive(Debug)]
pub(crate) struct Source {
    address: String,
    books: Arc<Books>,
    chance: Chance,
    cases: Vec<VecDeque<Letter>>,
    /// How far it may be ahead of the receivers.
    lead: usize,
}

impl Source {
    /// One that has all of these letters to send, each case's in order, and may be so far ahead of
    /// the receivers.
    pub(crate) fn new(
        address: &str,
        books: &Arc<Books>,
        chance: Chance,
        cases: Vec<VecDeque<Letter>>,
        lead: usize,
    ) -> Self {
        Self { address: address.to_owned(), books: Arc::clone(books), chance, cases, lead }
    }

    /// Sends until all is confirmed.
    pub(crate) async fn run(mut self) {
        while !self.cases.is_empty() {
            let _broken = self.session().await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn session(&mut self) -> Option<()> {
        let connection = tokio::time::timeout(LIMIT, raw_lapin::try_connect(&self.address)).await.ok()?.ok()?;
        let channel = tokio::time::timeout(LIMIT, raw_lapin::try_confirming(&connection)).await.ok()?.ok()?;
        while !self.cases.is_empty() {
            if self.books.lead() > self.lead {
                tokio::time::sleep(PAUSE / 10).await;
                continue;
            }
            self.burst(&channel).await?;
        }
        Some(())
    }

    /// Sends the next letter of some cases. What is not surely confirmed stays the next.
    async fn burst(&mut self, channel: &Channel) -> Option<()> {
        let first = self.chance.below(self.cases.len());
        self.cases.rotate_left(first);
        let letters: Vec<Letter> = self.cases.iter().take(AT_ONCE).filter_map(|case| case.front().copied()).collect();
        let sent = letters.iter().map(|letter| {
            self.books.attempts(*letter);
            publish(channel, *letter)
        });
        let confirmed = tokio::time::timeout(LIMIT, join_all(sent)).await.ok()?;
        // A return may come with the confirm of another message.
        let returned = confirmed.contains(&Confirm::Returned);
        for (case, (letter, confirm)) in self.cases.iter_mut().zip(letters.iter().zip(&confirmed)) {
            if *confirm == Confirm::Taken && !returned {
                self.books.is_acknowledged(*letter);
                if !self.chance.once_in(DEAF) {
                    case.pop_front();
                }
            }
        }
        self.cases.retain(|case| !case.is_empty());
        let broken = confirmed.contains(&Confirm::Unknown);
        (!broken).then_some(())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Confirm {
    Taken,
    Returned,
    Refused,
    Unknown,
}

async fn publish(channel: &Channel, letter: Letter) -> Confirm {
    let options = BasicPublishOptions { mandatory: true, immediate: false };
    let properties = BasicProperties::default().with_delivery_mode(2).with_content_type("application/xml".into());
    let body = letter.bytes();
    let published = channel.basic_publish(topology::IN.into(), "rehab-plan".into(), options, &body, properties).await;
    let Ok(confirm) = published else { return Confirm::Unknown };
    match confirm.await {
        Ok(Confirmation::Ack(None)) => Confirm::Taken,
        Ok(Confirmation::Ack(Some(_))) => Confirm::Returned,
        Ok(Confirmation::Nack(_) | Confirmation::NotRequested) => Confirm::Refused,
        Err(_) => Confirm::Unknown,
    }
}
