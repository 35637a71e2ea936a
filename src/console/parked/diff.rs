//! What somebody has changed in a text, line by line. Pure.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use utoipa::ToSchema;

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// A line of what was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ParkedDiffLine)]
pub(in crate::console) struct DiffLine {
    /// `same`, `removed`, `added`; `gap` where lines are left out.
    pub(super) kind: &'static str,
    /// The line.
    pub(super) text: String,
}

impl DiffLine {
    /// Its class on a page.
    pub(super) fn class(&self) -> &'static str {
        match self.kind {
            "removed" => "ud",
            "added" => "ind",
            "gap" => "sprang",
            _ => "ens",
        }
    }

    /// What stands before it: a change is not said by colour alone.
    pub(super) fn mark(&self) -> &'static str {
        match self.kind {
            "removed" => "− ",
            "added" => "+ ",
            "gap" => "⋯",
            _ => "  ",
        }
    }
}

/// What is changed from one text to another, with some lines around.
pub(super) fn diff(before: &str, after: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if at > 0 {
            lines.push(DiffLine { kind: "gap", text: String::new() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let kind = match change.tag() {
                ChangeTag::Equal => "same",
                ChangeTag::Delete => "removed",
                ChangeTag::Insert => "added",
            };
            lines.push(DiffLine { kind, text: change.value().trim_end_matches('\n').to_owned() });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_what_is_around_it_and_nothing_else() {
        let before = (1..=20).fold(String::new(), |text, n| text + &format!("{n}\n"));
        let after = before.replace("\n10\n", "\nti\n");
        let shown: Vec<String> =
            diff(&before, &after).iter().map(|line| format!("{}{}", line.mark(), line.text)).collect();
        assert_eq!(shown, ["  7", "  8", "  9", "− 10", "+ ti", "  11", "  12", "  13"]);
        assert_eq!(diff(&before, &before), []);
        let both = after.replace("\n20\n", "\ntyve\n");
        assert!(diff(&before, &both).iter().any(|line| line.kind == "gap"));
    }
}
