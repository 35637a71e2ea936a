//! One parked thing: why, since when, and what can be done with it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::super::Console;
use super::super::access::Right;
use super::super::address::Address;
use super::super::fault::{Fault, page_of};
use super::super::gate::{Posted, Visitor};
use super::super::layout::{Frame, Place};
use super::super::named::Named;
use super::super::words::clock;
use super::view::{self, Thing};
use super::{needs_to_see, words};
use crate::intake::World;
use crate::intake::job::still_parked;
use crate::intake::people::Person;
use crate::intake::people::act::{self, Refusal, Wanted};
use crate::ledger::edit::Edit;
use crate::ledger::job::Act;
use crate::ledger::parked::{self, Frozen, Kind};
use crate::ledger::{Error, Reader, Tx};

#[derive(Template)]
#[template(path = "parked-one.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    thing: Thing,
    since: String,
    meaning: &'static str,
    by_itself: &'static str,
    acts: Vec<Act>,
    mailboxes: Vec<(String, String)>,
    said: Option<&'static str>,
    /// How people have corrected it: who, how it stands, why.
    edits: Vec<EditRow>,
    /// Whether its visitor may correct it.
    may_edit: bool,
}

struct EditRow {
    edit: Edit,
    at: String,
    state: &'static str,
}

impl Page {
    fn may(&self, name: &str) -> bool {
        self.acts.iter().any(|act| act.name() == name)
    }
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/parkeret/besked/{number}", get(item))
        .route("/parkeret/levering/{id}", get(delivery))
        .route("/parkeret/handling", post(carry_out))
}

async fn item(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    path: Named<i64>,
    uri: Uri,
) -> Result<Response, Fault> {
    needs_to_see(&visitor)?;
    let row = path.read()?;
    page(&console, &visitor, parked::Thing { kind: Kind::Item, row }, &uri).await
}

async fn delivery(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    path: Named<String>,
    uri: Uri,
) -> Result<Response, Fault> {
    needs_to_see(&visitor)?;
    let thing = console.parked_delivery(path.read()?).await?.ok_or(Fault::NotFound)?;
    page(&console, &visitor, thing, &uri).await
}

async fn page(console: &Console, visitor: &Visitor, thing: parked::Thing, uri: &Uri) -> Result<Response, Fault> {
    let read = move |reader: &mut Reader<'_>| {
        let Some(seen) = view::seen(reader, thing)? else { return Ok(None) };
        let edits = if seen.is_item() { reader.edits_of(thing.row)? } else { Vec::new() };
        Ok(Some((seen, edits)))
    };
    let (thing, edits) = console.hub.desk.ledger.read(read).await?.ok_or(Fault::NotFound)?;
    let now = console.hub.desk.clock.now();
    let (meaning, by_itself) = words::code(thing.code.as_deref().unwrap_or_default());
    let operates = visitor.person.may(Right::Operate);
    let mailboxes = &console.hub.desk.world.mailboxes;
    Ok(page_of(&Page {
        frame: Frame::new(visitor, Some(Place::Parked)),
        since: thing.since.map_or_else(|| "–".to_owned(), |at| clock(at, now)),
        meaning,
        by_itself,
        acts: if operates { thing.acts() } else { Vec::new() },
        mailboxes: mailboxes.values().map(|it| (it.id.to_string(), it.name.clone())).collect(),
        said: said(Address::of(uri).one("svar")),
        edits: edits
            .into_iter()
            .map(|edit| EditRow { at: clock(edit.at, now), state: words::edit_state(edit.state), edit })
            .collect(),
        may_edit: visitor.person.may(Right::Undecided) && thing.is_item() && thing.is_parked(),
        thing,
    }))
}

/// What is said of what was just done.
fn said(answer: &str) -> Option<&'static str> {
    match answer {
        "udfoert" => Some("Det er gjort."),
        "rettet" => Some("Rettelsen er gemt og venter på, at en anden godkender den."),
        "afvist" => Some("Rettelsen er afvist. Beskeden er, som den var."),
        "igen" => Some("Den er sendt igen, men er parkeret igen. Årsagen står herunder."),
        _ => None,
    }
}

