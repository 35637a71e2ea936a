//! `agreement matrix`: who performs what, as a table.

use clap::Args;
use jiff::civil::Date;

use super::side;
use crate::agreement::matrix::{self, Matrix, Row};
use crate::cli::out::{Out, Tone};
use crate::cli::{Common, Failure, Outcome};
use crate::clock::Clock;
use budstikke_contract::event::danish_day;

#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// For a spreadsheet: semicolons and a byte order mark, as Excel expects where Windows is Danish
    #[arg(long, conflicts_with = "html")]
    csv: bool,
    /// As one page to read or print; it needs no network
    #[arg(long)]
    html: bool,
    /// The edition that was known on this day [default: today]
    #[arg(long, value_name = "DATE")]
    known: Option<Date>,
}

pub(super) fn run(common: &Common, options: &Options, out: &mut Out) -> Outcome {
    if out.json && (options.csv || options.html) {
        return Err(Failure::Usage("choose one of --json, --csv and --html".to_owned()));
    }
    let (_, book) = side::read(&common.settings()?.agreement)?;
    let day = options.known.unwrap_or_else(|| danish_day(Clock::system().now()));
    if options.known.is_some() {
        side::known_on(&book, day)?;
    }
    let matrices: Vec<Matrix> = book.known_on(day).iter().map(|it| Matrix::of(it)).collect();
    match (options.csv, options.html, out.json) {
        (true, ..) => out.bytes(matrix::csv(&matrices).as_bytes()),
        (_, true, _) => out.bytes(matrix::html(&matrices, &day.to_string()).as_bytes()),
        (.., true) => out.value(&matrices)?,
        (false, false, false) => matrices.iter().for_each(|it| tell(out, it, day)),
    }
    Ok(())
}

fn tell(out: &mut Out, matrix: &Matrix, day: Date) {
    let head = out.tone(Tone::Strong, &format!("{}, som kendt {day}", matrix.agreement));
    out.line(format_args!("{head}"));
    let versions = out.tone(Tone::Faint, &matrix.versions());
    out.line(format_args!("{versions}"));
    for table in &matrix.tables {
        let residence = out.tone(Tone::Strong, &format!("Borgere i {}", table.residence_name));
        out.line(format_args!("\n{residence}"));
        let wide = |of: fn(&Row) -> usize| table.rows.iter().map(of).max().unwrap_or_default();
        let law = wide(|row| row.law.chars().count());
        let performer = wide(|row| row.performer_name.chars().count());
        for row in &table.rows {
            let to = row.to.as_deref().unwrap_or_default();
            let standing = row.standing.map_or_else(String::new, |standing| format!("  [{standing}]"));
            let standing = out.tone(Tone::Warn, &standing);
            let when = if row.condition.is_empty() { String::new() } else { format!(" (når {})", row.condition) };
            out.line(format_args!(
                "  {:<law$}  {} – {to:<10}  {:<performer$}  {}, {}{when}{standing}",
                row.law, row.from, row.performer_name, row.clause, row.task
            ));
        }
    }
}
