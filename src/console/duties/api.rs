//! The same by a call.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Extract;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::api::{Asked, Caller, Problem};
use super::super::fault::Fault;
use super::board::{Filter, Obligation, Shown, Unclear};
use super::places;

/// How many are answered at once, and at most.
const USUAL: u32 = 100;
const MOST: u32 = 500;

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which duties.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    /// The party whose board it is: what it owes and is owed.
    party: String,
    /// How they stand: `owed` (all that is owed now, the default), `late`, `soon`, `open`, `planned`,
    /// `met`, `closed`, `all`.
    #[serde(default)]
    state: String,
    /// Only what this party owes.
    #[serde(default)]
    owed_by: String,
    /// Only those of this area: `rehab`.
    #[serde(default)]
    area: String,
    /// Due on this day or later: `2026-12-31`.
    #[serde(default)]
    from: String,
    /// Due on this day or earlier.
    #[serde(default)]
    to: String,
    /// Those after the place that an answer ended at.
    #[serde(default)]
    after: String,
    /// How many, at most 500.
    #[serde(default)]
    limit: Option<u32>,
}

/// Duties.
#[derive(Debug, Serialize, ToSchema)]
struct Duties {
    /// In the order of their days; of what is over, the last first.
    duties: Vec<Obligation>,
    /// The place that this ends at, where there are more.
    next: Option<String>,
}

fn in_english(unclear: Unclear) -> &'static str {
    match unclear {
        Unclear::Day => "`from` and `to` are days: 2026-12-31",
        Unclear::State => "`state` is one of owed, late, soon, open, planned, met, closed, all",
        Unclear::Party => "`owed_by` is no party of the agreement",
        Unclear::Area => "`area` is no area: it is the first word of the names of cases, `rehab`",
    }
}

/// What a party owes and is owed.
#[utoipa::path(
    get,
    path = "/duties",
    params(Which),
    responses((status = 200, description = "Duties, a page of them.", body = Duties))
)]
async fn list(
    Extract(console): Extract<Arc<Console>>,
    caller: Caller,
    Asked(which): Asked<Which>,
) -> Result<Json<Duties>, Problem> {
    if which.party.is_empty() {
        return Err(Problem::unreadable("`party` says whose duties: dragoer"));
    }
    let view = console.duties_of(&caller.0, &which.party)?;
    let asked = [&which.state, &which.owed_by, &which.area, &which.from, &which.to].map(String::as_str);
    let filter = Filter::read(asked, Shown::Owed, &view.agreement)
        .map_err(|unclear| Fault::Refused(in_english(unclear).to_owned()))?;
    let after = match which.after.as_str() {
        "" => None,
        text => Some(places::read(text).ok_or_else(|| Problem::unreadable("`after` is what `next` said"))?),
    };
    let limit = which.limit.unwrap_or(USUAL).clamp(1, MOST);
    let part = console.owed(&view, &filter, after, limit).await?;
    let (duties, next) = (part.duties, part.next);
    Ok(Json(Duties { duties, next: next.as_ref().map(places::written) }))
}
