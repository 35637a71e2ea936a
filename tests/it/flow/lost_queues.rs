//! Receivers' queues that are gone, full, or give up what they were given.

use budstikke::ledger::delivery::{Delivery, State};
use budstikke::ledger::trace::Story;
use budstikke_testkit::plans::Plan;
use lapin::options::BasicPublishOptions;

use super::rig::{DRAGOER, Rig, TAARNBY, plan_in_case, queue};
use super::wire::Given;
use crate::{raw_lapin, wait};

/// The delivery of a letter to Tårnby, as it stands.
fn to_taarnby(story: Story) -> Delivery {
    let deliveries = story.event.expect("it is routed").deliveries;
    deliveries.into_iter().map(|it| it.delivery).find(|it| it.mailbox == TAARNBY).expect("Tårnby gets it")
}

/// Waits until Tårnby's delivery of a letter is as wanted.
async fn stands(rig: &Rig, letter: &str, what: &str, wanted: impl Fn(&Delivery) -> bool) -> Delivery {
    wait::until(&format!("{letter} {what}"), async || Some(to_taarnby(rig.story(letter).await)).filter(&wanted)).await
}

/// A letter of a case of its own.
fn letter(number: usize) -> Plan {
    plan_in_case(format!("B{number}"), number)
}

/// Lets a queue take one message more or less, and waits until the broker knows.
async fn limit(rig: &Rig, most: u32) {
    let (vhost, queue) = (&rig.vhost, queue(TAARNBY));
    vhost.management.limit_length(&vhost.name, &queue, most);
    policy(rig, "max-length", most).await;
}

/// Waits until the broker has a policy for Tårnby's queue.
async fn policy(rig: &Rig, name: &str, value: u32) {
    let set = async || {
        let known = rig.vhost.management.queue(&rig.vhost.name, &queue(TAARNBY))?;
        (known["effective_policy_definition"][name] == value).then_some(())
    };
    wait::until(&format!("the queue's {name} is {value}"), set).await;
}

