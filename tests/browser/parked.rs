//! Operations send on what is parked: first they see which, and afterwards what came of each.

use crate::house::{House, sample};

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_shown_sent_again_and_reported_line_by_line() {
    let house = House::with(&[]).await;
    let folder = tempfile::tempdir().expect("a directory");
    for number in [1, 2] {
        let name = folder.path().join(format!("{number}.xml"));
        let plan = sample("05-plan-odense.xml").replace("DEMO", &format!("OUT{number}"));
        std::fs::write(&name, plan).expect("a plan");
        house.sends("rehab-plan", &[name]).await;
    }
    let visitor = house.visitor("drift", "Drift Test", &["operator"]).await;
    visitor
        .does(async {
            visitor.follows("Parkeret").await;
            visitor.sees("OUTSIDE_AGREEMENT").await;
            visitor.looks_closely("parkeret-to").await;
            visitor.follows("OUTSIDE_AGREEMENT").await;
            visitor.presses("Vis listen over hele gruppen").await;
            visitor.sees("Skal det gøres med alle 2").await;
            visitor.looks_closely("parkeret-liste-vist").await;
            visitor.presses("Send igen: alle 2").await;
            visitor.sees("2 af 2").await;
            visitor.looks_closely("parkeret-liste-faerdig").await;
            visitor.follows("Parkeret").await;
            visitor.sees("Liste 1").await;
        })
        .await;
    assert_eq!(visitor.complaints().await, Vec::<String>::new());
    house.running.stop().await;
    let proof = house.program.proof().await;
    assert_eq!(proof["parked"], 2, "the agreement has not changed, so they are parked again: {proof}");
}
