//! What the broker refuses: named at the first start, survived later.

use budstikke::broker::{Error, Published, State};
use lapin::types::{AMQPValue, FieldTable};

use crate::handler::Keep;
use crate::hub::{Hub, consume, in_queue, incoming, out_queue, outgoing};
use crate::node::{Vhost, settings};
use crate::raw_lapin;
use crate::{log, wait};

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_with_other_arguments_is_named() {
    let vhost = Vhost::new();
    let channel = raw_lapin::channel(vhost.address()).await;
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    raw_lapin::declare(&channel, &in_queue(), arguments).await;

    let fault = Hub::start(vhost.settings(), Vec::new()).ended().await.expect_err("it cannot start");
    assert!(matches!(&fault, Error::OtherArguments { what, .. } if what == "queue `in.cura`"), "{fault:?}");
    assert!(fault.to_string().contains("delete it"), "it says what to do: {fault}");
    let cause = std::error::Error::source(&fault).expect("the broker's words").to_string();
    assert!(cause.contains("x-"), "it names the argument: {cause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_nothing_declares_is_named() {
    let vhost = Vhost::new();
    let hub = Hub::start(vhost.settings(), vec![consume("in.nowhere", &Keep::open())]);
    let fault = hub.ended().await.expect_err("it cannot start");
    assert!(matches!(&fault, Error::NotDeclared { queue } if queue == "in.nowhere"), "{fault:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_named_and_not_shown() {
    let vhost = Vhost::new();
    let (login, place) = vhost.address().rsplit_once('@').expect("a login");
    let (user, _) = login.rsplit_once(':').expect("a password");
    let wrong = format!("{user}:0101014321@{place}");
    let fault = Hub::start(settings(&wrong), Vec::new()).ended().await.expect_err("it cannot start");
    assert!(matches!(fault, Error::Login(_)), "{fault:?}");
    assert!(!format!("{fault:?} {fault}").contains("0101014321"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_virtual_host_that_is_not_there_is_named() {
    let vhost = Vhost::new();
    let missing = format!("{}-missing", vhost.address());
    let fault = Hub::start(settings(&missing), Vec::new()).ended().await.expect_err("it cannot start");
    assert!(matches!(fault, Error::VirtualHost(_)), "{fault:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_missing_is_named() {
    let user = User::new("nothing to configure", "^$");
    let fault = Hub::start(settings(&user.address), Vec::new()).ended().await.expect_err("it cannot start");
    assert!(matches!(fault, Error::NotPermitted { .. }), "{fault:?}");
}

/// After the first session no refusal ends the hub, and it does not knock without a pause.
#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_taken_away_comes_back() {
    log::keep();
    let user = User::new("a password that is rotated", ".*");
    let keep = Keep::open();
    let hub = Hub::up(settings(&user.address), vec![consume(&in_queue(), &keep)]).await;
    hub.insert(["before".to_owned()]).await;
    keep.has(1).await;

    user.vhost.management.create_user(&user.name, "another");
    close_connections(&user.vhost, &hub).await;
    hub.is_down().await;
    assert_eq!(hub.publisher.publish(incoming("meanwhile")).await, Published::NotSent);
    let refused = "broker-login";
    wait::until("it has been refused five times", async || (log::lines(refused).len() >= 5).then_some(())).await;
    for line in log::lines(refused) {
        let wait = line.split("next_attempt_in=").nth(1).expect("it says when it tries again");
        assert!(!wait.starts_with('0'), "it waits before it tries again: {wait}");
    }
    let state = hub.broker.state().borrow().clone();
    assert!(matches!(&state, State::Down { reason, .. } if reason.contains("login")), "{state:?}");

    user.vhost.management.create_user(&user.name, &user.password);
    hub.is_up().await;
    hub.insert(["after".to_owned()]).await;
    keep.has(2).await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_virtual_host_that_is_deleted_is_waited_for() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &keep)]).await;
    vhost.management.delete_vhost(&vhost.name);
    hub.is_down().await;
    vhost.management.create_vhost(&vhost.name);
    hub.is_up().await;
    hub.insert(["again".to_owned()]).await;
    keep.has(1).await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_comes_to_have_other_arguments_does_not_end_the_hub() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    let channel = raw_lapin::channel(vhost.address()).await;
    vhost.management.delete_queue(&vhost.name, &out_queue());
    raw_lapin::declare(&channel, &out_queue(), FieldTable::default()).await;

    let fault = hub.broker.redeclare().await.expect_err("it is another queue");
    assert!(matches!(&fault, Error::OtherArguments { what, .. } if what.contains(&out_queue())), "{fault:?}");
    // It is said, and everything else goes on.
    assert_eq!(hub.publisher.publish(incoming("one")).await, Published::Confirmed);
    assert_eq!(*hub.broker.state().borrow(), State::Up);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_an_operator_closes_are_made_again() {
    let vhost = Vhost::new();
    let keep = Keep::open();
    let hub = Hub::up(vhost.settings(), vec![consume(&in_queue(), &keep)]).await;
    for round in 0..3 {
        close_connections(&vhost, &hub).await;
        hub.is_up().await;
        hub.insert([format!("{round}")]).await;
        keep.has(round + 1).await;
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_depth_that_cannot_be_known_is_not_made_up() {
    let vhost = Vhost::new();
    let hub = Hub::up(vhost.settings(), Vec::new()).await;
    assert_eq!(hub.publisher.publish(outgoing("one")).await, Published::Confirmed);
    hub.holds(&out_queue(), 1).await;
    let depths = hub.broker.depths(&["no.such.queue", &out_queue(), "nor.this", &in_queue()]).await;
    let messages: Vec<_> = depths.into_iter().map(|depth| depth.map(|depth| depth.messages)).collect();
    assert_eq!(messages, [None, Some(1), None, Some(0)]);
    assert_eq!(*hub.broker.state().borrow(), State::Up);
    hub.stop().await;
}

/// Closes the hub's connections, until it has seen one go. The management interface learns with
/// some delay of those that come and of those that have gone, so what it lists may be the last ones.
async fn close_connections(vhost: &Vhost, hub: &Hub) {
    let mut state = hub.broker.state();
    state.mark_unchanged();
    wait::until("the hub has lost a connection", async || {
        for name in vhost.management.connections(&vhost.name) {
            vhost.management.close_connection(&name);
        }
        state.has_changed().expect("the hub is there").then_some(())
    })
    .await;
}

/// A user of a test's own, in a virtual host of its own.
struct User {
    vhost: Vhost,
    name: String,
    password: String,
    address: String,
}

impl User {
    fn new(password: &str, configure: &str) -> Self {
        let vhost = Vhost::new();
        let (name, password) = (format!("user-{}", vhost.name), password.replace(' ', "-"));
        vhost.management.create_user(&name, &password);
        vhost.management.allow(&vhost.name, &name, configure);
        let address = format!("amqp://{name}:{password}@127.0.0.1:{}/{}", vhost.port(), vhost.name);
        Self { vhost, name, password, address }
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.vhost.management.delete_user(&self.name);
    }
}
