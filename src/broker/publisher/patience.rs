//! A time limit that stands still while the broker blocks us: then it has said why it is silent,
//! its heartbeats show that it lives, and giving up would only make us send everything again.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Returns once `limit` has passed, not counting the time during which `blocked` is true.
pub(super) async fn run_out(limit: Duration, mut blocked: watch::Receiver<bool>) {
    let mut left = limit;
    loop {
        if blocked.wait_for(|blocked| !blocked).await.is_err() {
            return;
        }
        let begin = Instant::now();
        tokio::select! {
            () = tokio::time::sleep(left) => return,
            changed = blocked.wait_for(|blocked| *blocked) => {
                if changed.is_err() {
                    return;
                }
            }
        }
        left = left.saturating_sub(begin.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn time_counts_only_while_not_blocked() {
        let (blocks, blocked) = watch::channel(false);
        let begin = Instant::now();
        let limit = run_out(LIMIT, blocked);
        let broker = async {
            tokio::time::sleep(LIMIT / 3).await;
            blocks.send_replace(true);
            tokio::time::sleep(LIMIT * 100).await;
            blocks.send_replace(false);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = limit => {}
            () = broker => {}
        }
        let passed = begin.elapsed();
        assert!(passed >= LIMIT * 101 && passed < LIMIT * 102, "{passed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_block_it_is_a_plain_limit() {
        let (_blocks, blocked) = watch::channel(false);
        let begin = Instant::now();
        run_out(LIMIT, blocked).await;
        assert!(begin.elapsed() >= LIMIT && begin.elapsed() < LIMIT * 2);
    }
}
