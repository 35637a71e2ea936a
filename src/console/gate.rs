//! The door: who a request is from, whether it comes from our own pages, and what goes with every
//! answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cookie::{Cookie, SameSite};
use data_encoding::BASE64URL_NOPAD;

use super::access::{Person, Right, roles};
use super::api::{self, Problem};
use super::door::Peer;
use super::fault::Fault;
use super::{Console, Settings, openid, whence};
use crate::ledger::account::{Session, Token};

/// Where the console may be reached, as the browser writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `https://budstikke.dragoer.example`; `None` where only this machine itself may come, by
    /// whatever name or port it has for itself.
    pub public: Option<String>,
}

impl Origin {
    /// Whether browsers reach the console encrypted, so that the cookie may say so.
    pub(super) fn is_secure(&self) -> bool {
        self.public.as_ref().is_some_and(|it| it.starts_with("https://"))
    }

    /// Whether a request says that it is for us: a name that somebody else's page has made lead
    /// here (DNS rebinding) is none of ours.
    fn is_named(&self, host: &str) -> bool {
        match &self.public {
            Some(public) => public.split_once("://").is_some_and(|(_, own)| own == host),
            None => is_loopback(host),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let name = if host.starts_with('[') { host.split_inclusive(']').next() } else { host.split(':').next() };
    matches!(name, Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Somebody who is signed in, with what their session is known by.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// Who.
    pub person: Person,
    /// What stands in every form of theirs, and in nobody else's.
    pub csrf: String,
    pub(super) token: Token,
}

impl Visitor {
    fn of(session: Session, token: Token, provider: Option<&openid::Settings>) -> Self {
        let Session { account, groups, .. } = session;
        let roles = match groups {
            Some(groups) => openid::roles(provider, &groups),
            None => roles(&account.roles),
        };
        Self { person: Person { roles, user: account.user, name: account.name }, csrf: csrf(token), token }
    }

    /// Whether they may; a fault that says so where not.
    pub(super) fn needs(&self, right: Right<'_>) -> Result<(), Fault> {
        if self.person.may(right) { Ok(()) } else { Err(Fault::Forbidden) }
    }

    /// Whether a form that holds this is from one of their own pages.
    pub(super) fn vouches_for(&self, csrf: &str) -> bool {
        same(csrf, &self.csrf)
    }
}

/// The name of the cookie. With `__Host-` a browser takes it from nobody but us, and only encrypted.
pub(super) fn cookie_name(origin: &Origin) -> &'static str {
    if origin.is_secure() { "__Host-budstikke" } else { "budstikke" }
}

/// The cookie that signs somebody in, or out where there is no token.
pub(super) fn cookie(origin: &Origin, token: Option<Token>) -> HeaderValue {
    let value = token.map_or_else(String::new, |token| BASE64URL_NOPAD.encode(&token.0));
    any_cookie(origin, cookie_name(origin), value, token.is_none().then_some(0))
}

/// A cookie for us alone, for so many seconds; without them as long as the browser is open.
pub(super) fn any_cookie(origin: &Origin, name: &'static str, value: String, life: Option<i64>) -> HeaderValue {
    let mut cookie = Cookie::new(name, value);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(origin.is_secure());
    cookie.set_path("/");
    if let Some(life) = life {
        cookie.set_max_age(cookie::time::Duration::seconds(life));
    }
    // Made of letters, digits and what a cookie's own syntax has.
    HeaderValue::from_str(&cookie.to_string()).unwrap_or_else(|_never| HeaderValue::from_static(""))
}

/// Reads a token as a cookie or a link holds it.
pub(super) fn token(text: &str) -> Option<Token> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok().map(Token)
}

pub(super) fn token_of(headers: &HeaderMap, origin: &Origin) -> Option<Token> {
    token(&cookie_of(headers, cookie_name(origin))?)
}

/// The value of a cookie.
pub(super) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = cookies.flat_map(Cookie::split_parse).flatten().filter(|cookie| cookie.name() == name);
    Some(found.next()?.value().to_owned())
}

