//! From bytes to text: the byte order mark, the XML declaration, the encoding, and whether every
//! character is one that XML 1.0 allows.
//!
//! Read are UTF-8, US-ASCII, ISO-8859-1 and windows-1252; the latter three only where a
//! declaration says so. Under the label ISO-8859-1 the bytes 0x80 to 0x9F would be control
//! characters, which no letter means: senders that write windows-1252 (a dash, a curly quote) put
//! that label on it, so it is read as windows-1252, as the WHATWG Encoding standard has it for all
//! of the web. The five bytes that even windows-1252 has no character for stay what the label says.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::markup::{Pairs, is_char, is_space};

/// A document as text.
pub(crate) struct Decoded<'a> {
    /// All of it but the byte order mark.
    pub(crate) text: Cow<'a, str>,
    /// Where the markup after the XML declaration begins.
    pub(crate) body: usize,
}

/// The encodings that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Utf8,
    Ascii,
    Latin1,
    Windows1252,
}

/// How far the end of the declaration is looked for, in bytes. Real ones have about fifty.
const DECLARATION: usize = 512;

/// Bytes that windows-1252 has no character for.
const HOLES_OF_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

/// Decodes a document.
pub(crate) fn decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Decoded<'a>, Fault> {
    let fault = |kind, at| Fault::new(kind, bytes, at, &[]);
    if bytes.len() > limits.bytes {
        return Err(fault(FaultKind::TooLarge, 0));
    }
    if let Some(name) = foreign(bytes) {
        return Err(fault(FaultKind::Encoding(name), 0));
    }
    let marked = bytes.strip_prefix(b"\xEF\xBB\xBF");
    let bytes = marked.unwrap_or(bytes);
    let fault = |kind, at| Fault::new(kind, bytes, at, &[]);
    let Some(start) = bytes.iter().position(|&b| !is_space(b)) else {
        return Err(fault(FaultKind::Empty, 0));
    };
    let (charset, body) = declaration(bytes, start).map_err(|kind| fault(kind, start))?;
    if marked.is_some() && charset.is_some_and(|charset| charset != Charset::Utf8) {
        return Err(fault(FaultKind::EncodingContradiction, start));
    }
    let charset = charset.unwrap_or(Charset::Utf8);
    let text = charset.decode(bytes).map_err(|at| fault(FaultKind::InvalidBytes, at))?;
    if u32::try_from(text.len()).is_err() {
        return Err(fault(FaultKind::TooLarge, 0));
    }
    match first_forbidden(&text) {
        Some(at) => Err(Fault::new(FaultKind::ForbiddenCharacter, text.as_bytes(), at, &[])),
        None => Ok(Decoded { text, body }),
    }
}

/// The encoding of bytes that are not even read as far as their declaration (XML 1.0, appendix F).
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => Some("UTF-32"),
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] | [b'<', 0, ..] => Some("UTF-16"),
        [0x4C, 0x6F, 0xA7, 0x94, ..] => Some("EBCDIC"),
        [b'+', b'/', b'v', ..] => Some("UTF-7"),
        _ => None,
    }
}

