//! Signing in and out: by password, or once by a link that somebody was given.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;
use serde::Deserialize;

use super::Console;
use super::fault::{Fault, page_of};
use super::gate::{self, Posted};
use super::named::Named;
use super::{assets, password};
use crate::ledger::account::Token;

/// The same for every reason, so that nobody finds out who has an account.
const WRONG: &str = "Bruger og adgangskode passer ikke sammen, eller brugeren er låst i nogle minutter.";

/// How long somebody waits for their turn to have a password looked at.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Template)]
#[template(path = "sign-in.html", config = "src/console/askama.toml")]
pub(super) struct Form<'a> {
    css: &'a str,
    wanted: &'a str,
    fault: Option<&'a str>,
    /// What people call the provider, and the address that goes there.
    provider: Option<(&'a str, String)>,
    /// Whether there is a password to be given.
    local: bool,
}

/// The page to sign in at.
pub(super) fn page<'a>(console: &'a Console, wanted: &'a str, fault: Option<&'a str>) -> Form<'a> {
    let provider = console.settings.openid.as_ref().map(|provider| {
        let to = form_urlencoded::Serializer::new(String::new()).append_pair("til", wanted).finish();
        (provider.name.as_str(), format!("/log-ind/openid?{to}"))
    });
    Form { css: assets::CSS.path(), wanted, fault, provider, local: console.settings.local }
}

#[derive(Template)]
#[template(path = "link.html", config = "src/console/askama.toml")]
struct Link<'a> {
    css: &'a str,
    link: &'a str,
}

/// Where somebody wanted to go.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) til: String,
}

/// A page of ours, whatever a link from elsewhere says.
pub(super) fn own(wanted: &str) -> &str {
    // A browser leaves tabs and line ends out of an address before it reads it.
    let is_path = wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains('\\');
    if is_path && !wanted.contains(char::is_control) { wanted } else { "/" }
}

/// The form.
pub(super) async fn form(
    State(console): State<Arc<Console>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let wanted = wanted.map_or_else(|_unreadable| Wanted::default(), |Query(wanted)| wanted);
    page_of(&page(&console, own(&wanted.til), None))
}

