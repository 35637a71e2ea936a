//! Ny besked: what people raise themselves, as forms made of the schemas. It is filled in, looked at
//! (who gets it, by which clause), sent, and answered with a receipt.
//!
//! What is typed may be about a citizen: it stands in the bodies of posts and in answers that nobody
//! keeps, never in an address.

mod api;
mod offer;
mod outlook;
mod sheet;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use budstikke_contract::event::{EventKind, danish_day};

pub(super) use api::routes as calls;

use super::Console;
use super::access::Right;
use super::address::Address;
use super::fault::{Fault, page_of};
use super::forms::{Faults, Line, PREFIX, Way, field_name};
use super::gate::{Posted, Visitor};
use super::layout::{Frame, Place};
use super::named::Named;
use super::names::happening;
use super::raise::{Raise, Stamp};
use super::words;
use crate::agreement::model::MailboxId;
use crate::intake::consume::{Foreseen, Raised};
use crate::intake::prepare::CONSOLE;
use crate::intake::record::ID_REUSED;
use offer::Group;
use outlook::Outlook;
use sheet::{MAILBOX, STAMP, Sheet, Subject};

/// The largest form, in bytes: the longest texts that the schemas allow, each letter written as the
/// six that a form has for it.
const LARGEST: usize = 512 * 1024;

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/ny", get(choose))
        .route("/ny/kvittering/{number}", get(receipt))
        .route("/ny/{kind}", get(begin).post(go_on).layer(DefaultBodyLimit::max(LARGEST)))
}

#[derive(Template)]
#[template(path = "ny.html", config = "src/console/askama.toml")]
struct Choose {
    frame: Frame,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "ny-skema.html", config = "src/console/askama.toml")]
struct Fill {
    frame: Frame,
    title: String,
    path: String,
    /// The mailboxes in whose name it may be sent: id, name, chosen.
    mailboxes: Vec<(String, String, bool)>,
    stamp: String,
    notice: Option<String>,
    /// What is wrong: the field, its title, what.
    faults: Vec<(String, String, String)>,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "ny-se.html", config = "src/console/askama.toml")]
struct Look {
    frame: Frame,
    title: String,
    path: String,
    by: String,
    notice: Option<String>,
    /// All that was posted, to be posted again.
    hidden: Vec<(String, String)>,
    shown: Vec<(String, String)>,
    outlook: Outlook,
}

#[derive(Template)]
#[template(path = "ny-kvittering.html", config = "src/console/askama.toml")]
struct Receipt {
    frame: Frame,
    number: i64,
    title: String,
    by: String,
    at: String,
    case: Option<String>,
    outlook: Outlook,
}

/// What can be raised.
async fn choose(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Fault> {
    let mut groups: Vec<Group> = Vec::new();
    for party in parties(&visitor)? {
        let offers = console.with_agreement(&party, |agreement| offer::offers(agreement, &party)).unwrap_or_default();
        for offered in offers {
            match groups.iter_mut().find(|group| group.title == offered.title) {
                Some(known) => {
                    let new = offered.offers.into_iter().filter(|offer| !known.offers.contains(offer));
                    let new: Vec<_> = new.collect();
                    known.offers.extend(new);
                }
                None => groups.push(offered),
            }
        }
    }
    Ok(page_of(&Choose { frame: Frame::new(&visitor, Some(Place::Raise)), groups }))
}

/// The parties in whose name somebody may raise something; a fault where there is none.
fn parties(visitor: &Visitor) -> Result<Vec<String>, Fault> {
    let mut parties: Vec<String> = visitor.person.mailboxes().map(|mailbox| mailbox.party().to_owned()).collect();
    parties.dedup();
    if parties.is_empty() { Err(Fault::Forbidden) } else { Ok(parties) }
}

/// An empty form.
async fn begin(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    path: Named<String>,
    uri: Uri,
) -> Result<Response, Fault> {
    let (kind, address) = (path.read()?, Address::of(&uri));
    let stamp = Stamp::new(console.hub.desk.clock.now())?;
    let sheet = console.sheet(&visitor, (&kind, address.one("postkasse")), stamp, &[]).await?;
    Ok(console.fill(&visitor, &sheet, (&Faults::none(), None), None))
}

/// What a form asks for by the button that was pressed.
enum Wish<'a> {
    /// One more row of a list.
    Row(&'a str),
    /// The form again.
    Mend,
    /// To see what would happen.
    Look,
    /// To send it.
    Send,
}

fn wish(posted: &Posted) -> Wish<'_> {
    let row = posted.one(super::forms::MORE);
    match posted.one("goer") {
        _ if !row.is_empty() => Wish::Row(row),
        "ret" => Wish::Mend,
        "send" => Wish::Send,
        _ => Wish::Look,
    }
}

