//! Events that were decided about, with the decision.

use budstikke_contract::event::{Event, EventKind, WireId};
use budstikke_contract::id::EventId;
use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use budstikke_contract::municipality::MunicipalityCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Error;
use super::chain::micros;
use super::seal::sha256;
use super::sql::Sql;
use super::tx::{Body, Tx};
use crate::agreement::model::{Part, Standing};
use crate::route::{self, Routing, citizen};

/// What is kept of a decision beside the event, so that it can be explained years later. As it is made
/// it borrows what it is made of, which is most of its text; as it is read it is JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Decision<P = Value, B = Value, K = Value> {
    /// The agreement; empty for what the hub itself tells.
    pub agreement: String,
    /// The versions of its files.
    pub parts: P,
    /// The rules and clauses.
    pub because: B,
    /// Who performs.
    pub performer: String,
    /// Why nobody gets it, where nobody does.
    pub nobody: Option<String>,
    /// What was known of the case.
    pub known: K,
    /// What the hub tells by itself, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// What the sender had said where the agreement said the rest, so that another agreement can be
    /// asked the same. `None` in what an earlier version kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
}

/// What a sender said of what the hub may fill in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Said {
    /// Under which law the event falls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<LawRef>,
    /// Its subject in KL's classification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kle: Option<Kle>,
}

/// A rule that decided, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// Where in its document: `S1 2`.
    pub clause: String,
    /// The document's title.
    pub document: String,
    /// The rule's name.
    pub rule: String,
    /// What is to be said of it: that it is an interpretation, or not settled.
    pub standing: Option<&'static str>,
}

impl Decision {
    /// The rules that decided.
    pub fn clauses(&self) -> Vec<Because> {
        let one = |rule: &Value| {
            let text = |name: &str| rule.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let standing = rule.get("standing").and_then(|it| Standing::deserialize(it).ok());
            let (clause, document, rule) = (text("clause"), text("document"), text("rule"));
            Because { clause, document, rule, standing: standing.and_then(Standing::remark) }
        };
        self.because.as_array().into_iter().flatten().map(one).collect()
    }

    /// The files of the agreement, as they were known: `genoptraening v1 (kendt 2021-09-01)`.
    pub fn editions(&self) -> Vec<String> {
        let parts = self.parts.as_array().into_iter().flatten();
        parts.filter_map(|part| Part::deserialize(part).ok()).map(|part| part.to_string()).collect()
    }

    /// Who performs, for people: a dash where no rule asks for a performer.
    pub fn performed_by(&self) -> &str {
        if self.performer.is_empty() { "-" } else { &self.performer }
    }

    /// What the CPR register tells goes to whoever has something open: no rule says so.
    pub fn of_register(told: String, cases: &[citizen::Case], register: &citizen::Register) -> Self {
        let known = serde_json::json!({"cases": json(&cases), "register": json(register)});
        Self { known, ..Self::of_hub(told) }
    }

    /// What the hub tells by itself follows from what it was told, not from a rule of its own.
    pub fn of_hub(told: String) -> Self {
        Self {
            agreement: String::new(),
            parts: Value::Null,
            because: Value::Null,
            performer: String::new(),
            nobody: None,
            known: Value::Null,
            told: Some(told),
            said: None,
        }
    }
}

impl<'a, K> Decision<&'a [Part], &'a [route::Because], K> {
    /// The decision of a routing.
    pub fn of(routing: &'a Routing, known: K, said: Said) -> Self {
        Self {
            agreement: routing.agreement.clone(),
            parts: &routing.parts,
            because: &routing.because,
            performer: routing.performer.as_ref().map_or_else(String::new, ToString::to_string),
            nobody: routing.nobody.clone(),
            known,
            told: None,
            said: Some(said),
        }
    }
}

