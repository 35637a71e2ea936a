//! What people did, in Danish: one list for the log, its files and the stories.

/// The ledger's words, and what stands behind somebody's name.
const DONE: [(&str, &str); 36] = [
    ("resend", "sendte det igen"),
    ("discard", "kasserede det"),
    ("pass", "lod det næste gå forbi"),
    ("correct", "rettede det efter en ny udgave af aftalen"),
    ("hand", "gav det til en anden postkasse"),
    ("edit", "foreslog en rettelse"),
    ("edit-approve", "godkendte en rettelse"),
    ("edit-reject", "afviste en rettelse"),
    ("list-confirm", "bekræftede en liste"),
    ("list-pause", "satte en liste på pause"),
    ("list-resume", "lod en liste gå videre"),
    ("list-stop", "standsede en liste"),
    ("list-drop", "opgav en liste"),
    ("list-end", "kom til enden af en liste"),
    ("raise", "sendte en ny besked"),
    ("task taken", "tog en opgave"),
    ("task taken over", "overtog en opgave"),
    ("task handed over", "gav en opgave fra sig"),
    ("task accepted", "kvitterede for en opgave"),
    ("task put off", "lod en opgave vente"),
    ("task completed", "afsluttede en opgave"),
    ("task answered", "besvarede en opgave"),
    ("task rejected", "afviste en opgave"),
    ("told", "gav en postkasse besked om nyt"),
    ("pause", "satte noget på pause"),
    ("resume", "genoptog noget"),
    ("account", "oprettede eller ændrede en bruger"),
    ("account removed", "fjernede en bruger"),
    ("account locked", "blev lukket ude efter forkerte adgangskoder"),
    ("signed in", "loggede ind"),
    ("signed out", "loggede ud"),
    ("sign-in link", "lavede et link til at logge ind med"),
    ("system", "gav et system adgang"),
    ("system removed", "fjernede et systems adgang"),
    ("verify", "efterprøvede hovedbogen"),
    ("export", "hentede loggen"),
];

/// What somebody did; the ledger's own word where it is an older one.
pub(super) fn done(what: &str) -> &str {
    DONE.iter().find(|(known, _)| *known == what).map_or(what, |(_, said)| said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::deed::DEEDS;

    #[test]
    fn whatever_people_do_is_said_in_danish() {
        assert_eq!(DONE.map(|(known, _)| known), DEEDS);
    }
}
