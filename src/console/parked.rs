//! What is parked: groups of the same cause, what is in each, and all that a person can do with it,
//! one by one or by a list. Operators see what surrounds a message; its content is in [`edit`].

pub(super) mod api;
mod diff;
mod edit;
mod edit_api;
mod group;
mod list;
mod one;
mod view;
mod words;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;

use super::Console;
use super::access::{Person, Right};
use super::address::Address;
use super::fault::{Fault, page_of};
use super::gate::Visitor;
use super::layout::{Frame, Place};
use super::live;
use super::words::clock;
use crate::ledger::Reader;
use view::{Group, List, ago};

/// How many lists are shown on the first page: the newest.
const LISTS: u32 = 12;

/// How many corrections that wait for approval are shown there.
const EDITS: u32 = 50;

#[derive(Template)]
#[template(path = "parked.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    live: Arc<str>,
    /// The only code that is shown, where that was asked for.
    only: Option<String>,
}

#[derive(Template)]
#[template(path = "parked-live.html", config = "src/console/askama.toml")]
struct Live {
    groups: Vec<Row>,
    lists: Vec<ListRow>,
    edits: Vec<EditRow>,
    total: u32,
}

struct Row {
    group: Group,
    oldest: String,
    newest: String,
}

struct EditRow {
    edit: crate::ledger::edit::Edit,
    at: String,
}

struct ListRow {
    list: List,
    at: String,
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/parkeret", get(page))
        .route("/parkeret/live", get(stream))
        .merge(group::routes())
        .merge(one::routes())
        .merge(list::routes())
        .merge(edit::routes())
}

/// Whether somebody may see what is parked, and what surrounds it.
pub(super) fn may_see(person: &Person) -> bool {
    person.may(Right::Operate) || person.may(Right::Undecided)
}

/// Refuses whoever may not see what is parked.
fn needs_to_see(visitor: &Visitor) -> Result<(), Fault> {
    if may_see(&visitor.person) { Ok(()) } else { Err(Fault::Forbidden) }
}

/// The page.
async fn page(State(console): State<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    needs_to_see(&visitor)?;
    let only = Some(Address::of(&uri).one("kode").to_owned()).filter(|code| !code.is_empty());
    let live = match &only {
        Some(code) => console.parked_live(Some(code)).await?,
        None => console.parked_board().await?,
    };
    Ok(page_of(&Page { frame: Frame::new(&visitor, Some(Place::Parked)), live, only }))
}

/// The same, as it changes.
async fn stream(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Fault> {
    needs_to_see(&visitor)?;
    let make = |console: Arc<Console>| -> live::Made { Box::pin(async move { console.parked_board().await }) };
    Ok(live::stream(console, &visitor, |visitor| may_see(&visitor.person), make))
}

impl Console {
    /// The part that changes, made once for all who look.
    async fn parked_board(&self) -> Result<Arc<str>, Fault> {
        self.parked.or_made(self.parked_live(None)).await
    }

    async fn parked_live(&self, only: Option<&str>) -> Result<Arc<str>, Fault> {
        let now = self.hub.desk.clock.now();
        let read = |reader: &mut Reader<'_>| {
            let edits = reader.proposed_edits(EDITS)?;
            Ok((reader.parked_causes()?, reader.jobs_before(i64::MAX, LISTS)?, edits))
        };
        let (groups, jobs, edits) = self.hub.desk.ledger.read(read).await?;
        let row = |group: &crate::ledger::parked::Group| Row {
            oldest: ago(group.oldest, now),
            newest: ago(group.newest, now),
            group: Group::of(group),
        };
        let shown = groups.iter().filter(|group| only.is_none_or(|only| group.cause.code.as_str() == only));
        let groups: Vec<Row> = shown.map(row).collect();
        let lists = jobs.iter().map(List::of).map(|list| ListRow { at: list.at_words(now), list }).collect();
        let total = groups.iter().map(|row| row.group.count).sum();
        let edits = edits.into_iter().map(|edit| EditRow { at: clock(edit.at, now), edit }).collect();
        live::written(&Live { groups, lists, edits, total })
    }
}
