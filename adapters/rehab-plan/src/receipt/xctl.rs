//! The standard's receipts, XCTL02 and XCTL03, in the namespace of 2005/08/07. They are written in
//! ISO-8859-1, as the field does, and never ask for a receipt themselves.

use budstikke_contract::adapter::{Fate, Reply};
use budstikke_contract::municipality::Gln;
use budstikke_strict_xml::{Encoding, Writer};
use jiff::Zoned;

use super::{MEDIA_TYPE, Refused};
use crate::ids;
use crate::letter::Head;
use crate::reading::{EmessageHead, Original};

const NAMESPACE: &str = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/";

/// `OriginalLetter` stands at most this often.
const LETTERS: usize = 99;
/// The longest `EANIdentifier`.
const ADDRESS: usize = 35;
/// The longest `OriginalVersionCode`.
const VERSION: usize = 7;
/// The longest `RefuseText` that we write. The schema has no limit; receivers show it on a screen.
const TEXT: usize = 512;
/// What stands where a number must stand that the original does not have.
const NO_NUMBER: &str = "ukendt";

/// The two receipts.
#[derive(Clone, Copy)]
enum Kind {
    Positive,
    Negative,
}

impl Kind {
    fn element(self) -> &'static str {
        match self {
            Self::Positive => "PositiveReceipt",
            Self::Negative => "NegativeReceipt",
        }
    }

    fn statistical_code(self) -> &'static str {
        match self {
            Self::Positive => "XCTL03",
            Self::Negative => "XCTL02",
        }
    }
}

/// `VersionCode` of the receipt of that name.
pub(super) fn version(kind: &str) -> &'static str {
    if kind == "XCTL03" { "XC0330Q" } else { "XC0230Q" }
}

/// The letters between one sender and one receiver.
struct Correspondents<'o> {
    sender: &'o Gln,
    receiver: &'o str,
    letters: Vec<(&'o Head, &'o Fate)>,
}

/// All receipts for a transmission: one of each kind for each pair of correspondents, the positive
/// ones first.
pub(super) fn receipts(original: &Original, fates: &[Fate], at: &Zoned) -> Vec<Reply> {
    let Some(emessage) = &original.emessage else { return Vec::new() };
    let correspondents = correspondents(original, fates);
    let mut replies = Vec::new();
    if emessage.wants_positive {
        replies.extend(correspondents.iter().flat_map(|pair| positive(emessage, pair, at)));
    }
    replies.extend(correspondents.iter().flat_map(|pair| negative(emessage, pair, at)));
    replies
}

/// Sorts the letters by who wrote to whom. A letter that does not say is taken for the one beside
/// it; where nobody says, nobody can be answered.
fn correspondents<'o>(original: &'o Original, fates: &'o [Fate]) -> Vec<Correspondents<'o>> {
    let mut pairs: Vec<Correspondents<'o>> = Vec::new();
    for (place, head) in original.answerable() {
        let Some(fate) = fates.get(place) else { continue };
        let (Some(sender), Some(receiver)) = (original.sender_of(head), original.receiver_of(head)) else { continue };
        match pairs.iter_mut().find(|pair| pair.sender == sender && pair.receiver == receiver) {
            Some(pair) => pair.letters.push((head, fate)),
            None => pairs.push(Correspondents { sender, receiver, letters: vec![(head, fate)] }),
        }
    }
    pairs
}

fn positive(emessage: &EmessageHead, pair: &Correspondents<'_>, at: &Zoned) -> Vec<Reply> {
    let held: Vec<_> = pair.letters.iter().filter(|(_, fate)| matches!(fate, Fate::Held)).copied().collect();
    let receipt = Receipt { kind: Kind::Positive, emessage, pair, at };
    held.chunks(LETTERS).map(|letters| receipt.reply(letters, None)).collect()
}

fn negative(emessage: &EmessageHead, pair: &Correspondents<'_>, at: &Zoned) -> Vec<Reply> {
    let whole = pair.refused_as_a_whole();
    // A letter without a number is told by what is said of the whole. Where that is not refused, it
    // is named as one without: a code for the whole would take back what was taken.
    let is_told =
        |(head, fate): &&(&Head, &Fate)| Refused::of(fate).is_some() && (head.id.is_some() || whole.is_none());
    let told: Vec<_> = pair.letters.iter().filter(is_told).copied().collect();
    let receipt = Receipt { kind: Kind::Negative, emessage, pair, at };
    if told.is_empty() {
        return whole.iter().map(|whole| receipt.reply(&[], Some(whole))).collect();
    }
    told.chunks(LETTERS).map(|letters| receipt.reply(letters, whole.as_ref())).collect()
}

