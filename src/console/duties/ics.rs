//! Days as a calendar file (RFC 5545). What is written is so little of the format that no library is
//! wanted for it: those that are kept up bring another library of time with them.

use jiff::Timestamp;
use jiff::civil::Date;

/// The longest line in bytes, without its end.
const LONGEST: usize = 75;

/// Something that stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What tells it from all others, also when the file is fetched again.
    pub(super) id: String,
    /// The day.
    pub(super) day: Date,
    /// What is said of it in a line.
    pub(super) summary: String,
    /// And what more.
    pub(super) description: String,
    /// What kind of thing it is.
    pub(super) category: String,
    /// How often its day has moved: a calendar that has it takes the newer one.
    pub(super) moves: u32,
}

/// A calendar of these, as it was at a time.
pub(super) fn write(name: &str, entries: &[Entry], at: Timestamp) -> String {
    let mut text = String::new();
    let mut add = |line: &str| fold(&mut text, line);
    add("BEGIN:VCALENDAR");
    add("VERSION:2.0");
    add("PRODID:-//Budstikke//Pligter//DA");
    add("CALSCALE:GREGORIAN");
    add("METHOD:PUBLISH");
    add(&format!("X-WR-CALNAME:{}", escape(name)));
    let stamp = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    for entry in entries {
        let next = entry.day.tomorrow().unwrap_or(entry.day);
        add("BEGIN:VEVENT");
        add(&format!("UID:{}@budstikke", escape(&entry.id)));
        add(&format!("DTSTAMP:{stamp}"));
        add(&format!("DTSTART;VALUE=DATE:{}", entry.day.strftime("%Y%m%d")));
        add(&format!("DTEND;VALUE=DATE:{}", next.strftime("%Y%m%d")));
        add(&format!("SEQUENCE:{}", entry.moves));
        add(&format!("SUMMARY:{}", escape(&entry.summary)));
        add(&format!("DESCRIPTION:{}", escape(&entry.description)));
        add(&format!("CATEGORIES:{}", escape(&entry.category)));
        // A due day keeps nobody busy.
        add("TRANSP:TRANSPARENT");
        add("END:VEVENT");
    }
    add("END:VCALENDAR");
    text
}

/// A value of the type TEXT (section 3.3.11).
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\\' | ';' | ',' => safe.extend(['\\', character]),
            '\n' => safe.push_str("\\n"),
            other if other.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

/// Adds a line, broken where it is too long, between characters (section 3.1).
fn fold(text: &mut String, line: &str) {
    let mut room = LONGEST;
    for character in line.chars() {
        if character.len_utf8() > room {
            text.push_str("\r\n ");
            // The space counts.
            room = LONGEST - 1;
        }
        room -= character.len_utf8();
        text.push(character);
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// The lines as a calendar program reads them: unfolded, each with name, parameters and value.
    fn read(text: &str) -> Vec<(String, String)> {
        let unfolded = text.replace("\r\n ", "");
        let pair = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        unfolded.split_terminator("\r\n").map(pair).collect()
    }

    fn unescape(value: &str) -> String {
        let mut text = String::new();
        let mut characters = value.chars();
        while let Some(character) = characters.next() {
            match (character, character == '\\') {
                (_, true) => match characters.next().unwrap() {
                    'n' | 'N' => text.push('\n'),
                    other => text.push(other),
                },
                (other, false) => text.push(other),
            }
        }
        text
    }

    fn entry(summary: &str, description: &str) -> Entry {
        Entry {
            id: "7f3c".to_owned(),
            day: date(2026, 12, 31),
            summary: summary.to_owned(),
            description: description.to_owned(),
            category: "Voksne".to_owned(),
            moves: 2,
        }
    }

    #[test]
    fn a_due_day_is_a_whole_day() {
        let at = "2026-11-30T11:12:13.4Z".parse().unwrap();
        let text = write("Pligter, Dragør", &[entry("Tilbyd start", "S1 2; frist")], at);
        insta::assert_snapshot!(text.replace("\r\n", "\n"), @r"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Budstikke//Pligter//DA
        CALSCALE:GREGORIAN
        METHOD:PUBLISH
        X-WR-CALNAME:Pligter\, Dragør
        BEGIN:VEVENT
        UID:7f3c@budstikke
        DTSTAMP:20261130T111213Z
        DTSTART;VALUE=DATE:20261231
        DTEND;VALUE=DATE:20270101
        SEQUENCE:2
        SUMMARY:Tilbyd start
        DESCRIPTION:S1 2\; frist
        CATEGORIES:Voksne
        TRANSP:TRANSPARENT
        END:VEVENT
        END:VCALENDAR
        ");
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_back_and_begins_nothing_else(
            texts in prop::collection::vec(("[\\PC\n\r\t\u{0}:;,\\\\]{0,200}", "\\PC{0,300}"), 0..4)
        ) {
            let entries: Vec<Entry> = texts.iter().map(|(summary, more)| entry(summary, more)).collect();
            let text = write("x", &entries, Timestamp::UNIX_EPOCH);
            for line in text.split_terminator("\r\n") {
                prop_assert!(line.len() <= LONGEST, "{}", line.len());
                prop_assert!(!line.contains(['\n', '\r', '\0']), "{line:?}");
            }
            let lines = read(&text);
            let all = |name: &str| -> Vec<String> {
                lines.iter().filter(|(known, _)| known == name).map(|(_, value)| unescape(value)).collect()
            };
            // What a calendar cannot hold has become space.
            let kept = |text: &str| -> String {
                text.replace("\r\n", "\n").chars().map(|it| if it.is_control() && it != '\n' { ' ' } else { it }).collect()
            };
            prop_assert_eq!(all("SUMMARY"), entries.iter().map(|it| kept(&it.summary)).collect::<Vec<_>>());
            prop_assert_eq!(all("DESCRIPTION"), entries.iter().map(|it| kept(&it.description)).collect::<Vec<_>>());
            prop_assert_eq!(all("BEGIN").len(), 1 + entries.len());
            prop_assert_eq!(lines.len(), 7 + 11 * entries.len());
        }
    }
}
