//! One endpoint of someone else's: a request to it, and what it answers.

mod exchange;

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response};

use super::client::{Clients, Unusable};
use super::fault::Fault;
use super::token::{Doorkeeper, Pass};
use super::{Settings, Url, redirect, retry_after};
use crate::clock::Clock;

/// How much of an answer that nobody wants is read, so that the connection can be used again.
const LEFTOVER: usize = 64 * 1024;

/// How long that may take.
const LEFTOVER_TIME: Duration = Duration::from_secs(1);

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// For something.
    Get,
    /// With something.
    Post,
}

/// A request. Neither its path nor its headers may say anything about a person.
#[derive(Clone)]
pub struct Request {
    method: Method,
    /// Steps below the endpoint's own path.
    below: Vec<String>,
    /// What stands behind the `?`.
    query: Vec<(&'static str, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({:?}, {} bytes)", self.method, self.body.len())
    }
}

impl Request {
    /// Asks for what is there.
    pub fn get() -> Self {
        Self {
            method: Method::Get,
            below: Vec::new(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// Brings a body of that media type.
    pub fn post(media_type: &str, body: Bytes) -> Self {
        let mut request = Self { method: Method::Post, body, ..Self::get() };
        if let Ok(media_type) = HeaderValue::from_str(media_type) {
            request.headers.insert(CONTENT_TYPE, media_type);
        }
        request
    }

    /// With one more step to the path, which is encoded as needed.
    #[must_use]
    pub fn below(mut self, step: impl Into<String>) -> Self {
        self.below.push(step.into());
        self
    }

    /// With one more thing behind the `?`.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With a header. What cannot stand in one is percent-encoded (as CloudEvents does it).
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let value = HeaderValue::from_str(&encoded(value));
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value) {
            self.headers.insert(name, value);
        }
        self
    }

    fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        // An `https` URL can always have a path.
        if let (false, Ok(mut path)) = (self.below.is_empty(), url.path_segments_mut()) {
            path.pop_if_empty().extend(&self.below);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

/// A header's value in printable ASCII: the rest, and `%` and `"`, percent-encoded in UTF-8.
fn encoded(value: &str) -> String {
    let one = |byte: u8| match byte {
        b' '..=b'~' if byte != b'%' && byte != b'"' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(one).collect()
}

/// An answer whose head has come.
#[derive(Debug)]
pub struct Answer {
    /// Its status code.
    pub status: u16,
    /// How long the other side asks us to wait.
    pub retry_after: Option<Duration>,
    response: Response,
}

impl Answer {
    /// The media type of its body, without parameters and in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
        value.split(';').next().map(|it| it.trim().to_ascii_lowercase())
    }

    /// Its body, if that is not longer than `most` bytes.
    pub async fn body(mut self, most: usize) -> Result<Bytes, Fault> {
        body_of(&mut self.response, most).await.map(Bytes::from)
    }

    /// Ends with an answer whose body nobody wants. A short one is read away, so that its connection
    /// can be used again; of any other the connection is closed.
    pub async fn let_go(self) {
        drop(tokio::time::timeout(LEFTOVER_TIME, self.body(LEFTOVER)).await);
    }
}

/// The body of an answer, if that is not longer than `most` bytes; it ends with the request's time limit.
pub(super) async fn body_of(response: &mut Response, most: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Fault::of(&error))? {
        if body.len() + chunk.len() > most {
            return Err(Fault::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An endpoint of someone else's.
#[derive(Debug)]
pub struct Endpoint {
    settings: Settings,
    clock: Clock,
    clients: Clients,
    door: Doorkeeper,
}

impl Endpoint {
    /// An endpoint with these settings. Nothing is sent; the files are read.
    ///
    /// # Errors
    /// A file cannot be used.
    pub fn open(settings: Settings, clock: Clock) -> Result<Self, Unusable> {
        let door = Doorkeeper::open(settings.access.clone(), clock.clone())?;
        let clients = Clients::open(settings.clone())?;
        Ok(Self { settings, clock, clients, door })
    }

    /// Sends a request and waits for the head of the answer. An answer of any status is an answer;
    /// only 401 and 403 are tried once more, if there is another token to try with.
    ///
    /// # Errors
    /// No answer came.
    pub async fn send(&self, request: &Request) -> Result<Answer, Fault> {
        let http = self.clients.current();
        let pass = self.door.pass(&self.settings.reach, &http, None).await?;
        let answer = self.follow(&http, request, pass.as_ref()).await?;
        let (401 | 403, Some(refused)) = (answer.status, pass) else { return Ok(answer) };
        let Some(other) = self.door.pass(&self.settings.reach, &http, Some(&refused)).await? else {
            return Ok(answer);
        };
        answer.let_go().await;
        self.follow(&http, request, Some(&other)).await
    }

    /// Sends it, and again where it is sent on to and that may be followed.
    async fn follow(&self, http: &Client, request: &Request, pass: Option<&Pass>) -> Result<Answer, Fault> {
        let mut url = request.url(&self.settings.url);
        let mut followed = 0;
        loop {
            let answer = self.once(http, request, url.clone(), pass).await?;
            let location = answer.response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let next = redirect::followed(&url, answer.status, location);
            match next.filter(|_| followed < redirect::MOST) {
                Some(next) => url = next,
                None => return Ok(answer),
            }
            followed += 1;
            answer.let_go().await;
        }
    }

    async fn once(&self, http: &Client, request: &Request, url: Url, pass: Option<&Pass>) -> Result<Answer, Fault> {
        may_be_reached(&self.settings.reach, &url)?;
        let mut asked = match request.method {
            Method::Get => http.get(url),
            Method::Post => http.post(url).body(request.body.clone()),
        };
        asked = asked.headers(request.headers.clone());
        if let Some(pass) = pass {
            asked = asked.header(reqwest::header::AUTHORIZATION, pass.header());
        }
        let response = asked.send().await.map_err(|error| Fault::of(&error))?;
        let wanted = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = wanted.and_then(|value| retry_after::read(value, self.clock.now()));
        Ok(Answer { status: response.status().as_u16(), retry_after, response })
    }
}

/// Whether a URL may be reached as far as it alone can say: a name is looked at again when it has
/// been looked up.
///
/// # Errors
/// It may not.
pub fn may_be_reached(reach: &super::address::Reach, url: &Url) -> Result<(), Fault> {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse();
    let is_allowed = address.map_or(!host.is_empty(), |address| reach.allows(host, address));
    if is_allowed && reach.allows_scheme(url.scheme(), host) { Ok(()) } else { Err(Fault::Address) }
}
