//! Opening a task: everything on its page is read in one transaction, with the looks at what came and
//! at what colleagues noted. One look for each, with the standing purpose of one's own mailbox.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use budstikke_contract::event::danish_day;

use super::super::Console;
use super::super::access::Person;
use super::super::content::{Content, Names as Places};
use super::super::fault::Fault;
use super::super::looking::{content_of, see_if_theirs};
use super::super::names::happening;
use super::super::purpose::{Aim, Purpose};
use super::super::words::{clock, day};
use super::team::{Names, names_of};
use super::title::title;
use super::view::{self, When};
use crate::agreement::model::{Capacity, MailboxId};
use crate::duty::{Duty, State as DutyState};
use crate::intake::World;
use crate::ledger::look::{Seen, Wanted};
use crate::ledger::task::{Entry, Kept, Note};
use crate::ledger::{Error, Tx};

/// What caseworkers look for in their own mailbox.
pub(super) fn purpose() -> Result<Purpose, Fault> {
    Purpose::new(Aim::Casework, "").map_err(|_it_is_one| Fault::Broken)
}

/// How many events are shown; older ones stand in the story of the case.
const SHOWN: u32 = 20;

/// How many duties of a case are shown.
const DUTIES: u32 = 50;

/// What came, to read.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) event: i64,
    pub(super) title: String,
    pub(super) law: String,
    pub(super) source: String,
    /// When it was said, and when it came.
    pub(super) said: String,
    pub(super) at: String,
    /// Whether it came since the visitor was here last.
    pub(super) fresh: bool,
    /// What else is to be seen at once.
    pub(super) marks: Vec<&'static str>,
    /// The clauses by which it came, with their documents.
    pub(super) why: Vec<String>,
    /// What it says; nothing where it was taken back.
    pub(super) content: Option<Content>,
}

/// Something that is owed, or was.
#[derive(Debug)]
pub(super) struct Owed {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) by: String,
    /// By when; empty where no day was agreed.
    pub(super) due: String,
    pub(super) late: bool,
    /// Why then.
    pub(super) reason: String,
    pub(super) clause: String,
    /// How it stands, in a word.
    pub(super) state: &'static str,
    /// The kinds of events that meet it, with their titles.
    pub(super) met_by: Vec<(String, String)>,
}

/// What somebody noted.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) at: String,
    pub(super) by: String,
    pub(super) text: String,
}

/// A task that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) kept: Kept,
    /// What it is called: as what came last.
    pub(super) title: String,
    pub(super) names: Names,
    pub(super) colleagues: Names,
    /// What the mailbox's party owes because of it.
    pub(super) owed: Vec<Owed>,
    /// What others were asked in the case.
    pub(super) asked: Vec<Owed>,
    pub(super) came: Vec<Came>,
    pub(super) older: bool,
    pub(super) notes: Vec<Written>,
    /// The number of the last of them; 0 where there is none.
    pub(super) last_note: i64,
}

/// What was read.
struct Read {
    kept: Kept,
    names: Names,
    colleagues: Names,
    entries: Vec<(Entry, Option<Seen>)>,
    duties: Vec<Duty>,
    notes: Vec<(Note, String)>,
    seen: Option<jiff::Timestamp>,
}

fn read(
    tx: &mut Tx<'_>,
    (console, when): (&Console, When),
    (person, purpose): (&Person, &Purpose),
    kept: Kept,
) -> Result<Read, Error> {
    let (user, world) = (person.user.as_str(), &console.hub.desk.world);
    let mut entries = Vec::new();
    for entry in tx.reader().task_entries(kept.seq, SHOWN + 1)? {
        // One more is asked for, to know whether there are older ones; nobody looks at it.
        let seen = if entries.len() < SHOWN as usize {
            see_if_theirs(tx, (world, when.now), (person, purpose), Wanted::Delivery(entry.delivery.seq))?
        } else {
            None
        };
        entries.push((entry, seen));
    }
    let mut notes = Vec::new();
    for note in tx.reader().notes(kept.seq)? {
        let text = tx.look_at_note(user, purpose.as_str(), &note)?;
        notes.push((note, text));
    }
    let seen = tx.reader().task_seen(kept.seq, user)?;
    tx.see_task(kept.seq, user)?;
    let mut reader = tx.reader();
    let people = reader.people()?;
    Ok(Read {
        names: names_of(&people),
        colleagues: console.colleagues(people, &kept.task.mailbox, user),
        duties: reader.duties_of_case(&kept.task.case, DUTIES)?,
        entries,
        notes,
        seen,
        kept,
    })
}

/// What words are made with.
struct Words<'a> {
    world: &'a World,
    /// The municipalities, by their codes.
    places: &'a Places,
    when: When,
    /// The documents of the agreement, by their ids.
    documents: &'a BTreeMap<String, String>,
    /// The parties' names.
    parties: BTreeMap<String, String>,
}

