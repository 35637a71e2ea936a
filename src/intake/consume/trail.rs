//! What traces tell of intake: a batch, what it did with the ledger, and of each item its reading and
//! its decision, in the trace of its event.

use std::time::Duration;

use super::keep::Keep;
use crate::intake::record::Taken;
use crate::ledger::item::State;
use crate::telemetry::trace::{Begun, Context, Side, Span, Traces};

/// How a message came this far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trail {
    begun: Option<Begun>,
    /// How long reading it took.
    read: Duration,
    /// The place that its sender says it comes from.
    sender: Option<Context>,
}

impl Trail {
    /// Begins to follow a message.
    pub(super) fn begin(traces: &Traces, traceparent: Option<&str>) -> Self {
        let begun = traces.begin();
        let sender = begun.and(traceparent).and_then(Context::parse);
        Self { begun, read: Duration::ZERO, sender }
    }

    /// It has been read.
    pub(super) fn has_read(self) -> Self {
        Self { read: self.begun.map_or(Duration::ZERO, Begun::elapsed), ..self }
    }
}

/// What became of one message, and how long it took to decide.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) taken: Vec<Taken>,
    pub(super) decided: Option<(Begun, Duration)>,
}

/// Tells of messages that were kept together, from `written` on by the ledger. `sources` are their names
/// as they may be shown.
pub(super) fn tell<'a, M: Keep + 'a>(
    traces: &Traces,
    written: Option<Begun>,
    kept: impl Iterator<Item = (&'a M, &'a str, &'a Recorded)>,
) {
    let Some(written) = written else { return };
    let batch = Context::fresh();
    let (mut begun, mut messages, mut queue) = (written, 0_i64, "");
    for (message, source, recorded) in kept {
        let trail = message.trail();
        if messages == 0 {
            begun = trail.begun.unwrap_or(written);
            queue = source;
        }
        messages += 1;
        for taken in &recorded.taken {
            let mut place = Item { taken, source, adapter: message.adapter(), batch, trail }.tell(traces, written);
            place.spans(traces, trail, recorded.decided);
        }
    }
    let queue = format!("in.{queue}");
    traces.end(Some(written), "ledger.write", |span| {
        (span.place, span.parent) = (batch.beside(), Some(batch.span));
    });
    traces.end(Some(begun), "intake.batch", |span| {
        (span.place, span.side) = (batch, Side::Consumer);
        span.about = vec![
            ("messaging.system", "rabbitmq".into()),
            ("messaging.destination.name", queue.into()),
            ("messaging.batch.message_count", messages.into()),
        ];
    });
}

struct Item<'a> {
    taken: &'a Taken,
    source: &'a str,
    adapter: &'static str,
    batch: Context,
    trail: Trail,
}

/// Where an item's own span is.
struct Placed(Context);

impl Item<'_> {
    fn tell(self, traces: &Traces, written: Begun) -> Placed {
        let Self { taken, source, adapter, batch, trail } = self;
        let place = match &taken.event {
            // A repeat is told of beside what it repeats.
            Some(id) if taken.state == State::Duplicate => Context::of_event(id.as_bytes()).beside(),
            Some(id) => Context::of_event(id.as_bytes()),
            None => Context::fresh(),
        };
        traces.end(Some(trail.begun.unwrap_or(written)), "item", |span: &mut Span| {
            (span.place, span.side) = (place, Side::Consumer);
            span.links = [Some(batch), trail.sender].into_iter().flatten().collect();
            span.failed = taken.reason.is_some();
            let outcome = if taken.refused { "refused" } else { taken.state.name() };
            span.about = vec![
                ("budstikke.item", taken.item.into()),
                ("budstikke.source", source.to_owned().into()),
                ("budstikke.adapter", adapter.into()),
                ("budstikke.outcome", outcome.into()),
            ];
            span.about.extend(taken.reason.as_ref().map(|reason| ("budstikke.code", reason.code.to_string().into())));
        });
        Placed(place)
    }
}

impl Placed {
    /// Its parts.
    fn spans(&mut self, traces: &Traces, trail: Trail, decided: Option<(Begun, Duration)>) {
        let read = trail.begun.map(|begun| ("translate", begun, trail.read));
        let decided = decided.map(|(begun, took)| ("decide", begun, took));
        for (name, begun, took) in read.into_iter().chain(decided) {
            traces.keep(begun, took, name, |span| {
                (span.place, span.parent) = (self.0.beside(), Some(self.0.span));
            });
        }
    }
}
