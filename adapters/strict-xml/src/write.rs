//! XML out: every text escaped, every tag closed, because a tag is closed by the end of the function
//! that fills it. Names are the program's own and are written as they are.

use crate::markup::is_char;

/// The encoding of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Declared as `UTF-8`.
    Utf8,
    /// Declared as `ISO-8859-1`; what it has no byte for is written as a numeric reference.
    Latin1,
}

/// Writes one document.
#[derive(Debug)]
pub struct Writer {
    out: String,
}

impl Writer {
    /// Writes a document with the root element `root` in the default namespace `namespace`, filled
    /// by `content`.
    pub fn document(encoding: Encoding, root: &str, namespace: &str, content: impl FnOnce(&mut Self)) -> Vec<u8> {
        let declared = match encoding {
            Encoding::Utf8 => "UTF-8",
            Encoding::Latin1 => "ISO-8859-1",
        };
        let mut writer = Self { out: format!("<?xml version=\"1.0\" encoding=\"{declared}\"?>\n") };
        writer.tag(root, &[("xmlns", namespace)]);
        content(&mut writer);
        writer.close(root);
        writer.out.push('\n');
        match encoding {
            Encoding::Utf8 => writer.out.into_bytes(),
            Encoding::Latin1 => latin1(&writer.out),
        }
    }

    /// An element filled by `content`.
    pub fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.tag(name, &[]);
        content(self);
        self.close(name);
    }

    /// An element with a text in it.
    pub fn field(&mut self, name: &str, text: &str) {
        self.field_with(name, &[], text);
    }

    /// An element with attributes, and a text in it.
    pub fn field_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        self.text(text);
        self.close(name);
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            self.value(value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// A text that reads back as it was.
    fn text(&mut self, text: &str) {
        text.chars().for_each(|c| self.escaped(c));
    }

    /// An attribute's value that reads back as it was.
    fn value(&mut self, value: &str) {
        for c in value.chars() {
            match c {
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#9;"),
                '\n' => self.out.push_str("&#10;"),
                _ => self.escaped(c),
            }
        }
    }

    /// A character. One that XML does not allow becomes U+FFFD.
    fn escaped(&mut self, c: char) {
        match c {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            '\r' => self.out.push_str("&#13;"),
            c if is_char(c) => self.out.push(c),
            _ => self.out.push('\u{FFFD}'),
        }
    }
}

/// The text in ISO-8859-1. A control character from U+0080 to U+009F has a byte and is still
/// written as a reference: readers that take the label for windows-1252 would see another one.
fn latin1(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(c) {
            Ok(byte) if !(0x80..0xA0).contains(&byte) => bytes.push(byte),
            Ok(_) | Err(_) => bytes.extend_from_slice(format!("&#{};", u32::from(c)).as_bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Limits};

    #[test]
    fn what_is_written_reads_back() {
        let texts = ["æøå & <b> \"q\" ]]> \r\n\t", "– € 😀 \u{85}", "", " "];
        for encoding in [Encoding::Utf8, Encoding::Latin1] {
            for text in texts {
                let bytes = Writer::document(encoding, "a", "urn:x", |w| {
                    w.element("b", |w| w.field_with("c", &[("d", text)], text));
                });
                let document = Document::read(&bytes, &Limits::default()).unwrap();
                let c = document.root().children().next().unwrap().children().next().unwrap();
                assert_eq!((c.text().as_ref(), c.attribute("d").unwrap()), (text, text));
                assert_eq!(c.namespace(), Some("urn:x"));
            }
        }
    }

    #[test]
    fn latin1_is_one_byte_a_letter_and_references_beyond() {
        let bytes = Writer::document(Encoding::Latin1, "a", "urn:x", |w| w.field("b", "å€\u{1}"));
        assert!(bytes.windows(2).any(|pair| pair == b"\xE5&"));
        let text: String = bytes.iter().map(|&b| char::from(b)).collect();
        assert!(text.contains("encoding=\"ISO-8859-1\"") && text.contains("<b>å&#8364;&#65533;</b>"), "{text}");
    }
}
