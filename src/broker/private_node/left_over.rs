//! What an earlier hub has left running in this directory, because it was killed.

use std::fs;

use serde::{Deserialize, Serialize};

use super::access::{self, Access};
use super::config::Files;
use super::process::{Identity, Process};
use super::{Error, Options, Progress, ready};

/// The processes of a node, as they are stored for the next hub.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Pids {
    pub(super) node: Option<Identity>,
    pub(super) epmd: Option<Identity>,
}

impl Pids {
    pub(super) fn store(self, files: &Files) -> Result<(), Error> {
        let path = files.pids();
        let text =
            serde_json::to_string(&self).map_err(|error| Error::File { path: path.clone(), source: error.into() })?;
        access::write_private(&path, &text)
    }

    /// An unreadable file means that nothing is known, and then the ports will tell.
    fn load(files: &Files) -> Self {
        let stored = fs::read(files.pids()).ok();
        stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Self { node: None, epmd: None })
    }
}

/// A node that runs already, if there is one that is as it should be. Anything else that was left
/// is ended.
pub(super) async fn take_over(
    options: &Options,
    access: &Access,
    files: &Files,
    same_config: bool,
    progress: &(impl Fn(Progress) + Sync),
) -> Option<(Process, Process)> {
    let pids = Pids::load(files);
    let mut node = pids.node.and_then(Process::adopt);
    let mut epmd = pids.epmd.and_then(Process::adopt);
    if node.is_none() && epmd.is_none() {
        return None;
    }
    progress(Progress::Inspecting);
    let good = same_config && ready::lets_us_in(access).await.is_ok();
    if good {
        match (node, epmd) {
            (Some(node), Some(epmd)) => {
                progress(Progress::Adopted);
                return Some((node, epmd));
            }
            halves => (node, epmd) = halves,
        }
    }
    progress(Progress::Ending);
    for mut process in [node, epmd].into_iter().flatten() {
        process.stop(options.stop_limit).await;
    }
    None
}
