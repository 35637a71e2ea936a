//! Ways that are broken: what is wrong is not with what goes by them.

use std::time::Duration;

use budstikke::control::Command;
use budstikke::ledger::delivery::{Delivery, State};
use budstikke::retry;
use jiff::SignedDuration;
use serde_json::Value;

use super::{Hub, letter_of, letters_of};
use crate::flow::rig::{DRAGOER, TAARNBY};
use crate::receiver::{Act, Asked, Receiver};
use crate::{wait, web};

/// Whatever is wrong with the way, and not with what goes on it, is waited for and never given up.
#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_is_broken_is_waited_for() {
    let other = Receiver::start(|_| Act::status(200)).await;
    let receiver = Receiver::start(|_| Act::status(401)).await;
    let web = web::settings(&receiver.url("/in"));
    // Even where a receiver that fails is tried only once.
    let mut hub = Hub::with("[\"http\"]", receiver, web, |settings| settings.retry.attempts = 1).await;
    hub.letter("B1", 1).await;
    let to_other = other.url("/in");
    for (act, code) in [
        (Act::status(401), "HTTP_NO_ACCESS"),
        (Act::redirect(307, to_other.clone()), "HTTP_REDIRECTED"),
        (Act::status(403), "HTTP_NO_ACCESS"),
        (Act::redirect(302, to_other), "HTTP_REDIRECTED"),
    ] {
        hub.receiver.does(move |_| act.clone());
        let is = |it: &Delivery| it.reason.as_ref().is_some_and(|reason| reason.code.as_str() == code);
        hub.stands("B1", code, is).await;
    }
    assert_eq!((hub.rig.balance().await.deliveries.parked, other.asked().len()), (0, 0));
    hub.receiver.does(|_| Act::status(200));
    hub.stands("B1", "is delivered", |it| it.state == State::Delivered).await;
    hub.finish().await;
}

/// Where we are not let in, one knocks at a time, each time another. What waits has used up no
/// attempt, and a person who has mended it need not wait for the next knock.
#[tokio::test(flavor = "multi_thread")]
async fn at_a_shut_door_one_knocks_at_a_time_and_no_attempt_is_used_up() {
    const HOUR: SignedDuration = SignedDuration::from_hours(1);
    let receiver = Receiver::start(|_| Act::status(403)).await;
    let web = web::settings(&receiver.url("/in"));
    let hourly = |settings: &mut budstikke::config::Settings| {
        settings.retry.waits = retry::Policy::new(Duration::from_hours(1), Duration::from_hours(1));
    };
    let mut hub = Hub::with("[\"http\"]", receiver, web, hourly).await;
    let letters = ["B1", "B2", "B3", "B4"];
    let kept_out = |it: &Delivery| it.reason.as_ref().is_some_and(|it| it.code.as_str() == "HTTP_NO_ACCESS");
    hub.letter("B1", 1).await;
    hub.stands("B1", "is kept out", kept_out).await;
    for (case, letter) in letters.into_iter().enumerate().skip(1) {
        hub.letter(letter, case + 1).await;
    }
    hub.rig.got(TAARNBY, letters.len()).await;
    assert_eq!(letters_of(&hub.receiver), ["B1"], "the others are not sent");
    for number in 1..3 {
        hub.rig.clock.set(hub.rig.clock.now() + HOUR);
        hub.stands(letters[number], "is kept out", kept_out).await;
        assert_eq!(letters_of(&hub.receiver), letters[..=number]);
    }
    let list = hub.rig.budstikke(&["parked", "list", "--all"]).await;
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert_eq!(list.matches("goes when it can: HTTP_NO_ACCESS").count(), 3, "{list}");

    hub.receiver.does(|_| Act::status(200));
    hub.rig.pause(DRAGOER).await;
    hub.rig.resume(DRAGOER).await;
    for letter in letters {
        assert_eq!(hub.stands(letter, "is delivered", |it| it.state == State::Delivered).await.attempts, 1, "{letter}");
    }
    hub.finish().await;
}

/// A gateway in front of the receiver keeps one out, whatever is tried. The others show that it is
/// not the way.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_kept_out_while_others_get_in_is_for_a_person() {
    let kept_out = |asked: &Asked| if letter_of(asked) == "B1" { Act::status(403) } else { Act::status(200) };
    let mut hub = Hub::start(Receiver::start(kept_out).await).await;
    hub.letter("B1", 1).await;
    let no_access = |it: &Delivery| it.reason.as_ref().is_some_and(|it| it.code.as_str() == "HTTP_NO_ACCESS");
    hub.stands("B1", "is kept out", no_access).await;
    // Nobody else has got in: it may be the way, and it is waited for.
    let more = hub.receiver.asked().len() + 4;
    hub.receiver.has(more).await;
    assert_eq!(hub.rig.balance().await.deliveries.parked, 0);
    let before = hub.receiver.asked().len();
    hub.letter("C1", 2).await;
    hub.receiver.has(before + 3).await;
    assert_eq!(hub.rig.balance().await.deliveries.parked, 0, "once may be chance");
    hub.letter("D1", 3).await;
    let (parked, code) = hub.rig.parked_delivery().await;
    assert_eq!(code, "HTTP_KEPT_OUT");
    hub.receiver.does(|_| Act::status(200));
    hub.rig.resend(&parked.id.to_string()).await;
    hub.stands("B1", "is delivered", |it| it.state == State::Delivered).await;
    hub.finish().await;
}

/// Until something gets there it is seen by whoever looks.
#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_is_broken_is_shown() {
    let mut hub = Hub::start(Receiver::start(|_| Act::status(403)).await).await;
    let shown = async |hub: &Hub| hub.rig.command(Command::Status).await["health"]["broken"].clone();
    assert_eq!(shown(&hub).await, Value::Null);
    hub.letter("B1", 1).await;
    let since = wait::until("it is shown", async || {
        let broken = shown(&hub).await;
        broken[format!("{DRAGOER} by http")].as_str().map(str::to_owned)
    });
    assert!(since.await.ends_with(": HTTP_NO_ACCESS"));
    hub.receiver.does(|_| Act::status(200));
    hub.stands("B1", "is delivered", |it| it.state == State::Delivered).await;
    wait::until("it is no longer shown", async || (shown(&hub).await == Value::Null).then_some(())).await;
    hub.finish().await;
}