impl<'o> Correspondents<'o> {
    /// What is said of the transmission itself where nothing of it was taken: why a letter was refused
    /// that has no number to name it by, else why the first one was.
    fn refused_as_a_whole(&self) -> Option<Refused<'o>> {
        let refused: Option<Vec<_>> =
            self.letters.iter().map(|(head, fate)| Some((head.id.is_some(), Refused::of(fate)?))).collect();
        refused?.into_iter().min_by_key(|(is_named, _)| *is_named).map(|(_, refused)| refused)
    }
}

/// One receipt to be written.
struct Receipt<'r> {
    kind: Kind,
    emessage: &'r EmessageHead,
    pair: &'r Correspondents<'r>,
    at: &'r Zoned,
}

impl Receipt<'_> {
    /// The receipt for these letters, and for the transmission itself.
    fn reply(&self, letters: &[(&Head, &Fate)], whole: Option<&Refused<'_>>) -> Reply {
        let first = letters.first().and_then(|(_, fate)| Refused::of(fate)).map(|refused| refused.code);
        Reply {
            to: self.pair.sender.clone(),
            kind: self.kind.statistical_code(),
            code: first.or(whole.map(|refused| refused.code)),
            media_type: MEDIA_TYPE,
            body: Writer::document(Encoding::Latin1, "Emessage", NAMESPACE, |w| self.write(w, letters, whole)),
        }
    }

    fn write(&self, w: &mut Writer, letters: &[(&Head, &Fate)], whole: Option<&Refused<'_>>) {
        let kind = self.kind.statistical_code();
        w.element("Envelope", |w| {
            w.element("Sent", |w| {
                w.field("Date", &self.at.strftime("%Y-%m-%d").to_string());
                w.field("Time", &self.at.strftime("%H:%M").to_string());
            });
            w.field("Identifier", &self.number("envelope", letters));
            w.field("AcknowledgementCode", "minuspositivkvitt");
        });
        w.element(self.kind.element(), |w| {
            w.element("Letter", |w| {
                w.field("Identifier", &self.number("letter", letters));
                w.field("VersionCode", version(kind));
                w.field("StatisticalCode", kind);
            });
            address(w, "Sender", self.pair.receiver);
            address(w, "Receiver", self.pair.sender.as_str());
            w.element("OriginalEmessage", |w| {
                let id = self.emessage.id.as_deref().unwrap_or(NO_NUMBER);
                w.field("OriginalEnvelopeIdentifier", &first(id, ids::SHORT));
                address(w, "OriginalSender", self.pair.sender.as_str());
                address(w, "OriginalReceiver", self.pair.receiver);
                refusal(w, whole);
                for (head, fate) in letters {
                    w.element("OriginalLetter", |w| original_letter(w, head, Refused::of(fate).as_ref()));
                }
            });
        });
    }

    /// The receipt's own number, made of what it is about.
    fn number(&self, of: &str, letters: &[(&Head, &Fate)]) -> String {
        // A transmission without a number is told from others by when it was answered.
        let sent_as = self.emessage.id.clone().unwrap_or_else(|| self.at.timestamp().to_string());
        let about = [self.kind.element(), self.pair.sender.as_str(), self.pair.receiver, sent_as.as_str()];
        let named = letters.iter().filter_map(|(head, _)| head.id.as_deref());
        let parts: Vec<&[u8]> = about.into_iter().chain(named).map(str::as_bytes).collect();
        ids::short(of, &parts)
    }
}

fn address(w: &mut Writer, name: &str, gln: &str) {
    w.element(name, |w| w.field("EANIdentifier", &first(gln, ADDRESS)));
}

fn refusal(w: &mut Writer, refused: Option<&Refused<'_>>) {
    if let Some(refused) = refused {
        w.field("RefuseCode", refused.code);
        w.field("RefuseText", &refused.text(TEXT));
    }
}

/// A number that is too long is cut: what is left still finds the letter, and a receipt that breaks
/// the schema finds nothing.
fn original_letter(w: &mut Writer, head: &Head, refused: Option<&Refused<'_>>) {
    w.field("OriginalLetterIdentifier", &first(head.id.as_deref().unwrap_or(NO_NUMBER), ids::SHORT));
    w.field("OriginalVersionCode", &first(head.version.as_deref().unwrap_or(NO_NUMBER), VERSION));
    refusal(w, refused);
}

/// The first `max` characters.
fn first(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}
