//! Runs a PostgreSQL server for the tests.
//!
//! `postgres-node FILE` starts it, writes its address to `FILE` as a shell assignment once it is ready, and
//! ends it, data and all, at SIGTERM or SIGINT.

use std::path::Path;

use anyhow::Context;
use budstikke_testkit::postgres::Cluster;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: postgres-node FILE");
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let cluster = Cluster::start(&[]).context("the server did not start")?;
    let whole = Path::new(&file).with_extension("new");
    std::fs::write(&whole, format!("BUDSTIKKE_TEST_POSTGRES_URL='{}'\n", cluster.url("postgres")))?;
    std::fs::rename(whole, file)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
