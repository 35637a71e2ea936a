//! How a task is shown, in words. Pure, and without content: what came is named by its kind.

use jiff::Timestamp;
use jiff::civil::Date;

use super::super::words::{clock, day, several};
use super::team::Names;
use crate::ledger::task::{Kept, Tab};
use crate::task::{How, Refusal, State, Task, Wait};

/// What a list is called.
pub(super) fn heading(tab: Tab) -> &'static str {
    match tab {
        Tab::New => "Nye",
        Tab::Mine => "Mine",
        Tab::Others => "Kollegers",
        Tab::Waiting => "Venter",
        Tab::Late => "Forsinkede",
        Tab::Done => "Færdige",
    }
}

/// What is said where a list is empty.
pub(super) fn nothing(tab: Tab) -> &'static str {
    match tab {
        Tab::New => "Der er intet nyt.",
        Tab::Mine => "Du har ingen opgaver i gang. Tag en af de nye.",
        Tab::Others => "Ingen kolleger har opgaver i gang.",
        Tab::Waiting => "Intet venter.",
        Tab::Late => "Intet er forsinket.",
        Tab::Done => "Intet er færdigt endnu.",
    }
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) title: String,
    pub(super) law: String,
    /// `og 2 til`.
    pub(super) more: String,
    pub(super) to_do: bool,
    pub(super) late: bool,
    pub(super) due: String,
    pub(super) standing: String,
    pub(super) came: String,
    pub(super) mailbox: String,
    pub(super) case: String,
    pub(super) version: u32,
    pub(super) free: bool,
}

/// When it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    pub(super) now: Timestamp,
    pub(super) today: Date,
}

/// Somebody's name, for people.
pub(super) fn name<'a>(user: &'a str, names: &'a Names) -> &'a str {
    names.get(user).map_or(user, String::as_str)
}

/// Who, as somebody reads it who may be that one.
fn who(user: &str, me: &str, names: &Names) -> String {
    if user == me { "dig".to_owned() } else { name(user, names).to_owned() }
}

/// How a task stands, for `me`.
pub(super) fn standing(task: &Task, me: &str, names: &Names, when: When) -> String {
    let since = clock(task.since, when.now);
    match &task.state {
        State::New => "ingen har den".to_owned(),
        State::Taken { by } => format!("hos {} siden {since}", who(by, me, names)),
        State::Waiting { by, on: Wait::Answer } => format!("hos {}, venter på svar siden {since}", who(by, me, names)),
        State::Waiting { by, on: Wait::Until(until) } if *until > when.today => {
            format!("hos {}, venter til {}", who(by, me, names), day(*until))
        }
        State::Waiting { by, on: Wait::Until(until) } => {
            format!("hos {}, ventede til {}", who(by, me, names), day(*until))
        }
        State::Done { by, how } => {
            let by = by.as_ref().map_or_else(String::new, |by| format!(" af {}", who(by, me, names)));
            format!("{}{by} {since}", ended(*how))
        }
    }
}

fn ended(how: How) -> &'static str {
    match how {
        How::Read => "læst",
        How::Completed => "færdig",
        How::Answered => "besvaret",
        How::Met => "klaret et andet sted",
        How::Rejected => "afvist",
    }
}

/// Why somebody cannot do what they wanted to.
pub(super) fn refusal(refusal: &Refusal, me: &str, names: &Names, when: When) -> String {
    match refusal {
        Refusal::Theirs { by, since } => {
            let since = clock(*since, when.now);
            format!("{} har haft opgaven siden {since}. Intet er ændret.", name(by, names))
        }
        Refusal::Done { by, how, since } => {
            let by = by.as_ref().map_or_else(String::new, |by| format!(" af {}", who(by, me, names)));
            format!("Opgaven er allerede {}{by} ({}). Intet er ændret.", ended(*how), clock(*since, when.now))
        }
        Refusal::Owed => {
            "Kommunen skylder et svar, så opgaven kan ikke bare gøres færdig: giv svaret, eller afvis den. Intet er ændret."
                .to_owned()
        }
        Refusal::OnlyToRead => "Opgaven er kun til orientering: der er intet at påtage sig. Intet er ændret.".to_owned(),
        Refusal::Past => "Vælg en dag, der kommer: opgaven kan ikke vente til en dag, der er gået. Intet er ændret.".to_owned(),
    }
}

impl Line {
    pub(super) fn of(kept: &Kept, title: String, (me, names): (&str, &Names), when: When) -> Self {
        let task = &kept.task;
        let more = i64::from(task.contents.events.saturating_sub(1));
        Self {
            id: kept.seq,
            title,
            law: task.law.clone().unwrap_or_default(),
            more: if more == 0 {
                String::new()
            } else {
                format!("og {}", several(more, "hændelse til", "hændelser til"))
            },
            to_do: task.is_to_do() || task.is_done(),
            late: task.is_late(when.today),
            due: task.contents.due.map_or_else(String::new, day),
            standing: standing(task, me, names, when),
            came: clock(task.arrived, when.now),
            mailbox: task.mailbox.clone(),
            case: task.case.clone(),
            version: task.version,
            free: task.state == State::New,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::task::{Act, Arrival, Contents};

    fn when() -> When {
        When { now: "2026-11-30T10:00:00Z".parse().unwrap(), today: date(2026, 11, 30) }
    }

    fn task(due: Option<Date>) -> Kept {
        let at = "2026-11-30T08:05:00Z".parse().unwrap();
        let arrival = Arrival { kind: "employment.sanction.recommended", law: Some("LAS § 37"), at };
        let contents = Contents { events: 3, to_do: 1, duties: 1, owed: 1, due };
        Kept { seq: 17, task: Task::begin("dragoer/ydelse", "employment-1", arrival, contents) }
    }

    fn names() -> Names {
        Names::from([("bo".to_owned(), "Bo Test".to_owned())])
    }

    #[test]
    fn a_line_says_what_it_is_by_when_and_whose() {
        let line = |due| Line::of(&task(Some(due)), "Sanktion".to_owned(), ("ida", &names()), when());
        let of_today = line(date(2026, 11, 30));
        let line = line(date(2026, 11, 27));
        assert_eq!((line.title.as_str(), line.law.as_str()), ("Sanktion", "LAS § 37"));
        assert_eq!((line.due.as_str(), line.late, line.more.as_str()), ("27. nov. 2026", true, "og 2 hændelser til"));
        assert_eq!((line.standing.as_str(), line.came.as_str(), line.free), ("ingen har den", "09.05", true));
        assert!(!of_today.late, "the day itself is in time");
    }

    #[test]
    fn who_has_it_is_said_by_name_and_oneself_by_you() {
        let bo =
            task(None).task.after("bo", &Act::Take, "2026-11-29T08:05:00Z".parse().unwrap(), when().today).unwrap();
        assert_eq!(standing(&bo, "ida", &names(), when()), "hos Bo Test siden 29. nov. 2026 09.05");
        assert_eq!(standing(&bo, "bo", &names(), when()), "hos dig siden 29. nov. 2026 09.05");
        let refused = bo.after("ida", &Act::Take, when().now, when().today).unwrap_err();
        let said = refusal(&refused, "ida", &names(), when());
        assert_eq!(said, "Bo Test har haft opgaven siden 29. nov. 2026 09.05. Intet er ændret.");
    }
}
