//! Tables that Excel opens by a double click where Windows speaks Danish: semicolons, a byte order
//! mark so that æ, ø and å are read as UTF-8, CRLF, every cell in quotes.

/// What stands before the first line.
pub const BEGIN: &str = "\u{feff}";

/// What Excel reads as the beginning of a formula. A cell that begins so gets an apostrophe before
/// it: what stands in it is written by people, and a file that runs that is no table.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Adds a line.
pub fn line<'a>(text: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    let quoted: Vec<String> = cells.into_iter().map(quote).collect();
    text.push_str(&quoted.join(";"));
    text.push_str("\r\n");
}

/// One cell. A line break in it would break the table in programs that read it line by line.
pub fn quote(cell: &str) -> String {
    let one_line: Vec<&str> = cell.split(['\n', '\r']).map(str::trim_end).filter(|part| !part.is_empty()).collect();
    let joined = one_line.join(" ");
    // Spreadsheets look past space before a sign.
    let is_formula = cell.starts_with(FORMULA) || joined.trim_start().starts_with(FORMULA);
    let safe = if is_formula { format!("'{joined}") } else { joined };
    format!("\"{}\"", safe.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A table as a spreadsheet reads it.
    fn read(text: &str) -> Vec<Vec<String>> {
        let cells = |line: &str| {
            let inner = line.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
            inner.split("\";\"").map(|cell| cell.replace("\"\"", "\"")).collect()
        };
        text.split_terminator("\r\n").map(cells).collect()
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_cell_no_spreadsheet_runs_it_and_no_line_breaks(
            cells in prop::collection::vec("[=+@\\-\t\r\n \"a-zæ;]{0,12}", 1..5)
        ) {
            let mut text = String::new();
            line(&mut text, cells.iter().map(String::as_str));
            prop_assert_eq!(text.matches('\n').count(), 1);
            for cell in cells.iter().map(|cell| quote(cell)) {
                let inner = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap().replace("\"\"", "\"");
                prop_assert!(!inner.trim_start().starts_with(FORMULA), "{}", cell);
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut text = String::new();
        line(&mut text, ["§ 82", "siger \"ja\"; nej", "=1+1", " @x", "to\nlinjer", ""]);
        assert_eq!(read(&text), [["§ 82", "siger \"ja\"; nej", "'=1+1", "' @x", "to linjer", ""]]);
    }
}
