//! What is owed at set times.

use jiff::civil::Weekday;

use super::super::fault::Kind;
use super::super::file;
use super::super::model::{Agreement, DueDay, Entry, MailboxId, Party, PartyId};
use super::Parsed;
use super::duties;
use super::read::Reader;

/// The entries of the calendar.
pub(super) fn calendar(files: &[&Parsed], agreement: &Agreement, reader: &mut Reader) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for at in files {
        for written in &at.file.calendar {
            let Some(entry) = entry(at, agreement, written, reader) else { continue };
            if entries.iter().any(|known| known.id == entry.id) {
                let what = format!("der er to kalenderpligter med navnet `{}`", entry.id);
                reader.fault(at, &written.id, Kind::Name, what, "Giv hver sit eget navn.");
            }
            entries.push(entry);
        }
    }
    entries
}

fn entry(at: &Parsed, agreement: &Agreement, written: &file::Entry, reader: &mut Reader) -> Option<Entry> {
    let id = reader.name(at, &written.id);
    let kind = duties::kind(at, &written.kind, reader);
    let clause = reader.clause(at, agreement, &written.clause);
    let period = reader.period(at, &written.from, written.to.as_ref());
    let when = reader.conditions(at, agreement, &written.when);
    let met_by = duties::met_by(at, &written.met_by, reader);
    let owed_by = owed_by(at, agreement, written, reader);
    let days = days(at, written, reader);
    if written.remind_before.is_some_and(|days| days > written.opens_before) {
        let what = format!("`{}` minder om pligten, før den er åbnet", written.id.get_ref());
        reader.fault(
            at,
            &written.id,
            Kind::Form,
            what,
            "Lad `aabner_dage_foer` være større end `paamindelse_dage_foer`.",
        );
    }
    Some(Entry {
        id: id?,
        what: written.what.clone(),
        kind: kind?,
        owed_by,
        shared: written.shared,
        team: written.team.clone(),
        days,
        period: period?,
        opens_before: written.opens_before,
        remind_before: written.remind_before,
        late: written.late.clone(),
        met_by,
        years: written.years.clone(),
        same_week: written.same_week,
        when,
        clause: clause?,
        standing: reader.standing(at, written.status.as_ref()),
    })
}

/// Who owes it. Each has the team that gets the task; where it is told to all that it is late, all have it.
fn owed_by(at: &Parsed, agreement: &Agreement, written: &file::Entry, reader: &mut Reader) -> Vec<PartyId> {
    let mut parties = Vec::new();
    for name in written.owed_by.get_ref().all() {
        if let Some(party) = agreement.party(name) {
            parties.push(party.id.clone());
        } else {
            let what = format!("`{name}` er ikke en part");
            reader.fault(at, &written.owed_by, Kind::Name, what, "Nævn en af aftalens parter.");
        }
    }
    let told = |party: &&Party| written.late.is_some() || parties.contains(&party.id);
    for party in agreement.parties.iter().filter(told) {
        let mailbox = MailboxId::new(&party.id, &written.team);
        if !agreement.mailboxes.contains_key(&mailbox) {
            let what = format!(
                "postkassen `{mailbox}` findes ikke, men kalenderpligten `{}` kan skulle derhen",
                written.id.get_ref()
            );
            reader.fault(at, &written.id, Kind::Name, what, "Tilføj den som [[postkasse]], eller ret `hold`.");
        }
    }
    parties
}

fn days(at: &Parsed, written: &file::Entry, reader: &mut Reader) -> Vec<DueDay> {
    let weekly = written.weekday.map(|day| Weekday::from_monday_one_offset(day).map(DueDay::Weekly));
    let yearly = written.days.iter().map(|day| {
        let good = (1..=12).contains(&day.month) && (1..=31).contains(&day.day);
        if good { Ok(DueDay::Yearly { month: day.month, day: day.day }) } else { Err(()) }
    });
    let all: Vec<Result<DueDay, ()>> = weekly.map(|day| day.map_err(drop)).into_iter().chain(yearly).collect();
    if all.is_empty() || all.iter().any(Result::is_err) {
        let what = format!("`{}` siger ikke, hvornår den falder", written.id.get_ref());
        let fix = "Skriv `frister = [{ maaned = 5, dag = 31 }]`, eller `hver_uge = 5` (1 er mandag).";
        reader.fault(at, &written.id, Kind::Date, what, fix);
    }
    all.into_iter().filter_map(Result::ok).collect()
}
