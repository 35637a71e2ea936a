//! XDIS91, *Den gode XML-korrespondance*, where it carries a plan: a hospital writes one to a receiver
//! that takes no GGOP, or MedCom's conversion has made it of one.

use budstikke_contract::adapter::Draft;
use budstikke_contract::reason::{Reason, Remark};

use crate::downgrade::Downgrade;
use crate::letter::{self, Frame};
use crate::part::{Field, Part};
use crate::plan::{self, Content, Passage};
use crate::plan_type::{self, Said};
use crate::{refusal, text};

/// The versions that are read, each with the namespace that it belongs to.
const VERSIONS: [(&str, &str); 2] = [
    ("http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/", "XD9134L"),
    ("http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/", "XD9133L"),
];

const STATUS: Field = Field { steps: &["Letter", "StatusCode"], title: "brevets status" };

/// What a subject begins with when the letter is a plan.
const WORDS: [&str; 4] = ["genoptræningsplan", "genoptraeningsplan", "ggop", "gop"];

/// Reads a `ClinicalEmail`.
pub(crate) fn read(letter: Part<'_>, passage: &Result<Passage, Reason>) -> Result<Draft, Reason> {
    let version = letter::version(letter)?;
    let known = VERSIONS.into_iter().find(|&(namespace, code)| letter.namespace() == namespace && version == code);
    let (_, format) = known.ok_or_else(refusal::version_unknown)?;
    let statistical = plan::statistical_code(letter);
    let subject = letter.child("AdditionalInformation").and_then(|part| part.get("Subject"));
    let converted = statistical.as_deref().is_some_and(|code| plan_type::of_statistical_code(code).is_some());
    if !converted && !subject.as_deref().is_some_and(names_a_plan) {
        return Err(refusal::not_a_plan());
    }
    let frame = Frame::read(letter)?;
    let (kind, status) = match letter.require(&STATUS)?.as_ref() {
        "nytbrev" => ("rehab.plan.received", "nytbrev"),
        "rettetbrev" => ("rehab.plan.corrected", "rettetbrev"),
        _ => return Err(refusal::invalid(&STATUS, "nytbrev eller rettetbrev")),
    };
    let passage = passage.as_ref().map_err(Clone::clone)?;
    let mut remarks = Vec::new();
    let text = text(letter);
    let content = Content {
        kind,
        format,
        status: Some(status),
        ..content(&text, converted, Said { element: None, statistical, subject }, &mut remarks)
    };
    Ok(plan::draft(letter, frame, passage, content, remarks))
}

fn content<'d>(text: &str, converted: bool, said: Said<'d>, remarks: &mut Vec<Remark>) -> Content<'d> {
    let plan_type = plan_type::decide(&said, remarks);
    // Only a conversion has a form to be read by; what people write is theirs.
    let found = if converted { Downgrade::read(text) } else { Downgrade::default() };
    Content {
        plan_type,
        subject: said.subject,
        contact_start: found.contact_start,
        discharge: found.discharge,
        deadline: found.deadline,
        diagnoses: found.diagnoses,
        consent: found.consent,
        text: Some(text.to_owned()),
        ..Content::received()
    }
}

/// Whether a subject says that the letter is a plan: one of the words first, and nothing that makes
/// another word of it. A question about a plan begins with something else (`Spørgsmål`, `SV:`), and
/// so does a letter that only speaks of one (`Genoptræningsplanen`).
fn names_a_plan(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    let rest = WORDS.iter().find_map(|word| subject.strip_prefix(word));
    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// The letter's text. Senders split a long one over several elements.
fn text(letter: Part<'_>) -> String {
    let parts: Vec<String> = letter.all("ClinicalInformation").map(|part| text::plain(part.element())).collect();
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_that_name_a_plan() {
        for plan in [
            "Genoptræningsplan",
            "GENOPTRÆNINGSPLAN (almen)",
            "genoptræningsplan: specialiseret",
            "Genoptræningsplan, rehabilitering på specialiseret niveau",
            "Genoptraeningsplan",
            "GOP",
            "GOP (almen)",
            "GGOP - specialiseret",
        ] {
            assert!(names_a_plan(plan), "{plan}");
        }
        for other in [
            "",
            "Spørgsmål til genoptræningsplan",
            "SV: Genoptræningsplan",
            "Genoptræningsplanen er sendt",
            "Genoptræning",
            "Vedr. GOP",
            "Gopler",
            "GOP2",
            "Forundersøgelse",
        ] {
            assert!(!names_a_plan(other), "{other}");
        }
    }
}
