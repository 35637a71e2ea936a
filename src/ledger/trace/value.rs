//! A story as JSON, for programs.

use serde_json::{Value, json};

use super::{DeliveryStory, EventStory, Step, Story};

impl Story {
    /// The story as JSON.
    pub fn value(&self) -> Value {
        json!({
            "item": format!("#{}", self.item.seq),
            "what": self.item.what,
            "key": self.item.key,
            "state": self.item.state.name(),
            "reason": self.item.reason.as_ref().map(ToString::to_string),
            "same_as": self.item.same_as,
            "case": self.item.case,
            "message": {
                "seq": self.message.seq,
                "source": self.message.source,
                "received": self.message.received.to_string(),
            },
            "states": steps(&self.states),
            "wishes": self.wishes.iter().map(|wish| wish.value()).collect::<Vec<_>>(),
            "edits": self.edits.iter().map(|edit| json!({
                "at": edit.at.to_string(),
                "by": edit.by,
                "reason": edit.reason,
                "state": edit.state.name(),
                "decided_by": edit.decided_by,
                "said": edit.said,
            })).collect::<Vec<_>>(),
            "event": self.event.as_ref().map(event_value),
            "answers": self.answers.iter().map(|(reply, deliveries)| json!({
                "to": reply.to,
                "type": reply.kind,
                "code": reply.code,
                "deliveries": deliveries.iter().map(delivery_value).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "notices": self.notices.iter().map(event_value).collect::<Vec<_>>(),
        })
    }
}

fn steps(steps: &[Step]) -> Value {
    steps.iter().map(|step| json!({"at": step.at.to_string(), "state": step.state})).collect()
}

fn event_value(event: &EventStory) -> Value {
    json!({
        "id": event.wire_id,
        "event": event.id.to_string(),
        "type": event.kind,
        "source": event.source,
        "case": event.case,
        "time": event.time.to_string(),
        "day": event.day,
        "residence": event.residence,
        "law": event.law,
        "decision": event.decision,
        "deliveries": event.deliveries.iter().map(delivery_value).collect::<Vec<_>>(),
        "duties": event.duties,
    })
}

fn delivery_value(story: &DeliveryStory) -> Value {
    let it = &story.delivery;
    json!({
        "id": it.id.to_string(),
        "to": it.mailbox,
        "channel": it.channel,
        "as": it.capacity,
        "state": it.state.name(),
        "attempts": it.attempts,
        "reason": it.reason.as_ref().map(ToString::to_string),
        "corrected_by": it.why.corrected_by,
        "business": it.business,
        "states": steps(&story.states),
        "receipts": steps(&story.receipts),
    })
}
