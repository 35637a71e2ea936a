//! Traces, for whoever runs an OpenTelemetry collector: what was done with a message, how long each
//! part took, and which others it hangs together with. Off unless the settings say where they go;
//! then nothing is measured.
//!
//! Spans are made by hand, at the few places that matter, of names and numbers of the hub's own: what
//! libraries log on their way (whole messages, some of them) can never get into one. A trace's id is
//! its event's, so whoever has the one has the other.

mod encode;
mod export;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use budstikke_contract::person::printable;
use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::web::Endpoint;
pub use export::Exporter;

/// How many spans wait to be sent; what comes then is left out, and counted.
const WAITING: usize = 4096;

/// Where spans go; nowhere, where the settings name no collector. Clones go to the same place.
#[derive(Debug, Clone, Default)]
pub struct Traces(Option<Arc<Open>>);

#[derive(Debug)]
struct Open {
    spans: mpsc::Sender<Span>,
    clock: Clock,
}

/// When something began.
#[derive(Debug, Clone, Copy)]
pub struct Begun {
    at: Timestamp,
    since: Instant,
}

/// A place in a trace that others can hang on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The trace: an event's id, where it is one of ours.
    pub trace: [u8; 16],
    /// The span.
    pub span: [u8; 8],
}

/// On which side of a conversation a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// On none.
    Inside,
    /// We answer a request.
    Server,
    /// We make one, and wait for the answer.
    Client,
    /// We send a message.
    Producer,
    /// We take one.
    Consumer,
}

/// What is said of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// In a word.
    Text(Cow<'static, str>),
    /// In a number.
    Number(i64),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// Something that was done, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What.
    pub name: Cow<'static, str>,
    /// Its own place.
    pub place: Context,
    /// What it is a part of, in the same trace.
    pub parent: Option<[u8; 8]>,
    /// What it hangs together with, in other traces.
    pub links: Vec<Context>,
    /// On which side.
    pub side: Side,
    /// From when.
    pub began: Timestamp,
    /// How long.
    pub took: Duration,
    /// Whether it did not do what it should.
    pub failed: bool,
    /// What there is to say of it. Never anything about a person.
    pub about: Vec<(&'static str, Value)>,
}

/// Bytes that nobody has had before.
fn fresh<const N: usize>() -> [u8; N] {
    let mut bytes = [1; N];
    // Where the machine has no chance to give, spans get mixed up: better than none.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() { [1; N] } else { bytes }
}

impl Context {
    /// A trace that begins here.
    pub fn fresh() -> Self {
        Self { trace: fresh(), span: fresh() }
    }

    /// The place of an event's own span: all that happens to it hangs on this.
    pub fn of_event(id: &[u8; 16]) -> Self {
        let [_, _, _, _, _, _, _, _, span @ ..] = *id;
        Self { trace: *id, span }
    }

    /// Another place in the same trace.
    #[must_use]
    pub fn beside(self) -> Self {
        Self { span: fresh(), ..self }
    }

    /// Reads a `traceparent` (W3C Trace Context). It is a stranger's: what is not exactly of that form,
    /// or has something in it that reads as a CPR number, is none.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_whole = version == "00" && flags.len() == 2 && parts.next().is_none();
        let lower = header.bytes().all(|byte| !byte.is_ascii_uppercase());
        if !is_whole || !lower || holds_number(trace) || holds_number(span) {
            return None;
        }
        let bytes = |hex: &str| HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok();
        let (trace, span) = (bytes(trace)?.try_into().ok()?, bytes(span)?.try_into().ok()?);
        (trace != [0; 16] && span != [0; 8]).then_some(Self { trace, span })
    }
}

/// Whether ten digits in a row read as a CPR number. Of ids made by chance few hundredths do; those
/// are not followed.
fn holds_number(hex: &str) -> bool {
    let digits = |window: &[u8]| window.iter().all(u8::is_ascii_digit);
    hex.as_bytes().windows(10).filter(|window| digits(window)).any(|window| {
        let text = std::str::from_utf8(window).unwrap_or_default();
        printable(text) != text
    })
}

impl Traces {
    /// Traces that go to a collector, and what takes them there.
    pub fn to(endpoint: Endpoint, clock: Clock) -> (Self, Exporter) {
        let (spans, waiting) = mpsc::channel(WAITING);
        (Self(Some(Arc::new(Open { spans, clock }))), Exporter { endpoint, waiting, gathered: Vec::new() })
    }

    /// Whether there are any.
    pub fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins to measure; none where there are no traces.
    pub fn begin(&self) -> Option<Begun> {
        self.0.as_ref().map(|open| Begun { at: open.clock.now(), since: Instant::now() })
    }

    /// Keeps what began, and has ended now. `fill` says what it was.
    pub fn end(&self, begun: Option<Begun>, name: impl Into<Cow<'static, str>>, fill: impl FnOnce(&mut Span)) {
        let Some(begun) = begun else { return };
        self.keep(begun, begun.since.elapsed(), name, fill);
    }

    /// Keeps what took so long.
    pub fn keep(&self, begun: Begun, took: Duration, name: impl Into<Cow<'static, str>>, fill: impl FnOnce(&mut Span)) {
        let Some(open) = &self.0 else { return };
        let mut span = Span {
            name: name.into(),
            place: Context::fresh(),
            parent: None,
            links: Vec::new(),
            side: Side::Inside,
            began: begun.at,
            took,
            failed: false,
            about: Vec::new(),
        };
        fill(&mut span);
        // Nobody waits for a collector.
        if open.spans.try_send(span).is_err() {
            export::count("left out", 1);
        }
    }
}

impl Begun {
    /// How long ago it was.
    pub fn elapsed(self) -> Duration {
        self.since.elapsed()
    }
}