impl Words<'_> {
    /// A clause with the title of its document.
    fn clause(&self, clause: &str) -> String {
        let document = clause.split(' ').next().unwrap_or_default();
        match self.documents.get(document) {
            Some(title) => format!("{clause} ({title})"),
            None => clause.to_owned(),
        }
    }

    fn title(&self, entry: &Entry, duties: &[Duty]) -> String {
        let told = duties.iter().find_map(|duty| duty.told_by(entry.id).map(|occasion| (duty, occasion)));
        title(&entry.kind, told, danish_day(entry.at), &self.parties)
    }

    fn came(&self, (entry, shown): &(Entry, Option<Seen>), title: String, seen: Option<jiff::Timestamp>) -> Came {
        let now = self.when.now;
        let is_task = entry.delivery.capacity == Capacity::Task.name();
        let marks = [entry.handled.then_some("behandlet"), (!is_task).then_some("til orientering")];
        Came {
            event: entry.event,
            title,
            law: entry.law.clone().unwrap_or_default(),
            source: entry.source.clone(),
            said: clock(entry.time, now),
            at: clock(entry.at, now),
            fresh: seen.is_some_and(|seen| entry.at > seen),
            marks: marks.into_iter().flatten().collect(),
            why: entry.delivery.why.rules.iter().map(|(_, clause)| self.clause(clause)).collect(),
            content: shown.as_ref().map(|shown| content_of(self.world, self.places, shown, now)),
        }
    }

    fn owed(&self, duty: &Duty) -> Owed {
        let open = duty.state == DutyState::Open;
        let terms = &duty.terms;
        Owed {
            id: duty.id.to_string(),
            what: terms.what.clone(),
            by: self.parties.get(&terms.owed_by).cloned().unwrap_or_else(|| terms.owed_by.clone()),
            due: duty.due.date.map_or_else(String::new, day),
            late: open && duty.due.date.is_some_and(|due| due < self.when.today),
            reason: duty.due.reason.clone(),
            clause: self.clause(&terms.clause),
            state: match duty.state {
                DutyState::Open => "skyldes",
                DutyState::Met => "opfyldt",
                DutyState::Closed => "bortfaldet",
            },
            met_by: terms.met_by.iter().map(|kind| (kind.clone(), happening(kind).to_owned())).collect(),
        }
    }
}

/// Everything of a task, in words.
fn opened(read: Read, (world, places): (&World, &Places), parties: BTreeMap<String, String>, when: When) -> Opened {
    let nothing = BTreeMap::new();
    let party = MailboxId::parse(&read.kept.task.mailbox).map(|id| id.party().to_owned()).unwrap_or_default();
    let agreement = world.book.of_party(&party, when.today);
    let documents = agreement.map_or(&nothing, |it| &it.documents);
    let words = Words { world, places, when, documents, parties };
    let own: BTreeSet<&str> =
        read.entries.iter().filter_map(|(it, _)| Some(it.delivery.why.duty.as_ref()?.id.as_str())).collect();
    let (owed, asked): (Vec<&Duty>, Vec<&Duty>) = read
        .duties
        .iter()
        .filter(|duty| duty.terms.owed_by != party || own.contains(duty.id.to_string().as_str()))
        .partition(|duty| duty.terms.owed_by == party);
    let note = |(note, text): &(Note, String)| Written {
        at: clock(note.at, when.now),
        by: view::name(&note.by, &read.names).to_owned(),
        text: text.clone(),
    };
    let titled = |entry: &Entry| words.title(entry, &read.duties);
    let last = read.entries.first().map(|(entry, _)| titled(entry));
    Opened {
        title: last.unwrap_or_else(|| happening(&read.kept.task.kind).to_owned()),
        owed: owed.into_iter().map(|duty| words.owed(duty)).collect(),
        asked: asked.into_iter().map(|duty| words.owed(duty)).collect(),
        came: read.entries.iter().take(SHOWN as usize).map(|it| words.came(it, titled(&it.0), read.seen)).collect(),
        older: read.entries.len() > SHOWN as usize,
        last_note: read.notes.first().map_or(0, |(note, _)| note.seq),
        notes: read.notes.iter().map(note).collect(),
        kept: read.kept,
        names: read.names,
        colleagues: read.colleagues,
    }
}

impl Console {
    /// Opens a task of somebody's mailbox.
    pub(super) async fn opens_task(self: &Arc<Self>, person: &Person, task: i64) -> Result<Opened, Fault> {
        let when = self.inbox_when();
        let (console, looks, purpose) = (Arc::clone(self), person.clone(), purpose()?);
        let work = move |tx: &mut Tx<'_>, _: &World, kept| read(tx, (&console, when), (&looks, &purpose), kept);
        let read = self.in_mailbox(person, task, work).await?;
        Ok(opened(read, (&self.hub.desk.world, &self.names()), self.parties(), when))
    }
}
