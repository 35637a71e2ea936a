//! Bytes as a text that a person can correct, and back: what is not touched keeps its bytes.

/// The largest text that is corrected by hand, in bytes.
pub const LARGEST: usize = 128 * 1024;

const MARK: &str = "\u{feff}";

/// A text, and how it is written in bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    bytes: Vec<u8>,
    shown: String,
    /// Whether each character is one byte, as in ISO-8859-1.
    is_latin: bool,
    has_mark: bool,
    /// Whether its lines end as on Windows.
    has_returns: bool,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} bytes)", self.bytes.len())
    }
}

impl Text {
    /// Reads bytes as text; `None` where they are none, or too many.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > LARGEST {
            return None;
        }
        let (text, is_latin) = match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), false),
            Err(_) if says_latin(bytes) => (bytes.iter().copied().map(char::from).collect(), true),
            Err(_) => return None,
        };
        let has_mark = text.starts_with(MARK);
        let text = text.trim_start_matches(MARK);
        let has_returns = text.contains("\r\n");
        let shown = text.replace("\r\n", "\n");
        let is_text = shown.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t'));
        is_text.then(|| Self { bytes: bytes.to_vec(), shown, is_latin, has_mark, has_returns })
    }

    /// As it is shown: lines end with `\n`.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// As it came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Another text in the same way of writing. `None` where it cannot be written so, or is too long.
    pub fn written(&self, text: &str) -> Option<Vec<u8>> {
        // Forms send every end of a line as Windows has it.
        let text = text.replace("\r\n", "\n");
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return None;
        }
        // What is shown as it came is what came, also where its lines end in different ways.
        if text == self.shown {
            return Some(self.bytes.clone());
        }
        let text = if self.has_returns { text.replace('\n', "\r\n") } else { text };
        let bytes = if self.is_latin {
            text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>()?
        } else {
            let mark = if self.has_mark { MARK } else { "" };
            [mark.as_bytes(), text.as_bytes()].concat()
        };
        (bytes.len() <= LARGEST).then_some(bytes)
    }
}

/// Whether an XML declaration names ISO-8859-1.
fn says_latin(bytes: &[u8]) -> bool {
    let head: String = bytes.iter().take(160).map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    head.split("?>").next().is_some_and(|head| head.contains("<?xml") && head.contains("iso-8859-1"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_text_is_not_shown() {
        assert_eq!(Text::of(&[0xff, 0xfe, 0x00]), None);
        assert_eq!(Text::of(b"a\0b"), None);
        assert_eq!(Text::of("a\rb".as_bytes()), None, "half an end of a line");
        assert_eq!(Text::of(&vec![b'a'; LARGEST + 1]), None);
        assert!(Text::of(&vec![b'a'; LARGEST]).is_some());
    }

    #[test]
    fn a_letter_in_latin_stays_in_latin() {
        let letter: Vec<u8> =
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\r\n<a>ø</a>".chars().map(|c| c as u8).collect();
        let text = Text::of(&letter).unwrap();
        assert!(text.shown().contains("<a>ø</a>"));
        let changed = text.written(&text.shown().replace('ø', "å")).unwrap();
        assert_eq!((changed.len(), changed.contains(&0xe5)), (letter.len(), true));
        assert_eq!(text.written("snowman ☃"), None);
    }

    proptest! {
        #[test]
        fn what_is_not_touched_keeps_its_bytes(text in "[a-zæøå\n\t]{0,40}", returns: bool, mark: bool) {
            let text = if returns { text.replace('\n', "\r\n") } else { text };
            let bytes = format!("{}{text}", if mark { MARK } else { "" }).into_bytes();
            let read = Text::of(&bytes).unwrap();
            prop_assert_eq!(read.written(read.shown()).unwrap(), bytes.clone());
            // As a browser sends it.
            prop_assert_eq!(read.written(&read.shown().replace('\n', "\r\n")).unwrap(), bytes);
        }
    }
}
