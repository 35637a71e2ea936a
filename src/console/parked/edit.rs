//! Correcting what could not be decided about, for those who may open it. What is shown was looked at
//! for a purpose, and that stands in the log. A second person approves, where the settings say so.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::super::Console;
use super::super::access::{self, Right};
use super::super::fault::{Fault, page_of};
use super::super::gate::{Posted, Visitor};
use super::super::layout::{Frame, Place};
use super::super::looking::{Asked, may_see_whole};
use super::super::named::Named;
use super::super::purpose::Purpose;
use super::diff::{DiffLine, diff};
use super::words;
use crate::intake::edit::{self, LARGEST, Text, Unfit};
use crate::intake::people::{Became, Person};
use crate::ledger::edit::Edit;
use crate::ledger::look::{Sight, Wanted};
use crate::ledger::{Error, Reader, Tx};

/// The largest form: a text in which every character is written with nine, and a little more.
const FORM: usize = LARGEST * 9 + 16 * 1024;

/// Asks for the purpose before anything is shown.
#[derive(Template)]
#[template(path = "parked-purpose.html", config = "src/console/askama.toml")]
struct Before {
    frame: Frame,
    item: i64,
    title: String,
    /// Where the purpose is sent.
    action: String,
    answered: bool,
}

#[derive(Template)]
#[template(path = "parked-edit.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    item: i64,
    text: String,
    reason: String,
    fault: Option<String>,
    asks: bool,
    answered: bool,
}

#[derive(Template)]
#[template(path = "parked-approve.html", config = "src/console/askama.toml")]
struct Decide {
    frame: Frame,
    edit: Edit,
    lines: Vec<DiffLine>,
    own: bool,
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/parkeret/besked/{number}/ret", get(before).post(open))
        .route("/parkeret/besked/{number}/ret/gem", post(keep).layer(DefaultBodyLimit::max(FORM)))
        .route("/parkeret/rettelse/{number}", get(before_deciding).post(show))
        .route("/parkeret/rettelse/{number}/afgoer", post(decide))
}

/// A text that may be corrected, and whether its sender was answered already.
pub(super) struct Opened {
    pub(super) text: Text,
    pub(super) answered: bool,
}

/// A correction, and what it changes.
pub(super) struct Proposal {
    pub(super) edit: Edit,
    pub(super) lines: Vec<DiffLine>,
}

/// Whether there is an item of that number, however it stands.
fn is_item(reader: &mut Reader<'_>, item: i64) -> Result<bool, Error> {
    Ok(reader.whereabouts(Wanted::Item(item))?.is_some())
}

/// Shows the text of an item: a look.
fn look(tx: &mut Tx<'_>, item: i64, user: &str, purpose: &str) -> Result<Result<Opened, Unfit>, Error> {
    let text = match edit::text(tx, item)? {
        Ok(text) => text,
        Err(unfit) => return Ok(Err(unfit)),
    };
    let message = tx.item(item)?.message;
    tx.look(user, purpose, Sight::Message(message))?;
    Ok(Ok(Opened { text, answered: answered(&mut tx.reader(), message)? }))
}

fn answered(reader: &mut Reader<'_>, message: i64) -> Result<bool, Error> {
    Ok(!reader.replies_to(message)?.is_empty())
}

/// Shows what a correction changes: a look at the message, and at what is to stand instead. Where the
/// item has been decided about, it is in a mailbox or at its end, and no longer a postmaster's to see.
fn look_at_edit(
    tx: &mut Tx<'_>,
    seq: i64,
    person: &access::Person,
    purpose: &Purpose,
) -> Result<Asked<Proposal>, Error> {
    let Some(edit) = tx.reader().edit(seq)? else { return Ok(Asked::Missing) };
    if !may_see_whole(&mut tx.reader(), person, edit.item)? {
        return Ok(Asked::Forbidden);
    }
    let message = tx.item(edit.item)?.message;
    let purpose = format!("{} (rettelse {seq})", purpose.as_str());
    let came = tx.look(&person.user, &purpose, Sight::Message(message))?;
    let text = |bytes: &[u8]| Text::of(bytes).map_or_else(String::new, |text| text.shown().to_owned());
    let lines = diff(&text(&came), &text(&tx.edit_text(seq)?));
    Ok(Asked::Shown(Proposal { edit, lines }))
}

