//! The whole story of a message or a case on one time line, without content; and the content, for
//! those who may see it and say for what.
//!
//! | room | what |
//! |---|---|
//! | `tell` | from what the ledger knows to a time line; pure |
//! | `content` | the content |

pub(super) mod api;
mod content;
mod tell;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{get, post};
use budstikke_contract::id::CaseKey;

use super::Console;
use super::access::{Kept, Person, Reach, Right};
use super::address::Address;
use super::fault::{Fault, page_of};
use super::gate::Visitor;
use super::layout::{Frame, Place};
use super::named::Named;
use super::names;
use crate::ledger::look::Wanted;
use crate::ledger::trace::Whole;
use crate::ledger::{Error, Reader};
use tell::{Names, Told};

/// So many of a case's messages are told on a page, the newest first; for them, it is asked of so many
/// whether they may be.
const SHOWN: usize = 50;
const ASKED: i64 = 500;

/// Where in a case a page ends: before this message.
const BEFORE: &str = "foer";

#[derive(Template)]
#[template(path = "story.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    title: String,
    told: Told,
    /// Where older messages of the case are told, and the newest ones, where these are not.
    older: Option<String>,
    newest: Option<String>,
}

/// A page of a case's stories, oldest first.
#[derive(Debug)]
pub(super) struct OfCase {
    pub(super) seen: Vec<Seen>,
    /// Before which message there are more.
    pub(super) older: Option<i64>,
}

/// A story, and whether its visitor may look at the content.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) whole: Whole,
    pub(super) content: bool,
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/forloeb/post/{item}", get(item))
        .route("/forloeb/sag/{case}", get(case))
        .route(content::PATH, post(content::page))
}

/// One message's.
async fn item(State(console): State<Arc<Console>>, visitor: Visitor, item: Named<i64>) -> Result<Response, Fault> {
    let item = item.read()?;
    let stories = vec![console.story_of_item(&visitor.person, item).await?];
    Ok(console.story_page(&visitor, format!("Besked #{item}"), &stories, (None, None)))
}

/// A case's, of all that its visitor may see of it.
async fn case(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    case: Named<String>,
    uri: Uri,
) -> Result<Response, Fault> {
    let case = case.read()?;
    let case = CaseKey::parse(&case).ok_or(Fault::NotFound)?;
    let before = match Address::of(&uri).one(BEFORE) {
        "" => None,
        number => Some(number.parse().map_err(|_no_number| Fault::NotFound)?),
    };
    let OfCase { seen, older } = console.story_of_case(&visitor.person, &case, before).await?;
    let older = older.map(|older| format!("/forloeb/sag/{case}?{BEFORE}={older}"));
    let newest = before.map(|_| format!("/forloeb/sag/{case}"));
    Ok(console.story_page(&visitor, format!("Sag {case}"), &seen, (older, newest)))
}

/// Whether somebody may know of something, and whether they may look at its content. Who keeps the hub
/// running knows of everything; who works with a mailbox, of what it gets; who decides about what
/// nobody could, of that.
fn may(person: &Person, reader: &mut Reader<'_>, item: i64) -> Result<Option<(bool, bool)>, Error> {
    let Some(found) = reader.whereabouts(Wanted::Item(item))? else { return Ok(None) };
    let kept = Kept::of(found.undecided, &found.mailboxes);
    let has = match person.reach() {
        Some(Reach::All) => true,
        Some(Reach::Own(own)) => {
            let gets = found.event.map_or_else(|| Ok(Vec::new()), |event| reader.mailboxes_of(event))?;
            own.iter().any(|mailbox| gets.iter().any(|it| it == mailbox.as_str()))
        }
        None => false,
    };
    let undecided = found.undecided && person.may(Right::Undecided);
    Ok(Some((has || undecided, person.may_see(&kept))))
}

/// Those of a case's messages, the newest first, that somebody may know of, each with whether they may
/// look at its content; and before which there are more to ask for.
fn own_of(
    person: &Person,
    reader: &mut Reader<'_>,
    items: &[i64],
) -> Result<(BTreeMap<i64, bool>, Option<i64>), Error> {
    let mut own = BTreeMap::new();
    for item in items {
        if let Some((true, content)) = may(person, reader, *item)? {
            if own.len() == SHOWN {
                let oldest = own.keys().next().copied();
                return Ok((own, oldest));
            }
            own.insert(*item, content);
        }
    }
    let all_asked = i64::try_from(items.len()).is_ok_and(|asked| asked < ASKED);
    Ok((own, items.last().copied().filter(|_| !all_asked)))
}

impl Console {
    /// One message's story.
    pub(super) async fn story_of_item(&self, person: &Person, item: i64) -> Result<Seen, Fault> {
        let person = person.clone();
        let read = move |reader: &mut Reader<'_>| match may(&person, reader, item)? {
            Some((true, content)) => Ok(Ok(Seen { whole: reader.whole_story(item)?, content })),
            Some((false, _)) => Ok(Err(Fault::Forbidden)),
            None => Ok(Err(Fault::NotFound)),
        };
        self.hub.desk.ledger.read(read).await?
    }

    /// A case's stories, oldest first: of what somebody may know of; the newest, or those before a message.
    pub(super) async fn story_of_case(
        &self,
        person: &Person,
        case: &CaseKey,
        before: Option<i64>,
    ) -> Result<OfCase, Fault> {
        let (person, case) = (person.clone(), case.clone());
        let read = move |reader: &mut Reader<'_>| {
            let items = reader.items_of_case_before(&case, before.unwrap_or(i64::MAX), ASKED)?;
            let (own, older) = own_of(&person, reader, &items)?;
            if own.is_empty() && older.is_none() {
                return Ok(Err(if items.is_empty() { Fault::NotFound } else { Fault::Forbidden }));
            }
            let mut seen = Vec::new();
            for mut story in reader.stories(own.keys().copied().collect())? {
                // What the hub told later is told with what came later, on the page of that.
                if let Some(before) = before {
                    let later = reader.whereabouts(Wanted::Item(before))?.and_then(|found| found.event);
                    story.notices.retain(|notice| later.is_none_or(|later| notice.seq < later));
                }
                let content = own.get(&story.item.seq).copied().unwrap_or_default();
                seen.push(Seen { whole: reader.with_actions(story)?, content });
            }
            Ok(Ok(OfCase { seen, older }))
        };
        self.hub.desk.ledger.read(read).await?
    }

    fn story_page(
        &self,
        visitor: &Visitor,
        title: String,
        stories: &[Seen],
        (older, newest): (Option<String>, Option<String>),
    ) -> Response {
        let mailboxes = self.hub.desk.world.mailboxes.values();
        let mut names: Names = mailboxes.map(|it| (it.id.to_string(), it.name.clone())).collect();
        names.extend(names::parties(self.hub.desk.world.book.newest()));
        let told = Told::of(stories, &names, self.hub.desk.clock.now());
        page_of(&Page { frame: Frame::new(visitor, Some(Place::Search)), title, told, older, newest })
    }
}
