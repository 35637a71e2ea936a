//! Audit: who has looked at what and who has done what, by citizen, user, message and time; whether
//! the ledger is what it was; and all of it to take along. What is asked stands in no address.
//!
//! | room | what |
//! |---|---|
//! | `ask`, `view` | what is asked, what is shown; pure |
//! | `export` | as CSV and as JSON lines |
//! | `proof` | proving the ledger beside the work |

pub(super) mod api;
mod ask;
mod export;
mod proof;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::Console;
use super::access::Right;
use super::fault::{Fault, page_of};
use super::gate::{Posted, Visitor};
use super::layout::{Frame, Place};
use super::purpose::Purpose;
use crate::ledger::audit::{Action, Look};
use crate::ledger::look::Looker;
use crate::ledger::{Reader, Tx};
use ask::{Asked, Log};
pub(super) use proof::Proof;
use view::{Chain, Row};

/// So many stand on a page.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "audit.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    asked: Asked,
    rows: Vec<Row>,
    /// Where there is more.
    next: Option<i64>,
    /// Whether what is shown is about one citizen.
    citizen: bool,
    chain: Chain,
}

/// Rows of one of the logs.
#[derive(Debug, Clone)]
enum Rows {
    Looks(Vec<Look>),
    Actions(Vec<Action>),
}

/// Where it is served.
pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/revision", get(page).post(search))
        .route("/revision/borger", post(by_citizen))
        .route("/revision/eksport", post(export::download))
        .route("/revision/bevis", post(prove))
}

/// The newest looks.
async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Fault> {
    visitor.needs(Right::Audit)?;
    let asked = Asked::default();
    let rows = console.log(&asked, PAGE + 1).await?;
    console.audit_page(&visitor, asked, rows, false).await
}

/// What fits what is asked.
async fn search(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Audit)?;
    let asked = Asked::read(&posted)?;
    let rows = console.log(&asked, PAGE + 1).await?;
    console.audit_page(&posted.visitor, asked, rows, false).await
}

/// Who looked at what of a citizen's.
async fn by_citizen(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Audit)?;
    let asked = Asked { log: Log::Looks, ..Asked::read(&posted)? };
    let purpose = Purpose::of(&posted)?;
    let looks = console.looks_at(&posted.visitor.person.user, &purpose, &asked, PAGE + 1).await?;
    console.audit_page(&posted.visitor, asked, Rows::Looks(looks), true).await
}

/// Begins to prove the ledger.
async fn prove(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Audit)?;
    console.prove(&posted.visitor.person.user);
    Ok(Redirect::to("/revision#kaeden").into_response())
}

impl Console {
    /// Rows of a log, the newest first.
    async fn log(&self, asked: &Asked, limit: u32) -> Result<Rows, Fault> {
        let (log, wanted) = (asked.log, asked.wanted(limit));
        let read = move |reader: &mut Reader<'_>| {
            Ok(match log {
                Log::Looks => Rows::Looks(reader.looks(&wanted)?),
                Log::Actions => Rows::Actions(reader.actions(&wanted)?),
            })
        };
        Ok(self.hub.desk.ledger.read(read).await?)
    }

    /// The looks at a citizen's, which is a look itself.
    async fn looks_at(&self, user: &str, purpose: &Purpose, asked: &Asked, limit: u32) -> Result<Vec<Look>, Fault> {
        let (user, purpose, wanted) = (user.to_owned(), purpose.clone(), asked.wanted(limit));
        let cpr = asked
            .citizen
            .clone()
            .ok_or_else(|| Fault::Refused("Skriv borgerens CPR-nummer med ti cifre. Intet er vist.".to_owned()))?;
        let look = move |tx: &mut Tx<'_>| {
            tx.looks_at_citizen(Looker { user: &user, purpose: purpose.as_str() }, cpr.reveal(), &wanted)
        };
        Ok(self.hub.desk.ledger.write(look).await?)
    }

    async fn chain(&self) -> Result<Chain, Fault> {
        let now = self.hub.desk.clock.now();
        let (end, last) = self.hub.desk.ledger.read(|reader| Ok((reader.chain_end()?, reader.last_proof()?))).await?;
        Ok(Chain::of(&end, last.as_ref(), self.proof.since(), now))
    }

    async fn audit_page(&self, visitor: &Visitor, asked: Asked, rows: Rows, citizen: bool) -> Result<Response, Fault> {
        let now = self.hub.desk.clock.now();
        let mut rows = match &rows {
            Rows::Looks(looks) => looks.iter().map(|look| Row::of_look(look, now)).collect::<Vec<_>>(),
            Rows::Actions(actions) => actions.iter().map(|action| Row::of_action(action, now)).collect(),
        };
        let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let more = rows.len() > page;
        rows.truncate(page);
        let next = rows.last().map(|row| row.seq).filter(|_| more);
        let frame = Frame::new(visitor, Some(Place::Audit));
        Ok(page_of(&Page { frame, asked, rows, next, citizen, chain: self.chain().await? }))
    }
}
