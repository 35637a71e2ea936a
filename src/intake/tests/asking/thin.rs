//! Thin events: what waits for its content.

use budstikke_contract::adapter::{Adapter, Item, ItemBody, Raw, Translated, Wanted};
use budstikke_contract::reason::{Code, Reason};
use budstikke_events::Events;

use super::*;

/// A source whose messages name a thing and do not have it: `{"entity": …, "id": …}`.
#[derive(Debug)]
struct Thin;

impl Adapter for Thin {
    fn name(&self) -> &'static str {
        "thin"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn translate(&self, raw: &Raw<'_>) -> Translated {
        let reason = Reason::new(Code::stored("CONTENT_NEEDED".to_owned()), "Indholdet skal hentes.");
        Self::item(raw, ItemBody::Refused(reason))
    }

    fn wanted(&self, raw: &Raw<'_>) -> Option<Wanted> {
        let thin: Value = serde_json::from_slice(raw.body).ok()?;
        Wanted::new(thin["entity"].as_str()?, thin["id"].as_str()?)
    }

    fn complete(&self, raw: &Raw<'_>, fetched: &[u8]) -> Translated {
        let read = Events.translate(&Raw { body: fetched, received: raw.received }).items.remove(0);
        Self::item(raw, read.body)
    }
}

impl Thin {
    fn item(raw: &Raw<'_>, body: ItemBody) -> Translated {
        let key = String::from_utf8(raw.body.to_vec()).unwrap();
        Translated {
            transport: None,
            items: vec![Item { key: Some(key), content: raw.body.to_vec(), body }],
            answer: None,
        }
    }
}

const THING: &str = "Fravaer/6fb927da-3be1-4b9f-8875-a6326617d20b";

fn thin() -> Value {
    let (entity, id) = THING.split_once('/').unwrap();
    json!({"entity": entity, "id": id})
}

/// A world that may ask for the content of thin events, and where their citizens live.
fn fetching(residence: Ask) -> World {
    let content = ["thin".to_owned()].into();
    let adapters = Registry::default().with(std::sync::Arc::new(Thin));
    World::new(Book::read(&shipped()).unwrap(), adapters, BTreeMap::new()).asking(Asks { residence, content })
}

fn take_thin(desk: &mut Desk<'_, '_>) -> Result<Taken, Error> {
    let message = desk.incoming("thin", thin().to_string());
    Ok(desk.take(message)?.remove(0))
}

fn fetched(desk: &mut Desk<'_, '_>, outcome: &Outcome) -> Result<usize, Error> {
    let about = desk.tx.keys().mark("content.thin", THING);
    Ok(ask::settle(desk.tx, desk.world, ("content.thin", &about), i64::MAX, outcome)?.items)
}

fn content(residence: Option<&str>) -> Outcome {
    let mut event = wish_for_training("t", CASE, CPR);
    if let Some(code) = residence {
        event["residence"] = json!(code);
    }
    Outcome::Answered(event.to_string().into_bytes())
}

#[test]
fn a_thin_event_waits_for_its_content_and_goes_by_it() {
    on_a_ledger_in(&fetching(Ask::Never), |desk| {
        let taken = take_thin(desk)?;
        assert_eq!((taken.state, taken.refused), (State::Waiting, false));
        assert_eq!(desk.story(taken.item)?.item.what, "uhentet");
        assert_eq!(take_thin(desk)?.state, State::Duplicate, "the same thing is the same thing");
        let now = desk.tx.at();
        let due = desk.tx.reader().wishes("content.thin", now, 8)?.due;
        assert_eq!(due.iter().map(|due| due.question.as_slice()).collect::<Vec<_>>(), [THING.as_bytes()]);
        assert_eq!(fetched(desk, &content(Some("155")))?, 1);
        let story = desk.story(taken.item)?;
        assert_eq!((story.item.state, story.item.what.as_str()), (State::Routed, "rehab.training.requested"));
        Ok(())
    });
}

#[test]
fn what_was_fetched_may_have_to_be_asked_about_in_turn() {
    on_a_ledger_in(&fetching(Ask::ToKnow), |desk| {
        let taken = take_thin(desk)?;
        fetched(desk, &content(None))?;
        assert_eq!(stands(desk, &taken)?, WAITS);
        answer(desk, CPR, &lives("185"))?;
        assert_eq!(desk.routed(&taken)?.residence.as_deref(), Some("185"));
        Ok(())
    });
}

