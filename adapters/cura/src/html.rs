//! The plain text of a body that may be HTML (`payload.contentString`). Tags go, blocks become
//! lines, and what is no content (scripts, styles) goes with its tags. The markup itself is never
//! passed on: whoever shows the text would have to trust it.

/// Elements whose content is not for reading.
const HIDDEN: [&str; 4] = ["script", "style", "head", "title"];

/// Elements that begin a new line.
const BLOCKS: [&str; 14] =
    ["p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "section", "blockquote"];

/// The text, without markup, with at most one empty line between two lines.
pub(crate) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (before, tag) = rest.split_at_checked(open).unwrap_or((rest, ""));
        text.push_str(&entities(before));
        let Some((tag, after)) = Tag::read(tag) else {
            // A lone `<` is what it is.
            text.push('<');
            rest = tag.get(1..).unwrap_or_default();
            continue;
        };
        rest = if tag.hides() { skip(after, tag.name) } else { after };
        if tag.breaks() {
            text.push('\n');
        }
    }
    text.push_str(&entities(rest));
    lines(&text)
}

/// A tag: `<p class="x">`, `</p>`, `<!-- ... -->`.
struct Tag<'t> {
    name: &'t str,
    closes: bool,
}

impl<'t> Tag<'t> {
    /// The tag that `text` begins with, and what follows it. An unfinished one goes to the end.
    fn read(text: &'t str) -> Option<(Self, &'t str)> {
        let inner = text.strip_prefix('<')?;
        if let Some(comment) = inner.strip_prefix("!--") {
            let after = comment.split_once("-->").map_or("", |(_, after)| after);
            return Some((Self { name: "", closes: false }, after));
        }
        let (closes, named) = inner.strip_prefix('/').map_or((false, inner), |named| (true, named));
        let begins = named.starts_with(|c: char| c.is_ascii_alphabetic() || (!closes && matches!(c, '!' | '?')));
        if !begins {
            return None;
        }
        let end = named.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(named.len());
        let name = named.get(..end).unwrap_or_default();
        let after = named.split_once('>').map_or("", |(_, after)| after);
        Some((Self { name, closes }, after))
    }

    fn is(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    fn breaks(&self) -> bool {
        self.is(&BLOCKS)
    }

    fn hides(&self) -> bool {
        !self.closes && self.is(&HIDDEN)
    }
}

/// What follows the end tag of `name`.
fn skip<'t>(text: &'t str, name: &str) -> &'t str {
    let mut rest = text;
    while let Some((_, tag)) = rest.split_once("</") {
        let named = tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        if named {
            return tag.split_once('>').map_or("", |(_, after)| after);
        }
        rest = tag;
    }
    ""
}

/// The text with its entities resolved; what is none stays as it is.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // No entity that is known is longer.
        let end = after.char_indices().take(10).find(|(_, c)| *c == ';').map(|(at, _)| at);
        let resolved = end.and_then(|end| Some((entity(after.get(..end)?)?, after.get(end + 1..)?)));
        let (c, after) = resolved.unwrap_or(('&', after));
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control() || *c == '\n');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "aelig" => 'æ',
        "oslash" => 'ø',
        "aring" => 'å',
        "AElig" => 'Æ',
        "Oslash" => 'Ø',
        "Aring" => 'Å',
        "eacute" => 'é',
        "ouml" => 'ö',
        "auml" => 'ä',
        "uuml" => 'ü',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "bull" => '•',
        "sect" => '§',
        _ => return None,
    })
}

/// The lines without the space around them, and without more than one empty one in a row.
fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() {
            empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        out.push_str(&words.join(" "));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_goes_and_text_stays() {
        for (html, text) in [
            ("almindelig tekst", "almindelig tekst"),
            ("<p>Borgeren &oslash;nsker<br/>en plads</p><p>snarest</p>", "Borgeren ønsker\nen plads\n\nsnarest"),
            ("a &lt; b &amp;&#32;c &unknown; &", "a < b & c &unknown; &"),
            ("3 < 5 og 5 > 3", "3 < 5 og 5 > 3"),
            ("<style>p {color: red}</style><script>alert('x')</SCRIPT>tekst", "tekst"),
            ("<!-- skjult -->synlig<!DOCTYPE x>", "synlig"),
            ("<b", ""),
            ("<script>uden slut", ""),
            ("æ<ø", "æ<ø"),
        ] {
            assert_eq!(plain(html), text, "{html}");
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_without_space_to_spare(html in "\\PC{0,200}") {
            let text = plain(&html);
            prop_assert_eq!(text.trim(), text.as_str());
            prop_assert!(!text.contains("\n\n\n"));
        }

        #[test]
        fn no_tag_is_left(before in "[a-zæøå ]{0,20}", tag in "[a-z]{1,8}", after in "[a-zæøå ]{0,20}") {
            let text = plain(&format!("{before}<{tag} onclick=\"x\">{after}</{tag}>"));
            prop_assert!(!text.contains('<') && !text.contains("onclick"), "{text}");
        }
    }
}
