//! Grants and contracts, for a negotiator: what their mailbox has got, by citizen, paragraph, provider,
//! period and contract. Who it is about is content: a list is shown for a purpose, and each event that
//! it rests on is a look.

pub(super) mod api;
mod choice;
mod folded;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;

use super::Console;
use super::access::{Person, Right};
use super::fault::{Fault, page_of};
use super::gate::{Posted, Visitor};
use super::layout::{Frame, Place};
use super::purpose::Purpose;
use super::words::{count, day, with_hyphen};
use crate::agreement::model::MailboxId;
use crate::ledger::grants::{Noted, TEAM};
use crate::ledger::look::{Sight, Wanted};
use crate::ledger::{self, Reader, Tx};
use budstikke_contract::event::danish_day;
use choice::{Choice, Unfit};
pub(super) use folded::Folded;
use state::{Grant, Said, grants};

/// How many events of a mailbox are gone through, the newest first.
const NOTED: u32 = 20_000;

/// Of so many what is asked for is found, whether they are opened for it or were before.
const OPENED: usize = 3_000;

/// How many grants are shown on a page.
const PAGE: usize = 30;

/// How many events of one grant are looked at, the newest: nobody decides about one more often.
const EVENTS: usize = 40;

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/bevillinger", get(form).post(list))
}

/// Which of all that is found is shown.
#[derive(Debug)]
struct Found {
    /// The grants of the page, each by its case and law.
    chosen: BTreeSet<(String, String)>,
    /// The events that they rest on.
    events: Vec<Noted>,
    /// How many there are in all.
    total: usize,
    /// Whether there are more after this page.
    more: bool,
    /// Whether not all that the mailbox has was gone through.
    cut: bool,
}

/// A page of grants. Personal.
struct Shown {
    grants: Vec<Grant>,
    total: usize,
    more: bool,
    cut: bool,
}

/// The mailboxes of a negotiator: what they see here is what their own mailbox got.
pub(super) fn mailboxes(person: &Person) -> Vec<&MailboxId> {
    person.mailboxes().filter(|it| it.as_str().ends_with(TEAM)).collect()
}

/// The mailbox that somebody asks about, where it is theirs; without a name, the first of theirs.
fn mailbox(person: &Person, wanted: &str) -> Result<MailboxId, Fault> {
    let own = mailboxes(person);
    let chosen =
        if wanted.is_empty() { own.first().copied() } else { own.iter().find(|it| it.as_str() == wanted).copied() };
    let chosen = chosen.ok_or(Fault::Forbidden)?;
    if person.may(Right::Content(chosen)) { Ok(chosen.clone()) } else { Err(Fault::Forbidden) }
}

/// What an event says, with what stands beside it in clear.
fn said(noted: &Noted, json: &[u8]) -> Said {
    let event: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    Said {
        seq: noted.seq,
        case: noted.case.clone(),
        kind: noted.kind.clone(),
        law: noted.law.clone(),
        at: noted.at,
        data: event.get("data").cloned().unwrap_or_default(),
    }
}

/// The grants of a case, from what was folded last or by opening its events.
fn of_case(
    reader: &mut Reader<'_>,
    folded: &Folded,
    (mailbox, case): (&str, &str),
    events: &[&Noted],
    today: Date,
) -> Result<Arc<[Grant]>, ledger::Error> {
    let (case, numbers) = ((mailbox.to_owned(), case.to_owned()), events.iter().map(|one| one.seq).collect::<Vec<_>>());
    if let Some(known) = folded.of(&case, &numbers, today) {
        return Ok(known);
    }
    let mut heard = Vec::with_capacity(events.len());
    for one in events {
        heard.push(said(one, &reader.grant_content(one.seq)?));
    }
    Ok(folded.keep(case, numbers, today, grants(&heard, today)))
}

