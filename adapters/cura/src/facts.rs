//! What a grant says of itself: paragraph, period, service, provider, rate. Tasks about the grant
//! say the same of it.

use budstikke_contract::kle::Kle;
use budstikke_contract::law::LawRef;
use budstikke_contract::reason::Reason;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::around::Around;
use crate::civil;
use crate::data::Data;
use crate::extension::{self, Extension};
use crate::node::Node;
use crate::organisation::Organisation;
use crate::paragraph;
use crate::refusal;

/// What the extensions of grants begin with.
const GRANT: &str = "http://curafhir.dk/x/CuraGrantedProcedureRequest/";

/// The system of KLE numbers (OIO).
const KLE: &str = "urn:oio:kle";

/// The units of a rate. CURA's own codes are not public; these are our contract's.
const UNITS: [(&str, &str); 8] = [
    ("HOUR", "time"),
    ("DAY", "dag"),
    ("DAY_AND_NIGHT", "døgn"),
    ("WEEK", "uge"),
    ("MONTH", "måned"),
    ("YEAR", "år"),
    ("OCCASION", "gang"),
    ("PIECE", "stk"),
];

/// An extension of grants.
pub(crate) fn of_grant<'v>(node: &Node<'v>, name: &str) -> Result<Option<Extension<'v>>, Reason> {
    extension::of_cura(node, &format!("{GRANT}{name}"))
}

/// A text in an extension of grants.
pub(crate) fn text<'v>(node: &Node<'v>, name: &str) -> Result<Option<&'v str>, Reason> {
    of_grant(node, name)?.map_or(Ok(None), |extension| extension.text())
}

/// The paragraph in an extension.
pub(crate) fn law(extension: Option<Extension<'_>>) -> Result<Option<LawRef>, Reason> {
    let Some(extension) = extension else { return Ok(None) };
    let Some(text) = extension.text()? else { return Ok(None) };
    paragraph::parse(text).map(Some).ok_or_else(|| refusal::law_unknown(extension.path()))
}

/// A grant's period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Period {
    pub(crate) from: Date,
    pub(crate) to: Option<Date>,
}

impl Period {
    /// A FHIR period with a start.
    pub(crate) fn read(extension: Option<Extension<'_>>) -> Result<Option<Self>, Reason> {
        let Some(extension) = extension else { return Ok(None) };
        let period = extension.object()?;
        let day = |key: &str, what: &str| -> Result<Option<Date>, Reason> {
            let Some(text) = period.text(key)? else { return Ok(None) };
            let day = civil::day(text);
            day.map(Some).ok_or_else(|| refusal::invalid(period.at(key), what, "en hel dato (2026-11-22)"))
        };
        let from = day("start", "periodens start")?;
        let from = from.ok_or_else(|| refusal::missing(period.at("start"), "periodens start"))?;
        let to = day("end", "periodens slutning")?;
        if to.is_some_and(|to| to < from) {
            return Err(refusal::invalid(
                period.at("end"),
                "periodens slutning",
                "samme dag som dens start eller senere",
            ));
        }
        Ok(Some(Self { from, to }))
    }

    pub(crate) fn value(&self) -> Value {
        let mut period = Map::new();
        period.insert("from".to_owned(), self.from.to_string().into());
        if let Some(to) = self.to {
            period.insert("to".to_owned(), to.to_string().into());
        }
        Value::Object(period)
    }
}

/// What is granted: the first coding of CURA's that has a name or a code, else the text.
pub(crate) fn service(node: &Node<'_>, data: &mut Data) -> Result<Option<Value>, Reason> {
    let Some(code) = node.node("code")? else { return Ok(None) };
    for coding in code.list("coding")? {
        if coding.text("system")? == Some(KLE) {
            continue;
        }
        let (name, code) = (coding.text("display")?, coding.text("code")?);
        if let Some(name) = name.or(code) {
            let mut service = Map::new();
            service.insert("name".to_owned(), data.fit("ydelsens navn", name, 300).into());
            match code {
                Some(code) if code.chars().count() <= 80 => {
                    service.insert("code".to_owned(), code.into());
                }
                Some(_) => data.remark(refusal::left_out("ydelsens kode")),
                None => {}
            }
            return Ok(Some(Value::Object(service)));
        }
    }
    Ok(code.text("text")?.map(|name| json!({"name": data.fit("ydelsens navn", name, 300)})))
}

/// Its subject in KL's classification, where a coding says so.
pub(crate) fn kle(node: &Node<'_>) -> Result<Option<Kle>, Reason> {
    let Some(code) = node.node("code")? else { return Ok(None) };
    for coding in code.list("coding")? {
        if coding.text("system")? != Some(KLE) {
            continue;
        }
        let number = coding.text("code")?.and_then(Kle::parse).filter(Kle::is_subject);
        let path = coding.at("code");
        return number.map(Some).ok_or_else(|| refusal::invalid(path, "KLE-emnet", "skrevet som 27.57.04"));
    }
    Ok(None)
}

/// Who provides it.
pub(crate) fn provider<'v>(node: &Node<'v>, around: &Around<'v>, data: &mut Data) -> Result<Option<Value>, Reason> {
    let Some(performer) = node.list("performer")?.into_iter().next() else { return Ok(None) };
    let provider = Organisation::find(&performer, node, around)?.provider(data);
    if provider.is_none() {
        data.remark(refusal::left_out("leverandørens navn"));
    }
    Ok(provider)
}

/// What it costs.
pub(crate) fn rate(
    rate: Option<Extension<'_>>,
    unit: Option<Extension<'_>>,
    data: &mut Data,
) -> Result<Option<Value>, Reason> {
    let Some(rate) = rate else { return Ok(None) };
    let amount = rate.number()?;
    if !is_amount(&amount) {
        data.remark(refusal::left_out("taksten"));
        return Ok(None);
    }
    let mut value = Map::new();
    value.insert("amount".to_owned(), amount.into());
    if let Some(unit) = unit
        && let Some(code) = unit.text()?
    {
        value.insert("unit".to_owned(), coded(&UNITS, code, unit.path(), "takstens enhed")?.into());
    }
    Ok(Some(Value::Object(value)))
}

/// What a code stands for.
pub(crate) fn coded(
    codes: &[(&'static str, &'static str)],
    code: &str,
    path: &str,
    what: &str,
) -> Result<&'static str, Reason> {
    let found = codes.iter().find(|(known, _)| *known == code).map(|(_, value)| *value);
    found.ok_or_else(|| refusal::code_unknown(path, what, codes.iter().map(|(known, _)| *known)))
}

/// Kroner as the event writes them: `2345.5`.
fn is_amount(text: &str) -> bool {
    let (kroner, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, max: usize| (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits(kroner, 9) && digits(fraction, 4)
}
