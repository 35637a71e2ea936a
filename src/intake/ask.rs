//! What is asked elsewhere before an item can be decided about. The wish is kept with the item; the
//! answer, when it comes, is kept too, and what waited for it goes on from what is stored.

use std::collections::BTreeSet;

use budstikke_contract::adapter::Wanted;
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::person::{Citizen, Cpr};
use budstikke_contract::reason::Reason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::consume::HUB_FAILED;
use super::prepare::Fetched;
use super::{World, release};
use crate::deliver::dispatch::CONTENT_LOST;
use crate::ledger::seal::Mark;
use crate::ledger::wish::{NewWish, Outcome, Settled, State};
use crate::ledger::{Error, Tx, item};
use crate::residence::{Ask, LookedUp, Said};

/// The service that knows where a citizen lives.
pub const RESIDENCE: &str = "residence";

/// How many wishes are given up, or dropped, in one transaction.
pub const AT_ONCE: u32 = 256;

/// What is to be asked before an item can be decided about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// Where this citizen lives.
    Residence(Cpr),
    /// What a thin event of this source is about.
    Content(&'static str, Wanted),
}

impl Wish {
    /// Keeps it for an item.
    pub(super) fn keep(&self, tx: &mut Tx<'_>, item: i64) -> Result<(), Error> {
        match self {
            Self::Residence(cpr) => {
                let (about, question) = (cpr.reveal(), cpr.reveal().as_bytes());
                tx.wish(&NewWish { item, service: RESIDENCE, about, question })
            }
            Self::Content(source, wanted) => {
                let (service, question) = (content_of(source), format!("{}/{}", wanted.entity(), wanted.id()));
                tx.wish(&NewWish { item, service: &service, about: &question, question: question.as_bytes() })
            }
        }
    }
}

/// The service that knows the content of a source's thin events.
pub fn content_of(source: &str) -> String {
    format!("content.{source}")
}

/// Where a citizen lives, as the look-up answered and as it is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lives {
    /// When it was asked.
    pub asked: Timestamp,
    /// Where.
    pub municipality: MunicipalityCode,
    /// Whether their name and address are protected.
    pub protected: bool,
}

