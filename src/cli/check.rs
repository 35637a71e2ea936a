//! `check`: the settings and the agreement, with all that is wrong at once.

use serde_json::json;

use super::out::{Out, Tone};
use super::{Common, Failure, Outcome};
use crate::adapters::Registry;
use crate::agreement::Book;
use crate::app;
use crate::clock::Clock;
use crate::config::{Settings, agreement};
use crate::ledger::place::Place;
use crate::telemetry;

pub(super) fn run(common: &Common, adapters: Registry, out: &mut Out) -> Outcome {
    let settings = match Settings::read(&common.config) {
        Ok(settings) => settings,
        Err(faults) => return tell(out, &common.config.display().to_string(), &texts(&faults)),
    };
    let files = agreement::files(&settings.agreement)?;
    let place = settings.agreement.display().to_string();
    let book = match Book::read(&files) {
        Ok(book) if book.parties().is_empty() => return tell(out, &place, &[format!("`{place}` holds no agreement")]),
        Ok(book) => book,
        Err(faults) => return tell(out, &place, &texts(&faults)),
    };
    let parties: Vec<String> = book.parties().into_iter().collect();
    // What the hub itself would refuse to start with.
    let config = common.config.display().to_string();
    let world = match app::world(&settings, adapters) {
        Ok(world) => world,
        Err(error) => return tell(out, &config, &[telemetry::chain(&*error)]),
    };
    if let Err(faults) = app::ways(&settings, &world, &Clock::system()) {
        return tell(out, &config, &texts(&faults));
    }
    if let Place::Server(server) = &settings.ledger.place
        && let Err(error) = server.check()
    {
        return tell(out, &config, &[format!("`ledger.url`: {}", telemetry::chain(&error))]);
    }
    if out.json {
        out.value(&json!({"good": true, "faults": [], "files": files.len(), "parties": parties}))?;
    } else {
        let (good, count) = (out.tone(Tone::Good, "good"), files.len());
        out.line(format_args!("{good}: the settings, and {count} agreement files for {}", parties.join(", ")));
    }
    Ok(())
}

fn texts(faults: &[impl ToString]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

fn tell(out: &mut Out, place: &str, faults: &[String]) -> Outcome {
    if out.json {
        out.value(&json!({"good": false, "place": place, "faults": faults}))?;
    }
    let count = if faults.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", faults.len()) };
    Err(Failure::Usage(format!("{count} in `{place}`:\n{}", faults.join("\n"))))
}
