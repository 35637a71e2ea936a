//! One group: what is in it, a page at a time, and choosing of it what something is done with.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;

use super::super::Console;
use super::super::access::Right;
use super::super::address::Address;
use super::super::fault::{Fault, page_of};
use super::super::gate::Visitor;
use super::super::layout::{Frame, Place};
use super::view::{self, Group, Thing, ago};
use super::{needs_to_see, words};
use crate::intake::job::LONGEST;
use crate::ledger::Reader;
use crate::ledger::job::Act;
use crate::ledger::parked::{self, Cause, Kind};

/// How much is shown at a time.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "parked-group.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    group: Group,
    things: Vec<Row>,
    /// What may be done with all of it.
    acts: Vec<(Act, &'static str)>,
    /// Whether its visitor may do it.
    may_act: bool,
    more: Option<String>,
    longest: u32,
}

struct Row {
    thing: Thing,
    since: String,
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/parkeret/gruppe", get(page))
}

async fn page(State(console): State<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    needs_to_see(&visitor)?;
    let asked = Address::of(&uri);
    let cause = view::cause(asked.one("art"), asked.one("kode"), asked.one("sted"), asked.one("vej"));
    let cause = cause.ok_or(Fault::NotFound)?;
    let after = asked.one("efter").parse().unwrap_or(0);
    let found = console.hub.desk.ledger.read(move |reader| rows(reader, &cause, after)).await?;
    let Rows { group, things, next } = found;
    let now = console.hub.desk.clock.now();
    let more = next.map(|last| format!("{}&efter={last}", group.path()));
    let row = |thing: Thing| Row { since: ago(thing.since, now), thing };
    let page = Page {
        frame: Frame::new(&visitor, Some(Place::Parked)),
        acts: acts(&group),
        things: things.into_iter().map(row).collect(),
        may_act: visitor.person.may(Right::Operate),
        more,
        longest: LONGEST,
        group,
    };
    Ok(page_of(&page))
}

/// The acts that make sense for what is in a group.
fn acts(group: &Group) -> Vec<(Act, &'static str)> {
    let items = group.kind == Kind::Item.name();
    let sensible = |act: &Act| !items || matches!(act, Act::Resend | Act::Discard);
    Act::ALL.into_iter().filter(sensible).map(|act| (act, words::act(act))).collect()
}

/// A group, and a page of what is in it.
pub(super) struct Rows {
    pub(super) group: Group,
    pub(super) things: Vec<Thing>,
    /// After which the next page begins; none where there can be no more.
    pub(super) next: Option<i64>,
}

/// Reads a group, and what is in it after a row.
pub(super) fn rows(reader: &mut Reader<'_>, cause: &Cause, after: i64) -> Result<Rows, crate::ledger::Error> {
    let count = reader.parked_count(cause)?;
    let found = reader.parked_rows(cause, after, PAGE)?;
    let full = found.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
    let next = found.last().filter(|_| full).map(|last| last.row);
    let mut things = Vec::with_capacity(found.len());
    for thing in found {
        things.extend(view::seen(reader, thing)?);
    }
    let group = parked::Group { cause: cause.clone(), count, oldest: None, newest: None };
    Ok(Rows { group: Group::of(&group), things, next })
}
