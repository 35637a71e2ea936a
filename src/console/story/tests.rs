use jiff::Timestamp;

use super::tell::{Names, Told};
use super::*;
use crate::intake::people::{self, Person as Actor};
use crate::intake::tests::{NOW, at, world};
use crate::intake::{prepare, record};
use crate::ledger::delivery::Outcome;
use crate::ledger::{Tx, receipt, try_out};
use budstikke_testkit::plans::{Message, Plan};

/// A plan that is routed, delivered, refused and sent again; another one that is parked.
fn fill(tx: &mut Tx<'_>) -> Result<(), Error> {
    let world = world();
    let letters = Message::new("K1").plan(Plan::ggop("B1")).plan(Plan::ggop("B2").municipality("461"));
    let message = prepare::Incoming {
        source: "rehab-plan".to_owned(),
        media_type: None,
        sender_user: Some("hospital".to_owned()),
        reply_to: None,
        redelivered: false,
        received: at(NOW),
        body: letters.bytes().into(),
    };
    record::record(tx, &world, &prepare::prepare(&world, message).unwrap())?;
    let delivery = tx.deliveries_of(1)?.remove(0);
    tx.settle(delivery.seq, &Outcome::Delivered)?;
    let delivery = tx.deliveries_of(1)?.remove(0);
    tx.keep_receipt(&delivery, receipt::Status::Rejected, "Ukendt 2512489996")?;
    let actor = Actor { user: "asta".to_owned(), reason: "prøver igen".to_owned() };
    people::resend(tx, &world, &delivery.id.to_string(), &actor).map(drop)
}

fn told() -> (Told, Timestamp) {
    let now = at(NOW);
    let clock = crate::clock::Clock::starting_at(now);
    let told = try_out(None, &clock, |tx| {
        fill(tx)?;
        let whole = |tx: &mut Tx<'_>, item| Ok(Seen { whole: tx.reader().whole_story(item)?, content: item == 1 });
        let stories = [whole(tx, 1)?, whole(tx, 2)?];
        let names = Names::from([("taarnby/genoptraening".to_owned(), "Genoptræning".to_owned())]);
        Ok(Told::of(&stories, &names, now))
    });
    (told.unwrap(), now)
}

#[test]
fn a_story_says_what_happened_why_and_who_did_what() {
    let (told, _) = told();
    let page = format!("{told:?}");
    for said in [
        "#1: Modtaget fra rehab-plan",
        "Sendt af brugeren hospital",
        "#1: Fordelt",
        "Efter S1",
        "Opgave til Genoptræning (taarnby/genoptraening): på vej",
        "Orientering til dragoer/genoptraening: leveret",
        "har afvist det",
        "asta sendte det igen (en levering)",
        "Begrundelse: prøver igen",
        "Pligt for taarnby",
        "#2: Parkeret: venter på et menneske",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    assert_eq!(told.heads.len(), 2);
    assert_eq!((told.heads[0].said.len(), told.heads[1].said.len()), (1, 0), "what a receiver said can be asked for");
    assert!(told.heads[1].reason.is_some());
}

#[test]
fn a_story_holds_no_content() {
    let page = format!("{:?}", told().0);
    for content in ["2512489996", "251248", "Nancy", "Berggren", "Ukendt 25"] {
        assert!(!page.contains(content), "{content}");
    }
}
