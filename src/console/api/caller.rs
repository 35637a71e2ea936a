//! Who calls: a system with a token, and nobody else. A browser's cookie counts for nothing here, so
//! that no page of anybody's can call in a visitor's name.

use std::sync::{Arc, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::super::Console;
use super::super::access::{Person, Right, roles};
use super::super::fault::Fault;
use super::super::gate;
use super::super::lasting_right::SYSTEM;
use super::Problem;

/// A system that has shown its token. In the books its name stands behind `system:`, so that it is
/// never taken for a person's.
#[derive(Debug, Clone)]
pub(in crate::console) struct Caller(pub(in crate::console) Person);

impl Caller {
    /// Whether it may; a problem that says so where not.
    pub(in crate::console) fn needs(&self, right: Right<'_>) -> Result<(), Problem> {
        if self.0.may(right) { Ok(()) } else { Err(Fault::Forbidden.into()) }
    }
}

impl FromRequestParts<Arc<Console>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Problem> {
        let shown = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = shown.and_then(bearer).and_then(gate::token);
        let nobody = || Problem::from(Fault::SignIn(String::new()));
        let token = token.ok_or_else(nobody)?;
        let desk = &console.hub.desk;
        let now = desk.clock.now();
        let Some(system) = desk.ledger.read(move |reader| reader.system(token, now)).await? else {
            // A token cannot be guessed, but asking for one all the time costs. A good one from the same
            // address gets in all the same.
            let from = parts.extensions.get().and_then(|gate::From(from)| *from);
            let mut wrong = console.strangers.lock().unwrap_or_else(PoisonError::into_inner);
            let may = wrong.may(from, now);
            wrong.wrong(from, now);
            return Err(if may { nobody() } else { Problem::busy() });
        };
        if system.is_unseen(now) {
            let name = system.name.clone();
            // A ledger that takes nothing just now does not keep a system from asking.
            if let Err(error) = desk.ledger.write(move |tx| tx.system_seen(&name)).await {
                tracing::warn!(error = %crate::telemetry::chain(&error), "that a token is in use could not be kept");
            }
        }
        let user = format!("{SYSTEM}{}", system.name);
        Ok(Self(Person { roles: roles(&system.roles), name: system.name, user }))
    }
}

/// What stands behind `Bearer`, whose letters' size does not count.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_stands_behind_bearer() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for other in ["", "Bearer", "abc", "Basic abc", "Bearerabc"] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }
}
