//! The same for other systems.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use budstikke_contract::person::shows_cpr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::api::{Asked as Sought, Caller, Problem, Sent};
use super::super::period::Period;
use super::super::purpose::{Purpose, Stated};
use super::ask::Asked;
use super::{LONGEST, reach};
use crate::ledger::search::{Found, Hit};

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(by_number)).routes(routes!(by_citizen))
}

/// What is looked for; what is not said fits everything.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    /// A party: `dragoer`.
    party: String,
    /// A mailbox: `dragoer/ydelse`.
    mailbox: String,
    /// A kind of event: `rehab.plan.received`.
    kind: String,
    /// A law of the agreements: `SEL § 85`.
    law: String,
    /// A source: `cura`.
    source: String,
    /// How the item stands: `routed`, `recorded`, `duplicate`, `waiting`, `parked`, `discarded`.
    state: String,
    /// How a delivery of it stands: `waiting`, `delivered`, `parked`, `discarded`.
    delivery: String,
    /// Received from this day on: `2026-11-22`.
    from: String,
    /// Received until this day, with it.
    to: String,
    /// As `next` of the page before said.
    before: Option<i64>,
}

/// A number or a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Number {
    /// Of an item (`#12`), a letter, an envelope, an event, a delivery, a duty or a case.
    id: String,
}

/// A citizen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfCitizen {
    /// The citizen's number, ten digits.
    cpr: String,
    /// The purpose. It stands in the access log.
    purpose: Stated,
    /// As `next` of the page before said.
    #[serde(default)]
    before: Option<i64>,
}

/// A message that was found. No content.
#[derive(Debug, Serialize, ToSchema)]
struct FoundItem {
    /// The item's number; `null` for what the hub itself told.
    item: Option<i64>,
    /// What it is.
    kind: String,
    /// How the item stands.
    state: Option<&'static str>,
    /// Why it does not go on.
    code: Option<String>,
    /// By which source it came.
    source: Option<String>,
    /// When it was received, or told.
    at: String,
    law: Option<String>,
    case: Option<String>,
    /// Who gets it, as far as the token may know.
    deliveries: Vec<FoundDelivery>,
}

/// Who gets it.
#[derive(Debug, Serialize, ToSchema)]
struct FoundDelivery {
    mailbox: String,
    state: &'static str,
}

/// What was found, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct FoundItems {
    items: Vec<FoundItem>,
    /// Where to go on; `null` where there is no more. There may be more though nothing was found yet:
    /// each call looks at a bounded number of messages.
    next: Option<i64>,
}

impl From<Hit> for FoundItem {
    fn from(hit: Hit) -> Self {
        let deliveries = hit.deliveries.into_iter();
        Self {
            item: hit.item,
            kind: hit.what,
            state: hit.state.map(|state| state.name()),
            code: hit.code,
            source: hit.source,
            at: hit.at.to_string(),
            law: hit.law,
            case: hit.case,
            deliveries: deliveries.map(|(mailbox, state)| FoundDelivery { mailbox, state: state.name() }).collect(),
        }
    }
}

impl From<Found> for FoundItems {
    fn from(found: Found) -> Self {
        Self { items: found.hits.into_iter().map(FoundItem::from).collect(), next: found.next }
    }
}

/// Looks for messages by what surrounds them, within what the token may know.
#[utoipa::path(
    get,
    path = "/search",
    params(Wanted),
    responses((status = 200, description = "What fits.", body = FoundItems))
)]
async fn search(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sought(wanted): Sought<Wanted>,
) -> Result<Json<FoundItems>, Problem> {
    let reach = reach(&caller.0)?;
    let choices = console.choices(&reach);
    let Wanted { party, mailbox, kind, law, source, state, delivery, from, to, before } = wanted;
    let said = |period| Asked { party, mailbox, kind, law, source, state, delivery, period, before };
    let asked = Period::read(&from, &to)
        .and_then(|period| said(period).among(&choices))
        .map_err(|_danish| Problem::unreadable("a parameter is none of what there is, or not for this token"))?;
    Ok(Json(console.found(asked.filter(&choices, &reach)).await?.into()))
}

/// Looks for what has a number or a name.
#[utoipa::path(
    post,
    path = "/search/id",
    request_body = Number,
    responses((status = 200, description = "What has it; nothing where nothing has.", body = FoundItems))
)]
async fn by_number(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sent(Number { id }): Sent<Number>,
) -> Result<Json<FoundItems>, Problem> {
    let reach = reach(&caller.0)?;
    if id.is_empty() || id.chars().count() > LONGEST || shows_cpr(&id) {
        return Err(Problem::unreadable(
            "`id` is 1 to 128 characters, and no CPR number: look for citizens by their own call",
        ));
    }
    Ok(Json(console.named(&id, &reach).await?.into()))
}

/// Looks for a citizen in the token's own mailboxes. The look is written to the access log.
#[utoipa::path(
    post,
    path = "/search/citizen",
    request_body = OfCitizen,
    responses((status = 200, description = "What is about the citizen.", body = FoundItems))
)]
async fn by_citizen(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Sent(OfCitizen { cpr, purpose, before }): Sent<OfCitizen>,
) -> Result<Json<FoundItems>, Problem> {
    let purpose = Purpose::stated(&purpose)?;
    Ok(Json(console.citizens(&caller.0, &purpose, &cpr, before).await?.into()))
}