/// A form that somebody has filled in.
async fn go_on(State(console): State<Arc<Console>>, path: Named<String>, posted: Posted) -> Result<Response, Fault> {
    let kind = path.read()?;
    let now = console.hub.desk.clock.now();
    let visitor = &posted.visitor;
    let (stamp, old) = Stamp::brought(posted.one(STAMP), now)?;
    let sheet = console.sheet(visitor, (&kind, posted.one(MAILBOX)), stamp, posted.sent()).await?;
    let raise = match (wish(&posted), sheet.raise()) {
        (Wish::Row(row), _) => return Ok(console.fill(visitor, &sheet, (&Faults::none(), Some(row)), None)),
        (Wish::Mend, _) => return Ok(console.fill(visitor, &sheet, (&Faults::none(), None), None)),
        (Wish::Look | Wish::Send, Err(faults)) => return Ok(console.fill(visitor, &sheet, (&faults, None), old)),
        (Wish::Look, Ok(raise)) => return console.look_at(&posted, sheet, raise, old).await,
        (Wish::Send, Ok(raise)) if old.is_some() => return console.look_at(&posted, sheet, raise, old).await,
        (Wish::Send, Ok(raise)) => raise,
    };
    let raised = match console.raise(visitor, &raise).await {
        // It is not their fault: what they wrote stays.
        Err(Fault::Refused(why)) => {
            let form = console.fill(visitor, &sheet, (&Faults::none(), None), Some(why));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, form).into_response());
        }
        other => other?,
    };
    match raised {
        Raised::Taken(taken) => {
            let item = taken.first().ok_or(Fault::Broken)?.item;
            Ok(Redirect::to(&format!("/ny/kvittering/{item}")).into_response())
        }
        Raised::IdUsed(_) => console.look_at(&posted, sheet, raise, None).await,
    }
}

/// What became of it.
async fn receipt(State(console): State<Arc<Console>>, visitor: Visitor, path: Named<i64>) -> Result<Response, Fault> {
    let number = path.read()?;
    let desk = &console.hub.desk;
    let last = desk.ledger.read(|reader| reader.last_item()).await?;
    if !(1..=last).contains(&number) {
        return Err(Fault::NotFound);
    }
    let story = desk.ledger.read(move |reader| reader.story(number)).await?;
    let (by, user) = story.message.sender_user.as_deref().and_then(|it| it.split_once(' ')).unwrap_or_default();
    let own = visitor.person.mailboxes().any(|mailbox| mailbox.as_str() == by) && user == visitor.person.user;
    // Whoever did not send it learns nothing of it, not even that it is there.
    if story.message.source != CONSOLE || !own {
        return Err(Fault::NotFound);
    }
    if let Some(first) = story.item.same_as {
        return Ok(Redirect::to(&format!("/ny/kvittering/{first}")).into_response());
    }
    let title = happening(&story.item.what).to_owned();
    Ok(page_of(&Receipt {
        frame: Frame::new(&visitor, Some(Place::Raise)),
        number,
        title,
        by: console.mailbox_name(by),
        at: words::clock(story.message.received, desk.clock.now()),
        case: story.item.case.clone(),
        outlook: Outlook::of(&story, &desk.world),
    }))
}

impl Console {
    /// Asks the agreement of a party, as it is today.
    fn with_agreement<T>(&self, party: &str, ask: impl FnOnce(&crate::agreement::model::Agreement) -> T) -> Option<T> {
        let today = danish_day(self.hub.desk.clock.now());
        self.hub.desk.world.book.of_party(party, today).map(ask)
    }

    fn mailbox_name(&self, id: &str) -> String {
        let known = MailboxId::parse(id).and_then(|id| self.hub.desk.world.mailboxes.get(&id));
        known.map_or_else(|| id.to_owned(), |mailbox| mailbox.name.clone())
    }

