//! Going through the console as somebody who follows every link, and timing each page.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;

use super::calls::calls;
use crate::clock::Clock;
use crate::web::{Endpoint, Request, Settings, Url};

/// Where somebody begins who has signed in.
const BEGIN: [&str; 17] = [
    "/drift",
    "/indbakke",
    "/parkeret",
    "/soeg",
    "/ny",
    "/pligter",
    "/bevillinger",
    "/aftale",
    "/revision",
    "/hjaelp/NO_RULE",
    "/indbakke?postkasse=taarnby/genoptraening",
    "/indbakke?postkasse=taarnby/genoptraening&fane=venter",
    "/indbakke?postkasse=taarnby/genoptraening&fane=forsinkede",
    "/indbakke?postkasse=taarnby/genoptraening&fane=faerdige",
    "/soeg?postkasse=dragoer%2Fkontrakt",
    "/soeg?tilstand=parked",
    "/soeg?fra=2026-10-01&til=2026-10-02",
];

/// So many pages of one kind are timed: most of them differ in a number only.
const OF_A_KIND: usize = 2;

/// So many pages in all.
const PAGES: usize = 150;

/// How much of a page is read.
const LARGEST: usize = 64 * 1024 * 1024;

/// A page, timed.
#[derive(Debug, Serialize)]
pub(super) struct Timed {
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) bytes: usize,
    pub(super) p50: Duration,
    pub(super) p95: Duration,
    pub(super) most: Duration,
}

/// Somebody who looks.
pub(super) struct Visitor<'a> {
    place: &'a str,
    header: (&'static str, &'a str),
    times: usize,
}

/// Times everything that can be got to.
pub(super) async fn all(place: &str, cookie: &str, token: &str, times: usize) -> Result<Vec<Timed>> {
    let mut timed = pages(&Visitor { place, header: ("cookie", cookie), times }).await?;
    timed.extend(calls(&Visitor { place, header: ("authorization", token), times }).await?);
    Ok(timed)
}

async fn pages(visitor: &Visitor<'_>) -> Result<Vec<Timed>> {
    let mut ahead: VecDeque<String> = BEGIN.iter().map(ToString::to_string).collect();
    let mut seen: BTreeSet<String> = ahead.iter().cloned().collect();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut timed = Vec::new();
    while let Some(path) = ahead.pop_front().filter(|_| timed.len() < PAGES) {
        let (page, body) = visitor.time(&path).await?;
        for link in links(&body) {
            let of_kind = kinds.entry(kind(&link)).or_default();
            if *of_kind < OF_A_KIND && seen.insert(link.clone()) {
                *of_kind += 1;
                ahead.push_back(link);
            }
        }
        timed.push(page);
    }
    Ok(timed)
}

/// The links of a page to other pages of ours.
fn links(body: &str) -> Vec<String> {
    let links = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let ours = links.filter(|link| link.starts_with('/') && !link.starts_with("//"));
    let pages = ours.filter(|link| !["/filer/", "/log-", "/hjaelp/"].iter().any(|other| link.starts_with(other)));
    pages
        .map(|link| link.replace("&amp;", "&").replace("&#38;", "&").split('#').next().unwrap_or_default().to_owned())
        .collect()
}

/// What pages have in common that differ in numbers and ids only: the steps without them, and the names
/// of what stands behind the `?`.
fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let step = |step: &str| if step.bytes().any(|byte| byte.is_ascii_digit()) { "{}" } else { step }.to_owned();
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    format!("{}?{}", path.split('/').map(step).collect::<Vec<_>>().join("/"), names.collect::<Vec<_>>().join("&"))
}

impl Visitor<'_> {
    /// Asks for a page as often as it is timed, and returns what it said last.
    pub(super) async fn time(&self, path: &str) -> Result<(Timed, String)> {
        self.time_request(path, Request::get()).await
    }

    /// The same of any request.
    pub(super) async fn time_request(&self, path: &str, request: Request) -> Result<(Timed, String)> {
        let url = Url::parse(&format!("{}{path}", self.place)).with_context(|| format!("`{path}` is no path"))?;
        let endpoint = Endpoint::open(Settings::here(url, Duration::from_mins(1)), Clock::system())?;
        let request = request.header(self.header.0, self.header.1);
        let (mut times, mut status, mut body) = (Vec::with_capacity(self.times), 0, String::new());
        // The first ones open the connection and warm the caches, as they are on a day of work.
        for round in 0..self.times + 3 {
            let begun = Instant::now();
            let answer = endpoint.send(&request).await.with_context(|| format!("`{path}` is not answered"))?;
            status = answer.status;
            let bytes = answer.body(LARGEST).await.with_context(|| format!("`{path}` is not answered whole"))?;
            if round >= 3 {
                times.push(begun.elapsed());
            }
            body = String::from_utf8_lossy(&bytes).into_owned();
            if round == 3 && begun.elapsed() > Duration::from_secs(2) {
                break;
            }
        }
        times.sort_unstable();
        let part = |hundredths: usize| times.get((times.len() * hundredths / 100).min(times.len().saturating_sub(1)));
        let (p50, p95) = (part(50).copied().unwrap_or_default(), part(95).copied().unwrap_or_default());
        let most = times.last().copied().unwrap_or_default();
        Ok((Timed { path: path.to_owned(), status, bytes: body.len(), p50, p95, most }, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_a_number_is_of_one_kind() {
        assert_eq!(kind("/indbakke/17?side=2"), kind("/indbakke/4711?side=3"));
        assert_eq!(kind("/forloeb/rehab-088663a7-8c71-5395"), "/forloeb/{}?");
        assert_ne!(kind("/indbakke?side=2"), kind("/indbakke?vis=mine"));
    }

    #[test]
    fn only_pages_of_ours_are_followed() {
        let body = "<a href=\"/drift\"><a href=\"//evil\"><a href=\"https://x\"><a href=\"/filer/a.css\"><a href=\"/soeg?a=1&amp;b=2#c\">";
        assert_eq!(links(body), ["/drift", "/soeg?a=1&b=2"]);
    }
}
