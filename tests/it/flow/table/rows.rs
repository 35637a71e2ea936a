//! Reading the rows.

use serde_json::Value;

/// How a row stands to those above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// It begins a case.
    Begins,
    /// It is of the same case.
    Follows,
    /// It is of the same case, and answers the last that asked.
    Answers,
}

/// Who gets it.
#[derive(Debug, Clone)]
pub(super) enum Gets {
    /// Nobody: it is parked, with one of these codes where there are any.
    Parked(Vec<String>),
    /// These.
    To(Vec<Receiver>),
    /// Not looked at.
    Whoever,
}

/// A mailbox that gets it.
#[derive(Debug, Clone)]
pub(super) struct Receiver {
    party: String,
    team: String,
    /// `task`, `information`, or either.
    pub(super) capacity: Option<&'static str>,
    /// It may, but need not.
    pub(super) may: bool,
}

impl Receiver {
    /// Whether a mailbox is meant.
    pub(super) fn is(&self, mailbox: &str) -> bool {
        let (party, team) = mailbox.split_once('/').unwrap_or_default();
        let meant = |pattern: &str, name: &str| pattern == "*" || pattern == name;
        meant(&self.party, party) && meant(&self.team, team)
    }

    /// Whether exactly one mailbox can be meant.
    pub(super) fn is_exact(&self) -> bool {
        self.party != "*" && self.team != "*"
    }
}

/// A duty that is opened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Duty {
    pub(super) by: String,
    pub(super) kind: String,
    pub(super) due: Option<String>,
    pub(super) met_by: Vec<String>,
}

/// What it does to a duty that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    Meets,
    Closes,
    Moves(String),
}

/// What comes to be owed.
#[derive(Debug, Clone)]
pub(super) enum Owes {
    /// Not looked at.
    Whatever,
    /// Nothing: who sent it was not even bound to.
    Beyond,
    /// These, and this becomes of one that is open.
    These(Vec<Duty>, Option<Effect>),
}

impl Owes {
    /// Whether somebody must answer.
    pub(super) fn opens(&self) -> bool {
        match self {
            Self::Whatever => true,
            Self::Beyond => false,
            Self::These(duties, _) => !duties.is_empty(),
        }
    }
}

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    table: &'static str,
    pub(super) line: usize,
    pub(super) link: Link,
    pub(super) kind: String,
    pub(super) from: String,
    pub(super) home: Option<String>,
    pub(super) law: Option<String>,
    day: String,
    pub(super) given: Vec<(String, Option<Value>)>,
    pub(super) gets: Gets,
    pub(super) owes: Owes,
    /// Clauses, all of which must be named; one such list of these.
    pub(super) clauses: Vec<Vec<String>>,
    /// Whether what it rests on is still being settled.
    pub(super) unsettled: bool,
}

impl Row {
    /// The id of its event.
    pub(super) fn id(&self) -> String {
        format!("{}-{}", self.table, self.line)
    }

    /// Where it stands, for people.
    pub(super) fn place(&self) -> String {
        let Self { table, line, kind, home, day, .. } = self;
        format!("{table}.md:{line} {kind} of {} on {day}", home.as_deref().unwrap_or("nobody"))
    }

    /// Who says so.
    pub(super) fn source(&self) -> &'static str {
        match self.from.as_str() {
            "dragoer" => "/dragoer/fagsystem",
            "taarnby" => "/taarnby/fagsystem",
            "hospital" => "/hospital/5790000000012",
            "register" => "/smdb/register",
            "dst" => "/dst/smdb",
            _ => panic!("{}: nobody is called {}", self.place(), self.from),
        }
    }

    /// When it was said.
    pub(super) fn time(&self) -> String {
        if self.day.contains('T') { self.day.clone() } else { format!("{}T10:00:00Z", self.day) }
    }

    pub(super) fn is_parked(&self) -> bool {
        matches!(self.gets, Gets::Parked(_))
    }
}