/// Reads the XML declaration, where there is one at `start`: the encoding that it names, and where
/// it ends.
fn declaration(bytes: &[u8], start: usize) -> Result<(Option<Charset>, usize), FaultKind> {
    let head = bytes.get(start..).unwrap_or_default();
    let head = head.get(..DECLARATION).unwrap_or(head);
    let declared = head.strip_prefix(b"<?xml").filter(|rest| rest.first().is_some_and(|&b| is_space(b)));
    let Some(declared) = declared else { return Ok((None, start)) };
    let length = declared.windows(2).position(|pair| pair == b"?>").ok_or(FaultKind::Declaration)?;
    let declared = declared.get(..length).filter(|text| text.is_ascii()).unwrap_or(b"!");
    let declared = std::str::from_utf8(declared).unwrap_or("!");
    let mut charset = None;
    let mut expected = ["version", "encoding", "standalone"].into_iter();
    for pair in Pairs::new(declared, 0, declared.len()) {
        let pair = pair.map_err(|_attribute| FaultKind::Declaration)?;
        let (name, value) = (pair.name.of(declared), pair.value.of(declared));
        if !expected.any(|next| next == name) {
            return Err(FaultKind::Declaration);
        }
        match name {
            "version" if value != "1.0" => return Err(FaultKind::Version),
            "encoding" => charset = Some(Charset::named(value)?),
            "standalone" if value != "yes" && value != "no" => return Err(FaultKind::Declaration),
            _ => {}
        }
    }
    if !declared.trim_start().starts_with("version") {
        return Err(FaultKind::Declaration);
    }
    Ok((charset, start + b"<?xml".len() + length + b"?>".len()))
}

impl Charset {
    /// The encoding with this label. A label that others know is refused by its proper name, never
    /// by the label itself.
    fn named(label: &str) -> Result<Self, FaultKind> {
        match label.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Ok(Self::Utf8),
            "us-ascii" | "ascii" => Ok(Self::Ascii),
            "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1" => Ok(Self::Latin1),
            "windows-1252" | "cp1252" | "cp-1252" => Ok(Self::Windows1252),
            "utf-16" => Err(FaultKind::Encoding("UTF-16")),
            other if other.starts_with("ebcdic") || other.starts_with("ibm") || other.starts_with("cp0") => {
                Err(FaultKind::Encoding("EBCDIC"))
            }
            other => match encoding_rs::Encoding::for_label(other.as_bytes()) {
                Some(encoding) => Err(FaultKind::Encoding(encoding.name())),
                None => Err(FaultKind::UnknownEncoding),
            },
        }
    }

    /// The text, or the place of the first byte that means nothing.
    fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| error.valid_up_to()),
            Self::Ascii => match bytes.iter().position(|b| !b.is_ascii()) {
                Some(at) => Err(at),
                None => Self::Utf8.decode(bytes),
            },
            // The decoder gives the five bytes without a character their own code point.
            Self::Latin1 => Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0),
            Self::Windows1252 => match bytes.iter().position(|b| HOLES_OF_1252.contains(b)) {
                Some(at) => Err(at),
                None => Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0),
            },
        }
    }
}