/// What stands in the forms of a session. It is made from the token and cannot be turned back.
fn csrf(token: Token) -> String {
    let tag = aws_lc_rs::hmac::sign(&aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &token.0), b"form");
    BASE64URL_NOPAD.encode(tag.as_ref())
}

/// Whether two texts are the same, in a time that does not tell how far.
pub(super) fn same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

impl Console {
    /// Whose a token is, while the session lasts. A page that is only open does not make it last.
    pub(super) async fn looker(&self, token: Token) -> Result<Option<Visitor>, Fault> {
        Ok(self.session(token).await?.map(|session| Visitor::of(session, token, self.settings.openid.as_ref())))
    }

    /// The same, of somebody who does something.
    async fn visitor(&self, token: Token) -> Result<Option<Visitor>, Fault> {
        let Some(session) = self.session(token).await? else { return Ok(None) };
        if session.unseen {
            let (ledger, lasting) = (&self.hub.desk.ledger, self.settings.lasting);
            // A ledger that takes nothing just now does not keep an operator from looking.
            if let Err(error) = ledger.write(move |tx| tx.session_seen(token, lasting)).await {
                tracing::warn!(error = %crate::telemetry::chain(&error), "that a session is in use could not be kept");
            }
        }
        Ok(Some(Visitor::of(session, token, self.settings.openid.as_ref())))
    }

    async fn session(&self, token: Token) -> Result<Option<Session>, Fault> {
        let (lasting, now) = (self.settings.lasting, self.hub.desk.clock.now());
        Ok(self.hub.desk.ledger.read(move |reader| reader.session(token, lasting, now)).await?)
    }
}

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Fault> {
        // Where a form was sent to, or a live part, there is no page to come back to.
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        let page = parts.uri.path().trim_end_matches("/live");
        let sign_in = || Fault::SignIn(if reads { page.to_owned() } else { "/".to_owned() });
        let token = token_of(&parts.headers, &console.settings.origin).ok_or_else(sign_in)?;
        console.visitor(token).await?.ok_or_else(sign_in)
    }
}

/// What somebody sent by a form on one of our own pages.
#[derive(Debug)]
pub(super) struct Posted {
    /// Who.
    pub visitor: Visitor,
    fields: Vec<(String, String)>,
}

impl Posted {
    /// The value of a field, without space around it; empty where it was not sent.
    pub(super) fn one(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The value of a field as it was sent, with the space around it; empty where it was not sent.
    pub(super) fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a field that may be sent several times.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// All that was sent, in its order.
    pub(super) fn sent(&self) -> &[(String, String)] {
        &self.fields
    }
}

/// The fields of a form.
pub(super) fn fields(body: &Bytes) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}

impl<S> FromRequest<S> for Posted
where
    S: Send + Sync,
    Arc<Console>: FromRef<S>,
{
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let console = Arc::<Console>::from_ref(state);
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, &console).await?;
        let body =
            Bytes::from_request(Request::from_parts(parts, body), state).await.map_err(|_size| Fault::TooLarge)?;
        let posted = Self { fields: fields(&body), visitor };
        if posted.visitor.vouches_for(posted.one("csrf")) { Ok(posted) } else { Err(Fault::Stale) }
    }
}

/// Whether a request that changes something comes from one of our own pages, as far as the browser
/// says: forms carry a token beside it.
fn is_ours(headers: &HeaderMap, host: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same_site = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let same_origin = text("origin").is_none_or(|origin| origin.split_once("://").is_some_and(|(_, own)| own == host));
    same_site && same_origin
}

/// How long an answer may take to begin, with all of the form.
const LONGEST: Duration = Duration::from_secs(30);

/// No script but our own file, no frame, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The address that a request comes from, as far as that can be known.
#[derive(Debug, Clone, Copy)]
pub(super) struct From(pub(super) Option<IpAddr>);

