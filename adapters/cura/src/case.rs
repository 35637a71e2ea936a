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
    let name = |id: &str| format!("{} ProcedureRequest/{id}", resource.source);
    CaseClue::Derived {
        area: "adult",
        episode: None,
        first: format!("ProcedureRequest/{grant}"),
        likeness: std::iter::once(grant).chain(replaces.iter().copied()).map(name).collect(),
        trail: None,
    }
}

/// A course of rehabilitation: the plan that CURA has of it. The hospital that sent the plan and
/// whom it is about lead to the case of the hospital's own letter.
pub(crate) fn rehab(
    resource: &Resource<'_>,
    plan: Option<&str>,
    episode: Option<&str>,
    hospital: Option<&Organisation>,
    person: &Person,
) -> CaseClue {
    let Some(plan) = plan else { return other(resource, "rehab") };
    if let Some(key) = &resource.case {
        return CaseClue::Key(key.clone());
    }
    let gln = hospital.and_then(|hospital| hospital.gln.as_ref());
    CaseClue::Derived {
        area: "rehab",
        episode: episode.map(|id| format!("EpisodeOfCare/{id}")),
        first: format!("Communication/{plan}"),
        likeness: vec![format!("{} Communication/{plan}", resource.source)],
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
