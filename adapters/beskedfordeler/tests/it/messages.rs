//! What a message says, in every way that it may be written.

use budstikke_beskedfordeler::Beskedfordeler;
use budstikke_contract::adapter::{Adapter, CaseClue, ItemBody};
use budstikke_contract::event::Occurred;
use jiff::civil::date;

use crate::fixture::{adapter, changed, draft, fixture, item, translate};

const BARE: &str = "moved.xml";

#[test]
fn prefixes_wrapper_and_payload_encoding_make_no_difference() {
    let (plain, wrapped) = (draft(&fixture(BARE)), draft(&fixture("moved-base64.xml")));
    assert_eq!(
        (&plain.data["from"], &plain.data["municipality"]),
        (&wrapped.data["from"], &wrapped.data["municipality"])
    );
    assert_eq!(draft(&fixture("moved-base64-oio.xml")).data["municipality"], "155");
    assert_eq!(draft(&fixture("moved-repeated-data.xml")).data["from"], "2026-12-01");
}

#[test]
fn a_message_that_brings_somebody_elses_data_goes_to_nobody() {
    let reason = |body: &[u8]| match item(body).body {
        ItemBody::Refused(reason) => reason,
        other @ (ItemBody::Event(_) | ItemBody::Record { .. }) => panic!("not refused: {other:?}"),
    };
    let refused = reason(&fixture("refused-of-another.xml"));
    assert_eq!(
        (refused.code.as_str(), refused.path.as_deref()),
        ("FIELD_INVALID", Some("Haendelsesbesked/Beskeddata"))
    );
    let unreadable = changed("refused-of-another.xml", "<b:pnr>0108589995", "<b:pnr>somebody");
    assert_eq!(reason(&unreadable).code.as_str(), "FIELD_INVALID");
    let nobody = changed("refused-of-another.xml", "<b:pnr>0108589995</b:pnr>", "");
    assert!(!draft(&nobody).data.contains_key("municipality"), "of whom it does not say is nobody's");
}

#[test]
fn a_day_is_a_danish_day() {
    let read = draft(&fixture("moved-from-envelope.xml"));
    assert_eq!(read.occurred, Some(Occurred::On(date(2026, 12, 1))), "23:30 UTC is the next day in Denmark");
    let read = draft(&changed("moved-from-envelope.xml", "2026-11-30T23:30:00Z", "2026-11-30T23:30:00"));
    assert_eq!(read.occurred, Some(Occurred::On(date(2026, 11, 30))));
}

#[test]
fn a_time_without_a_zone_is_danish_and_its_text_is_kept() {
    let read = draft(&fixture(BARE));
    assert_eq!(read.time.to_string(), "2026-11-22T07:00:00Z");
    assert_eq!(read.data["reported"]["registered"], "2026-11-22T08:00:00");
}

#[test]
fn it_is_known_by_its_senders_id_and_delivering_it_again_changes_nothing() {
    let first = item(&fixture(BARE));
    let route = "<k:Leveranceruter><k:Leverancerute><k:LeveranceruteLokalUdvidelse><k:AntalLeveranceforsoeg>2</k:AntalLeveranceforsoeg></k:LeveranceruteLokalUdvidelse></k:Leverancerute></k:Leveranceruter><k:Sikkerhedsklassificering>";
    let again = item(&changed(BARE, "<k:Sikkerhedsklassificering>", route));
    assert_eq!((first.key.as_deref(), &first.content), (again.key.as_deref(), &again.content));
    assert_eq!(first.key.as_deref(), Some("cf12c051-39ce-4066-ba11-704b46fa23c4/6fb927da-3be1-4b9f-8875-a6326617d201"));
    let upper = item(&changed(BARE, "6fb927da-3be1-4b9f-8875-a6326617d201", "6FB927DA-3BE1-4B9F-8875-A6326617D201"));
    assert_eq!(first.key, upper.key);
    let other = item(&changed(BARE, "<b:kommunekode>185", "<b:kommunekode>155"));
    assert_ne!(first.content, other.content);
}

#[test]
fn each_registration_is_an_item_of_its_own() {
    let items = translate(&fixture("several.xml")).items;
    let numbers: Vec<_> = items.iter().map(|item| item.key.as_ref().unwrap().rsplit_once('#').unwrap().1).collect();
    assert_eq!(numbers, ["1", "2", "3"]);
    let citizens: Vec<_> = items
        .iter()
        .map(|item| match &item.body {
            ItemBody::Event(draft) => draft.citizen.as_ref().unwrap().reveal().to_owned(),
            ItemBody::Record { what } => what.clone(),
            ItemBody::Refused(reason) => panic!("{reason}"),
        })
        .collect();
    assert_eq!(citizens, ["2512489996", "CPR-hændelse Fødsel", "0505059996"]);
}

#[test]
fn what_is_told_of_one_citizen_is_one_case() {
    let likeness = |name: &str| match draft(&fixture(name)).case {
        CaseClue::Derived { likeness, area, .. } => (area, likeness),
        CaseClue::Key(_) | CaseClue::None => panic!("another clue"),
    };
    assert_eq!(likeness(BARE), likeness("died.xml"));
    assert_ne!(likeness(BARE), likeness("protected.xml"));
}

#[test]
fn citizens_of_one_message_have_cases_of_their_own() {
    let first = |body: &ItemBody| match body {
        ItemBody::Event(draft) => match &draft.case {
            CaseClue::Derived { first, .. } => Some(first.clone()),
            CaseClue::Key(_) | CaseClue::None => None,
        },
        ItemBody::Record { .. } | ItemBody::Refused(_) => None,
    };
    let mut cases: Vec<_> = translate(&fixture("several.xml")).items.iter().filter_map(|it| first(&it.body)).collect();
    cases.dedup();
    assert_eq!(cases.len(), 2);
}

#[test]
fn a_number_means_what_the_table_says_and_nothing_by_itself() {
    let body = fixture("number-known-by-table.xml");
    assert_eq!(draft(&body).kind.name(), "citizen.moved");
    let shipped = Beskedfordeler::default();
    let raw = budstikke_contract::adapter::Raw { body: &body, received: crate::fixture::at() };
    let items = shipped.translate(&raw).items;
    assert!(matches!(&items[0].body, ItemBody::Record { what } if what == "CPR-hændelse (907)"), "{items:?}");
    let earlier = changed("number-known-by-table.xml", "2026-11-22T08:00:00", "2025-11-22T08:00:00");
    assert!(matches!(&item(&earlier).body, ItemBody::Record { .. }), "the table begins in 2026");
}

#[test]
fn what_it_carries_for_others_can_be_taken_out() {
    let carried = |name: &str| adapter().carried(&fixture(name));
    assert_eq!(carried("record-post-status.xml").unwrap(), b"<a/>");
    assert!(carried("moved-thin.xml").is_none());
    assert!(carried("refused-two-payloads.xml").is_none());
    assert!(carried("refused-bad-base64.xml").is_none());
    assert!(carried("refused-not-xml.txt").is_none());
}
