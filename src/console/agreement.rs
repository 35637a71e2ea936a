//! The agreement: who performs what and when, each rule with its clause, what it would make of a
//! message, and what changes from one edition to another. It is public; nothing here is kept.

pub(super) mod api;
mod compare;
mod explain;
mod fold;
mod rules;
mod told;

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State as Extract};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use tokio::sync::Semaphore;

use super::Console;
use super::access::Right;
use super::address::Address;
use super::fault::{Fault, page_of};
use super::gate::Visitor;
use super::layout::{Frame, Place};
use super::names;
use crate::agreement::matrix::{Matrix, Row, Table};
use crate::agreement::model::Agreement;
use budstikke_contract::event::danish_day;
use fold::Shown;
use rules::Line;

/// How many messages are explained at once.
const EXPLAINING: usize = 2;

/// The largest message to be explained, or files to be compared, in bytes.
const LARGEST: usize = 1024 * 1024;

/// What a form has beside them.
const FORM: usize = 16 * 1024;

/// What takes long and so has its turn.
#[derive(Debug)]
pub(super) struct Room {
    explaining: Arc<Semaphore>,
    comparing: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        // A comparison takes one of the machine's processors for as long as it lasts.
        Self { explaining: Arc::new(Semaphore::new(EXPLAINING)), comparing: Arc::new(Semaphore::new(1)) }
    }
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    let taking = Router::new()
        .route("/aftale/forklar", get(explain::form).post(explain::answer))
        .route("/aftale/sammenlign", get(compare::form).post(compare::answer))
        .layer(DefaultBodyLimit::max(LARGEST + FORM));
    Router::new().route("/aftale", get(matrix)).route("/aftale/regler", get(rules_page)).merge(taking)
}

/// A day as it stands in a form; another one where the field is empty.
fn a_day(text: &str, otherwise: Date) -> Result<Date, Fault> {
    if text.is_empty() {
        return Ok(otherwise);
    }
    text.parse().map_err(|_quotes| Fault::Refused("Datoen kan ikke læses. Skriv den som 2026-12-31.".to_owned()))
}

impl Console {
    /// The agreements as they were known on a day; refused where none was.
    fn known_on(&self, day: Date) -> Result<&[Arc<Agreement>], Fault> {
        let known = self.hub.desk.world.book.known_on(day);
        if known.is_empty() {
            let first = self.hub.desk.world.book.days().next().map(|it| it.to_string()).unwrap_or_default();
            return Err(Fault::Refused(format!("Ingen aftale var kendt den dag. Den første er kendt {first}.")));
        }
        Ok(known)
    }

    fn today(&self) -> Date {
        danish_day(self.hub.desk.clock.now())
    }
}

/// Which rows of a matrix are shown.
#[derive(Debug, Default)]
struct Rows {
    /// Only those with this in their law or task, in whatever letters.
    text: String,
    /// Only the citizens of this party.
    residence: String,
    /// Only what this party performs.
    performer: String,
    /// Only what holds on this day.
    on: Option<String>,
    /// Only what is read or not settled.
    unsure: bool,
}

impl Rows {
    fn fits(&self, row: &Row) -> bool {
        let wanted = self.text.to_lowercase();
        let said = [&row.law, &row.law_title, &row.task].map(|it| it.to_lowercase());
        let is_performer = || row.performer.as_deref() == Some(&self.performer);
        // Days as text sort as days do.
        let holds = |on: &String| row.from <= *on && row.to.as_ref().is_none_or(|to| on <= to);
        said.iter().any(|it| it.contains(&wanted))
            && (self.performer.is_empty() || is_performer())
            && self.on.as_ref().is_none_or(holds)
            && (!self.unsure || row.standing.is_some())
    }

    /// The tables with only those.
    fn of(&self, matrix: Matrix) -> Vec<Table> {
        let tables = matrix.tables.into_iter();
        let own = tables.filter(|table| self.residence.is_empty() || table.residence == self.residence);
        let fitting = own.map(|mut table| {
            table.rows.retain(|row| self.fits(row));
            table
        });
        fitting.collect()
    }
}

