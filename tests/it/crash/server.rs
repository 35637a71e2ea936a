//! The hub and the server of its ledger are killed at random moments.

use budstikke_testkit::postgres::{Cluster, End};

use super::chance::Chance;
use super::trial::Trial;
use crate::node::Vhost;
use crate::program::Program;

const LETTERS: usize = 300;

const FAULTS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_and_the_server_of_its_ledger_are_killed_at_random_moments() {
    let mut cluster = Cluster::start(&[]).expect("a server");
    let vhost = Vhost::new();
    let program = Program::at(vhost.address()).set("LEDGER__URL", &cluster.url("postgres"));
    let mut chance = Chance::new("kill the server");
    let mut hub = program.start().await;
    let trial = Trial::begin("kill the server, round", &vhost, 0, LETTERS, &mut chance).await;
    // Not the very last: a letter that is taken for poison does not arrive before it is sent on.
    let mut moments: Vec<usize> = (0..FAULTS).map(|_| chance.below(trial.deliveries() - 50)).collect();
    moments.sort_unstable();
    for (number, moment) in moments.into_iter().enumerate() {
        trial.books.have(moment).await;
        // Each kind as often, whatever chance says.
        match number % 3 {
            0 => {
                cluster.end(End::AtOnce).expect("it ends");
                cluster.start_again().expect("it starts");
            }
            1 => {
                hub.kill().await;
                hub = program.start().await;
            }
            _ => {
                cluster.end(End::AtOnce).expect("it ends");
                hub.kill().await;
                cluster.start_again().expect("it starts");
                hub = program.start().await;
            }
        }
    }
    trial.end(&program, &hub).await;
    hub.stop().await;
    let proof = program.proof().await;
    assert_eq!((proof["parked"].as_u64(), proof["waiting"].as_u64()), (Some(0), Some(0)), "{proof}");
    assert_eq!(proof["routed"].as_u64(), u64::try_from(LETTERS).ok(), "{proof}");
}