fn from(request: &Request, settings: &Settings) -> From {
    let Some(Peer(peer)) = request.extensions().get() else { return From(None) };
    let said = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    From(whence::address(peer.ip(), &settings.proxies, settings.origin.is_secure(), said))
}

/// Refuses what is not for us, and says with every answer what a browser may do with it.
pub(super) async fn guard(State(console): State<Arc<Console>>, mut request: Request, next: Next) -> Response {
    let from = from(&request, &console.settings);
    request.extensions_mut().insert(from);
    let origin = &console.settings.origin;
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_call = api::is_call(request.uri().path());
    let say_why = |fault: Fault| if is_call { Problem::from(fault).into_response() } else { fault.into_response() };
    let mut response = if !origin.is_named(host) || !reads && !is_ours(request.headers(), host) {
        say_why(Fault::Elsewhere)
    } else {
        // What is asked is answered soon or not at all; a live part goes on after that.
        let answered = tokio::time::timeout(LONGEST, next.run(request)).await;
        answered.unwrap_or_else(|_elapsed| say_why(Fault::Broken))
    };
    let headers = response.headers_mut();
    let mut say = |name, value| headers.insert(name, HeaderValue::from_static(value));
    say(header::CONTENT_SECURITY_POLICY, POLICY);
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    say(header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    say(header::HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if origin.is_secure() {
        say(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    for (name, value) in [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "same-origin")] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(public: Option<&str>) -> Origin {
        Origin { public: public.map(str::to_owned) }
    }

    #[test]
    fn only_our_own_names_are_ours() {
        let (here, public) = (origin(None), origin(Some("https://hub.example")));
        for (host, is_here, is_public) in [
            ("127.0.0.1:8155", true, false),
            ("localhost:8155", true, false),
            ("[::1]:8155", true, false),
            ("hub.example", false, true),
            ("hub.example.evil", false, false),
            ("evil.hub.example", false, false),
            ("localhost.evil", false, false),
            ("", false, false),
        ] {
            assert_eq!((here.is_named(host), public.is_named(host)), (is_here, is_public), "{host}");
        }
    }

    #[test]
    fn a_form_from_elsewhere_is_known() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), HeaderValue::from_static(value))).collect()
        };
        let host = "hub.example";
        assert!(is_ours(&HeaderMap::new(), host), "what is no browser sends neither");
        assert!(is_ours(&headers(&[("origin", "https://hub.example"), ("sec-fetch-site", "same-origin")]), host));
        assert!(!is_ours(&headers(&[("origin", "https://evil.example")]), host));
        assert!(!is_ours(&headers(&[("origin", "null")]), host));
        assert!(!is_ours(&headers(&[("sec-fetch-site", "cross-site")]), host));
        assert!(!is_ours(&headers(&[("sec-fetch-site", "same-site")]), host));
    }

    #[test]
    fn the_cookie_is_for_us_alone() {
        let token = Token([7; 32]);
        let set = |origin: &Origin, token| cookie(origin, token).to_str().unwrap().to_owned();
        let shown = set(&origin(Some("https://hub.example")), Some(token));
        for part in ["__Host-budstikke=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!set(&origin(None), Some(token)).contains("Secure"), "a browser would not send it back");
        assert!(set(&origin(None), None).contains("Max-Age=0"));
    }

    #[test]
    fn a_token_is_read_as_it_is_written() {
        let here = origin(None);
        let mut headers = HeaderMap::new();
        let set = cookie(&here, Some(Token([7; 32])));
        headers
            .insert(header::COOKIE, HeaderValue::from_str(set.to_str().unwrap().split(';').next().unwrap()).unwrap());
        assert_eq!(token_of(&headers, &here).unwrap().0, [7; 32]);
        assert!(token_of(&headers, &origin(Some("https://hub.example"))).is_none());
        assert!(token("short").is_none() && token("").is_none());
        assert_ne!(csrf(Token([7; 32])), csrf(Token([8; 32])));
    }
}