/// What came of an act.
#[derive(Debug)]
pub(super) enum Done {
    /// It was done; how it stands.
    Well(&'static str),
    /// It was done, and the thing is parked again.
    Again(String),
    /// It is parked no longer, or anew since it was looked at.
    Changed,
    /// It was not done.
    Refused(Refusal),
}

/// An act on one thing as it stood.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) frozen: Frozen,
    pub(super) wanted: Wanted,
    pub(super) person: Person,
}

/// Does it, if the thing still stands as it did.
fn obey(tx: &mut Tx<'_>, world: &World, order: &Order) -> Result<Done, Error> {
    let Some(parked) = act::parked(tx, order.frozen.thing)? else { return Ok(Done::Changed) };
    if tx.reader().freeze(order.frozen.thing)? != order.frozen {
        return Ok(Done::Changed);
    }
    Ok(match act::carry_out(tx, world, parked, &order.wanted, &order.person)? {
        Err(refusal) => Done::Refused(refusal),
        Ok(became) => match still_parked(&became) {
            Some(code) => Done::Again(code.to_string()),
            None => Done::Well(became.first().map_or("", |it| it.state)),
        },
    })
}

impl Console {
    /// The delivery of an id.
    pub(super) async fn parked_delivery(&self, id: String) -> Result<Option<parked::Thing>, Fault> {
        Ok(self.hub.desk.ledger.read(move |reader| view::delivery(reader, &id)).await?)
    }

    /// A thing as it stands.
    pub(super) async fn parked_thing(&self, thing: parked::Thing) -> Result<Option<Thing>, Fault> {
        Ok(self.hub.desk.ledger.read(move |reader| view::seen(reader, thing)).await?)
    }

    /// Does something with one parked thing.
    pub(super) async fn obeys(self: &Arc<Self>, order: Order) -> Result<Done, Fault> {
        let world = Arc::clone(&self.hub.desk.world);
        match self.writes(move |tx| obey(tx, &world, &order)).await {
            // What the ledger refuses beyond that is said in English, and stands in the log.
            Err(Fault::Refused(why)) => {
                tracing::warn!(why, "something parked could not be done");
                Ok(Done::Refused(Refusal::Failed))
            }
            done => done,
        }
    }
}

async fn carry_out(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Operate)?;
    let nonsense = || Fault::Refused("Det kan ikke forstås. Intet er gjort. Gå tilbage, og prøv igen.".to_owned());
    let thing = view::thing(posted.one("ting")).ok_or_else(nonsense)?;
    let act = Act::named(posted.one("handling")).ok_or_else(nonsense)?;
    let entry = posted.one("stand").parse().map_err(|_no_number| nonsense())?;
    let mailbox = Some(posted.one("postkasse").to_owned()).filter(|it| !it.is_empty());
    let back = console.parked_thing(thing).await?.ok_or(Fault::NotFound)?.href();
    let order = Order {
        frozen: Frozen { thing, entry },
        wanted: Wanted { act, mailbox },
        person: Person { user: posted.visitor.person.user.clone(), reason: posted.one("grund").to_owned() },
    };
    match console.obeys(order).await? {
        Done::Well(_) => Ok(Redirect::to(&format!("{back}?svar=udfoert")).into_response()),
        Done::Again(_) => Ok(Redirect::to(&format!("{back}?svar=igen")).into_response()),
        Done::Changed => Err(Fault::Refused(
            "Den er ændret, siden du så den: en anden har gjort noget med den, eller den er gået videre. Intet er gjort. Gå tilbage, og genindlæs siden."
                .to_owned(),
        )),
        Done::Refused(why) => Err(Fault::Refused(format!("Intet er gjort: {}.", words::refusal(why)))),
    }
}
