//! What parties come to owe.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::EventKind;
use toml::Spanned;

use super::super::fault::Kind;
use super::super::file;
use super::super::model::{Agreement, Due, Duty, DutyKind, Late, Remind, Role, RoleMailbox};
use super::super::reckoning::Reckoned;
use super::Parsed;
use super::read::Reader;

/// What a due date is reckoned from that stands in no field: the event's own day.
const OWN_DAY: &str = "haendelsen";

pub(super) fn duties(files: &[&Parsed], agreement: &Agreement, reader: &mut Reader) -> BTreeMap<String, Duty> {
    let mut duties = BTreeMap::new();
    for at in files {
        for written in &at.file.duties {
            let Some(duty) = duty(at, agreement, written, reader) else { continue };
            let id = duty.id.clone();
            if duties.insert(id, duty).is_some() {
                let what = format!("der er to pligter med navnet `{}`", written.id.get_ref());
                reader.fault(at, &written.id, Kind::Name, what, "Giv hver pligt sit eget navn.");
            }
        }
    }
    duties
}

fn duty(at: &Parsed, agreement: &Agreement, written: &file::Duty, reader: &mut Reader) -> Option<Duty> {
    let id = reader.name(at, &written.id);
    let kind = kind(at, &written.kind, reader);
    let owed_by = owed_by(at, agreement, &written.owed_by, reader);
    let when = reader.conditions(at, agreement, &written.when);
    let met_by = met_by(at, &written.met_by.event, reader);
    let clause = reader.clause(at, agreement, &written.clause);
    let moved_by = events(at, &written.moved_by, reader);
    let closed_by = events(at, &written.closed_by, reader);
    let due = written.due.as_ref().map(|due| due_of(at, agreement, due, reader));
    if due.is_none() && (written.remind.is_some() || written.late.is_some()) {
        let what = format!("pligten `{}` har ingen frist, men en påmindelse eller en følge", written.id.get_ref());
        reader.fault(at, &written.id, Kind::Form, what, "Tilføj `frist`, eller slet `paamindelse` og `overskredet`.");
    }
    if let Some(date) = &written.met_by.date {
        path(at, date, reader);
    }
    let remind = written
        .remind
        .as_ref()
        .map(|remind| Remind { days_before: remind.days_before, to: mailboxes(at, agreement, &remind.to, reader) });
    let late = written.late.as_ref().map(|late| late_of(at, agreement, late, reader));
    Some(Duty {
        id: id?,
        kind: kind?,
        what: written.what.clone(),
        owed_by,
        one_by_one: written.one_by_one,
        when,
        due,
        met_by,
        met_from: written.met_by.date.as_ref().map(|date| date.get_ref().clone()),
        moved_by,
        closed_by,
        remind,
        late: match late {
            Some(late) => Some(late?),
            None => None,
        },
        clause: clause?,
    })
}

fn owed_by(at: &Parsed, agreement: &Agreement, written: &Spanned<file::OneOrMany>, reader: &mut Reader) -> Vec<Role> {
    let names = written.get_ref().all();
    let roles: Vec<Role> = names.iter().filter_map(|name| reader.role(at, agreement, written, name)).collect();
    if roles.contains(&Role::Asker) {
        let what = "`spoerger` skylder ikke svaret".to_owned();
        reader.fault(at, written, Kind::Name, what, "Skriv bopael, udfoerer, den-anden, modparten eller en part.");
    }
    if names.is_empty() {
        let what = "pligten skyldes af ingen".to_owned();
        reader.fault(at, written, Kind::Form, what, "Nævn den part eller rolle, der skylder den.");
    }
    roles
}

pub(super) fn kind(at: &Parsed, written: &Spanned<String>, reader: &mut Reader) -> Option<DutyKind> {
    let kind = match written.get_ref().as_str() {
        "handle" => DutyKind::Act,
        "svare" => DutyKind::Answer,
        "godkende" => DutyKind::Approve,
        "orientere" => DutyKind::Inform,
        other => {
            let what = format!("`{other}` er ikke en art af pligt");
            reader.fault(at, written, Kind::Form, what, "Skriv handle, svare, godkende eller orientere.");
            return None;
        }
    };
    Some(kind)
}

/// The kinds of events that meet a duty.
pub(super) fn met_by(at: &Parsed, written: &Spanned<file::OneOrMany>, reader: &mut Reader) -> BTreeSet<EventKind> {
    written.get_ref().all().iter().filter_map(|name| reader.event_named(at, written, name)).collect()
}

fn events(at: &Parsed, written: &[Spanned<String>], reader: &mut Reader) -> BTreeSet<EventKind> {
    written.iter().filter_map(|event| reader.event(at, event)).collect()
}

fn path(at: &Parsed, written: &Spanned<String>, reader: &mut Reader) {
    if !written.get_ref().starts_with('/') {
        let what = format!("`{}` er ikke en sti", written.get_ref());
        reader.fault(at, written, Kind::Form, what, "Skriv stien i hændelsens data: \"/start\".");
    }
}

fn due_of(at: &Parsed, agreement: &Agreement, written: &file::Due, reader: &mut Reader) -> Due {
    let after = written.after.get_ref().as_str();
    let own_day = after == OWN_DAY;
    if !own_day {
        path(at, &written.after, reader);
    }
    let said: Vec<(Reckoned, u16)> = [
        (Reckoned::Days, written.days),
        (Reckoned::WorkingDays, written.working_days),
        (Reckoned::Months, written.months),
        (Reckoned::DaysAfterMonth, written.days_after_month),
        (Reckoned::DayOfNextMonth, written.day_of_next_month),
        (Reckoned::DaysBefore, written.days_before),
    ]
    .into_iter()
    .filter_map(|(reckoned, number)| Some((reckoned, number?)))
    .collect();
    if said.len() > 1 {
        let what = "fristen er regnet på flere måder".to_owned();
        reader.fault(
            at,
            &written.after,
            Kind::Form,
            what,
            "Behold én af `dage`, `arbejdsdage`, `maaneder`, `dage_efter_maaneden`, `dag_i_naeste_maaned` og `dage_foer`.",
        );
    }
    let (reckoned, number) = said.first().copied().unwrap_or((Reckoned::OnTheDay, 0));
    let after = (!own_day).then(|| after.to_owned());
    let clause = written.clause.as_ref().and_then(|clause| reader.clause(at, agreement, clause));
    Due { number, reckoned, after, called: written.called.clone(), clause }
}

fn mailboxes(at: &Parsed, agreement: &Agreement, written: &[Spanned<String>], reader: &mut Reader) -> Vec<RoleMailbox> {
    let mut mailboxes = Vec::new();
    for mailbox in written {
        let read = reader.role_mailbox(at, agreement, mailbox, None);
        if read.as_ref().is_some_and(|it| it.role == Role::Asker) {
            let what = "`spoerger` findes ikke for en pligt".to_owned();
            reader.fault(at, mailbox, Kind::Name, what, "Skriv bopael, udfoerer, den-anden eller en part.");
        }
        mailboxes.extend(read);
    }
    mailboxes
}

fn late_of(at: &Parsed, agreement: &Agreement, written: &file::Late, reader: &mut Reader) -> Option<Late> {
    let law = written.law.as_ref().and_then(|law| reader.law(at, agreement, law));
    Some(Late {
        to: mailboxes(at, agreement, &written.to, reader),
        text: written.text.clone(),
        law,
        clause: reader.clause(at, agreement, &written.clause)?,
    })
}
