//! How a sender is answered: by the standard's receipts (XCTL03 for what we have, XCTL02 for what we
//! have not), and by the network's where the letter came in its envelope.

mod vans;
mod xctl;

use budstikke_contract::adapter::{Answer, Fate, Reply};
use budstikke_contract::event::copenhagen;
use budstikke_contract::reason::Reason;
use jiff::{Timestamp, Zoned};

use crate::reading::Original;
use crate::refusal;

pub(crate) use vans::repeat;

/// The media type of every answer.
const MEDIA_TYPE: &str = "application/xml";

impl Answer for Original {
    fn replies(&self, fates: &[Fate], at: Timestamp) -> Vec<Reply> {
        let at = Zoned::new(at, copenhagen());
        let receipts = xctl::receipts(self, fates, &at);
        match &self.vans {
            None => receipts,
            Some(envelope) => {
                let wrapped = receipts.into_iter().map(|reply| vans::wrap(envelope, reply, &at));
                wrapped.chain(vans::receipt(self, envelope, fates, &at)).collect()
            }
        }
    }
}

/// Why a letter was not taken, in MedCom's code and in words for its sender.
struct Refused<'f> {
    code: &'static str,
    reason: &'f Reason,
}

impl<'f> Refused<'f> {
    /// Nothing where the letter was taken, or was answered before.
    fn of(fate: &'f Fate) -> Option<Self> {
        match fate {
            Fate::Refused(reason) => Some(Self { code: refusal::refuse_code(reason), reason }),
            Fate::Misaddressed(reason) => Some(Self { code: refusal::MISADDRESSED, reason }),
            Fate::Held | Fate::Answered => None,
        }
    }

    /// The words, of at most `max` characters, with the place in the letter where it fits.
    fn text(&self, max: usize) -> String {
        let mut text = self.reason.text.clone();
        if let Some(path) = &self.reason.path {
            let place = format!(" [{path}]");
            if text.chars().count() + place.chars().count() <= max {
                text.push_str(&place);
            }
        }
        text.chars().take(max).collect()
    }
}
