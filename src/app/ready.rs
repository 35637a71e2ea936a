//! Where a running hub can be reached, written to a file that only its user can read: the address
//! of the broker has a password in it.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Where a running hub can be reached.
#[derive(Clone, Serialize, Deserialize)]
pub struct Ready {
    /// The broker, with user and password.
    pub amqp: String,
    /// The console; `null` where there is none.
    pub console: Option<String>,
    /// Metrics and health.
    pub telemetry: String,
    /// The hub's process.
    pub pid: u32,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ready(telemetry {}, pid {})", self.telemetry, self.pid)
    }
}

impl Ready {
    /// Writes it, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string(self)?;
        let beside = path.with_extension("tmp");
        let write = || -> std::io::Result<()> {
            let mut file =
                std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(text.as_bytes())?;
            std::fs::rename(&beside, path)
        };
        write().with_context(|| format!("`{}` cannot be written", path.display()))
    }

    /// Reads what a running hub has written.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("no hub is running here: `{}` is not there", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("`{}` is not what a hub writes", path.display()))
    }
}
