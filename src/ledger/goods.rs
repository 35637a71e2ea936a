//! What is to be delivered, opened for the delivery. Not a way for people: see [`super::look`].

use budstikke_contract::id::EventId;
use bytes::Bytes;

use super::delivery::{Content, Delivery};
use super::seal::Sealed;
use super::{Error, Reader, edit};

/// What the ledger keeps of the thing to be delivered.
#[derive(Clone)]
pub enum Goods {
    /// An event.
    Event {
        /// Its id.
        id: EventId,
        /// Its kind.
        kind: String,
        /// What ties it to others.
        correlation: Option<String>,
        /// The event as CloudEvents JSON.
        json: Bytes,
        /// The message that it came from; the hub's own events came from none.
        original: Option<Original>,
    },
    /// An answer to a sender.
    Reply {
        /// What it is in the system's own words.
        kind: String,
        /// Its media type.
        media_type: String,
        /// Its bytes.
        body: Bytes,
    },
}

impl std::fmt::Debug for Goods {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event { id, kind, .. } => write!(f, "Event({kind} {id})"),
            Self::Reply { kind, .. } => write!(f, "Reply({kind})"),
        }
    }
}

/// A message as it came.
#[derive(Clone)]
pub struct Original {
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
}

impl std::fmt::Debug for Original {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Original({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// Where an item stands in its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InMessage {
    /// Its place.
    pub index: usize,
    /// Whether the message is nothing but this item.
    pub alone: bool,
}

/// Makes the original of an item from who read its message and the message; `None` where its
/// receivers can get none without seeing what is not theirs.
pub type MakeOriginal<'a> = dyn Fn(ReadBy<'_>, InMessage, Vec<u8>) -> Option<Original> + 'a;

/// Where a message came from and who read it.
#[derive(Debug, Clone, Copy)]
pub struct ReadBy<'a> {
    /// Its source.
    pub source: &'a str,
    /// The adapter that read it, or what it carried.
    pub adapter: &'a str,
}

impl Reader<'_> {
    /// Opens what a delivery delivers. `original` makes of a message what the receivers of one of
    /// its items get.
    pub(crate) fn goods(&mut self, delivery: &Delivery, original: &MakeOriginal<'_>) -> Result<Goods, Error> {
        match delivery.content {
            Content::Event(seq) => self.event_goods(seq, original),
            Content::Reply(seq) => self.reply_goods(seq),
        }
    }

    fn event_goods(&mut self, seq: i64, make: &MakeOriginal<'_>) -> Result<Goods, Error> {
        const EVENT: &str = "SELECT event.id, event.kind, event.correlation, event_body.key, event_body.sealed,
                message.adapter, body.seq, body.key, body.sealed,
                item.idx, (SELECT COUNT(*) FROM item AS other WHERE other.message = item.message), message.source,
                item.seq
            FROM event JOIN event_body ON event_body.seq = event.seq
            LEFT JOIN item ON item.seq = event.item
            LEFT JOIN message ON message.seq = item.message
            LEFT JOIN body ON body.seq = COALESCE(message.same_as, message.seq)
            WHERE event.seq = ?1";
        let row = self.sql.first(EVENT, &[seq.into()], |row| {
            let original = match (row.text(5)?.zip(row.text(11)?), row.int(6)?, row.text(7)?, row.blob(8)?) {
                (Some(read_by), Some(body), Some(key), Some(bytes)) => {
                    let index = row.int(9)?.and_then(|index| usize::try_from(index).ok()).unwrap_or_default();
                    let place = InMessage { index, alone: row.int(10)? == Some(1) };
                    Some((read_by, place, (body, row.int(12)?), Sealed { key, bytes }))
                }
                _ => None,
            };
            let sealed = Sealed { key: row.need_text(3)?, bytes: row.need_blob(4)? };
            Ok((row.need_bytes::<16>(0)?, row.need_text(1)?, row.text(2)?, sealed, original))
        })?;
        let (id, kind, correlation, sealed, original) = row.ok_or(Error::Unexpected("an event is missing"))?;
        let json = self.keys.open_sealed("event_body", seq, &sealed.key, &sealed.bytes)?;
        let original = match original {
            Some(((adapter, source), place, (body, item), sealed)) => {
                let read_by = ReadBy { source: &source, adapter: &adapter };
                // Where a person has corrected it, that is what was decided about, and what they get.
                let edit = item.map(|item| edit::approved(self.sql, item)).transpose()?.flatten();
                let bytes = match edit {
                    Some(edit) => super::tx::open_body(self.sql, self.keys, super::tx::Body::Edit, edit)?,
                    None => self.keys.open_sealed("body", body, &sealed.key, &sealed.bytes)?,
                };
                make(read_by, place, bytes)
            }
            None => None,
        };
        Ok(Goods::Event { id: EventId::from_bytes(id), kind, correlation, json: json.into(), original })
    }

    fn reply_goods(&mut self, seq: i64) -> Result<Goods, Error> {
        let reply = self.reply(seq)?;
        let body = super::tx::open_body(self.sql, self.keys, super::tx::Body::Reply, seq)?;
        Ok(Goods::Reply { kind: reply.kind, media_type: reply.media_type, body: body.into() })
    }
}
