//! What stands around a resource: the other resources of its Bundle, and those contained in itself.
//! References lead there; nothing is fetched.

use std::cell::OnceCell;
use std::collections::HashMap;

use budstikke_contract::reason::Reason;
use serde_json::Value;
use uuid::Uuid;

use crate::node::{Node, canonical};
use crate::refusal;

/// The resources of a message. A message can be large, and each of its resources can refer to all
/// the others: names are looked up and references followed in time that grows with the message.
#[derive(Debug, Default)]
pub(crate) struct Around<'v> {
    entries: Vec<Entry<'v>>,
    /// Which entries a name stands for: `Patient/123`, or an address (`urn:uuid:...`).
    names: HashMap<String, Vec<usize>>,
    /// The entries that each entry refers to, by its place.
    links: OnceCell<Vec<Vec<usize>>>,
}

/// One of them.
#[derive(Debug)]
struct Entry<'v> {
    node: Node<'v>,
    value: &'v Value,
    digest: OnceCell<Uuid>,
}

impl Entry<'_> {
    /// What its content is compared by.
    fn digest(&self) -> Uuid {
        *self.digest.get_or_init(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, &canonical(self.value)))
    }
}

/// What is known of a name that a reference gives: `Patient/123`.
struct Target<'r> {
    kind: &'r str,
    id: &'r str,
}

impl<'r> Target<'r> {
    /// The last two steps, without a version.
    fn of(reference: &'r str) -> Option<Self> {
        let (base, _) = reference.split_once("/_history/").unwrap_or((reference, ""));
        let (before, id) = base.rsplit_once('/')?;
        let kind = before.rsplit('/').next()?;
        Some(Self { kind, id })
    }
}

impl<'v> Around<'v> {
    /// Adds a resource of the message.
    pub(crate) fn add(&mut self, full_url: Option<&'v str>, value: &'v Value, node: Node<'v>) {
        let place = self.entries.len();
        let id = node.get("id").and_then(Value::as_str);
        let named = kind(&node).zip(id).map(|(kind, id)| format!("{kind}/{id}"));
        for name in named.into_iter().chain(full_url.map(str::to_owned)) {
            let places = self.names.entry(name).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        self.entries.push(Entry { node, value, digest: OnceCell::new() });
    }

    /// The places of what a reference names.
    fn places(&self, reference: &str) -> &[usize] {
        let named = || {
            let target = Target::of(reference)?;
            self.names.get(&format!("{}/{}", target.kind, target.id))
        };
        self.names.get(reference).or_else(named).map_or(&[], Vec::as_slice)
    }

    /// What `from` refers to, where it is in the message.
    ///
    /// # Errors
    /// Where the message has two citizens of that name who differ.
    pub(crate) fn resolve(&self, from: &Node<'v>, reference: &str) -> Result<Option<Node<'v>>, Reason> {
        if let Some(id) = reference.strip_prefix('#') {
            let contained = from.list("contained")?;
            return Ok(contained.into_iter().find(|node| node.get("id").and_then(Value::as_str) == Some(id)));
        }
        let mut found = self.places(reference).iter().filter_map(|place| self.entries.get(*place));
        let Some(first) = found.next() else { return Ok(None) };
        let personal = kind(&first.node) == Some("Patient");
        if personal && found.any(|other| other.digest() != first.digest()) {
            return Err(refusal::repeated(first.node.path(), "borgeren"));
        }
        Ok(Some(first.node.clone()))
    }

    /// Which entries the resources lead to, directly or by another; they themselves are not among
    /// them unless something leads there.
    fn reached(&self, from: impl IntoIterator<Item = &'v Value>) -> Vec<bool> {
        let links = self.links.get_or_init(|| self.entries.iter().map(|entry| self.links_of(entry.value)).collect());
        let mut reached = vec![false; self.entries.len()];
        let mut open: Vec<usize> = from.into_iter().flat_map(|value| self.links_of(value)).collect();
        while let Some(place) = open.pop() {
            if let Some(seen) = reached.get_mut(place)
                && !std::mem::replace(seen, true)
            {
                open.extend(links.get(place).into_iter().flatten());
            }
        }
        reached
    }

    fn links_of(&self, value: &'v Value) -> Vec<usize> {
        let mut references = Vec::new();
        collect(value, &mut references);
        let mut places: Vec<usize> = references.iter().flat_map(|it| self.places(it)).copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The resources that one leads to, in the message's order, without itself.
    pub(crate) fn needed_by(&self, value: &'v Value) -> Vec<&'v Value> {
        let reached = self.reached([value]);
        let needed =
            self.entries.iter().zip(reached).filter(|(entry, reached)| *reached && !std::ptr::eq(entry.value, value));
        needed.map(|(entry, _)| entry.value).collect()
    }

    /// What the content of those resources is compared by.
    pub(crate) fn digest_of_needed(&self, value: &'v Value) -> Vec<u8> {
        let reached = self.reached([value]);
        let needed = self.entries.iter().zip(reached).filter(|(_, reached)| *reached);
        needed.flat_map(|(entry, _)| entry.digest().into_bytes()).collect()
    }

    /// Whether it has a citizen to whom none of the resources leads.
    pub(crate) fn has_strangers(&self, items: impl IntoIterator<Item = &'v Value>) -> bool {
        let reached = self.reached(items);
        self.entries.iter().zip(reached).any(|(entry, reached)| !reached && kind(&entry.node) == Some("Patient"))
    }
}

/// Which resource it is: `Patient`.
pub(crate) fn kind<'v>(node: &Node<'v>) -> Option<&'v str> {
    node.get("resourceType").and_then(Value::as_str)
}

/// The id in a reference to something of that kind: `Patient/123` → `123`.
pub(crate) fn id_of<'r>(reference: &'r str, kind: &str) -> Option<&'r str> {
    Target::of(reference).filter(|target| target.kind == kind && !target.id.is_empty()).map(|target| target.id)
}

