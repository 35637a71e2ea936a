//! Messages that one source carries for another.

use super::people_act::person;
use super::*;
use crate::agreement::model::Body;
use crate::deliver::parcel::Parcel;
use crate::intake::people;
use crate::ledger::goods::ReadBy;
use crate::ledger::item::State;

/// A message of the Beskedfordeler with this in its `Beskeddata`.
pub(crate) fn carrying(id: &str, data: &str) -> String {
    format!(
        r#"<k:Haendelsesbesked xmlns="urn:oio:sagdok:3.0.0" xmlns:k="urn:oio:besked:kuvert:1.0"><k:BeskedId><UUIDIdentifikator>{id}</UUIDIdentifikator></k:BeskedId><k:BeskedVersion>1.0</k:BeskedVersion><k:Beskedkuvert><k:Filtreringsdata><k:Beskedtype><UUIDIdentifikator>11111111-2222-4333-8444-555555555555</UUIDIdentifikator></k:Beskedtype></k:Filtreringsdata><k:Leveranceinformation/></k:Beskedkuvert><k:Beskeddata>{data}</k:Beskeddata></k:Haendelsesbesked>"#
    )
}

fn base64(bytes: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(bytes);
    format!("<b:Base64 xmlns:b='urn:besked:kuvert:1.0'>{text}</b:Base64>")
}

fn plan() -> Vec<u8> {
    Message::new("KUVERT1").plan(Plan::ggop("BREV1").municipality("155")).bytes()
}

fn element(document: &[u8]) -> String {
    let text = String::from_utf8(document.to_vec()).unwrap();
    text.split_once("?>").map_or(text.clone(), |(_, rest)| rest.to_owned())
}

#[test]
fn a_plan_goes_as_if_it_had_come_by_itself_and_only_once() {
    for data in [base64(&plan()), element(&plan())] {
        on_a_ledger(|desk| {
            let message = desk.incoming("beskedfordeler", carrying("1", &data));
            let taken = desk.take(message)?.remove(0);
            assert_eq!(taken.state, State::Routed, "{taken:?}");
            let event = desk.routed(&taken)?;
            assert_eq!(told(&event), ["dragoer/genoptraening information", "taarnby/genoptraening task"]);
            let again = desk.incoming("beskedfordeler", carrying("2", &data));
            assert_eq!(desk.take(again)?[0].state, State::Duplicate, "another message that carries the same");
            let direct = desk.incoming("rehab-plan", plan());
            assert_eq!(desk.take(direct)?[0].state, State::Duplicate, "the same letter by the hospitals' own way");
            assert!(!desk.answers(taken.item)?.is_empty(), "the hospital is answered");
            Ok(())
        });
    }
}

#[test]
fn its_receivers_get_what_was_carried_as_the_original() {
    on_a_ledger(|desk| {
        let message = desk.incoming("beskedfordeler", carrying("1", &base64(&plan())));
        let taken = desk.take(message)?.remove(0);
        let delivery = desk.routed(&taken)?.deliveries.remove(0).delivery;
        let adapters = desk.world.adapters.clone();
        let goods = desk.tx.reader().goods(&delivery, &|read_by: ReadBy<'_>, place, body| {
            crate::deliver::dispatch::original(&adapters, read_by, place, body)
        })?;
        let parcel = Parcel::pack(&delivery, Body::Original, &goods);
        assert_eq!(&parcel.body[..], plan());
        Ok(())
    });
}

#[test]
fn what_is_carried_and_parked_can_be_sent_on() {
    on_a_ledger(|desk| {
        let far = Message::new("K2").plan(Plan::ggop("B2").municipality("461")).bytes();
        let message = desk.incoming("beskedfordeler", carrying("1", &base64(&far)));
        let taken = desk.take(message)?.remove(0);
        assert_eq!((taken.state, code(&taken).as_str()), (State::Parked, "OUTSIDE_AGREEMENT"));
        let id = format!("#{}", taken.item);
        let said = people::resend(desk.tx, desk.world, &id, &person())?;
        assert!(said.contains("OUTSIDE_AGREEMENT"), "read as the plan that it is, and not as an event: {said}");
        Ok(())
    });
}

