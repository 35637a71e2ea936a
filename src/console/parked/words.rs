//! What codes, acts and endings are called for people, in Danish, and what the hub does by itself.

use crate::intake::edit::Unfit;
use crate::intake::job::NotTurned;
use crate::intake::people::act::Refusal;
use crate::ledger::job::{Act, Ending, State};

/// What the hub does by itself about something parked.
const REFUSED: &str =
    "Den venter på et menneske og holder intet op. Afsenderen har fået afslag, hvor dens format har et.";
const HOLDS_CASE: &str = "Den venter på et menneske, og det, der kommer senere på samme sag, venter bag den.";
const WAITS: &str = "Den venter på et menneske og holder intet op.";
const MAY_COME: &str = "Den går videre af sig selv, når det, den mangler, kommer.";
const HOLDS_LANE: &str = "Den venter på et menneske, og det næste til samme postkasse om samme sag venter bag den.";
const TRIED: &str = "Den er prøvet igen i omkring et døgn. Nu venter den, og det næste til samme postkasse om samme sag venter bag den.";

/// What each code means, and what the hub does by itself.
const CODES: [(&str, &str, &str); 53] = [
    ("XML_MALFORMED", "Beskeden er ikke XML", REFUSED),
    ("XML_FORBIDDEN", "XML, som aldrig tages imod: for stor, for dyb eller med en DTD", REFUSED),
    ("ENCODING_UNKNOWN", "Et tegnsæt, som ikke kan læses", REFUSED),
    ("JSON_MALFORMED", "Beskeden er ikke JSON, eller JSON, som aldrig tages imod", REFUSED),
    ("VANS_PAYLOAD", "Kuvertens indhold er beskadiget", REFUSED),
    ("PAYLOAD_UNREADABLE", "Det, beskeden bærer, kan ikke tages ud af den", REFUSED),
    ("KIND_NOT_CARRIED", "En slags besked, som ikke bringes videre her", REFUSED),
    ("VERSION_UNKNOWN", "En version, som ikke læses", REFUSED),
    ("NOT_A_PLAN", "En korrespondance, som ikke er en genoptræningsplan", REFUSED),
    ("FIELD_MISSING", "Noget, som skal være der, mangler", REFUSED),
    ("FIELD_INVALID", "Noget er ikke, hvad det skal være, eller står der to gange", REFUSED),
    ("CPR_IMPOSSIBLE", "Et CPR-nummer, som ikke kan findes", REFUSED),
    ("LAW_UNKNOWN", "En paragraf fra CURA, som ikke siger hvilken lov", REFUSED),
    ("TAKEN_BACK", "Noget fra CURA er taget tilbage, og ingen hændelse siger det", REFUSED),
    ("ID_REUSED", "Afsenderen har brugt samme id til noget andet før", WAITS),
    ("ENVELOPE_REUSED", "Et nyt brev i en kuvert, hvis nummer er brugt før", WAITS),
    ("TARGET_GROUP_UNKNOWN", "En målgruppe, som ikke står i tabellen den dag", REFUSED),
    ("ABSENCE_UNKNOWN", "Et fravær, som ikke står i tabellen den dag", REFUSED),
    ("CONTENT_NEEDED", "Den siger, at noget er ændret, og indholdet kunne ikke hentes", REFUSED),
    ("EVENT_NOT_JSON", "Hændelsen er ikke et JSON-objekt", REFUSED),
    ("EVENT_ATTRIBUTE", "En attribut mangler eller er forkert", REFUSED),
    ("EVENT_UNKNOWN_KIND", "En slags hændelse, som ikke står i kataloget", REFUSED),
    ("EVENT_SCHEMA", "Hændelsens indhold følger ikke skemaet", HOLDS_CASE),
    ("SENDER_MISMATCH", "Den, der har sendt den, må ikke tale for kilden", WAITS),
    ("HUB_ONLY", "En slags hændelse, som kun budstikken selv sender", WAITS),
    ("FETCH_FAILED", "Hændelsens indhold kunne ikke hentes", "Der er spurgt i en time. Nu venter den på et menneske."),
    ("AGREEMENT_UNKNOWN", "Ingen aftale var kendt, da den kom", HOLDS_CASE),
    (
        "OUTSIDE_AGREEMENT",
        "En kommune, som ikke er part i nogen aftale",
        "Den venter på et menneske. Sygehuset har fået besked.",
    ),
    (
        "NO_RESIDENCE",
        "Intet siger, hvor borgeren bor",
        "Et brev holder det næste på sagen; en hændelse går videre af sig selv, når dens plan kommer.",
    ),
    (
        "LOOKUP_FAILED",
        "Opslaget af, hvor borgeren bor, svarede ikke",
        "Der er spurgt i en time. Et brev holder det næste på sagen; en hændelse går videre, når sagen bliver kendt.",
    ),
    ("RESIDENCE_DIFFERS", "En anden bopæl end sagens eller opslagets", HOLDS_CASE),
    ("AMBIGUOUS_CASE", "En rettelse, som kan høre til flere forløb", WAITS),
    ("PRECEDING_MISSING", "Det, den følger efter, er ikke kommet", MAY_COME),
    ("NO_RULE", "Aftalen har ingen regel for denne slags under denne lov den dag", HOLDS_CASE),
    ("NO_AREA", "Hændelsen nævner hverken lov eller område", HOLDS_CASE),
    ("UNKNOWN_TEAM", "Et spørgsmål nævner et team, som ikke findes", HOLDS_CASE),
    ("NO_LAW", "Hændelsen siger ikke hvilken af flere love", HOLDS_CASE),
    ("NO_PERFORMER", "Ingen udfører opgaven for den borger den dag", HOLDS_CASE),
    ("SENDER_NOT_ALLOWED", "Aftalen lader ikke denne afsender sende den", HOLDS_CASE),
    ("NO_OPEN_REQUEST", "Et svar på et spørgsmål, som ikke er åbent", MAY_COME),
    ("AMBIGUOUS_DUTY", "Et svar, som kan være til flere spørgsmål", HOLDS_CASE),
    ("UNCONFIRMED", "RabbitMQ bekræftede ikke i tide", TRIED),
    ("QUEUE_FULL", "Postkassens kø tager ikke mere", TRIED),
    ("UNROUTABLE", "Postkassens kø findes ikke", TRIED),
    ("UNSENDABLE", "For stor til at sende", HOLDS_LANE),
    ("MAILBOX_GONE", "Postkassen står ikke længere i nogen aftale", HOLDS_LANE),
    ("DEAD_LETTERED", "Modtagerens kø har opgivet den", WAITS),
    (
        "REJECTED_BY_RECEIVER",
        "Modtageren har afvist den",
        "Den venter på et menneske og holder intet op. De andre modtagere har fået besked.",
    ),
    ("RECEIPT_UNREADABLE", "En kvittering, som ikke kan læses", "Den har ingen virkning."),
    ("RECEIPT_UNKNOWN", "En kvittering for noget, som aldrig er sendt", "Den har ingen virkning."),
    ("POISON", "Budstikken gik ned på beskeden", "Den er gemt ulæst og holder intet op."),
    ("HUB_FAILED", "Budstikken fejlede på beskeden", "Den er gemt hel og holder intet op."),
    ("CONTENT_LOST", "Det gemte indhold kan ikke åbnes", "Den venter på et menneske og holder det næste på sagen."),
];