#[test]
fn content_that_is_gone_or_cannot_be_had_or_read_is_for_a_person() {
    on_a_ledger_in(&fetching(Ask::Never), |desk| {
        let taken = take_thin(desk)?;
        let id = format!("#{}", taken.item);
        fetched(desk, &Outcome::Unknown)?;
        assert_eq!(stands(desk, &taken)?, (State::Parked, "CONTENT_NEEDED".to_owned()));
        assert!(desk.story(taken.item)?.item.refused);

        assert_eq!(people::resend(desk.tx, desk.world, &id, &person())?, "waiting");
        let (about, now) = (desk.tx.keys().mark("content.thin", THING), desk.tx.at());
        ask::postpone(desk.tx, desk.world, ("content.thin", &about), now, now)?;
        assert_eq!(stands(desk, &taken)?, (State::Parked, "FETCH_FAILED".to_owned()));
        assert!(!desk.story(taken.item)?.item.refused);

        assert_eq!(people::resend(desk.tx, desk.world, &id, &person())?, "waiting");
        fetched(desk, &Outcome::Answered(b"{".to_vec()))?;
        assert_eq!(stands(desk, &taken)?, (State::Parked, "EVENT_NOT_JSON".to_owned()));

        assert_eq!(people::resend(desk.tx, desk.world, &id, &person())?, "waiting", "it may have been mended there");
        fetched(desk, &content(Some("155")))?;
        assert_eq!(stands(desk, &taken)?.0, State::Routed);
        Ok(())
    });
}

#[test]
fn without_a_place_to_fetch_from_a_thin_event_is_for_a_person() {
    let without = fetching(Ask::Never).asking(Asks::default());
    on_a_ledger_in(&without, |desk| {
        let taken = take_thin(desk)?;
        assert_eq!((taken.state, taken.refused, code(&taken).as_str()), (State::Parked, true, "CONTENT_NEEDED"));
        Ok(())
    });
}

#[test]
fn what_was_fetched_waits_behind_what_is_before_it_and_holds_what_comes_after_it() {
    on_a_ledger_in(&fetching(Ask::ToKnow), |desk| {
        let before = desk.event(&wish_for_training("before", CASE, CPR))?;
        let thin = take_thin(desk)?;
        fetched(desk, &content(Some("155")))?;
        assert_eq!(stands(desk, &thin)?, WAITS);
        assert_eq!(desk.story(thin.item)?.item.case.as_deref(), Some(CASE), "whose turn it is in");
        let mut said = wish_for_training("after", CASE, CPR);
        said["residence"] = json!("155");
        let after = desk.event(&said)?;
        assert_eq!(stands(desk, &after)?, WAITS);
        answer(desk, CPR, &lives("155"))?;
        let events = [desk.routed(&before)?.seq, desk.routed(&thin)?.seq, desk.routed(&after)?.seq];
        assert!(events.is_sorted(), "{events:?}");
        Ok(())
    });
}

#[test]
fn what_was_fetched_holds_its_case_while_it_is_asked_about() {
    on_a_ledger_in(&fetching(Ask::ToKnow), |desk| {
        let thin = take_thin(desk)?;
        fetched(desk, &content(None))?;
        let mut said = wish_for_training("after", CASE, CPR);
        said["residence"] = json!("155");
        let after = desk.event(&said)?;
        assert_eq!(stands(desk, &after)?, WAITS);
        answer(desk, CPR, &lives("155"))?;
        assert!(desk.routed(&thin)?.seq < desk.routed(&after)?.seq);
        Ok(())
    });
}

#[test]
fn what_an_earlier_version_left_waiting_for_nothing_is_taken_up_at_the_start() {
    on_a_ledger_in(&fetching(Ask::ToKnow), |desk| {
        let thin = take_thin(desk)?;
        // Its content came, and nothing was done with it.
        let about = desk.tx.keys().mark("content.thin", THING);
        desk.tx.settle_wishes(("content.thin", &about), i64::MAX, &content(Some("155")))?;
        // These wait for something: an answer, and what is before it.
        desk.event(&wish_for_training("b", &case(2), OTHER))?;
        desk.event(&wish_for_training("c", &case(2), OTHER))?;
        assert_eq!(desk.tx.reader().waiting_for_nothing()?, [thin.item]);
        assert_eq!(ask::free(desk.tx, desk.world, thin.item)?, GoneOn { items: 1, parked: 0 });
        assert_eq!(stands(desk, &thin)?.0, State::Routed);
        assert_eq!(ask::free(desk.tx, desk.world, thin.item)?, GoneOn::default(), "once");
        assert_eq!(desk.tx.reader().waiting_for_nothing()?, [0; 0]);
        Ok(())
    });
}
