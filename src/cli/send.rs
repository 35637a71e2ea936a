//! `send`: messages to the hub, by its broker, as their source would send them.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::explain;
use super::out::{Out, Tone};
use super::{Common, Failure, Outcome, runtime};
use crate::adapters::Registry;
use crate::app::{Ready, State};
use crate::broker::{Address, Broker, ExchangeName, Publish, Published, Settings, State as BrokerState, Topology};
use crate::clock::Clock;
use crate::config::{self, Place};
use crate::intake::prepare::Incoming;
use crate::ledger;

/// How long the broker may take.
const LIMIT: Duration = Duration::from_secs(30);

/// How long to wait for the hub to have taken what was sent.
const TAKEN: Duration = Duration::from_secs(10);

pub(super) fn run(common: &Common, options: &explain::Options, adapters: Registry, out: &mut Out) -> Outcome {
    let settings = common.settings()?;
    let messages = explain::read(options, &adapters, Clock::system().now())?;
    let state = common.existing_state()?;
    if settings.broker.place == Place::Private && state.lock().is_ok() {
        let hint = "start it with `budstikke run`, and name its state directory with --state";
        let text =
            format!("no hub is running on `{}`, and its broker runs with it: {hint}", common.state_folder().display());
        return Err(Failure::Failed(anyhow::anyhow!(text)));
    }
    let address = address(&settings, &state)?;
    let place = state.ledger(&settings);
    let before = match state.keys(&settings) {
        Ok(keys) if place.exists()? => ledger::read(&place, &keys, |reader| reader.last_item())?,
        _ => 0,
    };
    let count = messages.len();
    runtime()?.block_on(publish(address, messages, adapters, out))?;
    if place.exists()? {
        show_taken(&state, &settings, before, count, out)?;
    }
    Ok(())
}

fn address(settings: &config::Settings, state: &State) -> Result<Address, Failure> {
    let ready = Ready::read(&state.ready_file());
    let text = match (&settings.broker.place, ready) {
        (_, Ok(ready)) => ready.amqp,
        (Place::At(url), Err(_)) => url.clone(),
        (Place::Private, Err(error)) => return Err(Failure::Failed(error)),
    };
    Ok(Address::parse(text.into())?)
}

async fn publish(
    address: Address,
    messages: Vec<(std::path::PathBuf, Incoming)>,
    adapters: Registry,
    out: &mut Out,
) -> Outcome {
    let stop = CancellationToken::new();
    // Its sources' exchange is the hub's to declare; this only uses it.
    let (broker, work) =
        Broker::new(Settings::new(address), Topology::none(), Vec::new(), Clock::system(), stop.clone());
    let publishing = async {
        let mut state = broker.state();
        let up = tokio::time::timeout(LIMIT, state.wait_for(|state| *state == BrokerState::Up)).await;
        if !matches!(up, Ok(Ok(_))) {
            return Err(Failure::Failed(anyhow::anyhow!(
                "the broker cannot be reached: is the hub running? (`budstikke status`)"
            )));
        }
        for (number, (file, message)) in messages.into_iter().enumerate() {
            let media_type = adapters.named(&message.source).map_or("application/octet-stream", |it| it.media_type());
            let publish = Publish {
                exchange: ExchangeName::In,
                routing_key: message.source.clone(),
                message_id: format!("send-{}-{number}", std::process::id()),
                kind: None,
                correlation_id: None,
                content_type: media_type.to_owned(),
                headers: Vec::new(),
                body: message.body,
            };
            match broker.publisher().publish(publish).await {
                Published::Confirmed => {
                    if !out.json {
                        out.line(format_args!("sent      {} to in.{}", file.display(), message.source));
                    }
                }
                other @ (Published::Returned
                | Published::Nacked
                | Published::Unknown
                | Published::NotSent
                | Published::Unfit(_)) => {
                    let what = format!("`{}` was not taken by the broker: {other:?}", file.display());
                    return Err(Failure::Failed(anyhow::anyhow!(what)));
                }
            }
        }
        Ok(())
    };
    let both = async {
        let outcome = publishing.await;
        stop.cancel();
        outcome
    };
    let (worked, outcome) = tokio::join!(work, both);
    outcome?;
    Ok(worked?)
}

/// Waits until the hub has taken what was sent, and says what became of it.
fn show_taken(state: &State, settings: &config::Settings, before: i64, count: usize, out: &mut Out) -> Outcome {
    let keys = state.keys(settings)?;
    let place = state.ledger(settings);
    let mut waited = Duration::ZERO;
    let pause = Duration::from_millis(100);
    let stories = loop {
        let stories = ledger::read(&place, &keys, |reader| reader.stories_after(before))?;
        if stories.len() >= count || waited >= TAKEN {
            break stories;
        }
        std::thread::sleep(pause);
        waited += pause;
    };
    if out.json {
        let list: Vec<_> = stories.iter().map(|story| story.value()).collect();
        out.value(&json!({"sent": count, "taken": list}))?;
        return Ok(());
    }
    if stories.len() < count {
        let waiting = out.tone(Tone::Warn, "not all of it has been taken yet");
        out.line(format_args!("{waiting}: `budstikke status` shows how the hub is doing"));
    }
    for story in &stories {
        super::story::tell(out, story)?;
    }
    Ok(())
}