/// What a code means, and what the hub does by itself.
pub(super) fn code(code: &str) -> (&'static str, &'static str) {
    if let Some((_, meaning, by_itself)) = CODES.into_iter().find(|(name, _, _)| *name == code) {
        return (meaning, by_itself);
    }
    match code {
        "STRAY_MESSAGE" => ("Noget, som ikke er vores, blandt det, RabbitMQ gav tilbage", WAITS),
        it if it.starts_with("HTTP_") => ("Modtagerens system tog ikke imod den", TRIED),
        _ => ("Se, hvad koden betyder", WAITS),
    }
}

/// An act, as on a button.
pub(super) fn act(act: Act) -> &'static str {
    match act {
        Act::Resend => "Send igen",
        Act::Discard => "Kassér",
        Act::Pass => "Lad det næste gå forbi",
        Act::Hand => "Giv til en anden postkasse",
    }
}

/// How a list stands.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Prepared => "vist, ikke begyndt",
        State::Running => "i gang",
        State::Paused => "på pause",
        State::Done => "færdig",
        State::Stopped => "stoppet",
        State::Dropped => "opgivet",
    }
}

/// How a line ended.
pub(super) fn ending(ending: Ending, detail: &str) -> String {
    match ending {
        Ending::Done => format!("udført: {}", stands(detail)),
        Ending::Again => format!("sendt igen, men parkeret igen: {detail}"),
        Ending::Refused => {
            let why = Refusal::named(detail).map_or("det lod sig ikke gøre", refusal);
            format!("ikke gjort: {why}")
        }
        Ending::Gone => "ikke gjort: den var ikke længere parkeret".to_owned(),
        Ending::Changed => "ikke gjort: den er parkeret på ny, siden listen blev vist".to_owned(),
    }
}

/// A state of something, in words.
pub(super) fn stands(name: &str) -> &'static str {
    match name {
        "routed" => "fordelt",
        "recorded" => "går efter reglerne til ingen",
        "duplicate" => "gentagelse",
        "waiting" => "venter på sin tur",
        "delivered" => "leveret",
        "parked" => "parkeret",
        "discarded" => "kasseret",
        "passed" => "det næste går forbi",
        "handed" => "givet til en anden postkasse",
        _ => "ukendt",
    }
}

/// Why something was not done.
pub(super) fn refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoReason => "skriv hvorfor",
        Refusal::Numbers => "skriv ingen CPR-numre: teksten står åbent",
        Refusal::NoDelivery => "det kan kun gøres med leveringer",
        Refusal::Answer => "et svar til en afsender kan ikke gives til andre",
        Refusal::MailboxGone => "postkassen står ikke i nogen aftale længere",
        Refusal::NoMailbox => "vælg en postkasse, som står i aftalen",
        Refusal::SameMailbox => "det er den postkasse, den er til; send den igen",
        Refusal::HasIt => "den postkasse har eller har haft den samme hændelse",
        Refusal::Passed => "den holder ikke noget op",
        Refusal::Failed => "budstikken fejlede på den; intet er ændret, og loggen siger mere",
    }
}

