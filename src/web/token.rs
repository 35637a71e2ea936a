//! What lets us in: nothing, a bearer token from a file, or one that an OAuth 2.0 server gives for our
//! client's id and secret (client credentials, RFC 6749, 4.4).

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::Url;
use super::address::Reach;
use super::client::{Unusable, read};
use super::endpoint::{body_of, may_be_reached};
use super::fault::Fault;
use crate::clock::Clock;

/// How long a token is used whose server does not say how long it holds.
const UNSAID: Duration = Duration::from_mins(5);

/// Before its end, a token is not used any more for this long, or for a tenth of its life where that
/// is less: a request takes its time, and clocks differ.
const MARGIN: Duration = Duration::from_secs(30);

/// The longest life that is believed.
const LONGEST: Duration = Duration::from_hours(24);

/// How much of a token server's answer is read.
const ANSWER: usize = 64 * 1024;

/// What lets us in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nothing, or only our certificate.
    Open,
    /// The bearer token in this file, which is read for every request.
    TokenFile(PathBuf),
    /// A user and the password in this file, which is read for every request.
    User {
        /// The user.
        name: String,
        /// The file.
        password_file: PathBuf,
    },
    /// A token that a server gives.
    Client(Credentials),
}

/// How an OAuth 2.0 server knows us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Where tokens are given.
    pub token_url: Url,
    /// Our id.
    pub client_id: String,
    /// The file with our secret, which is read for every token.
    pub secret_file: PathBuf,
    /// What the token is to be good for.
    pub scope: Option<String>,
}

/// A token as it stands in a request.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    header: HeaderValue,
    /// Which of those that were fetched it is.
    number: u64,
}

impl Pass {
    fn of(token: &SecretString, number: u64) -> Option<Self> {
        Self::saying(&format!("Bearer {}", token.expose_secret()), number)
    }

    /// A user's name and password (RFC 7617).
    fn of_user(name: &str, password: &SecretString) -> Option<Self> {
        let login = BASE64_STANDARD.encode(format!("{name}:{}", password.expose_secret()));
        Self::saying(&format!("Basic {login}"), 0)
    }

    fn saying(header: &str, number: u64) -> Option<Self> {
        let mut header = HeaderValue::from_str(header).ok()?;
        // It then shows as `Sensitive`.
        header.set_sensitive(true);
        Some(Self { header, number })
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }
}

/// Has the token that is used now.
#[derive(Debug)]
pub(super) struct Doorkeeper {
    access: Access,
    clock: Clock,
    held: Mutex<Held>,
    /// How often a token was asked for, whatever came of it.
    asked: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    token: Option<(Pass, Timestamp)>,
    /// Why the last one was not given.
    fault: Option<Fault>,
}

/// What a token server answers (RFC 6749, 5.1).
#[derive(Deserialize)]
struct Given {
    access_token: String,
    token_type: String,
    /// Seconds. Some servers put them in quotes.
    #[serde(default)]
    expires_in: serde_json::Value,
}

impl Doorkeeper {
    pub(super) fn open(access: Access, clock: Clock) -> Result<Self, Unusable> {
        match &access {
            Access::Open => {}
            Access::TokenFile(path) => drop(read("token_file", path)?),
            Access::User { password_file, .. } => drop(read("password_file", password_file)?),
            Access::Client(credentials) => drop(read("client_secret_file", &credentials.secret_file)?),
        }
        Ok(Self { access, clock, held: Mutex::default(), asked: AtomicU64::new(0) })
    }

    /// What to get in with; another than the one that was `refused`, if there was one. `None` where
    /// nothing, or nothing else, is to be had.
    pub(super) async fn pass(
        &self,
        reach: &Reach,
        http: &Client,
        refused: Option<&Pass>,
    ) -> Result<Option<Pass>, Fault> {
        let of_file = match &self.access {
            Access::Open => return Ok(None),
            Access::TokenFile(path) => secret(path).and_then(|token| Pass::of(&token, 0)),
            Access::User { name, password_file } => {
                secret(password_file).and_then(|password| Pass::of_user(name, &password))
            }
            Access::Client(credentials) => return self.fetched(credentials, reach, http, refused).await.map(Some),
        };
        let pass = of_file.ok_or(Fault::NoToken { lasting: true })?;
        // Another one only where the file has changed since.
        Ok(Some(pass).filter(|pass| refused.is_none_or(|refused| refused.header != pass.header)))
    }

