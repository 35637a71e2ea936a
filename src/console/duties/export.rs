//! What is owed, as files: a table for a spreadsheet, a calendar for a calendar program.

use jiff::Timestamp;

use super::board::Obligation;
use super::ics::{self, Entry};
use crate::csv::{BEGIN, line};

/// What the columns are called.
const COLUMNS: [&str; 16] = [
    "Frist",
    "Tilstand",
    "Skyldes af",
    "Skyldes til",
    "Hvad",
    "Art",
    "Område",
    "Hvorfor den frist",
    "Opfyldes af",
    "Følge af overskridelse",
    "Lov",
    "Bestemmelse",
    "Dokument",
    "Sag",
    "Påmindelser",
    "Pligt",
];

/// As a table.
pub(super) fn csv(duties: &[Obligation]) -> String {
    let mut text = String::from(BEGIN);
    line(&mut text, COLUMNS);
    for it in duties {
        let due = it.due.map(|day| day.to_string()).unwrap_or_default();
        let (fulfilment, told) = (it.fulfilment(), it.told.len().to_string());
        let cells: [&str; 16] = [
            &due,
            it.state.word(),
            &it.owed_by_name,
            &it.owed_to_names,
            &it.what,
            it.kind_name(),
            it.area_name(),
            &it.due_reason,
            &fulfilment,
            it.consequence.as_deref().unwrap_or_default(),
            it.law.as_deref().unwrap_or_default(),
            &it.clause,
            &it.document,
            &it.case,
            &told,
            &it.id,
        ];
        line(&mut text, cells);
    }
    text
}

/// As a calendar. What has no day stands in none.
pub(super) fn calendar(name: &str, duties: &[Obligation], at: Timestamp) -> String {
    let entry = |it: &Obligation| {
        let facts = [
            format!("Tilstand: {}", it.state.word()),
            format!("Frist: {}", it.due_reason),
            format!("Opfyldes af: {}", it.fulfilment()),
            format!("Grundlag: {} {}", it.clause, it.document),
            format!("Sag: {}", it.case),
        ];
        Some(Entry {
            id: it.id.clone(),
            day: it.due?,
            summary: format!("{} ({})", it.what, it.owed_by_name),
            description: facts.join("\n"),
            category: it.area_name().to_owned(),
            moves: it.moves,
        })
    };
    let entries: Vec<Entry> = duties.iter().filter_map(entry).collect();
    ics::write(name, &entries, at)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::board::Standing;
    use super::super::board::tests::duty;
    use super::*;
    use crate::agreement::Book;
    use crate::duty::State;

    fn duties() -> Vec<Obligation> {
        let book = Book::read(&crate::agreement::tests::shipped()).unwrap();
        let agreement = &book.newest()[0];
        let mut late = duty("taarnby", "155", Some(date(2026, 11, 27)), State::Open);
        late.terms.what = "=HYPERLINK(\"x\"), start; nu".to_owned();
        let undated = duty("dragoer", "155", None, State::Met);
        [(late, Standing::Late), (undated, Standing::Met)]
            .map(|(duty, standing)| Obligation::of(&duty, standing, Vec::new(), agreement))
            .into()
    }

    #[test]
    fn a_table_has_a_line_for_each_and_runs_nothing() {
        insta::assert_snapshot!(csv(&duties()).replace("\r\n", "\n"));
    }

    #[test]
    fn a_calendar_has_what_has_a_day() {
        let text = calendar("Pligter", &duties(), "2026-11-30T08:00:00Z".parse().unwrap());
        insta::assert_snapshot!(text.replace("\r\n", "\n"));
    }
}
