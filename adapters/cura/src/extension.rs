//! FHIR extensions: CURA's own (`http://curafhir.dk/x/...`) and those of our contract.
//!
//! What CURA's API has no public word for, the contract between CURA and the hub says in
//! extensions of its own. Their address bears the version of the contract, and one that is not
//! known is a fault: a misspelt name would else be a value that silently went missing.

use budstikke_contract::reason::Reason;
use serde_json::Value;

use crate::node::Node;
use crate::refusal;

/// What the extensions of the contract begin with, in every version.
const CONTRACT: &str = "urn:budstikke:cura:";

/// And in the version that is read.
const VERSION: &str = "urn:budstikke:cura:v1:";

/// An extension, and the value in it.
#[derive(Debug, Clone)]
pub(crate) struct Extension<'v> {
    /// The extension itself, for those that hold extensions.
    pub(crate) node: Node<'v>,
}

impl<'v> Extension<'v> {
    /// The value, whatever its type.
    fn value(&self) -> Result<&'v Value, Reason> {
        let mut values = self.node.map().iter().filter(|(key, value)| key.starts_with("value") && !value.is_null());
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Ok(value),
            (None, _) => Err(refusal::missing(self.node.path(), "værdien")),
            (Some(_), Some(_)) => Err(refusal::repeated(self.node.path(), "værdien")),
        }
    }

    /// Its path, for reasons.
    pub(crate) fn path(&self) -> &str {
        self.node.path()
    }

    /// The value as text: a string, a code, a date.
    pub(crate) fn text(&self) -> Result<Option<&'v str>, Reason> {
        let text = self.value()?.as_str().ok_or_else(|| refusal::wrong_type(self.path(), "en tekst"))?;
        Ok(Some(text.trim()).filter(|text| !text.is_empty()))
    }

    /// The value as a number, as it is written.
    pub(crate) fn number(&self) -> Result<String, Reason> {
        let number = self.value()?.as_number().ok_or_else(|| refusal::wrong_type(self.path(), "et tal"))?;
        Ok(number.to_string())
    }

    /// The value as an object: a period, a reference.
    pub(crate) fn object(&self) -> Result<Node<'v>, Reason> {
        Node::new(self.value()?, self.path()).ok_or_else(|| refusal::wrong_type(self.path(), "et objekt"))
    }
}

/// The extensions with that address. `name` is what they are called in reasons.
fn with_url<'v>(node: &Node<'v>, url: &str, name: &str) -> Result<Vec<Extension<'v>>, Reason> {
    let mut found = Vec::new();
    for candidate in node.list("extension")? {
        if candidate.text("url")? == Some(url) {
            found.push(Extension { node: candidate.renamed(format!("{}.extension[{name}]", node.path())) });
        }
    }
    Ok(found)
}

fn only<'v>(node: &Node<'v>, url: &str, name: &str) -> Result<Option<Extension<'v>>, Reason> {
    let mut found = with_url(node, url, name)?.into_iter();
    match (found.next(), found.next()) {
        (first, None) => Ok(first),
        (_, Some(second)) => Err(refusal::repeated(second.path(), "udvidelsen")),
    }
}

/// An extension of CURA's, by its address: `http://curafhir.dk/x/task/status`.
pub(crate) fn of_cura<'v>(node: &Node<'v>, url: &str) -> Result<Option<Extension<'v>>, Reason> {
    let name = url.rsplit('/').next().unwrap_or(url);
    only(node, url, name)
}

/// An extension of the contract, by its name: `previousStatus`.
pub(crate) fn of_contract<'v>(node: &Node<'v>, name: &str) -> Result<Option<Extension<'v>>, Reason> {
    only(node, &format!("{VERSION}{name}"), name)
}

/// All extensions of the contract with that name, for lists.
pub(crate) fn all_of_contract<'v>(node: &Node<'v>, name: &str) -> Result<Vec<Extension<'v>>, Reason> {
    with_url(node, &format!("{VERSION}{name}"), name)
}

/// Looks for extensions of the contract that are not among `known`.
pub(crate) fn check_names(node: &Node<'_>, known: &[&str]) -> Result<(), Reason> {
    for extension in node.list("extension")? {
        let Some(url) = extension.text("url")? else { continue };
        if !url.starts_with(CONTRACT) {
            continue;
        }
        let Some(name) = url.strip_prefix(VERSION) else {
            return Err(refusal::contract_version(extension.at("url")));
        };
        if !known.contains(&name) {
            return Err(refusal::extension_unknown(extension.at("url"), known));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(extensions: &Value) -> Reason {
        let value = json!({"extension": extensions});
        check_names(&Node::new(&value, "$").unwrap(), &["done", "outcome"]).unwrap_err()
    }

    #[test]
    fn what_the_contract_does_not_know_is_a_fault_and_what_others_say_is_not() {
        let fine = json!({"extension": [{"url": "urn:budstikke:cura:v1:done"}, {"url": "http://other"}, {}]});
        assert_eq!(check_names(&Node::new(&fine, "$").unwrap(), &["done"]), Ok(()));
        let misspelt = fault(&json!([{}, {"url": "urn:budstikke:cura:v1:2512489996"}]));
        assert_eq!((misspelt.code.as_str(), misspelt.path.as_deref()), ("FIELD_INVALID", Some("$.extension[1].url")));
        assert!(!misspelt.text.contains("2512"));
        assert_eq!(fault(&json!([{"url": "urn:budstikke:cura:v2:done"}])).code.as_str(), "VERSION_UNKNOWN");
    }

    #[test]
    fn one_extension_with_one_value() {
        let value = json!({"extension": [
            {"url": "urn:budstikke:cura:v1:done", "valueDate": "2026-11-22"},
            {"url": "urn:budstikke:cura:v1:outcome", "valueCode": "a", "valueString": "b"},
            {"url": "urn:budstikke:cura:v1:twice", "valueCode": "a"},
            {"url": "urn:budstikke:cura:v1:twice", "valueCode": "a"},
        ]});
        let node = Node::new(&value, "$").unwrap();
        let read = |name| of_contract(&node, name).and_then(|it| it.map(|it| it.text()).transpose());
        assert_eq!(read("done").unwrap().unwrap(), Some("2026-11-22"));
        assert!(read("absent").unwrap().is_none());
        assert_eq!(read("outcome").unwrap_err().path.unwrap(), "$.extension[outcome]");
        assert_eq!(read("twice").unwrap_err().path.unwrap(), "$.extension[twice]");
    }
}
