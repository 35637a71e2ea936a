//! For what somebody looks at content. It is asked with every look, and stands in the access log for
//! the citizen who asks: so it is one of a few words, and more where that is needed.

use budstikke_contract::person::shows_cpr;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fault::Fault;
use super::gate::Posted;

/// The longest text, in characters.
const LONGEST: usize = 200;

/// What somebody looks for, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Aim {
    /// To work with the case.
    Casework,
    /// To find out why something does not go on.
    Troubleshooting,
    /// To see whether the work is done as it should be.
    Supervision,
    /// To answer whoever asks for access to files.
    FileAccess,
    /// Something else, which is then said.
    Other,
}

impl Aim {
    const ALL: [Self; 5] = [Self::Casework, Self::Troubleshooting, Self::Supervision, Self::FileAccess, Self::Other];

    /// As it stands in forms and in the log.
    fn word(self) -> &'static str {
        match self {
            Self::Casework => "sagsbehandling",
            Self::Troubleshooting => "fejlsøgning",
            Self::Supervision => "tilsyn",
            Self::FileAccess => "aktindsigt",
            Self::Other => "andet",
        }
    }
}

/// A purpose as a call states it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stated {
    /// In a word.
    aim: Aim,
    /// What more there is to say; needed with `other`. No CPR number.
    #[serde(default)]
    note: String,
}

/// Why something is no purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unstated {
    /// None was chosen.
    Nothing,
    /// `Other`, and not what.
    Unexplained,
    /// It is too long, or holds what is no text.
    Text,
    /// It holds what reads as a CPR number.
    Number,
}

impl Unstated {
    fn in_danish(self) -> &'static str {
        match self {
            Self::Nothing => "Vælg, hvad du skal bruge det til. Intet er vist.",
            Self::Unexplained => "Skriv, hvad du skal bruge det til, når du vælger »andet«. Intet er vist.",
            Self::Text => "Uddybningen må højst være 200 tegn på én linje. Intet er vist.",
            Self::Number => "Skriv ikke CPR-numre i uddybningen: den står læsbar i loggen. Intet er vist.",
        }
    }

    fn in_english(self) -> &'static str {
        match self {
            Self::Nothing | Self::Unexplained => "say in `note` what `other` is; nothing was shown",
            Self::Text => "`note` is one line of at most 200 characters; nothing was shown",
            Self::Number => "leave CPR numbers out of `note`: the log keeps it in clear; nothing was shown",
        }
    }
}

/// What somebody looks for, as the log keeps it: `sagsbehandling`, `andet: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purpose(String);

impl Purpose {
    /// Reads one.
    pub(super) fn new(aim: Aim, note: &str) -> Result<Self, Unstated> {
        let note = note.trim();
        match note {
            "" if aim == Aim::Other => Err(Unstated::Unexplained),
            "" => Ok(Self(aim.word().to_owned())),
            _ if note.chars().count() > LONGEST || note.chars().any(char::is_control) => Err(Unstated::Text),
            _ if shows_cpr(note) => Err(Unstated::Number),
            _ => Ok(Self(format!("{}: {note}", aim.word()))),
        }
    }

    /// What the fields of `purpose.html` say.
    pub(super) fn of(posted: &Posted) -> Result<Self, Fault> {
        let word = posted.one("formaal");
        let aim = Aim::ALL.into_iter().find(|aim| aim.word() == word).ok_or(Unstated::Nothing);
        let read = aim.and_then(|aim| Self::new(aim, posted.one("uddybning")));
        read.map_err(|why| Fault::Refused(why.in_danish().to_owned()))
    }

    /// What a call states.
    pub(super) fn stated(stated: &Stated) -> Result<Self, Fault> {
        Self::new(stated.aim, &stated.note).map_err(|why| Fault::Refused(why.in_english().to_owned()))
    }

    /// As the log keeps it.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_a_word_and_what_more_there_is_to_say() {
        let read = |aim, note: &str| Purpose::new(aim, note).map(|purpose| purpose.0);
        assert_eq!(read(Aim::Casework, " "), Ok("sagsbehandling".to_owned()));
        assert_eq!(read(Aim::FileAccess, " borgeren selv "), Ok("aktindsigt: borgeren selv".to_owned()));
        assert_eq!(read(Aim::Other, ""), Err(Unstated::Unexplained));
        assert_eq!(read(Aim::Casework, "251248-9996 ringede"), Err(Unstated::Number));
        assert_eq!(read(Aim::Casework, "to\nlinjer"), Err(Unstated::Text));
        assert_eq!(read(Aim::Casework, &"ø".repeat(201)), Err(Unstated::Text));
        assert!(read(Aim::Casework, &"ø".repeat(200)).is_ok());
    }

    #[test]
    fn the_form_offers_every_word_and_no_other() {
        let form = include_str!("templates/purpose.html");
        let offered: Vec<&str> = form.split("<option value=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
        let words: Vec<&str> = std::iter::once("").chain(Aim::ALL.map(Aim::word)).collect();
        assert_eq!(offered, words);
    }
}
