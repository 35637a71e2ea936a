//! The lists, live: what is new, whose, what waits, what is late. No content, so no look.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use budstikke_contract::event::danish_day;

use super::super::Console;
use super::super::access::Person;
use super::super::address::Address;
use super::super::fault::{Fault, page_of};
use super::super::gate::Visitor;
use super::super::layout::{Frame, Place as Menu};
use super::super::live::{self, written};
use super::choice::{Choice, Wish};
use super::team::names;
use super::title::title;
use super::view::{self, Line};
use crate::duty::{Duty, Occasion};
use crate::ledger::Reader;
use crate::ledger::task::{Kept, MOST, Tab};

/// How many tasks stand on a page.
pub(super) const SHOWN: usize = 50;

/// A list, and how much is in it.
#[derive(Debug)]
struct Leaf {
    address: String,
    name: &'static str,
    count: String,
    here: bool,
}

/// A mailbox that can be chosen.
#[derive(Debug)]
struct Choosable {
    id: String,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "indbakke.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    mailboxes: Vec<Choosable>,
    tab: &'static str,
    stream: String,
    live: Arc<str>,
}

#[derive(Template)]
#[template(path = "indbakke-live.html", config = "src/console/askama.toml")]
struct Live {
    heading: &'static str,
    leaves: Vec<Leaf>,
    lines: Vec<Line>,
    nothing: &'static str,
    /// Whether lines say of which mailbox they are.
    several: bool,
    is_done: bool,
    first: Option<String>,
    next: Option<String>,
}

/// A list.
pub(super) async fn page(State(console): State<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    let wish = Wish::of(&Address::of(&uri));
    let choice = Choice::of(&visitor.person, &wish)?;
    let live = console.inbox_live(&visitor.person, &choice).await?;
    let mailboxes = visitor.person.mailboxes().map(|id| Choosable {
        id: id.to_string(),
        name: console.hub.desk.world.mailboxes.get(id).map_or_else(|| id.to_string(), |it| it.name.clone()),
        chosen: choice.only.as_deref() == Some(id.as_str()),
    });
    let page = Page {
        mailboxes: mailboxes.collect(),
        tab: super::choice::word(choice.tab),
        stream: choice.address("/indbakke/live", choice.tab, choice.after.as_ref()),
        frame: Frame::new(&visitor, Some(Menu::Tasks)),
        live,
    };
    Ok(page_of(&page))
}

/// The same, as it changes. Whose mailboxes they are is asked each time.
pub(super) async fn stream(State(console): State<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    let wish = Wish::of(&Address::of(&uri));
    Choice::of(&visitor.person, &wish)?;
    let make = move |console: Arc<Console>, visitor: Visitor| {
        let wish = wish.clone();
        let made = async move {
            let choice = Choice::of(&visitor.person, &wish)?;
            console.inbox_live(&visitor.person, &choice).await
        };
        Box::pin(made) as live::Made
    };
    Ok(live::stream_for(console, visitor, Box::new(make)))
}

impl Console {
    /// What a list shows now.
    async fn inbox_live(&self, person: &Person, choice: &Choice) -> Result<Arc<str>, Fault> {
        let when = self.inbox_when();
        let (asked, user) = (choice.clone(), person.user.clone());
        let read = move |reader: &mut Reader<'_>| {
            let of = |tab| (tab, user.as_str(), when.today);
            let mut counts = Vec::new();
            for tab in Tab::ALL {
                counts.push((tab, reader.count_tasks(&asked.mailboxes, of(tab))?));
            }
            let page = reader.tasks(&asked.mailboxes, of(asked.tab), asked.after, SHOWN)?;
            let told = page.tasks.iter().map(|kept| reader.duty_told(kept)).collect::<Result<Vec<_>, _>>()?;
            Ok((counts, page, told, names(reader)?))
        };
        let (counts, page, told, names) = self.hub.desk.ledger.read(read).await?;
        let leaf = |(tab, count): (Tab, u32)| Leaf {
            address: choice.address("/indbakke", tab, None),
            name: view::heading(tab),
            count: if count >= MOST { format!("{}+", MOST - 1) } else { count.to_string() },
            here: tab == choice.tab,
        };
        let parties = self.parties();
        let line = |(kept, told): (&Kept, &Option<(Duty, Occasion)>)| {
            let told = told.as_ref().map(|(duty, why)| (duty, *why));
            let title = title(&kept.task.kind, told, danish_day(kept.task.arrived), &parties);
            Line::of(kept, title, (&person.user, &names), when)
        };
        let live = Live {
            heading: view::heading(choice.tab),
            leaves: counts.into_iter().map(leaf).collect(),
            lines: page.tasks.iter().zip(&told).map(line).collect(),
            nothing: view::nothing(choice.tab),
            several: choice.mailboxes.len() > 1,
            is_done: choice.tab == Tab::Done,
            first: choice.after.map(|_| choice.address("/indbakke", choice.tab, None)),
            next: page.next.map(|next| choice.address("/indbakke", choice.tab, Some(&next))),
        };
        written(&live)
    }
}
