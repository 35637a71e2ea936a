//! From a message to its items: one resource, or a Bundle in which each resource that can be an
//! event is an item. Citizens, organisations and the like only stand around them.

use budstikke_contract::adapter::{Item, ItemBody};
use budstikke_contract::reason::Reason;
use serde_json::{Map, Value, json};

use crate::around::{Around, kind};
use crate::node::{Node, canonical};
use crate::refusal;
use crate::resource::{Profile, Resource};
use crate::said::Said;
use crate::{care, grant, plan, task};

/// The most resources of a Bundle: as many as CURA gives in one page.
const MAX: usize = 1000;

/// Resources that are never an item.
const AROUND: [&str; 7] =
    ["Patient", "Organization", "Practitioner", "PractitionerRole", "EpisodeOfCare", "Location", "OperationOutcome"];

/// Extensions that say how far a message or a task has come, and nothing of what it says.
const PROGRESS: [&str; 2] = ["/status", "/careCommunicationStatus"];

/// A message, taken apart.
#[derive(Debug, Default)]
struct Message<'v> {
    around: Around<'v>,
    items: Vec<Candidate<'v>>,
}

/// Something that may be an event.
#[derive(Debug)]
enum Candidate<'v> {
    Resource(&'v Value, Node<'v>),
    /// An entry without one.
    Fault(Node<'v>, Reason),
}

impl<'v> Message<'v> {
    /// Takes a message apart.
    fn read(value: &'v Value) -> Result<Self, Reason> {
        let node = Node::new(value, "$").ok_or_else(|| refusal::no_resource("$"))?;
        match kind(&node) {
            None => Err(refusal::no_resource("$.resourceType")),
            Some("Bundle") => Self::bundle(&node),
            Some(_) => {
                let items = vec![Candidate::Resource(value, node)];
                Ok(Self { around: Around::default(), items })
            }
        }
    }

    fn bundle(bundle: &Node<'v>) -> Result<Self, Reason> {
        let mut message = Self::default();
        let entries = bundle.list("entry")?;
        if entries.len() > MAX {
            return Err(refusal::too_many(MAX));
        }
        for entry in &entries {
            let found = entry.get("resource").and_then(|value| Some((value, Node::new(value, entry.at("resource"))?)));
            let Some((value, node)) = found else {
                message.items.push(Candidate::Fault(entry.clone(), without_resource(entry)?));
                continue;
            };
            message.around.add(entry.text("fullUrl")?, value, node.clone());
            if is_item(entry, &node)? {
                message.items.push(Candidate::Resource(value, node));
            }
        }
        Ok(message)
    }

    fn resources(&self) -> impl Iterator<Item = &'v Value> + '_ {
        self.items.iter().filter_map(|item| match item {
            Candidate::Resource(value, _) => Some(*value),
            Candidate::Fault(..) => None,
        })
    }
}

/// Why an entry has no resource: in a history, one that was deleted has none.
fn without_resource(entry: &Node<'_>) -> Result<Reason, Reason> {
    let method = entry.node("request")?.map_or(Ok(None), |request| request.text("method"))?;
    let path = entry.at("resource");
    Ok(if method == Some("DELETE") { refusal::taken_back(path) } else { refusal::no_resource(path) })
}

/// Whether an entry is an item: what a search only brought along is none.
fn is_item(entry: &Node<'_>, resource: &Node<'_>) -> Result<bool, Reason> {
    let mode = entry.node("search")?.map_or(Ok(None), |search| search.text("mode"))?;
    let brought_along = matches!(mode, Some("include" | "outcome"));
    Ok(!brought_along && !kind(resource).is_some_and(|kind| AROUND.contains(&kind)))
}

