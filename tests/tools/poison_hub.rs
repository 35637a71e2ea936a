//! A hub with one more source, `poison`, whose adapter does what no adapter must: it dies of a
//! message that says `abort`, and panics at one that says `panic`. Otherwise it reads events. That of
//! the source that the hub fetches for by itself, `beskedfordeler`, does the same.

use std::process::ExitCode;
use std::sync::Arc;

use budstikke::adapters::Registry;
use budstikke_contract::adapter::{Adapter, Raw, Translated};
use budstikke_events::Events;

/// The adapter of this source.
#[derive(Debug)]
struct Poison(&'static str);

impl Adapter for Poison {
    fn name(&self) -> &'static str {
        self.0
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
    let fetched = Arc::new(Poison("beskedfordeler"));
    let adapters = Registry::default().replacing(fetched).with(Arc::new(Poison("poison")));
    budstikke::cli::main(std::env::args_os(), adapters)
}
