//! What a party owes and is owed: a board by party and area, a list, a month, and files for others'
//! programs. Nothing here is about a person.

pub(super) mod api;
mod board;
mod export;
mod form;
mod ics;
mod month;
mod places;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State as Extract;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Console;
use super::access::{Person, Right};
use super::address::Address;
use super::fault::{Fault, page_of};
use super::gate::Visitor;
use super::layout::{Frame, Place as Menu};
use super::names;
use super::words::{count, day};
use crate::agreement::model::Agreement;
use crate::duty::{Duty, calendar};
use crate::ledger::agenda::{Place, Viewpoint};
use crate::ledger::{self, Reader};
use board::{Filter, Obligation, Shown, Standing, Told, Unclear};
use budstikke_contract::event::danish_day;
use form::{Form, Row, counts, query};
use month::Month;

/// How many are shown on a page.
const PAGE: u32 = 50;

/// How many are shown in a month of each state, and of what is to come.
const IN_MONTH: u32 = 300;

/// How many go into a file.
const IN_FILE: u32 = 5_000;

/// How many are shown on one day of a month; a link leads to the others.
const ON_DAY: usize = 4;

/// How often it is looked for when something was told of one duty: its day moves a few times.
const TOLD: usize = 16;

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/pligter", get(list))
        .route("/pligter/kalender", get(by_month))
        .route("/pligter/pligter.csv", get(table))
        .route("/pligter/pligter.ics", get(calendar_file))
}

/// From where somebody sees duties: one party, on a day.
#[derive(Debug, Clone)]
struct View {
    party: String,
    agreement: Arc<Agreement>,
    seen_from: Viewpoint,
    today: Date,
    now: Timestamp,
    /// Whether the hub follows the agreement's calendar.
    calendar: bool,
}

/// A part of what a filter asks for.
#[derive(Debug)]
struct Part {
    duties: Vec<Obligation>,
    /// Whether there are more.
    more: bool,
    /// Where those begin.
    next: Option<Place>,
}

fn filter_of(asked: &Address, otherwise: Shown, agreement: &Agreement) -> Result<Filter, Fault> {
    let asked = ["tilstand", "skyldes_af", "omraade", "fra", "til"].map(|name| asked.one(name));
    Filter::read(asked, otherwise, agreement).map_err(|unclear| Fault::Refused(in_danish(unclear).to_owned()))
}

fn in_danish(unclear: Unclear) -> &'static str {
    match unclear {
        Unclear::Day => "Datoen kan ikke læses. Skriv den som 2026-12-31.",
        Unclear::State => "Der er ingen tilstand af det navn. Vælg en i formularen på siden med pligter.",
        Unclear::Party => "Der er ingen part af det navn i aftalen. Vælg en i formularen på siden med pligter.",
        Unclear::Area => "Der er intet område af det navn. Vælg et i formularen på siden med pligter.",
    }
}

impl Console {
    /// The view of a party that somebody may have; without a name, of the first of theirs.
    fn duties_of(&self, person: &Person, wanted: &str) -> Result<View, Fault> {
        let party = if wanted.is_empty() { person.parties().first().copied().unwrap_or_default() } else { wanted };
        if party.is_empty() || !person.may(Right::Duties(party)) {
            return Err(Fault::Forbidden);
        }
        let now = self.hub.desk.clock.now();
        let today = danish_day(now);
        let known = self.hub.desk.world.book.known_on(today);
        let agreement = known.iter().find(|it| it.party(party).is_some()).ok_or(Fault::NotFound)?;
        let municipality = agreement.party(party).map(|it| it.municipality.to_string()).unwrap_or_default();
        let others: Vec<&str> = agreement.parties.iter().map(|it| it.id.as_str()).filter(|id| *id != party).collect();
        let seen_from = Viewpoint::of(party, &municipality, &others)?;
        Ok(View {
            party: party.to_owned(),
            agreement: Arc::clone(agreement),
            seen_from,
            today,
            now,
            calendar: self.hub.desk.world.calendar,
        })
    }

    /// A page of what a filter asks for, and where the next one begins.
    async fn owed(&self, view: &View, filter: &Filter, after: Option<Place>, limit: u32) -> Result<Part, Fault> {
        let (view, filter) = (view.clone(), filter.clone());
        let read = move |reader: &mut Reader<'_>| owed(reader, &view, &filter, after.as_ref(), limit);
        Ok(self.hub.desk.ledger.read(read).await?)
    }

    /// All that a filter asks for; `None` where that is more than `limit`: then nothing is told.
    async fn all_owed(&self, view: &View, filter: &Filter, limit: u32) -> Result<Option<Vec<Obligation>>, Fault> {
        let (view, filter) = (view.clone(), filter.clone());
        let read = move |reader: &mut Reader<'_>| {
            let Found { rows, more } = found(reader, &view, &filter, None, limit)?;
            let tell = |(place, duty): &(Place, Duty)| told_of(reader, &view, place, duty);
            if more { Ok(None) } else { rows.iter().map(tell).collect::<Result<_, _>>().map(Some) }
        };
        Ok(self.hub.desk.ledger.read(read).await?)
    }
}

