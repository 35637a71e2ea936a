//! What parties come to owe.

use std::collections::{BTreeMap, BTreeSet};

use budstikke_contract::event::EventKind;
use toml::Spanned;

use super::super::fault::Kind;
use super::super::file;
use super::super::model::{Agreement, Due, Duty, DutyKind, Late, Remind, Role, RoleMailbox};
use super::Parsed;
use super::read::Reader;

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
    let owed_by = reader.role(at, agreement, &written.owed_by, written.owed_by.get_ref());
    if owed_by == Some(Role::Asker) {
        let what = "`spoerger` skylder ikke svaret".to_owned();
        reader.fault(at, &written.owed_by, Kind::Name, what, "Skriv bopael, udfoerer, den-anden eller en part.");
    }
    let when = reader.conditions(at, agreement, &written.when);
    let met_by = reader.event(at, &written.met_by.event);
    let clause = reader.clause(at, agreement, &written.clause);
    let moved_by = events(at, &written.moved_by, reader);
    let closed_by = events(at, &written.closed_by, reader);
    let due = written.due.as_ref().map(|due| due_of(at, due, reader));
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
        owed_by: owed_by?,
        when,
        due,
        met_by: met_by?,
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

fn kind(at: &Parsed, written: &Spanned<String>, reader: &mut Reader) -> Option<DutyKind> {
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

fn events(at: &Parsed, written: &[Spanned<String>], reader: &mut Reader) -> BTreeSet<EventKind> {
    written.iter().filter_map(|event| reader.event(at, event)).collect()
}

fn path(at: &Parsed, written: &Spanned<String>, reader: &mut Reader) {
    if !written.get_ref().starts_with('/') {
        let what = format!("`{}` er ikke en sti", written.get_ref());
        reader.fault(at, written, Kind::Form, what, "Skriv stien i hændelsens data: \"/start\".");
    }
}

fn due_of(at: &Parsed, written: &file::Due, reader: &mut Reader) -> Due {
    path(at, &written.after, reader);
    Due { days: written.days, after: written.after.get_ref().clone(), called: written.called.clone() }
}

fn mailboxes(at: &Parsed, agreement: &Agreement, written: &[Spanned<String>], reader: &mut Reader) -> Vec<RoleMailbox> {
    let mut mailboxes = Vec::new();
    for mailbox in written {
        let read = reader.role_mailbox(at, agreement, mailbox);
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
