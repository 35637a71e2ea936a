//! The adapter for canonical events: CloudEvents 1.0 in structured JSON, from any system that
//! speaks the hub's own language. There is nothing to translate; the work is to read strictly.
//!
//! Its source message id is the event's own `source` and `id`, which CloudEvents makes unique
//! together. The protocol has no answer; a sender that wants one sets `reply_to`.

use budstikke_contract::adapter::{Adapter, Item, ItemBody, Raw, Translated};
use budstikke_contract::event;

/// Reads canonical events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Events;

impl Adapter for Events {
    fn name(&self) -> &'static str {
        "events"
    }

    fn media_type(&self) -> &'static str {
        event::MEDIA_TYPE
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        let item = match event::read(raw.body) {
            Ok(draft) => {
                let id = draft.id.as_ref().map_or("", |id| id.as_str());
                let key = Some(format!("{} {id}", draft.source));
                Item { key, content: raw.body.to_vec(), body: ItemBody::Event(Box::new(draft)) }
            }
            Err(reason) => Item { key: None, content: raw.body.to_vec(), body: ItemBody::Refused(reason) },
        };
        Translated { transport: None, items: vec![item], answer: None }
    }

    /// Every CloudEvents object names the version of CloudEvents.
    fn recognises(&self, body: &[u8]) -> bool {
        event::is_cloud_event(body)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn translate(body: &[u8]) -> Item {
        let raw = Raw { body, received: Timestamp::UNIX_EPOCH };
        Events.translate(&raw).items.pop().unwrap()
    }

    #[test]
    fn an_event_is_known_by_its_source_and_id() {
        let event = json!({
            "specversion": "1.0", "id": "7", "source": "/taarnby/cura", "time": "2026-11-22T10:00:00Z",
            "type": "dk.budstikke.rehab.level.set.v1", "data": {"level": "basal"},
        });
        let item = translate(event.to_string().as_bytes());
        assert_eq!(item.key.as_deref(), Some("/taarnby/cura 7"));
        assert!(matches!(item.body, ItemBody::Event(_)));
    }

    #[test]
    fn what_cannot_be_read_has_no_name() {
        let item = translate(b"{");
        assert!(matches!(item.body, ItemBody::Refused(_)));
        assert_eq!(item.key, None);
    }
}
