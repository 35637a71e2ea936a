//! Signing in and out, and what somebody sees who may not.

use serde_json::json;

use crate::browser::ENTER;
use crate::house::House;
use crate::provider::Provider;

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

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_to_the_municipality_comes_in_by_its_sign_in_and_goes_out_there_too() {
    let provider = Provider::start().await;
    let ida = json!({"sub": "4f2c", "preferred_username": "ida", "name": "Ida <i>Test</i>", "groups": ["ydelse"]});
    provider.is_told(json!({ "account": ida })).await;
    let settings = provider.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let house = House::with(&settings).await;
    provider.is_told(json!({"console": house.origin()})).await;
    let browser = house.browser().await;
    let sign_in = "Log ind med Dragør <b>Kommune</b>";
    browser
        .does(async {
            browser.goes_to("/soeg").await;
            browser.looks_closely("log-ind-openid").await;
            browser.follows(sign_in).await;
            browser.sees("Ida <i>Test</i>").await;
            assert_eq!(browser.path().await, "/soeg", "where she wanted to go, and nothing of the answer is left");
            let may = [browser.status_of("/indbakke").await, browser.status_of("/drift").await];
            assert_eq!(may, [200, 403], "what her group may, and nothing else");
            browser.presses("Log ud").await;
            // The provider asks for itself whether that is what she wants.
            browser.sees("Do you want to sign-out from").await;
            let here = browser.client.current_url().await.expect("an address");
            assert!(here.as_str().starts_with(&provider.issuer), "{here}");
            browser.presses("Yes, sign me out").await;
            browser.sees(sign_in).await;
            browser.goes_to("/soeg").await;
            assert_eq!(browser.path().await, "/log-ind?til=%2Fsoeg", "she is out");

            // They have signed out there: what is open here ends.
            browser.follows(sign_in).await;
            browser.sees("Ida <i>Test</i>").await;
            browser.goes_to("/indbakke").await;
            provider.is_told(json!({"ended": "4f2c"})).await;
            browser.sees("Forbindelsen til budstikken er afbrudt").await;
            browser.goes_to("/indbakke").await;
            assert_eq!(browser.path().await, "/log-ind?til=%2Findbakke", "she is out here too");
        })
        .await;
    let log = house.program.log();
    assert!(!log.is_empty() && !log.contains("code="), "no code stands in the log: {log}");
}
