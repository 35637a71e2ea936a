//! Lists: what was chosen is shown as it stands, and only then worked through. What is parked later
//! is never on it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data_encoding::HEXLOWER;
use tokio::sync::Mutex;

use super::super::Console;
use super::super::access::Right;
use super::super::address::Address;
use super::super::fault::{Fault, page_of};
use super::super::gate::{Posted, Visitor};
use super::super::layout::{Frame, Place};
use super::super::live;
use super::super::named::Named;
use super::view::{self, List, ListLine};
use super::{needs_to_see, words};
use crate::intake::job::{self, Choice, Confirmation, NotTurned};
use crate::intake::people::Person;
use crate::ledger::job::{Act, Job, Turn};
use crate::ledger::{Error, Reader};

/// How many lines are shown at a time.
pub(super) const LINES: u32 = 100;

#[derive(Template)]
#[template(path = "parked-list.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    live: Arc<str>,
    list: List,
    mailboxes: Vec<(String, String)>,
    may_act: bool,
    /// Where the part that changes comes from.
    source: String,
}

#[derive(Template)]
#[template(path = "parked-list-live.html", config = "src/console/askama.toml")]
struct Live {
    list: List,
    lines: Vec<ListLine>,
    at: String,
    more: Option<String>,
    may_act: bool,
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/parkeret/liste", post(prepare))
        .route("/parkeret/liste/{number}", get(page).post(turn))
        .route("/parkeret/liste/{number}/live", get(stream))
}

/// A list with a page of its lines.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) list: List,
    pub(super) lines: Vec<ListLine>,
}

/// Reads a list and the lines after a place.
pub(super) fn shown(reader: &mut Reader<'_>, number: i64, after: i64) -> Result<Option<Shown>, Error> {
    let Some(job) = reader.job(number)? else { return Ok(None) };
    let list = List::of(&job);
    Ok(Some(Shown { list: List { held: held(reader, &list)?, ..list }, lines: lines(reader, number, after)? }))
}

fn lines(reader: &mut Reader<'_>, number: i64, after: i64) -> Result<Vec<ListLine>, Error> {
    let mut lines = Vec::new();
    for line in reader.job_lines(number, after, LINES)? {
        let parked = reader.parked_thing(line.frozen.thing)?;
        lines.push(ListLine::of(&line, parked.as_ref()));
    }
    Ok(lines)
}

/// Why the hub holds a list, where nobody told it to.
fn held(reader: &mut Reader<'_>, list: &List) -> Result<Option<String>, Error> {
    if !list.is_paused() {
        return Ok(None);
    }
    let done = reader.actions_on(&format!("list {}", list.number))?;
    let last = done.into_iter().rfind(|action| action.what == "list-pause");
    Ok(last.map(|action| action.reason).filter(|reason| !reason.is_empty()))
}

/// After which line the next page begins; none where this is the last.
pub(super) fn next(list: &List, lines: &[ListLine]) -> Option<u32> {
    lines.last().map(|line| line.place).filter(|place| place + 1 < list.total)
}

/// The part that changes, and what it was made of.
struct Drawn {
    job: Job,
    at: String,
    may_act: bool,
    part: Arc<str>,
}

impl Console {
    /// The part that changes. A line ends only with the list's own count: where that stands as it was
    /// drawn last, the lines are not read again.
    async fn draws(&self, number: i64, after: i64, may_act: bool, last: Option<Drawn>) -> Result<Drawn, Fault> {
        let ledger = &self.hub.desk.ledger;
        // The list before its lines: what ends between the two is drawn again.
        let job = ledger.read(move |reader| reader.job(number)).await?.ok_or(Fault::NotFound)?;
        let list = List::of(&job);
        let at = list.at_words(self.hub.desk.clock.now());
        if let Some(last) = last.filter(|last| last.job == job && last.at == at && last.may_act == may_act) {
            return Ok(last);
        }
        let read = move |reader: &mut Reader<'_>| Ok((lines(reader, number, after)?, held(reader, &list)?, list));
        let (lines, held, list) = ledger.read(read).await?;
        let list = List { held, ..list };
        let more = next(&list, &lines).map(|place| format!("/parkeret/liste/{number}?efter={place}"));
        let part = live::written(&Live { list, lines, at: at.clone(), more, may_act })?;
        Ok(Drawn { job, at, may_act, part })
    }

    /// Fixes what is chosen, and answers the list.
    pub(super) async fn prepares(self: &Arc<Self>, act: Act, choice: Choice, user: &str) -> Result<Option<Job>, Fault> {
        let user = user.to_owned();
        self.writes(move |tx| job::prepare(tx, act, &choice, &user)).await
    }