/// What a filter finds, before it is told of.
struct Found {
    rows: Vec<(Place, Duty)>,
    /// Whether there are more.
    more: bool,
}

fn found(
    reader: &mut Reader<'_>,
    view: &View,
    filter: &Filter,
    after: Option<&Place>,
    limit: u32,
) -> Result<Found, ledger::Error> {
    let room = usize::try_from(limit).unwrap_or(usize::MAX);
    let planned = after.filter(|place| places::is_planned(place));
    let mut rows = Vec::new();
    if planned.is_none() {
        for slice in filter.slices(&view.seen_from, view.today) {
            // One more than is shown says whether there are more.
            rows.extend(reader.agenda(&slice, after, limit.saturating_add(1))?);
        }
        if matches!(filter.shown, Shown::All) {
            rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
    }
    // What is to come stands after all that the ledger has.
    if let Some(left) = room.checked_sub(rows.len()) {
        rows.extend(ahead(reader, view, filter, planned, left.saturating_add(1))?);
    }
    let more = rows.len() > room;
    rows.truncate(room);
    Ok(Found { rows, more })
}

/// What is told of a duty, with who was reminded of it.
fn told_of(reader: &mut Reader<'_>, view: &View, place: &Place, duty: &Duty) -> Result<Obligation, ledger::Error> {
    let standing = if places::is_planned(place) { Standing::Planned } else { Standing::of(duty, view.today) };
    let told = told(reader, duty)?;
    Ok(Obligation::of(duty, standing, told, &view.agreement))
}

fn owed(
    reader: &mut Reader<'_>,
    view: &View,
    filter: &Filter,
    after: Option<&Place>,
    limit: u32,
) -> Result<Part, ledger::Error> {
    let Found { rows, more } = found(reader, view, filter, after, limit)?;
    let next = rows.last().map(|(place, _)| place.clone()).filter(|_| more);
    let duties = rows.iter().map(|(place, duty)| told_of(reader, view, place, duty)).collect::<Result<_, _>>()?;
    Ok(Part { duties, more, next })
}

/// What the agreement's calendar brings later, after a place, at most `most`. It has no number yet: its
/// place is its day, and which of that day's it is.
fn ahead(
    reader: &mut Reader<'_>,
    view: &View,
    filter: &Filter,
    after: Option<&Place>,
    most: usize,
) -> Result<Vec<(Place, Duty)>, ledger::Error> {
    let Some(until) = filter.ahead(view.today).filter(|_| view.calendar) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut last: Option<Place> = None;
    for duty in calendar::planned(&view.agreement, view.today, until, view.now) {
        if found.len() >= most {
            break;
        }
        let day = duty.due.date.map(|day| day.to_string()).unwrap_or_default();
        let place = places::planned(last.as_ref(), day);
        last = Some(place.clone());
        let passed = after.is_some_and(|after| places::in_order(&place) <= places::in_order(after));
        // What was done before its task is given is kept already.
        if !passed && filter.fits(&duty) && !reader.has_duty(duty.id)? {
            found.push((place, duty));
        }
    }
    Ok(found)
}

fn told(reader: &mut Reader<'_>, duty: &Duty) -> Result<Vec<Told>, ledger::Error> {
    let mut told = Vec::new();
    if duty.reminded || duty.told_late || duty.moves > 0 {
        for (occasion, event) in duty.notices().take(TOLD) {
            told.extend(reader.told_at(event)?.map(|at| Told::of(duty, occasion, at)));
        }
    }
    Ok(told)
}

#[derive(Template)]
#[template(path = "pligter.html", config = "src/console/askama.toml")]
struct ListPage {
    frame: Frame,
    form: Form,
    rows: Vec<Row>,
    title: &'static str,
    duties: Vec<Obligation>,
    next: Option<String>,
}

/// The board and the list.
async fn list(Extract(console): Extract<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    let asked = Address::of(&uri);
    let view = console.duties_of(&visitor.person, asked.one("kommune"))?;
    let filter = filter_of(&asked, Shown::Owed, &view.agreement)?;
    let after = places::read(asked.one("efter"));
    let (seen, wanted) = (view.clone(), filter.clone());
    let read = move |reader: &mut Reader<'_>| {
        Ok((owed(reader, &seen, &wanted, after.as_ref(), PAGE)?, counts(reader, &seen, &wanted)?))
    };
    let (Part { duties, next, .. }, rows) = console.hub.desk.ledger.read(read).await?;
    let next = next.map(|place| query(&view, &filter, &[("efter", &places::written(&place))]));
    let form = Form::of(&view, &filter, &visitor.person);
    let frame = Frame::new(&visitor, Some(Menu::Duties));
    Ok(page_of(&ListPage { frame, form, rows, title: filter.shown.title(), duties, next }))
}

