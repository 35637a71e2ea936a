//! Which case a resource belongs to. Made of CURA's own ids, never of a CPR number.

use budstikke_contract::adapter::CaseClue;

use crate::citizen::Person;
use crate::organisation::Organisation;
use crate::resource::Resource;

/// A matter of the area Adults: each grant is one, with all that is about it. CURA's own case may
/// hold many grants of a citizen, and a contract for one of them is no contract for another.
/// `grant` is the id of the grant, `replaces` those of grants that it takes the place of.
pub(crate) fn adult(resource: &Resource<'_>, grant: Option<&str>, replaces: &[&str]) -> CaseClue {
    let Some(grant) = grant else { return other(resource, "adult") };
    if let Some(key) = &resource.case {
        return CaseClue::Key(key.clone());
    }
    let name = |id: &str| resource.mark("ProcedureRequest", id);
    CaseClue::Derived {
        area: "adult",
        episode: None,
        first: format!("ProcedureRequest/{grant}"),
        likeness: std::iter::once(grant).chain(replaces.iter().copied()).map(name).collect(),
        trail: None,
    }
}

/// The plan of a course of rehabilitation, as far as the message says.
#[derive(Debug, Default)]
pub(crate) struct Plan<'v> {
    /// The id of CURA's communication.
    pub(crate) id: Option<&'v str>,
    /// CURA's course.
    pub(crate) episode: Option<&'v str>,
    /// The hospital's location number and the number of its letter: `5790000121526/45249877239313`.
    pub(crate) letter: Option<&'v str>,
    /// The hospital.
    pub(crate) sender: Option<Organisation>,
}

/// A course of rehabilitation: the plan that CURA has of it. The hospital's letter leads to the case
/// that the letter began; without its number, the hospital and whom it is about may.
pub(crate) fn rehab(resource: &Resource<'_>, plan: &Plan<'_>, person: &Person) -> CaseClue {
    let Some(id) = plan.id else { return other(resource, "rehab") };
    if let Some(key) = &resource.case {
        return CaseClue::Key(key.clone());
    }
    let own = resource.mark("Communication", id);
    let gln = plan.sender.as_ref().and_then(|sender| sender.gln.as_ref());
    CaseClue::Derived {
        area: "rehab",
        episode: plan.episode.map(|id| format!("EpisodeOfCare/{id}")),
        first: format!("Communication/{id}"),
        // As the adapter of the hospitals' letters writes them.
        likeness: plan.letter.map(|letter| format!("brev {letter}")).into_iter().chain([own]).collect(),
        trail: gln.map(|gln| format!("{gln}\n{}", person.citizen.reveal())),
    }
}

/// A matter of its own.
fn other(resource: &Resource<'_>, area: &'static str) -> CaseClue {
    match &resource.case {
        Some(key) => CaseClue::Key(key.clone()),
        None => CaseClue::Derived {
            area,
            episode: None,
            first: format!("{}/{}", resource.kind, resource.id),
            likeness: Vec::new(),
            trail: None,
        },
    }
}
