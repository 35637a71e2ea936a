//! What is shown where a page cannot be: what is wrong, and what to do. Never anything of the
//! request.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::assets;
use crate::ledger;

/// Why something is not shown, or not done.
#[derive(Debug)]
pub(super) enum Fault {
    /// Nobody is signed in; where they wanted to go.
    SignIn(String),
    /// They may not.
    Forbidden,
    /// There is no such page or thing.
    NotFound,
    /// The request is not for us, or comes from a page that is not ours.
    Elsewhere,
    /// The form is older than the session.
    Stale,
    /// It is too large.
    TooLarge,
    /// Too many at once.
    Busy,
    /// It takes long, and others have begun; what to do.
    Occupied(&'static str),
    /// What they asked for makes no sense, and why.
    Refused(String),
    /// We cannot, now; the log says more.
    Broken,
}

impl From<ledger::Error> for Fault {
    fn from(error: ledger::Error) -> Self {
        if let ledger::Error::Refused(why) = error {
            return Self::Refused(why);
        }
        tracing::error!(error = %crate::telemetry::chain(&error), "a page could not be made");
        Self::Broken
    }
}

#[derive(Template)]
#[template(path = "fault.html", config = "src/console/askama.toml")]
struct Shown<'a> {
    css: &'a str,
    title: &'a str,
    text: &'a str,
}

impl Fault {
    fn words(&self) -> (StatusCode, &str, &str) {
        match self {
            Self::SignIn(_) => (StatusCode::UNAUTHORIZED, "Log ind", "Log ind for at fortsætte."),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "Det har du ikke adgang til",
                "Din rolle giver ikke adgang til dette. Skal du have den, så spørg budstikkens administrator.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Det findes ikke",
                "Der er intet her. Måske er adressen skrevet forkert, eller det, du leder efter, har et andet nummer.",
            ),
            Self::Elsewhere => (
                StatusCode::FORBIDDEN,
                "Den adresse er ikke vores",
                "Åbn konsollen på den adresse, som din kommune har givet dig, og prøv igen derfra.",
            ),
            Self::Stale => (
                StatusCode::FORBIDDEN,
                "Siden er for gammel",
                "Intet er ændret. Gå tilbage, genindlæs siden, og prøv igen.",
            ),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "Det er for stort", "Intet er ændret. Send mindre ad gangen.")
            }
            Self::Busy => (
                StatusCode::TOO_MANY_REQUESTS,
                "Vent et øjeblik",
                "For mange prøver at logge ind lige nu. Vent et minut, og prøv igen.",
            ),
            Self::Occupied(why) => (StatusCode::TOO_MANY_REQUESTS, "Vent et øjeblik", why),
            Self::Refused(why) => (StatusCode::UNPROCESSABLE_ENTITY, "Det kan ikke lade sig gøre", why),
            Self::Broken => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Siden kan ikke vises lige nu",
                "Budstikken kan ikke læse eller skrive sin hovedbog lige nu. Intet er tabt. Prøv igen om lidt; driften kan se mere i loggen.",
            ),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if let Self::SignIn(wanted) = &self {
            let to = form_urlencoded::Serializer::new(String::new()).append_pair("til", wanted).finish();
            return Redirect::to(&format!("/log-ind?{to}")).into_response();
        }
        let (status, title, text) = self.words();
        let page = Shown { css: assets::CSS.path(), title, text };
        (status, page_of(&page)).into_response()
    }
}

/// A page, written out.
pub(super) fn page_of(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain")], "").into_response()
        }
    }
}
