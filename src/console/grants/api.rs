//! The same by a call. What is asked for stands in the body: it may be a citizen's number.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Extract;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::Console;
use super::super::api::{Caller, Problem, Sent};
use super::super::fault::Fault;
use super::super::purpose::{Purpose, Stated};
use super::choice::{Choice, Unfit};
use super::state::Grant;

/// Where it is served.
pub(in crate::console) fn routes() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which grants, and what for.
#[derive(Deserialize, ToSchema)]
#[schema(as = WantedGrants)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Why they are looked at. It stands in the access log, which the citizen may see.
    purpose: Stated,
    /// The negotiator's mailbox: `dragoer/kontrakt`.
    mailbox: String,
    /// Only those of this citizen: ten digits.
    #[serde(default)]
    citizen: String,
    /// Only those by this law: `SEL § 107`.
    #[serde(default)]
    law: String,
    /// Only those with this in the provider's name.
    #[serde(default)]
    provider: String,
    /// Only those that hold on this day or later.
    #[serde(default)]
    from: String,
    /// Only those that hold on this day or earlier.
    #[serde(default)]
    to: String,
    /// How the contract stands: `needed`, `missing`, `expired`, `signed`, `unwanted`.
    #[serde(default)]
    contract: String,
    /// How the grant stands: `running`, `ended`, `refused`, `void`, `unknown`.
    #[serde(default)]
    standing: String,
    /// `107-108`: what runs by SEL §§ 107 and 108, the next to be followed up first.
    #[serde(default)]
    list: String,
    /// Which page, from 0.
    #[serde(default)]
    page: u16,
}

/// A page of grants.
#[derive(Serialize, ToSchema)]
#[schema(as = Grants)]
struct Answer {
    /// The grants. Each event that they rest on stands in the access log.
    grants: Vec<Grant>,
    /// How many there are in all.
    total: usize,
    /// Whether there is a next page.
    more: bool,
    /// Whether the mailbox has more than was gone through: ask for fewer.
    cut: bool,
}

fn in_english(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::Citizen => "`citizen` is ten digits; nothing was shown",
        Unfit::Law => "`law` is written as `SEL § 107`; nothing was shown",
        Unfit::Day => "`from` and `to` are days: 2026-12-31; nothing was shown",
        Unfit::Word => "`contract`, `standing` or `list` is none of its words; nothing was shown",
    }
}

/// Grants and contracts that a negotiator's mailbox has got. Each answer is a look.
#[utoipa::path(
    post,
    path = "/grants",
    request_body = Wanted,
    responses((status = 200, description = "Grants, a page of them.", body = Answer))
)]
async fn list(
    Extract(console): Extract<Arc<Console>>,
    caller: Caller,
    Sent(wanted): Sent<Wanted>,
) -> Result<Json<Answer>, Problem> {
    if wanted.mailbox.is_empty() {
        return Err(Problem::unreadable("`mailbox` says whose grants: dragoer/kontrakt"));
    }
    let mailbox = super::mailbox(&caller.0, &wanted.mailbox)?;
    let purpose = Purpose::stated(&wanted.purpose)?;
    let page = wanted.page.to_string();
    let asked = [
        &wanted.citizen,
        &wanted.law,
        &wanted.provider,
        &wanted.from,
        &wanted.to,
        &wanted.contract,
        &wanted.standing,
        &wanted.list,
        &page,
    ];
    let choice =
        Choice::read(asked.map(String::as_str)).map_err(|unfit| Fault::Refused(in_english(unfit).to_owned()))?;
    let (shown, _today) = console.grants(&caller.0, &purpose, &mailbox, &choice).await?;
    Ok(Json(Answer { grants: shown.grants, total: shown.total, more: shown.more, cut: shown.cut }))
}
