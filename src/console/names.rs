//! What kinds of events, areas and municipalities are called, for people.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::agreement::model::{Agreement, Channel};

/// What cases and rules are about, by the first word of their names, with what people call it.
pub(super) const AREAS: [(&str, &str); 24] = [
    ("rehab", "Genoptræning"),
    ("employment", "Beskæftigelse"),
    ("benefit", "Ydelse"),
    ("integration", "Integration"),
    ("adult", "Voksne"),
    ("contract", "Kontrakter"),
    ("visitation", "Visitation"),
    ("child", "Børn"),
    ("smdb", "Stofmisbrugsdatabasen"),
    ("calendar", "Årets gang"),
    ("case", "Tværgående sager"),
    ("complaint", "Klager"),
    ("appeal", "Ankestyrelsen"),
    ("file-access", "Aktindsigt"),
    ("gdpr-access", "Indsigt i egne data"),
    ("supervision", "Tilsyn"),
    ("management-info", "Ledelsesinformation"),
    ("notice", "Orienteringer"),
    ("citizen", "Borgere"),
    ("report", "Rapporter"),
    ("order", "Bestilling"),
    ("payment-agreement", "Betalingsaftaler"),
    ("template", "Skabeloner"),
    ("employment-plan", "Beskæftigelsesplan"),
];

/// What an area is called; its own name where it has no other.
pub(super) fn area(name: &str) -> &str {
    AREAS.iter().find(|(known, _)| *known == name).map_or(name, |(_, said)| *said)
}

/// What a kind of event is called: `Genoptræningsplan modtaget`.
pub(super) fn happening(kind: &str) -> &str {
    budstikke_schemas::find(kind).map_or(kind, |known| known.title())
}

/// What a municipality is called; its own name in ids where the agreement does not know it.
pub(super) fn party<'a>(agreement: &'a Agreement, id: &'a str) -> &'a str {
    agreement.party(id).map_or(id, |party| party.name.as_str())
}

/// What the municipalities are called, by their names in ids.
pub(super) fn parties(agreements: &[Arc<Agreement>]) -> BTreeMap<String, String> {
    let all = agreements.iter().flat_map(|agreement| &agreement.parties);
    all.map(|party| (party.id.to_string(), party.name.clone())).collect()
}

/// On what way something comes to a mailbox, by the channel's name; that where there is no such channel.
pub(super) fn way(channel: &str) -> &str {
    Channel::named(channel).map_or(channel, |known| known.title())
}

/// What kind of thing is owed: `handle`.
pub(super) fn duty_kind(kind: &str) -> &str {
    match kind {
        "act" => "handle",
        "answer" => "svare",
        "approve" => "godkende",
        "inform" => "orientere",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_duties_has_a_danish_name() {
        for kind in budstikke_schemas::KINDS.iter().filter(|kind| !kind.of_hub) {
            assert_ne!(happening(kind.name), kind.name, "{}", kind.name);
        }
        assert_eq!(area("rehab"), "Genoptræning");
        assert_eq!(area("ukendt"), "ukendt");
        for kind in crate::agreement::model::DutyKind::ALL {
            assert_ne!(duty_kind(kind.name()), kind.name());
        }
    }
}
