//! What traces tell of deliveries: each attempt, in the trace of its event.
//!
//! Every attempt sends the same `traceparent`, so one span only can be what a receiver's hangs on: that
//! of the attempt that ends it. The others stand beside it.

use budstikke_contract::verdict::Failure;

use super::load::Way;
use super::result;
use crate::agreement::model::Channel;
use crate::deliver::parcel::Parcel;
use crate::ledger::delivery::Outcome;
use crate::telemetry::trace::{Begun, Context, Side, Traces};

/// Begins an attempt. The receiver is told that it is followed.
pub(super) fn begin(traces: &Traces, parcel: &mut Result<Parcel, Failure>) -> Option<(Begun, Context)> {
    let begun = traces.begin()?;
    let header = parcel.as_mut().ok().and_then(|it| it.headers.iter_mut().find(|(name, _)| *name == "traceparent"));
    // An answer to a hospital belongs to no event.
    let Some((_, header)) = header else { return Some((begun, Context::fresh())) };
    let place = Context::parse(header).unwrap_or_else(Context::fresh);
    if let Some(bare) = header.strip_suffix("-00") {
        *header = format!("{bare}-01");
    }
    Some((begun, place))
}

/// Tells what came of it.
pub(super) fn tell(traces: &Traces, way: &Way, outcome: &Outcome) {
    let Some((begun, place)) = way.trail else { return };
    let (ends, code) = match outcome {
        Outcome::Delivered => (true, None),
        Outcome::Park(reason) => (true, Some(&reason.code)),
        Outcome::Again { reason, .. } | Outcome::Broken { reason, .. } => (false, Some(&reason.code)),
    };
    traces.end(Some(begun), "deliver", |span| {
        span.place = if ends { place } else { place.beside() };
        span.parent = Some(Context::of_event(&place.trace).span);
        span.side = match way.channel {
            Channel::Amqp => Side::Producer,
            Channel::Http => Side::Client,
            Channel::Inbox => Side::Inside,
        };
        span.failed = *outcome != Outcome::Delivered;
        span.about = vec![
            ("budstikke.mailbox", way.mailbox.clone().into()),
            ("budstikke.channel", way.channel.name().into()),
            ("budstikke.attempt", (i64::from(way.attempts) + 1).into()),
            ("budstikke.result", result(outcome).into()),
        ];
        span.about.extend(code.map(|code| ("budstikke.code", code.to_string().into())));
    });
}
