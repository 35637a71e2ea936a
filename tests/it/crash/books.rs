//! What the source sent and what the receivers got: the judge's books, kept apart from the hub.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::letter::Letter;

/// The books.
#[derive(Debug)]
pub(crate) struct Books {
    round: usize,
    page: Mutex<Page>,
    /// How many deliveries have arrived.
    progress: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Page {
    attempted: BTreeSet<Letter>,
    acknowledged: BTreeSet<Letter>,
    /// What came under which message id.
    seen: BTreeMap<String, u64>,
    /// What was not dropped for its message id, by mailbox and letter.
    arrived: BTreeMap<(String, Letter), usize>,
    answered: BTreeSet<Letter>,
    /// The last letter of a case that a mailbox got.
    last: BTreeMap<(String, usize), usize>,
    raw_repeats: usize,
    changed: usize,
    reordered: Vec<String>,
    /// How often the broker gave a letter to a receiver that died, and meanwhile a later one to the next.
    returned_late: usize,
    unexpected: Vec<String>,
    /// Cases of which a letter comes late, by way of a person.
    late: BTreeSet<usize>,
}

/// What Jepsen counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counters {
    attempted: usize,
    acknowledged: usize,
    /// Letters that were acknowledged, each once for each mailbox that is to get it.
    due: usize,
    delivered: usize,
    lost: Vec<String>,
    unexpected: Vec<String>,
    duplicated_raw: usize,
    duplicated_after_id: usize,
    /// The same message id over other bytes.
    changed: usize,
    reordered: Vec<String>,
    /// Those that the broker had given to a receiver that died. It has them back after it has given the
    /// next receiver later ones, and says so itself: it is no order of the hub's.
    returned_late: usize,
    unanswered: usize,
}

impl Books {
    /// Empty ones, for the letters of a round.
    pub(crate) fn new(round: usize) -> Self {
        Self { round, page: Mutex::default(), progress: watch::Sender::new(0) }
    }

    fn page(&self) -> MutexGuard<'_, Page> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The source is about to send a letter.
    pub(crate) fn attempts(&self, letter: Letter) {
        self.page().attempted.insert(letter);
    }

    /// The broker has confirmed it.
    pub(crate) fn is_acknowledged(&self, letter: Letter) {
        self.page().acknowledged.insert(letter);
    }

    /// A mailbox got something; `again` if the broker says that it gave it to somebody before. The
    /// receiver drops what it has had under the same message id.
    pub(crate) fn arrives(&self, queue: &str, message_id: &str, letter_id: &str, body: &[u8], again: bool) {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let mut page = self.page();
        match page.seen.insert(message_id.to_owned(), hasher.finish()) {
            Some(before) => {
                page.raw_repeats += 1;
                page.changed += usize::from(before != hasher.finish());
            }
            None => self.is_new(&mut page, queue, letter_id, again),
        }
        let arrived = page.arrived.len();
        drop(page);
        self.progress.send_replace(arrived);
    }

    fn is_new(&self, page: &mut Page, queue: &str, letter_id: &str, again: bool) {
        let named = Letter::named(letter_id);
        // A repeat that was taken for poison is sent on at the end of its round, and answered again.
        if queue == budstikke::broker::topology::VANS && named.is_some_and(|letter| letter.round < self.round) {
            page.raw_repeats += 1;
            return;
        }
        let known = named.filter(|letter| letter.round == self.round);
        let Some(letter) = known.filter(|letter| page.attempted.contains(letter)) else {
            page.unexpected.push(format!("{queue}: {letter_id}"));
            return;
        };
        if queue == budstikke::broker::topology::VANS {
            // The answer to a repeated letter comes again, in a message of its own.
            page.answered.insert(letter);
            return;
        }
        if !letter.mailboxes().contains(&queue) {
            page.unexpected.push(format!("{queue}: {letter_id}"));
            return;
        }
        let before = page.last.insert((queue.to_owned(), letter.case), letter.number);
        let overtaken = before.is_some_and(|before| before >= letter.number);
        if overtaken && again {
            page.returned_late += 1;
        } else if overtaken && !page.late.contains(&letter.case) {
            page.reordered.push(format!("{queue}: {} after {before:?}", letter.id()));
        }
        *page.arrived.entry((queue.to_owned(), letter)).or_default() += 1;
    }

