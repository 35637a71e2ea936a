//! What a team is told: counts, its mailbox, and where to look. Nothing of a citizen or a case can
//! stand in it, for nothing of them is known here. Pure.

use serde_json::{Value, json};

use super::plan::Counts;

/// The mailbox that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Where its team looks.
    pub link: String,
}

fn several(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What there is, in a sentence's part: `3 nye og 1 over fristen`.
fn counted(counts: Counts) -> String {
    let new = (counts.new > 0).then(|| several(counts.new, "ny", "nye"));
    let late = (counts.late > 0).then(|| format!("{} over fristen", counts.late));
    [new, late].into_iter().flatten().collect::<Vec<_>>().join(" og ")
}

/// The mail's subject.
pub fn subject(about: &About, counts: Counts) -> String {
    format!("Budstikke: {} i {}", counted(counts), about.name)
}

/// The mail's text.
pub fn text(about: &About, counts: Counts) -> String {
    let mut lines = vec![format!("Postkassen {} ({}):", about.name, about.id), String::new()];
    if counts.new > 0 {
        lines.push(format!("- {} siden sidste besked", several(counts.new, "ny besked", "nye beskeder")));
    }
    if counts.late > 0 {
        lines.push(format!("- {} over fristen", several(counts.late, "pligt", "pligter")));
    }
    lines.extend([
        String::new(),
        format!("Log ind og se dem: {}", about.link),
        String::new(),
        "Mailen er sendt automatisk og siger med vilje ikke, hvad det drejer sig om. Den kan ikke besvares.".to_owned(),
    ]);
    lines.join("\n")
}

/// What a webhook gets.
pub fn body(about: &About, counts: Counts) -> Value {
    json!({"mailbox": about.id, "name": about.name, "new": counts.new, "late": counts.late, "link": about.link})
}

/// By what a repeat can be known.
pub fn key(about: &About, counts: Counts, day: jiff::civil::Date) -> String {
    format!("{}.{}.{day}", about.id.replace('/', "."), counts.last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About {
            id: "dragoer/ydelse".to_owned(),
            name: "Ydelse".to_owned(),
            link: "https://hub.example/indbakke".to_owned(),
        }
    }

    #[test]
    fn a_notice_says_how_many_and_where_and_no_more() {
        let counts = Counts { new: 3, late: 1, newly_late: 1, last: 17 };
        assert_eq!(subject(&about(), counts), "Budstikke: 3 nye og 1 over fristen i Ydelse");
        let mail = text(&about(), counts);
        for part in
            ["Ydelse (dragoer/ydelse)", "3 nye beskeder", "1 pligt over fristen", "https://hub.example/indbakke"]
        {
            assert!(mail.contains(part), "{part}: {mail}");
        }
        let only_new = Counts { new: 1, ..Counts::default() };
        assert_eq!(subject(&about(), only_new), "Budstikke: 1 ny i Ydelse");
        assert!(!text(&about(), only_new).contains("fristen"));
        assert_eq!(body(&about(), counts)["new"], 3);
        assert_eq!(key(&about(), counts, "2026-11-23".parse().unwrap()), "dragoer.ydelse.17.2026-11-23");
    }
}
