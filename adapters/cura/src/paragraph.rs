//! References to the law as caseworkers write them in `legalParagraph`: `SEL §85`,
//! `Serviceloven § 85 a, stk. 2`, `§ 107 i serviceloven`.
//!
//! One law and one paragraph, else nothing is read: the same numbers stand in several laws, the
//! agreement names homes by two of them in one breath (SEL §§ 107 and 108, ABL § 105; S0 1), and to
//! guess would be to route by the guess.

use budstikke_contract::law::LawRef;

/// What the laws are called, all in lower case, and their short names.
const LAWS: &[(&str, &str)] = &[
    ("sel", "SEL"),
    ("serviceloven", "SEL"),
    ("lov om social service", "SEL"),
    ("sul", "SUL"),
    ("sundhedsloven", "SUL"),
    ("abl", "ABL"),
    ("almenboligloven", "ABL"),
    ("lov om almene boliger", "ABL"),
    ("rsl", "RSL"),
    ("retssikkerhedsloven", "RSL"),
    ("æl", "ÆL"),
    ("ældreloven", "ÆL"),
    ("bl", "BL"),
    ("barnets lov", "BL"),
    (TEACHING, "LSV"),
    ("lsv", "LSV"),
];

/// The law on special education for adults.
const TEACHING: &str = "lov om specialundervisning for voksne";

/// The laws that a grant may rest on as a whole, with no paragraph of their own for each thing granted.
const WHOLE: &[&str] = &["LSV"];

/// Reads one reference. What is finer than the paragraph (`stk. 2, nr. 3`) is left out.
pub(crate) fn parse(text: &str) -> Option<LawRef> {
    let text = text.replace('\u{a0}', " ").to_lowercase();
    let Some((before, after)) = text.split_once('§') else {
        return law(&text).filter(|short| WHOLE.contains(short)).and_then(LawRef::parse);
    };
    let after = after.trim_start();
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    let (number, rest) = after.split_at_checked(digits)?;
    let (letter, rest) = letter(rest);
    let named_after = rest.trim_start_matches([',', ' ']);
    let (law, finer) = match law(before) {
        Some(law) => (law, rest),
        None if before.trim().is_empty() => (law(named_after.strip_prefix("i ").unwrap_or(named_after))?, ""),
        None => return None,
    };
    if !is_finer(finer) {
        return None;
    }
    LawRef::parse(&format!("{law} § {number}{}", letter.map(|c| format!(" {c}")).unwrap_or_default()))
}

/// The short name of a law.
fn law(name: &str) -> Option<&'static str> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_end_matches([',', '.', ':']).trim_end();
    let basic = name.strip_suffix("lovens").map(|stem| format!("{stem}loven"));
    let name = basic.as_deref().unwrap_or(name);
    LAWS.iter().find(|(known, _)| *known == name).map(|(_, short)| *short)
}

/// The letter of `85 a` or `85a`, and what follows. The `i` of `§ 107 i serviceloven` is none.
fn letter(rest: &str) -> (Option<char>, &str) {
    let trimmed = rest.trim_start();
    let mut chars = trimmed.chars();
    let Some(first) = chars.next().filter(char::is_ascii_lowercase) else { return (None, rest) };
    let behind = chars.as_str();
    let alone = behind.is_empty() || behind.starts_with([' ', ',', '.']);
    let preposition = first == 'i' && law(behind).is_some();
    if alone && !preposition { (Some(first), behind) } else { (None, rest) }
}

/// Whether the rest only says where in the paragraph: `, stk. 2, nr. 3, 1. pkt.`, `, litra b`.
fn is_finer(rest: &str) -> bool {
    let is_number = |word: &str| !word.is_empty() && word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit());
    let is_letter = |word: &str| word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    let is_word = |word: &str| matches!(word, "stk" | "nr" | "pkt" | "litra" | "jf" | "og");
    // `stk.2` is two words.
    let spaced = rest.replace(['.', ',', ':'], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let unit = |word: &&str| matches!(*word, "stk" | "nr" | "pkt" | "litra");
    let well_formed = words.iter().all(|word| is_number(word) || is_letter(word) || is_word(word));
    // A number by itself would be another paragraph.
    words.is_empty() || (well_formed && words.iter().any(unit) && !words.contains(&"jf") && !words.contains(&"og"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_caseworkers_write() {
        for (given, read) in [
            ("SEL § 107", "SEL § 107"),
            ("SEL §85", "SEL § 85"),
            ("Serviceloven § 85 a", "SEL § 85 a"),
            ("servicelovens §85A", "SEL § 85 a"),
            ("SEL § 107, stk. 2, nr. 1", "SEL § 107"),
            ("SEL §107 stk.1", "SEL § 107"),
            ("Lov om social service § 101", "SEL § 101"),
            ("§ 107 i serviceloven", "SEL § 107"),
            ("§ 85 a, SEL", "SEL § 85 a"),
            ("SUL\u{a0}§\u{a0}140", "SUL § 140"),
            ("Almenboligloven § 105", "ABL § 105"),
            ("ABL § 105, stk. 2", "ABL § 105"),
            ("Retssikkerhedsloven § 16", "RSL § 16"),
            ("SEL § 100, 1. pkt.", "SEL § 100"),
            ("Lov om social service § 85 a, stk. 1", "SEL § 85 a"),
            ("ÆL § 10", "ÆL § 10"),
            ("Ældrelovens §16, stk. 1", "ÆL § 16"),
            ("§ 10 i ældreloven", "ÆL § 10"),
            ("Barnets lov § 33", "BL § 33"),
            ("LSV", "LSV"),
            ("LSV § 1", "LSV § 1"),
            ("Lov om specialundervisning for voksne", "LSV"),
            ("Lov om specialundervisning for voksne § 1, stk. 2", "LSV § 1"),
        ] {
            assert_eq!(parse(given).map(|law| law.to_string()).as_deref(), Some(read), "{given}");
        }
    }

    #[test]
    fn guesses_nothing() {
        for bad in [
            "",
            "§ 107",
            "107",
            "SEL",
            "SEL 107",
            "SEL §§ 107 og 108",
            "SEL § 107 og § 108",
            "SEL § 107, 108",
            "SEL § 107 og 108",
            "SEL § 1077",
            "Ældreloven",
            "Lov om social service",
            "BL",
            "SEL §",
            "§",
            "SEL § 85 ab",
            "SEL § 107 / 110",
            "anden lov § 107",
            "SEL § 107 jf. SUL § 140",
            "§ 107 i anden lov",
            "2512489996 § 1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_letter_makes_another_paragraph() {
        assert_ne!(parse("SEL § 82"), parse("SEL § 82 a"));
    }
}
