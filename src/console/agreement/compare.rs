//! Two editions of the agreement compared: as it was known on two days, or as it is against files that
//! somebody has changed. It is asked what becomes of every kind of event in every situation, which
//! takes a while: one at a time, off the threads that answer, and not for longer than people wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;

use super::super::Console;
use super::super::access::Right;
use super::super::fault::{Fault, page_of};
use super::super::gate::Visitor;
use super::super::layout::{Frame, Place};
use super::super::upload::Uploaded;
use super::super::words::day;
use super::a_day;
use crate::agreement::model::Agreement;
use crate::agreement::{Book, Fault as Flaw, SourceFile};
use crate::route::compare::{Change, changes_while};

/// How long a comparison may take.
const LONGEST: Duration = Duration::from_secs(20);

/// How many changes, and how many faults, are shown.
const SHOWN: usize = 400;

/// What is said to whoever comes while another comparison goes on.
const OCCUPIED: &str =
    "En anden sammenligning er i gang. Den tager højst 20 sekunder; vent lidt, og prøv igen. Intet er gemt.";

/// What is compared.
enum Sides {
    /// The agreement as it was known on two days.
    Days(Date, Date),
    /// The newest edition, and the same with these files.
    Files(Vec<SourceFile>),
}

/// What came of it.
enum Compared {
    /// The files do not hold.
    Flawed(Vec<Flaw>),
    /// It took too long.
    TooLong,
    /// This changes.
    Changes(Vec<Change>),
}

/// What changes for one thing.
struct Group {
    about: String,
    changes: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "aftale-sammenlign.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    /// The days from which editions were known.
    days: Vec<Date>,
    agreements: Vec<String>,
    before: String,
    after: String,
    fault: Option<String>,
    flaws: Vec<Flaw>,
    /// What was compared, where it was.
    title: Option<String>,
    groups: Vec<Group>,
    /// How many there are beyond those that are shown.
    more: usize,
}

impl Page {
    fn new(console: &Console, visitor: &Visitor) -> Self {
        let book = &console.hub.desk.world.book;
        let days: Vec<Date> = book.days().collect();
        let before = days.iter().rev().nth(1).or(days.first()).map(Date::to_string).unwrap_or_default();
        Self {
            frame: Frame::new(visitor, Some(Place::Agreement)),
            agreements: book.newest().iter().map(|it| it.name.clone()).collect(),
            before,
            after: console.today().to_string(),
            days,
            fault: None,
            flaws: Vec::new(),
            title: None,
            groups: Vec::new(),
            more: 0,
        }
    }

    /// What is wrong with what was sent.
    fn refuse(mut self, why: impl Into<String>) -> Response {
        self.fault = Some(why.into());
        (StatusCode::UNPROCESSABLE_ENTITY, page_of(&self)).into_response()
    }
}

/// The form.
pub(super) async fn form(Extract(console): Extract<Arc<Console>>, visitor: Visitor) -> Result<Response, Fault> {
    visitor.needs(Right::Agreement)?;
    Ok(page_of(&Page::new(&console, &visitor)))
}

/// What changes.
pub(super) async fn answer(Extract(console): Extract<Arc<Console>>, sent: Uploaded) -> Result<Response, Fault> {
    sent.visitor.needs(Right::Agreement)?;
    let mut page = Page::new(&console, &sent.visitor);
    let (sides, title) = if sent.one("slags") == "filer" {
        match files(&page.agreements, &sent) {
            Ok(files) => (Sides::Files(files), "Den nyeste udgave og de filer, du har sendt".to_owned()),
            Err(why) => return Ok(page.refuse(why)),
        }
    } else {
        let (before, after) = (a_day(sent.one("foer"), console.today())?, a_day(sent.one("efter"), console.today())?);
        for known in [before, after] {
            console.known_on(known)?;
        }
        (page.before, page.after) = (before.to_string(), after.to_string());
        (Sides::Days(before, after), format!("Aftalen som kendt {} og som kendt {}", day(before), day(after)))
    };
    let compared = console.compared(sides).await?;
    match compared {
        Compared::Flawed(flaws) => {
            page.more = flaws.len().saturating_sub(SHOWN);
            page.flaws = flaws.into_iter().take(SHOWN).collect();
            Ok(page.refuse("Filerne holder ikke. Intet er sammenlignet."))
        }
        Compared::TooLong => Ok(page.refuse(
            "Sammenligningen tager for lang tid her. Bed driften om at køre `budstikke agreement diff`, eller ret færre filer ad gangen.",
        )),
        Compared::Changes(changes) => {
            page.title = Some(title);
            page.more = changes.len().saturating_sub(SHOWN);
            page.groups = groups(changes);
            Ok(page_of(&page))
        }
    }
}

