//! Finding messages and cases: by a number in hand, by a citizen, by what surrounds a message. What
//! is found is within what somebody may see; a citizen's number never stands in an address.

pub(super) mod api;
mod ask;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use budstikke_contract::id::CaseKey;
use budstikke_contract::person::{Cpr, shows_cpr};

use super::Console;
use super::access::{Person, Reach};
use super::fault::{Fault, page_of};
use super::gate::{Posted, Visitor};
use super::layout::{Frame, Place};
use super::purpose::Purpose;
use crate::ledger::look::Looker;
use crate::ledger::search::{Filter, Found};
use crate::ledger::{Reader, Tx};
use ask::{Asked, Choices};
use view::{Results, Row};

/// The longest number or name that somebody looks for.
const LONGEST: usize = 128;

#[derive(Template)]
#[template(path = "search.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    choices: Choices,
    asked: Asked,
    results: Results,
    /// Whether they may look for a citizen.
    content: bool,
    /// Nothing was found by that.
    fault: Option<String>,
    /// Where the search for a citizen goes on.
    further: Option<Further>,
}

/// What is asked again to see more of a citizen's.
struct Further {
    cpr: String,
    before: i64,
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/soeg", get(page))
        .route("/soeg/nummer", post(by_number))
        .route("/soeg/borger", post(by_citizen))
}

/// What somebody may find.
pub(super) fn reach(person: &Person) -> Result<Reach, Fault> {
    person.reach().ok_or(Fault::Forbidden)
}

/// The form, with what fits it.
async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let reach = reach(&visitor.person)?;
    let choices = console.choices(&reach);
    let asked =
        Asked::read(query.as_deref().unwrap_or_default(), &choices).map_err(|why| Fault::Refused(why.to_owned()))?;
    let found = console.found(asked.filter(&choices, &reach)).await?;
    let next = found.next.map(|before| format!("/soeg?{}", asked.address(Some(before))));
    let results = console.results("Beskeder", &found, next);
    Ok(page_of(&Page::new(&visitor, choices, asked, results)))
}

/// Goes to what has a number: an item's, a letter's, an envelope's, an event's, a delivery's, a
/// duty's, a case's.
async fn by_number(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    let reach = reach(&posted.visitor.person)?;
    let number = posted.one("nummer").to_owned();
    let choices = console.choices(&reach);
    let say = |text: &str| {
        let page = Page::new(&posted.visitor, console.choices(&reach), Asked::default(), Results::default());
        Ok(page_of(&Page { fault: Some(text.to_owned()), ..page }))
    };
    if number.is_empty() || number.chars().count() > LONGEST {
        return say("Skriv et nummer på højst 128 tegn.");
    }
    if shows_cpr(&number) {
        return say("Det ligner et CPR-nummer. Søg efter borgere i feltet til det: opslaget skal i loggen.");
    }
    let found = console.named(&number, &reach).await?;
    match found.hits.as_slice() {
        [] => say("Intet, du har adgang til, har det nummer."),
        [only] => Ok(Redirect::to(&Row::of(only, console.hub.desk.clock.now()).link).into_response()),
        [_, ..] if CaseKey::parse(&number).is_some() => {
            Ok(Redirect::to(&format!("/forloeb/sag/{number}")).into_response())
        }
        [_, ..] => {
            let results = console.results("Fundet", &found, None);
            Ok(page_of(&Page::new(&posted.visitor, choices, Asked::default(), results)))
        }
    }
}

/// Looks for a citizen: only in one's own mailboxes, with a purpose, and written down.
async fn by_citizen(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    let visitor = &posted.visitor;
    let purpose = Purpose::of(&posted)?;
    let before = posted.one("foer").parse().ok();
    let found = console.citizens(&visitor.person, &purpose, posted.one("cpr"), before).await?;
    let reach = reach(&visitor.person)?;
    let results = console.results("Borgerens beskeder i dine postkasser", &found, None);
    let page = Page::new(visitor, console.choices(&reach), Asked::default(), results);
    let further = found.next.map(|before| Further { cpr: posted.one("cpr").to_owned(), before });
    Ok(page_of(&Page { further, ..page }))
}

impl Console {
    /// What fits.
    pub(super) async fn found(&self, filter: Filter) -> Result<Found, Fault> {
        Ok(self.hub.desk.ledger.read(move |reader| reader.search(&filter)).await?)
    }

    /// What has a number or a name, as far as somebody may find it.
    pub(super) async fn named(&self, number: &str, reach: &Reach) -> Result<Found, Fault> {
        let (number, own) = (number.to_owned(), own(reach));
        let read = move |reader: &mut Reader<'_>| reader.named(&number, own.as_deref());
        Ok(self.hub.desk.ledger.read(read).await?)
    }

    /// What a citizen's number leads to in somebody's own mailboxes. It is a look.
    pub(super) async fn citizens(
        &self,
        person: &Person,
        purpose: &Purpose,
        cpr: &str,
        before: Option<i64>,
    ) -> Result<Found, Fault> {
        let mailboxes: Vec<String> = person.mailboxes().map(ToString::to_string).collect();
        if mailboxes.is_empty() {
            return Err(Fault::Forbidden);
        }
        let no_number = || Fault::Refused("Skriv borgerens CPR-nummer med ti cifre. Intet er søgt.".to_owned());
        let cpr = Cpr::parse(cpr.trim()).ok_or_else(no_number)?;
        let (user, purpose) = (person.user.clone(), purpose.clone());
        let look = move |tx: &mut Tx<'_>| {
            let looker = Looker { user: &user, purpose: purpose.as_str() };
            tx.search_citizen(looker, cpr.reveal(), &mailboxes, before)
        };
        Ok(self.hub.desk.ledger.write(look).await?)
    }

    /// What may be chosen.
    fn choices(&self, reach: &Reach) -> Choices {
        Choices::of(&self.hub.desk.world, reach)
    }

    fn results(&self, title: &'static str, found: &Found, next: Option<String>) -> Results {
        Results::of(title, found, next, self.hub.desk.clock.now())
    }
}

impl Page {
    fn new(visitor: &Visitor, choices: Choices, asked: Asked, results: Results) -> Self {
        let content = visitor.person.mailboxes().next().is_some();
        let frame = Frame::new(visitor, Some(Place::Search));
        Self { frame, choices, asked, results, content, fault: None, further: None }
    }
}

/// The mailboxes that bound what is found; `None` where nothing does.
fn own(reach: &Reach) -> Option<Vec<String>> {
    match reach {
        Reach::All => None,
        Reach::Own(mailboxes) => Some(mailboxes.iter().map(ToString::to_string).collect()),
    }
}