    /// Waits until so many deliveries have arrived, of different letters or to different mailboxes.
    pub(crate) async fn have(&self, deliveries: usize) {
        let mut progress = self.progress.subscribe();
        let arrived = progress.wait_for(|arrived| *arrived >= deliveries);
        let arrived = tokio::time::timeout(crate::wait::LIMIT, arrived).await;
        assert!(arrived.is_ok(), "{deliveries} deliveries do not arrive: {:?}", self.counters());
    }

    /// The letters that were acknowledged and are not everywhere, or not answered.
    pub(crate) fn missing(&self) -> BTreeSet<Letter> {
        let page = self.page();
        let is_there = |letter: &Letter| {
            let arrived = |queue: &&str| page.arrived.contains_key(&((*queue).to_owned(), *letter));
            letter.mailboxes().iter().all(arrived) && page.answered.contains(letter)
        };
        page.acknowledged.iter().filter(|letter| !is_there(letter)).copied().collect()
    }

    /// These letters come late, after others of their cases.
    pub(crate) fn are_late(&self, letters: &BTreeSet<Letter>) {
        self.page().late.extend(letters.iter().map(|letter| letter.case));
    }

    /// How far the source is ahead of the receivers, in letters.
    pub(crate) fn lead(&self) -> usize {
        let page = self.page();
        let delivered: BTreeSet<Letter> = page.arrived.keys().map(|(_, letter)| *letter).collect();
        page.acknowledged.len().saturating_sub(delivered.len())
    }

    /// What they come to.
    pub(crate) fn counters(&self) -> Counters {
        let page = self.page();
        let due: BTreeSet<(String, Letter)> = page
            .acknowledged
            .iter()
            .flat_map(|letter| letter.mailboxes().iter().map(|queue| ((*queue).to_owned(), *letter)))
            .collect();
        let lost = due.iter().filter(|due| !page.arrived.contains_key(due));
        Counters {
            attempted: page.attempted.len(),
            acknowledged: page.acknowledged.len(),
            due: due.len(),
            delivered: page.arrived.len(),
            lost: lost.map(|(queue, letter)| format!("{queue}: {}", letter.id())).collect(),
            unexpected: page.unexpected.clone(),
            duplicated_raw: page.raw_repeats,
            duplicated_after_id: page.arrived.values().map(|times| times - 1).sum(),
            changed: page.changed,
            reordered: page.reordered.clone(),
            returned_late: page.returned_late,
            unanswered: page.acknowledged.difference(&page.answered).count(),
        }
    }
}

impl Counters {
    /// Prints them, and insists on what must be nothing.
    pub(crate) fn are_good(&self, what: &str, letters: usize) {
        println!(
            "{what}: attempted {} · acknowledged {} (due {}) · delivered {} · lost {} · unexpected {} · \
             duplicated (raw) {} · duplicated (after id) {} · reordered {} (and returned late by the broker {})",
            self.attempted,
            self.acknowledged,
            self.due,
            self.delivered,
            self.lost.len(),
            self.unexpected.len(),
            self.duplicated_raw,
            self.duplicated_after_id,
            self.reordered.len(),
            self.returned_late,
        );
        assert_eq!((self.attempted, self.acknowledged, self.delivered), (letters, letters, self.due), "{self:?}");
        for (name, found) in [("lost", &self.lost), ("unexpected", &self.unexpected), ("reordered", &self.reordered)] {
            assert!(found.is_empty(), "{what}: {name}: {found:#?}");
        }
        assert_eq!((self.duplicated_after_id, self.changed, self.unanswered), (0, 0, 0), "{what}");
    }
}
