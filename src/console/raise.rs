//! What people raise themselves: an event in the name of the mailbox that they work in, taken by the
//! same intake as everything else, as if the source `console` had sent it.
//!
//! Its id and time are made with the form, so that a form that is sent twice makes one event.

use std::sync::Arc;

use budstikke_contract::event::{EventKind, MEDIA_TYPE, WireId};
use budstikke_contract::id::CaseKey;
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::MunicipalityCode;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::Console;
use super::access::Right;
use super::fault::Fault;
use super::gate::Visitor;
use crate::agreement::model::MailboxId;
use crate::intake::consume::{Foreseen, Raised};
use crate::intake::prepare::{CONSOLE, Incoming};

/// For how long a form may be filled in: the event is told as of when it was begun.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What makes a form one event, however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    id: WireId,
    time: Timestamp,
}

impl Stamp {
    /// A new one.
    pub(super) fn new(now: Timestamp) -> Result<Self, Fault> {
        // An id that reads as a CPR number is none; it takes a moment of bad luck to draw one.
        for _ in 0..8 {
            let mut bytes = [0; 16];
            aws_lc_rs::rand::fill(&mut bytes).map_err(|_no_randomness| Fault::Broken)?;
            let id = uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
            if let Some(id) = WireId::parse(&id) {
                // As it stands in the form, so that it is the same when it comes back.
                return Ok(Self { id, time: Timestamp::from_second(now.as_second()).unwrap_or(now) });
            }
        }
        Err(Fault::Broken)
    }

    /// The one that a form has brought back, while it is good.
    pub(super) fn read(text: &str, now: Timestamp) -> Option<Self> {
        let (id, time) = text.split_once(' ')?;
        uuid::Uuid::try_parse(id).ok()?;
        let (id, time) = (WireId::parse(id)?, time.parse::<Timestamp>().ok()?);
        let age = now.duration_since(time);
        // A clock that was set back a little is no reason to lose a form.
        (age > -SignedDuration::from_mins(5) && age < LONGEST).then_some(Self { id, time })
    }

    /// The same; where it is not good any more, a new one, and what is said of that.
    pub(super) fn brought(text: &str, now: Timestamp) -> Result<(Self, Option<String>), Fault> {
        const OLD: &str = "Skemaet var mere end et døgn gammelt. Se det igennem, og send igen.";
        match Self::read(text, now) {
            Some(good) => Ok((good, None)),
            None => Ok((Self::new(now)?, Some(OLD.to_owned()))),
        }
    }

    /// The id of the event that it makes.
    pub(super) fn id(&self) -> &WireId {
        &self.id
    }

    /// As it stands in a form.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.id, self.time)
    }
}

/// What somebody raises.
#[derive(Debug, Clone)]
pub(super) struct Raise {
    /// In the name of which mailbox.
    pub(super) by: MailboxId,
    /// What it is.
    pub(super) kind: EventKind,
    /// What makes it one.
    pub(super) stamp: Stamp,
    /// The case that it belongs to; `None` begins a new one.
    pub(super) case: Option<CaseKey>,
    /// The event that it answers.
    pub(super) answers: Option<WireId>,
    /// Where the citizen lives.
    pub(super) residence: Option<MunicipalityCode>,
    /// The law that it falls under.
    pub(super) law: Option<LawRef>,
    /// When it happened, where that is not now.
    pub(super) occurred: Option<Date>,
    /// The content, by the kind's schema. Personal.
    pub(super) data: Map<String, Value>,
}

impl Raise {
    /// Something new, with no more said of it than this.
    pub(super) fn new(by: MailboxId, kind: EventKind, stamp: Stamp, data: Map<String, Value>) -> Self {
        Self { by, kind, stamp, case: None, answers: None, residence: None, law: None, occurred: None, data }
    }

    /// The event, the same bytes each time.
    fn event(&self) -> Vec<u8> {
        let mut event = json!({
            "specversion": "1.0",
            "id": self.stamp.id,
            "source": format!("/{}/{CONSOLE}", self.by.party()),
            "type": self.kind.wire_type(),
            "time": self.stamp.time.to_string(),
            "datacontenttype": "application/json",
        });
        let optional = [
            ("subject", self.case.as_ref().map(ToString::to_string)),
            ("causationid", self.answers.as_ref().map(ToString::to_string)),
            ("residence", self.residence.map(|code| code.to_string())),
            ("law", self.law.as_ref().map(ToString::to_string)),
            ("occurred", self.occurred.map(|day| day.to_string())),
        ];
        if let Some(event) = event.as_object_mut() {
            event.extend(optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?)))));
            event.insert("data".to_owned(), Value::Object(self.data.clone()));
        }
        event.to_string().into_bytes()
    }

    /// The message that a queue would have brought. Its sender is the mailbox, and who worked in it.
    pub(super) fn message(&self, user: &str, received: Timestamp) -> Incoming {
        Incoming {
            source: CONSOLE.to_owned(),
            media_type: Some(MEDIA_TYPE.to_owned()),
            sender_user: Some(format!("{} {user}", self.by)),
            reply_to: None,
            redelivered: false,
            received,
            body: self.event().into(),
        }
    }
}