/// A party to choose.
#[derive(Debug)]
struct Choice {
    value: String,
    title: String,
}

fn parties(agreements: &[Arc<Agreement>]) -> Vec<Choice> {
    let all = agreements.iter().flat_map(|it| &it.parties);
    all.map(|party| Choice { value: party.id.to_string(), title: party.name.clone() }).collect()
}

#[derive(Template)]
#[template(path = "aftale.html", config = "src/console/askama.toml")]
struct MatrixPage {
    frame: Frame,
    rows: Rows,
    known: Date,
    parties: Vec<Choice>,
    tables: Vec<Shown>,
    versions: Vec<String>,
}

/// Law by time: who performs.
async fn matrix(Extract(console): Extract<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    visitor.needs(Right::Agreement)?;
    let asked = Address::of(&uri);
    let known = a_day(asked.one("kendt"), console.today())?;
    let on = asked.one("gaelder");
    let on = if on.is_empty() { None } else { Some(a_day(on, known)?.to_string()) };
    let rows = Rows {
        text: asked.one("lov").to_owned(),
        residence: asked.one("borgere").to_owned(),
        performer: asked.one("udfoerer").to_owned(),
        unsure: asked.one("usikre") == "ja",
        on,
    };
    let agreements = console.known_on(known)?;
    let matrices = agreements.iter().map(|it| Matrix::of(it));
    let versions = agreements.iter().flat_map(|it| &it.parts).map(ToString::to_string).collect();
    let tables = fold::shown(matrices.flat_map(|matrix| rows.of(matrix)).collect());
    let (frame, parties) = (Frame::new(&visitor, Some(Place::Agreement)), parties(agreements));
    Ok(page_of(&MatrixPage { frame, rows, known, parties, tables, versions }))
}

/// Which rules are shown.
#[derive(Debug, Default)]
struct Chosen {
    area: String,
    law: String,
    team: String,
    unsure: bool,
}

impl Chosen {
    fn fits(&self, line: &Line) -> bool {
        let wanted = self.law.to_lowercase();
        let law = |law: &String| law.to_lowercase().contains(&wanted);
        (self.area.is_empty() || line.area == self.area)
            && (wanted.is_empty() || line.laws.iter().any(law))
            && (self.team.is_empty() || line.receivers.iter().any(|it| it.teams.contains(&self.team)))
            && (!self.unsure || line.standing.is_some())
    }
}

#[derive(Template)]
#[template(path = "aftale-regler.html", config = "src/console/askama.toml")]
struct RulesPage {
    frame: Frame,
    chosen: Chosen,
    known: Date,
    areas: Vec<Choice>,
    teams: BTreeSet<String>,
    lines: Vec<Line>,
    all: usize,
}

/// Each rule, with its clause.
async fn rules_page(Extract(console): Extract<Arc<Console>>, visitor: Visitor, uri: Uri) -> Result<Response, Fault> {
    visitor.needs(Right::Agreement)?;
    let asked = Address::of(&uri);
    let known = a_day(asked.one("kendt"), console.today())?;
    let chosen = Chosen {
        area: asked.one("omraade").to_owned(),
        law: asked.one("lov").to_owned(),
        team: asked.one("hold").to_owned(),
        unsure: asked.one("usikre") == "ja",
    };
    let mut lines: Vec<Line> = console.known_on(known)?.iter().flat_map(|it| rules::lines(it)).collect();
    let areas: BTreeSet<&str> = lines.iter().map(|line| line.area.as_str()).collect();
    let areas =
        areas.into_iter().map(|area| Choice { value: area.to_owned(), title: names::area(area).to_owned() }).collect();
    let teams = lines.iter().flat_map(|line| &line.receivers).flat_map(|it| &it.teams).cloned().collect();
    let all = lines.len();
    lines.retain(|line| chosen.fits(line));
    let frame = Frame::new(&visitor, Some(Place::Agreement));
    Ok(page_of(&RulesPage { frame, chosen, known, areas, teams, lines, all }))
}
