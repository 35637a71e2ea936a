//! Each system's own messages by its own queue, with its own content type, from the broker to the
//! mailboxes, with what is owed after each.

use std::collections::BTreeSet;

use budstikke_testkit::fixtures::Fixtures;

use super::rig::{Rig, at};
use super::wire::{Given, Got};
use crate::wait;

/// A message: when it comes, the adapter's file, and how many things are in it; what the mailboxes
/// get of it (`to`, `capacity`, kind), and what is open when it has been taken.
type Step<'a> = (&'a str, &'a str, i64, &'a [&'a str], &'a [&'a str]);

/// The files of an adapter.
fn fixtures(source: &str) -> Fixtures {
    Fixtures(match source {
        "cura" => concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/cura"),
        "momentum" => concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/momentum"),
        "smdb" => concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/smdb"),
        "beskedfordeler" => concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/beskedfordeler"),
        "rehab-plan" => concat!(env!("CARGO_MANIFEST_DIR"), "/adapters/rehab-plan"),
        other => panic!("{other} has no files here"),
    })
}

/// What came since `before` arrivals, as a step says it.
fn came(rig: &Rig, before: usize) -> Vec<String> {
    let one = |got: &Got| {
        let mailbox = got.queue.trim_start_matches("out.").replacen('.', "/", 1);
        let kind = got.kind.trim_start_matches("dk.budstikke.").trim_end_matches(".v1");
        let capacity = got.headers.get("deliveredas").map_or("-", String::as_str);
        format!("{mailbox} {capacity} {kind}")
    };
    let mut came: Vec<String> = rig.all()[before..].iter().map(one).collect();
    came.sort();
    came
}

/// What is owed: by whom, and what kind of thing.
async fn open(rig: &Rig) -> Vec<String> {
    let duties = rig.read(|reader| reader.duties(None, false)).await;
    let mut open: Vec<String> =
        duties.iter().map(|duty| format!("{} {}", duty.terms.owed_by, duty.terms.kind)).collect();
    open.sort();
    open
}

fn list(said: &[&str]) -> Vec<String> {
    said.iter().map(|it| (*it).to_owned()).collect()
}

/// Sends the messages of a source by its queue, one after the other, and looks after each at what has come of it.
async fn hold(rig: &mut Rig, source: &'static str, steps: &[Step<'_>]) {
    let media_type = rig.adapters.named(source).expect("there is such an adapter").media_type();
    for (time, file, items, gets, owed) in steps {
        rig.clock.set(at(time));
        let before = rig.all().len();
        rig.send(&Given::to(source, fixtures(source).read(file)).media_type(media_type), *items).await;
        rig.taken().await;
        wait::until("nothing is on its way", async || (rig.balance().await.deliveries.waiting == 0).then_some(()))
            .await;
        rig.take().await;
        assert_eq!((came(rig, before), open(rig).await), (list(gets), list(owed)), "{file}");
    }
}

/// A rig whose mailboxes all take, at a time before anything of this is late.
async fn rig() -> Rig {
    let mut rig = Rig::start().await;
    rig.everyone();
    rig
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_of_curas_is_told_as_what_is_in_it() {
    let mut rig = rig().await;
    // Two grants of the same law are for the same teams; what else is in it is nobody's.
    let each = ["dragoer/kontrakt task adult.grant.decided", "dragoer/social information adult.grant.decided"];
    let both = [each[0], each[0], each[1], each[1]];
    hold(&mut rig, "cura", &[("2026-11-22T10:00:00Z", "bundle-several.json", 3, &both, &[])]).await;
    let laws: BTreeSet<String> = rig.all().iter().map(|got| got.json()["law"].to_string()).collect();
    assert_eq!(laws, ["\"SEL § 107\"", "\"SEL § 85\""].map(str::to_owned).into());
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_in_cura_from_the_request_to_the_contract() {
    let mut rig = rig().await;
    let steps: [Step<'_>; 5] = [
        ("2026-11-22T10:00:00Z", "grant-requested.json", 1, &["taarnby/voksne task adult.grant.requested"], &[]),
        (
            "2026-11-22T10:00:01Z",
            "grant-decided-after-request.json",
            1,
            &["dragoer/kontrakt task adult.grant.decided", "dragoer/social information adult.grant.decided"],
            &[],
        ),
        (
            "2026-11-22T10:00:02Z",
            "task-contract-needed.json",
            1,
            &["dragoer/kontrakt task contract.needed", "taarnby/voksne information contract.needed"],
            &["taarnby act"],
        ),
        (
            "2026-11-22T10:00:03Z",
            "task-contract-signed.json",
            1,
            &["dragoer/kontrakt information contract.signed"],
            &[],
        ),
        (
            "2026-11-22T10:00:04Z",
            "task-visitation-case.json",
            1,
            &["taarnby/visitation task visitation.case.requested"],
            &["taarnby answer"],
        ),
    ];
    hold(&mut rig, "cura", &steps).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_and_a_list_of_momentums() {
    let mut rig = rig().await;
    let steps: [Step<'_>; 3] = [
        (
            "2026-11-22T10:00:00Z",
            "event-sanction-recommended.json",
            1,
            &["dragoer/ydelse task employment.sanction.recommended"],
            &["dragoer act"],
        ),
        // The one in the middle lacks something, and is parked alone.
        (
            "2026-11-22T10:00:01Z",
            "list.json",
            3,
            &[
                "dragoer/ydelse information employment.case.opened",
                "taarnby/integration task integration.housing.needed",
            ],
            &["dragoer act"],
        ),
        (
            "2026-11-22T10:00:02Z",
            "event-info-requested.json",
            1,
            &["dragoer/ydelse task employment.info.requested"],
            &["dragoer act", "dragoer answer"],
        ),
    ];
    hold(&mut rig, "momentum", &steps).await;
    assert_eq!(rig.parked_item().await.1, "FIELD_MISSING");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_of_the_register_to_its_final_approval() {
    let mut rig = rig().await;
    let steps: [Step<'_>; 6] = [
        (
            "2026-11-02T07:00:00Z",
            "periode-social.json",
            1,
            &["dragoer/smdb information smdb.period.ready", "taarnby/smdb task smdb.period.ready"],
            &["taarnby approve"],
        ),
        (
            "2026-11-03T09:00:00Z",
            "oplysninger-oensket.json",
            1,
            &["dragoer/smdb task smdb.info.requested"],
            &["dragoer inform", "taarnby approve"],
        ),
        (
            "2026-11-04T10:00:00Z",
            "oplysninger-givet.json",
            1,
            &["taarnby/smdb information smdb.info.provided"],
            &["taarnby approve"],
        ),
        ("2026-11-09T14:00:00Z", "godkendt.json", 1, &["dragoer/smdb information smdb.approved"], &[]),
        (
            "2026-11-16T08:00:00Z",
            "endelig-oensket.json",
            1,
            &[
                "dragoer/smdb task smdb.final-approval.requested",
                "taarnby/smdb information smdb.final-approval.requested",
            ],
            &["dragoer approve"],
        ),
        ("2026-11-20T12:00:00Z", "endelig-givet.json", 1, &["taarnby/smdb information smdb.final-approval.given"], &[]),
    ];
    hold(&mut rig, "smdb", &steps).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_and_the_news_that_its_citizen_has_moved() {
    let mut rig = rig().await;
    let letter = [
        "dragoer/genoptraening information rehab.plan.received",
        "taarnby/genoptraening task rehab.plan.received",
        "vans - XCTL03",
    ];
    let news = ["dragoer/genoptraening information citizen.moved", "taarnby/genoptraening information citizen.moved"];
    hold(&mut rig, "rehab-plan", &[("2026-11-22T10:00:00Z", "ggop.xml", 1, &letter, &["taarnby act"])]).await;
    hold(&mut rig, "beskedfordeler", &[("2026-11-22T10:00:01Z", "moved.xml", 1, &news, &["taarnby act"])]).await;
    rig.finish().await;
}