/// Reads a table.
pub(super) fn read(table: &'static str, text: &str) -> Vec<Row> {
    let lines = text.lines().enumerate().filter(|(_, line)| line.starts_with("| ") && !line.starts_with("| event "));
    lines.map(|(number, line)| row(table, number + 1, line)).collect()
}

/// The rows of each case.
pub(super) fn cases(rows: &[Row]) -> Vec<&[Row]> {
    rows.chunk_by(|_, next| next.link != Link::Begins).collect()
}

fn row(table: &'static str, line: usize, text: &str) -> Row {
    let cells: Vec<&str> = text.trim_matches('|').split(" | ").map(str::trim).collect();
    let [event, from, home, law, day, given, gets, owes, clause] = cells[..] else {
        panic!("{table}.md:{line} has {} cells", cells.len())
    };
    let (link, kind) = match event.split_once(' ') {
        Some(("+", kind)) => (Link::Follows, kind),
        Some((">", kind)) => (Link::Answers, kind),
        _ => (Link::Begins, event),
    };
    let (clause, unsettled) = clause.strip_suffix(" ?").map_or((clause, false), |clause| (clause, true));
    let some = |cell: &str| (!cell.is_empty()).then(|| cell.to_owned());
    Row {
        table,
        line,
        link,
        kind: kind.to_owned(),
        from: from.to_owned(),
        home: some(home),
        law: some(law),
        day: day.to_owned(),
        given: list(given, "; ").map(change).collect(),
        gets: receivers(gets),
        owes: duties(owes),
        clauses: list(clause, " / ").map(|all| list(all, " & ").map(str::to_owned).collect()).collect(),
        unsettled,
    }
}

fn list<'a>(cell: &'a str, between: &'a str) -> impl Iterator<Item = &'a str> {
    cell.split(between).map(str::trim).filter(|part| !part.is_empty())
}

/// A value that is no JSON is a text.
fn change(text: &str) -> (String, Option<Value>) {
    if let Some(pointer) = text.strip_prefix('-') {
        return (pointer.to_owned(), None);
    }
    let (pointer, value) = text.split_once('=').expect("a pointer and a value");
    (pointer.to_owned(), Some(serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))))
}

fn receivers(cell: &str) -> Gets {
    if cell == "*" {
        return Gets::Whoever;
    }
    if let Some(codes) = cell.strip_prefix("parked") {
        return Gets::Parked(list(codes, "|").map(str::to_owned).collect());
    }
    Gets::To(list(cell, ",").map(receiver).collect())
}

fn receiver(text: &str) -> Receiver {
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let (mailbox, capacity) = inner.unwrap_or(text).split_once(' ').unwrap_or((inner.unwrap_or(text), "?"));
    let (party, team) = mailbox.split_once('/').expect("a mailbox");
    let capacity = match capacity {
        "T" => Some("task"),
        "I" => Some("information"),
        "?" => None,
        _ => panic!("nobody gets a thing as {capacity}"),
    };
    Receiver { party: party.to_owned(), team: team.to_owned(), capacity, may: inner.is_some() }
}

fn duties(cell: &str) -> Owes {
    let these = |effect| Owes::These(Vec::new(), effect);
    match cell.split(' ').collect::<Vec<_>>()[..] {
        ["*"] => Owes::Whatever,
        ["beyond"] => Owes::Beyond,
        ["-"] => these(None),
        ["meets"] => these(Some(Effect::Meets)),
        ["closes"] => these(Some(Effect::Closes)),
        ["moves", day] => these(Some(Effect::Moves(day.to_owned()))),
        _ => Owes::These(list(cell, ",").map(duty).collect(), None),
    }
}

fn duty(text: &str) -> Duty {
    let [by, kind, due, met_by] = text.split(' ').collect::<Vec<_>>()[..] else { panic!("no duty: {text}") };
    let mut met_by: Vec<String> = list(met_by, "|").map(str::to_owned).collect();
    met_by.sort();
    Duty { by: by.to_owned(), kind: kind.to_owned(), due: (due != "-").then(|| due.to_owned()), met_by }
}
