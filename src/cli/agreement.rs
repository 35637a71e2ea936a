//! `agreement`: who performs what and when, and what differs between two versions.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::out::{Out, Tone};
use super::{Common, Failure, Outcome};
use crate::agreement::differ::{self, Change};
use crate::agreement::model::{Agreement, PartyId, Responsibility};
use crate::agreement::{Book, SourceFile};
use crate::clock::Clock;
use crate::config::agreement;
use budstikke_contract::event::danish_day;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Law by period: who performs, and by which clause
    Matrix,
    /// What differs between two folders of agreements, in the words of their files
    Diff {
        /// The folder as it was
        old: PathBuf,
        /// The folder as it is to be
        new: PathBuf,
    },
}

pub(super) fn run(common: &Common, command: &Command, out: &mut Out) -> Outcome {
    match command {
        Command::Matrix => {
            let settings = common.settings()?;
            matrix(&read(&settings.agreement)?.1, out)
        }
        Command::Diff { old, new } => diff(old, new, out),
    }
}

/// The files of a folder, and what they say. Files that do not hold are refused.
fn read(folder: &Path) -> Result<(Vec<SourceFile>, Book), Failure> {
    let files = agreement::files(folder)?;
    let book = Book::read(&files).map_err(|faults| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::Usage(format!("the agreement in `{}` does not hold:\n{}", folder.display(), list.join("\n")))
    })?;
    Ok((files, book))
}

fn agreements(book: &Book) -> Vec<&Agreement> {
    let today = danish_day(Clock::system().now());
    book.known_on(today).iter().map(AsRef::as_ref).collect()
}

fn value(it: &Responsibility) -> Value {
    json!({
        "law": it.matter.to_string(),
        "task": it.task,
        "residence": it.residence.to_string(),
        "performer": it.performer.as_ref().map(ToString::to_string),
        "from": it.period.from.to_string(),
        "to": it.period.to.map(|to| to.to_string()),
        "clause": it.clause.to_string(),
        "standing": it.standing.remark(),
        "note": it.note,
    })
}

fn matrix(book: &Book, out: &mut Out) -> Outcome {
    let agreements = agreements(book);
    if out.json {
        let rows = |it: &Agreement| it.responsibilities.iter().map(value).collect::<Vec<_>>();
        let list: Vec<Value> = agreements.iter().map(|it| json!({"agreement": it.name, "rows": rows(it)})).collect();
        out.value(&list)?;
        return Ok(());
    }
    for it in agreements {
        let name = out.tone(Tone::Strong, &it.name);
        out.line(format_args!("{name}"));
        let mut rows: Vec<&Responsibility> = it.responsibilities.iter().collect();
        rows.sort_by_key(|row| (&row.matter, &row.residence, row.period.from));
        for row in rows {
            let to = row.period.to.map_or_else(|| "          ".to_owned(), |to| to.to_string());
            let standing = row.standing.remark().map_or_else(String::new, |remark| format!(", {remark}"));
            out.line(format_args!(
                "  {:<10} {:<8} {} - {to}  {:<8} {}{standing}",
                row.matter.to_string(),
                row.residence.as_str(),
                row.period.from,
                row.performer.as_ref().map_or("ingen", PartyId::as_str),
                row.clause
            ));
        }
    }
    Ok(())
}

fn diff(old: &Path, new: &Path, out: &mut Out) -> Outcome {
    let ((old, _), (new, _)) = (read(old)?, read(new)?);
    let changes = differ::differences(&old, &new);
    if out.json {
        let value = |it: &Change| json!({"what": it.place, "before": it.before, "after": it.after});
        out.value(&changes.iter().map(value).collect::<Vec<_>>())?;
        return Ok(());
    }
    if changes.is_empty() {
        out.line(format_args!("nothing differs"));
    }
    for change in changes {
        let head = out.tone(Tone::Strong, &change.place);
        out.line(format_args!("{head}"));
        for (sign, text) in [("-", change.before), ("+", change.after)] {
            if let Some(text) = text {
                out.line(format_args!("    {sign} {text}"));
            }
        }
    }
    Ok(())
}
