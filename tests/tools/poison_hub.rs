//! A hub with one more source, `poison`, whose adapter does what no adapter must: it dies of a
//! message that says `abort`, and panics at one that says `panic`. Otherwise it reads events.

use std::process::ExitCode;
use std::sync::Arc;

use budstikke::adapters::Registry;
use budstikke_contract::adapter::{Adapter, Raw, Translated};
use budstikke_events::Events;

#[derive(Debug)]
struct Poison;

impl Adapter for Poison {
    fn name(&self) -> &'static str {
        "poison"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        let text = String::from_utf8_lossy(raw.body);
        if text.contains("abort") {
            std::process::abort();
        }
        // As a careless library would, with what it choked on.
        assert!(!text.contains("panic"), "cannot read {text}");
        Events.translate(raw)
    }
}

fn main() -> ExitCode {
    budstikke::telemetry::discreet_panics();
    budstikke::cli::main(std::env::args_os(), Registry::default().with(Arc::new(Poison)))
}
