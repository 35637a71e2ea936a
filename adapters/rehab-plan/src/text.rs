//! Formatted text as plain text. MedCom's letters mark line ends and spaces with elements (`Break`,
//! `Space`), because the white space of the XML means nothing; bold, italic and the rest are let go.

use budstikke_strict_xml::{Element, Node};

/// The text of an element with all that stands in it.
pub(crate) fn plain(element: Element<'_>) -> String {
    let mut lines = Lines::default();
    lines.take(element);
    lines.out.trim().to_owned()
}

/// Text under construction.
#[derive(Default)]
struct Lines {
    out: String,
    /// White space that becomes one space if text follows on the same line.
    space: bool,
}

impl Lines {
    /// As deep as the document, whose levels the reader limits.
    fn take(&mut self, element: Element<'_>) {
        for node in element.nodes() {
            match node {
                Node::Text(text) => self.text(text.as_str()),
                Node::Element(child) if child.name() == "Break" => {
                    self.space = false;
                    self.out.push('\n');
                }
                Node::Element(child) if child.name() == "Space" => {
                    self.space = false;
                    self.out.push(' ');
                }
                Node::Element(child) => self.take(child),
            }
        }
    }

    fn text(&mut self, text: &str) {
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        self.space |= text.starts_with(is_space);
        for word in text.split(is_space).filter(|word| !word.is_empty()) {
            let wanted = std::mem::replace(&mut self.space, true);
            if wanted && !self.out.is_empty() && !self.out.ends_with(['\n', ' ']) {
                self.out.push(' ');
            }
            self.out.push_str(word);
        }
        if !text.is_empty() {
            self.space = text.ends_with(is_space);
        }
    }
}

#[cfg(test)]
mod tests {
    use budstikke_strict_xml::{Document, Limits};

    use super::*;

    fn read(content: &str) -> String {
        let text = format!("<Text01>{content}</Text01>");
        plain(Document::read(text.as_bytes(), &Limits::default()).unwrap().root())
    }

    #[test]
    fn breaks_are_lines_and_the_formatting_goes() {
        assert_eq!(read("Hej<Break/>med<Space/>dig"), "Hej\nmed dig");
        assert_eq!(read("<Bold>Over</Bold>skrift<Break/><Break/>Tekst<Break/>"), "Overskrift\n\nTekst");
        assert_eq!(read("<Center>a<Break/><Italic>b</Italic></Center>"), "a\nb");
        assert_eq!(read(""), "");
        assert_eq!(read("<Break/> <Space/>"), "");
    }

    #[test]
    fn white_space_of_the_xml_is_one_space_and_none_at_the_ends_of_a_line() {
        assert_eq!(read("\n  Hej \t\r\n  <Bold>med</Bold>\n  dig\n  <Break/>\n  Hilsen\n"), "Hej med dig\nHilsen");
        assert_eq!(read("et<Bold> to</Bold> <Italic>tre </Italic>fire"), "et to tre fire");
        assert_eq!(read("gen<Bold>optræning</Bold>"), "genoptræning");
        assert_eq!(read("a<Space/><Space/>b"), "a  b");
        assert_eq!(read("&lt;Break/&gt; er tekst"), "<Break/> er tekst");
    }
}
