//! `verify`: the proof.

use clap::Args;

use super::out::{Out, Tone};
use super::{Common, Failure, Outcome};
use crate::ledger;
use crate::ledger::verify::{Anchor, Report};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The end of the chain as an earlier `verify` showed it: SEQ:HASH. Only against such an anchor
    /// does it show that the end was cut off
    #[arg(long, value_name = "SEQ:HASH")]
    anchor: Option<String>,
}

pub(super) fn run(common: &Common, options: &Options, out: &mut Out) -> Outcome {
    let anchor = match &options.anchor {
        Some(text) => {
            let wrong = || Failure::Usage("an anchor is a number, a colon and 64 hexadecimal digits".to_owned());
            Some(Anchor::parse(text).ok_or_else(wrong)?)
        }
        None => None,
    };
    let settings = common.settings()?;
    let state = common.existing_state()?;
    let keys = state.keys(&settings)?;
    let report = ledger::read(&state.ledger(&settings), &keys, |reader| reader.verify(anchor.as_ref()))?;
    if out.json {
        out.value(&report)?;
    } else {
        show(out, &report, anchor.is_some());
    }
    if report.is_good() { Ok(()) } else { Err(Failure::Said) }
}

fn show(out: &mut Out, report: &Report, anchored: bool) {
    let tone = |good: bool| if good { Tone::Good } else { Tone::Warn };
    let chain = out.tone(tone(report.chain == "ok"), &report.chain);
    out.line(format_args!("chain       {chain}, {} entries", report.entries));
    for fault in &report.faults {
        let fault = out.tone(Tone::Warn, fault);
        out.line(format_args!("            {fault}"));
    }
    let it = &report.balance;
    out.line(format_args!(
        "items       {} received = {} routed + {} recorded + {} duplicate + {} waiting + {} parked + {} discarded",
        it.received, it.routed, it.recorded, it.duplicate, it.waiting, it.parked, it.discarded
    ));
    for (name, sent) in [("deliveries", it.deliveries), ("answers", it.replies)] {
        out.line(format_args!(
            "{name:<11} {} = {} delivered + {} waiting + {} parked + {} discarded",
            sent.total, sent.delivered, sent.waiting, sent.parked, sent.discarded
        ));
    }
    let balanced = out.tone(tone(report.balanced), if report.balanced { "yes" } else { "NO" });
    out.line(format_args!("balanced    {balanced}"));
    out.line(format_args!("anchor      {}:{}", report.entries, report.head));
    if !anchored {
        out.line(format_args!("            Keep it elsewhere: only `verify --anchor` shows that the end was cut off."));
    }
}
