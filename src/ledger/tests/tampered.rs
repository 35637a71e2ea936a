//! A ledger with something in every table, and everything that someone could change in it.

use super::*;
use crate::intake::people::{self, Person};
use crate::intake::tests::{NOW, at, world};
use crate::intake::{prepare, record};
use budstikke_testkit::plans::{Message, Plan};

/// A plan that is routed, delivered, refused and looked at; another one that is parked.
fn fill(tx: &mut Tx<'_>) -> Result<(), Error> {
    let world = world();
    let incoming = |source: &str, body: Vec<u8>| prepare::Incoming {
        source: source.to_owned(),
        media_type: None,
        sender_user: None,
        reply_to: None,
        redelivered: false,
        received: at(NOW),
        body: body.into(),
    };
    let letters = Message::new("K1").plan(Plan::ggop("B1")).plan(Plan::ggop("B2").municipality("461"));
    let prepared = prepare::prepare(&world, incoming("rehab-plan", letters.bytes())).unwrap();
    record::record(tx, &world, &prepared)?;
    let delivery = tx.deliveries_of(1)?.remove(0);
    tx.settle(delivery.seq, &Outcome::Delivered)?;
    let delivery = tx.deliveries_of(1)?.remove(0);
    tx.keep_receipt(&delivery, receipt::Status::Rejected, "nej")?;
    tx.look("asta", "prøve", Sight::Event(1))?;
    let person = Person { user: "asta".to_owned(), reason: "prøve".to_owned() };
    people::resend(tx, &world, &delivery.id.to_string(), &person).map(drop)
}

#[tokio::test]
async fn nothing_can_be_changed_or_taken_away_unseen() {
    let whole = fixture();
    whole.ledger.write(fill).await.unwrap();
    let report = verify(&whole.ledger, None).await;
    assert!(report.is_good(), "{report:?}");
    drop(whole.ledger);
    let tables = [
        "message",
        "body",
        "item",
        "event",
        "event_body",
        "delivery",
        "reply",
        "reply_body",
        "duty",
        "receipt",
        "receipt_body",
        "action",
        "access",
        "access_citizen",
        "entry",
    ];
    let gone = tables.map(|table| format!("DELETE FROM {table}"));
    let changed = [
        "UPDATE event SET law = 'SEL § 1'",
        "UPDATE event SET residence = '185'",
        "UPDATE event SET case_key = 'rehab-x'",
        "UPDATE event SET day = '2020-01-01'",
        "UPDATE event SET decision = replace(decision, 'taarnby', 'dragoer')",
        "UPDATE item SET reason = 'andet' WHERE state = 'parked'",
        "UPDATE item SET event = NULL WHERE event IS NOT NULL",
        "UPDATE delivery SET mailbox = 'dragoer/andre'",
        "UPDATE delivery SET why = '{\"rules\":[]}'",
        "UPDATE duty SET doc = replace(doc, 'taarnby', 'dragoer')",
        "UPDATE reply SET kind = 'XCTL99'",
        "UPDATE receipt SET status = 'accepted'",
        "UPDATE action SET reason = 'en anden'",
        "UPDATE access SET purpose = 'et andet'",
        "UPDATE access SET ref = 2",
        "UPDATE access SET event = 2",
        "UPDATE access SET message = NULL, event = NULL",
        "UPDATE access_citizen SET mark = (SELECT content FROM message ORDER BY seq LIMIT 1)",
    ];
    for sql in gone.iter().map(String::as_str).chain(changed) {
        let report = books::tampered(whole.folder.path(), sql).await;
        assert!(!report.is_good(), "not found: {sql}");
    }
}
