//! What a receiver's status, or its silence, means for a delivery.

use std::collections::BTreeSet;
use std::time::Duration;

use budstikke_contract::reason::{Code, Reason};
use budstikke_contract::verdict::{Failure, Verdict};

use crate::web::Fault;

/// The receiver does not take it: 4xx.
const HTTP_REFUSED: Code = Code::new("HTTP_REFUSED");
/// The receiver does not let us in: 401, 403.
const HTTP_NO_ACCESS: Code = Code::new("HTTP_NO_ACCESS");
/// The receiver does not let this delivery in, though it lets in others: 401, 403.
const HTTP_KEPT_OUT: Code = Code::new("HTTP_KEPT_OUT");
/// The receiver says that it has something to do with something else it has: 409.
const HTTP_CONFLICT: Code = Code::new("HTTP_CONFLICT");
/// The receiver asks us to come again later: 408, 425, 429, 503.
const HTTP_BUSY: Code = Code::new("HTTP_BUSY");
/// The receiver failed: 5xx.
const HTTP_FAILED: Code = Code::new("HTTP_FAILED");
/// The receiver sends us elsewhere: 3xx.
const HTTP_REDIRECTED: Code = Code::new("HTTP_REDIRECTED");
/// No connection to the receiver comes about.
const HTTP_UNREACHABLE: Code = Code::new("HTTP_UNREACHABLE");
/// It was sent, and no answer came.
const HTTP_UNANSWERED: Code = Code::new("HTTP_UNANSWERED");
/// The receiver's address is private and not named in the settings.
const HTTP_ADDRESS: Code = Code::new("HTTP_ADDRESS");
/// A certificate is not accepted.
const HTTP_UNTRUSTED: Code = Code::new("HTTP_UNTRUSTED");
/// There is no token to get in with.
const HTTP_NO_TOKEN: Code = Code::new("HTTP_NO_TOKEN");

/// What a status means; `None` where the receiver has it. `after` is the receiver's wish, and
/// `duplicates` are the statuses by which it says that it has it already.
pub fn of_status(status: u16, after: Option<Duration>, duplicates: &BTreeSet<u16>) -> Option<Failure> {
    let (verdict, code, what) = match status {
        200..=299 => return None,
        409 | 412 if duplicates.contains(&status) => return None,
        300..=399 => {
            let what = "den henviser til en anden adresse, og den følges ikke. Ret `url` i indstillingerne";
            (Verdict::Broken, HTTP_REDIRECTED, what)
        }
        401 | 403 => {
            let what = "budstikken får ikke adgang. Se efter token, certifikat og rettigheder";
            (Verdict::Broken, HTTP_NO_ACCESS, what)
        }
        // It may just be busy with the same delivery, and then it has not got it yet.
        409 => {
            let what = "den har noget, som leveringen er i strid med, eller er i gang med den samme";
            (Verdict::Unsure { after }, HTTP_CONFLICT, what)
        }
        408 | 425 | 429 | 503 => {
            (Verdict::Retry { after }, HTTP_BUSY, "den kan ikke nu. Leveringen sendes igen med samme id")
        }
        500..=599 => {
            let what = "der er en fejl hos den. Leveringen sendes igen med samme id";
            (Verdict::Unsure { after }, HTTP_FAILED, what)
        }
        _ => {
            let what = "den tager ikke imod leveringen, som den er. Spørg dem, der driver systemet, hvorfor";
            (Verdict::Refused, HTTP_REFUSED, what)
        }
    };
    Some(Failure::new(verdict, Reason::new(code, format!("Modtagerens system svarede {status}: {what}."))))
}

/// What it means when one is not let in again and again, though others are.
pub fn of_one_kept_out(status: u16) -> Failure {
    let text = format!(
        "Modtagerens system svarede {status} hver gang, mens det tog imod andre leveringer: det er denne ene, det ikke lukker ind. Spørg dem, der driver systemet, hvorfor."
    );
    Failure::new(Verdict::Refused, Reason::new(HTTP_KEPT_OUT, text))
}