/// A day of a month.
#[derive(Debug)]
struct Square {
    number: i8,
    name: String,
    is_today: bool,
    duties: Vec<Obligation>,
    /// How many more there are than are shown.
    more: usize,
    /// Where all of them are.
    link: String,
}

/// A week of a month.
#[derive(Debug)]
struct Line {
    number: i8,
    days: Vec<Option<Square>>,
}

#[derive(Template)]
#[template(path = "pligter-kalender.html", config = "src/console/askama.toml")]
struct MonthPage {
    frame: Frame,
    form: Form,
    title: String,
    month: String,
    previous: String,
    next: String,
    weeks: Vec<Line>,
    total: String,
    /// Whether there are more than are shown.
    cut: bool,
}

/// A month.
async fn by_month(Extract(console): Extract<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    let asked = Address::of(&uri);
    let view = console.duties_of(&visitor.person, asked.one("kommune"))?;
    let month = match asked.one("maaned") {
        "" => Month::of(view.today),
        text => Month::parse(text).ok_or_else(|| {
            Fault::Refused("Måneden kan ikke læses. Skriv den som 2026-12, mellem 2000 og 2199.".to_owned())
        })?,
    };
    let asked_for = filter_of(&asked, Shown::All, &view.agreement)?;
    let filter = Filter { from: Some(month.first()), to: Some(month.last()), ..asked_for };
    let Part { duties, more, .. } = console.owed(&view, &filter, None, IN_MONTH).await?;
    let total = duties.len();
    let mut by_day: BTreeMap<Date, Vec<Obligation>> = BTreeMap::new();
    for duty in duties {
        if let Some(due) = duty.due {
            by_day.entry(due).or_default().push(duty);
        }
    }
    let mut square = |date: Date| {
        let mut duties = by_day.remove(&date).unwrap_or_default();
        duties.sort_by_key(|duty| duty.state);
        let more = duties.len().saturating_sub(ON_DAY);
        duties.truncate(ON_DAY);
        let one = Filter { from: Some(date), to: Some(date), ..filter.clone() };
        let is_today = date == view.today;
        Square { number: date.day(), name: day(date), is_today, duties, more, link: query(&view, &one, &[]) }
    };
    let weeks = month.weeks().into_iter().map(|week| Line {
        number: week.number,
        days: week.days.into_iter().map(|date| date.map(&mut square)).collect(),
    });
    let weeks = weeks.collect();
    // The days of the month are the page's own.
    let kept = Filter { from: None, to: None, ..filter };
    let to = |month: Month| query(&view, &kept, &[("maaned", &month.name())]);
    Ok(page_of(&MonthPage {
        frame: Frame::new(&visitor, Some(Menu::Duties)),
        form: Form::of(&view, &kept, &visitor.person),
        title: month.title(),
        month: month.name(),
        previous: to(month.previous()),
        next: to(month.next()),
        weeks,
        total: super::words::several(i64::try_from(total).unwrap_or(i64::MAX), "pligt", "pligter"),
        cut: more,
    }))
}

/// All that a filter shows; refused where that is more than a file holds: half of it would be taken for all.
async fn all(console: &Console, visitor: &Visitor, uri: &Uri) -> Result<(View, Vec<Obligation>), Fault> {
    let asked = Address::of(uri);
    let view = console.duties_of(&visitor.person, asked.one("kommune"))?;
    let filter = filter_of(&asked, Shown::Owed, &view.agreement)?;
    let Some(mut duties) = console.all_owed(&view, &filter, IN_FILE).await? else {
        let most = count(i64::from(IN_FILE));
        let why = format!("Der er flere end {most} pligter. Vælg en kortere periode, et område eller en part.");
        return Err(Fault::Refused(why));
    };
    // What the calendar will bring stands among what is owed already.
    duties.sort_by_key(|duty| duty.due.unwrap_or(Date::MAX));
    Ok((view, duties))
}

fn file(view: &View, media_type: &'static str, ending: &str, text: String) -> Response {
    let name = format!("attachment; filename=\"pligter-{}-{}.{ending}\"", view.party, view.today);
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, name)], text).into_response()
}

/// The same as a table.
async fn table(Extract(console): Extract<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    let (view, duties) = all(&console, &visitor, &uri).await?;
    Ok(file(&view, "text/csv; charset=utf-8", "csv", export::csv(&duties)))
}

/// The same as a calendar.
async fn calendar_file(Extract(console): Extract<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    let (view, duties) = all(&console, &visitor, &uri).await?;
    let name = format!("Pligter, {}", names::party(&view.agreement, &view.party));
    Ok(file(&view, "text/calendar; charset=utf-8", "ics", export::calendar(&name, &duties, view.now)))
}
