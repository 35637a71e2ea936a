//! Runs a private broker with the management plugin, for the tests.
//!
//! `broker-node DIRECTORY FILE` starts it with its data in `DIRECTORY`, writes its two addresses
//! to `FILE` as shell assignments once it is ready, and ends it at SIGTERM or SIGINT.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use budstikke::broker::private_node::{Options, PrivateNode};
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(directory), Some(file), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: broker-node DIRECTORY FILE");
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut options = Options::new(directory);
    options.management = true;
    // The tests look at counts: let the plugin refresh them often.
    options.extra_config.push("collect_statistics_interval = 1000".to_owned());
    let node = tokio::select! {
        node = PrivateNode::start(options, |_| {}) => node.context("the broker did not start")?,
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    announce(&node, Path::new(&file)).context("the addresses could not be written")?;
    let stop = CancellationToken::new();
    let mut running = std::pin::pin!(node.run(stop.clone()));
    tokio::select! {
        ended = &mut running => return Ok(ended?),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.cancel();
    Ok(running.await?)
}

fn announce(node: &PrivateNode, file: &Path) -> anyhow::Result<()> {
    let management = node.management().context("it has no management plugin")?;
    let whole = file.with_extension("new");
    let mut out = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&whole)?;
    writeln!(out, "BUDSTIKKE_TEST_AMQP_URL='{}'", node.address().expose())?;
    writeln!(out, "BUDSTIKKE_TEST_MANAGEMENT_URL='{}'", management.expose_secret())?;
    std::fs::rename(whole, file)?;
    Ok(())
}
