//! Killing.

use std::time::Duration;

use rustix::process::Signal;

use super::chance::Chance;
use super::trial::Trial;
use crate::node::Private;
use crate::program::{Program, Running};
use crate::wait;

/// Letters in a round.
const LETTERS: usize = 1_000;

/// Faults in a round.
const FAULTS: usize = 5;

/// How often it is tried.
fn rounds() -> usize {
    std::env::var("BUDSTIKKE_TEST_ROUNDS").map_or(5, |rounds| rounds.parse().expect("a number of rounds"))
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    Hub,
    HubTwice,
    Broker,
    BrokerThenHub,
    HubThenBroker,
}

/// Most often the hub: it is what is tried, and the broker takes long to come back.
const FAULTS_BY_CHANCE: [Fault; 9] = [
    Fault::Hub,
    Fault::Hub,
    Fault::Hub,
    Fault::Hub,
    Fault::HubTwice,
    Fault::HubTwice,
    Fault::Broker,
    Fault::BrokerThenHub,
    Fault::HubThenBroker,
];

/// A little time, as chance has it: a fault shall not always come right after an arrival.
async fn a_while(chance: &mut Chance, most_ms: usize) {
    let ms = u64::try_from(chance.below(most_ms)).expect("a small number");
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

async fn kill_broker(broker: &Private) {
    let pid = broker.pid();
    broker.signal(Signal::KILL);
    wait::until("the broker is started again", async || (broker.pid() != pid).then_some(())).await;
}

async fn commit(fault: Fault, broker: &Private, program: &Program, hub: Running, chance: &mut Chance) -> Running {
    match fault {
        Fault::Hub => hub.kill().await,
        Fault::HubTwice => {
            hub.kill().await;
            let mut second = program.begin();
            a_while(chance, 700).await;
            wait::soon("it dies", second.kill()).await.expect("it is killed");
        }
        Fault::Broker => {
            kill_broker(broker).await;
            return hub;
        }
        Fault::BrokerThenHub => {
            broker.signal(Signal::KILL);
            a_while(chance, 100).await;
            hub.kill().await;
        }
        Fault::HubThenBroker => {
            hub.kill().await;
            a_while(chance, 100).await;
            kill_broker(broker).await;
        }
    }
    program.start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_and_the_broker_are_killed_at_random_moments() {
    let broker = Private::start(&[]).await;
    let program = Program::at(broker.vhost().address());
    let mut chance = Chance::new("kill -9");
    for round in 0..rounds() {
        let mut hub = program.start().await;
        let trial = Trial::begin("kill -9, round", broker.vhost(), round, LETTERS, &mut chance).await;
        // Not the very last: a letter that is taken for poison does not arrive before it is sent on.
        let before_the_end = trial.deliveries() - 50;
        let mut moments: Vec<usize> = (0..FAULTS).map(|_| chance.below(before_the_end)).collect();
        moments.sort_unstable();
        let mut faults = Vec::new();
        for moment in moments {
            trial.books.have(moment).await;
            a_while(&mut chance, 40).await;
            let fault = FAULTS_BY_CHANCE[chance.below(FAULTS_BY_CHANCE.len())];
            faults.push((moment, fault));
            hub = commit(fault, &broker, &program, hub, &mut chance).await;
        }
        println!("kill -9, round {round}: {faults:?}");
        trial.end(&program, &hub).await;
        hub.stop().await;
        let proof = program.proof().await;
        assert_eq!((proof["parked"].as_u64(), proof["waiting"].as_u64()), (Some(0), Some(0)), "{proof}");
        assert_eq!(proof["routed"].as_u64(), u64::try_from(LETTERS * (round + 1)).ok(), "{proof}");
    }
    broker.stop().await;
}