/// Every reference in a value. The reader's limit on levels bounds the recursion.
fn collect<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "reference" => found.push(text.trim()),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
                    Value::Array(_) | Value::Object(_) => collect(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_lead_to_what_is_there() {
        let grant = json!({"resourceType": "ProcedureRequest", "id": "g", "subject": {"reference": "Patient/p"},
            "performer": {"reference": "#o"}, "contained": [{"resourceType": "Organization", "id": "o"}]});
        let patient =
            json!({"resourceType": "Patient", "id": "p", "managingOrganization": {"reference": "urn:uuid:1"}});
        let organization = json!({"resourceType": "Organization", "id": "m"});
        let other = json!({"resourceType": "Patient", "id": "q"});
        let mut around = Around::default();
        for (url, value) in [(None, &grant), (None, &patient), (Some("urn:uuid:1"), &organization), (None, &other)] {
            around.add(url, value, Node::new(value, "$").unwrap());
        }
        let from = Node::new(&grant, "$").unwrap();
        let id = |reference: &str| {
            let node = around.resolve(&from, reference).unwrap()?;
            node.text("id").unwrap()
        };
        assert_eq!(id("Patient/p"), Some("p"));
        assert_eq!(id("http://cura/fhir/Patient/p/_history/3"), Some("p"));
        assert_eq!(id("#o"), Some("o"));
        assert_eq!(id("urn:uuid:1"), Some("m"));
        assert_eq!(id("Patient/absent"), None);
        assert_eq!(id("x"), None);
        assert_eq!(around.needed_by(&grant), [&patient, &organization]);
        assert!(around.has_strangers([&grant]), "nothing leads to the other citizen");
        assert!(!around.has_strangers([&grant, &json!({"for": {"reference": "Patient/q"}})]));
        assert_eq!(id_of("Patient/p", "Patient"), Some("p"));
        assert_eq!(id_of("Group/p", "Patient"), None);
    }

    #[test]
    fn of_two_citizens_of_one_name_neither_is_taken() {
        let one = json!({"resourceType": "Patient", "id": "p", "identifier": [{"value": "2512489996"}]});
        let other = json!({"resourceType": "Patient", "id": "p", "identifier": [{"value": "0108589995"}]});
        let from = json!({});
        let mut around = Around::default();
        around.add(None, &one, Node::new(&one, "$.entry[0].resource").unwrap());
        around.add(None, &one, Node::new(&one, "$.entry[1].resource").unwrap());
        let from = Node::new(&from, "$").unwrap();
        assert!(around.resolve(&from, "Patient/p").unwrap().is_some(), "the same twice is one");
        around.add(None, &other, Node::new(&other, "$.entry[2].resource").unwrap());
        assert_eq!(around.resolve(&from, "Patient/p").unwrap_err().code.as_str(), "FIELD_INVALID");
    }
}