/// Sends letters, each of a case of its own, until Tårnby's queue takes no more: the last of them,
/// which is not in it.
async fn fill(rig: &mut Rig) -> usize {
    limit(rig, 1).await;
    for number in 1.. {
        rig.plan(letter(number)).await;
        rig.taken().await;
        let tried = stands(rig, &format!("B{number}"), "was tried", |it| it.attempts > 0).await;
        if tried.state != State::Delivered {
            let code = tried.reason.expect("why").code;
            assert_eq!(code.as_str(), "QUEUE_FULL");
            return number;
        }
    }
    unreachable!("a queue with a limit is full at some time")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_holds_its_own_mailbox_and_drains_in_order() {
    let mut rig = Rig::start().await;
    let last = fill(&mut rig).await;
    // Two more in the case of the one that did not get in.
    for further in ["C1", "C2"] {
        rig.plan(plan_in_case(further, last)).await;
    }
    // Dragør gets all of it meanwhile.
    wait::until("Dragør has all", async || {
        rig.take_from(DRAGOER).await;
        (rig.has(DRAGOER).len() == last + 2).then_some(())
    })
    .await;
    assert_eq!(rig.balance().await.deliveries.parked, 0, "nothing is parked by it");

    let got = rig.got(TAARNBY, last + 2).await;
    let ids = got.iter().map(|it| it.json()["data"]["letter"]["id"].as_str().expect("an id").to_owned());
    let held = format!("B{last}");
    let of_case: Vec<String> = ids.filter(|id| *id == held || id.starts_with('C')).collect();
    assert_eq!(of_case, [held.as_str(), "C1", "C2"]);
    rig.finish().await;
}

/// What is tried once and then parked holds its own lane, until a person sends it again.
#[tokio::test(flavor = "multi_thread")]
async fn a_parked_delivery_holds_its_lane_and_no_other() {
    let mut rig = Rig::with(|settings| settings.retry.attempts = 1).await;
    let last = fill(&mut rig).await;
    let (parked, code) = rig.parked_delivery().await;
    assert_eq!(code, "QUEUE_FULL");
    // There is room again, and from now on a receiver is tried more than once.
    rig.stop().await;
    limit(&rig, 1_000).await;
    rig.take_from(TAARNBY).await;
    rig.settings.retry.attempts = u32::MAX;
    rig.begin().await;

    rig.plan(plan_in_case("C1", last)).await;
    rig.plan(letter(last + 1)).await;
    rig.taken().await;
    let elsewhere = format!("B{}", last + 1);
    stands(&rig, &elsewhere, "is delivered", |it| it.state == State::Delivered).await;
    assert_eq!(to_taarnby(rig.story("C1").await).state, State::Waiting);

    rig.resend(&parked.id.to_string()).await;
    let got = rig.got(TAARNBY, last + 2).await;
    let ids = got.iter().map(|it| it.json()["data"]["letter"]["id"].as_str().expect("an id").to_owned());
    let (held, all) = (format!("B{last}"), ids.collect::<Vec<_>>());
    let place = |wanted: &str| all.iter().position(|id| id == wanted).expect("it has come");
    assert!(place(&elsewhere) < place(&held) && place(&held) < place("C1"), "{all:?}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_deleted_is_made_again_and_nothing_is_lost() {
    let mut rig = Rig::start().await;
    rig.plan(letter(1)).await;
    rig.got(TAARNBY, 1).await;
    rig.vhost.management.delete_queue(&rig.vhost.name, &queue(TAARNBY));
    for number in 2..=20 {
        rig.plan(letter(number)).await;
    }
    rig.got(TAARNBY, 20).await;
    rig.got(DRAGOER, 20).await;
    wait::until("nothing is on its way", async || (rig.balance().await.deliveries.waiting == 0).then_some(())).await;
    // Each return is an item of its own, which is recorded.
    let returned = rig.balance().await.recorded;
    assert!(returned > 0, "something came back");
    rig.gave_back(returned);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sources_queue_that_is_deleted_is_made_again_and_taken_from() {
    let mut rig = Rig::start().await;
    rig.plan(letter(1)).await;
    rig.got(TAARNBY, 1).await;
    rig.vhost.management.delete_queue(&rig.vhost.name, "in.rehab-plan");
    let again = async || (rig.wire.consumers("in.rehab-plan").await == Some(1)).then_some(());
    wait::until("the hub takes from it again", again).await;
    rig.plan(letter(2)).await;
    rig.got(TAARNBY, 2).await;
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_is_deleted_is_made_again_and_nothing_is_lost() {
    let mut rig = Rig::start().await;
    rig.plan(letter(1)).await;
    rig.got(TAARNBY, 1).await;
    rig.vhost.management.delete_exchange(&rig.vhost.name, budstikke::broker::topology::OUT);
    for number in 2..=10 {
        rig.plan(letter(number)).await;
    }
    rig.got(TAARNBY, 10).await;
    // The broker hands out again what was not acknowledged when the session ended: all of that
    // comes before what is sent now.
    rig.plan(letter(11)).await;
    rig.got(TAARNBY, 11).await;
    rig.got(DRAGOER, 11).await;
    let again = rig.balance().await.duplicate;
    rig.gave_back(again);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_queue_gives_up_is_for_a_person_and_can_be_sent_again() {
    let mut rig = Rig::start().await;
    rig.plan(letter(1)).await;
    stands_delivered(&rig).await;
    let refused = rig.wire.refuse_one(&queue(TAARNBY)).await.expect("it lies there");
    rig.gave_back(1);
    let (parked, code) = rig.parked_delivery().await;
    assert_eq!((parked.id.to_string(), code.as_str()), (refused.id.clone(), "DEAD_LETTERED"));
    // It has arrived, so it holds nothing up.
    rig.plan(plan_in_case("C1", 1)).await;
    rig.got(TAARNBY, 1).await;

    rig.note(refused.clone());
    rig.resend(&refused.id).await;
    wait::until("it arrives again", async || {
        rig.take().await;
        (rig.arrivals(&refused.id) == 2).then_some(())
    })
    .await;
    rig.finish().await;
}

async fn stands_delivered(rig: &Rig) {
    rig.taken().await;
    stands(rig, "B1", "is delivered", |it| it.state == State::Delivered).await;
}

/// A queue that keeps nothing: what the hub gave it comes back, perhaps before the hub has written
/// down that it is there.
#[tokio::test(flavor = "multi_thread")]
async fn what_expires_at_once_never_counts_as_delivered() {
    const PLANS: usize = 20;
    let mut rig = Rig::start().await;
    rig.vhost.management.expire(&rig.vhost.name, &queue(TAARNBY));
    policy(&rig, "message-ttl", 0).await;
    // Until the queue itself knows of it, what it is given stays there.
    let kept = expires(&mut rig).await;
    for number in kept + 1..=kept + PLANS {
        rig.plan(letter(number)).await;
    }
    let parked = wait::until("all of them are parked", async || {
        Some(rig.read(|reader| reader.parked()).await.1).filter(|parked| parked.len() == PLANS + 1)
    })
    .await;
    for delivery in &parked {
        assert_eq!(delivery.reason.as_ref().expect("why").code.as_str(), "DEAD_LETTERED");
    }

    // The same policy, but for its contents, takes the place of the other. Until the queue itself
    // knows of that, a resend comes back too.
    limit(&rig, 1_000).await;
    wait::until("all of them arrive", async || {
        for delivery in rig.read(|reader| reader.parked()).await.1 {
            rig.resend(&delivery.id.to_string()).await;
        }
        rig.take_from(TAARNBY).await;
        (rig.has(TAARNBY).len() == kept + PLANS).then_some(())
    })
    .await;
    // Each return is an item of its own, which is recorded.
    let returned = rig.balance().await.recorded;
    rig.gave_back(returned);
    rig.finish().await;
}

/// Sends letters until one of them is given up; how many were sent.
async fn expires(rig: &mut Rig) -> usize {
    for number in 1.. {
        rig.plan(letter(number)).await;
        rig.taken().await;
        let ended = async || {
            rig.take_from(TAARNBY).await;
            if rig.has(TAARNBY).len() == number {
                return Some(false);
            }
            (to_taarnby(rig.story(&format!("B{number}")).await).state == State::Parked).then_some(true)
        };
        if wait::until("it is taken or given up", ended).await {
            return number;
        }
    }
    unreachable!("the queue knows of its policy at some time")
}

/// Someone else's message among what the broker gave up.
#[tokio::test(flavor = "multi_thread")]
async fn a_stray_is_parked_and_what_is_behind_it_goes_on() {
    let mut rig = Rig::start().await;
    stray(&rig).await;
    rig.gave_back(1);
    let (item, code) = rig.parked_item().await;
    assert_eq!(code, "STRAY_MESSAGE");
    let discarded = rig.budstikke(&["parked", "discard", &format!("#{}", item.seq), "--reason", "ikke vores"]).await;
    assert!(discarded.status.success(), "{}", String::from_utf8_lossy(&discarded.stderr));
    rig.parked_items(0).await;
    rig.send(&Given::to("rehab-plan", "not XML"), 1).await;
    assert_eq!(rig.parked_item().await.1, "XML_MALFORMED");
    rig.finish().await;
}

#[expect(clippy::disallowed_methods, reason = "a stranger does what the hub never would")]
async fn stray(rig: &Rig) {
    let channel = raw_lapin::channel(rig.vhost.address()).await;
    let (exchange, options) = (budstikke::broker::topology::DEAD, BasicPublishOptions::default());
    let sent = channel.basic_publish(exchange.into(), "".into(), options, b"hello", lapin::BasicProperties::default());
    sent.await.expect("anyone can send there");
}
