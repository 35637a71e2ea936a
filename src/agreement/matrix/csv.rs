//! The tables as a file that Excel opens by a double click where Windows speaks Danish: semicolons,
//! a byte order mark so that æ, ø and å are read as UTF-8, CRLF, every cell in quotes.

use super::{COLUMNS, Matrix, Row};

/// What Excel reads as the beginning of a formula. A cell that begins so gets an apostrophe before
/// it: the files are written by people, and a file that runs what stands in it is no table.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub(super) fn write(matrices: &[Matrix]) -> String {
    let mut text = String::from("\u{feff}");
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

fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    let quoted: Vec<String> = cells.map(quote).collect();
    text.push_str(&quoted.join(";"));
    text.push_str("\r\n");
}

/// One cell. A line break in it would break the table in programs that read it line by line.
pub(super) fn quote(cell: &str) -> String {
    let one_line: Vec<&str> = cell.split(['\n', '\r']).map(str::trim_end).filter(|part| !part.is_empty()).collect();
    let cell = if cell.starts_with(FORMULA) { format!("'{}", one_line.join(" ")) } else { one_line.join(" ") };
    format!("\"{}\"", cell.replace('"', "\"\""))
}