/// The files that somebody sent.
fn files(agreements: &[String], sent: &Uploaded) -> Result<Vec<SourceFile>, String> {
    let agreement = sent.one("aftale").to_owned();
    if !agreements.contains(&agreement) {
        return Err("Der er ingen aftale af det navn. Vælg en på listen.".to_owned());
    }
    let mut files = Vec::new();
    for (at, file) in sent.files("fil").into_iter().enumerate() {
        let number = at + 1;
        let Ok(text) = String::from_utf8(file.body.to_vec()) else {
            return Err(format!("Fil nr. {number} er ikke tekst i UTF-8. Gem den som det, og prøv igen."));
        };
        let is_name = |name: &str| {
            let stem = name.strip_suffix(".toml").unwrap_or_default();
            !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !is_name(&file.name) {
            return Err(format!(
                "Fil nr. {number} skal hedde som i aftalens mappe, med små bogstaver, tal og bindestreg: `genoptraening.toml`."
            ));
        }
        if files.iter().any(|it: &SourceFile| it.name == file.name) {
            return Err(format!("Filen {} er valgt to gange.", file.name));
        }
        files.push(SourceFile { agreement: agreement.clone(), name: file.name, text });
    }
    if files.is_empty() { Err("Vælg mindst én fil.".to_owned()) } else { Ok(files) }
}

/// The same thing's changes together, no more than are shown.
fn groups(changes: Vec<Change>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for change in changes.into_iter().take(SHOWN) {
        let said = (change.scope_in_words(), change.text);
        match groups.last_mut().filter(|group| group.about == change.about) {
            Some(group) => group.changes.push(said),
            None => groups.push(Group { about: change.about, changes: vec![said] }),
        }
    }
    groups
}

fn compare(book: &Book, sides: &Sides, go_on: &dyn Fn() -> bool) -> Compared {
    let newly;
    let (old, new): (&[Arc<Agreement>], &[Arc<Agreement>]) = match sides {
        Sides::Days(before, after) => (book.known_on(*before), book.known_on(*after)),
        Sides::Files(files) => {
            newly = match book.with(files) {
                Ok(newly) => newly,
                Err(flaws) => return Compared::Flawed(flaws),
            };
            (book.newest(), newly.newest())
        }
    };
    changes_while(old, new, go_on).map_or(Compared::TooLong, Compared::Changes)
}

impl Console {
    async fn compared(&self, sides: Sides) -> Result<Compared, Fault> {
        let turn = Arc::clone(&self.agreement.comparing).try_acquire_owned();
        let turn = turn.map_err(|_taken| Fault::Occupied(OCCUPIED))?;
        let (book, stop) = (Arc::clone(&self.hub.desk.world.book), self.stop.clone());
        let work = move || {
            let _turn = turn;
            let begun = Instant::now();
            compare(&book, &sides, &|| begun.elapsed() < LONGEST && !stop.is_cancelled())
        };
        tokio::task::spawn_blocking(work).await.map_err(|_panicked| Fault::Broken)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn shipped() -> Book {
        Book::read(&crate::agreement::tests::shipped()).unwrap()
    }

    fn changed(book: &Book, name: &str, from: &str, to: &str) -> Vec<SourceFile> {
        let file = book.files().iter().find(|file| file.file_name() == name).unwrap();
        assert!(file.text.contains(from), "{from}");
        let text = file.text.replacen(from, to, 1);
        vec![SourceFile { agreement: file.agreement.clone(), name: name.to_owned(), text }]
    }

    #[test]
    fn the_same_edition_is_not_asked_anything() {
        let book = shipped();
        let day = date(2026, 11, 30);
        let compared = compare(&book, &Sides::Days(day, day), &|| panic!("nothing is to be asked"));
        assert!(matches!(compared, Compared::Changes(changes) if changes.is_empty()));
    }

    #[test]
    fn a_changed_file_takes_the_place_of_the_one_of_its_name() {
        let book = shipped();
        let files = changed(&book, "postkasser.toml", "navn    = \"", "navn    = \"Ny ");
        let compared = compare(&book, &Sides::Files(files), &|| true);
        let Compared::Changes(changes) = compared else { panic!("it holds") };
        assert!(changes.len() < SHOWN);
    }

    #[test]
    fn all_faults_of_files_are_shown_and_a_comparison_that_is_ended_says_so() {
        let book = shipped();
        let files = changed(
            &book,
            "genoptraening.toml",
            "postkasse = \"udfoerer/genoptraening\"",
            "postkasse = \"udfoerer/nowhere\"",
        );
        let compared = compare(&book, &Sides::Files(files), &|| true);
        assert!(matches!(compared, Compared::Flawed(flaws) if flaws.iter().any(|it| it.what.contains("nowhere"))));
        let files = changed(&book, "genoptraening.toml", "dage = 7, efter", "dage = 14, efter");
        assert!(matches!(compare(&book, &Sides::Files(files), &|| false), Compared::TooLong));
    }
}
