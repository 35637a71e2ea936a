//! Signing in by an OpenID provider: the municipality's own sign-in. Authorization code with PKCE;
//! state and nonce are bound to the browser that went there.
//!
//! | room | what |
//! |---|---|
//! | [`attempt`] | what binds an answer to the browser |
//! | [`provider`] | what the provider says; the only code that touches `openidconnect` |
//! | [`person`] | who that is here; pure |

mod attempt;
mod person;
mod provider;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::access::Role;
use super::fault::{Fault, page_of};
use super::sign_in::{self, Wanted, own};
use super::{Console, assets, gate};
use crate::ledger::account::Token;
use crate::ledger::openid::Vouched;
use crate::web;
use attempt::Attempt;
pub use provider::Provider;
use provider::Trouble;

/// Where browsers come back to, below our own address.
const BACK: &str = "/log-ind/openid/svar";

/// How the provider is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How it is reached.
    pub web: web::Settings,
    /// Its name, as it writes it.
    pub issuer: String,
    /// Ours, there.
    pub client_id: String,
    /// The file with our secret.
    pub secret_file: PathBuf,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What people call it.
    pub name: String,
    /// The claim that has somebody's groups.
    pub roles_claim: String,
    /// What those who are in a group may.
    pub groups: BTreeMap<String, BTreeSet<Role>>,
}

pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/log-ind/openid", get(begin))
        .route(BACK, get(back))
        .route("/log-ud/videre", get(onward))
        .route("/log-ud/openid", post(ended_there))
}

/// What those may who came by the provider: what the settings say now.
pub(super) fn roles(settings: Option<&Settings>, groups: &[String]) -> BTreeSet<Role> {
    settings.map(|settings| person::roles(groups, &settings.groups)).unwrap_or_default()
}

/// The name of the cookie that holds an attempt.
fn cookie_name(console: &Console) -> &'static str {
    if console.settings.origin.is_secure() { "__Host-budstikke-openid" } else { "budstikke-openid" }
}

fn cookie(console: &Console, attempt: Option<&Attempt>) -> HeaderValue {
    let life = attempt.map(|_| attempt::LONGEST.as_secs()).unwrap_or_default();
    let value = attempt.map(Attempt::written).unwrap_or_default();
    gate::any_cookie(&console.settings.origin, cookie_name(console), value, Some(life))
}

/// Our own address, as the browser has it.
fn place(console: &Console, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    console.settings.origin.public.clone().unwrap_or_else(|| format!("http://{host}"))
}

