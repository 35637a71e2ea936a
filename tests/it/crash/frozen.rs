//! Freezing, and a broker without memory.

use rustix::process::Signal;
use serde_json::Value;

use super::chance::Chance;
use super::trial::Trial;
use crate::node::Private;
use crate::program::Program;
use crate::wait;

const LETTERS: usize = 500;

/// Frozen until both sides have given the other up: the heartbeat is two seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_freezes_under_the_hub() {
    let broker = Private::start(&[]).await;
    let program = Program::at(broker.vhost().address());
    let mut chance = Chance::new("frozen broker");
    let hub = program.start().await;
    let trial = Trial::begin("frozen broker", broker.vhost(), 1, LETTERS, &mut chance).await;
    trial.books.have(chance.below(trial.deliveries() / 2)).await;
    broker.signal(Signal::STOP);
    let down = |health: &Value| health["broker"].as_str().is_some_and(|it| it.starts_with("down"));
    hub.is("the hub knows that its broker is gone", down).await;
    broker.signal(Signal::CONT);
    hub.is("the hub is back", |health| health["broker"] == "up").await;
    trial.end(&program, &hub).await;
    hub.stop().await;
    program.proof().await;
    broker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_runs_out_of_memory_again_and_again() {
    let broker = Private::start(&[]).await;
    let program = Program::at(broker.vhost().address());
    let mut chance = Chance::new("memory alarm");
    let hub = program.start().await;
    // Few at a time, so that there is something on its way at each alarm.
    let trial = Trial::with_lead(1, "memory alarm", broker.vhost(), 1, LETTERS * 2, &mut chance).await;
    for alarm in 1..=3 {
        trial.books.have(trial.deliveries() * alarm / 5).await;
        // The broker tells whoever publishes: there must be something to send.
        assert_eq!(program.say(&["pause", "amqp"]).await.code, Some(0));
        let waits = |health: &Value| health["balance"]["deliveries"]["waiting"].as_u64() > Some(0);
        hub.is("something waits to be sent", waits).await;
        broker.ctl(&["set_vm_memory_high_watermark", "0.0000001"]).await;
        assert_eq!(program.say(&["resume", "amqp"]).await.code, Some(0));
        let blocked = |health: &Value| health["broker"].as_str().is_some_and(|it| it.starts_with("takes nothing"));
        hub.is("the hub says that the broker takes nothing", blocked).await;
        broker.ctl(&["set_vm_memory_high_watermark", "0.4"]).await;
    }
    hub.is("the hub is back", |health| health["broker"] == "up").await;
    trial.end(&program, &hub).await;
    hub.stop().await;
    program.proof().await;
    broker.stop().await;
}

/// Frozen until the broker has given it up and handed its messages to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_freezes_goes_on_where_it_was() {
    let broker = Private::start(&["collect_statistics_interval = 500"]).await;
    let program = Program::at(broker.vhost().address());
    let mut chance = Chance::new("frozen hub");
    let hub = program.start().await;
    let trial = Trial::begin("frozen hub", broker.vhost(), 1, LETTERS, &mut chance).await;
    trial.books.have(chance.below(trial.deliveries() / 2)).await;
    hub.signal(Signal::STOP);
    let vhost = broker.vhost();
    let gone = async || {
        let queue = vhost.management.queue(&vhost.name, "in.rehab-plan")?;
        (queue["consumers"].as_u64() == Some(0)).then_some(())
    };
    wait::until("the broker gives the hub up", gone).await;
    hub.signal(Signal::CONT);
    trial.end(&program, &hub).await;
    hub.stop().await;
    program.proof().await;
    broker.stop().await;
}
