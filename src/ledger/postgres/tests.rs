//! What a server can do to a ledger, each with a server that does it.

mod cutter;
mod schema;

use budstikke_testkit::postgres::{Cluster, End};
use tempfile::TempDir;

use super::super::seal::Keyring;
use super::super::tests::{keep, verify};
use super::super::{Error, Ledger, Place};
use super::*;
use crate::clock::Clock;
use cutter::{Cut, Cutter};

struct Fixture {
    cluster: Cluster,
    folder: TempDir,
}

impl Fixture {
    fn new(settings: &[&str]) -> Self {
        Self { cluster: Cluster::start(settings).unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn url(&self) -> String {
        self.cluster.url("postgres")
    }

    /// Opens the ledger by way of an address.
    fn open_by(&self, url: &str, share: Share) -> Result<Ledger, Error> {
        let place = Place::Server(Box::new(Server::parse(url, None, None).unwrap()));
        let keys = Keyring::open(&self.folder.path().join("ledger.key"), place.exists()?).unwrap();
        Ledger::open(&place, share, keys, Clock::system())
    }
}

/// Whether a ledger is good, and how much it has received.
async fn received(ledger: &Ledger) -> i64 {
    let report = verify(ledger, None).await;
    assert!(report.is_good(), "{report:?}");
    report.balance.received
}

#[tokio::test]
async fn a_server_that_dies_and_comes_back_takes_nothing_with_it() {
    let mut fixture = Fixture::new(&[]);
    let ledger = fixture.open_by(&fixture.url(), Share::Alone).unwrap();
    for round in 0..3 {
        let body = [round];
        ledger.write(move |tx| keep(tx, &body, &round.to_string())).await.unwrap();
        assert_eq!(received(&ledger).await, i64::from(round) + 1);
        fixture.cluster.end(End::AtOnce).unwrap();
        let error = ledger.write(|tx| keep(tx, b"lost", "lost")).await.unwrap_err();
        assert!(error.is_passing(), "{error:?}");
        let error = ledger.read(|reader| reader.chain_end()).await.unwrap_err();
        assert!(error.is_passing(), "{error:?}");
        fixture.cluster.start_again().unwrap();
    }
    assert_eq!(received(&ledger).await, 3);
}

#[tokio::test]
async fn what_was_cut_off_at_its_commit_is_known_for_what_it_is() {
    let fixture = Fixture::new(&[]);
    let cutter = Cutter::to(fixture.cluster.port());
    let by = fixture.url().replace(&fixture.cluster.port().to_string(), &cutter.port().to_string());
    let ledger = fixture.open_by(&by, Share::Alone).unwrap();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();

    cutter.cut(Cut::BeforeTheServerHears);
    let error = ledger.write(|tx| keep(tx, b"two", "2")).await.unwrap_err();
    assert!(error.is_passing(), "{error:?}");
    assert_eq!(received(&ledger).await, 1, "what nobody was told of was not kept");

    cutter.cut(Cut::BeforeTheHubHears);
    ledger.write(|tx| keep(tx, b"three", "3")).await.unwrap();
    assert_eq!(received(&ledger).await, 2, "what was kept is told so, and kept once");

    ledger.write(|tx| keep(tx, b"four", "4")).await.unwrap();
    assert_eq!(received(&ledger).await, 3);
    assert_eq!(cutter.cuts(), 2, "both were cut");
}

#[tokio::test]
async fn there_is_one_hub_at_a_time_and_the_next_one_takes_over() {
    let fixture = Fixture::new(&[]);
    let one = fixture.open_by(&fixture.url(), Share::Alone).unwrap();
    let refused = fixture.open_by(&fixture.url(), Share::Alone).unwrap_err();
    assert!(matches!(refused, Error::Taken), "{refused:?}");
    let beside = fixture.open_by(&fixture.url(), Share::Beside).unwrap();
    beside.write(|tx| keep(tx, b"beside", "1")).await.unwrap();
    one.write(|tx| keep(tx, b"one", "2")).await.unwrap();
    drop(one);
    let two = fixture.open_by(&fixture.url(), Share::Alone).unwrap();
    two.write(|tx| keep(tx, b"two", "3")).await.unwrap();
    assert_eq!(received(&two).await, 3);
}

#[tokio::test]
async fn whoever_waits_for_another_writer_does_not_wait_for_ever() {
    let fixture = Fixture::new(&[]);
    let ledger = fixture.open_by(&fixture.url(), Share::Alone).unwrap();
    let (url, stop) = (fixture.url(), CancellationToken::new());
    let (begun, is_begun) = std::sync::mpsc::channel();
    let held = stop.clone();
    let holding = std::thread::spawn(move || {
        let server = Server::parse(&url, None, None).unwrap();
        let mut other = Postgres::open(&server, Role::Writer(Share::Beside)).unwrap();
        other.begin().unwrap();
        begun.send(()).unwrap();
        while !held.is_cancelled() {
            std::thread::sleep(Duration::from_millis(10));
        }
        other.give_up().unwrap();
    });
    is_begun.recv().unwrap();
    let error = ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    stop.cancel();
    holding.join().unwrap();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    assert_eq!(received(&ledger).await, 1);
}

#[tokio::test]
async fn a_server_that_does_not_keep_what_it_says_it_has_is_refused() {
    let mut fixture = Fixture::new(&["fsync=off"]);
    let error = fixture.open_by(&fixture.url(), Share::Alone).unwrap_err();
    let Error::Open { path, source } = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("`fsync` is off"), "{source}");
    assert!(path.contains("`postgres` on `127.0.0.1`"), "{path}");

    // A server can be told to answer before the disk does. The hub asks for more, and gets it.
    fixture.cluster = Cluster::start(&["synchronous_commit=off"]).unwrap();
    let said = super::super::place::aside(|| {
        let mut database =
            Postgres::open(&Server::parse(&fixture.url(), None, None).unwrap(), Role::Writer(Share::Beside))?;
        database.say("tests", "SELECT current_setting('synchronous_commit')")
    });
    assert_eq!(said.unwrap().as_deref(), Some("on"));
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_database_are_told() {
    let fixture = Fixture::new(&[]);
    let file = fixture.folder.path().join("password");
    std::fs::write(&file, "forkert\n").unwrap();
    let bare = fixture.url().replace(":kun-til-test@", "@");
    let open = |url: &str| {
        let server = Server::parse(url, Some(file.clone()), None).unwrap();
        super::super::place::aside(|| Postgres::open(&server, Role::Writer(Share::Beside)).map(drop))
    };
    let told = |error: Error| crate::telemetry::chain(&error);
    let wrong = told(open(&bare).unwrap_err());
    assert!(wrong.contains("28P01") && !wrong.contains("forkert"), "{wrong}");
    std::fs::write(&file, budstikke_testkit::postgres::PASSWORD).unwrap();
    open(&bare).unwrap();
    let missing = told(open(&bare.replace("/postgres", "/books")).unwrap_err());
    assert!(missing.contains("3D000") && missing.contains("`books`"), "{missing}");
    std::fs::remove_file(&file).unwrap();
    let unread = told(open(&bare).unwrap_err());
    assert!(unread.contains("ledger.password_file"), "{unread}");
}

#[tokio::test]
async fn a_text_that_cannot_be_kept_is_refused_and_takes_nothing_with_it() {
    let fixture = Fixture::new(&[]);
    let ledger = fixture.open_by(&fixture.url(), Share::Alone).unwrap();
    let (bad, good) =
        tokio::join!(ledger.write(|tx| keep(tx, b"one", "a\0b")), ledger.write(|tx| keep(tx, b"two", "2")),);
    assert!(matches!(bad, Err(Error::Refused(_))), "{bad:?}");
    good.unwrap();
    assert_eq!(received(&ledger).await, 1);
}

/// A number that a transaction had, and did not keep before the server died, is given to another one.
#[tokio::test(flavor = "multi_thread")]
async fn what_died_with_its_server_is_not_taken_for_what_came_after_it() {
    let mut fixture = Fixture::new(&[]);
    let cutter = Cutter::to(fixture.cluster.port());
    let by = fixture.url().replace(&fixture.cluster.port().to_string(), &cutter.port().to_string());
    let ledger = fixture.open_by(&by, Share::Alone).unwrap();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    cutter.cut(Cut::BeforeTheServerHears);
    let lost = ledger.write(|tx| keep(tx, b"two", "2"));
    let (url, server) = (fixture.url(), &mut fixture.cluster);
    let meanwhile = async {
        while cutter.cuts() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::task::block_in_place(|| {
            server.end(End::AtOnce).unwrap();
            server.start_again().unwrap();
            super::super::place::aside(|| {
                // Another application of the same server.
                let mut other =
                    Postgres::connect(&Server::parse(&url, None, None).unwrap(), Role::Writer(Share::Beside))?;
                for _ in 0..50 {
                    other.say("tests", "BEGIN; SELECT pg_current_xact_id(); COMMIT")?;
                }
                Ok(())
            })
            .unwrap();
        });
    };
    let (lost, ()) = tokio::join!(lost, meanwhile);
    assert!(lost.is_err(), "it was told as kept");
    assert_eq!(received(&ledger).await, 1);
}

/// A password that is changed while the connection is gone is no fault of the work that waits.
#[tokio::test]
async fn what_is_wrong_with_a_new_connection_is_no_fault_of_the_work() {
    let mut fixture = Fixture::new(&[]);
    let file = fixture.folder.path().join("password");
    std::fs::write(&file, budstikke_testkit::postgres::PASSWORD).unwrap();
    let bare = fixture.url().replace(":kun-til-test@", "@");
    let place = Place::Server(Box::new(Server::parse(&bare, Some(file.clone()), None).unwrap()));
    let keys = Keyring::open(&fixture.folder.path().join("ledger.key"), false).unwrap();
    let ledger = Ledger::open(&place, Share::Alone, keys, Clock::system()).unwrap();
    fixture.cluster.end(End::Fast).unwrap();
    fixture.cluster.start_again().unwrap();
    std::fs::write(&file, "forkert").unwrap();
    let error = ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap_err();
    assert!(error.is_passing() && crate::telemetry::chain(&error).contains("28P01"), "{error:?}");
    let error = ledger.read(|reader| reader.chain_end()).await.unwrap_err();
    assert!(error.is_passing(), "{error:?}");
    std::fs::write(&file, budstikke_testkit::postgres::PASSWORD).unwrap();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    assert_eq!(received(&ledger).await, 1);
}

#[tokio::test]
async fn a_hub_whose_place_was_taken_knows_that_it_has_ended() {
    let fixture = Fixture::new(&[]);
    let cutter = Cutter::to(fixture.cluster.port());
    let by = fixture.url().replace(&fixture.cluster.port().to_string(), &cutter.port().to_string());
    let first = fixture.open_by(&by, Share::Alone).unwrap();
    first.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    cutter.close();
    let second = fixture.open_by(&fixture.url(), Share::Alone).unwrap();
    second.write(|tx| keep(tx, b"two", "2")).await.unwrap();
    cutter.open();
    let error = first.write(|tx| keep(tx, b"three", "3")).await.unwrap_err();
    assert!(matches!(error, Error::Taken), "{error:?}");
    assert!(first.lost().await.contains("another hub"));
    assert_eq!(received(&second).await, 2);
}

/// The one of its name is gone, and what answers in its place has less.
#[tokio::test]
async fn what_was_committed_and_is_gone_is_noticed() {
    let mut fixture = Fixture::new(&[]);
    let ledger = fixture.open_by(&fixture.url(), Share::Alone).unwrap();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    let standby = fixture.cluster.standby(&["hot_standby=on"]).unwrap();
    standby.promote().unwrap();
    ledger.write(|tx| keep(tx, b"two", "2")).await.unwrap();
    fixture.cluster.end(End::AtOnce).unwrap();
    fixture.cluster.take_port_of(standby).unwrap();
    let error = ledger.write(|tx| keep(tx, b"three", "3")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(ledger.lost().await.contains("lost what was committed"));
}

/// It takes a connection, and says nothing.
#[tokio::test]
async fn of_two_hosts_one_that_is_frozen_does_not_keep_us_from_the_other() {
    let fixture = Fixture::new(&[]);
    let silent = Cluster::start(&[]).unwrap();
    silent.freeze().unwrap();
    let own = format!("127.0.0.1:{}", fixture.cluster.port());
    let both = fixture.url().replace(&own, &format!("127.0.0.1:{},{own}", silent.port()));
    let ledger = fixture.open_by(&both, Share::Alone).unwrap();
    ledger.write(|tx| keep(tx, b"one", "1")).await.unwrap();
    assert_eq!(received(&ledger).await, 1);
}
