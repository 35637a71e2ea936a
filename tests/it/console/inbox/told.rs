//! What the hub tells of a duty that is late: whoever looks through the list sees which one it is.

use budstikke_testkit::plans::{Discharge, Message, Plan};

use super::super::Hub;
use super::{agreement, first_task};
use crate::post::{Post, XML};
use crate::wait;

const DRAGOER: &str = "caseworker:dragoer/genoptraening";
const LATE: &str = "Tårnby Kommune er forsinket: Tilbyd borgeren start på genoptræning";

#[tokio::test(flavor = "multi_thread")]
async fn a_late_duty_is_named_by_what_is_owed_and_by_whom() {
    let folder = agreement(&["dragoer/genoptraening", "taarnby/genoptraening"]);
    let hub = Hub::with(&[("AGREEMENT__FOLDER", &folder.path().to_string_lossy())]).await;
    let ida = hub.visitor("ida", &[DRAGOER]).await;
    let post = Post::at(hub.vhost.address()).await;
    let long_ago = Discharge::Expected("2026-01-01".to_owned(), "11:00".to_owned());
    let plan = Plan::ggop("B1").episode("e1").discharge(long_ago);
    post.send("rehab-plan", XML, &Message::new("K1").plan(plan).bytes()).await;
    let list = wait::until("it is told that the duty is late", async || {
        let list = ida.clone().get("/indbakke").await.body;
        list.contains("forsinket").then_some(list)
    });
    let list = list.await;
    assert!(list.contains(&format!(">{LATE}</a>")), "{list}");
    assert!(!list.contains("Pligt ikke opfyldt i tide"), "{list}");
    let task = first_task(&ida, "/indbakke").await;
    let page = ida.clone().get(&task).await.body;
    assert!(page.contains(&format!("<h1>{LATE}</h1>")) && page.contains(&format!("<h3>{LATE} ")), "{page}");
}
