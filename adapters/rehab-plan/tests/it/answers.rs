//! Who is answered what, rule by rule.

use budstikke_contract::adapter::{Adapter, Fate, Reply};
use budstikke_contract::reason::{Code, Reason};
use budstikke_rehab_plan::RehabPlan;
use budstikke_testkit::plans::{Message, Plan, Vans};

use crate::fixture::{at, changed, fixture, text, translate};

fn refused() -> Fate {
    Fate::Refused(Reason::new(Code::new("FIELD_MISSING"), "Noget mangler."))
}

fn misaddressed() -> Fate {
    Fate::Misaddressed(Reason::new(Code::new("OUTSIDE_AGREEMENT"), "Kommunen er ikke med – endnu €."))
}

fn replies(body: &[u8], fates: &[Fate]) -> Vec<Reply> {
    let answer = translate(body).answer.expect("it can be answered");
    answer.replies(fates, at())
}

fn kinds(replies: &[Reply]) -> Vec<&'static str> {
    replies.iter().map(|reply| reply.kind).collect()
}

/// A message with as many letters as asked for.
fn message(letters: usize) -> Message {
    (0..letters).fold(Message::new("KUVERT1"), |message, n| message.plan(Plan::ggop(format!("BREV{n}"))))
}

#[test]
fn positive_where_asked_for_and_negative_always() {
    let quiet = message(1).wants_positive(false);
    assert_eq!(kinds(&replies(&message(1).bytes(), &[Fate::Held])), ["XCTL03"]);
    assert_eq!(kinds(&replies(&quiet.bytes(), &[Fate::Held])), [""; 0]);
    assert_eq!(kinds(&replies(&quiet.bytes(), &[refused()])), ["XCTL02"]);
    let enveloped = quiet.vans(Vans::numbered(1));
    assert_eq!(kinds(&replies(&enveloped.bytes(), &[Fate::Held])), ["PositiveMessage"]);
}

#[test]
fn letters_with_fates_of_their_own() {
    let four = message(4).vans(Vans::numbered(1)).bytes();
    let fates = [Fate::Held, refused(), misaddressed(), Fate::Answered];
    let bare = replies(&message(4).bytes(), &fates);
    assert_eq!(kinds(&bare), ["XCTL03", "XCTL02"]);
    let (positive, negative) = (text(&bare[0]), text(&bare[1]));
    for (letter, told) in
        [("BREV0", [true, false]), ("BREV1", [false, true]), ("BREV2", [false, true]), ("BREV3", [false; 2])]
    {
        assert_eq!([positive.contains(letter), negative.contains(letter)], told, "{letter}");
    }
    assert!(!negative.split("<OriginalLetter>").next().unwrap().contains("RefuseCode"), "{negative}");
    assert!(negative.contains("<RefuseCode>problem_med_modtagerID</RefuseCode>"));
    assert!(negative.contains("endnu &#8364;.") && negative.contains("&#8211;"), "{negative}");
    assert_eq!(bare[1].code, Some("syntaksfejl"));
    assert_eq!(kinds(&replies(&four, &fates)), ["XCTL03", "XCTL02", "PositiveMessage"]);
    let all_refused = [refused(), refused(), misaddressed(), misaddressed()];
    assert_eq!(kinds(&replies(&four, &all_refused)), ["XCTL02", "NegativeMessage"]);
    let one_new = [Fate::Answered, Fate::Answered, Fate::Answered, refused()];
    assert_eq!(kinds(&replies(&four, &one_new)), ["XCTL02", "PositiveMessage"], "the others were taken before");
    assert_eq!(kinds(&replies(&four, &[const { Fate::Answered }; 4])), [""; 0]);
}

#[test]
fn what_was_refused_as_a_whole_is_told_so() {
    let all = replies(&message(2).bytes(), &[misaddressed(), refused()]);
    let whole = text(&all[0]);
    let whole = whole.split("<OriginalLetter>").next().unwrap();
    assert!(whole.contains("<RefuseCode>problem_med_modtagerID</RefuseCode>"), "{whole}");
    assert_eq!(all[0].code, Some("problem_med_modtagerID"));
}

#[test]
fn a_letter_without_a_number_does_not_take_back_the_one_beside_it() {
    let two = String::from_utf8(message(2).bytes()).unwrap().replace("<Identifier>BREV1</Identifier>", "");
    let answer = text(&replies(two.as_bytes(), &[Fate::Held, refused()])[1]);
    assert!(answer.contains("</OriginalReceiver><OriginalLetter><OriginalLetterIdentifier>ukendt<"), "{answer}");
    let alone = text(&replies(two.as_bytes(), &[refused(), refused()])[0]);
    assert!(alone.contains("</OriginalReceiver><RefuseCode>syntaksfejl<"), "{alone}");
    assert!(!alone.contains("ukendt") && alone.contains("BREV0"), "{alone}");
}

#[test]
fn an_envelope_without_a_number_is_answered_all_the_same() {
    let nameless = changed("ggop.xml", "<Identifier>HK2611200001</Identifier>", "");
    let answer = text(&replies(&nameless, &[refused()])[0]);
    assert!(answer.contains("<OriginalEnvelopeIdentifier>ukendt<"), "{answer}");
    assert!(translate(&nameless).transport.is_none());
}

