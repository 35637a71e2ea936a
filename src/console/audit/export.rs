//! The logs to take along: CSV for a spreadsheet, JSON lines for a program. Sent as it is read, a
//! piece at a time, and bounded; that it was taken stands among what people did.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::json;

use super::super::Console;
use super::super::access::Right;
use super::super::fault::Fault;
use super::super::gate::Posted;
use super::super::purpose::Purpose;
use super::ask::Asked;
use super::{Rows, view};
use crate::ledger::audit::{Action, Look};

/// So many rows at a time.
const STEP: u32 = 1_000;

/// And so many in all; whoever wants more asks for a shorter period.
const MOST: u32 = 100_000;

/// And so many about one citizen.
const MOST_OF_ONE: u32 = 10_000;

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    JsonLines,
}

/// Sends a log.
pub(super) async fn download(State(console): State<Arc<Console>>, posted: Posted) -> Result<Response, Fault> {
    posted.visitor.needs(Right::Audit)?;
    let form = if posted.one("form") == "jsonl" { Form::JsonLines } else { Form::Csv };
    let asked = Asked { before: None, ..Asked::read(&posted)? };
    let user = posted.visitor.person.user.clone();
    let body = if asked.citizen.is_some() {
        let purpose = Purpose::of(&posted)?;
        let mut looks = console.looks_at(&user, &purpose, &asked, MOST_OF_ONE + 1).await?;
        let all = usize::try_from(MOST_OF_ONE).unwrap_or(usize::MAX);
        let more = if looks.len() > all { cut(form) } else { String::new() };
        looks.truncate(all);
        Body::from(head(form, false) + &rows(form, &Rows::Looks(looks)) + &more)
    } else {
        let said = asked.in_words();
        console.hub.desk.ledger.write(move |tx| tx.act(&user, "export", "log", &said)).await?;
        streamed(console, asked, form)
    };
    let (media_type, name) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"budstikke-log.csv\""),
        Form::JsonLines => ("application/jsonl; charset=utf-8", "attachment; filename=\"budstikke-log.jsonl\""),
    };
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, name)], body).into_response())
}

/// Where a log is read on.
struct Reading {
    console: Arc<Console>,
    asked: Asked,
    form: Form,
    begun: bool,
    left: u32,
}

fn streamed(console: Arc<Console>, asked: Asked, form: Form) -> Body {
    let reading = Reading { console, asked, form, begun: false, left: MOST };
    Body::from_stream(stream::unfold(Some(reading), |reading| async move {
        let mut reading = reading?;
        match reading.piece().await {
            Ok((text, true)) => Some((Ok(Bytes::from(text)), Some(reading))),
            Ok((text, false)) => Some((Ok(Bytes::from(text)), None)),
            // What was sent so far shall not be taken for all of it.
            Err(_logged) => Some((Err(std::io::Error::other("the log could not be read on")), None)),
        }
    }))
}

impl Reading {
    /// The next piece, and whether there may be more.
    async fn piece(&mut self) -> Result<(String, bool), Fault> {
        let found = self.console.log(&self.asked, STEP).await?;
        let mut text = if self.begun { String::new() } else { head(self.form, self.asked.is_actions()) };
        self.begun = true;
        text.push_str(&rows(self.form, &found));
        let (many, last) = match &found {
            Rows::Looks(looks) => (looks.len(), looks.last().map(|it| it.seq)),
            Rows::Actions(actions) => (actions.len(), actions.last().map(|it| it.seq)),
        };
        self.left = self.left.saturating_sub(STEP);
        self.asked.before = last;
        let more = u32::try_from(many).is_ok_and(|many| many == STEP);
        if more && self.left == 0 {
            text.push_str(&cut(self.form));
        }
        Ok((text, more && self.left > 0))
    }
}

fn head(form: Form, actions: bool) -> String {
    match (form, actions) {
        (Form::JsonLines, _) => String::new(),
        // With a mark by which spreadsheets know the letters.
        (Form::Csv, false) => {
            format!("\u{feff}{}", line(&["Nummer", "Tid", "Bruger", "Formål", "Hvad", "Besked", "Slags", "Levering"]))
        }
        (Form::Csv, true) => format!("\u{feff}{}", line(&["Nummer", "Tid", "Bruger", "Hvad", "Til", "Begrundelse"])),
    }
}

/// That there is more than was sent.
fn cut(form: Form) -> String {
    match form {
        Form::Csv => line(&["Afkortet: vælg en kortere periode"]),
        Form::JsonLines => json!({"truncated": true}).to_string() + "\n",
    }
}

fn rows(form: Form, rows: &Rows) -> String {
    match rows {
        Rows::Looks(looks) => looks.iter().map(|it| of_look(form, it)).collect(),
        Rows::Actions(actions) => actions.iter().map(|it| of_action(form, it)).collect(),
    }
}

fn of_look(form: Form, look: &Look) -> String {
    match form {
        Form::JsonLines => super::api::SeenLook::of(look).line(),
        Form::Csv => {
            let number = |number: Option<i64>| number.map(|it| it.to_string()).unwrap_or_default();
            let (seq, at) = (look.seq.to_string(), look.at.to_string());
            let (item, delivery) = (number(look.item), number(look.delivery));
            let kind = look.kind.as_deref().unwrap_or_default();
            line(&[&seq, &at, &look.user, &look.purpose, view::seen(&look.what), &item, kind, &delivery])
        }
    }
}

fn of_action(form: Form, action: &Action) -> String {
    match form {
        Form::JsonLines => super::api::Did::of(action).line(),
        Form::Csv => {
            let (seq, at) = (action.seq.to_string(), action.at.to_string());
            line(&[&seq, &at, &action.user, &action.what, &action.target, &action.reason])
        }
    }
}

/// A line of CSV, with the semicolons that Danish spreadsheets want. What a spreadsheet would take for
/// a formula has an apostrophe before it.
fn line(values: &[&str]) -> String {
    let cell = |value: &&str| {
        let formula = value.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']);
        format!("\"{}{}\"", if formula { "'" } else { "" }, value.replace('"', "\"\""))
    };
    values.iter().map(cell).collect::<Vec<_>>().join(";") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_out() {
        assert_eq!(line(&["a", "x\"y;z"]), "\"a\";\"x\"\"y;z\"\r\n");
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", " =cmd", "\t=1", "\r=1"] {
            assert!(line(&[evil]).starts_with("\"'"), "{evil}");
        }
        assert_eq!(line(&["a\nb"]), "\"a\nb\"\r\n");
    }
}