/// The first character that XML 1.0 does not allow.
fn first_forbidden(text: &str) -> Option<usize> {
    // One pass without a branch per byte; the second pass is for what is refused anyway. U+FFFE and
    // U+FFFF are the only forbidden characters outside ASCII, and both begin with 0xEF.
    let is_suspect = |b: u8| b == 0xEF || (b < 0x20 && !is_space(b));
    let suspect = text.bytes().fold(false, |found, b| found | is_suspect(b));
    if suspect { text.char_indices().find(|&(_, c)| !is_char(c)).map(|(at, _)| at) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, FaultKind> {
        let decoded = decode(bytes, &Limits::default());
        decoded.map(|d| d.text.get(d.body..).unwrap().to_owned()).map_err(|fault| fault.kind)
    }

    fn declared(label: &str, body: &[u8]) -> Result<String, FaultKind> {
        read(&[format!("<?xml version=\"1.0\" encoding=\"{label}\"?>").as_bytes(), body].concat())
    }

    #[test]
    fn utf8_with_or_without_mark_declaration_and_leading_space() {
        for before in ["", "\u{FEFF}", " \n ", "\u{FEFF}\n  ", "<?xml version='1.0'?>", " <?xml version=\"1.0\" ?>"] {
            let text = format!("{before}<å/>");
            assert_eq!(read(text.as_bytes()).unwrap().trim_start(), "<å/>", "{before:?}");
        }
        assert_eq!(declared("UTF-8", "<å/>".as_bytes()).unwrap(), "<å/>");
        assert_eq!(declared("utf-8", b"<\xE5/>"), Err(FaultKind::InvalidBytes));
        assert_eq!(read(b"<\xE5/>"), Err(FaultKind::InvalidBytes));
    }

    #[test]
    fn latin1_is_read_as_1252_which_itself_has_holes() {
        assert_eq!(declared("ISO-8859-1", b"\xE6\xF8\xE5\x96").unwrap(), "æøå–");
        assert_eq!(declared("ISO-8859-1", b"\x81").unwrap(), "\u{81}");
        assert_eq!(declared("windows-1252", b"\xE6\xF8\xE5\x96\x80").unwrap(), "æøå–€");
        for hole in HOLES_OF_1252 {
            assert_eq!(declared("windows-1252", &[hole]), Err(FaultKind::InvalidBytes));
        }
        assert_eq!(declared("US-ASCII", b"a").unwrap(), "a");
        assert_eq!(declared("US-ASCII", b"\xE6"), Err(FaultKind::InvalidBytes));
    }

    #[test]
    fn other_encodings_are_refused_by_name() {
        let utf16: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&utf16), Err(FaultKind::Encoding("UTF-16")));
        assert_eq!(read(&[b"\xFF\xFE".as_slice(), &utf16].concat()), Err(FaultKind::Encoding("UTF-16")));
        assert_eq!(read(b"\0\0\xFE\xFF\0\0\0<"), Err(FaultKind::Encoding("UTF-32")));
        assert_eq!(read(b"\x4C\x6F\xA7\x94\x93"), Err(FaultKind::Encoding("EBCDIC")));
        for (label, name) in
            [("UTF-16", "UTF-16"), ("utf-16le", "UTF-16LE"), ("ISO-8859-15", "ISO-8859-15"), ("ibm277", "EBCDIC")]
        {
            assert_eq!(declared(label, b"<a/>"), Err(FaultKind::Encoding(name)));
        }
        assert_eq!(declared("2512489996", b"<a/>"), Err(FaultKind::UnknownEncoding));
        let marked = "\u{FEFF}<?xml version='1.0' encoding='ISO-8859-1'?><a/>";
        assert_eq!(read(marked.as_bytes()), Err(FaultKind::EncodingContradiction));
    }

    #[test]
    fn a_declaration_is_one_or_none() {
        for bad in [
            "<?xml ?>",
            "<?xml encoding='UTF-8'?>",
            "<?xml encoding='UTF-8' version='1.0'?>",
            "<?xml version='1.0' version='1.0'?>",
            "<?xml version='1.0' standalone='maybe'?>",
            "<?xml version='1.0' extra='1'?>",
            "<?xml version='1.0'encoding='UTF-8'?>",
            "<?xml version=1.0?>",
            "<?xml version='1.0'",
            "<?xml version='1.0' \u{E6}?>",
        ] {
            assert_eq!(read(format!("{bad}<a/>").as_bytes()), Err(FaultKind::Declaration), "{bad}");
        }
        assert_eq!(read(b"<?xml version='1.1'?><a/>"), Err(FaultKind::Version));
    }

    #[test]
    fn forbidden_characters_have_a_place() {
        let fault = decode("<a>\n<b>æ\u{1}</b></a>".as_bytes(), &Limits::default()).err().unwrap();
        assert_eq!((fault.kind, fault.place.line, fault.place.column), (FaultKind::ForbiddenCharacter, 2, 5));
        assert_eq!(read("<a>\u{FFFE}</a>".as_bytes()), Err(FaultKind::ForbiddenCharacter));
        assert_eq!(read("<a>\u{FEFF}\u{FFFD}\u{85}</a>".as_bytes()).unwrap(), "<a>\u{FEFF}\u{FFFD}\u{85}</a>");
        assert_eq!(read(b""), Err(FaultKind::Empty));
        assert_eq!(read(b"\xEF\xBB\xBF \n"), Err(FaultKind::Empty));
    }
}