/// What no answer means.
pub fn of_fault(fault: Fault) -> Failure {
    let (code, text) = match fault {
        Fault::Unreachable => {
            (HTTP_UNREACHABLE, "Der er ingen forbindelse til modtagerens system. Leveringen sendes igen.")
        }
        Fault::Unanswered | Fault::TooLong => (
            HTTP_UNANSWERED,
            "Modtagerens system svarede ikke, eller ikke i tide, så det vides ikke, om det har leveringen. Den sendes igen med samme id.",
        ),
        Fault::Address => (
            HTTP_ADDRESS,
            "Modtagerens adresse er privat eller ukrypteret og er ikke nævnt i indstillingerne (`allow_private`, `allow_plain`).",
        ),
        Fault::Untrusted => (
            HTTP_UNTRUSTED,
            "Et certifikat godkendes ikke: modtagerens af os (`ca_file`), eller vores af modtageren (`cert_file`).",
        ),
        Fault::NoToken { lasting: true } => (
            HTTP_NO_TOKEN,
            "Der er intet token til modtagerens system: filen er tom eller væk, eller tokenserveren afviser os.",
        ),
        Fault::NoToken { lasting: false } => {
            (HTTP_NO_TOKEN, "Tokenserveren giver ikke noget token lige nu. Leveringen sendes, når den gør.")
        }
    };
    Failure::new(fault.verdict(), Reason::new(code, text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(status: u16) -> (Option<Verdict>, String) {
        let failure = of_status(status, Some(Duration::from_secs(7)), &BTreeSet::from([412]));
        (failure.as_ref().map(|it| it.verdict), failure.map(|it| it.reason.code.to_string()).unwrap_or_default())
    }

    #[test]
    fn each_status_means_one_thing() {
        let after = Some(Duration::from_secs(7));
        let (retry, unsure) = (Verdict::Retry { after }, Verdict::Unsure { after });
        for (statuses, verdict, code) in [
            (&[200, 201, 202, 204, 299, 412][..], None, ""),
            (&[300, 301, 302, 303, 304, 307, 308], Some(Verdict::Broken), "HTTP_REDIRECTED"),
            (&[401, 403], Some(Verdict::Broken), "HTTP_NO_ACCESS"),
            (&[409], Some(unsure), "HTTP_CONFLICT"),
            (&[408, 425, 429, 503], Some(retry), "HTTP_BUSY"),
            (&[500, 501, 502, 504, 507, 599], Some(unsure), "HTTP_FAILED"),
            (
                &[100, 400, 402, 404, 405, 410, 413, 415, 422, 451, 499, 600, 999],
                Some(Verdict::Refused),
                "HTTP_REFUSED",
            ),
        ] {
            for status in statuses {
                assert_eq!(of(*status), (verdict, code.to_owned()), "{status}");
            }
        }
    }

    #[test]
    fn what_a_receiver_calls_a_duplicate_is_its_own_affair() {
        let means = |status, duplicates: &[u16]| of_status(status, None, &duplicates.iter().copied().collect());
        assert_eq!(means(409, &[409]), None);
        assert_eq!(means(412, &[]).unwrap().verdict, Verdict::Refused);
        assert_eq!(means(400, &[400]).unwrap().verdict, Verdict::Refused);
    }

    proptest! {
        #[test]
        fn nothing_but_success_and_a_duplicate_counts_as_done(status: u16, seconds: Option<u32>, known in proptest::collection::btree_set(409_u16..413, 0..3)) {
            let after = seconds.map(|it| Duration::from_secs(it.into()));
            let failure = of_status(status, after, &known);
            let is_done = (200..300).contains(&status) || matches!(status, 409 | 412) && known.contains(&status);
            prop_assert_eq!(failure.is_none(), is_done);
            let Some(failure) = failure else { return Ok(()) };
            prop_assert!(failure.reason.text.contains(&status.to_string()));
            let wish = match failure.verdict {
                Verdict::Retry { after } | Verdict::Unsure { after } => after,
                Verdict::Refused | Verdict::Broken => None,
            };
            prop_assert!(wish.is_none() || wish == after);
        }
    }
}
