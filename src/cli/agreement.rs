//! `agreement`: who performs what and when, and what differs between two versions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::out::{Out, Tone};
use super::{Common, Failure, Outcome};
use crate::agreement::Book;
use crate::agreement::model::{Agreement, Responsibility, Rule};
use crate::clock::Clock;
use crate::config::agreement;
use budstikke_contract::event::danish_day;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Law by period: who performs, and by which clause
    Matrix,
    /// What differs between two folders of agreements
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
            matrix(&read(&settings.agreement)?, out)
        }
        Command::Diff { old, new } => diff(&read(old)?, &read(new)?, out),
    }
}

fn read(folder: &Path) -> Result<Book, Failure> {
    let files = agreement::files(folder)?;
    Book::read(&files).map_err(|faults| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::Usage(format!("the agreement in `{}` does not hold:\n{}", folder.display(), list.join("\n")))
    })
}

fn agreements(book: &Book) -> Vec<&Agreement> {
    let today = danish_day(Clock::system().now());
    book.known_on(today).iter().map(AsRef::as_ref).collect()
}

fn value(it: &Responsibility) -> Value {
    json!({
        "law": it.law.to_string(),
        "task": it.task,
        "residence": it.residence.to_string(),
        "performer": it.performer.to_string(),
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
        rows.sort_by_key(|row| (&row.law, &row.residence, row.period.from));
        for row in rows {
            let to = row.period.to.map_or_else(|| "          ".to_owned(), |to| to.to_string());
            let standing = row.standing.remark().map_or_else(String::new, |remark| format!(", {remark}"));
            out.line(format_args!(
                "  {:<10} {:<8} {} - {to}  {:<8} {}{standing}",
                row.law.to_string(),
                row.residence.as_str(),
                row.period.from,
                row.performer.as_str(),
                row.clause
            ));
        }
    }
    Ok(())
}

/// What an agreement says, line by line, each under a key by which it can be found again.
fn sayings(agreement: &Agreement) -> BTreeMap<String, String> {
    let performs = agreement.responsibilities.iter().map(|it| {
        let key = format!("{}: {} for borgere i {} {}", agreement.name, it.law, it.residence, it.period);
        (key, format!("udføres af {} ({})", it.performer, it.clause))
    });
    let rules = agreement.rules.iter().map(|rule| (format!("{}: regel {}", agreement.name, rule.id), saying(rule)));
    let duties = agreement.duties.values().map(|duty| {
        let due = duty
            .due
            .as_ref()
            .map_or_else(|| "uden frist".to_owned(), |due| format!("{} dage efter {}", due.days, due.called));
        (format!("{}: pligt {}", agreement.name, duty.id), format!("{} ({due}, {})", duty.what, duty.clause))
    });
    performs.chain(rules).chain(duties).collect()
}

fn saying(rule: &Rule) -> String {
    let told: Vec<String> = rule
        .receivers
        .iter()
        .map(|receiver| format!("{:?}/{} ({})", receiver.mailbox.role, receiver.mailbox.team, receiver.capacity.name()))
        .collect();
    let told = if told.is_empty() { "ingen".to_owned() } else { told.join(", ") };
    format!(
        "{} efter {} {} til {told}; pligter: {}; {}",
        rule.event,
        rule.law,
        rule.period,
        rule.duties.join(", "),
        rule.clause
    )
}

fn diff(old: &Book, new: &Book, out: &mut Out) -> Outcome {
    let collect = |book: &Book| agreements(book).into_iter().flat_map(sayings).collect::<BTreeMap<_, _>>();
    let (old, new) = (collect(old), collect(new));
    let mut changes = Vec::new();
    for (key, before) in &old {
        match new.get(key) {
            None => changes.push(("removed", key, Some(before), None)),
            Some(after) if after != before => changes.push(("changed", key, Some(before), Some(after))),
            Some(_) => {}
        }
    }
    changes.extend(
        new.iter().filter(|(key, _)| !old.contains_key(*key)).map(|(key, after)| ("added", key, None, Some(after))),
    );
    if out.json {
        let list: Vec<Value> = changes
            .iter()
            .map(|(what, key, before, after)| json!({"change": what, "what": key, "before": before, "after": after}))
            .collect();
        out.value(&list)?;
        return Ok(());
    }
    if changes.is_empty() {
        out.line(format_args!("nothing differs"));
    }
    for (what, key, before, after) in changes {
        let head = out.tone(Tone::Strong, key);
        out.line(format_args!("{what:<8} {head}"));
        for (sign, text) in [("-", before), ("+", after)] {
            if let Some(text) = text {
                out.line(format_args!("         {sign} {text}"));
            }
        }
    }
    Ok(())
}
