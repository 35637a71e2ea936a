//! Somebody tells the other municipality of something, and never touches a mouse.

use crate::browser::{ENTER, TAB};
use crate::house::{House, PASSWORD};
use crate::markup::MARKUP;

#[tokio::test(flavor = "multi_thread")]
async fn an_orientation_is_written_looked_at_and_sent_by_the_keyboard_alone() {
    let house = House::with(&[]).await;
    house.account("asta", "Asta Prøve", &["caseworker:taarnby/ledelse"]).await;
    let browser = house.browser().await;
    browser
        .does(async {
            browser.goes_to("/ny").await;
            browser.strikes(&format!("asta{TAB}{PASSWORD}{ENTER}")).await;
            browser.sees("ledige stillinger, ny lovgivning").await;
            browser.tabs_to("Orientering").await;
            browser.strikes(ENTER).await;
            browser.sees("På vegne af").await;
            browser.tabs_to("Område").await;
            browser.strikes("Voks").await;
            browser.tabs_to("Kategori").await;
            browser.strikes("Ledige").await;
            browser.tabs_to("Se, hvem der får den").await;
            browser.looks_closely("ny-skema").await;
            browser.tabs_to("Orientering").await;
            browser.strikes(&format!("To stillinger er ledige {MARKUP}")).await;
            browser.tabs_to("Se, hvem der får den").await;
            browser.strikes(ENTER).await;
            browser.sees("Det sker, når du sender").await;
            browser.sees(MARKUP).await;
            browser.looks_closely("ny-se").await;
            browser.tabs_to("Send").await;
            browser.strikes(ENTER).await;
            browser.sees("er modtaget af budstikken som nr.").await;
            browser.looks_closely("ny-kvittering").await;
        })
        .await;
    house.running.stop().await;
    let proof = house.program.proof().await;
    assert_eq!(proof["routed"], 1, "it was sent once: {proof}");
}
