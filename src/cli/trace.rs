//! `trace`: one message's whole story, or everything as it happens.

use clap::Args;

use super::out::Out;
use super::{Common, Failure, Outcome, follow, story};
use crate::ledger;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(super) struct Options {
    /// An id of any kind
    #[arg(group = "which")]
    id: Option<String>,
    /// Tell everything that happens from now on, until stopped
    #[arg(long, group = "which")]
    follow: bool,
}

pub(super) fn run(common: &Common, options: &Options, out: &mut Out) -> Outcome {
    let settings = common.settings()?;
    let state = common.existing_state()?;
    let keys = state.keys(&settings)?;
    let place = state.ledger(&settings);
    let Some(id) = options.id.as_ref().filter(|_| !options.follow) else {
        return follow::follow(&place, &keys, out);
    };
    let stories = ledger::read(&place, &keys, |reader| reader.trace(id))?;
    if out.json {
        let list: Vec<_> = stories.iter().map(|story| story.value()).collect();
        out.value(&list)?;
    } else {
        for one in &stories {
            story::tell(out, one)?;
        }
    }
    if stories.is_empty() {
        let hint =
            "an id is a letter's, an envelope's, an event's, a case's, a delivery's or a duty's, or `#` and a number";
        return Err(Failure::Failed(anyhow::anyhow!("nothing here has the id `{id}`; {hint}")));
    }
    Ok(())
}
