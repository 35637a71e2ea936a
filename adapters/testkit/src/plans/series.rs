//! Messages without end, the same ones for the same seed.

use super::letters::{Discharge, Plan};
use super::message::{Encoding, Message, Vans};

/// A series of messages, each with ids of its own. Citizens, types, dates and formats vary with the
/// seed; what is set here does not.
#[derive(Debug, Clone)]
pub struct Plans {
    state: u64,
    number: u64,
    senders: Vec<String>,
    municipalities: Vec<String>,
    correspondence: u64,
    vans: bool,
    encoding: Encoding,
    letters: usize,
    size: usize,
}

/// Names that nobody has: every one of them is marked as a test.
const GIVEN: [&str; 6] = ["Asta Test", "Viggo Test", "Søren Prøve", "Åse Test", "Bodil Prøve", "Niels Test"];
const FAMILY: [&str; 6] = ["Testmark", "Prøvesen", "Prøvegaard", "Testlund", "Åkjær", "Testrup"];
const TYPES: [&str; 3] = ["almen", "specialiseret", "rehabilitering"];

impl Plans {
    /// The series of a seed: GGOP to Dragør and Tårnby, one letter a message, without an envelope of
    /// the network.
    pub fn seeded(seed: u64) -> Self {
        Self {
            state: seed,
            number: 0,
            senders: vec!["5790000000012".to_owned()],
            municipalities: vec!["155".to_owned(), "185".to_owned()],
            correspondence: 0,
            vans: false,
            encoding: Encoding::Utf8,
            letters: 1,
            size: 0,
        }
    }

    /// The hospitals that send, by location number.
    #[must_use]
    pub fn senders<S: Into<String>>(mut self, glns: impl IntoIterator<Item = S>) -> Self {
        self.senders = glns.into_iter().map(Into::into).collect();
        self
    }

    /// The municipalities that are written to.
    #[must_use]
    pub fn municipalities<S: Into<String>>(mut self, codes: impl IntoIterator<Item = S>) -> Self {
        self.municipalities = codes.into_iter().map(Into::into).collect();
        self
    }

    /// How many of a hundred messages are correspondence.
    #[must_use]
    pub fn correspondence(mut self, percent: u64) -> Self {
        self.correspondence = percent;
        self
    }

    /// Whether each message comes in the network's envelope.
    #[must_use]
    pub fn vans(mut self, vans: bool) -> Self {
        self.vans = vans;
        self
    }

    /// How they are encoded.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// How many letters a message has.
    #[must_use]
    pub fn letters(mut self, letters: usize) -> Self {
        self.letters = letters;
        self
    }

    /// How many bytes an `Emessage` has at least.
    #[must_use]
    pub fn size(mut self, bytes: usize) -> Self {
        self.size = bytes;
        self
    }

    /// The next number of `SplitMix64`, which passes every test that matters here in four lines.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random() % bound.max(1)
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        let at = self.below(from.len() as u64);
        usize::try_from(at).ok().and_then(|at| from.get(at).copied()).unwrap_or_default()
    }

    fn pick_own(&mut self, from: fn(&Self) -> &Vec<String>) -> String {
        let at = self.below(from(self).len() as u64);
        usize::try_from(at).ok().and_then(|at| from(self).get(at).cloned()).unwrap_or_default()
    }

    /// A number of the kind that hospitals give to people without a CPR number (a day from 61 on),
    /// so that it is never anybody's.
    fn cpr(&mut self) -> String {
        let (day, month) = (61 + self.below(28), 1 + self.below(12));
        format!("{day}{month:02}{:02}9{:03}", self.below(100), self.below(1000))
    }

    fn letter(&mut self, correspondence: bool, id: String) -> Plan {
        let plan = if correspondence { Plan::correspondence(id) } else { Plan::ggop(id) };
        let day = 1 + self.below(20);
        let date = |day: u64| format!("2026-11-{day:02}");
        let episode = format!("{:016x}{:016x}", self.random(), self.random());
        plan.municipality(self.pick_own(|own| &own.municipalities))
            .cpr(self.cpr())
            .name(self.pick(&GIVEN), self.pick(&FAMILY))
            .plan_type(self.pick(&TYPES))
            .contact_start(date(day))
            .authorised(date(day + 4), "10:15")
            .discharge(Discharge::Expected(date(day + 5), "11:00".to_owned()))
            .episode(episode)
    }
}

impl Iterator for Plans {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        self.number += 1;
        let number = self.number;
        let sender = self.pick_own(|own| &own.senders);
        let correspondence = self.below(100) < self.correspondence;
        let mut message = Message::new(format!("K{number:013}")).encoding(self.encoding).size(self.size);
        for index in 0..self.letters {
            let plan = self.letter(correspondence, format!("B{number:010}{index:03}"));
            message = message.plan(plan.sender(sender.as_str()));
        }
        Some(if self.vans { message.vans(Vans::numbered(number)) } else { message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_messages_and_no_id_comes_twice() {
        let bytes = |seed| Plans::seeded(seed).vans(true).take(50).map(|m| m.bytes()).collect::<Vec<_>>();
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
        let distinct: std::collections::BTreeSet<_> = bytes(1).into_iter().collect();
        assert_eq!(distinct.len(), 50);
    }

    #[test]
    fn a_size_is_met_to_the_byte_in_every_encoding() {
        for encoding in [Encoding::Utf8, Encoding::Utf8Marked, Encoding::Latin1, Encoding::Windows1252] {
            for percent in [0, 100] {
                let plans = Plans::seeded(3).correspondence(percent).encoding(encoding).size(4096);
                assert!(plans.take(20).all(|message| message.payload().len() == 4096), "{encoding:?}");
            }
        }
    }
}
