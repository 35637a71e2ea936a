//! The tables as a file for a spreadsheet.

use super::{COLUMNS, Matrix, Row};
use crate::csv::{BEGIN, line};

pub(super) fn write(matrices: &[Matrix]) -> String {
    let mut text = String::from(BEGIN);
    let head = ["Aftale", "Borgere i"].into_iter().chain(COLUMNS);
    line(&mut text, head);
    for matrix in matrices {
        for table in &matrix.tables {
            for row in &table.rows {
                let place = [matrix.agreement.as_str(), table.residence_name.as_str()];
                line(&mut text, place.into_iter().chain(cells(row)));
            }
        }
    }
    text
}

fn cells(row: &Row) -> [&str; 9] {
    [
        &row.law,
        &row.task,
        &row.condition,
        &row.from,
        row.to.as_deref().unwrap_or_default(),
        &row.performer_name,
        &row.clause,
        row.standing.unwrap_or_default(),
        row.note.as_deref().unwrap_or_default(),
    ]
}