#[test]
fn every_hospital_hears_of_its_own_letters_only() {
    let other = Plan::ggop("FREMMED").sender("5790000000043");
    let replies = replies(&message(1).plan(other).bytes(), &[Fate::Held, Fate::Held]);
    assert_eq!(kinds(&replies), ["XCTL03", "XCTL03"]);
    assert_eq!(replies.iter().map(|reply| reply.to.as_str()).collect::<Vec<_>>(), ["5790000000012", "5790000000043"]);
    assert!(!text(&replies[0]).contains("FREMMED") && !text(&replies[1]).contains("BREV0"));
    assert_ne!(replies[0].body, replies[1].body);
}

#[test]
fn a_receipt_names_at_most_99_letters() {
    let many = replies(&message(100).bytes(), &vec![Fate::Held; 100]);
    let named = |reply: &Reply| text(reply).matches("<OriginalLetter>").count();
    assert_eq!(many.iter().map(named).collect::<Vec<_>>(), [99, 1]);
    assert_ne!(many[0].body, many[1].body);
}

#[test]
fn more_letters_than_are_read_are_refused_as_a_whole() {
    let body = message(1001).bytes();
    assert_eq!(translate(&body).items.len(), 1);
    let answers = replies(&body, &[refused()]);
    assert_eq!(kinds(&answers), ["XCTL02"]);
    assert!(text(&answers[0]).contains("<OriginalEnvelopeIdentifier>KUVERT1<"));
    assert_eq!(translate(&message(1000).bytes()).items.len(), 1000);
}

#[test]
fn numbers_longer_than_a_receipt_allows_are_cut() {
    let long = Message::new("K".repeat(20)).plan(Plan::ggop("B".repeat(20)).receiver("9".repeat(40))).bytes();
    let answer = text(&replies(&long, &[refused()])[0]);
    for (name, max) in [("OriginalEnvelopeIdentifier", 14), ("OriginalLetterIdentifier", 14), ("EANIdentifier", 35)] {
        for value in answer.split(&format!("<{name}>")).skip(1) {
            assert!(value.split('<').next().unwrap().len() <= max, "{name}");
        }
    }
}

#[test]
fn the_network_is_answered_where_it_asks_and_the_standard_always() {
    let unreliable = message(1).vans(Vans::numbered(1).reliable(false)).bytes();
    assert_eq!(kinds(&replies(&unreliable, &[refused()])), ["XCTL02"]);
    // No letter can be read, and the envelope tells who sent it.
    let broken = replies(&fixture("vans-wrong-size.xml"), &[refused()]);
    assert_eq!(kinds(&broken), ["NegativeMessage"]);
    assert_eq!(broken[0].to.as_str(), "5790000000012");
    // An envelope from no location number: the letter tells it, or nobody does.
    let from = |name: &str| changed(name, "\"EAN\">5790000000012", "\"CVR\">12345678");
    assert_eq!(replies(&from("vans-ggop.xml"), &[Fate::Held]).len(), 2);
    assert!(translate(&from("vans-wrong-size.xml")).answer.is_none());
}

#[test]
fn who_cannot_be_named_is_not_answered() {
    assert!(translate(b"<Emessage/>").answer.is_none());
    assert!(translate(&fixture("not-xml.txt")).answer.is_none());
    let anonymous = changed("ggop.xml", "5790000000012", "ukendt");
    assert!(translate(&anonymous).answer.is_none());
}

#[test]
fn a_repeat_is_the_same_answer_in_a_new_envelope() {
    let later = "2026-11-20T11:15:00Z".parse().unwrap();
    for reply in replies(&message(1).vans(Vans::numbered(1)).bytes(), &[Fate::Held]) {
        let repeat = |n| String::from_utf8(RehabPlan.repeat_reply(&reply.body, n, later)).unwrap();
        let original = text(&reply);
        let (head, rest) = original.split_once("<EnvelopeIdentifier>").unwrap();
        let (_, rest) = rest.split_once("</SentDateTime>").unwrap();
        let again = repeat(1);
        assert!(again.starts_with(head) && again.ends_with(rest), "{again}");
        assert!(again.contains("<SentDateTime>2026-11-20T12:15:00</SentDateTime>"), "{again}");
        assert_eq!(again, repeat(1));
        assert!(again != original && again != repeat(2));
    }
    let bare = &replies(&message(1).bytes(), &[Fate::Held])[0];
    assert_eq!(RehabPlan.repeat_reply(&bare.body, 1, later), bare.body);
}

#[test]
fn the_same_fates_at_the_same_time_give_the_same_bytes() {
    let body = message(2).vans(Vans::numbered(1)).bytes();
    let fates = [Fate::Held, misaddressed()];
    assert_eq!(replies(&body, &fates), replies(&body, &fates));
    let other = Message::new("KUVERT2").plan(Plan::ggop("BREV0")).bytes();
    assert_ne!(replies(&other, &[Fate::Held])[0].body, replies(&message(1).bytes(), &[Fate::Held])[0].body);
}
