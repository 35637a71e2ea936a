//! Comparing what a case came to with what its rows say.

use serde_json::Value;

use super::rows::{Duty, Effect, Gets, Link, Owes, Receiver, Row};

/// One delivery, as it came to its receiver.
#[derive(Debug, Clone)]
pub(super) struct Delivered {
    mailbox: String,
    capacity: String,
    clause: String,
    remarks: Vec<String>,
}

impl Delivered {
    pub(super) fn of(queue: &str, event: &Value) -> Self {
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let remarks = event["data"]["remarks"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            mailbox: queue.trim_start_matches("out.").replacen('.', "/", 1),
            capacity: text("deliveredas"),
            clause: text("clause"),
            remarks: remarks.iter().filter_map(|remark| remark["code"].as_str()).map(str::to_owned).collect(),
        }
    }
}

/// What a row came to.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) state: String,
    pub(super) code: String,
    pub(super) path: String,
    pub(super) delivered: Vec<Delivered>,
    pub(super) duties: Vec<Value>,
}

/// A duty, and how it stands when all rows of its case have been sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Owed {
    duty: Duty,
    state: &'static str,
}

/// What is other than the rows of one case say.
pub(super) fn faults(rows: &[Row], seen: &[Seen]) -> Vec<String> {
    let owed = owed(rows);
    let mut faults = Vec::new();
    for ((row, seen), owed) in rows.iter().zip(seen).zip(&owed) {
        let wrong = [routed(row, seen), clauses(row, seen), marked(row, seen), owes(row, seen, owed)];
        faults.extend(wrong.into_iter().flatten().map(|wrong| format!("{}: {wrong}", row.place())));
    }
    faults
}

fn routed(row: &Row, seen: &Seen) -> Option<String> {
    let Seen { state, code, path, delivered, .. } = seen;
    let got: Vec<String> =
        delivered.iter().map(|it| format!("{} {} by {}", it.mailbox, it.capacity, it.clause)).collect();
    let came_to = format!("it is {state} {code} {path}, and got by {got:?}");
    let good = match &row.gets {
        Gets::Parked(codes) => state == "parked" && (codes.is_empty() || codes.contains(code)),
        Gets::To(receivers) => state == "routed" && match_all(receivers, delivered),
        Gets::Whoever => state == "routed" || state == "recorded",
    };
    (!good).then_some(came_to)
}

/// Whether everyone who must has got it, and nobody who may not. Those that are named go first.
fn match_all(receivers: &[Receiver], delivered: &[Delivered]) -> bool {
    let mut left: Vec<&Delivered> = delivered.iter().collect();
    let mut ordered: Vec<&Receiver> = receivers.iter().collect();
    ordered.sort_by_key(|receiver| (receiver.may, !receiver.is_exact()));
    for receiver in ordered {
        let is = |it: &&Delivered| receiver.is(&it.mailbox) && receiver.capacity.is_none_or(|as_| as_ == it.capacity);
        match left.iter().position(is) {
            Some(place) => drop(left.remove(place)),
            None if receiver.may => {}
            None => return false,
        }
    }
    left.is_empty()
}

/// Whether the deliveries name the clauses, one or several of each.
fn clauses(row: &Row, seen: &Seen) -> Option<String> {
    let named: Vec<&str> = seen.delivered.iter().flat_map(|it| it.clause.split(", ")).collect();
    let stands = |clause: &String| named.iter().any(|it| is_clause(it, clause));
    let good = row.clauses.is_empty() || named.is_empty() || row.clauses.iter().any(|all| all.iter().all(stands));
    (!good).then(|| format!("it rests on {named:?}"))
}

/// `S2 1. september 2021` is in `S2`; `S1 21` is not in `S1 2`.
fn is_clause(named: &str, wanted: &str) -> bool {
    named.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// What rests on a clause that is being settled is marked, and what nobody is bound to tell; of
/// notices, nothing else is.
fn marked(row: &Row, seen: &Seen) -> Option<String> {
    let says = |it: &Delivered| it.remarks.iter().any(|code| code == "CLAUSE_STANDING");
    if row.unsettled && !seen.delivered.iter().all(says) {
        return Some("that it is being settled is not said".to_owned());
    }
    let beyond = match row.owes {
        Owes::Beyond => true,
        Owes::These(..) if row.kind == "notice.given" => false,
        Owes::These(..) | Owes::Whatever => return None,
    };
    let good = seen.delivered.iter().all(|it| it.remarks.is_empty() != beyond);
    (!good).then(|| format!("that it is beyond the duty is {}", if beyond { "not said" } else { "said" }))
}

fn owes(row: &Row, seen: &Seen, owed: &[Owed]) -> Option<String> {
    if matches!(row.owes, Owes::Whatever) {
        return None;
    }
    let mut found: Vec<Owed> = seen.duties.iter().map(read).collect();
    found.sort();
    let mut owed = owed.to_vec();
    owed.sort();
    (found != owed).then(|| format!("it opened {found:?} and not {owed:?}"))
}

/// A duty as the ledger has it.
fn read(duty: &Value) -> Owed {
    let terms = &duty["terms"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let several = terms["met_by"].as_array().map(|several| several.iter().map(text).collect());
    let mut met_by: Vec<String> = several.unwrap_or_else(|| vec![text(&terms["met_by"])]);
    met_by.sort();
    let duty_of = Duty {
        by: text(&terms["owed_by"]),
        kind: text(&terms["kind"]),
        due: duty["due"]["date"].as_str().map(str::to_owned),
        met_by,
    };
    let state = ["open", "met", "closed"].into_iter().find(|state| duty["state"] == *state);
    Owed { duty: duty_of, state: state.expect("a state") }
}

/// What each row opens, as it stands after the last.
fn owed(rows: &[Row]) -> Vec<Vec<Owed>> {
    let mut owed: Vec<Vec<Owed>> = Vec::new();
    for row in rows {
        let opens = match &row.owes {
            Owes::These(duties, effect) => {
                let last = owed.iter().rposition(|of_row| !of_row.is_empty());
                let about = match row.link {
                    Link::Answers => last.unwrap_or(owed.len())..,
                    Link::Begins | Link::Follows => 0..,
                };
                if let Some(effect) = effect {
                    touch(owed[about].iter_mut().flatten().collect(), row, effect);
                }
                duties.iter().map(|duty| Owed { duty: duty.clone(), state: "open" }).collect()
            }
            Owes::Whatever | Owes::Beyond => Vec::new(),
        };
        owed.push(opens);
    }
    owed
}

/// A duty that several owe is met by each for itself.
fn touch(mut owed: Vec<&mut Owed>, row: &Row, effect: &Effect) {
    owed.retain(|it| it.state == "open");
    match effect {
        Effect::Closes => owed.into_iter().for_each(|it| it.state = "closed"),
        Effect::Moves(day) => owed.into_iter().for_each(|it| it.duty.due = Some(day.clone())),
        Effect::Meets => {
            owed.retain(|it| it.duty.met_by.contains(&row.kind));
            let several = owed.len() > 1;
            let theirs = owed.into_iter().filter(|it| !several || it.duty.by == row.from);
            theirs.for_each(|it| it.state = "met");
        }
    }
}
