//! The CPR look-up: where a citizen lives. There is no public interface of that kind by plain HTTP,
//! so the contract is ours (`schemas/look-up.md`): the number goes in the body of a POST and never
//! stands in an address, the answer is a municipality, and whoever has an agreement about CPR puts
//! a small service of that form in front of it.

use async_trait::async_trait;
use budstikke_contract::municipality::MunicipalityCode;
use budstikke_contract::person::Cpr;
use budstikke_contract::strict_json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Failure, Head, Service, Trouble, exchange};
use crate::clock::Clock;
use crate::intake::ask::Lives;
use crate::ledger::wish::Outcome;
use crate::web::{Endpoint, Request};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// The look-up behind an endpoint.
#[derive(Debug)]
pub struct LookUp {
    endpoint: Endpoint,
    clock: Clock,
}

impl LookUp {
    /// The look-up that is there.
    pub fn at(endpoint: Endpoint, clock: Clock) -> Self {
        Self { endpoint, clock }
    }
}

#[async_trait]
impl Service for LookUp {
    async fn ask(&self, question: &[u8]) -> Result<Outcome, Failure> {
        let body = question_of(question).ok_or(Trouble::Unaskable)?;
        let asked = self.clock.now();
        let request = Request::post("application/json", body.into()).header("accept", "application/json");
        exchange(&self.endpoint, &request, LONGEST, |head, body| read(head, body, asked)).await
    }
}

/// What is sent: `{"cpr": "…"}`.
fn question_of(wish: &[u8]) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct Question<'a> {
        cpr: &'a str,
    }
    let cpr = Cpr::parse(std::str::from_utf8(wish).ok()?)?;
    serde_json::to_vec(&Question { cpr: cpr.reveal() }).ok()
}

/// What an answer means.
fn read(head: Head<'_>, body: &[u8], asked: Timestamp) -> Result<Outcome, Failure> {
    #[derive(Deserialize)]
    struct Answer {
        municipality: String,
        #[serde(default)]
        protected: bool,
    }
    match head.status {
        200 if head.is_json() => {}
        404 if head.is_json() && is_unknown(body) => return Ok(Outcome::Unknown),
        200 => return Err(Trouble::Garbled.into()),
        _ => return Err(head.failure()),
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|_unquoted| Trouble::Garbled)?;
    // Three digits, as the contract has it: `155`, and not what else could be read as that.
    let code = MunicipalityCode::parse(&answer.municipality).filter(|code| code.to_string() == answer.municipality);
    let municipality = code.ok_or(Trouble::Garbled)?;
    Ok(Lives { asked, municipality, protected: answer.protected }.outcome())
}

/// Whether a 404 is the service's own word that nobody knows: `{"municipality": null}`. Any other is
/// of something in front of it, or of a wrong address, and both write JSON too.
fn is_unknown(body: &[u8]) -> bool {
    strict_json::parse(body).is_ok_and(|answer| answer.get("municipality").is_some_and(Value::is_null))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const CONTRACT: &str = include_str!("../../schemas/look-up.md");

    fn head(status: u16, media_type: &str) -> Head<'_> {
        Head { status, media_type: Some(media_type), after: None }
    }

    fn said(status: u16, media_type: &str, body: &str) -> Result<Outcome, Trouble> {
        read(head(status, media_type), body.as_bytes(), Timestamp::UNIX_EPOCH).map_err(|failure| failure.what)
    }

    fn lives(protected: bool) -> Outcome {
        let municipality = MunicipalityCode::parse("155").unwrap();
        Lives { asked: Timestamp::UNIX_EPOCH, municipality, protected }.outcome()
    }

    #[test]
    fn says_where_or_that_nobody_knows() {
        let json = "application/json";
        assert_eq!(said(200, json, r#"{"municipality": "155"}"#), Ok(lives(false)));
        assert_eq!(said(200, json, r#"{"municipality": "155", "protected": true, "more": 1}"#), Ok(lives(true)));
        for media_type in [json, "application/problem+json"] {
            assert_eq!(said(404, media_type, r#"{"municipality": null}"#), Ok(Outcome::Unknown));
            assert_eq!(said(404, media_type, r#"{"municipality": null, "title": "Ukendt"}"#), Ok(Outcome::Unknown));
        }
    }

    /// A gateway's, or a web server's: the citizen is as unknown to it as every address.
    #[test]
    fn a_404_that_is_not_the_services_own_is_no_unknown_citizen() {
        for body in [
            "",
            "null",
            "[]",
            "[null]",
            "{}",
            r#"{"status": 404}"#,
            r#"{"message": "no Route matched with those values"}"#,
            r#"{"statusCode": 404, "message": "Resource not found"}"#,
            r#"{"municipality": "155"}"#,
            r#"{"municipality": ""}"#,
            r#"{"municipality": false}"#,
            r#"{"municipality": null, "municipality": null}"#,
            r#"{"municipality": null} x"#,
        ] {
            for media_type in ["application/json", "application/problem+json"] {
                assert_eq!(said(404, media_type, body), Err(Trouble::Garbled), "{body}");
            }
        }
        assert_eq!(said(404, "text/html", r#"{"municipality": null}"#), Err(Trouble::Garbled));
        assert_eq!(said(200, "application/json", r#"{"municipality": null}"#), Err(Trouble::Garbled));
    }

    #[test]
    fn what_is_not_of_the_contract_is_no_answer() {
        let json = "application/json";
        for body in [
            "",
            "null",
            "155",
            "[]",
            "{}",
            r#"{"municipality": 155}"#,
            r#"{"municipality": "0155"}"#,
            r#"{"municipality": "15"}"#,
            r#"{"municipality": ""}"#,
            r#"{"municipality": "155", "protected": "no"}"#,
            r#"{"municipality": "155"} x"#,
            r#"{"municipality": "155", "municipality": "185"}"#,
        ] {
            assert_eq!(said(200, json, body), Err(Trouble::Garbled), "{body}");
        }
        assert_eq!(said(200, "text/html", r#"{"municipality": "155"}"#), Err(Trouble::Garbled));
        assert_eq!(said(404, "text/html", "Not Found"), Err(Trouble::Garbled), "a wrong path is no unknown citizen");
        assert_eq!(said(204, json, ""), Err(Trouble::Garbled));
        assert_eq!(said(302, json, ""), Err(Trouble::Garbled));
        assert_eq!(said(400, json, ""), Err(Trouble::Garbled));
        assert_eq!(said(401, json, ""), Err(Trouble::ShutOut));
        assert_eq!(said(503, json, r#"{"municipality": "155"}"#), Err(Trouble::Failing));
        let after = Some(Duration::from_secs(7));
        let busy = read(Head { after, ..head(429, json) }, b"", Timestamp::UNIX_EPOCH);
        assert_eq!(busy, Err(Failure { what: Trouble::Failing, after }));
    }

    /// What stands in a fence of the contract, in its order.
    fn fences() -> Vec<&'static str> {
        CONTRACT.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::trim).collect()
    }

    #[test]
    fn the_contract_shows_what_is_sent_and_what_is_taken() {
        let [question, answer, unknown] = fences().try_into().unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&question_of(b"2512489996").unwrap()).unwrap();
        assert_eq!(sent, serde_json::from_str::<serde_json::Value>(question).unwrap());
        assert_eq!(said(200, "application/json", answer), Ok(lives(false)));
        assert_eq!(said(404, "application/json", unknown), Ok(Outcome::Unknown));
        assert_eq!(question_of(b"251248TRP6"), None);
    }
}