#[test]
fn an_event_may_be_carried_too_and_a_damaged_letter_is_the_letters_fault() {
    on_a_ledger(|desk| {
        let case = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";
        let mut event = canonical("rehab.level.set", "e-1", "/taarnby/cura", case, json!({"level": "basal"}));
        event["residence"] = json!("155");
        let message = desk.incoming("beskedfordeler", carrying("1", &format!("<![CDATA[{event}]]>")));
        let taken = desk.take(message)?.remove(0);
        assert_eq!(taken.state, State::Routed, "{taken:?}");
        assert_eq!(desk.event(&event)?.state, State::Duplicate);
        let damaged = element(&plan()).replace("GGOP100", "GGOP1");
        let message = desk.incoming("beskedfordeler", carrying("2", &damaged));
        assert_eq!(code(&desk.take(message)?[0]), "VERSION_UNKNOWN");
        Ok(())
    });
}

#[test]
fn what_nobody_knows_is_kept_as_what_it_was_and_nothing_is_carried_twice() {
    on_a_ledger(|desk| {
        let inner = carrying("2", &base64(&plan()));
        for (id, data) in
            [("1", inner.clone()), ("3", base64(inner.as_bytes())), ("4", "<a xmlns='urn:a'/>".to_owned())]
        {
            let message = desk.incoming("beskedfordeler", carrying(id, &data));
            let taken = desk.take(message)?.remove(0);
            assert_eq!(taken.state, State::Recorded, "{taken:?}");
            let what = desk.story(taken.item)?.item.what;
            assert_eq!(what, "Ukendt beskedtype (11111111-2222-4333-8444-555555555555)");
        }
        Ok(())
    });
}

#[test]
fn what_kombit_brings_speaks_for_kombit_itself_and_for_whom_the_settings_name() {
    let of_cura = || {
        let case = "rehab-6fb927da-3be1-4b9f-8875-a6326617d20b";
        let mut event = canonical("rehab.level.set", "e-1", "/taarnby/cura", case, json!({"level": "basal"}));
        event["residence"] = json!("155");
        format!("<![CDATA[{event}]]>").into_bytes()
    };
    let of_kombit = || {
        let data = json!({"citizen": {"cpr": "2512489996"}, "date": "2026-11-22"});
        let mut news = canonical("citizen.died", "died", "/kombit/beskedfordeler", "", data);
        news.as_object_mut().unwrap().remove("subject");
        format!("<![CDATA[{news}]]>").into_bytes()
    };
    let plans = || base64(&plan()).into_bytes();
    for (sources, data, expected) in [
        (&[][..], of_cura(), "SENDER_MISMATCH"),
        (&["/taarnby/momentum", "/taarnby/cur"], of_cura(), "SENDER_MISMATCH"),
        (&["/taarnby/cura"], of_cura(), ""),
        (&["/taarnby"], of_cura(), ""),
        (&[], plans(), "SENDER_MISMATCH"),
        (&["/hospital"], plans(), ""),
        (&[], of_kombit(), ""),
        (&["/taarnby"], of_kombit(), ""),
    ] {
        let settings = sources.iter().map(|source| (*source).to_owned()).collect();
        on_a_ledger_in(&world().carrying(&settings), |desk| {
            let data = String::from_utf8(data).unwrap();
            let mut message = desk.incoming("beskedfordeler", carrying("1", &data));
            message.sender_user = Some(prepare::FOREIGN.to_owned());
            let taken = desk.take(message.clone())?.remove(0);
            assert_eq!(code(&taken), expected, "{sources:?}");
            // What came to the hub's own broker is its senders' business.
            message.sender_user = None;
            message.body = carrying("2", &data).into();
            assert_ne!(code(&desk.take(message)?[0]), "SENDER_MISMATCH");
            Ok(())
        });
    }
}
