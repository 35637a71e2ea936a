//! Signing in and out, and what somebody sees who may not.

use crate::browser::ENTER;
use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_signed_in_sees_anything() {
    let house = House::with(&[]).await;
    house.account("ida", "Ida Test", &["operator"]).await;
    house.account("ny", "Nye Test", &[]).await;
    let browser = house.browser().await;
    browser
        .does(async {
            browser.goes_to("/drift").await;
            assert_eq!(browser.path().await, "/log-ind?til=%2Fdrift", "first she must say who she is");
            browser.looks_closely("log-ind").await;
            browser.writes("Bruger", "ida").await;
            browser.writes("Adgangskode", "en anden lang kode").await;
            browser.presses("Log ind").await;
            browser.sees("passer ikke sammen").await;
            browser.looks_closely("log-ind-forkert").await;
            browser.signs_in("ida").await;
            browser.sees("Postkasser").await;
            browser.goes_to("/findes-ikke").await;
            browser.sees("Det findes ikke").await;
            browser.looks_closely("findes-ikke").await;
            browser.goes_to("/drift").await;
            browser.presses("Log ud").await;
            browser.sees("Adgangskode").await;
            browser.client.back().await.expect("a page before");
            browser.sees("Adgangskode").await;
            assert!(!browser.text().await.contains("Postkasser"), "nothing is left of what was seen");

            browser.signs_in("ny").await;
            browser.sees("endnu ikke adgang").await;
            browser.looks_closely("uden-adgang").await;
            browser.goes_to("/drift").await;
            browser.sees("Det har du ikke adgang til").await;
            browser.looks_closely("afvist").await;
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_in_by_a_button_that_the_keyboard_reaches() {
    let house = House::with(&[]).await;
    house.does(&["user", "add", "ida", "--name", "Ida Test", "--role", "operator"]).await;
    let link = house.does(&["user", "link", "ida"]).await;
    let path = link.trim().strip_prefix(house.origin()).expect("a link to the console").to_owned();
    let browser = house.browser().await;
    browser
        .does(async {
            browser.goes_to(&path).await;
            browser.looks_closely("log-ind-link").await;
            browser.tabs_to("Log ind").await;
            browser.strikes(ENTER).await;
            browser.sees("Postkasser").await;
            browser.goes_to(&path).await;
            browser.presses("Log ind").await;
            browser.sees("Linket er brugt").await;
        })
        .await;
}
