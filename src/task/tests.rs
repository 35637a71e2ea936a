//! Whatever people do and whatever comes, in any order.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const PEOPLE: [&str; 3] = ["ida", "bo", "eva"];

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn today() -> Date {
    date(2026, 11, 30)
}

fn arrival(second: i64) -> Arrival<'static> {
    Arrival { kind: "employment.sanction.recommended", law: Some("LAS § 36"), at: at(second) }
}

fn contents(to_do: u32, owed: u32) -> Contents {
    let due = (owed > 0).then(|| date(2026, 12, 4));
    Contents { events: to_do.max(1), to_do, duties: owed, owed, due }
}

fn new(to_do: u32, owed: u32) -> Task {
    Task::begin("dragoer/ydelse", "employment-1", arrival(0), contents(to_do, owed))
}

fn done(task: &Task, by: &str, act: &Act) -> Task {
    task.after(by, act, at(1), today()).unwrap()
}

#[test]
fn the_second_of_two_is_told_who_has_it_and_since_when() {
    let taken = done(&new(1, 0), "ida", &Act::Take);
    let refused = taken.after("bo", &Act::Take, at(5), today()).unwrap_err();
    assert_eq!(refused, Refusal::Theirs { by: "ida".to_owned(), since: at(1) });
    let over = done(&taken, "bo", &Act::TakeOver { from: "ida".to_owned() });
    assert_eq!(over.holder(), Some("bo"));
    let late = over.after("eva", &Act::TakeOver { from: "ida".to_owned() }, at(6), today());
    assert!(matches!(late, Err(Refusal::Theirs { by, .. }) if by == "bo"), "she saw another holder");
}

#[test]
fn what_is_owed_is_answered_and_not_just_ended() {
    let taken = done(&new(1, 1), "ida", &Act::Take);
    let complete = |answered| Act::Complete { answered };
    assert_eq!(taken.after("ida", &complete(false), at(2), today()), Err(Refusal::Owed));
    assert_eq!(taken.after("ida", &complete(true), at(2), today()), Err(Refusal::Owed), "no answer has met it");
    // The answer meets the duty, which ends the task; then it is said who answered.
    let met = taken.owing(Contents { owed: 0, due: None, ..contents(1, 1) }, true, at(3));
    assert_eq!(met.state, State::Done { by: None, how: How::Met });
    let answered = done(&met, "ida", &complete(true));
    assert_eq!(answered.state, State::Done { by: Some("ida".to_owned()), how: How::Answered });
    let again = answered.after("ida", &complete(true), at(4), today());
    assert!(matches!(again, Err(Refusal::Done { how: How::Answered, .. })), "a second click answers nothing");
}

#[test]
fn what_came_without_a_duty_is_not_ended_by_what_meets_another() {
    let two = Contents { events: 2, to_do: 2, duties: 1, owed: 1, due: None };
    let task = Task::begin("dragoer/ydelse", "employment-1", arrival(0), two);
    let met = task.owing(Contents { owed: 0, ..two }, true, at(2));
    assert_eq!(met.state, State::New);
    let closed = new(1, 1).owing(Contents { owed: 0, due: None, ..contents(1, 1) }, false, at(2));
    assert_eq!(closed.state, State::New, "what is no longer owed was not done: somebody looks");
}

#[test]
fn what_is_only_to_be_read_is_ticked_off() {
    let read = done(&new(0, 0), "ida", &Act::Complete { answered: false });
    assert_eq!(read.state, State::Done { by: Some("ida".to_owned()), how: How::Read });
    assert_eq!(new(0, 0).after("ida", &Act::Accept, at(1), today()), Err(Refusal::OnlyToRead));
}

#[test]
fn what_waits_goes_on_when_its_day_or_something_of_its_case_comes() {
    let until = |day| Act::Wait(Wait::Until(day));
    assert_eq!(new(1, 0).after("ida", &until(today()), at(1), today()), Err(Refusal::Past));
    let waits = done(&new(1, 0), "ida", &until(date(2026, 12, 2)));
    assert!(waits.is_waiting(date(2026, 12, 1)) && !waits.is_waiting(date(2026, 12, 2)));
    let answered = done(&new(1, 0), "ida", &Act::Wait(Wait::Answer)).arrives(arrival(9), contents(1, 0));
    assert_eq!(answered.state, State::Taken { by: "ida".to_owned() });
    assert_eq!(answered.since, at(9));
}

#[test]
fn what_was_sent_back_is_opened_by_nobody_here() {
    let rejected = done(&new(1, 1), "ida", &Act::Reject);
    assert!(matches!(rejected.after("ida", &Act::Take, at(2), today()), Err(Refusal::Done { .. })));
    let sent_again = rejected.arrives(arrival(3), contents(1, 1));
    assert_eq!(sent_again.state, State::New);
    let read = done(&new(0, 0), "ida", &Act::Complete { answered: false });
    assert_eq!(done(&read, "bo", &Act::Take).holder(), Some("bo"), "what was ended too soon is opened again");
}

