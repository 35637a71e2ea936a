//! What every fixture becomes, and how it is answered, as snapshots.

use base64::prelude::{BASE64_STANDARD, Engine};
use budstikke_contract::adapter::{Fate, ItemBody, Reply, Translated};
use budstikke_contract::reason::{Code, Reason};
use budstikke_testkit::conformance::draft_shown;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::fixture::{all, at, text, translate};

fn shown(translated: &Translated) -> Value {
    let items = translated.items.iter().map(|item| {
        let body = match &item.body {
            ItemBody::Event(draft) => json!({"event": draft_shown(draft)}),
            ItemBody::Record { what } => json!({"record": what}),
            ItemBody::Refused(reason) => json!({"refused": reason}),
        };
        json!({"key": item.key, "content_bytes": item.content.len(), "body": body})
    });
    let transport = translated.transport.as_ref();
    json!({
        "transport": transport.map(|t| json!({"envelope": t.envelope, "message": t.message, "content_bytes": t.content.len()})),
        "items": items.collect::<Vec<_>>(),
    })
}

/// A document, one tag a line.
fn lines(text: &str) -> Vec<String> {
    text.replace("><", ">\n<").lines().map(str::to_owned).collect()
}

/// The lines of an answer; a payload in it is shown as what it stands for.
fn body(reply: &Reply) -> Value {
    let lines = lines(&text(reply));
    let shown = lines.into_iter().map(|line| match payload(&line) {
        Some(payload) => json!({"Data": payload}),
        None => line.into(),
    });
    shown.collect()
}

fn payload(line: &str) -> Option<Vec<String>> {
    let data = line.strip_prefix("<Data>")?.strip_suffix("</Data>")?;
    let bytes = BASE64_STANDARD.decode(data).unwrap();
    Some(lines(&bytes.into_iter().map(char::from).collect::<String>()))
}

fn replies_shown(replies: &[Reply]) -> Value {
    let shown = |reply: &Reply| {
        let (to, media_type) = (&reply.to, reply.media_type);
        json!({"to": to, "kind": reply.kind, "code": reply.code, "media_type": media_type, "body": body(reply)})
    };
    replies.iter().map(shown).collect()
}

/// What the hub makes of an item that it has an agreement for.
fn held(body: &ItemBody) -> Fate {
    match body {
        ItemBody::Event(_) | ItemBody::Record { .. } => Fate::Held,
        ItemBody::Refused(reason) => Fate::Refused(reason.clone()),
    }
}

/// And of one that it has none for.
fn misaddressed(body: &ItemBody) -> Fate {
    let reason = || Reason::new(Code::new("OUTSIDE_AGREEMENT"), "Modtagerens kommune er ikke med i aftalen.");
    match body {
        ItemBody::Event(_) => Fate::Misaddressed(reason()),
        ItemBody::Record { .. } => Fate::Held,
        ItemBody::Refused(reason) => Fate::Refused(reason.clone()),
    }
}

#[test]
fn every_fixture_is_read_as_its_snapshot_says() {
    for (name, bytes) in all() {
        assert_json_snapshot!(format!("read-{name}"), shown(&translate(&bytes)));
    }
}

#[test]
fn every_fixture_is_answered_as_its_snapshot_says() {
    for (name, bytes) in all() {
        let translated = translate(&bytes);
        let answer = translated.answer.as_ref();
        let replies = |fate: fn(&ItemBody) -> Fate| {
            let fates: Vec<Fate> = translated.items.iter().map(|item| fate(&item.body)).collect();
            answer.map(|answer| replies_shown(&answer.replies(&fates, at())))
        };
        assert_json_snapshot!(
            format!("answered-{name}"),
            json!({"held": replies(held), "misaddressed": replies(misaddressed)})
        );
    }
}