/// The items of a message.
pub(crate) fn items(value: &Value, owner: &'static str) -> Vec<Item> {
    let message = match Message::read(value) {
        Ok(message) => message,
        Err(reason) => return vec![unread(canonical(value), reason)],
    };
    if message.around.has_strangers(message.resources()) {
        return vec![unread(canonical(value), refusal::strangers())];
    }
    if message.items.is_empty() {
        let body = ItemBody::Record { what: "Bundle uden ressourcer, der kan blive hændelser".to_owned() };
        return vec![Item { key: None, content: canonical(value), body }];
    }
    message.items.iter().map(|candidate| item(candidate, &message.around, owner)).collect()
}

/// An item without a name of its own: the same content is the same thing.
pub(crate) fn unread(content: Vec<u8>, reason: Reason) -> Item {
    Item { key: None, content, body: ItemBody::Refused(reason) }
}

fn item<'v>(candidate: &Candidate<'v>, around: &Around<'v>, owner: &'static str) -> Item {
    let (value, node) = match candidate {
        Candidate::Resource(value, node) => (*value, node),
        Candidate::Fault(entry, reason) => {
            return unread(canonical(&Value::Object(entry.map().clone())), reason.clone());
        }
    };
    let read = Resource::read(node.clone(), owner).and_then(|resource| {
        let said = said(&resource, around)?;
        Ok((resource, said))
    });
    match read {
        Ok((resource, Said::Nothing(what))) => {
            Item { key: Some(resource.key()), content: canonical(value), body: ItemBody::Record { what } }
        }
        Ok((resource, Said::Event { draft, once })) => {
            let (key, content) = if once {
                (resource.key_once(), canonical(&lasting(value)))
            } else {
                (resource.key(), canonical(value))
            };
            Item { key: Some(key), content, body: ItemBody::Event(draft) }
        }
        // What was missing may come beside the same version of the resource, and is then no repeat.
        Err(reason) => {
            let mut content = canonical(value);
            content.extend(around.digest_of_needed(value));
            unread(content, reason)
        }
    }
}

fn said<'v>(resource: &Resource<'v>, around: &Around<'v>) -> Result<Said, Reason> {
    match resource.profile {
        Profile::Grant => grant::read(resource, around),
        Profile::Plan => plan::read(resource, around),
        Profile::Care => care::read(resource, around),
        Profile::SimpleTask | Profile::RequestTask => task::read(resource, around),
    }
}

/// A resource without what changes while what it says stays the same.
fn lasting(resource: &Value) -> Value {
    let mut map = resource.as_object().cloned().unwrap_or_default();
    for key in ["meta", "status", "received", "text"] {
        map.remove(key);
    }
    if let Some(Value::Array(extensions)) = map.get_mut("extension") {
        extensions.retain(|extension| {
            let url = extension.get("url").and_then(Value::as_str).unwrap_or_default();
            !PROGRESS.iter().any(|end| url.ends_with(end))
        });
    }
    Value::Object(map)
}

/// A message with only the item at `index` in it, and what that one leads to: the others, and whom
/// they are about, are none of its receivers' business.
pub(crate) fn alone(value: &Value, index: usize) -> Option<Vec<u8>> {
    let message = Message::read(value).ok()?;
    let item = match message.items.get(index)? {
        Candidate::Resource(value, _) => *value,
        Candidate::Fault(..) => return None,
    };
    let needed = message.around.needed_by(item);
    let entries = message_entries(value).filter(|entry| {
        let resource = entry.get("resource");
        resource.is_some_and(|it| std::ptr::eq(it, item) || needed.iter().any(|needed| std::ptr::eq(*needed, it)))
    });
    let entries: Vec<Value> = entries.cloned().collect();
    let mut bundle = Map::new();
    for key in ["resourceType", "type"] {
        bundle.insert(key.to_owned(), value.get(key)?.clone());
    }
    bundle.insert("entry".to_owned(), json!(entries));
    Some(Value::Object(bundle).to_string().into_bytes())
}

fn message_entries(value: &Value) -> impl Iterator<Item = &Value> {
    value.get("entry").and_then(Value::as_array).into_iter().flatten()
}
