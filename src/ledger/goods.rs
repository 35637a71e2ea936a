//! What is to be delivered, opened for the delivery. Not a way for people: see [`super::look`].

use budstikke_contract::id::EventId;

use super::delivery::{Content, Delivery};
use super::seal::Sealed;
use super::{Error, Reader};
use crate::deliver::parcel::{Goods, Original};

impl Reader<'_> {
    /// Opens what a delivery delivers. `media_type_of` knows each adapter's.
    pub(crate) fn goods(
        &mut self,
        delivery: &Delivery,
        media_type_of: &dyn Fn(&str) -> &'static str,
    ) -> Result<Goods, Error> {
        match delivery.content {
            Content::Event(seq) => self.event_goods(seq, media_type_of),
            Content::Reply(seq) => self.reply_goods(seq),
        }
    }

    fn event_goods(&mut self, seq: i64, media_type_of: &dyn Fn(&str) -> &'static str) -> Result<Goods, Error> {
        const EVENT: &str = "SELECT event.id, event.kind, event.correlation, event_body.key, event_body.sealed,
                message.adapter, body.seq, body.key, body.sealed
            FROM event JOIN event_body ON event_body.seq = event.seq
            LEFT JOIN item ON item.seq = event.item
            LEFT JOIN message ON message.seq = item.message
            LEFT JOIN body ON body.seq = COALESCE(message.same_as, message.seq)
            WHERE event.seq = ?1";
        let row = self.sql.first(EVENT, &[seq.into()], |row| {
            let original = match (row.text(5)?, row.int(6)?, row.text(7)?, row.blob(8)?) {
                (Some(adapter), Some(body), Some(key), Some(bytes)) => Some((adapter, body, Sealed { key, bytes })),
                _ => None,
            };
            let sealed = Sealed { key: row.need_text(3)?, bytes: row.need_blob(4)? };
            Ok((row.need_bytes::<16>(0)?, row.need_text(1)?, row.text(2)?, sealed, original))
        })?;
        let (id, kind, correlation, sealed, original) = row.ok_or(Error::Unexpected("an event is missing"))?;
        let json = self.keys.open_sealed("event_body", seq, &sealed.key, &sealed.bytes)?;
        let original = match original {
            Some((adapter, body, sealed)) => Some(Original {
                media_type: media_type_of(&adapter),
                bytes: self.keys.open_sealed("body", body, &sealed.key, &sealed.bytes)?.into(),
            }),
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
