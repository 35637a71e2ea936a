//! Brokers of others' that the hub takes from by itself.

use anyhow::{Context, Result};
use tokio::sync::watch;

use super::{Assembly, follow};
use crate::broker::{self, Address, Broker, Consume, Identity, State, Tls, Whose};
use crate::config::Settings;
use crate::config::beskedfordeler::Fetch;
use crate::intake::consume::{ForeignDesk, SourceDesk};
use crate::supervise::Outcome;

/// The source that is fetched for.
const SOURCE: &str = "beskedfordeler";

/// Fetches from KOMBIT's Beskedfordeler, where the settings say from where.
pub(super) fn beskedfordeler(assembly: &mut Assembly, settings: &Settings) -> Result<()> {
    let Some(fetch) = &settings.beskedfordeler.fetch else { return Ok(()) };
    let (is_paused, paused) = watch::channel(false);
    let follow = follow(assembly.paused.subscribe(), SOURCE.to_owned(), is_paused, assembly.stop.clone());
    assembly.tasks.start("pause", follow);
    let desk = ForeignDesk { source: SOURCE, desk: SourceDesk(assembly.desk.clone()) };
    let consume = Consume { queue: fetch.queue.clone(), handler: std::sync::Arc::new(desk), paused };
    let foreign = broker_settings(fetch, settings)?;
    let (state, work) = Broker::taking(foreign, consume, assembly.desk.clock.clone(), assembly.stop.clone());
    assembly.desk.health.also(SOURCE, state.clone());
    assembly.tasks.start("beskedfordeler", async move { work.await.map_err(Into::into) });
    assembly.tasks.start("beskedfordeler state", show(state, assembly.stop.clone()));
    Ok(())
}

fn broker_settings(fetch: &Fetch, settings: &Settings) -> Result<broker::Settings> {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    let vhost: String = fetch.vhost.bytes().flat_map(|byte| ['%', digit(byte >> 4), digit(byte & 15)]).collect();
    let url = format!("amqps://{}:{}/{vhost}?auth_mechanism=external", fetch.host, fetch.port);
    let address = Address::parse(url.into()).context("`beskedfordeler.host` is not the host of a broker")?;
    let (certificate, key) = fetch.identity.clone();
    Ok(broker::Settings {
        whose: Whose::Theirs,
        token: Some(fetch.token_file.clone()),
        tls: Some(Tls {
            authorities: fetch.ca_file.clone(),
            identity: Some(Identity { certificate, key }),
            server_name: None,
        }),
        name: format!("budstikke {SOURCE}"),
        // Each message must be acknowledged before KOMBIT hands out the next.
        prefetch: 1,
        // A queue that others fill may well be silent for days; and nothing is asked of that broker
        // but messages.
        watchdog: None,
        stop_grace: settings.stop_grace,
        ..broker::Settings::new(address)
    })
}

/// Shows in the metrics whether messages can be fetched.
async fn show(mut state: watch::Receiver<State>, stop: tokio_util::sync::CancellationToken) -> Outcome {
    loop {
        let up = *state.borrow_and_update() == State::Up;
        metrics::gauge!("budstikke_foreign_up", "source" => SOURCE).set(if up { 1.0 } else { 0.0 });
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            changed = state.changed() => if changed.is_err() {
                stop.cancelled().await;
                return Ok(());
            },
        }
    }
}
