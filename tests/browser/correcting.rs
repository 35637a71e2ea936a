//! What cannot be read is corrected by one person and approved by another; until then it stays where
//! it is, and afterwards it can be seen who did what.

use serde_json::Value;

use crate::browser::Browser;
use crate::house::{House, sample};

/// An event with a member that its kind does not have, and as it should be.
pub(crate) fn spoiled_and_mended() -> (String, String) {
    let mended: Value = serde_json::from_str(&sample("17-training-2021-08-31.json")).expect("JSON");
    let mut spoiled = mended.clone();
    spoiled["data"]["ukendt"] = "<b>Mystisk</b>".into();
    (serde_json::to_string_pretty(&spoiled).expect("JSON"), mended.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_corrected_by_one_and_let_on_by_another() {
    let house = House::with(&[]).await;
    let (spoiled, mended) = spoiled_and_mended();
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("event.json");
    std::fs::write(&file, spoiled).expect("a message");
    house.sends("events", &[file]).await;
    let pia = house.visitor("pia", "Pia Test", &["postmaster"]).await;
    let per = house.visitor("per", "Per Test", &["postmaster"]).await;
    pia.does(corrects(&pia, &mended)).await;
    per.does(approves(&per)).await;
    pia.does(async {
        // Hers is decided about, and she is told so.
        pia.goes_to("/parkeret/besked/1").await;
        pia.sees("gælder").await;
        assert!(!pia.text().await.contains("Åbn indholdet, og ret det"), "there is nothing left to correct");
    })
    .await;
    let tove = house.visitor("tove", "Tove Test", &["caseworker:taarnby/genoptraening"]).await;
    tove.does(async {
        tove.goes_to("/forloeb/post/1").await;
        for told in ["Parkeret", "pia foreslog en rettelse", "per godkendte en rettelse", "Fordelt"] {
            tove.sees(told).await;
        }
        tove.looks_closely("forloeb-rettet").await;
    })
    .await;
    for visitor in [&pia, &per, &tove] {
        assert_eq!(visitor.complaints().await, Vec::<String>::new());
    }
    house.running.stop().await;
    let proof = house.program.proof().await;
    assert_eq!((&proof["routed"], &proof["parked"]), (&1.into(), &0.into()), "{proof}");
}

/// She opens what is parked for a purpose, corrects it, and cannot approve it herself.
async fn corrects(pia: &Browser, mended: &str) {
    pia.follows("Parkeret").await;
    pia.follows("EVENT_SCHEMA").await;
    pia.follows("#1").await;
    pia.follows("Åbn indholdet, og ret det").await;
    pia.sees("Det er et kig på en borgers oplysninger").await;
    assert!(!pia.text().await.contains("Mystisk"), "nothing is shown before it is said what for");
    pia.presses("Vis indholdet").await;
    pia.sees("Beskeden, som den skal læses").await;
    let shown = pia.run("return document.querySelector('textarea').value", vec![]).await;
    assert!(shown.as_str().is_some_and(|text| text.contains("\"<b>Mystisk</b>\"")), "as it came: {shown}");
    pia.looks_closely("parkeret-ret").await;
    pia.writes("Beskeden, som den skal læses", mended).await;
    pia.writes("Hvorfor, og efter aftale med hvem", "feltet findes ikke, aftalt med afsenderen").await;
    pia.presses("Gem til godkendelse").await;
    pia.sees("Rettelsen er gemt og venter på, at en anden godkender den.").await;
    pia.looks_closely("parkeret-rettet").await;
    pia.follows("Rettelse 1").await;
    pia.presses("Vis indholdet").await;
    pia.sees("Du har selv skrevet rettelsen. En anden skal godkende den.").await;
    assert!(!pia.text().await.contains("Godkend, og send beskeden videre"), "she has no such button");
}

/// He sees what is changed, and lets it on.
async fn approves(per: &Browser) {
    per.follows("Parkeret").await;
    per.sees("Rettelser, der venter på godkendelse").await;
    per.follows("Rettelse 1").await;
    per.presses("Vis indholdet").await;
    per.sees("feltet findes ikke, aftalt med afsenderen").await;
    per.sees("<b>Mystisk</b>").await;
    per.looks_closely("parkeret-rettelse").await;
    per.presses("Godkend, og send beskeden videre").await;
    per.sees("Det er gjort.").await;
    per.looks_closely("parkeret-godkendt").await;
}
