//! `schemas/asyncapi.json` says what the code does. To write it anew:
//! `INSTA_UPDATE=always deploy/test -E 'test(asyncapi)'`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use budstikke::adapters::Registry;
use budstikke::app;
use budstikke::broker::topology::{self, Mailbox, Topology};
use budstikke::config::Settings;
use budstikke_contract::event::{EventKind, MEDIA_TYPE};
use budstikke_schemas::{KINDS, Kind};
use serde_json::{Map, Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file() -> PathBuf {
    root().join("schemas/asyncapi.json")
}

/// The document as it is shipped.
pub(super) fn shipped() -> Value {
    let text = std::fs::read_to_string(file()).expect("the document is there");
    serde_json::from_str(&text).expect("the document is JSON")
}

/// A piece of the document, by name.
type Named = (String, Value);

fn reference(place: &str, name: &str) -> Value {
    json!({"$ref": format!("#/{place}/{name}")})
}

fn text() -> Value {
    json!({"type": "string"})
}

/// The attributes of an event, as its sender writes them.
fn attributes() -> Map<String, Value> {
    let said = [
        ("specversion", json!({"const": "1.0"})),
        ("id", json!({"type": "string", "minLength": 1, "maxLength": 128})),
        ("source", json!({"type": "string", "pattern": "^(/[a-z0-9._-]{1,64}){2,}$", "maxLength": 128})),
        ("type", text()),
        ("time", json!({"type": "string", "format": "date-time"})),
        ("datacontenttype", json!({"const": "application/json"})),
        (
            "occurred",
            json!({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}),
        ),
        (
            "subject",
            json!({"type": "string", "pattern": "^[a-z]+(-[a-z]+)*-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}),
        ),
        ("residence", json!({"type": "string", "pattern": "^[1-9][0-9]{2}$"})),
        ("law", json!({"type": "string", "pattern": "^[A-ZÆØÅ]{2,5}( § [0-9]{1,3}( [a-z])?)?$"})),
        ("kle", json!({"type": "string", "pattern": "^[0-9]{2}(\\.[0-9]{2}){0,2}$"})),
        ("correlationid", json!({"type": "string", "minLength": 1, "maxLength": 128})),
        ("causationid", json!({"type": "string", "minLength": 1, "maxLength": 128})),
        ("data", json!({"type": "object"})),
    ];
    said.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// What the hub adds at delivery, in the event and in the headers.
fn added() -> Map<String, Value> {
    let added = [
        ("deliveredas", json!({"enum": ["task", "information"]})),
        ("rule", text()),
        ("clause", text()),
        ("dutyid", json!({"type": "string", "format": "uuid"})),
        ("dutykind", json!({"enum": ["act", "answer", "approve", "inform"]})),
        ("dutydue", json!({"type": "string", "format": "date"})),
        ("protected", json!({"enum": ["true"]})),
        ("correctedby", json!({"type": "string"})),
        ("handedfrom", json!({"type": "string"})),
    ];
    added.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn schemas() -> Value {
    let mut event = attributes();
    event.extend(added());
    event.insert("deliveryid".to_owned(), json!({"type": "string", "format": "uuid"}));
    let mut headers = added();
    headers.insert("traceparent".to_owned(), text());
    let status = ["received", "delivered", "accepted", "rejected", "failed"];
    let outcome = ["routed", "recorded", "duplicate", "waiting", "parked", "refused", "discarded"];
    json!({
        "event": {
            "description": "CloudEvents 1.0 in structured mode. From `deliveredas` on: added by the hub at delivery.",
            "type": "object",
            "properties": event,
            "required": ["specversion", "id", "source", "type", "time", "data"],
        },
        "headers": {"description": "On what the hub delivers.", "type": "object", "properties": headers},
        "receipt": {
            "type": "object",
            "properties": {"delivery": {"type": "string", "format": "uuid"}, "status": {"enum": status}, "reason": text()},
            "required": ["delivery", "status"],
            "additionalProperties": false,
        },
        "answer": {
            "description": "What became of a message whose sender set `reply_to`. Nothing of its content.",
            "type": "object",
            "properties": {
                "id": {"type": ["string", "null"]}, "outcome": {"enum": outcome},
                "code": {"type": ["string", "null"]}, "path": {"type": ["string", "null"]},
            },
            "required": ["id", "outcome", "code", "path"],
        },
    })
}

fn of_kind(kind: &'static Kind) -> Named {
    let schema: Value = serde_json::from_str(kind.text).expect("a schema is JSON");
    let wire_type = EventKind::named(kind.name).expect("it is in the catalogue").wire_type();
    let data = json!({"$ref": format!("events/{}.v{}.json", kind.name, kind.version)});
    let properties = json!({"type": {"const": wire_type}, "data": data});
    let message = json!({
        "name": wire_type,
        "title": schema["x-title-en"],
        "summary": kind.title(),
        "contentType": MEDIA_TYPE,
        "headers": reference("components/schemas", "headers"),
        "payload": {"allOf": [reference("components/schemas", "event"), {"properties": properties}]},
        "bindings": {"amqp": {"messageType": wire_type, "bindingVersion": "0.3.0"}},
    });
    (kind.name.to_owned(), message)
}

fn other(name: &str, title: &str, content_type: &str, schema: Option<&str>) -> Named {
    let payload = schema.map_or_else(text, |schema| reference("components/schemas", schema));
    (name.to_owned(), json!({"title": title, "contentType": content_type, "payload": payload}))
}

fn messages(adapters: &Registry) -> Vec<Named> {
    let foreign = adapters.names().filter(|name| *name != "events").map(|name| {
        let media_type = adapters.named(name).expect("it is in the list").media_type();
        other(&format!("{name}.message"), &format!("What adapters/{name} reads"), media_type, None)
    });
    let own = [
        other("receipt", "What a receiver says of a delivery", "application/json", Some("receipt")),
        other("answer", "What became of a message", "application/json", Some("answer")),
        other("vans", "An answer to a hospital", "application/xml", None),
        other("given-back", "What the broker could not deliver", MEDIA_TYPE, None),
    ];
    KINDS.iter().map(of_kind).chain(foreign).chain(own).collect()
}

/// A channel: its name here, its queue, the exchange and key that lead there, what goes by it, and
/// whether the hub takes from it.
struct Channel {
    name: String,
    queue: String,
    by: Option<(&'static str, String)>,
    messages: Vec<String>,
    takes: bool,
    /// What stands for the part of the queue's name that is in braces.
    names: Vec<String>,
}

fn channels(adapters: &Registry, mailboxes: &[(String, String)]) -> Vec<Channel> {
    let kinds = |of_hub: bool| KINDS.iter().filter(move |kind| of_hub || !kind.of_hub).map(|kind| kind.name.to_owned());
    let one = |queue: &str, by: Option<(&'static str, &str)>, messages: Vec<String>, takes| Channel {
        name: queue.to_owned(),
        queue: queue.to_owned(),
        by: by.map(|(exchange, key)| (exchange, key.to_owned())),
        messages,
        takes,
        names: Vec::new(),
    };
    let mut channels = Vec::new();
    for source in adapters.names() {
        let messages = if source == "events" { kinds(false).collect() } else { vec![format!("{source}.message")] };
        channels.push(one(&topology::source_queue(source), Some((topology::IN, source)), messages, true));
    }
    let mut out = one("out.{team}", Some((topology::OUT, "{team}")), kinds(true).collect(), false);
    "out".clone_into(&mut out.name);
    out.names = mailboxes.iter().map(|(party, team)| Mailbox { party, name: team }.routing_key()).collect();
    channels.push(out);
    let message = |name: &str| vec![name.to_owned()];
    channels.push(one(topology::RECEIPTS, Some((topology::IN, "receipts")), message("receipt"), true));
    channels.push(one(topology::VANS, Some((topology::OUT, "vans")), message("vans"), false));
    channels.push(one(topology::DEAD, None, message("given-back"), true));
    channels.push(one(topology::UNROUTABLE, None, message("given-back"), true));
    let mut reply = one("reply.{name}", None, message("answer"), false);
    "reply".clone_into(&mut reply.name);
    channels.push(reply);
    channels
}

impl Channel {
    fn describe(&self) -> Value {
        let messages: Map<String, Value> =
            self.messages.iter().map(|name| (name.clone(), reference("components/messages", name))).collect();
        let queue = json!({"name": self.queue, "durable": true, "exclusive": false, "autoDelete": false});
        let mut channel = json!({
            "address": self.queue,
            "messages": messages,
            "bindings": {"amqp": {"is": "queue", "queue": queue, "bindingVersion": "0.3.0"}},
        });
        if let Some((exchange, key)) = &self.by {
            channel["description"] =
                json!(format!("By the direct exchange `{exchange}` with the routing key `{key}`."));
        }
        match self.name.as_str() {
            "reply" => {
                channel["description"] = json!("Made by the sender, and named in `reply_to`.");
                channel["parameters"] = json!({"name": {"description": "The sender's choice."}});
            }
            "out" => {
                channel["parameters"] = json!({"team": {"description": "A municipality's team.", "enum": self.names}});
            }
            _ => {}
        }
        channel
    }

    /// All queues that it stands for, but those that senders make.
    fn queues(&self) -> Vec<String> {
        match self.name.as_str() {
            "reply" => Vec::new(),
            "out" => self.names.iter().map(|team| format!("out.{team}")).collect(),
            _ => vec![self.queue.clone()],
        }
    }

    /// As the hub sees it.
    fn operation(&self) -> Value {
        let action = if self.takes { "receive" } else { "send" };
        json!({"action": action, "channel": reference("channels", &self.name)})
    }
}

fn document() -> Value {
    let adapters = Registry::default();
    let settings = Settings::read(&root().join("deploy/config/budstikke.toml")).expect("the shipped settings hold");
    let world = app::world(&settings, adapters.clone()).expect("the shipped agreement holds");
    let names = world.mailboxes.keys().filter_map(|mailbox| mailbox.as_str().split_once('/'));
    let mailboxes: Vec<(String, String)> = names.map(|(party, team)| (party.to_owned(), team.to_owned())).collect();
    let channels = channels(&adapters, &mailboxes);

    let given = mailboxes.iter().map(|(party, team)| Mailbox { party, name: team });
    let sources: Vec<String> = adapters.names().map(str::to_owned).collect();
    let declared = Topology::new(sources.iter().map(String::as_str), given).expect("good names");
    let declared: BTreeSet<String> = declared.queues().map(str::to_owned).collect();
    let described: BTreeSet<String> = channels.iter().flat_map(Channel::queues).collect();
    assert_eq!(described, declared, "every queue is described, and no other");

    let operation = |channel: &Channel| {
        (format!("{}.{}", if channel.takes { "take" } else { "give" }, channel.name), channel.operation())
    };
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Budstikke",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "All queues of the hub between Dragør and Tårnby, and what goes by them. How to begin: VENDORS.md. \
                An event may come by any source's queue, as its content type tells it.",
        },
        "defaultContentType": MEDIA_TYPE,
        "servers": {"broker": {
            "host": "{host}:{port}", "protocol": "amqp", "protocolVersion": "0.9.1",
            "variables": {"host": {"default": "localhost"}, "port": {"default": "5672"}},
        }},
        "channels": channels.iter().map(|it| (it.name.clone(), it.describe())).collect::<Map<_, _>>(),
        "operations": channels.iter().map(operation).collect::<Map<_, _>>(),
        "components": {
            "messages": messages(&adapters).into_iter().collect::<Map<_, _>>(),
            "schemas": schemas(),
        },
    })
}

#[test]
fn asyncapi_describes_every_queue_and_message() {
    let document = document();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        let text = serde_json::to_string_pretty(&document).expect("the document is JSON");
        std::fs::write(file(), text + "\n").expect("the document can be written");
    }
    assert!(shipped() == document, "schemas/asyncapi.json is not what the code does: write it anew");
}