    /// What somebody fills in, for a kind in the name of a mailbox: their first one where none is named.
    async fn sheet(
        &self,
        visitor: &Visitor,
        (kind, mailbox): (&str, &str),
        stamp: Stamp,
        posted: &[(String, String)],
    ) -> Result<Sheet, Fault> {
        parties(visitor)?;
        let kind = EventKind::named(kind).ok_or(Fault::NotFound)?;
        let may = |party: &str| self.with_agreement(party, |it| offer::is_offered(it, kind, party)).unwrap_or(false);
        let mailbox = if mailbox.is_empty() {
            visitor.person.mailboxes().find(|mailbox| may(mailbox.party())).cloned().ok_or(Fault::NotFound)?
        } else {
            MailboxId::parse(mailbox).ok_or(Fault::Forbidden)?
        };
        visitor.needs(Right::Content(&mailbox))?;
        let party = mailbox.party().to_owned();
        let form = sheet::form(kind);
        let names_law = form.shows("data.law");
        let ask = |it: &_| offer::is_offered(it, kind, &party).then(|| offer::asked(it, kind, names_law));
        let asked = self.with_agreement(&party, ask).flatten().ok_or(Fault::NotFound)?;
        let today = danish_day(self.hub.desk.clock.now());
        let area = self.with_agreement(&party, |it| offer::area_of(it, &mailbox).map(str::to_owned)).flatten();
        let begin = sheet::begin(&form, area.as_deref(), today);
        let kinds = asked.answers.clone();
        let read = move |reader: &mut crate::ledger::Reader<'_>| {
            let open = kinds.iter().map(|kind| reader.open_requests(kind.name(), &party));
            open.collect::<Result<Vec<_>, _>>()
        };
        let open = self.hub.desk.ledger.read(read).await?.into_iter().flatten().collect();
        Ok(Sheet::new(Subject { kind, mailbox, stamp, form, asked, open, begin }, posted))
    }

    fn fill(
        &self,
        visitor: &Visitor,
        sheet: &Sheet,
        (faults, row): (&Faults, Option<&str>),
        notice: Option<String>,
    ) -> Response {
        let lines = sheet.lines(faults, row);
        let whole = faults.of_whole().map(|text| (PREFIX.to_owned(), "Skemaet".to_owned(), text.to_owned()));
        let own = visitor.person.mailboxes();
        let mailboxes = own.map(|id| (id.to_string(), self.mailbox_name(id.as_str()), *id == sheet.mailbox)).collect();
        page_of(&Fill {
            frame: Frame::new(visitor, Some(Place::Raise)),
            title: sheet.kind.schema().title().to_owned(),
            path: format!("/ny/{}", sheet.kind),
            mailboxes,
            stamp: sheet.stamp.text(),
            notice,
            faults: whole.into_iter().chain(lines.iter().filter_map(Line::fault)).collect(),
            lines,
        })
    }

    /// Shows what would become of it: sends nothing.
    async fn look_at(
        &self,
        posted: &Posted,
        mut sheet: Sheet,
        mut raise: Raise,
        mut notice: Option<String>,
    ) -> Result<Response, Fault> {
        let visitor = &posted.visitor;
        let mut foreseen = self.foresee(visitor, &raise).await?;
        if is_id_used(&foreseen) {
            let text = "Du har sendt en besked med dette skema før. Sender du også denne, bliver det en besked mere.";
            notice = Some(text.to_owned());
            sheet.stamp = Stamp::new(self.hub.desk.clock.now())?;
            raise.stamp = sheet.stamp.clone();
            foreseen = self.foresee(visitor, &raise).await?;
        }
        let story = foreseen.stories.first().ok_or(Fault::Broken)?;
        // What is wrong with a field stands at the field.
        if let Some(reason) = &story.item.reason
            && let Some(name) = reason.path.as_deref().map(field_name).filter(|name| sheet.shows(name))
        {
            let mut faults = Faults::none();
            faults.note(name, reason.text.clone());
            return Ok(self.fill(visitor, &sheet, (&faults, None), notice));
        }
        let again = posted.sent().iter().filter(|(name, _)| !["csrf", "goer", STAMP].contains(&name.as_str()));
        let stamp = (STAMP.to_owned(), sheet.stamp.text());
        Ok(page_of(&Look {
            frame: Frame::new(visitor, Some(Place::Raise)),
            title: sheet.kind.schema().title().to_owned(),
            path: format!("/ny/{}", sheet.kind),
            by: self.mailbox_name(sheet.mailbox.as_str()),
            notice,
            hidden: again.cloned().chain([stamp]).collect(),
            shown: sheet::shown(&sheet.lines(&Faults::none(), None)),
            outlook: Outlook::of(story, &self.hub.desk.world),
        }))
    }
}

fn is_id_used(foreseen: &Foreseen) -> bool {
    foreseen.taken.iter().any(|taken| taken.reason.as_ref().is_some_and(|reason| reason.code == ID_REUSED))
}
