//! What every letter has, whatever its kind: its numbers, who sends it to whom, whom it is about,
//! when it was signed.

use budstikke_contract::municipality::{Gln, MunicipalityCode};
use budstikke_contract::person::{Citizen, Cpr};
use budstikke_contract::reason::Reason;
use jiff::Timestamp;

use crate::part::{Field, Part};
use crate::{civil, refusal};

const ID: Field = Field { steps: &["Letter", "Identifier"], title: "brevets nummer" };
const VERSION: Field = Field { steps: &["Letter", "VersionCode"], title: "brevets version" };
const DATE: Field = Field { steps: &["Letter", "Authorisation", "Date"], title: "brevets dato" };
const TIME: Field = Field { steps: &["Letter", "Authorisation", "Time"], title: "brevets klokkeslæt" };
const SENDER: Field = Field { steps: &["Sender", "EANIdentifier"], title: "afsenderens lokationsnummer" };
const RECEIVER: Field = Field { steps: &["Receiver", "EANIdentifier"], title: "modtagerens lokationsnummer" };
const CPR: Field = Field { steps: &["Patient", "CivilRegistrationNumber"], title: "borgerens CPR-nummer" };
const ALTERNATIVE: Field = Field { steps: &["Patient", "AlternativeIdentifier"], title: "borgerens erstatningsnummer" };

/// The longest letter number that an event has room for.
const LONGEST_ID: usize = 35;
/// The longest number in place of a CPR number that an event has room for.
const LONGEST_ALTERNATIVE: usize = 20;
/// The longest episode-of-care id: a UUID with hyphens.
const LONGEST_EPISODE: usize = 36;

/// What of a letter a receipt names, as far as it could be read.
#[derive(Default)]
pub(crate) struct Head {
    pub(crate) id: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) sender: Option<Gln>,
    /// Not always thirteen digits: an address that was written wrong is still repeated.
    pub(crate) receiver: Option<String>,
}

impl Head {
    /// Reads what can be read. What stands there twice cannot.
    pub(crate) fn read(letter: Part<'_>) -> Self {
        let find = |field| letter.find(field).ok().flatten();
        Self {
            id: find(&ID).filter(|id| id.chars().count() <= LONGEST_ID).map(Into::into),
            version: find(&VERSION).map(Into::into),
            sender: find(&SENDER).and_then(|gln| Gln::parse(&gln)),
            receiver: find(&RECEIVER).map(Into::into),
        }
    }
}

/// Which version a letter says it is.
pub(crate) fn version(letter: Part<'_>) -> Result<std::borrow::Cow<'_, str>, Reason> {
    letter.require(&VERSION)
}

/// What an event cannot be without.
pub(crate) struct Frame {
    pub(crate) id: String,
    pub(crate) sender: Gln,
    pub(crate) citizen: Citizen,
    pub(crate) time: Timestamp,
    /// The receiver's municipality, where that is how the receiver is named.
    pub(crate) residence: Option<MunicipalityCode>,
    /// The episode-of-care id, as it stands in the letter.
    pub(crate) episode: Option<String>,
}

impl Frame {
    /// Reads a letter's frame.
    ///
    /// # Errors
    /// The first thing that is missing or cannot be what it must be.
    pub(crate) fn read(letter: Part<'_>) -> Result<Self, Reason> {
        let id = letter.require(&ID)?;
        if id.chars().count() > LONGEST_ID {
            return Err(refusal::invalid(&ID, "højst 35 tegn"));
        }
        let sender = Gln::parse(&letter.require(&SENDER)?);
        Ok(Self {
            id: id.into(),
            sender: sender.ok_or_else(|| refusal::invalid(&SENDER, "13 cifre"))?,
            citizen: citizen(letter)?,
            time: authorised(letter)?,
            residence: residence(letter),
            episode: episode(letter),
        })
    }
}

fn citizen(letter: Part<'_>) -> Result<Citizen, Reason> {
    if let Some(number) = letter.find(&CPR)? {
        return Cpr::parse(&number).map(Citizen::Cpr).ok_or_else(|| refusal::cpr_impossible(&CPR));
    }
    match letter.find(&ALTERNATIVE)? {
        Some(id) if id.chars().count() > LONGEST_ALTERNATIVE => Err(refusal::invalid(&ALTERNATIVE, "højst 20 tegn")),
        Some(id) => Ok(Citizen::Replacement(id.into())),
        None => Err(refusal::missing(&CPR)),
    }
}

/// `Letter/Authorisation`: when the letter was signed.
fn authorised(letter: Part<'_>) -> Result<Timestamp, Reason> {
    let date = civil::date(&letter.require(&DATE)?).ok_or_else(|| refusal::invalid(&DATE, "en dato som 2026-11-22"))?;
    let time = civil::time(&letter.require(&TIME)?).ok_or_else(|| refusal::invalid(&TIME, "et tidspunkt som 09:30"))?;
    civil::instant(date, time).ok_or_else(|| refusal::invalid(&DATE, "en dato som 2026-11-22"))
}

/// The receiver's municipality; never that of an address.
fn residence(letter: Part<'_>) -> Option<MunicipalityCode> {
    let receiver = letter.child("Receiver")?;
    let named_by_code = receiver.get("IdentifierCode")?.eq_ignore_ascii_case("kommunenummer");
    if named_by_code { MunicipalityCode::parse(&receiver.get("Identifier")?) } else { None }
}

fn episode(letter: Part<'_>) -> Option<String> {
    letter.child("Letter")?.get("EpisodeOfCareIdentifier").map(Into::into)
}

/// An episode-of-care id as it is compared: the same UUID travels with and without hyphens.
pub(crate) fn normal_episode(episode: &str) -> Option<String> {
    let normal = episode.trim().to_lowercase().replace('-', "");
    Some(normal).filter(|normal| (1..=LONGEST_EPISODE).contains(&normal.len()))
}
