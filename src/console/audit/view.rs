//! The logs as the page shows them. Pure.

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::super::deeds::done;
use super::super::standing;
use super::super::words::{age, capital, clock, count};
use crate::ledger::audit::{Action, End, Look};

/// A line of a log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) at: String,
    pub(super) user: String,
    pub(super) what: String,
    /// At what, or to what.
    pub(super) target: String,
    /// For what, or why.
    pub(super) why: String,
}

/// What was read, in Danish.
pub(super) fn seen(what: &str) -> &str {
    match what {
        "item" => "Så besked og hændelse",
        "event_body" => "Så hændelsen",
        "body" => "Så beskeden, som den kom",
        "reply_body" => "Så svaret til afsenderen",
        "receipt_body" => "Så modtagerens begrundelse",
        "search" => "Søgte efter borgeren",
        "audit" => "Søgte, hvem der har set borgerens oplysninger",
        other => other,
    }
}

impl Row {
    pub(super) fn of_look(look: &Look, now: Timestamp) -> Self {
        let parts = [
            look.item.map(|item| format!("#{item}")),
            look.kind.as_deref().map(standing::what),
            look.message.filter(|_| look.item.is_none()).map(|message| format!("besked {message}")),
            look.delivery.map(|delivery| format!("levering {delivery}")),
        ];
        Self {
            seq: look.seq,
            at: clock(look.at, now),
            user: look.user.clone(),
            what: seen(&look.what).to_owned(),
            target: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            why: look.purpose.clone(),
        }
    }

    pub(super) fn of_action(action: &Action, now: Timestamp) -> Self {
        Self {
            seq: action.seq,
            at: clock(action.at, now),
            user: action.user.clone(),
            what: capital(done(&action.what)),
            target: action.target.clone(),
            why: action.reason.clone(),
        }
    }
}

/// The state of the hash chain.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) entries: String,
    /// What is to be kept elsewhere: `SEQ:HASH`.
    pub(super) anchor: String,
    pub(super) verdict: String,
    pub(super) class: &'static str,
    /// For how long it is being proved.
    pub(super) running: Option<String>,
}

impl Chain {
    pub(super) fn of(end: &End, last: Option<&Action>, since: Option<Timestamp>, now: Timestamp) -> Self {
        let (verdict, class) = match last {
            None => ("Hovedbogen er ikke efterprøvet herfra endnu.".to_owned(), "stille"),
            Some(proof) if proof.reason.starts_with("ok:") => {
                let text = format!("Efterprøvet {} af {}: alt er, som det var.", clock(proof.at, now), proof.user);
                (text, "god")
            }
            Some(proof) => {
                let text = format!(
                    "Efterprøvet {} af {}: noget er ændret. Kør `budstikke verify` for at se hvad.",
                    clock(proof.at, now),
                    proof.user
                );
                (text, "fejl")
            }
        };
        Self {
            entries: count(end.seq),
            anchor: format!("{}:{}", end.seq, HEXLOWER.encode(&end.hash)),
            verdict,
            class,
            running: since.map(|since| age(since, now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_only_good_when_it_was_proved_so() {
        let at: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let end = End { seq: 1234, hash: [0xab; 32] };
        let proof = |reason: &str| Action {
            seq: 1,
            at,
            user: "rev".to_owned(),
            what: "verify".to_owned(),
            target: "ledger".to_owned(),
            reason: reason.to_owned(),
        };
        let class = |last: Option<&Action>| Chain::of(&end, last, None, at).class;
        assert_eq!(class(None), "stille");
        assert_eq!(class(Some(&proof("ok: chain ok, 3 entries"))), "god");
        assert_eq!(class(Some(&proof("broken: chain ok, 3 entries, 1 faults"))), "fejl");
        assert!(Chain::of(&end, None, None, at).anchor.starts_with("1234:abab"));
    }
}