impl Console {
    /// Raises it in a visitor's name, to its end.
    pub(super) async fn raise(self: &Arc<Self>, visitor: &Visitor, raise: &Raise) -> Result<Raised, Fault> {
        visitor.needs(Right::Content(&raise.by))?;
        self.refuse_paused()?;
        let (raising, user) = (Arc::clone(self), visitor.person.user.clone());
        let message = raise.message(&user, self.hub.desk.clock.now());
        let raised = self.to_its_end(async move {
            let raised = raising.hub.desk.raise(message, &user).await;
            raising.look_anew().await;
            raised
        });
        Ok(raised.await??)
    }

    /// What would become of it if it were raised now.
    pub(super) async fn foresee(&self, visitor: &Visitor, raise: &Raise) -> Result<Foreseen, Fault> {
        visitor.needs(Right::Content(&raise.by))?;
        let desk = &self.hub.desk;
        Ok(desk.foresee(raise.message(&visitor.person.user, desk.clock.now())).await?)
    }

    /// Refuses what people send while operations hold the console's messages.
    pub(super) fn refuse_paused(&self) -> Result<(), Fault> {
        if self.hub.paused.borrow().contains(CONSOLE) {
            let text =
                "Driften har sat konsollens beskeder på pause, så intet er sendt. Send igen, når pausen er forbi.";
            return Err(Fault::Refused(text.to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn raise(stamp: Stamp) -> Raise {
        let kind = EventKind::named("notice.given").unwrap();
        let data = kind.schema().text.parse::<Value>().unwrap()["examples"][0].as_object().unwrap().clone();
        Raise::new(MailboxId::parse("taarnby/voksne").unwrap(), kind, stamp, data)
    }

    #[test]
    fn a_stamp_comes_back_as_it_was_and_is_good_for_a_day() {
        let made = at("2026-11-22T10:00:00.123456Z");
        let stamp = Stamp::new(made).unwrap();
        let read = |text: &str, now: &str| Stamp::read(text, at(now));
        assert_eq!(read(&stamp.text(), "2026-11-22T10:00:00.2Z"), Some(stamp.clone()));
        assert_eq!(read(&stamp.text(), "2026-11-23T09:59:00Z"), Some(stamp.clone()));
        assert_eq!(read(&stamp.text(), "2026-11-23T10:01:00Z"), None, "too old");
        assert_eq!(read(&stamp.text(), "2026-11-22T09:00:00Z"), None, "of a time that has not come");
        assert_ne!(Stamp::new(made).unwrap(), stamp);
        for text in ["", "x", "x 2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"] {
            assert_eq!(read(text, "2026-11-22T10:00:00Z"), None, "{text}");
        }
    }

    #[test]
    fn a_form_makes_the_same_bytes_each_time_and_reads_as_an_event_of_the_party() {
        let raise = raise(Stamp::new(at("2026-11-22T10:00:00Z")).unwrap());
        assert_eq!(raise.event(), raise.clone().event());
        let draft = budstikke_contract::event::read(&raise.event()).unwrap();
        assert_eq!(draft.source.as_str(), "/taarnby/console");
        assert_eq!(draft.kind.name(), "notice.given");
        let message = raise.message("ida", at("2026-11-22T10:00:01Z"));
        assert_eq!(message.sender_user.as_deref(), Some("taarnby/voksne ida"));
        assert_eq!(message.source, "console");
    }

    #[test]
    fn what_is_said_of_it_stands_in_its_attributes() {
        let mut raise = raise(Stamp::new(at("2026-11-22T10:00:00Z")).unwrap());
        raise.law = LawRef::parse("SEL § 85");
        raise.residence = MunicipalityCode::parse("155");
        raise.occurred = Some("2026-11-20".parse().unwrap());
        raise.answers = WireId::parse("question-7");
        let event: Value = serde_json::from_slice(&raise.event()).unwrap();
        for (key, value) in
            [("law", "SEL § 85"), ("residence", "155"), ("occurred", "2026-11-20"), ("causationid", "question-7")]
        {
            assert_eq!(event[key], value, "{key}");
        }
        assert_eq!(event.get("subject"), None);
    }
}