    /// Begins a list that was shown.
    pub(super) async fn confirms(
        self: &Arc<Self>,
        number: i64,
        confirmation: Confirmation,
        person: Person,
    ) -> Result<Result<Job, NotTurned>, Fault> {
        let world = Arc::clone(&self.hub.desk.world);
        self.writes(move |tx| job::confirm(tx, &world, number, &confirmation, &person)).await
    }

    /// Holds a list, lets it go on, or ends it.
    pub(super) async fn turns(
        self: &Arc<Self>,
        number: i64,
        turn: Turn,
        user: &str,
    ) -> Result<Result<Job, NotTurned>, Fault> {
        let user = user.to_owned();
        self.writes(move |tx| job::turn(tx, number, turn, &user)).await
    }
}

/// Reads a hash as it stands in a form or a call.
pub(super) fn hash(text: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    path: Named<i64>,
    uri: Uri,
) -> Result<Response, Fault> {
    needs_to_see(&visitor)?;
    let number = path.read()?;
    let after = Address::of(&uri).one("efter").parse().unwrap_or(-1);
    let may_act = visitor.person.may(Right::Operate);
    let Drawn { job, part, .. } = console.draws(number, after, may_act, None).await?;
    let mailboxes = &console.hub.desk.world.mailboxes;
    Ok(page_of(&Page {
        frame: Frame::new(&visitor, Some(Place::Parked)),
        live: part,
        mailboxes: mailboxes.values().map(|it| (it.id.to_string(), it.name.clone())).collect(),
        may_act,
        source: format!("/parkeret/liste/{number}/live?efter={after}"),
        list: List::of(&job),
    }))
}

async fn stream(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    path: Named<i64>,
    uri: Uri,
) -> Result<Response, Fault> {
    needs_to_see(&visitor)?;
    let number = path.read()?;
    let after = Address::of(&uri).one("efter").parse().unwrap_or(-1);
    let last = Arc::new(Mutex::new(None));
    let make = move |console: Arc<Console>, visitor: Visitor| -> live::Made {
        let last = Arc::clone(&last);
        Box::pin(async move {
            needs_to_see(&visitor)?;
            let may_act = visitor.person.may(Right::Operate);
            let mut last = last.lock().await;
            let drawn = console.draws(number, after, may_act, last.take()).await?;
            Ok(Arc::clone(&last.insert(drawn).part))
        })
    };
    Ok(live::stream_for(console, visitor, Box::new(make)))
}

/// Makes a list of what was chosen.
async fn prepare(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Operate)?;
    let nonsense = || Fault::Refused("Vælg, hvad der skal gøres. Intet er gjort.".to_owned());
    let act = Act::named(posted.one("handling")).ok_or_else(nonsense)?;
    let choice = if posted.one("alle").is_empty() {
        Choice::These(posted.all("valg").filter_map(view::thing).collect())
    } else {
        let cause = view::cause(posted.one("art"), posted.one("kode"), posted.one("sted"), posted.one("vej"));
        Choice::Group(cause.ok_or_else(nonsense)?)
    };
    let made = console.prepares(act, choice, &posted.visitor.person.user).await?;
    let none = "Intet af det, du valgte, er parkeret. Intet er gjort. Gå tilbage, genindlæs siden, og vælg igen.";
    let job = made.ok_or_else(|| Fault::Refused(none.to_owned()))?;
    Ok(Redirect::to(&format!("/parkeret/liste/{}", job.seq)).into_response())
}

/// Begins it, holds it, lets it go on, ends it, or gives it up.
async fn turn(State(console): State<Arc<Console>>, path: Named<i64>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Operate)?;
    let number = path.read()?;
    let user = posted.visitor.person.user.clone();
    let turned = match posted.one("skridt") {
        "begynd" => {
            let nonsense = || Fault::Refused(words::not_turned(&NotTurned::Other));
            let hash = hash(posted.one("kontrol")).ok_or_else(nonsense)?;
            let mailbox = Some(posted.one("postkasse").to_owned()).filter(|it| !it.is_empty());
            let person = Person { user, reason: posted.one("grund").to_owned() };
            console.confirms(number, Confirmation { hash, mailbox }, person).await?
        }
        "pause" => console.turns(number, Turn::Pause, &user).await?,
        "videre" => console.turns(number, Turn::Resume, &user).await?,
        "stop" => console.turns(number, Turn::Stop, &user).await?,
        "opgiv" => console.turns(number, Turn::Drop, &user).await?,
        _ => return Err(Fault::NotFound),
    };
    match turned {
        Ok(job) => Ok(Redirect::to(&format!("/parkeret/liste/{}", job.seq)).into_response()),
        Err(NotTurned::NoSuch) => Err(Fault::NotFound),
        Err(why) => Err(Fault::Refused(words::not_turned(&why))),
    }
}