/// Finds what is asked for. Nothing of it is shown yet.
fn find(
    reader: &mut Reader<'_>,
    folded: &Folded,
    mailbox: &str,
    choice: &Choice,
    today: Date,
) -> Result<Found, ledger::Error> {
    let noted = reader.grant_events(mailbox, NOTED)?;
    let mut cut = noted.len() >= usize::try_from(NOTED).unwrap_or(usize::MAX);
    let of_citizen = match &choice.citizen {
        Some(number) => Some(reader.grant_cases_of(mailbox, number)?),
        None => None,
    };
    // By case, the one that was heard of last first.
    let mut newest: Vec<&str> = Vec::new();
    let mut cases: BTreeMap<&str, Vec<&Noted>> = BTreeMap::new();
    for one in noted.iter().filter(|one| of_citizen.as_ref().is_none_or(|own| own.contains(&one.case))) {
        let events = cases.entry(&one.case).or_default();
        if events.is_empty() {
            newest.push(&one.case);
        }
        events.push(one);
    }
    newest.retain(|case| cases.get(case).is_some_and(|events| choice.may_be_of(events)));
    let mut opened = 0;
    let mut found: Vec<Grant> = Vec::new();
    for case in newest {
        let events = cases.get(case).map(Vec::as_slice).unwrap_or_default();
        if opened + events.len() > OPENED {
            cut = true;
            break;
        }
        opened += events.len();
        let own = of_case(reader, folded, (mailbox, case), events, today)?;
        found.extend(own.iter().filter(|grant| choice.fits(grant)).cloned());
    }
    choice.sort(&mut found);
    Ok(page(&noted, &found, choice.page, cut))
}

/// One page of what was found.
fn page(noted: &[Noted], found: &[Grant], number: usize, cut: bool) -> Found {
    let begin = number.saturating_mul(PAGE);
    let (mut chosen, mut wanted): (BTreeSet<(String, String)>, BTreeSet<i64>) = Default::default();
    for grant in found.iter().skip(begin).take(PAGE) {
        wanted.extend(grant.events.iter().rev().take(EVENTS));
        chosen.insert((grant.case.clone(), grant.law.clone()));
    }
    let events = noted.iter().filter(|one| wanted.contains(&one.seq)).cloned().collect();
    Found { more: found.len() > begin + chosen.len(), total: found.len(), chosen, events, cut }
}

impl Console {
    /// Shows somebody a page of grants, and writes down what they saw, in one transaction.
    async fn grants(
        &self,
        person: &Person,
        purpose: &Purpose,
        mailbox: &MailboxId,
        choice: &Choice,
    ) -> Result<(Shown, Date), Fault> {
        let today = danish_day(self.hub.desk.clock.now());
        let (own, wanted) = (mailbox.to_string(), choice.clone());
        let folded = Arc::clone(&self.folded);
        let found = self.hub.desk.ledger.read(move |reader| find(reader, &folded, &own, &wanted, today)).await?;
        let (user, purpose, own) = (person.user.clone(), purpose.as_str().to_owned(), mailbox.to_string());
        let Found { chosen, events, total, more, cut } = found;
        let order: Choice = choice.clone();
        let look = move |tx: &mut Tx<'_>| {
            let mut seen = Vec::with_capacity(events.len());
            for one in &events {
                // What was taken back meanwhile is no longer theirs to see.
                let place = tx.reader().whereabouts(Wanted::Event(one.seq))?;
                if place.is_some_and(|place| place.mailboxes.contains(&own)) {
                    seen.push(said(one, &tx.look(&user, &purpose, Sight::Event(one.seq))?));
                }
            }
            let mut shown = grants(&seen, today);
            shown.retain(|grant| chosen.contains(&(grant.case.clone(), grant.law.clone())));
            order.sort(&mut shown);
            Ok(shown)
        };
        let grants = self.hub.desk.ledger.write(look).await?;
        Ok((Shown { grants, total, more, cut }, today))
    }
}

/// A grant as a line of the page. Personal.
struct Line {
    grant: Grant,
    citizen: String,
    period: String,
    contract: String,
    followed: String,
    next: String,
    late: bool,
}