impl Console {
    /// Shows the text of an item to somebody who may correct it.
    pub(super) async fn opens(&self, item: i64, user: &str, purpose: &Purpose) -> Result<Result<Opened, Unfit>, Fault> {
        let (user, purpose) = (user.to_owned(), purpose.as_str().to_owned());
        let look = move |tx: &mut Tx<'_>| {
            if is_item(&mut tx.reader(), item)? { look(tx, item, &user, &purpose).map(Some) } else { Ok(None) }
        };
        self.hub.desk.ledger.write(look).await?.ok_or(Fault::NotFound)
    }

    /// Shows a correction to somebody who may approve it.
    pub(super) async fn opens_edit(
        &self,
        seq: i64,
        person: &access::Person,
        purpose: &Purpose,
    ) -> Result<Proposal, Fault> {
        let (person, purpose) = (person.clone(), purpose.clone());
        // A look changes nothing that anybody waits for.
        self.hub.desk.ledger.write(move |tx| look_at_edit(tx, seq, &person, &purpose)).await?.shown()
    }

    /// Keeps a correction.
    pub(super) async fn proposes(
        self: &Arc<Self>,
        item: i64,
        text: String,
        person: Person,
    ) -> Result<Result<(Edit, Option<Became>), Unfit>, Fault> {
        let (world, asks) = (Arc::clone(&self.hub.desk.world), self.settings.edit_approval);
        let work = move |tx: &mut Tx<'_>| {
            if is_item(&mut tx.reader(), item)? {
                return edit::propose(tx, &world, item, &text, (&person, asks)).map(Some);
            }
            Ok(None)
        };
        self.writes(work).await?.ok_or(Fault::NotFound)
    }

    /// Approves a correction, or turns it down.
    pub(super) async fn decides(
        self: &Arc<Self>,
        seq: i64,
        approve: bool,
        person: Person,
    ) -> Result<Result<(Edit, Option<Became>), Unfit>, Fault> {
        let world = Arc::clone(&self.hub.desk.world);
        let work = move |tx: &mut Tx<'_>| {
            if approve {
                return Ok(edit::approve(tx, &world, seq, &person)?.map(|(edit, became)| (edit, Some(became))));
            }
            Ok(edit::reject(tx, seq, &person)?.map(|edit| (edit, None)))
        };
        self.writes(work).await
    }

    /// Whether the sender of an item was answered already.
    async fn was_answered(&self, item: i64) -> Result<bool, Fault> {
        let read = move |reader: &mut Reader<'_>| {
            if !is_item(reader, item)? {
                return Ok(None);
            }
            let message = reader.item(item)?.message;
            answered(reader, message).map(Some)
        };
        self.hub.desk.ledger.read(read).await?.ok_or(Fault::NotFound)
    }
}

async fn before(State(console): State<Arc<Console>>, visitor: Visitor, path: Named<i64>) -> Result<Response, Fault> {
    visitor.needs(Right::Undecided)?;
    let item = path.read()?;
    let answered = console.was_answered(item).await?;
    Ok(page_of(&Before {
        frame: Frame::new(&visitor, Some(Place::Parked)),
        item,
        title: format!("Ret besked #{item}"),
        action: format!("/parkeret/besked/{item}/ret"),
        answered,
    }))
}