/// Signs in by password.
pub(super) async fn by_password(
    State(console): State<Arc<Console>>,
    Extension(gate::From(from)): Extension<gate::From>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Fault> {
    if !console.settings.local {
        return Err(Fault::NotFound);
    }
    console.may_guess(from)?;
    let fields = gate::fields(&body.map_err(|_size| Fault::TooLarge)?);
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let (user, wanted) = (field("bruger").trim().to_owned(), field("til").to_owned());
    let given = SecretString::from(field("kode").to_owned());
    // Whoever goes away meanwhile has guessed all the same.
    let trying = Arc::clone(&console);
    let entered = console.to_its_end(async move { trying.try_password(&user, given).await }).await??;
    count("password", entered.is_some());
    if let Some(token) = entered {
        return console.enter(token, &headers, own(&wanted)).await;
    }
    console.guessed_wrong(from);
    let page = page_of(&page(&console, own(&wanted), Some(WRONG)));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Shows what a link is for: something that only fetches links ahead must not use it up.
pub(super) async fn link(path: Named<String>) -> Result<Response, Fault> {
    let link = path.read()?;
    // The link shall not go on to the style sheet.
    let nowhere = [(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"))];
    Ok((nowhere, page_of(&Link { css: assets::CSS.path(), link: &link })).into_response())
}

/// Signs in by a link.
pub(super) async fn by_link(
    State(console): State<Arc<Console>>,
    Extension(gate::From(from)): Extension<gate::From>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Fault> {
    console.may_guess(from)?;
    let fields = gate::fields(&body.map_err(|_size| Fault::TooLarge)?);
    let link = fields.iter().find(|(key, _)| key == "link").and_then(|(_, value)| gate::token(value));
    let link = link.ok_or(Fault::NotFound)?;
    let (ledger, now) = (&console.hub.desk.ledger, console.hub.desk.clock.now());
    // Guesses do not come to whoever writes.
    if ledger.read(move |reader| reader.ticket(link, now)).await? {
        let token = Token::fresh().ok_or(Fault::Broken)?;
        if ledger.write(move |tx| tx.enter_by_ticket(link, token)).await?.is_some() {
            count("link", true);
            return console.enter(token, &headers, "/").await;
        }
    }
    console.guessed_wrong(from);
    count("link", false);
    Err(Fault::Refused("Linket er brugt eller for gammelt. Bed om et nyt.".to_owned()))
}

/// Counts who comes in, and who does not.
pub(super) fn count(by: &'static str, entered: bool) {
    let outcome = if entered { "entered" } else { "refused" };
    metrics::counter!("budstikke_sign_ins_total", "by" => by, "outcome" => outcome).increment(1);
}

/// Signs out.
pub(super) async fn out(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    let token = posted.visitor.token;
    console.hub.desk.ledger.write(move |tx| tx.end_session(token)).await?;
    let gone = gate::cookie(&console.settings.origin, None);
    // No local account has a name like that.
    let to = if posted.visitor.person.user.starts_with("oidc:") { "/log-ud/videre" } else { "/log-ind" };
    Ok(([(header::SET_COOKIE, gone)], Redirect::to(to)).into_response())
}

impl Console {
    fn may_guess(&self, from: Option<IpAddr>) -> Result<(), Fault> {
        let guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.may(from, self.hub.desk.clock.now()) { Ok(()) } else { Err(Fault::Busy) }
    }

    fn guessed_wrong(&self, from: Option<IpAddr>) {
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        guesses.wrong(from, self.hub.desk.clock.now());
    }

    /// The token of a session that was begun, where the password is right and the account not
    /// locked; a wrong one is counted.
    async fn try_password(&self, user: &str, given: SecretString) -> Result<Option<Token>, Fault> {
        // Hashing is slow on purpose: few at once, so that guessing cannot take the machine.
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.hashing).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(Fault::Busy) };
        let (ledger, now) = (&self.hub.desk.ledger, self.hub.desk.clock.now());
        let asked = user.to_owned();
        let account = ledger.read(move |reader| reader.account(&asked)).await?;
        let kept = account.as_ref().and_then(|account| account.secret.clone());
        let work = move || (password::is_right(&given, kept.as_deref()), turn);
        let (right, _turn) = tokio::task::spawn_blocking(work).await.map_err(|_panicked| Fault::Broken)?;
        if let Some(account) = account.filter(|_| right) {
            let token = Token::fresh().ok_or(Fault::Broken)?;
            let begun = ledger.write(move |tx| tx.begin_session(token, &account)).await?;
            return Ok(begun.then_some(token));
        }
        let user = user.to_owned();
        ledger.write(move |tx| tx.sign_in_failed(&user, |failures| password::locked_until(failures, now))).await?;
        Ok(None)
    }

    /// Goes on to a page with a session that has begun. What the browser held before is good for
    /// nothing from now on.
    pub(super) async fn enter(&self, token: Token, headers: &HeaderMap, to: &str) -> Result<Response, Fault> {
        if let Some(before) = gate::token_of(headers, &self.settings.origin) {
            self.hub.desk.ledger.write(move |tx| tx.end_session(before)).await?;
        }
        let cookie = gate::cookie(&self.settings.origin, Some(token));
        Ok(([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response())
    }
}

/// The path of a link that signs in once.
pub fn link_path(token: Token) -> String {
    format!("/log-ind/link/{}", BASE64URL_NOPAD.encode(&token.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (wanted, to) in [
            ("/drift", "/drift"),
            ("/soeg?q=x", "/soeg?q=x"),
            ("", "/"),
            ("https://evil.example", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("drift", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
            ("/\t/evil.example", "/"),
            ("/\u{1}", "/"),
        ] {
            assert_eq!(own(wanted), to, "{wanted}");
        }
    }
}