impl Lives {
    /// The answer to be kept.
    pub fn outcome(&self) -> Outcome {
        // Plain data with text keys, which always serializes.
        Outcome::Answered(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// What came of the look-up for an item, where it was asked.
pub(super) fn looked_up(tx: &mut Tx<'_>, item: i64) -> Result<Option<LookedUp>, Error> {
    let Some(Settled { wish, answer }) = tx.answer_to(item, RESIDENCE)? else { return Ok(None) };
    let at = wish.settled.unwrap_or(wish.since);
    let (at, said) = match (wish.state, answer) {
        (_, Some(answer)) => {
            let lives: Lives = serde_json::from_slice(&answer)
                .map_err(|_unquoted| Error::Unexpected("the answer of a look-up cannot be read"))?;
            (lives.asked, Said::Lives { municipality: lives.municipality })
        }
        (State::Silent, None) => (at, Said::Silent),
        (State::Open | State::Answered | State::Unknown | State::Dropped, None) => (at, Said::Unknown),
    };
    Ok(Some(LookedUp { at, said }))
}

/// What came of fetching the content of an item of a source, where it was asked for.
pub(super) fn fetched(tx: &mut Tx<'_>, item: i64, source: &str) -> Result<Fetched, Error> {
    let answer = tx.answer_to(item, &content_of(source))?;
    Ok(match answer.map(|settled| (settled.wish.state, settled.answer)) {
        None => Fetched::NotYet,
        Some((_, Some(content))) => Fetched::Content(content),
        Some((State::Silent, None)) => Fetched::Silent,
        Some((State::Open | State::Answered | State::Unknown | State::Dropped, None)) => Fetched::Nothing,
    })
}

/// What went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GoneOn {
    /// How many items.
    pub items: usize,
    /// How many of them only got as far as to a person.
    pub parked: usize,
}

/// Keeps what came of asking a service about `about`, as it was asked of the wishes up to number
/// `upto`, and lets go on what waited for it; answers how much did.
pub fn settle(
    tx: &mut Tx<'_>,
    world: &World,
    (service, about): (&str, &Mark),
    upto: i64,
    outcome: &Outcome,
) -> Result<GoneOn, Error> {
    protect(tx, (service, about), outcome)?;
    let items = tx.settle_wishes((service, about), upto, outcome)?;
    go_on(tx, world, &items)
}

/// What the look-up says of protection counts for all that is told of the citizen from then on, as
/// if the register had told it. That it says nothing of it ends no protection.
fn protect(tx: &mut Tx<'_>, (service, about): (&str, &Mark), outcome: &Outcome) -> Result<(), Error> {
    let Outcome::Answered(answer) = outcome else { return Ok(()) };
    if service != RESIDENCE || !serde_json::from_slice::<Lives>(answer).is_ok_and(|lives| lives.protected) {
        return Ok(());
    }
    let question = tx.question_about((service, about))?;
    let cpr = question.and_then(|question| Cpr::parse(std::str::from_utf8(&question).ok()?));
    cpr.map_or(Ok(()), |cpr| tx.remember_protected(&Citizen::Cpr(cpr)))
}

/// Notes that asking about `about` was in vain: it is asked again at `again`, but what has waited
/// since `give_up` goes on without an answer. Answers how much does.
pub fn postpone(
    tx: &mut Tx<'_>,
    world: &World,
    (service, about): (&str, &Mark),
    again: Timestamp,
    give_up: Timestamp,
) -> Result<GoneOn, Error> {
    let items = tx.postpone_wishes((service, about), again, give_up)?;
    go_on(tx, world, &items)
}

/// Gives up on what has waited since `give_up`, at most [`AT_ONCE`] of it, because the service does
/// not answer anyone; answers how much.
pub fn give_up(tx: &mut Tx<'_>, world: &World, service: &str, give_up: Timestamp) -> Result<GoneOn, Error> {
    let items = tx.give_up_wishes(service, give_up, AT_ONCE)?;
    go_on(tx, world, &items)
}

/// Parks what waits for an answer about `about`: the hub failed on it, and would again.
pub fn fail(tx: &mut Tx<'_>, (service, about): (&str, &Mark)) -> Result<GoneOn, Error> {
    let items = tx.drop_wishes_about((service, about))?;
    let text = "Budstikken fejlede på det, den fik svar på, og har gemt beskeden. Meld fejlen; send beskeden igen, når den er rettet.";
    park(tx, &items, &Reason::new(HUB_FAILED, text))
}

/// Parks what waits for an answer about `about`: its question is none that the service can be asked.
pub fn unaskable(tx: &mut Tx<'_>, (service, about): (&str, &Mark)) -> Result<GoneOn, Error> {
    let items = tx.drop_wishes_about((service, about))?;
    park(tx, &items, &question_lost())
}

/// Parks what one wish is kept for, because its question cannot be opened.
pub fn lost(tx: &mut Tx<'_>, wish: i64) -> Result<GoneOn, Error> {
    let items = tx.drop_wish(wish)?;
    park(tx, &items, &question_lost())
}

fn park(tx: &mut Tx<'_>, items: &[i64], reason: &Reason) -> Result<GoneOn, Error> {
    for seq in items {
        let item = tx.item(*seq)?;
        tx.change_item(&item, item::State::Parked, None, Some(reason), item.case.is_some())?;
    }
    Ok(GoneOn { items: items.len(), parked: items.len() })
}

fn question_lost() -> Reason {
    let text = "Det, der skulle spørges om, kan ikke åbnes eller læses: rækken er ændret, eller nøglen mangler i nøglefilen. Kør `budstikke verify`, og send så beskeden igen; så spørges der på ny.";
    Reason::new(CONTENT_LOST, text)
}

pub(super) fn answer_lost() -> Reason {
    let text = "Svaret på det, der blev spurgt om, kan ikke åbnes eller læses: rækken er ændret, eller nøglen mangler i nøglefilen. Kør `budstikke verify`, og send så beskeden igen; så spørges der på ny.";
    Reason::new(CONTENT_LOST, text)
}

/// Whether what was answered for an item can be opened and read.
pub(super) fn open_answers(tx: &mut Tx<'_>, item: &item::Item) -> Result<bool, Error> {
    let source = tx.message(item.message)?.adapter;
    let opened = looked_up(tx, item.seq).map(drop).and_then(|()| fetched(tx, item.seq, &source).map(drop));
    match opened {
        Ok(()) => Ok(true),
        Err(error) if error.is_passing() => Err(error),
        Err(error) => {
            tracing::error!(item = item.seq, error = &error as &dyn std::error::Error, "an answer cannot be opened");
            Ok(false)
        }
    }
}

/// Takes up an item that waits though nothing is left that it waits for.
pub fn free(tx: &mut Tx<'_>, world: &World, item: i64) -> Result<GoneOn, Error> {
    if tx.item(item)?.state != item::State::Waiting {
        return Ok(GoneOn::default());
    }
    go_on(tx, world, &[item])
}

/// Lets go on what waits for a service that is in the settings no more, at most [`AT_ONCE`] items;
/// answers how many. Nobody would ask for them.
pub fn let_go(tx: &mut Tx<'_>, world: &World) -> Result<GoneOn, Error> {
    let mut gone = GoneOn::default();
    for service in tx.wished_of()? {
        if world.asks.knows(&service) {
            continue;
        }
        let items = tx.drop_wishes_of(&service, AT_ONCE)?;
        let one = go_on(tx, world, &items)?;
        gone = GoneOn { items: gone.items + one.items, parked: gone.parked + one.parked };
    }
    Ok(gone)
}

/// Lets items go on, in the order in which they came. What is behind one of them in its case goes
/// on with it.
fn go_on(tx: &mut Tx<'_>, world: &World, items: &[i64]) -> Result<GoneOn, Error> {
    let mut cases = BTreeSet::new();
    let mut parked = 0;
    for seq in items {
        let item = tx.item(*seq)?;
        match item.case_key() {
            Some(case) if !cases.insert(case.clone()) => {}
            Some(case) => release::after(tx, world, &case)?,
            None => release::alone(tx, world, &item)?,
        }
        parked += usize::from(tx.item(*seq)?.state == item::State::Parked);
    }
    Ok(GoneOn { items: items.len(), parked })
}

impl super::Asks {
    /// Whether that service is in the settings.
    fn knows(&self, service: &str) -> bool {
        (service == RESIDENCE && self.residence != Ask::Never)
            || service.strip_prefix("content.").is_some_and(|source| self.content.contains(source))
    }
}