async fn open(State(console): State<Arc<Console>>, path: Named<i64>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Undecided)?;
    let item = path.read()?;
    let purpose = Purpose::of(&posted)?;
    let opened = console.opens(item, &posted.visitor.person.user, &purpose).await?;
    let Opened { text, answered } = opened.map_err(|unfit| Fault::Refused(words::unfit(&unfit)))?;
    Ok(page_of(&Page {
        frame: Frame::new(&posted.visitor, Some(Place::Parked)),
        item,
        text: text.shown().to_owned(),
        reason: String::new(),
        fault: None,
        asks: console.settings.edit_approval,
        answered,
    }))
}

/// Keeps what was written; where it cannot be kept, it is shown again with why, and nothing is lost.
async fn keep(State(console): State<Arc<Console>>, path: Named<i64>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Undecided)?;
    let item = path.read()?;
    let (text, reason) = (posted.raw("tekst").to_owned(), posted.one("grund").to_owned());
    let person = Person { user: posted.visitor.person.user.clone(), reason: reason.clone() };
    match console.proposes(item, text.clone(), person).await? {
        Ok((edit, None)) => Ok(Redirect::to(&format!("/parkeret/besked/{}?svar=rettet", edit.item)).into_response()),
        Ok((edit, Some(became))) => Ok(after(&edit, &became)),
        Err(unfit) => {
            let page = Page {
                frame: Frame::new(&posted.visitor, Some(Place::Parked)),
                item,
                text: text.replace("\r\n", "\n"),
                reason,
                fault: Some(words::unfit(&unfit)),
                asks: console.settings.edit_approval,
                answered: console.was_answered(item).await?,
            };
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page_of(&page)).into_response())
        }
    }
}

/// Where somebody is led whose correction counts.
fn after(edit: &Edit, became: &Became) -> Response {
    let answer = if became.reason.is_some() { "igen" } else { "udfoert" };
    Redirect::to(&format!("/parkeret/besked/{}?svar={answer}", edit.item)).into_response()
}

async fn before_deciding(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    path: Named<i64>,
) -> Result<Response, Fault> {
    visitor.needs(Right::Undecided)?;
    let seq = path.read()?;
    let person = visitor.person.clone();
    let read = move |reader: &mut Reader<'_>| {
        let Some(edit) = reader.edit(seq)? else { return Ok(None) };
        let may_see = may_see_whole(reader, &person, edit.item)?;
        Ok(Some((edit, may_see)))
    };
    let (edit, may_see) = console.hub.desk.ledger.read(read).await?.ok_or(Fault::NotFound)?;
    if !may_see {
        // Who corrected it, why, and who approved stands there, without content.
        return Ok(Redirect::to(&format!("/parkeret/besked/{}", edit.item)).into_response());
    }
    Ok(page_of(&Before {
        frame: Frame::new(&visitor, Some(Place::Parked)),
        item: edit.item,
        title: format!("Rettelse {seq} af besked #{}", edit.item),
        action: format!("/parkeret/rettelse/{seq}"),
        answered: false,
    }))
}

async fn show(State(console): State<Arc<Console>>, path: Named<i64>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Undecided)?;
    let purpose = Purpose::of(&posted)?;
    let person = &posted.visitor.person;
    let Proposal { edit, lines } = console.opens_edit(path.read()?, person, &purpose).await?;
    let own = edit.by == person.user;
    Ok(page_of(&Decide { frame: Frame::new(&posted.visitor, Some(Place::Parked)), edit, lines, own }))
}

async fn decide(State(console): State<Arc<Console>>, path: Named<i64>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Undecided)?;
    let approve = match posted.one("svar") {
        "godkend" => true,
        "afvis" => false,
        _ => return Err(Fault::NotFound),
    };
    let person = Person { user: posted.visitor.person.user.clone(), reason: posted.one("grund").to_owned() };
    match console.decides(path.read()?, approve, person).await? {
        Ok((edit, Some(became))) => Ok(after(&edit, &became)),
        Ok((edit, None)) => Ok(Redirect::to(&format!("/parkeret/besked/{}?svar=afvist", edit.item)).into_response()),
        Err(unfit) => Err(Fault::Refused(words::unfit(&unfit))),
    }
}