impl<P: Serialize, B: Serialize, K: Serialize> Decision<P, B, K> {
    /// As it is kept.
    fn text(&self) -> String {
        // Plain data with text keys, which always serializes.
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn json(value: &impl Serialize) -> Value {
    // These are plain data with text keys, which always serialize.
    serde_json::to_value(value).unwrap_or_default()
}

/// How an event is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventNames {
    /// Its CloudEvents type.
    pub(crate) wire_type: String,
    /// Its sender's id.
    pub(crate) wire_id: String,
    /// Its case.
    pub(crate) case: String,
    /// Where the citizen lives.
    pub(crate) residence: Option<MunicipalityCode>,
}

/// What stands beside an event's sealed bytes, so that it can be found and told of.
pub(super) struct Columns<'a> {
    pub(super) id: &'a [u8; 16],
    pub(super) item: i64,
    /// The source's id, source, case, correlation, deciding day, residence and law.
    pub(super) texts: [&'a str; 7],
    pub(super) time: i64,
    pub(super) decision: &'a str,
}

/// What the chain says of an event: its sealed bytes, what stands beside them, and the decision.
pub(super) fn digest(sealed: [u8; 32], columns: &Columns<'_>) -> [u8; 32] {
    let numbers = [columns.item, columns.time].map(i64::to_be_bytes).concat();
    let texts = columns.texts.join("\0");
    sha256(&[&sealed, columns.id, &numbers, texts.as_bytes(), &[0], columns.decision.as_bytes()])
}

/// The id of an event; `None` where it is not kept.
pub(super) fn id_of(sql: &mut dyn Sql, seq: i64) -> Result<Option<EventId>, Error> {
    let id = sql.first("SELECT id FROM event WHERE seq = ?1", &[seq.into()], |row| row.need_bytes(0))?;
    Ok(id.map(EventId::from_bytes))
}

impl Tx<'_> {
    /// An event's id.
    pub(crate) fn event_id(&mut self, seq: i64) -> Result<EventId, Error> {
        id_of(self.sql, seq)?.ok_or(Error::Unexpected("an event is missing"))
    }

    /// Keeps an event. `None` where it is already kept, which only an event of the hub's own can
    /// be: the same notice made twice.
    pub fn keep_event<P: Serialize, B: Serialize, K: Serialize>(
        &mut self,
        id: EventId,
        item: Option<i64>,
        event: &Event,
        decision: &Decision<P, B, K>,
    ) -> Result<Option<i64>, Error> {
        self.keep_decided(id, item, event, &decision.text())
    }

    fn keep_decided(
        &mut self,
        id: EventId,
        item: Option<i64>,
        event: &Event,
        decision: &str,
    ) -> Result<Option<i64>, Error> {
        const ADD: &str =
            "INSERT INTO event (id, item, kind, wire_id, source, case_key, correlation, time, day, residence, law, decision)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO NOTHING RETURNING seq";
        let day = event.deciding_date().to_string();
        let residence = event.residence.map(|code| code.to_string());
        let law = event.law.as_ref().map(ToString::to_string);
        let params = [
            id.as_bytes().into(),
            item.into(),
            event.kind.name().into(),
            event.id.as_str().into(),
            event.source.as_str().into(),
            event.case.as_str().into(),
            event.correlation.as_ref().map(WireId::as_str).into(),
            micros(event.time).into(),
            (&day).into(),
            residence.as_ref().into(),
            law.as_ref().into(),
            decision.into(),
        ];
        let Some(seq) = self.sql.add(ADD, &params)? else { return Ok(None) };
        let columns = Columns {
            id: id.as_bytes(),
            item: item.unwrap_or(0),
            texts: [
                event.id.as_str(),
                event.source.as_str(),
                event.case.as_str(),
                event.correlation.as_ref().map_or("", WireId::as_str),
                &day,
                residence.as_deref().unwrap_or(""),
                law.as_deref().unwrap_or(""),
            ],
            time: micros(event.time),
            decision,
        };
        let sealed = self.store_body(Body::Event, seq, &event.to_json())?;
        if let Some(item) = item {
            self.sql.execute("UPDATE item SET event = ?2 WHERE seq = ?1", &[item.into(), seq.into()])?;
        }
        self.entry("event+", seq, event.kind.name(), digest(sealed, &columns))?;
        Ok(Some(seq))
    }

    /// How an event is named, for others that speak of it.
    pub(crate) fn event_names(&mut self, seq: i64) -> Result<EventNames, Error> {
        const ONE: &str = "SELECT kind, wire_id, case_key, residence FROM event WHERE seq = ?1";
        let found = self.sql.first(ONE, &[seq.into()], |row| {
            let kind = row.need_text(0)?;
            Ok(EventNames {
                wire_type: EventKind::named(&kind).map_or(kind, EventKind::wire_type),
                wire_id: row.need_text(1)?,
                case: row.need_text(2)?,
                residence: row.text(3)?.as_deref().and_then(MunicipalityCode::parse),
            })
        })?;
        found.ok_or(Error::Unexpected("an event is missing"))
    }

    /// Remembers whom an event is about, for searches by the number itself.
    pub fn remember_citizen(&mut self, number: &str, event: i64) -> Result<(), Error> {
        const ADD: &str = "INSERT INTO citizen (mark, event) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let mark = self.keys.mark("citizen", number);
        self.sql.execute(ADD, &[(&mark).into(), event.into()])?;
        Ok(())
    }
}
