//! Whom a resource is about: the `CuraCitizen` that its reference leads to.

use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::person::{Citizen, Cpr};
use budstikke_contract::reason::Reason;
use serde_json::{Map, Value, json};

use crate::around::Around;
use crate::data::Data;
use crate::extension;
use crate::node::Node;
use crate::refusal;

/// The system of CPR numbers (HL7 Danmark, DK Core).
const CPR: &str = "urn:oid:1.2.208.176.1.2";

/// The extension of an address that holds its municipality, and the codes in it (DK Core).
const MUNICIPALITY: &str = "http://hl7.dk/fhir/core/StructureDefinition/dk-core-municipalityCodes";

/// Where an address is not where the citizen lives.
const ELSEWHERE: [&str; 3] = ["old", "temp", "work"];

/// A citizen, as far as the message says.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) citizen: Citizen,
    given: Option<String>,
    family: Option<String>,
    /// The municipality that acts in social matters (handlekommune).
    pub(crate) acting: Option<MunicipalityCode>,
    home: Home,
}

/// What the addresses say of where the citizen lives.
#[derive(Debug)]
enum Home {
    /// Nothing.
    Unsaid,
    /// In this municipality.
    In(MunicipalityCode),
    /// In several.
    Unclear,
}

impl Person {
    /// The person that `reference`, a `Reference` of `from`, leads to.
    ///
    /// # Errors
    /// Where it leads nowhere, or to someone without a CPR number.
    pub(crate) fn find<'v>(reference: &Node<'v>, from: &Node<'v>, around: &Around<'v>) -> Result<Self, Reason> {
        let patient = match reference.text("reference")? {
            Some(target) => around.resolve(from, target)?,
            None => None,
        };
        if let Some(patient) = patient {
            return Self::of_patient(&patient);
        }
        let alone: Vec<Node<'_>> = reference.node("identifier")?.into_iter().collect();
        let citizen = cpr(&alone, reference)?;
        Ok(Self { citizen, given: None, family: None, acting: None, home: Home::Unsaid })
    }

    fn of_patient(patient: &Node<'_>) -> Result<Self, Reason> {
        extension::check_names(patient, &["actingMunicipality"])?;
        let citizen = cpr(&patient.list("identifier")?, patient)?;
        let (mut given, mut family) = (None, None);
        if let Some(name) = patient.list("name")?.first() {
            let all = name.texts("given")?.join(" ");
            given = Some(all).filter(|given| !given.is_empty());
            family = name.text("family")?.map(str::to_owned);
        }
        Ok(Self { citizen, given, family, acting: acting(patient)?, home: home(patient)? })
    }

    /// Where the citizen lives: by the address, else by who acts, on the resource before the citizen.
    /// Two addresses that differ are no guess, and whoever acts does not settle it.
    pub(crate) fn residence(&self, acting: Option<MunicipalityCode>) -> Option<MunicipalityCode> {
        match self.home {
            Home::In(code) => Some(code),
            Home::Unsaid => acting.or(self.acting),
            Home::Unclear => None,
        }
    }

    /// The person in an event's data.
    pub(crate) fn write(&self, data: &mut Data) -> Value {
        let key = match &self.citizen {
            Citizen::Cpr(_) => "cpr",
            Citizen::Replacement(_) => "replacement_id",
        };
        let mut citizen = Map::new();
        citizen.insert(key.to_owned(), self.citizen.reveal().into());
        let mut name = Map::new();
        for (key, what, part) in [("given", "fornavnet", &self.given), ("family", "efternavnet", &self.family)] {
            if let Some(part) = part {
                name.insert(key.to_owned(), data.fit(what, part, 120).into());
            }
        }
        if !name.is_empty() {
            citizen.insert("name".to_owned(), json!(name));
        }
        Value::Object(citizen)
    }
}

/// The municipality that acts: on the resource or on the citizen, by our contract.
pub(crate) fn acting(node: &Node<'_>) -> Result<Option<MunicipalityCode>, Reason> {
    let Some(extension) = extension::of_contract(node, "actingMunicipality")? else { return Ok(None) };
    let code = extension.text()?.and_then(MunicipalityCode::parse);
    code.map(Some).ok_or_else(|| refusal::invalid(extension.path(), "handlekommunen", "et kommunenummer på tre cifre"))
}

/// Where the citizen lives by the addresses.
fn home(patient: &Node<'_>) -> Result<Home, Reason> {
    let mut codes = Vec::new();
    for address in patient.list("address")? {
        if address.text("use")?.is_some_and(|used| ELSEWHERE.contains(&used)) {
            continue;
        }
        let Some(extension) = extension::of_cura(&address, MUNICIPALITY)? else { continue };
        for coding in extension.object()?.list("coding")? {
            let Some(code) = coding.text("code")? else { continue };
            let code = MunicipalityCode::parse(code);
            let path = coding.at("code");
            codes.push(code.ok_or_else(|| refusal::invalid(path, "kommunekoden", "et kommunenummer"))?);
        }
    }
    codes.sort();
    codes.dedup();
    Ok(match codes.as_slice() {
        [] => Home::Unsaid,
        [only] => Home::In(*only),
        [..] => Home::Unclear,
    })
}

/// The one CPR number among identifiers: that of the CPR system, else one of no system at all.
/// CURA looks its citizens up by the bare ten digits.
fn cpr(identifiers: &[Node<'_>], whose: &Node<'_>) -> Result<Citizen, Reason> {
    let mut numbers = Vec::new();
    for wanted in [Some(CPR), None] {
        for identifier in identifiers {
            if identifier.text("system")? != wanted {
                continue;
            }
            let Some(value) = identifier.text("value")? else { continue };
            numbers.push(Cpr::parse(value).ok_or_else(|| refusal::cpr_impossible(identifier.at("value")))?);
        }
        if !numbers.is_empty() {
            break;
        }
    }
    numbers.dedup();
    match numbers.as_slice() {
        [only] => Ok(Citizen::Cpr(only.clone())),
        [] => Err(refusal::missing(
            whose.at("identifier"),
            "borgerens CPR-nummer (borgeren skal med i samme Bundle, som CuraCitizen)",
        )),
        _ => Err(refusal::repeated(whose.at("identifier"), "borgerens CPR-nummer")),
    }
}
