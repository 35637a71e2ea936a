//! A team finds what has come: by the case, and by the citizen, whose number stands in no address.

use std::path::PathBuf;

use crate::browser::{Browser, ENTER};
use crate::house::House;
use crate::wait;

/// The citizen of the plan, as people write it.
const NUMBER: &str = "251248-9996";

#[tokio::test(flavor = "multi_thread")]
async fn what_has_come_is_found_by_its_case_and_its_citizen_and_read_and_printed() {
    let house = House::with(&[]).await;
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/samples"));
    house.sends("rehab-plan", &[folder.join("01-plan.xml")]).await;
    house.sends("events", &[folder.join("11-question.json"), folder.join("12-answer.json")]).await;
    let tove = house.visitor("tove", "Tove Test", &["caseworker:taarnby/genoptraening"]).await;
    tove.does(async {
        by_its_case(&tove).await;
        by_its_citizen(&tove).await;
        reads_the_plan(&tove).await;
        prints_it(&tove).await;
    })
    .await;
    // Whatever was asked for, at any address: no number was in it.
    assert_eq!(tove.complaints().await, Vec::<String>::new());
    let log = house.program.log();
    assert!(!log.is_empty() && !log.contains("2512489996") && !log.contains(NUMBER), "the log has no number: {log}");
    house.running.stop().await;
    house.program.proof().await;
}

async fn by_its_case(tove: &Browser) {
    tove.follows("Søg").await;
    tove.sees("#3").await;
    let case = tove.run("return document.querySelector('main a.sag').innerText", vec![]).await;
    let case = case.as_str().expect("the case of the plan").to_owned();
    tove.writes("Nummer", &case).await;
    tove.strikes(ENTER).await;
    tove.sees(&format!("Sag {case}")).await;
    assert_eq!(tove.path().await, format!("/forloeb/sag/{case}"));
    for told in ["Genoptræningsplan modtaget", "Fordelt", "Efter S1"] {
        tove.sees(told).await;
    }
    tove.looks_closely("forloeb-sag").await;
}

async fn by_its_citizen(tove: &Browser) {
    tove.follows("Søg").await;
    tove.writes("CPR-nummer", NUMBER).await;
    tove.chooses("Formål", "").await;
    tove.strikes(ENTER).await;
    let asked = async || (tove.focused().await == "Formål").then_some(());
    wait::until("she is asked what for", asked).await;
    assert_eq!(tove.path().await, "/soeg", "nothing was looked for before that is said");
    tove.chooses("Formål", "sagsbehandling").await;
    tove.writes("CPR-nummer", NUMBER).await;
    tove.strikes(ENTER).await;
    tove.sees("Borgerens beskeder i dine postkasser").await;
    assert_eq!(tove.path().await, "/soeg/borger");
    tove.looks_closely("soeg-borger").await;
    tove.follows("#1").await;
    tove.sees("Besked #1").await;
    assert_eq!(tove.path().await, "/forloeb/post/1");
}

/// The plan is shown as one: what a person asks it for has a name, and stands before the bytes.
async fn reads_the_plan(tove: &Browser) {
    assert!(!tove.text().await.contains("Berggren"), "the story has no content");
    tove.presses("Vis indhold").await;
    tove.sees("Opslaget står i loggen").await;
    for shown in ["Borger", "Nancy Ann Test Berggren", NUMBER, "Går kortere ture med rollator.", "Diagnoser"] {
        tove.sees(shown).await;
    }
    assert!(!tove.text().await.contains("<PatientHealthSummary"), "the bytes are folded away");
    tove.looks_closely("indhold-plan").await;
}

/// On paper there is what was read, and nothing to click on.
async fn prints_it(tove: &Browser) {
    let (read, around) = ("Nancy Ann Test Berggren", ["Indbakke", "Log ud", "Tove Test\n"]);
    let screen = tove.text().await;
    assert!(screen.contains(read) && around.iter().all(|word| screen.contains(word)), "{screen}");
    tove.media("print", &[]).await;
    let paper = tove.text().await;
    assert!(paper.contains(read) && paper.contains("Går kortere ture med rollator."), "{paper}");
    assert!(around.iter().all(|word| !paper.contains(word)), "on paper nobody goes anywhere: {paper}");
    tove.picture("indhold-plan-papir").await;
    tove.goes_to("/forloeb/post/1").await;
    let story = tove.text().await;
    assert!(story.contains("Fordelt") && story.contains("Efter S1"), "{story}");
    for hidden in ["Log ud", "Vis indhold", "Formål"] {
        assert!(!story.contains(hidden), "{hidden} is on paper: {story}");
    }
    tove.picture("forloeb-papir").await;
    tove.media("", &[]).await;
    assert!(tove.text().await.contains("Vis indhold"), "on the screen all is there");
}
