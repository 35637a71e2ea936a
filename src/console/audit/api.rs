//! The same for other systems.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use budstikke_contract::person::{Cpr, shows_cpr};
use data_encoding::HEXLOWER;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::access::Right;
use super::super::api::{Asked as Sought, Caller, Problem, Sent};
use super::super::period::Period;
use super::super::purpose::{Purpose, Stated};
use super::ask::{Asked, Log};
use super::{PAGE, Rows};
use crate::ledger::audit::{Action, Look};

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new()
        .routes(routes!(looks))
        .routes(routes!(looks_at_citizen))
        .routes(routes!(actions))
        .routes(routes!(chain))
        .routes(routes!(proof))
}

/// Which part of a log.
#[derive(Debug, Default, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct Part {
    /// By whom: a name from the log.
    user: Option<String>,
    /// About the message of this item. For looks only.
    item: Option<i64>,
    /// From this day on.
    #[schema(value_type = Option<String>, format = Date)]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Until this day, with it.
    #[schema(value_type = Option<String>, format = Date)]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Before this number, as `next` of the page before said.
    before: Option<i64>,
}

impl Part {
    fn asked(self, log: Log) -> Result<Asked, Problem> {
        let user = self.user.unwrap_or_default();
        if user.chars().count() > 128 || shows_cpr(&user) {
            return Err(Problem::unreadable("`user` is no name from the log"));
        }
        let Self { item, from, to, before, .. } = self;
        Ok(Asked { log, user, item, period: Period { from, to }, before, citizen: None })
    }
}

/// Whose looks are asked for, and for what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfCitizen {
    /// The citizen's number, ten digits.
    cpr: String,
    /// The purpose. It stands in the log that is asked for.
    purpose: Stated,
    /// Which part of the log.
    #[serde(default)]
    part: Part,
}

/// A look at content.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SeenLook {
    seq: i64,
    at: String,
    user: String,
    purpose: String,
    /// What was read: `item`, `event_body`, `body`, `reply_body`, `receipt_body`, `search`, `audit`.
    what: String,
    item: Option<i64>,
    message: Option<i64>,
    /// The kind of event.
    kind: Option<String>,
    delivery: Option<i64>,
}

/// Something that somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Did {
    seq: i64,
    at: String,
    user: String,
    what: String,
    target: String,
    reason: String,
}

impl SeenLook {
    pub(super) fn of(look: &Look) -> Self {
        Self {
            seq: look.seq,
            at: look.at.to_string(),
            user: look.user.clone(),
            purpose: look.purpose.clone(),
            what: look.what.clone(),
            item: look.item,
            message: look.message,
            kind: look.kind.clone(),
            delivery: look.delivery,
        }
    }

    /// As a line of JSON.
    pub(super) fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

impl Did {
    pub(super) fn of(action: &Action) -> Self {
        Self {
            seq: action.seq,
            at: action.at.to_string(),
            user: action.user.clone(),
            what: action.what.clone(),
            target: action.target.clone(),
            reason: action.reason.clone(),
        }
    }

    /// As a line of JSON.
    pub(super) fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// Looks, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct Looks {
    looks: Vec<SeenLook>,
    /// Ask for what is before this number; `null` where there is no more.
    next: Option<i64>,
}

/// Actions, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct Actions {
    actions: Vec<Did>,
    /// Ask for what is before this number; `null` where there is no more.
    next: Option<i64>,
}

/// The state of the hash chain.
#[derive(Debug, Serialize, ToSchema)]
struct ChainState {
    /// How many entries it has.
    entries: i64,
    /// The hash of the last one. Keep `entries:head` elsewhere: `budstikke verify --anchor` takes it.
    head: String,
    /// How it came out when it was last proved from the console or here.
    last_proof: Option<Did>,
    /// Whether it is being proved.
    running: bool,
}

fn page_of_looks(looks: &[Look]) -> Looks {
    let shown = looks.iter().take(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let shown: Vec<SeenLook> = shown.map(SeenLook::of).collect();
    let next = shown.last().map(|last| last.seq).filter(|_| looks.len() > shown.len());
    Looks { looks: shown, next }
}

/// Who looked at what.
#[utoipa::path(
    get,
    path = "/audit/looks",
    params(Part),
    responses((status = 200, description = "Looks.", body = Looks))
)]
async fn looks(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sought(part): Sought<Part>,
) -> Result<Json<Looks>, Problem> {
    caller.needs(Right::Audit)?;
    let rows = console.log(&part.asked(Log::Looks)?, PAGE + 1).await?;
    let looks = if let Rows::Looks(looks) = rows { looks } else { Vec::new() };
    Ok(Json(page_of_looks(&looks)))
}

/// Who looked at what of a citizen's. To ask it is a look too.
#[utoipa::path(
    post,
    path = "/audit/looks/citizen",
    request_body = OfCitizen,
    responses((status = 200, description = "Looks.", body = Looks))
)]
async fn looks_at_citizen(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sent(sent): Sent<OfCitizen>,
) -> Result<Json<Looks>, Problem> {
    caller.needs(Right::Audit)?;
    let purpose = Purpose::stated(&sent.purpose)?;
    let cpr = Cpr::parse(&sent.cpr).ok_or_else(|| Problem::unreadable("`cpr` is no CPR number"))?;
    let asked = Asked { citizen: Some(cpr), ..sent.part.asked(Log::Looks)? };
    let looks = console.looks_at(&caller.0.user, &purpose, &asked, PAGE + 1).await?;
    Ok(Json(page_of_looks(&looks)))
}

/// Who did what: sent on, discarded, paused, made accounts, signed in.
#[utoipa::path(
    get,
    path = "/audit/actions",
    params(Part),
    responses((status = 200, description = "Actions.", body = Actions))
)]
async fn actions(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sought(part): Sought<Part>,
) -> Result<Json<Actions>, Problem> {
    caller.needs(Right::Audit)?;
    let rows = console.log(&part.asked(Log::Actions)?, PAGE + 1).await?;
    let actions = if let Rows::Actions(actions) = rows { actions } else { Vec::new() };
    let shown: Vec<Did> = actions.iter().take(usize::try_from(PAGE).unwrap_or(usize::MAX)).map(Did::of).collect();
    let next = shown.last().map(|last| last.seq).filter(|_| actions.len() > shown.len());
    Ok(Json(Actions { actions: shown, next }))
}

/// How the hash chain stands.
#[utoipa::path(
    get,
    path = "/audit/chain",
    responses((status = 200, description = "Its end, and how it was last proved.", body = ChainState))
)]
async fn chain(State(console): State<Arc<Console>>, caller: Caller) -> Result<Json<ChainState>, Problem> {
    caller.needs(Right::Audit)?;
    let read = |reader: &mut crate::ledger::Reader<'_>| Ok((reader.chain_end()?, reader.last_proof()?));
    let (end, last) = console.hub.desk.ledger.read(read).await?;
    Ok(Json(ChainState {
        entries: end.seq,
        head: HEXLOWER.encode(&end.hash),
        last_proof: last.as_ref().map(Did::of),
        running: console.proof.since().is_some(),
    }))
}

/// Begins to prove the ledger, beside the work. Where that goes on already, nothing more begins.
#[utoipa::path(
    post,
    path = "/audit/chain/proof",
    responses((status = 202, description = "It is being proved: ask for the chain again."))
)]
async fn proof(State(console): State<Arc<Console>>, caller: Caller) -> Result<StatusCode, Problem> {
    caller.needs(Right::Audit)?;
    console.prove(&caller.0.user);
    Ok(StatusCode::ACCEPTED)
}