#[test]
fn a_task_is_read_as_it_is_written() {
    for task in [
        new(1, 1),
        done(&new(1, 0), "ida", &Act::Wait(Wait::Until(date(2026, 12, 2)))),
        done(&new(1, 0), "ida", &Act::Wait(Wait::Answer)),
        done(&new(1, 0), "ida", &Act::Reject),
    ] {
        let text = serde_json::to_string(&task).unwrap();
        assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task, "{text}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Does(usize, Act),
    Comes(Contents),
    Owed(Contents, bool),
}

prop_compose! {
    fn any_contents()(to_do in 0..3_u32, with in 0..3_u32, owed in 0..3_u32, more in 0..2_u32) -> Contents {
        let duties = with.min(to_do);
        Contents { events: (to_do + more).max(1), to_do, duties, owed: owed.min(duties), due: None }
    }
}

fn any_act() -> impl Strategy<Value = Act> {
    let person = prop::sample::select(PEOPLE.to_vec()).prop_map(str::to_owned);
    prop_oneof![
        Just(Act::Take),
        person.clone().prop_map(|from| Act::TakeOver { from }),
        prop::option::of(person).prop_map(|to| Act::HandOver { to }),
        Just(Act::Accept),
        Just(Act::Wait(Wait::Answer)),
        Just(Act::Wait(Wait::Until(date(2026, 12, 24)))),
        any::<bool>().prop_map(|answered| Act::Complete { answered }),
        Just(Act::Reject),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..PEOPLE.len(), any_act()).prop_map(|(who, act)| Step::Does(who, act)),
        1 => any_contents().prop_map(Step::Comes),
        1 => (any_contents(), any::<bool>()).prop_map(|(contents, met)| Step::Owed(contents, met)),
    ]
}

/// What must be true of one step, whatever was before.
fn check(before: &Task, step: &Step, after: &Result<Task, Refusal>) -> Result<(), TestCaseError> {
    let Ok(after) = after else {
        let owner = before.holder();
        if let Step::Does(who, Act::Take) = step {
            prop_assert!(before.is_done() || owner.is_some_and(|owner| owner != PEOPLE[*who]), "free to be taken");
        }
        return Ok(());
    };
    prop_assert_eq!(
        after == before,
        after.version == before.version,
        "a change shows in the version, and only a change"
    );
    prop_assert!(after.version >= before.version);
    prop_assert_eq!(after.state == before.state, after.since == before.since, "it is known since when it stands so");
    match step {
        Step::Does(who, act) => {
            prop_assert_eq!(after.contents, before.contents);
            let stranger = before.holder().filter(|holder| *holder != PEOPLE[*who]);
            let named = matches!(act, Act::TakeOver { from } if stranger == Some(from.as_str()));
            prop_assert!(stranger.is_none() || named, "nobody does a colleague's task behind their back");
            let ends = after.is_done() && !matches!(after.state, State::Done { how: How::Rejected, .. });
            prop_assert!(!ends || before.is_done() || before.contents.owed == 0, "nothing ends that is owed");
            prop_assert!(!before.accepted || after.accepted, "what was told its sender was told");
        }
        Step::Comes(_) => {
            prop_assert!(!after.is_done(), "what has come is seen");
            prop_assert_eq!(after.holder(), before.holder(), "whoever works with it keeps it");
        }
        Step::Owed(contents, met) => {
            let ended = after.is_done() && !before.is_done();
            prop_assert!(!ended || *met && contents.owed == 0 && contents.to_do > 0);
            prop_assert!(!before.is_done() || after.is_done());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_happens_nothing_is_lost_or_overwritten(
        first in any_contents(),
        steps in prop::collection::vec(any_step(), 0..40),
    ) {
        let mut task = Task::begin("dragoer/ydelse", "employment-1", arrival(0), first);
        for (second, step) in (1..).zip(&steps) {
            let next = match step {
                Step::Does(who, act) => task.after(PEOPLE[*who], act, at(second), today()),
                Step::Comes(contents) => Ok(task.arrives(arrival(second), *contents)),
                Step::Owed(contents, met) => Ok(task.owing(*contents, *met, at(second))),
            };
            check(&task, step, &next)?;
            if let (Step::Does(who, act), Ok(once)) = (step, &next) {
                // A second click does nothing more: it changes nothing, or is told so.
                if let Ok(twice) = once.after(PEOPLE[*who], act, at(second), today()) {
                    prop_assert_eq!(&twice.state, &once.state);
                }
            }
            task = next.unwrap_or(task);
        }
    }
}
