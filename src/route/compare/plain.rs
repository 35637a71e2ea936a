//! What changes without any event: who performs, which mailboxes there are, who is a party.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::words::Names;
use super::{Change, Scope, Sort};
use crate::agreement::model::{Agreement, Mailbox, Matter, Responsibility};
use crate::agreement::period::{Period, stretches};

fn change(sort: Sort, about: String, text: String) -> Change {
    Change { sort, about, scope: Scope::default(), text, laws: BTreeSet::new(), what: None }
}

/// An agreement that is no more.
pub(super) fn gone(agreement: &Agreement) -> Change {
    change(Sort::Party, format!("Aftalen {}", agreement.name), "findes ikke længere".to_owned())
}

/// An agreement that has come to be.
pub(super) fn came(agreement: &Agreement) -> Change {
    change(Sort::Party, format!("Aftalen {}", agreement.name), "er kommet til".to_owned())
}

pub(super) fn changes(old: &Agreement, new: &Agreement) -> Vec<Change> {
    let mut all = versions(old, new);
    all.extend(parties(old, new));
    all.extend(performers(old, new));
    all.extend(mailboxes(old, new));
    all
}

fn versions(old: &Agreement, new: &Agreement) -> Vec<Change> {
    let of = |agreement: &Agreement| -> BTreeMap<String, (u32, Date)> {
        agreement.parts.iter().map(|part| (part.part.clone(), (part.version, part.known))).collect()
    };
    let (old, new) = (of(old), of(new));
    let said = |version: Option<&(u32, Date)>| {
        version.map_or_else(|| "ingen".to_owned(), |(number, known)| format!("version {number} (kendt {known})"))
    };
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    differ
        .map(|name| {
            let text = format!("{}, før {}", said(new.get(name)), said(old.get(name)));
            change(Sort::Version, format!("Delen {name}"), text)
        })
        .collect()
}

fn parties(old: &Agreement, new: &Agreement) -> Vec<Change> {
    let is_in = |agreement: &Agreement, code| agreement.party_of(code).is_some();
    let gone =
        old.parties.iter().filter(|party| !is_in(new, party.municipality)).map(|it| (it, "er ikke længere part"));
    let came = new.parties.iter().filter(|party| !is_in(old, party.municipality)).map(|it| (it, "er blevet part"));
    gone.chain(came).map(|(party, text)| change(Sort::Party, party.name.clone(), text.to_owned())).collect()
}

/// Who performs what, for the citizens of each municipality, day by day.
fn performers(old: &Agreement, new: &Agreement) -> Vec<Change> {
    let all = || old.responsibilities.iter().chain(&new.responsibilities);
    let subjects: BTreeSet<(&Matter, &str)> = all().map(|it| (&it.matter, it.residence.as_str())).collect();
    let mut changes = Vec::new();
    for (matter, residence) in subjects {
        let own = |agreement: &'_ Agreement| -> Vec<Responsibility> {
            let fits = |it: &&Responsibility| it.matter == *matter && it.residence.as_str() == residence;
            agreement.responsibilities.iter().filter(fits).cloned().collect()
        };
        let (before, after) = (own(old), own(new));
        let Some(start) = before.iter().chain(&after).map(|it| it.period.from).min() else { continue };
        let mut found: Vec<(Period, Sort, String)> = Vec::new();
        for stretch in stretches(start, before.iter().chain(&after).map(|it| &it.period)) {
            let (was, is) = (said(&before, stretch.from), said(&after, stretch.from));
            if let Some((sort, text)) = difference(&was, &is, Names::of(old, new)) {
                join(&mut found, stretch, sort, text);
            }
        }
        let home = Names::of(old, new).party(residence);
        changes.extend(found.into_iter().map(|(period, sort, text)| Change {
            sort,
            about: Names::of(old, new).matter(matter),
            scope: Scope {
                from: Some(period.from.to_string()),
                to: period.to.map(|to| to.to_string()),
                residences: BTreeSet::from([home.clone()]),
                ..Scope::default()
            },
            text,
            laws: BTreeSet::new(),
            what: None,
        }));
    }
    changes
}

fn join(found: &mut Vec<(Period, Sort, String)>, stretch: Period, sort: Sort, text: String) {
    if let Some((last, sort_before, said)) = found.last_mut()
        && last.to.and_then(|to| to.tomorrow().ok()) == Some(stretch.from)
        && (*sort_before, said.as_str()) == (sort, text.as_str())
    {
        last.to = stretch.to;
        return;
    }
    found.push((stretch, sort, text));
}

/// What is said of one day: performer and conditions → the clause and standing by which it is.
type Said = BTreeMap<(Option<String>, String), BTreeSet<String>>;

fn said(all: &[Responsibility], day: Date) -> Said {
    let mut said = Said::new();
    for it in all.iter().filter(|it| it.period.contains(day)) {
        let standing = it.standing.remark().map_or_else(String::new, |remark| format!(" ({remark})"));
        let who = (it.performer.as_ref().map(ToString::to_string), it.when.to_string());
        said.entry(who).or_default().insert(format!("{}{standing}", it.clause));
    }
    said
}

fn difference(was: &Said, is: &Said, names: Names<'_>) -> Option<(Sort, String)> {
    if was == is {
        return None;
    }
    let who = |said: &Said| match said.len() {
        0 => "ingen".to_owned(),
        _ => said.keys().map(|(id, when)| performer(id.as_deref(), when, names)).collect::<Vec<_>>().join(", "),
    };
    let by = |said: &Said| said.values().flatten().cloned().collect::<Vec<_>>().join(", ");
    let same = was.keys().eq(is.keys());
    Some(match (same, is.is_empty()) {
        (true, _) => (Sort::Ground, format!("hviler på {}, før {}", by(is), by(was))),
        (false, true) => (Sort::Performer, format!("udføres ikke længere efter aftalen, før af {}", who(was))),
        (false, false) => (Sort::Performer, format!("udføres af {} efter {}, før af {}", who(is), by(is), who(was))),
    })
}

fn performer(id: Option<&str>, when: &str, names: Names<'_>) -> String {
    let who = id.map_or_else(|| "ingen af parterne".to_owned(), |id| names.party(id));
    if when.is_empty() { who } else { format!("{who} (når {when})") }
}

fn mailboxes(old: &Agreement, new: &Agreement) -> Vec<Change> {
    let ids: BTreeSet<_> = old.mailboxes.keys().chain(new.mailboxes.keys()).collect();
    let mut changes = Vec::new();
    for id in ids {
        let about = Names::of(old, new).mailbox(id.as_str());
        let text = match (old.mailboxes.get(id), new.mailboxes.get(id)) {
            (Some(_), None) => Some("findes ikke længere".to_owned()),
            (None, Some(it)) => Some(format!("er kommet til: {}", described(it))),
            (Some(was), Some(is)) if described(was) != described(is) || was.name != is.name => {
                Some(format!("{} ({}), før {} ({})", described(is), is.name, described(was), was.name))
            }
            (Some(_), Some(_)) | (None, None) => None,
        };
        changes.extend(text.map(|text| change(Sort::Mailbox, about, text)));
    }
    changes
}

fn described(mailbox: &Mailbox) -> String {
    let channels: Vec<&str> = mailbox.channels.iter().map(|channel| channel.title()).collect();
    format!("får {}, vej: {}", mailbox.body.name(), channels.join(" og "))
}
