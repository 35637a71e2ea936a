//! Who provides, and which unit to turn to: organisations, by reference or by name alone.

use budstikke_contract::municipality::Gln;
use budstikke_contract::reason::Reason;
use serde_json::{Map, Value, json};

use crate::around::Around;
use crate::data::Data;
use crate::node::Node;

/// The systems of CVR numbers (DK Core): as an address and as an OID.
const CVR: [&str; 2] = ["http://cvr.dk", "urn:oid:1.3.184"];

/// The systems of location numbers (GS1).
const GLN: [&str; 2] = ["urn:oid:1.3.88", "https://www.gs1.org/gln"];

/// The longest name that an event takes.
const NAME_MAX: usize = 200;

/// An organisation, as far as the message says.
#[derive(Debug, Default)]
pub(crate) struct Organisation {
    pub(crate) name: Option<String>,
    cvr: Option<String>,
    pub(crate) gln: Option<Gln>,
}

impl Organisation {
    /// The organisation that a `Reference` of `from` leads to; what it displays is its name where
    /// the message has no more of it.
    pub(crate) fn find<'v>(reference: &Node<'v>, from: &Node<'v>, around: &Around<'v>) -> Result<Self, Reason> {
        let display = reference.text("display")?.map(str::to_owned);
        let target = match reference.text("reference")? {
            Some(target) => around.resolve(from, target)?,
            None => None,
        };
        let Some(organisation) = target else { return Ok(Self { name: display, ..Self::default() }) };
        let name = organisation.get("name").and_then(Value::as_str).map(|name| name.trim().to_owned());
        let name = name.filter(|name| !name.is_empty()).or(display);
        let mut found = Self { name, ..Self::default() };
        for identifier in organisation.list("identifier")? {
            let (Some(system), Some(value)) = (identifier.text("system")?, identifier.text("value")?) else { continue };
            if CVR.contains(&system) && is_cvr(value) {
                found.cvr = Some(value.to_owned());
            } else if GLN.contains(&system) {
                found.gln = Gln::parse(value);
            }
        }
        Ok(found)
    }

    /// As a provider in an event's data; `None` without a name.
    pub(crate) fn provider(&self, data: &mut Data) -> Option<Value> {
        let name = self.name.as_deref()?;
        let mut provider = Map::new();
        provider.insert("name".to_owned(), data.fit("leverandørens navn", name, NAME_MAX).into());
        if let Some(cvr) = &self.cvr {
            provider.insert("cvr".to_owned(), cvr.as_str().into());
        }
        Some(Value::Object(provider))
    }

    /// As a unit in an event's data.
    pub(crate) fn unit(&self, data: &mut Data) -> Option<Value> {
        let name = self.name.as_deref()?;
        Some(json!({"name": data.fit("enhedens navn", name, NAME_MAX)}))
    }
}

fn is_cvr(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit())
}
