//! Editions of the agreement, as they are named on the command line.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::agreement::{Book, SourceFile};
use crate::cli::{Common, Failure};
use crate::config::agreement;

/// One side of a comparison.
#[derive(Debug)]
pub(super) struct Side {
    /// As it was named.
    pub(super) name: String,
    /// The files.
    pub(super) files: Vec<SourceFile>,
    /// The day on which the edition was known; the newest, where there is none.
    pub(super) known: Option<Date>,
    /// All editions of the files.
    pub(super) book: Book,
}

impl Side {
    /// Reads a folder, or the agreement of the settings as it was known on a day.
    pub(super) fn read(common: &Common, name: &str) -> Result<Self, Failure> {
        let folder = Path::new(name);
        let known = if folder.is_dir() { None } else { name.parse::<Date>().ok() };
        if known.is_none() && !folder.is_dir() {
            return Err(Failure::Usage(format!("`{name}` is neither a folder nor a day (2026-11-22)")));
        }
        let folder: PathBuf = match known {
            Some(_) => common.settings()?.agreement,
            None => folder.to_owned(),
        };
        let (files, book) = read(&folder)?;
        if let Some(day) = known {
            known_on(&book, day)?;
        }
        Ok(Self { name: name.to_owned(), files, known, book })
    }

    /// What it is called, for people.
    pub(super) fn title(&self) -> String {
        self.known.map_or_else(|| format!("`{}`", self.name), |day| format!("aftalen som kendt {day}"))
    }
}

/// The agreement as it was known on a day; refused where none was.
pub(in crate::cli) fn known_on(book: &Book, day: Date) -> Result<Book, Failure> {
    if book.known_on(day).is_empty() {
        let text = format!("no agreement was known on {day}: see `kendt` in its files");
        return Err(Failure::Usage(text));
    }
    Ok(book.as_known_on(day))
}

/// The files of a folder, and what they say. Files that do not hold are refused.
pub(super) fn read(folder: &Path) -> Result<(Vec<SourceFile>, Book), Failure> {
    let files = agreement::files_of(folder)?;
    let book = Book::read(&files).map_err(|faults| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::Usage(format!("the agreement in `{}` does not hold:\n{}", folder.display(), list.join("\n")))
    })?;
    Ok((files, book))
}
