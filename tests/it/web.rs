//! An endpoint against receivers of every kind: what is sent, what is followed, what is refused, and
//! what each kind of silence comes to.

mod access;
mod answers;
mod certificates;
mod reach;

use std::collections::BTreeSet;
use std::time::Duration;

use budstikke::clock::Clock;
use budstikke::web::address::{Net, Reach};
use budstikke::web::token::Access;
use budstikke::web::{Answer, Endpoint, Fault, Request, Settings, Tls, Url};

use crate::wait;

/// Settings for what listens on this machine.
pub(crate) fn settings(url: &str) -> Settings {
    let hosts = BTreeSet::from(["127.0.0.1".to_owned(), "localhost".to_owned()]);
    Settings {
        url: Url::parse(url).expect("a URL"),
        tls: Tls::default(),
        access: Access::Open,
        reach: Reach { hosts: BTreeSet::new(), nets: vec![Net::parse("127.0.0.0/8").expect("a net")], plain: hosts },
        connect_timeout: Duration::from_secs(30),
        timeout: Duration::from_secs(30),
    }
}

fn open(settings: Settings) -> Endpoint {
    Endpoint::open(settings, Clock::system()).expect("it can be used")
}

fn body() -> Request {
    Request::post("text/plain", "the body".into()).header("idempotency-key", "one")
}

async fn send(endpoint: &Endpoint) -> Result<Answer, Fault> {
    wait::soon("there is an answer, or none", endpoint.send(&body())).await
}

async fn status(endpoint: &Endpoint) -> u16 {
    send(endpoint).await.expect("an answer").status
}

async fn fault(endpoint: &Endpoint) -> Fault {
    send(endpoint).await.expect_err("no answer")
}

/// Why the other side refuses us, as soon as it is heard: a connection that ends before anything is
/// sent on it does not say why, and the next attempt may.
async fn refusal(endpoint: &Endpoint) -> Fault {
    wait::until("it is heard why", async || Some(fault(endpoint).await).filter(|it| *it != Fault::Unreachable)).await
}