impl Line {
    fn of(grant: Grant, today: Date) -> Self {
        let follow_up = grant.follow_up.as_ref();
        let next = follow_up.and_then(|it| it.next);
        let done = follow_up.and_then(|it| it.done).map(day).unwrap_or_default();
        let outcome = follow_up.and_then(|it| it.outcome.clone()).map(|it| format!(" ({it})")).unwrap_or_default();
        let number = grant.contract_number.as_ref().map(|it| format!("{it}, ")).unwrap_or_default();
        Self {
            citizen: with_hyphen(&grant.citizen).unwrap_or_else(|| grant.citizen.clone()),
            period: choice::in_words(grant.period),
            contract: grant
                .contract_period
                .map(|it| format!("{number}{}", choice::in_words(Some(it))))
                .unwrap_or_default(),
            followed: if done.is_empty() { String::new() } else { format!("{done}{outcome}") },
            next: next.map(day).unwrap_or_default(),
            late: next.is_some_and(|next| next < today),
            grant,
        }
    }
}

#[derive(Template)]
#[template(path = "bevillinger.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    mailboxes: Vec<(String, bool)>,
    choice: Choice,
    purpose: String,
    note: String,
    /// What was found; `None` before anything was asked for.
    found: Option<Listed>,
}

struct Listed {
    lines: Vec<Line>,
    total: String,
    cut: bool,
    previous: Option<usize>,
    next: Option<usize>,
}

impl Page {
    fn new(visitor: &Visitor, chosen: &MailboxId, choice: Choice) -> Self {
        let mailboxes = mailboxes(&visitor.person).into_iter().map(|it| (it.to_string(), it == chosen)).collect();
        let (purpose, note) = (String::new(), String::new());
        Self { frame: Frame::new(visitor, Some(Place::Grants)), mailboxes, choice, purpose, note, found: None }
    }
}

/// The form. Nothing is shown before it is said what for.
async fn form(Extract(_): Extract<Arc<Console>>, visitor: Visitor) -> Result<Response, Fault> {
    let mailbox = mailbox(&visitor.person, "")?;
    Ok(page_of(&Page::new(&visitor, &mailbox, Choice::default())))
}

/// A list. It is no page of its own to come back to: each time it is shown is a look.
async fn list(Extract(console): Extract<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    let mailbox = mailbox(&posted.visitor.person, posted.one("postkasse"))?;
    let purpose = Purpose::of(&posted)?;
    let asked =
        ["cpr", "lov", "leverandoer", "fra", "til", "kontrakt", "bevilling", "liste", "side"].map(|it| posted.one(it));
    let choice = Choice::read(asked).map_err(|unfit| Fault::Refused(in_danish(unfit).to_owned()))?;
    let (shown, today) = console.grants(&posted.visitor.person, &purpose, &mailbox, &choice).await?;
    let mut page = Page::new(&posted.visitor, &mailbox, choice);
    (page.purpose, page.note) = (posted.one("formaal").to_owned(), posted.one("uddybning").to_owned());
    page.found = Some(Listed {
        lines: shown.grants.into_iter().map(|grant| Line::of(grant, today)).collect(),
        total: count(i64::try_from(shown.total).unwrap_or(i64::MAX)),
        cut: shown.cut,
        previous: page.choice.page.checked_sub(1),
        next: shown.more.then_some(page.choice.page + 1),
    });
    Ok(page_of(&page))
}

fn in_danish(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::Citizen => "CPR-nummeret kan ikke læses. Skriv ti cifre. Intet er vist.",
        Unfit::Law => "Loven kan ikke læses. Skriv den som SEL § 107. Intet er vist.",
        Unfit::Day => "Datoen kan ikke læses. Skriv den som 2026-12-31. Intet er vist.",
        Unfit::Word => "Vælg tilstanden på listen. Intet er vist.",
    }
}
