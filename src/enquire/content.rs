//! The content of thin events: an event that only tells that something has changed, and of which
//! the hub must ask its sender's system what it is now.

use async_trait::async_trait;

use super::{Failure, Head, Service, Trouble, exchange};
use crate::ledger::wish::Outcome;
use crate::web::{Endpoint, Request};

/// The longest content that is read, in bytes: as long as a message may be.
const LONGEST: usize = 16 * 1024 * 1024;

/// Where the content is to be had: below the endpoint's path, by what kind of thing it is and
/// which one.
#[derive(Debug)]
pub struct Store {
    endpoint: Endpoint,
}

impl Store {
    /// What is there.
    pub fn at(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }
}

#[async_trait]
impl Service for Store {
    async fn ask(&self, question: &[u8]) -> Result<Outcome, Failure> {
        let (entity, id) = steps(question).ok_or(Trouble::Unaskable)?;
        let request = Request::get().below(entity).below(id).header("accept", "application/json");
        exchange(&self.endpoint, &request, LONGEST, read).await
    }
}

/// The two steps of `Fravaer/6fb927da-…`.
fn steps(question: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(question).ok()?.split_once('/')
}

/// What an answer means. What it is in itself, the adapter finds out.
fn read(head: Head<'_>, body: &[u8]) -> Result<Outcome, Failure> {
    match head.status {
        200 if head.is_json() => Ok(Outcome::Answered(body.to_vec())),
        // Gone, or never there; a gateway that knows no such path says so in HTML.
        404 | 410 if head.is_json() || body.is_empty() => Ok(Outcome::Unknown),
        200 => Err(Trouble::Garbled.into()),
        _ => Err(head.failure()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, media_type: Option<&str>, body: &str) -> Result<Outcome, Trouble> {
        read(Head { status, media_type, after: None }, body.as_bytes()).map_err(|failure| failure.what)
    }

    #[test]
    fn content_is_json_and_what_is_gone_is_gone() {
        let json = Some("application/json");
        assert_eq!(said(200, json, "{}"), Ok(Outcome::Answered(b"{}".to_vec())));
        assert_eq!(said(404, json, "{}"), Ok(Outcome::Unknown));
        assert_eq!(said(410, None, ""), Ok(Outcome::Unknown));
        assert_eq!(said(404, Some("text/html"), "<h1>"), Err(Trouble::Garbled));
        assert_eq!(said(200, Some("text/html"), "<h1>"), Err(Trouble::Garbled));
        assert_eq!(said(403, json, ""), Err(Trouble::ShutOut));
        assert_eq!(said(500, json, ""), Err(Trouble::Failing));
    }

    #[test]
    fn a_thing_has_two_steps() {
        assert_eq!(steps(b"Fravaer/6fb927da"), Some(("Fravaer", "6fb927da")));
        assert_eq!(steps(b"Fravaer"), None);
    }
}
