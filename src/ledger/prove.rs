//! Proving the ledger beside the work: on a connection of its own, in one snapshot, by a thread that
//! ends when the hub does.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::verify::Report;
use super::{Error, Ledger, Reader};

/// How often it is ended anew, while it has not heard of it.
const AGAIN: Duration = Duration::from_millis(50);

impl Ledger {
    /// Verifies everything, which may take minutes. Whoever reads and writes meanwhile is not held up.
    pub async fn prove(&self, stop: CancellationToken) -> Result<Report, Error> {
        let place = self.readers.place.clone();
        let mut database =
            tokio::task::spawn_blocking(move || place.open_to_read()).await.map_err(|_panicked| Error::Panicked)??;
        let interrupt = database.interrupter();
        let keys = std::sync::Arc::clone(&self.keys);
        let mut proving =
            tokio::task::spawn_blocking(move || database.at_one_moment(|sql| Reader { sql, keys: &keys }.verify(None)));
        loop {
            tokio::select! {
                report = &mut proving => return report.map_err(|_panicked| Error::Panicked)?,
                () = stop.cancelled() => {
                    // Between two statements it hears nothing.
                    interrupt();
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}
