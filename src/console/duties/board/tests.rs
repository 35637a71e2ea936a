//! Which duties a filter means.

use budstikke_contract::event::{Event, SourcePath, WireId};
use budstikke_contract::id::{CaseKey, DutyId, EventId};
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::Map;

use super::*;
use crate::agreement::Book;
use crate::duty::{DueDate, Terms};

const TODAY: Date = date(2026, 11, 30);

fn agreement() -> std::sync::Arc<Agreement> {
    let book = Book::read(&crate::agreement::tests::shipped()).unwrap();
    std::sync::Arc::clone(&book.known_on(TODAY)[0])
}

/// A duty of Tårnby's that is due on a day.
pub(in crate::console::duties) fn duty(owed_by: &str, residence: &str, due: Option<Date>, state: State) -> Duty {
    let source = SourcePath::parse("/hospital/5790000000012").unwrap();
    let terms = Terms {
        name: "tilbyd-start".to_owned(),
        kind: "act".to_owned(),
        what: "Tilbyd start".to_owned(),
        owed_by: owed_by.to_owned(),
        law: None,
        clause: "S1 2".to_owned(),
        one_by_one: false,
        shared: false,
        due: None,
        met_by: vec!["rehab.start.offered".to_owned()],
        met_from: None,
        about: Vec::new(),
        moved_by: Vec::new(),
        closed_by: Vec::new(),
        remind: None,
        late: None,
    };
    let event = Event {
        id: WireId::parse("plan-1").unwrap(),
        kind: budstikke_contract::event::EventKind::named("rehab.plan.received").unwrap(),
        time: Timestamp::UNIX_EPOCH,
        occurred: None,
        case: CaseKey::derive("rehab", &source, "x"),
        correlation: None,
        causation: None,
        kle: None,
        residence: MunicipalityCode::parse(residence),
        law: None,
        data: Map::new(),
        source,
    };
    let id = EventId::of_hub("test", "duty", 0);
    let mut duty = Duty::open(DutyId::derive(id, "d", owed_by), terms, id, &event);
    duty.due = DueDate { date: due, reason: "7 dage efter udskrivning".to_owned() };
    duty.state = state;
    duty
}

fn any_day() -> impl Strategy<Value = Date> {
    (-40_i64..40).prop_map(|days| TODAY.checked_add(days.days()).unwrap())
}

fn any_filter() -> impl Strategy<Value = Filter> {
    (prop::sample::select(Shown::ALL.to_vec()), prop::option::of(any_day()), prop::option::of(any_day()))
        .prop_map(|(shown, from, to)| Filter { shown, owed_by: None, area: None, from, to })
}

fn any_duty() -> impl Strategy<Value = Duty> {
    let states = prop::sample::select(vec![State::Open, State::Met, State::Closed]);
    (prop::option::weighted(0.9, any_day()), states).prop_map(|(due, state)| duty("taarnby", "155", due, state))
}

fn is_in(slice: &Slice, duty: &Duty) -> bool {
    let day = duty.due.date.unwrap_or(date(9999, 12, 31));
    let to = slice.to.unwrap_or(date(9999, 12, 31));
    slice.state == duty.state && slice.from.is_none_or(|from| from <= day) && day <= to
}

proptest! {
    /// What the ledger is asked for is what the page says that it shows, each once.
    #[test]
    fn the_slices_of_a_filter_are_the_duties_that_stand_so(filter in any_filter(), duty in any_duty()) {
        let seen_from = Viewpoint::of("dragoer", "155", &["taarnby"]).unwrap();
        let found = filter.slices(&seen_from, TODAY).iter().filter(|slice| is_in(slice, &duty)).count();
        let standing = Standing::of(&duty, TODAY);
        let wanted = match filter.shown {
            Shown::Owed => duty.state == State::Open,
            Shown::Only(only) => only == standing,
            Shown::All => true,
        };
        prop_assert_eq!(found, usize::from(wanted && filter.fits(&duty)), "{:?} {:?}", filter, standing);
    }

    #[test]
    fn whatever_is_asked_it_is_a_filter_or_is_said_not_to_be(texts in prop::array::uniform5("\\PC{0,12}")) {
        let asked = texts.each_ref().map(String::as_str);
        drop(Filter::read(asked, Shown::Owed, &agreement_once()));
    }
}

fn agreement_once() -> std::sync::Arc<Agreement> {
    static ONCE: std::sync::LazyLock<std::sync::Arc<Agreement>> = std::sync::LazyLock::new(agreement);
    std::sync::Arc::clone(&ONCE)
}

#[test]
fn a_filter_is_read_and_what_is_none_is_refused() {
    let agreement = agreement_once();
    let read = |asked| Filter::read(asked, Shown::Owed, &agreement);
    let whole = read(["late", "taarnby", "rehab", "2026-01-01", "2026-12-31"]).unwrap();
    assert_eq!((whole.shown, whole.to), (Shown::Only(Standing::Late), Some(date(2026, 12, 31))));
    assert_eq!(read([""; 5]).unwrap().shown, Shown::Owed);
    for (asked, fault) in [
        (["x", "", "", "", ""], Unclear::State),
        (["", "odense", "", "", ""], Unclear::Party),
        (["", "", "2512489996", "", ""], Unclear::Area),
        (["", "", "", "i går", ""], Unclear::Day),
        (["", "", "", "", "2026-02-30"], Unclear::Day),
    ] {
        assert_eq!(read(asked), Err(fault));
    }
}

#[test]
fn what_is_owed_is_owed_to_whoever_it_concerns() {
    let agreement = agreement_once();
    let told = |duty: &Duty| Obligation::of(duty, Standing::Open, Vec::new(), &agreement).owed_to;
    assert_eq!(told(&duty("taarnby", "155", None, State::Open)), ["dragoer"], "Dragør's citizen");
    assert_eq!(told(&duty("taarnby", "185", None, State::Open)), [""; 0], "its own");
    let mut asked = duty("dragoer", "155", None, State::Open);
    asked.answer_to = Some("taarnby/genoptraening".to_owned());
    assert_eq!(told(&asked), ["taarnby"]);
    let year = crate::duty::calendar::planned(&agreement, TODAY, date(2027, 11, 30), Timestamp::UNIX_EPOCH);
    assert!(year.len() > 50 && year.iter().all(|duty| told(duty).len() == 1), "{}", year.len());
    assert!(year.is_sorted_by_key(|duty| duty.due.date));
}