/// Why a list was not begun, held or ended.
pub(super) fn not_turned(why: &NotTurned) -> String {
    match why {
        NotTurned::NoSuch => "Listen findes ikke.".to_owned(),
        NotTurned::Other => "Det er ikke den liste, der blev vist. Intet er gjort. Se listen igen.".to_owned(),
        NotTurned::Begun(by) => format!("Listen er allerede sat i gang af {by}. Intet er gjort to gange."),
        NotTurned::Stale => "Listen blev vist for over en time siden. Intet er gjort. Lav en ny.".to_owned(),
        NotTurned::Not(now) => format!("Listen er {}. Intet er ændret.", state(*now)),
        NotTurned::Refused(why) => format!("Listen er ikke sat i gang: {}.", refusal(*why)),
    }
}

/// Why a text cannot be corrected, or a correction is not kept.
pub(super) fn unfit(why: &Unfit) -> String {
    match why {
        Unfit::NotParked => "Beskeden er ikke længere parkeret. Intet er ændret.".to_owned(),
        Unfit::KeptWhole => "Beskeden er gemt ulæst og kan ikke rettes i hånden. Meld fejlen, og send den igen.".to_owned(),
        Unfit::NoText => "Det kan ikke rettes i hånden: det er ikke ren tekst, eller det er for stort. Intet er ændret.".to_owned(),
        Unfit::Waits(by) => format!("{by} har allerede skrevet en rettelse, som venter på godkendelse. Intet er ændret."),
        Unfit::Same => "Der er ikke ændret noget i teksten.".to_owned(),
        Unfit::OtherId => {
            "Rettelsen er ikke gemt: afsenderens id er et andet, og så er det en anden besked. Sæt id'et tilbage.".to_owned()
        }
        Unfit::Others => {
            "Rettelsen er ikke gemt: der er ændret i andet end denne besked, eller der er flere eller færre breve i den."
                .to_owned()
        }
        Unfit::Unreadable(reason) => format!("Rettelsen er ikke gemt, for den kan ikke bruges. {reason}"),
        Unfit::NoReason => "Skriv hvorfor. Intet er ændret.".to_owned(),
        Unfit::Numbers => "Skriv ingen CPR-numre i begrundelsen: den står åbent. Intet er ændret.".to_owned(),
        Unfit::Own => "Du har selv skrevet rettelsen. En anden skal afgøre den. Intet er ændret.".to_owned(),
        Unfit::Decided => "Rettelsen er afgjort eller erstattet af en nyere. Intet er ændret.".to_owned(),
    }
}

/// The same in English.
pub(super) fn unfit_in_english(why: &Unfit) -> String {
    match why {
        Unfit::NotParked => "it is parked no longer".to_owned(),
        Unfit::KeptWhole => "it was kept unread, and cannot be corrected by hand".to_owned(),
        Unfit::NoText => "it is no plain text, or too large".to_owned(),
        Unfit::Waits(by) => format!("a correction by {by} waits for approval"),
        Unfit::Same => "nothing in the text is changed".to_owned(),
        Unfit::OtherId => "the source's id is another: that would be another message".to_owned(),
        Unfit::Others => "something else of the message is changed, or it has more or fewer letters".to_owned(),
        Unfit::Unreadable(reason) => format!("it cannot be used: {reason}"),
        Unfit::NoReason => "say why".to_owned(),
        Unfit::Numbers => "leave CPR numbers out of `reason`: it is kept in clear".to_owned(),
        Unfit::Own => "nobody decides about their own correction".to_owned(),
        Unfit::Decided => "there is no such correction that waits".to_owned(),
    }
}

/// How a correction stands.
pub(super) fn edit_state(state: crate::ledger::edit::State) -> &'static str {
    use crate::ledger::edit::State;
    match state {
        State::Proposed => "venter på godkendelse",
        State::Approved => "gælder",
        State::Rejected => "afvist",
        State::Replaced => "erstattet af en nyere",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_parks_has_its_words() {
        let table = include_str!("../../../deploy/runbook/README.md");
        let rows = table.lines().filter_map(|line| line.strip_prefix("| [")?.split_once(']'));
        let parks: Vec<&str> = rows
            .filter(|(_, rest)| {
                rest.contains("parkeret") && !rest.contains("aldrig parkeret;") && !rest.contains("| en alarm |")
            })
            .map(|(code, _)| code)
            .collect();
        assert!(parks.len() > 40, "{parks:?}");
        for name in parks {
            assert_ne!(code(name).0, code("SOMETHING_ELSE").0, "{name} has no words in src/console/parked/words.rs");
        }
    }

    #[test]
    fn a_code_stands_once() {
        let mut names: Vec<&str> = CODES.iter().map(|(name, _, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CODES.len());
    }
}
