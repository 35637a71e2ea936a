//! A message that is pasted or uploaded, explained without being sent or kept. It is decided about as
//! if it were the first that ever came: what the hub knows of a citizen is not told to whoever has a
//! message about them.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::super::Console;
use super::super::access::Right;
use super::super::fault::{Fault, page_of};
use super::super::gate::Visitor;
use super::super::layout::{Frame, Place};
use super::super::upload::Uploaded;
use super::told::{self, Message};
use super::{LARGEST, a_day};
use crate::explain::{self, Explained};
use crate::intake::World;
use crate::intake::prepare::Incoming;
use crate::ledger;
use axum::http::StatusCode;
use jiff::civil::Date;

/// How many messages are explained together.
const MESSAGES: usize = 10;

/// How long to wait for a turn.
const TURN: Duration = Duration::from_secs(10);

/// What is said to whoever does not get one.
const OCCUPIED: &str =
    "Andre er ved at få forklaret beskeder. Vent et øjeblik, og prøv igen. Intet er sendt eller gemt.";

/// Why messages cannot be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// There is none.
    Nothing,
    /// There are more than are taken.
    TooMany,
    /// There is no such adapter.
    Adapter,
}

#[derive(Template)]
#[template(path = "aftale-forklar.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    adapters: Vec<&'static str>,
    known: Date,
    fault: Option<&'static str>,
    messages: Vec<Message>,
}

impl Page {
    fn new(console: &Console, visitor: &Visitor, known: Date) -> Self {
        let adapters = console.hub.desk.world.adapters.names().collect();
        let frame = Frame::new(visitor, Some(Place::Agreement));
        Self { frame, adapters, known, fault: None, messages: Vec::new() }
    }
}

/// The form.
pub(super) async fn form(Extract(console): Extract<Arc<Console>>, visitor: Visitor) -> Result<Response, Fault> {
    visitor.needs(Right::Agreement)?;
    Ok(page_of(&Page::new(&console, &visitor, console.today())))
}

/// What would happen. A page of its own, and no redirect: there is nothing to come back to.
pub(super) async fn answer(Extract(console): Extract<Arc<Console>>, sent: Uploaded) -> Result<Response, Fault> {
    sent.visitor.needs(Right::Agreement)?;
    let known = a_day(sent.one("kendt"), console.today())?;
    let pasted = sent.raw("besked");
    let is_blank = pasted.iter().all(u8::is_ascii_whitespace);
    let files = sent.files("fil").into_iter().map(|file| file.body);
    let bodies: Vec<Bytes> = Some(pasted).filter(|_| !is_blank).into_iter().chain(files).collect();
    let mut page = Page::new(&console, &sent.visitor, known);
    let messages = match console.messages(bodies, sent.one("adapter")) {
        Ok(messages) => messages,
        Err(unfit) => {
            page.fault = Some(match unfit {
                Unfit::Nothing => "Indsæt en besked, eller vælg en fil.",
                Unfit::TooMany => "Vælg højst ti beskeder ad gangen.",
                Unfit::Adapter => "Der er intet format af det navn. Vælg et på listen, eller lad budstikken gætte.",
            });
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page_of(&page)).into_response());
        }
    };
    let explained = console.explained(messages, known).await?;
    let agreement = console.known_on(known)?.first().ok_or(Fault::NotFound)?;
    let numbered = explained.iter().enumerate();
    page.messages = numbered.map(|(at, it)| told::message(at + 1, it, agreement)).collect();
    Ok(page_of(&page))
}

impl Console {
    /// Messages, ready to be decided about, in their order.
    pub(super) fn messages(&self, bodies: Vec<Bytes>, adapter: &str) -> Result<Vec<Incoming>, Unfit> {
        match bodies.len() {
            0 => return Err(Unfit::Nothing),
            1..=MESSAGES => {}
            _ => return Err(Unfit::TooMany),
        }
        let desk = &self.hub.desk;
        let adapter = (!adapter.is_empty()).then_some(adapter);
        let incoming = |body: Bytes| explain::incoming(body, adapter, &desk.world.adapters, desk.clock.now());
        bodies.into_iter().map(|body| incoming(body).map_err(|_known| Unfit::Adapter)).collect()
    }

    /// What would happen with messages, one after the other, by the agreement as it was known on a day.
    pub(super) async fn explained(&self, messages: Vec<Incoming>, known: Date) -> Result<Vec<Explained>, Fault> {
        debug_assert!(messages.iter().all(|it| it.body.len() <= LARGEST), "the route takes no more");
        self.known_on(known)?;
        let turn = Arc::clone(&self.agreement.explaining).acquire_owned();
        let turn = tokio::time::timeout(TURN, turn).await.map_err(|_elapsed| Fault::Occupied(OCCUPIED))?;
        let turn = turn.map_err(|_closed| Fault::Broken)?;
        let (world, clock) = (&self.hub.desk.world, self.hub.desk.clock.clone());
        let world = World { book: Arc::new(world.book.as_known_on(known)), ..World::clone(world) };
        let work = move || {
            let _turn = turn;
            ledger::try_out(None, &clock, |tx| {
                let numbered = messages.into_iter().enumerate();
                numbered.map(|(at, it)| explain::explain(tx, &world, &format!("message {}", at + 1), it)).collect()
            })
        };
        let explained = tokio::task::spawn_blocking(work).await.map_err(|_panicked| Fault::Broken)?;
        Ok(explained?)
    }
}
