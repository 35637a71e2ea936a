//! A team in its inbox: a task comes while somebody looks, one takes it and another is told, and it
//! is brought to its end by the answer that the duty asks for.

use crate::house::{House, sample};
use crate::post::{JSON, Post};

const TEAM: &str = "caseworker:dragoer/ydelse";

#[tokio::test(flavor = "multi_thread")]
async fn a_task_comes_is_taken_and_answered_and_its_duty_is_met() {
    let house = House::with_inboxes(&["dragoer/ydelse"]).await;
    let ida = house.visitor("ida", "Ida Test", &[TEAM]).await;
    let bo = house.visitor("bo", "Bo Test", &[TEAM]).await;
    ida.does(async {
        ida.goes_to("/indbakke").await;
        ida.sees("Der er intet nyt").await;
        ida.looks_closely("indbakke-tom").await;
        ida.run("window.kept = true", vec![]).await;
        let post = Post::at(house.vhost.address()).await;
        post.send("momentum", JSON, sample("20-sanction.json").as_bytes()).await;
        ida.sees("LAS § 37").await;
        assert_eq!(ida.run("return window.kept", vec![]).await, true, "the page was not loaded anew");
        ida.looks_closely("indbakke-ny").await;
        ida.clicks("main table th a").await;
        ida.sees("Bruno Test").await;
    })
    .await;
    bo.does(async {
        bo.goes_to(&ida.path().await).await;
        bo.sees("ingen har den").await;
        ida.presses("Tag opgaven").await;
        ida.gone("Tag opgaven").await;
        bo.sees("siden du åbnede siden").await;
        bo.presses("Tag opgaven").await;
        bo.sees("Ida Test har haft opgaven siden").await;
        bo.looks_closely("opgave-optaget").await;
    })
    .await;
    ida.does(async {
        ida.writes("Ny note", "<b>Ringet</b> til borgeren").await;
        ida.presses("Gem note").await;
        ida.sees("<b>Ringet</b> til borgeren").await;
        ida.looks_closely("opgave").await;
        ida.clicks("main a[href*='/svar/benefit.decided']").await;
        ida.sees("Svaret på").await;
        ida.looks_closely("opgave-svar").await;
        ida.chooses("Afgørelse", "stoppet").await;
        ida.writes("Ydelse", "kontanthjælp").await;
        ida.writes("Begrundelse", "Borgeren udeblev").await;
        ida.presses("Send").await;
        ida.sees("opfyldt").await;
        ida.looks_closely("opgave-faerdig").await;
    })
    .await;
    assert_eq!(ida.complaints().await, Vec::<String>::new());
    let owed = house.does(&["duties", "--json"]).await;
    assert!(!owed.contains("dragoer"), "the duty is met: {owed}");
    house.running.stop().await;
    house.program.proof().await;
}
