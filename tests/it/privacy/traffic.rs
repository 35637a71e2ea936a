//! Everything that can come, each about a marked citizen.

use budstikke_testkit::plans::{Discharge, Encoding, Message, Plan, Vans};
use serde_json::{Value, json};

use super::search::{Marked, hyphenated};
use crate::look_up::{Question, Says, lives};
use crate::post::{EVENT, JSON, XML};

/// One message.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) source: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) body: Vec<u8>,
}

fn letter(body: Vec<u8>) -> Sent {
    Sent { source: "rehab-plan", media_type: XML, body }
}

fn about(plan: Plan, citizen: usize) -> Plan {
    let Marked { cpr, given, family } = Marked::citizen(citizen);
    plan.discharge(Discharge::Text("Efter aftale".to_owned())).cpr(cpr).name(given, family)
}

fn plan(citizen: usize) -> Plan {
    about(Plan::ggop(format!("BREV{citizen:04}")), citizen)
}

fn message(plan: Plan, citizen: usize) -> Message {
    Message::new(format!("KUVERT{citizen:04}")).plan(plan)
}

fn replaced(body: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(body.to_vec()).expect("a letter in UTF-8");
    assert!(text.contains(from), "{from}");
    text.replace(from, to).into_bytes()
}

/// Letters: routed, repeated, corrected, parked, refused, broken, attacking.
pub(crate) fn letters() -> Vec<Sent> {
    let good = |citizen: usize| message(plan(citizen), citizen).bytes();
    let first = good(1);
    let correspondence = about(Plan::correspondence("BREV0002"), 2);
    let corrected = about(Plan::correspondence("BREV0003"), 2).corrected(true);
    let Marked { cpr, family, .. } = Marked::citizen(9);
    let attack = format!("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY {family} \"{cpr}\">]><x>&{family};</x>");
    let half = &good(10)[..1200];
    let two = message(plan(14), 14).plan(about(Plan::ggop("BREV0015").municipality("461"), 15));
    vec![
        letter(first.clone()),
        letter(first.clone()),
        // The same names over other bytes.
        letter(replaced(&first, "Hurtigst muligt", &family)),
        letter(message(correspondence, 2).encoding(Encoding::Latin1).vans(Vans::numbered(2)).bytes()),
        letter(message(corrected, 3).encoding(Encoding::Windows1252).bytes()),
        letter(message(plan(4).municipality("461"), 4).vans(Vans::numbered(4)).bytes()),
        letter(message(plan(5).municipality(&cpr), 5).bytes()),
        letter(replaced(&good(6), &Marked::citizen(6).cpr, &format!("99{}", Marked::citizen(6).cpr))),
        letter(replaced(&good(7), "GGOP100", "XD2230L")),
        letter(replaced(&good(8), "<Patient>", &format!("<{family} x=\"{cpr}\"/><Patient>"))),
        letter(attack.into_bytes()),
        letter(half.to_vec()),
        // A number where none belongs: as the letter's name, its envelope's, its type, its date.
        letter(Message::new(&cpr).plan(about(Plan::ggop(&Marked::citizen(11).cpr), 11)).bytes()),
        letter(message(plan(12).plan_type(&family), 12).bytes()),
        letter(message(plan(13).authorised(&cpr, &family), 13).bytes()),
        letter(two.bytes()),
        letter(message(plan(16).sender(&cpr).receiver(&family), 16).bytes()),
        letter(message(plan(17).episode(&cpr).replacement_id(&family), 17).bytes()),
    ]
}

/// Events that do not say where their citizen lives, so that it is asked: one who is known, one who
/// is not, and two about whom the look-up talks nonsense and says too much.
pub(crate) fn unsettled() -> Vec<Sent> {
    let about = |citizen: usize| {
        let body = event(citizen, |event| drop(event.as_object_mut().and_then(|event| event.remove("residence"))));
        Sent { source: "events", media_type: EVENT, body }
    };
    UNSETTLED.into_iter().map(about).collect()
}

/// Whom those are about.
pub(crate) const UNSETTLED: [usize; 4] = [81, 82, 83, 84];

