//! The grammar inside tags that the tokenizer does not look at: names, references and attributes.
//! Sections are those of XML 1.0, fifth edition.

use crate::fault::FaultKind;

/// A part of the text, in bytes. Texts are below 4 GiB, which `decode` sees to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end) }
    }

    /// The part of `text` that it spans.
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

/// Whitespace (2.3, `S`).
pub(crate) fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

/// A character that a document may hold (2.2, `Char`). The control characters U+0080 to U+009F are
/// among them.
pub(crate) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// 2.3, `NameStartChar`, without the colon.
fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// 2.3, `NameChar`, without the colon.
fn continues_name(c: char) -> bool {
    starts_name(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Whether a text is a name without a colon.
pub(crate) fn is_plain_name(text: &str) -> bool {
    // Nearly every name is in ASCII, and looking at bytes takes a third of the time.
    if let [first, rest @ ..] = text.as_bytes()
        && (first.is_ascii_alphabetic() || *first == b'_')
        && rest.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    {
        return true;
    }
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

/// Takes `prefix:local` apart; the prefix is empty where there is none.
pub(crate) fn split_name(name: &str) -> Result<(&str, &str), FaultKind> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let good = is_plain_name(local)
        && (prefix.is_empty() != name.contains(':'))
        && (prefix.is_empty() || is_plain_name(prefix));
    if good { Ok((prefix, local)) } else { Err(FaultKind::Name) }
}

/// The character that a reference stands for; `reference` is what stands between `&` and `;`.
/// Only the five entities of XML itself and numeric references (4.1) are known.
pub(crate) fn resolve(reference: &str) -> Result<char, FaultKind> {
    let Some(number) = reference.strip_prefix('#') else {
        return match reference {
            "amp" => Ok('&'),
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(FaultKind::Entity),
        };
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(hexadecimal) => (hexadecimal, 16),
        None => (number, 10),
    };
    // `from_str_radix` takes a sign, which a reference has not.
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(FaultKind::Entity);
    }
    let code = u32::from_str_radix(digits, radix);
    code.ok().and_then(char::from_u32).filter(|&c| is_char(c)).ok_or(FaultKind::ForbiddenCharacter)
}

/// Writes an attribute's value as a reader sees it (3.3.3): references resolved, each line end and
/// each other whitespace character a space.
pub(crate) fn push_attribute_value(raw: &str, out: &mut String) -> Result<(), FaultKind> {
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        if let Some(reference) = from.strip_prefix('&') {
            let (name, after) = reference.split_once(';').ok_or(FaultKind::Entity)?;
            out.push(resolve(name)?);
            rest = after;
        } else {
            out.push(' ');
            rest = from.strip_prefix("\r\n").or_else(|| from.get(1..)).unwrap_or_default();
        }
    }
    out.push_str(rest);
    Ok(())
}

/// Writes character data with its line ends as a reader sees them (2.11).
pub(crate) fn push_text(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some((line, after)) = rest.split_once('\r') {
        out.push_str(line);
        out.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    out.push_str(rest);
}

/// One `name="value"`, as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) name: Span,
    pub(crate) value: Span,
}

/// The attributes of a tag, or the parts of an XML declaration: each after whitespace (3.1).
pub(crate) struct Pairs<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl<'t> Pairs<'t> {
    /// What stands in `text` from `at` to `end`.
    pub(crate) fn new(text: &'t str, at: usize, end: usize) -> Self {
        Self { text, at, end }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// Steps over whitespace; whether there was any.
    fn skip_space(&mut self) -> bool {
        let spaces = self.rest().bytes().take_while(|&b| is_space(b)).count();
        self.at += spaces;
        spaces > 0
    }

    fn pair(&mut self) -> Result<Pair, FaultKind> {
        let rest = self.rest();
        let name_len = rest.bytes().position(|b| b == b'=' || is_space(b)).filter(|&len| len > 0);
        let name_len = name_len.ok_or(FaultKind::Attribute)?;
        let name = Span::new(self.at, self.at + name_len);
        self.at += name_len;
        self.skip_space();
        self.at += self.rest().starts_with('=').then_some(1).ok_or(FaultKind::Attribute)?;
        self.skip_space();
        let quote = self.rest().chars().next().filter(|&c| c == '"' || c == '\'').ok_or(FaultKind::Attribute)?;
        self.at += 1;
        let value_len = self.rest().find(quote).ok_or(FaultKind::Attribute)?;
        let value = Span::new(self.at, self.at + value_len);
        self.at += value_len + 1;
        if value.of(self.text).contains('<') {
            return Err(FaultKind::Attribute);
        }
        Ok(Pair { name, value })
    }
}

impl Iterator for Pairs<'_> {
    type Item = Result<Pair, FaultKind>;

    fn next(&mut self) -> Option<Self::Item> {
        let spaced = self.skip_space();
        if self.rest().is_empty() {
            return None;
        }
        Some(if spaced { self.pair() } else { Err(FaultKind::Attribute) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_at_most_one_prefix() {
        assert_eq!(split_name("Emessage"), Ok(("", "Emessage")));
        assert_eq!(split_name("mm100:Date"), Ok(("mm100", "Date")));
        assert_eq!(split_name("Æblegrød-1.2_3"), Ok(("", "Æblegrød-1.2_3")));
        for bad in ["", ":", "a:", ":a", "a:b:c", "1a", "-a", "a<b", "a/", "a\"", "a b", "a:1"] {
            assert_eq!(split_name(bad), Err(FaultKind::Name), "{bad}");
        }
    }

    #[test]
    fn only_the_references_of_xml_itself() {
        for (reference, c) in [("amp", '&'), ("lt", '<'), ("#230", 'æ'), ("#xE6", 'æ'), ("#x0000E6", 'æ'), ("#9", '\t')]
        {
            assert_eq!(resolve(reference), Ok(c), "{reference}");
        }
        for unknown in ["", "nbsp", "AMP", "#", "#x", "#+65", "#-1", "#6 5", "#XE6", "#xZ", "lol9"] {
            assert_eq!(resolve(unknown), Err(FaultKind::Entity), "{unknown}");
        }
        for forbidden in ["#0", "#1", "#x1F", "#xFFFE", "#xFFFF", "#xD800", "#x110000", "#99999999999"] {
            assert_eq!(resolve(forbidden), Err(FaultKind::ForbiddenCharacter), "{forbidden}");
        }
    }

    #[test]
    fn attributes_are_told_apart_strictly() {
        let read = |text: &str| {
            let pairs: Result<Vec<_>, _> = Pairs::new(text, 0, text.len()).collect();
            pairs.map(|pairs| {
                pairs.iter().map(|p| format!("{}={}", p.name.of(text), p.value.of(text))).collect::<Vec<_>>().join(",")
            })
        };
        assert_eq!(read("").as_deref(), Ok(""));
        assert_eq!(read("  ").as_deref(), Ok(""));
        assert_eq!(read(" a = \"1\"\n b='\">' ").as_deref(), Ok("a=1,b=\">"));
        for bad in ["a='1'", " a='1'b='2'", " a", " a=", " a=1", " a='1", " ='1'", " a=\"<\"", " a='1'x"] {
            assert_eq!(read(bad), Err(FaultKind::Attribute), "{bad}");
        }
    }

    #[test]
    fn values_and_texts_are_normalised() {
        let mut value = String::new();
        push_attribute_value("a\r\nb\tc&#10;&amp;", &mut value).unwrap();
        assert_eq!(value, "a b c\n&");
        let mut text = String::new();
        push_text("a\r\nb\rc\n", &mut text);
        assert_eq!(text, "a\nb\nc\n");
    }
}
