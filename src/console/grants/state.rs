//! From the events of a case to how its grants stand: what was decided, which contract there is, when
//! it was followed up. What was said last counts, in whatever order it came and however often.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An event of a grant. Personal.
#[derive(Clone, PartialEq)]
pub(in crate::console) struct Said {
    /// Its number.
    pub(super) seq: i64,
    /// Its case.
    pub(super) case: String,
    /// Its kind.
    pub(super) kind: String,
    /// Its law: of a follow-up that is its own, and the grant's stands in the data.
    pub(super) law: Option<String>,
    /// When it was said, in microseconds.
    pub(super) at: i64,
    /// Its data.
    pub(super) data: Value,
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Said(#{} {} of {})", self.seq, self.kind, self.case)
    }
}

/// A period; without a last day where none is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::console) struct Span {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub(super) from: Date,
    /// The last day.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) to: Option<Date>,
}

impl Span {
    /// Whether it has a day in common with one from a day to a day.
    pub(super) fn meets(&self, from: Option<Date>, to: Option<Date>) -> bool {
        to.is_none_or(|to| self.from <= to) && self.to.is_none_or(|end| from.is_none_or(|from| from <= end))
    }

    fn is_over(&self, today: Date) -> bool {
        self.to.is_some_and(|to| to < today)
    }
}

/// How a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::console) enum Standing {
    /// It holds, or will.
    Running,
    /// It has been ended, or its last day has passed.
    Ended,
    /// It was refused.
    Refused,
    /// It should never have been there.
    Void,
    /// Nothing has been decided that is known here.
    Unknown,
}

/// How the contract of a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::console) enum Contract {
    /// One is to be made.
    Needed,
    /// The grant runs, and none was asked for or signed.
    Missing,
    /// The one there was has ended, and the grant runs on.
    Expired,
    /// It is signed.
    Signed,
    /// The grant does not run: none is wanted.
    Unwanted,
}

/// When a grant was followed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::console) struct FollowUp {
    /// The day.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) done: Option<Date>,
    /// What it means for the grant.
    pub(super) outcome: Option<String>,
    /// When to do it next.
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) next: Option<Date>,
}

/// A grant. Personal.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
pub(in crate::console) struct Grant {
    /// Its case.
    pub(super) case: String,
    /// By what law.
    pub(super) law: String,
    /// The citizen's name; empty where it was not said.
    pub(super) name: String,
    /// The citizen's number.
    pub(super) citizen: String,
    /// What was granted.
    pub(super) service: Option<String>,
    /// Who gives it.
    pub(super) provider: Option<String>,
    /// When it holds.
    pub(super) period: Option<Span>,
    /// How it stands.
    pub(super) standing: Standing,
    /// How its contract stands.
    pub(super) contract: Contract,
    /// When the contract holds that was signed last.
    pub(super) contract_period: Option<Span>,
    /// Its number.
    pub(super) contract_number: Option<String>,
    /// When it was followed up last.
    pub(super) follow_up: Option<FollowUp>,
    /// What the visitation meeting decided last.
    pub(super) visitation: Option<String>,
    /// The numbers of the events that say so.
    #[serde(skip)]
    pub(super) events: Vec<i64>,
}

impl Grant {
    /// The same without whose it is and what only a page shows: as much as it takes to find it.
    pub(super) fn of_nobody(self) -> Self {
        let (name, citizen) = (String::new(), String::new());
        Self { name, citizen, service: None, contract_number: None, visitation: None, ..self }
    }
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grant({}, {}, {:?}, {:?})", self.case, self.law, self.standing, self.contract)
    }
}

fn text(data: &Value, path: &str) -> Option<String> {
    data.pointer(path).and_then(Value::as_str).map(str::to_owned)
}

fn date(data: &Value, path: &str) -> Option<Date> {
    data.pointer(path)?.as_str()?.parse().ok()
}

fn span(data: &Value) -> Option<Span> {
    Some(Span { from: date(data, "/period/from")?, to: date(data, "/period/to") })
}

impl Said {
    /// Under which law the grant is that it is about.
    fn grant_law(&self) -> Option<String> {
        let followed = (self.kind == "adult.follow-up.done").then(|| text(&self.data, "/grant_law")).flatten();
        followed.or_else(|| self.law.clone())
    }
}

/// The grants that events tell of, in the order of their cases and laws. What names no law is about
/// every grant of its case.
pub(super) fn grants(said: &[Said], today: Date) -> Vec<Grant> {
    let mut cases: BTreeMap<&str, BTreeMap<String, Vec<&Said>>> = BTreeMap::new();
    let mut of_all: Vec<&Said> = Vec::new();
    for one in said {
        match one.grant_law() {
            Some(law) => cases.entry(&one.case).or_default().entry(law).or_default().push(one),
            None => of_all.push(one),
        }
    }
    for one in of_all {
        if let Some(laws) = cases.get_mut(one.case.as_str()) {
            for events in laws.values_mut() {
                events.push(one);
            }
        }
    }
    let each =
        cases.into_iter().flat_map(|(case, laws)| laws.into_iter().map(move |(law, events)| (case, law, events)));
    each.map(|(case, law, events)| grant(case, law, events, today)).collect()
}

