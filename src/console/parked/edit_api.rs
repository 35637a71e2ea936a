//! Corrections by calls. Content takes a purpose, and the look is kept with it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::super::api::{Caller, Problem, Sent};
use super::super::fault::Fault;
use super::super::named::Named;
use super::super::purpose::{Purpose, Stated};
use super::diff::DiffLine;
use super::edit::{Opened, Proposal};
use super::words;
use crate::intake::edit::{LARGEST, Unfit};
use crate::intake::people::{Became, Person};
use crate::ledger::edit::Edit;

/// The largest body: a text in which every character is written with six, and a little more.
const BODY: usize = LARGEST * 6 + 16 * 1024;

/// How many corrections are answered.
const WAITING: u32 = 100;

/// Where it is served.
pub(super) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new()
        .routes(routes!(look))
        .routes(routes!(propose))
        .layer(DefaultBodyLimit::max(BODY))
        .routes(routes!(waiting))
        .routes(routes!(look_at_edit))
        .routes(routes!(decide))
}

/// For what content is looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ParkedLook)]
#[serde(deny_unknown_fields)]
struct Look {
    /// The purpose.
    purpose: Stated,
}

/// The text of a parked item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedText)]
struct TextAnswer {
    /// As it may be corrected; lines end with a line feed.
    text: String,
    /// Whether its sender was answered already, and so is not answered again.
    answered: bool,
}

/// A correction, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedEdit)]
struct EditAnswer {
    /// Its number.
    number: i64,
    /// The item that it is of: `#12`.
    id: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// By whom.
    by: String,
    /// Why.
    reason: String,
    /// `proposed`, `approved`, `rejected`, `replaced`.
    state: &'static str,
    /// Who decided about it.
    decided_by: Option<String>,
    /// How the item stands, where it was decided about by the correction.
    became: Option<String>,
    /// Why it is parked again, where it is.
    code: Option<String>,
}

impl EditAnswer {
    fn of(edit: Edit, became: Option<&Became>) -> Self {
        Self {
            number: edit.seq,
            id: format!("#{}", edit.item),
            at: edit.at,
            by: edit.by,
            reason: edit.reason,
            state: edit.state.name(),
            decided_by: edit.decided_by,
            became: became.map(|it| it.state.to_owned()),
            code: became.and_then(|it| it.reason.as_ref()).map(|reason| reason.code.to_string()),
        }
    }
}

fn said(unfit: &Unfit) -> Problem {
    Fault::Refused(words::unfit_in_english(unfit)).into()
}

/// The text of a parked item. That is a look at content, and is kept with its purpose.
#[utoipa::path(
    post,
    path = "/parked/items/{number}/look",
    operation_id = "parked_item_look",
    params(("number" = i64, Path, description = "The item's number.")),
    request_body = Look,
    responses((status = 200, description = "The text.", body = TextAnswer))
)]
async fn look(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Sent(Look { purpose }): Sent<Look>,
) -> Result<Json<TextAnswer>, Problem> {
    caller.needs(Right::Undecided)?;
    let opened = console.opens(path.read()?, &caller.0.user, &Purpose::stated(&purpose)?).await?;
    let Opened { text, answered } = opened.map_err(|unfit| said(&unfit))?;
    Ok(Json(TextAnswer { text: text.shown().to_owned(), answered }))
}

/// A corrected text.
#[derive(Deserialize, ToSchema)]
#[schema(as = ParkedEditSent)]
#[serde(deny_unknown_fields)]
struct EditSent {
    /// The whole text, corrected.
    text: String,
    /// Why; kept in clear.
    reason: String,
}

/// Keeps a corrected text, to be approved by somebody else where the settings say so.
#[utoipa::path(
    post,
    path = "/parked/items/{number}/edits",
    operation_id = "parked_edit_propose",
    params(("number" = i64, Path, description = "The item's number.")),
    request_body = EditSent,
    responses(
        (status = 200, description = "The correction.", body = EditAnswer),
        (status = "4XX", description = "Why not, with the code and the place that the adapter gives.", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn propose(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Sent(EditSent { text, reason }): Sent<EditSent>,
) -> Result<Json<EditAnswer>, Problem> {
    caller.needs(Right::Undecided)?;
    let person = Person { user: caller.0.user, reason };
    let kept = console.proposes(path.read()?, text, person).await?;
    let (edit, became) = kept.map_err(|unfit| said(&unfit))?;
    Ok(Json(EditAnswer::of(edit, became.as_ref())))
}

/// Corrections that wait for a second person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedWaiting)]
struct Waiting {
    /// At most a hundred.
    edits: Vec<EditAnswer>,
}

/// The corrections that wait for a second person.
#[utoipa::path(
    get,
    path = "/parked/edits",
    operation_id = "parked_edits",
    responses((status = 200, description = "The corrections.", body = Waiting))
)]
async fn waiting(State(console): State<Arc<Console>>, caller: Caller) -> Result<Json<Waiting>, Problem> {
    super::api::needs_to_see(&caller)?;
    let edits = console.hub.desk.ledger.read(|reader| reader.proposed_edits(WAITING)).await?;
    Ok(Json(Waiting { edits: edits.into_iter().map(|edit| EditAnswer::of(edit, None)).collect() }))
}

/// A correction, and what it changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ParkedDiff)]
struct DiffAnswer {
    /// The correction.
    edit: EditAnswer,
    /// What it changes, line by line, with some lines around.
    lines: Vec<DiffLine>,
}

/// What a correction changes. That is a look at content, and is kept with its purpose.
#[utoipa::path(
    post,
    path = "/parked/edits/{number}/look",
    operation_id = "parked_edit_look",
    params(("number" = i64, Path, description = "The correction's number.")),
    request_body = Look,
    responses((status = 200, description = "What it changes.", body = DiffAnswer))
)]
async fn look_at_edit(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Sent(Look { purpose }): Sent<Look>,
) -> Result<Json<DiffAnswer>, Problem> {
    caller.needs(Right::Undecided)?;
    let Proposal { edit, lines } = console.opens_edit(path.read()?, &caller.0, &Purpose::stated(&purpose)?).await?;
    Ok(Json(DiffAnswer { edit: EditAnswer::of(edit, None), lines }))
}

/// A second person's word.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ParkedWord)]
#[serde(deny_unknown_fields)]
struct Word {
    /// Whether it shall count.
    approve: bool,
    /// Why; it must be said where it shall not.
    #[serde(default)]
    reason: String,
}

/// Approves a correction, or turns it down. Nobody decides about their own.
#[utoipa::path(
    post,
    path = "/parked/edits/{number}/decision",
    operation_id = "parked_edit_decide",
    params(("number" = i64, Path, description = "The correction's number.")),
    request_body = Word,
    responses((status = 200, description = "The correction, and what became of its item.", body = EditAnswer))
)]
async fn decide(
    State(console): State<Arc<Console>>,
    caller: Caller,
    path: Named<i64>,
    Sent(Word { approve, reason }): Sent<Word>,
) -> Result<Json<EditAnswer>, Problem> {
    caller.needs(Right::Undecided)?;
    let person = Person { user: caller.0.user, reason };
    let decided = console.decides(path.read()?, approve, person).await?;
    let (edit, became) = decided.map_err(|unfit| said(&unfit))?;
    Ok(Json(EditAnswer::of(edit, became.as_ref())))
}