    /// The token that is held; where there is none that can be used, one is fetched, and whoever
    /// comes meanwhile waits for that one, or hears why there is none.
    async fn fetched(
        &self,
        credentials: &Credentials,
        reach: &Reach,
        http: &Client,
        refused: Option<&Pass>,
    ) -> Result<Pass, Fault> {
        let seen = self.asked.load(Ordering::Acquire);
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        let is_good = |(pass, until): &&(Pass, Timestamp)| {
            *until > now && refused.is_none_or(|refused| refused.number != pass.number)
        };
        if let Some((pass, _)) = held.token.as_ref().filter(is_good) {
            return Ok(pass.clone());
        }
        let asked = self.asked.load(Ordering::Acquire);
        if let Some(fault) = held.fault.filter(|_| asked > seen) {
            return Err(fault);
        }
        let outcome = fetch(credentials, reach, http, asked + 1).await;
        self.asked.store(asked + 1, Ordering::Release);
        held.fault = outcome.as_ref().err().copied();
        held.token = None;
        let (pass, life) = outcome?;
        let margin = MARGIN.min(life / 10);
        let life = SignedDuration::try_from(life.saturating_sub(margin)).unwrap_or_default();
        held.token = Some((pass.clone(), self.clock.now().checked_add(life).unwrap_or(Timestamp::MAX)));
        Ok(pass)
    }
}

/// The secret in a file, without the line end that editors put there.
fn secret(path: &std::path::Path) -> Option<SecretString> {
    let text = String::from_utf8(read("", path).ok()?).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}

/// Asks the server for a token.
async fn fetch(
    credentials: &Credentials,
    reach: &Reach,
    http: &Client,
    number: u64,
) -> Result<(Pass, Duration), Fault> {
    const LASTING: Fault = Fault::NoToken { lasting: true };
    const PASSING: Fault = Fault::NoToken { lasting: false };
    may_be_reached(reach, &credentials.token_url)?;
    let secret = secret(&credentials.secret_file).ok_or(LASTING)?;
    let mut wanted = vec![("grant_type", "client_credentials")];
    wanted.extend(credentials.scope.as_deref().map(|scope| ("scope", scope)));
    let (id, secret) = (form(&[(&credentials.client_id, "")]), form(&[(secret.expose_secret(), "")]));
    let asked = http
        .post(credentials.token_url.clone())
        .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(reqwest::header::ACCEPT, "application/json")
        .basic_auth(id, Some(secret))
        .body(form(&wanted))
        .send()
        .await;
    let mut response = asked.map_err(|error| match Fault::of(&error) {
        lasting @ (Fault::Address | Fault::Untrusted) => lasting,
        Fault::Unreachable | Fault::Unanswered | Fault::NoToken { .. } | Fault::TooLong => PASSING,
    })?;
    match response.status().as_u16() {
        200..=299 => {}
        408 | 425 | 429 | 500.. => return Err(PASSING),
        _ => return Err(LASTING),
    }
    let answer = body_of(&mut response, ANSWER).await;
    let answer = answer.map_err(|fault| if fault == Fault::TooLong { LASTING } else { PASSING })?;
    let given: Given = serde_json::from_slice(&answer).map_err(|_quotes| LASTING)?;
    if !given.token_type.eq_ignore_ascii_case("bearer") {
        return Err(LASTING);
    }
    let life = life(&given.expires_in);
    Ok((Pass::of(&given.access_token.into(), number).ok_or(LASTING)?, life))
}

/// How long a token holds.
fn life(expires_in: &serde_json::Value) -> Duration {
    let seconds = expires_in.as_u64().or_else(|| expires_in.as_str()?.parse().ok());
    seconds.map_or(UNSAID, Duration::from_secs).min(LONGEST)
}

/// Pairs as a form; one without a value as its name alone.
fn form(pairs: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse("form:") else { return String::new() };
    for (name, value) in pairs {
        if value.is_empty() {
            url.query_pairs_mut().append_key_only(name);
        } else {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    url.query().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_encoded() {
        assert_eq!(
            form(&[("grant_type", "client_credentials"), ("scope", "a/b c")]),
            "grant_type=client_credentials&scope=a%2Fb+c"
        );
        assert_eq!(form(&[("s:e&c=r%t æ", "")]), "s%3Ae%26c%3Dr%25t+%C3%A6");
    }

    #[test]
    fn a_tokens_life_is_read_in_both_spellings_and_not_believed_for_ever() {
        let lives = [json!(60), json!("60"), json!(null), json!("soon"), json!(-1), json!(u64::MAX)];
        let read: Vec<u64> = lives.iter().map(|it| life(it).as_secs()).collect();
        assert_eq!(read, [60, 60, 300, 300, 300, 86_400]);
    }

    #[test]
    fn a_token_does_not_show() {
        let pass = Pass::of(&"hemmelig".into(), 1).unwrap();
        assert!(!format!("{pass:?}").contains("hemmelig"));
        assert!(Pass::of(&"two\nlines".into(), 1).is_none());
        let user = Pass::of_user("hub", &"hemmelig".into()).unwrap();
        assert_eq!(user.header, "Basic aHViOmhlbW1lbGln");
        assert!(!format!("{user:?}").contains("aHVi"));
    }
}