/// What is known so far.
#[derive(Default)]
struct Known {
    decided: Option<Standing>,
    needed: bool,
    signed: bool,
}

fn grant(case: &str, law: String, mut events: Vec<&Said>, today: Date) -> Grant {
    // As they were said; two of the same instant as they came. A repeat says nothing new.
    events.sort_by_key(|it| (it.at, it.seq));
    events.dedup_by_key(|it| it.seq);
    let mut grant = Grant {
        case: case.to_owned(),
        law,
        name: String::new(),
        citizen: String::new(),
        service: None,
        provider: None,
        period: None,
        standing: Standing::Unknown,
        contract: Contract::Unwanted,
        contract_period: None,
        contract_number: None,
        follow_up: None,
        visitation: None,
        events: events.iter().map(|it| it.seq).collect(),
    };
    let mut known = Known::default();
    for said in events {
        hear(&mut grant, &mut known, said);
    }
    grant.standing = match known.decided {
        Some(Standing::Running) if grant.period.is_some_and(|period| period.is_over(today)) => Standing::Ended,
        Some(decided) => decided,
        None => Standing::Unknown,
    };
    grant.contract = contract(&grant, &known, today);
    grant
}

fn contract(grant: &Grant, known: &Known, today: Date) -> Contract {
    let runs = matches!(grant.standing, Standing::Running | Standing::Unknown);
    match (runs, known.needed, known.signed) {
        (false, ..) => Contract::Unwanted,
        (true, true, _) => Contract::Needed,
        (true, false, true) if grant.contract_period.is_some_and(|period| period.is_over(today)) => Contract::Expired,
        (true, false, true) => Contract::Signed,
        // Nothing was decided: it is not known that one is wanted.
        (true, false, false) if grant.standing == Standing::Unknown => Contract::Unwanted,
        (true, false, false) => Contract::Missing,
    }
}

/// What one event adds to what is known.
fn hear(grant: &mut Grant, known: &mut Known, said: &Said) {
    let data = &said.data;
    let keep = |old: &mut Option<String>, path: &str| {
        if let Some(new) = text(data, path) {
            *old = Some(new);
        }
    };
    if let Some(citizen) = text(data, "/citizen/cpr").or_else(|| text(data, "/citizen/replacement_id")) {
        grant.citizen = citizen;
    }
    let names = ["/citizen/name/given", "/citizen/name/family"].into_iter().filter_map(|path| text(data, path));
    let name = names.collect::<Vec<_>>().join(" ");
    if !name.is_empty() {
        grant.name = name;
    }
    match said.kind.as_str() {
        "adult.grant.decided" | "adult.grant.changed" | "adult.grant.ended" => {
            keep(&mut grant.service, "/service/name");
            keep(&mut grant.provider, "/provider/name");
            decide(grant, known, said);
        }
        "contract.needed" => {
            keep(&mut grant.service, "/service/name");
            keep(&mut grant.provider, "/provider/name");
            known.needed = true;
        }
        "contract.signed" => {
            keep(&mut grant.provider, "/provider/name");
            grant.contract_period = span(data);
            grant.contract_number = text(data, "/contract_number");
            (known.needed, known.signed) = (false, true);
        }
        "adult.follow-up.done" => {
            let (done, next) = (date(data, "/done"), date(data, "/next_follow_up"));
            grant.follow_up = Some(FollowUp { done, outcome: text(data, "/outcome"), next });
        }
        // Of the visitation meeting there may come more kinds; what it decided is said in one word.
        _ => keep(&mut grant.visitation, "/decision"),
    }
}

fn decide(grant: &mut Grant, known: &mut Known, said: &Said) {
    let data = &said.data;
    let period = span(data).or(grant.period);
    let (status, decision) = (text(data, "/status"), text(data, "/decision"));
    let (standing, period) = match (said.kind.as_str(), status.as_deref()) {
        (_, Some("fejlregistreret")) => (Standing::Void, period),
        ("adult.grant.decided", _) if decision.as_deref() == Some("afslag") => (Standing::Refused, period),
        ("adult.grant.ended", _) => {
            let end = date(data, "/end");
            let ended = period.map(|period| Span { to: end.or(period.to), ..period });
            // One that is ended from a day to come runs until then.
            (if end.is_some() && ended.is_some() { Standing::Running } else { Standing::Ended }, ended)
        }
        (_, Some("afsluttet" | "annulleret")) => (Standing::Ended, period),
        _ => (Standing::Running, period),
    };
    (known.decided, grant.period) = (Some(standing), period);
}

#[cfg(test)]
pub(super) mod tests;
