//! Somebody asks what would happen with a message, and nothing happens.

use fantoccini::Locator;

use crate::house::House;
use crate::house::sample;
use crate::markup::{MARKUP, marked_plan};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_uploaded_is_explained_and_goes_nowhere() {
    let house = House::with(&[]).await;
    let visitor = house.visitor("leder", "Leder Test", &["leader:dragoer"]).await;
    let folder = tempfile::tempdir().expect("a directory");
    let plan = folder.path().join("plan.xml");
    std::fs::write(&plan, marked_plan(&sample("01-plan.xml"))).expect("a plan");
    visitor
        .does(async {
            visitor.follows("Aftale").await;
            visitor.follows("Forklar en besked").await;
            visitor.sees("hverken sendt, gemt eller logget").await;
            let field = visitor.client.find(Locator::Css("input[type=file]")).await.expect("a field for files");
            field.send_keys(&plan.display().to_string()).await.expect("the file is chosen");
            visitor.presses("Forklar").await;
            visitor.sees("taarnby/genoptraening").await;
            visitor.sees("Pligter").await;
            visitor.looks_closely("aftale-forklaret").await;
            visitor.writes("Besked", &format!("<no plan {MARKUP}")).await;
            visitor.presses("Forklar").await;
            visitor.gone("taarnby/genoptraening").await;
            visitor.sees("XML_MALFORMED").await;
            visitor.looks_closely("aftale-forklaret-fejl").await;
        })
        .await;
    house.running.stop().await;
    let proof = house.program.proof().await;
    assert_eq!(proof["received"], 0, "it was only explained: {proof}");
}
