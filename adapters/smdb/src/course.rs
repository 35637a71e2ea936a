//! One course of treatment (kontaktforløb): from a citizen's request until the treatment is ended.
//! Nothing in it stops its message.

use budstikke_contract::members::{Members, date};
use budstikke_contract::person::shows_cpr;
use budstikke_contract::reason::Remark;
use serde_json::{Map, Value};

use crate::refusal;

/// The most remarks of one message about what was left out.
const REMARKS: usize = 50;

/// The longest KONTAKTFORLOEBID, in characters.
const ID: usize = 64;

/// The longest text in place of a CPR number, in characters.
const CPR: usize = 40;

/// Why a course ended, as the contract and the events spell it.
const CAUSES: [&str; 5] = ["stoffri", "reduceret", "andet", "flyttet", "doed"];

/// Reads the courses of a message, and says what had to be left out.
pub(crate) fn read_all(values: Vec<Value>) -> (Vec<Value>, Vec<Remark>) {
    let mut remarks = Vec::new();
    let courses: Vec<Value> =
        values.into_iter().enumerate().filter_map(|(at, value)| read(at + 1, value, &mut remarks)).collect();
    let more = remarks.len().saturating_sub(REMARKS);
    if more > 0 {
        remarks.truncate(REMARKS);
        remarks.push(refusal::more_left_out(more));
    }
    (courses, remarks)
}

/// Whether a text can be a KONTAKTFORLOEBID.
pub(crate) fn is_id(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= ID
}

fn read(place: usize, value: Value, remarks: &mut Vec<Remark>) -> Option<Value> {
    let Value::Object(object) = value else {
        remarks.push(refusal::left_out("beskeden", &format!("Kontaktforløb nr. {place}")));
        return None;
    };
    let mut members = Members::new(object, "$.Kontaktforloeb");
    let mut course = Course { data: Map::new(), left_out: Vec::new() };
    let id = members.take("KONTAKTFORLOEBID");
    let name = name_of(id.as_ref(), place);
    course.put("id", "KONTAKTFORLOEBID", id, |value| value.as_str().filter(|id| is_id(id)).map(Value::from));
    let citizen = citizen(&mut members, &mut course.left_out);
    if !citizen.is_empty() {
        course.data.insert("citizen".to_owned(), Value::Object(citizen));
    }
    for (to, from) in
        [("requested", "BehandlingAnmodningDato"), ("started", "IvaerksatDato"), ("ended", "BehandlingAfsluttetDato")]
    {
        course.put(to, from, members.take(from), as_date);
    }
    let cause = |value: &Value| value.as_str().filter(|cause| CAUSES.contains(cause)).map(Value::from);
    course.put("ended_because", "AfslutningAarsag", members.take("AfslutningAarsag"), cause);
    course.put("anonymous", "Anonym", members.take("Anonym"), |value| value.as_bool().map(Value::from));
    if !members.is_empty() {
        course.left_out.push("Et felt, som kontrakten ikke kender,");
    }
    remarks.extend(course.left_out.into_iter().map(|what| refusal::left_out(&name, what)));
    Some(Value::Object(course.data))
}

/// A course as it is put together.
struct Course {
    data: Map<String, Value>,
    /// What of it could not be read.
    left_out: Vec<&'static str>,
}

impl Course {
    fn put(&mut self, to: &str, from: &'static str, value: Option<Value>, read: impl Fn(&Value) -> Option<Value>) {
        let Some(value) = value else { return };
        match read(&value) {
            Some(value) => drop(self.data.insert(to.to_owned(), value)),
            None => self.left_out.push(from),
        }
    }
}

/// The number as the register sent it, whatever it is: a number that lost its leading zero and a
/// word in its place are for the hub's checks to find.
fn citizen(members: &mut Members, left_out: &mut Vec<&'static str>) -> Map<String, Value> {
    let mut citizen = Map::new();
    match members.take("CPR") {
        Some(Value::String(text)) if text.chars().count() <= CPR => drop(citizen.insert("cpr".to_owned(), text.into())),
        Some(Value::Number(number)) => drop(citizen.insert("cpr".to_owned(), number.to_string().into())),
        Some(_) => left_out.push("CPR"),
        None => {}
    }
    match members.take("Doedsdato").as_ref().map(as_date) {
        Some(Some(day)) => drop(citizen.insert("died".to_owned(), day)),
        Some(None) => left_out.push("Doedsdato"),
        None => {}
    }
    citizen
}

fn as_date(value: &Value) -> Option<Value> {
    value.as_str().and_then(date).map(|day| day.to_string().into())
}

/// What a course is called to a person: by its id, where that is one and reads as nobody's number.
fn name_of(id: Option<&Value>, place: usize) -> String {
    let id = id.and_then(Value::as_str).filter(|id| is_id(id) && is_plain(id));
    id.map_or_else(|| format!("kontaktforløb nr. {place} i beskeden"), |id| format!("kontaktforløb {id}"))
}

fn is_plain(id: &str) -> bool {
    let good = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    let digits: String = id.chars().filter(char::is_ascii_digit).collect();
    good && !shows_cpr(id) && !shows_cpr(&digits)
}
