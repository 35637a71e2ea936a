//! Every task of the hub is started here: it has a name, it is stopped in order, and if it ends
//! when nobody asked it to, or panics, the whole hub stops with its name. A hub that runs on with
//! a part of it silently gone is the fault that costs messages.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Why a hub stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A task ended though nobody asked it to.
    #[error("task `{0}` ended by itself")]
    Ended(&'static str),
    /// A task failed.
    #[error("task `{name}` failed")]
    Failed {
        /// The task.
        name: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A task panicked. The panic's own text is not repeated: it may hold what it choked on.
    #[error("a task panicked")]
    Panicked,
    /// Tasks were still running when the time to stop was up.
    #[error("{0} tasks did not stop within {1:?} and were cut off")]
    CutOff(usize, Duration),
}

/// What a task may end with.
pub type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// A set of tasks that live and stop together.
#[derive(Debug)]
pub struct Tasks {
    running: JoinSet<(&'static str, Outcome)>,
    stop: CancellationToken,
}

impl Tasks {
    /// An empty set, which `stop` ends.
    pub fn new(stop: CancellationToken) -> Self {
        Self { running: JoinSet::new(), stop }
    }

    /// Starts a task that runs until the set's token is cancelled.
    pub fn start(&mut self, name: &'static str, task: impl Future<Output = Outcome> + Send + 'static) {
        self.running.spawn(async move { (name, task.await) });
    }

    /// Waits until the token is cancelled or a task ends without it, then stops the rest and gives
    /// them `grace` to finish what they hold.
    pub async fn run(mut self, grace: Duration) -> Result<(), Error> {
        let first = tokio::select! {
            () = self.stop.cancelled() => Ok(()),
            Some(ended) = self.running.join_next() => match ended {
                // Both may have come at once: a task that saw the token did as it was asked.
                Ok((_, Ok(()))) if self.stop.is_cancelled() => Ok(()),
                Ok((name, Ok(()))) => Err(Error::Ended(name)),
                Ok((name, Err(source))) => Err(Error::Failed { name, source }),
                Err(_) => Err(Error::Panicked),
            },
        };
        self.stop.cancel();
        let drained = tokio::time::timeout(grace, self.drain()).await;
        let left = self.running.len();
        self.running.shutdown().await;
        match (first, drained) {
            (Err(error), _) | (Ok(()), Ok(Err(error))) => Err(error),
            (Ok(()), Ok(Ok(()))) => Ok(()),
            (Ok(()), Err(_elapsed)) => Err(Error::CutOff(left, grace)),
        }
    }

    async fn drain(&mut self) -> Result<(), Error> {
        let mut first = Ok(());
        while let Some(ended) = self.running.join_next().await {
            let outcome = match ended {
                Ok((_, Ok(()))) => Ok(()),
                Ok((name, Err(source))) => Err(Error::Failed { name, source }),
                Err(_) => Err(Error::Panicked),
            };
            if first.is_ok() {
                first = outcome;
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn stops_in_order_when_asked() {
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new(stop.clone());
        let seen = stop.clone();
        tasks.start("waits", async move {
            seen.cancelled().await;
            Ok(())
        });
        stop.cancel();
        assert!(tasks.run(GRACE).await.is_ok());
    }

    #[tokio::test]
    async fn a_task_that_ends_by_itself_stops_the_hub() {
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new(stop.clone());
        tasks.start("gives up", async { Ok(()) });
        assert!(matches!(tasks.run(GRACE).await, Err(Error::Ended("gives up"))));
        assert!(stop.is_cancelled());
    }

    #[tokio::test]
    async fn a_panic_stops_the_hub() {
        let mut tasks = Tasks::new(CancellationToken::new());
        tasks.start("panics", async { panic!("on purpose") });
        assert!(matches!(tasks.run(GRACE).await, Err(Error::Panicked)));
    }

    #[tokio::test]
    async fn what_does_not_stop_is_cut_off_and_said() {
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new(stop.clone());
        tasks.start("hangs", std::future::pending());
        stop.cancel();
        assert!(matches!(tasks.run(GRACE).await, Err(Error::CutOff(1, _))));
    }
}
