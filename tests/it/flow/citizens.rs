//! What comes from the Beskedfordeler: news of citizens, and what it carries for others.

use budstikke::duty::State;
use budstikke_testkit::plans::{Message, Plan};

use super::rig::{DRAGOER, Rig, TAARNBY};
use super::wire::Given;

const MOVE: &str = "urn:budstikke:personhaendelse:flytning";
const DEATH: &str = "urn:budstikke:personhaendelse:doedsfald";
const PROTECTION: &str = "urn:budstikke:personhaendelse:navne-og-adressebeskyttelse";

/// A message of the Beskedfordeler about the citizen of the plans, in its wrapper.
fn news(id: &str, code: &str, day: &str, data: &str) -> Given {
    let body = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><w:ModtagBeskedInput xmlns:w="urn:oio:sts:1.0.0" xmlns:k="urn:oio:besked:kuvert:1.0" xmlns="urn:oio:sagdok:3.0.0"><k:Haendelsesbesked><k:BeskedId><UUIDIdentifikator>{id}</UUIDIdentifikator></k:BeskedId><k:BeskedVersion>1.0</k:BeskedVersion><k:Beskedkuvert><k:Filtreringsdata><k:Beskedtype><UUIDIdentifikator>248CE14C-a863-4fb5-9e6f-7df9ea850809</UUIDIdentifikator></k:Beskedtype><k:ObjektRegistrering><k:Registreringstidspunkt><TidsstempelDatoTid>2026-11-22T11:00:00</TidsstempelDatoTid></k:Registreringstidspunkt><k:ObjektId><URNIdentifikator>urn:oio:cpr-nr:2512489996</URNIdentifikator></k:ObjektId><k:ObjektHandling><URNIdentifikator>{code}</URNIdentifikator></k:ObjektHandling></k:ObjektRegistrering></k:Filtreringsdata><k:Leveranceinformation/><k:GyldighedFra><TidsstempelDatoTid>{day}T00:00:00</TidsstempelDatoTid></k:GyldighedFra></k:Beskedkuvert><k:Beskeddata>{data}</k:Beskeddata></k:Haendelsesbesked></w:ModtagBeskedInput>"#
    );
    Given::to("beskedfordeler", body)
}

fn lives_in(municipality: &str, since: &str) -> String {
    format!(
        "<b:callCPRBasicInformationResponse xmlns:b='http://serviceplatformen.dk/xml/wsdl/soap11/CPRBasicInformationService/1/'><b:pnr>2512489996</b:pnr><b:kommunekode>{municipality}</b:kommunekode><b:tilflytningsdato>{since}</b:tilflytningsdato></b:callCPRBasicInformationResponse>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_a_citizen_reaches_whoever_has_something_open() {
    let mut rig = Rig::start().await;
    rig.send(&news("1", DEATH, "2020-01-01", ""), 1).await;
    rig.taken().await;
    rig.plan(Plan::ggop("B1").cpr("0108589995").municipality("155")).await;
    rig.got_one(TAARNBY).await;
    rig.send(&news("2", MOVE, "2026-12-01", &lives_in("185", "2026-12-01")), 1).await;
    rig.taken().await;
    assert!(rig.has(TAARNBY).len() == 1, "the plan is about somebody else");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_a_protection_and_a_death_in_the_middle_of_a_course() {
    let mut rig = Rig::start().await;
    rig.plan(Plan::ggop("B1").cpr("2512489996").municipality("155")).await;
    rig.got_one(TAARNBY).await;
    let plan = rig.got_one(DRAGOER).await.json();
    assert!(plan.get("protected").is_none());

    let moved = news("1", MOVE, "2026-12-01", &lives_in("185", "2026-12-01"));
    rig.send(&moved, 1).await;
    // The network may hand it over twice.
    rig.send(&moved, 1).await;
    for mailbox in [TAARNBY, DRAGOER] {
        let told = rig.got(mailbox, 2).await.remove(1).json();
        assert_eq!(told["type"], "dk.budstikke.citizen.moved.v1");
        assert_eq!((&told["deliveredas"], &told["clause"]), (&"information".into(), &"S1 2".into()));
        assert_eq!(told["data"]["open_duties"][0]["owed_by"], "taarnby");
        assert_eq!((&told["data"]["from"], &told["data"]["municipality"]), (&"2026-12-01".into(), &"185".into()));
    }

    rig.send(&news("2", PROTECTION, "2026-11-22", ""), 1).await;
    for mailbox in [TAARNBY, DRAGOER] {
        let told = rig.got(mailbox, 3).await.remove(2).json();
        assert_eq!((&told["type"], &told["protected"]), (&"dk.budstikke.citizen.protected.v1".into(), &"true".into()));
    }

    rig.send(&news("3", DEATH, "2026-11-22", ""), 1).await;
    for mailbox in [TAARNBY, DRAGOER] {
        let told = rig.got(mailbox, 4).await.remove(3).json();
        assert_eq!((&told["type"], &told["protected"]), (&"dk.budstikke.citizen.died.v1".into(), &"true".into()));
        assert_eq!(told["data"]["closed_duties"][0]["owed_by"], "taarnby");
    }
    let duty = rig.duties().await.remove(0);
    assert_eq!(duty.state, State::Closed);
    assert!(duty.closed_because.is_some_and(|why| why.contains("død")));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_the_beskedfordeler_carries_is_a_plan() {
    let mut rig = Rig::start().await;
    let letter = Message::new("K1").plan(Plan::ggop("B1").municipality("155")).bytes();
    let data = format!("<x:Base64 xmlns:x='urn:besked:kuvert:1.0'>{}</x:Base64>", base64(&letter));
    rig.send(&news("1", "urn:x:anything", "2026-11-22", &data), 1).await;
    rig.got_one(TAARNBY).await;
    rig.got_one(DRAGOER).await;
    rig.send(&Given::to("rehab-plan", letter), 1).await;
    rig.taken().await;
    rig.finish().await;
}

/// Base64, as an encoder writes it.
fn base64(bytes: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine};
    BASE64_STANDARD.encode(bytes)
}
