//! The content of one thing. It is asked for by a form, and the answer is the page: nothing of it
//! stands in an address or is kept by a browser.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::super::Console;
use super::super::content::{Content, Field, Section, Shown};
use super::super::fault::{Fault, page_of};
use super::super::gate::Posted;
use super::super::layout::{Frame, Place};
use super::super::purpose::Purpose;
use crate::ledger::look::Wanted;

/// Where forms send what somebody wants to look at: `hvad` is `post-12`, `haendelse-7`, `levering-33`,
/// or `svar-33` for what the receiver of a delivery said.
pub(super) const PATH: &str = "/forloeb/indhold";

#[derive(Template)]
#[template(path = "look.html", config = "src/console/askama.toml")]
struct Page {
    frame: Frame,
    content: Content,
    purpose: Purpose,
}

/// What a form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Whole(Wanted),
    Said(i64),
}

impl What {
    fn parse(text: &str) -> Option<Self> {
        let (what, number) = text.split_once('-')?;
        let number = number.parse().ok()?;
        match what {
            "post" => Some(Self::Whole(Wanted::Item(number))),
            "haendelse" => Some(Self::Whole(Wanted::Event(number))),
            "levering" => Some(Self::Whole(Wanted::Delivery(number))),
            "svar" => Some(Self::Said(number)),
            _ => None,
        }
    }
}

/// Shows it.
pub(super) async fn page(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    let what = What::parse(posted.one("hvad")).ok_or(Fault::NotFound)?;
    let purpose = Purpose::of(&posted)?;
    let person = &posted.visitor.person;
    let content = match what {
        What::Whole(wanted) => console.looks(person, &purpose, wanted).await?,
        What::Said(delivery) => said(console.hears(person, &purpose, delivery).await?),
    };
    Ok(page_of(&Page { frame: Frame::new(&posted.visitor, Some(Place::Search)), content, purpose }))
}

/// What a receiver said.
fn said(text: String) -> Content {
    let text = if text.is_empty() { "(ingen begrundelse)".to_owned() } else { text };
    let fields = vec![Field { title: "Modtageren skrev".to_owned(), value: Shown::Prose(text) }];
    let sections = vec![Section { title: "Kvittering".to_owned(), fields }];
    Content { title: "Modtagerens begrundelse".to_owned(), sections, ..Content::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_one_thing_or_nothing() {
        assert_eq!(What::parse("post-12"), Some(What::Whole(Wanted::Item(12))));
        assert_eq!(What::parse("levering-3"), Some(What::Whole(Wanted::Delivery(3))));
        assert_eq!(What::parse("haendelse-3"), Some(What::Whole(Wanted::Event(3))));
        assert_eq!(What::parse("svar-3"), Some(What::Said(3)));
        for none in ["", "post", "post-", "post-x", "mail-1", "post-99999999999999999999"] {
            assert_eq!(What::parse(none), None, "{none}");
        }
    }
}
