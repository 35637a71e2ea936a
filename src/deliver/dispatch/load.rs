//! What may be sent now, taken from the ledger and packed.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use budstikke_contract::reason::{Code, Reason};
use budstikke_contract::verdict::{Failure, Verdict};
use jiff::Timestamp;

use super::{PER_TARGET, Target};
use crate::adapters::Registry;
use crate::agreement::model::Channel;
use crate::deliver::parcel::Parcel;
use crate::ledger::delivery::{Content, Delivery, State};
use crate::ledger::goods::{Goods, InMessage, Original, ReadBy};
use crate::ledger::{Error, Reader};
use crate::telemetry::trace::{Begun, Context};

/// What is kept cannot be opened: the row was changed, or its key is gone.
pub(crate) const CONTENT_LOST: Code = Code::new("CONTENT_LOST");

/// How a delivery goes.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// The delivery's number.
    pub(super) seq: i64,
    /// To whom.
    pub(super) mailbox: String,
    /// How.
    pub(super) channel: Channel,
    /// How often it was tried before.
    pub(super) attempts: u32,
    /// When this attempt began, and its place in its trace.
    pub(super) trail: Option<(Begun, Context)>,
}

/// A delivery that may go.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) way: Way,
    /// What goes, or why it never can.
    pub(super) parcel: Result<Parcel, Failure>,
}

/// A target, and how much may go to it now.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) target: Target,
    pub(super) most: usize,
    /// The way is broken, and is to be tried.
    pub(super) tries: bool,
}

/// What may go now, and when to look again for what may not.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) ready: Vec<Ready>,
    pub(super) next_at: Option<Timestamp>,
}

/// What is packed so far: several mailboxes get the same.
type Opened = BTreeMap<Content, Result<Goods, Failure>>;

/// Loads what may go into `rooms`, leaving out what is `out` already.
pub(super) fn load(
    reader: &mut Reader<'_>,
    rooms: &[Room],
    out: &HashSet<i64>,
    now: Timestamp,
    adapters: &Registry,
) -> Result<Loaded, Error> {
    let mut loaded = Loaded::default();
    let mut opened = Opened::new();
    for Room { target, most, tries } in rooms {
        let channel = target.channel.name();
        // As many more as may be on their way, so that those do not hide the ones that wait.
        let ready = if *tries {
            reader.to_try_way(&target.mailbox, channel, now)?.into_iter().collect()
        } else {
            reader.ready(&target.mailbox, channel, now, 2 * PER_TARGET)?
        };
        for seq in ready.into_iter().filter(|seq| !out.contains(seq)).take(*most) {
            let delivery = reader.delivery_row(seq)?;
            // A person may have decided otherwise since the index was read.
            if delivery.state != State::Waiting {
                continue;
            }
            let goods = open(reader, &mut opened, &delivery, adapters)?;
            let parcel = goods.as_ref().map(|goods| Parcel::pack(&delivery, target.body, goods)).map_err(Clone::clone);
            let way = Way {
                seq,
                mailbox: delivery.mailbox,
                channel: target.channel,
                attempts: delivery.attempts,
                trail: None,
            };
            loaded.ready.push(Ready { way, parcel });
        }
        let next = reader.next_ready_at(&target.mailbox, channel, now)?;
        loaded.next_at = [loaded.next_at, next].into_iter().flatten().min();
    }
    Ok(loaded)
}

/// What the receivers of an item get as the original. Of several letters in one message they get
/// theirs alone: the others may be about citizens that are none of their business. Of a message that
/// was carried they get what was carried.
pub(crate) fn original(adapters: &Registry, read_by: ReadBy<'_>, place: InMessage, body: Vec<u8>) -> Option<Original> {
    let adapter = adapters.named(read_by.adapter);
    let carried = (read_by.adapter != read_by.source).then(|| adapters.carried(read_by.source, &body)).flatten();
    let body = carried.map_or(body, |(_, carried)| carried);
    let media_type = adapter.as_ref().map_or("application/octet-stream", |it| it.media_type());
    let bytes = if place.alone { Some(body) } else { adapter?.alone(&body, place.index) };
    Some(Original { media_type, bytes: bytes?.into() })
}

/// Opens what a delivery delivers. One that cannot be opened must not keep the others from going.
fn open<'a>(
    reader: &mut Reader<'_>,
    opened: &'a mut Opened,
    delivery: &Delivery,
    adapters: &Registry,
) -> Result<&'a Result<Goods, Failure>, Error> {
    Ok(match opened.entry(delivery.content) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(empty) => empty.insert(match reader.goods(delivery, &|read_by, place, body| original(adapters, read_by, place, body)) {
            Ok(goods) => Ok(goods),
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => {
                tracing::error!(delivery = delivery.seq, error = %crate::telemetry::chain(&error), "what is to be delivered cannot be opened");
                let text = "Indholdet kan ikke åbnes: rækken er ændret, eller nøglen mangler i nøglefilen. Kør `budstikke verify`.";
                Err(Failure::new(Verdict::Refused, Reason::new(CONTENT_LOST, text)))
            }
        }),
    })
}
