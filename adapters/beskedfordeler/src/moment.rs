//! KOMBIT's times (`TidspunktType`). In one and the same message they come without a zone, with `Z`
//! and with an offset; without one they are Danish.

use budstikke_contract::event::copenhagen;
use budstikke_strict_xml::Element;
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::envelope::{IDS, child};

/// A time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// As it was written.
    pub(crate) raw: String,
    /// The instant, where it can be read.
    pub(crate) at: Option<Timestamp>,
}

impl Moment {
    /// The time in an element of the type `TidspunktType`. `None` where it names a limit
    /// (`GraenseIndikator`), or nothing.
    pub(crate) fn of(element: Element<'_>) -> Option<Self> {
        let text = child(element, IDS, "TidsstempelDatoTid")?.text();
        let raw = text.trim();
        (!raw.is_empty()).then(|| Self { raw: raw.to_owned(), at: instant(raw) })
    }
}

/// An `xs:dateTime`: `2016-03-13T08:00:00`, with a fraction or not, and with `Z`, an offset, or none.
fn instant(text: &str) -> Option<Timestamp> {
    let shape = |(at, b): (usize, u8)| match at {
        4 | 7 => b == b'-',
        10 => b == b'T',
        13 | 16 => b == b':',
        0..=18 => b.is_ascii_digit(),
        _ => b.is_ascii_digit() || b".:+-Z".contains(&b),
    };
    if text.len() < 19 || !text.bytes().enumerate().all(shape) {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let zoned = text.bytes().skip(19).any(|b| b"+-Z".contains(&b));
    if zoned {
        return None;
    }
    let clock: DateTime = text.parse().ok()?;
    clock.to_zoned(copenhagen()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_time_is_an_instant() {
        for (text, at) in [
            ("2016-08-13T08:00:00", "2016-08-13T06:00:00Z"),
            ("2016-03-13T08:00:00", "2016-03-13T07:00:00Z"),
            ("2016-03-13T08:00:00.123Z", "2016-03-13T08:00:00.123Z"),
            ("2016-03-13T08:00:00+01:00", "2016-03-13T07:00:00Z"),
            ("2016-03-13T08:00:00.5", "2016-03-13T07:00:00.5Z"),
        ] {
            assert_eq!(instant(text).unwrap().to_string(), at, "{text}");
        }
        for bad in [
            "",
            "2016-08-13",
            "2016-08-13 08:00:00",
            "2016-02-30T08:00:00",
            "2016-08-13T08:00",
            "2016-08-13T08:00:00+99:00",
        ] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
