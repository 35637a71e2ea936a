//! Looking for marks in every form in which they could be written.

use base64::prelude::{BASE64_STANDARD, Engine};

/// A citizen whom nothing but a mark names: every form of number and name is found by [`found_in`].
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    pub(crate) cpr: String,
    pub(crate) given: String,
    pub(crate) family: String,
}

/// A part of all names.
const NAME: &str = "Gedehams";
/// How all numbers begin: a day that nobody is born on.
const NUMBER: &str = "71128191";

impl Marked {
    /// Citizen number so-and-so.
    pub(crate) fn citizen(number: usize) -> Self {
        assert!(number < 100);
        Self {
            cpr: format!("{NUMBER}{number:02}"),
            given: format!("Åse {NAME} Prøve"),
            family: format!("Test{NAME}sen"),
        }
    }
}

/// A number with the hyphen that people write.
pub(crate) fn hyphenated(number: &str) -> String {
    let (day, serial) = number.split_at(6);
    format!("{day}-{serial}")
}

/// The marks that these bytes hold, each with the form in which it was found.
pub(crate) fn found_in(bytes: &[u8]) -> Vec<String> {
    let hyphenated = hyphenated(NUMBER);
    let mut found = Vec::new();
    for mark in [NUMBER, &hyphenated, NAME, &NAME.to_lowercase(), &NAME.to_uppercase()] {
        for (form, written) in forms(mark) {
            if let Some(at) = bytes.windows(written.len()).position(|window| window == written) {
                let around = &bytes[at.saturating_sub(120)..(at + 120).min(bytes.len())];
                found.push(format!("`{mark}` in {form}: …{}…", String::from_utf8_lossy(around).escape_debug()));
            }
        }
    }
    found
}

/// A mark as it could be written.
fn forms(mark: &str) -> Vec<(&'static str, Vec<u8>)> {
    let little = mark.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = mark.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut forms = vec![("UTF-8", mark.as_bytes().to_vec()), ("UTF-16LE", little), ("UTF-16BE", big)];
    for before in 0..3_usize {
        // What stands before it shifts it, and shares its first letter with it; the same at its end.
        let text = BASE64_STANDARD.encode([vec![0; before], mark.as_bytes().to_vec()].concat());
        let own = (before * 8).div_ceil(6)..(before + mark.len()) * 8 / 6;
        forms.push(("base64", text.as_bytes()[own].to_vec()));
    }
    forms
}

#[test]
fn every_form_is_found() {
    for citizen in [Marked::citizen(0), Marked::citizen(99)] {
        for text in [&citizen.cpr, &citizen.given, &citizen.family, &citizen.family.to_uppercase()] {
            for around in ["", "x", "xy"] {
                let text = format!("{around}{text}{around}");
                let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                for bytes in [text.clone().into_bytes(), wide, BASE64_STANDARD.encode(&text).into_bytes()] {
                    assert_ne!(found_in(&bytes), Vec::<String>::new(), "{text}");
                }
            }
        }
    }
    assert_eq!(found_in(b"2512489996 and nobody else, 7112 8191"), Vec::<String>::new());
}