/// Goes there.
async fn begin(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Fault> {
    let provider = console.provider.as_ref().ok_or(Fault::NotFound)?;
    let wanted = wanted.map_or_else(|_unreadable| Wanted::default(), |Query(wanted)| wanted);
    let attempt = Attempt::begin(console.hub.desk.clock.now(), own(&wanted.til)).ok_or(Fault::Broken)?;
    match provider.way_there(&attempt, place(&console, &headers) + BACK).await {
        Ok(there) => {
            Ok(([(header::SET_COOKIE, cookie(&console, Some(&attempt)))], Redirect::to(&there)).into_response())
        }
        Err(trouble) => Ok(refused(&console, trouble, &attempt.wanted)),
    }
}

/// What somebody comes back with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Comes back. Whatever comes of it, the attempt is over.
async fn back(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    answer: Result<Query<Answer>, QueryRejection>,
) -> Result<Response, Fault> {
    let now = console.hub.desk.clock.now();
    let held = gate::cookie_of(&headers, cookie_name(&console)).and_then(|text| Attempt::read(&text, now));
    let answer = answer.map_or_else(|_unreadable| Answer::default(), |Query(answer)| answer);
    let attempt = held.filter(|attempt| gate::same(&attempt.state(), &answer.state));
    let mut response = match attempt {
        None => {
            count(false);
            say(&console, StatusCode::UNPROCESSABLE_ENTITY, "/", STALE)
        }
        Some(attempt) => console.enter_by_provider(&attempt, answer, &headers).await?,
    };
    response.headers_mut().append(header::SET_COOKIE, cookie(&console, None));
    Ok(response)
}

const STALE: &str = "Forsøget på at logge ind er for gammelt, eller det blev begyndt i et andet vindue. Prøv igen.";
const DENIED: &str = "Du blev ikke logget ind. Prøv igen, eller spørg din kommunes it-afdeling.";
const NAMELESS: &str = "Kommunens login oplyser et CPR-nummer som dit brugernavn, og det må budstikken ikke gemme. \
     Bed it-afdelingen om at sende et andet brugernavn.";

impl Console {
    async fn enter_by_provider(
        &self,
        attempt: &Attempt,
        answer: Answer,
        headers: &HeaderMap,
    ) -> Result<Response, Fault> {
        let provider = self.provider.as_ref().ok_or(Fault::NotFound)?;
        let refused = |trouble: Trouble| {
            // A provider that does not answer has refused nobody.
            if matches!(trouble, Trouble::Untrusted(_)) {
                count(false);
            }
            Ok(refused(self, trouble, &attempt.wanted))
        };
        let say = |text| {
            count(false);
            Ok(say(self, StatusCode::UNPROCESSABLE_ENTITY, &attempt.wanted, text))
        };
        if let Err(trouble) = provider.is_its_own(answer.iss.as_deref()).await {
            return refused(trouble);
        }
        let (None, Some(code)) = (answer.error, answer.code) else { return say(DENIED) };
        let said = match provider.came_back(attempt, place(self, headers) + BACK, code).await {
            Ok(said) => said,
            Err(trouble) => return refused(trouble),
        };
        let known = person::known(&said, &provider.settings.roles_claim, &provider.settings.groups);
        let Some(known) = known else { return say(NAMELESS) };
        let token = Token::fresh().ok_or(Fault::Broken)?;
        let may: Vec<String> =
            person::roles(&known.groups, &provider.settings.groups).iter().map(ToString::to_string).collect();
        let vouched = Vouched {
            user: known.user,
            name: known.name,
            groups: known.groups,
            subject: format!("{}\n{}", provider.settings.issuer, said.subject),
            may: may.join(" "),
        };
        let (used, ends) = (attempt.known_as(), attempt.ends());
        let ledger = &self.hub.desk.ledger;
        if ledger.write(move |tx| tx.enter_by_openid(&vouched, (used, ends), token)).await? {
            count(true);
            return self.enter(token, headers, own(&attempt.wanted)).await;
        }
        say(STALE)
    }
}

/// Counts who comes in by the provider, and who comes back and does not.
fn count(entered: bool) {
    sign_in::count("openid", entered);
}

/// The page to sign in at, with why it did not go well.
fn refused(console: &Console, trouble: Trouble, wanted: &str) -> Response {
    let (status, text) = match trouble {
        Trouble::Down => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Kommunens login svarer ikke lige nu. Prøv igen om lidt. Bliver det ved, så spørg it-afdelingen.",
        ),
        Trouble::Busy => {
            (StatusCode::TOO_MANY_REQUESTS, "For mange logger ind lige nu. Vent et øjeblik, og prøv igen.")
        }
        Trouble::Untrusted(why) => {
            tracing::warn!(why, "somebody who came back from the OpenID provider was not let in");
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                "Kommunens login gav et svar, som budstikken ikke kan stole på. Prøv igen.",
            )
        }
    };
    say(console, status, wanted, text)
}

fn say(console: &Console, status: StatusCode, wanted: &str, text: &str) -> Response {
    (status, page_of(&sign_in::page(console, own(wanted), Some(text)))).into_response()
}

#[derive(askama::Template)]
#[template(path = "onward.html", config = "src/console/askama.toml")]
struct Onward<'a> {
    css: &'a str,
    there: &'a str,
}

/// Whoever has signed out here is sent on to sign out there too. A form may lead nowhere but to our
/// own pages (`form-action`), so it is this page that does.
async fn onward(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    let back = place(&console, &headers) + "/log-ind";
    match console.provider.as_ref().and_then(|provider| provider.way_out(back)) {
        Some(there) => page_of(&Onward { css: assets::CSS.path(), there: &there }),
        None => Redirect::to("/log-ind").into_response(),
    }
}

/// The provider says that somebody has signed out there.
async fn ended_there(
    State(console): State<Arc<Console>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Fault> {
    let provider = console.provider.as_ref().ok_or(Fault::NotFound)?;
    let fields = gate::fields(&body.map_err(|_size| Fault::TooLarge)?);
    let token = fields.iter().find(|(key, _)| key == "logout_token").map_or("", |(_, value)| value);
    let (subject, said) = match provider.ended(token).await {
        Ok(ended) => ended,
        Err(Trouble::Down | Trouble::Busy) => return Ok(StatusCode::SERVICE_UNAVAILABLE),
        Err(Trouble::Untrusted(why)) => {
            tracing::warn!(why, "a word of the OpenID provider that somebody has signed out was not believed");
            return Ok(StatusCode::BAD_REQUEST);
        }
    };
    let subject = format!("{}\n{subject}", provider.settings.issuer);
    console.hub.desk.ledger.write(move |tx| tx.end_openid(&subject, said)).await?;
    Ok(StatusCode::OK)
}