/// What the look-up says of them.
pub(crate) fn looked_up(question: &Question) -> Says {
    let is = |citizen: usize| question.body.contains(&Marked::citizen(citizen).cpr);
    let Marked { cpr, family, .. } = Marked::citizen(83);
    match () {
        () if is(81) => lives("155"),
        () if is(82) => Says::Json(404, format!("{{\"municipality\": null, \"unknown\": \"{cpr}\"}}")),
        () if is(83) => Says::Json(200, format!("{{\"municipality\": \"{family} {cpr}\"}}")),
        () => Says::Html(500, format!("<h1>{family} {cpr}</h1>")),
    }
}

/// An event about a citizen.
pub(crate) fn event(number: usize, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let Marked { cpr, given, family } = Marked::citizen(number);
    let mut event = json!({
        "specversion": "1.0",
        "id": format!("h{number}"),
        "source": "/dragoer/social",
        "type": "dk.budstikke.rehab.training.requested.v1",
        "time": "2026-11-20T10:00:00Z",
        "residence": "155",
        "data": {
            "citizen": {"cpr": cpr, "name": {"given": given, "family": family}},
            "reason": format!("{given} {family} ({cpr}) er faldet"),
        },
    });
    change(&mut event);
    event.to_string().into_bytes()
}

/// Events: routed, parked, broken, and with a number in every place that has a name.
pub(crate) fn events() -> Vec<Sent> {
    let Marked { cpr, family, .. } = Marked::citizen(30);
    let placed = |number: usize, pointer: &str, value: &str| {
        event(number, |event| {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            let parent = event.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
            parent.insert(key.to_owned(), Value::String(value.to_owned()));
        })
    };
    let hyphenated = hyphenated(&cpr);
    let mut bodies = vec![event(31, |_| {}), event(32, |event| event["residence"] = json!("461"))];
    let attributes = [
        "id",
        "source",
        "type",
        "time",
        "subject",
        "residence",
        "law",
        "correlationid",
        "causationid",
        "occurred",
        "kle",
    ];
    for (number, name) in attributes.iter().enumerate() {
        bodies.push(placed(40 + number, &format!("/{name}"), &cpr));
        bodies.push(placed(55 + number, &format!("/{name}"), &format!("/dragoer/{hyphenated}/{family}")));
    }
    bodies.push(placed(70, &format!("/{cpr}"), &family));
    bodies.push(placed(71, &format!("/data/{family}"), &cpr));
    bodies.push(placed(72, &format!("/data/{cpr}"), &family));
    bodies.push(placed(73, "/data/citizen/cpr", &family));
    bodies.push(placed(74, "/data/reason", ""));
    bodies.push(placed(75, "/data/citizen/name", &family));
    bodies.push(event(76, |_| {})[..260].to_vec());
    bodies.push(format!("{{\"{family}\": {cpr}").into_bytes());
    bodies.push(format!("{{\"id\": \"1\", \"id\": \"{cpr}\"}}").into_bytes());
    let source = |number: usize| if number.is_multiple_of(2) { "events" } else { "rehab-plan" };
    bodies.into_iter().enumerate().map(|(n, body)| Sent { source: source(n), media_type: EVENT, body }).collect()
}

/// What an adapter panics at, with the message in its words.
pub(crate) fn panics() -> Vec<Sent> {
    let body = event(79, |event| event["data"]["reason"] = json!("panic"));
    vec![Sent { source: "poison", media_type: JSON, body }]
}

/// What receivers say of a delivery.
pub(crate) fn receipts(delivery: &str) -> Vec<Sent> {
    let Marked { cpr, given, family } = Marked::citizen(80);
    let said = [
        json!({"delivery": delivery, "status": "received"}),
        json!({"delivery": delivery, "status": "rejected", "reason": format!("{given} {family}, {cpr}, er flyttet")}),
        json!({"delivery": cpr, "status": "rejected", "reason": family}),
        json!({"delivery": delivery, "status": family}),
        json!({"delivery": delivery, "status": "failed", (family.as_str()): cpr}),
        json!([cpr, family]),
    ];
    let body = |said: &Value| Sent { source: "receipts", media_type: JSON, body: said.to_string().into_bytes() };
    said.iter().map(body).collect()
}
