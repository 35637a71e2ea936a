//! What a plan's letter says in the hospital's own words beside what becomes the event's data: what
//! the citizen can do, what is to be trained. For people who read the plan.

use budstikke_contract::adapter::Passage;
use budstikke_strict_xml::{Document, Element, Limits};

use crate::part::Part;
use crate::{emessage, text, vans};

/// What becomes data of the event whole.
const IN_THE_EVENT: [&str; 10] = [
    "Letter",
    "Sender",
    "Receiver",
    "TypeOfRehabilitationPlan",
    "ConsentInformed",
    "RehabilitationDeadline",
    "CurrentHospitalContact",
    "ICD10Diagnoses",
    "ContactCounty",
    "ContactMunicipality",
];

/// What of the citizen becomes data of the event.
const OF_THE_CITIZEN: [&str; 4] =
    ["CivilRegistrationNumber", "AlternativeIdentifier", "PersonSurnameName", "PersonGivenName"];

/// What people call the parts of a letter; the first ones are read first.
const TITLES: [(&str, &str); 18] = [
    ("AbilityAtDischargeSummary", "Funktionsevne ved udskrivelsen"),
    ("AbilityAtDischargeDetailed", "Funktionsevne, udvidet beskrivelse"),
    ("RehabilitationNeedAndPotential", "Genoptræningsbehov og potentiale"),
    ("PatientHealthSummary", "Helbred og behandlingsforløb"),
    ("InformationForPatientAndRelatives", "Information til borger og pårørende"),
    ("PracticalInformation", "Praktiske oplysninger"),
    ("Patient", "Borgeren i øvrigt"),
    ("ICFCodes", "ICF-koder"),
    ("Relatives", "Pårørende"),
    ("GPCCReceiver", "Kopi til egen læge"),
    ("StreetName", "Vej"),
    ("PostCodeIdentifier", "Postnummer"),
    ("DistrictName", "By"),
    ("TelephoneSubscriberIdentifier", "Telefon"),
    ("OrganisationName", "Organisation"),
    ("DepartmentName", "Afdeling"),
    ("UnitName", "Enhed"),
    ("EANIdentifier", "Lokationsnummer"),
];

/// What only forms a text.
const FORM: [&str; 8] = ["Break", "Space", "Bold", "Italic", "Underline", "Center", "Right", "FixedFont"];

/// What the letter at `index` of a message says. Nothing where it is no plan of its own format: the
/// text of a correspondence is in the event.
pub(crate) fn passages(body: &[u8], index: usize) -> Vec<Passage> {
    let Ok(document) = Document::read(body, &Limits::default()) else { return Vec::new() };
    let root = Part::root(document.root());
    if root.name() != "VANSEnvelope" {
        return of_letter(root, index);
    }
    let Some(payload) = vans::payload_of(root) else { return Vec::new() };
    Document::read(&payload, &Limits::default())
        .map_or_else(|_fault| Vec::new(), |inner| of_letter(Part::root(inner.root()), index))
}

fn of_letter(root: Part<'_>, index: usize) -> Vec<Passage> {
    let letters = emessage::parts(root);
    let plan = letters.get(index).filter(|letter| letter.name() == "RehabilitationPlan");
    let Some(plan) = plan else { return Vec::new() };
    let mut told: Vec<(usize, Passage)> = Vec::new();
    for part in plan.element().children().filter(|part| !IN_THE_EVENT.contains(&part.name())) {
        let text = if part.name() == "Patient" { lines(part, &OF_THE_CITIZEN) } else { said(part) };
        if !text.is_empty() {
            let (place, title) = titled(part.name());
            told.push((place, Passage { title: title.to_owned(), text }));
        }
    }
    // Those of one place keep the letter's order.
    told.sort_by_key(|(place, _)| *place);
    told.into_iter().map(|(_, passage)| passage).collect()
}

/// Where among the titles something stands, and what it is called.
fn titled(name: &str) -> (usize, &str) {
    let found = TITLES.iter().position(|(known, _)| *known == name);
    found.and_then(|place| Some((place, TITLES.get(place)?.1))).unwrap_or((TITLES.len(), name))
}

/// The text of an element; a line for each of its parts where it has such.
fn said(element: Element<'_>) -> String {
    let has_parts = element.children().any(|child| !FORM.contains(&child.name()));
    if has_parts { lines(element, &[]) } else { text::plain(element) }
}

/// A line for each part, but for those that are left out. As deep as the document, whose levels the
/// reader limits.
fn lines(element: Element<'_>, but: &[&str]) -> String {
    let own = element.text();
    let of_parts = element.children().filter(|part| !but.contains(&part.name())).map(|part| {
        let said = said(part);
        if said.is_empty() { said } else { format!("{}: {said}", titled(part.name()).1) }
    });
    let all: Vec<String> =
        std::iter::once(own.trim().to_owned()).chain(of_parts).filter(|line| !line.is_empty()).collect();
    all.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"<m:Emessage xmlns:m="urn:oio:medcom:municipality:1.0.0"><m:Envelope/>
<m:RehabilitationPlan><m:Patient><m:CivilRegistrationNumber>2512489996</m:CivilRegistrationNumber><m:StreetName>Prøvevej 1</m:StreetName></m:Patient>
<m:Surprise><m:A>et<m:Break/>to</m:A><m:B/></m:Surprise><m:PatientHealthSummary/><m:RehabilitationNeedAndPotential>Styrke<m:Break/>Balance</m:RehabilitationNeedAndPotential>
<m:AbilityAtDischargeSummary>G&amp;r med &lt;b&gt;rollator&lt;/b&gt;</m:AbilityAtDischargeSummary><m:RehabilitationDeadline>straks</m:RehabilitationDeadline></m:RehabilitationPlan>
<m:RehabilitationPlan><m:PracticalInformation>Nøgle hos naboen</m:PracticalInformation></m:RehabilitationPlan></m:Emessage>"#;

    fn told(index: usize) -> Vec<(String, String)> {
        passages(TWO.as_bytes(), index).into_iter().map(|it| (it.title, it.text)).collect()
    }

    #[test]
    fn a_plan_is_told_in_the_order_of_the_one_who_trains() {
        let expected = [
            ("Funktionsevne ved udskrivelsen", "G&r med <b>rollator</b>"),
            ("Genoptræningsbehov og potentiale", "Styrke\nBalance"),
            ("Borgeren i øvrigt", "Vej: Prøvevej 1"),
            ("Surprise", "A: et\nto"),
        ];
        assert_eq!(told(0), expected.map(|(title, text)| (title.to_owned(), text.to_owned())));
    }

    #[test]
    fn only_the_own_letter_speaks() {
        assert_eq!(told(1), [("Praktiske oplysninger".to_owned(), "Nøgle hos naboen".to_owned())]);
        assert_eq!(told(2), []);
        assert_eq!(passages(b"<a", 0), []);
    }
}
