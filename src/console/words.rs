//! How times, counts, lengths of time and what has a word of its own are written in Danish.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use budstikke_contract::event::copenhagen;

/// The time of day in Denmark: `14.05`; with the day where it is another one: `3. nov. 14.05`.
pub(super) fn clock(at: Timestamp, now: Timestamp) -> String {
    let zone: TimeZone = copenhagen();
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone));
    let time = at.strftime("%H.%M");
    if at.date() == now.date() { time.to_string() } else { format!("{} {time}", day(at.date())) }
}

/// A day: `3. nov. 2026`.
pub(super) fn day(date: jiff::civil::Date) -> String {
    const MONTHS: [&str; 12] =
        ["jan.", "feb.", "marts", "april", "maj", "juni", "juli", "aug.", "sept.", "okt.", "nov.", "dec."];
    let month = usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"");
    format!("{}. {month} {}", date.day(), date.year())
}

/// How long ago: `12 s`, `5 min`, `3 t`, `2 d`; nothing is in the future.
pub(super) fn age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} t", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A count with points between the thousands: `12.345`.
pub(super) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// A size: `512 kB`, `1,2 GB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    // In tenths, so that nothing is lost to a floating point.
    let (mut tenths, mut unit) = (bytes.saturating_mul(10) / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).unwrap_or(&"");
    // A digit behind the comma says something only of what is small.
    if tenths < 100 && unit > 0 {
        format!("{},{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", tenths / 10)
    }
}

/// One or several: `1 besked`, `2 beskeder`.
pub(super) fn several(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// In what capacity somebody gets something, by its name.
pub(super) fn capacity(name: &str) -> &'static str {
    if name == "task" { "opgave" } else { "orientering" }
}

/// A CPR number as people write it; `None` where it is none.
pub(super) fn with_hyphen(said: &str) -> Option<String> {
    let (born, serial) = said.split_at_checked(6)?;
    let digits = said.len() == 10 && said.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| format!("{born}-{serial}"))
}

/// A sentence's beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_danish() {
        let now = at("2026-11-22T19:00:00Z");
        assert_eq!(clock(at("2026-11-22T13:05:00Z"), now), "14.05");
        assert_eq!(clock(at("2026-07-01T13:05:00Z"), now), "1. juli 2026 15.05", "in summer two hours ahead");
        assert_eq!(clock(at("2026-11-21T22:59:00Z"), now), "21. nov. 2026 23.59");
        assert_eq!(clock(at("2026-11-21T23:01:00Z"), now), "00.01");
    }

    #[test]
    fn ages_grow_coarser() {
        let now = at("2026-11-22T19:00:00Z");
        for (then, shown) in [
            ("2026-11-22T18:59:48Z", "12 s"),
            ("2026-11-22T18:01:00Z", "59 min"),
            ("2026-11-21T18:01:00Z", "24 t"),
            ("2026-11-12T18:01:00Z", "10 d"),
            ("2026-11-22T19:00:05Z", "0 s"),
        ] {
            assert_eq!(age(at(then), now), shown);
        }
    }

    #[test]
    fn sizes_are_read_at_a_glance() {
        let shown = [0, 1024, 1_500_000, 2 << 30, 40 << 30, 3 << 40, u64::MAX].map(size);
        assert_eq!(shown[..6], ["0 kB", "1 kB", "1,4 MB", "2,0 GB", "40 GB", "3,0 TB"]);
    }

    #[test]
    fn counts_have_points() {
        let shown = [0, 7, 999, 1000, 12_345, 1_234_567, -1000].map(count);
        assert_eq!(shown, ["0", "7", "999", "1.000", "12.345", "1.234.567", "-1.000"]);
        assert_eq!([several(1, "besked", "beskeder"), several(0, "besked", "beskeder")], ["1 besked", "0 beskeder"]);
    }
}
