//! Operations: what comes is seen while one looks, and what one does is not disturbed by it.

use crate::browser::ENTER;
use crate::house::House;
use crate::post::{Post, XML, letters};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_seen_when_it_comes_and_the_focus_stays() {
    let house = House::with(&[]).await;
    let visitor = house.visitor("ida", "Ida Test", &["operator"]).await;
    visitor
        .does(async {
            visitor.goes_to("/drift").await;
            visitor.sees("Alt kører").await;
            visitor.run("window.kept = 'the page was not loaded anew'", vec![]).await;
            visitor.tabs_to("Pause cura").await;
            let post = Post::at(house.vhost.address()).await;
            post.send("rehab-plan", XML, &letters('A', 1).next().expect("a letter")).await;
            post.send("rehab-plan", XML, b"<no plan").await;
            visitor.sees("1 besked er parkeret: XML_MALFORMED").await;
            let kept = visitor.run("return window.kept", vec![]).await;
            assert_eq!(kept, "the page was not loaded anew");
            assert_eq!(visitor.focused().await, "Pause cura", "what she was about to press");
            visitor.strikes(ENTER).await;
            visitor.sees("cura har været på pause siden").await;
            visitor.looks_closely("drift-pause").await;
            visitor.presses("Genoptag cura").await;
            visitor.gone("cura har været på pause siden").await;
            visitor.follows("Hvad gør jeg?").await;
            visitor.sees("XML_MALFORMED").await;
        })
        .await;
    assert_eq!(visitor.complaints().await, Vec::<String>::new());
}
