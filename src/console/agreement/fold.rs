//! A matrix as a page shows it: what another municipality performs comes first, and what says the same
//! of a hundred paragraphs is folded. A browser finds what is folded when it is looked for. Pure.

use super::super::words::several;
use crate::agreement::matrix::{Row, Table};

/// Fewer rows than this are shown as they are.
const FEW: usize = 40;

/// As many paragraphs with one and the same task stand in a fold of their own.
const MANY: usize = 12;

/// The rows for the citizens of one municipality.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) residence_name: String,
    pub(super) groups: Vec<Group>,
}

/// Rows under one head.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: String,
    pub(super) folded: bool,
    pub(super) rows: Vec<Row>,
}

/// The tables, folded where they are long together.
pub(super) fn shown(tables: Vec<Table>) -> Vec<Shown> {
    let few = tables.iter().map(|table| table.rows.len()).sum::<usize>() < FEW;
    let one = |table: Table| {
        let Table { residence, residence_name, rows } = table;
        let title = format!("Borgere i {residence_name}");
        let groups = if few { vec![Group { title, folded: false, rows }] } else { groups(&residence, &rows) };
        Shown { residence_name, groups: groups.into_iter().filter(|it| !it.rows.is_empty()).collect() }
    };
    tables.into_iter().map(one).collect()
}

fn groups(residence: &str, rows: &[Row]) -> Vec<Group> {
    let mut long: Vec<Group> = Vec::new();
    let (mut delegated, mut others) = (Vec::new(), Vec::new());
    for run in rows.chunk_by(|one, other| one.task == other.task && law(one) == law(other)) {
        if run.len() >= MANY {
            long.push(Group { title: span(run), folded: true, rows: run.to_vec() });
            continue;
        }
        let elsewhere = |row: &Row| row.performer.as_deref().is_some_and(|performer| performer != residence);
        let (to_other, own): (Vec<Row>, Vec<Row>) = run.iter().cloned().partition(elsewhere);
        delegated.extend(to_other);
        others.extend(own);
    }
    let own = format!("Udføres af kommunen selv eller af ingen af parterne: {}", rows_of(others.len()));
    let first = Group { title: "Udføres af en anden kommune".to_owned(), folded: false, rows: delegated };
    let last = Group { title: own, folded: true, rows: others };
    [first].into_iter().chain(long).chain([last]).collect()
}

/// The law that a row is about, without its paragraph.
fn law(row: &Row) -> &str {
    row.law.split_once(" § ").map_or(row.law.as_str(), |(law, _)| law)
}

/// From which paragraph to which, and what they are about.
fn span(run: &[Row]) -> String {
    let (first, last) = (run.first(), run.last());
    let (from, to) = (first.map_or("", |row| &row.law), last.map_or("", |row| &row.law));
    let task = first.map_or("", |row| &row.task);
    let laws = if from == to { from.to_owned() } else { format!("{from} til {to}") };
    format!("{laws}, {task}: {}", rows_of(run.len()))
}

fn rows_of(count: usize) -> String {
    several(i64::try_from(count).unwrap_or(i64::MAX), "række", "rækker")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(law: &str, task: &str, performer: Option<&str>) -> Row {
        Row {
            law: law.to_owned(),
            law_title: String::new(),
            task: task.to_owned(),
            condition: String::new(),
            from: "2021-09-01".to_owned(),
            to: None,
            performer: performer.map(str::to_owned),
            performer_name: String::new(),
            clause: "S1 2".to_owned(),
            document: String::new(),
            standing: None,
            note: None,
        }
    }

    fn table(rows: Vec<Row>) -> Table {
        Table { residence: "dragoer".to_owned(), residence_name: "Dragør Kommune".to_owned(), rows }
    }

    #[test]
    fn what_another_performs_is_first_and_what_is_long_is_folded_and_nothing_is_left_out() {
        let mut rows = vec![row("SEL § 9", "Flytning", Some("dragoer")), row("SEL § 85", "Støtte", Some("taarnby"))];
        rows.extend((1..=40).map(|number| row(&format!("SEL § {number}"), "Magtanvendelse", Some("taarnby"))));
        rows.push(row("SUL § 140", "Genoptræning", None));
        rows.push(row("Voksne", "Sager", Some("taarnby")));
        let shown = shown(vec![table(rows.clone())]);
        let heads: Vec<(&str, bool, usize)> =
            shown[0].groups.iter().map(|it| (it.title.as_str(), it.folded, it.rows.len())).collect();
        assert_eq!(
            heads,
            [
                ("Udføres af en anden kommune", false, 2),
                ("SEL § 1 til SEL § 40, Magtanvendelse: 40 rækker", true, 40),
                ("Udføres af kommunen selv eller af ingen af parterne: 2 rækker", true, 2),
            ]
        );
        let kept = |row: &Row| shown[0].groups.iter().any(|group| group.rows.contains(row));
        assert!(rows.iter().all(kept));
    }

    #[test]
    fn a_few_rows_are_shown_as_they_are() {
        let shown = shown(vec![table((1..=20).map(|_| row("SEL § 9", "Flytning", Some("dragoer"))).collect())]);
        assert!(shown[0].groups.len() == 1 && !shown[0].groups[0].folded);
        assert!(super::shown(vec![table(Vec::new())])[0].groups.is_empty());
    }
}
