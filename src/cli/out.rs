//! Writing to the terminal. A reader that has gone away (`| head`) ends the writing, quietly.

use std::fmt::Arguments;
use std::io::{IsTerminal, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use budstikke_contract::event::copenhagen;

/// Where a command says what it has to say.
pub(super) struct Out {
    to: Box<dyn Write>,
    /// Whether machines read it.
    pub(super) json: bool,
    colour: bool,
}

impl std::fmt::Debug for Out {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Out(json: {})", self.json)
    }
}

/// How a piece of text stands out on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Headings.
    Strong,
    /// What went well.
    Good,
    /// What needs a look.
    Warn,
    /// What matters less.
    Faint,
}

impl Out {
    pub(super) fn stdout(json: bool) -> Self {
        let stdout = std::io::stdout();
        let colour = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { to: Box::new(stdout), json, colour }
    }

    /// Writes a line.
    pub(super) fn line(&mut self, text: Arguments<'_>) {
        // A closed pipe or a full terminal leaves nobody to tell.
        drop(writeln!(self.to, "{text}"));
    }

    /// Writes a value as JSON.
    pub(super) fn value(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        let text = serde_json::to_string_pretty(value)?;
        self.line(format_args!("{text}"));
        Ok(())
    }

    /// Writes bytes as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        drop(self.to.write_all(bytes).and_then(|()| self.to.flush()));
    }

    /// A text in a tone.
    pub(super) fn tone(&self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Strong => "1",
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Says why a command failed.
#[expect(clippy::print_stderr, reason = "the one place that complains on the terminal")]
pub(super) fn complain(what: &str) {
    eprintln!("budstikke: {what}");
}

/// A time as people in Denmark read it.
pub(super) fn clock_time(at: Timestamp) -> String {
    shown(at, "%H:%M:%S", copenhagen())
}

/// A day and a time as people in Denmark read them.
pub(super) fn day_time(at: Timestamp) -> String {
    shown(at, "%Y-%m-%d %H:%M:%S", copenhagen())
}

fn shown(at: Timestamp, form: &str, zone: TimeZone) -> String {
    at.to_zoned(zone).strftime(form).to_string()
}
